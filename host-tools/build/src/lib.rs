//! Turns a neural network into a Rust module, from a build script.
//!
//! ```no_run
//! // build.rs
//! smidge_build::Model::new("kws.tflite").arena_budget(24 * 1024).flash_budget(64 * 1024).compile();
//! ```
//!
//! converts the model for the core that is built for, checks the result with the code that a device
//! checks with, and writes `kws.rs` and `kws.smg` to `OUT_DIR`. In the program,
//!
//! ```ignore
//! smidge::include_model!(kws);
//!
//! fn classify(samples: &kws::Input, arena: &mut kws::Arena) -> Option<kws::Output> {
//!     kws::Kws::new(arena).ok()?.run(samples).ok()
//! }
//! ```
//!
//! makes the module `kws`: types of inputs and outputs, their shapes, scales and zero points, the
//! length of the arena, the operators, and `Kws`, the network itself. There is no unsafe code in it,
//! no path to a panic, and no heap.
//!
//! What is wrong with the model (a file that cannot be read, operators that smidge cannot run, a
//! budget that is exceeded) is an error of the build that says where and what to do.

#![forbid(unsafe_code)]

mod budget;
mod core;
mod error;
mod link;
mod model;
mod module;
mod peak;
mod template;

pub use error::{BuildError, Excess};
pub use link::memory_map;
pub use model::{Compiled, Model};
pub use peak::{Alive, Peak, peak};
pub use smidge_format::Isa;
pub use smidge_tools::lower::{Channels, Rounding};
