//! Takes the options that smidge gives `probe-rs` 0.32, and is strict about them.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use smidge_fakes::{ARENA, Bench, Faulty, Setup, serve_once};
use smidge_format::AlignedBuf;
use smidge_link::{LinkError, Transport};

/// Options that stand alone, and those with a value.
const FLAGS: &[&str] =
    &["--non-interactive", "--preverify", "--verify", "--disable-progressbars", "--version"];
const VALUES: &[&str] = &[
    "--chip",
    "--probe",
    "--protocol",
    "--speed",
    "--binary-format",
    "--base-address",
    "--semihosting-file",
    "--target-output-file",
];

fn main() -> ExitCode {
    let bench = Bench::of_program();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    bench.note(&format!("probe-rs {}", arguments.join(" "))).expect("the bench can be written");
    match run(&bench, &arguments) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("Error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The words and the options of a command line.
#[derive(Default)]
struct Line {
    words: Vec<String>,
    options: Vec<(String, String)>,
}

impl Line {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut line = Self::default();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            if VALUES.contains(&word.as_str()) {
                let value = rest.next().ok_or(format!("{word} has no value"))?;
                line.options.push((word.clone(), value.clone()));
            } else if FLAGS.contains(&word.as_str()) {
                line.options.push((word.clone(), String::new()));
            } else if word.starts_with('-') {
                return Err(format!("unexpected argument '{word}' found"));
            } else {
                line.words.push(word.clone());
            }
        }
        Ok(line)
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let own = self.options.iter().filter(move |(option, _)| option == name);
        own.map(|(_, value)| value.as_str())
    }

    fn one(&self, name: &'static str) -> Result<&str, String> {
        self.all(name).next().ok_or(format!("{name} is missing"))
    }

    fn word(&self, at: usize) -> Result<&str, String> {
        self.words.get(at).map(String::as_str).ok_or("a word is missing".into())
    }
}

fn number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x");
    let number = digits.map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16));
    number.map_err(|error| format!("{text}: {error}"))
}

fn run(bench: &Bench, arguments: &[String]) -> Result<String, String> {
    let (setup, line) = (bench.setup(), Line::parse(arguments)?);
    if line.all("--version").next().is_some() {
        return Ok(format!("probe-rs {} (git commit: fake)\n", setup.version));
    }
    if line.word(0)? == "list" {
        let lines = setup.probes.iter().enumerate();
        return Ok(lines.map(|(number, probe)| format!("[{number}]: {probe}\n")).collect());
    }
    attach(&setup, &line)?;
    match line.word(0)? {
        "read" => read(bench, &setup, &line),
        "download" => download(bench, &setup, &line),
        "reset" => Ok(String::new()),
        "run" => serve(bench, &setup, &line),
        other => Err(format!("unrecognized subcommand '{other}'")),
    }
}

fn attach(setup: &Setup, line: &Line) -> Result<(), String> {
    let probe = line.one("--probe")?;
    if !setup.probes.iter().any(|text| text.contains(probe)) {
        return Err("The debug probe was not found.".into());
    }
    if !setup.refusal.is_empty() {
        return Err(setup.refusal.clone());
    }
    if line.one("--chip")? != setup.chip {
        return Err("Connecting to the chip was unsuccessful.".into());
    }
    Ok(())
}

fn read(bench: &Bench, setup: &Setup, line: &Line) -> Result<String, String> {
    if line.word(1)? != "b32" {
        return Err("only b32".into());
    }
    let (start, count) = (number(line.word(2)?)?, number(line.word(3)?)?);
    let flash = bench.flash();
    let word = |at: u64| {
        let own = setup.words.get(&at.to_string()).copied();
        let flashed = at.checked_sub(setup.slot).and_then(|at| flash.get(at as usize..));
        let flashed = flashed.and_then(|bytes| bytes.first_chunk().copied());
        own.or(flashed.map(u32::from_le_bytes)).unwrap_or(u32::MAX)
    };
    let words = (0..count).map(|i| format!("{:08x}", word(start + 4 * i)));
    Ok(format!("{start:08x}: {}\n", words.collect::<Vec<_>>().join(" ")))
}

fn download(bench: &Bench, setup: &Setup, line: &Line) -> Result<String, String> {
    let bytes = fs::read(line.word(1)?).map_err(|error| error.to_string())?;
    if line.one("--binary-format")? == "elf" {
        let firmware = bench.home().join("firmware.elf");
        return fs::write(firmware, bytes).map_err(|e| e.to_string()).map(|()| String::new());
    }
    let address = number(line.one("--base-address")?)?;
    let offset = address.checked_sub(setup.slot).ok_or("that is the firmware's flash")?;
    let kept = if setup.power == 0 { bytes.len() } else { setup.power.min(bytes.len()) };
    bench.write_flash(offset as usize, &bytes[..kept]).map_err(|e| e.to_string())?;
    if kept < bytes.len() {
        return Err("A USB error occurred.".into());
    }
    Ok(String::new())
}

/// The host's files as a wire.
struct Files {
    requests: File,
    replies: File,
}

impl Transport for Files {
    type Error = ();

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, ()> {
        self.requests.read(dst).map_err(|_| ())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ()> {
        self.replies.write_all(bytes).map_err(|_| ())
    }
}

fn serve(bench: &Bench, setup: &Setup, line: &Line) -> Result<String, String> {
    fs::metadata(line.word(1)?).map_err(|error| format!("{}: {error}", line.words[1]))?;
    let file = |name: &str| {
        let mut files = line.all("--semihosting-file").filter_map(|map| map.split_once('='));
        files.find(|(given, _)| *given == name).map(|(_, path)| path)
    };
    let requests = file("requests").ok_or("the firmware may not open requests")?;
    let replies = file("replies").ok_or("the firmware may not open replies")?;
    let requests = File::open(requests).map_err(|error| error.to_string())?;
    let replies = File::create(replies).map_err(|error| error.to_string())?;
    if let Some((_, log)) = line
        .all("--target-output-file")
        .find_map(|map| map.split_once('=').filter(|(channel, _)| *channel == "defmt"))
    {
        fs::write(log, "INFO  a line of the log\n").map_err(|error| error.to_string())?;
    }
    let (mut faults, mut sent) = (setup.faults(), 0);
    let wire = Files { requests, replies };
    let wire = Faulty { wire, faults: &mut faults, sent: &mut sent, lost: 0 };
    let slot = AlignedBuf::from(bench.flash().as_slice());
    let board: &'static str = Box::leak(setup.board.clone().into_boxed_str());
    match serve_once(wire, board, &slot[..], ARENA) {
        Ok(()) => Ok(String::new()),
        Err(LinkError::Transport(smidge_fakes::Broken::Silence)) => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        Err(LinkError::Transport(_)) => Err("An error with the usage of the probe occurred".into()),
        Err(_) => Err("the firmware ended: the requests had no goodbye".into()),
    }
}
