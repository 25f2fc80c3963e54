//! A small network in QEMU: outputs, state, trace, counts, memory, and what goes wrong.
//! Without the emulator or a compiler for the board, the tests say so and end.

use std::path::PathBuf;
use std::time::Duration;

use smidge_format::write::Builder;
use smidge_format::{Block, DType, Flow, Isa, NONE, Shape, Step, Storage, Subgraph, Tensor};
use smidge_runner::{Board, Counts, Firmware, Inference, Job, Qemu, RunError, Runner, Target};

const BOARD: &str = "qemu:cortex-m4";

/// The board, if its emulator and a compiler are here.
fn board() -> Option<Board> {
    let board = Board::find(BOARD).unwrap();
    if board.missing().is_none() {
        return Some(board);
    }
    println!("skipped: run `cargo xtask setup` for {BOARD}");
    None
}

fn tensor(storage: Storage, offset: u32, first: u16, last: u16) -> Tensor {
    Tensor {
        dtype: DType::F32,
        shape: Shape::new(&[4]).unwrap(),
        storage,
        flags: 0,
        source: NONE,
        quantization: NONE,
        offset,
        len: 16,
        first,
        last,
        origin: NONE,
    }
}

/// `y = x + s`, then `s = y`: the sum of all inputs since the last reset.
fn running_sum() -> Vec<u8> {
    let mut out = Builder::new(Isa::Portable);
    (out.arena_len, out.state_len) = (48, 16);
    out.tensors = vec![
        tensor(Storage::State, 0, 0, 1),
        tensor(Storage::Arena, 16, 0, 0),
        tensor(Storage::Arena, 32, 0, 2),
    ];
    let bounds = [f32::NEG_INFINITY, f32::INFINITY].map(f32::to_le_bytes).concat();
    let step = Step {
        code: smidge::OpCode::Add as u16,
        variant: smidge::Variant::F32 as u16,
        flow: Flow::Operator,
        inputs: 2,
        outputs: 1,
        flags: 0,
        operands: out.operands([1, 0, 2]),
        attrs: out.attrs(&bounds),
        attrs_len: 8,
        source: NONE,
        scratch: 0,
        scratch_len: 0,
    };
    out.steps = vec![
        step,
        Step {
            code: smidge::OpCode::Reshape as u16,
            variant: smidge::Variant::Any as u16,
            inputs: 1,
            operands: out.operands([2, 0]),
            attrs_len: 0,
            ..step
        },
    ];
    out.blocks = vec![Block { start: 0, end: 2 }];
    let operands = out.operands([1, 2]);
    out.subgraphs = vec![Subgraph { block: 0, inputs: 1, outputs: 1, operands }];
    out.finish().unwrap()
}

fn bytes(values: [f32; 4]) -> Vec<u8> {
    values.map(f32::to_le_bytes).concat()
}

fn code(result: Result<impl std::fmt::Debug, RunError>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn a_sequence_with_state_gives_sums_counts_and_a_trace() {
    let Some(board) = board() else { return };
    let blob = running_sum();
    let inputs = [[1.0, 2.0, 3.0, 4.0], [0.5; 4], [10.0; 4]].map(bytes);
    let inference = |i: usize, reset| Inference { reset, inputs: vec![inputs[i].as_slice()] };
    let job = Job {
        blob: &blob,
        inferences: vec![inference(0, true), inference(1, false), inference(2, true)],
        outputs: 1,
        trace_first: true,
        count: true,
    };
    let mut target = Qemu::new(board.clone());
    let report = target.run(&job).unwrap();
    let expected = [[1.0, 2.0, 3.0, 4.0], [1.5, 2.5, 3.5, 4.5], [10.0; 4]].map(bytes);
    assert_eq!(report.outputs, expected.clone().map(|output| vec![output]));

    let trace: Vec<_> = report.trace.iter().map(|t| (t.step, t.tensor, &t.bytes)).collect();
    assert_eq!(trace, [(0, 2, &expected[0]), (1, 0, &expected[0])]);

    assert_eq!((report.info.board.as_str(), report.info.isa), (BOARD, Isa::CortexM4 as u16));
    assert_eq!(u64::from(report.info.slot_capacity), board.slot.bytes);
    assert_eq!((report.loaded.inputs, report.loaded.outputs), (1, 1));
    assert_eq!((report.loaded.arena_len, report.stats.arena_len), (48, 48));
    assert_eq!((report.stats.invocations, report.stats.skipped), (3, 0));
    assert!((256..16_384).contains(&report.stats.stack_peak), "{}", report.stats.stack_peak);

    let Counts::Counted(counts) = &report.counts else { panic!("{:?}", report.counts) };
    let [None, Some(second), Some(third)] = counts.as_slice() else { panic!("{counts:?}") };
    assert_eq!(second, third);
    assert_eq!(second.steps.len(), 2);
    let sum: u64 = second.steps.iter().sum();
    assert!(sum < second.instructions && second.instructions < sum + 100, "{second:?}");
    assert_eq!(target.run(&job).unwrap(), report);
}

#[test]
fn many_jobs_run_in_one_start_and_a_refused_one_stops_none() {
    let Some(board) = board() else { return };
    let blob = running_sum();
    let mut damaged = blob.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let (one, zeros) = (bytes([1.5; 4]), [0; 16]);
    let job = |blob, input| Job {
        blob,
        inferences: vec![Inference { reset: true, inputs: vec![input] }],
        outputs: 1,
        ..Job::default()
    };
    let jobs = [job(&blob, &one), job(&damaged, &one), job(&blob, &zeros), job(&blob, &one)];
    let results = Qemu::new(board).run_some(&jobs);
    let outputs: Vec<_> = results.into_iter().map(|r| r.map(|report| report.outputs)).collect();
    let [Ok(first), Err(refused), Ok(third), Ok(last)] = outputs.as_slice() else {
        panic!("{outputs:?}")
    };
    assert_eq!((first, last), (&vec![vec![one.clone()]], &vec![vec![one.clone()]]));
    assert_eq!(refused.code(), "E0412", "{refused}");
    assert_eq!(third, &vec![vec![vec![0; 16]]]);
}

#[test]
fn what_the_firmware_refuses_is_told_in_words() {
    let Some(board) = board() else { return };
    let mut target = Qemu::new(board);
    let blob = running_sum();
    let input = bytes([0.0; 4]);
    let job = |blob, inputs| Job {
        blob,
        inferences: vec![Inference { reset: false, inputs }],
        outputs: 1,
        ..Job::default()
    };

    let (code_, text) = code(target.run(&job(&blob[..100], vec![&input])));
    assert!(code_ == "E0412" && text.contains("E0301"), "{text}");

    let (code_, text) = code(target.run(&job(&blob, vec![&input, &input])));
    assert!(code_ == "E0412" && text.contains("no input or output 1"), "{text}");

    let long = [input.as_slice(), &[0]].concat();
    let (code_, text) = code(target.run(&job(&blob, vec![&long])));
    assert!(code_ == "E0412" && text.contains("up to 17 were sent for an input of 16"), "{text}");

    let two = Job { outputs: 2, ..job(&blob, vec![&input]) };
    assert_eq!(code(target.run(&two)).0, "E0412");

    let mut large = blob.clone();
    large.resize(target.board().slot.bytes as usize + 1, 0);
    let (code_, text) = code(target.run(&job(&large, vec![&input])));
    assert!(code_ == "E0408" && text.contains("3145729 bytes"), "{text}");

    // An arena of 4 MiB: the firmware has less.
    let mut greedy = Builder::new(Isa::Portable);
    greedy.arena_len = 4 << 20;
    greedy.tensors = vec![tensor(Storage::Arena, 0, 0, 1)];
    greedy.blocks = vec![Block { start: 0, end: 0 }];
    let operands = greedy.operands([0, 0]);
    greedy.subgraphs = vec![Subgraph { block: 0, inputs: 1, outputs: 1, operands }];
    let greedy = greedy.finish().unwrap();
    let (code_, text) = code(target.run(&job(&greedy, vec![&input])));
    assert!(code_ == "E0412" && text.contains("needs 4194304 bytes of arena"), "{text}");
}

#[test]
fn an_operator_that_the_firmware_lacks_is_named() {
    let Some(board) = board() else { return };
    let firmware = Firmware { ops: Some("RESHAPE_ANY,QUANTIZE_F32_S8"), ..Firmware::default() };
    let elf = firmware.build(&board, &mut |_| ()).unwrap();
    let (blob, input) = (running_sum(), bytes([0.0; 4]));
    let job = Job {
        blob: &blob,
        inferences: vec![Inference { reset: false, inputs: vec![&input] }],
        outputs: 1,
        ..Job::default()
    };
    let (code, text) = code(Qemu::new(board).firmware(elf).run(&job));
    assert!(code == "E0412" && text.contains("step 0: ADD"), "{text}");
}

#[test]
fn a_firmware_that_says_nothing_or_is_none_is_an_error() {
    let Some(board) = board() else { return };
    let folder = tempfile::tempdir().unwrap();
    let image = |name: &str, words: &[u32]| -> PathBuf {
        let path = folder.path().join(name);
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let job = Job { blob: b"nothing", ..Job::default() };
    // Stack pointer, reset vector, and `b .`: it runs for ever.
    let idle = image("idle", &[0x2000_1000, 9, 0xE7FE_E7FE]);
    let mut target = Qemu::new(board.clone()).firmware(idle).patience(Duration::from_millis(300));
    let (code_, text) = code(target.run(&job));
    assert!(code_ == "E0409" && text.contains("0 of 0 inferences"), "{text}");

    // Semihosting's SYS_EXIT without a word before.
    let exit = image("exit", &[0x2000_1000, 9, 0x2102_2018, 0x3126_0409, 0xE7FE_BEAB]);
    let (code_, text) = code(Qemu::new(board.clone()).firmware(exit).run(&job));
    assert!(code_ == "E0410" && text.contains("stopped (exit status: 0)"), "{text}");

    let missing = folder.path().join("missing");
    let (code_, text) = code(Qemu::new(board).firmware(missing).run(&job));
    assert!(code_ == "E0410" && text.contains("Could not load"), "{text}");
}

#[test]
fn a_missing_emulator_is_named() {
    let mut board = Board::find(BOARD).unwrap();
    board.runner = Runner::QemuUser { program: "qemu-none".into(), cpu: "any".into() };
    let elf = PathBuf::from("any");
    let (code, text) = code(Qemu::new(board).firmware(elf).run(&Job::default()));
    assert!(code == "E0404" && text.contains("qemu-none is not installed"), "{text}");
    assert!(text.contains("cargo xtask setup"), "{text}");
}

#[test]
fn the_firmware_is_within_its_budget_on_every_board() {
    for board in Board::emulated().unwrap() {
        let Some(budget) = board.budget else { continue };
        if board.missing().is_some() {
            println!("{} skipped: run `cargo xtask setup`", board.name);
            continue;
        }
        let elf = Firmware::default().build(&board, &mut |_| ()).unwrap();
        let sizes = smidge_runner::sizes(&elf).unwrap();
        println!("{}: {} bytes of flash, {} of RAM", board.name, sizes.flash(), sizes.ram());
        assert!(sizes.flash() <= budget.flash_bytes, "{}: {sizes:#?}", board.name);
        assert!(sizes.ram() <= budget.ram_bytes, "{}: {sizes:#?}", board.name);
        assert_eq!(sizes.arena, board.arena_bytes);
        let of = |name| sizes.flash_by_crate.iter().find(|item| item.name == name);
        assert!(of("smidge_kernels").is_some() && of("smidge_board").is_some(), "{sizes:#?}");
    }
}

#[test]
fn an_image_that_can_panic_does_not_link() {
    let Some(board) = board() else { return };
    let probe = Firmware {
        program: Some("panic_probe"),
        features: &["panic-probe"],
        ..Firmware::default()
    };
    let (code, text) = code(probe.build(&board, &mut |_| ()));
    assert!(code == "E0407" && text.contains("smidge_panic_path_is_linked"), "{text}");
}
