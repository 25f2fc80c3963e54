//! The suite on the machine that runs the tests.

#![cfg(feature = "suite")]

use smidge_kernels::suite::{self, Watch};
use smidge_kernels::{Cpu, Family};

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<String>,
}

impl Watch for Tally {
    fn case(&mut self, name: &str, _macs: u64, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed.push(name.into());
        }
    }
}

impl Tally {
    fn judge(&self) {
        println!("{} cases passed, {} failed", self.passed, self.failed.len());
        let shown: Vec<_> = self.failed.iter().take(20).collect();
        assert!(self.failed.is_empty(), "{shown:#?}");
    }
}

#[test]
fn every_kernel_is_the_portable_one() {
    let mut tally = Tally::default();
    suite::run(&mut tally);
    assert!(tally.passed > 500);
    tally.judge();
}

#[test]
fn real_layers_are_right() {
    let cpu = Cpu::detect();
    let mut tally = Tally::default();
    for family in Family::ALL.into_iter().filter(|&family| cpu.runs(family)) {
        suite::layers::run(cpu, family, &mut tally);
    }
    tally.judge();
}
