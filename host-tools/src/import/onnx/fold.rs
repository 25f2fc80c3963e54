//! Arithmetic on constants: shapes, positions and scales that a file computes while it runs.

use smidge_graph::{DType, Tensor, TensorId};

use super::Constant;
use super::build::broadcast;
use super::node::{NodeCx, Result};

/// Longest result that is computed here; what is longer is no shape.
const MAX_ELEMENTS: usize = 1 << 16;

/// Elements of a constant as numbers that hold each of its type's values.
enum Numbers {
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

impl Numbers {
    fn of(tensor: &Tensor) -> Option<Self> {
        if tensor.quant.is_some() || tensor.element_count() > MAX_ELEMENTS {
            return None;
        }
        let data = tensor.data.as_deref()?;
        match tensor.dtype {
            DType::F32 => {
                let floats = tensor.floats()?;
                Some(Self::Floats(floats.into_iter().map(f64::from).collect()))
            }
            DType::F64 => {
                let (chunks, _) = data.as_chunks::<8>();
                Some(Self::Floats(chunks.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()))
            }
            DType::Bool => Some(Self::Integers(data.iter().map(|&b| (b != 0).into()).collect())),
            _ => tensor.integers().map(Self::Integers),
        }
    }

    fn float(&self, at: usize) -> f64 {
        match self {
            Self::Integers(values) => values[at] as f64,
            Self::Floats(values) => values[at],
        }
    }
}

/// The bytes of a value in a type; `None` for a type that is not computed here.
fn encode(dtype: DType, integer: i64, float: f64) -> Option<Vec<u8>> {
    Some(match dtype {
        DType::F32 => (float as f32).to_le_bytes().to_vec(),
        DType::F64 => float.to_le_bytes().to_vec(),
        DType::I64 => integer.to_le_bytes().to_vec(),
        DType::I32 => (integer as i32).to_le_bytes().to_vec(),
        DType::I16 => (integer as i16).to_le_bytes().to_vec(),
        DType::I8 => (integer as i8).to_le_bytes().to_vec(),
        DType::U8 => (integer as u8).to_le_bytes().to_vec(),
        DType::Bool => vec![u8::from(integer != 0)],
        _ => return None,
    })
}

/// A function of two integers; `None` where it is not one, or not defined there.
fn integer(op: &str, a: i64, b: i64) -> Option<i64> {
    Some(match op {
        "Add" => a.wrapping_add(b),
        "Sub" => a.wrapping_sub(b),
        "Mul" => a.wrapping_mul(b),
        // Rounded towards zero, as in C.
        "Div" => a.checked_div(b)?,
        "Mod" => {
            let rest = a.checked_rem(b)?;
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        }
        "Min" => a.min(b),
        "Max" => a.max(b),
        "Pow" => a.checked_pow(u32::try_from(b).ok()?)?,
        "Equal" => (a == b).into(),
        "Less" => (a < b).into(),
        "LessOrEqual" => (a <= b).into(),
        "Greater" => (a > b).into(),
        "GreaterOrEqual" => (a >= b).into(),
        "And" => (a != 0 && b != 0).into(),
        "Or" => (a != 0 || b != 0).into(),
        "Xor" => ((a != 0) != (b != 0)).into(),
        _ => return None,
    })
}

/// The same of floats. Rounding twice, to double and to single precision, is rounding once for
/// these.
fn float(op: &str, a: f64, b: f64) -> Option<f64> {
    Some(match op {
        "Add" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        "Div" => a / b,
        "Min" => a.min(b),
        "Max" => a.max(b),
        _ => return None,
    })
}

fn compares(op: &str) -> bool {
    matches!(op, "Equal" | "Less" | "LessOrEqual" | "Greater" | "GreaterOrEqual")
}

/// Positions in an operand for each element of the result it is broadcast to.
fn spread(shape: &[usize], to: &[usize]) -> Vec<usize> {
    let mut positions = vec![0];
    let skipped = to.len() - shape.len();
    for (axis, &extent) in to.iter().enumerate() {
        let own = axis.checked_sub(skipped).map_or(1, |axis| shape[axis]);
        let step = usize::from(own != 1);
        positions = positions
            .iter()
            .flat_map(|&base| (0..extent).map(move |i| base * own + i * step))
            .collect();
    }
    positions
}

impl NodeCx<'_, '_> {
    /// The node's result if it is arithmetic on constants.
    pub fn folded(&mut self) -> Result<Option<TensorId>> {
        let op = self.node.op_type();
        let count = self.input_count();
        if count == 0 || count > 3 {
            return Ok(None);
        }
        if self.node.input.iter().take(count).any(String::is_empty) {
            return Ok(None);
        }
        let inputs = self.inputs()?;
        if !inputs.iter().all(|&id| self.tensor(id).is_constant()) {
            return Ok(None);
        }
        let constant = match *inputs.as_slice() {
            [x] => self.folded_unary(op, x)?,
            [a, b] => self.folded_binary(op, a, b)?,
            [condition, a, b] if op == "Where" => self.folded_where(condition, a, b)?,
            _ => None,
        };
        Ok(constant.map(|constant| self.constant(constant)))
    }

    fn folded_unary(&mut self, op: &str, x: TensorId) -> Result<Option<Constant>> {
        let target = match op {
            "Cast" => super::tensor::dtype(self.int("to", 1)? as i32).map(super::tensor::computed),
            _ => Some(self.dtype(x)),
        };
        let tensor = self.tensor(x);
        let (Some(dtype), Some(numbers)) = (target, Numbers::of(tensor)) else { return Ok(None) };
        let mut data = Vec::new();
        for at in 0..tensor.element_count() {
            let (value, real) = match &numbers {
                Numbers::Integers(values) => (values[at], values[at] as f64),
                Numbers::Floats(values) => (values[at] as i64, values[at]),
            };
            let (value, real) = match op {
                // A float that is not 0 is true, even one below 1.
                "Cast" if dtype == DType::Bool => ((real != 0.0).into(), real),
                "Cast" => (value, real),
                "Neg" => (value.wrapping_neg(), -real),
                "Abs" => (value.wrapping_abs(), real.abs()),
                "Not" => ((value == 0).into(), 0.0),
                "Floor" => (value, real.floor()),
                "Ceil" => (value, real.ceil()),
                "Sqrt" if dtype.is_float() => (value, real.sqrt()),
                _ => return Ok(None),
            };
            let Some(bytes) = encode(dtype, value, real) else { return Ok(None) };
            data.extend(bytes);
        }
        Ok(Some(Constant { dtype, shape: tensor.shape.clone(), data }))
    }

    fn folded_binary(&self, op: &str, a: TensorId, b: TensorId) -> Result<Option<Constant>> {
        let (a, b) = (self.tensor(a), self.tensor(b));
        if a.dtype != b.dtype || op == "Mod" && self.flag("fmod", false)? {
            return Ok(None);
        }
        let (Some(left), Some(right)) = (Numbers::of(a), Numbers::of(b)) else { return Ok(None) };
        let shape = broadcast(&[&a.shape, &b.shape])?;
        let dtype = if compares(op) { DType::Bool } else { a.dtype };
        let mut data = Vec::new();
        for (i, j) in spread(&a.shape, &shape).into_iter().zip(spread(&b.shape, &shape)) {
            let result = match (&left, &right) {
                (Numbers::Integers(left), Numbers::Integers(right)) => {
                    integer(op, left[i], right[j]).map(|value| (value, 0.0))
                }
                _ => float(op, left.float(i), right.float(j)).map(|value| (0, value)),
            };
            let bytes = result.and_then(|(integer, float)| encode(dtype, integer, float));
            let Some(bytes) = bytes else { return Ok(None) };
            data.extend(bytes);
        }
        Ok(Some(Constant { dtype, shape, data }))
    }

    fn folded_where(
        &self,
        condition: TensorId,
        a: TensorId,
        b: TensorId,
    ) -> Result<Option<Constant>> {
        let [condition, a, b] = [condition, a, b].map(|id| self.tensor(id));
        let dtype = a.dtype;
        let size = dtype.bits().filter(|bits| bits % 8 == 0).map(|bits| bits / 8);
        let (Some(size), Some(Numbers::Integers(chosen))) = (size, Numbers::of(condition)) else {
            return Ok(None);
        };
        let (Some(left), Some(right)) = (&a.data, &b.data) else { return Ok(None) };
        if dtype != b.dtype {
            return Ok(None);
        }
        let shape = broadcast(&[&condition.shape, &a.shape, &b.shape])?;
        if shape.iter().product::<usize>() > MAX_ELEMENTS {
            return Ok(None);
        }
        let mut data = Vec::new();
        let [c, i, j] = [condition, a, b].map(|tensor| spread(&tensor.shape, &shape));
        for ((c, i), j) in c.into_iter().zip(i).zip(j) {
            let (from, at) = if chosen[c] != 0 { (left, i) } else { (right, j) };
            data.extend_from_slice(&from[at * size..(at + 1) * size]);
        }
        Ok(Some(Constant { dtype, shape, data }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_are_spread_over_the_result() {
        assert_eq!(spread(&[3], &[2, 3]), [0, 1, 2, 0, 1, 2]);
        assert_eq!(spread(&[2, 1], &[2, 3]), [0, 0, 0, 1, 1, 1]);
        assert_eq!(spread(&[], &[2]), [0, 0]);
    }

    #[test]
    fn integers_are_divided_as_in_c_and_their_remainders_have_the_divisors_sign() {
        assert_eq!(integer("Div", -7, 2), Some(-3));
        assert_eq!(integer("Mod", -7, 2), Some(1));
        assert_eq!(integer("Mod", 7, -2), Some(-1));
        assert_eq!(integer("Div", 1, 0), None);
    }
}
