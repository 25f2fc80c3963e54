//! Tensors and how their integers stand for real numbers.

use std::sync::Arc;

use crate::DType;

/// Position of a tensor in [`Graph::tensors`](crate::Graph::tensors).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(pub u32);

impl TensorId {
    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One value of the network: a constant, an input, or what a node computes.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Name in the source file; may be empty and need not be unique.
    pub name: String,
    /// Type of the elements.
    pub dtype: DType,
    /// Extent of each axis, outermost first; empty for a scalar. Dimensions that the source file
    /// leaves open are 1.
    pub shape: Vec<usize>,
    /// How integers stand for real numbers; `None` for floats and plain integers.
    pub quant: Option<Quantization>,
    /// Elements of a constant: little endian, C order, `dtype.byte_len(element_count())` bytes.
    pub data: Option<Arc<[u8]>>,
    /// Keeps its value from one inference to the next.
    pub is_variable: bool,
    /// Number of the tensor in the source file, or [`Tensor::NO_SOURCE`].
    pub source_index: u32,
    /// Type in the source file: differs from `dtype` after a conversion such as uint8 to int8.
    pub source_dtype: DType,
}

impl Tensor {
    /// The number of a tensor that the source file does not have in this shape: a pass made it, or
    /// took channels out of it.
    pub const NO_SOURCE: u32 = u32::MAX;

    /// How messages name the tensor: number in the source file, name if it has one.
    pub fn label(&self) -> String {
        let place = match self.source_index {
            Self::NO_SOURCE => "tensor".to_owned(),
            number => format!("tensor {number}"),
        };
        if self.name.is_empty() { place } else { format!("{place} `{}`", self.name) }
    }

    /// Number of elements: 1 for a scalar. Saturates; a validated graph never reaches that.
    pub fn element_count(&self) -> usize {
        self.shape.iter().fold(1, |count: usize, &dim| count.saturating_mul(dim))
    }

    /// Size of the elements in bytes; `None` when the type has no fixed size.
    pub fn byte_len(&self) -> Option<usize> {
        self.dtype.byte_len(self.element_count())
    }

    /// True when the elements are known before the network runs.
    pub fn is_constant(&self) -> bool {
        self.data.is_some()
    }

    /// The elements of a constant integer tensor, such as the axes of `MEAN` or the paddings of
    /// `PAD`; `None` when the tensor is not constant or not of one of the common integer types.
    pub fn integers(&self) -> Option<Vec<i64>> {
        let data = self.data.as_deref()?;
        let elements = match self.dtype {
            DType::I4 => {
                let values = unpack_nibbles(data, self.element_count()).into_iter();
                values.map(|v| i64::from((v << 4) as i8 >> 4)).collect()
            }
            DType::I8 => read(data, |[b]: [u8; 1]| i64::from(b as i8)),
            DType::U8 => read(data, |[b]: [u8; 1]| i64::from(b)),
            DType::I16 => read(data, |b| i64::from(i16::from_le_bytes(b))),
            DType::I32 => read(data, |b| i64::from(i32::from_le_bytes(b))),
            DType::U32 => read(data, |b| i64::from(u32::from_le_bytes(b))),
            DType::I64 => read(data, i64::from_le_bytes),
            _ => return None,
        };
        Some(elements)
    }

    /// The elements of a constant float32 tensor; `None` for every other tensor.
    pub fn floats(&self) -> Option<Vec<f32>> {
        let data = self.data.as_deref().filter(|_| self.dtype == DType::F32)?;
        Some(read(data, f32::from_le_bytes))
    }
}

/// Decodes whole elements of `N` bytes; a rest shorter than that is dropped.
fn read<T, const N: usize>(data: &[u8], decode: impl Fn([u8; N]) -> T) -> Vec<T> {
    data.as_chunks::<N>().0.iter().map(|&bytes| decode(bytes)).collect()
}

/// Four-bit elements as bytes whose upper half is 0; the first of a byte is in its lower half.
pub fn unpack_nibbles(data: &[u8], elements: usize) -> Vec<u8> {
    data.iter().flat_map(|byte| [byte & 15, byte >> 4]).take(elements).collect()
}

/// The reverse of [`unpack_nibbles`]; upper halves are ignored.
pub fn pack_nibbles(elements: &[u8]) -> Vec<u8> {
    let pair = |pair: &[u8]| pair[0] & 15 | pair.get(1).copied().unwrap_or(0) << 4;
    elements.chunks(2).map(pair).collect()
}

/// The affine map from stored integers to real numbers: `real = scale * (stored - zero_point)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    /// One scale per tensor, or one per index of `axis`. Finite and above 0.
    pub scale: Vec<f32>,
    /// As many as there are scales, each within the range of the tensor's type.
    pub zero_point: Vec<i64>,
    /// The axis along which scales differ; `None` when the whole tensor has one.
    pub axis: Option<usize>,
}

impl Quantization {
    /// One scale and zero point for the whole tensor.
    pub fn per_tensor(scale: f32, zero_point: i64) -> Self {
        Self { scale: vec![scale], zero_point: vec![zero_point], axis: None }
    }

    /// The scale and zero point of a tensor that has one of each.
    pub fn as_per_tensor(&self) -> Option<(f32, i64)> {
        match (self.scale.as_slice(), self.zero_point.as_slice()) {
            (&[scale], &[zero_point]) => Some((scale, zero_point)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constant(dtype: DType, shape: &[usize], data: &[u8]) -> Tensor {
        Tensor {
            name: String::new(),
            dtype,
            shape: shape.to_vec(),
            quant: None,
            data: Some(data.into()),
            is_variable: false,
            source_index: 0,
            source_dtype: dtype,
        }
    }

    #[test]
    fn integers_are_little_endian_and_signed() {
        let axes = constant(DType::I32, &[2], &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(axes.integers(), Some(vec![1, -1]));
        let nibbles = constant(DType::I4, &[3], &[0x8f, 0x07]);
        assert_eq!(nibbles.integers(), Some(vec![-1, -8, 7]));
        let unpacked = unpack_nibbles(&[0x8f, 0x07], 3);
        assert_eq!(
            (unpacked.as_slice(), pack_nibbles(&unpacked)),
            (&[15, 8, 7][..], vec![0x8f, 7])
        );
        let bytes = constant(DType::I8, &[2], &[0x80, 0x7f]);
        assert_eq!(bytes.integers(), Some(vec![-128, 127]));
        assert_eq!(bytes.floats(), None);
    }

    #[test]
    fn floats_are_read_only_from_float32() {
        let one = constant(DType::F32, &[], &1.0f32.to_le_bytes());
        assert_eq!(one.floats(), Some(vec![1.0]));
        assert_eq!(one.integers(), None);
        assert_eq!(one.element_count(), 1);
    }
}
