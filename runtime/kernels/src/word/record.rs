//! The numbers that turn an accumulator into 8 bits, as words of the packed constant.
//!
//! With thresholds (Armv6-M, RV32): an accumulator that is not negative gives the largest output
//! from `high` on, `(value(x, a, b) + above) >> POINT` below; a negative one gives the smallest output
//! up to `low`, `(value(x, a, b) + below) >> POINT` above. The function `value` and the point are the
//! family's: it grows with `x` and is a product by `a` and `b` in short arithmetic. The converter has proved that
//! this is what the definition gives for all accumulators that the channel can have. A channel
//! without such numbers is *plain*: it has its factor instead.

#[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "armv7m", smidge_isa = "rv32"))]
use crate::Clamp;
#[cfg(any(test, feature = "pack", smidge_isa = "armv6m", smidge_isa = "rv32"))]
use crate::{Multiplier, Rounding};

/// Words of a record.
pub(crate) const WORDS: usize = 6;

/// From accumulators to 8 bits, by thresholds; or plain, see [`Record::PLAIN`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Record {
    /// The least accumulator, not negative, that gives the largest output.
    pub high: i32,
    /// A factor; plain: the mantissa.
    pub a: i32,
    /// A factor; plain: the shift.
    pub b: i32,
    /// What is added for accumulators that are not negative; plain: whether to round once.
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

    /// Whether the record has the factor itself.
    #[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "rv32"))]
    #[inline]
    pub(crate) const fn is_plain(&self) -> bool {
        self.high < 0
    }

    /// A plain record.
    #[cfg(feature = "pack")]
    pub(crate) fn plain(factor: Multiplier, rounding: Rounding) -> Self {
        let Multiplier { mantissa: a, shift: b } = factor;
        Self {
            high: Self::PLAIN,
            a,
            b,
            above: i32::from(rounding == Rounding::Single),
            low: 0,
            below: 0,
        }
    }

    /// The words in order.
    #[cfg(feature = "pack")]
    pub(crate) const fn words(&self) -> [i32; WORDS] {
        [self.high, self.a, self.b, self.above, self.low, self.below]
    }

    /// The output for an accumulator of a plain record.
    #[cfg(any(test, smidge_isa = "armv6m", smidge_isa = "rv32"))]
    #[inline(never)]
    pub(crate) fn apply_plain(&self, x: i32, output: Output) -> i32 {
        let factor = Multiplier { mantissa: self.a, shift: self.b };
        let rounding = if self.above == 0 { Rounding::Double } else { Rounding::Single };
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
        value(x, self.a, self.b).wrapping_add(add) >> POINT
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
