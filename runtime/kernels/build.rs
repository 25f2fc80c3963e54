//! Decides which family of cores the kernels are compiled for: `smidge_isa` is set from the target,
//! unless the board's configuration says it (`rustflags = ["--cfg", "smidge_isa=\"mve\""]`), because
//! stable Rust does not tell DSP and MVE extensions of Arm cores apart.

use std::env;

/// Every value of `smidge_isa`.
const FAMILIES: [&str; 8] =
    ["portable", "armv6m", "armv7m", "armv7em", "mve", "rv32", "aarch64", "x86_64"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let values = FAMILIES.map(|family| format!("\"{family}\"")).join(", ");
    println!("cargo::rustc-check-cfg=cfg(smidge_isa, values({values}))");
    if env::var_os("CARGO_CFG_SMIDGE_ISA").is_none() {
        let target = env::var("TARGET").unwrap_or_default();
        println!("cargo::rustc-cfg=smidge_isa=\"{}\"", family(&target));
    }
}

fn family(target: &str) -> &'static str {
    let is = |prefix: &str| target.starts_with(prefix);
    if is("thumbv6m") {
        "armv6m"
    } else if is("thumbv7em") || is("thumbv8m.main") {
        "armv7em"
    } else if is("thumbv7m") {
        "armv7m"
    } else if is("riscv32i") {
        "rv32"
    } else if is("aarch64") {
        "aarch64"
    } else if is("x86_64") {
        "x86_64"
    } else {
        "portable"
    }
}
