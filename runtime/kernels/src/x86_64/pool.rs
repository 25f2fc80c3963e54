//! Pooling, 8 channels at a time.

use crate::scalar::pool::{AverageRounding, Pool};
use crate::{Dst, Src};
use core::arch::x86_64::*;

/// Channels of a vector.
const LANES: usize = 8;

/// See [`average_s8`](crate::scalar::pool::average_s8).
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2,fma")]
pub(crate) unsafe fn average_s8(
    p: &Pool<i32>,
    rounding: AverageRounding,
    x: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    let channels = p.channels;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for first in (0..channels).step_by(LANES) {
            let valid = (channels - first).min(LANES);
            let mut sums = _mm256_setzero_si256();
            let mut count = 0;
            p.window.taps(n, oy, ox, |_, pixel| {
                let values = x.slice(pixel * channels + first, valid);
                // SAFETY: eight bytes are read of a slice of eight, or of a copy that
                // is longer.
                let bytes = unsafe {
                    if values.len() == LANES {
                        _mm_loadl_epi64(values.as_ptr().cast())
                    } else {
                        let mut eight = [0i8; 16];
                        eight.iter_mut().zip(values.iter()).for_each(|(to, from)| *to = from);
                        _mm_loadu_si128(eight.as_ptr().cast())
                    }
                };
                sums = _mm256_add_epi32(sums, _mm256_cvtepi8_epi32(bytes));
                count += 1;
            });
            let mut all = [0i32; LANES];
            // SAFETY: 32 bytes are stored to 32.
            unsafe { _mm256_storeu_si256(all.as_mut_ptr().cast(), sums) };
            for (i, sum) in all.into_iter().take(valid).enumerate() {
                y.set(at + first + i, p.clamp.apply(rounding.divide(sum, count)) as i8);
            }
        }
        at += channels;
    });
}
