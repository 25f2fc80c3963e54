//! DEPTHWISE_CONV_2D in int8 with packed weights, where output channel `o` reads input channel `o / m`:
//! `y[n,oy,ox,o] = clamp(requantize(bias[o] + sum of (x[n,iy,ix,o / m] - zero) * w[ky,kx,o]))`.

use super::{ALL_FORMS, Layout, Memory, has_form, product};
use crate::cpu::{Cpu, Family, Part};
use crate::crew::Crew;
use crate::{Clamp, Dst, Src, Window};

/// Shape and numbers of a packed depthwise convolution. Elements of the window outside the image read as the
/// input's zero point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthwiseSpec {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Output channels per input channel.
    pub multiplier: usize,
    /// The input's zero point, in `[-128, 127]`.
    pub input_zero: i32,
    /// The output's zero point, in `[-128, 127]`.
    pub output_zero: i32,
    /// Bounds of the output, within `[-128, 127]`.
    pub clamp: Clamp<i32>,
}

impl DepthwiseSpec {
    /// Bytes of input and output; `None` if they do not fit 31 bits, or a number of the window does
    /// not fit 16.
    pub fn lens(&self) -> Option<(usize, usize)> {
        let w = &self.window;
        if w.bits() >> 16 == 0 { w.lens(self.in_channels, self.out_channels()?) } else { None }
    }

    /// Channels of the output; `None` if they do not fit 31 bits.
    pub fn out_channels(&self) -> Option<usize> {
        product(&[self.in_channels, self.multiplier])
    }
}

/// A checked call: all lengths are those of the layout.
#[derive(Clone, Copy)]
pub struct Depthwise<'a> {
    #[allow(dead_code, reason = "families without optional instructions do not ask")]
    pub(crate) cpu: Cpu,
    pub(crate) family: Family,
    pub(crate) form: u8,
    pub(crate) spec: &'a DepthwiseSpec,
    pub(crate) packed: Src<'a, u8>,
    pub(crate) x: Src<'a, i8>,
    pub(crate) y: Dst<'a, i8>,
    pub(crate) scratch: Dst<'a, u8>,
}

impl<'a> Depthwise<'a> {
    /// Checks lengths and alignment; `None` if one is wrong, if the form is none of `FORMS` or if this
    /// processor is not of the family.
    pub fn new<const FORMS: u32>(
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a DepthwiseSpec,
        memory: Memory<'a>,
    ) -> Option<Self> {
        let layout = layout_of::<FORMS>(family, form, spec)?;
        let Memory { packed, x, y, scratch } = memory;
        let call = Self { cpu, family, form, spec, packed, x, y, scratch };
        (memory.fits(layout, spec.lens()?) && cpu.runs(family)).then_some(call)
    }

    /// Computes everything, on the threads of a crew; `FORMS` as for [`Self::new`].
    #[inline]
    pub fn run<const FORMS: u32>(&self, crew: Crew<'_>) {
        if crew.is_alone(|| self.macs()) {
            return depthwise_s8::<FORMS>(self, Part::ALL);
        }
        // SAFETY: parts write outputs of their own and scratch memory of their own; they read the
        // input and the packed constant. An output that overlaps one of them would be a wrong
        // number, and packed steps do not work in place.
        unsafe {
            crew.split(
                || self.macs(),
                self.scratch,
                |part, scratch| {
                    depthwise_s8::<FORMS>(&Self { scratch, ..*self }, part);
                },
            );
        }
    }

    /// Multiply-accumulates.
    fn macs(&self) -> u64 {
        let [height, width] = self.spec.window.kernel;
        (self.y.len() as u64).saturating_mul(height as u64).saturating_mul(width as u64)
    }
}

/// What a form needs; `None` if the family has no such form for this shape, or is not compiled in.
pub fn depthwise_layout(family: Family, form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    layout_of::<ALL_FORMS>(family, form, spec)
}

/// As [`depthwise_layout`], for some forms only.
#[inline]
fn layout_of<const FORMS: u32>(family: Family, form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    if !has_form(FORMS, form) {
        return None;
    }
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "armv6m"))]
        Family::Armv6m => crate::armv6m::layout::depthwise(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "armv7m"))]
        Family::Armv7m => crate::armv7m::layout::depthwise(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
        Family::Armv7em => crate::armv7em::layout::depthwise(FORMS, form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "mve"))]
        Family::Mve => crate::mve::layout::depthwise(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "rv32"))]
        Family::Rv32 => crate::rv32::layout::depthwise(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::Neon => crate::aarch64::neon::layout::depthwise(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::NeonDot => crate::aarch64::dot::layout::depthwise(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::NeonI8mm => crate::aarch64::i8mm::layout::depthwise(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "x86_64"))]
        Family::X86 => crate::x86_64::layout::depthwise(form, spec),
        #[cfg(not(feature = "pack"))]
        _ => None,
    }
}

/// Computes a part of the output; `FORMS` as for [`Depthwise::new`].
#[inline]
pub fn depthwise_s8<const FORMS: u32>(call: &Depthwise<'_>, part: Part) {
    let _ = part;
    if !has_form(FORMS, call.form) {
        return;
    }
    match call.family {
        #[cfg(smidge_isa = "armv6m")]
        Family::Armv6m => crate::armv6m::depthwise_s8(call, part),
        #[cfg(smidge_isa = "armv7m")]
        Family::Armv7m => crate::armv7m::depthwise_s8(call, part),
        #[cfg(smidge_isa = "armv7em")]
        Family::Armv7em => crate::armv7em::depthwise_s8::<FORMS>(call, part),
        #[cfg(smidge_isa = "mve")]
        Family::Mve => crate::mve::depthwise_s8(call, part),
        #[cfg(smidge_isa = "rv32")]
        Family::Rv32 => crate::rv32::depthwise_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::Neon => crate::aarch64::neon::depthwise_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::NeonDot => crate::aarch64::dot::depthwise_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::NeonI8mm => crate::aarch64::i8mm::depthwise_s8(call, part),
        #[cfg(smidge_isa = "x86_64")]
        Family::X86 => crate::x86_64::depthwise_s8(call, part),
        // A call exists only for the families of this processor.
        _ => {}
    }
}
