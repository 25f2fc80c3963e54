//! Products of 16-bit activations with weights of eight bits.

use super::layout::{Unit, WIDTH};
use super::walk::{Kernel, Panel, Taps, Tile, place, run};
use crate::packed::{WIDE_UNIT, Wide, WideForm};
use crate::requant::{Multiplier, RealFactor};
use crate::scalar::s16::DepthwiseS16;
use crate::{Clamp, Dst, Part, Src};

/// Products whose sum has 31 bits: each is at most 2^22.
const RUN: usize = 256;

/// A vector of sums of 32 bits.
///
/// # Safety
/// All functions need a processor with the vector's instructions.
pub(crate) trait Sums: Copy {
    /// How many.
    const LANES: usize;

    unsafe fn zero() -> Self;

    /// # Safety
    /// They can be written.
    unsafe fn store(self, to: *mut i32);

    /// Adds the products of `len` values of each pixel with the weights of `N` vectors of channels.
    ///
    /// # Safety
    /// All can be read.
    unsafe fn products<const N: usize, const P: usize>(
        sums: &mut [[Self; N]; P],
        x: [*const i16; P],
        w: *const i8,
        len: usize,
    );

    /// Adds the products of `N` vectors of values, one for each channel, with their weights.
    ///
    /// # Safety
    /// All can be read.
    unsafe fn channels<const N: usize>(sums: &mut [Self; N], x: *const i16, w: *const i8);
}

/// How panels of each width are made of vectors.
pub(crate) trait Machine {
    /// Pixels of the largest tile.
    const PIXELS: usize;

    /// A tile of a panel of any width.
    ///
    /// # Safety
    /// As [`Kernel::tile`]; the processor has the instructions.
    unsafe fn tile<const P: usize>(
        panel: &Panel,
        tile: &Tile<i16, i16>,
        form: WideForm,
        bounds: Clamp<i32>,
    );

    /// A depthwise convolution of at least eight channels.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn depthwise(job: &Depthwise<'_>);
}

/// A tile whose panel is `N` vectors wide.
///
/// # Safety
/// As [`Kernel::tile`]; the processor has the instructions.
#[inline(always)]
pub(crate) unsafe fn tile<V: Sums, const N: usize, const P: usize>(
    panel: &Panel,
    tile: &Tile<i16, i16>,
    form: WideForm,
    bounds: Clamp<i32>,
) {
    let Tile { x, step, element, taps, y, out } = *tile;
    let width = N * V::LANES;
    let mut totals = [[0i64; WIDTH]; P];
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [[V::zero(); N]; P];
        let mut room = RUN;
        let (mut row, mut row_weights) =
            (x, panel.weights.cast::<i8>().wrapping_add(element * width));
        for _ in 0..taps.count[0] {
            let (mut at, mut weights) = (row, row_weights);
            for _ in 0..taps.count[1] {
                let mut done = 0;
                while done < taps.len {
                    if room == 0 {
                        add(&mut totals, &mut sums);
                        room = RUN;
                    }
                    let len = room.min(taps.len - done);
                    let pixels = core::array::from_fn(|p| at.wrapping_add(p * step + done));
                    V::products(&mut sums, pixels, weights.wrapping_add(done * width), len);
                    (room, done) = (room - len, done + len);
                }
                at = at.wrapping_add(taps.x[1]);
                weights = weights.wrapping_add(taps.weights[1] * width);
            }
            row = row.wrapping_add(taps.x[0]);
            row_weights = row_weights.wrapping_add(taps.weights[0] * width);
        }
        add(&mut totals, &mut sums);
        let bias = panel.numbers.cast::<i64>();
        let factors = panel.numbers.wrapping_add(8 * width).cast::<[i32; 3]>();
        for lane in 0..panel.count.min(WIDTH) {
            let (bias, factor) =
                (bias.add(lane).read_unaligned(), factors.add(lane).read_unaligned());
            for (p, totals) in totals.iter().enumerate() {
                let sum = totals.get(lane).copied().unwrap_or(0).wrapping_add(bias);
                let value = bounds.apply(scaled(form, factor, sum));
                y.wrapping_add(p * out + lane).write(value as i16);
            }
        }
    }
}

/// A sum on the output's scale.
#[inline(always)]
fn scaled(form: WideForm, [low, high, shift]: [i32; 3], sum: i64) -> i32 {
    match form {
        WideForm::Narrow => Multiplier { mantissa: low, shift: high }.double(sum as i32),
        WideForm::Wide => Multiplier { mantissa: low, shift: high }.reduced(sum),
        WideForm::Real => {
            let mantissa = low as u32 as u64 | (high as u32 as u64) << 32;
            RealFactor { mantissa, shift }.apply(sum)
        }
    }
}

/// Adds sums of 32 bits to those of 64, and begins again.
#[inline(always)]
unsafe fn add<V: Sums, const N: usize, const P: usize>(
    totals: &mut [[i64; WIDTH]; P],
    sums: &mut [[V; N]; P],
) {
    for (totals, sums) in totals.iter_mut().zip(sums) {
        let mut lanes = [0i32; WIDTH];
        for (n, sum) in sums.iter_mut().enumerate() {
            // SAFETY: a panel is at most as wide as the array.
            unsafe {
                sum.store(lanes.as_mut_ptr().add(n * V::LANES));
                *sum = V::zero();
            }
        }
        for (total, lane) in totals.iter_mut().zip(lanes) {
            *total = total.wrapping_add(lane.into());
        }
    }
}

struct Products<M> {
    form: WideForm,
    bounds: Clamp<i32>,
    machine: core::marker::PhantomData<M>,
}

impl<M: Machine> Kernel for Products<M> {
    type X = i16;
    type Y = i16;

    fn unit(&self) -> Unit {
        WIDE_UNIT
    }

    fn pixels(&self) -> usize {
        M::PIXELS
    }

    #[inline(always)]
    unsafe fn tile<const P: usize>(&self, panel: &Panel, tile: &Tile<i16, i16>) {
        if P <= M::PIXELS {
            // SAFETY: the caller's.
            unsafe { M::tile::<P>(panel, tile, self.form, self.bounds) }
        }
    }
}

/// A part of a layer.
///
/// # Safety
/// The processor has the machine's instructions.
#[inline(always)]
pub(crate) unsafe fn wide_s16<M: Machine>(call: &Wide<'_>, part: Part) {
    let (form, bounds) = (call.form, call.spec.clamp);
    let memory = (call.x.as_ptr(), call.packed.as_ptr(), call.y.as_mut_ptr());
    let products = Products { form, bounds, machine: core::marker::PhantomData::<M> };
    // SAFETY: the caller's; a call's lengths are those of its shape.
    unsafe { run(&products, &call.spec.shape(), memory, part) }
}

/// A depthwise convolution with one output for each channel, whose lengths were checked.
pub(crate) struct Depthwise<'a> {
    layer: DepthwiseS16<'a>,
    x: *const i16,
    y: *mut i16,
}

/// `None` if there are few channels, several outputs for one, or too many products for 32 bits.
///
/// # Safety
/// The processor has the machine's instructions.
#[inline(always)]
pub(crate) unsafe fn depthwise_s16<M: Machine>(
    p: &DepthwiseS16<'_>,
    x: Src<'_, i16>,
    y: Dst<'_, i16>,
) -> Option<()> {
    let (w, channels) = (&p.window, p.in_channels);
    let len = |size: [usize; 2]| w.batch * size[0] * size[1] * channels;
    let taps = w.kernel[0].checked_mul(w.kernel[1])?;
    let fits = p.multiplier == 1
        && channels >= 8
        && taps <= RUN
        && x.len() >= len(w.input)
        && y.len() >= len(w.output)
        && p.weights.len() >= taps * channels;
    if !fits {
        return None;
    }
    let job = Depthwise { layer: *p, x: x.as_ptr(), y: y.as_mut_ptr() };
    // SAFETY: the lengths are those of the shape, and there are at least eight channels.
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
    pub unsafe fn channels<V: Sums, const N: usize>(&self, first: usize, is_last: bool) -> usize {
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
    unsafe fn block<V: Sums, const N: usize>(&self, first: usize) {
        let DepthwiseS16 { window, in_channels, clamp, weights, sums: kind, factors, .. } =
            self.layer;
        let pixels = window.batch * window.output[0] * window.output[1];
        for at in 0..pixels {
            let (place, _) = place(&window, at, pixels, 1);
            let taps = Taps::single(&window, in_channels, place.count);
            let mut row = self.x.wrapping_add(place.pixel * in_channels + first);
            let mut row_weights = weights.as_ptr().wrapping_add(place.tap * in_channels + first);
            let mut lanes = [0i32; WIDTH];
            // SAFETY: the elements of the windows are inside the image, and there are as many
            // channels.
            unsafe {
                let mut sums = [V::zero(); N];
                for _ in 0..taps.count[0] {
                    let (mut x, mut w) = (row, row_weights);
                    for _ in 0..taps.count[1] {
                        V::channels(&mut sums, x, w);
                        (x, w) = (x.wrapping_add(taps.x[1]), w.wrapping_add(taps.weights[1]));
                    }
                    row = row.wrapping_add(taps.x[0]);
                    row_weights = row_weights.wrapping_add(taps.weights[0]);
                }
                for (n, sum) in sums.into_iter().enumerate() {
                    sum.store(lanes.as_mut_ptr().add(n * V::LANES));
                }
            }
            let y = self.y.wrapping_add(at * in_channels + first);
            for (i, lane) in lanes.into_iter().enumerate().take(N * V::LANES) {
                let sum = kind.start(first + i).wrapping_add(lane.into());
                let value = clamp.apply(kind.scaled(factors, first + i, sum));
                // SAFETY: the output has room for these channels of each pixel.
                unsafe { y.wrapping_add(i).write(value as i16) };
            }
        }
    }
}
