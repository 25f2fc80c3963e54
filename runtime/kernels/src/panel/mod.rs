//! What families with vectors share for activations that are not int8: windows times panels of
//! output channels.
//!
//! A panel is up to 16 channels; a lane of a vector is one of them. So each sum is added in the
//! order of the definition, and floats are the portable kernels' bit for bit: products are rounded
//! before they are added. The window's elements outside the image are left out, as there.

#[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
pub(crate) mod depthwise;
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;
#[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
pub(crate) mod real;
#[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
pub(crate) mod walk;
#[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
pub(crate) mod wide;
