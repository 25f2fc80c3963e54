//! Words that stay at hand while others stream by: in floating-point registers, or, where there is
//! no floating-point unit, on the stack, where LDR takes VMOV's place.

/// `setup`: directives at the start of a kernel. `enter` and `leave`: room for 32 words, `enter 16`
/// and `leave 16`: for 16. All others name where that room is behind the stack pointer: `get`: word
/// `n` to r5; `size`: bytes of that instruction; `load 16`: 16 words from r0, which moves on, may
/// use r2, r3, r5; `load`: words from r1, as many as r3 says, may use r1, r3, r4, r5; `load twice`:
/// twice as many words from r0 as r3 says, may use r0, r1, r2, r3, r5. Loads may read 7 words more.
#[cfg(target_abi = "eabihf")]
macro_rules! bank {
    (setup) => {
        ".arch armv7e-m
         .fpu fpv4-sp-d16"
    };
    (enter) => {
        "vpush {{s16-s31}}"
    };
    (leave) => {
        "vpop {{s16-s31}}"
    };
    (enter 16) => {
        ""
    };
    (leave 16) => {
        ""
    };
    (get $at:literal, $n:literal) => {
        concat!("vmov r5, s", $n)
    };
    (size) => {
        "4"
    };
    (load 16 $at:literal) => {
        "vldm r0!, {{s0-s15}}"
    };
    (load $at:literal) => {
        "vldmia r1!, {{s0-s7}}
         cmp r3, #8
         bls 1f
         vldmia r1!, {{s8-s15}}
         cmp r3, #16
         bls 1f
         vldmia r1!, {{s16-s23}}
         cmp r3, #24
         bls 1f
         vldmia r1!, {{s24-s31}}
         1:"
    };
    (load twice $at:literal) => {
        "vldmia r0!, {{s0-s7}}
         cmp r3, #4
         bls 1f
         vldmia r0!, {{s8-s15}}
         cmp r3, #8
         bls 1f
         vldmia r0!, {{s16-s23}}
         cmp r3, #12
         bls 1f
         vldmia r0!, {{s24-s31}}
         1:"
    };
}

#[cfg(not(target_abi = "eabihf"))]
macro_rules! bank {
    (setup) => {
        ".arch armv7e-m"
    };
    (enter) => {
        "sub sp, #128"
    };
    (leave) => {
        "add sp, #128"
    };
    (enter 16) => {
        "sub sp, #64"
    };
    (leave 16) => {
        "add sp, #64"
    };
    (get $at:literal, $n:literal) => {
        concat!("ldr r5, [sp, #", $at, " + 4 * ", $n, "]")
    };
    (size) => {
        "2"
    };
    (load 16 $at:literal) => {
        concat!(
            ".irp i, 0, 8, 16, 24, 32, 40, 48, 56
             ldrd r2, r3, [r0], #8
             strd r2, r3, [sp, #",
            $at,
            " + \\i]
             .endr"
        )
    };
    (load $at:literal) => {
        concat!(
            "add r4, sp, #",
            $at,
            "
             1: ldr r5, [r1], #4
             str r5, [r4], #4
             subs r3, #1
             bne 1b"
        )
    };
    (load twice $at:literal) => {
        concat!(
            "add r2, sp, #",
            $at,
            "
             1: ldrd r1, r5, [r0], #8
             strd r1, r5, [r2], #8
             subs r3, #1
             bne 1b"
        )
    };
}

pub(super) use bank;
