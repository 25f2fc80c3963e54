//! Sliding windows: explicit padding, and pooling.

use super::node::{Kind, NodeCx};
use super::refusal::Refusal;
use smidge::ops::pool::Attrs;
use smidge::ops::window::WindowAttrs;
use smidge::{OpCode, Variant};
use smidge_graph::op::Pool2d;
use smidge_graph::{DType, Padding, Tensor};
use smidge_kernels::Clamp;

pub(super) fn narrow(pair: [usize; 2], what: &str) -> Result<[u16; 2], Refusal> {
    let narrow = |v: usize| {
        u16::try_from(v).map_err(|_| Refusal::shape(format!("{what} {v} is above 65,535")))
    };
    Ok([narrow(pair[0])?, narrow(pair[1])?])
}

/// How a window of `kernel` elements moves over an image, with SAME made explicit.
pub(super) fn window_attrs(
    x: &Tensor,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
) -> Result<WindowAttrs, Refusal> {
    let [_, height, width, _] = *x.shape.as_slice() else {
        return Err(Refusal::shape(format!("input has shape {:?}, not [N, H, W, C]", x.shape)));
    };
    let extent = |axis: usize, size: usize| {
        padding.window(axis, size, kernel[axis], stride[axis], dilation[axis]).ok_or_else(|| {
            Refusal::shape(format!("a {kernel:?} window does not fit into {height} x {width}"))
        })
    };
    let (y, x) = (extent(0, height)?, extent(1, width)?);
    Ok(WindowAttrs {
        stride: narrow(stride, "stride")?,
        dilation: narrow(dilation, "dilation")?,
        before: narrow([y.before, x.before], "padding")?,
        after: narrow([y.after, x.after], "padding")?,
    })
}

pub(super) fn pool(cx: &mut NodeCx<'_>, code: OpCode, pool: &Pool2d) -> Result<(), Refusal> {
    let (x, y) = (cx.input(0)?, cx.output(0)?);
    let window = window_attrs(x, pool.filter, pool.stride, [1, 1], pool.padding)?;
    let filter = narrow(pool.filter, "filter")?;
    let input = cx.operand(0)?;
    match cx.kind()? {
        Kind::S8 | Kind::S16 if code == OpCode::L2Pool2d => Err(cx.types()),
        Kind::S8 => {
            let (input_affine, affine) = cx.affine_pair()?;
            if input_affine != affine {
                return Err(Refusal::quantization("input and output have other scales"));
            }
            let clamp = cx.clamp_s8(pool.activation, affine)?;
            // On unsigned bytes ties are rounded upwards, not away from zero.
            let round_up = y.source_dtype == DType::U8;
            let attrs = Attrs { window, filter, clamp, round_up };
            cx.emit(code, Variant::S8, vec![input], &attrs.encode())
        }
        Kind::S16 => {
            let (input_scale, scale) = cx.symmetric_pair()?;
            if input_scale != scale {
                return Err(Refusal::quantization("input and output have other scales"));
            }
            let clamp = cx.clamp_s16(pool.activation, scale)?;
            let clamp = Clamp { min: clamp.min as i16, max: clamp.max as i16 };
            let attrs = Attrs { window, filter, clamp, round_up: false };
            cx.emit(code, Variant::S16, vec![input], &attrs.encode())
        }
        Kind::F32 => {
            let clamp = cx.clamp_f32(pool.activation)?;
            let attrs = Attrs { window, filter, clamp, round_up: false };
            cx.emit(code, Variant::F32, vec![input], &attrs.encode())
        }
    }
}
