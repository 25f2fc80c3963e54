//! CONV_2D and FULLY_CONNECTED with packed weights of four bits, wherever weights are that small.

use super::Watch;
use super::guarded::Guarded;
use crate::packed::pack::{
    Weights, conv_s4_forms, fully_connected_s4_forms, pack_conv_s4, pack_fully_connected_s4,
};
use crate::packed::{
    Conv, ConvSpec, FullyConnected, FullyConnectedSpec, Layout, Memory, Narrow, conv_s4,
    conv_s4_layout, fully_connected_s4, fully_connected_s4_layout,
};
use crate::{Cpu, Dst, Family, Part, Src};
use alloc::format;

/// Runs one form, whole and in parts; `run` computes one of the parts and says whether it could.
fn compare(
    (name, macs): (&str, u64),
    (layout, packed): (Option<Layout>, &Guarded),
    expected: &[i8],
    watch: &mut dyn Watch,
    run: impl Fn(Src<'_, u8>, Dst<'_, i8>, Dst<'_, u8>, Part) -> bool,
) {
    let layout = layout.unwrap_or_default();
    for count in [1, 3] {
        let mut y = Guarded::new(expected.len(), 0x77);
        let mut scratch = Guarded::new(layout.scratch_len, 0x5A);
        watch.begin();
        let (to, memory) = (y.dst_i8(), scratch.dst());
        let ran = (0..count).all(|index| run(packed.src(), to, memory, Part { index, count }));
        watch.end();
        let passed = ran && y.is(expected) && y.is_intact() && scratch.is_intact();
        let parts = if count > 1 { " in parts" } else { "" };
        watch.run(&format!("{name}{parts}"), macs, passed);
    }
}

/// Every form of a convolution whose weights have four bits.
pub fn conv(
    (cpu, family): (Cpu, Family),
    spec: &ConvSpec,
    weights: &Weights<'_>,
    x: &Guarded,
    expected: &[i8],
    watch: &mut dyn Watch,
) {
    for form in conv_s4_forms(family, spec, weights) {
        let form = form.id;
        let packed = Guarded::of(&pack_conv_s4(family, form, spec, weights));
        let ConvSpec { window, in_channels, out_channels, .. } = spec;
        let name =
            format!("conv_s4/{family:?} form {form}: {in_channels} -> {out_channels}, {window:?}");
        let macs = (expected.len() * spec.depth().unwrap_or(0)) as u64;
        let layout = conv_s4_layout(family, form, spec);
        compare((&name, macs), (layout, &packed), expected, watch, |packed, y, scratch, part| {
            let memory = Memory { packed, x: x.src_i8(), y, scratch };
            let call = Narrow::<Conv>::new(cpu, family, form, spec, memory);
            call.inspect(|call| conv_s4(call, part)).is_some()
        });
    }
}

/// Every form of a fully connected layer whose weights have four bits.
pub fn fully_connected(
    (cpu, family): (Cpu, Family),
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
    x: &Guarded,
    expected: &[i8],
    watch: &mut dyn Watch,
) {
    for form in fully_connected_s4_forms(family, spec, weights) {
        let form = form.id;
        let packed = Guarded::of(&pack_fully_connected_s4(family, form, spec, weights));
        let FullyConnectedSpec { batch, depth, outputs, .. } = spec;
        let rounding = weights.rounding;
        let name = format!(
            "fully_connected_s4/{family:?} form {form}: {batch}x{depth} -> {outputs} {rounding:?}"
        );
        let macs = (expected.len() * depth) as u64;
        let layout = fully_connected_s4_layout(family, form, spec);
        compare((&name, macs), (layout, &packed), expected, watch, |packed, y, scratch, part| {
            let memory = Memory { packed, x: x.src_i8(), y, scratch };
            let call = Narrow::<FullyConnected>::new(cpu, family, form, spec, memory);
            call.inspect(|call| fully_connected_s4(call, part)).is_some()
        });
    }
}
