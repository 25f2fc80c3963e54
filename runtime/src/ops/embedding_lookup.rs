//! EMBEDDING_LOOKUP: the rows of a table that ids name. Operands and attributes are those of GATHER.

use super::gather::{check, run};
use crate::{Op, OpCode, Variant};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::EmbeddingLookup, variant: Variant::Any, in_place: false, check, run };
