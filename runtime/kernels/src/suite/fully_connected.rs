//! FULLY_CONNECTED with packed weights.

use super::conv::{MAGNITUDES, Numbers};
use super::guarded::Guarded;
use super::{Watch, narrow};
use crate::packed::pack::{Weights, fully_connected_forms, pack_fully_connected};
use crate::packed::{
    ALL_FORMS, FullyConnected, FullyConnectedSpec, Memory, fully_connected_layout,
    fully_connected_s8,
};
use crate::scalar::fully_connected::{FullyConnectedS8, fully_connected_s8 as reference};
use crate::testing::Random;
use crate::{Clamp, Cpu, Dst, Family, Part, Rounding, Src};
use alloc::{format, vec, vec::Vec};

/// Rows, values of a row, outputs: ones, tails of every tile, several rows.
const SHAPES: [[usize; 3]; 16] = [
    [1, 1, 1],
    [1, 7, 3],
    [2, 8, 4],
    [3, 5, 9],
    [1, 33, 2],
    [2, 1, 5],
    [1, 64, 12],
    [1, 100, 10],
    [1, 16, 16],
    [5, 31, 17],
    [1, 200, 35],
    [4, 64, 32],
    [1, 640, 8],
    [1, 2, 70],
    [1, 37, 250],
    [3, 9, 170],
];

/// Runs every form of a layer, whole and in parts.
pub fn check(
    cpu: Cpu,
    family: Family,
    spec: &FullyConnectedSpec,
    numbers: &Numbers,
    rounding: Rounding,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let Some((x_len, y_len)) = spec.lens() else { return };
    let x = Guarded::of_i8(&random.i8s(x_len));
    let weights = Weights {
        values: &numbers.values,
        bias: &numbers.bias,
        factors: &numbers.factors,
        rounding,
        input_zero: spec.input_zero,
        output_zero: spec.output_zero,
        clamp: spec.clamp,
    };
    let pairs: Vec<i32> = numbers.factors.iter().flat_map(|f| [f.mantissa, f.shift]).collect();
    let portable = FullyConnectedS8 {
        batch: spec.batch,
        depth: spec.depth,
        outputs: spec.outputs,
        input_offset: -spec.input_zero,
        weights_offset: 0,
        output_offset: spec.output_zero,
        clamp: spec.clamp,
        rounding,
        weights: Src::from(&numbers.values[..]),
        bias: Src::from(&numbers.bias[..]),
        factors: Src::from(&pairs[..]),
    };
    let mut expected = vec![0i8; y_len];
    reference(&portable, x.src_i8(), Dst::from(&mut expected[..]));
    let forms = fully_connected_forms(family, spec, &weights);
    if forms.is_empty() {
        let name = format!("fully_connected_s8/{family:?} has no form for {spec:?}");
        watch.run(&name, 0, false);
    }
    narrow::fully_connected((cpu, family), spec, &weights, &x, &expected, watch);
    for form in forms {
        let layout = fully_connected_layout(family, form.id, spec).unwrap_or_default();
        let packed = Guarded::of(&pack_fully_connected(family, form.id, spec, &weights));
        for count in [1, 3] {
            let mut y = Guarded::new(y_len, 0x77);
            let mut scratch = Guarded::new(layout.scratch_len, 0x5A);
            let call = FullyConnected::new::<ALL_FORMS>(
                cpu,
                family,
                form.id,
                spec,
                Memory {
                    packed: packed.src(),
                    x: x.src_i8(),
                    y: y.dst_i8(),
                    scratch: scratch.dst(),
                },
            );
            if let Some(call) = call {
                watch.begin();
                for index in 0..count {
                    fully_connected_s8::<ALL_FORMS>(&call, Part { index, count });
                }
                watch.end();
            }
            let passed = call.is_some() && y.is(&expected) && y.is_intact() && scratch.is_intact();
            let name = format!(
                "fully_connected_s8/{family:?} form {}: {}x{} -> {} {rounding:?}{}",
                form.id,
                spec.batch,
                spec.depth,
                spec.outputs,
                if count > 1 { " in parts" } else { "" }
            );
            watch.run(&name, (y_len * spec.depth) as u64, passed);
        }
    }
    watch.case_over();
}

/// All shapes.
pub fn run(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(3);
    let zeros = [(0, 0), (-128, -128), (127, 5), (-3, 127)];
    let mut case = 0;
    for [batch, depth, outputs] in SHAPES {
        for rounding in [Rounding::Single, Rounding::Double] {
            for magnitude in MAGNITUDES {
                case += 1;
                let (input_zero, output_zero) = zeros[case / 3 % 4];
                let clamp = [
                    Clamp { min: -128, max: 127 },
                    Clamp { min: output_zero, max: 127 },
                    Clamp { min: -100, max: 90 },
                ][case % 3];
                let spec =
                    FullyConnectedSpec { batch, depth, outputs, input_zero, output_zero, clamp };
                let bias = case % 5 != 0;
                let numbers = Numbers::new(&mut random, outputs, depth, magnitude, bias);
                check(cpu, family, &spec, &numbers, rounding, &mut random, watch);
                if case % 3 == 0 {
                    let numbers = numbers.extreme(&mut random);
                    check(cpu, family, &spec, &numbers, rounding, &mut random, watch);
                }
            }
        }
    }
}

/// One layer of a real size, for counting.
pub fn layer(
    cpu: Cpu,
    family: Family,
    depth: usize,
    outputs: usize,
    relu: bool,
    watch: &mut dyn Watch,
) {
    let mut random = Random(9);
    let clamp = Clamp { min: if relu { 3 } else { -128 }, max: 127 };
    let spec =
        FullyConnectedSpec { batch: 1, depth, outputs, input_zero: -5, output_zero: 3, clamp };
    let mut numbers = Numbers::new(&mut random, outputs, depth, (-7, 7), true);
    // One scale for the whole tensor, as converters write fully connected layers.
    let factor = numbers.factors[0];
    numbers.factors.fill(factor);
    check(cpu, family, &spec, &numbers, Rounding::Single, &mut random, watch);
}
