//! The arithmetic of windows that slide over an axis.

/// How a sliding window treats the borders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Pads so that the output has ceil(input / stride) positions.
    Same,
    /// Pads nothing: the window stays inside the input.
    Valid,
    /// Pads as much as the file says, (rows, columns) each.
    Explicit {
        /// Rows above, columns to the left.
        before: [usize; 2],
        /// Rows below, columns to the right.
        after: [usize; 2],
    },
}

/// Where a sliding window goes along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowExtent {
    /// Number of positions of the window.
    pub output: usize,
    /// Elements of padding before the input.
    pub before: usize,
    /// Elements of padding after the input.
    pub after: usize,
}

impl Padding {
    /// Positions and paddings of a window of `filter` taps, `dilation` apart, moved in steps of
    /// `stride` over `input` elements along axis 0 (rows) or 1 (columns). Equal to what TFLite
    /// computes.
    ///
    /// `None` when an argument is 0, a product overflows, or the window never fits.
    pub fn window(
        self,
        axis: usize,
        input: usize,
        filter: usize,
        stride: usize,
        dilation: usize,
    ) -> Option<WindowExtent> {
        if input == 0 || stride == 0 || dilation == 0 {
            return None;
        }
        let span = filter.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)?;
        let output = match self {
            Self::Same => input.div_ceil(stride),
            Self::Valid => input.checked_sub(span)? / stride + 1,
            Self::Explicit { before, after } => {
                let (before, after) = (*before.get(axis)?, *after.get(axis)?);
                let padded = input.checked_add(before)?.checked_add(after)?;
                let output = padded.checked_sub(span)? / stride + 1;
                return Some(WindowExtent { output, before, after });
            }
        };
        let reach = (output - 1).checked_mul(stride)?.checked_add(span)?;
        let total = reach.saturating_sub(input);
        let before = total / 2;
        Some(WindowExtent { output, before, after: total - before })
    }

    /// Name as in TFLite files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "SAME",
            Self::Valid => "VALID",
            Self::Explicit { .. } => "EXPLICIT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(padding: Padding, arguments: [usize; 4], expected: Option<(usize, usize, usize)>) {
        let [input, filter, stride, dilation] = arguments;
        let extent = padding.window(0, input, filter, stride, dilation);
        assert_eq!(extent.map(|e| (e.output, e.before, e.after)), expected, "{arguments:?}");
    }

    #[test]
    fn same_keeps_the_ceiling_and_puts_the_odd_element_last() {
        check(Padding::Same, [96, 3, 2, 1], Some((48, 0, 1)));
        check(Padding::Same, [49, 10, 2, 1], Some((25, 4, 5)));
        check(Padding::Same, [5, 3, 1, 1], Some((5, 1, 1)));
        check(Padding::Same, [5, 3, 1, 2], Some((5, 2, 2)));
        check(Padding::Same, [1, 1, 1, 1], Some((1, 0, 0)));
    }

    #[test]
    fn same_with_steps_wider_than_the_window_pads_nothing() {
        check(Padding::Same, [7, 1, 3, 1], Some((3, 0, 0)));
        check(Padding::Same, [8, 2, 4, 1], Some((2, 0, 0)));
    }

    #[test]
    fn valid_stays_inside() {
        check(Padding::Valid, [7, 3, 2, 1], Some((3, 0, 0)));
        check(Padding::Valid, [8, 3, 2, 1], Some((3, 0, 0)));
        check(Padding::Valid, [5, 3, 1, 2], Some((1, 0, 0)));
        check(Padding::Valid, [3, 3, 9, 1], Some((1, 0, 0)));
    }

    #[test]
    fn explicit_paddings_are_taken_as_they_are() {
        let padding = Padding::Explicit { before: [1, 0], after: [1, 2] };
        check(padding, [96, 3, 2, 1], Some((48, 1, 1)));
        check(padding, [1, 4, 1, 1], None);
        let columns = padding.window(1, 5, 3, 2, 1).map(|e| (e.output, e.before, e.after));
        assert_eq!(columns, Some((3, 0, 2)));
    }

    #[test]
    fn impossible_windows_are_none() {
        check(Padding::Valid, [2, 3, 1, 1], None);
        check(Padding::Valid, [2, 3, 5, 1], None);
        check(Padding::Same, [4, 0, 1, 1], None);
        check(Padding::Same, [4, 1, 0, 1], None);
        check(Padding::Same, [4, 1, 1, 0], None);
        check(Padding::Same, [0, 1, 1, 1], None);
        check(Padding::Same, [4, usize::MAX, 1, 2], None);
    }
}
