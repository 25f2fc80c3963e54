//! What the boot program and `espflash` read of the firmware: the application description of ESP-IDF,
//! 256 bytes at the start of the constants.

#[repr(C)]
struct Description {
    magic: u32,
    secure_version: u32,
    reserved: [u32; 2],
    version: [u8; 32],
    project: [u8; 32],
    time: [u8; 16],
    date: [u8; 16],
    idf: [u8; 32],
    sha256: [u8; 32],
    min_efuse_block_revision: u16,
    max_efuse_block_revision: u16,
    /// Base-2 logarithm of the bytes of a page.
    page: u8,
    padding: [u8; 3],
    tail: [u32; 18],
}

const _: () = assert!(size_of::<Description>() == 256);

#[unsafe(no_mangle)]
#[unsafe(link_section = ".rodata_desc")]
#[used]
static ESP_APP_DESC: Description = Description {
    magic: 0xABCD_5432,
    secure_version: 0,
    reserved: [0; 2],
    version: text(env!("CARGO_PKG_VERSION")),
    project: text(env!("CARGO_PKG_NAME")),
    time: [0; 16],
    date: [0; 16],
    idf: text("none"),
    sha256: [0; 32],
    min_efuse_block_revision: 0,
    max_efuse_block_revision: u16::MAX,
    page: 16,
    padding: [0; 3],
    tail: [0; 18],
};

/// The text with zeros behind it.
const fn text(text: &str) -> [u8; 32] {
    let (bytes, mut padded, mut at) = (text.as_bytes(), [0; 32], 0);
    while at < bytes.len() {
        padded[at] = bytes[at];
        at += 1;
    }
    padded
}
