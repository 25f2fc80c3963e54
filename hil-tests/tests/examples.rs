//! The examples of `targets/examples`: each builds for a board, is within its budget, and prints in
//! the emulator what it should.

use smidge_runner::{Board, Firmware, Limits, Qemu, Runner, sizes, targets_folder};
use std::collections::BTreeMap;
use std::fs;

/// The board that runs them.
const BOARD: &str = "qemu:cortex-m4";

fn budgets() -> BTreeMap<String, Limits> {
    let file = targets_folder().unwrap().join("examples/budgets.toml");
    toml::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Builds an example, runs it and compares what it takes with its budget; what it printed.
fn run(name: &str) -> Option<String> {
    let mut board = Board::find(BOARD).unwrap();
    if let Some(missing) = board.missing() {
        println!("{name} skipped: no {missing} here; run `cargo xtask setup`");
        return None;
    }
    let example = Firmware { package: Some(name), program: Some(name), ..Firmware::default() };
    let elf = example.build(&board, &mut |_| ()).unwrap_or_else(|error| panic!("{error}"));
    // Time that advances with instructions makes each run the same.
    if let Runner::Qemu { arguments, .. } = &mut board.runner {
        arguments.extend(["-icount".into(), "shift=5".into()]);
    }
    let text = Qemu::new(board).execute(&elf).unwrap_or_else(|error| panic!("{name}: {error}"));
    println!("{name}:\n{text}");
    let (sizes, stack) = (sizes(&elf).unwrap(), number(&text, "stack: "));
    println!("flash {}, RAM {}, arena {}\n", sizes.flash(), sizes.ram(), sizes.arena);
    assert_eq!(sizes.excess(&budgets()[name], stack), None, "{name} is over its budget");
    Some(text)
}

/// The number behind some words.
fn number(text: &str, words: &str) -> u64 {
    let (_, rest) = text.split_once(words).unwrap_or_else(|| panic!("no `{words}` in {text}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn every_example_has_a_budget_and_every_budget_an_example() {
    let folder = targets_folder().unwrap().join("examples");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, budgets().into_keys().collect::<Vec<_>>());
}

#[test]
fn two_models_share_an_arena() {
    let Some(text) = run("two-models") else { return };
    let first = ["Ankle boot, rise", "Pullover, rise", "Trouser, rise", "Trouser, rise"];
    assert_eq!(text.lines().take(4).collect::<Vec<_>>(), first);
    let arena = |of: &str| number(&text, &format!("arena of {of}: "));
    assert_eq!(arena("both"), arena("fashion").max(arena("whistles")));
}

#[test]
fn words_are_heard_in_a_stream() {
    let Some(text) = run("streaming") else { return };
    let said =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/whistles/sounds.txt"));
    let said = said.unwrap();
    let said: Vec<_> = said.lines().filter_map(|line| line.split_once(' ')).collect();
    let heard: Vec<_> = text.lines().filter_map(|line| line.split_once(" ms: ")).collect();
    assert_eq!(heard.len(), said.len(), "{text}");
    for ((at, word), (end, name)) in heard.iter().zip(said) {
        let late = at.parse::<f64>().unwrap() / 1000.0 - end.parse::<f64>().unwrap();
        assert!(*word == name && (0.0..0.25).contains(&late), "{at} {word}: {end} {name}");
    }
}

#[test]
fn a_button_is_answered_between_operators() {
    let Some(text) = run("embassy") else { return };
    let operators = |how: &str| number(&text, &format!("{how}: a press waits for at most "));
    // The one under way, and the next one where the executor takes that first.
    assert!(operators("awaiting") <= 2, "{text}");
    assert!(operators("blocking") > 8, "{text}");
}
