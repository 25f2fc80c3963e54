//! From accumulators to bytes: scaling, narrowing, bounds.

use super::form::Scale;
use crate::Clamp;
use core::arch::aarch64::*;

/// The numbers of a layer that all channels share.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// The output's zero point, in words and in halves.
    zero: (int32x4_t, int16x8_t),
    min: int8x16_t,
    max: int8x16_t,
}

impl Bounds {
    #[inline(always)]
    pub fn new(output_zero: i32, clamp: Clamp<i32>) -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe {
            Self {
                zero: (vdupq_n_s32(output_zero), vdupq_n_s16(output_zero as i16)),
                min: vdupq_n_s8(clamp.min as i8),
                max: vdupq_n_s8(clamp.max as i8),
            }
        }
    }
}

/// Mantissas and shifts of four channels.
#[derive(Clone, Copy)]
pub(super) struct Factors {
    pub mantissa: int32x4_t,
    pub shift: int32x4_t,
}

/// How a kernel finishes: known when it is compiled, or looked up for each tile.
pub(super) trait Finish: Copy {
    /// Four times four accumulators as bytes, in order; `factors` go with them.
    fn bytes(self, accumulators: [int32x4_t; 4], factors: [Factors; 4]) -> int8x16_t;
}

/// [`Scale::Up`], with `ONCE` [`Scale::Floor`], narrow: layers with a ReLU.
#[derive(Clone, Copy)]
pub(super) struct Relu<const ONCE: bool>;

impl<const ONCE: bool> Finish for Relu<ONCE> {
    #[inline(always)]
    fn bytes(self, accumulators: [int32x4_t; 4], factors: [Factors; 4]) -> int8x16_t {
        narrow(scale(if ONCE { Scale::Floor } else { Scale::Up }, accumulators, factors))
    }
}

/// [`Scale::Away`]: convolutions without a ReLU.
#[derive(Clone, Copy)]
pub(super) struct Linear(pub Bounds);

impl Finish for Linear {
    #[inline(always)]
    fn bytes(self, accumulators: [int32x4_t; 4], factors: [Factors; 4]) -> int8x16_t {
        self.0.halves(scale(Scale::Away, accumulators, factors))
    }
}

/// [`Scale::Floor`]: fully connected layers.
#[derive(Clone, Copy)]
pub(super) struct Once(pub Bounds);

impl Finish for Once {
    #[inline(always)]
    fn bytes(self, accumulators: [int32x4_t; 4], factors: [Factors; 4]) -> int8x16_t {
        self.0.halves(scale(Scale::Floor, accumulators, factors))
    }
}

/// Any scale, looked up for each tile, narrow or not.
#[derive(Clone, Copy)]
pub(super) struct Any {
    scale: Scale,
    bounds: Bounds,
}

impl Any {
    #[inline(always)]
    pub fn new(scale: Scale, bounds: Bounds) -> Self {
        Self { scale, bounds }
    }
}

impl Finish for Any {
    #[inline(always)]
    fn bytes(self, accumulators: [int32x4_t; 4], factors: [Factors; 4]) -> int8x16_t {
        match self.scale {
            Scale::Double => self.bounds.words(scale(Scale::Double, accumulators, factors)),
            Scale::Single => self.bounds.words(scale(Scale::Single, accumulators, factors)),
            Scale::Up => self.bounds.halves(scale(Scale::Up, accumulators, factors)),
            Scale::Floor => self.bounds.halves(scale(Scale::Floor, accumulators, factors)),
            Scale::Away => self.bounds.halves(scale(Scale::Away, accumulators, factors)),
        }
    }
}

impl Bounds {
    /// Adds the zero point to words, which may wrap, and limits them.
    #[inline(always)]
    pub fn words(self, v: [int32x4_t; 4]) -> int8x16_t {
        // SAFETY: every AArch64 processor has NEON.
        unsafe {
            let v = v.map(|v| vaddq_s32(v, self.zero.0));
            let low = vqmovn_high_s32(vqmovn_s32(v[0]), v[1]);
            let high = vqmovn_high_s32(vqmovn_s32(v[2]), v[3]);
            self.limit(vqmovn_high_s16(vqmovn_s16(low), high))
        }
    }

    /// The same where the sum cannot wrap.
    #[inline(always)]
    fn halves(self, v: [int32x4_t; 4]) -> int8x16_t {
        // SAFETY: every AArch64 processor has NEON.
        unsafe {
            let low = vqmovn_high_s32(vqmovn_s32(v[0]), v[1]);
            let high = vqmovn_high_s32(vqmovn_s32(v[2]), v[3]);
            let (low, high) = (vqaddq_s16(low, self.zero.1), vqaddq_s16(high, self.zero.1));
            self.limit(vqmovn_high_s16(vqmovn_s16(low), high))
        }
    }

    /// Halves as bytes, limited.
    #[inline(always)]
    pub fn bytes(self, low: int16x8_t, high: int16x8_t) -> int8x16_t {
        // SAFETY: every AArch64 processor has NEON.
        unsafe { self.limit(vqmovn_high_s16(vqmovn_s16(low), high)) }
    }

    #[inline(always)]
    fn limit(self, v: int8x16_t) -> int8x16_t {
        // SAFETY: every AArch64 processor has NEON.
        unsafe { vminq_s8(vmaxq_s8(v, self.min), self.max) }
    }
}

/// Values that fit 16 bits, as unsigned bytes minus 128.
#[inline(always)]
fn narrow(v: [int32x4_t; 4]) -> int8x16_t {
    // SAFETY: every AArch64 processor has NEON.
    unsafe {
        let v = v.map(|v| vreinterpretq_s16_s32(v));
        let (low, high) = (vuzp1q_s16(v[0], v[1]), vuzp1q_s16(v[2], v[3]));
        let bytes = vqmovun_high_s16(vqmovun_s16(low), high);
        vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(0x80)))
    }
}

/// Accumulators times their factors.
#[inline(always)]
fn scale(scale: Scale, v: [int32x4_t; 4], factors: [Factors; 4]) -> [int32x4_t; 4] {
    let one = |i: usize| {
        let Factors { mantissa, shift } = factors[i & 3];
        let v = v[i & 3];
        // SAFETY: every AArch64 processor has NEON.
        unsafe {
            match scale {
                Scale::Up => vrshlq_s32(vqrdmulhq_s32(v, mantissa), shift),
                Scale::Floor => vrshlq_s32(vqdmulhq_s32(v, mantissa), shift),
                Scale::Away => {
                    let high = vqrdmulhq_s32(v, mantissa);
                    // Minus one for negative values: ties go away from zero.
                    vrshlq_s32(vsraq_n_s32::<31>(high, high), shift)
                }
                Scale::Double => double(v, mantissa, shift),
                Scale::Single => single(v, mantissa, shift),
            }
        }
    };
    [one(0), one(1), one(2), one(3)]
}

/// Double rounding by its definition.
#[inline(always)]
fn double(v: int32x4_t, mantissa: int32x4_t, shift: int32x4_t) -> int32x4_t {
    // SAFETY: every AArch64 processor has NEON.
    unsafe {
        let none = vdupq_n_s32(0);
        let (left, right) = (vmaxq_s32(shift, none), vminq_s32(shift, none));
        let high = vqrdmulhq_s32(vshlq_s32(v, left), mantissa);
        // Minus one for negative values, if there is a shift: ties go away from zero.
        let fixed = vsraq_n_s32::<31>(high, vandq_s32(high, right));
        vrshlq_s32(fixed, right)
    }
}

/// Single rounding by its definition.
#[inline(always)]
fn single(v: int32x4_t, mantissa: int32x4_t, shift: int32x4_t) -> int32x4_t {
    // SAFETY: every AArch64 processor has NEON.
    unsafe {
        let shift = vsubq_s32(shift, vdupq_n_s32(31));
        let half = |product: int64x2_t, shift: int64x2_t| {
            // Minus one for negative products: ties go away from zero.
            vrshlq_s64(vsraq_n_s64::<63>(product, product), shift)
        };
        let low = vmull_s32(vget_low_s32(v), vget_low_s32(mantissa));
        let high = vmull_high_s32(v, mantissa);
        let low = half(low, vmovl_s32(vget_low_s32(shift)));
        vmovn_high_s64(vmovn_s64(low), half(high, vmovl_high_s32(shift)))
    }
}
