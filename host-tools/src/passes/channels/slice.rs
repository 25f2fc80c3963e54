//! Takes channels out of tensors.

use super::links::Space;
use smidge_graph::{Graph, Tensor, pack_nibbles, unpack_nibbles};

/// Keeps the marked channels of an axis: in the shape, in a constant's data, and in the scales that
/// lie along it.
pub(super) fn keep(graph: &mut Graph, space: Space, kept: &[bool]) {
    let axis = space.axis(graph);
    let tensor = graph.tensor_mut(space.0);
    if let Some(data) = &tensor.data {
        let bits = tensor.dtype.bits().unwrap_or(8);
        tensor.data = Some(kept_data(data, bits, &tensor.shape, axis, kept).into());
    }
    tensor.shape[axis] = kept.iter().filter(|&&k| k).count();
    tensor.source_index = Tensor::NO_SOURCE;
    if let Some(quant) = tensor.quant.as_mut().filter(|quant| quant.axis == Some(axis)) {
        let mut marks = kept.iter();
        quant.scale.retain(|_| marks.next() == Some(&true));
        let mut marks = kept.iter();
        quant.zero_point.retain(|_| marks.next() == Some(&true));
    }
}

fn kept_data(data: &[u8], bits: usize, shape: &[usize], axis: usize, kept: &[bool]) -> Vec<u8> {
    let inner: usize = shape[axis + 1..].iter().product();
    if bits == 4 {
        let elements: usize = shape.iter().product();
        let whole = kept_parts(&unpack_nibbles(data, elements), inner, kept);
        return pack_nibbles(&whole);
    }
    kept_parts(data, inner * bits / 8, kept)
}

/// The parts of `size` bytes whose mark is set; marks repeat.
fn kept_parts(data: &[u8], size: usize, kept: &[bool]) -> Vec<u8> {
    let parts = data.chunks_exact(size.max(1)).zip(kept.iter().cycle());
    parts.filter(|(_, kept)| **kept).flat_map(|(part, _)| part).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_any_axis_are_kept() {
        let data: Vec<u8> = (0..12).collect();
        let shape = [2, 3, 2];
        let keep = |axis, kept: &[bool]| kept_data(&data, 8, &shape, axis, kept);
        assert_eq!(keep(0, &[false, true]), [6, 7, 8, 9, 10, 11]);
        assert_eq!(keep(1, &[true, false, true]), [0, 1, 4, 5, 6, 7, 10, 11]);
        assert_eq!(keep(2, &[false, true]), [1, 3, 5, 7, 9, 11]);
    }

    #[test]
    fn wide_and_narrow_elements_are_kept_whole() {
        let words: Vec<u8> = (0..12).collect();
        assert_eq!(
            kept_data(&words, 32, &[3], 0, &[true, false, true]),
            [0, 1, 2, 3, 8, 9, 10, 11]
        );
        // Elements 1 to 6 in rows of 3, the first of each row removed: 2, 3, 5, 6.
        let nibbles = [0x21, 0x43, 0x65];
        assert_eq!(kept_data(&nibbles, 4, &[2, 3], 1, &[false, true, true]), [0x32, 0x65]);
        assert_eq!(kept_data(&nibbles, 4, &[2, 3], 1, &[true, false, false]), [0x41]);
    }
}
