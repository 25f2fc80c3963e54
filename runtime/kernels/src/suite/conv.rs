//! CONV_2D with packed weights.

use super::guarded::Guarded;
use super::layers::ConvLayer;
use super::{Watch, layers, narrow};
use crate::packed::pack::{Weights, conv_forms, pack_conv};
use crate::packed::{
    ALL_FORMS, Conv, ConvSpec, Memory, WINOGRAD, conv_layout, conv_s8, conv_winograd_s8,
};
use crate::scalar::conv::{ConvS8, conv_s8 as reference};
use crate::testing::{Random, windows};
use crate::{Clamp, Cpu, Dst, Family, Multiplier, Part, Rounding, Src};
use alloc::{format, vec, vec::Vec};

/// Channels of input and output: one, tails of 2, 4, 8 and 16, and multiples.
const CHANNELS: [(usize, usize); 12] = [
    (1, 1),
    (1, 8),
    (3, 5),
    (4, 4),
    (5, 16),
    (8, 3),
    (8, 6),
    (16, 9),
    (17, 18),
    (32, 33),
    (36, 4),
    (68, 2),
];

/// Channels for long rows: every number of blocks of 16 outputs up to four, and more.
const BLOCKS: [(usize, usize); 6] = [(3, 16), (2, 29), (5, 48), (4, 64), (1, 80), (3, 150)];

/// Magnitudes of weights: what needs bounds must be refused or right on all of them.
pub const MAGNITUDES: [(i8, i8); 4] = [(-128, 127), (-127, 127), (-8, 7), (-1, 1)];

/// A layer with its numbers.
pub struct Numbers {
    pub values: Vec<i8>,
    pub bias: Vec<i32>,
    pub factors: Vec<Multiplier>,
}

impl Numbers {
    /// Random numbers for `channels` outputs with `depth` weights each.
    pub fn new(
        random: &mut Random,
        channels: usize,
        depth: usize,
        (low, high): (i8, i8),
        bias: bool,
    ) -> Self {
        let span = (i32::from(high) - i32::from(low) + 1) as u32;
        let weight = |random: &mut Random| (i32::from(low) + (random.next() % span) as i32) as i8;
        let values = (0..channels * depth).map(|_| weight(random)).collect();
        let bias = random.i32s(if bias { channels } else { 0 }, 20_000);
        // Outputs spread over the whole range, whatever the depth and the weights.
        let reach = (depth as f64 * f64::from(span)).max(1.0);
        let shift = |random: &mut Random| {
            let mut shift = 1;
            let mut reach = reach;
            while reach > 1.0 {
                (reach, shift) = (reach / 2.0, shift - 1);
            }
            shift + (random.next() % 3) as i32
        };
        let factors = (0..channels)
            .map(|_| Multiplier {
                mantissa: (1 << 30) + (random.next() << 6) as i32,
                shift: shift(random),
            })
            .collect();
        Self { values, bias, factors }
    }

    /// The same weights with biases of up to 30 bits, and factors from the least to the largest:
    /// what a form cannot do exactly it must refuse.
    pub fn extreme(&self, random: &mut Random) -> Self {
        let bias = |random: &mut Random| ((random.next() << 8) as i32) >> (1 + random.next() % 24);
        let factor = |random: &mut Random| Multiplier {
            mantissa: match random.next() % 8 {
                0 => 0,
                1 => 1 << 30,
                2 => i32::MAX,
                _ => (1 << 30) + (random.next() << 6) as i32,
            },
            shift: (random.next() % 62) as i32 - 31,
        };
        Self {
            values: self.values.clone(),
            bias: self.factors.iter().map(|_| bias(random)).collect(),
            factors: self.factors.iter().map(|_| factor(random)).collect(),
        }
    }
}

/// A case's name: the first part says which axis a failure is on.
fn name(family: Family, form: u8, spec: &ConvSpec, extra: &str) -> alloc::string::String {
    let w = &spec.window;
    format!(
        "conv_s8/{family:?} form {form}: {}x{}x{}x{} -> {}x{}x{}, k {:?} s {:?} d {:?} p {:?} {extra}",
        w.batch,
        w.input[0],
        w.input[1],
        spec.in_channels,
        w.output[0],
        w.output[1],
        spec.out_channels,
        w.kernel,
        w.stride,
        w.dilation,
        w.pad
    )
}

/// Runs every form of a layer, whole and in parts.
pub fn check(
    cpu: Cpu,
    family: Family,
    spec: &ConvSpec,
    numbers: &Numbers,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let Some((x_len, y_len)) = spec.lens() else { return };
    let x = Guarded::of_i8(&random.i8s(x_len));
    let weights = Weights {
        values: &numbers.values,
        bias: &numbers.bias,
        factors: &numbers.factors,
        rounding: Rounding::Double,
        input_zero: spec.input_zero,
        output_zero: spec.output_zero,
        clamp: spec.clamp,
    };
    let mut expected = vec![0i8; y_len];
    let pairs: Vec<i32> = numbers.factors.iter().flat_map(|f| [f.mantissa, f.shift]).collect();
    let portable = ConvS8 {
        window: spec.window,
        in_channels: spec.in_channels,
        out_channels: spec.out_channels,
        group_channels: spec.in_channels,
        input_offset: -spec.input_zero,
        weights_offset: 0,
        output_offset: spec.output_zero,
        clamp: spec.clamp,
        weights: Src::from(&numbers.values[..]),
        bias: Src::from(&numbers.bias[..]),
        factors: Src::from(&pairs[..]),
    };
    reference(&portable, x.src_i8(), Dst::from(&mut expected[..]));
    let macs = (y_len * spec.depth().unwrap_or(0)) as u64;
    let forms = conv_forms(family, spec, &weights);
    if forms.is_empty() {
        let name = format!("conv_s8/{family:?} has no form for {spec:?}");
        watch.run(&name, 0, false);
    }
    narrow::conv((cpu, family), spec, &weights, &x, &expected, watch);
    for form in forms {
        let layout = conv_layout(family, form.id, spec).unwrap_or_default();
        let packed = Guarded::of(&pack_conv(family, form.id, spec, &weights));
        for count in [1, 3] {
            let mut y = Guarded::new(y_len, 0x77);
            let mut scratch = Guarded::new(layout.scratch_len, 0x5A);
            let call = Conv::new::<ALL_FORMS>(
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
                    if form.id & WINOGRAD == 0 {
                        conv_s8::<ALL_FORMS>(&call, Part { index, count });
                    } else {
                        conv_winograd_s8(&call, Part { index, count });
                    }
                }
                watch.end();
            }
            let passed = call.is_some() && y.is(&expected) && y.is_intact() && scratch.is_intact();
            let extra = if count > 1 { "in parts" } else { "" };
            watch.run(&name(family, form.id, spec, extra), macs, passed);
        }
    }
    watch.case_over();
}

/// All shapes.
pub fn run(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(1);
    let zeros = [(0, 0), (-128, -128), (127, 5), (-3, 127)];
    let mut case = 0;
    let short = windows().into_iter().chain(layers::windows()).map(|w| (w, &CHANNELS[..]));
    let long = layers::long_rows().into_iter().map(|w| (w, &BLOCKS[..]));
    for (window, channels) in short.chain(long) {
        for &(in_channels, out_channels) in channels {
            case += 1;
            let (input_zero, output_zero) = zeros[case % 4];
            let clamp = [
                Clamp { min: -128, max: 127 },
                Clamp { min: output_zero, max: 127 },
                Clamp { min: -100, max: 90 },
            ][case % 3];
            let spec =
                ConvSpec { window, in_channels, out_channels, input_zero, output_zero, clamp };
            let depth = spec.depth().unwrap_or(0);
            let magnitude = MAGNITUDES[case / 2 % 4];
            let numbers = Numbers::new(&mut random, out_channels, depth, magnitude, case % 5 != 0);
            check(cpu, family, &spec, &numbers, &mut random, watch);
            if case % 3 == 0 {
                let numbers = numbers.extreme(&mut random);
                check(cpu, family, &spec, &numbers, &mut random, watch);
            }
        }
    }
}

/// One real layer, for counting.
pub fn layer(cpu: Cpu, family: Family, layer: &ConvLayer, watch: &mut dyn Watch) {
    let mut random = Random(7);
    let spec = layer.spec();
    let depth = spec.depth().unwrap_or(0);
    let numbers = Numbers::new(&mut random, spec.out_channels, depth, (-7, 7), true);
    check(cpu, family, &spec, &numbers, &mut random, watch);
}
