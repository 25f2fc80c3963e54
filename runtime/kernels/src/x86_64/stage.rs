//! Staging: the part of an image that windows touch, as unsigned bytes, with its border.

use super::layout::Stage;
use crate::Window;
use core::arch::x86_64::*;

/// Writes `count` bytes, each raised by 128.
///
/// # Safety
/// The processor has AVX2; `count` bytes can be read at `from` and written at `to`, and they do not
/// overlap.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn raise(from: *const i8, to: *mut u8, count: usize) {
    let raised = _mm256_set1_epi8(-128);
    // SAFETY: as above.
    unsafe {
        pieces(
            count,
            |at| {
                let bytes = _mm256_loadu_si256(from.add(at).cast());
                _mm256_storeu_si256(to.add(at).cast(), _mm256_xor_si256(bytes, raised));
            },
            |at| {
                let bytes = from.add(at).cast::<u64>().read_unaligned();
                to.add(at).cast::<u64>().write_unaligned(bytes ^ 0x8080_8080_8080_8080);
            },
            |at| to.add(at).write(from.add(at).read() as u8 ^ 0x80),
        );
    }
}

/// Writes `count` equal bytes.
///
/// # Safety
/// As [`raise`].
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn fill(to: *mut u8, value: u8, count: usize) {
    let all = _mm256_set1_epi8(value as i8);
    let eight = u64::from_ne_bytes([value; 8]);
    // SAFETY: as above.
    unsafe {
        pieces(
            count,
            |at| _mm256_storeu_si256(to.add(at).cast(), all),
            |at| to.add(at).cast::<u64>().write_unaligned(eight),
            |at| to.add(at).write(value),
        );
    }
}

/// Calls a function with the start of each piece of `count` bytes: pieces of 32, of 8, or single bytes,
/// of which the last may overlap the one before.
#[inline(always)]
fn pieces(count: usize, long: impl Fn(usize), middle: impl Fn(usize), short: impl Fn(usize)) {
    let mut at = 0;
    if count >= 32 {
        while at + 32 <= count {
            long(at);
            at += 32;
        }
        if at < count {
            long(count - 32);
        }
    } else if count >= 8 {
        while at + 8 <= count {
            middle(at);
            at += 8;
        }
        if at < count {
            middle(count - 8);
        }
    } else {
        (0..count).for_each(short);
    }
}

/// Stages the rows that output rows `rows` of image `n` touch, at their places in the whole stage.
/// Each input channel is written `copies` times; what a pixel has room for behind its channels stays.
///
/// # Safety
/// The processor has AVX2. `x` is the input of `batch * height * width * channels` bytes of `w`, with `stage.pixel` at least
/// `channels * copies`; `to` has room for the stage.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn image(
    w: &Window,
    stage: &Stage,
    (channels, copies): (usize, usize),
    zero: i32,
    (n, rows): (usize, core::ops::Range<usize>),
    x: *const i8,
    to: *mut u8,
) {
    let border = (zero + 128) as u8;
    let [height, width] = w.input;
    let first = rows.start * w.stride[0];
    let last = (rows.end.max(1) - 1) * w.stride[0] + (w.kernel[0] - 1) * w.dilation[0] + 1;
    // Columns of the stage that are inside the image.
    let left = w.pad[1].min(stage.size[1]);
    let right = (w.pad[1] + width).min(stage.size[1]).max(left);
    for row in first..last.min(stage.size[0]) {
        // SAFETY: `row` is a row of the stage, which has `stage.row()` bytes; what is read are
        // columns `left - pad .. right - pad` of a row of the image.
        unsafe {
            let to = to.add(row * stage.row());
            let inside = row >= w.pad[0] && row - w.pad[0] < height;
            if !inside {
                fill(to, border, stage.row());
                continue;
            }
            let from = x.add((n * height + row - w.pad[0]) * width * channels);
            fill(to, border, left * stage.pixel);
            let (to_inside, count) = (to.add(left * stage.pixel), (right - left) * channels);
            if copies == 1 && channels == stage.pixel {
                raise(from, to_inside, count);
            } else {
                for pixel in 0..right - left {
                    let (from, to) =
                        (from.add(pixel * channels), to_inside.add(pixel * stage.pixel));
                    if copies == 1 {
                        raise(from, to, channels);
                        continue;
                    }
                    for i in 0..channels {
                        let value = from.add(i).read() as u8 ^ 0x80;
                        to.add(i * copies).write_bytes(value, copies);
                    }
                }
            }
            let after = (stage.size[1] - right) * stage.pixel;
            fill(to.add(right * stage.pixel), border, after);
        }
    }
}
