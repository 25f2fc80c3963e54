//! `cargo xtask hil` from the command line to the files it writes: on a board on a serial port and one
//! on a debug probe that are none, with everything that goes wrong there. The device's own server is
//! behind both.

#![cfg(unix)]

use smidge_fakes::{Bench, Board, Fault, Options, Setup, program};
use smidge_hil_tests::suite::{Part, Suite};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Cases of the part that runs.
fn cases() -> usize {
    Suite::new().unwrap().only(&[Part::Portable]).items.len()
}

const SERIAL: &str = r#"
name = "fake-serial"
title = "Firmware behind a pseudo-terminal"
isa = "portable"
target = "thumbv7em-none-eabihf"
firmware = "infer"
arena_bytes = 0x4_0000
runner = { kind = "serial" }
serial = { baud = 115_200 }
slot = { address = 0x0804_0000, bytes = 0x10_0000 }
"#;

const PROBE: &str = r#"
name = "fake-probe"
title = "A chip behind fake-probe-rs"
isa = "portable"
target = "thumbv6m-none-eabi"
firmware = "infer"
arena_bytes = 0x4_0000
runner = { kind = "probe" }
chip = { name = "FAKE", id = { address = 0x1000, value = 0x1234_5678 } }
flash = { kind = "probe" }
slot = { address = 0x1010_0000, bytes = 0x10_0000 }
"#;

const SSH: &str = r#"
name = "fake-ssh"
title = "A computer behind fake-ssh"
isa = "portable"
target = "aarch64-unknown-linux-musl"
firmware = "infer"
arena_bytes = 0x4_0000
runner = { kind = "ssh", model = "Fake Computer" }
slot = { bytes = 0x1000_0000 }
"#;

/// A computer with a `targets` folder of three boards, no cargo, and nothing attached.
struct Computer {
    folder: TempDir,
}

impl Computer {
    fn new() -> Self {
        let computer = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in [("serial", SERIAL), ("probe", PROBE), ("ssh", SSH)] {
            let folder = computer.path("targets").join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("board.toml"), text).unwrap();
        }
        // Without cargo, firmware that is there is taken as it is.
        let firmware = computer.path("targets/target/probe/thumbv6m-none-eabi/release");
        fs::create_dir_all(&firmware).unwrap();
        fs::write(firmware.join("infer"), b"firmware").unwrap();
        fs::create_dir(computer.path("programs")).unwrap();
        computer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a probe and what is on it on the table.
    fn probe(&self, setup: &Setup) -> Bench {
        let bench = Bench::new(&self.path("probe"), setup).unwrap();
        bench.script("fake-probe-rs").unwrap();
        bench
    }

    /// A line of a `bench.toml` for a board that is quick to give up.
    fn entry(on: &str, board: &str, power: Option<&Path>) -> String {
        let power = power.map(|file| format!("power = \": > '{}'\"\n", file.display()));
        format!(
            "[[board]]\non = {on:?}\nboard = {board:?}\nsettle_s = 0.1\npatience_s = 1\n{}",
            power.unwrap_or_default()
        )
    }

    fn command(&self, bench: &str, arguments: &[&str]) -> Command {
        let file = self.path("bench.toml");
        fs::write(&file, bench).unwrap();
        let mut hil = Command::new(env!("CARGO_BIN_EXE_hil"));
        hil.env("PATH", self.path("programs")).env("SMIDGE_TARGETS", self.path("targets"));
        hil.env("SMIDGE_PROBE_RS", self.path("probe").join("fake-probe-rs"));
        hil.arg("--bench").arg(file).arg("--out").arg(self.path("out")).args(arguments);
        hil
    }

    fn hil(&self, bench: &str, arguments: &[&str]) -> Output {
        let mut hil = self.command(bench, arguments);
        hil.args(["--parts", "portable"]).output().unwrap()
    }

    fn junit(&self) -> String {
        fs::read_to_string(self.path("out/hil.xml")).unwrap()
    }
}

fn serial(faults: &[Fault]) -> Board {
    Board::start(Options { faults: faults.to_vec(), ..Options::default() }).unwrap()
}

fn on(board: &Board) -> String {
    format!("serial:{}", board.path().display())
}

/// The exit code, and everything that was printed.
fn ended(output: &Output) -> (i32, String) {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn boards_on_a_port_and_on_a_probe_pass_at_the_same_time() {
    let computer = Computer::new();
    let bench = computer.probe(&Setup::default());
    let port = serial(&[]);
    let both = Computer::entry(&on(&port), "fake-serial", None)
        + &Computer::entry("probe:E6616408", "fake-probe", None);
    let output = computer.hil(&both, &["--require", "serial,fake-probe"]);
    let (code, text) = ended(&output);
    assert_eq!(code, 0, "{text}");
    let cases = cases();
    let suite = |name| format!("name=\"{name}\" tests=\"{cases}\" failures=\"0\" skipped=\"0\"");
    let xml = computer.junit();
    assert!(xml.contains(&suite("fake-serial")) && xml.contains(&suite("fake-probe")), "{text}");
    let table = fs::read_to_string(computer.path("out/hil.md")).unwrap();
    let row = format!("| fake-serial | portable | {cases} | 0 | 0 |");
    assert!(table.contains(&row), "{table}");
    // All blobs were in the slot together.
    let runs = bench.calls().iter().filter(|call| call.starts_with("probe-rs run")).count();
    assert_eq!(runs, 1);
}

#[test]
fn garbage_lost_bytes_and_resets_on_the_line_change_no_result() {
    let garbage = |at| Fault::Garbage { at, bytes: 77 };
    let faults = [
        garbage(1_000),
        Fault::Flip { at: 3_000 },
        Fault::Loss { at: 6_000, bytes: 40 },
        Fault::Reset { at: 9_000 },
        garbage(12_000),
        Fault::Reset { at: 14_000 },
    ];
    let computer = Computer::new();
    let port = serial(&faults);
    let entry = Computer::entry(&on(&port), "fake-serial", None);
    let (code, text) = ended(&computer.hil(&entry, &["--no-search"]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(&format!("fake-serial: {} cases, 0 failed", cases())), "{text}");
}

#[test]
fn a_board_that_hangs_gets_its_power_cycled_and_passes() {
    let computer = Computer::new();
    let (power, link) = (computer.path("power"), computer.path("port"));
    let board = serial(&[Fault::Silence { at: 5_000 }]);
    symlink(board.path(), &link).unwrap();
    let over = AtomicBool::new(false);
    let (code, text) = thread::scope(|scope| {
        // Whoever pulls the plug: the board that comes back is another process of the firmware.
        let (over, power, link) = (&over, &power, &link);
        scope.spawn(move || {
            let mut board = Some(board);
            let start = Instant::now();
            while !over.load(Ordering::Relaxed) && start.elapsed() < Duration::from_secs(300) {
                if fs::remove_file(power).is_ok() {
                    drop(board.take());
                    let new = serial(&[]);
                    fs::remove_file(link).unwrap();
                    symlink(new.path(), link).unwrap();
                    board = Some(new);
                }
                thread::sleep(Duration::from_millis(10));
            }
        });
        let on = format!("serial:{}", link.display());
        let entry = Computer::entry(&on, "fake-serial", Some(power));
        let entry = entry.replace("settle_s = 0.1", "settle_s = 0.5");
        let output = computer.hil(&entry, &["--no-search"]);
        over.store(true, Ordering::Relaxed);
        ended(&output)
    });
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("1 after a recovery"), "{text}");
}

#[test]
fn a_computer_behind_ssh_runs_the_kernels_too() {
    let computer = Computer::new();
    let setup = Setup { model: "Fake Computer 4 Model B".into(), ..Setup::default() };
    let ssh = Bench::new(&computer.path("ssh"), &setup).unwrap().script("fake-ssh").unwrap();
    let firmware = computer.path("targets/target/ssh/aarch64-unknown-linux-musl/release");
    fs::create_dir_all(&firmware).unwrap();
    fs::copy(program("fake-infer"), firmware.join("infer")).unwrap();
    for name in ["sh", "cat", "mkdir", "mv", "chmod", "rm"] {
        let folder =
            ["/bin", "/usr/bin"].into_iter().find(|bin| Path::new(bin).join(name).exists());
        symlink(Path::new(folder.unwrap()).join(name), computer.path("programs").join(name))
            .unwrap();
    }
    let run = |suite: &str| {
        fs::write(firmware.join("suite"), format!("#!/bin/sh\necho '{suite}' >&2\n")).unwrap();
        let entry = Computer::entry("ssh:pi@bench", "fake-ssh", None);
        let mut hil = computer.command(&entry, &["--no-search", "--parts", "portable,kernels"]);
        ended(&hil.env("SMIDGE_SSH", &ssh).output().unwrap())
    };
    let (code, text) = run("ok 1 9 conv\nok 1 9 conv in parts\n1 cases, 2 runs, 0 failures");
    assert_eq!(code, 0, "{text}");
    let line = format!("fake-ssh: {} cases, 0 failed; portable", cases() + 1);
    assert!(text.contains(&line) && text.contains("kernels 1 (2 runs)"), "{text}");

    let (code, text) = run("ok 1 9 conv\nFAILED 1 9 pool\n2 cases, 2 runs, 1 failures");
    assert!(code == 1 && text.contains("1 runs failed:; pool"), "{text}");

    // It stops in the middle, twice.
    let (code, text) = run("ok 1 9 conv");
    assert!(code == 1 && text.contains("E0410") && text.contains("1 after a recovery"), "{text}");
}

#[test]
fn a_dead_board_is_given_up_and_the_other_one_passes() {
    let computer = Computer::new();
    let (dead, alive) = (serial(&[Fault::Unplug { at: 5_000 }]), Setup::default());
    computer.probe(&alive);
    let power = computer.path("power");
    let both = Computer::entry(&on(&dead), "fake-serial", Some(&power))
        + &Computer::entry("probe", "fake-probe", None);
    let (code, text) = ended(&computer.hil(&both, &["--no-search"]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("E0704: the suite fails on fake-serial\n"), "{text}");
    assert!(text.contains("E0429") && text.contains("the port is gone"), "{text}");
    assert!(power.is_file(), "its power was cycled");
    let xml = computer.junit();
    assert!(xml.contains("the board failed 3 times in a row"), "{text}");
    assert!(xml.contains(&format!("name=\"fake-probe\" tests=\"{}\" failures=\"0\"", cases())));
}

#[test]
fn a_probe_that_loses_its_chip_is_reset_and_then_given_up() {
    let computer = Computer::new();
    for fault in ["unplug", "silence", "garbage"] {
        let setup = Setup { fault: fault.into(), at: 400, ..Setup::default() };
        let bench = computer.probe(&setup);
        let entry = Computer::entry("probe", "fake-probe", None);
        let (code, text) = ended(&computer.hil(&entry, &["--no-search"]));
        assert_eq!(code, 1, "{fault}: {text}");
        assert!(text.contains("E0704: the suite fails on fake-probe"), "{fault}: {text}");
        let resets = bench.calls().iter().filter(|call| call.starts_with("probe-rs reset")).count();
        assert!(resets >= 3, "{fault}: {resets} resets");
        fs::remove_dir_all(computer.path("probe")).unwrap();
    }
}

#[test]
fn the_wrong_chip_on_the_probe_fails_before_anything_is_written() {
    let computer = Computer::new();
    let words = [("4096".to_owned(), 0xBAD)].into();
    let bench = computer.probe(&Setup { words, ..Setup::default() });
    let entry = Computer::entry("probe", "fake-probe", None);
    let (code, text) = ended(&computer.hil(&entry, &[]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the chip on the probe is no FAKE of fake-probe"), "{text}");
    let calls = bench.calls();
    assert!(!calls.iter().any(|call| call.contains("download")), "{calls:?}");

    // Another board's firmware on the port.
    let port = Board::start(Options { name: "other", ..Options::default() }).unwrap();
    let entry = Computer::entry(&on(&port), "fake-serial", None);
    let (code, text) = ended(&computer.hil(&entry, &["--no-search"]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("is other, not fake-serial"), "{text}");
    assert!(port.flash.bytes().iter().all(|&byte| byte == 0xFF));
}

#[test]
fn boards_on_probes_are_found_by_their_chips() {
    let computer = Computer::new();
    computer.probe(&Setup::default());
    let (code, text) = ended(&computer.hil("", &["--require", "fake-probe"]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(&format!("fake-probe: {} cases, 0 failed", cases())), "{text}");

    let words = [("4096".to_owned(), 0xBAD)].into();
    computer.probe(&Setup { words, ..Setup::default() });
    let (code, text) = ended(&computer.hil("", &[]));
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("no known board is on it") && text.contains("skipped: no board"),
        "{text}"
    );
}

#[test]
fn nothing_attached_is_a_skip_unless_it_is_required() {
    let computer = Computer::new();
    let (code, text) = ended(&computer.hil("", &[]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("skipped: no board is attached"), "{text}");
    let (code, text) = ended(&computer.hil("", &["--require", "fake-probe"]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("E0705: required boards are not attached: fake-probe"), "{text}");
}

#[test]
fn wrong_input_is_named_with_exit_code_2() {
    let computer = Computer::new();
    for (bench, arguments, part) in [
        ("[[board]]\nno = 1\n", vec![], "E0702"),
        ("[[board]]\non = \"moon\"\n", vec![], "moon"),
        ("", vec!["--require", "z80"], "E0401"),
        ("", vec!["--parts", "all"], "there are hostile, operators"),
    ] {
        let (code, text) = ended(&computer.hil(bench, &arguments));
        assert!(code == 2 && text.contains(part), "{bench}: {code}, {text}");
    }
}
