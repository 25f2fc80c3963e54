//! The fastest kernel of this processor for operators that need nothing packed. Integers give the
//! same as [`scalar`](crate::scalar) bit for bit; floats may add in another order, see [`conv_f32`].
//!
//! There is a file for each kind of operator. In it a function has one arm for each family with a
//! kernel of its own, which is in the family's folder, and one for the others: Rust that takes few
//! instructions on a core with 32-bit registers, four bytes at a time where that helps.

mod elementwise;
mod float;
mod fused;
mod pool;
mod reduce;
mod rows;
mod s16;
mod s4;
mod scale;
mod softmax;
mod words;

#[cfg(all(smidge_isa = "armv7em", target_abi = "eabihf"))]
pub(crate) use fused::Walk;

pub use elementwise::{add_s8, linear_s8, mul_s8, table_s8};
pub use float::{conv_f32, depthwise_f32, fully_connected_f32};
#[cfg(smidge_isa = "mve")]
pub(crate) use pool::fits;
pub use pool::{average_s8, max_s8};
pub use reduce::mean_s8;
pub use s4::{conv_s4, fully_connected_s4};
pub use s16::{conv_s16, depthwise_s16, fully_connected_s16};
pub use softmax::softmax_s8;
