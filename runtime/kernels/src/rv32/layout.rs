//! How packed constants are laid out, and how much scratch memory the kernels need.

use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout};

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    let _ = (form, spec);
    None
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    let _ = (form, spec);
    None
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let _ = (form, spec);
    None
}
