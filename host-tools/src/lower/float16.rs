//! Float weights in half the bytes.

use super::{Program, Value};
use half::f16;
use smidge::{OpCode, Variant};
use smidge_format::DType;
use std::sync::Arc;

/// Rounds the constant weights of float layers to float16; biases stay as they are, and so do weights
/// of which one is too large.
pub(super) fn store_as_float16(program: &mut Program) {
    for at in 0..program.steps.len() {
        let step = &program.steps[at];
        let has_weights =
            matches!(step.code, OpCode::Conv2d | OpCode::DepthwiseConv2d | OpCode::FullyConnected);
        let Some(old) = step.inputs.get(1).copied().flatten() else { continue };
        let value = &program.values[old];
        let Some(data) = value.data.as_deref() else { continue };
        if !has_weights || step.variant != Variant::F32 || value.dtype != DType::F32 {
            continue;
        }
        let floats = data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
        let halves: Vec<(f32, f16)> = floats.map(|float| (float, f16::from_f32(float))).collect();
        if halves.iter().any(|(float, half)| float.is_finite() && !half.is_finite()) {
            continue;
        }
        let bytes: Vec<u8> = halves.iter().flat_map(|(_, half)| half.to_le_bytes()).collect();
        let value = Value {
            dtype: DType::F16,
            data: Some(Arc::from(bytes)),
            source: None,
            ..value.clone()
        };
        let new = program.add(value);
        let step = &mut program.steps[at];
        step.inputs[1] = Some(new);
        step.variant = Variant::F16;
    }
}
