//! Times of this machine beside LiteRT's: both engines take turns in one run, so that what else the
//! machine does slows both.

use super::record::HostRow;
use super::{Network, convert_for, text};
use crate::root;
use smidge::{Model, Session};
use smidge_format::{AlignedBuf, Isa};
use smidge_kernels::Cpu;
use smidge_tools::bench::noise;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// The package that is compared with.
const PACKAGE: &str = "ai-edge-litert==2.3.0";
const NAME: &str = "LiteRT 2.3.0, XNNPACK";
/// Turns of each engine.
const ROUNDS: usize = 60;
/// How long a turn takes, about.
const TURN: Duration = Duration::from_millis(4);

/// Compares the networks that this machine and the other engine run. The measurement is a process of
/// its own, built for release.
pub fn compare(networks: &[Network]) -> Result<Vec<HostRow>, String> {
    let python = python()?;
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--release", "--package", "xtask", "--", "bench-host"]);
    cargo.arg(python).args(networks.iter().map(|network| &network.name)).current_dir(root());
    let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output().map_err(text)?;
    if !output.status.success() {
        return Err("the comparison on this machine failed".into());
    }
    serde_json::from_slice(&output.stdout).map_err(text)
}

/// What the process of its own does: prints a row for each network as JSON.
pub fn measure(python: &Path, networks: &[Network]) -> Result<(), String> {
    let rows: Result<Vec<_>, _> = networks.iter().map(|n| measure_one(python, n)).collect();
    println!("{}", serde_json::to_string(&rows?).map_err(text)?);
    Ok(())
}

/// A Python that has the package: in a virtual environment below `target`, made on first use.
fn python() -> Result<PathBuf, String> {
    let folder = root().join("target/litert");
    let python = folder.join("bin/python");
    let has_package = |python: &Path| {
        let mut command = Command::new(python);
        command.args(["-c", "import ai_edge_litert.interpreter"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if has_package(&python) {
        return Ok(python);
    }
    println!("getting {PACKAGE} for a comparison on this machine");
    let run = |command: &mut Command| match command.stdout(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} ended with {status}")),
        Err(error) => Err(format!("{command:?}: {error}")),
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]))?;
    if has_package(&python) { Ok(python) } else { Err(format!("{PACKAGE} does not load")) }
}

/// The last core in the format's order whose kernels run here.
fn host_isa() -> Isa {
    let cpu = Cpu::detect();
    let runs = |isa: &Isa| smidge::family(*isa).is_some_and(|family| cpu.runs(family));
    Isa::ALL.into_iter().rev().find(runs).unwrap_or(Isa::Portable)
}

fn measure_one(python: &Path, network: &Network) -> Result<HostRow, String> {
    let blob = convert_for(network, host_isa())?;
    let model = Model::check(&blob, smidge::ops::ALL).map_err(text)?;
    let inputs = noise(model.blob());
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    let mut session = Session::new(&model, &mut arena).map_err(text)?;
    let mut ours = |count: u64| {
        let start = Instant::now();
        for _ in 0..count {
            for (index, bytes) in inputs.iter().enumerate() {
                if let Some(place) = session.input_bytes_mut(index) {
                    place.copy_from_slice(bytes);
                }
            }
            session.invoke().map_err(text)?;
        }
        Ok::<f64, String>(start.elapsed().as_secs_f64() * 1e6 / count as f64)
    };
    let mut theirs = Litert::start(python, network, &inputs)?;
    let (our_turn, their_turn) = (turn(ours(10)?), turn(theirs.run(10)?));
    let (mut min_us, mut peer_min_us) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        min_us = min_us.min(ours(our_turn)?);
        peer_min_us = peer_min_us.min(theirs.run(their_turn)?);
    }
    Ok(HostRow {
        model: network.name.clone(),
        packed_for: model.blob().isa().name().into(),
        min_us,
        peer: NAME.into(),
        peer_min_us,
        ratio: min_us / peer_min_us,
    })
}

/// Inferences of a turn, when one takes so many microseconds.
fn turn(us: f64) -> u64 {
    ((TURN.as_secs_f64() * 1e6 / us) as u64).clamp(1, 2000)
}

/// The other engine, in a process that waits for its turn.
struct Litert {
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
    _inputs: tempfile::TempDir,
}

impl Litert {
    fn start(python: &Path, network: &Network, inputs: &[Vec<u8>]) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(text)?;
        let mut command = Command::new(python);
        command.arg(root().join("hil-tests/bench/litert.py")).arg(&network.path);
        for (index, bytes) in inputs.iter().enumerate() {
            let path = folder.path().join(index.to_string());
            std::fs::write(&path, bytes).map_err(text)?;
            command.arg(path);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(text)?;
        let requests = child.stdin.take().ok_or("no standard input")?;
        let replies = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut litert = Self { child, requests, replies, _inputs: folder };
        match litert.reply()?.as_str() {
            "ready" => Ok(litert),
            other => Err(format!("LiteRT does not run {}: {other:?}", network.name)),
        }
    }

    fn reply(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.replies.read_line(&mut line).map_err(text)?;
        Ok(line.trim_end().to_owned())
    }

    /// Microseconds of an inference, the mean of so many.
    fn run(&mut self, count: u64) -> Result<f64, String> {
        writeln!(self.requests, "{count}").map_err(text)?;
        let nanoseconds: f64 = self.reply()?.parse().map_err(text)?;
        Ok(nanoseconds / 1000.0 / count as f64)
    }
}

impl Drop for Litert {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
