//! Element types.

use core::fmt;

/// The type of one element of a tensor: every type that a TFLite file can name.
///
/// Constant data is little endian. Types narrower than a byte are packed, first element in the
/// low bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum DType {
    F64,
    F32,
    F16,
    Bf16,
    /// 8-bit float with 4 exponent bits, no infinities.
    F8E4M3,
    /// 8-bit float with 5 exponent bits.
    F8E5M2,
    I64,
    I32,
    I16,
    I8,
    I4,
    I2,
    U64,
    U32,
    U16,
    U8,
    U4,
    Bool,
    Complex64,
    Complex128,
    /// Text of any length; has no element size.
    String,
    /// Handle of a resource such as a variable or a hash table; has no element size.
    Resource,
    /// Nested tensor; has no element size.
    Variant,
}

impl DType {
    /// Size of one element in bits; `None` for the types that have no fixed size.
    pub const fn bits(self) -> Option<usize> {
        match self {
            Self::Complex128 => Some(128),
            Self::F64 | Self::I64 | Self::U64 | Self::Complex64 => Some(64),
            Self::F32 | Self::I32 | Self::U32 => Some(32),
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => Some(16),
            Self::I8 | Self::U8 | Self::Bool | Self::F8E4M3 | Self::F8E5M2 => Some(8),
            Self::I4 | Self::U4 => Some(4),
            Self::I2 => Some(2),
            Self::String | Self::Resource | Self::Variant => None,
        }
    }

    /// Bytes that `elements` elements take, the last byte padded; `None` when the type has no
    /// fixed size or the count overflows.
    pub const fn byte_len(self, elements: usize) -> Option<usize> {
        let Some(bits) = self.bits() else { return None };
        match elements.checked_mul(bits) {
            Some(total) => Some(total.div_ceil(8)),
            None => None,
        }
    }

    /// The integers the type can hold, for integer types that can carry a zero point.
    pub const fn integer_range(self) -> Option<(i64, i64)> {
        match self {
            Self::I64 => Some((i64::MIN, i64::MAX)),
            Self::I32 => Some((i32::MIN as i64, i32::MAX as i64)),
            Self::I16 => Some((i16::MIN as i64, i16::MAX as i64)),
            Self::I8 => Some((i8::MIN as i64, i8::MAX as i64)),
            Self::I4 => Some((-8, 7)),
            Self::I2 => Some((-2, 1)),
            Self::U32 => Some((0, u32::MAX as i64)),
            Self::U16 => Some((0, u16::MAX as i64)),
            Self::U8 => Some((0, u8::MAX as i64)),
            Self::U4 => Some((0, 15)),
            _ => None,
        }
    }

    /// True for the floating-point types (complex ones excluded).
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F64 | Self::F32 | Self::F16 | Self::Bf16 | Self::F8E4M3 | Self::F8E5M2)
    }

    /// The name used in TFLite files and by the TFLite tools, such as `INT8`.
    pub const fn tflite_name(self) -> &'static str {
        match self {
            Self::F64 => "FLOAT64",
            Self::F32 => "FLOAT32",
            Self::F16 => "FLOAT16",
            Self::Bf16 => "BFLOAT16",
            Self::F8E4M3 => "FLOAT8_E4M3FN",
            Self::F8E5M2 => "FLOAT8_E5M2",
            Self::I64 => "INT64",
            Self::I32 => "INT32",
            Self::I16 => "INT16",
            Self::I8 => "INT8",
            Self::I4 => "INT4",
            Self::I2 => "INT2",
            Self::U64 => "UINT64",
            Self::U32 => "UINT32",
            Self::U16 => "UINT16",
            Self::U8 => "UINT8",
            Self::U4 => "UINT4",
            Self::Bool => "BOOL",
            Self::Complex64 => "COMPLEX64",
            Self::Complex128 => "COMPLEX128",
            Self::String => "STRING",
            Self::Resource => "RESOURCE",
            Self::Variant => "VARIANT",
        }
    }
}

/// Writes the lower-case name that NumPy users know, such as `int8` or `float32`.
impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.tflite_name().to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_sizes_round_up() {
        assert_eq!(DType::I4.byte_len(3), Some(2));
        assert_eq!(DType::I2.byte_len(5), Some(2));
        assert_eq!(DType::F32.byte_len(3), Some(12));
        assert_eq!(DType::F32.byte_len(0), Some(0));
    }

    #[test]
    fn sizes_that_do_not_exist_are_none() {
        assert_eq!(DType::String.byte_len(1), None);
        assert_eq!(DType::F64.byte_len(usize::MAX), None);
    }

    #[test]
    fn names_are_the_fields() {
        assert_eq!(DType::I8.tflite_name(), "INT8");
        assert_eq!(format!("[{:>8}]", DType::F32), "[ float32]");
    }
}
