//! Layers with int4 weights: cores have kernels for bytes, so that a layer is fast where the limits
//! allow its weights twice the flash.

use super::{Alternative, Limits, Packed, pack_layer};
use crate::lower::{Program, Value};
use smidge::Variant;
use smidge_format::DType;
use smidge_graph::unpack_nibbles;
use smidge_kernels::Family;

/// The number that stands for weights of four bits among the forms.
pub(super) const FOUR_BITS: u8 = u8::MAX;
/// Instructions of the portable kernel for each product, about.
const COST: u64 = 8;

/// Gives a layer weights of eight bits, packed for the core, if the limits allow it. Returns what
/// there was to choose from, if there was a choice.
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
    let narrow = Alternative { form: FOUR_BITS, flash_bytes, scratch_bytes: 0, cost };

    let mut wide = program.clone();
    widen(&mut wide, at)?;
    let packed = pack_layer(&mut wide.clone(), at, family, limits)?;
    let smallest = packed.alternatives.iter().map(|form| form.flash_bytes).min()? as u64;
    let alternatives = [vec![narrow], packed.alternatives].concat();
    // The limit counts from the weights as they are.
    let most = narrow.flash_bytes as u64 * u64::from(limits.flash_percent) / 100;
    if smallest > most {
        return Some(Packed { chosen: narrow, alternatives, ..packed });
    }
    let limits = Limits { flash_bytes: usize::try_from(most).ok(), ..*limits };
    let packed = pack_layer(&mut wide, at, family, &limits)?;
    if packed.chosen.scratch_bytes > limits.scratch_bytes || packed.chosen.cost >= narrow.cost {
        return Some(Packed { chosen: narrow, alternatives, ..packed });
    }
    *program = wide;
    Some(Packed { alternatives, ..packed })
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
    fn the_limit_of_flash_decides() {
        for case in CASES {
            for (flash_percent, variant) in [(110, Variant::S4), (400, Variant::S8Packed)] {
                let mut program = program(case);
                let limits = Limits { flash_percent, ..Limits::default() };
                let report = pack::pack(&mut program, Isa::CortexM4, &limits);
                assert_eq!(program.steps[0].variant, variant, "{case} at {flash_percent} %");
                let [packed] = report.as_slice() else { panic!("one layer") };
                assert!(packed.alternatives.contains(&packed.chosen));
                let narrow = packed.chosen.form == FOUR_BITS;
                assert_eq!(narrow, variant == Variant::S4);
            }
        }
    }
}
