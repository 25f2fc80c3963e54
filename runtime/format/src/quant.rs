//! Quantization of a tensor: `real = scale * (q - zero_point)`, per tensor or along one axis.
//!
//! On the device these numbers serve the people who fill inputs and read outputs; kernels use the
//! fixed-point multipliers that the converter derived from them.

use crate::bytes::{Record, range, u32_at};
use crate::tensor::NONE;

/// Bytes of a quantization record.
pub const QUANT_RECORD: usize = 16;

/// One quantization record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization<'m> {
    /// Scale, finite and above zero; of the first channel where there are channels.
    pub scale: f32,
    /// Zero point, in the tensor's type.
    pub zero_point: i32,
    /// Axis of the channels, or `None` for one scale per tensor.
    pub axis: Option<u16>,
    scales: &'m [u8],
}

impl<'m> Quantization<'m> {
    /// Decodes record `index`; `table` is the whole section. `None` if anything is out of bounds
    /// or a scale is not finite and positive.
    pub(crate) fn decode(table: &'m [u8], index: usize) -> Option<Self> {
        let record = Record::<QUANT_RECORD>::at(table, index.checked_mul(QUANT_RECORD)?)?;
        let axis = record.u16(8);
        let count = record.u16(10) as usize;
        let quantization = Self {
            scale: f32::from_bits(record.u32(0)),
            zero_point: record.u32(4) as i32,
            axis: (axis != NONE).then_some(axis),
            scales: range(table, record.u32(12) as usize, count.checked_mul(4)?)?,
        };
        let ok = |scale: f32| scale.is_finite() && scale > 0.0;
        (ok(quantization.scale) && quantization.scales().all(ok)).then_some(quantization)
    }

    /// The scales of the channels; empty for one scale per tensor.
    pub fn scales(&self) -> impl Iterator<Item = f32> + 'm {
        let scales = self.scales;
        (0..scales.len() / 4).map(move |i| f32::from_bits(u32_at(scales, 4 * i).unwrap_or(0)))
    }
}
