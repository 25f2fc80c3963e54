//! A network that looks at the last moments of a stream, again and again.

use crate::features::{BANDS, Features, HOP};
use crate::whistles::{self, LABELS, Whistles};
use smidge::{InvokeError, SessionError};

/// Frames between two looks: 64 ms.
const STRIDE: usize = 4;
/// The score at which a word counts: 0.75.
const SURE: i8 = whistles::output::quantize(0.75);
/// Looks in a row that have to agree.
const LOOKS: usize = 2;
/// Looks after a word that are ignored, as it is still in sight.
const PAUSE: usize = 6;

/// Spots words in a stream of samples.
pub struct Spotter<'a> {
    features: Features,
    /// The last frames, oldest first: the input of the network.
    window: whistles::Input,
    network: Whistles<'a>,
    /// Frames that were ever heard.
    frames: usize,
    /// What the last looks agree on, and how many.
    agreed: (usize, usize),
    /// Looks that are still ignored.
    pause: usize,
}

/// A word that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// What it is.
    pub name: &'static str,
    /// When that was clear: milliseconds since the start of the stream.
    pub at: u32,
}

impl<'a> Spotter<'a> {
    /// Nothing heard yet. The network works in this memory, of [`whistles::ARENA_LEN`] bytes.
    ///
    /// # Errors
    /// If there are fewer bytes, or they do not start at a multiple of 16.
    pub fn new(arena: &'a mut [u8]) -> Result<Self, SessionError> {
        Ok(Self {
            features: Features::new(),
            window: [-128; size_of::<whistles::Input>()],
            network: Whistles::new_in(arena)?,
            frames: 0,
            agreed: (0, 0),
            pause: 0,
        })
    }

    /// Hears the next samples; the word that they end, if any.
    ///
    /// # Errors
    /// If the memory with the model is damaged.
    pub fn hear(&mut self, samples: &[i16; HOP]) -> Result<Option<Word>, InvokeError> {
        let Some(frame) = self.features.hear(samples) else { return Ok(None) };
        self.window.rotate_left(BANDS);
        if let Some(last) = self.window.last_chunk_mut() {
            *last = frame;
        }
        self.frames = self.frames.wrapping_add(1);
        let is_full = self.frames * BANDS >= self.window.len();
        if !is_full || !self.frames.is_multiple_of(STRIDE) {
            return Ok(None);
        }
        let scores = self.network.run(&self.window)?;
        Ok(self.decide(&scores).map(|name| Word { name, at: self.milliseconds() }))
    }

    /// The word that this look and those before it agree on, the first time they do.
    fn decide(&mut self, scores: &whistles::Output) -> Option<&'static str> {
        if let Some(pause) = self.pause.checked_sub(1) {
            self.pause = pause;
            return None;
        }
        let sure = scores.iter().position(|&score| score >= SURE).unwrap_or(0);
        let (before, looks) = self.agreed;
        self.agreed = (sure, if sure == before { looks.saturating_add(1) } else { 1 });
        // The first label stands for everything that is no word.
        if sure == 0 || self.agreed.1 < LOOKS {
            return None;
        }
        (self.agreed, self.pause) = ((0, 0), PAUSE);
        LABELS.get(sure).copied()
    }

    fn milliseconds(&self) -> u32 {
        (self.frames as u32).wrapping_add(1).wrapping_mul(HOP as u32 * 1000 / crate::RATE)
    }
}
