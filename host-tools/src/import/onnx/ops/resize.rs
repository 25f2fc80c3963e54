//! Resize: each axis by itself, as the operator's reference implementation defines it.
//!
//! Nearest neighbours are a GATHER along the axis. Everything else is a product with a constant
//! matrix `[out, in]`: linear and cubic interpolation, with or without antialiasing, in all ways to
//! place pixels. The usual linear interpolation of images is RESIZE_BILINEAR.

use smidge_graph::op::{FullyConnected, Resize, WeightsFormat};
use smidge_graph::{Activation, DType, Op, TensorId};

use super::super::Constant;
use super::super::node::{NodeCx, Result};

/// What the node says, for all axes.
struct Settings<'a> {
    mode: &'a str,
    nearest: &'a str,
    place: &'a str,
    cubic: f64,
    antialias: bool,
    exclude_outside: bool,
    extrapolation: f32,
}

/// One axis.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    input: usize,
    output: usize,
    scale: f64,
    /// Part of the axis that is looked at, in `tf_crop_and_resize`.
    region: [f64; 2],
}

/// Where the elements of a result come from: weights of source positions.
struct Row {
    taps: Vec<(usize, f64)>,
    outside: bool,
}

pub(super) fn resize(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let old = cx.opset() < 11;
    let settings = Settings {
        mode: cx.text("mode", "nearest")?,
        nearest: if old { "floor" } else { cx.text("nearest_mode", "round_prefer_floor")? },
        place: match old {
            true => "asymmetric",
            false => cx.text("coordinate_transformation_mode", "half_pixel")?,
        },
        cubic: cx.float("cubic_coeff_a", -0.75)?.into(),
        antialias: cx.flag("antialias", false)?,
        exclude_outside: cx.flag("exclude_outside", false)?,
        extrapolation: cx.float("extrapolation_value", 0.0)?,
    };
    let x = cx.input(0)?;
    let axes = axes(cx, x, old)?;
    if let Some(result) = as_bilinear(cx, x, &settings, &axes)? {
        return Ok(result);
    }
    let mut y = x;
    for (at, axis) in axes.iter().enumerate() {
        if axis.input == axis.output && axis.scale == 1.0 && settings.place != "tf_crop_and_resize"
        {
            continue;
        }
        let rows: Vec<_> =
            (0..axis.output).map(|i| row(&settings, axis, i)).collect::<Result<_>>()?;
        let nearest = settings.mode == "nearest" && rows.iter().all(|row| !row.outside);
        y = if nearest {
            gathered(cx, y, at, &rows)?
        } else {
            mixed(cx, y, at, axis, &rows, &settings)?
        };
    }
    Ok(y)
}

/// Sizes of all axes: from scales or from sizes, for all axes or some.
fn axes(cx: &NodeCx<'_, '_>, x: TensorId, old: bool) -> Result<Vec<Axis>> {
    let shape = cx.shape(x);
    let floats = |index: usize, what: &str| -> Result<Option<Vec<f32>>> {
        let Some(id) = cx.optional(index)? else { return Ok(None) };
        let tensor = cx.tensor(id);
        if tensor.element_count() == 0 {
            return Ok(None);
        }
        match tensor.floats() {
            Some(values) => Ok(Some(values)),
            None => Err(format!("computes {what} at run time; make it a constant").into()),
        }
    };
    let scales = floats(if old { 1 } else { 2 }, "the scales")?;
    let sizes = if old { None } else { cx.optional_integers(3, "the sizes")? };
    let region = if old { None } else { floats(1, "the region")? };
    let named: Vec<usize> = match cx.ints("axes")? {
        Some(axes) => axes.iter().map(|&axis| cx.axis(axis, shape.len())).collect::<Result<_>>()?,
        None => (0..shape.len()).collect(),
    };
    let mut result: Vec<_> = shape
        .iter()
        .map(|&dim| Axis { input: dim, output: dim, scale: 1.0, region: [0.0, 1.0] })
        .collect();
    let count = scales.as_ref().map_or(0, Vec::len).max(sizes.as_ref().map_or(0, Vec::len));
    if count != named.len() {
        return Err(format!("has {count} scales or sizes for {} axes", named.len()).into());
    }
    let policy = cx.text("keep_aspect_ratio_policy", "stretch")?;
    let shared = sizes.as_ref().filter(|_| policy != "stretch").map(|sizes| {
        let each = sizes.iter().zip(&named).map(|(&size, &at)| size as f64 / shape[at] as f64);
        let choose = if policy == "not_larger" { f64::min } else { f64::max };
        each.reduce(choose).unwrap_or(1.0)
    });
    for (index, &at) in named.iter().enumerate() {
        let axis = &mut result[at];
        let dim = axis.input as f64;
        match (&scales, &sizes, shared) {
            (Some(scales), _, _) => {
                axis.scale = scales[index].into();
                axis.output = (dim * axis.scale).floor() as usize;
            }
            (None, _, Some(shared)) => {
                axis.scale = shared;
                axis.output = (dim * shared + 0.5).floor() as usize;
            }
            (None, Some(sizes), None) => {
                axis.output = usize::try_from(sizes[index]).unwrap_or(0);
                axis.scale = axis.output as f64 / dim;
            }
            (None, None, None) => return Err("has neither scales nor sizes".into()),
        }
        if let Some(region) = region.as_ref().filter(|region| region.len() == 2 * named.len()) {
            axis.region = [region[index].into(), region[index + named.len()].into()];
        }
        if axis.output == 0 || axis.scale.is_nan() || axis.scale <= 0.0 || axis.output > 1 << 24 {
            return Err(format!("gives {} elements along axis {at}", axis.output).into());
        }
    }
    Ok(result)
}

/// The position in the source of element `i` of the result.
fn position(place: &str, axis: &Axis, i: usize) -> Result<f64> {
    let Axis { input, output, scale, region } = *axis;
    let (x, last) = (i as f64, input as f64 - 1.0);
    let width = scale * input as f64;
    Ok(match place {
        "asymmetric" => x / scale,
        "half_pixel" => (x + 0.5) / scale - 0.5,
        "pytorch_half_pixel" if width == 1.0 => -0.5,
        "pytorch_half_pixel" => (x + 0.5) / scale - 0.5,
        "align_corners" if width == 1.0 => 0.0,
        "align_corners" => x * last / (width - 1.0),
        "half_pixel_symmetric" => {
            let adjustment = output as f64 / width;
            input as f64 / 2.0 * (1.0 - adjustment) + (x + 0.5) / scale - 0.5
        }
        "tf_crop_and_resize" if width == 1.0 => {
            (region[1] - region[0]) * last / 2.0 + region[0] * last
        }
        "tf_crop_and_resize" => {
            x * (region[1] - region[0]) * last / (width - 1.0) + region[0] * last
        }
        other => return Err(format!("has coordinate_transformation_mode {other}").into()),
    })
}

/// Weights of the neighbours of a position whose fraction is `ratio` (1 for a whole number), the
/// first of them `before` steps to the left of the position's floor (of its left neighbour).
fn weights(settings: &Settings<'_>, ratio: f64, scale: f64) -> Result<(i64, Vec<f64>)> {
    let scale = if settings.antialias { scale.min(1.0) } else { 1.0 };
    let kernel = |reach: f64, function: &dyn Fn(f64) -> f64| {
        let start = (-reach / scale).floor() as i64 + 1;
        let end = 2 - start;
        let values: Vec<_> = (start..end).map(|i| function((i as f64 - ratio) * scale)).collect();
        let sum: f64 = values.iter().sum();
        (start, values.iter().map(|value| value / sum).collect())
    };
    let a = settings.cubic;
    Ok(match settings.mode {
        "linear" => kernel(1.0, &|x| (1.0 - x.abs()).clamp(0.0, 1.0)),
        "cubic" => kernel(2.0, &|x| {
            let x = x.abs();
            match x {
                _ if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
                _ if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
                _ => 0.0,
            }
        }),
        "nearest" => {
            let right = match settings.nearest {
                _ if ratio == 1.0 => true,
                "round_prefer_floor" => ratio > 0.5,
                "round_prefer_ceil" => ratio >= 0.5,
                "floor" => false,
                "ceil" => true,
                other => return Err(format!("has nearest_mode {other}").into()),
            };
            (i64::from(right), vec![1.0])
        }
        other => return Err(format!("has the mode {other}").into()),
    })
}

/// Where element `i` of an axis comes from. Positions outside repeat the border.
fn row(settings: &Settings<'_>, axis: &Axis, i: usize) -> Result<Row> {
    let position = position(settings.place, axis, i)?;
    let last = axis.input as i64 - 1;
    let outside =
        settings.place == "tf_crop_and_resize" && (position < 0.0 || position > last as f64);
    if outside {
        return Ok(Row { taps: Vec::new(), outside });
    }
    // The left neighbour, and the way from there: a whole number is its own right neighbour.
    let whole = position.fract() == 0.0;
    let left = position.floor() as i64 - i64::from(whole);
    let ratio = if whole { 1.0 } else { position - position.floor() };
    let (start, weights) = weights(settings, ratio, axis.scale)?;
    let mut taps: Vec<(usize, f64)> = Vec::new();
    let mut kept = 0.0;
    for (offset, weight) in (start..).zip(weights) {
        let at = left + offset;
        if settings.exclude_outside && !(0..=last).contains(&at) {
            continue;
        }
        kept += weight;
        taps.push((at.clamp(0, last) as usize, weight));
    }
    if settings.exclude_outside && kept != 0.0 {
        taps.iter_mut().for_each(|tap| tap.1 /= kept);
    }
    Ok(Row { taps, outside })
}

fn gathered(cx: &mut NodeCx<'_, '_>, x: TensorId, at: usize, rows: &[Row]) -> Result<TensorId> {
    let places: Vec<_> = rows.iter().map(|row| row.taps.first().map_or(0, |tap| tap.0)).collect();
    let list: Vec<_> = places.iter().map(|&place| place as i64).collect();
    let indices = cx.list(&[list.len()], &list)?;
    let (dtype, mut shape) = (cx.dtype(x), cx.shape(x));
    shape[at] = rows.len();
    let op = Op::Gather { axis: at as i32, batch_dims: 0 };
    cx.emit(op, &[x, indices], dtype, shape)
}

/// The product with the axis's matrix: the axis goes last, and back.
fn mixed(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    at: usize,
    axis: &Axis,
    rows: &[Row],
    settings: &Settings<'_>,
) -> Result<TensorId> {
    cx.expect_float(x)?;
    let cost = rows.len().saturating_mul(axis.input);
    cx.importer.budget.charge(cost, 1)?;
    let mut matrix = vec![0.0f64; cost];
    let mut offsets = vec![0.0f32; rows.len()];
    for (i, row) in rows.iter().enumerate() {
        row.taps.iter().for_each(|&(at, weight)| matrix[i * axis.input + at] += weight);
        if row.outside {
            offsets[i] = settings.extrapolation;
        }
    }
    let matrix: Vec<_> = matrix.iter().map(|&weight| weight as f32).collect();
    let w = cx.floats_constant(&[rows.len(), axis.input], &matrix);
    let rank = cx.shape(x).len();
    let mut order: Vec<_> = (0..rank).collect();
    order.swap(at, rank - 1);
    let x = cx.transpose(x, &order)?;
    let mut shape = cx.shape(x);
    shape[rank - 1] = rows.len();
    let op = Op::FullyConnected(FullyConnected {
        activation: Activation::None,
        keep_num_dims: rank != 2,
        weights_format: WeightsFormat::Default,
        asymmetric_quantize_inputs: false,
    });
    let mut operands = vec![x, w];
    if offsets.iter().any(|&offset| offset != 0.0) {
        operands.push(cx.floats_constant(&[rows.len()], &offsets));
    }
    let y = cx.emit(op, &operands, DType::F32, shape)?;
    cx.transpose(y, &order)
}

/// The same by RESIZE_BILINEAR where that has the same meaning.
fn as_bilinear(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    settings: &Settings<'_>,
    axes: &[Axis],
) -> Result<Option<TensorId>> {
    let &[n, c, rows, columns] = axes else { return Ok(None) };
    let still = |axis: Axis| axis.input == axis.output && axis.scale == 1.0;
    let exact = |axis: Axis| axis.scale == axis.output as f64 / axis.input as f64;
    let op = match settings.place {
        "half_pixel" => Resize { align_corners: false, half_pixel_centers: true },
        "asymmetric" => Resize { align_corners: false, half_pixel_centers: false },
        "align_corners" if rows.output > 1 && columns.output > 1 => {
            Resize { align_corners: true, half_pixel_centers: false }
        }
        _ => return Ok(None),
    };
    let plain = settings.mode == "linear" && !settings.antialias && !settings.exclude_outside;
    if !plain || !still(n) || !still(c) || !exact(rows) || !exact(columns) {
        return Ok(None);
    }
    if cx.dtype(x) != DType::F32 {
        return Ok(None);
    }
    let size = [rows.output as i32, columns.output as i32];
    let data = size.iter().flat_map(|size| size.to_le_bytes()).collect();
    let size = cx.constant(Constant { dtype: DType::I32, shape: vec![2], data });
    let x = cx.channels_last(x)?;
    let shape = vec![n.output, rows.output, columns.output, c.output];
    let y = cx.emit(Op::ResizeBilinear(op), &[x, size], DType::F32, shape)?;
    cx.channels_first(y).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taps(mode: &'static str, place: &'static str, axis: Axis) -> Vec<Vec<(usize, f64)>> {
        let settings = Settings {
            mode,
            nearest: "round_prefer_floor",
            place,
            cubic: -0.75,
            antialias: false,
            exclude_outside: false,
            extrapolation: 0.0,
        };
        (0..axis.output).map(|i| row(&settings, &axis, i).unwrap().taps).collect()
    }

    #[test]
    fn linear_interpolation_mixes_the_two_neighbours() {
        let axis = Axis { input: 2, output: 4, scale: 2.0, region: [0.0, 1.0] };
        let rows = taps("linear", "half_pixel", axis);
        assert_eq!(rows[1], [(0, 0.75), (1, 0.25)]);
        assert_eq!(rows[0].iter().map(|tap| tap.1).sum::<f64>(), 1.0);
        assert!(rows[0].iter().all(|tap| tap.0 == 0), "the border is repeated");
    }

    #[test]
    fn nearest_takes_one() {
        let axis = Axis { input: 2, output: 4, scale: 2.0, region: [0.0, 1.0] };
        let rows = taps("nearest", "half_pixel", axis);
        let places: Vec<_> = rows.iter().map(|row| row[0].0).collect();
        assert_eq!(places, [0, 0, 1, 1]);
    }
}
