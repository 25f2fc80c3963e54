//! Convolutions.
//!
//! x is `[N, C, ...]`, weights are `[Co, C/groups, ...]`. One spatial axis becomes an image of one
//! row; there may be two at most.

use smidge_graph::op::{Conv2d, DepthwiseConv2d, TransposeConv};
use smidge_graph::{Activation, DType, Op, Padding, TensorId};

use super::super::node::{NodeCx, Result};

/// How a window moves over an image: (rows, columns) each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geometry {
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    pub before: [usize; 2],
    pub after: [usize; 2],
}

impl Geometry {
    /// Padding in the graph's terms.
    pub fn padding(&self) -> Padding {
        if self.before == [0, 0] && self.after == [0, 0] {
            return Padding::Valid;
        }
        Padding::Explicit { before: self.before, after: self.after }
    }

    /// Positions of the window over an image of this size.
    pub fn output(&self, size: [usize; 2]) -> Result<[usize; 2]> {
        let mut output = [0; 2];
        for axis in 0..2 {
            let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
            let extent =
                self.padding().window(axis, size[axis], kernel, stride, self.dilation[axis]);
            let extent =
                extent.ok_or_else(|| format!("has no place for its window in {size:?}"))?;
            output[axis] = extent.output;
        }
        Ok(output)
    }
}

/// A list of one or two sizes as (rows, columns).
pub(super) fn two(sizes: &[i64], one: usize, what: &str) -> Result<[usize; 2]> {
    let size = |value: i64| usize::try_from(value).map_err(|_| format!("has {what} {value}"));
    match *sizes {
        [columns] => Ok([one, size(columns)?]),
        [rows, columns] => Ok([size(rows)?, size(columns)?]),
        _ => Err(format!("has {what} {sizes:?}; at most two spatial axes are supported").into()),
    }
}

/// Reads strides, dilations and paddings of a window over `size`.
pub(super) fn geometry(
    cx: &NodeCx<'_, '_>,
    kernel: [usize; 2],
    size: [usize; 2],
    axes: usize,
) -> Result<Geometry> {
    let ones = vec![1; axes];
    let stride = two(cx.ints("strides")?.unwrap_or(&ones), 1, "strides")?;
    let dilation = two(cx.ints("dilations")?.unwrap_or(&ones), 1, "dilations")?;
    if kernel.contains(&0) || stride.contains(&0) || dilation.contains(&0) {
        return Err("has a window, stride or dilation of 0".into());
    }
    let mut geometry = Geometry { kernel, stride, dilation, before: [0; 2], after: [0; 2] };
    match cx.text("auto_pad", "NOTSET")? {
        "NOTSET" => {
            let zeros = vec![0; 2 * axes];
            let pads = cx.ints("pads")?.unwrap_or(&zeros);
            if pads.len() != 2 * axes {
                return Err(format!("has pads {pads:?} for {axes} axes").into());
            }
            geometry.before = two(&pads[..axes], 0, "pads")?;
            geometry.after = two(&pads[axes..], 0, "pads")?;
        }
        "VALID" => {}
        text @ ("SAME_UPPER" | "SAME_LOWER") => {
            for axis in 0..2 {
                let (kernel, stride) = (kernel[axis], stride[axis]);
                let same = Padding::Same.window(axis, size[axis], kernel, stride, dilation[axis]);
                let same = same.ok_or("has a window that does not fit")?;
                // The odd element comes last, or first.
                let lower = text == "SAME_LOWER";
                geometry.before[axis] = if lower { same.after } else { same.before };
                geometry.after[axis] = if lower { same.before } else { same.after };
            }
        }
        other => return Err(format!("has auto_pad {other}").into()),
    }
    Ok(geometry)
}

/// A tensor `[N, C, L]` as `[N, C, 1, L]`; one of four axes as it is.
pub(super) fn as_image(cx: &mut NodeCx<'_, '_>, x: TensorId) -> Result<TensorId> {
    match *cx.shape(x).as_slice() {
        [n, c, l] => cx.reshape(x, &[n, c, 1, l]),
        [_, _, _, _] => Ok(x),
        ref shape => Err(format!(
            "has an operand of shape {shape:?}; one or two spatial axes are \
                                  supported"
        )
        .into()),
    }
}

/// Takes the row out again that [`as_image`] put in.
pub(super) fn as_source(cx: &mut NodeCx<'_, '_>, y: TensorId, rank: usize) -> Result<TensorId> {
    match *cx.shape(y).as_slice() {
        [n, c, 1, l] if rank == 3 => cx.reshape(y, &[n, c, l]),
        _ => Ok(y),
    }
}

pub(super) fn conv(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, w, bias) = (cx.input(0)?, cx.input(1)?, cx.optional(2)?);
    cx.expect_float(x)?;
    conv_of(cx, x, w, bias, |cx, op, operands, shape| cx.emit(op, operands, DType::F32, shape))
}

/// A convolution whose node is added by `emit`, from operands with channels last.
pub(super) fn conv_of(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    w: TensorId,
    bias: Option<TensorId>,
    emit: impl FnOnce(&mut NodeCx<'_, '_>, Op, &[TensorId], Vec<usize>) -> Result<TensorId>,
) -> Result<TensorId> {
    let rank = cx.shape(x).len();
    let (x, w) = (as_image(cx, x)?, as_image(cx, w)?);
    let ([n, channels, rows, columns], [out, group_channels, height, width]) =
        (four(cx, x)?, four(cx, w)?);
    let groups = usize::try_from(cx.int("group", 1)?).unwrap_or(0);
    if groups == 0 || channels != groups * group_channels || out % groups != 0 {
        let shapes = (cx.shape(x), cx.shape(w));
        return Err(format!("has {groups} groups with operands {shapes:?}").into());
    }
    let geometry = geometry(cx, [height, width], [rows, columns], rank - 2)?;
    let [rows, columns] = geometry.output([rows, columns])?;
    let Geometry { stride, dilation, .. } = geometry;
    let (padding, activation) = (geometry.padding(), Activation::None);
    let depthwise = groups > 1 && group_channels == 1;
    let (op, order) = if depthwise {
        let depth_multiplier = out / channels;
        let op = DepthwiseConv2d { stride, dilation, padding, activation, depth_multiplier };
        (Op::DepthwiseConv2d(op), [1, 2, 3, 0])
    } else {
        (Op::Conv2d(Conv2d { stride, dilation, padding, activation }), [0, 2, 3, 1])
    };
    let x = cx.channels_last(x)?;
    let w = cx.transpose(w, &order)?;
    let operands: Vec<_> = [x, w].into_iter().chain(bias).collect();
    let y = emit(cx, op, &operands, vec![n, rows, columns, out])?;
    let y = cx.channels_first(y)?;
    as_source(cx, y, rank)
}

/// The four extents of an image.
pub(super) fn four(cx: &NodeCx<'_, '_>, x: TensorId) -> Result<[usize; 4]> {
    let shape = cx.shape(x);
    <[usize; 4]>::try_from(shape.as_slice())
        .map_err(|_| format!("has an operand of shape {shape:?}").into())
}

/// Pads or cuts the borders of an image `[N, H, W, C]`.
fn fit(
    cx: &mut NodeCx<'_, '_>,
    y: TensorId,
    before: [i64; 2],
    size: [usize; 2],
) -> Result<TensorId> {
    let [n, rows, columns, channels] = four(cx, y)?;
    let mut ranges = vec![(0, 1, n)];
    let mut pads = vec![(0, 0)];
    for axis in 0..2 {
        let extent = [rows, columns][axis];
        let cut = before[axis].max(0) as usize;
        let front = (-before[axis]).max(0) as usize;
        let kept = extent.saturating_sub(cut).min(size[axis].saturating_sub(front));
        ranges.push((cut, 1, kept));
        pads.push((front, size[axis].saturating_sub(front + kept)));
    }
    ranges.push((0, 1, channels));
    pads.push((0, 0));
    let y = cx.slice(y, &ranges)?;
    cx.pad(y, &pads, &[0; 4])
}

/// Groups are computed one by one.
pub(super) fn conv_transpose(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, w, bias) = (cx.input(0)?, cx.input(1)?, cx.optional(2)?);
    cx.expect_float(x)?;
    let groups = usize::try_from(cx.int("group", 1)?).unwrap_or(0);
    let (x_shape, w_shape) = (cx.shape(x), cx.shape(w));
    let (&[_, channels, ..], &[rows, out, ..]) = (x_shape.as_slice(), w_shape.as_slice()) else {
        return Err(format!("has operands {x_shape:?} and {w_shape:?}").into());
    };
    if groups == 0 || channels != rows || channels % groups != 0 {
        return Err(format!("has {groups} groups with {x_shape:?} and {w_shape:?}").into());
    }
    if groups == 1 {
        return transposed(cx, x, w, bias);
    }
    let part = |cx: &mut NodeCx<'_, '_>, x: TensorId, axis: usize, start: usize, count: usize| {
        let mut ranges: Vec<_> = cx.shape(x).iter().map(|&dim| (0, 1, dim)).collect();
        ranges[axis] = (start, 1, count);
        cx.slice(x, &ranges)
    };
    let own = channels / groups;
    let mut parts = Vec::new();
    for group in 0..groups {
        let x = part(cx, x, 1, group * own, own)?;
        let w = part(cx, w, 0, group * own, own)?;
        let bias = bias.map(|bias| part(cx, bias, 0, group * out, out)).transpose()?;
        parts.push(transposed(cx, x, w, bias)?);
    }
    cx.concat(&parts, 1)
}

fn transposed(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    w: TensorId,
    bias: Option<TensorId>,
) -> Result<TensorId> {
    let rank = cx.shape(x).len();
    let (x, w) = (as_image(cx, x)?, as_image(cx, w)?);
    let ([n, channels, rows, columns], [inner, out, height, width]) = (four(cx, x)?, four(cx, w)?);
    if inner != channels {
        return Err(format!("has {inner} rows of weights for {channels} channels").into());
    }
    let axes = rank - 2;
    let ones = vec![1; axes];
    let stride = two(cx.ints("strides")?.unwrap_or(&ones), 1, "strides")?;
    let dilation = two(cx.ints("dilations")?.unwrap_or(&ones), 1, "dilations")?;
    // A dilated kernel is a larger one with zeros in between.
    let w = cx.transpose(w, &[1, 2, 3, 0])?;
    let w = dilated(cx, w, dilation)?;
    let kernel = [(height - 1) * dilation[0] + 1, (width - 1) * dilation[1] + 1];
    let full = [(rows - 1) * stride[0] + kernel[0], (columns - 1) * stride[1] + kernel[1]];
    let (before, size) = transposed_borders(cx, full, stride, [rows, columns], axes)?;

    let x = cx.channels_last(x)?;
    let (padding, activation) = (Padding::Valid, Activation::None);
    let shape = vec![n, full[0], full[1], out];
    let list = cx.list(&[4], &shape.iter().map(|&dim| dim as i64).collect::<Vec<_>>())?;
    let op = Op::TransposeConv(TransposeConv { stride, padding, activation });
    let mut y = cx.emit(op, &[list, w, x], DType::F32, shape)?;
    y = fit(cx, y, before, size)?;
    if let Some(bias) = bias {
        y = cx.add(y, bias)?;
    }
    let y = cx.channels_first(y)?;
    as_source(cx, y, rank)
}

/// What is cut off before the image, and the size of the result.
fn transposed_borders(
    cx: &NodeCx<'_, '_>,
    full: [usize; 2],
    stride: [usize; 2],
    input: [usize; 2],
    axes: usize,
) -> Result<([i64; 2], [usize; 2])> {
    let zeros = vec![0; axes];
    let extra = two(cx.ints("output_padding")?.unwrap_or(&zeros), 0, "output_padding")?;
    let auto = cx.text("auto_pad", "NOTSET")?;
    let given = cx.ints("output_shape")?;
    let given =
        given.map(|sizes| two(&sizes[sizes.len().saturating_sub(axes)..], 1, "output_shape"));
    let same = matches!(auto, "SAME_UPPER" | "SAME_LOWER");
    let size = match given.transpose()? {
        Some(size) => Some(size),
        None if same => Some([input[0] * stride[0], input[1] * stride[1]]),
        None => None,
    };
    if let Some(size) = size {
        let mut before = [0; 2];
        for axis in 0..2 {
            let total = full[axis] as i64 + extra[axis] as i64 - size[axis] as i64;
            let total = total.max(0);
            // The larger half comes last for SAME_UPPER, first for the others.
            before[axis] = if auto == "SAME_UPPER" { total / 2 } else { total - total / 2 };
        }
        return Ok((before, size));
    }
    let zeros = vec![0; 2 * axes];
    let pads = cx.ints("pads")?.unwrap_or(&zeros);
    if pads.len() != 2 * axes {
        return Err(format!("has pads {pads:?} for {axes} axes").into());
    }
    let before = two(&pads[..axes], 0, "pads")?;
    let after = two(&pads[axes..], 0, "pads")?;
    let mut size = [0; 2];
    for axis in 0..2 {
        let kept = (full[axis] + extra[axis]).checked_sub(before[axis] + after[axis]);
        size[axis] = kept.filter(|&kept| kept > 0).ok_or("pads more than there is")?;
    }
    Ok((before.map(|b| b as i64), size))
}

/// Constant weights `[Co, H, W, Ci]` with zeros between their taps.
fn dilated(cx: &mut NodeCx<'_, '_>, w: TensorId, dilation: [usize; 2]) -> Result<TensorId> {
    if dilation == [1, 1] {
        return Ok(w);
    }
    let [out, rows, columns, channels] = four(cx, w)?;
    let values = cx.tensor(w).floats().ok_or("has dilated weights that are computed")?;
    let size = [(rows - 1) * dilation[0] + 1, (columns - 1) * dilation[1] + 1];
    let mut spread = vec![0.0; out * size[0] * size[1] * channels];
    for (index, &value) in values.iter().enumerate() {
        let (c, rest) = (index % channels, index / channels);
        let (column, rest) = (rest % columns, rest / columns);
        let (row, o) = (rest % rows, rest / rows);
        let row = o * size[0] + row * dilation[0];
        spread[(row * size[1] + column * dilation[1]) * channels + c] = value;
    }
    Ok(cx.floats_constant(&[out, size[0], size[1], channels], &spread))
}
