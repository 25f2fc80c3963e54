//! What the build scripts of firmware do. They read the board's folder, which `SMIDGE_BOARD` names
//! (its `.cargo/config.toml` says so), put its memory.x where the linker finds it, and generate the
//! sources that depend on board and settings:
//!
//! - `SMIDGE_OPS`: names of the operators that `infer` has, separated by commas, such as
//!   `CONV_2D_S8,SOFTMAX_S8`. Unset: all.
//! - `SMIDGE_BLOB`: path of the blob that `embedded` and `checking` contain. It is checked here. Unset:
//!   none.

use std::path::{Path, PathBuf};
use std::{env, fs};

use smidge::format::{AlignedBuf, Isa};
use smidge::{Model, Op, ops};

/// The build script of programs that run on emulated boards and under Linux.
pub fn emulated() {
    if read_board() {
        println!("cargo::rustc-link-arg-bins=-Tlink.x");
    }
}

/// The build script of a program on a real board: logs are `defmt`'s.
pub fn real_program() {
    read_board();
    for script in ["link.x", "defmt.x"] {
        println!("cargo::rustc-link-arg=-T{script}");
    }
}

/// The build script of a real board's package, whose tests on the board are `embedded-test`'s.
pub fn real() {
    real_program();
    println!("cargo::rustc-link-arg-tests=-Tembedded-test.x");
    println!("cargo::rustc-check-cfg=cfg(rust_analyzer)");
}

/// Reads the board's folder, writes what is made of it, and says whether there is no operating system.
fn read_board() -> bool {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for variable in ["SMIDGE_BOARD", "SMIDGE_OPS", "SMIDGE_BLOB"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let board = env::var_os("SMIDGE_BOARD").expect("run cargo in a board's folder");
    let board = PathBuf::from(board);
    let text = String::from_utf8(read(&board.join("board.toml"))).expect("board.toml is UTF-8");
    write(&out.join("board.rs"), identity(&text).as_bytes());
    write(&out.join("ops.rs"), op_list(env::var("SMIDGE_OPS").ok().as_deref(), &text).as_bytes());
    let blob = env::var_os("SMIDGE_BLOB").map(|path| read(Path::new(&path))).unwrap_or_default();
    write(&out.join("embedded.smg"), &blob);
    write(&out.join("model.rs"), model(&blob).as_bytes());
    let is_bare = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none");
    if is_bare {
        write(&out.join("memory.x"), &read(&board.join("memory.x")));
        // Chips that a boot program starts have a linker script of their own.
        let link = board.join("link.x");
        if link.is_file() {
            write(&out.join("link.x"), &read(&link));
        }
        println!("cargo::rustc-link-search={}", out.display());
    }
    is_bare
}

/// What the firmware has to know of its board, as Rust source.
fn identity(board: &str) -> String {
    let board: toml::Table = board.parse().unwrap_or_else(|error| panic!("board.toml: {error}"));
    let text = |key| board.get(key).and_then(toml::Value::as_str);
    let name = text("name").expect("board.toml has no name");
    let isa = text("isa").and_then(|name| Isa::ALL.into_iter().find(|isa| isa.name() == name));
    let isa = isa.expect("board.toml has no isa, or one that is none");
    let arena = board.get("arena_bytes").and_then(toml::Value::as_integer);
    let arena = arena.expect("board.toml has no arena_bytes");
    format!(
        "/// What this firmware says about itself.
        const IDENTITY: smidge_board::Identity = smidge_board::Identity {{
            board: {name:?},
            isa: smidge::format::Isa::{isa:?},
            firmware: env!(\"CARGO_PKG_VERSION\"),
            record: Some(&RECORD),
        }};
        /// What a debug probe finds of it in flash.
        static RECORD: smidge_board::Record = smidge_board::Record::new(
            smidge::format::Isa::{isa:?} as u16,
            ARENA_LEN as u32,
            [smidge::format::VERSION_MAJOR, smidge::format::VERSION_MINOR],
        );
        /// Bytes of the arena.
        const ARENA_LEN: usize = {arena};
        "
    )
}

/// Whether a board's firmware may not be as large as one with all operators.
fn is_small(board: &str) -> bool {
    /// Bytes of flash that those take, and more.
    const ALL: i64 = 320 * 1024;
    let board: toml::Table = board.parse().unwrap_or_else(|error| panic!("board.toml: {error}"));
    let budget = board.get("budget").and_then(|budget| budget.get("flash_bytes"));
    budget.and_then(toml::Value::as_integer).is_some_and(|bytes| bytes < ALL)
}

/// The list of operators as Rust source.
fn op_list(names: Option<&str>, board: &str) -> String {
    let list = match names {
        None if is_small(board) => "smidge::ops::COMMON".to_string(),
        None => "smidge::ops::ALL".to_string(),
        Some(names) => {
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
            // A feature, not an operator.
            let names = names.filter(|name| *name != "CONTROL_FLOW");
            format!("&[{}]", names.map(named).collect::<Vec<_>>().join(", "))
        }
    };
    format!("/// The operators of this firmware.\nstatic OPS: &[smidge::Op] = {list};\n")
}

/// Where the operator with a name such as `CONV_2D_S8` is.
fn named(name: &str) -> String {
    let is_it = |op: &&Op| format!("{}_{}", op.code.name(), op.variant.name()) == name;
    let found = ops::ALL.iter().find(is_it).map(op_path);
    found.unwrap_or_else(|| {
        panic!("SMIDGE_OPS: {name} is not the name of an operator, such as CONV_2D_S8")
    })
}

/// Where an operator is: `S8` of CONV_2D is the constant `S8` of the module `conv_2d`.
fn op_path(op: &Op) -> String {
    format!("smidge::ops::{}::{}", op.code.name().to_lowercase(), op.variant.name())
}

/// The model with the operators that it needs as Rust source, after all checks.
fn model(blob: &[u8]) -> String {
    let model = if blob.is_empty() { "None".to_string() } else { embedded(blob) };
    format!("/// The model of this firmware.\nstatic MODEL: Option<smidge::Model> = {model};\n")
}

fn embedded(blob: &[u8]) -> String {
    let bytes = AlignedBuf::from(blob);
    let model = Model::check_foreign(&bytes, ops::ALL);
    let model = model.unwrap_or_else(|error| panic!("SMIDGE_BLOB: E{:04}: {error}", error.code()));
    format!(r#"Some(smidge::embed!(concat!(env!("OUT_DIR"), "/embedded.smg"), {}))"#, model.ops())
}

fn read(path: &Path) -> Vec<u8> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
