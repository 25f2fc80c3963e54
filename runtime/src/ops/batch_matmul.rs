//! BATCH_MATMUL: `a [..,M,K] * b [..,K,N] -> y [..,M,N]`; either may be stored transposed, and leading
//! dimensions are broadcast.

use super::bounds::{ensure, read_factor, read_zero, write_factor, write_zero};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::Multiplier;
use smidge_kernels::requant::REDUCED_SHIFT_MAX;
use smidge_kernels::scalar::copy::RANK;
use smidge_kernels::scalar::elementwise::Broadcast;
use smidge_kernels::scalar::matmul::{Matmul, MatmulScale, matmul_f32, matmul_s8, matmul_s16};

/// int8, requantized with double rounding.
pub const S8: Op = Op {
    code: OpCode::BatchMatMul,
    variant: Variant::S8,
    in_place: false,
    check: check_s8,
    run: run_s8,
};

/// int16; sums have 64 bits.
pub const S16: Op = Op {
    code: OpCode::BatchMatMul,
    variant: Variant::S16,
    in_place: false,
    check: check_s16,
    run: run_s16,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::BatchMatMul,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// Most products of int8 values whose sum has 31 bits.
const MOST_SUMMED: usize = 1 << 15;

/// Attributes; float32 has the first two only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs {
    /// Whether each operand is stored transposed.
    pub turned: [bool; 2],
    /// Zero points of the operands and the output; 0 for int16.
    pub zeros: [i32; 3],
    /// Factor from a sum to the output.
    pub factor: Multiplier,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 13;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.turned.iter().for_each(|&turned| out.u8(turned as u8));
        self.zeros.iter().for_each(|&zero| write_zero(zero, &mut out));
        write_factor(self.factor, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            turned: [from.u8() != 0, from.u8() != 0],
            zeros: [read_zero(&mut from), read_zero(&mut from), read_zero(&mut from)],
            factor: read_factor(&mut from),
        };
        ensure(attrs.factor.is_valid() && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }

    /// The kernel's shape; fails where the operands' do not go together.
    fn matmul(&self, call: &Call<'_>) -> Result<Matmul, OpError> {
        let split = |dims: [usize; RANK]| {
            let [n0, n1, n2, n3, rows, columns] = dims;
            ([1, 1, n0, n1, n2, n3], rows, columns)
        };
        let (a_batch, a_rows, a_columns) = split(call.input(0)?.shape.padded());
        let (b_batch, b_rows, b_columns) = split(call.input(1)?.shape.padded());
        let (batch, m, n) = split(call.output(0)?.shape.padded());
        let [turned_a, turned_b] = self.turned;
        let (rows, k) = if turned_a { (a_columns, a_rows) } else { (a_rows, a_columns) };
        let (inner, columns) = if turned_b { (b_columns, b_rows) } else { (b_rows, b_columns) };
        ensure(rows == m && columns == n && inner == k, OpError::Shape)?;
        let steps = |operand: [usize; RANK], matrix: usize| {
            let walk = Broadcast::steps(operand, batch).ok_or(OpError::Shape)?;
            Ok(walk.map(|step| step.wrapping_mul(matrix as isize)))
        };
        Ok(Matmul {
            batch,
            batch_steps: [steps(a_batch, m * k)?, steps(b_batch, k * n)?],
            size: [m, k, n],
            a: if turned_a { [1, m] } else { [k, 1] },
            b: if turned_b { [1, k] } else { [n, 1] },
        })
    }

    fn check(&self, call: &Call<'_>, dtype: DType) -> Result<usize, OpError> {
        call.expect(2, 1)?;
        call.input_of(0, dtype)?;
        call.input_of(1, dtype)?;
        call.output_of(0, dtype)?;
        let [_, k, _] = self.matmul(call)?.size;
        Ok(k)
    }
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    let k = Attrs::decode(call.attrs())?.check(call, DType::I8)?;
    ensure(k <= MOST_SUMMED, OpError::Shape)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    let [a, b, y] = attrs.zeros;
    let scale = MatmulScale { offsets: [-a, -b], factor: attrs.factor, output_offset: y };
    matmul_s8(&attrs.matmul(call)?, &scale, call.src(0)?, call.src(1)?, call.dst(0)?);
    Ok(())
}

fn check_s16(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    ensure(attrs.factor.shift <= REDUCED_SHIFT_MAX, OpError::Attributes)?;
    // The sum has 47 bits.
    let k = attrs.check(call, DType::I16)?;
    ensure(k <= 1 << 16, OpError::Shape)
}

fn run_s16(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    let (a, b, y) = (call.src(0)?, call.src(1)?, call.dst(0)?);
    matmul_s16(&attrs.matmul(call)?, attrs.factor, a, b, y);
    Ok(())
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    Attrs::decode(call.attrs())?.check(call, DType::F32).map(|_| ())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    matmul_f32(&attrs.matmul(call)?, call.src(0)?, call.src(1)?, call.dst(0)?);
    Ok(())
}
