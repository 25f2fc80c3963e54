//! EXPAND_DIMS: a dimension of one inserted. In place it does nothing.

use super::reshape::{check, run};
use crate::{Op, OpCode, Variant};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::ExpandDims, variant: Variant::Any, in_place: true, check, run };
