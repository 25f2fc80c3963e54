//! The board's memory map, the models, and something for them to look at.

use std::path::{Path, PathBuf};
use std::{env, fs};

const MODELS: &str = "../../../hil-tests/models";

fn main() {
    if let Ok(board) = env::var("SMIDGE_BOARD") {
        smidge_build::memory_map(format!("{board}/memory.x"));
    }
    for (name, arena, flash) in [("fashion", 24 << 10, 28 << 10), ("whistles", 12 << 10, 12 << 10)]
    {
        smidge_build::Model::new(format!("{MODELS}/{name}/{name}_int8.tflite"))
            .name(name)
            .labels(format!("{MODELS}/{name}/labels.txt"))
            .arena_budget(arena)
            .flash_budget(flash)
            .compile();
    }
    // Four images, and the features of 0.66 s of sound, in which a word ends at 0.73 s.
    copy("fashion/test_inputs.npy", "images", 0, 4 * 28 * 28);
    copy("whistles/sounds_features.npy", "sound", 11 * 16, 40 * 16);
}

/// Takes elements of one byte out of a NumPy file.
fn copy(from: &str, to: &str, start: usize, len: usize) {
    let path = Path::new(MODELS).join(from);
    println!("cargo::rerun-if-changed={}", path.display());
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join(to);
    fs::write(&out, &bytes[header + start..][..len]).expect("OUT_DIR can be written");
}
