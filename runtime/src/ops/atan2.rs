//! ATAN2: `the angle of the point (b, a) -> y`, broadcasting.

use super::binary;
use crate::{Op, OpCode, Variant};

/// float32.
pub const F32: Op =
    binary::plain(OpCode::Atan2, Variant::F32, |call| binary::run(call, libm::atan2f));
