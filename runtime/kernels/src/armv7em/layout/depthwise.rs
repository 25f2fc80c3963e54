//! DEPTHWISE_CONV_2D: bytes of packed constants and scratch memory.
//!
//! Both kernels look at one channel of a strip of neighbouring outputs at a time, whose inputs they
//! widen into scratch memory: rows of 16-bit values with the padding filled in.

use crate::packed::{DepthwiseSpec, Layout, has_form};

/// The general form: any window.
pub(crate) const GENERAL: u8 = 0;

/// Kernels of 3x3 with the short requantization.
pub(crate) const SHORT: u8 = 1;
/// Kernels of 3x3 with two roundings.
pub(crate) const TWICE: u8 = 2;
/// The shift of the short requantization.
pub(crate) const SHORT_SHIFT: u32 = 14;

/// Outputs of a strip in the general form.
pub(crate) const STRIP: usize = 4;
/// Bytes in front of a channel's weights in the general form: bias, mantissa, shift.
pub(crate) const NUMBERS: usize = 12;
/// Bytes of a strip's rows that the general form does not exceed if it can do with fewer.
const STRIP_BYTES: usize = 2048;

/// Bytes of a form for this shape; `None` for a form that it cannot have, or that is none of `forms`.
#[inline]
pub(crate) fn depthwise(forms: u32, form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    match form {
        GENERAL if has_form(forms, GENERAL) => {
            let plan = Plan::new(spec)?;
            let packed_len = spec.out_channels()?.checked_mul(plan.record())?;
            let values = plan.rows.checked_mul(plan.row)?.checked_add(plan.taps())?;
            Some(Layout { packed_len, scratch_len: values.checked_mul(2)? })
        }
        SHORT | TWICE if has_form(forms, SHORT) || has_form(forms, TWICE) => {
            let three = Three::new(spec)?;
            let packed_len = spec.out_channels()?.checked_mul(Three::RECORD)?;
            // Numbers of four channels, a word of zero points, the strip.
            let scratch_len = 160 + 4 + three.rows * Three::WORDS * 4;
            Some(Layout { packed_len, scratch_len })
        }
        _ => None,
    }
}

/// How kernels of 3x3 cut a layer: into bands of rows, and strips of two columns of outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Three {
    /// 1 or 2.
    pub(crate) stride: usize,
    /// Rows of a strip: at least those that one tile reads.
    pub(crate) rows: usize,
    /// Rows of outputs in a band.
    pub(crate) band: usize,
}

impl Three {
    /// Bytes of a channel in the packed constant: bias, mantissa, addend, nine weights, scale,
    /// shift.
    pub(crate) const RECORD: usize = 24;
    /// Words of a strip's row: three for each of four channels.
    pub(crate) const WORDS: usize = 12;

    /// Whether and how; a group of four channels must be there.
    pub(crate) fn new(spec: &DepthwiseSpec) -> Option<Self> {
        let w = &spec.window;
        let [stride, other] = w.stride;
        let fits = w.kernel == [3, 3]
            && w.dilation == [1, 1]
            && (stride == 1 || stride == 2)
            && stride == other
            && spec.multiplier == 1
            && spec.in_channels >= 4
            && w.pad[0].max(w.pad[1]) <= 1 << 16;
        let band = w.output[0].min(if stride == 1 { 96 } else { 48 });
        let rows = (band.max(2) - 1) * stride + 3;
        fits.then_some(Self { stride, rows, band })
    }
}

/// How the general form cuts a layer. A strip is [`STRIP`] outputs along one axis (the second, unless
/// the image is narrow), and some outputs across it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The axis along which a strip's outputs lie.
    pub(crate) along: usize,
    /// Kernel elements along it, made even by an element of zero.
    pub(crate) pairs: usize,
    /// Kernel elements across.
    pub(crate) across: usize,
    /// Values from one output's first input to the next one's; at most `pairs`, and overlapping
    /// if less.
    pub(crate) apart: usize,
    /// Values of a strip's row.
    pub(crate) row: usize,
    /// Rows of a strip.
    pub(crate) rows: usize,
    /// Outputs across a strip.
    pub(crate) band: usize,
}

impl Plan {
    /// The plan for a shape; `None` if its numbers do not fit 31 bits.
    pub(crate) fn new(spec: &DepthwiseSpec) -> Option<Self> {
        let w = &spec.window;
        let along = usize::from(w.output[1] >= STRIP || w.output[1] >= w.output[0]);
        let [across_axis, axis] = if along == 1 { [0, 1] } else { [1, 0] };
        for at in [0, 1] {
            let steps = w.output[at & 1].max(STRIP).checked_mul(w.stride[at & 1])?;
            let reach = w.kernel[at & 1].checked_mul(w.dilation[at & 1])?;
            let reach = steps.checked_add(reach)?.checked_add(w.input[at & 1])?;
            let is_sane = w.stride[at & 1] > 0 && w.dilation[at & 1] > 0 && w.kernel[at & 1] > 0;
            if !is_sane || reach.checked_add(w.pad[at & 1])? > i32::MAX as usize >> 1 {
                return None;
            }
        }
        let pairs = w.kernel[axis & 1].checked_next_multiple_of(2)?;
        let is_dense = w.dilation[axis & 1] == 1 && w.stride[axis & 1] <= pairs;
        let apart = if is_dense { w.stride[axis & 1] } else { pairs };
        let row = apart.checked_mul(STRIP - 1)?.checked_add(pairs)?;
        let across = w.kernel[across_axis & 1];
        let (mut band, mut rows) = (1usize, across);
        let step = w.stride[across_axis & 1];
        let row_bytes = row.checked_mul(2)?;
        while w.dilation[across_axis & 1] == 1
            && band < w.output[across_axis & 1]
            && rows.checked_add(step)?.checked_mul(row_bytes)? <= STRIP_BYTES
        {
            (band, rows) = (band + 1, rows + step);
        }
        pairs.checked_mul(across)?;
        Some(Self { along, pairs, across, apart, row, rows, band })
    }

    /// Weights of a channel.
    pub(crate) const fn taps(&self) -> usize {
        self.pairs.wrapping_mul(self.across)
    }

    /// Bytes of a channel in the packed constant.
    pub(crate) const fn record(&self) -> usize {
        NUMBERS.wrapping_add(self.taps().wrapping_add(3) & !3)
    }
}
