//! CONV_2D and FULLY_CONNECTED in int8 with weights of four bits: a form's packed constant with two
//! weights to a byte.
//!
//! The constant is seen as stretches of bytes that stay, and of weights. The weights of a stretch
//! stand in half as many bytes, the first half of them in the low bits, so that many become bytes
//! again in few instructions. That happens in scratch memory before a layer's kernel runs, except
//! where a family does it in smaller pieces.

use super::{
    ALL_FORMS, Conv, ConvSpec, FullyConnected, FullyConnectedSpec, Layout, Memory, conv_layout,
    conv_s8, fully_connected_layout, fully_connected_s8,
};
use crate::cpu::{Cpu, Family, Part};
use crate::crew::Crew;
use crate::{Dst, Src};

/// How a packed constant of int8 weights is made of stretches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretches {
    /// Bytes in front.
    pub lead: usize,
    /// Channels of all tiles, and of a tile that is not the last.
    pub channels: usize,
    pub tile: usize,
    /// Bytes of a tile's channel: before its weights, the weights, behind them.
    pub before: usize,
    pub weights: usize,
    pub after: usize,
}

impl Stretches {
    /// Calls `f` with the lengths of bytes that stay and of weights behind them, one after the
    /// other.
    #[inline(always)]
    pub fn each(&self, mut f: impl FnMut(usize, usize)) {
        f(self.lead, 0);
        let mut left = self.channels;
        while left > 0 && self.tile > 0 {
            let channels = left.min(self.tile);
            f(channels * self.before, channels * self.weights);
            f(channels * self.after, 0);
            left -= channels;
        }
    }

    /// Bytes of the constant with two weights to a byte.
    pub fn len(&self) -> usize {
        let mut len = 0;
        self.each(|bytes, weights| len += bytes + weights.div_ceil(2));
        len
    }

    /// Makes a constant of int8 weights.
    ///
    /// # Safety
    /// `from` has [`Self::len`] bytes, `to` has room for the constant.
    unsafe fn widen(&self, mut from: *const u8, mut to: *mut u8) {
        self.each(|bytes, weights| {
            // SAFETY: the stretches are in both, one behind the other.
            unsafe {
                from.copy_to_nonoverlapping(to, bytes);
                (from, to) = (from.add(bytes), to.add(bytes));
                let (half, both) = (weights.div_ceil(2), weights / 2);
                let (low, high) = (to.cast::<i8>(), to.cast::<i8>().add(half));
                let mut done = 0;
                while done + 16 <= both {
                    widen_16(from.add(done), low.add(done), high.add(done));
                    done += 16;
                }
                while done < half {
                    let byte = from.add(done).read() as i8;
                    low.add(done).write((byte << 4) >> 4);
                    if done < both {
                        high.add(done).write(byte >> 4);
                    }
                    done += 1;
                }
                (from, to) = (from.add(half), to.add(weights));
            }
        });
    }
}

#[cfg(smidge_isa = "aarch64")]
use crate::aarch64::stretches::widen_16;
#[cfg(smidge_isa = "x86_64")]
use crate::x86_64::stretches::widen_16;

/// The low halves of 16 bytes as bytes, and the high ones.
///
/// # Safety
/// 16 bytes can be read, and 16 written to each side.
#[cfg(not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")))]
unsafe fn widen_16(from: *const u8, low: *mut i8, high: *mut i8) {
    // SAFETY: the caller's.
    unsafe {
        let bytes = from.cast::<[i8; 16]>().read_unaligned();
        low.cast::<[i8; 16]>().write_unaligned(bytes.map(|byte| (byte << 4) >> 4));
        high.cast::<[i8; 16]>().write_unaligned(bytes.map(|byte| byte >> 4));
    }
}

/// A checked call whose weights have four bits.
#[derive(Clone, Copy)]
pub struct Narrow<C>(C);

impl<'a> Narrow<Conv<'a>> {
    /// As [`Conv::new`].
    pub fn new(
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a ConvSpec,
        memory: Memory<'a>,
    ) -> Option<Self> {
        let layout = conv_s4_layout(family, form, spec);
        Conv::checked(layout, cpu, family, form, spec, memory).map(Self)
    }

    /// Computes everything, on the threads of a crew.
    pub fn run(&self, crew: Crew<'_>) {
        // SAFETY: as for int8 weights.
        unsafe {
            crew.split(
                || self.0.macs(),
                self.0.scratch,
                |part, scratch| conv_s4(&Self(Conv { scratch, ..self.0 }), part),
            );
        }
    }
}

impl<'a> Narrow<FullyConnected<'a>> {
    /// As [`FullyConnected::new`].
    pub fn new(
        cpu: Cpu,
        family: Family,
        form: u8,
        spec: &'a FullyConnectedSpec,
        memory: Memory<'a>,
    ) -> Option<Self> {
        let layout = fully_connected_s4_layout(family, form, spec);
        FullyConnected::checked(layout, cpu, family, form, spec, memory).map(Self)
    }

    /// Computes everything, on the threads of a crew.
    pub fn run(&self, crew: Crew<'_>) {
        // SAFETY: as for int8 weights.
        unsafe {
            crew.split(
                || self.0.macs(),
                self.0.scratch,
                |part, scratch| {
                    fully_connected_s4(&Self(FullyConnected { scratch, ..self.0 }), part);
                },
            );
        }
    }
}

/// The stretches of a form of a convolution, where a family makes bytes of all weights at once.
pub(crate) fn conv_stretches(family: Family, form: u8, spec: &ConvSpec) -> Option<Stretches> {
    let _ = (form, spec);
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::Neon | Family::NeonDot | Family::NeonI8mm => {
            crate::aarch64::stretches::conv(family, form, spec)
        }
        #[cfg(any(feature = "pack", smidge_isa = "x86_64"))]
        Family::X86 => crate::x86_64::stretches::conv(form, spec),
        _ => None,
    }
}

/// The same for a fully connected layer.
pub(crate) fn fully_connected_stretches(
    family: Family,
    form: u8,
    spec: &FullyConnectedSpec,
) -> Option<Stretches> {
    let _ = (form, spec);
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
        Family::Neon | Family::NeonDot | Family::NeonI8mm => {
            crate::aarch64::stretches::fully_connected(family, form, spec)
        }
        #[cfg(any(feature = "pack", smidge_isa = "x86_64"))]
        Family::X86 => crate::x86_64::stretches::fully_connected(form, spec),
        _ => None,
    }
}

/// With room for the constant of int8 weights in front of a form's own scratch memory.
fn unpacked(stretches: Stretches, wide: Layout) -> Option<Layout> {
    let room = wide.packed_len.checked_next_multiple_of(16)?;
    let scratch_len = room.checked_add(wide.scratch_len)?;
    Some(Layout { packed_len: stretches.len(), scratch_len })
}

/// As [`conv_layout`], for weights of four bits.
pub fn conv_s4_layout(family: Family, form: u8, spec: &ConvSpec) -> Option<Layout> {
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
        Family::Armv7em => crate::armv7em::layout::conv_s4(form, spec),
        _ => unpacked(conv_stretches(family, form, spec)?, conv_layout(family, form, spec)?),
    }
}

/// As [`fully_connected_layout`], for weights of four bits.
pub fn fully_connected_s4_layout(
    family: Family,
    form: u8,
    spec: &FullyConnectedSpec,
) -> Option<Layout> {
    match family {
        #[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
        Family::Armv7em => crate::armv7em::layout::fully_connected_s4(form, spec),
        _ => {
            let stretches = fully_connected_stretches(family, form, spec)?;
            unpacked(stretches, fully_connected_layout(family, form, spec)?)
        }
    }
}

/// Makes bytes of a constant's weights at the start of the scratch memory: the constant, and the rest
/// of the memory.
fn widen<'a>(
    stretches: Stretches,
    packed: Src<'a, u8>,
    scratch: Dst<'a, u8>,
    len: usize,
) -> (Src<'a, u8>, Dst<'a, u8>) {
    let room = len.next_multiple_of(16);
    // SAFETY: the call has checked that the constant has all stretches, and that the scratch memory
    // has room for it with int8 weights.
    unsafe { stretches.widen(packed.as_ptr(), scratch.as_mut_ptr()) };
    (scratch.slice(0, len).as_src(), scratch.slice(room, scratch.len().saturating_sub(room)))
}

/// Computes a part of the output.
pub fn conv_s4(call: &Narrow<Conv<'_>>, part: Part) {
    let Conv { family, form, spec, packed, scratch, .. } = call.0;
    #[cfg(smidge_isa = "armv7em")]
    if family == Family::Armv7em {
        return crate::armv7em::conv_s4(&call.0, part);
    }
    let stretches = conv_stretches(family, form, spec);
    let Some((stretches, wide)) = stretches.zip(conv_layout(family, form, spec)) else { return };
    let (packed, scratch) = widen(stretches, packed, scratch, wide.packed_len);
    conv_s8::<ALL_FORMS>(&Conv { packed, scratch, ..call.0 }, part);
}

/// Computes a part of the output.
pub fn fully_connected_s4(call: &Narrow<FullyConnected<'_>>, part: Part) {
    let FullyConnected { family, form, spec, packed, scratch, .. } = call.0;
    #[cfg(smidge_isa = "armv7em")]
    if family == Family::Armv7em {
        return crate::armv7em::fully_connected_s4(&call.0, part);
    }
    let stretches = fully_connected_stretches(family, form, spec);
    let wide = fully_connected_layout(family, form, spec);
    let Some((stretches, wide)) = stretches.zip(wide) else { return };
    let (packed, scratch) = widen(stretches, packed, scratch, wide.packed_len);
    fully_connected_s8::<ALL_FORMS>(&FullyConnected { packed, scratch, ..call.0 }, part);
}
