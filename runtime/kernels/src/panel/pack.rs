//! Packing: for each panel the numbers of its channels, and for each element of the window, in order,
//! the weights of all its channels.

use super::layout::{Shape, WIDTH};
use alloc::vec::Vec;

/// Calls `numbers` once for each panel, with its channels and its width, and `weight` for each weight
/// in packed order with its index in `[O, Kh, Kw, I]`; `None` where there is no such channel.
pub(crate) fn pack(
    shape: &Shape,
    mut numbers: impl FnMut(&mut Vec<u8>, core::ops::Range<usize>, usize),
    mut weight: impl FnMut(&mut Vec<u8>, Option<usize>),
) -> Vec<u8> {
    let depth = shape.depth().unwrap_or(0);
    let mut bytes = Vec::new();
    for index in 0..shape.outputs.div_ceil(WIDTH) {
        let (channels, width) = shape.panel(index);
        numbers(&mut bytes, channels.clone(), width);
        for element in 0..depth {
            for lane in 0..width {
                let channel = channels.start + lane;
                let is_there = channel < channels.end;
                weight(&mut bytes, is_there.then_some(channel * depth + element));
            }
        }
    }
    bytes
}
