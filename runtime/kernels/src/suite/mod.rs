//! Every kernel against the portable one, over the axes of shape: tails, strides, dilations,
//! padding, zero points, clamps, batches, magnitudes of weights, roundings, parts of a whole. The
//! same code runs as a test on the host, under an emulator of user programs, and in firmware.
//!
//! Buffers are surrounded by guard bytes: a kernel that writes outside its output or its scratch
//! memory fails. Scratch memory is filled with garbage first: a kernel that reads what it did not
//! write fails.

mod conv;
mod depthwise;
mod elementwise;
mod extremes;
mod float;
mod fully_connected;
mod guarded;
pub mod layers;
mod limits;
mod real;
mod wide;

use crate::{Cpu, Family};

/// Told of every case.
pub trait Watch {
    /// The fast kernel of a case is about to run.
    fn begin(&mut self) {}

    /// It has run.
    fn end(&mut self) {}

    /// The case is over; `macs` counts its multiply-accumulates.
    fn case(&mut self, name: &str, macs: u64, passed: bool);
}

/// Runs every case of every family that this processor is of.
pub fn run(watch: &mut dyn Watch) {
    for cpu in Cpu::levels() {
        for family in Family::ALL.into_iter().filter(|&family| cpu.runs(family)) {
            conv::run(cpu, family, watch);
            depthwise::run(cpu, family, watch);
            fully_connected::run(cpu, family, watch);
            extremes::run(cpu, family, watch);
            limits::run(cpu, family, watch);
            real::run(cpu, family, watch);
        }
        elementwise::run(cpu, watch);
        wide::run(cpu, watch);
        float::run(cpu, watch);
    }
}
