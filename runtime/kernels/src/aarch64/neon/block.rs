//! Inner loops of SMULL: what the portable loop in `tile` does, with four registers of weights by one
//! load, two vectors of a window by one, and sums that begin with the first products.
//!
//! Two shapes: four windows and four channels, and one window and 16 channels. Both have 16 vectors
//! of sums, one for each pair, in registers v16 to v31.

use core::arch::aarch64::int32x4_t;
use core::arch::asm;

/// Eight products each of one window with four channels, added by `$add`: `saddlp` begins, `sadalp`
/// goes on.
macro_rules! eight {
    ($add:tt, $x:tt, $s:tt, $t:tt, $u:tt, $v:tt) => {
        concat!(
            "smull v10.8h, v0.8b, v",
            $x,
            ".8b\n",
            "smull v11.8h, v1.8b, v",
            $x,
            ".8b\n",
            "smull v12.8h, v2.8b, v",
            $x,
            ".8b\n",
            "smull v13.8h, v3.8b, v",
            $x,
            ".8b\n",
            $add,
            " v",
            $s,
            ".4s, v10.8h\n",
            $add,
            " v",
            $t,
            ".4s, v11.8h\n",
            $add,
            " v",
            $u,
            ".4s, v12.8h\n",
            $add,
            " v",
            $v,
            ".4s, v13.8h\n",
        )
    };
}

/// 16 products each; the weights are in registers v0 to v3, or v4 to v7.
macro_rules! sixteen {
    ($add:tt, $w:tt, $x:tt, $s:tt, $t:tt, $u:tt, $v:tt) => {
        concat!(
            sixteen!($w, $x),
            $add,
            " v",
            $s,
            ".4s, v10.8h\n",
            $add,
            " v",
            $t,
            ".4s, v11.8h\n",
            $add,
            " v",
            $u,
            ".4s, v12.8h\n",
            $add,
            " v",
            $v,
            ".4s, v13.8h\n",
        )
    };
    (a, $x:tt) => {
        concat!(
            "smull v10.8h, v0.8b, v",
            $x,
            ".8b\n",
            "smull v11.8h, v1.8b, v",
            $x,
            ".8b\n",
            "smull v12.8h, v2.8b, v",
            $x,
            ".8b\n",
            "smull v13.8h, v3.8b, v",
            $x,
            ".8b\n",
            "smlal2 v10.8h, v0.16b, v",
            $x,
            ".16b\n",
            "smlal2 v11.8h, v1.16b, v",
            $x,
            ".16b\n",
            "smlal2 v12.8h, v2.16b, v",
            $x,
            ".16b\n",
            "smlal2 v13.8h, v3.16b, v",
            $x,
            ".16b\n",
        )
    };
    (b, $x:tt) => {
        concat!(
            "smull v10.8h, v4.8b, v",
            $x,
            ".8b\n",
            "smull v11.8h, v5.8b, v",
            $x,
            ".8b\n",
            "smull v12.8h, v6.8b, v",
            $x,
            ".8b\n",
            "smull v13.8h, v7.8b, v",
            $x,
            ".8b\n",
            "smlal2 v10.8h, v4.16b, v",
            $x,
            ".16b\n",
            "smlal2 v11.8h, v5.16b, v",
            $x,
            ".16b\n",
            "smlal2 v12.8h, v6.16b, v",
            $x,
            ".16b\n",
            "smlal2 v13.8h, v7.16b, v",
            $x,
            ".16b\n",
        )
    };
}

/// Weights of four channels.
macro_rules! weights {
    (a) => {
        "ld1 {{v0.16b, v1.16b, v2.16b, v3.16b}}, [{w}], #64\n"
    };
    (b) => {
        "ld1 {{v4.16b, v5.16b, v6.16b, v7.16b}}, [{w}], #64\n"
    };
    (eight) => {
        "ld1 {{v0.8b, v1.8b, v2.8b, v3.8b}}, [{w}], #32\n"
    };
}

/// Four windows and four channels, 8 elements.
macro_rules! four_eight {
    ($add:tt) => {
        concat!(
            weights!(eight),
            "ldr d8, [{x0}], #8\n",
            eight!($add, 8, 16, 17, 18, 19),
            "ldr d8, [{x1}], #8\n",
            eight!($add, 8, 20, 21, 22, 23),
            "ldr d8, [{x2}], #8\n",
            eight!($add, 8, 24, 25, 26, 27),
            "ldr d8, [{x3}], #8\n",
            eight!($add, 8, 28, 29, 30, 31),
        )
    };
}

/// Four windows and four channels, 16 elements.
macro_rules! four_sixteen {
    ($add:tt) => {
        concat!(
            weights!(a),
            "ldr q8, [{x0}], #16\n",
            "ldr q9, [{x1}], #16\n",
            sixteen!($add, a, 8, 16, 17, 18, 19),
            "ldr q8, [{x2}], #16\n",
            sixteen!($add, a, 9, 20, 21, 22, 23),
            "ldr q9, [{x3}], #16\n",
            sixteen!($add, a, 8, 24, 25, 26, 27),
            sixteen!($add, a, 9, 28, 29, 30, 31),
        )
    };
}

/// Four windows and four channels, 32 elements.
macro_rules! four_pair {
    ($add:tt) => {
        concat!(
            weights!(a),
            "ldp q8, q9, [{x0}], #32\n",
            weights!(b),
            "ldp q14, q15, [{x1}], #32\n",
            sixteen!($add, a, 8, 16, 17, 18, 19),
            sixteen!("sadalp", b, 9, 16, 17, 18, 19),
            "ldp q8, q9, [{x2}], #32\n",
            sixteen!($add, a, 14, 20, 21, 22, 23),
            sixteen!("sadalp", b, 15, 20, 21, 22, 23),
            "ldp q14, q15, [{x3}], #32\n",
            sixteen!($add, a, 8, 24, 25, 26, 27),
            sixteen!("sadalp", b, 9, 24, 25, 26, 27),
            sixteen!($add, a, 14, 28, 29, 30, 31),
            sixteen!("sadalp", b, 15, 28, 29, 30, 31),
        )
    };
}

/// One window and 16 channels, 8 elements.
macro_rules! one_eight {
    ($add:tt) => {
        concat!(
            "ldr d8, [{x}], #8\n",
            weights!(eight),
            eight!($add, 8, 16, 17, 18, 19),
            weights!(eight),
            eight!($add, 8, 20, 21, 22, 23),
            weights!(eight),
            eight!($add, 8, 24, 25, 26, 27),
            weights!(eight),
            eight!($add, 8, 28, 29, 30, 31),
        )
    };
}

/// One window, whose vector is in a register, and 16 channels, 16 elements.
macro_rules! one_vector {
    ($add:tt, $x:tt) => {
        concat!(
            weights!(a),
            weights!(b),
            sixteen!($add, a, $x, 16, 17, 18, 19),
            weights!(a),
            sixteen!($add, b, $x, 20, 21, 22, 23),
            weights!(b),
            sixteen!($add, a, $x, 24, 25, 26, 27),
            sixteen!($add, b, $x, 28, 29, 30, 31),
        )
    };
}

/// One window and 16 channels, 16 elements.
macro_rules! one_sixteen {
    ($add:tt) => {
        concat!("ldr q8, [{x}], #16\n", one_vector!($add, 8))
    };
}

/// One window and 16 channels, 32 elements.
macro_rules! one_pair {
    ($add:tt) => {
        concat!("ldp q8, q9, [{x}], #32\n", one_vector!($add, 8), one_vector!("sadalp", 9))
    };
}

/// A segment that begins the sums: 8 elements if their number is odd, 16 if the number of these is,
/// then pairs of 16.
macro_rules! first {
    ($eight:ident, $sixteen:ident, $pair:ident) => {
        concat!(
            "cbz {rest}, 2f\n",
            $eight!("saddlp"),
            "tbz {n}, #0, 4f\n",
            $sixteen!("sadalp"),
            "b 4f\n",
            "2:\n",
            "tbz {n}, #0, 3f\n",
            $sixteen!("saddlp"),
            "b 4f\n",
            "3:\n",
            $pair!("saddlp"),
            "sub {n}, {n}, #2\n",
            "4:\n",
            "lsr {n}, {n}, #1\n",
            "cbz {n}, 6f\n",
            "5:\n",
            "subs {n}, {n}, #1\n",
            $pair!("sadalp"),
            "b.ne 5b\n",
            "6:\n",
        )
    };
}

/// A segment that goes on.
macro_rules! next {
    ($eight:ident, $sixteen:ident, $pair:ident) => {
        concat!(
            "cbz {rest}, 2f\n",
            $eight!("sadalp"),
            "2:\n",
            "tbz {n}, #0, 4f\n",
            $sixteen!("sadalp"),
            "4:\n",
            "lsr {n}, {n}, #1\n",
            "cbz {n}, 6f\n",
            "5:\n",
            "subs {n}, {n}, #1\n",
            $pair!("sadalp"),
            "b.ne 5b\n",
            "6:\n",
        )
    };
}

/// Sums of the products of four windows with four channels.
pub(super) type Sums = [[int32x4_t; 4]; 4];

/// The products of a segment of four windows; also where the weights behind it are.
///
/// # Safety
/// `whole` times 16 elements, and 8 if there is a `rest`, not none together, can be read at each `x`, and four
/// channels' weights for them at `w`.
#[inline(always)]
pub(super) unsafe fn four_first(
    x: [*const i8; 4],
    w: *const i8,
    whole: usize,
    rest: usize,
) -> (Sums, *const i8) {
    let end: *const i8;
    // SAFETY: vectors may be zero.
    let mut sums: Sums = unsafe { core::mem::zeroed() };
    // SAFETY: the caller's.
    unsafe {
        asm!(
            first!(four_eight, four_sixteen, four_pair),
            x0 = inout(reg) x[0] => _,
            x1 = inout(reg) x[1] => _,
            x2 = inout(reg) x[2] => _,
            x3 = inout(reg) x[3] => _,
            w = inout(reg) w => end,
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
    (sums, end)
}

/// Adds the products of a segment of four windows; gives where the weights behind it are.
///
/// # Safety
/// `whole` times 16 elements, and 8 if there is a `rest`, not none together, can be read at each `x`, and four
/// channels' weights for them at `w`.
#[inline(always)]
pub(super) unsafe fn four_next(
    sums: &mut Sums,
    x: [*const i8; 4],
    w: *const i8,
    whole: usize,
    rest: usize,
) -> *const i8 {
    let end: *const i8;
    // SAFETY: the caller's.
    unsafe {
        asm!(
            next!(four_eight, four_sixteen, four_pair),
            x0 = inout(reg) x[0] => _,
            x1 = inout(reg) x[1] => _,
            x2 = inout(reg) x[2] => _,
            x3 = inout(reg) x[3] => _,
            w = inout(reg) w => end,
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
    end
}

/// The products of a segment of one window: sums of four channels each; also where the weights
/// behind it are.
///
/// # Safety
/// `whole` times 16 elements, and 8 if there is a `rest`, not none together, can be read at `x`, and 16 channels'
/// weights for them at `w`.
#[inline(always)]
pub(super) unsafe fn one(
    x: *const i8,
    w: *const i8,
    whole: usize,
    rest: usize,
) -> (Sums, *const i8) {
    let end: *const i8;
    // SAFETY: vectors may be zero.
    let mut sums: Sums = unsafe { core::mem::zeroed() };
    // SAFETY: the caller's.
    unsafe {
        asm!(
            first!(one_eight, one_sixteen, one_pair),
            x = inout(reg) x => _,
            w = inout(reg) w => end,
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
    (sums, end)
}
