//! AArch64 instructions, as far as compilers and the kernels use them.
//!
//! Source of the encodings: Arm Architecture Reference Manual for A-profile, chapter on the A64
//! instruction set encoding.

use super::Class::*;
use super::Kind::{By, Is};
use super::{Instruction, Row, look_up};

/// What is not here is arithmetic.
const TABLE: &[Row] = &[
    (0xBF20_0000, 0x0C00_0000, By(structures)), // LD1 to LD4, ST1 to ST4
    (0xBF00_0000, 0x0D00_0000, By(elements)),   // the same, of one element; LD1R to LD4R
    (0x3F00_0000, 0x0800_0000, By(single)),     // exclusive
    (0x3B00_0000, 0x1800_0000, By(literal)),
    (0x3A00_0000, 0x2800_0000, By(pair)),
    (0x3A00_0000, 0x3800_0000, By(single)),
    (0xFC00_0000, 0x1400_0000, Is(Branch)),
    (0xFC00_0000, 0x9400_0000, Is(Call)),
    (0xFF00_0000, 0x5400_0000, Is(Branch)),
    (0x7C00_0000, 0x3400_0000, Is(Branch)), // CBZ, CBNZ, TBZ, TBNZ
    (0xFFFF_FC1F, 0xD63F_0000, Is(Call)),   // BLR
    (0xFE00_0000, 0xD600_0000, Is(Branch)), // BR, RET
    (0xFFFF_F01F, 0xD503_201F, Is(Hint)),
    (0xFF00_0000, 0xD500_0000, Is(System)),
    (0xFF00_0000, 0xD400_0000, Is(System)),
    (0x7F00_FC00, 0x1B00_7C00, Is(Multiply)),
    (0x7F00_0000, 0x1B00_0000, Is(MultiplyAdd)),
    (0x7FE0_F800, 0x1AC0_0800, Is(Divide)),
    // Scalar floating point.
    (0xFF00_0000, 0x1F00_0000, Is(FloatMac)),
    (0xFF20_FC00, 0x1E20_1800, Is(FloatDivide)),
    (0xFF3F_FC00, 0x1E21_C000, Is(FloatDivide)), // FSQRT
    (0x7F36_FC00, 0x1E26_0000, Is(FloatMove)),
    (0x5F00_0000, 0x1E00_0000, Is(FloatAlu)),
    // Vectors.
    (0x0E00_0000, 0x0E00_0000, Is(Vector)),
];

/// Decodes an instruction.
pub fn decode(code: u32) -> Instruction {
    look_up(TABLE, code, Alu)
}

const VECTOR: u32 = 1 << 26;

/// One register: size in bits 31:30, 16 bytes where bit 23 of a vector transfer is set.
fn single(code: u32) -> Instruction {
    let (vector, options) = (code & VECTOR != 0, (code >> 22) & 3);
    let size = 1 << (code >> 30);
    let bytes = if vector && options >= 2 { 16 } else { size };
    let load = if vector { options & 1 == 1 } else { options != 0 };
    if !vector && options == 2 && size == 8 {
        return Instruction::plain(Hint); // PRFM
    }
    Instruction::moving(if load { Load } else { Store }, bytes)
}

fn literal(code: u32) -> Instruction {
    match (code & VECTOR != 0, code >> 30) {
        (true, options) => Instruction::moving(Load, 4 << options),
        (false, 3) => Instruction::plain(Hint), // PRFM
        (false, options) => Instruction::moving(Load, if options == 1 { 8 } else { 4 }),
    }
}

fn pair(code: u32) -> Instruction {
    let options = code >> 30;
    let each = match code & VECTOR != 0 {
        true => 4 << options,
        false if options == 2 => 8,
        false => 4,
    };
    let load = code & (1 << 22) != 0;
    Instruction::moving(if load { LoadMultiple } else { StoreMultiple }, 2 * each)
}

/// Whole registers, as many as bits 15:12 say.
fn structures(code: u32) -> Instruction {
    let registers = match (code >> 12) & 15 {
        0b0111 => 1,
        0b1000 | 0b1010 => 2,
        0b0100 | 0b0110 => 3,
        _ => 4,
    };
    let bytes = if code & (1 << 30) != 0 { 16 } else { 8 };
    vector_transfer(code, registers * bytes)
}

/// One element of each register.
fn elements(code: u32) -> Instruction {
    let operation = (code >> 13) & 7;
    let registers = 1 + 2 * (operation & 1) + ((code >> 21) & 1);
    let size = (code >> 10) & 3;
    let bytes = match operation >> 1 {
        0 => 1,
        1 => 2,
        2 if size & 1 == 0 => 4,
        2 => 8,
        _ => 1 << size,
    };
    vector_transfer(code, registers * bytes)
}

fn vector_transfer(code: u32, bytes: u32) -> Instruction {
    let load = code & (1 << 22) != 0;
    Instruction::moving(if load { VectorLoad } else { VectorStore }, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an assembler writes, the code, its bytes, and what it is.
    #[rustfmt::skip]
    const KNOWN: &[(&str, u32, u8, super::super::Class, u32)] = &[
        ("add x0,x1,x2", 0x8B02_0020, 4, Alu, 0),
        ("mul x0,x1,x2", 0x9B02_7C20, 4, Multiply, 0),
        ("madd x0,x1,x2,x3", 0x9B02_0C20, 4, MultiplyAdd, 0),
        ("smaddl x0,w1,w2,x3", 0x9B22_0C20, 4, MultiplyAdd, 0),
        ("smull x0,w1,w2", 0x9B22_7C20, 4, Multiply, 0),
        ("sdiv w0,w1,w2", 0x1AC2_0C20, 4, Divide, 0),
        ("ldr x0,[x1]", 0xF940_0020, 4, Load, 8),
        ("ldr w0,[x1,#4]", 0xB940_0420, 4, Load, 4),
        ("ldrb w0,[x1],#1", 0x3840_1420, 4, Load, 1),
        ("ldrsb w0,[x1,x2]", 0x38E2_6820, 4, Load, 1),
        ("ldrsw x0,[x1]", 0xB980_0020, 4, Load, 4),
        ("ldrh w0,[x1]", 0x7940_0020, 4, Load, 2),
        ("str x0,[x1]", 0xF900_0020, 4, Store, 8),
        ("strb w0,[x1]", 0x3900_0020, 4, Store, 1),
        ("ldur x0,[x1,#-8]", 0xF85F_8020, 4, Load, 8),
        ("ldr q0,[x1]", 0x3DC0_0020, 4, Load, 16),
        ("str q0,[x1,#16]", 0x3D80_0420, 4, Store, 16),
        ("ldr d0,[x1]", 0xFD40_0020, 4, Load, 8),
        ("ldr s0,[x1]", 0xBD40_0020, 4, Load, 4),
        ("str b0,[x1]", 0x3D00_0020, 4, Store, 1),
        ("ldp x0,x1,[x2]", 0xA940_0440, 4, LoadMultiple, 16),
        ("stp x0,x1,[sp,#-16]!", 0xA9BF_07E0, 4, StoreMultiple, 16),
        ("ldp w0,w1,[x2]", 0x2940_0440, 4, LoadMultiple, 8),
        ("ldp q0,q1,[x2]", 0xAD40_0440, 4, LoadMultiple, 32),
        ("ldpsw x0,x1,[x2]", 0x6940_0440, 4, LoadMultiple, 8),
        ("stp d0,d1,[x2]", 0x6D00_0440, 4, StoreMultiple, 16),
        ("ldr x0,1f", 0x5800_0960, 4, Load, 8),
        ("prfm pldl1keep,[x0]", 0xF980_0000, 4, Hint, 0),
        ("b 1f", 0x1400_0049, 4, Branch, 0),
        ("bl 1f", 0x9400_0048, 4, Call, 0),
        ("b.eq 1f", 0x5400_08E0, 4, Branch, 0),
        ("cbz x0,1f", 0xB400_08C0, 4, Branch, 0),
        ("tbz x0,#3,1f", 0x3618_08A0, 4, Branch, 0),
        ("br x0", 0xD61F_0000, 4, Branch, 0),
        ("ret", 0xD65F_03C0, 4, Branch, 0),
        ("blr x0", 0xD63F_0000, 4, Call, 0),
        ("nop", 0xD503_201F, 4, Hint, 0),
        ("dmb ish", 0xD503_3BBF, 4, System, 0),
        ("svc #0", 0xD400_0001, 4, System, 0),
        ("fadd s0,s1,s2", 0x1E22_2820, 4, FloatAlu, 0),
        ("fmul d0,d1,d2", 0x1E62_0820, 4, FloatAlu, 0),
        ("fmadd s0,s1,s2,s3", 0x1F02_0C20, 4, FloatMac, 0),
        ("fdiv s0,s1,s2", 0x1E22_1820, 4, FloatDivide, 0),
        ("fsqrt s0,s1", 0x1E21_C020, 4, FloatDivide, 0),
        ("fmov w0,s0", 0x1E26_0000, 4, FloatMove, 0),
        ("scvtf s0,w0", 0x1E22_0000, 4, FloatAlu, 0),
        ("fcvtzs w0,s0", 0x1E38_0000, 4, FloatAlu, 0),
        ("ld1 {v0.16b},[x0],#16", 0x4CDF_7000, 4, VectorLoad, 16),
        ("ld1 {v0.16b,v1.16b,v2.16b,v3.16b},[x0]", 0x4C40_2000, 4, VectorLoad, 64),
        ("ld2 {v0.8b,v1.8b},[x0]", 0x0C40_8000, 4, VectorLoad, 16),
        ("ld3 {v0.16b,v1.16b,v2.16b},[x0]", 0x4C40_4000, 4, VectorLoad, 48),
        ("ld4 {v0.16b,v1.16b,v2.16b,v3.16b},[x0]", 0x4C40_0000, 4, VectorLoad, 64),
        ("st1 {v0.16b,v1.16b},[x0]", 0x4C00_A000, 4, VectorStore, 32),
        ("ld1r {v0.4s},[x0]", 0x4D40_C800, 4, VectorLoad, 4),
        ("ld1r {v0.16b},[x0]", 0x4D40_C000, 4, VectorLoad, 1),
        ("ld1 {v0.s}[1],[x0]", 0x0D40_9000, 4, VectorLoad, 4),
        ("ld1 {v0.d}[1],[x0]", 0x4D40_8400, 4, VectorLoad, 8),
        ("ld1 {v0.b}[1],[x0]", 0x0D40_0400, 4, VectorLoad, 1),
        ("st1 {v0.h}[1],[x0]", 0x0D00_4800, 4, VectorStore, 2),
        ("ld3r {v0.8b,v1.8b,v2.8b},[x0]", 0x0D40_E000, 4, VectorLoad, 3),
        ("smull v0.8h,v1.8b,v2.8b", 0x0E22_C020, 4, Vector, 0),
        ("smlal2 v0.8h,v1.16b,v2.16b", 0x4E22_8020, 4, Vector, 0),
        ("smlal v0.4s,v1.4h,v2.h[3]", 0x0F72_2020, 4, Vector, 0),
        ("umull v0.8h,v1.8b,v2.8b", 0x2E22_C020, 4, Vector, 0),
        ("mul v0.4s,v1.4s,v2.4s", 0x4EA2_9C20, 4, Vector, 0),
        ("mla v0.8h,v1.8h,v2.8h", 0x4E62_9420, 4, Vector, 0),
        ("sqrdmulh v0.4s,v1.4s,v2.4s", 0x6EA2_B420, 4, Vector, 0),
        ("sqdmulh v0.4s,v1.4s,v2.s[0]", 0x4F82_C020, 4, Vector, 0),
        ("sdot v0.4s,v1.16b,v2.16b", 0x4E82_9420, 4, Vector, 0),
        ("sdot v0.4s,v1.16b,v2.4b[1]", 0x4FA2_E020, 4, Vector, 0),
        ("udot v0.4s,v1.16b,v2.16b", 0x6E82_9420, 4, Vector, 0),
        ("usdot v0.4s,v1.16b,v2.16b", 0x4E82_9C20, 4, Vector, 0),
        ("smmla v0.4s,v1.16b,v2.16b", 0x4E82_A420, 4, Vector, 0),
        ("ummla v0.4s,v1.16b,v2.16b", 0x6E82_A420, 4, Vector, 0),
        ("usmmla v0.4s,v1.16b,v2.16b", 0x4E82_AC20, 4, Vector, 0),
        ("fmla v0.4s,v1.4s,v2.4s", 0x4E22_CC20, 4, Vector, 0),
        ("fmla v0.4s,v1.4s,v2.s[1]", 0x4FA2_1020, 4, Vector, 0),
        ("fmul v0.4s,v1.4s,v2.4s", 0x6E22_DC20, 4, Vector, 0),
        ("sadalp v0.4s,v1.8h", 0x4E60_6820, 4, Vector, 0),
        ("saddlp v0.4s,v1.8h", 0x4E60_2820, 4, Vector, 0),
        ("saddw v0.4s,v1.4s,v2.4h", 0x0E62_1020, 4, Vector, 0),
        ("add v0.4s,v1.4s,v2.4s", 0x4EA2_8420, 4, Vector, 0),
        ("addv s0,v1.4s", 0x4EB1_B820, 4, Vector, 0),
        ("addp v0.4s,v1.4s,v2.4s", 0x4EA2_BC20, 4, Vector, 0),
        ("smax v0.4s,v1.4s,v2.4s", 0x4EA2_6420, 4, Vector, 0),
        ("srshl v0.4s,v1.4s,v2.4s", 0x4EA2_5420, 4, Vector, 0),
        ("sqxtn v0.4h,v1.4s", 0x0E61_4820, 4, Vector, 0),
        ("sshll v0.8h,v1.8b,#0", 0x0F08_A420, 4, Vector, 0),
        ("sxtl v0.8h,v1.8b", 0x0F08_A420, 4, Vector, 0),
        ("dup v0.4s,w0", 0x4E04_0C00, 4, Vector, 0),
        ("movi v0.4s,#0", 0x4F00_0400, 4, Vector, 0),
        ("tbl v0.16b,{v1.16b},v2.16b", 0x4E02_0020, 4, Vector, 0),
        ("zip1 v0.16b,v1.16b,v2.16b", 0x4E02_3820, 4, Vector, 0),
        ("ext v0.16b,v1.16b,v2.16b,#4", 0x6E02_2020, 4, Vector, 0),
        ("smov w0,v1.h[2]", 0x0E0A_2C20, 4, Vector, 0),
        ("umov w0,v1.s[2]", 0x0E14_3C20, 4, Vector, 0),
        ("fadd v0.4s,v1.4s,v2.4s", 0x4E22_D420, 4, Vector, 0),
        ("fdiv v0.4s,v1.4s,v2.4s", 0x6E22_FC20, 4, Vector, 0),
        ("fcvtl v0.4s,v1.4h", 0x0E21_7820, 4, Vector, 0),
        ("sshr v0.4s,v1.4s,#31", 0x4F21_0420, 4, Vector, 0),
        ("bic v0.16b,v1.16b,v2.16b", 0x4E62_1C20, 4, Vector, 0),
    ];

    #[test]
    fn instructions_are_what_their_names_say() {
        for &(text, code, _, class, bytes) in KNOWN {
            let found = decode(code);
            assert_eq!(found, Instruction::moving(class, bytes), "{text}: {code:#x}");
        }
    }
}
