//! smidge: import, convert, inspect and run neural networks for small machines.
#![forbid(unsafe_code)]

pub mod import;
pub mod npy;
pub mod passes;
pub mod testdata;
