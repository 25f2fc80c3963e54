//! Means: 16 outputs at a time, where neighbours of the output are neighbours of the input.

use super::pool::{Runs, add};
use crate::scalar::copy::{RANK, View};
use crate::scalar::reduce::MeanS8;
use crate::{Clamp, Dst, Src};

/// Dimensions of more than one element, innermost first, as `(count, step)`; those that follow each
/// other without a gap are one.
fn dimensions(view: &View) -> ([(usize, usize); RANK], usize) {
    let (mut found, mut len) = ([(1usize, 1usize); RANK], 0usize);
    for (&count, &step) in view.count.iter().zip(&view.step).rev() {
        let step = step as usize;
        if count == 1 {
            continue;
        }
        match found.get_mut(len.wrapping_sub(1)) {
            Some((inner, inner_step)) if inner.wrapping_mul(*inner_step) == step => *inner *= count,
            _ => {
                if let Some(next) = found.get_mut(len) {
                    *next = (count, step);
                    len += 1;
                }
            }
        }
    }
    (found, len)
}

/// See [`mean_s8`](crate::scalar::reduce::mean_s8); `false` for elements that are not in runs of
/// pixels, nothing is done then.
pub(crate) fn mean_s8(p: &MeanS8, x: Src<'_, i8>, y: Dst<'_, i8>) -> bool {
    let (reduced, kept) = (&p.walk.reduced, &p.walk.kept);
    let ([(pixels, step), ..], reduced_len) = dimensions(reduced);
    let ([(channels, 1), (outer, outer_step), ..], kept_len) = dimensions(kept) else {
        return false;
    };
    let (Some(count), Some(outputs)) = (reduced.elements(), kept.elements()) else { return false };
    let inside = {
        let outer_reach = outer.saturating_sub(1).saturating_mul(outer_step);
        let reach = pixels.saturating_sub(1).saturating_mul(step).saturating_add(outer_reach);
        let start =
            kept.start.saturating_add(reduced.start).saturating_add(channels.saturating_sub(1));
        start.saturating_add(reach) < x.len()
    };
    let simple = reduced_len <= 1 && kept_len <= 2 && kept_len > 0;
    if !simple || !inside || count == 0 || outputs > y.len() {
        return false;
    }
    let bias = p.input_offset.wrapping_mul(count as i32);
    let clamp = Clamp { min: i32::from(i8::MIN), max: i32::from(i8::MAX) };
    let mut to = y.as_mut_ptr();
    for image in 0..outer {
        let mut channel = 0;
        while channel < channels {
            let width = (channels - channel).min(16);
            let start = reduced.start + kept.start + image * outer_step + channel;
            let runs = Runs { start, count: 1, pixels, step: 0 };
            let mut sums = [0i32; 16];
            // SAFETY: the last element of the walk is inside the input, and so are all before it.
            unsafe { add(x.as_ptr(), runs, step, width, &mut sums) };
            for &sum in sums.iter().take(width) {
                let scaled = p.factor.double(sum.wrapping_add(bias)).wrapping_add(p.output_offset);
                // SAFETY: the output has room for all.
                unsafe { *to = clamp.apply(scaled) as i8 };
                to = to.wrapping_add(1);
            }
            channel += width;
        }
    }
    true
}
