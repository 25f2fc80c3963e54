//! Where a panel's numbers are: pure functions of the shape.

use crate::packed::product;
use crate::{Family, Window};

/// Channels of a panel that is not the last.
pub(crate) const WIDTH: usize = 16;
/// The last panel is filled up to a multiple of as many.
const LANES: usize = 4;

/// Whether a family computes panels, and is compiled in.
pub(crate) const fn serves(family: Family) -> bool {
    let is_x86 = matches!(family, Family::X86);
    let is_here = if is_x86 { cfg!(smidge_isa = "x86_64") } else { cfg!(smidge_isa = "aarch64") };
    family.has_panels() && (is_here || cfg!(feature = "pack"))
}

/// A product of windows with output channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
}

/// Bytes of a channel: what is in front of the weights, and each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub numbers: usize,
    pub weight: usize,
}

impl Shape {
    /// Elements of input and output; `None` if they do not fit 31 bits.
    pub fn lens(&self) -> Option<(usize, usize)> {
        let Window { batch, input, output, .. } = self.window;
        let x = product(&[batch, input[0], input[1], self.inputs])?;
        Some((x, product(&[batch, output[0], output[1], self.outputs])?))
    }

    /// Weights of one channel; `None` if they do not fit 31 bits.
    pub fn depth(&self) -> Option<usize> {
        product(&[self.window.kernel[0], self.window.kernel[1], self.inputs])
    }

    /// Channels of all panels.
    pub fn channels(&self) -> Option<usize> {
        Some(self.outputs.checked_add(LANES - 1)? / LANES * LANES)
    }

    /// Bytes of everything; `None` if they do not fit 31 bits.
    pub fn packed_len(&self, unit: Unit) -> Option<usize> {
        let channel = product(&[self.depth()?, unit.weight])?.checked_add(unit.numbers)?;
        product(&[self.channels()?, channel])
    }

    /// The channels of panel `index`, and its width.
    pub fn panel(&self, index: usize) -> (core::ops::Range<usize>, usize) {
        let first = index * WIDTH;
        let end = self.outputs.min(first + WIDTH);
        (first..end, (end - first).next_multiple_of(LANES))
    }
}
