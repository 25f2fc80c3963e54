//! Every check and test, all of them run even when one fails.

use crate::{Outcome, bench, firmware, root};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// A check: its name, the folder it runs in, and what cargo is told.
struct Check<'a>(&'static str, PathBuf, &'a [&'static str]);

pub fn run() -> Outcome {
    let root = root();
    let targets = root.join("targets");
    let board = |name: &str| targets.join(name);
    let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"].as_slice();
    let programs = ["clippy", "-p", "smidge-board", "-p", "smidge-firmware", "--release"];
    let programs = [programs.as_slice(), &["--", "-D", "warnings"]].concat();
    let examples = ["clippy", "-p", "embassy", "-p", "streaming", "-p", "two-models", "--release"];
    let examples = [examples.as_slice(), &["--", "-D", "warnings"]].concat();
    let real = ["clippy", "--release", "--", "-D", "warnings"].as_slice();
    let on_board = ["test", "--release", "--no-run"].as_slice();
    // The suite has a heap, which the other programs cannot have.
    let suite = ["clippy", "--release", "--bin", "suite", "--no-default-features", "--features"];
    let suite = [suite.as_slice(), &["suite", "--", "-D", "warnings"]].concat();
    let kernels = ["test", "-p", "smidge-kernels", "--release", "--features", "suite,threads"];
    let checks = [
        Check("format", root.clone(), &["fmt", "--all", "--check"]),
        Check("format of firmware", targets.clone(), &["fmt", "--all", "--check"]),
        Check("lints", root.clone(), lints),
        Check("lints of firmware, Cortex-M4", board("qemu-m4"), &programs),
        Check("lints of examples, Cortex-M4", board("qemu-m4"), &examples),
        Check("lints of the suite, Cortex-M4", board("qemu-m4"), &suite),
        Check("lints of firmware, Cortex-M55", board("qemu-m55"), &programs),
        Check("lints of the suite, Cortex-M55", board("qemu-m55"), &suite),
        Check("lints of firmware, RISC-V", board("qemu-rv32"), &programs),
        Check("lints of the suite, RISC-V", board("qemu-rv32"), &suite),
        Check("lints of firmware, Linux", board("qemu-a76"), &programs),
        Check("lints of the suite, Linux", board("qemu-a76"), &suite),
        Check("lints of firmware, Pico", board("rp2040"), real),
        Check("lints of firmware, ESP32-C3", board("esp32-c3"), real),
        Check("tests on boards, Armv6-M", board("rp2040"), on_board),
        Check("tests on boards, Armv7E-M", board("nrf52840-dk"), on_board),
        Check("tests on boards, Armv8-M", board("rp2350"), on_board),
        Check("tests on boards, RISC-V", board("esp32-c3"), on_board),
        Check("tests of firmware", targets.clone(), &["test", "-p", "smidge-board"]),
        Check("tests of examples", targets, &["test", "-p", "streaming", "--release", "--lib"]),
        Check("kernels of this machine", root.clone(), &kernels),
        Check("tests", root, &["test", "--workspace", "--release", "--no-fail-fast"]),
    ];
    match smidge_tools::testdata::models_dir() {
        Some(folder) => println!("real models: {}", folder.display()),
        None => println!("real models: skipped, not installed (set SMIDGE_MODELS to their folder)"),
    }
    let mut failed = Vec::new();
    for Check(name, folder, arguments) in checks {
        println!("\n== {name}: cargo {}", arguments.join(" "));
        let start = Instant::now();
        let status = Command::new("cargo").args(arguments).current_dir(folder).status();
        if !status.is_ok_and(|status| status.success()) {
            failed.push(name);
        }
        println!("== {name}: {:.0} s", start.elapsed().as_secs_f64());
    }
    println!("\n== firmware of all boards against their budgets");
    if let Err(message) = firmware::run(&firmware::Args::default()) {
        println!("{message}");
        failed.push("firmware of all boards against their budgets");
    }
    println!("\n== instructions against the record");
    if let Err(message) = bench::gate() {
        println!("{message}");
        failed.push("instructions against the record");
    }
    if failed.is_empty() {
        println!("\nall checks passed");
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}
