//! CONV_2D and FULLY_CONNECTED in float32 with packed weights, one group:
//! `y[n,oy,ox,o] = clamp(sum of x[n,iy,ix,i] * w[o,ky,kx,i] + bias[o])`, added in this order.

use super::Layout;
use crate::cpu::{Cpu, Family, Part};
use crate::crew::Crew;
use crate::panel::layout::{self, Shape, Unit};
use crate::{Clamp, Dst, Src, Window};

/// Shape and bounds of a packed layer of floats. A fully connected layer is one whose window has one
/// element and moves over a row of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RealSpec {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
}

impl RealSpec {
    /// Elements of input and output; `None` if they do not fit 31 bits.
    pub fn lens(&self) -> Option<(usize, usize)> {
        self.shape().lens()
    }

    pub(crate) fn shape(&self) -> Shape {
        let Self { window, in_channels: inputs, out_channels: outputs, .. } = *self;
        Shape { window, inputs, outputs }
    }
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RealForm {
    /// As float32.
    Single = 0,
    /// As float16.
    Half = 1,
}

impl RealForm {
    /// The form with this number.
    pub const fn from_u8(form: u8) -> Option<Self> {
        match form {
            0 => Some(Self::Single),
            1 => Some(Self::Half),
            _ => None,
        }
    }

    /// Bytes of a channel: the bias, and each of its weights.
    pub(crate) const fn unit(self) -> Unit {
        Unit {
            numbers: 4,
            weight: match self {
                Self::Single => 4,
                Self::Half => 2,
            },
        }
    }
}

/// A checked call: all lengths are those of the layout.
#[derive(Clone, Copy)]
pub struct Real<'a> {
    #[allow(dead_code, reason = "families without optional instructions do not ask")]
    pub(crate) cpu: Cpu,
    pub(crate) form: RealForm,
    pub(crate) spec: RealSpec,
    pub(crate) packed: Src<'a, u8>,
    pub(crate) x: Src<'a, f32>,
    pub(crate) y: Dst<'a, f32>,
}

impl<'a> Real<'a> {
    /// Checks lengths and alignment; `None` if one is wrong or this processor is not of the family.
    pub fn new(
        (cpu, family): (Cpu, Family),
        form: RealForm,
        spec: &RealSpec,
        packed: Src<'a, u8>,
        x: Src<'a, f32>,
        y: Dst<'a, f32>,
    ) -> Option<Self> {
        let layout = real_layout(family, form, spec)?;
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
        unsafe { crew.split(|| macs, Dst::empty(), |part, _| real_f32(self, part)) }
    }
}

/// What a form needs; `None` if the family has no kernels for floats, or is not compiled in.
pub fn real_layout(family: Family, form: RealForm, spec: &RealSpec) -> Option<Layout> {
    spec.lens().filter(|_| layout::serves(family))?;
    Some(Layout { packed_len: spec.shape().packed_len(form.unit())?, scratch_len: 0 })
}

/// Computes a part of the output.
#[inline]
pub fn real_f32(call: &Real<'_>, part: Part) {
    #[cfg(smidge_isa = "aarch64")]
    crate::aarch64::real::real_f32(call, part);
    #[cfg(smidge_isa = "x86_64")]
    crate::x86_64::real::real_f32(call, part);
    // A call exists only for the families of this processor.
    #[cfg(not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")))]
    let _ = (call, part);
}
