//! From a microphone to words, in three parts that a firmware can take as they are: a [`Ring`] into
//! which an interrupt puts samples, features in integers, and a [`Spotter`] that lets a network look
//! at the last 0.66 s, again and again.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod features;
mod ring;
mod spotter;

pub use features::{BANDS, FRAME, Features, HOP};
pub use ring::Ring;
pub use spotter::{Spotter, Word};

smidge::include_model!(whistles);

/// Samples in a second.
pub const RATE: u32 = 8000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const FOLDER: &str = "../../../hil-tests/models/whistles";

    fn read(file: &str) -> Vec<u8> {
        std::fs::read(std::format!("{FOLDER}/{file}")).unwrap()
    }

    /// The recording, hop by hop.
    pub fn recording() -> Vec<[i16; HOP]> {
        let bytes = read("sounds.wav");
        let sample = |bytes: &[u8; 2]| i16::from_le_bytes(*bytes);
        let samples: Vec<_> = bytes[44..].as_chunks().0.iter().map(sample).collect();
        samples.as_chunks().0.to_vec()
    }

    /// Its features, as the definition gives them.
    pub fn rows() -> Vec<[i8; BANDS]> {
        let bytes = read("sounds_features.npy");
        let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let rows: Vec<_> = bytes[start..].iter().map(|&byte| byte as i8).collect();
        rows.as_chunks().0.to_vec()
    }

    #[test]
    fn the_words_of_the_recording_are_heard() {
        let mut arena = smidge::Arena::<{ whistles::ARENA_LEN }>::new();
        let mut spotter = Spotter::new(&mut arena).unwrap();
        let sound = recording();
        let heard: Vec<_> = sound.iter().filter_map(|hop| spotter.hear(hop).unwrap()).collect();
        let said = std::string::String::from_utf8(read("sounds.txt")).unwrap();
        let said: Vec<_> = said.lines().map(|line| line.split_once(' ').unwrap()).collect();
        assert_eq!(heard.len(), said.len(), "{heard:?}");
        for (word, (end, name)) in heard.iter().zip(said) {
            let late = f64::from(word.at) / 1000.0 - end.parse::<f64>().unwrap();
            assert!(word.name == name && (0.0..0.25).contains(&late), "{word:?}: {end} {name}");
        }
    }
}
