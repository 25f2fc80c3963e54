//! Weights of four bits: packed constants with two weights to a byte.

use crate::armv7em::layout::conv::{HEADER, Shape};
use crate::armv7em::layout::fully_connected as dense;
use crate::armv7em::layout::narrow::{NUMBERS, SUMS};
use crate::armv7em::layout::winograd::{FORM, Tiles};
use crate::packed::{ConvSpec, FullyConnectedSpec};
use alloc::vec::Vec;

/// Words of the weights of two channels.
fn words(form: u8, spec: &ConvSpec) -> Option<usize> {
    if form == FORM {
        return Some(9 * Tiles::new(spec)?.pairs);
    }
    Some(Shape::new(form, spec)?.pairs)
}

/// Instructions for making words of all weights, as often as that happens.
pub(crate) fn conv_s4_cost(form: u8, spec: &ConvSpec) -> u64 {
    let rounds = if form == FORM {
        let tiles = Tiles::new(spec);
        tiles.map_or(0, |t| if t.first { 1 } else { spec.window.batch * t.rows / t.block.max(1) })
    } else {
        let shape = Shape::new(form, spec);
        shape.map_or(0, |s| s.images * s.pixels.div_ceil(4).div_ceil(s.block.max(1)))
    };
    let words = words(form, spec).unwrap_or(0) as u64;
    rounds as u64 * spec.out_channels.div_ceil(2) as u64 * (words * 13 / 4 + 80)
}

/// A convolution's constant with its weights in half as many bytes.
pub(crate) fn halve_conv(form: u8, spec: &ConvSpec, bytes: &[u8]) -> Vec<u8> {
    let Some(words) = words(form, spec) else { return Vec::new() };
    let raise = if form == FORM { raise_bytes } else { raise_superposed };
    let mut narrow = Vec::new();
    for two in bytes.chunks(4 * words + HEADER) {
        let (weights, header) = two.split_at(4 * words);
        halve(weights, raise, &mut narrow);
        narrow.extend(header);
    }
    narrow
}

/// The same for a fully connected layer.
pub(crate) fn halve_fully_connected(spec: &FullyConnectedSpec, bytes: &[u8]) -> Vec<u8> {
    let Some((words, _)) = dense::row(spec) else { return Vec::new() };
    let mut narrow = Vec::new();
    for eight in bytes.chunks(SUMS + 16 * words + NUMBERS) {
        let (sums, rest) = eight.split_at(SUMS);
        let (weights, numbers) = rest.split_at(16 * words);
        narrow.extend(sums);
        halve(weights, raise_superposed, &mut narrow);
        narrow.extend(numbers);
    }
    narrow
}

/// Appends words of eight weights for each two of four.
fn halve(weights: &[u8], raise: fn([u8; 4]) -> u32, narrow: &mut Vec<u8>) {
    let words: Vec<u32> = weights.as_chunks::<4>().0.iter().copied().map(raise).collect();
    for two in words.chunks(2) {
        let second = two.get(1).copied().unwrap_or(0);
        narrow.extend((two[0] | second << 4).to_le_bytes());
    }
}

/// Each byte raised by 8.
fn raise_bytes(word: [u8; 4]) -> u32 {
    u32::from_le_bytes(word.map(|byte| byte.wrapping_add(8)))
}

/// Each of two superposed weights, raised by 8, in a byte of its own.
fn raise_superposed([a, b, c, d]: [u8; 4]) -> u32 {
    let half = |low: u8, high: u8| {
        let borrow = u8::from((low as i8) < 0);
        [low.wrapping_add(8), high.wrapping_add(borrow).wrapping_add(8)]
    };
    let ([a, b], [c, d]) = (half(a, b), half(c, d));
    u32::from_le_bytes([a, b, c, d])
}
