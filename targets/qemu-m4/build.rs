//! Puts memory.x where the linker finds it, and generates the sources that depend on settings:
//!
//! - `SMIDGE_OPS`: names of the operators that `infer` has, separated by commas, such as
//!   `CONV_2D_S8,SOFTMAX_S8`. Unset: all.
//! - `SMIDGE_BLOB`: path of the blob that `embedded` contains. Unset: none.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    write(&out.join("memory.x"), include_bytes!("memory.x"));
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-env-changed=SMIDGE_OPS");
    println!("cargo::rerun-if-env-changed=SMIDGE_BLOB");
    write(&out.join("ops.rs"), ops(env::var("SMIDGE_OPS").ok().as_deref()).as_bytes());
    let blob = match env::var_os("SMIDGE_BLOB") {
        Some(path) => read(Path::new(&path)),
        None => Vec::new(),
    };
    write(&out.join("embedded.smg"), &blob);
}

/// The list of operators as Rust source.
fn ops(names: Option<&str>) -> String {
    let list = match names {
        None => "smidge::ops::ALL".to_string(),
        Some(names) => {
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
            format!("&[{}]", names.map(op_path).collect::<Vec<_>>().join(", "))
        }
    };
    format!("/// The operators of this firmware.\nstatic OPS: &[smidge::Op] = {list};\n")
}

/// Where an operator is: `CONV_2D_S8` is the constant `S8` of the module `conv_2d`.
fn op_path(name: &str) -> String {
    let variants = ["F32_S8", "F32", "S8", "ANY", "HYBRID"];
    let parts = variants.iter().find_map(|variant| {
        Some((name.strip_suffix(variant)?.strip_suffix('_')?.to_lowercase(), variant))
    });
    let Some((module, variant)) = parts else {
        panic!("SMIDGE_OPS: {name} is not the name of an operator, such as CONV_2D_S8");
    };
    format!("smidge::ops::{module}::{variant}")
}

fn read(path: &Path) -> Vec<u8> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read(path).unwrap_or_else(|error| panic!("SMIDGE_BLOB {}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
