//! Features of sound: logarithms of the energy in bands, in integers only. The definition is
//! `hil-tests/models/whistles/features.py`, with which the network was trained.
//!
//! A frame is 256 samples (32 ms), the next one starts 128 samples later. It is multiplied by a Hann
//! window and goes through a radix-2 Fourier transform whose stages halve, so that nothing overflows
//! (8 bits below the samples keep what that would lose). The squares of the bins are added up in bands
//! of the mel scale, and a feature is four times the base-2 logarithm of that sum, less 128.

/// Samples of a frame.
pub const FRAME: usize = 256;
/// Samples from the start of a frame to that of the next.
pub const HOP: usize = 128;
/// Features of a frame.
pub const BANDS: usize = 16;

/// First bins of the bands, and the end of the last: equal steps of the mel scale, 31.25 Hz a bin.
const EDGES: [usize; BANDS + 1] =
    [8, 11, 15, 19, 23, 28, 33, 39, 46, 53, 61, 70, 80, 91, 103, 115, 128];

/// A quarter of a sine, 32767 high.
const QUARTER: [i16; FRAME / 4 + 1] = [
    0, 804, 1608, 2410, 3212, 4011, 4808, 5602, 6393, 7179, 7962, 8739, 9512, 10278, 11039, 11793,
    12539, 13279, 14010, 14732, 15446, 16151, 16846, 17530, 18204, 18868, 19519, 20159, 20787,
    21403, 22005, 22594, 23170, 23731, 24279, 24811, 25329, 25832, 26319, 26790, 27245, 27683,
    28105, 28510, 28898, 29268, 29621, 29956, 30273, 30571, 30852, 31113, 31356, 31580, 31785,
    31971, 32137, 32285, 32412, 32521, 32609, 32678, 32728, 32757, 32767,
];

/// `32767 * sin(2 pi k / 256)`.
const SINE: [i16; FRAME] = {
    let mut sine = [0; FRAME];
    let mut k = 0;
    while k <= FRAME / 4 {
        sine[k] = QUARTER[k];
        sine[FRAME / 2 - k] = QUARTER[k];
        sine[FRAME / 2 + k] = -QUARTER[k];
        sine[(FRAME - k) % FRAME] = -QUARTER[k];
        k += 1;
    }
    sine
};

fn sine(k: usize) -> i64 {
    SINE[k % FRAME].into()
}

fn cosine(k: usize) -> i64 {
    sine(k + FRAME / 4)
}

/// A stream of samples that becomes a stream of frames.
pub struct Features {
    frame: [i16; FRAME],
    /// Whether the first half of the frame has been heard.
    is_warm: bool,
}

impl Features {
    /// Nothing heard yet.
    pub const fn new() -> Self {
        Self { frame: [0; FRAME], is_warm: false }
    }

    /// Hears the next samples; the features of the frame that ends with them, if there is one.
    pub fn hear(&mut self, samples: &[i16; HOP]) -> Option<[i8; BANDS]> {
        let [old, new] = self.frame.as_chunks_mut::<HOP>().0 else { return None };
        (*old, *new) = (*new, *samples);
        let heard = core::mem::replace(&mut self.is_warm, true);
        heard.then(|| features(&self.frame))
    }
}

impl Default for Features {
    fn default() -> Self {
        Self::new()
    }
}

/// The features of a frame.
fn features(frame: &[i16; FRAME]) -> [i8; BANDS] {
    let (mut re, mut im) = ([0; FRAME], [0; FRAME]);
    for (k, &sample) in (0u8..=255).zip(frame) {
        let window = (32767 - cosine(k.into())) >> 1;
        re[usize::from(k.reverse_bits())] = ((i64::from(sample) * window) >> 7) as i32;
    }
    transform(&mut re, &mut im);
    let square = |x: i32| (i64::from(x) * i64::from(x)) as u64;
    let power = |k: usize| square(re[k % FRAME]) + square(im[k % FRAME]);
    core::array::from_fn(|band| {
        let (first, end) = (EDGES[band % EDGES.len()], EDGES[(band + 1) % EDGES.len()]);
        logarithm((first..end).map(power).sum())
    })
}

/// Fourier transform in place of what is in bit-reversed order, divided by 256.
fn transform(re: &mut [i32; FRAME], im: &mut [i32; FRAME]) {
    for stage in 0..8 {
        let half = 1 << stage;
        for pair in 0..FRAME / 2 {
            let low = pair & (half - 1);
            let a = ((pair >> stage << (stage + 1)) | low) % FRAME;
            let (b, turn) = ((a | half) % FRAME, low << (7 - stage));
            let (cosine, sine) = (cosine(turn), sine(turn));
            let (x, y) = (i64::from(re[b]), i64::from(im[b]));
            let right = ((x * cosine + y * sine) >> 15) as i32;
            let down = ((y * cosine - x * sine) >> 15) as i32;
            (re[a], re[b]) = ((re[a] + right) >> 1, (re[a] - right) >> 1);
            (im[a], im[b]) = ((im[a] + down) >> 1, (im[a] - down) >> 1);
        }
    }
}

/// Four times the base-2 logarithm of an energy plus one, linear between powers of two, less 128.
fn logarithm(energy: u64) -> i8 {
    let energy = energy.saturating_add(1);
    let whole = 63 - energy.leading_zeros();
    // The two bits behind the first.
    let quarter = energy.rotate_left(2).rotate_right(whole) & 3;
    (4 * whole as i32 + quarter as i32 - 128).min(127) as i8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{recording, rows};

    #[test]
    fn features_are_those_of_the_definition() {
        let mut features = Features::new();
        let hops = recording();
        let got: std::vec::Vec<_> = hops.iter().filter_map(|hop| features.hear(hop)).collect();
        assert_eq!(got, rows());
    }

    #[test]
    fn logarithms_are_linear_between_powers_of_two() {
        let energies = [0, 1, 2, 3, 4, 5, 6, 7, (1 << 20) - 1, 1 << 51];
        assert_eq!(
            energies.map(logarithm),
            [-128, -124, -122, -120, -119, -118, -117, -116, -48, 76]
        );
    }
}
