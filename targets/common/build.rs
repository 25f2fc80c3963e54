//! Puts the linker script where the linker finds it, for cores whose start-up code is in this crate.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=link-riscv.x");
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|core| core == "riscv32") {
        let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
        fs::write(out.join("link.x"), include_bytes!("link-riscv.x")).expect("link.x is written");
        println!("cargo::rustc-link-search={}", out.display());
    }
}
