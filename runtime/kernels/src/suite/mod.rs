//! Every kernel against the portable one, over the axes of shape: tails, strides, dilations,
//! padding, zero points, clamps, batches, magnitudes of weights, roundings, parts of a whole. The
//! same code runs as a test on the host, under an emulator of user programs, and in firmware.
//!
//! Buffers are surrounded by guard bytes: a kernel that writes outside its output or its scratch
//! memory fails. Scratch memory is filled with garbage first: a kernel that reads what it did not
//! write fails.

mod conv;
mod damaged;
mod depthwise;
mod elementwise;
mod extremes;
mod float;
mod fully_connected;
mod guarded;
pub mod layers;
mod limits;
mod narrow;
mod panels;
mod real;
mod wide;

use crate::{Cpu, Family};

/// Told of every case. A case is an operator on a shape with its numbers; it is the same on every
/// machine. How often kernels run for it depends on the forms and families that the machine has.
pub trait Watch {
    /// The fast kernel of a case is about to run.
    fn begin(&mut self) {}

    /// It has run.
    fn end(&mut self) {}

    /// A kernel ran in one of its forms, whole or in parts; `macs` counts its multiply-accumulates.
    fn run(&mut self, name: &str, macs: u64, passed: bool);

    /// All runs of a case were told.
    fn case_over(&mut self) {}

    /// What follows are the same cases again, in kernels of another family or level of the processor.
    fn again(&mut self) {}

    /// A case with one run.
    fn case(&mut self, name: &str, macs: u64, passed: bool) {
        self.run(name, macs, passed);
        self.case_over();
    }
}

/// Runs every case in every family that this processor is of.
pub fn run(watch: &mut dyn Watch) {
    for cpu in Cpu::levels() {
        elementwise::run(cpu, watch);
        wide::run(cpu, watch);
        float::run(cpu, watch);
        for family in families(cpu) {
            conv::run(cpu, family, watch);
            depthwise::run(cpu, family, watch);
            fully_connected::run(cpu, family, watch);
            extremes::run(cpu, family, watch);
            limits::run(cpu, family, watch);
            damaged::run(cpu, family, watch);
            real::run(cpu, family, watch);
            panels::run(cpu, family, watch);
            watch.again();
        }
        watch.again();
    }
}

/// The families that a processor is of.
fn families(cpu: Cpu) -> impl Iterator<Item = Family> {
    Family::ALL.into_iter().filter(move |&family| cpu.runs(family))
}
