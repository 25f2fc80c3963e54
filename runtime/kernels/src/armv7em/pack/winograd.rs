//! CONV_2D in Winograd's form: weights as they are, in the order in which the kernel transforms
//! them.

use super::requant::{Short, Steps};
use crate::Rounding;
use crate::armv7em::layout::winograd::Tiles;
use crate::packed::ConvSpec;
use crate::packed::pack::Weights;
use alloc::vec::Vec;

/// Bits by which the transforms shift accumulators.
const SCALE: u32 = 2;

/// Estimated instructions.
pub(super) fn cost(spec: &ConvSpec, tiles: &Tiles) -> u64 {
    let images = spec.window.batch as u64;
    let (rows, quads) = (tiles.rows as u64, tiles.quads as u64);
    let (pairs, twos) = (tiles.pairs as u64, spec.out_channels as u64 / 2);
    let blocks = rows / tiles.block.max(1) as u64;
    let inputs = 4 * pairs * (74 * quads + 70) + 2 * (8 * quads + 2) * pairs * 7;
    let spills = pairs.div_ceil(16);
    let products = 16 * quads * (11 * pairs + 10 * spills) + 8 * 75 * quads;
    let weights = twos * pairs * 220 * if tiles.first { 1 } else { images * blocks };
    images * (rows * (inputs + twos * products) + blocks * twos * 16 * 20 * spills) + weights
}

/// For every two channels the weights, for each four input channels nine words of one channel and
/// nine of the other, and then both biases and the numbers of both requantizations.
pub(super) fn pack(spec: &ConvSpec, weights: &Weights<'_>) -> Option<Vec<u32>> {
    Tiles::new(spec)?;
    if weights.rounding == Rounding::Single {
        return None;
    }
    let channels = spec.in_channels;
    let values = |channel: usize| {
        let depth = 9 * channels;
        weights.values.get(channel * depth..(channel + 1) * depth)
    };
    let mut words = Vec::new();
    for two in (0..spec.out_channels).step_by(2) {
        for first in (0..channels).step_by(4) {
            for channel in [two, two + 1] {
                for tap in values(channel)?.chunks(channels) {
                    let four = <[i8; 4]>::try_from(tap.get(first..first + 4)?).ok()?;
                    words.push(u32::from_le_bytes(four.map(|weight| weight as u8)));
                }
            }
        }
        let mut numbers = Vec::new();
        for channel in [two, two + 1] {
            let values = values(channel)?;
            let range = weights.range(channel, values.iter().copied())?;
            let short = Short::prove(weights, channel, range, SCALE, Steps::Signed)?;
            let sum: i64 = values.iter().map(|&weight| i64::from(weight)).sum();
            let bias = i64::from(weights.bias(channel)) - i64::from(weights.input_zero) * sum;
            words.push((bias << SCALE) as u32);
            numbers.extend(short.words());
        }
        words.extend(numbers);
    }
    Some(words)
}
