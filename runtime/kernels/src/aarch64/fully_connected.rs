//! FULLY_CONNECTED: rows of the input times the weights, one row at a time.

use super::finish::{Any, Bounds, Finish, Once, Relu};
use super::form::{Form, Scale};
use super::gemm::{Matrix, Segments, Tile};
use super::geometry::{Mac, Product};
use super::memory::copy;
use crate::Part;
use crate::packed::FullyConnected;

/// A part of a fully connected layer: some tiles of channels.
///
/// # Safety
/// The processor is of the tile's family, the constant is packed for it.
pub(super) unsafe fn fully_connected<T: Tile>(mac: Mac, call: &FullyConnected<'_>, part: Part) {
    let Some(form) = Form::of(call.form) else { return };
    let Some(product) = Product::fully_connected(mac, call.spec) else { return };
    let spec = call.spec;
    let bounds = Bounds::new(spec.output_zero, spec.clamp);
    // SAFETY: the caller's.
    unsafe {
        match form.scale {
            Scale::Floor if form.narrow && !T::RARE => {
                rows::<T, _>(mac, call, product, part, Relu::<true>)
            }
            Scale::Floor if !T::RARE => rows::<T, _>(mac, call, product, part, Once(bounds)),
            scale => rows::<T, _>(mac, call, product, part, Any::new(scale, bounds)),
        }
    }
}

unsafe fn rows<T: Tile, F: Finish>(
    mac: Mac,
    call: &FullyConnected<'_>,
    product: Product,
    part: Part,
    finish: F,
) {
    let spec = call.spec;
    let tiles = part.of(spec.outputs.div_ceil(T::CHANNELS));
    let first = tiles.start * T::CHANNELS;
    let end = (tiles.end * T::CHANNELS).min(spec.outputs);
    if first >= end {
        return;
    }
    let (whole, rest) = T::split(spec.depth);
    let segments = Segments { offsets: call.packed.as_ptr().cast(), count: 1, whole, rest };
    // SAFETY: tiles are as long as the layout says; rows that a tile would read past are copied.
    unsafe {
        let matrix = Matrix {
            segments,
            tiles: call.packed.as_ptr().add(first * product.channel),
            channel: product.channel,
            channels: end - first,
        };
        for row in 0..spec.batch {
            let mut x = call.x.as_ptr().add(row * spec.depth);
            if row * spec.depth + mac.reach(spec.depth) > call.x.len() {
                let staged = call.scratch.as_mut_ptr().cast::<i8>();
                copy(x, staged, spec.depth);
                x = staged;
            }
            let y = call.y.as_mut_ptr().add(row * spec.outputs + first);
            T::row(&matrix, finish, x, y);
        }
    }
}
