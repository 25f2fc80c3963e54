//! Sums of products of floats on cores with registers for them: VFMA, which rounds once.

use crate::native::Walk;
use core::arch::asm;

/// Adds the products of `len` values of two pixels with the weights of four outputs to `sums`, those
/// of the first pixel first: 40 instructions for 32 products.
///
/// # Safety
/// All values and weights can be read, and `sums` are eight.
pub(crate) unsafe fn pair(
    x: [*const f32; 2],
    weights: [*const f32; 4],
    len: usize,
    sums: *mut f32,
) {
    macro_rules! at {
        ($x:literal, $y:literal, $a:literal, $b:literal, $c:literal, $d:literal) => {
            concat!(
                "vfma.f32 s0, s",
                $x,
                ", s",
                $a,
                "\nvfma.f32 s1, s",
                $x,
                ", s",
                $b,
                "\nvfma.f32 s2, s",
                $x,
                ", s",
                $c,
                "\nvfma.f32 s3, s",
                $x,
                ", s",
                $d,
                "\nvfma.f32 s4, s",
                $y,
                ", s",
                $a,
                "\nvfma.f32 s5, s",
                $y,
                ", s",
                $b,
                "\nvfma.f32 s6, s",
                $y,
                ", s",
                $c,
                "\nvfma.f32 s7, s",
                $y,
                ", s",
                $d,
            )
        };
    }
    // SAFETY: the caller vouches for the memory.
    unsafe {
        asm!(
            "vldm {sums}, {{s0-s7}}",
            "subs {n}, #4",
            "blo 3f",
            "2:",
            "vldmia {x}!, {{s8-s11}}",
            "vldmia {y}!, {{s12-s15}}",
            "vldmia {a}!, {{s16-s19}}",
            "vldmia {b}!, {{s20-s23}}",
            "vldmia {c}!, {{s24-s27}}",
            "vldmia {d}!, {{s28-s31}}",
            at!("8", "12", "16", "20", "24", "28"),
            at!("9", "13", "17", "21", "25", "29"),
            at!("10", "14", "18", "22", "26", "30"),
            at!("11", "15", "19", "23", "27", "31"),
            "subs {n}, #4",
            "bhs 2b",
            "3:",
            "adds {n}, #4",
            "beq 5f",
            "4:",
            "vldmia {x}!, {{s8}}",
            "vldmia {y}!, {{s12}}",
            "vldmia {a}!, {{s16}}",
            "vldmia {b}!, {{s20}}",
            "vldmia {c}!, {{s24}}",
            "vldmia {d}!, {{s28}}",
            at!("8", "12", "16", "20", "24", "28"),
            "subs {n}, #1",
            "bne 4b",
            "5:",
            "vstm {sums}, {{s0-s7}}",
            sums = in(reg) sums,
            n = inout(reg) len => _,
            x = inout(reg) x[0] => _,
            y = inout(reg) x[1] => _,
            a = inout(reg) weights[0] => _,
            b = inout(reg) weights[1] => _,
            c = inout(reg) weights[2] => _,
            d = inout(reg) weights[3] => _,
            out("d0") _, out("d1") _, out("d2") _, out("d3") _,
            out("d4") _, out("d5") _, out("d6") _, out("d7") _,
            out("d8") _, out("d9") _, out("d10") _, out("d11") _,
            out("d12") _, out("d13") _, out("d14") _, out("d15") _,
            options(nostack),
        );
    }
}

/// As [`pair`] for one pixel and four sums: 23 instructions for 16 products.
///
/// # Safety
/// All values and weights can be read, and `sums` are four.
pub(crate) unsafe fn single(x: *const f32, weights: [*const f32; 4], len: usize, sums: *mut f32) {
    macro_rules! at {
        ($x:literal, $a:literal, $b:literal, $c:literal, $d:literal) => {
            concat!(
                "vfma.f32 s0, s",
                $x,
                ", s",
                $a,
                "\nvfma.f32 s1, s",
                $x,
                ", s",
                $b,
                "\nvfma.f32 s2, s",
                $x,
                ", s",
                $c,
                "\nvfma.f32 s3, s",
                $x,
                ", s",
                $d,
            )
        };
    }
    // SAFETY: the caller vouches for the memory.
    unsafe {
        asm!(
            "vldm {sums}, {{s0-s3}}",
            "subs {n}, #4",
            "blo 3f",
            "2:",
            "vldmia {x}!, {{s8-s11}}",
            "vldmia {a}!, {{s16-s19}}",
            "vldmia {b}!, {{s20-s23}}",
            "vldmia {c}!, {{s24-s27}}",
            "vldmia {d}!, {{s28-s31}}",
            at!("8", "16", "20", "24", "28"),
            at!("9", "17", "21", "25", "29"),
            at!("10", "18", "22", "26", "30"),
            at!("11", "19", "23", "27", "31"),
            "subs {n}, #4",
            "bhs 2b",
            "3:",
            "adds {n}, #4",
            "beq 5f",
            "4:",
            "vldmia {x}!, {{s8}}",
            "vldmia {a}!, {{s16}}",
            "vldmia {b}!, {{s20}}",
            "vldmia {c}!, {{s24}}",
            "vldmia {d}!, {{s28}}",
            at!("8", "16", "20", "24", "28"),
            "subs {n}, #1",
            "bne 4b",
            "5:",
            "vstm {sums}, {{s0-s3}}",
            sums = in(reg) sums,
            n = inout(reg) len => _,
            x = inout(reg) x => _,
            a = inout(reg) weights[0] => _,
            b = inout(reg) weights[1] => _,
            c = inout(reg) weights[2] => _,
            d = inout(reg) weights[3] => _,
            out("d0") _, out("d1") _, out("d4") _, out("d5") _,
            out("d8") _, out("d9") _, out("d10") _, out("d11") _,
            out("d12") _, out("d13") _, out("d14") _, out("d15") _,
            options(nostack),
        );
    }
}

/// Adds the products of four channels with their weights: ten instructions for four products.
///
/// # Safety
/// All values and weights can be read, and `sums` are four.
pub(crate) unsafe fn channels(x: *const f32, weights: *const f32, walk: &Walk, sums: *mut f32) {
    let [rows, columns] = walk.count;
    if rows == 0 || columns == 0 {
        return;
    }
    // From the end of a row to the next.
    let skip = |[row, column]: [usize; 2]| row.wrapping_sub(columns.wrapping_mul(column));
    // SAFETY: the caller vouches for the memory.
    unsafe {
        asm!(
            "vldm {sums}, {{s0-s3}}",
            "3:",
            "mov {n}, {columns}",
            "2:",
            "vldm {x}, {{s4-s7}}",
            "add {x}, {x}, {x_step}, lsl #2",
            "vldm {w}, {{s8-s11}}",
            "add {w}, {w}, {w_step}, lsl #2",
            "vfma.f32 s0, s4, s8",
            "vfma.f32 s1, s5, s9",
            "vfma.f32 s2, s6, s10",
            "vfma.f32 s3, s7, s11",
            "subs {n}, #1",
            "bne 2b",
            "add {x}, {x}, {x_skip}, lsl #2",
            "add {w}, {w}, {w_skip}, lsl #2",
            "subs {rows}, #1",
            "bne 3b",
            "vstm {sums}, {{s0-s3}}",
            sums = in(reg) sums,
            n = out(reg) _,
            rows = inout(reg) rows => _,
            columns = in(reg) columns,
            x = inout(reg) x => _,
            x_step = in(reg) walk.x[1],
            x_skip = in(reg) skip(walk.x),
            w = inout(reg) weights => _,
            w_step = in(reg) walk.weights[1],
            w_skip = in(reg) skip(walk.weights),
            out("d0") _, out("d1") _, out("d2") _, out("d3") _, out("d4") _, out("d5") _,
            options(nostack),
        );
    }
}
