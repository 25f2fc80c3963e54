//! Numbers at the ends of their ranges: factors with every kind of shift, weights of -128 only,
//! biases that overflow the accumulator, bounds that leave one value; and pointwise windows far apart
//! in small images, and images of one line.

use super::conv::Numbers;
use super::{Watch, conv, depthwise, fully_connected};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use crate::testing::Random;
use crate::{Clamp, Cpu, Family, Multiplier, Rounding, Window};
use alloc::vec::Vec;

/// Shifts of the factors of a layer's channels, in turn.
const SHIFTS: [&[i32]; 9] = [
    &[-31, -30, -29],
    &[-16, -24, -1],
    &[0],
    &[-1],
    &[0, -1, -9],
    &[1, 2],
    &[-7, 3, 0],
    &[13, 30, -5],
    &[-10, -9, -8],
];

const MANTISSAS: [i32; 5] = [1 << 30, i32::MAX, 0, 1_518_500_250, (1 << 30) + 1];

const CLAMPS: [Clamp<i32>; 4] = [
    Clamp { min: -128, max: 127 },
    Clamp { min: 7, max: 7 },
    Clamp { min: -128, max: -100 },
    Clamp { min: 0, max: 127 },
];

/// A layer's numbers with the shifts of a case.
fn numbers(random: &mut Random, case: usize, channels: usize, depth: usize) -> Numbers {
    let range = [(-128, 127), (-128, -128), (127, 127), (-128, -127)][case % 4];
    let mut numbers = Numbers::new(random, channels, depth, range, !case.is_multiple_of(3));
    let shifts = SHIFTS[case % SHIFTS.len()];
    for (channel, factor) in numbers.factors.iter_mut().enumerate() {
        let mantissa = MANTISSAS[(case + channel) % MANTISSAS.len()];
        *factor = Multiplier { mantissa, shift: shifts[channel % shifts.len()] };
    }
    if case % 7 == 3 {
        for (channel, bias) in numbers.bias.iter_mut().enumerate() {
            *bias = [i32::MAX - 1000, i32::MIN + 1000, 1 << 30][channel % 3];
        }
    }
    numbers
}

/// Pointwise windows at strides, of images whose last pixels are near the end of the input.
fn pointwise() -> Vec<Window> {
    let sizes = [([5, 1], [2, 1]), ([9, 3], [4, 1]), ([7, 7], [3, 3]), ([3, 5], [2, 2])];
    let window = |(input, stride): ([usize; 2], [usize; 2])| Window {
        batch: 1 + input[0] % 2,
        input,
        output: [(input[0] - 1) / stride[0] + 1, (input[1] - 1) / stride[1] + 1],
        kernel: [1, 1],
        stride,
        dilation: [1, 1],
        pad: [0, 0],
    };
    sizes.into_iter().map(window).collect()
}

/// Windows along signals: images of one row or column.
fn lines() -> Vec<Window> {
    let line = |kernel: usize, stride: usize, dilation: usize| Window {
        batch: 2,
        input: [1, 19],
        output: [1, (19 + 2 - (kernel - 1) * dilation - 1) / stride + 1],
        kernel: [1, kernel],
        stride: [1, stride],
        dilation: [1, dilation],
        pad: [0, 2],
    };
    let swap = |[a, b]: [usize; 2]| [b, a];
    let mut lines = Vec::new();
    for (kernel, stride, dilation) in [(5, 1, 1), (18, 1, 1), (3, 2, 1), (2, 3, 1), (3, 1, 4)] {
        let w = line(kernel, stride, dilation);
        lines.push(w);
        lines.push(Window {
            input: swap(w.input),
            output: swap(w.output),
            kernel: swap(w.kernel),
            stride: swap(w.stride),
            dilation: swap(w.dilation),
            pad: swap(w.pad),
            ..w
        });
    }
    lines
}

/// All cases.
pub fn run(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(17);
    let square = Window {
        batch: 1,
        input: [6, 5],
        output: [6, 5],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        pad: [1, 1],
    };
    let zeros = [(-128, -128), (127, 127), (3, -4), (0, -128)];
    for case in 0..4 * SHIFTS.len() {
        let (input_zero, output_zero) = zeros[case / 2 % 4];
        let clamp = CLAMPS[case / 3 % 4];
        for (window, channels) in [(square, 9), (square, 3), (pointwise()[case % 4], 8)] {
            let spec = ConvSpec {
                window,
                in_channels: 5,
                out_channels: channels,
                input_zero,
                output_zero,
                clamp,
            };
            let layer = numbers(&mut random, case, channels, spec.depth().unwrap_or(0));
            conv::check(cpu, family, &spec, &layer, &mut random, watch);
            let spec = DepthwiseSpec {
                window,
                in_channels: channels,
                multiplier: 1,
                input_zero,
                output_zero,
                clamp,
            };
            let taps = window.kernel[0] * window.kernel[1];
            let layer = numbers(&mut random, case, channels, taps);
            depthwise::check(cpu, family, &spec, &layer, &mut random, watch);
        }
        for rounding in [Rounding::Single, Rounding::Double] {
            let (depth, outputs) = ([40, 16, 3][case % 3], [9, 8][case % 2]);
            let spec =
                FullyConnectedSpec { batch: 2, depth, outputs, input_zero, output_zero, clamp };
            let layer = numbers(&mut random, case, outputs, depth);
            fully_connected::check(cpu, family, &spec, &layer, rounding, &mut random, watch);
        }
    }
    for window in lines() {
        for (in_channels, multiplier) in [(9, 1), (3, 1), (1, 6)] {
            let (input_zero, output_zero, clamp) = (-9, -128, CLAMPS[0]);
            let spec =
                DepthwiseSpec { window, in_channels, multiplier, input_zero, output_zero, clamp };
            let taps = window.kernel[0] * window.kernel[1];
            let channels = in_channels * multiplier;
            let layer = Numbers::new(&mut random, channels, taps, (-90, 90), true);
            depthwise::check(cpu, family, &spec, &layer, &mut random, watch);
        }
    }
    for window in pointwise() {
        for in_channels in [1, 3, 20] {
            let clamp = CLAMPS[0];
            let (input_zero, output_zero) = (-128, -128);
            let spec =
                ConvSpec { window, in_channels, out_channels: 5, input_zero, output_zero, clamp };
            let layer = Numbers::new(&mut random, 5, in_channels, (-90, 90), true);
            conv::check(cpu, family, &spec, &layer, &mut random, watch);
        }
    }
}
