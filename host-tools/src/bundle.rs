//! Bundles: what a model has to give travels with what it is given. The file is specified in
//! `smidge_format::bundle`.

use crate::arrays::{self, Samples};
use crate::npy::Array;
use smidge::Model;
use smidge_format::bundle::{Bundle, Contents};
use smidge_format::{DType, Tensor};
use std::fmt;

/// How far floats may be from the expected ones, where nothing else is said: of one, or of the
/// expected value where that is larger.
pub const TOLERANCE: f32 = 1e-5;

/// Why a bundle does not fit its model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MismatchError {
    /// Another number of arrays than outputs.
    #[error(
        "E0621: the model has {expected} outputs, {given} arrays are given\n  help: give --output once for each, in order, or not at all"
    )]
    Count {
        /// Outputs of the model.
        expected: usize,
        /// Arrays given.
        given: usize,
    },
    /// An expected output of another type or shape.
    #[error(
        "E0622: output {index} gives {expected} for these inputs, the array is {given}\n  help: compute the expected outputs with this model and these inputs"
    )]
    Output {
        /// Number of the output.
        index: usize,
        /// Type and shape that it gives.
        expected: String,
        /// Type and shape of the array.
        given: String,
    },
    /// The bundle's inputs or outputs are not the model's.
    #[error(
        "E0623: the bundle has other inputs or outputs than its model\n  help: make it again with `smidge bundle`"
    )]
    Bundle,
}

/// The outputs of each inference that arrays of all of them hold.
///
/// # Errors
/// [`MismatchError`] if there are not as many arrays, or one has another type or shape.
pub fn expected(
    model: &Model<'_>,
    samples: &Samples,
    arrays: &[Array],
) -> Result<Vec<Vec<Vec<u8>>>, MismatchError> {
    let count = model.output_count();
    if arrays.len() != count {
        return Err(MismatchError::Count { expected: count, given: arrays.len() });
    }
    let mut outputs = vec![Vec::new(); samples.inputs.len()];
    for (index, array) in arrays.iter().enumerate() {
        let Some(tensor) = model.output(index) else { continue };
        let wanted = arrays::array(&tensor, &samples.leading, Vec::new());
        if (wanted.dtype, &wanted.shape) != (array.dtype, &array.shape) {
            let text = |array: &Array| format!("{} {:?}", array.dtype.tflite_name(), array.shape);
            let (expected, given) = (text(&wanted), text(array));
            return Err(MismatchError::Output { index, expected, given });
        }
        for (own, part) in outputs.iter_mut().zip(array.data.chunks(tensor.len as usize)) {
            let mut bytes = part.to_vec();
            arrays::convert_sign(&tensor, &mut bytes);
            own.push(bytes);
        }
    }
    Ok(outputs)
}

/// What goes into a bundle.
pub fn contents(
    model: &Model<'_>,
    samples: &Samples,
    outputs: &[Vec<Vec<u8>>],
    tolerance: f32,
) -> Contents {
    let joined = |all: &[Vec<Vec<u8>>], count: usize| -> Vec<Vec<u8>> {
        (0..count)
            .map(|i| all.iter().filter_map(|own| own.get(i)).flatten().copied().collect())
            .collect()
    };
    let axis = |at: usize| samples.leading.get(at).copied().unwrap_or(1) as u32;
    Contents {
        blob: model.blob().bytes().to_vec(),
        sequences: [axis(0), axis(1)],
        tolerance,
        inputs: joined(&samples.inputs, model.input_count()),
        outputs: joined(outputs, model.output_count()),
    }
}

/// The inferences of a bundle.
///
/// # Errors
/// [`MismatchError::Bundle`] if its inputs and outputs are not those of its model.
pub fn samples(model: &Model<'_>, bundle: &Bundle<'_>) -> Result<Samples, MismatchError> {
    let (inputs, outputs) = (bundle.inputs(), bundle.outputs());
    let counts = (usize::from(inputs), usize::from(outputs));
    let [sequences, steps] = bundle.sequences().map(|count| count as usize);
    let is_stepped = model.has_state() || steps == 1;
    if counts != (model.input_count(), model.output_count()) || !is_stepped {
        return Err(MismatchError::Bundle);
    }
    let fits = |tensor: Option<Tensor>, bytes: Option<&[u8]>| {
        tensor.zip(bytes).is_some_and(|(tensor, bytes)| tensor.len as usize == bytes.len())
    };
    let mut all = Vec::new();
    for inference in 0..bundle.count() {
        let input = |index| bundle.input(inference, index);
        let output = |index| bundle.output(inference, index);
        let fit = (0..inputs).all(|index| fits(model.input(index.into()), input(index)))
            && (0..outputs).all(|index| fits(model.output(index.into()), output(index)));
        if !fit {
            return Err(MismatchError::Bundle);
        }
        all.push((0..inputs).filter_map(input).map(<[u8]>::to_vec).collect());
    }
    let leading = if model.has_state() { vec![sequences, steps] } else { vec![sequences] };
    Ok(Samples { leading, inputs: all })
}

/// What differs from a bundle's expected outputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Inferences of the bundle.
    pub inferences: usize,
    /// Those with an output that differs.
    pub differing: usize,
    /// The first element that does.
    pub first: Option<Element>,
}

/// An element that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Number of the inference.
    pub inference: usize,
    /// Number of the output.
    pub output: usize,
    /// Number of the element in it.
    pub index: usize,
    /// What came.
    pub found: String,
    /// What the bundle has.
    pub expected: String,
}

impl Difference {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.differing == 0
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (differing, all) = (self.differing, self.inferences);
        let Some(first) = &self.first else {
            return write!(f, "{all} inferences gave the expected outputs");
        };
        let Element { inference, output, index, found, expected } = first;
        write!(
            f,
            "{differing} of {all} inferences gave other outputs; the first: element {index} of output \
             {output} of inference {inference} is {found}, not {expected}"
        )
    }
}

/// Compares the outputs of all inferences with those that the bundle expects.
pub fn compare(model: &Model<'_>, bundle: &Bundle<'_>, outputs: &[Vec<Vec<u8>>]) -> Difference {
    let inferences = bundle.count() as usize;
    let mut difference = Difference { inferences, ..Difference::default() };
    for inference in 0..inferences {
        let mut own = (0..model.output_count()).filter_map(|output| {
            let tensor = model.output(output)?;
            let found = outputs.get(inference).and_then(|all| all.get(output));
            let found = found.map(Vec::as_slice).unwrap_or_default();
            let expected = bundle.output(inference as u32, output as u16).unwrap_or_default();
            let (index, found, expected) =
                first_difference(tensor.dtype, found, expected, bundle.tolerance())?;
            Some(Element { inference, output, index, found, expected })
        });
        if let Some(element) = own.next() {
            difference.differing += 1;
            difference.first.get_or_insert(element);
        }
    }
    difference
}

/// The first element that differs, with both values.
fn first_difference(
    dtype: DType,
    found: &[u8],
    expected: &[u8],
    tolerance: f32,
) -> Option<(usize, String, String)> {
    let size = dtype.size().max(1);
    let pairs = found.chunks(size).zip(expected.chunks(size)).enumerate();
    let float = |bytes: &[u8]| bytes.first_chunk().map(|bytes| f32::from_le_bytes(*bytes));
    for (index, (a, b)) in pairs {
        let equal = match (dtype, float(a), float(b)) {
            (DType::F32, Some(x), Some(y)) => {
                a == b
                    || (x - y).abs() <= tolerance * y.abs().max(1.0)
                    || (x.is_nan() && y.is_nan())
            }
            _ => a == b,
        };
        if !equal {
            return Some((index, value(dtype, a), value(dtype, b)));
        }
    }
    (found.len() != expected.len())
        .then(|| (0, format!("{} bytes", found.len()), format!("{} bytes", expected.len())))
}

fn value(dtype: DType, bytes: &[u8]) -> String {
    let mut wide = [0; 8];
    wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    let unsigned = u64::from_le_bytes(wide);
    match dtype {
        DType::F32 => f32::from_bits(unsigned as u32).to_string(),
        DType::I8 => (unsigned as i8).to_string(),
        DType::I16 => (unsigned as i16).to_string(),
        DType::I32 => (unsigned as i32).to_string(),
        DType::I64 => (unsigned as i64).to_string(),
        _ => unsigned.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_compared_in_their_type() {
        let floats =
            |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>();
        let differ =
            |a: &[f32], b: &[f32]| first_difference(DType::F32, &floats(a), &floats(b), 1e-5);
        assert_eq!(differ(&[1.0, f32::NAN, 1e6], &[1.000_009, f32::NAN, 1e6 + 5.0]), None);
        assert_eq!(differ(&[1.0, 2.0], &[1.0, 2.1]), Some((1, "2".into(), "2.1".into())));
        assert_eq!(differ(&[f32::NAN], &[0.0]).unwrap().0, 0);
        assert_eq!(differ(&[f32::INFINITY], &[f32::INFINITY]), None);
        let bytes = first_difference(DType::I8, &[1, 0xFF], &[1, 0x80], 1.0);
        assert_eq!(bytes, Some((1, "-1".into(), "-128".into())));
        assert_eq!(first_difference(DType::I8, &[1], &[1, 2], 0.0).unwrap().1, "1 bytes");
    }
}
