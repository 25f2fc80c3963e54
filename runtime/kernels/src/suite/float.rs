//! Products of floats: what [`native`] has against [`scalar`](crate::scalar), within
//! [`TOLERANCE`] of the sum of the magnitudes.

use super::{Watch, layers};
use crate::scalar::conv::{ConvF32, conv_f32};
use crate::scalar::depthwise::{DepthwiseF32, depthwise_f32};
use crate::scalar::fully_connected::{FullyConnectedF32, fully_connected_f32};
use crate::testing::{Random, pixels, windows};
use crate::{Clamp, Cpu, Dst, Src, Window, native};
use alloc::{format, vec, vec::Vec};

/// Largest difference, relative to the sum of the magnitudes of bias and products.
const TOLERANCE: f32 = 1e-5;
/// What outputs and the memory around them hold before.
const GARBAGE: f32 = -77.25;
const GUARD: usize = 16;

const NONE: Clamp<f32> = Clamp { min: f32::MIN, max: f32::MAX };

/// Input, weights and bias.
struct Numbers {
    x: Vec<f32>,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Numbers {
    fn new(random: &mut Random, x: usize, weights: usize, bias: usize) -> Self {
        Self { x: random.reals(x), weights: random.reals(weights), bias: random.reals(bias) }
    }

    fn magnitudes(&self) -> Self {
        let magnitudes = |values: &Vec<f32>| values.iter().map(|value| value.abs()).collect();
        Self {
            x: magnitudes(&self.x),
            weights: magnitudes(&self.weights),
            bias: magnitudes(&self.bias),
        }
    }
}

/// Runs both kernels and compares. `run` is told the bounds, and whether it is the fast one's turn.
fn compare(
    name: &str,
    len: usize,
    macs: usize,
    numbers: &Numbers,
    clamp: Clamp<f32>,
    watch: &mut dyn Watch,
    run: impl Fn(&Numbers, Clamp<f32>, bool, Dst<'_, f32>),
) {
    let (mut expected, mut magnitudes) = (vec![0f32; len], vec![0f32; len]);
    run(numbers, clamp, false, Dst::from(&mut expected[..]));
    run(&numbers.magnitudes(), NONE, false, Dst::from(&mut magnitudes[..]));
    let mut memory = vec![GARBAGE; len + 2 * GUARD];
    watch.begin();
    run(numbers, clamp, true, Dst::from(&mut memory[GUARD..GUARD + len]));
    watch.end();
    let near =
        memory[GUARD..].iter().zip(&expected).zip(&magnitudes).all(
            |((value, expected), magnitude)| (value - expected).abs() <= TOLERANCE * magnitude,
        );
    let guards = memory[..GUARD].iter().chain(&memory[GUARD + len..]);
    let is_intact = guards.copied().all(|value| value == GARBAGE);
    watch.case(name, macs as u64, near && is_intact);
}

fn bounds(case: usize) -> Clamp<f32> {
    [NONE, Clamp { min: 0.0, max: 6.0 }, Clamp { min: 0.0, max: f32::MAX }][case % 3]
}

fn conv(
    cpu: Cpu,
    window: &Window,
    (inputs, group, outputs): (usize, usize, usize),
    case: usize,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let kernel = window.kernel[0] * window.kernel[1];
    let bias = outputs * (case % 2);
    let numbers = Numbers::new(random, pixels(window) * inputs, outputs * kernel * group, bias);
    let len = window.batch * window.output[0] * window.output[1] * outputs;
    let name = format!("conv_f32: {window:?} {inputs} {group} {outputs}");
    let clamp = bounds(case);
    compare(&name, len, len * kernel * group, &numbers, clamp, watch, |numbers, clamp, fast, y| {
        let conv = ConvF32 {
            window: *window,
            in_channels: inputs,
            out_channels: outputs,
            group_channels: group,
            clamp,
            weights: Src::from(&numbers.weights[..]),
            bias: Src::from(&numbers.bias[..]),
        };
        let x = Src::from(&numbers.x[..]);
        if fast { native::conv_f32(cpu, &conv, x, y) } else { conv_f32(&conv, x, y) }
    });
}

fn depthwise(
    cpu: Cpu,
    window: &Window,
    (channels, multiplier): (usize, usize),
    case: usize,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let kernel = window.kernel[0] * window.kernel[1];
    let outputs = channels * multiplier;
    let bias = outputs * (case % 2);
    let numbers = Numbers::new(random, pixels(window) * channels, outputs * kernel, bias);
    let len = window.batch * window.output[0] * window.output[1] * outputs;
    let name = format!("depthwise_f32: {window:?} {channels} {multiplier}");
    let clamp = bounds(case);
    compare(&name, len, len * kernel, &numbers, clamp, watch, |numbers, clamp, fast, y| {
        let conv = DepthwiseF32 {
            window: *window,
            in_channels: channels,
            multiplier,
            clamp,
            weights: Src::from(&numbers.weights[..]),
            bias: Src::from(&numbers.bias[..]),
        };
        let x = Src::from(&numbers.x[..]);
        if fast { native::depthwise_f32(cpu, &conv, x, y) } else { depthwise_f32(&conv, x, y) }
    });
}

fn fully_connected(
    cpu: Cpu,
    [batch, depth, outputs]: [usize; 3],
    case: usize,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let bias = outputs * (case % 2);
    let numbers = Numbers::new(random, batch * depth, outputs * depth, bias);
    let name = format!("fully_connected_f32: {batch} {depth} {outputs}");
    let (len, clamp) = (batch * outputs, bounds(case));
    compare(&name, len, len * depth, &numbers, clamp, watch, |numbers, clamp, fast, y| {
        let layer = FullyConnectedF32 {
            batch,
            depth,
            outputs,
            clamp,
            weights: Src::from(&numbers.weights[..]),
            bias: Src::from(&numbers.bias[..]),
        };
        let x = Src::from(&numbers.x[..]);
        if fast {
            native::fully_connected_f32(cpu, &layer, x, y);
        } else {
            fully_connected_f32(&layer, x, y);
        }
    });
}

/// All shapes.
pub fn run(cpu: Cpu, watch: &mut dyn Watch) {
    let mut random = Random(1);
    for (case, window) in windows().into_iter().chain(layers::windows()).enumerate() {
        for channels in
            [(1, 1, 1), (3, 3, 5), (8, 8, 4), (4, 2, 6), (4, 1, 8), (6, 3, 2), (17, 17, 9)]
        {
            conv(cpu, &window, channels, case, &mut random, watch);
        }
        for channels in [(1, 1), (5, 1), (8, 1), (1, 7), (3, 2), (19, 1)] {
            depthwise(cpu, &window, channels, case, &mut random, watch);
        }
    }
    let shapes = [
        [1, 1, 1],
        [1, 7, 3],
        [2, 8, 4],
        [3, 5, 9],
        [1, 33, 2],
        [2, 1, 5],
        [1, 64, 16],
        [5, 18, 7],
    ];
    for (case, shape) in shapes.into_iter().enumerate() {
        fully_connected(cpu, shape, case, &mut random, watch);
    }
}

/// Layers of the sizes that real networks have, for counting.
pub fn layers(cpu: Cpu, watch: &mut dyn Watch) {
    let mut random = Random(7);
    for (input, kernel, stride, channels) in [
        ([8, 8], [3, 3], 1, (64, 64, 64)),
        ([25, 5], [1, 1], 1, (64, 64, 64)),
        ([32, 32], [3, 3], 2, (3, 3, 16)),
    ] {
        let window = layers::same(input, kernel, stride);
        conv(cpu, &window, channels, 1, &mut random, watch);
    }
    depthwise(cpu, &layers::same([25, 5], [3, 3], 1), (64, 1), 1, &mut random, watch);
    fully_connected(cpu, [1, 640, 128], 1, &mut random, watch);
}
