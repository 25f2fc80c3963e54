//! The suite on the machine that runs the tests.

#![cfg(feature = "suite")]

use smidge_kernels::suite::{self, Watch};

/// What ran. Cases are told again by every family and level of the processor.
#[derive(Default)]
struct Tally {
    runs: usize,
    cases: usize,
    failed: Vec<String>,
}

impl Watch for Tally {
    fn run(&mut self, name: &str, _macs: u64, passed: bool) {
        self.runs += 1;
        if !passed {
            self.failed.push(name.into());
        }
    }

    fn case_over(&mut self) {
        self.cases += 1;
    }
}

impl Tally {
    fn judge(&self) {
        println!("{} cases, {} runs, {} failed", self.cases, self.runs, self.failed.len());
        let shown: Vec<_> = self.failed.iter().take(20).collect();
        assert!(self.failed.is_empty(), "{shown:#?}");
    }
}

#[test]
fn every_kernel_is_the_portable_one() {
    let mut tally = Tally::default();
    suite::run(&mut tally);
    assert!(tally.cases > 500);
    tally.judge();
}

#[test]
fn real_layers_are_right() {
    let mut tally = Tally::default();
    suite::layers::run(&mut tally);
    tally.judge();
}
