//! The network of this repository on a computer behind `ssh`, which is this one.

mod common;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{blob, fashion};
use smidge_fakes::{Bench, Setup, program};
use smidge_runner::{Board, Inference, Job, RunError, Ssh, Target};
use tempfile::TempDir;

struct Fixture {
    _folder: TempDir,
    bench: Bench,
    script: PathBuf,
}

fn fixture(setup: &Setup) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), setup).unwrap();
    let script = bench.script("fake-ssh").unwrap();
    Fixture { _folder: folder, bench, script }
}

impl Fixture {
    fn open(&self, host: &str) -> Result<Ssh, RunError> {
        let target = Ssh::open_with(Some(self.script.clone()), Some(board()), host)?;
        Ok(target.firmware(program("fake-infer")).patience(Duration::from_secs(2)))
    }
}

fn board() -> Board {
    Board::from_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("boards/ssh/board.toml")).unwrap()
}

fn setup() -> Setup {
    Setup { model: "Fake Computer Model B".into(), ..Setup::default() }
}

fn refused(result: Result<impl Sized, RunError>, code: &str) -> String {
    let error = result.err().expect("it is refused");
    assert_eq!(error.code(), code, "{error}");
    error.to_string()
}

#[test]
fn outputs_are_those_of_the_reference_and_only_the_program_stays() {
    let fixture = fixture(&setup());
    let mut target = fixture.open("pi@there").unwrap();
    assert_eq!(fashion(&mut target, 5), Ok(5));
    assert_eq!(fashion(&mut target, 1), Ok(1));
    let left: Vec<_> = std::fs::read_dir(fixture.bench.home().join(".smidge")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(fixture.bench.calls().iter().all(|call| call.starts_with("ssh pi@there ")));
}

#[test]
fn nobody_and_another_computer_are_told() {
    let fixture = fixture(&setup());
    let text = refused(fixture.open("nobody"), "E0419");
    assert!(text.contains("Connection refused"), "{text}");
    fixture.bench.connect(&Setup { model: "Toaster".into(), ..Setup::default() }).unwrap();
    let text = refused(fixture.open("there"), "E0424");
    assert!(text.contains("Toaster"), "{text}");
    refused(Ssh::open_with(None, Some(board()), "there"), "E0418");
}

#[test]
fn a_connection_that_breaks_or_hangs_is_an_error() {
    for (fault, code, words) in
        [("lost", "E0410", "Broken pipe"), ("silence", "E0409", "no answer")]
    {
        for at in [0, 150] {
            let fixture = fixture(&Setup { fault: fault.into(), at, ..setup() });
            let (blob, image) = (blob(), [3; 784]);
            let inferences = vec![Inference { reset: true, inputs: vec![&image] }; 2];
            let job = Job { blob: &blob, inferences, outputs: 1, ..Job::default() };
            let text = refused(fixture.open("there").unwrap().run(&job), code);
            assert!(text.contains(words), "{fault} at {at}: {text}");
            fixture.bench.connect(&setup()).unwrap();
            fixture.open("there").unwrap().run(&job).unwrap();
        }
    }
}
