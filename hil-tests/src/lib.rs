//! The same cases on the host, in QEMU and on boards: models with inputs and the outputs that
//! reference runtimes gave for them.
//!
//! Cases come from two places: [`vectors`], small models of one operator or a few, in this
//! repository; and [`models`], real networks, where the folder is there that
//! [`models_dir`](smidge_tools::testdata::models_dir) names.

#![forbid(unsafe_code)]

pub mod attached;
pub mod bench;
pub mod board;
mod case;
pub mod compare;
pub mod cycles;
pub mod host;
pub mod hostile;
pub mod models;
pub mod onnx;
pub mod rack;
pub mod report;
pub mod suite;
pub mod table;
pub mod vectors;

pub use case::{Case, Golden, Tolerance};
