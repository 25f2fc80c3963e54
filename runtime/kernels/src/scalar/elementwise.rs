//! Elementwise kernels: one input through a table, two inputs with broadcasting.

use super::copy::{RANK, contiguous};
use crate::{Clamp, Dst, Element, Multiplier, Src};

/// `y[i] = table[x[i] + 128]`: any function of one int8 value, such as LOGISTIC or a requantization.
pub fn table_s8(table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    y.fill_with(x.iter().map(|x| table.get((x as i32 + 128) as usize)));
}

/// `y[i] = f(x[i])`.
pub fn map<T: Element>(x: Src<'_, T>, y: Dst<'_, T>, f: impl Fn(T) -> T) {
    y.fill_with(x.iter().map(f));
}

/// Numbers of an int8 comparison or squared difference: both operands are raised by `left_shift` bits
/// and scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledS8 {
    /// Minus the zero points of the operands.
    pub offsets: [i32; 2],
    /// Factors of the raised operands.
    pub factors: [Multiplier; 2],
    /// Bits of headroom.
    pub left_shift: u32,
}

impl ScaledS8 {
    /// Both operands in their common scale.
    #[inline]
    pub fn apply(&self, a: i8, b: i8) -> [i32; 2] {
        let scaled = |index: usize, value: i8| {
            let raised = (value as i32 + self.offsets[index]).wrapping_shl(self.left_shift);
            self.factors[index].double(raised)
        };
        [scaled(0, a), scaled(1, b)]
    }
}

/// How two operands are walked to fill an output of `count` elements per dimension; a step of zero
/// repeats the element along that dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// Output dimensions.
    pub count: [usize; RANK],
    /// Steps of the first operand.
    pub a: [isize; RANK],
    /// Steps of the second operand.
    pub b: [isize; RANK],
}

impl Broadcast {
    /// The walk for operands of these dimensions, which are equal to the output's or 1; `None` if
    /// one is neither.
    pub fn new(a: [usize; RANK], b: [usize; RANK], count: [usize; RANK]) -> Option<Self> {
        Some(Self { count, a: Self::steps(a, count)?, b: Self::steps(b, count)? }.flattened())
    }

    /// Steps of an operand of these dimensions, 0 where it is repeated; `None` if a dimension is
    /// neither the output's nor 1.
    pub fn steps(operand: [usize; RANK], count: [usize; RANK]) -> Option<[isize; RANK]> {
        let mut steps = contiguous(operand);
        for ((step, n), out) in steps.iter_mut().zip(operand).zip(count) {
            if n == 1 && out != 1 {
                *step = 0;
            } else if n != out {
                return None;
            }
        }
        Some(steps)
    }

    /// One long row instead of many short ones, where neither operand is broadcast.
    fn flattened(self) -> Self {
        let plain = contiguous(self.count);
        let is_plain = |step: &[isize; RANK]| {
            step.iter().zip(&plain).zip(&self.count).all(|((s, p), &n)| n == 1 || s == p)
        };
        if !is_plain(&self.a) || !is_plain(&self.b) {
            return self;
        }
        let len = self.count.iter().fold(1usize, |product, &n| product.wrapping_mul(n));
        Self { count: [1, 1, 1, 1, 1, len], a: [0, 0, 0, 0, 0, 1], b: [0, 0, 0, 0, 0, 1] }
    }
}

/// `y = f(a, b)` with broadcasting.
pub fn binary<T: Element, U: Element>(
    walk: &Broadcast,
    a: Src<'_, T>,
    b: Src<'_, T>,
    y: Dst<'_, U>,
    f: impl Fn(T, T) -> U,
) {
    let [.., width] = walk.count;
    let ([.., step_a], [.., step_b]) = (walk.a, walk.b);
    let mut at = 0;
    walk.rows(|row_a, row_b| {
        for i in 0..width {
            let (i_a, i_b) = (row_a + i * step_a as usize, row_b + i * step_b as usize);
            y.set(at + i, f(a.get(i_a), b.get(i_b)));
        }
        at += width;
    });
}

impl Broadcast {
    /// Calls `f` with the offsets of both operands' rows, in the order of the output.
    #[inline]
    pub(crate) fn rows(&self, mut f: impl FnMut(usize, usize)) {
        let [n0, n1, n2, n3, n4, _] = self.count;
        let offset = |steps: &[isize; RANK], i: [usize; RANK - 1]| {
            steps.iter().zip(i).map(|(&s, i)| s as usize * i).sum::<usize>()
        };
        for i0 in 0..n0 {
            for i1 in 0..n1 {
                for i2 in 0..n2 {
                    for i3 in 0..n3 {
                        for i4 in 0..n4 {
                            let i = [i0, i1, i2, i3, i4];
                            f(offset(&self.a, i), offset(&self.b, i));
                        }
                    }
                }
            }
        }
    }
}

/// Numbers of an int8 addition or subtraction: both operands are brought to a common scale with
/// `left_shift` bits of headroom, added, and brought to the output's scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AddS8 {
    /// Minus the zero points of the operands.
    pub offsets: [i32; 2],
    /// Factors of the operands.
    pub factors: [Multiplier; 2],
    /// Bits of headroom, 20 for int8.
    pub left_shift: u32,
    /// Factor of the sum.
    pub output: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

impl AddS8 {
    /// `a + b`, or `a - b` with `subtract`, for two values.
    #[inline]
    pub fn apply(&self, subtract: bool, a: i8, b: i8) -> i8 {
        let (a, b) = (self.operand(0, a), self.operand(1, b));
        self.output(if subtract { a.wrapping_sub(b) } else { a.wrapping_add(b) })
    }

    /// The operands' part of the numbers.
    pub fn scaled(&self) -> ScaledS8 {
        ScaledS8 { offsets: self.offsets, factors: self.factors, left_shift: self.left_shift }
    }

    #[inline]
    fn operand(&self, index: usize, value: i8) -> i32 {
        let index = index & 1;
        let raised = (value as i32 + self.offsets[index]).wrapping_shl(self.left_shift);
        self.factors[index].double(raised)
    }

    #[inline]
    fn output(&self, sum: i32) -> i8 {
        self.clamp.apply(self.output.double(sum).wrapping_add(self.output_offset)) as i8
    }
}

/// int8 `a + b`.
pub fn add_s8(p: &AddS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, a, b, y, |a, b| p.output(p.operand(0, a).wrapping_add(p.operand(1, b))));
}

/// int8 `a - b`.
pub fn sub_s8(p: &AddS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, a, b, y, |a, b| p.output(p.operand(0, a).wrapping_sub(p.operand(1, b))));
}

/// Numbers of an int8 addition or subtraction as one linear form: what [`AddS8`] gives, where the
/// converter has compared the two for all 65,536 pairs of operands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearS8 {
    /// Factors of the operands, in `[-2^22, 2^22]`.
    pub factors: [i32; 2],
    /// Added to the sum; with the products it stays inside 31 bits.
    pub offset: i32,
    /// Bits that are dropped, in `[0, 30]`.
    pub shift: u32,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

impl LinearS8 {
    /// Whether the numbers are in their ranges: nothing then overflows.
    pub fn is_valid(&self) -> bool {
        let reach = self.factors.iter().map(|factor| i64::from(*factor).abs() * 128).sum::<i64>();
        reach + i64::from(self.offset).abs() <= i64::from(i32::MAX) && self.shift <= 30
    }

    /// `clamp((a * factors[0] + b * factors[1] + offset) >> shift)`.
    #[inline]
    pub fn apply(&self, a: i8, b: i8) -> i8 {
        let products = (a as i32).wrapping_mul(self.factors[0]);
        let products = products.wrapping_add((b as i32).wrapping_mul(self.factors[1]));
        self.clamp.apply(products.wrapping_add(self.offset).wrapping_shr(self.shift)) as i8
    }
}

/// int8 `a + b` or `a - b` of equal shapes in linear form.
pub fn linear_s8(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    y.fill_with(a.iter().zip(b.iter()).map(|(a, b)| p.apply(a, b)));
}

/// Numbers of an int8 multiplication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MulS8 {
    /// Minus the zero points of the operands.
    pub offsets: [i32; 2],
    /// Factor of the product.
    pub output: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

impl MulS8 {
    /// `a * b` for two values.
    #[inline]
    fn apply(&self, a: i8, b: i8) -> i8 {
        let product = (a as i32 + self.offsets[0]).wrapping_mul(b as i32 + self.offsets[1]);
        self.clamp.apply(self.output.double(product).wrapping_add(self.output_offset)) as i8
    }
}

/// int8 `a * b`.
pub fn mul_s8(p: &MulS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, a, b, y, |a, b| p.apply(a, b));
}

/// Numbers of an int8 PRELU: positive values are scaled by one factor, others multiplied by alpha
/// and scaled by another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PreluS8 {
    /// Minus the zero points of input and alpha.
    pub offsets: [i32; 2],
    /// Factor for values that are not negative.
    pub positive: Multiplier,
    /// Factor for products with alpha.
    pub negative: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
}

/// int8 `x >= 0 ? x : alpha * x`, alpha broadcast.
pub fn prelu_s8(p: &PreluS8, walk: &Broadcast, x: Src<'_, i8>, alpha: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, x, alpha, y, |x, alpha| {
        let x = x as i32 + p.offsets[0];
        let scaled = if x >= 0 {
            p.positive.double(x)
        } else {
            p.negative.double(x.wrapping_mul(alpha as i32 + p.offsets[1]))
        };
        let clamp = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
        clamp.apply(scaled.wrapping_add(p.output_offset)) as i8
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    /// Operands' dimensions and the output's: equal, scalars, rows, columns, both broadcast.
    const SHAPES: [[[usize; RANK]; 3]; 7] = [
        [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]],
        [[1, 1, 2, 3, 1, 5], [1, 1, 2, 3, 1, 5], [1, 1, 2, 3, 1, 5]],
        [[1, 1, 1, 2, 3, 4], [1, 1, 1, 1, 1, 1], [1, 1, 1, 2, 3, 4]],
        [[1, 1, 1, 1, 1, 4], [1, 1, 1, 2, 3, 4], [1, 1, 1, 2, 3, 4]],
        [[2, 1, 3, 1, 2, 1], [2, 1, 3, 1, 2, 3], [2, 1, 3, 1, 2, 3]],
        [[2, 1, 3, 1, 2, 1], [1, 2, 1, 3, 1, 2], [2, 2, 3, 3, 2, 2]],
        [[1, 1, 1, 1, 5, 1], [1, 1, 1, 1, 1, 5], [1, 1, 1, 1, 5, 5]],
    ];

    /// Where the element at `index` of the output is in an operand.
    fn place(operand: [usize; RANK], count: [usize; RANK], mut index: usize) -> usize {
        let (mut at, mut stride) = (0, 1);
        for (n, out) in operand.into_iter().zip(count).rev() {
            at += if n == 1 { 0 } else { index % out * stride };
            (index, stride) = (index / out, stride * n);
        }
        at
    }

    fn elements(dims: [usize; RANK]) -> usize {
        dims.iter().product()
    }

    #[test]
    fn operands_broadcast_along_every_dimension() {
        let mut random = Random(12);
        for [a_dims, b_dims, y_dims] in SHAPES {
            let (a, b) = (random.f32s(elements(a_dims)), random.f32s(elements(b_dims)));
            let mut y = vec![f32::NAN; elements(y_dims)];
            let walk = Broadcast::new(a_dims, b_dims, y_dims).unwrap();
            let (src_a, src_b) = (Src::from(&a[..]), Src::from(&b[..]));
            binary(&walk, src_a, src_b, Dst::from(&mut y[..]), |a, b| 10.0 * a - b);
            for (i, &y) in y.iter().enumerate() {
                let expected = 10.0 * a[place(a_dims, y_dims, i)] - b[place(b_dims, y_dims, i)];
                assert_eq!(y, expected, "{a_dims:?} {b_dims:?} at {i}");
            }
        }
        let [two, three] = [2, 3].map(|n| [1, 1, 1, 1, 1, n]);
        assert_eq!(Broadcast::new(two, three, three), None);
    }

    /// A real factor as a fixed-point number.
    fn factor(mut real: f64) -> Multiplier {
        let mut shift = 0;
        while real < 0.5 {
            (real, shift) = (real * 2.0, shift - 1);
        }
        while real >= 1.0 {
            (real, shift) = (real / 2.0, shift + 1);
        }
        Multiplier { mantissa: (real * (1u64 << 31) as f64).min(i32::MAX as f64) as i32, shift }
    }

    /// Every pair of some int8 values.
    fn pairs() -> (Vec<i8>, Vec<i8>) {
        let values = [-128, -127, -100, -65, -3, -1, 0, 1, 2, 50, 64, 126, 127];
        let pair = |i: usize| (values[i / values.len()], values[i % values.len()]);
        (0..values.len() * values.len()).map(pair).unzip()
    }

    /// Computes `f` on all pairs and compares with the real function of real values.
    fn compare(
        zeros: [i32; 3],
        scales: [f64; 3],
        f: impl Fn(&Broadcast, Src<'_, i8>, Src<'_, i8>, Dst<'_, i8>),
        real: impl Fn(f64, f64) -> f64,
    ) {
        let (a, b) = pairs();
        let mut y = vec![0i8; a.len()];
        let dims = [1, 1, 1, 1, 1, a.len()];
        let walk = Broadcast::new(dims, dims, dims).unwrap();
        f(&walk, Src::from(&a[..]), Src::from(&b[..]), Dst::from(&mut y[..]));
        for ((&a, &b), &y) in a.iter().zip(&b).zip(&y) {
            let value = |q: i8, i: usize| scales[i] * (q as i32 - zeros[i]) as f64;
            let exact = real(value(a, 0), value(b, 1)) / scales[2] + zeros[2] as f64;
            let exact = exact.clamp(-120.0, 115.0);
            assert!((exact - y as f64).abs() <= 0.51, "{a} {b}: {y}, exactly {exact}");
        }
    }

    const CLAMP: Clamp<i32> = Clamp { min: -120, max: 115 };

    #[test]
    fn int8_sums_and_differences_are_near_the_real_ones() {
        for (zeros, scales) in
            [([0, 0, 0], [0.5, 0.25, 0.6]), ([-128, 127, 30], [0.01, 0.02, 0.04])]
        {
            let common = 2.0 * f64::max(scales[0], scales[1]);
            let p = AddS8 {
                offsets: [-zeros[0], -zeros[1]],
                factors: [factor(scales[0] / common), factor(scales[1] / common)],
                left_shift: 20,
                output: factor(common / (scales[2] * (1 << 20) as f64)),
                output_offset: zeros[2],
                clamp: CLAMP,
            };
            compare(zeros, scales, |walk, a, b, y| add_s8(&p, walk, a, b, y), |a, b| a + b);
            compare(zeros, scales, |walk, a, b, y| sub_s8(&p, walk, a, b, y), |a, b| a - b);
        }
    }

    #[test]
    fn int8_products_are_near_the_real_ones() {
        for (zeros, scales) in [([0, 0, 0], [0.5, 0.25, 9.0]), ([-128, 127, 30], [0.1, 0.2, 4.0])] {
            let p = MulS8 {
                offsets: [-zeros[0], -zeros[1]],
                output: factor(scales[0] * scales[1] / scales[2]),
                output_offset: zeros[2],
                clamp: CLAMP,
            };
            compare(zeros, scales, |walk, a, b, y| mul_s8(&p, walk, a, b, y), |a, b| a * b);
        }
    }

    #[test]
    fn int8_prelu_is_near_the_real_one() {
        // The output reaches neither bound: PRELU has no activation.
        for (zeros, scales) in [([0, 0, 0], [0.5, 0.005, 0.6]), ([-10, 20, 3], [0.1, 0.005, 0.13])]
        {
            let p = PreluS8 {
                offsets: [-zeros[0], -zeros[1]],
                positive: factor(scales[0] / scales[2]),
                negative: factor(scales[0] * scales[1] / scales[2]),
                output_offset: zeros[2],
            };
            let real = |x: f64, alpha: f64| if x >= 0.0 { x } else { x * alpha };
            compare(zeros, scales, |walk, a, b, y| prelu_s8(&p, walk, a, b, y), real);
        }
    }

    #[test]
    fn tables_and_functions_map_every_value() {
        let x: Vec<i8> = (-128..=127).collect();
        let table: Vec<i8> = x.iter().map(|&x| x.wrapping_mul(7)).collect();
        let mut y = x.clone();
        let memory = Dst::from(&mut y[..]);
        table_s8(Src::from(&table[..]), memory.as_src(), memory);
        assert_eq!(y, table);
        let mut y = [0.0; 3];
        map(Src::from(&[1.0, -2.0, 3.0][..]), Dst::from(&mut y[..]), |x| x + 0.5);
        assert_eq!(y, [1.5, -1.5, 3.5]);
    }

    #[test]
    fn the_largest_numbers_wrap() {
        let most = Multiplier { mantissa: i32::MAX, shift: 30 };
        let [offsets, output_offset] = [[128, -127], [127, 127]];
        let (factors, output_offset) = ([most, most], output_offset[0]);
        let add =
            AddS8 { offsets, factors, left_shift: 22, output: most, output_offset, clamp: CLAMP };
        let mul = MulS8 { offsets, output: most, output_offset, clamp: CLAMP };
        let prelu = PreluS8 { offsets, positive: most, negative: most, output_offset };
        let (a, b) = pairs();
        let mut y = vec![0i8; a.len()];
        let dims = [1, 1, 1, 1, 1, a.len()];
        let walk = Broadcast::new(dims, dims, dims).unwrap();
        let (a, b, y) = (Src::from(&a[..]), Src::from(&b[..]), Dst::from(&mut y[..]));
        add_s8(&add, &walk, a, b, y);
        sub_s8(&add, &walk, a, b, y);
        mul_s8(&mul, &walk, a, b, y);
        prelu_s8(&prelu, &walk, a, b, y);
    }
}
