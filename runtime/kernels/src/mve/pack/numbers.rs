//! Numbers of the vector requantization, and which of its forms a layer can have.

use crate::mve::layout::{AWAY, BOUNDED, FULL, LEAN, NIBBLES, ONE, SINGLE};
use crate::packed::pack::{Weights, same_steps};
use crate::requant::doubling_high_mul;
use crate::{Multiplier, Rounding};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// A channel's numbers in the form `FULL`:
/// `scaled = rounding_shift(high_mul(sum << left, mantissa) + (negative & mask), right)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Full {
    pub left: i32,
    pub mantissa: i32,
    /// -1 where negative values lose one before the shift, so that ties go away from zero.
    pub mask: i32,
    /// 0 or negative: to the right.
    pub right: i32,
}

impl Full {
    /// Double rounding, for any factor.
    fn double(factor: Multiplier) -> Self {
        let Multiplier { mantissa, shift } = factor;
        let mask = if shift < 0 { -1 } else { 0 };
        Self { left: shift.max(0), mantissa, mask, right: shift.min(0) }
    }

    /// What the kernels compute: `FULL` wraps where it overflows, `ONE` saturates.
    fn apply(self, form: u8, weights: &Weights<'_>, sum: i32) -> i32 {
        let shifted = if form == ONE {
            let exact = i64::from(sum) << self.left;
            exact.clamp(i32::MIN.into(), i32::MAX.into()) as i32
        } else {
            sum.wrapping_shl(self.left as u32)
        };
        let high = doubling_high_mul(shifted, self.mantissa);
        let high = high.saturating_add((high >> 31) & self.mask);
        let half = 1i64 << -self.right >> 1;
        let scaled = ((i64::from(high) + half) >> -self.right) as i32;
        let value = if form == ONE {
            scaled.clamp(i16::MIN.into(), i16::MAX.into()) + weights.output_zero
        } else {
            scaled.wrapping_add(weights.output_zero)
        };
        weights.clamp.apply(value.clamp(-128, 127))
    }

    /// Numbers for a form that are proved to give what the weights' rounding gives for every sum in
    /// a range, without moving ties. Single rounding needs many bits behind the point before the
    /// last shift: as many as the sums leave, or, where sums may saturate, those with an output
    /// between its bounds.
    fn proved(
        form: u8,
        weights: &Weights<'_>,
        channel: usize,
        range: &RangeInclusive<i32>,
    ) -> Option<Self> {
        let Multiplier { mantissa, shift } = weights.factors.get(channel).copied()?;
        let reach = range.start().unsigned_abs().max(range.end().unsigned_abs());
        let free = if form == ONE { 30 } else { reach.leading_zeros() as i32 - 1 };
        let least = shift.max(0);
        let most = free.min(31 + shift).min(30);
        let lefts = match weights.rounding {
            Rounding::Double => least..=least,
            Rounding::Single => least.max(most - 15)..=most,
        };
        let numbers = |left: i32| Self { left, mantissa, mask: 0, right: shift - left };
        lefts.rev().map(numbers).find(|numbers| {
            numbers.right >= -31
                && same_steps(
                    range.clone(),
                    |sum| weights.requantize(channel, sum),
                    |sum| numbers.apply(form, weights, sum),
                )
        })
    }
}

/// How the layers of this weights' order requantize: `depth` gives the weights of a channel.
#[derive(Default)]
pub(super) struct Choice {
    /// Numbers of each channel in the form `FULL`, if the layer can have it.
    pub full: Option<Vec<Full>>,
    /// Numbers of all channels that move no ties, if all have the same.
    pub one: Option<Full>,
    /// Whether it can have the form `LEAN`.
    pub lean: bool,
    /// Whether it can have the form `AWAY`.
    pub away: bool,
    /// Whether it can have the form `BOUNDED` and needs it.
    pub bounded: bool,
    /// Whether weights and sums suit the form `NIBBLES`.
    pub nibbles: bool,
}

/// The sums that the vector forms have no overflow with, zero points included.
const REACH: i32 = 1 << 30;

impl Choice {
    pub(super) fn of<I: Iterator<Item = i8>>(
        weights: &Weights<'_>,
        channel_weights: impl Fn(usize) -> I,
    ) -> Self {
        let range = |channel| weights.range(channel, channel_weights(channel));
        let channels = 0..weights.channels();
        let ranges: Option<Vec<_>> = channels.clone().map(range).collect();
        let ranges = ranges.unwrap_or_default();
        let all =
            ranges.iter().cloned().reduce(|a, b| *a.start().min(b.start())..=*a.end().max(b.end()));
        let few = weights.values.iter().all(|weight| (-8..8).contains(weight));
        let nibbles = few
            && all
                .as_ref()
                .is_some_and(|all| *all.start() >= -REACH / 16 && *all.end() <= REACH / 16);
        let first = weights.factors.first().copied().unwrap_or_default();
        let same = weights.factors.iter().all(|factor| *factor == first);
        let all_same = all.as_ref().filter(|_| same);
        let proved = |form: u8| Full::proved(form, weights, 0, all_same?);
        let one = proved(ONE);
        if weights.rounding == Rounding::Single {
            let full = match proved(FULL) {
                Some(one) => Some(weights.factors.iter().map(|_| one).collect()),
                None if ranges.is_empty() => None,
                None => {
                    let each = ranges.iter().enumerate();
                    let proved = |(channel, range)| Full::proved(FULL, weights, channel, range);
                    each.map(proved).collect()
                }
            };
            return Self { full, one, lean: false, away: false, bounded: false, nibbles };
        }
        let full = weights.factors.iter().map(|&factor| Full::double(factor)).collect();
        let small = all.is_some_and(|all| *all.start() >= -REACH && *all.end() <= REACH);
        let bytes = weights.clamp.min <= -128 && weights.clamp.max >= 127;
        let vectors = small && bytes;
        let shifts = |most: i32| weights.factors.iter().all(|f| f.shift <= most);
        let lean = shifts(0)
            && (weights.output_zero == -128 || weights.factors.iter().all(|f| f.shift == 0));
        let bounded = small && !bytes && shifts(-1);
        let (lean, away) = (vectors && lean, vectors && shifts(-1));
        Self { full: Some(full), one, lean, away, bounded, nibbles }
    }

    /// Forms of the layer, the general one first, with the instructions that each takes beside the
    /// sums for eight outputs.
    pub(super) fn forms(&self, weights: &Weights<'_>) -> Vec<(u8, u64)> {
        let mut forms = Vec::new();
        if weights.rounding == Rounding::Single {
            forms.push((SINGLE, 300));
        }
        if self.full.is_some() {
            forms.push((FULL, 34));
        }
        if self.nibbles && (self.away || self.bounded) {
            forms.push((NIBBLES, 30));
        }
        if self.lean {
            forms.push((LEAN, 18));
        }
        if self.away {
            forms.push((AWAY, 21));
        }
        if self.bounded {
            forms.push((BOUNDED, 26));
        }
        forms
    }
}

/// Appends words.
pub(super) fn words(to: &mut Vec<u8>, values: &[i32]) {
    to.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

/// Appends the numbers of these channels in the order of a form; of a channel that is not there,
/// zeros.
pub(super) fn numbers(
    to: &mut Vec<u8>,
    form: u8,
    weights: &Weights<'_>,
    full: &[Full],
    channels: &[usize],
) {
    let mut vector = |value: &dyn Fn(usize) -> i32| {
        channels.iter().for_each(|&channel| words(to, &[value(channel)]));
    };
    if form == FULL {
        let of = |channel: usize| full.get(channel).copied().unwrap_or_default();
        vector(&|channel| of(channel).left);
        vector(&|channel| of(channel).mantissa);
        vector(&|channel| of(channel).mask);
        vector(&|channel| of(channel).right);
    } else {
        let of = |channel: usize| weights.factors.get(channel).copied().unwrap_or_default();
        vector(&|channel| of(channel).mantissa);
        vector(&|channel| of(channel).shift);
    }
}

/// Appends the weights of channels, vector by vector, in the order of a form.
pub(super) fn vectors(to: &mut Vec<u8>, form: u8, steps: usize, channels: &[impl AsRef<[i8]>]) {
    let width = if form == NIBBLES { 32 } else { 16 };
    for step in 0..16 * steps / width {
        for values in channels {
            let at = |i: usize| {
                let value = values.as_ref().get(width * step + i).copied();
                value.unwrap_or(0) as u8
            };
            let byte = |i: usize| match form {
                NIBBLES => at(i) & 15 | at(i + 16) << 4,
                _ => at(i),
            };
            to.extend((0..16).map(byte));
        }
    }
}

/// The bias of a channel with the part of its sum that the input's zero point makes.
pub(super) fn bias(
    form: u8,
    weights: &Weights<'_>,
    channel: usize,
    values: impl Iterator<Item = i8>,
) -> i32 {
    let sum = values.fold(0i32, |sum, weight| sum.wrapping_add(i32::from(weight)));
    let bias = weights.bias(channel).wrapping_sub(sum.wrapping_mul(weights.input_zero));
    if form == NIBBLES { bias.wrapping_mul(16) } else { bias }
}
