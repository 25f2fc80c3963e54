//! CONV_2D in int8 with packed weights, one group:
//! `y[n,oy,ox,o] = clamp(requantize(bias[o] + sum of (x[n,iy,ix,i] - zero) * w[o,ky,kx,i]))`.

use super::{ALL_FORMS, Layout, Memory, has_form, product};
use crate::cpu::{Cpu, Family, Part};
use crate::crew::Crew;
use crate::{Clamp, Dst, Src, Window};

/// Shape and numbers of a packed convolution. Elements of the window outside the image read as the
/// input's zero point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvSpec {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// The input's zero point, in `[-128, 127]`.
    pub input_zero: i32,
    /// The output's zero point, in `[-128, 127]`.
    pub output_zero: i32,
    /// Bounds of the output, within `[-128, 127]`.
    pub clamp: Clamp<i32>,
}

impl ConvSpec {
    /// Bytes of input and output; `None` if they do not fit 31 bits, or a number of the window does
    /// not fit 16.
    pub fn lens(&self) -> Option<(usize, usize)> {
        let w = &self.window;
        if w.bits() >> 16 == 0 { w.lens(self.in_channels, self.out_channels) } else { None }
    }

    /// Weights of one output channel; `None` if they do not fit 31 bits.
    pub fn depth(&self) -> Option<usize> {
        product(&[self.window.kernel[0], self.window.kernel[1], self.in_channels])
    }
}

/// Forms whose number has this bit are Winograd's. Their kernels are apart, for [`Conv::winograd`]
/// and [`conv_winograd_s8`], so that a program without such a layer does not contain them.
pub const WINOGRAD: u8 = 0x80;

/// A checked call: all lengths are those of the layout.
#[derive(Clone, Copy)]
pub struct Conv<'a> {
    #[allow(dead_code, reason = "families without optional instructions do not ask")]
    pub(crate) cpu: Cpu,
    pub(crate) family: Family,
    pub(crate) form: u8,
    pub(crate) spec: &'a ConvSpec,
    pub(crate) packed: Src<'a, u8>,
    pub(crate) x: Src<'a, i8>,
    pub(crate) y: Dst<'a, i8>,
    pub(crate) scratch: Dst<'a, u8>,
}

impl<'a> Conv<'a> {
    /// Checks lengths and alignment; `None` if one is wrong, if the form is none of `FORMS` or if this
    /// processor is not of the family.
    pub fn new<const FORMS: u32>(
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a ConvSpec,
        memory: Memory<'a>,
    ) -> Option<Self> {
        let layout = layout_of::<FORMS>(family, form, spec);
        Self::checked(layout, cpu, family, form, spec, memory)
    }

    /// As [`Self::new`], for Winograd's forms.
    pub fn winograd(
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a ConvSpec,
        memory: Memory<'a>,
    ) -> Option<Self> {
        let layout = conv_winograd_layout(family, form, spec);
        Self::checked(layout, cpu, family, form, spec, memory)
    }

    #[inline]
    pub(super) fn checked(
        layout: Option<Layout>,
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a ConvSpec,
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
            return conv_s8::<FORMS>(self, Part::ALL);
        }
        // SAFETY: parts write outputs of their own and scratch memory of their own; they read the
        // input and the packed constant. An output that overlaps one of them would be a wrong
        // number, and packed steps do not work in place.
        unsafe {
            crew.split(
                || self.macs(),
                self.scratch,
                |part, scratch| {
                    conv_s8::<FORMS>(&Self { scratch, ..*self }, part);
                },
            );
        }
    }

    /// Multiply-accumulates.
    pub(super) fn macs(&self) -> u64 {
        (self.y.len() as u64).saturating_mul(self.spec.depth().unwrap_or(0) as u64)
    }
}

/// What one of Winograd's forms needs; `None` as for [`conv_layout`].
pub fn conv_winograd_layout(family: Family, form: u8, spec: &ConvSpec) -> Option<Layout> {
    let _ = (form, spec);
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
        Family::Armv7em => crate::armv7em::layout::conv_winograd(form, spec),
        _ => None,
    }
}

/// What a form needs; `None` if the family has no such form for this shape, or is not compiled in.
pub fn conv_layout(family: Family, form: u8, spec: &ConvSpec) -> Option<Layout> {
    layout_of::<ALL_FORMS>(family, form, spec)
}

/// As [`conv_layout`], for some forms only.
#[inline]
fn layout_of<const FORMS: u32>(family: Family, form: u8, spec: &ConvSpec) -> Option<Layout> {
    if !has_form(FORMS, form) {
        return None;
    }
    #[cfg(feature = "pack")]
    if form & WINOGRAD != 0 {
        return conv_winograd_layout(family, form, spec);
    }
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "armv6m"))]
        Family::Armv6m => crate::armv6m::layout::conv(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "armv7m"))]
        Family::Armv7m => crate::armv7m::layout::conv(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
        Family::Armv7em => crate::armv7em::layout::conv(FORMS, form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "mve"))]
        Family::Mve => crate::mve::layout::conv(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "rv32"))]
        Family::Rv32 => crate::rv32::layout::conv(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::Neon => crate::aarch64::neon::layout::conv(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::NeonDot => crate::aarch64::dot::layout::conv(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::NeonI8mm => crate::aarch64::i8mm::layout::conv(form, spec),
        #[cfg(any(feature = "pack", smidge_isa = "x86_64"))]
        Family::X86 => crate::x86_64::layout::conv(form, spec),
        #[cfg(not(feature = "pack"))]
        _ => None,
    }
}

/// Computes a part of the output; `FORMS` as for [`Conv::new`].
#[inline]
pub fn conv_s8<const FORMS: u32>(call: &Conv<'_>, part: Part) {
    let _ = part;
    if !has_form(FORMS, call.form) {
        return;
    }
    match call.family {
        #[cfg(smidge_isa = "armv6m")]
        Family::Armv6m => crate::armv6m::conv_s8(call, part),
        #[cfg(smidge_isa = "armv7m")]
        Family::Armv7m => crate::armv7m::conv_s8(call, part),
        #[cfg(smidge_isa = "armv7em")]
        Family::Armv7em => crate::armv7em::conv_s8::<FORMS>(call, part),
        #[cfg(smidge_isa = "mve")]
        Family::Mve => crate::mve::conv_s8(call, part),
        #[cfg(smidge_isa = "rv32")]
        Family::Rv32 => crate::rv32::conv_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::Neon => crate::aarch64::neon::conv_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::NeonDot => crate::aarch64::dot::conv_s8(call, part),
        #[cfg(smidge_isa = "aarch64")]
        Family::NeonI8mm => crate::aarch64::i8mm::conv_s8(call, part),
        #[cfg(smidge_isa = "x86_64")]
        Family::X86 => crate::x86_64::conv_s8(call, part),
        // A call exists only for the families of this processor.
        _ => {}
    }
}

/// Computes a part of the output in one of Winograd's forms.
#[inline]
pub fn conv_winograd_s8(call: &Conv<'_>, part: Part) {
    let _ = part;
    match call.family {
        #[cfg(smidge_isa = "armv7em")]
        Family::Armv7em => crate::armv7em::conv_winograd_s8(call, part),
        // A call exists only for the families of this processor.
        _ => {}
    }
}
