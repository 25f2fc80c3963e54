//! The numbers that turn an accumulator into 8 bits, as words of the packed constant.
//!
//! With thresholds (Armv6-M, RV32): an accumulator that is not negative gives the largest output
//! from `high` on, `(value(x, a, high) + above) >> POINT` below; a negative one gives the smallest
//! output up to `low`, `(value(x, a, high) + below) >> POINT` above. The function `value` and the
//! point are the family's: it grows with `x` and is a product in short arithmetic by a factor, for
//! which `a` stands and perhaps some bits of `high`, which may be anywhere in the last step. The
//! converter has proved that this is what the definition gives for all accumulators that the
//! channel can have. A channel without such numbers is *plain*: it has its factor instead.
//!
//! Where every negative accumulator of every channel gives the smallest output (a ReLU), records
//! are *short*: they have no `low` and `below`. Odd forms have short records.

#[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "armv7m", smidge_isa = "rv32"))]
use crate::Clamp;
#[cfg(any(test, feature = "pack", smidge_isa = "armv6m", smidge_isa = "rv32"))]
use crate::{Multiplier, Rounding};

/// Whether the records of a form are short.
pub(crate) const fn is_short(form: u8) -> bool {
    form & 1 == 1
}

/// Bytes of a form's records.
pub(crate) const fn len(form: u8) -> usize {
    if is_short(form) { 12 } else { 20 }
}

/// Bytes of the words that every record has.
#[cfg(smidge_isa = "armv6m")]
pub(crate) const FIRST: usize = 12;

/// From accumulators to 8 bits, by thresholds; or plain, see [`Record::PLAIN`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// An accumulator, not negative, from which on all give the largest output.
    pub high: i32,
    /// The factor; plain: the mantissa.
    pub a: i32,
    /// What is added for accumulators that are not negative; plain: twice the shift, and 1 for
    /// rounding once.
    pub above: i32,
    /// The largest negative accumulator that gives the smallest output.
    pub low: i32,
    /// What is added for negative accumulators.
    pub below: i32,
}

impl Record {
    /// The mark of a plain record, in the place of `high`.
    #[cfg(feature = "pack")]
    pub(crate) const PLAIN: i32 = i32::MIN;

    /// The record at this place.
    ///
    /// # Safety
    /// There are the words of a record of this form, aligned.
    #[cfg(any(smidge_isa = "armv6m", smidge_isa = "rv32"))]
    #[inline(always)]
    pub(crate) unsafe fn read(at: *const u8, form: u8) -> Self {
        let words = at.cast::<i32>();
        // SAFETY: as the caller says.
        unsafe {
            let (low, below) =
                if is_short(form) { (-1, 0) } else { (*words.add(3), *words.add(4)) };
            Self { high: *words, a: *words.add(1), above: *words.add(2), low, below }
        }
    }

    /// Whether the record has the factor itself.
    #[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "rv32"))]
    #[inline]
    pub(crate) const fn is_plain(&self) -> bool {
        self.high < 0
    }

    /// A plain record.
    #[cfg(feature = "pack")]
    pub(crate) fn plain(factor: Multiplier, rounding: Rounding) -> Self {
        let once = i32::from(rounding == Rounding::Single);
        let (a, above) = (factor.mantissa, factor.shift.wrapping_mul(2) + once);
        Self { high: Self::PLAIN, a, above, low: 0, below: 0 }
    }

    /// The bytes of a form in order.
    #[cfg(feature = "pack")]
    pub(crate) fn bytes(&self, form: u8) -> impl Iterator<Item = u8> {
        let words = [self.high, self.a, self.above, self.low, self.below];
        words.into_iter().flat_map(i32::to_le_bytes).take(len(form))
    }

    /// The output for an accumulator of a plain record.
    #[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "rv32"))]
    #[inline(never)]
    pub(crate) fn apply_plain(&self, x: i32, output: Output) -> i32 {
        let factor = Multiplier { mantissa: self.a, shift: self.above >> 1 };
        let rounding = if self.above & 1 == 0 { Rounding::Double } else { Rounding::Single };
        output.clamp.apply(rounding.apply(factor, x).wrapping_add(output.zero))
    }

    /// The output for an accumulator; `value` is the family's.
    #[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "rv32"))]
    #[inline(always)]
    pub(crate) fn apply<const POINT: u32>(
        &self,
        x: i32,
        output: Output,
        value: impl Fn(i32, i32, i32) -> i32,
    ) -> i32 {
        if self.is_plain() {
            return self.apply_plain(x, output);
        }
        let add = if x >= 0 {
            if x >= self.high {
                return output.clamp.max;
            }
            self.above
        } else {
            if x <= self.low {
                return output.clamp.min;
            }
            self.below
        };
        value(x, self.a, self.high).wrapping_add(add) >> POINT
    }
}

/// What all channels of an output have in common.
#[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "armv7m", smidge_isa = "rv32"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// The zero point.
    pub zero: i32,
    /// The bounds.
    pub clamp: Clamp<i32>,
}
