//! 16-bit activations and 4-bit weights.

use super::guarded::Guarded;
use super::{Watch, layers};
use crate::scalar::conv::ConvS8;
use crate::scalar::fully_connected::FullyConnectedS8;
use crate::scalar::s4;
use crate::scalar::s16::{self, ConvS16, DepthwiseS16, FullyConnectedS16, Sums};
use crate::testing::{Random, pixels, windows};
use crate::{Clamp, Cpu, Dst, Rounding, Src, Window, native};
use alloc::{format, vec, vec::Vec};

/// Input and output channels: one, tails of four, groups of four, many.
const CHANNELS: [(usize, usize); 6] = [(1, 1), (3, 5), (4, 4), (8, 6), (17, 3), (70, 7)];
/// Values of a row and outputs.
const LAYERS: [(usize, usize); 7] =
    [(1, 1), (2, 3), (7, 6), (64, 8), (255, 5), (257, 4), (1001, 3)];

const CLAMP: Clamp<i32> = Clamp { min: -31_000, max: 32_000 };
const CLAMP_S8: Clamp<i32> = Clamp { min: -120, max: 99 };

/// All cases.
pub fn run(cpu: Cpu, watch: &mut dyn Watch) {
    let mut random = Random(9);
    for (case, window) in windows().into_iter().enumerate() {
        for (inputs, outputs) in CHANNELS {
            conv_s16(cpu, case, window, (inputs, outputs), &mut random, watch);
            depthwise_s16(cpu, case, window, inputs, &mut random, watch);
            conv_s4(cpu, case, window, (inputs, outputs), &mut random, watch);
        }
    }
    for (case, layer) in LAYERS.into_iter().enumerate() {
        fully_connected_s16(cpu, case, layer, &mut random, watch);
        fully_connected_s4(cpu, case, layer, &mut random, watch);
    }
}

/// Layers of the sizes that real networks have, for counting.
pub fn layers(cpu: Cpu, watch: &mut dyn Watch) {
    let mut random = Random(6);
    for (input, kernel, channels) in [([8, 8], [3, 3], (64, 64)), ([25, 5], [1, 1], (64, 64))] {
        let window = layers::same(input, kernel, 1);
        conv_s16(cpu, 1, window, channels, &mut random, watch);
        conv_s4(cpu, 0, window, channels, &mut random, watch);
    }
    depthwise_s16(cpu, 1, layers::same([25, 5], [3, 3], 1), 64, &mut random, watch);
    fully_connected_s16(cpu, 1, (640, 128), &mut random, watch);
    fully_connected_s4(cpu, 0, (640, 128), &mut random, watch);
}

/// Bytes of 16-bit values, which a view needs at an even address.
fn wide(random: &mut Random, count: usize) -> Guarded {
    let bytes: Vec<u8> = random.i8s(2 * count).into_iter().map(|value| value as u8).collect();
    Guarded::of(&bytes)
}

fn values(memory: &Guarded) -> Src<'_, i16> {
    memory.src().cast().unwrap_or(Src::empty())
}

/// Runs both kernels on `len` 16-bit outputs and compares.
fn compare_s16(
    name: &str,
    (len, macs): (usize, usize),
    watch: &mut dyn Watch,
    reference: impl Fn(Dst<'_, i16>),
    fast: impl Fn(Dst<'_, i16>),
) {
    let mut expected = vec![0i16; len];
    reference(Dst::from(&mut expected[..]));
    let mut y = Guarded::new(2 * len, 0x77);
    watch.begin();
    fast(y.dst().cast().unwrap_or(Dst::empty()));
    watch.end();
    let same = values(&y).iter().eq(expected);
    watch.case(name, macs as u64, same && y.is_intact());
}

/// The same for 8-bit outputs.
fn compare_s8(
    name: &str,
    (len, macs): (usize, usize),
    watch: &mut dyn Watch,
    reference: impl Fn(Dst<'_, i8>),
    fast: impl Fn(Dst<'_, i8>),
) {
    let mut expected = vec![0i8; len];
    reference(Dst::from(&mut expected[..]));
    let mut y = Guarded::new(len, 0x77);
    watch.begin();
    fast(y.dst_i8());
    watch.end();
    watch.case(name, macs as u64, y.is(&expected) && y.is_intact());
}

/// Factors from about 1/2 to 1/2000.
fn factors(random: &mut Random, count: usize) -> Vec<i32> {
    let mut pair = || [(1 << 30) + random.next() as i32, -((random.next() % 11) as i32)];
    (0..count).flat_map(|_| pair()).collect()
}

fn positions(window: &Window) -> usize {
    window.batch * window.output[0] * window.output[1]
}

fn conv_s16(
    cpu: Cpu,
    case: usize,
    window: Window,
    (inputs, outputs): (usize, usize),
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let filter = window.kernel[0] * window.kernel[1] * inputs;
    let x = wide(random, pixels(&window) * inputs);
    let weights = Guarded::of_i8(&random.i8s(outputs * filter));
    let (bias, factors) = (random.i32s(outputs, 1 << 22), factors(random, outputs));
    let conv = ConvS16 {
        window,
        in_channels: inputs,
        out_channels: outputs,
        group_channels: inputs,
        clamp: CLAMP,
        weights: weights.src_i8(),
        sums: match case % 2 {
            0 => Sums::Narrow(Src::from(&bias[..])),
            _ => Sums::Wide(Src::empty()),
        },
        factors: Src::from(&factors[..]),
    };
    let len = positions(&window) * outputs;
    compare_s16(
        &format!("conv_s16: {inputs} -> {outputs}, {window:?}"),
        (len, len * filter),
        watch,
        |y| s16::conv_s16(&conv, values(&x), y),
        |y| native::conv_s16(cpu, &conv, values(&x), y),
    );
}

fn depthwise_s16(
    cpu: Cpu,
    case: usize,
    window: Window,
    channels: usize,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let taps = window.kernel[0] * window.kernel[1];
    let x = wide(random, pixels(&window) * channels);
    let weights = Guarded::of_i8(&random.i8s(taps * channels));
    let (bias, factors) = (random.i32s(channels, 1 << 20), factors(random, channels));
    let conv = DepthwiseS16 {
        window,
        in_channels: channels,
        multiplier: 1,
        clamp: CLAMP,
        weights: weights.src_i8(),
        sums: match case % 2 {
            0 => Sums::Narrow(Src::from(&bias[..])),
            _ => Sums::Wide(Src::empty()),
        },
        factors: Src::from(&factors[..]),
    };
    let len = positions(&window) * channels;
    compare_s16(
        &format!("depthwise_s16: {channels}, {window:?}"),
        (len, len * taps),
        watch,
        |y| s16::depthwise_s16(&conv, values(&x), y),
        |y| native::depthwise_s16(cpu, &conv, values(&x), y),
    );
}

fn conv_s4(
    cpu: Cpu,
    case: usize,
    window: Window,
    (inputs, outputs): (usize, usize),
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let filter = window.kernel[0] * window.kernel[1] * inputs;
    let x = Guarded::of_i8(&random.i8s(pixels(&window) * inputs));
    let weights = Guarded::of_i8(&random.i8s((outputs * filter).div_ceil(2)));
    let (bias, factors) = (random.i32s(outputs, 1 << 12), factors(random, outputs));
    let conv = ConvS8 {
        window,
        in_channels: inputs,
        out_channels: outputs,
        group_channels: inputs,
        input_offset: [0, 128, -127][case % 3],
        weights_offset: (case % 2) as i32,
        output_offset: -5,
        clamp: CLAMP_S8,
        weights: weights.src_i8(),
        bias: Src::from(&bias[..]),
        factors: Src::from(&factors[..]),
    };
    let len = positions(&window) * outputs;
    compare_s8(
        &format!("conv_s4: {inputs} -> {outputs}, {window:?}"),
        (len, len * filter),
        watch,
        |y| s4::conv_s4(&conv, x.src_i8(), y),
        |y| native::conv_s4(cpu, &conv, x.src_i8(), y),
    );
}

fn fully_connected_s16(
    cpu: Cpu,
    case: usize,
    (depth, outputs): (usize, usize),
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let batch = 1 + case % 2;
    let x = wide(random, batch * depth);
    let weights = Guarded::of_i8(&random.i8s(outputs * depth));
    let (bias, factors) = (vec![1i64 << 30; outputs], factors(random, outputs));
    let layer = FullyConnectedS16 {
        batch,
        depth,
        outputs,
        clamp: CLAMP,
        weights: weights.src_i8(),
        sums: Sums::Wide(Src::from(&bias[..])),
        factors: Src::from(&factors[..]),
    };
    let len = batch * outputs;
    compare_s16(
        &format!("fully_connected_s16: {batch} x {depth} -> {outputs}"),
        (len, len * depth),
        watch,
        |y| s16::fully_connected_s16(&layer, values(&x), y),
        |y| native::fully_connected_s16(cpu, &layer, values(&x), y),
    );
}

fn fully_connected_s4(
    cpu: Cpu,
    case: usize,
    (depth, outputs): (usize, usize),
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let batch = 1 + case % 2;
    let x = Guarded::of_i8(&random.i8s(batch * depth));
    let weights = Guarded::of_i8(&random.i8s((outputs * depth).div_ceil(2)));
    let factors = factors(random, outputs);
    let layer = FullyConnectedS8 {
        batch,
        depth,
        outputs,
        input_offset: [0, 128, -127][case % 3],
        weights_offset: (case % 2) as i32,
        output_offset: 7,
        clamp: CLAMP_S8,
        rounding: if case.is_multiple_of(2) { Rounding::Single } else { Rounding::Double },
        weights: weights.src_i8(),
        bias: Src::empty(),
        factors: Src::from(&factors[..]),
    };
    let len = batch * outputs;
    compare_s8(
        &format!("fully_connected_s4: {batch} x {depth} -> {outputs}"),
        (len, len * depth),
        watch,
        |y| s4::fully_connected_s4(&layer, x.src_i8(), y),
        |y| native::fully_connected_s4(cpu, &layer, x.src_i8(), y),
    );
}
