//! `bench.toml`: which boards are attached to a computer, and how to bring each back.
//!
//! ```toml
//! # Emulated boards that run at the same time; attached ones all do.
//! jobs = 2
//!
//! [[board]]
//! on = "probe:E6614C775B8A2E37"            # as for `smidge run --on`
//! board = "pico"                           # name or folder in `targets`
//! power = "uhubctl -l 1-1 -p 2 -a cycle"   # takes its power away and gives it back
//! patience_s = 60                          # how long it may be silent
//! limit_s = 1800                           # how long all of it may take
//!
//! [[board]]
//! on = "qemu:cortex-m4"
//! ```

use serde::Deserialize;
use smidge_runner::Place;
use std::path::Path;
use std::time::Duration;

/// What a `bench.toml` says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// Emulated boards that run at the same time; attached ones all do.
    #[serde(default)]
    pub jobs: Option<usize>,
    /// The boards.
    #[serde(default, rename = "board")]
    pub boards: Vec<Entry>,
}

/// A board of a bench.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it is, as for `smidge run --on`.
    pub on: String,
    /// Its name or folder, where the place does not tell.
    #[serde(default)]
    pub board: Option<String>,
    /// A command of the shell that resets it.
    #[serde(default)]
    pub reset: Option<String>,
    /// A command of the shell that takes its power away and gives it back.
    #[serde(default)]
    pub power: Option<String>,
    /// Seconds that it may need after a reset before it answers.
    #[serde(default = "settle")]
    pub settle_s: f64,
    /// Seconds that it may be silent.
    #[serde(default = "patience")]
    pub patience_s: u64,
    /// Seconds that everything may take.
    #[serde(default = "limit")]
    pub limit_s: u64,
}

fn settle() -> f64 {
    2.0
}

fn patience() -> u64 {
    120
}

fn limit() -> u64 {
    3600
}

impl Bench {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read or understood, or a place in it is none.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("E0701: {}: {error}", path.display()))?;
        Self::parse(&text).map_err(|why| format!("E0702: {}: {why}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let bench: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for entry in &bench.boards {
            entry.place()?;
            let seconds = entry.settle_s;
            if !(0.0..=600.0).contains(&seconds) {
                return Err(format!("settle_s is {seconds}; give seconds between 0 and 600"));
            }
        }
        if bench.jobs == Some(0) {
            return Err("jobs is 0; give at least 1, or leave it out".into());
        }
        Ok(bench)
    }
}

impl Entry {
    /// The board at this place, with everything else as usual.
    pub fn at(on: &str, board: Option<&str>) -> Self {
        Self {
            on: on.into(),
            board: board.map(Into::into),
            reset: None,
            power: None,
            settle_s: settle(),
            patience_s: patience(),
            limit_s: limit(),
        }
    }

    /// Where it is.
    ///
    /// # Errors
    /// If `on` is no place.
    pub fn place(&self) -> Result<Place, String> {
        self.on.parse().map_err(|error: smidge_runner::RunError| error.to_string())
    }

    /// How long it may be silent.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_s)
    }

    /// How long everything may take.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.limit_s)
    }

    /// How long to wait after a reset.
    pub fn settle(&self) -> Duration {
        Duration::from_secs_f64(self.settle_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_is_read() {
        let text = "jobs = 2\n[[board]]\non = \"probe:E66\"\nboard = \"pico\"\npower = \"off; on\"\n\
                    patience_s = 9\n[[board]]\non = \"qemu:cortex-m4\"\n";
        let bench = Bench::parse(text).unwrap();
        let [pico, emulated] = bench.boards.as_slice() else { panic!("{bench:?}") };
        assert_eq!((bench.jobs, pico.patience()), (Some(2), Duration::from_secs(9)));
        assert_eq!((pico.board.as_deref(), pico.power.as_deref()), (Some("pico"), Some("off; on")));
        assert_eq!(emulated.place(), Ok(Place::Emulator("qemu:cortex-m4".into())));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("[[board]]\non = \"moon\"\n", "moon"),
            ("[[board]]\non = \"probe\"\npwoer = \"x\"\n", "pwoer"),
            ("[[board]]\nboard = \"pico\"\n", "on"),
            ("[[board]]\non = \"probe\"\nsettle_s = -1.0\n", "settle_s"),
            ("jobs = 0\n", "jobs"),
        ] {
            let why = Bench::parse(text).unwrap_err();
            assert!(why.contains(part), "{text}: {why}");
        }
    }
}
