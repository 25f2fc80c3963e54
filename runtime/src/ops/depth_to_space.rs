//! DEPTH_TO_SPACE: `x [N,H,W,b*b*C] -> y [N,H*b,W*b,C]`, channels become squares.
//!
//! Attributes are those of STRIDED_SLICE: a walk over the input's elements.

use super::strided_slice::{check, run};
use crate::{Op, OpCode, Variant};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::DepthToSpace, variant: Variant::Any, in_place: false, check, run };
