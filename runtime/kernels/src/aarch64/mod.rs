//! AArch64 in three families, each with what the ones before it have.

pub(crate) mod dot;
pub(crate) mod i8mm;
pub(crate) mod neon;
