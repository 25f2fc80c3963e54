//! How packed constants are laid out, and how much scratch memory the kernels need.

use crate::aarch64::depthwise_plan;
use crate::aarch64::form::Form;
use crate::aarch64::geometry::{self, ConvPlan, Mac};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout};

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    ConvPlan::new(Mac::Dot, Form::of(form)?, spec)?.layout()
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    depthwise_plan::layout(Mac::Dot, form, spec)
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    Form::of(form)?;
    geometry::fully_connected(Mac::Dot, spec)
}
