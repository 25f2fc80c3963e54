//! The network of this repository through `probe-rs`, and what goes wrong there.

mod common;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{blob, fashion};
use smidge_fakes::{Bench, Setup};
use smidge_runner::{Board, Inference, Job, Probe, RunError, Target};
use tempfile::TempDir;

/// A probe with its chip, in a folder.
struct Fixture {
    folder: TempDir,
    bench: Bench,
    script: PathBuf,
}

fn fixture(setup: &Setup) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), setup).unwrap();
    let script = bench.script("fake-probe-rs").unwrap();
    Fixture { folder, bench, script }
}

impl Fixture {
    fn open(&self, selector: Option<&str>) -> Result<Probe, RunError> {
        let elf = self.folder.path().join("infer.elf");
        std::fs::write(&elf, b"firmware").unwrap();
        let probe = Probe::open_with(Some(self.script.clone()), board(), selector)?;
        Ok(probe.firmware(elf).patience(Duration::from_secs(2)))
    }
}

fn board() -> Board {
    Board::from_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("boards/probe/board.toml"))
        .unwrap()
}

fn run_one(target: &mut Probe) -> Result<smidge_runner::Report, RunError> {
    let (blob, image) = (blob(), [3; 784]);
    let inferences = vec![Inference { reset: true, inputs: vec![&image] }; 2];
    target.run(&Job { blob: &blob, inferences, outputs: 1, ..Job::default() })
}

fn refused(result: Result<impl Sized, RunError>, code: &str) -> String {
    let error = result.err().expect("it is refused");
    assert_eq!(error.code(), code, "{error}");
    error.to_string()
}

#[test]
fn outputs_are_those_of_the_reference_and_logs_come_back() {
    let fixture = fixture(&Setup::default());
    let mut target = fixture.open(None).unwrap();
    assert_eq!(fashion(&mut target, 5), Ok(5));
    assert!(fixture.bench.flash().starts_with(&blob()));

    let report = run_one(&mut target).unwrap();
    assert_eq!((report.outputs.len(), report.cycles.len()), (2, 2));
    assert_eq!(report.log, ["INFO  a line of the log"]);
    let calls = fixture.bench.calls();
    let download = calls.iter().find(|call| call.contains("probe-rs download")).unwrap();
    let wanted = "--chip FAKE --probe 2e8a:000c:E6616408 --protocol swd --speed 4000 --preverify";
    assert!(download.contains(wanted), "{download}");
    assert!(download.contains("--binary-format bin --base-address 0x10100000"), "{download}");
}

#[test]
fn a_probe_is_found_by_its_number_and_has_to_be_named_among_several() {
    let second = "STLink V3 -- 0483:374f:003B (ST-LINK)".to_string();
    let mut setup = Setup::default();
    setup.probes.push(second);
    let fixture = fixture(&setup);
    let text = refused(fixture.open(None), "E0420");
    assert!(text.contains("several") && text.contains("0483:374f:003B"), "{text}");
    assert!(fixture.open(Some("003b")).is_ok());
    assert!(fixture.open(Some("0483:374F")).is_ok());
    let text = refused(fixture.open(Some("77")), "E0420");
    assert!(text.contains("no debug probe 77"), "{text}");
    fixture.bench.connect(&Setup { probes: vec![], ..Setup::default() }).unwrap();
    refused(fixture.open(None), "E0420");
}

#[test]
fn another_chip_is_told_before_anything_is_written() {
    let mut setup = Setup::default();
    setup.words.insert("4096".into(), 0x1234_5679);
    let fixture = fixture(&setup);
    let text = refused(fixture.open(None), "E0422");
    assert!(text.contains("0x1000 is 0x12345679, not 0x12345678"), "{text}");
    fixture.bench.connect(&Setup { chip: "OTHER".into(), ..Setup::default() }).unwrap();
    let text = refused(fixture.open(None), "E0419");
    assert!(text.contains("Connecting to the chip was unsuccessful"), "{text}");
    assert!(fixture.bench.calls().iter().all(|call| !call.contains("download")));
}

#[test]
fn missing_permission_prints_the_rule() {
    let mut setup = Setup::default();
    setup.probes[0].push_str(" (inaccessible)");
    let fixture = fixture(&setup);
    let text = refused(fixture.open(None), "E0421");
    assert!(text.contains("ATTR{idVendor}==\"2e8a\", ATTR{idProduct}==\"000c\""), "{text}");
    let refusal = "Failed to open the debug probe: Permission denied (os error 13)".to_string();
    fixture.bench.connect(&Setup { refusal, ..Setup::default() }).unwrap();
    refused(fixture.open(None), "E0421");
}

#[test]
fn an_old_or_missing_program_is_told_with_what_to_type() {
    let fixture = fixture(&Setup { version: "0.31.0".into(), ..Setup::default() });
    let text = refused(fixture.open(None), "E0418");
    assert!(text.contains("0.31 is too old") && text.contains("cargo install"), "{text}");
    let text = refused(Probe::open_with(None, board(), None), "E0418");
    assert!(text.contains("probe-rs is not installed"), "{text}");
}

#[test]
fn faults_on_the_way_are_errors_and_the_next_run_is_well() {
    let cases = [
        ("silence", "E0409", "gave no answer"),
        ("unplug", "E0419", "usage of the probe"),
        ("reset", "E0419", "usage of the probe"),
        ("garbage", "E0411", "noise"),
    ];
    for (fault, code, words) in cases {
        for at in [0, 130] {
            let setup = Setup { fault: fault.into(), at, ..Setup::default() };
            let fixture = fixture(&setup);
            let text = refused(run_one(&mut fixture.open(None).unwrap()), code);
            assert!(text.contains(words), "{fault} at {at}: {text}");
            fixture.bench.connect(&Setup::default()).unwrap();
            run_one(&mut fixture.open(None).unwrap()).unwrap();
        }
    }
}

#[test]
fn power_that_goes_while_the_slot_is_written_is_repaired_by_the_next_run() {
    let fixture = fixture(&Setup { power: 5000, ..Setup::default() });
    let text = refused(run_one(&mut fixture.open(None).unwrap()), "E0419");
    assert!(text.contains("USB error"), "{text}");
    fixture.bench.connect(&Setup::default()).unwrap();
    run_one(&mut fixture.open(None).unwrap()).unwrap();
}
