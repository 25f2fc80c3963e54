//! What an instruction is, as far as its cost depends on it: a class, and the bytes it moves.
//!
//! Each decoder is a table of masks and values, read from the top; the first row that matches
//! decides.

pub mod aarch64;
pub mod rv32;
pub mod thumb;

/// Kinds of instructions that cores need different numbers of cycles for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Arithmetic, logic, shifts, moves, DSP arithmetic without multiplication.
    Alu,
    /// A product of two words, the low word of it.
    Multiply,
    /// The same, added to or subtracted from a word.
    MultiplyAdd,
    /// Products of halves and of pairs of halves, with or without a sum; the high word of a product.
    MultiplyDsp,
    /// A product of two words, both words of it.
    MultiplyLong,
    /// The same, added to two words.
    MultiplyAddLong,
    /// Division.
    Divide,
    /// One register from memory.
    Load,
    /// One register to memory.
    Store,
    /// Several registers from memory.
    LoadMultiple,
    /// Several registers to memory.
    StoreMultiple,
    /// A jump, conditional or not, returns included.
    Branch,
    /// A jump that keeps where it came from.
    Call,
    /// A jump through a table in memory.
    TableBranch,
    /// The start of a loop that hardware counts.
    LoopStart,
    /// Its end.
    LoopEnd,
    /// The start of a block of conditional instructions.
    It,
    /// Nothing.
    Hint,
    /// Special registers, barriers, calls of a system.
    System,
    /// Floating point but what follows.
    FloatAlu,
    /// Floating point: product and sum.
    FloatMac,
    /// Floating point: quotient and square root.
    FloatDivide,
    /// Floating point: moves between the two kinds of registers.
    FloatMove,
    /// The same of two registers.
    FloatMovePair,
    /// A vector: arithmetic and moves.
    Vector,
    /// A vector from memory.
    VectorLoad,
    /// A vector to memory.
    VectorStore,
}

impl Class {
    /// Whether it reads memory.
    pub fn loads(self) -> bool {
        matches!(self, Self::Load | Self::LoadMultiple | Self::TableBranch | Self::VectorLoad)
    }

    /// Whether it moves one register from or to memory.
    pub fn is_single_transfer(self) -> bool {
        matches!(self, Self::Load | Self::Store)
    }

    /// Whether it works on vectors.
    pub fn is_vector(self) -> bool {
        matches!(self, Self::Vector | Self::VectorLoad | Self::VectorStore)
    }
}

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its class.
    pub class: Class,
    /// Bytes that it moves from or to memory.
    pub bytes: u32,
}

impl Instruction {
    /// One that moves nothing.
    const fn plain(class: Class) -> Self {
        Self { class, bytes: 0 }
    }

    /// One that moves these bytes.
    const fn moving(class: Class, bytes: u32) -> Self {
        Self { class, bytes }
    }
}

/// A family of cores with a decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Thumb, with the DSP extension, floating point and MVE.
    Thumb,
    /// AArch64.
    Aarch64,
    /// RV32IMC.
    Rv32,
}

impl Family {
    /// The family of a target triple.
    pub fn of(triple: &str) -> Option<Self> {
        let families =
            [("thumb", Self::Thumb), ("aarch64", Self::Aarch64), ("riscv32", Self::Rv32)];
        let mut families = families.into_iter();
        families.find(|(prefix, _)| triple.starts_with(prefix)).map(|(_, family)| family)
    }

    /// Decodes an instruction of `len` bytes, which stand in `code` in the order of memory.
    pub fn decode(self, code: [u8; 4], len: u8) -> Instruction {
        let half = |at: usize| u16::from_le_bytes([code[at], code[at + 1]]);
        let word = u32::from_le_bytes(code);
        match (self, len) {
            (Self::Thumb, 2) => thumb::decode16(half(0)),
            (Self::Thumb, _) => thumb::decode32(u32::from(half(0)) << 16 | u32::from(half(2))),
            (Self::Aarch64, _) => aarch64::decode(word),
            (Self::Rv32, 2) => rv32::decode16(half(0)),
            (Self::Rv32, _) => rv32::decode32(word),
        }
    }
}

/// A row of a decoder's table: bits that matter, their value, and what the instruction then is.
pub(crate) type Row = (u32, u32, Kind);

/// What a row of a table says.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// The class alone.
    Is(Class),
    /// The class, and a number of bytes.
    Moves(Class, u32),
    /// It depends on more bits.
    By(fn(u32) -> Instruction),
}

/// The first row that matches.
pub(crate) fn look_up(table: &[Row], code: u32, otherwise: Class) -> Instruction {
    match table.iter().find(|(mask, value, _)| code & mask == *value) {
        Some((_, _, Kind::Is(class))) => Instruction::plain(*class),
        Some((_, _, Kind::Moves(class, bytes))) => Instruction::moving(*class, *bytes),
        Some((_, _, Kind::By(decide))) => decide(code),
        None => Instruction::plain(otherwise),
    }
}
