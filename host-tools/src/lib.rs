//! smidge: import, convert, inspect and run neural networks for small machines.
//!
//! The way of a model: [`import`] reads a file into the graph, [`passes`] simplify it, [`lower`]
//! turns nodes into the device's operators, [`pack`] makes the program one for a core, [`plan`] gives every tensor a place, [`emit`] writes the
//! blob. [`convert`] is all of that.

#![forbid(unsafe_code)]

#[cfg(feature = "command")]
pub mod arrays;
#[cfg(feature = "command")]
pub mod bench;
#[cfg(feature = "command")]
pub mod bundle;
pub mod convert;
pub mod emit;
pub mod execute;
pub mod import;
#[cfg(feature = "command")]
pub mod inspect;
pub mod lower;
pub mod macs;
pub mod names;
#[cfg(feature = "command")]
pub mod npy;
pub mod pack;
pub mod passes;
pub mod plan;
pub mod testdata;
