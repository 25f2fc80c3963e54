//! A limit on everything, so that loading is bounded in time and fits fixed arrays.

/// Largest number of dimensions of a tensor.
pub const MAX_RANK: usize = 6;
/// Largest number of tensors in a blob.
pub const MAX_TENSORS: usize = 8192;
/// Largest number of steps in a blob.
pub const MAX_STEPS: usize = 8192;
/// Largest number of blocks in a blob.
pub const MAX_BLOCKS: usize = 1024;
/// Largest number of subgraphs in a blob.
pub const MAX_SUBGRAPHS: usize = 64;
/// Largest number of sections in a blob.
pub const MAX_SECTIONS: usize = 64;
/// Largest number of operands of one step or subgraph, inputs and outputs together.
pub const MAX_OPERANDS: usize = 255;
/// Deepest nesting of conditional and repeated blocks.
pub const MAX_DEPTH: usize = 4;
/// Largest number of times a repeated block may run in one call, the loops around it included.
pub const MAX_TRIPS: u32 = 1 << 20;
/// Largest blob and arena, in bytes: sizes and offsets fit an `i32` on every machine.
pub const MAX_BYTES: usize = 0x7FFF_0000;
/// Alignment of sections, constants and arena tensors, in bytes.
pub const ALIGN: usize = 16;
/// Alignment of constants and of their section in blobs for cores whose vectors are as long as a line
/// of the cache. No blob has to have it.
pub const LINE: usize = 64;
