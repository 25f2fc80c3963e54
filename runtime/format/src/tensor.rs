//! Tensors: element type, shape, where the bytes are, and for how long.

use crate::bytes::Record;
use crate::limits::MAX_RANK;

/// Element type of a tensor. The numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DType {
    /// Signed 8-bit integer.
    I8 = 1,
    /// Unsigned 8-bit integer.
    U8 = 2,
    /// Signed 16-bit integer.
    I16 = 3,
    /// Signed 32-bit integer.
    I32 = 4,
    /// Signed 64-bit integer.
    I64 = 5,
    /// IEEE 754 single precision.
    F32 = 6,
    /// IEEE 754 half precision.
    F16 = 7,
    /// One byte, 0 or 1.
    Bool = 8,
    /// Signed 4-bit integer, two to a byte, the first in the low half; the last byte is padded.
    I4 = 9,
    /// IEEE 754 double precision.
    F64 = 10,
}

impl DType {
    /// The type with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::I32,
            5 => Self::I64,
            6 => Self::F32,
            7 => Self::F16,
            8 => Self::Bool,
            9 => Self::I4,
            10 => Self::F64,
            _ => return None,
        })
    }

    /// Bytes that so many elements take; `None` if that is more than can be addressed.
    pub const fn len_bytes(self, elements: usize) -> Option<usize> {
        match self {
            Self::I4 => Some(elements.div_ceil(2)),
            _ => elements.checked_mul(self.size()),
        }
    }

    /// Bytes of one element, or of two that are packed into one.
    pub const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 | Self::Bool | Self::I4 => 1,
            Self::I16 | Self::F16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::I64 | Self::F64 => 8,
        }
    }

    /// Short name: `i8`, `f32` and so on.
    pub const fn name(self) -> &'static str {
        match self {
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bool => "bool",
            Self::I4 => "i4",
            Self::F64 => "f64",
        }
    }
}

/// Up to [`MAX_RANK`] dimensions, outermost first; rank 0 is a scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    dims: [u32; MAX_RANK],
    rank: u8,
}

impl Shape {
    /// The shape with these dimensions; `None` for more than [`MAX_RANK`] of them.
    pub fn new(dims: &[u32]) -> Option<Self> {
        if dims.len() > MAX_RANK {
            return None;
        }
        let mut shape = Self { dims: [1; MAX_RANK], rank: dims.len() as u8 };
        for (to, from) in shape.dims.iter_mut().zip(dims) {
            *to = *from;
        }
        Some(shape)
    }

    /// Decodes that part of a record; `None` for an unknown rank.
    pub(crate) fn decode(record: &Record<'_, TENSOR_RECORD>) -> Option<Self> {
        let rank = record.u8(1);
        let mut dims = [1; MAX_RANK];
        for (axis, dim) in dims.iter_mut().enumerate().take(rank.into()) {
            *dim = record.u32(8 + 4 * axis);
        }
        (rank as usize <= MAX_RANK).then_some(Self { dims, rank })
    }

    /// The dimensions.
    pub fn dims(&self) -> &[u32] {
        self.dims.get(..self.rank()).unwrap_or(&[])
    }

    /// Number of dimensions.
    pub fn rank(&self) -> usize {
        self.rank as usize
    }

    /// Dimension `axis`; 1 past the end.
    pub fn dim(&self, axis: usize) -> usize {
        self.dims().get(axis).map_or(1, |&d| d as usize)
    }

    /// The last dimension; 1 for a scalar.
    pub fn last(&self) -> usize {
        self.dims().last().map_or(1, |&d| d as usize)
    }

    /// Number of elements; `None` if it does not fit 32 bits.
    pub fn checked_elements(&self) -> Option<usize> {
        let mut product = 1u32;
        for &dim in self.dims() {
            product = product.checked_mul(dim)?;
        }
        Some(product as usize)
    }

    /// Number of elements, saturated.
    pub fn elements(&self) -> usize {
        self.checked_elements().unwrap_or(u32::MAX as usize)
    }

    /// The dimensions as `[N, H, W, C]`, if there are four.
    pub fn nhwc(&self) -> Option<[usize; 4]> {
        let [n, h, w, c] = *self.dims() else { return None };
        Some([n as usize, h as usize, w as usize, c as usize])
    }

    /// The dimensions from the right, padded with ones on the left to [`MAX_RANK`]: the form in
    /// which shapes are broadcast.
    pub fn padded(&self) -> [usize; MAX_RANK] {
        let mut out = [1; MAX_RANK];
        for (to, from) in out.iter_mut().rev().zip(self.dims().iter().rev()) {
            *to = *from as usize;
        }
        out
    }
}

impl core::fmt::Debug for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.dims()).finish()
    }
}

/// Where a tensor's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Storage {
    /// In the arena, alive from its first to its last step.
    Arena = 0,
    /// In the arena's state part: keeps its value between calls until a reset.
    State = 1,
    /// In a constant section of the blob.
    Constant = 2,
}

/// The flag of a tensor whose source type was unsigned: an `i8` holds the source's `u8` minus
/// 128, and a host that reads or writes it for a person shows the `u8`.
pub const FLAG_UNSIGNED_SOURCE: u8 = 1;

/// A number that stands for "none" in 16-bit index fields.
pub const NONE: u16 = 0xFFFF;

/// Bytes of a tensor record.
pub const TENSOR_RECORD: usize = 48;

/// One tensor, decoded from its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Element type.
    pub dtype: DType,
    /// Shape.
    pub shape: Shape,
    /// Where the bytes are.
    pub storage: Storage,
    /// [`FLAG_UNSIGNED_SOURCE`].
    pub flags: u8,
    /// The tensor's number in the source model, or [`NONE`].
    pub source: u16,
    /// Its quantization record, or [`NONE`].
    pub quantization: u16,
    /// Byte offset in the arena, or in the constant section.
    pub offset: u32,
    /// Byte length: what [`DType::len_bytes`] says of the elements.
    pub len: u32,
    /// First step at which it has a value (a subgraph's input: its first step).
    pub first: u16,
    /// Last step at which its value is needed.
    pub last: u16,
    /// For constants: which section of kind `Data`, counted among those. For state: the constant
    /// that a reset copies into it, or [`NONE`] for zero bytes.
    pub origin: u16,
}

/// Where a tensor's bytes are: what running a step needs of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where the bytes are.
    pub storage: Storage,
    /// Byte offset in the arena, or in the constant section.
    pub offset: u32,
    /// Byte length.
    pub len: u32,
    /// For constants: which section of kind `Data`, counted among those.
    pub origin: u16,
}

impl Place {
    /// Decodes that part of a record; `None` for an unknown storage.
    #[inline]
    pub(crate) fn decode(record: &Record<'_, TENSOR_RECORD>) -> Option<Self> {
        let storage = Storage::from_u8(record.u8(2))?;
        let (offset, len, origin) = (record.u32(32), record.u32(36), record.u16(44));
        Some(Self { storage, offset, len, origin })
    }
}

impl Storage {
    /// The storage with this number.
    #[inline]
    fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Arena),
            1 => Some(Self::State),
            2 => Some(Self::Constant),
            _ => None,
        }
    }
}

impl Tensor {
    /// Decodes a record; `None` for an unknown type, rank or storage.
    pub(crate) fn decode(record: &Record<'_, TENSOR_RECORD>) -> Option<Self> {
        Some(Self {
            dtype: DType::from_u8(record.u8(0))?,
            shape: Shape::decode(record)?,
            storage: Storage::from_u8(record.u8(2))?,
            flags: record.u8(3),
            source: record.u16(4),
            quantization: record.u16(6),
            offset: record.u32(32),
            len: record.u32(36),
            first: record.u16(40),
            last: record.u16(42),
            origin: record.u16(44),
        })
    }

    /// Encodes the record that the reader decodes.
    pub fn encode(&self) -> [u8; TENSOR_RECORD] {
        let mut out = crate::attrs::Writer::<TENSOR_RECORD>::new();
        out.u8(self.dtype as u8);
        out.u8(self.shape.rank() as u8);
        out.u8(self.storage as u8);
        out.u8(self.flags);
        out.u16(self.source);
        out.u16(self.quantization);
        for axis in 0..MAX_RANK {
            out.u32(self.shape.dim(axis) as u32);
        }
        out.u32(self.offset);
        out.u32(self.len);
        out.u16(self.first);
        out.u16(self.last);
        out.u16(self.origin);
        out.finish()
    }

    /// Where its bytes are.
    pub fn place(&self) -> Place {
        Place { storage: self.storage, offset: self.offset, len: self.len, origin: self.origin }
    }

    /// One past the last byte.
    pub(crate) fn end(&self) -> usize {
        self.offset as usize + self.len as usize
    }

    /// Whether it is alive at the same time as `other`.
    pub(crate) fn lives_with(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether it shares bytes with `offset .. end`.
    pub(crate) fn overlaps(&self, offset: usize, end: usize) -> bool {
        (self.offset as usize) < end && offset < self.end()
    }
}
