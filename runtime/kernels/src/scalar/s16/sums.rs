//! Accumulators of layers with 16-bit activations: the bias says how wide they are.

use crate::requant::RealFactor;
use crate::scalar::conv::factor;
use crate::{Src, requant::Multiplier};

/// How a layer sums and requantizes, with its bias (empty for none).
#[derive(Clone, Copy)]
pub enum Sums<'a> {
    /// Sums of 32 bits, which wrap, and factors `[n, 2]` with double rounding.
    Narrow(Src<'a, i32>),
    /// Sums of 64 bits and factors `[n, 2]` with a reduced mantissa.
    Wide(Src<'a, i64>),
    /// Sums of 64 bits and factors `[n, 3]` of double precision: mantissa's lower and upper half, shift.
    Real(Src<'a, i64>),
}

impl Sums<'_> {
    /// Numbers that make a factor.
    pub const fn factor_len(self) -> usize {
        match self {
            Self::Narrow(_) | Self::Wide(_) => 2,
            Self::Real(_) => 3,
        }
    }

    /// What the sum of a channel starts with.
    #[inline]
    pub(super) fn start(self, channel: usize) -> i64 {
        match self {
            Self::Narrow(bias) => bias.get(channel) as i64,
            Self::Wide(bias) | Self::Real(bias) => bias.get(channel),
        }
    }

    /// A sum on the output's scale, by factor number `index`.
    #[inline]
    pub(super) fn scaled(self, factors: Src<'_, i32>, index: usize, sum: i64) -> i32 {
        let pair = |index| -> Multiplier { factor(factors, index) };
        match self {
            Self::Narrow(_) => pair(index).double(sum as i32),
            Self::Wide(_) => pair(index).reduced(sum),
            Self::Real(_) => real_factor(factors, index).apply(sum),
        }
    }
}

/// Factor number `index` of a list of triples.
fn real_factor(factors: Src<'_, i32>, index: usize) -> RealFactor {
    let part = |i: usize| factors.get(3 * index + i);
    let mantissa = part(0) as u32 as u64 | (part(1) as u32 as u64) << 32;
    RealFactor { mantissa, shift: part(2) }
}

/// `total + sum of x * w`.
#[inline]
pub(super) fn dot(total: i64, x: Src<'_, i16>, w: Src<'_, i8>) -> i64 {
    let products = x.iter().zip(w.iter()).map(|(x, w)| (x as i32 * w as i32) as i64);
    products.fold(total, i64::wrapping_add)
}
