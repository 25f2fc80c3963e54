//! Reads and writes NumPy array files (`.npy`).

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use npyz::{Endianness, NpyHeader, Order, TypeChar, WriterBuilder};
use smidge_graph::{DType, MAX_ELEMENTS, MAX_RANK};

/// An array in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Type of the elements.
    pub dtype: DType,
    /// Extent of each axis, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements: little endian, C order.
    pub data: Vec<u8>,
}

/// A `.npy` file that cannot be read or written. Displays as code, file, problem and remedy.
#[derive(Debug, thiserror::Error)]
#[error("{}: {file}: {problem}. {}", self.code(), problem.remedy())]
pub struct NpyError {
    /// The file, as the caller named it.
    pub file: String,
    /// What is wrong.
    #[source]
    pub problem: NpyProblem,
}

/// What is wrong with a `.npy` file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyProblem {
    /// The operating system does not give the content.
    #[error("cannot be read: {source}")]
    Read {
        /// Its reason.
        source: io::Error,
    },
    /// The content is not a NumPy array.
    #[error("is not a NumPy array file: {reason}")]
    Header {
        /// What does not fit.
        reason: String,
    },
    /// The elements have a type that smidge does not use.
    #[error("has elements of type {descr}")]
    Type {
        /// The type as NumPy writes it.
        descr: String,
    },
    /// The array has too many axes or elements.
    #[error("has the shape {shape:?}, beyond {MAX_RANK} axes or {MAX_ELEMENTS} elements")]
    Shape {
        /// The shape.
        shape: Vec<u64>,
    },
    /// The file is shorter or longer than its shape says.
    #[error("holds {actual} bytes of elements, but its shape needs {needed}")]
    Length {
        /// Bytes in the file.
        actual: u64,
        /// Bytes for the shape.
        needed: usize,
    },
    /// The operating system does not take the content.
    #[error("cannot be written: {source}")]
    Write {
        /// Its reason.
        source: io::Error,
    },
    /// NumPy has no such type, or the data does not fill the shape.
    #[error("cannot hold {dtype} of shape {shape:?} in {len} bytes")]
    NotAnArray {
        /// Type of the elements.
        dtype: DType,
        /// The shape.
        shape: Vec<usize>,
        /// Bytes of data.
        len: usize,
    },
}

impl NpyError {
    /// Stable code of the problem, such as `E0203`.
    pub fn code(&self) -> &'static str {
        match self.problem {
            NpyProblem::Read { .. } => "E0201",
            NpyProblem::Header { .. } => "E0202",
            NpyProblem::Type { .. } => "E0203",
            NpyProblem::Shape { .. } => "E0204",
            NpyProblem::Length { .. } => "E0205",
            NpyProblem::Write { .. } => "E0206",
            NpyProblem::NotAnArray { .. } => "E0207",
        }
    }
}

impl NpyProblem {
    /// What the user can do, as a sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Read { .. } => "Check the path and the permissions",
            Self::Header { .. } => "Write the array with numpy.save(path, array)",
            Self::Type { .. } => {
                "Convert it with array.astype to bool, an integer of 8 to 64 bits, or a float"
            }
            Self::Shape { .. } => "Reshape or split the array",
            Self::Length { .. } => "Write or copy the file again: it is cut off or was changed",
            Self::Write { .. } => "Check that the folder exists, is writable and has room",
            Self::NotAnArray { .. } => "Use a type that NumPy has, and as much data as the shape",
        }
    }
}

/// Reads an array of any byte order, in C or Fortran order.
///
/// # Errors
///
/// When the file cannot be read, is damaged, or has elements that are not bool, integer or float.
pub fn read(path: &Path) -> Result<Array, NpyError> {
    read_file(path).map_err(|problem| NpyError { file: path.display().to_string(), problem })
}

/// Writes an array, so that the file is either complete or not there.
///
/// # Errors
///
/// When NumPy has no such type, the data does not fill the shape, or the file cannot be written.
pub fn write(path: &Path, array: &Array) -> Result<(), NpyError> {
    write_file(path, array)
        .map_err(|problem| NpyError { file: path.display().to_string(), problem })
}

fn read_file(path: &Path) -> Result<Array, NpyProblem> {
    let failed = |source| NpyProblem::Read { source };
    let mut file = File::open(path).map_err(failed)?;
    let header = read_header(&mut file)?;
    let (dtype, byte_order) = element_type(&header.dtype())?;
    let shape = check_shape(header.shape())?;

    let count = shape.iter().product();
    let bad_shape = || NpyProblem::Shape { shape: header.shape().to_vec() };
    let needed = dtype.byte_len(count).ok_or_else(bad_shape)?;
    // Reads what is there, not what the header claims: the claim may be terabytes.
    let mut data = Vec::new();
    file.take(needed as u64 + 1).read_to_end(&mut data).map_err(failed)?;
    if data.len() != needed {
        return Err(NpyProblem::Length { actual: data.len() as u64, needed });
    }

    let size = needed.checked_div(count).unwrap_or(1);
    if byte_order == Endianness::Big {
        data.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    if header.order() == Order::Fortran {
        data = to_c_order(&data, &shape, size);
    }
    Ok(Array { dtype, shape, data })
}

/// Reads the header, after a look at whether the parser can be trusted with it.
fn read_header(file: &mut File) -> Result<NpyHeader, NpyProblem> {
    const MAX_HEADER_LEN: usize = 4096;
    let not_an_array = |reason: &str| NpyProblem::Header { reason: reason.to_owned() };
    let mut read = |len: usize| {
        let mut bytes = vec![0; len];
        match file.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
                Err(not_an_array("it ends within the header"))
            }
            Err(source) => Err(NpyProblem::Read { source }),
        }
    };

    let mut header = read(8)?;
    if !header.starts_with(b"\x93NUMPY") {
        return Err(not_an_array("the first bytes are others"));
    }
    let length = read(if header[6] == 1 { 2 } else { 4 })?;
    let text_len = length.iter().rev().fold(0, |len, &byte| (len << 8) | usize::from(byte));
    if text_len > MAX_HEADER_LEN {
        return Err(not_an_array("the header is too long"));
    }
    let text = read(text_len)?;
    if !is_harmless(&text) {
        return Err(not_an_array("the header is not that of an array of numbers"));
    }
    header.extend(length);
    header.extend(text);
    NpyHeader::from_reader(header.as_slice()).map_err(|error| not_an_array(&error.to_string()))
}

/// False for texts that make the parser recurse deeply, or the product of the shape overflow.
fn is_harmless(text: &[u8]) -> bool {
    const MAX_DEPTH: i32 = 2;
    // Extents of at most 8 axes and 2³¹ elements have at most 17 digits, the type has 2.
    const MAX_DIGITS: usize = 19;
    let mut depth = 0;
    text.iter().all(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        (0..=MAX_DEPTH).contains(&depth)
    }) && text.iter().filter(|byte| byte.is_ascii_digit()).count() <= MAX_DIGITS
}

fn element_type(dtype: &npyz::DType) -> Result<(DType, Endianness), NpyProblem> {
    let unknown = || NpyProblem::Type { descr: dtype.descr() };
    let npyz::DType::Plain(ty) = dtype else { return Err(unknown()) };
    let element = match (ty.type_char(), ty.size_field()) {
        (TypeChar::Bool, 1) => DType::Bool,
        (TypeChar::Int, 1) => DType::I8,
        (TypeChar::Int, 2) => DType::I16,
        (TypeChar::Int, 4) => DType::I32,
        (TypeChar::Int, 8) => DType::I64,
        (TypeChar::Uint, 1) => DType::U8,
        (TypeChar::Uint, 2) => DType::U16,
        (TypeChar::Uint, 4) => DType::U32,
        (TypeChar::Uint, 8) => DType::U64,
        (TypeChar::Float, 2) => DType::F16,
        (TypeChar::Float, 4) => DType::F32,
        (TypeChar::Float, 8) => DType::F64,
        _ => return Err(unknown()),
    };
    Ok((element, ty.endianness()))
}

fn check_shape(shape: &[u64]) -> Result<Vec<usize>, NpyProblem> {
    let elements = shape.iter().try_fold(1, |count: u64, &extent| count.checked_mul(extent));
    if shape.len() > MAX_RANK || elements.is_none_or(|count| count > MAX_ELEMENTS as u64) {
        return Err(NpyProblem::Shape { shape: shape.to_vec() });
    }
    shape
        .iter()
        .map(|&extent| usize::try_from(extent))
        .collect::<Result<_, _>>()
        .map_err(|_| NpyProblem::Shape { shape: shape.to_vec() })
}

/// Reorders elements of `size` bytes whose first axis runs fastest.
fn to_c_order(data: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    let mut ordered = Vec::with_capacity(data.len());
    let mut index = vec![0; shape.len()];
    while ordered.len() < data.len() {
        let position = index.iter().zip(shape).rev().fold(0, |sum, (i, extent)| sum * extent + i);
        ordered.extend_from_slice(&data[position * size..][..size]);
        for (i, extent) in index.iter_mut().zip(shape).rev() {
            *i = (*i + 1) % extent;
            if *i != 0 {
                break;
            }
        }
    }
    ordered
}

fn write_file(path: &Path, array: &Array) -> Result<(), NpyProblem> {
    let failed = |source| NpyProblem::Write { source };
    let header = header_of(array)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // In the same folder, so that the last step is a rename. Removed on every early return.
    let mut file = temporary_file(folder).map_err(failed)?;
    file.write_all(&header).and_then(|()| file.write_all(&array.data)).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn header_of(array: &Array) -> Result<Vec<u8>, NpyProblem> {
    let refused = || NpyProblem::NotAnArray {
        dtype: array.dtype,
        shape: array.shape.clone(),
        len: array.data.len(),
    };
    let descr = match array.dtype {
        DType::Bool => "|b1",
        DType::I8 => "|i1",
        DType::I16 => "<i2",
        DType::I32 => "<i4",
        DType::I64 => "<i8",
        DType::U8 => "|u1",
        DType::U16 => "<u2",
        DType::U32 => "<u4",
        DType::U64 => "<u8",
        DType::F16 => "<f2",
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        _ => return Err(refused()),
    };
    let count = array.shape.iter().try_fold(1, |count: usize, &extent| count.checked_mul(extent));
    let len = count.and_then(|count| array.dtype.byte_len(count));
    let descr = descr.parse().ok().filter(|_| len == Some(array.data.len()));
    let shape: Vec<u64> = array.shape.iter().map(|&extent| extent as u64).collect();
    npyz::WriteOptions::<u8>::new()
        .dtype(npyz::DType::new_scalar(descr.ok_or_else(refused)?))
        .shape(&shape)
        .writer(Vec::new())
        .write_header_only()
        .map_err(|source| NpyProblem::Write { source })
}

/// A file that others may read, as far as the user's settings allow.
fn temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut options = tempfile::Builder::new();
    #[cfg(unix)]
    let options = options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    options.prefix(".smidge-").tempfile_in(folder)
}
