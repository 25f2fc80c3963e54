//! Elementwise kernels.

use super::scale::Scale;
use crate::scalar::elementwise::{self, AddS8, Broadcast, LinearS8, MulS8};
use crate::{Cpu, Dst, Src};

/// See [`elementwise::table_s8`].
#[inline]
pub fn table_s8(cpu: Cpu, table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    #[cfg(smidge_isa = "aarch64")]
    if cpu.runs(crate::Family::Neon) {
        return crate::aarch64::elementwise::table_s8(table, x, y);
    }
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    if crate::mve::elementwise::table_s8(table, x, y) {
        return;
    }
    look_up(table, x, y);
}

/// See [`elementwise::add_s8`].
#[inline]
pub fn add_s8(
    cpu: Cpu,
    p: &AddS8,
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    #[cfg(smidge_isa = "aarch64")]
    if cpu.runs(crate::Family::Neon) {
        return crate::aarch64::elementwise::add_s8(p, walk, a, b, y);
    }
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    if crate::mve::elementwise::add_s8(p, walk, a, b, y) {
        return;
    }
    let p = *p;
    let [scale_a, scale_b] = p.factors.map(Scale::new);
    let output = Scale::new(p.output);
    binary(walk, a, b, y, move |a, b| {
        let operand = |value: i8, offset: i32, scale: Scale| {
            scale.apply((i32::from(value) + offset).wrapping_shl(p.left_shift))
        };
        let (a, b) = (operand(a, p.offsets[0], scale_a), operand(b, p.offsets[1], scale_b));
        let scaled = output.apply(a.wrapping_add(b));
        p.clamp.apply(scaled.wrapping_add(p.output_offset)) as i8
    });
}

/// See [`elementwise::linear_s8`].
#[inline]
pub fn linear_s8(cpu: Cpu, p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    #[cfg(smidge_isa = "x86_64")]
    if cpu.runs(crate::Family::X86) {
        // SAFETY: the processor is of the family, which has AVX2, and wide ones have AVX-512.
        return unsafe {
            match cpu.wide() {
                true => crate::x86_64::elementwise::linear_s8_wide(p, a, b, y),
                false => crate::x86_64::elementwise::linear_s8(p, a, b, y),
            }
        };
    }
    #[cfg(smidge_isa = "aarch64")]
    if cpu.runs(crate::Family::Neon) {
        return crate::aarch64::elementwise::linear_s8(p, a, b, y);
    }
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    if crate::mve::elementwise::linear_s8(p, a, b, y) {
        return;
    }
    linear(p, a, b, y);
}

/// See [`elementwise::mul_s8`].
#[inline]
pub fn mul_s8(
    cpu: Cpu,
    p: &MulS8,
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    #[cfg(smidge_isa = "aarch64")]
    if cpu.runs(crate::Family::Neon) {
        return crate::aarch64::elementwise::mul_s8(p, walk, a, b, y);
    }
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    if crate::mve::elementwise::mul_s8(p, walk, a, b, y) {
        return;
    }
    let p = *p;
    let scale = Scale::new(p.output);
    binary(walk, a, b, y, move |a, b| {
        let product = (i32::from(a) + p.offsets[0]).wrapping_mul(i32::from(b) + p.offsets[1]);
        p.clamp.apply(scale.apply(product).wrapping_add(p.output_offset)) as i8
    });
}

fn look_up(table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    if table.len() < 256 {
        return elementwise::table_s8(table, x, y);
    }
    let count = x.len().min(y.len());
    // SAFETY: the table has an entry for each of the 256 values, and both hold `count` elements.
    unsafe {
        let middle = table.as_ptr().add(128);
        let entry = |value: i8| middle.offset(value.into()).read();
        let (mut from, mut to) = (x.as_ptr(), y.as_mut_ptr());
        let mut left = count;
        while left >= 4 {
            let four = from.cast::<[i8; 4]>().read();
            to.cast::<[i8; 4]>().write(four.map(entry));
            (from, to) = (from.add(4), to.add(4));
            left -= 4;
        }
        for i in 0..left {
            to.add(i).write(entry(from.add(i).read()));
        }
    }
}

/// `y = f(a, b)` with broadcasting, row by row.
#[inline(always)]
fn binary(
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
    f: impl Fn(i8, i8) -> i8 + Copy,
) {
    let [.., width] = walk.count;
    let ([.., step_a], [.., step_b]) = (walk.a, walk.b);
    let mut at = 0;
    walk.rows(|row_a, row_b| {
        // An operand that is broadcast along the row is one element.
        let len = |step| if step == 0 { 1 } else { width };
        let (a, b) = (a.slice(row_a, len(step_a)), b.slice(row_b, len(step_b)));
        let y = y.slice(at, width);
        at += width;
        if a.is_empty() || b.is_empty() {
            return;
        }
        let (mut a, mut b) = (a.as_ptr(), b.as_ptr());
        // Copies, because the compiler cannot know that the output does not overlap the originals.
        let (f, step_a, step_b) = (f, step_a, step_b);
        y.fill_with(core::iter::from_fn(|| {
            // SAFETY: at most `width` elements are taken, which both have, unless they repeat one.
            let value = unsafe { f(a.read(), b.read()) };
            (a, b) = (a.wrapping_offset(step_a), b.wrapping_offset(step_b));
            Some(value)
        }));
    });
}

fn linear(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    cfg_select! {
        smidge_isa = "armv7em" => {
            let full = crate::Clamp { min: i8::MIN.into(), max: i8::MAX.into() };
            let done = crate::armv7em::elementwise::linear_s8(p, a, b, y);
            sums(&LinearS8 { clamp: full, ..*p }, done, a, b, y);
            crate::armv7em::clamp(y, p.clamp);
        }
        _ => { sums(p, 0, a, b, y) }
    }
}

/// [`LinearS8::apply`] from element `done` on.
#[inline(always)]
fn sums(p: &LinearS8, done: usize, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let p = *p;
    let left = a.len().min(b.len()).min(y.len()).saturating_sub(done);
    let pairs = a.slice(done, left).iter().zip(b.slice(done, left).iter());
    y.slice(done, left).fill_with(pairs.map(|(a, b)| p.apply(a, b)));
}
