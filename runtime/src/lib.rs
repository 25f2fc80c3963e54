//! smidge runs neural networks on machines that have kilobytes.
//!
//! A network is a *blob*: one file that a host tool made from a trained model, with weights, the
//! order of steps and the plan of the memory inside. The device checks it once and then runs a list
//! that cannot fail:
//!
//! ```
//! # fn classify(blob: &[u8], image: &[i8]) -> Result<i8, Box<dyn std::error::Error>> {
//! use smidge::{Arena, Model, Session, ops};
//!
//! let model = Model::check(blob, ops::ALL)?;
//! let mut arena = Arena::<16384>::new();
//! let mut session = Session::new(&model, &mut arena)?;
//! session.input_mut::<i8>(0)?.copy_from_slice(image);
//! session.invoke()?;
//! let best = session.output::<i8>(0)?.iter().max().copied();
//! # Ok(best.unwrap_or(0))
//! # }
//! ```
//!
//! Firmware names the operators it needs instead of [`ops::ALL`], and the linker drops the rest. A
//! blob that is part of the firmware is checked by its build script and becomes a `static`
//! ([`embed!`]): the device has no code to check or to find anything.
//!
//! # Life of an inference
//!
//! [`Model::check`] validates bytes, shapes, attributes and the memory plan. [`Session::new`] binds
//! the model to an arena. [`Session::invoke`] repeats [`Session::step`] until the program ends: a
//! step finds its operator in the list, which makes views of its operands and calls a kernel.
//! Between two steps a caller may stop, measure ([`Observer`]) or do something else.
//!
//! # Code map
//!
//! `model` (checks), `session` (memory and execution), `call` (what an operator sees of a step),
//! `op` (names and numbers of operators), `cores` (cores and families of kernels), [`ops`] (one file per operator), `needs`
//! (a model's operators as source text), `observe`, [`real`] (scales and zero points), `error`. The
//! bytes are read by `smidge-format`, the inner loops are in `smidge-kernels`.
//!
//! No heap, no panic, no unsafe code; no float where tensors are integers.

#![no_std]
#![forbid(unsafe_code)]

mod arena;
mod call;
mod cores;
mod error;
mod model;
mod needs;
mod observe;
mod op;
pub mod ops;
pub mod real;
mod session;

pub use arena::{Arena, longest};
pub use call::Call;
pub use cores::family;
pub use error::{CheckError, InvokeError, OpError, SessionError};
pub use model::Model;
pub use observe::Observer;
pub use op::{Op, OpCode, Variant};
pub use session::{Progress, Scalar, Session};
#[cfg(feature = "threads")]
pub use smidge_kernels::Pool;

/// Whether programs may have conditional and repeated blocks: the feature `control-flow`.
pub const CONTROL_FLOW: bool = cfg!(feature = "control-flow");

/// The blob format: reader, records, limits.
pub use smidge_format as format;
/// The kernels below the operators.
pub use smidge_kernels as kernels;
