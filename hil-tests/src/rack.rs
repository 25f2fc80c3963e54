//! Runs the suite on many boards at the same time, and brings back those that give no answer.

use crate::bench::Entry;
use crate::cycles;
use crate::suite::{Limits, Part, Results, Suite, is_broken, run};
use smidge_format::Isa;
use smidge_runner::{Board, Place, RunError, Target, open};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// How long a command of a bench may take.
const COMMAND: Duration = Duration::from_secs(60);
/// How often to look whether it has ended.
const POLL: Duration = Duration::from_millis(20);

/// Runs parts of the suite on all these boards: each attached one by itself, emulated ones `jobs` at a
/// time. `tell` gets a line when a board is done.
pub fn run_all(
    entries: &[Entry],
    suite: &Suite,
    parts: &[Part],
    jobs: usize,
    tell: &(dyn Fn(&str) + Sync),
) -> Vec<Results> {
    let is_emulated = |index: &usize| matches!(entries[*index].place(), Ok(Place::Emulator(_)));
    let (emulated, attached): (Vec<_>, Vec<_>) = (0..entries.len()).partition(is_emulated);
    let queue = Mutex::new(emulated.into_iter());
    let done = Mutex::new(Vec::new());
    let run_one = |index: usize| {
        let results = run_entry(&entries[index], suite, parts);
        tell(&results.line());
        done.lock().unwrap_or_else(|error| error.into_inner()).push((index, results));
    };
    let next = || queue.lock().unwrap_or_else(|error| error.into_inner()).next();
    thread::scope(|scope| {
        for index in attached {
            scope.spawn(move || run_one(index));
        }
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(index) = next() {
                    run_one(index);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|error| error.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, results)| results).collect()
}

/// Runs parts of the suite on one board.
pub fn run_entry(entry: &Entry, suite: &Suite, parts: &[Part]) -> Results {
    let name = entry.board.clone().unwrap_or_else(|| entry.on.clone());
    let place = match entry.place() {
        Ok(place) => place,
        Err(why) => return Results::lost(&name, why),
    };
    let emulated = matches!(place, Place::Emulator(_));
    let mut target = match opened(entry, &place) {
        Ok(target) => target,
        Err(why) => return Results { emulated, ..Results::lost(&name, why) },
    };
    target.set_patience(entry.patience());
    let board = target.board().clone();
    let mut recover = |target: &mut dyn Target, times| recover(entry, target, times);
    let limits = Limits { total: entry.limit() };
    let mut results = run(suite, parts, &board, &mut *target, &mut recover, limits);
    results.emulated = emulated;
    if !emulated && parts.contains(&Part::Models) {
        results.cycles = cycles::measure(&mut *target, isa_of(&board));
    }
    results
}

/// The core that a board has.
pub fn isa_of(board: &Board) -> Isa {
    Isa::ALL.into_iter().find(|isa| isa.name() == board.isa).unwrap_or(Isa::Portable)
}

/// The target, after a reset by the bench's commands where it gives no answer at first.
fn opened(entry: &Entry, place: &Place) -> Result<Box<dyn Target>, String> {
    let attempt = || open(place, entry.board.as_deref());
    let first = match attempt() {
        Ok(target) => return Ok(target),
        Err(error) => error,
    };
    for command in [&entry.reset, &entry.power].into_iter().flatten() {
        if !may_come_back(&first) {
            break;
        }
        shell(command)?;
        thread::sleep(entry.settle());
        if let Ok(target) = attempt() {
            return Ok(target);
        }
    }
    Err(first.to_string())
}

/// Whether an error may be one of a board that hangs: not, where another board answers.
fn may_come_back(error: &RunError) -> bool {
    use smidge_runner::Problem::{NoPort, NoProbe};
    is_broken(error) || matches!(error.problem, NoPort { .. } | NoProbe { .. })
}

/// Resets a board. Where that was done before, or there is no way to reset it, takes its power away.
fn recover(entry: &Entry, target: &mut dyn Target, times: usize) -> Result<(), String> {
    let has_reset = !matches!(entry.place(), Ok(Place::Serial { .. }));
    match (times, &entry.reset, &entry.power) {
        (1.., _, Some(power)) => shell(power)?,
        (_, Some(reset), _) => shell(reset)?,
        (_, None, Some(power)) if !has_reset => shell(power)?,
        (_, None, power) => match (target.reset(), power) {
            (Ok(()), _) => {}
            (Err(_), Some(power)) => shell(power)?,
            (Err(error), None) => return Err(error.to_string()),
        },
    }
    if !matches!(entry.place(), Ok(Place::Emulator(_))) {
        thread::sleep(entry.settle());
    }
    Ok(())
}

/// Runs a command of the shell, no longer than [`COMMAND`].
fn shell(command: &str) -> Result<(), String> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("/bin/sh", "-c") };
    let mut child = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("E0703: `{command}`: {error}"))?;
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("E0703: `{command}` ended with {status}")),
            Ok(None) if start.elapsed() < COMMAND => thread::sleep(POLL),
            Ok(None) | Err(_) => {
                // Both fail only where it has ended meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("E0703: `{command}` took more than {} s", COMMAND.as_secs()));
            }
        }
    }
}
