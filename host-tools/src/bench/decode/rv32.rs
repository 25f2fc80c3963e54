//! Instructions of RV32IMC.
//!
//! Source of the encodings: The RISC-V Instruction Set Manual, Volume I, opcode maps.

use super::Class::*;
use super::Kind::{Is, Moves};
use super::{Instruction, Row, look_up};

/// Instructions of 32 bits. What is not here is arithmetic.
const WORD: &[Row] = &[
    (0x307F, 0x0003, Moves(Load, 1)),
    (0x307F, 0x1003, Moves(Load, 2)),
    (0x307F, 0x2003, Moves(Load, 4)),
    (0x307F, 0x0023, Moves(Store, 1)),
    (0x307F, 0x1023, Moves(Store, 2)),
    (0x307F, 0x2023, Moves(Store, 4)),
    (0x007F, 0x0063, Is(Branch)),
    (0x0FFF, 0x006F, Is(Branch)), // JAL that keeps nothing
    (0x007F, 0x006F, Is(Call)),
    (0x0FFF, 0x0067, Is(Branch)), // JALR that keeps nothing
    (0x007F, 0x0067, Is(Call)),
    (0xFE00_707F, 0x0200_0033, Is(Multiply)),
    (0xFE00_407F, 0x0200_0033, Is(MultiplyDsp)), // MULH, MULHSU, MULHU
    (0xFE00_407F, 0x0200_4033, Is(Divide)),
    (0x007F, 0x000F, Is(System)), // FENCE
    (0x007F, 0x0073, Is(System)),
];

/// Instructions of 16 bits. What is not here is arithmetic.
const HALF: &[Row] = &[
    (0xE003, 0x4000, Moves(Load, 4)),
    (0xE003, 0xC000, Moves(Store, 4)),
    (0xE003, 0x2001, Is(Call)),   // C.JAL
    (0xE003, 0xA001, Is(Branch)), // C.J
    (0xC003, 0xC001, Is(Branch)), // C.BEQZ, C.BNEZ
    (0xE003, 0x4002, Moves(Load, 4)),
    (0xE003, 0xC002, Moves(Store, 4)),
    (0xF07F, 0x8002, Is(Branch)), // C.JR
    (0xFFFF, 0x9002, Is(System)), // C.EBREAK
    (0xF07F, 0x9002, Is(Call)),   // C.JALR
    (0xEF83, 0x0001, Is(Hint)),   // C.NOP
];

/// Decodes an instruction of 16 bits.
pub fn decode16(code: u16) -> Instruction {
    look_up(HALF, code.into(), Alu)
}

/// Decodes an instruction of 32 bits.
pub fn decode32(code: u32) -> Instruction {
    look_up(WORD, code, Alu)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an assembler writes, the code, its bytes, and what it is.
    #[rustfmt::skip]
    const KNOWN: &[(&str, u32, u8, super::super::Class, u32)] = &[
        ("lb x5,4(x6)", 0x0043_0283, 4, Load, 1),
        ("lbu x5,4(x6)", 0x0043_4283, 4, Load, 1),
        ("lh x5,4(x6)", 0x0043_1283, 4, Load, 2),
        ("lhu x5,4(x6)", 0x0043_5283, 4, Load, 2),
        ("lw x5,4(x6)", 0x0043_2283, 4, Load, 4),
        ("sb x5,4(x6)", 0x0053_0223, 4, Store, 1),
        ("sh x5,4(x6)", 0x0053_1223, 4, Store, 2),
        ("sw x5,4(x6)", 0x0053_2223, 4, Store, 4),
        ("beq x5,x6,1f", 0x0662_8563, 4, Branch, 0),
        ("bltu x5,x6,1f", 0x0662_E363, 4, Branch, 0),
        ("jal x5,1f", 0x0620_02EF, 4, Call, 0),
        ("jalr x0,4(x5)", 0x0042_8067, 4, Branch, 0),
        ("jalr x1,4(x5)", 0x0042_80E7, 4, Call, 0),
        ("mul x5,x6,x7", 0x0273_02B3, 4, Multiply, 0),
        ("mulh x5,x6,x7", 0x0273_12B3, 4, MultiplyDsp, 0),
        ("mulhu x5,x6,x7", 0x0273_32B3, 4, MultiplyDsp, 0),
        ("div x5,x6,x7", 0x0273_42B3, 4, Divide, 0),
        ("remu x5,x6,x7", 0x0273_72B3, 4, Divide, 0),
        ("add x5,x6,x7", 0x0073_02B3, 4, Alu, 0),
        ("sub x5,x6,x7", 0x4073_02B3, 4, Alu, 0),
        ("addi x5,x6,100", 0x0643_0293, 4, Alu, 0),
        ("lui x5,1000", 0x003E_82B7, 4, Alu, 0),
        ("fence", 0x0FF0_000F, 4, System, 0),
        ("ecall", 0x0000_0073, 4, System, 0),
        ("c.lw x8,4(x9)", 0x40C0, 2, Load, 4),
        ("c.sw x8,4(x9)", 0xC0C0, 2, Store, 4),
        ("c.lwsp x5,8(sp)", 0x42A2, 2, Load, 4),
        ("c.swsp x5,8(sp)", 0xC416, 2, Store, 4),
        ("c.j 1f", 0xA00D, 2, Branch, 0),
        ("c.jal 1f", 0x2005, 2, Call, 0),
        ("c.beqz x8,1f", 0xCC19, 2, Branch, 0),
        ("c.bnez x8,1f", 0xEC11, 2, Branch, 0),
        ("c.jr x5", 0x8282, 2, Branch, 0),
        ("c.jalr x5", 0x9282, 2, Call, 0),
        ("c.mv x5,x6", 0x829A, 2, Alu, 0),
        ("c.add x5,x6", 0x929A, 2, Alu, 0),
        ("c.addi x5,1", 0x0285, 2, Alu, 0),
        ("c.li x5,1", 0x4285, 2, Alu, 0),
        ("c.lui x5,1", 0x6285, 2, Alu, 0),
        ("c.slli x5,1", 0x0286, 2, Alu, 0),
        ("c.and x8,x9", 0x8C65, 2, Alu, 0),
        ("c.addi4spn x8,sp,8", 0x0020, 2, Alu, 0),
        ("c.addi16sp sp,16", 0x6141, 2, Alu, 0),
        ("c.nop", 0x0001, 2, Hint, 0),
        ("c.ebreak", 0x9002, 2, System, 0),
    ];

    #[test]
    fn instructions_are_what_their_names_say() {
        for &(text, code, len, class, bytes) in KNOWN {
            let found = if len == 2 { decode16(code as u16) } else { decode32(code) };
            assert_eq!(found, Instruction::moving(class, bytes), "{text}: {code:#x}");
        }
    }
}
