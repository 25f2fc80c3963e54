//! Layers of floats with packed weights: bit for bit what [`scalar`](crate::scalar) has.

use super::guarded::Guarded;
use super::{Watch, layers};
use crate::packed::pack::{RealValues, RealWeights, pack_real, real_forms};
use crate::packed::{Real, RealForm, RealSpec, real_f32, real_layout};
use crate::scalar::conv::{ConvF32, conv_f32};
use crate::scalar::float16::Half;
use crate::testing::{Random, pixels, windows};
use crate::{Clamp, Cpu, Dst, Family, Part, Src, Window};
use alloc::{format, vec, vec::Vec};

/// Channels of input and output: tails of a vector and of a panel, several panels.
const CHANNELS: [(usize, usize); 8] =
    [(1, 1), (3, 5), (8, 8), (2, 12), (17, 16), (4, 19), (5, 33), (6, 48)];

fn bytes(values: &[f32]) -> Guarded {
    Guarded::of(&values.iter().flat_map(|value| value.to_ne_bytes()).collect::<Vec<_>>())
}

fn check(
    cpu: Cpu,
    family: Family,
    spec: &RealSpec,
    case: usize,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let Some(((x_len, y_len), depth)) = spec.lens().zip(spec.shape().depth()) else { return };
    let outputs = spec.out_channels;
    let x = bytes(&random.reals(x_len));
    // Half of the layers have weights of float16, of all magnitudes that are not infinite.
    let halves: Vec<u16> = (0..outputs * depth).map(|_| random.next() as u16 & 0xBFFF).collect();
    let is_half = case % 2 == 1;
    let values = if is_half {
        halves.iter().map(|&bits| Half(bits).to_f32()).collect()
    } else {
        random.reals(outputs * depth)
    };
    let bias = random.reals(if case.is_multiple_of(3) { outputs } else { 0 });
    let stored = if is_half { RealValues::Half(&halves) } else { RealValues::Single(&values) };
    let weights = RealWeights { values: stored, bias: &bias };
    let portable = ConvF32 {
        window: spec.window,
        in_channels: spec.in_channels,
        out_channels: outputs,
        group_channels: spec.in_channels,
        clamp: spec.clamp,
        weights: Src::from(&values[..]),
        bias: Src::from(&bias[..]),
    };
    let input = x.src().cast().unwrap_or(Src::empty());
    let mut expected = vec![0f32; y_len];
    conv_f32(&portable, input, Dst::from(&mut expected[..]));
    let expected = bytes(&expected);
    for form in real_forms(family, spec, &weights) {
        let packed = Guarded::of(&pack_real(spec, &weights));
        let form = RealForm::from_u8(form.id).unwrap_or(RealForm::Single);
        let layout = real_layout(family, form, spec).unwrap_or_default();
        for count in [1, 3] {
            let mut y = Guarded::new(4 * y_len, 0x77);
            let output = y.dst().cast().unwrap_or(Dst::empty());
            let call = Real::new((cpu, family), form, spec, packed.src(), input, output);
            if let Some(call) = call {
                watch.begin();
                for index in 0..count {
                    real_f32(&call, Part { index, count });
                }
                watch.end();
            }
            let is_complete = call.is_some() && layout.packed_len == packed.content().len();
            let is_same = y.content() == expected.content();
            let passed = is_complete && is_same && y.is_intact();
            let parts = if count > 1 { " in parts" } else { "" };
            let RealSpec { window, in_channels, .. } = spec;
            let name = format!(
                "real_f32/{family:?} {form:?}: {in_channels} -> {outputs}, {window:?}{parts}"
            );
            watch.run(&name, (y_len * depth) as u64, passed);
        }
    }
    watch.case_over();
}

fn bounds(case: usize) -> Clamp<f32> {
    let none = Clamp { min: f32::MIN, max: f32::MAX };
    [none, Clamp { min: 0.0, max: 0.6 }, Clamp { min: 0.0, max: f32::MAX }][case % 3]
}

/// A fully connected layer.
fn dense(batch: usize) -> Window {
    Window { batch: 1, ..layers::same([1, batch], [1, 1], 1) }
}

/// All shapes.
pub fn run(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(3);
    let rows = [1, 2, 3, 9, 17].map(dense);
    let windows = windows().into_iter().chain(layers::windows()).chain(rows);
    for (case, window) in windows.enumerate() {
        for (in_channels, out_channels) in CHANNELS {
            if pixels(&window) * in_channels * out_channels > 1 << 14 {
                continue;
            }
            let clamp = bounds(case + out_channels);
            let spec = RealSpec { window, in_channels, out_channels, clamp };
            check(cpu, family, &spec, case + out_channels, &mut random, watch);
        }
    }
}

/// Layers of the sizes that real networks have, for counting.
pub fn layers(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(8);
    let layers = [
        (layers::same([8, 8], [3, 3], 1), 64, 64),
        (layers::same([25, 5], [1, 1], 1), 64, 64),
        (layers::same([32, 32], [3, 3], 2), 3, 16),
        (dense(1), 640, 128),
    ];
    for (window, in_channels, out_channels) in layers {
        let spec = RealSpec { window, in_channels, out_channels, clamp: bounds(1) };
        for case in [0, 1] {
            check(cpu, family, &spec, case, &mut random, watch);
        }
    }
}
