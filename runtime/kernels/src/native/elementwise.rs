//! Elementwise kernels.

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
    if p.clamp != full {
        return sums(p, p.clamp, 0, a, b, y);
    }
    let done = cfg_select! {
        smidge_isa = "armv7em" => { crate::armv7em::elementwise::linear_s8(p, a, b, y) }
        _ => { 0 }
    };
    // Bounds that the compiler knows are one instruction where the core can saturate.
    sums(p, full, done, a, b, y);
}

/// [`LinearS8::apply`] with bounds of its own, from element `done` on.
#[inline(always)]
fn sums(
    p: &LinearS8,
    clamp: Clamp<i32>,
    done: usize,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    let p = LinearS8 { clamp, ..*p };
    let left = a.len().min(b.len()).min(y.len()).saturating_sub(done);
    let pairs = a.slice(done, left).iter().zip(b.slice(done, left).iter());
    y.slice(done, left).fill_with(pairs.map(|(a, b)| p.apply(a, b)));
}
