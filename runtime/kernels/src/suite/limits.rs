//! Numbers at the ends of their ranges: every shift, mantissas at their bounds and 0, weights that are
//! all the largest or the smallest, deep sums, large biases. What a form cannot do for all of
//! them it must not be offered for.

use super::conv::Numbers;
use super::layers::same;
use super::{Watch, conv, depthwise, fully_connected};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use crate::testing::Random;
use crate::{Clamp, Cpu, Family, Multiplier, Rounding};
use alloc::vec::Vec;

/// Image, kernel, channels of input and output.
const CONVS: [([usize; 2], [usize; 2], usize, usize); 5] = [
    ([1, 3], [1, 1], 600, 7),
    ([1, 7], [1, 1], 5, 63),
    ([3, 3], [3, 3], 2, 64),
    ([2, 2], [3, 3], 30, 17),
    ([1, 1], [1, 1], 1500, 5),
];

/// Image, kernel, channels.
const DEPTHWISE: [([usize; 2], [usize; 2], usize); 3] =
    [([3, 5], [3, 3], 64), ([6, 2], [5, 3], 40), ([2, 8], [1, 7], 63)];

/// Rows, values of a row, outputs.
const DENSE: [[usize; 3]; 4] = [[1, 700, 9], [1, 9, 64], [3, 40, 63], [7, 520, 5]];

/// Zero points of input and output, bounds of the output.
const RANGES: [(i32, i32, Clamp<i32>); 4] = [
    (-128, -128, Clamp { min: -128, max: 127 }),
    (127, 127, Clamp { min: -128, max: 127 }),
    (3, -7, Clamp { min: -7, max: 100 }),
    (-128, 20, Clamp { min: -60, max: 10 }),
];

/// Numbers for `channels` outputs of `depth` weights each.
fn numbers(random: &mut Random, channels: usize, depth: usize, case: usize) -> Numbers {
    let mut numbers = Numbers::new(random, channels, depth, (-128, 127), true);
    let pattern: [i8; 2] = [[-128, -128], [127, 127], [127, -128], [0, 0], [-1, 127]][case % 5];
    if !case.is_multiple_of(3) {
        let mut at = 0;
        numbers.values.fill_with(|| {
            at += 1;
            pattern[at % 2]
        });
    }
    numbers.bias = random.i32s(channels, 1 << (8 + case % 4 * 5));
    let mantissa = |random: &mut Random| match random.next() % 8 {
        0 => 0,
        1 => 1 << 30,
        2 => i32::MAX,
        3 => (1 << 30) + 1,
        _ => (1 << 30) + (random.next() << 6) as i32,
    };
    let shifts = [62, 24][case % 2];
    let mut factor = |channel: usize| Multiplier {
        mantissa: mantissa(random),
        shift: ((channel * 5 + case) % shifts) as i32 - shifts as i32 / 2,
    };
    numbers.factors = (0..channels).map(&mut factor).collect::<Vec<_>>();
    numbers
}

/// All of them.
pub fn run(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(11);
    let mut case = 0;
    for (input_zero, output_zero, clamp) in RANGES {
        for (input, kernel, in_channels, out_channels) in CONVS {
            case += 1;
            let window = same(input, kernel, 1);
            let spec =
                ConvSpec { window, in_channels, out_channels, input_zero, output_zero, clamp };
            let depth = kernel[0] * kernel[1] * in_channels;
            let numbers = numbers(&mut random, out_channels, depth, case);
            conv::check(cpu, family, &spec, &numbers, &mut random, watch);
        }
        for (input, kernel, in_channels) in DEPTHWISE {
            case += 1;
            let (window, multiplier) = (same(input, kernel, 1), 1);
            let spec =
                DepthwiseSpec { window, in_channels, multiplier, input_zero, output_zero, clamp };
            let numbers = numbers(&mut random, in_channels, kernel[0] * kernel[1], case);
            depthwise::check(cpu, family, &spec, &numbers, &mut random, watch);
        }
        for [batch, depth, outputs] in DENSE {
            for rounding in [Rounding::Single, Rounding::Double] {
                case += 1;
                let spec =
                    FullyConnectedSpec { batch, depth, outputs, input_zero, output_zero, clamp };
                let numbers = numbers(&mut random, outputs, depth, case);
                fully_connected::check(cpu, family, &spec, &numbers, rounding, &mut random, watch);
            }
        }
    }
}
