//! TILE: `x` repeated along its dimensions.
//!
//! Attributes are those of STRIDED_SLICE: a walk over the input's elements.

use super::strided_slice::{check, run};
use crate::{Op, OpCode, Variant};

/// Any element type.
pub const ANY: Op = Op { code: OpCode::Tile, variant: Variant::Any, in_place: false, check, run };
