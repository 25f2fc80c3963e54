//! The memory map of bare machines.

use std::env;
use std::path::Path;

/// Links the package's programs with `link.x`, the linker script of `cortex-m-rt`, `riscv-rt` and
/// `smidge-board`, and with the memory map beside it: a file named `memory.x`. Where there is an
/// operating system, that is not needed and not done.
pub fn memory_map(file: impl AsRef<Path>) {
    let file = file.as_ref();
    println!("cargo::rerun-if-changed={}", file.display());
    if !env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "none") {
        return;
    }
    let found = file.is_file().then(|| file.canonicalize().ok()).flatten();
    match found.as_deref().and_then(Path::parent) {
        Some(folder) => {
            println!("cargo::rustc-link-search={}", folder.display());
            println!("cargo::rustc-link-arg-bins=-Tlink.x");
        }
        None => {
            let file = file.display();
            println!("cargo::error=E0727: there is no {file}");
            println!("cargo::error=  help: give the memory map of the board, named memory.x");
        }
    }
}
