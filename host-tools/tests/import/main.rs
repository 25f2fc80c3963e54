//! Import of model files: real ones, hand-made ones, and hostile ones.

mod file;
mod hostile;
mod models;
mod odd;
mod operators;
mod vectors;
