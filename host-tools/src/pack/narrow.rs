//! Layers with int4 weights: packed with two weights to a byte where a core has such a form, with
//! bytes where the limits allow them twice the flash, or else as they are in the source.

use super::{Alternative, Limits, Packed, ROUNDING, Width, pack_layer};
use crate::lower::{Program, Step, Value};
use smidge::{OpCode, Variant};
use smidge_format::DType;
use smidge_graph::unpack_nibbles;
use smidge_kernels::Family;

/// The number that stands among the forms for the portable kernel's weights.
pub(super) const PORTABLE: u8 = u8::MAX;
/// Instructions of the portable kernel for each product, about.
const COST: u64 = 8;

/// Packs a layer for the core in the cheapest way that the limits allow. Returns what there was to
/// choose from, if there was a choice.
pub(super) fn four_bits(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
) -> Option<Packed> {
    let step = &program.steps[at];
    let constants = step.inputs.iter().flatten().map(|&id| &program.values[id]);
    let flash_bytes = constants.filter(|value| value.data.is_some()).map(Value::len_bytes).sum();
    let cost = step.live_macs.saturating_mul(COST);
    let portable = Alternative { form: PORTABLE, bits: 4, flash_bytes, scratch_bytes: 0, cost };
    // The limit counts from the weights as they are. A depthwise layer has fewer of them than
    // numbers for its channels, so that it may always have bytes.
    let percent = flash_bytes as u64 * u64::from(limits.flash_percent) / 100 + ROUNDING;
    let most = match step.code {
        OpCode::DepthwiseConv2d => usize::MAX,
        _ => usize::try_from(percent).unwrap_or(usize::MAX),
    };
    let limits = Limits { flash_bytes: Some(most), ..*limits };

    let mut wide = program.clone();
    widen(&mut wide, at)?;
    let mut best: Option<(Packed, Program)> = None;
    let mut alternatives = vec![portable];
    for width in [Width::Nibble, Width::Byte] {
        let mut candidate = wide.clone();
        let Some(packed) = pack_layer(&mut candidate, at, family, &limits, width) else { continue };
        alternatives.extend(packed.alternatives.iter().copied());
        let chosen = packed.chosen;
        let fits = chosen.flash_bytes <= most && chosen.scratch_bytes <= limits.scratch_bytes;
        let least = best.as_ref().map_or(portable.cost, |(best, _)| best.chosen.cost);
        if fits && chosen.cost < least {
            best = Some((packed, candidate));
        }
    }
    if alternatives.len() == 1 {
        return None;
    }
    if let Some((packed, packed_program)) = best {
        *program = packed_program;
        return Some(Packed { alternatives, ..packed });
    }
    let Step { code, ref name, .. } = program.steps[at];
    Some(Packed { step: at, code, name: name.clone(), chosen: portable, alternatives })
}

/// Makes a step with int4 weights one with int8 weights.
fn widen(program: &mut Program, at: usize) -> Option<()> {
    let old = program.steps[at].inputs.get(1).copied().flatten()?;
    let value = &program.values[old];
    let elements = value.shape.elements();
    let nibbles = unpack_nibbles(value.data.as_deref()?, elements);
    let bytes: Vec<u8> = nibbles.into_iter().map(|v| ((v << 4) as i8 >> 4) as u8).collect();
    let value = Value { dtype: DType::I8, data: Some(bytes.into()), source: None, ..value.clone() };
    let new = program.add(value);
    let step = &mut program.steps[at];
    step.inputs[1] = Some(new);
    step.variant = Variant::S8;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{Samples, samples};
    use crate::emit::{Labels, emit};
    use crate::execute::execute;
    use crate::import::import;
    use crate::lower::{Options, lower};
    use crate::{npy, pack, plan, testdata};
    use smidge::Model;
    use smidge_format::{AlignedBuf, Isa};

    const CASES: [&str; 3] = [
        "conv_2d/int8_int4_channels17",
        "depthwise_conv_2d/int8_int4_channels17",
        "fully_connected/int8_int4_depth64",
    ];

    fn program(case: &str) -> Program {
        let model = import(&testdata::vector(&format!("{case}.tflite"))).unwrap().model;
        lower(&model, &Options::default()).unwrap()
    }

    fn outputs(case: &str, program: &Program) -> Vec<Vec<Vec<u8>>> {
        let bytes = emit(program, &plan::plan(program), Isa::Portable, &Labels::default());
        let bytes = AlignedBuf::from(bytes.unwrap().as_slice());
        let model = Model::check(&bytes, smidge::ops::ALL).unwrap();
        let input = npy::read(&testdata::vector(&format!("{case}.in0.npy"))).unwrap();
        let samples: Samples = samples(&model, &[input]).unwrap();
        execute(&model, &samples, false).unwrap().outputs
    }

    #[test]
    fn wide_weights_are_the_same_numbers() {
        for case in CASES {
            let narrow = program(case);
            let mut wide = narrow.clone();
            widen(&mut wide, 0).unwrap();
            assert_eq!(
                (narrow.steps[0].variant, wide.steps[0].variant),
                (Variant::S4, Variant::S8)
            );
            assert_eq!(outputs(case, &narrow), outputs(case, &wide), "{case}");
        }
    }

    #[test]
    fn the_limits_decide() {
        let all = [Variant::S4, Variant::S4Packed, Variant::S8Packed];
        let variants = |case: &str, isa: Isa, limits: Limits| {
            let mut program = program(case);
            let report = pack::pack(&mut program, isa, &limits);
            let [packed] = report.as_slice() else { panic!("one layer") };
            assert!(packed.alternatives.contains(&packed.chosen));
            let variant = program.steps[0].variant;
            assert_eq!(packed.chosen.form == PORTABLE, variant == Variant::S4);
            assert_eq!(packed.chosen.bits == 8, variant == Variant::S8Packed);
            assert!(all.contains(&variant));
            variant
        };
        let roomy = Limits { flash_percent: 400, ..Limits::default() };
        let no_scratch = Limits { scratch_bytes: 0, ..Limits::default() };
        for case in CASES {
            let few = case.starts_with("depthwise");
            let default = if few { Variant::S8Packed } else { Variant::S4Packed };
            assert_eq!(variants(case, Isa::CortexM4, Limits::default()), default, "{case}");
            assert_eq!(variants(case, Isa::CortexM4, roomy), Variant::S8Packed, "{case}");
            assert_eq!(variants(case, Isa::CortexM4, no_scratch), Variant::S4, "{case}");
            assert_eq!(variants(case, Isa::CortexA72, Limits::default()), default, "{case}");
        }
    }
}
