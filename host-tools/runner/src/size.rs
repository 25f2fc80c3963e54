//! How much flash and RAM a firmware takes, and what takes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use object::elf::{SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, SymbolKind};

use crate::{Problem, RunError};

/// Name of the variables that are arenas; they belong to the model, not to the firmware.
const ARENA: &str = "ARENA";

/// The sizes of a firmware image, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Code and vector table.
    pub text: u64,
    /// Constants.
    pub rodata: u64,
    /// Variables with initial values: in flash and in RAM.
    pub data: u64,
    /// Variables that start as zero, without arenas.
    pub bss: u64,
    /// Variables named `ARENA`.
    pub arena: u64,
    /// What is left for the stack, as the linker scripts of bare metal say; 0 where they do not.
    pub stack: u64,
    /// Flash by crate, greatest first. Functions that were inlined count where they ended up.
    pub flash_by_crate: Vec<Item>,
    /// RAM by variable, greatest first, arenas included.
    pub ram_by_variable: Vec<Item>,
}

/// A part of a firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
}

impl Sizes {
    /// Bytes of flash.
    pub fn flash(&self) -> u64 {
        self.text + self.rodata + self.data
    }

    /// Bytes of RAM, without stack and arenas.
    pub fn ram(&self) -> u64 {
        self.data + self.bss
    }
}

/// The most that a program may take, in bytes.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Code, constants and initial values.
    pub flash_bytes: u64,
    /// Variables, without stack and arenas.
    pub ram_bytes: u64,
    /// Arenas.
    pub arena_bytes: u64,
    /// Stack at its deepest.
    pub stack_bytes: u64,
}

impl Sizes {
    /// What is more than the limits allow, with what takes most of it; nothing where all is well.
    /// `stack` is what was measured.
    pub fn excess(&self, limits: &Limits, stack: u64) -> Option<String> {
        let rows: [(_, _, _, &[Item]); 4] = [
            ("flash", self.flash(), limits.flash_bytes, &self.flash_by_crate),
            ("RAM", self.ram(), limits.ram_bytes, &self.ram_by_variable),
            ("arena", self.arena, limits.arena_bytes, &self.ram_by_variable),
            ("stack", stack, limits.stack_bytes, &[]),
        ];
        let over = rows.iter().filter(|(_, bytes, limit, _)| bytes > limit);
        let text: Vec<_> = over
            .map(|(what, bytes, limit, items)| {
                let items = items.iter().take(8);
                let items = items.map(|Item { name, bytes }| format!("\n  {bytes:>9}  {name}"));
                let items: String = items.collect();
                format!("{what}: {bytes} bytes, {} more than {limit}{items}", bytes - limit)
            })
            .collect();
        (!text.is_empty()).then(|| text.join("\n"))
    }
}

/// The sizes of this ELF file.
///
/// # Errors
/// If it cannot be read or is none.
pub fn sizes(elf: &Path) -> Result<Sizes, RunError> {
    let bytes = fs::read(elf).map_err(Problem::file(elf))?;
    let bad = |error: object::Error| Problem::Image {
        path: elf.to_path_buf(),
        reason: error.to_string(),
    };
    Ok(measure(&bytes).map_err(bad)?)
}

fn measure(bytes: &[u8]) -> Result<Sizes, object::Error> {
    let image = object::File::parse(bytes)?;
    let mut sizes = Sizes::default();
    for section in image.sections() {
        match place(&section) {
            Some(Place::Text) => sizes.text += section.size(),
            Some(Place::Rodata) => sizes.rodata += section.size(),
            Some(Place::Data) => sizes.data += section.size(),
            Some(Place::Bss) => sizes.bss += section.size(),
            None => {}
        }
    }
    let address = |name| image.symbol_by_name(name).map(|symbol| symbol.address());
    let stack = address("_stack_start").zip(address("_stack_end"));
    sizes.stack = stack.map_or(0, |(start, end)| start.saturating_sub(end));
    let (mut crates, mut variables) = (BTreeMap::new(), BTreeMap::new());
    for symbol in image.symbols() {
        let section = symbol.section_index().and_then(|index| image.section_by_index(index).ok());
        let Some(place) = section.as_ref().and_then(place) else { continue };
        if !matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Data) {
            continue;
        }
        let name = format!("{:#}", rustc_demangle::demangle(symbol.name().unwrap_or_default()));
        if !matches!(place, Place::Text | Place::Rodata) {
            if name.ends_with(ARENA) {
                sizes.arena += symbol.size();
            }
            *variables.entry(name.clone()).or_default() += symbol.size();
        }
        if !matches!(place, Place::Bss) {
            *crates.entry(crate_of(&name).to_string()).or_default() += symbol.size();
        }
    }
    sizes.bss = sizes.bss.saturating_sub(sizes.arena);
    let named: u64 = crates.values().sum();
    crates.insert(
        "(unnamed: constants, tables, padding)".into(),
        sizes.flash().saturating_sub(named),
    );
    sizes.flash_by_crate = sorted(crates);
    sizes.ram_by_variable = sorted(variables);
    Ok(sizes)
}

/// What a section is to the board.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Rodata,
    Data,
    Bss,
}

fn place<'a>(section: &impl ObjectSection<'a>) -> Option<Place> {
    let SectionFlags::Elf { sh_flags, .. } = section.flags() else { return None };
    let has = |flag| sh_flags & flag == flag;
    if !has(SHF_ALLOC) {
        return None;
    }
    Some(match (has(SHF_EXECINSTR), has(SHF_WRITE)) {
        _ if section.kind() == SectionKind::UninitializedData => Place::Bss,
        (true, _) => Place::Text,
        (false, true) => Place::Data,
        (false, false) => Place::Rodata,
    })
}

/// The crate that a demangled name belongs to: `<smidge::Model as Clone>::clone` is of `smidge`.
/// Names without a path are functions of the compiler or of C.
fn crate_of(name: &str) -> &str {
    let path = name.trim_start_matches(['<', '&', '*', '(', '[']).trim_start_matches("mut ");
    match path.split_once("::") {
        Some((first, _)) if first.chars().all(|c| c.is_alphanumeric() || c == '_') => first,
        _ => "(compiler and start-up)",
    }
}

fn sorted(items: BTreeMap<String, u64>) -> Vec<Item> {
    let items = items.into_iter().filter(|(_, bytes)| *bytes > 0);
    let mut items: Vec<_> = items.map(|(name, bytes)| Item { name, bytes }).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.bytes));
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_belong_to_crates() {
        assert_eq!(crate_of("smidge::session::Session::new"), "smidge");
        assert_eq!(crate_of("<smidge_link::Kind as core::fmt::Debug>::fmt"), "smidge_link");
        assert_eq!(crate_of("<&mut smidge::Arena as core::fmt::Debug>::fmt"), "smidge");
        assert_eq!(crate_of("__aeabi_memcpy"), "(compiler and start-up)");
        assert_eq!(crate_of("Reset"), "(compiler and start-up)");
    }

    #[test]
    fn excess_says_what_and_by_how_much() {
        let item = |name: &str, bytes| Item { name: name.into(), bytes };
        let sizes = Sizes {
            text: 1000,
            bss: 64,
            arena: 32,
            flash_by_crate: vec![item("smidge", 700), item("app", 300)],
            ..Sizes::default()
        };
        let limits = Limits { flash_bytes: 1000, ram_bytes: 64, arena_bytes: 32, stack_bytes: 100 };
        assert_eq!(sizes.excess(&limits, 100), None);
        let text = sizes.excess(&Limits { flash_bytes: 900, ..limits }, 101).unwrap();
        assert!(
            text.starts_with("flash: 1000 bytes, 100 more than 900\n        700  smidge"),
            "{text}"
        );
        assert!(text.ends_with("stack: 101 bytes, 1 more than 100"), "{text}");
    }

    #[test]
    fn something_else_is_no_image() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = sizes(file.path()).unwrap_err().to_string();
        assert!(text.starts_with("E0414"), "{text}");
    }
}
