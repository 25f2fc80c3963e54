//! DEPTHWISE_CONV_2D with packed weights.

use super::conv::{MAGNITUDES, Numbers};
use super::guarded::Guarded;
use super::layers::DepthwiseLayer;
use super::{Watch, layers};
use crate::packed::pack::{Weights, depthwise_forms, pack_depthwise};
use crate::packed::{ALL_FORMS, Depthwise, DepthwiseSpec, Memory, depthwise_layout, depthwise_s8};
use crate::scalar::depthwise::{DepthwiseS8, depthwise_s8 as reference};
use crate::testing::{Random, windows};
use crate::{Clamp, Cpu, Dst, Family, Part, Rounding, Src};
use alloc::{format, vec, vec::Vec};

/// Channels of the input and depth multiplier: one, tails of 2, 4, 8 and 16, and multiples.
const CHANNELS: [(usize, usize); 9] =
    [(1, 1), (4, 1), (7, 1), (8, 1), (1, 8), (3, 2), (16, 1), (18, 1), (33, 1)];

/// A case's name: the first part says which axis a failure is on.
fn name(family: Family, form: u8, spec: &DepthwiseSpec, extra: &str) -> alloc::string::String {
    let w = &spec.window;
    format!(
        "depthwise_s8/{family:?} form {form}: {}x{}x{}x{} -> {}x{}x{}, k {:?} s {:?} d {:?} p {:?} {extra}",
        w.batch,
        w.input[0],
        w.input[1],
        spec.in_channels,
        w.output[0],
        w.output[1],
        spec.in_channels * spec.multiplier,
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
    spec: &DepthwiseSpec,
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
    let portable = DepthwiseS8 {
        window: spec.window,
        in_channels: spec.in_channels,
        multiplier: spec.multiplier,
        input_offset: -spec.input_zero,
        weights_offset: 0,
        output_offset: spec.output_zero,
        clamp: spec.clamp,
        weights: Src::from(&numbers.values[..]),
        bias: Src::from(&numbers.bias[..]),
        factors: Src::from(&pairs[..]),
    };
    reference(&portable, x.src_i8(), Dst::from(&mut expected[..]));
    let macs = (y_len * spec.window.kernel[0] * spec.window.kernel[1]) as u64;
    let forms = depthwise_forms(family, spec, &weights);
    if forms.is_empty() {
        let name = format!("depthwise_s8/{family:?} has no form for {spec:?}");
        watch.run(&name, 0, false);
    }
    for form in forms {
        let layout = depthwise_layout(family, form.id, spec).unwrap_or_default();
        let packed = Guarded::of(&pack_depthwise(family, form.id, spec, &weights));
        for count in [1, 3] {
            let mut y = Guarded::new(y_len, 0x77);
            let mut scratch = Guarded::new(layout.scratch_len, 0x5A);
            let call = Depthwise::new::<ALL_FORMS>(
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
                    depthwise_s8::<ALL_FORMS>(&call, Part { index, count });
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
    for window in windows().into_iter().chain(layers::windows()) {
        for (in_channels, multiplier) in CHANNELS {
            case += 1;
            let (input_zero, output_zero) = zeros[case % 4];
            let clamp = [
                Clamp { min: -128, max: 127 },
                Clamp { min: output_zero, max: 127 },
                Clamp { min: -100, max: 90 },
            ][case % 3];
            let spec =
                DepthwiseSpec { window, in_channels, multiplier, input_zero, output_zero, clamp };
            let depth = window.kernel[0] * window.kernel[1];
            let magnitude = MAGNITUDES[case / 2 % 4];
            let numbers = Numbers::new(
                &mut random,
                in_channels * multiplier,
                depth,
                magnitude,
                case % 5 != 0,
            );
            check(cpu, family, &spec, &numbers, &mut random, watch);
            let numbers = numbers.extreme(&mut random);
            check(cpu, family, &spec, &numbers, &mut random, watch);
        }
    }
}

/// One real layer, for counting.
pub fn layer(cpu: Cpu, family: Family, layer: &DepthwiseLayer, watch: &mut dyn Watch) {
    let mut random = Random(7);
    let spec = layer.spec();
    let depth = spec.window.kernel[0] * spec.window.kernel[1];
    let channels = spec.in_channels * spec.multiplier;
    let numbers = Numbers::new(&mut random, channels, depth, (-90, 90), true);
    check(cpu, family, &spec, &numbers, &mut random, watch);
}
