//! Pooling: sums and maxima of four channels at a time.

use super::words;
use crate::scalar::pool::{AverageRounding, Pool};
use crate::{Clamp, Cpu, Dst, Src, Window};

/// See [`average_s8`](crate::scalar::pool::average_s8).
#[inline]
pub fn average_s8(
    cpu: Cpu,
    p: &Pool<i32>,
    rounding: AverageRounding,
    x: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    let _ = cpu;
    #[cfg(smidge_isa = "x86_64")]
    if cpu.runs(crate::Family::X86) {
        // SAFETY: the processor is of the family, which has AVX2.
        return unsafe { crate::x86_64::pool::average_s8(p, rounding, x, y) };
    }
    #[cfg(smidge_isa = "mve")]
    if crate::mve::pool::average_s8(p, rounding, x, y) {
        return;
    }
    average(p, rounding, x, y);
}

/// See [`max_s8`](crate::scalar::pool::max_s8).
#[inline]
pub fn max_s8(cpu: Cpu, p: &Pool<i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    if crate::mve::pool::max_s8(p, x, y) {
        return;
    }
    maximum(p, x, y);
}

/// Pixels of an image: rows and columns, and the elements from one to the next.
#[derive(Clone, Copy)]
pub(super) struct Pixels {
    pub(super) first: *const i8,
    pub(super) count: [usize; 2],
    pub(super) step: [usize; 2],
}

impl Pixels {
    /// The same for kernels of vectors.
    #[cfg(smidge_isa = "aarch64")]
    pub(super) fn vectors(&self) -> crate::aarch64::pool::Pixels {
        crate::aarch64::pool::Pixels { first: self.first, count: self.count, step: self.step }
    }

    /// Calls `f` with every pixel of a group of channels.
    ///
    /// # Safety
    /// All are inside the input.
    #[inline(always)]
    unsafe fn each(&self, channel: usize, mut f: impl FnMut(*const i8)) {
        let mut row = self.first.wrapping_add(channel);
        for _ in 0..self.count[0] {
            let mut at = row;
            for _ in 0..self.count[1] {
                f(at);
                at = at.wrapping_add(self.step[1]);
            }
            row = row.wrapping_add(self.step[0]);
        }
    }

    /// The sum of a channel.
    ///
    /// # Safety
    /// All pixels are inside the input.
    #[inline(never)]
    pub(super) unsafe fn sum(&self, channel: usize) -> i32 {
        let mut sum = 0i32;
        // SAFETY: the caller vouches for the pixels.
        unsafe { self.each(channel, |at| sum = sum.wrapping_add(at.read().into())) };
        sum
    }

    /// Whether [`Self::sums`] can add them.
    #[inline(always)]
    pub(super) fn may_sum(&self) -> bool {
        self.len() <= 256 && words::may_read(self.first, self.step)
    }

    fn len(&self) -> usize {
        self.count[0].wrapping_mul(self.count[1])
    }

    /// The sums of four channels, two to a register.
    ///
    /// # Safety
    /// All pixels are inside the input, and [`Self::may_sum`] agrees.
    #[inline(always)]
    pub(super) unsafe fn sums(&self, channel: usize) -> [i32; 4] {
        let mut pairs = words::Pairs::default();
        // SAFETY: the caller vouches for the pixels.
        unsafe { self.each(channel, |at| pairs.add(words::read(at))) };
        pairs.sums(self.len() as i32)
    }
}

/// Whether input and output have at least the elements of all images.
#[inline]
pub(crate) fn fits(w: &Window, channels: usize, x: usize, y: usize) -> bool {
    w.lens(channels, channels).is_some_and(|(input, output)| input <= x && output <= y)
}

/// Calls `f` with the pixels of every window that are inside the image, and its outputs. Nothing if
/// input or output have another length than the window says.
#[inline(always)]
fn windows(
    w: &Window,
    channels: usize,
    (x, y): (Src<'_, i8>, Dst<'_, i8>),
    mut f: impl FnMut(Pixels, *mut i8),
) {
    if !fits(w, channels, x.len(), y.len()) {
        return;
    }
    let row = w.input[1] * channels;
    let (mut image, mut to) = (x.as_ptr(), y.as_mut_ptr());
    for _ in 0..w.batch {
        for oy in 0..w.output[0] {
            let rows = w.inside(0, oy);
            let top = w.input_at(0, oy, rows.start);
            for ox in 0..w.output[1] {
                let columns = w.inside(1, ox);
                let left = w.input_at(1, ox, columns.start);
                let mut pixels = Pixels {
                    first: image.wrapping_add(
                        top.wrapping_mul(row).wrapping_add(left.wrapping_mul(channels)),
                    ),
                    count: [rows.len(), columns.len()],
                    step: [row * w.dilation[0], channels * w.dilation[1]],
                };
                if pixels.step[0] == pixels.count[1] * pixels.step[1] {
                    // Rows that follow each other are one.
                    pixels.count = [1, pixels.count[0] * pixels.count[1]];
                }
                f(pixels, to);
                to = to.wrapping_add(channels);
            }
        }
        image = image.wrapping_add(w.input[0] * row);
    }
}

/// Calls `f` with the first channel of each group of four, the last of which may overlap the one
/// before; `false` if there are fewer.
#[inline(always)]
pub(super) fn groups(channels: usize, mut f: impl FnMut(usize)) -> bool {
    let Some(last) = channels.checked_sub(4) else { return false };
    let mut channel = 0;
    loop {
        f(channel);
        if channel >= last {
            return true;
        }
        channel = (channel + 4).min(last);
    }
}

/// Division by the number of elements.
#[derive(Clone, Copy)]
struct Divide {
    rounding: AverageRounding,
    count: i32,
    /// `2^18 / count`, rounded up, where that divides exactly.
    inverse: u32,
    clamp: Clamp<i32>,
}

impl Divide {
    #[inline]
    fn new(p: &Pool<i32>, rounding: AverageRounding, [rows, columns]: [usize; 2]) -> Self {
        let count = (rows * columns) as i32;
        // The numerator is below 257 / 2 * count, and the inverse at most (count - 1) / count too
        // large; so the quotient is off by less than 1 / count while 257 / 2 * count^2 < 2^18.
        let inverse = match count as u32 {
            count @ 1..=45 if cfg!(smidge_isa = "armv6m") => (1 << 18) / count + 1,
            _ => 0,
        };
        Self { rounding, count, inverse, clamp: p.clamp }
    }

    #[inline]
    fn quotient(&self, numerator: i32) -> i32 {
        if self.inverse > 0 {
            return ((numerator as u32).wrapping_mul(self.inverse) >> 18) as i32;
        }
        numerator.checked_div(self.count).unwrap_or(0)
    }

    /// The average of `count` values with this sum. Not inlined: there is one for each output only.
    #[inline(never)]
    fn apply(&self, sum: i32) -> i8 {
        let half = self.count >> 1;
        let average = match self.rounding {
            AverageRounding::AwayFromZero => {
                let magnitude = self.quotient(sum.wrapping_abs().wrapping_add(half));
                if sum > 0 { magnitude } else { -magnitude }
            }
            AverageRounding::Up if self.count == 0 => 0,
            AverageRounding::Up => {
                let raised = sum.wrapping_add(self.count.wrapping_mul(128)).wrapping_add(half);
                self.quotient(raised).wrapping_sub(128)
            }
        };
        self.clamp.apply(average) as i8
    }
}

fn average(p: &Pool<i32>, rounding: AverageRounding, x: Src<'_, i8>, y: Dst<'_, i8>) {
    windows(&p.window, p.channels, (x, y), |pixels, to| {
        #[cfg(smidge_isa = "aarch64")]
        {
            // SAFETY: the pixels are inside the image, and `to` has room for all channels.
            let done = unsafe {
                let pixels = pixels.vectors();
                crate::aarch64::pool::average(&pixels, p.channels, rounding, p.clamp, to)
            };
            if done {
                return;
            }
        }
        let divide = Divide::new(p, rounding, pixels.count);
        // SAFETY: the pixels are inside the image, and `to` has room for all channels.
        unsafe {
            let by_four = pixels.may_sum()
                && groups(p.channels, |channel| {
                    for (i, sum) in pixels.sums(channel).into_iter().enumerate() {
                        to.add(channel + i).write(divide.apply(sum));
                    }
                });
            if !by_four {
                for channel in 0..p.channels {
                    to.add(channel).write(divide.apply(pixels.sum(channel)));
                }
            }
        }
    });
}

fn maximum(p: &Pool<i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let clamp = |value: i8| value.max(p.clamp.min).min(p.clamp.max);
    windows(&p.window, p.channels, (x, y), |pixels, to| {
        #[cfg(smidge_isa = "aarch64")]
        {
            // SAFETY: the pixels are inside the image, and `to` has room for all channels.
            let done = unsafe {
                crate::aarch64::pool::maximum(&pixels.vectors(), p.channels, p.clamp, to)
            };
            if done {
                return;
            }
        }
        // SAFETY: the pixels are inside the image, and `to` has room for all channels.
        unsafe {
            let by_four = words::may_read(pixels.first, pixels.step)
                && groups(p.channels, |channel| {
                    let mut largest = 0x8080_8080;
                    pixels.each(channel, |at| largest = words::max(largest, words::read(at)));
                    for (i, byte) in largest.to_le_bytes().into_iter().enumerate() {
                        to.add(channel + i).write(clamp(byte as i8));
                    }
                });
            if !by_four {
                for channel in 0..p.channels {
                    let mut largest = i8::MIN;
                    pixels.each(channel, |at| largest = largest.max(at.read()));
                    to.add(channel).write(clamp(largest));
                }
            }
        }
    });
}
