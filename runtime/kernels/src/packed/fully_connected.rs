//! FULLY_CONNECTED in int8 with packed weights:
//! `y[b,o] = clamp(requantize(bias[o] + sum of (x[b,i] - zero) * w[o,i]))`.

use super::{ALL_FORMS, Layout, Memory, has_form, product};
use crate::cpu::{Cpu, Family, Part};
use crate::crew::Crew;
use crate::{Clamp, Dst, Src};

/// Shape and numbers of a packed fully connected layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FullyConnectedSpec {
    /// Rows of the input.
    pub batch: usize,
    /// Values of a row.
    pub depth: usize,
    /// Values of an output row.
    pub outputs: usize,
    /// The input's zero point, in `[-128, 127]`.
    pub input_zero: i32,
    /// The output's zero point, in `[-128, 127]`.
    pub output_zero: i32,
    /// Bounds of the output, within `[-128, 127]`.
    pub clamp: Clamp<i32>,
}

impl FullyConnectedSpec {
    /// Bytes of input and output; `None` if they do not fit 31 bits.
    pub fn lens(&self) -> Option<(usize, usize)> {
        Some((product(&[self.batch, self.depth])?, product(&[self.batch, self.outputs])?))
    }
}

/// A checked call: all lengths are those of the layout.
#[derive(Clone, Copy)]
pub struct FullyConnected<'a> {
    #[allow(dead_code, reason = "families without optional instructions do not ask")]
    pub(crate) cpu: Cpu,
    pub(crate) family: Family,
    pub(crate) form: u8,
    pub(crate) spec: &'a FullyConnectedSpec,
    pub(crate) packed: Src<'a, u8>,
    pub(crate) x: Src<'a, i8>,
    pub(crate) y: Dst<'a, i8>,
    pub(crate) scratch: Dst<'a, u8>,
}

impl<'a> FullyConnected<'a> {
    /// Checks lengths and alignment; `None` if one is wrong, if the form is none of `FORMS` or if this
    /// processor is not of the family.
    pub fn new<const FORMS: u32>(
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a FullyConnectedSpec,
        memory: Memory<'a>,
    ) -> Option<Self> {
        let layout = layout_of::<FORMS>(family, form, spec);
        Self::checked(layout, cpu, family, form, spec, memory)
    }

    #[inline]
    pub(super) fn checked(
        layout: Option<Layout>,
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a FullyConnectedSpec,
        memory: Memory<'a>,
    ) -> Option<Self> {
        let layout = layout?;
        let Memory { packed, x, y, scratch } = memory;
        let call = Self { cpu, family, form, spec, packed, x, y, scratch };
        (memory.fits(layout, spec.lens()?) && cpu.runs(family)).then_some(call)
    }

    /// Computes everything, on the threads of a crew; `FORMS` as for [`Self::new`].
    #[inline]
    pub fn run<const FORMS: u32>(&self, crew: Crew<'_>) {
        if crew.is_alone(|| self.macs()) {
            return fully_connected_s8::<FORMS>(self, Part::ALL);
        }
        // SAFETY: parts write outputs of their own and scratch memory of their own; they read the
        // input and the packed constant. An output that overlaps one of them would be a wrong
        // number, and packed steps do not work in place.
        unsafe {
            crew.split(
                || self.macs(),
                self.scratch,
                |part, scratch| {
                    fully_connected_s8::<FORMS>(&Self { scratch, ..*self }, part);
                },
            );
        }
    }

    /// Multiply-accumulates.
    pub(super) fn macs(&self) -> u64 {
        (self.y.len() as u64).saturating_mul(self.spec.depth as u64)
    }
}

/// What a form needs; `None` if the family has no such form for this shape, or is not compiled in.
pub fn fully_connected_layout(
    family: Family,
    form: u8,
    spec: &FullyConnectedSpec,
) -> Option<Layout> {
    layout_of::<ALL_FORMS>(family, form, spec)
}

/// As [`fully_connected_layout`], for some forms only.
#[inline]
fn layout_of<const FORMS: u32>(
    family: Family,
    form: u8,
    spec: &FullyConnectedSpec,
) -> Option<Layout> {
    if !has_form(FORMS, form) {
        return None;
    }
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "armv6m"))]
        Family::Armv6m => crate::armv6m::layout::fully_connected(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "armv7m"))]
        Family::Armv7m => crate::armv7m::layout::fully_connected(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
        Family::Armv7em => crate::armv7em::layout::fully_connected(FORMS, form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "mve"))]
        Family::Mve => crate::mve::layout::fully_connected(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "rv32"))]
        Family::Rv32 => crate::rv32::layout::fully_connected(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::Neon => crate::aarch64::neon::layout::fully_connected(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::NeonDot => crate::aarch64::dot::layout::fully_connected(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::NeonI8mm => crate::aarch64::i8mm::layout::fully_connected(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "x86_64"))]
        Family::X86 => crate::x86_64::layout::fully_connected(form, spec),
        #[cfg(not(feature = "pack"))]
        _ => None,
    }
}

/// Computes a part of the output; `FORMS` as for [`FullyConnected::new`].
#[inline]
pub fn fully_connected_s8<const FORMS: u32>(call: &FullyConnected<'_>, part: Part) {
    let _ = part;
    if !has_form(FORMS, call.form) {
        return;
    }
    match call.family {
        #[cfg(smidge_isa = "armv6m")]
        Family::Armv6m => crate::armv6m::fully_connected_s8(call, part),
        #[cfg(smidge_isa = "armv7m")]
        Family::Armv7m => crate::armv7m::fully_connected_s8(call, part),
        #[cfg(smidge_isa = "armv7em")]
        Family::Armv7em => crate::armv7em::fully_connected_s8::<FORMS>(call, part),
        #[cfg(smidge_isa = "mve")]
        Family::Mve => crate::mve::fully_connected_s8(call, part),
        #[cfg(smidge_isa = "rv32")]
        Family::Rv32 => crate::rv32::fully_connected_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::Neon => crate::aarch64::neon::fully_connected_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::NeonDot => crate::aarch64::dot::fully_connected_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::NeonI8mm => crate::aarch64::i8mm::fully_connected_s8(call, part),
        #[cfg(smidge_isa = "x86_64")]
        Family::X86 => crate::x86_64::fully_connected_s8(call, part),
        // A call exists only for the families of this processor.
        _ => {}
    }
}
