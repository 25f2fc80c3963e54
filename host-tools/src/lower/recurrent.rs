//! Layers with a memory: SVDF and LSTM.

use super::Rounding;
use super::node::{Kind, NodeCx};
use super::program::ValueId;
use super::refusal::Refusal;
use smidge::ops::svdf as svdf_op;
use smidge::ops::unidirectional_sequence_lstm::{self as lstm_op, Order};
use smidge::{OpCode, Variant};
use smidge_graph::op::{Lstm, Svdf};
use smidge_graph::{Activation, DType, Tensor};
use smidge_kernels::{Clamp, Multiplier};
use smidge_quant::multiplier::{power_of_two, quantize_multiplier};
use smidge_quant::wide;

/// The value of an operand that is kept between calls.
fn state(cx: &mut NodeCx<'_>, index: usize, what: &str) -> Result<ValueId, Refusal> {
    let tensor = cx.input(index)?;
    if !tensor.is_variable {
        return Err(Refusal::graph(
            format!("{what} `{}` is not a variable", tensor.name),
            "convert the model again: layers with a memory have variables for it",
        ));
    }
    let missing = || Refusal::shape(format!("{what} is missing"));
    cx.operand(index)?.ok_or_else(missing)
}

pub(super) fn svdf(cx: &mut NodeCx<'_>, attrs: &Svdf) -> Result<(), Refusal> {
    let rank = u16::try_from(attrs.rank).map_err(|_| Refusal::shape("the rank is too large"))?;
    let (feature, time) = (cx.input(1)?, cx.input(2)?);
    let memory = cx.input(4)?;
    let (variant, encoded) = match cx.kind()? {
        Kind::S8 => {
            cx.expect(1, DType::I8)?;
            if attrs.activation != Activation::Relu {
                return Err(activation(attrs.activation, "RELU"));
            }
            let (x, y) = cx.affine_pair()?;
            let (state_scale, state_zero) = match memory.dtype {
                DType::I8 => cx.affine(memory).map(|state| (state.scale, state.zero))?,
                _ => (cx.symmetric(memory)?, 0),
            };
            let scale = |tensor: &Tensor| match tensor.dtype {
                DType::I16 => cx.symmetric(tensor),
                _ => cx.affine(tensor).map(|affine| affine.scale),
            };
            let (feature, time) = (scale(feature)?, scale(time)?);
            let attrs = svdf_op::AttrsS8 {
                rank,
                zeros: [x.zero, state_zero, y.zero],
                feature: quantize_multiplier(f64::from(x.scale * feature / state_scale)),
                output: quantize_multiplier(f64::from(state_scale * time / y.scale)),
            };
            (Variant::S8, attrs.encode().to_vec())
        }
        Kind::S16 => return Err(cx.types()),
        Kind::F32 => {
            cx.expect(1, DType::F32)?;
            let attrs = svdf_op::AttrsF32 { rank, clamp: cx.clamp_f32(attrs.activation)? };
            (Variant::F32, attrs.encode().to_vec())
        }
    };
    let memory = state(cx, 4, "the memory")?;
    let operands = vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?, cx.operand(3)?];
    let results = vec![cx.value(cx.node.outputs[0])?, memory];
    let macs = cx.graph.node_macs(cx.node);
    cx.emit_to(OpCode::Svdf, variant, operands, results, &encoded, macs);
    Ok(())
}

fn activation(found: Activation, wanted: &str) -> Refusal {
    Refusal::attribute(
        format!("activation {} is not {wanted}", found.name()),
        format!("train the layer with {wanted}"),
    )
}

/// Where the operands of an LSTM are.
const FIRST_PEEPHOLE: usize = 9;
const FIRST_BIAS: usize = 12;
const PROJECTION: usize = 16;
const OUTPUT_STATE: usize = 18;
const CELL_STATE: usize = 19;
const FIRST_NORMALIZATION: usize = 20;

pub(super) fn lstm(cx: &mut NodeCx<'_>, attrs: &Lstm) -> Result<(), Refusal> {
    let has = |index: usize| cx.node.input(index).is_some();
    let variants = [
        ("peepholes", FIRST_PEEPHOLE..FIRST_BIAS),
        ("a projection", PROJECTION..OUTPUT_STATE),
        ("normalizations", FIRST_NORMALIZATION..FIRST_NORMALIZATION + 4),
    ];
    for (what, operands) in variants {
        if operands.into_iter().any(has) {
            return Err(Refusal::attribute(
                format!("an LSTM with {what} is not supported"),
                "use a plain LSTM layer",
            ));
        }
    }
    if attrs.activation != Activation::Tanh {
        return Err(activation(attrs.activation, "TANH"));
    }
    let order = Order { time_major: attrs.time_major, backwards: false };
    let cells = cx.input(OUTPUT_STATE)?.shape.last().copied().unwrap_or(0);
    let mut operands = vec![cx.operand(0)?];
    for index in (1..FIRST_PEEPHOLE).chain(FIRST_BIAS..PROJECTION) {
        operands.push(cx.operand(index)?);
    }
    let (variant, size, encoded) = match cx.kind()? {
        Kind::S8 => {
            let attrs = lstm_s8(cx, attrs, order, &mut operands)?;
            (Variant::S8, 2, attrs.encode().to_vec())
        }
        Kind::S16 => return Err(cx.types()),
        Kind::F32 => {
            cx.expect(2, DType::F32)?;
            let bound = if attrs.cell_clip > 0.0 { attrs.cell_clip } else { f32::INFINITY };
            let clip = Clamp { min: -bound, max: bound };
            (Variant::F32, 4, lstm_op::AttrsF32 { order, clip }.encode().to_vec())
        }
    };
    let output = cx.value(cx.node.outputs[0])?;
    let results =
        vec![output, state(cx, OUTPUT_STATE, "the output")?, state(cx, CELL_STATE, "the cell")?];
    let macs = cx.graph.node_macs(cx.node);
    let code = OpCode::UnidirectionalSequenceLstm;
    cx.emit_to(code, variant, operands, results, &encoded, macs);
    if let Some(step) = cx.program.steps.last_mut() {
        step.scratch_len = 4 * cells * size;
    }
    Ok(())
}

/// Attributes of the int8 form, whose cells are int16 on a scale that is a power of two.
fn lstm_s8(
    cx: &mut NodeCx<'_>,
    attrs: &Lstm,
    order: Order,
    operands: &mut Vec<Option<ValueId>>,
) -> Result<lstm_op::AttrsS8, Refusal> {
    cx.expect(2, DType::I8)?;
    let cell = cx.expect(CELL_STATE, DType::I16)?;
    let (x, _) = cx.affine_pair()?;
    let output = cx.affine(cx.input(OUTPUT_STATE)?)?;
    let cell_scale = cx.symmetric(cell)?;
    let power = power_of_two(cell_scale).filter(|power| (-15..=-10).contains(power));
    let power = power.ok_or_else(|| {
        let reason =
            format!("the cell has scale {cell_scale}, no power of two from 2^-15 to 2^-10");
        Refusal::quantization(reason)
    })?;
    let is_micro = cx.options.rounding == Rounding::Tflm;
    let mut factors = Vec::new();
    for (first, scale) in [(1, x.scale), (5, output.scale)] {
        for gate in 0..4 {
            let weights = cx.node.input(first + gate).map(|id| cx.graph.tensor(id));
            // Gates are in Q3.12.
            let factor = weights.map(|weights| {
                let weights = cx.affine(weights)?;
                let product = if is_micro {
                    f64::from(scale) * f64::from(weights.scale)
                } else {
                    f64::from(scale * weights.scale)
                };
                Ok(quantize_multiplier(product * 4096.0))
            });
            factors.push(factor.transpose()?.unwrap_or(Multiplier::default()));
        }
    }
    operands.push(Some(cx.factors(&factors)));
    let table: Vec<i16> = wide::logistic_curve().into_iter().map(|v| v as i16).collect();
    operands.push(is_micro.then(|| cx.wide_table("curve", &table)));
    let shown = 2f64.powi(-30) / f64::from(output.scale);
    let shown = if is_micro { shown } else { f64::from(shown as f32) };
    let clip = (attrs.cell_clip / cell_scale).clamp(0.0, 32_767.0) as u16;
    Ok(lstm_op::AttrsS8 {
        order,
        zeros: [x.zero, output.zero],
        integer_bits: (15 + power) as u8,
        clip,
        factors: [
            quantize_multiplier(2f64.powi(-15)),
            quantize_multiplier(2f64.powi(-30 - power)),
            quantize_multiplier(shown),
        ],
    })
}
