//! Between `.npy` arrays and a model's inputs and outputs.
//!
//! An input array is `[samples, ...shape]`, or, for a model with state, `[sequences, steps, ...shape]`, each
//! sequence on fresh state. With one leading axis such a model sees one sequence, as in an interpreter
//! that is not reset. Outputs have the same leading axes.

use crate::npy::Array;

pub use crate::execute::Samples;
use smidge::Model;
use smidge_format::{self as format, FLAG_UNSIGNED_SOURCE, NameKind, Tensor};
use smidge_graph::DType;

/// Why arrays do not fit a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArrayError {
    /// Another number of arrays than inputs.
    #[error(
        "E0601: the model has {expected} inputs, {given} arrays are given\n  help: give --input once for each, in order"
    )]
    Count {
        /// Inputs of the model.
        expected: usize,
        /// Arrays given.
        given: usize,
    },
    /// An array of another element type.
    #[error("E0602: input {index} `{name}` is {expected}, the array is {given}\n  help: {remedy}")]
    Type {
        /// Number of the input.
        index: usize,
        /// Its name.
        name: String,
        /// Its type.
        expected: &'static str,
        /// The array's type.
        given: &'static str,
        /// What to do.
        remedy: String,
    },
    /// An array of another shape.
    #[error(
        "E0603: input {index} `{name}` takes arrays of shape [{leading}, {expected}], the array is {given:?}\n  help: the first axis counts samples; keep the model's own batch axis behind it"
    )]
    Shape {
        /// Number of the input.
        index: usize,
        /// Its name.
        name: String,
        /// What the leading axes count.
        leading: &'static str,
        /// The input's shape.
        expected: String,
        /// The array's shape.
        given: Vec<usize>,
    },
    /// Arrays with other leading axes.
    #[error(
        "E0604: the arrays have {first:?} and {other:?} samples\n  help: give all inputs the same leading axes"
    )]
    Samples {
        /// Leading axes of the first array.
        first: Vec<usize>,
        /// Those of another.
        other: Vec<usize>,
    },
}

/// The type in which a person sees a tensor.
pub fn presented(tensor: &Tensor) -> DType {
    match tensor.dtype {
        format::DType::I8 if tensor.flags & FLAG_UNSIGNED_SOURCE != 0 => DType::U8,
        format::DType::I8 => DType::I8,
        format::DType::U8 => DType::U8,
        format::DType::I16 => DType::I16,
        format::DType::I32 => DType::I32,
        format::DType::I64 => DType::I64,
        format::DType::F32 => DType::F32,
        format::DType::F16 => DType::F16,
        format::DType::F64 => DType::F64,
        format::DType::Bool => DType::Bool,
        format::DType::I4 => DType::I4,
    }
}

/// Turns the bytes of a tensor from the device's type to the one that a person sees, or back: the
/// same operation both ways.
pub fn convert_sign(tensor: &Tensor, bytes: &mut [u8]) {
    if tensor.flags & FLAG_UNSIGNED_SOURCE != 0 {
        bytes.iter_mut().for_each(|byte| *byte ^= 0x80);
    }
}

fn name_of(model: &Model<'_>, id: Option<u16>) -> String {
    let name = id.and_then(|id| model.blob().name(NameKind::Tensor, id));
    name.unwrap_or("(stripped)").to_owned()
}

/// Cuts arrays into the inferences they stand for.
///
/// # Errors
/// [`ArrayError`].
pub fn samples(model: &Model<'_>, arrays: &[Array]) -> Result<Samples, ArrayError> {
    let expected = model.input_count();
    if arrays.len() != expected {
        return Err(ArrayError::Count { expected, given: arrays.len() });
    }
    let mut all: Option<Samples> = None;
    for (index, array) in arrays.iter().enumerate() {
        let Some(tensor) = model.input(index) else { continue };
        let leading = leading_axes(model, index, &tensor, array)?;
        let count = leading.iter().product();
        let samples = all.get_or_insert_with(|| Samples {
            leading: leading.clone(),
            inputs: vec![Vec::new(); count],
        });
        if samples.leading != leading {
            return Err(ArrayError::Samples { first: samples.leading.clone(), other: leading });
        }
        let chunks = array.data.chunks_exact(tensor.len as usize);
        for (inputs, chunk) in samples.inputs.iter_mut().zip(chunks) {
            let mut bytes = chunk.to_vec();
            convert_sign(&tensor, &mut bytes);
            inputs.push(bytes);
        }
    }
    // A model without inputs runs once.
    Ok(all.unwrap_or(Samples { leading: vec![1], inputs: vec![Vec::new()] }))
}

/// The axes of an array before those of the input.
fn leading_axes(
    model: &Model<'_>,
    index: usize,
    tensor: &Tensor,
    array: &Array,
) -> Result<Vec<usize>, ArrayError> {
    let name = name_of(model, model.input_id(index));
    let expected = presented(tensor);
    if array.dtype != expected {
        let scale = model.quantization(tensor);
        let remedy = match scale.filter(|_| array.dtype.is_float()) {
            Some(q) => format!("quantize it: round(x / {}) + {}", q.scale, q.zero_point),
            None => {
                format!("convert it with astype(\"{}\")", expected.tflite_name().to_lowercase())
            }
        };
        let (expected, given) = (expected.tflite_name(), array.dtype.tflite_name());
        return Err(ArrayError::Type { index, name, expected, given, remedy });
    }
    let shape: Vec<usize> = tensor.shape.dims().iter().map(|&d| d as usize).collect();
    let most = if model.has_state() { 2 } else { 1 };
    let axes = array.shape.len().saturating_sub(shape.len());
    match array.shape.split_at_checked(axes) {
        Some((leading, rest)) if rest == shape && (1..=most).contains(&axes) => {
            Ok(leading.to_vec())
        }
        _ => Err(ArrayError::Shape {
            index,
            name,
            leading: if most == 2 { "samples, or sequences, steps" } else { "samples" },
            expected: shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
            given: array.shape.clone(),
        }),
    }
}

/// An array of one tensor over all inferences, in the type that a person sees.
pub fn array(tensor: &Tensor, leading: &[usize], parts: Vec<Vec<u8>>) -> Array {
    let dims = tensor.shape.dims().iter().map(|&d| d as usize);
    let mut data = parts.concat();
    convert_sign(tensor, &mut data);
    Array { dtype: presented(tensor), shape: leading.iter().copied().chain(dims).collect(), data }
}
