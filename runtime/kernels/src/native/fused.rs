//! Sums of products of floats.

/// Sums of two pixels by four outputs.
pub(super) type Sums = [[f32; 4]; 2];

/// Adds the products of `len` values of one or two pixels (the same one twice, if it is not a pair)
/// with the weights of up to four outputs: a pointer, the distance from one to the next, and how
/// many there are.
///
/// # Safety
/// All values and weights can be read.
#[inline(always)]
pub(super) unsafe fn add_products(
    x: [*const f32; 2],
    weights: (*const f32, usize, usize),
    len: usize,
    is_pair: bool,
    sums: &mut Sums,
) {
    let (first, step, count) = weights;
    // Missing outputs repeat the last one.
    let last = count.saturating_sub(1);
    let weights: [_; 4] = core::array::from_fn(|o| first.wrapping_add(o.min(last) * step));
    // SAFETY: as this function's.
    unsafe {
        cfg_select! {
            all(smidge_isa = "armv7em", target_abi = "eabihf") => {
                use crate::armv7em::float;
                let sums = sums.as_mut_ptr().cast();
                if is_pair {
                    float::pair(x, weights, len, sums);
                } else {
                    float::single(x[0], weights, len, sums);
                }
            }
            _ => {
                if is_pair { tile(x, weights, len, sums) } else { tile([x[0]], weights, len, sums) }
            }
        }
    }
}

/// Rows and columns of a window, and the distances from one to the next in the input and in the
/// weights.
#[derive(Clone, Copy)]
pub(crate) struct Walk {
    pub(crate) count: [usize; 2],
    pub(crate) x: [usize; 2],
    pub(crate) weights: [usize; 2],
}

impl Walk {
    /// Calls `f` for every element of the window.
    #[inline(always)]
    fn each(&self, x: *const f32, weights: *const f32, mut f: impl FnMut(*const f32, *const f32)) {
        let (mut row, mut taps) = (x, weights);
        for _ in 0..self.count[0] {
            let (mut at, mut tap) = (row, taps);
            for _ in 0..self.count[1] {
                f(at, tap);
                (at, tap) = (at.wrapping_add(self.x[1]), tap.wrapping_add(self.weights[1]));
            }
            row = row.wrapping_add(self.x[0]);
            taps = taps.wrapping_add(self.weights[0]);
        }
    }
}

/// Sums the products of a channel's values with its weights.
///
/// # Safety
/// All values and weights can be read.
#[inline(always)]
pub(super) unsafe fn add_channel(x: *const f32, weights: *const f32, walk: &Walk) -> f32 {
    let mut sum = 0.0;
    // SAFETY: as this function's.
    walk.each(x, weights, |at, tap| sum += unsafe { at.read() * tap.read() });
    sum
}

/// Adds the products of four channels' values with their weights.
///
/// # Safety
/// All values and weights can be read.
#[inline(always)]
pub(super) unsafe fn add_channels(
    x: *const f32,
    weights: *const f32,
    walk: &Walk,
    sums: &mut [f32; 4],
) {
    cfg_select! {
        all(smidge_isa = "armv7em", target_abi = "eabihf") => {
            // SAFETY: as this function's.
            unsafe { crate::armv7em::float::channels(x, weights, walk, sums.as_mut_ptr()) }
        }
        _ => {
            let mut totals = *sums;
            walk.each(x, weights, |at, tap| {
                // SAFETY: as this function's.
                let [a, b] = unsafe { [at, tap].map(|at| at.cast::<[f32; 4]>().read()) };
                for ((total, a), b) in totals.iter_mut().zip(a).zip(b) {
                    *total += a * b;
                }
            });
            *sums = totals;
        }
    }
}

/// # Safety
/// All values and weights can be read.
#[cfg(not(all(smidge_isa = "armv7em", target_abi = "eabihf")))]
unsafe fn tile<const PIXELS: usize>(
    x: [*const f32; PIXELS],
    weights: [*const f32; 4],
    len: usize,
    sums: &mut Sums,
) {
    let (mut x, mut weights, mut left) = (x, weights, len);
    let mut totals: [[f32; 4]; PIXELS] = [[0.0; 4]; PIXELS];
    for (total, sums) in totals.iter_mut().zip(sums.iter()) {
        *total = *sums;
    }
    macro_rules! step {
        ($count:literal) => {
            // SAFETY: at least as many values are left.
            unsafe {
                let values = x.map(|x| x.cast::<[f32; $count]>().read());
                for (o, weights) in weights.iter_mut().enumerate() {
                    let row = weights.cast::<[f32; $count]>().read();
                    for (total, values) in totals.iter_mut().zip(values) {
                        for (value, weight) in values.into_iter().zip(row) {
                            total[o] += value * weight;
                        }
                    }
                    *weights = weights.add($count);
                }
                x = x.map(|x| x.add($count));
                left -= $count;
            }
        };
    }
    while left >= 4 {
        step!(4);
    }
    while left > 0 {
        step!(1);
    }
    for (total, sums) in totals.iter().zip(sums.iter_mut()) {
        *sums = *total;
    }
}
