//! The network of this repository on a board on a serial port, and all that goes wrong there.

mod common;

use std::path::Path;
use std::time::Duration;

use common::{blob, fashion};
use smidge_fakes::{Board as Fake, Fault, Options};
use smidge_format::Isa;
use smidge_hil_tests::models;
use smidge_runner::{Board, Inference, Job, RunError, SerialPort, Target};

fn board() -> Board {
    Board::from_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("boards/serial/board.toml"))
        .unwrap()
}

fn start(faults: &[Fault]) -> Fake {
    Fake::start(Options { faults: faults.to_vec(), ..Options::default() }).unwrap()
}

fn connect(fake: &Fake) -> SerialPort {
    let port = SerialPort::open(Some(board()), Some(fake.path().into()), None).unwrap();
    port.patience(Duration::from_secs(2))
}

/// Bytes that the firmware sends until the blob is written, and until it is loaded.
fn sent_before(blob: &[u8]) -> (usize, usize) {
    let (info, sum, done, loaded) = (92, 24, 20, 28);
    let written = info + sum + done + blob.len().div_ceil(1024) * done;
    (written, written + sum + loaded)
}

fn job<'a>(blob: &'a [u8], image: &'a [u8]) -> Job<'a> {
    let inference = Inference { reset: true, inputs: vec![image] };
    Job { blob, inferences: vec![inference; 3], outputs: 1, ..Job::default() }
}

fn refused(result: Result<impl std::fmt::Debug, RunError>, code: &str) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    error.to_string()
}

#[test]
fn outputs_are_those_of_the_reference_and_the_blob_is_written_once() {
    let fake = start(&[]);
    let mut target = connect(&fake);
    assert_eq!(fashion(&mut target, 2), Ok(2));
    let blob = blob();
    assert!(fake.flash.bytes().starts_with(&blob));
    assert!(!target.install(&blob).unwrap(), "it was there already");

    let image = [7; 784];
    let report = target.run(&Job { trace_first: true, ..job(&blob, &image) }).unwrap();
    assert_eq!(report.outputs.len(), 3);
    assert_eq!(report.outputs[0], report.outputs[2]);
    // The traced one is not timed.
    assert_eq!(report.cycles.len(), 2);
    assert!(!report.trace.is_empty() && report.cycles.iter().all(|&cycles| cycles > 0));
    // Its counter counts nanoseconds.
    assert_eq!(report.info.hz, 1_000_000_000);
}

#[test]
fn whatever_happens_to_some_bytes_the_outputs_are_right() {
    // While the blob is written, replies have 20 bytes; then come the outputs.
    let garbage = |at| Fault::Garbage { at, bytes: 77 };
    let cases: &[&[Fault]] = &[
        &[garbage(0)],
        &[garbage(150), garbage(400), garbage(1500)],
        &[Fault::Flip { at: 5 }, Fault::Flip { at: 130 }, Fault::Flip { at: 1234 }],
        &[Fault::Loss { at: 200, bytes: 1 }, Fault::Loss { at: 900, bytes: 60 }],
        &[Fault::Reset { at: 300 }],
        &[Fault::Reset { at: 2000 }, garbage(2200), Fault::Reset { at: 2300 }],
    ];
    for faults in cases {
        let fake = start(faults);
        let mut target = connect(&fake);
        assert_eq!(fashion(&mut target, 2), Ok(2), "{faults:?}");
        assert!(fake.flash.bytes().starts_with(&blob()), "{faults:?}");
    }
}

#[test]
fn a_board_that_resets_in_the_middle_of_a_sequence_starts_it_anew() {
    let fake = start(&[]);
    let (blob, image) = (blob(), [3; 784]);
    let report = connect(&fake).run(&job(&blob, &image)).unwrap();
    drop(fake);

    // While it sets an input, infers, and gives an output; in the first sequence and in the third.
    let (_, loaded) = sent_before(&blob);
    for at in [5, 25, 60, 200].map(|bytes| loaded + bytes) {
        let fake = start(&[Fault::Reset { at }]);
        let again = connect(&fake).run(&job(&blob, &image)).unwrap();
        assert_eq!(again.outputs, report.outputs);
        assert!(again.log.iter().any(|line| line == "started"), "{:?}", again.log);
    }
}

#[test]
fn a_board_that_resets_again_and_again_is_given_up() {
    let (blob, image) = (blob(), [3; 784]);
    // Whenever it has said who it is, loaded the model and taken the input.
    let (_, loaded) = sent_before(&blob);
    let faults: Vec<_> = (0..40).map(|i| Fault::Reset { at: loaded + 30 + 60 * i }).collect();
    let fake = start(&faults);
    let error = connect(&fake).run(&job(&blob, &image)).unwrap_err();
    assert!(["E0409", "E0429", "E0430"].contains(&error.code()), "{error}");
}

#[test]
fn silence_is_a_timeout_and_a_pulled_cable_a_lost_connection() {
    let (blob, image) = (blob(), [3; 784]);
    let fake = start(&[Fault::Silence { at: 500 }]);
    let text = refused(connect(&fake).run(&job(&blob, &image)), "E0409");
    assert!(text.contains("fake-serial gave no answer"), "{text}");

    let fake = start(&[Fault::Unplug { at: 500 }]);
    let text = refused(connect(&fake).run(&job(&blob, &image)), "E0429");
    assert!(text.contains("the port is gone") && text.contains("Check cable"), "{text}");
}

#[test]
fn nobody_and_the_wrong_board_are_told_before_anything_is_written() {
    let path = |fake: &Fake| Some(fake.path().to_path_buf());
    let fake = start(&[Fault::Silence { at: 0 }]);
    refused(SerialPort::open(Some(board()), path(&fake), None).map(|_| ()), "E0409");
    drop(fake);

    let fake = Fake::start(Options { name: "other", ..Options::default() }).unwrap();
    let text = refused(SerialPort::open(Some(board()), path(&fake), None).map(|_| ()), "E0424");
    assert!(text.contains("is other, not fake-serial"), "{text}");
    assert!(fake.flash.bytes().iter().all(|&byte| byte == 0xFF));

    let none = Some("/dev/no-such-port".into());
    refused(SerialPort::open(Some(board()), none, None).map(|_| ()), "E0423");
    refused(SerialPort::open(Some(board()), None, None).map(|_| ()), "E0423");
}

#[test]
fn what_the_firmware_cannot_run_is_not_written() {
    let blob = blob();
    let untouched = |fake: &Fake| assert!(fake.flash.bytes().iter().all(|&byte| byte == 0xFF));
    let fake = Fake::start(Options { slot: 4096, ..Options::default() }).unwrap();
    refused(connect(&fake).install(&blob), "E0408");
    untouched(&fake);
    let fake = Fake::start(Options { arena: 1024, ..Options::default() }).unwrap();
    refused(connect(&fake).install(&blob), "E0427");
    untouched(&fake);
    let fake = Fake::start(Options { read_only: true, ..Options::default() }).unwrap();
    let text = refused(connect(&fake).install(&blob), "E0412");
    assert!(text.contains("cannot write its slot"), "{text}");
    untouched(&fake);

    let case = models::own();
    let foreign = case.convert(case.golden[0].rounding, Isa::CortexM4).unwrap().bytes;
    let fake = start(&[]);
    refused(connect(&fake).install(&foreign), "E0425");
    untouched(&fake);
}

#[test]
fn an_interrupted_write_is_repaired_by_the_next() {
    let blob = blob();
    let (written, _) = sent_before(&blob);
    let fake = start(&[Fault::Silence { at: written - 100 }]);
    refused(connect(&fake).install(&blob), "E0409");
    let half = fake.flash.bytes();
    assert!(!half.starts_with(b"SMDG"), "a blob without its end must not have a beginning");
    drop(fake);

    let fake = start(&[]);
    fake.flash.fill(&half);
    // The firmware copied its flash when it started: let it start anew.
    let fake = {
        let other = Fake::start(Options::default()).unwrap();
        other.flash.fill(&half);
        drop(fake);
        other
    };
    let mut target = connect(&fake);
    assert!(target.install(&blob).unwrap());
    assert_eq!(fashion(&mut target, 2), Ok(2));
}
