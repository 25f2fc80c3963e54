//! Which boards are attached to this computer, and which are emulated on it.

use crate::bench::Entry;
use smidge_runner::{Board, Place, Problem, RunError, Runner, open, probes};

/// Everything that was found, and lines for people about the rest.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The boards.
    pub entries: Vec<Entry>,
    /// What was looked at and is no board.
    pub notes: Vec<String>,
}

/// Looks for boards on debug probes and on serial ports, beside those that are known. Computers behind
/// `ssh` cannot be found: a bench names them.
///
/// # Errors
/// If the boards' files cannot be read.
pub fn look(known: &[Entry]) -> Result<Found, RunError> {
    let mut found = Found::default();
    let boards = Board::all()?;
    on_probes(&boards, known, &mut found);
    on_ports(&boards, known, &mut found);
    Ok(found)
}

/// The emulated boards that can run here.
///
/// # Errors
/// If the boards' files cannot be read.
pub fn emulated() -> Result<Found, RunError> {
    let mut found = Found::default();
    for board in Board::emulated()? {
        match board.missing() {
            Some(missing) => {
                let name = &board.name;
                found.notes.push(format!("{name}: no {missing} here; run `cargo xtask setup`"));
            }
            None => found.entries.push(Entry::at(&board.name, None)),
        }
    }
    Ok(found)
}

/// A probe tells nothing of the board on it; the chip's own word does.
fn on_probes(boards: &[Board], known: &[Entry], found: &mut Found) {
    let all = match probes() {
        Ok(all) => all,
        Err(RunError { problem: Problem::NoTool { program, state, .. } }) => {
            return found.notes.push(format!("debug probes: {program} {state}"));
        }
        Err(error) => return found.notes.push(format!("debug probes: {error}")),
    };
    if all.is_empty() {
        found.notes.push("debug probes: none".into());
    }
    for probe in all {
        let named = |entry: &&Entry| match entry.place() {
            Ok(Place::Probe { selector: Some(selector) }) => {
                selector.eq_ignore_ascii_case(probe.serial())
                    || probe.id.to_lowercase().starts_with(&selector.to_lowercase())
            }
            Ok(Place::Probe { selector: None }) => true,
            _ => false,
        };
        if known.iter().any(|entry| named(&entry)) {
            continue;
        }
        let place = Place::Probe { selector: Some(probe.id.clone()) };
        let told = boards.iter().filter(|board| {
            let tells = board.chip.as_ref().is_some_and(|chip| chip.id.is_some());
            tells && matches!(board.runner, Runner::Probe {})
        });
        let own: Vec<_> = told.filter(|board| open(&place, Some(&board.name)).is_ok()).collect();
        let text = format!("{} {}", probe.name, probe.id);
        match own.as_slice() {
            [board] => found.entries.push(Entry::at(&place.to_string(), Some(&board.name))),
            [] => found.notes.push(format!("{text}: no known board is on it")),
            several => {
                let names: Vec<_> = several.iter().map(|board| board.name.as_str()).collect();
                let names = names.join(" or ");
                found.notes.push(format!("{text}: {names}; say which in bench.toml"));
            }
        }
    }
}

fn on_ports(boards: &[Board], known: &[Entry], found: &mut Found) {
    let serial = boards.iter().filter(|board| {
        board.serial.as_ref().is_some_and(|serial| serial.usb.is_some())
            && !matches!(board.runner, Runner::Probe {})
    });
    for board in serial {
        let is_known = known.iter().any(|entry| entry.board.as_deref() == Some(&board.name));
        if is_known {
            continue;
        }
        match open(&Place::Serial { port: None, baud: None }, Some(&board.name)) {
            Ok(_) => found.entries.push(Entry::at("serial", Some(&board.name))),
            Err(RunError { problem: Problem::NoPort { wanted, .. } }) if !wanted.is_empty() => {}
            Err(error) => found.notes.push(format!("{}: {error}", board.name)),
        }
    }
}
