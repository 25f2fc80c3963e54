//! Layers with 16-bit activations and packed weights.

use super::guarded::Guarded;
use super::{Watch, layers};
use crate::packed::pack::{WideWeights, pack_wide, wide_forms};
use crate::packed::{Wide, WideForm, WideSpec, wide_layout, wide_s16};
use crate::scalar::s16::{ConvS16, Sums, conv_s16};
use crate::testing::{Random, pixels, windows};
use crate::{Clamp, Cpu, Dst, Family, Part, Src, Window};
use alloc::{format, vec, vec::Vec};

/// Channels of input and output: tails of a vector and of a panel, more products than 32 bits hold.
const CHANNELS: [(usize, usize); 8] =
    [(1, 1), (3, 5), (8, 8), (2, 12), (17, 16), (4, 19), (9, 33), (290, 3)];

const CLAMP: Clamp<i32> = Clamp { min: -31_000, max: 32_000 };

/// The bytes of values that may be the extreme ones.
fn values(random: &mut Random, count: usize) -> Guarded {
    let value = |random: &mut Random| match random.next() % 8 {
        0 => i16::MIN,
        1 => i16::MAX,
        _ => random.next() as i16,
    };
    let bytes: Vec<u8> = (0..count).flat_map(|_| value(random).to_ne_bytes()).collect();
    Guarded::of(&bytes)
}

fn check(
    cpu: Cpu,
    family: Family,
    (spec, form): (&WideSpec, WideForm),
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let Some(((x_len, y_len), depth)) = spec.lens().zip(spec.shape().depth()) else { return };
    let outputs = spec.out_channels;
    let (x, weights) = (values(random, x_len), random.i8s(outputs * depth));
    let (bias, narrow) = (random.i32s(outputs, 1 << 22), form == WideForm::Narrow);
    let wide: Vec<i64> =
        bias.iter().map(|&bias| i64::from(bias) << if narrow { 0 } else { 9 }).collect();
    let factors: Vec<[i32; 3]> = (0..outputs)
        .map(|_| match form {
            WideForm::Real => {
                let high = (1 << 20) + (random.next() % (1 << 20)) as i32;
                [(random.next() << 8) as i32, high, -((random.next() % 20) as i32)]
            }
            _ => [(1 << 30) + random.next() as i32, -((random.next() % 14) as i32), 0],
        })
        .collect();
    let len = if form == WideForm::Real { 3 } else { 2 };
    let flat: Vec<i32> = factors.iter().flat_map(|factor| &factor[..len]).copied().collect();
    let portable = ConvS16 {
        window: spec.window,
        in_channels: spec.in_channels,
        out_channels: outputs,
        group_channels: spec.in_channels,
        clamp: spec.clamp,
        weights: Src::from(&weights[..]),
        sums: match form {
            WideForm::Narrow => Sums::Narrow(Src::from(&bias[..])),
            WideForm::Wide => Sums::Wide(Src::from(&wide[..])),
            WideForm::Real => Sums::Real(Src::from(&wide[..])),
        },
        factors: Src::from(&flat[..]),
    };
    let input = x.src().cast().unwrap_or(Src::empty());
    let mut expected = vec![0i16; y_len];
    conv_s16(&portable, input, Dst::from(&mut expected[..]));
    let expected: Vec<u8> = expected.into_iter().flat_map(i16::to_ne_bytes).collect();
    let packing = WideWeights { form, values: &weights, bias: &wide, factors: &factors };
    let layout = wide_layout(family, spec).unwrap_or_default();
    for _ in wide_forms(family, spec, &packing) {
        let packed = Guarded::of(&pack_wide(spec, &packing));
        for count in [1, 3] {
            let mut y = Guarded::new(2 * y_len, 0x77);
            let output = y.dst().cast().unwrap_or(Dst::empty());
            let call = Wide::new((cpu, family), form, spec, packed.src(), input, output);
            if let Some(call) = call {
                watch.begin();
                for index in 0..count {
                    wide_s16(&call, Part { index, count });
                }
                watch.end();
            }
            let is_complete = call.is_some() && layout.packed_len == packed.content().len();
            let passed = is_complete && y.content() == expected && y.is_intact();
            let parts = if count > 1 { " in parts" } else { "" };
            let WideSpec { window, in_channels, .. } = spec;
            let name = format!(
                "wide_s16/{family:?} {form:?}: {in_channels} -> {outputs}, {window:?}{parts}"
            );
            watch.run(&name, (y_len * depth) as u64, passed);
        }
    }
    watch.case_over();
}

/// A fully connected layer.
fn dense(batch: usize) -> Window {
    layers::same([1, batch], [1, 1], 1)
}

/// All shapes.
pub fn run(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(4);
    let forms = [WideForm::Narrow, WideForm::Wide, WideForm::Real];
    let rows = [1, 2, 3, 9, 17].map(dense);
    let windows = windows().into_iter().chain(layers::windows()).chain(rows);
    for (case, window) in windows.enumerate() {
        for (at, (in_channels, out_channels)) in CHANNELS.into_iter().enumerate() {
            if pixels(&window) * in_channels * out_channels > 1 << 14 {
                continue;
            }
            let spec = WideSpec { window, in_channels, out_channels, clamp: CLAMP };
            check(cpu, family, (&spec, forms[(case + at) % 3]), &mut random, watch);
        }
    }
}

/// Layers of the sizes that real networks have, for counting.
pub fn layers(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(5);
    let layers = [
        (layers::same([8, 8], [3, 3], 1), 64, 64, WideForm::Wide),
        (layers::same([25, 5], [1, 1], 1), 64, 64, WideForm::Wide),
        (dense(1), 640, 128, WideForm::Real),
    ];
    for (window, in_channels, out_channels, form) in layers {
        let spec = WideSpec { window, in_channels, out_channels, clamp: CLAMP };
        check(cpu, family, (&spec, form), &mut random, watch);
    }
}
