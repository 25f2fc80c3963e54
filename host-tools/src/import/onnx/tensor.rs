//! Constants of an ONNX file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use half::{bf16, f16};
use smidge_graph::DType;
use smidge_onnx::TensorProto;
use smidge_onnx::tensor_proto::{DataLocation, DataType};

use crate::import::{Budget, Problem};

/// A constant: type, shape and elements, little endian in C order.
pub(super) struct Constant {
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub data: Vec<u8>,
}

/// The element type that ONNX numbers so; `None` for one that smidge does not know.
pub(super) fn dtype(number: i32) -> Option<DType> {
    Some(match DataType::try_from(number).ok()? {
        DataType::Float => DType::F32,
        DataType::Double => DType::F64,
        DataType::Float16 => DType::F16,
        DataType::Bfloat16 => DType::Bf16,
        DataType::Float8e4m3fn => DType::F8E4M3,
        DataType::Float8e5m2 => DType::F8E5M2,
        DataType::Int64 => DType::I64,
        DataType::Int32 => DType::I32,
        DataType::Int16 => DType::I16,
        DataType::Int8 => DType::I8,
        DataType::Int4 => DType::I4,
        DataType::Uint64 => DType::U64,
        DataType::Uint32 => DType::U32,
        DataType::Uint16 => DType::U16,
        DataType::Uint8 => DType::U8,
        DataType::Uint4 => DType::U4,
        DataType::Bool => DType::Bool,
        DataType::String => DType::String,
        DataType::Complex64 => DType::Complex64,
        DataType::Complex128 => DType::Complex128,
        DataType::Undefined
        | DataType::Float8e4m3fnuz
        | DataType::Float8e5m2fnuz
        | DataType::Float4e2m1 => return None,
    })
}

/// The type in which numbers of this type are computed.
pub(super) fn computed(dtype: DType) -> DType {
    match dtype {
        DType::F64 | DType::F16 | DType::Bf16 => DType::F32,
        other => other,
    }
}

impl Constant {
    /// The same in the type in which it is computed.
    pub fn computed(self) -> Self {
        fn floats<const N: usize>(data: &[u8], decode: impl Fn([u8; N]) -> f32) -> Vec<u8> {
            let (chunks, _) = data.as_chunks::<N>();
            chunks.iter().flat_map(|&bytes| decode(bytes).to_le_bytes()).collect()
        }
        let data = match self.dtype {
            DType::F64 => floats(&self.data, |bytes| f64::from_le_bytes(bytes) as f32),
            DType::F16 => floats(&self.data, |bytes| f16::from_le_bytes(bytes).to_f32()),
            DType::Bf16 => floats(&self.data, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            _ => return self,
        };
        Self { dtype: DType::F32, data, ..self }
    }
}

/// Reads a constant. `folder` is where its external data would be.
pub(super) fn read(
    tensor: &TensorProto,
    folder: Option<&Path>,
    budget: &mut Budget,
) -> Result<Constant, Problem> {
    let place = || format!("tensor `{}`", tensor.name());
    let wrong = |reason: String| Problem::Onnx { place: place(), reason };
    let dtype = dtype(tensor.data_type())
        .ok_or_else(|| wrong(format!("has the unknown element type {}", tensor.data_type())))?;
    let shape: Option<Vec<usize>> =
        tensor.dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
    let shape = shape.ok_or_else(|| wrong(format!("has the shape {:?}", tensor.dims)))?;
    let count = shape.iter().try_fold(1usize, |count, &dim| count.checked_mul(dim));
    let len = count.and_then(|count| dtype.byte_len(count));
    let Some((count, len)) = count.zip(len).filter(|(_, len)| *len <= i32::MAX as usize) else {
        return Err(wrong(format!("of type {dtype} and shape {shape:?} cannot be held")));
    };
    let data = if tensor.data_location() == DataLocation::External {
        external(tensor, folder, len, budget).map_err(wrong)?
    } else {
        let data = match &tensor.raw_data {
            Some(raw) => raw.to_vec(),
            None => typed(tensor, dtype),
        };
        budget.charge(data.len(), 1)?;
        data
    };
    if data.len() != len {
        let found = data.len();
        return Err(wrong(format!("holds {found} bytes, but {count} {dtype} take {len}")));
    }
    Ok(Constant { dtype, shape, data })
}

/// The elements where the file has them in a list of numbers instead of bytes.
fn typed(tensor: &TensorProto, dtype: DType) -> Vec<u8> {
    fn bytes<T: Copy, const N: usize>(list: &[T], encode: impl Fn(T) -> [u8; N]) -> Vec<u8> {
        list.iter().flat_map(|&value| encode(value)).collect()
    }
    let ints = &tensor.int32_data;
    match dtype {
        DType::F32 | DType::Complex64 => bytes(&tensor.float_data, f32::to_le_bytes),
        DType::F64 | DType::Complex128 => bytes(&tensor.double_data, f64::to_le_bytes),
        DType::I64 => bytes(&tensor.int64_data, i64::to_le_bytes),
        DType::U64 => bytes(&tensor.uint64_data, u64::to_le_bytes),
        DType::U32 => bytes(&tensor.uint64_data, |value| (value as u32).to_le_bytes()),
        DType::I32 => bytes(ints, i32::to_le_bytes),
        DType::F16 | DType::Bf16 | DType::I16 | DType::U16 => {
            bytes(ints, |value| (value as u16).to_le_bytes())
        }
        _ => bytes(ints, |value| [value as u8]),
    }
}

/// The elements where they are in a file beside the model, which may not leave the model's folder.
fn external(
    tensor: &TensorProto,
    folder: Option<&Path>,
    len: usize,
    budget: &mut Budget,
) -> Result<Vec<u8>, String> {
    let entry = |key: &str| {
        let mut entries = tensor.external_data.iter();
        entries.find(|entry| entry.key() == key).map(|entry| entry.value().to_owned())
    };
    let number = |key: &str| match entry(key) {
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| format!("has the {key} `{text}`")),
        None => Ok(None),
    };
    let location = entry("location").ok_or("has external data without a location")?;
    let folder = folder.ok_or("has external data, but the model is no file")?;
    let relative = Path::new(&location);
    if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(format!("has external data outside of the model's folder: `{location}`"));
    }
    let path = folder.join(relative);
    let refuse = |error: std::io::Error| format!("has external data in `{location}`: {error}");
    // A link could lead anywhere.
    let (root, real) =
        (folder.canonicalize().map_err(refuse)?, path.canonicalize().map_err(refuse)?);
    if !real.starts_with(&root) || !real.is_file() {
        return Err(format!("has external data outside of the model's folder: `{location}`"));
    }
    let offset = number("offset")?.unwrap_or(0);
    let given = number("length")?.unwrap_or(len as u64);
    if given != len as u64 {
        return Err(format!("has {given} bytes of external data, but needs {len}"));
    }
    let mut file = File::open(&real).map_err(refuse)?;
    let available = file.metadata().map_err(refuse)?.len().saturating_sub(offset);
    if available < len as u64 {
        return Err(format!("needs {len} bytes of `{location}`, which has {available} from there"));
    }
    budget.extend(len);
    let mut data = vec![0; len];
    file.seek(SeekFrom::Start(offset)).map_err(refuse)?;
    file.read_exact(&mut data).map_err(refuse)?;
    Ok(data)
}
