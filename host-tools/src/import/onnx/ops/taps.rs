//! Pools that no device operator does: over three axes, dilated, or sums. One slice of the padded
//! operand for each element of the window; the slices are joined.

use smidge_graph::op::Binary;
use smidge_graph::{Activation, DType, Padding, TensorId};

use super::super::node::{NodeCx, Result};
use super::elementwise::pair;

/// Most elements of a window.
const MAX_TAPS: usize = 1024;

/// What a pool makes of the elements in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Max,
    Average,
    Sum,
}

/// The window along one axis.
#[derive(Clone, Copy, Debug)]
struct Axis {
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    after: usize,
    /// Behind the padding, where ceil_mode lets the window reach.
    extra: usize,
}

impl Axis {
    /// How many elements of window `at` count: those inside the image, or inside its padding, too.
    fn count(&self, at: usize, with_padding: bool) -> usize {
        let Self { input, kernel, stride, dilation, before, after, .. } = *self;
        let taps = (0..kernel).map(|tap| at * stride + tap * dilation);
        let inside = |place: &usize| match with_padding {
            true => *place < before + input + after,
            false => (before..before + input).contains(place),
        };
        taps.filter(inside).count()
    }
}

/// Pools `x` `[N, C, ...]`.
pub(super) fn pool(cx: &mut NodeCx<'_, '_>, x: TensorId, kind: Kind) -> Result<TensorId> {
    let shape = cx.shape(x);
    let axes = axes(cx, shape.get(2..).unwrap_or_default())?;
    let window: usize = axes.iter().map(|axis| axis.kernel).product();
    if window > MAX_TAPS {
        return Err(format!("has a window of {window} elements; at most {MAX_TAPS}").into());
    }
    let pads = axes.iter().map(|axis| (axis.before, axis.after + axis.extra));
    let pads: Vec<_> = [(0, 0), (0, 0)].into_iter().chain(pads).collect();
    let value = match (kind, cx.dtype(x)) {
        (Kind::Max, DType::F32) => f32::MIN.to_le_bytes().to_vec(),
        (Kind::Max, DType::I8) => vec![i8::MIN as u8],
        (Kind::Average | Kind::Sum, DType::F32) => vec![0; 4],
        (_, other) => return Err(format!("has an operand of type {other}").into()),
    };
    let padded = cx.pad(x, &pads, &value)?;
    let mut joined: Option<TensorId> = None;
    for tap in 0..window {
        let part = slice(cx, padded, [shape[0], shape[1]], &axes, tap)?;
        joined = Some(match joined {
            None => part,
            Some(so_far) if kind == Kind::Max => pair(cx, Binary::Maximum, so_far, part)?,
            Some(so_far) => cx.add(so_far, part)?,
        });
    }
    let joined = joined.ok_or("has an empty window")?;
    if kind != Kind::Average {
        return Ok(joined);
    }
    let counts = counts(cx, &axes)?;
    pair(cx, Binary::Div(Activation::None), joined, counts)
}

/// What element `tap` of all windows is.
fn slice(
    cx: &mut NodeCx<'_, '_>,
    padded: TensorId,
    whole: [usize; 2],
    axes: &[Axis],
    tap: usize,
) -> Result<TensorId> {
    let mut rest = tap;
    let mut ranges: Vec<_> = whole.iter().map(|&dim| (0, 1, dim)).collect();
    for axis in axes {
        let own = rest % axis.kernel;
        rest /= axis.kernel;
        ranges.push((own * axis.dilation, axis.stride as isize, axis.output));
    }
    cx.slice(padded, &ranges)
}

/// How many elements count in each window.
fn counts(cx: &mut NodeCx<'_, '_>, axes: &[Axis]) -> Result<TensorId> {
    let with_padding = cx.flag("count_include_pad", false)?;
    if with_padding && axes.iter().any(|axis| axis.extra > 0 && axis.dilation > 1) {
        // The operator's reference counts what is behind the padding, others do not.
        return Err("averages a dilated window in ceil_mode with count_include_pad".into());
    }
    let mut counts = vec![1usize];
    for axis in axes {
        let own: Vec<_> = (0..axis.output).map(|at| axis.count(at, with_padding)).collect();
        counts =
            counts.iter().flat_map(|&so_far| own.iter().map(move |own| so_far * own)).collect();
    }
    let counts: Vec<_> = counts.iter().map(|&count| count.max(1) as f32).collect();
    let outputs = axes.iter().map(|axis| axis.output);
    let shape: Vec<_> = [1, 1].into_iter().chain(outputs).collect();
    Ok(cx.floats_constant(&shape, &counts))
}

fn axes(cx: &NodeCx<'_, '_>, sizes: &[usize]) -> Result<Vec<Axis>> {
    let count = sizes.len();
    let list = |name: &str, default: i64, len: usize| -> Result<Vec<usize>> {
        let values = cx.ints(name)?.map_or_else(|| vec![default; len], <[i64]>::to_vec);
        let values: Vec<_> = values.iter().filter_map(|&v| usize::try_from(v).ok()).collect();
        if values.len() == len { Ok(values) } else { Err(format!("has other {name}").into()) }
    };
    let kernel = list("kernel_shape", 0, count)?;
    let (stride, dilation) = (list("strides", 1, count)?, list("dilations", 1, count)?);
    let pads = list("pads", 0, 2 * count)?;
    let auto = cx.text("auto_pad", "NOTSET")?;
    let ceil = cx.flag("ceil_mode", false)?;
    let mut axes = Vec::new();
    for at in 0..count {
        let (kernel, stride, dilation) = (kernel[at], stride[at], dilation[at]);
        let input = sizes[at];
        let (mut before, mut after) = (pads[at], pads[at + count]);
        if matches!(auto, "SAME_UPPER" | "SAME_LOWER") {
            let same = Padding::Same.window(0, input, kernel, stride, dilation);
            let same = same.ok_or("has a window that does not fit")?;
            (before, after) = (same.before, same.after);
            if auto == "SAME_LOWER" {
                (before, after) = (after, before);
            }
        }
        if kernel == 0 || stride == 0 || dilation == 0 {
            return Err("has a window, stride or dilation of 0".into());
        }
        let span = (kernel - 1) * dilation + 1;
        let padded = before + input + after;
        let room = padded.checked_sub(span).ok_or("has no place for its window")?;
        let mut steps = if ceil { room.div_ceil(stride) } else { room / stride };
        // A window may not begin behind the image.
        if ceil && steps * stride >= before + input {
            steps -= 1;
        }
        let extra = (steps * stride + span).saturating_sub(padded);
        let output = steps + 1;
        axes.push(Axis { input, output, kernel, stride, dilation, before, after, extra });
    }
    Ok(axes)
}
