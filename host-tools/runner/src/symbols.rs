//! What stands where in a firmware image.

use std::fs;
use std::path::Path;

use object::elf::{SHF_ALLOC, SHF_EXECINSTR};
use object::{Architecture, Object, ObjectSection, ObjectSymbol};
use object::{SectionFlags, SectionKind, SymbolKind};

use crate::panics::Machine;
use crate::{Problem, RunError};

/// A function or a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name, demangled, without the hash.
    pub name: String,
    /// Its first address.
    pub address: u64,
    /// Its bytes.
    pub size: u64,
}

/// A section that is in the device's flash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// Its first address, as the running program sees it.
    pub address: u64,
    /// Its bytes.
    pub data: Vec<u8>,
    /// Whether it has code.
    pub code: bool,
}

/// A firmware image, as far as it is in flash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Sections with code, constants and initial values, by address.
    pub sections: Vec<Section>,
    /// Functions and constants in them, by address; each address once.
    pub symbols: Vec<Symbol>,
    /// Whose instructions they are.
    pub machine: Machine,
}

impl Image {
    /// Reads an ELF file.
    ///
    /// # Errors
    /// If it cannot be read or is none.
    pub fn read(elf: &Path) -> Result<Self, RunError> {
        let bytes = fs::read(elf).map_err(Problem::file(elf))?;
        let bad = |error: object::Error| Problem::Image {
            path: elf.to_path_buf(),
            reason: error.to_string(),
        };
        Ok(Self::parse(&bytes).map_err(bad)?)
    }

    fn parse(bytes: &[u8]) -> Result<Self, object::Error> {
        let file = object::File::parse(bytes)?;
        let mut image = Self::default();
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
            let (has, size) = (|flag| sh_flags & flag == flag, section.size());
            if !has(SHF_ALLOC) || size == 0 || section.kind() == SectionKind::UninitializedData {
                continue;
            }
            let name = section.name().unwrap_or_default().to_string();
            let (address, data) = (section.address(), section.data()?.to_vec());
            image.sections.push(Section { name, address, data, code: has(SHF_EXECINSTR) });
        }
        image.sections.sort_by_key(|section| section.address);
        image.machine = match file.architecture() {
            Architecture::Arm => Machine::Thumb,
            Architecture::Aarch64 => Machine::Aarch64,
            Architecture::Riscv32 => Machine::RiscV,
            _ => Machine::Other,
        };
        // The lowest bit of a Thumb function's address only says that it is Thumb code.
        let thumb = image.machine == Machine::Thumb;
        for symbol in file.symbols() {
            if !matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Data) || symbol.size() == 0 {
                continue;
            }
            let text = thumb && symbol.kind() == SymbolKind::Text;
            let address = if text { symbol.address() & !1 } else { symbol.address() };
            if !image.sections.iter().any(|section| section.contains(address)) {
                continue;
            }
            let name = format!("{:#}", rustc_demangle::demangle(symbol.name().unwrap_or_default()));
            image.symbols.push(Symbol { name, address, size: symbol.size() });
        }
        image.symbols.sort_by(|a, b| (a.address, &a.name).cmp(&(b.address, &b.name)));
        image.symbols.dedup_by_key(|symbol| symbol.address);
        Ok(image)
    }

    /// The function or constant that has this address.
    pub fn symbol(&self, address: u64) -> Option<&Symbol> {
        let behind = self.symbols.partition_point(|symbol| symbol.address <= address);
        let symbol = self.symbols.get(behind.checked_sub(1)?)?;
        (address - symbol.address < symbol.size).then_some(symbol)
    }
}

impl Section {
    /// Whether this address is in it.
    pub fn contains(&self, address: u64) -> bool {
        address.checked_sub(self.address).is_some_and(|at| at < self.data.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_belong_to_symbols() {
        let symbol = |name: &str, address, size| Symbol { name: name.into(), address, size };
        let symbols = vec![symbol("a", 16, 8), symbol("b", 32, 4)];
        let image = Image { symbols, ..Image::default() };
        let name = |address| image.symbol(address).map(|symbol| symbol.name.as_str());
        assert_eq!(
            [15, 16, 23, 24, 35, 36].map(name),
            [None, Some("a"), Some("a"), None, Some("b"), None]
        );
    }

    #[test]
    fn this_program_is_an_image() {
        let image = Image::read(&std::env::current_exe().unwrap());
        #[cfg(target_os = "linux")]
        assert!(image.unwrap().sections.iter().any(|section| section.name == ".text"));
        #[cfg(not(target_os = "linux"))]
        drop(image);
    }
}
