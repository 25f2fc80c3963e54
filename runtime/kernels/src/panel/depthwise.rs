//! Depthwise convolution of floats with one output for each channel: lanes are channels, which follow
//! each other in the weights of the source, too.

use super::real::{Machine, Reals};
use super::walk::{Taps, place};
use crate::scalar::depthwise::DepthwiseF32;
use crate::{Dst, Src};

/// A layer whose lengths were checked.
pub(crate) struct Depthwise<'a> {
    layer: DepthwiseF32<'a>,
    x: *const f32,
    y: *mut f32,
}

/// Pixels of a tile.
const PIXELS: usize = 2;

/// # Safety
/// The processor has the machine's instructions.
#[inline(always)]
pub(crate) unsafe fn depthwise_f32<M: Machine>(
    p: &DepthwiseF32<'_>,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
) -> Option<()> {
    let (w, channels) = (&p.window, p.in_channels);
    let len = |size: [usize; 2]| w.batch * size[0] * size[1] * channels;
    let fits = p.multiplier == 1
        && channels >= 4
        && x.len() >= len(w.input)
        && y.len() >= len(w.output)
        && p.weights.len() >= w.kernel[0] * w.kernel[1] * channels
        && (p.bias.is_empty() || p.bias.len() >= channels);
    if !fits {
        return None;
    }
    let job = Depthwise { layer: *p, x: x.as_ptr(), y: y.as_mut_ptr() };
    // SAFETY: the lengths are those of the shape, and there are at least four channels.
    unsafe { M::depthwise(&job) };
    Some(())
}

impl Depthwise<'_> {
    /// Computes channels from `first` on as long as there are `N` vectors of them; returns the next.
    /// The last `N` of a layer may overlap those before, if `is_last`.
    ///
    /// # Safety
    /// The processor has the instructions; the layer has at least as many channels if `is_last`.
    #[inline(always)]
    pub unsafe fn channels<V: Reals, const N: usize>(&self, first: usize, is_last: bool) -> usize {
        let channels = self.layer.in_channels;
        let (mut first, width) = (first, N * V::LANES);
        while first + width <= channels {
            // SAFETY: the caller's; the channels are there.
            unsafe { self.block::<V, N>(first) };
            first += width;
        }
        if is_last && first < channels {
            // SAFETY: as above.
            unsafe { self.block::<V, N>(channels - width) };
        }
        first
    }

    /// All pixels of `N` vectors of channels.
    #[inline(always)]
    unsafe fn block<V: Reals, const N: usize>(&self, first: usize) {
        let w = &self.layer.window;
        let pixels = w.batch * w.output[0] * w.output[1];
        let mut at = 0;
        while at < pixels {
            let (place, count) = place(w, at, pixels, PIXELS);
            let channels = self.layer.in_channels;
            let taps = Taps::single(w, channels, place.count);
            let x = self.x.wrapping_add(place.pixel * channels + first);
            let weights = self.layer.weights.as_ptr().wrapping_add(place.tap * channels + first);
            let y = self.y.wrapping_add(at * channels + first);
            // SAFETY: the elements of the windows are inside the image.
            unsafe {
                if count == PIXELS {
                    self.tile::<V, N, PIXELS>(first, (x, weights), &taps, y);
                } else {
                    self.tile::<V, N, 1>(first, (x, weights), &taps, y);
                }
            }
            at += count;
        }
    }

    #[inline(always)]
    unsafe fn tile<V: Reals, const N: usize, const P: usize>(
        &self,
        first: usize,
        (x, weights): (*const f32, *const f32),
        taps: &Taps,
        y: *mut f32,
    ) {
        let DepthwiseF32 { window, in_channels, clamp, bias, .. } = self.layer;
        let step = window.stride[1] * in_channels;
        // SAFETY: the caller's.
        unsafe {
            let mut sums = [[V::zero(); N]; P];
            let (mut row, mut row_weights) = (x, weights);
            for _ in 0..taps.count[0] {
                let (mut at, mut tap) = (row, row_weights);
                for _ in 0..taps.count[1] {
                    for n in 0..N {
                        let weights = V::load(tap.wrapping_add(n * V::LANES));
                        for (p, sums) in sums.iter_mut().enumerate() {
                            let x = V::load(at.wrapping_add(p * step + n * V::LANES));
                            sums[n] = sums[n].add(x.mul(weights));
                        }
                    }
                    at = at.wrapping_add(taps.x[1]);
                    tap = tap.wrapping_add(taps.weights[1]);
                }
                row = row.wrapping_add(taps.x[0]);
                row_weights = row_weights.wrapping_add(taps.weights[0]);
            }
            let (min, max) = (V::splat(clamp.min), V::splat(clamp.max));
            for (p, sums) in sums.into_iter().enumerate() {
                for (n, mut sum) in sums.into_iter().enumerate() {
                    let lane = first + n * V::LANES;
                    if !bias.is_empty() {
                        sum = sum.add(V::load(bias.as_ptr().wrapping_add(lane)));
                    }
                    let y = y.wrapping_add(p * in_channels + n * V::LANES);
                    sum.clamp(min, max).store(y);
                }
            }
        }
    }
}
