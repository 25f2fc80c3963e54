//! CONV_2D: bytes of packed constants and scratch memory.

use crate::packed::{ConvSpec, Layout};

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    let _ = (form, spec);
    None
}
