//! Comparing arrays.

use crate::Tolerance;
use smidge_graph::DType;
use smidge_tools::npy::Array;

/// Compares what came out with what should have.
///
/// # Errors
/// How many elements differ, where the first one is, and by how much the worst.
pub fn compare(got: &Array, expected: &Array, tolerance: Tolerance) -> Result<(), String> {
    if got.dtype != expected.dtype || got.shape != expected.shape {
        return Err(format!(
            "{:?} {:?} where {:?} {:?} is expected",
            got.dtype, got.shape, expected.dtype, expected.shape
        ));
    }
    let pairs = elements(got).zip(elements(expected)).enumerate();
    let wrong: Vec<_> = pairs.filter(|(_, (a, b))| !is_close(*a, *b, tolerance)).collect();
    let Some(&(at, (first, right))) = wrong.first() else { return Ok(()) };
    let worst = wrong.iter().map(|(_, (a, b))| (a - b).abs()).fold(0.0, f64::max);
    let count = elements(got).count();
    Err(format!(
        "{} of {count} elements differ, by at most {worst}; first at {at}: {first}, not {right}",
        wrong.len()
    ))
}

fn is_close(a: f64, b: f64, tolerance: Tolerance) -> bool {
    match tolerance {
        Tolerance::Exact => a == b,
        Tolerance::Float(within) => {
            let within = f64::from(within);
            (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= within * b.abs().max(1.0)
        }
    }
}

/// The elements as numbers. Integers up to 32 bits are exact.
fn elements(array: &Array) -> impl Iterator<Item = f64> {
    let size = array.dtype.byte_len(1).unwrap_or(1);
    array.data.chunks_exact(size).map(|bytes| number(array.dtype, bytes))
}

fn number(dtype: DType, bytes: &[u8]) -> f64 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let integer = u64::from_le_bytes(wide);
    match dtype {
        DType::F32 => f32::from_bits(integer as u32).into(),
        DType::I8 => f64::from(integer as i8),
        DType::I16 => f64::from(integer as i16),
        DType::I32 => f64::from(integer as i32),
        DType::I64 => integer as i64 as f64,
        _ => integer as f64,
    }
}
