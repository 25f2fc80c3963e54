//! Code in flash: the runtime with a model's operators, as firmware links it.
//!
//! What is measured is the board's program `embedded`: it contains the blob, which its build has checked,
//! has exactly its operators, and no protocol. (`checking` is the same program with the checks on the
//! device.) Of its flash counts everything but
//!
//! - the blob;
//! - what belongs to the board: start-up, vector table, semihosting, handlers of faults (the crates
//!   [`BOARD`], and sections named like a vector table).
//!
//! - on Linux boards: the standard library and libc, which the program needs and the runtime does not.
//!
//! So code, constants and initial values of `smidge`, `smidge_format`, `smidge_kernels`, of the
//! crates they use (`crc`, `libm`), of `core` and `compiler_builtins` (memcpy, soft float), and of
//! the program itself, into which the compiler moves those functions of the runtime that are called
//! from one place. Constants without a name are not of the board and count.

use serde_json::{Value, json};
use smidge_format::Blob;
use smidge_runner::{Board, Firmware, Image, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;

/// Crates that are no part of the runtime. Names that start with one of them belong to it.
pub const BOARD: &[&str] = &[
    "cortex_m",
    "cortex_m_rt",
    "cortex_m_semihosting",
    "riscv",
    "riscv_rt",
    "semihosting",
    "smidge_board",
    "smidge_qemu",
];

/// Functions of start-up and semihosting that have no path.
const BOARD_FUNCTIONS: &[&str] = &[
    "Reset",
    "__pre_init",
    "DefaultPreInit",
    "DefaultHandler",
    "DefaultHandler_",
    "HardFault",
    "HardFault_",
    "HardFaultTrampoline",
    "_HardFault",
    "__RESET_VECTOR",
    "__EXCEPTIONS",
    "__INTERRUPTS",
    "__sh_syscall",
    "__semihosting_syscall",
    "_start",
    "_start_rust",
    "_start_trap",
    "_start_trap_rust",
    "_setup_interrupts",
    "_default_start_trap",
    "default_start_trap",
];

/// What counts of a Linux program.
const RUNTIME: &[&str] =
    &["smidge", "smidge_format", "smidge_kernels", "crc", "crc_catalog", "libm", PROGRAM];

/// The program whose build checks the model.
const EMBEDDED: &str = "embedded";
/// The program that checks it on the device.
const CHECKING: &str = "checking";

const BOARD_PART: &str = "(board and system)";
const UNNAMED: &str = "(constants without a name)";
const PROGRAM: &str = "(the program, with what is called once)";
const BUILTINS: &str = "compiler_builtins";

/// The code in flash of a model's runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeFlash {
    /// Code, constants and initial values of the runtime with the model's operators.
    pub code_bytes: u64,
    /// The same where the device checks the model, as for models that come from elsewhere.
    pub code_bytes_checking: u64,
    /// `code_bytes` by crate, and what does not count: the board's part.
    pub by_crate: BTreeMap<String, u64>,
    /// Functions of the runtime that only one operator uses, by operator: those that were executed in
    /// its steps only, and what else is in its module.
    pub by_operator: BTreeMap<String, u64>,
    /// Functions and constants that count, greatest first.
    pub functions: Vec<(String, u64)>,
}

/// Builds the programs that contain a blob, and measures them.
///
/// # Errors
/// Why that is not possible, as a text.
pub fn measure(board: &Board, blob: &Blob<'_>, users: &Users) -> Result<CodeFlash, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    // The path is the same for each model, and the program is built anew when the bytes differ.
    let path = folder.path().join("model.smg");
    std::fs::write(&path, blob.bytes()).map_err(|error| error.to_string())?;
    let ops = super::operator_list(blob);
    let bare = !board.target.contains("linux");
    let operators = super::operators(blob).into_iter().map(|row| row.op).collect();
    let operators = Operators { users, operators };
    // Held until the images are read: another process may measure another model.
    let _lock = lock(board).map_err(|error| error.to_string())?;
    let of = |program: &str| -> Result<CodeFlash, String> {
        let (program, ops, blob_at) = (Some(program), Some(ops.as_str()), Some(path.as_path()));
        let firmware = Firmware { program, ops, blob: blob_at, ..Firmware::default() };
        let elf = firmware.build(board, &mut |_| ()).map_err(|error| error.to_string())?;
        let image = Image::read(&elf).map_err(|error| error.to_string())?;
        Ok(of_image(&image, blob.bytes(), bare, &operators))
    };
    let code_bytes_checking = of(CHECKING)?.code_bytes;
    Ok(CodeFlash { code_bytes_checking, ..of(EMBEDDED)? })
}

/// Waits until no other process builds a board's program with a model in it.
fn lock(board: &Board) -> std::io::Result<File> {
    let folder = board.folder.with_file_name("target");
    std::fs::create_dir_all(&folder)?;
    let name = board.folder.file_name().unwrap_or_default().to_string_lossy();
    let file = File::create(folder.join(format!("{name}.lock")))?;
    file.lock()?;
    Ok(file)
}

/// The operators in whose steps a function was executed, by the function's name.
pub type Users = BTreeMap<String, BTreeSet<&'static str>>;

/// Which functions executed in the steps of which operators.
pub fn users(image: &Image, profile: &[Site], operators: &[super::Operator]) -> Users {
    let mut users = Users::new();
    for site in profile {
        let (symbol, operator) = (image.symbol(site.address), operators.get(site.step));
        if let (Some(symbol), Some(operator)) = (symbol, operator) {
            users.entry(symbol.name.clone()).or_default().insert(operator.op);
        }
    }
    users
}

/// What is known of the operators of a blob.
struct Operators<'a> {
    users: &'a Users,
    operators: BTreeSet<&'static str>,
}

impl Operators<'_> {
    /// The only operator that uses a function.
    fn of(&self, name: &str) -> Option<&'static str> {
        match self.users.get(name) {
            Some(users) if users.len() == 1 => users.first().copied(),
            Some(_) => None,
            None => {
                let operator = module(name)?.to_uppercase();
                self.operators.get(operator.as_str()).copied()
            }
        }
    }
}

fn of_image(image: &Image, blob: &[u8], bare: bool, operators: &Operators<'_>) -> CodeFlash {
    let mut flash = CodeFlash::default();
    for section in &image.sections {
        let (start, end) = (section.address, section.address + section.data.len() as u64);
        let model = place_of(&section.data, blob);
        let model = model.map_or(0..0, |at| start + at..start + at + blob.len() as u64);
        let mut rest = end - start - (model.end - model.start);
        let is_vectors = section.name.contains("vector") || section.name == ".init";
        for symbol in image.symbols.iter().filter(|symbol| section.contains(symbol.address)) {
            let (from, to) = (symbol.address, (symbol.address + symbol.size).min(end));
            let covered = to.min(model.end).saturating_sub(from.max(model.start));
            let bytes = (to - from - covered).min(rest);
            rest -= bytes;
            let owner = match owner(&symbol.name) {
                _ if is_vectors => BOARD_PART,
                owner if bare || RUNTIME.contains(&owner) => owner,
                _ => BOARD_PART,
            };
            flash.add(owner, bytes);
            if owner != BOARD_PART && bytes > 0 {
                flash.functions.push((symbol.name.clone(), bytes));
            }
            if let Some(operator) = operators.of(&symbol.name).filter(|_| owner != BOARD_PART) {
                *flash.by_operator.entry(operator.to_owned()).or_default() += bytes;
            }
        }
        flash.add(if is_vectors || !bare { BOARD_PART } else { UNNAMED }, rest);
    }
    let counted = flash.by_crate.iter().filter(|(name, _)| *name != BOARD_PART);
    flash.functions.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    flash.code_bytes = counted.map(|(_, bytes)| bytes).sum();
    flash
}

/// Where the blob begins in these bytes.
fn place_of(bytes: &[u8], blob: &[u8]) -> Option<u64> {
    // Blobs begin at multiples of 16 of the address space, sections at least of 4.
    let places = (0..bytes.len()).step_by(4);
    let mut found = places.filter(|&at| bytes.get(at..at + blob.len()) == Some(blob));
    found.next().filter(|_| !blob.is_empty()).map(|at| at as u64)
}

/// The crate that a function or constant belongs to, or the board.
fn owner(name: &str) -> &str {
    let path = name.trim_start_matches(['<', '&', '*', '(', '[']).trim_start_matches("mut ");
    let first = path.split("::").next().unwrap_or_default();
    let is_path = path.len() > first.len();
    let is_name = first.chars().all(|c| c.is_alphanumeric() || c == '_');
    match (is_path && is_name, first) {
        (true, EMBEDDED | CHECKING) => PROGRAM,
        (true, krate) if BOARD.iter().any(|board| krate.starts_with(board)) => BOARD_PART,
        (true, krate) => krate,
        (false, "main") => PROGRAM,
        (false, name) if name.starts_with(".L") => UNNAMED,
        (false, name) if BOARD_FUNCTIONS.contains(&name) => BOARD_PART,
        (false, _) => BUILTINS,
    }
}

/// The module of `smidge::ops` that a function belongs to.
fn module(name: &str) -> Option<&str> {
    let (_, behind) = name.split_once("smidge::ops::")?;
    let module = behind.split("::").next()?;
    (module.len() < behind.len()).then_some(module)
}

impl CodeFlash {
    fn add(&mut self, name: &str, bytes: u64) {
        if bytes > 0 {
            *self.by_crate.entry(name.to_owned()).or_default() += bytes;
        }
    }

    /// `code_bytes`, `code_bytes_checking`, `by_crate`, `by_operator`, `functions`.
    pub fn json(&self) -> Value {
        let functions =
            self.functions.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes }));
        json!({
            "code_bytes": self.code_bytes,
            "code_bytes_checking": self.code_bytes_checking,
            "by_crate": self.by_crate,
            "by_operator": self.by_operator,
            "functions": functions.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for CodeFlash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "code in flash: {} bytes, model checked by the build", self.code_bytes)?;
        for (name, bytes) in &self.by_crate {
            let note = if name == BOARD_PART { " (not counted)" } else { "" };
            writeln!(f, "  {name:<40} {bytes:>7}{note}")?;
        }
        let checking = self.code_bytes_checking;
        writeln!(f, "  where the device checks the model instead: {checking} bytes")?;
        if !self.by_operator.is_empty() {
            writeln!(f, "  of which only one operator uses")?;
        }
        for (name, bytes) in &self.by_operator {
            writeln!(f, "    {name:<38} {bytes:>7}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_runner::{Section, Symbol};

    #[test]
    fn names_belong_to_crates() {
        assert_eq!(owner("<smidge::model::Model as core::fmt::Debug>::fmt"), "smidge");
        assert_eq!(owner("smidge_kernels::scalar::conv::conv_s8"), "smidge_kernels");
        assert_eq!(owner("smidge_board::semihosting::print"), BOARD_PART);
        assert_eq!(owner("smidge_qemu_m4::slot"), BOARD_PART);
        assert_eq!(owner("Reset"), BOARD_PART);
        assert_eq!(owner("__aeabi_memcpy4"), BUILTINS);
        assert_eq!(owner(".Lanon.9c41927652.2"), UNNAMED);
        assert_eq!(owner("main"), PROGRAM);
        assert_eq!(owner("embedded::__cortex_m_rt_main"), PROGRAM);
        assert_eq!(module("smidge::ops::conv_2d::run"), Some("conv_2d"));
        assert_eq!(module("smidge::ops::ALL"), None);
        assert_eq!(module("smidge::model::Model::check"), None);
    }

    #[test]
    fn the_blob_and_the_board_do_not_count() {
        let blob = [7, 8, 9, 10, 11, 12, 13, 14];
        let mut rodata = vec![0; 40];
        rodata[16..24].copy_from_slice(&blob);
        let section =
            |name: &str, address, data, code| Section { name: name.into(), address, data, code };
        let symbol = |name: &str, address, size| Symbol { name: name.into(), address, size };
        let image = Image {
            sections: vec![
                section(".vector_table", 0, vec![1; 64], false),
                section(".text", 64, vec![2; 100], true),
                section(".rodata", 200, rodata, false),
            ],
            symbols: vec![
                symbol("__RESET_VECTOR", 4, 4),
                symbol("smidge::ops::add::run", 64, 20),
                symbol("smidge::ops::elements::both", 84, 20),
                symbol("smidge::linear", 104, 10),
                symbol("Reset", 114, 20),
                // A constant that holds the blob and four bytes before it.
                symbol("embedded::BLOB", 212, 12),
            ],
            ..Image::default()
        };
        let users = Users::from([
            ("smidge::linear".to_owned(), BTreeSet::from(["ADD"])),
            ("smidge::ops::elements::both".to_owned(), BTreeSet::from(["ADD", "MUL"])),
        ]);
        let operators = Operators { users: &users, operators: BTreeSet::from(["ADD", "MUL"]) };
        let flash = of_image(&image, &blob, true, &operators);
        let by_crate: Vec<_> = flash.by_crate.iter().map(|(n, b)| (n.as_str(), *b)).collect();
        let expected = [(BOARD_PART, 84), (UNNAMED, 58), (PROGRAM, 4), ("smidge", 50)];
        assert_eq!(by_crate, expected);
        assert_eq!(flash.code_bytes, 112);
        assert_eq!(flash.functions[0], ("smidge::ops::add::run".into(), 20));
        assert_eq!(flash.functions.len(), 4);
        let linux = of_image(&image, &blob, false, &operators);
        assert_eq!((linux.code_bytes, linux.by_crate[BOARD_PART]), (54, 142));
        assert_eq!(flash.by_operator, BTreeMap::from([("ADD".to_owned(), 30)]));
    }
}
