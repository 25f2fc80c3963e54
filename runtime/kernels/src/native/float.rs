//! Products of floats: tiles of pixels by four outputs, whose sums are in registers.
//!
//! Every sum is added in the order of the definition, from 0, the bias last. Where the processor
//! multiplies and adds in one step, the product is not rounded; so with `n` products a sum is off
//! by at most `n * 2^-24` times the sum of the products' magnitudes, as the definition's is.

use super::fused::{Sums, add_channels, add_products};
use crate::scalar::conv::ConvF32;
use crate::scalar::depthwise::DepthwiseF32;
use crate::scalar::fully_connected::FullyConnectedF32;
use crate::scalar::{conv, depthwise, fully_connected};
use crate::{Cpu, Dst, Src};

/// See [`conv::conv_f32`].
#[inline]
pub fn conv_f32(cpu: Cpu, p: &ConvF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    if convolve(p, x, y).is_none() {
        conv::conv_f32(p, x, y);
    }
}

/// See [`depthwise::depthwise_f32`].
#[inline]
pub fn depthwise_f32(cpu: Cpu, p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    if channels(p, x, y).is_none() {
        depthwise::depthwise_f32(p, x, y);
    }
}

/// See [`fully_connected::fully_connected_f32`].
#[inline]
pub fn fully_connected_f32(cpu: Cpu, p: &FullyConnectedF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    if products(p, x, y).is_none() {
        fully_connected::fully_connected_f32(p, x, y);
    }
}

/// `None` if a length does not fit the shape.
fn convolve(p: &ConvF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
    let (w, group) = (&p.window, p.group_channels);
    let pixel = p.in_channels;
    let groups = pixel.checked_div(group)?;
    let group_outputs = p.out_channels.checked_div(groups)?;
    let filter = w.kernel[0] * w.kernel[1] * group;
    let len = |size: [usize; 2], channels: usize| w.batch * size[0] * size[1] * channels;
    let fits = x.len() >= len(w.input, pixel)
        && y.len() >= len(w.output, p.out_channels)
        && p.weights.len() >= filter * p.out_channels
        && groups * group == pixel
        && groups * group_outputs == p.out_channels;
    if !fits {
        return None;
    }
    // Columns that follow each other are one run.
    let is_dense = w.dilation[1] == 1 && groups == 1;
    let mut to = y.as_mut_ptr();
    for n in 0..w.batch {
        for oy in 0..w.output[0] {
            let rows = w.inside(0, oy);
            let mut ox = 0;
            while ox < w.output[1] {
                let columns = w.inside(1, ox);
                let is_pair = ox + 1 < w.output[1] && w.inside(1, ox + 1) == columns;
                let (runs, run) =
                    if is_dense { (1, columns.len() * group) } else { (columns.len(), group) };
                let mut first = 0;
                while first < p.out_channels {
                    // Four outputs, or those that are left of their group.
                    let of_group = first.checked_div(group_outputs)?;
                    let left = (of_group + 1) * group_outputs - first;
                    let count = left.min(4);
                    let mut sums = Sums::default();
                    for ky in rows.clone() {
                        let row = (n * w.input[0] + w.input_at(0, oy, ky)) * w.input[1];
                        for part in 0..runs {
                            let kx = columns.start + part;
                            let at = (row + w.input_at(1, ox, kx)) * pixel + of_group * group;
                            let tap = (ky * w.kernel[1] + kx) * group;
                            // SAFETY: the window's elements are inside the image, and the weights
                            // have a filter for each output.
                            unsafe {
                                let x = x.as_ptr().add(at);
                                let next = x.add(if is_pair { w.stride[1] * pixel } else { 0 });
                                let filters = p.weights.as_ptr().add(first * filter + tap);
                                add_products(
                                    [x, next],
                                    (filters, filter, count),
                                    run,
                                    is_pair,
                                    &mut sums,
                                );
                            }
                        }
                    }
                    for (pixel, sums) in sums.iter().enumerate().take(1 + usize::from(is_pair)) {
                        for (i, sum) in sums.iter().enumerate().take(count) {
                            let value = p.clamp.apply(sum + p.bias.get(first + i));
                            // SAFETY: the result has room for all outputs of all pixels.
                            unsafe { to.add(pixel * p.out_channels + first + i).write(value) }
                        }
                    }
                    first += count;
                }
                let done = 1 + usize::from(is_pair);
                to = to.wrapping_add(done * p.out_channels);
                ox += done;
            }
        }
    }
    Some(())
}

/// `None` if a length does not fit the shape.
fn products(p: &FullyConnectedF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
    let fits = x.len() >= p.batch * p.depth
        && y.len() >= p.batch * p.outputs
        && p.weights.len() >= p.outputs * p.depth;
    if !fits {
        return None;
    }
    let mut row = 0;
    while row < p.batch {
        let is_pair = row + 1 < p.batch;
        let mut first = 0;
        while first < p.outputs {
            let count = (p.outputs - first).min(4);
            let mut sums = Sums::default();
            // SAFETY: there are as many rows of inputs and of weights.
            unsafe {
                let x = x.as_ptr().add(row * p.depth);
                let next = x.add(if is_pair { p.depth } else { 0 });
                let weights = p.weights.as_ptr().add(first * p.depth);
                add_products([x, next], (weights, p.depth, count), p.depth, is_pair, &mut sums);
            }
            for (i, sums) in sums.iter().enumerate().take(1 + usize::from(is_pair)) {
                for (o, sum) in sums.iter().enumerate().take(count) {
                    let value = p.clamp.apply(sum + p.bias.get(first + o));
                    y.set((row + i) * p.outputs + first + o, value);
                }
            }
            first += count;
        }
        row += 1 + usize::from(is_pair);
    }
    Some(())
}

/// `None` if a length does not fit the shape.
fn channels(p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
    let (w, channels) = (&p.window, p.in_channels * p.multiplier);
    let len = |size: [usize; 2], channels: usize| w.batch * size[0] * size[1] * channels;
    let fits = x.len() >= len(w.input, p.in_channels)
        && y.len() >= len(w.output, channels)
        && p.weights.len() >= w.kernel[0] * w.kernel[1] * channels;
    if !fits {
        return None;
    }
    let mut to = y.as_mut_ptr();
    for n in 0..w.batch {
        for oy in 0..w.output[0] {
            let rows = w.inside(0, oy);
            for ox in 0..w.output[1] {
                let columns = w.inside(1, ox);
                let mut first = 0;
                while first < channels {
                    // Four channels, or one output.
                    let count = if p.multiplier == 1 && channels - first >= 4 { 4 } else { 1 };
                    let channel = first.checked_div(p.multiplier)?;
                    let mut sums = [0f32; 4];
                    for ky in rows.clone() {
                        let row = (n * w.input[0] + w.input_at(0, oy, ky)) * w.input[1];
                        let at = row + w.input_at(1, ox, columns.start);
                        let tap = (ky * w.kernel[1] + columns.start) * channels + first;
                        let step = w.dilation[1] * p.in_channels;
                        let mut x = x.as_ptr().wrapping_add(at * p.in_channels + channel);
                        let mut weight = p.weights.as_ptr().wrapping_add(tap);
                        // SAFETY: the window's elements are inside the image, and each has weights
                        // of all outputs.
                        unsafe {
                            if count == 4 {
                                let (x, weights) = ((x, step), (weight, channels));
                                add_channels(x, weights, columns.len(), &mut sums);
                                continue;
                            }
                            for _ in 0..columns.len() {
                                sums[0] += x.read() * weight.read();
                                x = x.wrapping_add(step);
                                weight = weight.wrapping_add(channels);
                            }
                        }
                    }
                    for (i, sum) in sums.into_iter().enumerate().take(count) {
                        let value = p.clamp.apply(sum + p.bias.get(first + i));
                        // SAFETY: the result has room for all channels of all pixels.
                        unsafe { to.add(first + i).write(value) }
                    }
                    first += count;
                }
                to = to.wrapping_add(channels);
            }
        }
    }
    Some(())
}
