//! PADV2: `x` surrounded by a given value. The value is a constant of the source model and becomes
//! an attribute.

use super::pad::{check, run};
use crate::{Op, OpCode, Variant};

/// Any element type.
pub const ANY: Op = Op { code: OpCode::PadV2, variant: Variant::Any, in_place: false, check, run };
