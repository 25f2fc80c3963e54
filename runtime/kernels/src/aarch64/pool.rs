//! Pooling and means: 16 channels at a time, the last group over the one before it.

use super::elementwise::Scale;
use super::finish::Bounds;
use crate::Clamp;
use crate::scalar::pool::AverageRounding;
use core::arch::aarch64::*;

/// Channels of a group.
pub(crate) const GROUP: usize = 16;

/// Pixels: rows and columns, and the elements from one to the next.
#[derive(Clone, Copy)]
pub(crate) struct Pixels {
    pub first: *const i8,
    pub count: [usize; 2],
    pub step: [usize; 2],
}

/// Calls `f` with the first channel of each group; there are at least 16 channels.
#[inline(always)]
fn groups(channels: usize, mut f: impl FnMut(usize)) {
    let last = channels.saturating_sub(GROUP);
    let mut channel = 0;
    while channel < last {
        f(channel);
        channel += GROUP;
    }
    f(last);
}

impl Pixels {
    /// Calls `f` with 16 channels of every pixel.
    ///
    /// # Safety
    /// They can be read.
    #[inline(always)]
    unsafe fn each(&self, channel: usize, mut f: impl FnMut(int8x16_t)) {
        let mut row = self.first.wrapping_add(channel);
        for _ in 0..self.count[0] {
            let mut at = row;
            for _ in 0..self.count[1] {
                // SAFETY: the caller's.
                f(unsafe { vld1q_s8(at) });
                at = at.wrapping_add(self.step[1]);
            }
            row = row.wrapping_add(self.step[0]);
        }
    }

    /// The sums of 16 channels over at most 256 pixels, in halves.
    ///
    /// # Safety
    /// They can be read.
    #[inline(always)]
    unsafe fn sums(&self, channel: usize) -> [int16x8_t; 2] {
        // SAFETY: the caller's. 256 times -128 still fits.
        unsafe {
            let mut sums = [vdupq_n_s16(0); 2];
            self.each(channel, |v| {
                sums = [vaddw_s8(sums[0], vget_low_s8(v)), vaddw_high_s8(sums[1], v)];
            });
            sums
        }
    }

    /// How many there are.
    #[inline(always)]
    fn pixels(&self) -> usize {
        self.count[0].saturating_mul(self.count[1])
    }
}

/// Averages of the pixels for all channels; `false` if there are too few or too many.
///
/// # Safety
/// All channels of all pixels can be read, and of one be written at `y`.
pub(crate) unsafe fn average(
    pixels: &Pixels,
    channels: usize,
    rounding: AverageRounding,
    clamp: Clamp<i32>,
    y: *mut i8,
) -> bool {
    let count = pixels.pixels();
    if channels < GROUP || count == 0 || count > 256 {
        return false;
    }
    let half = (count >> 1) as i32;
    // The numerator is at most 257 * count: so times `inverse`, which is less than 1 / 2^32 too
    // large for each unit of `count`, its upper half is the quotient.
    let inverse = (u64::from(u32::MAX).checked_div(count as u64).unwrap_or(0) + 1) as u32;
    let raised = match rounding {
        AverageRounding::AwayFromZero => 0,
        AverageRounding::Up => 128 * count as i32,
    };
    let zero = if raised > 0 { -128 } else { 0 };
    let bounds = Bounds::new(zero, clamp);
    // SAFETY: the caller's; there are 16 channels.
    unsafe {
        let (inverse, half) = (vdupq_n_u32(inverse), vdupq_n_s32(half));
        let raised_by = vdupq_n_s32(raised);
        let quotient = |sum: int32x4_t| {
            if count == 1 {
                return vaddq_s32(sum, raised_by);
            }
            let magnitude = vabsq_s32(vaddq_s32(sum, raised_by));
            let numerator = vreinterpretq_u32_s32(vaddq_s32(magnitude, half));
            let low = vmull_u32(vget_low_u32(numerator), vget_low_u32(inverse));
            let high = vmull_high_u32(numerator, inverse);
            let upper = vuzp2q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high));
            // With the sum's sign; raised sums are not negative.
            let sign = if raised > 0 { vdupq_n_s32(0) } else { vshrq_n_s32::<31>(sum) };
            vsubq_s32(veorq_s32(vreinterpretq_s32_u32(upper), sign), sign)
        };
        groups(channels, |channel| {
            let [low, high] = pixels.sums(channel);
            let sums = [
                vmovl_s16(vget_low_s16(low)),
                vmovl_high_s16(low),
                vmovl_s16(vget_low_s16(high)),
                vmovl_high_s16(high),
            ];
            let sums = [quotient(sums[0]), quotient(sums[1]), quotient(sums[2]), quotient(sums[3])];
            vst1q_s8(y.add(channel), bounds.words(sums));
        });
    }
    true
}

/// Maxima of the pixels for all channels; `false` if there are too few.
///
/// # Safety
/// All channels of all pixels can be read, and of one be written at `y`.
pub(crate) unsafe fn maximum(
    pixels: &Pixels,
    channels: usize,
    clamp: Clamp<i8>,
    y: *mut i8,
) -> bool {
    if channels < GROUP {
        return false;
    }
    // SAFETY: the caller's; there are 16 channels.
    unsafe {
        let (min, max) = (vdupq_n_s8(clamp.min), vdupq_n_s8(clamp.max));
        groups(channels, |channel| {
            let mut largest = vdupq_n_s8(i8::MIN);
            pixels.each(channel, |v| largest = vmaxq_s8(largest, v));
            vst1q_s8(y.add(channel), vminq_s8(vmaxq_s8(largest, min), max));
        });
    }
    true
}

/// Sums plus `start`, scaled, plus the output's zero point; `false` if there are too few channels or
/// too many pixels.
///
/// # Safety
/// All channels of all pixels can be read, and of one be written at `y`.
pub(crate) unsafe fn mean(
    pixels: &Pixels,
    channels: usize,
    start: i32,
    factor: crate::Multiplier,
    zero: i32,
    y: *mut i8,
) -> bool {
    if channels < GROUP || pixels.pixels() > 256 {
        return false;
    }
    let bounds = Bounds::new(zero, Clamp { min: i8::MIN.into(), max: i8::MAX.into() });
    let scale = Scale::new(factor);
    // SAFETY: the caller's; there are 16 channels.
    unsafe {
        let start = vdupq_n_s32(start);
        groups(channels, |channel| {
            let [low, high] = pixels.sums(channel);
            let sums = [
                vaddw_s16(start, vget_low_s16(low)),
                vaddw_high_s16(start, low),
                vaddw_s16(start, vget_low_s16(high)),
                vaddw_high_s16(start, high),
            ];
            vst1q_s8(y.add(channel), bounds.words(sums.map(|sum| scale.apply(sum))));
        });
    }
    true
}
