//! Walks over the rows of a window: elements that lie side by side in the image and in the weights.

use crate::Window;

/// Calls `f(tap, pixel, count)` for runs of `count` elements of the window at output `(y, x)` of image
/// `n` whose pixels follow each other; `tap` and `pixel` are the first, as in [`Window::taps`].
#[inline]
pub(super) fn rows(
    window: &Window,
    (n, y, x): (usize, usize, usize),
    mut f: impl FnMut(usize, usize, usize),
) {
    if window.dilation[1] != 1 {
        return window.taps(n, y, x, |tap, pixel| f(tap, pixel, 1));
    }
    let columns = window.inside(1, x);
    let count = columns.len();
    if count == 0 {
        return;
    }
    let first = window.input_at(1, x, columns.start);
    for ky in window.inside(0, y) {
        let row = (n * window.input[0] + window.input_at(0, y, ky)) * window.input[1];
        f(ky * window.kernel[1] + columns.start, row + first, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::windows;

    #[test]
    fn runs_are_the_taps() {
        for window in windows() {
            window.positions(|n, y, x| {
                let (mut expected, mut found) = (Vec::new(), Vec::new());
                window.taps(n, y, x, |tap, pixel| expected.push((tap, pixel)));
                rows(&window, (n, y, x), |tap, pixel, count| {
                    found.extend((0..count).map(|i| (tap + i, pixel + i)));
                });
                assert_eq!(found, expected, "{window:?}");
            });
        }
    }
}
