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

/// Adds the products of `len` pixels' four channels with their weights; both have a distance from
/// one to the next.
///
/// # Safety
/// All values and weights can be read.
#[inline(always)]
pub(super) unsafe fn add_channels(
    x: (*const f32, usize),
    weights: (*const f32, usize),
    len: usize,
    sums: &mut [f32; 4],
) {
    cfg_select! {
        all(smidge_isa = "armv7em", target_abi = "eabihf") => {
            // SAFETY: as this function's.
            unsafe { crate::armv7em::float::channels(x, weights, len, sums.as_mut_ptr()) }
        }
        _ => {
            let (mut at, mut weight) = (x.0, weights.0);
            for _ in 0..len {
                // SAFETY: as this function's.
                let [a, b] = unsafe { [at, weight].map(|at| at.cast::<[f32; 4]>().read()) };
                for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                    *sum += a * b;
                }
                (at, weight) = (at.wrapping_add(x.1), weight.wrapping_add(weights.1));
            }
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
