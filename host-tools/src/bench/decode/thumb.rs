//! Thumb instructions of M-profile cores: Armv6-M to Armv8.1-M.
//!
//! Source of the encodings: Armv7-M and Armv8-M Architecture Reference Manuals, chapters on Thumb
//! instruction set encoding.

use super::Class::*;
use super::Kind::{By, Is, Moves};
use super::{Instruction, Row, look_up};

/// Instructions of 16 bits. What is not here is arithmetic.
const HALF: &[Row] = &[
    (0xFFC0, 0x4340, Is(Multiply)),
    (0xFF80, 0x4700, Is(Branch)),     // BX
    (0xFF80, 0x4780, Is(Call)),       // BLX
    (0xFF87, 0x4487, Is(Branch)),     // ADD PC
    (0xFF87, 0x4687, Is(Branch)),     // MOV PC
    (0xF800, 0x4800, Moves(Load, 4)), // LDR of a literal
    (0xFE00, 0x5000, Moves(Store, 4)),
    (0xFE00, 0x5200, Moves(Store, 2)),
    (0xFE00, 0x5400, Moves(Store, 1)),
    (0xFE00, 0x5600, Moves(Load, 1)), // LDRSB
    (0xFE00, 0x5800, Moves(Load, 4)),
    (0xFE00, 0x5A00, Moves(Load, 2)),
    (0xFE00, 0x5C00, Moves(Load, 1)),
    (0xFE00, 0x5E00, Moves(Load, 2)), // LDRSH
    (0xF800, 0x6000, Moves(Store, 4)),
    (0xF800, 0x6800, Moves(Load, 4)),
    (0xF800, 0x7000, Moves(Store, 1)),
    (0xF800, 0x7800, Moves(Load, 1)),
    (0xF800, 0x8000, Moves(Store, 2)),
    (0xF800, 0x8800, Moves(Load, 2)),
    (0xF800, 0x9000, Moves(Store, 4)), // SP-relative
    (0xF800, 0x9800, Moves(Load, 4)),
    (0xF500, 0xB100, Is(Branch)), // CBZ, CBNZ
    (0xFE00, 0xB400, By(push)),
    (0xFE00, 0xBC00, By(pop)),
    (0xFF00, 0xBE00, Is(System)), // BKPT
    (0xFF0F, 0xBF00, Is(Hint)),
    (0xFF00, 0xBF00, Is(It)),
    (0xF800, 0xC000, By(push)),   // STM
    (0xF800, 0xC800, By(pop)),    // LDM
    (0xFE00, 0xDE00, Is(System)), // UDF, SVC
    (0xF000, 0xD000, Is(Branch)),
    (0xF800, 0xE000, Is(Branch)),
];

/// Instructions of 32 bits, the first half in the upper bits. What is not here is arithmetic.
const WORD: &[Row] = &[
    (0xFE50_0000, 0xE800_0000, By(store_multiple)),
    (0xFE50_0000, 0xE810_0000, By(load_multiple)),
    (0xFFF0_FFF0, 0xE8D0_F000, Moves(TableBranch, 1)),
    (0xFFF0_FFF0, 0xE8D0_F010, Moves(TableBranch, 2)),
    (0xFFF0_0000, 0xE840_0000, Moves(Store, 4)), // STREX
    (0xFFF0_0000, 0xE850_0000, Moves(Load, 4)),
    (0xFFF0_0000, 0xE8C0_0000, Moves(Store, 4)), // STREXB, STL
    (0xFFF0_0000, 0xE8D0_0000, Moves(Load, 4)),
    (0xFFFF_FFFF, 0xE97F_E97F, Is(Hint)),                // SG
    (0xFE50_0000, 0xE840_0000, Moves(StoreMultiple, 8)), // STRD
    (0xFE50_0000, 0xE850_0000, Moves(LoadMultiple, 8)),
    // Floating point: coprocessors 10 and 11.
    (0xFFE0_0E00, 0xEC40_0A00, Is(FloatMovePair)),
    (0xFF30_0F00, 0xED00_0A00, Moves(Store, 4)),
    (0xFF30_0F00, 0xED10_0A00, Moves(Load, 4)),
    (0xFF30_0F00, 0xED00_0B00, Moves(StoreMultiple, 8)),
    (0xFF30_0F00, 0xED10_0B00, Moves(LoadMultiple, 8)),
    (0xFE10_0E00, 0xEC00_0A00, By(float_store_multiple)),
    (0xFE10_0E00, 0xEC10_0A00, By(float_load_multiple)),
    (0xFF90_0F50, 0xEE80_0B10, Is(Vector)), // VDUP
    (0xFF00_0E10, 0xEE00_0A10, Is(FloatMove)),
    (0xFFB0_0E00, 0xEE00_0A00, Is(FloatMac)), // VMLA, VMLS
    (0xFFB0_0E00, 0xEE10_0A00, Is(FloatMac)), // VNMLA, VNMLS
    (0xFFB0_0E00, 0xEE90_0A00, Is(FloatMac)), // VFNMA, VFNMS
    (0xFFB0_0E00, 0xEEA0_0A00, Is(FloatMac)), // VFMA, VFMS
    (0xFFB0_0E00, 0xEE80_0A00, Is(FloatDivide)),
    (0xFFBF_0ED0, 0xEEB1_0AC0, Is(FloatDivide)), // VSQRT
    (0xEF00_0E00, 0xEE00_0A00, Is(FloatAlu)),
    // MVE.
    (0xFFA0_1FE0, 0xEC00_0F00, Is(Vector)), // VMOV of two lanes
    (0xEE10_1E00, 0xEC00_1E00, By(vector_store)),
    (0xEE10_1E00, 0xEC10_1E00, By(vector_load)),
    (0xEE10_1E00, 0xEC00_0E00, By(vector_store)),
    (0xEE10_1E00, 0xEC10_0E00, By(vector_load)),
    (0xEC00_0000, 0xEC00_0000, Is(Vector)),
    // Loops that hardware counts; then branches and special registers.
    (0xFFCF_F001, 0xF00F_C001, Is(LoopEnd)),
    (0xFFC0_FFFF, 0xF000_E801, Is(Vector)), // VCTP
    (0xFF80_D001, 0xF000_C001, Is(LoopStart)),
    (0xF800_D000, 0xF000_D000, Is(Call)),
    (0xF800_D000, 0xF000_9000, Is(Branch)),
    (0xFFFF_F0FF, 0xF3AF_8000, Is(Hint)),
    (0xFB80_D000, 0xF380_8000, Is(System)), // MSR, MRS, barriers
    (0xF800_D000, 0xF000_8000, Is(Branch)),
    // Single transfers.
    (0xFF70_0000, 0xF800_0000, Moves(Store, 1)),
    (0xFF70_0000, 0xF820_0000, Moves(Store, 2)),
    (0xFF70_0000, 0xF840_0000, Moves(Store, 4)),
    (0xFE70_F000, 0xF810_F000, Is(Hint)), // PLD
    (0xFE70_F000, 0xF830_F000, Is(Hint)),
    (0xFE70_0000, 0xF810_0000, Moves(Load, 1)),
    (0xFE70_0000, 0xF830_0000, Moves(Load, 2)),
    (0xFE70_0000, 0xF850_0000, Moves(Load, 4)),
    // Products.
    (0xFFF0_F0F0, 0xFB00_F000, Is(Multiply)),
    (0xFFF0_0000, 0xFB00_0000, Is(MultiplyAdd)),
    (0xFF80_0000, 0xFB00_0000, Is(MultiplyDsp)),
    (0xFFD0_00F0, 0xFB90_00F0, Is(Divide)),
    (0xFFD0_00F0, 0xFB80_0000, Is(MultiplyLong)),
    (0xFFD0_00F0, 0xFBC0_0000, Is(MultiplyAddLong)),
    (0xFFF0_00F0, 0xFBE0_0060, Is(MultiplyAddLong)), // UMAAL
    (0xFF80_0000, 0xFB80_0000, Is(MultiplyDsp)),     // SMLALxy, SMLALD, SMLSLD
];

/// Decodes an instruction of 16 bits.
pub fn decode16(code: u16) -> Instruction {
    look_up(HALF, code.into(), Alu)
}

/// Decodes an instruction of 32 bits, the first half in the upper bits.
pub fn decode32(code: u32) -> Instruction {
    look_up(WORD, code, Alu)
}

/// Registers in the low `bits` of a list, in bytes.
fn list(code: u32, bits: u32) -> u32 {
    4 * (code & ((1 << bits) - 1)).count_ones()
}

/// PUSH and POP have a ninth register, LR or PC; in STM and LDM that bit is part of the base.
fn list16(code: u32) -> u32 {
    list(code, if code & 0xF000 == 0xB000 { 9 } else { 8 })
}

fn push(code: u32) -> Instruction {
    Instruction::moving(StoreMultiple, list16(code))
}

fn pop(code: u32) -> Instruction {
    Instruction::moving(LoadMultiple, list16(code))
}

fn store_multiple(code: u32) -> Instruction {
    Instruction::moving(StoreMultiple, list(code, 16))
}

fn load_multiple(code: u32) -> Instruction {
    Instruction::moving(LoadMultiple, list(code, 16))
}

fn float_store_multiple(code: u32) -> Instruction {
    Instruction::moving(StoreMultiple, 4 * (code & 0xFF))
}

fn float_load_multiple(code: u32) -> Instruction {
    Instruction::moving(LoadMultiple, 4 * (code & 0xFF))
}

fn vector_store(code: u32) -> Instruction {
    Instruction::moving(VectorStore, vector_bytes(code))
}

fn vector_load(code: u32) -> Instruction {
    Instruction::moving(VectorLoad, vector_bytes(code))
}

/// Bytes that a vector transfer moves: fewer than 16 where elements of memory are narrower than
/// those of the register.
fn vector_bytes(code: u32) -> u32 {
    // Bit 12 is set in transfers of equal widths, in interleaved ones and in those by a vector of
    // addresses; otherwise bits 8:7 are the width in the register. The width in memory is bit 19, or
    // bits 6 and 4 where a vector of offsets is added (bits 24 and 21 are then clear).
    if code & 0x1000 != 0 {
        return 16;
    }
    let register = (code >> 7) & 3;
    let memory = match code & 0x0120_0000 {
        0 => (code >> 5) & 2 | (code >> 4) & 1,
        _ => (code >> 19) & 1,
    };
    16 >> register.saturating_sub(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an assembler writes, the code, its bytes, and what it is.
    #[rustfmt::skip]
    const KNOWN: &[(&str, u32, u8, super::super::Class, u32)] = &[
        ("adds r0,r1,r2", 0x1888, 2, Alu, 0),
        ("muls r0,r1,r0", 0x4348, 2, Multiply, 0),
        ("bx lr", 0x4770, 2, Branch, 0),
        ("blx r3", 0x4798, 2, Call, 0),
        ("mov pc,r3", 0x469F, 2, Branch, 0),
        ("mov r8,r3", 0x4698, 2, Alu, 0),
        ("ldr r0,[pc,#8]", 0x4802, 2, Load, 4),
        ("str r0,[r1,r2]", 0x5088, 2, Store, 4),
        ("strh r0,[r1,r2]", 0x5288, 2, Store, 2),
        ("strb r0,[r1,r2]", 0x5488, 2, Store, 1),
        ("ldrsb r0,[r1,r2]", 0x5688, 2, Load, 1),
        ("ldr r0,[r1,r2]", 0x5888, 2, Load, 4),
        ("ldrh r0,[r1,r2]", 0x5A88, 2, Load, 2),
        ("ldrb r0,[r1,r2]", 0x5C88, 2, Load, 1),
        ("ldrsh r0,[r1,r2]", 0x5E88, 2, Load, 2),
        ("ldr r0,[r1,#4]", 0x6848, 2, Load, 4),
        ("ldrb r0,[r1,#4]", 0x7908, 2, Load, 1),
        ("strh r0,[r1,#4]", 0x8088, 2, Store, 2),
        ("ldrh r0,[r1,#4]", 0x8888, 2, Load, 2),
        ("str r0,[sp,#4]", 0x9001, 2, Store, 4),
        ("ldr r0,[sp,#4]", 0x9801, 2, Load, 4),
        ("add r0,sp,#4", 0xA801, 2, Alu, 0),
        ("sxtb r0,r1", 0xB248, 2, Alu, 0),
        ("cbz r0,3f", 0xB108, 2, Branch, 0),
        ("push {r4-r7,lr}", 0xB5F0, 2, StoreMultiple, 20),
        ("pop {r4,pc}", 0xBD10, 2, LoadMultiple, 8),
        ("nop", 0xBF00, 2, Hint, 0),
        ("stmia r0!,{r1,r2,r3}", 0xC00E, 2, StoreMultiple, 12),
        ("ldmia r0!,{r1,r2,r3}", 0xC80E, 2, LoadMultiple, 12),
        ("beq 1f", 0xF000_811E, 4, Branch, 0),
        ("b 1f", 0xE11C, 2, Branch, 0),
        ("svc #1", 0xDF01, 2, System, 0),
        ("bkpt #1", 0xBE01, 2, System, 0),
        ("rev r0,r1", 0xBA08, 2, Alu, 0),
        ("push.w {r4-r11}", 0xE92D_0FF0, 4, StoreMultiple, 32),
        ("pop.w {r4-r11,pc}", 0xE8BD_8FF0, 4, LoadMultiple, 36),
        ("ldmdb r0!,{r1-r9}", 0xE930_03FE, 4, LoadMultiple, 36),
        ("ldrd r0,r1,[r2,#8]", 0xE9D2_0102, 4, LoadMultiple, 8),
        ("ldrd r0,r1,[r2],#8", 0xE8F2_0102, 4, LoadMultiple, 8),
        ("strd r0,r1,[r2,#8]", 0xE9C2_0102, 4, StoreMultiple, 8),
        ("tbb [pc,r0]", 0xE8DF_F000, 4, TableBranch, 1),
        ("tbh [pc,r0,lsl #1]", 0xE8DF_F010, 4, TableBranch, 2),
        ("ldrex r0,[r1]", 0xE851_0F00, 4, Load, 4),
        ("strex r0,r2,[r1]", 0xE841_2000, 4, Store, 4),
        ("add.w r0,r1,r2,lsl #3", 0xEB01_00C2, 4, Alu, 0),
        ("movw r0,#1234", 0xF240_40D2, 4, Alu, 0),
        ("bfi r0,r1,#3,#4", 0xF361_00C6, 4, Alu, 0),
        ("ssat r0,#8,r1", 0xF301_0007, 4, Alu, 0),
        ("usat r0,#8,r1,asr #2", 0xF3A1_0088, 4, Alu, 0),
        ("sxtb16 r0,r1,ror #8", 0xFA2F_F091, 4, Alu, 0),
        ("uadd8 r0,r1,r2", 0xFA81_F042, 4, Alu, 0),
        ("pkhbt r0,r1,r2,lsl #16", 0xEAC1_4002, 4, Alu, 0),
        ("clz r0,r1", 0xFAB1_F081, 4, Alu, 0),
        ("beq.w 1f", 0xF000_80F2, 4, Branch, 0),
        ("b.w 1f", 0xF000_B8F0, 4, Branch, 0),
        ("bl 1f", 0xF000_F8EE, 4, Call, 0),
        ("dsb sy", 0xF3BF_8F4F, 4, System, 0),
        ("mrs r0,primask", 0xF3EF_8010, 4, System, 0),
        ("msr primask,r0", 0xF380_8810, 4, System, 0),
        ("nop.w", 0xF3AF_8000, 4, Hint, 0),
        ("ldr.w r0,[r1,#100]", 0xF8D1_0064, 4, Load, 4),
        ("ldr r0,[r1],#4", 0xF851_0B04, 4, Load, 4),
        ("ldr r10,[r1,r2,lsl #2]", 0xF851_A022, 4, Load, 4),
        ("ldrsb.w r0,[r1,#100]", 0xF991_0064, 4, Load, 1),
        ("ldrsb r0,[r1],#1", 0xF911_0B01, 4, Load, 1),
        ("ldrsh r0,[r1],#2", 0xF931_0B02, 4, Load, 2),
        ("ldrb r0,[r1],#1", 0xF811_0B01, 4, Load, 1),
        ("ldrh r0,[r1],#2", 0xF831_0B02, 4, Load, 2),
        ("strb r0,[r1],#1", 0xF801_0B01, 4, Store, 1),
        ("strh r0,[r1],#2", 0xF821_0B02, 4, Store, 2),
        ("str r0,[r1],#4", 0xF841_0B04, 4, Store, 4),
        ("ldr pc,[r1]", 0xF8D1_F000, 4, Load, 4),
        ("pld [r1]", 0xF891_F000, 4, Hint, 0),
        ("mul r8,r1,r2", 0xFB01_F802, 4, Multiply, 0),
        ("mla r0,r1,r2,r3", 0xFB01_3002, 4, MultiplyAdd, 0),
        ("mls r0,r1,r2,r3", 0xFB01_3012, 4, MultiplyAdd, 0),
        ("smlad r0,r1,r2,r3", 0xFB21_3002, 4, MultiplyDsp, 0),
        ("smuad r0,r1,r2", 0xFB21_F002, 4, MultiplyDsp, 0),
        ("smlabb r0,r1,r2,r3", 0xFB11_3002, 4, MultiplyDsp, 0),
        ("smulbt r0,r1,r2", 0xFB11_F012, 4, MultiplyDsp, 0),
        ("smmlar r0,r1,r2,r3", 0xFB51_3012, 4, MultiplyDsp, 0),
        ("smmulr r0,r1,r2", 0xFB51_F012, 4, MultiplyDsp, 0),
        ("smull r0,r1,r2,r3", 0xFB82_0103, 4, MultiplyLong, 0),
        ("umull r0,r1,r2,r3", 0xFBA2_0103, 4, MultiplyLong, 0),
        ("smlal r0,r1,r2,r3", 0xFBC2_0103, 4, MultiplyAddLong, 0),
        ("umlal r0,r1,r2,r3", 0xFBE2_0103, 4, MultiplyAddLong, 0),
        ("umaal r0,r1,r2,r3", 0xFBE2_0163, 4, MultiplyAddLong, 0),
        ("smlald r0,r1,r2,r3", 0xFBC2_01C3, 4, MultiplyDsp, 0),
        ("sdiv r0,r1,r2", 0xFB91_F0F2, 4, Divide, 0),
        ("udiv r0,r1,r2", 0xFBB1_F0F2, 4, Divide, 0),
        ("vldr s0,[r0,#4]", 0xED90_0A01, 4, Load, 4),
        ("vstr s0,[r0,#4]", 0xED80_0A01, 4, Store, 4),
        ("vldr d0,[r0,#8]", 0xED90_0B02, 4, LoadMultiple, 8),
        ("vldmia r0!,{s0-s3}", 0xECB0_0A04, 4, LoadMultiple, 16),
        ("vpush {d8-d9}", 0xED2D_8B04, 4, StoreMultiple, 16),
        ("vmov s0,r0", 0xEE00_0A10, 4, FloatMove, 0),
        ("vmov r0,r1,s0,s1", 0xEC51_0A10, 4, FloatMovePair, 0),
        ("vmrs apsr_nzcv,fpscr", 0xEEF1_FA10, 4, FloatMove, 0),
        ("vadd.f32 s0,s1,s2", 0xEE30_0A81, 4, FloatAlu, 0),
        ("vmul.f32 s0,s1,s2", 0xEE20_0A81, 4, FloatAlu, 0),
        ("vmla.f32 s0,s1,s2", 0xEE00_0A81, 4, FloatMac, 0),
        ("vmls.f32 s0,s1,s2", 0xEE00_0AC1, 4, FloatMac, 0),
        ("vfma.f32 s0,s1,s2", 0xEEA0_0A81, 4, FloatMac, 0),
        ("vfms.f32 s0,s1,s2", 0xEEA0_0AC1, 4, FloatMac, 0),
        ("vfnms.f32 s0,s1,s2", 0xEE90_0A81, 4, FloatMac, 0),
        ("vdiv.f32 s0,s1,s2", 0xEE80_0A81, 4, FloatDivide, 0),
        ("vsqrt.f32 s0,s1", 0xEEB1_0AE0, 4, FloatDivide, 0),
        ("vcvt.s32.f32 s0,s1", 0xEEBD_0AE0, 4, FloatAlu, 0),
        ("vcmp.f32 s0,s1", 0xEEB4_0A60, 4, FloatAlu, 0),
        ("vmaxnm.f32 s0,s1,s2", 0xFE80_0A81, 4, FloatAlu, 0),
        ("vldrb.8 q0,[r0],#16", 0xECB0_1E10, 4, VectorLoad, 16),
        ("vldrb.u8 q0,[r0,#16]", 0xED90_1E10, 4, VectorLoad, 16),
        ("vldrw.u32 q0,[r0],#16", 0xECB0_1F04, 4, VectorLoad, 16),
        ("vldrh.u16 q0,[r0]", 0xED90_1E80, 4, VectorLoad, 16),
        ("vldrb.s16 q0,[r0],#8", 0xECB0_0E88, 4, VectorLoad, 8),
        ("vldrb.s32 q0,[r0]", 0xED90_0F00, 4, VectorLoad, 4),
        ("vldrh.s32 q0,[r0]", 0xED98_0F00, 4, VectorLoad, 8),
        ("vldrb.u16 q0,[r0,#8]", 0xFD90_0E88, 4, VectorLoad, 8),
        ("vstrb.8 q0,[r0],#16", 0xECA0_1E10, 4, VectorStore, 16),
        ("vstrb.32 q0,[r0]", 0xED80_0F00, 4, VectorStore, 4),
        ("vstrb.16 q0,[r0]", 0xED80_0E80, 4, VectorStore, 8),
        ("vstrh.32 q0,[r0]", 0xED88_0F00, 4, VectorStore, 8),
        ("vstrw.32 q0,[r0],#16", 0xECA0_1F04, 4, VectorStore, 16),
        ("vldrb.s16 q0,[r0,q1]", 0xEC90_0E82, 4, VectorLoad, 8),
        ("vldrb.u32 q0,[r0,q1]", 0xFC90_0F02, 4, VectorLoad, 4),
        ("vldrb.u8 q0,[r0,q1]", 0xFC90_0E02, 4, VectorLoad, 16),
        ("vldrh.u16 q0,[r0,q1,uxtw #1]", 0xFC90_0E93, 4, VectorLoad, 16),
        ("vldrw.u32 q0,[r0,q1,uxtw #2]", 0xFC90_0F43, 4, VectorLoad, 16),
        ("vldrw.u32 q0,[q1,#4]", 0xFD92_1E01, 4, VectorLoad, 16),
        ("vstrb.32 q0,[r0,q1]", 0xEC80_0F02, 4, VectorStore, 4),
        ("vstrw.32 q0,[r0,q1]", 0xEC80_0F42, 4, VectorStore, 16),
        ("vld40.8 {q0,q1,q2,q3},[r0]", 0xFC90_1E01, 4, VectorLoad, 16),
        ("vld20.16 {q0,q1},[r0]", 0xFC90_1E80, 4, VectorLoad, 16),
        ("vst20.8 {q0,q1},[r0]", 0xFC80_1E00, 4, VectorStore, 16),
        ("vmladava.s8 r0,q0,q1", 0xEEF0_0F22, 4, Vector, 0),
        ("vmladava.s16 r0,q0,q1", 0xEEF0_0E22, 4, Vector, 0),
        ("vmladav.s32 r0,q0,q1", 0xEEF1_0E02, 4, Vector, 0),
        ("vmlaldava.s16 r0,r1,q0,q1", 0xEE80_0E22, 4, Vector, 0),
        ("vrmlaldavha.s32 r0,r1,q0,q1", 0xEE80_0F22, 4, Vector, 0),
        ("vaddva.s8 r0,q0", 0xEEF1_0F20, 4, Vector, 0),
        ("vaddv.s32 r0,q0", 0xEEF9_0F00, 4, Vector, 0),
        ("vmul.i16 q0,q1,q2", 0xEF12_0954, 4, Vector, 0),
        ("vmul.i32 q0,q1,r2", 0xEE23_1E62, 4, Vector, 0),
        ("vmla.s16 q0,q1,r2", 0xEE13_0E42, 4, Vector, 0),
        ("vmullb.s8 q0,q1,q2", 0xEE03_0E04, 4, Vector, 0),
        ("vmullt.u8 q0,q1,q2", 0xFE03_1E04, 4, Vector, 0),
        ("vqrdmulh.s32 q0,q1,q2", 0xFF22_0B44, 4, Vector, 0),
        ("vqdmulh.s32 q0,q1,q2", 0xEF22_0B44, 4, Vector, 0),
        ("vqrdmulh.s32 q0,q1,r2", 0xFE23_0E62, 4, Vector, 0),
        ("vadd.i32 q0,q1,q2", 0xEF22_0844, 4, Vector, 0),
        ("vadd.i8 q0,q1,r2", 0xEE03_0F42, 4, Vector, 0),
        ("vrshl.s32 q0,q0,q1", 0xEF22_0540, 4, Vector, 0),
        ("vrshl.s32 q0,r2", 0xEE3B_1E62, 4, Vector, 0),
        ("vmax.s8 q0,q1,q2", 0xEF02_0644, 4, Vector, 0),
        ("vdup.32 q0,r0", 0xEEA0_0B10, 4, Vector, 0),
        ("vmovlb.s8 q0,q1", 0xEEA8_0F42, 4, Vector, 0),
        ("vqmovnb.s32 q0,q1", 0xEE37_0E03, 4, Vector, 0),
        ("vqmovnt.s16 q0,q1", 0xEE33_1E03, 4, Vector, 0),
        ("vmov q0[2],q0[0],r0,r1", 0xEC11_0F00, 4, Vector, 0),
        ("vmov.32 q0[1],r0", 0xEE20_0B10, 4, FloatMove, 0),
        ("vmov.s8 r0,q0[3]", 0xEE50_0B70, 4, FloatMove, 0),
        ("vctp.8 r0", 0xF000_E801, 4, Vector, 0),
        ("vcmp.s8 ge,q0,q1", 0xFE01_1F02, 4, Vector, 0),
        ("vpsel q0,q1,q2", 0xFE33_0F05, 4, Vector, 0),
        ("vidup.u8 q0,r2,#1", 0xEE03_0F6E, 4, Vector, 0),
        ("vshr.s32 q0,q1,#3", 0xEFBD_0052, 4, Vector, 0),
        ("vshl.i32 q0,q1,#3", 0xEFA3_0552, 4, Vector, 0),
        ("dls lr,r0", 0xF040_E001, 4, LoopStart, 0),
        ("wls lr,r0,3f", 0xF040_C003, 4, LoopStart, 0),
        ("dlstp.8 lr,r0", 0xF000_E001, 4, LoopStart, 0),
        ("le lr,2b", 0xF00F_C939, 4, LoopEnd, 0),
        ("letp lr,2b", 0xF01F_C93B, 4, LoopEnd, 0),
        ("sqrshr r0,r1", 0xEA50_1F2D, 4, Alu, 0),
        ("csel r0,r1,r2,eq", 0xEA51_8002, 4, Alu, 0),
        ("bl 1f", 0xF000_F805, 4, Call, 0),
        ("dmb sy", 0xF3BF_8F5F, 4, System, 0),
        ("mrs r0,primask", 0xF3EF_8010, 4, System, 0),
        ("muls r0,r1,r0", 0x4348, 2, Multiply, 0),
    ];

    #[test]
    fn instructions_are_what_their_names_say() {
        for &(text, code, len, class, bytes) in KNOWN {
            let found = if len == 2 { decode16(code as u16) } else { decode32(code) };
            assert_eq!(found, Instruction::moving(class, bytes), "{text}: {code:#x}");
        }
    }
}
