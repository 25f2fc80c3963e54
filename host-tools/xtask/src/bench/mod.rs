//! `cargo xtask bench`: every network on every emulated core, beside other engines and the goals;
//! and the check that instructions do not rise.

mod peer;
mod record;
mod table;

use crate::{Outcome, root};
use record::{Record, Row};
use smidge_format::{AlignedBuf, Blob, Isa};
use smidge_runner::{Board, Event, Qemu};
use smidge_tools::bench::board::{Options as Measured, measure};
use smidge_tools::bench::noise;
use smidge_tools::convert::convert;
use smidge_tools::emit::Labels;
use smidge_tools::lower::Options;
use smidge_tools::testdata::models_dir;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use table::Peers;

/// Networks that are not in the repository: name here, and folder among the installed models.
const INSTALLED: [(&str, &str); 4] = [
    ("ad", "mlperf_ad01_int8"),
    ("ic", "mlperf_resnet8_int8"),
    ("kws", "mlperf_kws_int8"),
    ("vww", "mlperf_vww_int8"),
];

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// Only these cores, such as `cortex-m4`.
    #[arg(long, value_name = "NAME")]
    core: Vec<String>,
    /// Only these models: ad, ic, kws, vww, fashion.
    #[arg(long, value_name = "NAME")]
    model: Vec<String>,
    /// Compare times on this machine with LiteRT (a Python package, fetched on first use).
    #[arg(long)]
    peer: bool,
    /// Write the record although instructions rose by more than 2 %.
    #[arg(long)]
    accept: bool,
    /// Leave out the code in flash, for which each model's firmware is built.
    #[arg(long)]
    no_flash: bool,
}

/// A network to measure.
#[derive(Clone, Debug)]
pub struct Network {
    name: String,
    path: PathBuf,
    /// Whether it is in the repository.
    own: bool,
}

fn text(error: impl Display) -> String {
    error.to_string()
}

fn folder() -> PathBuf {
    root().join("hil-tests/bench")
}

/// All networks that are here.
fn networks() -> Vec<Network> {
    let installed = models_dir();
    if installed.is_none() {
        println!("ad, ic, kws, vww: skipped, not installed (set SMIDGE_MODELS to their folder)");
    }
    let installed = installed.iter().flat_map(|models| {
        INSTALLED.iter().map(|(name, folder)| {
            let path = models.join(folder).join("model.tflite");
            Network { name: (*name).into(), path, own: false }
        })
    });
    let path = root().join("hil-tests/models/fashion/fashion_int8.tflite");
    let own = Network { name: "fashion".into(), path, own: true };
    installed.filter(|network| network.path.is_file()).chain([own]).collect()
}

/// The boards of emulated cores, in the order of the format's numbers.
fn boards() -> Result<Vec<Board>, String> {
    let mut boards = Board::emulated().map_err(text)?;
    boards.retain(|board| board.name == format!("qemu:{}", board.isa));
    boards.sort_by_key(|board| Isa::ALL.iter().position(|isa| isa.name() == board.isa));
    Ok(boards)
}

/// A network as a blob for a core; portable where there is no such blob.
fn convert_for(network: &Network, isa: Isa) -> Result<AlignedBuf, String> {
    let convert = |isa| convert(&network.path, isa, &Options::default(), &Labels::default());
    let converted = convert(isa).or_else(|_| convert(Isa::Portable));
    Ok(AlignedBuf::from(converted.map_err(text)?.bytes.as_slice()))
}

/// Measures networks on a board.
fn rows(board: &Board, networks: &[Network], flash: bool) -> Result<Vec<Row>, String> {
    if let Some(missing) = board.missing() {
        println!("{}: skipped, {missing} is missing; run `cargo xtask setup`", board.name);
        return Ok(Vec::new());
    }
    // Where there is an operating system, nobody counts bytes of code.
    let flash = flash && !board.target.contains("linux");
    let isa = Isa::ALL.into_iter().find(|isa| isa.name() == board.isa);
    let mut target = Qemu::new(board.clone()).listener(|event| {
        if let Event::Building(what) = event {
            println!("building {what}");
        }
    });
    let measure_one = |network: &Network| {
        let bytes = convert_for(network, isa.unwrap_or(Isa::Portable))?;
        let blob = Blob::check(&bytes).map_err(text)?;
        let options = Measured { flash, hot: 0 };
        let report = measure(&mut target, &blob, &noise(&blob), options).map_err(text)?;
        if let (true, Err(why)) = (flash, &report.flash) {
            println!("{} on {}: code in flash not measured: {why}", network.name, board.name);
        }
        let row = Row::of(&board.isa, &network.name, &report);
        let row = row.map_err(|why| format!("{} on {}: {why}", network.name, board.name))?;
        println!("{:<12} {:<8} {:>11} instructions", row.core, row.model, row.instructions);
        Ok(row)
    };
    networks.iter().map(measure_one).collect()
}

/// `cargo xtask bench`.
pub fn run(args: &Args) -> Outcome {
    let wanted = |list: &[String], name: &str| list.is_empty() || list.iter().any(|n| n == name);
    let (networks, boards) = (networks(), boards()?);
    let cores: Vec<_> = boards.iter().map(|board| board.isa.clone()).collect();
    let models: Vec<_> = networks.iter().map(|network| network.name.clone()).collect();
    known(&args.core, &cores)?;
    known(&args.model, &models)?;
    let chosen: Vec<_> =
        networks.iter().filter(|network| wanted(&args.model, &network.name)).cloned().collect();
    let mut measured = Vec::new();
    for board in boards.iter().filter(|board| wanted(&args.core, &board.isa)) {
        measured.extend(rows(board, &chosen, !args.no_flash)?);
    }
    let mut record = Record::read(&folder().join("record.json"))?;
    let rises = record.rises(&measured);
    record.put(&measured);
    if args.peer {
        record.put_host(peer::compare(&chosen)?);
    }
    record.date = today();
    let peers = Peers::read(&folder().join("peers.json"))?;
    let order: Vec<String> = INSTALLED.iter().map(|(name, _)| (*name).into()).collect();
    let order = [order, vec!["fashion".into()]].concat();
    record.sort(&cores, &order);
    let table = table::markdown(&record, &peers, &cores, &order);
    println!("\n{table}");
    if !rises.is_empty() && !args.accept {
        return Err(risen(&rises));
    }
    write(&folder().join("record.md"), &table)?;
    let json = serde_json::to_string_pretty(&record).map_err(text)?;
    write(&folder().join("record.json"), &(json + "\n"))
}

/// Bytes of stack that a network of the record took at most on an emulated board with this core.
pub fn most_stack(core: &str) -> Option<u64> {
    let record = Record::read(&folder().join("record.json")).ok()?;
    let rows = record.rows.iter().filter(|row| row.core == core);
    rows.filter_map(|row| row.stack_bytes).map(u64::from).max()
}

/// What CI does: the repository's own networks, on all cores, against the record.
pub fn gate() -> Outcome {
    let own: Vec<_> = networks().into_iter().filter(|network| network.own).collect();
    let record = Record::read(&folder().join("record.json"))?;
    let mut measured = Vec::new();
    for board in boards()? {
        measured.extend(rows(&board, &own, false)?);
    }
    let rises = record.rises(&measured);
    if !rises.is_empty() {
        return Err(risen(&rises));
    }
    let absent = measured.iter().find(|row| record.row(&row.core, &row.model).is_none());
    match absent {
        Some(Row { core, model, .. }) => Err(format!(
            "{model} on {core} is not in hil-tests/bench/record.json; run `cargo xtask bench` and \
             commit it"
        )),
        None => Ok(()),
    }
}

/// What the process does that compares times on this machine.
pub fn host(python: &Path, models: &[String]) -> Outcome {
    let chosen: Vec<_> = networks().into_iter().filter(|n| models.contains(&n.name)).collect();
    peer::measure(python, &chosen)
}

fn risen(rises: &[String]) -> String {
    format!(
        "instructions rose by more than {} % against hil-tests/bench/record.json:\n  {}\nwhere that \
         is wanted, run `cargo xtask bench --accept` and commit the record",
        record::LIMIT_PERCENT,
        rises.join("\n  ")
    )
}

fn known(names: &[String], all: &[String]) -> Outcome {
    match names.iter().find(|name| !all.contains(name)) {
        Some(name) => Err(format!("there is no {name} here, only {}", all.join(", "))),
        None => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The day in UTC, such as `2026-11-24`.
fn today() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let [year, month, day] = date(since.as_secs() / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a number of days since the start of 1970.
fn date(mut days: u64) -> [u64; 3] {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    [year, month, days + 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!(date(0), [1970, 1, 1]);
        assert_eq!(date(11_016), [2000, 2, 29]);
        assert_eq!(date(20_781), [2026, 11, 24]);
    }

    #[test]
    fn every_core_with_goals_is_emulated() {
        let boards = boards().unwrap();
        let peers = Peers::read(&folder().join("peers.json")).unwrap();
        for core in peers.cores() {
            assert!(boards.iter().any(|board| board.isa == core), "{core}");
        }
    }
}
