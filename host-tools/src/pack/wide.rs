//! Layers with 16-bit activations, for cores with vectors.

use super::panels::Layer;
use super::weights::{alternatives, replace};
use super::{Limits, Packed};
use crate::lower::{Program, Value};
use smidge::ops::panels;
use smidge::ops::s16::weights::{ConvAttrs, DenseAttrs, SumsKind};
use smidge::{OpCode, Variant};
use smidge_format::DType;
use smidge_format::attrs::Reader;
use smidge_kernels::Family;
use smidge_kernels::packed::pack::{WideWeights, pack_wide, wide_forms};
use smidge_kernels::packed::{WideForm, WideSpec, wide_layout};

/// A bias of 32 or 64 bits.
fn bias(value: &Value) -> Option<Vec<i64>> {
    let bytes = value.data.as_deref()?;
    Some(match value.dtype {
        DType::I64 => bytes.as_chunks().0.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect(),
        _ => bytes.as_chunks().0.iter().map(|&b| i32::from_le_bytes(b).into()).collect(),
    })
}

/// Factors of `count` channels; one may stand for all.
fn factors(value: &Value, form: WideForm, count: usize) -> Option<Vec<[i32; 3]>> {
    let words = value.data.as_deref()?.as_chunks().0.iter();
    let words: Vec<i32> = words.map(|&bytes| i32::from_le_bytes(bytes)).collect();
    let factors: Vec<[i32; 3]> = if form == WideForm::Real {
        words.as_chunks().0.to_vec()
    } else {
        words.as_chunks().0.iter().map(|&[mantissa, shift]| [mantissa, shift, 0]).collect()
    };
    match *factors.as_slice() {
        [one] => Some(vec![one; count]),
        _ => (factors.len() == count).then_some(factors),
    }
}

/// Packs a convolution or a fully connected layer, if all but its input is constant.
pub(super) fn pack_layer(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
) -> Option<Packed> {
    let step = &program.steps[at];
    let [Some(_), Some(w), b, Some(f)] = *step.inputs.as_slice() else { return None };
    let from = Reader::new(&step.attrs);
    let (window, sums, clamp) = match step.code {
        OpCode::Conv2d => {
            let ConvAttrs { window, sums, clamp } = ConvAttrs::decode(from).ok()?;
            (window, sums, clamp)
        }
        _ => {
            let DenseAttrs { sums, clamp } = DenseAttrs::decode(from).ok()?;
            (panels::POINT, sums, clamp)
        }
    };
    let form = match sums {
        SumsKind::Narrow => WideForm::Narrow,
        SumsKind::Wide => WideForm::Wide,
        SumsKind::Real => WideForm::Real,
    };
    let Layer { kernel, image, in_channels, out_channels } = Layer::new(program, step, &window)?;
    let spec = WideSpec { window: image, in_channels, out_channels, clamp };
    let values: Vec<i8> = program.values[w].data.as_ref()?.iter().map(|&byte| byte as i8).collect();
    let bias = b.map_or(Some(Vec::new()), |b| bias(&program.values[b]))?;
    let factors = factors(&program.values[f], form, out_channels)?;
    let weights = WideWeights { form, values: &values, bias: &bias, factors: &factors };
    let forms = wide_forms(family, &spec, &weights);
    let alternatives = alternatives(&forms, 8, |_| wide_layout(family, &spec));
    let chosen = limits.choose(&alternatives)?;
    let bytes = pack_wide(&spec, &weights);
    let attrs = panels::Attrs { form: chosen.form, kernel, window, clamp }.encode();
    Some(replace(program, at, Variant::S16Packed, bytes, &attrs, (chosen, alternatives)))
}
