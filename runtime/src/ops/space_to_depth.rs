//! SPACE_TO_DEPTH: `x [N,H,W,C] -> y [N,H/b,W/b,b*b*C]`, squares become channels.
//!
//! Attributes are those of STRIDED_SLICE: a walk over the input's elements.

use super::strided_slice::{check, run};
use crate::{Op, OpCode, Variant};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::SpaceToDepth, variant: Variant::Any, in_place: false, check, run };
