//! Layers of other types than int8 packed for x86-64, for machines that are one.

use super::super::Net;
use super::{CLAMP_F32, SMALL, weights};
use smidge::format::DType::{F32, I16, U8};
use smidge::format::{Isa, Shape};
use smidge::kernels::Clamp;
use smidge::kernels::packed::pack::{RealValues, RealWeights, WideWeights, pack_real, pack_wide};
use smidge::kernels::packed::{RealSpec, WideForm, WideSpec};
use smidge::ops::panels::{Attrs, POINT};
use smidge::ops::window::WindowAttrs;
use smidge::{Op, OpCode, Variant};

/// A layer of six outputs.
pub fn net(op: &Op) -> Net {
    let is_conv = op.code == OpCode::Conv2d;
    let window = WindowAttrs { stride: [1, 2], dilation: [2, 1], before: [0, 1], after: [1, 1] };
    let window = if is_conv { window } else { POINT };
    let kernel = if is_conv { [2, 3] } else { [1, 1] };
    let x: &[u32] = if is_conv { &[1, 4, 5, 1] } else { &[1, 1, 2, 5] };
    let image = window.over(Shape::new(x).unwrap(), kernel.map(usize::from)).unwrap();
    let [height, width] = image.output.map(|size| size as u32);
    let in_channels = x[3] as usize;
    let count = 6 * in_channels * (kernel[0] * kernel[1]) as usize;
    let (dtype, bytes, attrs) = if op.variant == Variant::F32Packed {
        let spec = RealSpec { window: image, in_channels, out_channels: 6, clamp: CLAMP_F32 };
        let values: Vec<f32> = (0..count).map(|i| (i * 37 % 255) as f32 / 64.0 - 2.0).collect();
        let weights = RealWeights { values: RealValues::Single(&values), bias: &[0.5; 6] };
        let attrs = Attrs { form: 0, kernel, window, clamp: CLAMP_F32 }.encode();
        (F32, pack_real(&spec, &weights), attrs)
    } else {
        let clamp = Clamp { min: -32768, max: 32767 };
        let spec = WideSpec { window: image, in_channels, out_channels: 6, clamp };
        let (form, values, bias) = (WideForm::Wide, weights(count), [1 << 40, -1000, 0, 5, 7, 9]);
        let factors: [_; 6] = std::array::from_fn(|o| [SMALL.mantissa + o as i32, SMALL.shift, 0]);
        let weights = WideWeights { form, values: &values, bias: &bias, factors: &factors };
        (I16, pack_wide(&spec, &weights), Attrs { form: 1, kernel, window, clamp }.encode())
    };
    let mut net = Net::packed_for(Isa::X86_64);
    let x = net.arena(dtype, x);
    let packed = net.constant(U8, &[bytes.len() as u32], &bytes);
    let y = net.arena(dtype, &[1, height, width, 6]);
    net.op(op, &[x, packed], &[y], &attrs);
    net.subgraph(&[x], &[y]);
    net.place();
    net
}
