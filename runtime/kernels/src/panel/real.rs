//! Products of floats.

use super::depthwise::Depthwise;
use super::layout::Unit;
use super::walk::{Kernel, Panel, Tile, run};
use crate::packed::{Real, RealForm};
use crate::{Clamp, Part};

/// A vector of floats.
///
/// # Safety
/// All functions need a processor with the vector's instructions.
pub(crate) trait Reals: Copy {
    /// How many.
    const LANES: usize;

    unsafe fn zero() -> Self;

    /// # Safety
    /// They can be read.
    unsafe fn load(from: *const f32) -> Self;

    /// As [`Self::load`], of float16.
    unsafe fn load_half(from: *const u16) -> Self;

    /// All lanes the same.
    unsafe fn splat(value: f32) -> Self;

    /// # Safety
    /// They can be written.
    unsafe fn store(self, to: *mut f32);

    unsafe fn add(self, other: Self) -> Self;

    unsafe fn mul(self, other: Self) -> Self;

    /// [`Clamp::apply`] of each.
    unsafe fn clamp(self, min: Self, max: Self) -> Self;

    /// Adds the products of `len` values of each pixel with the weights of `N` vectors of channels.
    ///
    /// # Safety
    /// All can be read.
    #[inline(always)]
    unsafe fn products<const HALF: bool, const N: usize, const P: usize>(
        sums: &mut [[Self; N]; P],
        x: [*const f32; P],
        w: *const u8,
        len: usize,
    ) {
        let mut w = w;
        for i in 0..len {
            // SAFETY: the caller's.
            unsafe {
                let weights = weights::<Self, HALF, N>(w);
                for (sums, x) in sums.iter_mut().zip(x) {
                    let value = Self::splat(x.add(i).read());
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum = sum.add(value.mul(weight));
                    }
                }
            }
            w = w.wrapping_add(N * Self::LANES * bytes(HALF));
        }
    }
}

/// Bytes of a weight.
pub(crate) const fn bytes(half: bool) -> usize {
    if half { 2 } else { 4 }
}

/// The weights of `N` vectors of channels.
///
/// # Safety
/// They can be read; the processor has the instructions.
#[inline(always)]
pub(crate) unsafe fn weights<V: Reals, const HALF: bool, const N: usize>(w: *const u8) -> [V; N] {
    // SAFETY: the caller's.
    core::array::from_fn(|n| unsafe {
        if HALF {
            V::load_half(w.cast::<u16>().add(n * V::LANES))
        } else {
            V::load(w.cast::<f32>().add(n * V::LANES))
        }
    })
}

/// A tile whose panel is `N` vectors wide.
///
/// # Safety
/// As [`Kernel::tile`]; the processor has the instructions.
#[inline(always)]
pub(crate) unsafe fn tile<V: Reals, const HALF: bool, const N: usize, const P: usize>(
    panel: &Panel,
    tile: &Tile<f32, f32>,
    bounds: Clamp<f32>,
) {
    let Tile { x, step, element, taps, y, out } = *tile;
    let size = N * V::LANES * bytes(HALF);
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [[V::zero(); N]; P];
        let (mut row, mut row_weights) = (x, panel.weights.wrapping_add(element * size));
        for _ in 0..taps.count[0] {
            let (mut at, mut weights) = (row, row_weights);
            for _ in 0..taps.count[1] {
                let pixels = core::array::from_fn(|p| at.wrapping_add(p * step));
                V::products::<HALF, N, P>(&mut sums, pixels, weights, taps.len);
                at = at.wrapping_add(taps.x[1]);
                weights = weights.wrapping_add(taps.weights[1] * size);
            }
            row = row.wrapping_add(taps.x[0]);
            row_weights = row_weights.wrapping_add(taps.weights[0] * size);
        }
        let bias: [V; N] =
            core::array::from_fn(|n| V::load(panel.numbers.cast::<f32>().add(n * V::LANES)));
        let (min, max) = (V::splat(bounds.min), V::splat(bounds.max));
        for (p, sums) in sums.into_iter().enumerate() {
            let y = y.wrapping_add(p * out);
            let mut left = panel.count;
            for (n, (sum, bias)) in sums.into_iter().zip(bias).enumerate() {
                let value = sum.add(bias).clamp(min, max);
                let y = y.wrapping_add(n * V::LANES);
                if left >= V::LANES {
                    value.store(y);
                    left -= V::LANES;
                } else {
                    let mut lanes = [0f32; 16];
                    value.store(lanes.as_mut_ptr());
                    for (i, lane) in lanes.into_iter().enumerate().take(left) {
                        y.wrapping_add(i).write(lane);
                    }
                    left = 0;
                }
            }
        }
    }
}

/// How panels of each width are made of vectors.
pub(crate) trait Machine {
    /// Pixels of the largest tile.
    const PIXELS: usize;

    /// A tile of a panel of any width.
    ///
    /// # Safety
    /// As [`Kernel::tile`]; the processor has the instructions.
    unsafe fn tile<const HALF: bool, const P: usize>(
        panel: &Panel,
        tile: &Tile<f32, f32>,
        bounds: Clamp<f32>,
    );

    /// A depthwise convolution of at least four channels.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn depthwise(job: &Depthwise<'_>);
}

struct Products<M, const HALF: bool> {
    bounds: Clamp<f32>,
    machine: core::marker::PhantomData<M>,
}

impl<M: Machine, const HALF: bool> Kernel for Products<M, HALF> {
    type X = f32;
    type Y = f32;

    fn unit(&self) -> Unit {
        if HALF { RealForm::Half.unit() } else { RealForm::Single.unit() }
    }

    fn pixels(&self) -> usize {
        M::PIXELS
    }

    #[inline(always)]
    unsafe fn tile<const P: usize>(&self, panel: &Panel, tile: &Tile<f32, f32>) {
        if P <= M::PIXELS {
            // SAFETY: the caller's.
            unsafe { M::tile::<HALF, P>(panel, tile, self.bounds) }
        }
    }
}

/// A part of a layer.
///
/// # Safety
/// The processor has the machine's instructions.
#[inline(always)]
pub(crate) unsafe fn real_f32<M: Machine>(call: &Real<'_>, part: Part) {
    let (shape, bounds) = (call.spec.shape(), call.spec.clamp);
    let memory = (call.x.as_ptr(), call.packed.as_ptr(), call.y.as_mut_ptr());
    let machine = core::marker::PhantomData::<M>;
    // SAFETY: the caller's; a call's lengths are those of its shape.
    unsafe {
        match call.form {
            RealForm::Single => {
                run(&Products::<M, false> { bounds, machine }, &shape, memory, part);
            }
            RealForm::Half => run(&Products::<M, true> { bounds, machine }, &shape, memory, part),
        }
    }
}
