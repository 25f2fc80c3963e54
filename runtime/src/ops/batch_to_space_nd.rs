//! BATCH_TO_SPACE_ND: images of `x` become blocks.
//!
//! Attributes are those of STRIDED_SLICE: a walk over the input's elements.

use super::strided_slice::{check, run};
use crate::{Op, OpCode, Variant};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::BatchToSpaceNd, variant: Variant::Any, in_place: false, check, run };
