//! Elementwise kernels.

use super::words;
use crate::scalar::elementwise::{self, AddS8, Broadcast, LinearS8, MulS8};
use crate::{Clamp, Cpu, Dst, Src};

/// See [`elementwise::table_s8`].
#[inline]
pub fn table_s8(cpu: Cpu, table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
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
    let _ = cpu;
    elementwise::add_s8(p, walk, a, b, y);
}

/// See [`elementwise::linear_s8`].
#[inline]
pub fn linear_s8(cpu: Cpu, p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
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
    let _ = cpu;
    elementwise::mul_s8(p, walk, a, b, y);
}

fn look_up(table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    if table.len() < 256 {
        return elementwise::table_s8(table, x, y);
    }
    // SAFETY: the table has an entry for each of the 256 values.
    unsafe {
        let middle = table.as_ptr().add(128);
        y.fill_with(x.iter().map(|value| middle.offset(value.into()).read()));
    }
}

fn linear(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let full = Clamp { min: i8::MIN.into(), max: i8::MAX.into() };
    // Bounds that the compiler knows are one instruction where the core can saturate.
    if p.clamp == full {
        sums(p, full, a, b, y);
    } else {
        sums(p, p.clamp, a, b, y);
    }
}

/// [`LinearS8::apply`] with bounds of its own, four elements at a time.
#[inline(always)]
fn sums(p: &LinearS8, clamp: Clamp<i32>, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let count = a.len().min(b.len()).min(y.len());
    let p = LinearS8 { clamp, ..*p };
    let (mut a_at, mut b_at, mut y_at) = (a.as_ptr(), b.as_ptr(), y.as_mut_ptr());
    let mut left = count;
    let aligned = words::may_read(a_at, [0; 2]) && words::may_read(b_at, [0; 2]);
    while aligned && left >= 4 {
        // SAFETY: all three have `left` elements more.
        unsafe {
            let (a, b) = (words::read(a_at), words::read(b_at));
            let result: [i8; 4] = core::array::from_fn(|i| {
                p.apply(words::byte(a, i as u32) as i8, words::byte(b, i as u32) as i8)
            });
            y_at.cast::<[i8; 4]>().write(result);
            (a_at, b_at, y_at) = (a_at.add(4), b_at.add(4), y_at.add(4));
        }
        left -= 4;
    }
    let done = count - left;
    let rest = a.slice(done, left).iter().zip(b.slice(done, left).iter());
    y.slice(done, left).fill_with(rest.map(|(a, b)| p.apply(a, b)));
}
