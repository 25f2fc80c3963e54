//! Means: of channels, four at a time, where the last dimension is kept.

use super::pool::{Pixels, groups};
use super::scale::Scale;
use crate::scalar::copy::View;
use crate::scalar::reduce::{self, MeanS8, Reduce};
use crate::{Clamp, Cpu, Dst, Src};

/// See [`reduce::mean_s8`].
#[inline]
pub fn mean_s8(cpu: Cpu, p: &MeanS8, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    if crate::mve::reduce::mean_s8(p, x, y) {
        return;
    }
    if mean(p, x, y).is_none() {
        reduce::mean_s8(p, x, y);
    }
}

/// From sums to means.
#[derive(Clone, Copy)]
struct Finish {
    start: i32,
    scale: Scale,
    zero: i32,
}

impl Finish {
    /// Not inlined: there is one for each output only.
    #[inline(never)]
    fn apply(&self, sum: i32) -> i8 {
        let clamp: Clamp<i32> = Clamp { min: i8::MIN.into(), max: i8::MAX.into() };
        let scaled = self.scale.apply(self.start.wrapping_add(sum));
        clamp.apply(scaled.wrapping_add(self.zero)) as i8
    }
}

/// `None` if the reduced elements are not rows and columns of pixels.
fn mean(p: &MeanS8, x: Src<'_, i8>, y: Dst<'_, i8>) -> Option<()> {
    let Reduce { kept, reduced } = &p.walk;
    let [columns, rows] = reduced.levels()?;
    let mut all = *kept;
    for (count, other) in all.count.iter_mut().zip(reduced.count) {
        *count = (*count).max(other);
    }
    let outputs = kept.elements()?;
    if !all.is_inside(x.len()) || outputs > y.len() {
        return None;
    }
    let [.., channels] = kept.count;
    let start = p.input_offset.wrapping_mul(reduced.elements()? as i32);
    let finish = Finish { start, scale: Scale::new(p.factor), zero: p.output_offset };
    let mut to = y.as_mut_ptr();
    kept.rows(|row| {
        let pixels = Pixels {
            first: x.as_ptr().wrapping_offset(row),
            count: [rows.0, columns.0],
            step: [rows.1, columns.1],
        };
        #[cfg(smidge_isa = "aarch64")]
        {
            // SAFETY: every element is inside the input; there is room for the outputs.
            let done = unsafe {
                let pixels = pixels.vectors();
                crate::aarch64::pool::mean(&pixels, channels, start, p.factor, finish.zero, to)
            };
            if done {
                to = to.wrapping_add(channels);
                return;
            }
        }
        // SAFETY: every element is inside the input, and there are as many outputs as `y` has room
        // for, or fewer.
        unsafe {
            let by_four = pixels.may_sum()
                && groups(channels, |channel| {
                    for (i, sum) in pixels.sums(channel).into_iter().enumerate() {
                        to.add(channel + i).write(finish.apply(sum));
                    }
                });
            if !by_four {
                for channel in 0..channels {
                    to.add(channel).write(finish.apply(pixels.sum(channel)));
                }
            }
            to = to.add(channels);
        }
    });
    Some(())
}

impl View {
    /// Number and step of the elements along two dimensions that walk the box, inner first; `None`
    /// if it takes more.
    fn levels(&self) -> Option<[(usize, usize); 2]> {
        let mut levels = [(1, 0); 2];
        let mut at = 0;
        for (&count, &step) in self.count.iter().rev().zip(self.step.iter().rev()) {
            let step = usize::try_from(step).ok()?;
            let level = levels.get(at)?;
            if count == 1 {
                continue;
            }
            if level.0 == 1 {
                *levels.get_mut(at)? = (count, step);
            } else if step == level.0.wrapping_mul(level.1) {
                levels.get_mut(at)?.0 *= count;
            } else {
                at += 1;
                *levels.get_mut(at)? = (count, step);
            }
        }
        Some(levels)
    }
}
