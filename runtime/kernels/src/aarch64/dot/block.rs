//! Inner loops of SDOT for 16 channels and four windows or one: what the portable loop in `tile` does, with
//! four registers of weights by one load, and two vectors of a window by one.

use core::arch::aarch64::int32x4_t;
use core::arch::asm;

/// One channel group's sum of one window, with one lane of its vector.
macro_rules! dot {
    ($sum:tt, $w:tt, $x:tt, $lane:tt) => {
        concat!("sdot v", $sum, ".4s, v", $w, ".16b, v", $x, ".4b[", $lane, "]\n")
    };
}

/// 16 channels' sums of one window; the weights are in registers v0 to v3, or v4 to v7.
macro_rules! row {
    ($lane:tt, a, $x:tt, $s:tt, $t:tt, $u:tt, $v:tt) => {
        concat!(
            dot!($s, 0, $x, $lane),
            dot!($t, 1, $x, $lane),
            dot!($u, 2, $x, $lane),
            dot!($v, 3, $x, $lane)
        )
    };
    ($lane:tt, b, $x:tt, $s:tt, $t:tt, $u:tt, $v:tt) => {
        concat!(
            dot!($s, 4, $x, $lane),
            dot!($t, 5, $x, $lane),
            dot!($u, 6, $x, $lane),
            dot!($v, 7, $x, $lane)
        )
    };
}

/// Weights of 16 channels and four elements.
macro_rules! weights {
    (a) => {
        "ld1 {{v0.16b, v1.16b, v2.16b, v3.16b}}, [{w}], #64\n"
    };
    (b) => {
        "ld1 {{v4.16b, v5.16b, v6.16b, v7.16b}}, [{w}], #64\n"
    };
}

/// All 16 sums with one lane: the windows' vectors are in the registers given.
macro_rules! tile {
    ($lane:tt, $w:tt, $p:tt, $q:tt, $r:tt, $s:tt) => {
        concat!(
            row!($lane, $w, $p, 16, 17, 18, 19),
            row!($lane, $w, $q, 20, 21, 22, 23),
            row!($lane, $w, $r, 24, 25, 26, 27),
            row!($lane, $w, $s, 28, 29, 30, 31),
        )
    };
}

/// 16 elements.
macro_rules! sixteen {
    ($p:tt, $q:tt, $r:tt, $s:tt) => {
        concat!(
            weights!(a),
            weights!(b),
            tile!(0, a, $p, $q, $r, $s),
            weights!(a),
            tile!(1, b, $p, $q, $r, $s),
            weights!(b),
            tile!(2, a, $p, $q, $r, $s),
            tile!(3, b, $p, $q, $r, $s),
        )
    };
}

/// A segment: 16 elements if their number is odd, pairs of 16, one to three lanes of the rest.
macro_rules! segment {
    () => {
        concat!(
            "tbz {n}, #0, 2f\n",
            "ldr q8, [{x0}], #16\n",
            "ldr q10, [{x1}], #16\n",
            "ldr q12, [{x2}], #16\n",
            "ldr q14, [{x3}], #16\n",
            sixteen!(8, 10, 12, 14),
            "2:\n",
            "lsr {n}, {n}, #1\n",
            "cbz {n}, 4f\n",
            "3:\n",
            "ldp q8, q9, [{x0}], #32\n",
            "ldp q10, q11, [{x1}], #32\n",
            "ldp q12, q13, [{x2}], #32\n",
            "ldp q14, q15, [{x3}], #32\n",
            "subs {n}, {n}, #1\n",
            sixteen!(8, 10, 12, 14),
            sixteen!(9, 11, 13, 15),
            "b.ne 3b\n",
            "4:\n",
            "cbz {rest}, 5f\n",
            "ldr q8, [{x0}]\n",
            "ldr q10, [{x1}]\n",
            "ldr q12, [{x2}]\n",
            "ldr q14, [{x3}]\n",
            weights!(a),
            tile!(0, a, 8, 10, 12, 14),
            "cmp {rest}, #2\n",
            "b.lo 5f\n",
            weights!(b),
            tile!(1, b, 8, 10, 12, 14),
            "b.eq 5f\n",
            weights!(a),
            tile!(2, a, 8, 10, 12, 14),
            "5:\n",
        )
    };
}

/// 16 elements of one window.
macro_rules! one {
    ($x:tt) => {
        concat!(
            weights!(a),
            weights!(b),
            row!(0, a, $x, 16, 17, 18, 19),
            weights!(a),
            row!(1, b, $x, 16, 17, 18, 19),
            weights!(b),
            row!(2, a, $x, 16, 17, 18, 19),
            row!(3, b, $x, 16, 17, 18, 19),
        )
    };
}

/// Biases at `numbers` plus the products of one window with 16 channels.
///
/// # Safety
/// The processor has SDOT; 16 biases can be read at `numbers`, `whole` times 16 elements and one
/// vector, if there is a `rest`, at `x`, and 16 channels' weights for them at `w`.
#[inline(always)]
pub(super) unsafe fn single(
    numbers: *const i32,
    x: *const i8,
    w: *const i8,
    whole: usize,
    rest: usize,
) -> [int32x4_t; 4] {
    // SAFETY: vectors may be zero.
    let mut sums: [int32x4_t; 4] = unsafe { core::mem::zeroed() };
    // SAFETY: the caller's.
    unsafe {
        asm!(
            "ld1 {{v16.4s, v17.4s, v18.4s, v19.4s}}, [{numbers}]",
            concat!(
                "tbz {n}, #0, 2f\n",
                "ldr q8, [{x}], #16\n",
                one!(8),
                "2:\n",
                "lsr {n}, {n}, #1\n",
                "cbz {n}, 4f\n",
                "3:\n",
                "ldp q8, q9, [{x}], #32\n",
                "subs {n}, {n}, #1\n",
                one!(8),
                one!(9),
                "b.ne 3b\n",
                "4:\n",
                "cbz {rest}, 5f\n",
                "ldr q8, [{x}]\n",
                weights!(a),
                row!(0, a, 8, 16, 17, 18, 19),
                "cmp {rest}, #2\n",
                "b.lo 5f\n",
                weights!(b),
                row!(1, b, 8, 16, 17, 18, 19),
                "b.eq 5f\n",
                weights!(a),
                row!(2, a, 8, 16, 17, 18, 19),
                "5:\n",
            ),
            numbers = in(reg) numbers,
            x = inout(reg) x => _,
            w = inout(reg) w => _,
            n = inout(reg) whole => _,
            rest = in(reg) rest,
            out("v16") sums[0],
            out("v17") sums[1],
            out("v18") sums[2],
            out("v19") sums[3],
            out("v0") _,
            out("v1") _,
            out("v2") _,
            out("v3") _,
            out("v4") _,
            out("v5") _,
            out("v6") _,
            out("v7") _,
            out("v8") _,
            out("v9") _,
            options(readonly, nostack)
        );
    }
    sums
}

/// Biases at `numbers` plus the products of a segment; also where the weights behind it are.
///
/// # Safety
/// The processor has SDOT; 16 biases can be read at `numbers`, `whole` times 16 elements and one vector, if there is a `rest`, can be read at
/// each `x`, and 16 channels' weights for them at `w`.
#[inline(always)]
pub(super) unsafe fn first(
    numbers: *const i32,
    x: [*const i8; 4],
    w: *const i8,
    whole: usize,
    rest: usize,
) -> ([[int32x4_t; 4]; 4], *const i8) {
    let w_end: *const i8;
    // SAFETY: every element is written by the block below.
    let mut sums: [[int32x4_t; 4]; 4] = unsafe { core::mem::zeroed() };
    // SAFETY: the caller's.
    unsafe {
        asm!(
            "ld1 {{v16.4s, v17.4s, v18.4s, v19.4s}}, [{numbers}]",
            "ld1 {{v20.4s, v21.4s, v22.4s, v23.4s}}, [{numbers}]",
            "ld1 {{v24.4s, v25.4s, v26.4s, v27.4s}}, [{numbers}]",
            "ld1 {{v28.4s, v29.4s, v30.4s, v31.4s}}, [{numbers}]",
            segment!(),
            numbers = in(reg) numbers,
            x0 = inout(reg) x[0] => _,
            x1 = inout(reg) x[1] => _,
            x2 = inout(reg) x[2] => _,
            x3 = inout(reg) x[3] => _,
            w = inout(reg) w => w_end,
            n = inout(reg) whole => _,
            rest = in(reg) rest,
            out("v16") sums[0][0],
            out("v17") sums[0][1],
            out("v18") sums[0][2],
            out("v19") sums[0][3],
            out("v20") sums[1][0],
            out("v21") sums[1][1],
            out("v22") sums[1][2],
            out("v23") sums[1][3],
            out("v24") sums[2][0],
            out("v25") sums[2][1],
            out("v26") sums[2][2],
            out("v27") sums[2][3],
            out("v28") sums[3][0],
            out("v29") sums[3][1],
            out("v30") sums[3][2],
            out("v31") sums[3][3],
            out("v0") _,
            out("v1") _,
            out("v2") _,
            out("v3") _,
            out("v4") _,
            out("v5") _,
            out("v6") _,
            out("v7") _,
            out("v8") _,
            out("v9") _,
            out("v10") _,
            out("v11") _,
            out("v12") _,
            out("v13") _,
            out("v14") _,
            out("v15") _,
            options(readonly, nostack)
        );
    }
    (sums, w_end)
}

/// Adds the products of a segment; gives where the weights behind it are.
///
/// # Safety
/// The processor has SDOT; `whole` times 16 elements and one vector, if there is a `rest`, can be read at
/// each `x`, and 16 channels' weights for them at `w`.
#[inline(always)]
pub(super) unsafe fn next(
    sums: &mut [[int32x4_t; 4]; 4],
    x: [*const i8; 4],
    w: *const i8,
    whole: usize,
    rest: usize,
) -> *const i8 {
    let w_end: *const i8;

    // SAFETY: the caller's.
    unsafe {
        asm!(
            segment!(),

            x0 = inout(reg) x[0] => _,
            x1 = inout(reg) x[1] => _,
            x2 = inout(reg) x[2] => _,
            x3 = inout(reg) x[3] => _,
            w = inout(reg) w => w_end,
            n = inout(reg) whole => _,
            rest = in(reg) rest,
            inout("v16") sums[0][0],
            inout("v17") sums[0][1],
            inout("v18") sums[0][2],
            inout("v19") sums[0][3],
            inout("v20") sums[1][0],
            inout("v21") sums[1][1],
            inout("v22") sums[1][2],
            inout("v23") sums[1][3],
            inout("v24") sums[2][0],
            inout("v25") sums[2][1],
            inout("v26") sums[2][2],
            inout("v27") sums[2][3],
            inout("v28") sums[3][0],
            inout("v29") sums[3][1],
            inout("v30") sums[3][2],
            inout("v31") sums[3][3],
            out("v0") _,
            out("v1") _,
            out("v2") _,
            out("v3") _,
            out("v4") _,
            out("v5") _,
            out("v6") _,
            out("v7") _,
            out("v8") _,
            out("v9") _,
            out("v10") _,
            out("v11") _,
            out("v12") _,
            out("v13") _,
            out("v14") _,
            out("v15") _,
            options(readonly, nostack)
        );
    }
    w_end
}
