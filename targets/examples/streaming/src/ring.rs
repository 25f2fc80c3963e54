//! Samples on their way from an interrupt to the program.

use core::sync::atomic::{AtomicI16, AtomicUsize, Ordering};

/// Samples that there is room for: a power of two.
const LEN: usize = 1024;

/// A queue with one writer, most likely an interrupt, and one reader. Neither ever waits.
pub struct Ring {
    samples: [AtomicI16; LEN],
    /// Samples that were ever written and read.
    written: AtomicUsize,
    read: AtomicUsize,
}

impl Ring {
    /// Empty.
    pub const fn new() -> Self {
        let samples = [const { AtomicI16::new(0) }; LEN];
        Self { samples, written: AtomicUsize::new(0), read: AtomicUsize::new(0) }
    }

    /// Adds a sample; false if there is no room, and the sample is lost.
    pub fn push(&self, sample: i16) -> bool {
        let written = self.written.load(Ordering::Relaxed);
        if written.wrapping_sub(self.read.load(Ordering::Acquire)) >= LEN {
            return false;
        }
        self.samples[written % LEN].store(sample, Ordering::Relaxed);
        self.written.store(written.wrapping_add(1), Ordering::Release);
        true
    }

    /// Takes as many samples as `N`, the oldest first; none unless there are so many.
    pub fn pop<const N: usize>(&self) -> Option<[i16; N]> {
        let read = self.read.load(Ordering::Relaxed);
        if self.written.load(Ordering::Acquire).wrapping_sub(read) < N {
            return None;
        }
        let sample = |i: usize| self.samples[read.wrapping_add(i) % LEN].load(Ordering::Relaxed);
        let samples = core::array::from_fn(sample);
        self.read.store(read.wrapping_add(N), Ordering::Release);
        Some(samples)
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_out_in_order_and_too_many_are_refused() {
        let ring = Ring::new();
        for round in 0..5 {
            assert_eq!(ring.pop::<1>(), None);
            for i in 0..LEN {
                assert!(ring.push((round * i) as i16));
            }
            assert!(!ring.push(1));
            for i in 0..LEN / 2 {
                assert_eq!(ring.pop(), Some([2 * i, 2 * i + 1].map(|i| (round * i) as i16)));
            }
        }
    }
}
