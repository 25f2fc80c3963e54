//! Which functions of an image can panic: those that call one of `core::panicking`.
//!
//! An image with a panic path does not link, and the linker only names the handler. So the image is
//! linked once more without that proof, and its calls are looked at.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{Image, Symbol};

/// Names of the functions that call into `core::panicking`; empty where the file says nothing.
pub(crate) fn panicking(elf: &Path) -> Vec<String> {
    let Ok(image) = Image::read(elf) else { return Vec::new() };
    let panics =
        |symbol: &Symbol| symbol.name.starts_with("core::") && symbol.name.contains("panic");
    let functions = image.symbols.iter().filter(|symbol| !panics(symbol));
    let calls =
        |symbol: &&Symbol| targets(&image, symbol).any(|at| image.symbol(at).is_some_and(panics));
    let names: BTreeSet<_> = functions.filter(calls).map(|symbol| symbol.name.clone()).collect();
    names.into_iter().collect()
}

/// Where the direct calls and long jumps of a function go.
fn targets<'a>(image: &'a Image, symbol: &'a Symbol) -> impl Iterator<Item = u64> + 'a {
    let section = image.sections.iter().find(|s| s.code && s.contains(symbol.address));
    let code = section.and_then(|section| {
        let start = (symbol.address - section.address) as usize;
        section.data.get(start..start + symbol.size as usize)
    });
    let code = code.unwrap_or_default();
    // At every half word: what is no instruction there seldom leads to the start of a panic.
    let places = (0..code.len().saturating_sub(3)).step_by(2);
    places.filter_map(move |at| {
        let word = u32::from_le_bytes(code.get(at..at + 4)?.try_into().ok()?);
        let offset = image.machine.call_offset(word)?;
        Some(symbol.address.wrapping_add(at as u64).wrapping_add_signed(offset))
    })
}

/// Instruction sets whose calls are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Machine {
    /// Thumb.
    Thumb,
    /// AArch64.
    Aarch64,
    /// RISC-V.
    RiscV,
    /// Any other.
    #[default]
    Other,
}

impl Machine {
    /// How far a call or long jump goes, from its own address.
    fn call_offset(self, word: u32) -> Option<i64> {
        match self {
            Self::Thumb => thumb(word & 0xFFFF, word >> 16),
            Self::Aarch64 if word & 0x7C00_0000 == 0x1400_0000 => Some(signed(word << 2, 28)),
            Self::RiscV if word & 0x7F == 0x6F => {
                let sign = (word >> 31) << 20;
                let (high, middle) = (word & 0x000F_F000, (word >> 20 & 1) << 11);
                Some(signed(sign | high | middle | (word >> 21 & 0x3FF) << 1, 21))
            }
            _ => None,
        }
    }
}

/// BL and B with 24 bits.
fn thumb(first: u32, second: u32) -> Option<i64> {
    if first >> 11 != 0x1E || second & 0x9000 != 0x9000 {
        return None;
    }
    let sign = first >> 10 & 1;
    let bit = |place: u32| 1 ^ (second >> place & 1) ^ sign;
    let high = sign << 24 | bit(13) << 23 | bit(11) << 22;
    Some(signed(high | (first & 0x3FF) << 12 | (second & 0x7FF) << 1, 25) + 4)
}

/// The lowest bits as a number in two's complement.
fn signed(value: u32, bits: u32) -> i64 {
    let unused = 32 - bits;
    (((value << unused) as i32) >> unused).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Section;

    #[test]
    fn calls_lead_where_they_say() {
        // What an assembler makes of calls to the next and the previous kibibyte.
        let thumb = |first: u32, second: u32| Machine::Thumb.call_offset(second << 16 | first);
        assert_eq!(thumb(0xF000, 0xF9FE), Some(0x400));
        assert_eq!(thumb(0xF7FF, 0xFDFE), Some(-0x400));
        assert_eq!(thumb(0xF000, 0xB9FE), Some(0x400));
        assert_eq!(thumb(0x4770, 0xF9FE), None);
        assert_eq!(Machine::Aarch64.call_offset(0x9400_0100), Some(0x400));
        assert_eq!(Machine::Aarch64.call_offset(0x97FF_FF00), Some(-0x400));
        assert_eq!(Machine::RiscV.call_offset(0x4000_00EF), Some(0x400));
        assert_eq!(Machine::RiscV.call_offset(0xC01F_F0EF), Some(-0x400));
        assert_eq!(Machine::RiscV.call_offset(0x0000_0013), None);
    }

    #[test]
    fn callers_are_found() {
        let symbol = |name: &str, address, size| Symbol { name: name.into(), address, size };
        let mut data = vec![0; 0x410];
        data[2..6].copy_from_slice(&[0x00, 0xF0, 0xFD, 0xF9]);
        let section = Section { name: ".text".into(), address: 0x100, data, code: true };
        let image = Image {
            sections: vec![section],
            symbols: vec![
                symbol("a::bad", 0x100, 8),
                symbol("a::good", 0x108, 8),
                symbol("core::panicking::panic", 0x500, 8),
            ],
            machine: Machine::Thumb,
        };
        let leads = |name: &str| {
            let symbol = image.symbols.iter().find(|symbol| symbol.name == name).unwrap();
            targets(&image, symbol).collect::<Vec<_>>()
        };
        assert_eq!((leads("a::bad"), leads("a::good")), (vec![0x500], vec![]));
    }
}
