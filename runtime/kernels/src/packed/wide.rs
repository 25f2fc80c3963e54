//! CONV_2D and FULLY_CONNECTED with 16-bit activations and packed weights of eight bits, one group:
//! `y[n,oy,ox,o] = clamp(requantize(bias[o] + sum of x[n,iy,ix,i] * w[o,ky,kx,i]))`.

use super::Layout;
use crate::cpu::{Cpu, Family, Part};
use crate::crew::Crew;
use crate::panel::layout::{Shape, Unit, serves};
use crate::{Clamp, Dst, Src, Window};

/// Shape and bounds of a packed layer with 16-bit activations. A fully connected layer is one whose
/// window has one element and moves over a row of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WideSpec {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Bounds of the output, within `[-32768, 32767]`.
    pub clamp: Clamp<i32>,
}

impl WideSpec {
    /// Elements of input and output; `None` if they do not fit 31 bits.
    pub fn lens(&self) -> Option<(usize, usize)> {
        self.shape().lens()
    }

    pub(crate) fn shape(&self) -> Shape {
        let Self { window, in_channels: inputs, out_channels: outputs, .. } = *self;
        Shape { window, inputs, outputs }
    }
}

/// How accumulators are requantized, as in [`Sums`](crate::scalar::s16::Sums).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WideForm {
    /// 32 bits, which wrap, with double rounding.
    Narrow = 0,
    /// 64 bits, with a reduced mantissa.
    Wide = 1,
    /// 64 bits, with factors of double precision.
    Real = 2,
}

impl WideForm {
    /// The form with this number.
    pub const fn from_u8(form: u8) -> Option<Self> {
        match form {
            0 => Some(Self::Narrow),
            1 => Some(Self::Wide),
            2 => Some(Self::Real),
            _ => None,
        }
    }
}

/// Bytes of a channel: the bias in 64 bits, three words of its factor, and each of its weights.
pub(crate) const UNIT: Unit = Unit { numbers: 20, weight: 1 };

/// A checked call: all lengths are those of the layout.
#[derive(Clone, Copy)]
pub struct Wide<'a> {
    #[allow(dead_code, reason = "families without optional instructions do not ask")]
    pub(crate) cpu: Cpu,
    pub(crate) form: WideForm,
    pub(crate) spec: WideSpec,
    pub(crate) packed: Src<'a, u8>,
    pub(crate) x: Src<'a, i16>,
    pub(crate) y: Dst<'a, i16>,
}

impl<'a> Wide<'a> {
    /// Checks lengths and alignment; `None` if one is wrong or this processor is not of the family.
    pub fn new(
        (cpu, family): (Cpu, Family),
        form: WideForm,
        spec: &WideSpec,
        packed: Src<'a, u8>,
        x: Src<'a, i16>,
        y: Dst<'a, i16>,
    ) -> Option<Self> {
        let layout = wide_layout(family, spec)?;
        let fits = spec.lens()? == (x.len(), y.len())
            && packed.len() == layout.packed_len
            && packed.is_aligned(16);
        let call = Self { cpu, form, spec: *spec, packed, x, y };
        (fits && cpu.runs(family)).then_some(call)
    }

    /// Computes everything, on the threads of a crew.
    #[inline]
    pub fn run(&self, crew: Crew<'_>) {
        let depth = self.spec.shape().depth().unwrap_or(0);
        let macs = (self.y.len() as u64).saturating_mul(depth as u64);
        // SAFETY: parts write outputs of their own; they read the input and the packed constant.
        // An output that overlaps one of them would be a wrong number, and packed steps do not
        // work in place.
        unsafe { crew.split(|| macs, Dst::empty(), |part, _| wide_s16(self, part)) }
    }
}

/// What every form needs; `None` if the family has no kernels for 16-bit activations, or is not
/// compiled in.
pub fn wide_layout(family: Family, spec: &WideSpec) -> Option<Layout> {
    spec.lens().filter(|_| serves(family))?;
    Some(Layout { packed_len: spec.shape().packed_len(UNIT)?, scratch_len: 0 })
}

/// Computes a part of the output.
#[inline]
pub fn wide_s16(call: &Wide<'_>, part: Part) {
    #[cfg(smidge_isa = "aarch64")]
    crate::aarch64::wide::wide_s16(call, part);
    #[cfg(smidge_isa = "x86_64")]
    crate::x86_64::wide::wide_s16(call, part);
    // A call exists only for the families of this processor.
    #[cfg(not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")))]
    let _ = (call, part);
}
