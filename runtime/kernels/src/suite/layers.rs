//! Layers of the sizes that keyword spotting, image classification, person detection and anomaly
//! detection have: for counting instructions, and correct, too.

use super::{
    Watch, conv, depthwise, elementwise, families, float, fully_connected, panels, real, wide,
};
use crate::packed::{ConvSpec, DepthwiseSpec};
use crate::{Clamp, Cpu, Family, Window};
use alloc::vec::Vec;

/// A square-ish window with the padding SAME.
pub fn same(input: [usize; 2], kernel: [usize; 2], stride: usize) -> Window {
    let output = input.map(|n| n.div_ceil(stride));
    let pad = |axis: usize| {
        let extent = (output[axis] - 1) * stride + kernel[axis];
        extent.saturating_sub(input[axis]) / 2
    };
    Window {
        batch: 1,
        input,
        output,
        kernel,
        stride: [stride, stride],
        dilation: [1, 1],
        pad: [pad(0), pad(1)],
    }
}

/// Small windows of the common kinds, for the suites: 3x3 at both strides, odd and even sizes,
/// pointwise, wide and tall kernels, no padding.
pub fn windows() -> Vec<Window> {
    let mut windows = Vec::new();
    for input in [[4, 4], [5, 7], [8, 3], [9, 10], [1, 6], [13, 1]] {
        for stride in [1, 2] {
            windows.push(same(input, [3, 3], stride));
        }
        windows.push(same(input, [1, 1], 1));
    }
    windows.push(same([9, 6], [10, 4], 2));
    windows.push(same([6, 6], [5, 5], 1));
    windows.push(Window { pad: [0, 0], output: [4, 5], ..same([6, 7], [3, 3], 1) });
    windows.push(Window { batch: 3, ..same([5, 4], [3, 3], 1) });
    windows
}

/// Rows that are longer than a tile of pixels, with and without a border.
pub fn long_rows() -> [Window; 2] {
    [same([2, 21], [3, 3], 1), same([3, 11], [1, 1], 1)]
}

/// A convolution of a real network.
pub struct ConvLayer {
    window: Window,
    channels: (usize, usize),
    relu: bool,
}

impl ConvLayer {
    /// Its shape.
    pub fn spec(&self) -> ConvSpec {
        let min = if self.relu { -128 } else { -127 };
        ConvSpec {
            window: self.window,
            in_channels: self.channels.0,
            out_channels: self.channels.1,
            input_zero: -128,
            output_zero: if self.relu { -128 } else { 4 },
            clamp: Clamp { min, max: 127 },
        }
    }
}

/// A depthwise convolution of a real network, always with a ReLU.
pub struct DepthwiseLayer {
    window: Window,
    channels: usize,
}

impl DepthwiseLayer {
    /// Its shape.
    pub fn spec(&self) -> DepthwiseSpec {
        DepthwiseSpec {
            window: self.window,
            in_channels: self.channels,
            multiplier: 1,
            input_zero: -128,
            output_zero: -128,
            clamp: Clamp { min: -128, max: 127 },
        }
    }
}

/// Input size, kernel, stride, channels, ReLU.
type Conv = ([usize; 2], [usize; 2], usize, (usize, usize), bool);

const CONVS: [Conv; 20] = [
    ([32, 32], [3, 3], 1, (3, 16), true),
    ([32, 32], [3, 3], 1, (16, 16), true),
    ([32, 32], [3, 3], 1, (16, 16), false),
    ([32, 32], [3, 3], 2, (16, 32), true),
    ([16, 16], [3, 3], 1, (32, 32), false),
    ([32, 32], [1, 1], 2, (16, 32), false),
    ([16, 16], [3, 3], 2, (32, 64), true),
    ([8, 8], [3, 3], 1, (64, 64), false),
    ([16, 16], [1, 1], 2, (32, 64), false),
    ([49, 10], [10, 4], 2, (1, 64), true),
    ([25, 5], [1, 1], 1, (64, 64), true),
    ([96, 96], [3, 3], 2, (3, 8), true),
    ([48, 48], [1, 1], 1, (8, 16), true),
    ([24, 24], [1, 1], 1, (16, 32), true),
    ([24, 24], [1, 1], 1, (32, 32), true),
    ([12, 12], [1, 1], 1, (64, 60), true),
    ([6, 6], [1, 1], 1, (60, 106), true),
    ([6, 6], [1, 1], 1, (30, 19), true),
    ([3, 3], [1, 1], 1, (27, 31), true),
    ([6, 6], [1, 1], 1, (128, 128), true),
];

/// Input size, stride, channels.
const DEPTHWISE: [([usize; 2], usize, usize); 8] = [
    ([25, 5], 1, 64),
    ([48, 48], 1, 8),
    ([48, 48], 2, 16),
    ([24, 24], 1, 32),
    ([24, 24], 2, 32),
    ([12, 12], 1, 64),
    ([6, 6], 1, 106),
    ([3, 3], 1, 27),
];

/// Values of a row, outputs, ReLU.
const DENSE: [(usize, usize, bool); 6] = [
    (640, 128, true),
    (128, 128, true),
    (128, 8, true),
    (8, 128, true),
    (128, 640, false),
    (64, 12, false),
];

/// Runs every form of every layer, in every family that this processor is of.
pub fn run(watch: &mut dyn Watch) {
    let cpu = Cpu::detect();
    elementwise::layers(cpu, watch);
    float::layers(cpu, watch);
    wide::layers(cpu, watch);
    for family in families(cpu) {
        packed(cpu, family, watch);
        watch.again();
    }
}

/// The layers with packed weights.
fn packed(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    for (input, kernel, stride, channels, relu) in CONVS {
        let layer = ConvLayer { window: same(input, kernel, stride), channels, relu };
        conv::layer(cpu, family, &layer, watch);
    }
    for (input, stride, channels) in DEPTHWISE {
        let layer = DepthwiseLayer { window: same(input, [3, 3], stride), channels };
        depthwise::layer(cpu, family, &layer, watch);
    }
    for (depth, outputs, relu) in DENSE {
        fully_connected::layer(cpu, family, depth, outputs, relu, watch);
    }
    real::layers(cpu, family, watch);
    panels::layers(cpu, family, watch);
}
