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
    pub(crate) fn start(self, channel: usize) -> i64 {
        match self {
            Self::Narrow(bias) => bias.get(channel) as i64,
            Self::Wide(bias) | Self::Real(bias) => bias.get(channel),
        }
    }

    /// A sum on the output's scale, by factor number `index`.
    #[inline]
    pub(crate) fn scaled(self, factors: Src<'_, i32>, index: usize, sum: i64) -> i32 {
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

/// Products whose sum has 31 bits: each is at most 2^22.
const RUN: usize = 256;

/// `total + sum of x * w`, over as many as both have.
#[inline]
pub(crate) fn dot(mut total: i64, x: Src<'_, i16>, w: Src<'_, i8>) -> i64 {
    let (mut at, len) = (0, x.len().min(w.len()));
    while at < len {
        let run = RUN.min(len - at);
        let pairs = x.slice(at, run).iter().zip(w.slice(at, run).iter());
        let sum = pairs.fold(0i32, |sum, (x, w)| sum.wrapping_add(x as i32 * w as i32));
        total = total.wrapping_add(sum as i64);
        at += run;
    }
    total
}
