//! UF2: flash contents as blocks of 512 bytes that a chip's boot program takes as a file (USB Flashing
//! Format, Microsoft). Each block stands for 256 bytes at an address.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use object::elf::PT_LOAD;
use object::read::elf::{ElfFile32, ProgramHeader};

use crate::{Problem, RunError};

/// The file in which the boot program says what it is.
const INFO: &str = "INFO_UF2.TXT";
/// Bytes that a block brings.
const PAGE: usize = 256;
/// The block says whose it is.
const FAMILY: u32 = 0x2000;

/// A part of flash.
pub(crate) struct Part {
    pub address: u64,
    pub bytes: Vec<u8>,
}

/// What a firmware's image puts into flash.
pub(crate) fn parts(elf: &Path) -> Result<Vec<Part>, RunError> {
    let bytes = fs::read(elf).map_err(Problem::file(elf))?;
    let bad = |reason: String| Problem::Image { path: elf.into(), reason };
    let file = ElfFile32::<object::Endianness>::parse(&*bytes).map_err(|e| bad(e.to_string()))?;
    let mut parts = Vec::new();
    for segment in file.elf_program_headers() {
        let data = segment.data(file.endian(), &*bytes);
        let data = data.map_err(|()| bad("a segment is outside the file".into()))?;
        if segment.p_type(file.endian()) == PT_LOAD && !data.is_empty() {
            let address = segment.p_paddr(file.endian()).into();
            parts.push(Part { address, bytes: data.to_vec() });
        }
    }
    Ok(parts)
}

/// The file that puts these parts into flash. Pages begin at multiples of 256; what no part has of
/// them is 0xFF.
pub(crate) fn encode(parts: &[Part], family: u32) -> Vec<u8> {
    let mut pages: BTreeMap<u64, [u8; PAGE]> = BTreeMap::new();
    for part in parts {
        for (at, byte) in (part.address..).zip(&part.bytes) {
            let page = pages.entry(at - at % PAGE as u64).or_insert([0xFF; PAGE]);
            page[at as usize % PAGE] = *byte;
        }
    }
    let total = pages.len() as u32;
    let blocks = pages.iter().zip(0..);
    blocks
        .flat_map(|((&address, page), number)| block(address, page, number, total, family))
        .collect()
}

fn block(address: u64, page: &[u8; PAGE], number: u32, total: u32, family: u32) -> [u8; 512] {
    let words =
        [0x0A32_4655, 0x9E5D_5157, FAMILY, address as u32, PAGE as u32, number, total, family];
    let mut block = [0; 512];
    let (header, rest) = block.split_at_mut(32);
    header.copy_from_slice(&words.map(u32::to_le_bytes).concat());
    rest[..PAGE].copy_from_slice(page);
    rest[476..].copy_from_slice(&0x0AB1_6F30_u32.to_le_bytes());
    block
}

/// The drives of boot programs that are mounted.
fn drives() -> Vec<PathBuf> {
    let user = env::var("USER").unwrap_or_default();
    let above =
        [format!("/media/{user}"), format!("/run/media/{user}"), "/media".into(), "/mnt".into()];
    let above = above.into_iter().chain(["/Volumes".into()]);
    let folders = above.filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let mut drives: Vec<_> =
        folders.map(|entry| entry.path()).filter(|path| path.join(INFO).is_file()).collect();
    // Windows gives drives letters.
    if cfg!(windows) {
        let letters = ('D'..='Z').map(|letter| PathBuf::from(format!("{letter}:\\")));
        drives.extend(letters.filter(|path| path.join(INFO).is_file()));
    }
    drives.sort();
    drives.dedup();
    drives
}

/// Where the file goes: the one that is named, or a drive with a boot program for this kind of board.
pub(crate) fn destination(
    to: Option<&Path>,
    board: &str,
    drive: Option<&str>,
) -> Result<PathBuf, RunError> {
    let folder = match to {
        Some(path) if path.is_dir() => path.to_path_buf(),
        Some(path) => return Ok(path.to_path_buf()),
        None => {
            let all = drives();
            let [only] = all.as_slice() else {
                let there = all.iter().map(|path| path.display().to_string()).collect();
                return Err(Problem::NoDrive { there }.into());
            };
            only.clone()
        }
    };
    let info = folder.join(INFO);
    let text = fs::read_to_string(&info).map_err(|_| Problem::NoDrive { there: Vec::new() })?;
    let id = text.lines().find_map(|line| line.strip_prefix("Board-ID:"));
    let id = id.unwrap_or_default().trim();
    if drive.is_some_and(|drive| !id.starts_with(drive)) {
        let (place, found) = (folder.display().to_string(), format!("a {id}"));
        return Err(Problem::WrongBoard { place, board: board.into(), found }.into());
    }
    Ok(folder.join("smidge.uf2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(block: &[u8]) -> Vec<u32> {
        block.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
    }

    #[test]
    fn blocks_follow_the_format() {
        let parts = [
            Part { address: 0x1000_0000, bytes: vec![1; 300] },
            // In the page that the first one has begun, and in a far one.
            Part { address: 0x1000_0130, bytes: vec![2; 4] },
            Part { address: 0x1010_0000, bytes: (0..=255).collect() },
        ];
        let file = encode(&parts, 0xE48B_FF56);
        let blocks: Vec<_> = file.chunks(512).collect();
        assert_eq!((file.len(), blocks.len()), (3 * 512, 3));
        for (number, block) in blocks.iter().enumerate() {
            let words = words(block);
            assert_eq!(words[..3], [0x0A32_4655, 0x9E5D_5157, 0x2000]);
            assert_eq!((words[4], words[5], words[6]), (256, number as u32, 3));
            assert_eq!((words[7], words[127]), (0xE48B_FF56, 0x0AB1_6F30));
            assert!(block[32 + 256..508].iter().all(|&byte| byte == 0));
        }
        let addresses: Vec<_> = blocks.iter().map(|block| words(block)[3]).collect();
        assert_eq!(addresses, [0x1000_0000, 0x1000_0100, 0x1010_0000]);
        let second = &blocks[1][32..288];
        assert_eq!((second[43], second[44], second[48], second[52]), (1, 0xFF, 2, 0xFF));
        assert_eq!(blocks[2][32..288], (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn a_drive_is_asked_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let code = |drive| destination(Some(folder.path()), "pico", drive).unwrap_err().code();
        assert_eq!(code(None), "E0431");
        let info = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n";
        fs::write(folder.path().join(INFO), info).unwrap();
        assert_eq!(code(Some("RP2350")), "E0424");
        let to = destination(Some(folder.path()), "pico", Some("RPI-RP2")).unwrap();
        assert_eq!(to, folder.path().join("smidge.uf2"));
        let file = folder.path().join("other.uf2");
        assert_eq!(destination(Some(&file), "pico", Some("RP2350")).unwrap(), file);
    }
}
