//! A trained network from file to answer: converted, run on an emulated Cortex-M4 and on this
//! computer, on 200 labelled images.

use crate::{Outcome, root};
use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_runner::{Board, Counts, Event, Firmware, Inference, Job, Qemu, Report, Target, sizes};
use smidge_tools::arrays::{self, Samples};
use smidge_tools::convert::convert;
use smidge_tools::emit::Labels;
use smidge_tools::execute::execute;
use smidge_tools::inspect::inspect;
use smidge_tools::lower::Options;
use smidge_tools::npy;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;

/// Where the network runs beside this computer.
pub const BOARD: &str = "qemu:cortex-m4";

fn text(error: impl Display) -> String {
    error.to_string()
}

pub fn run(all: bool) -> Outcome {
    let folder = root().join("hil-tests/models/fashion");
    let names = std::fs::read_to_string(folder.join("labels.txt")).map_err(text)?;
    let names: Vec<&str> = names.lines().collect();
    // The portable kernels of this computer check those of the board.
    let portable = convert_model(&folder, &names, Isa::Portable)?;
    let blob = convert_model(&folder, &names, Isa::CortexM4)?;
    let on_host = Model::check(&portable, smidge::ops::ALL).map_err(text)?;
    let model = Model::check_foreign(&blob, smidge::ops::ALL).map_err(text)?;
    let inputs = [npy::read(&folder.join("test_inputs.npy")).map_err(text)?];
    let labels = npy::read(&folder.join("test_labels.npy")).map_err(text)?.data;
    let samples = arrays::samples(&on_host, &inputs).map_err(text)?;

    let host = execute(&on_host, &samples, false).map_err(text)?;
    let board = Board::find(BOARD).map_err(text)?;
    let report = run_on_board(board.clone(), &blob, &samples)?;

    let agree = print_answers(&names, &labels, &report.outputs, &host.outputs, all);
    print_figures(&model, &board, &report)?;
    if agree { Ok(()) } else { Err("the board's answers are not those of this computer".into()) }
}

fn convert_model(folder: &Path, names: &[&str], isa: Isa) -> Result<AlignedBuf, String> {
    let source = folder.join("fashion_int8.tflite");
    let metadata = vec![
        ("license".to_owned(), "MIT OR Apache-2.0; trained on Fashion-MNIST (MIT)".to_owned()),
        ("labels".to_owned(), names.join("\n")),
    ];
    let labels = Labels { metadata, ..Labels::default() };
    let converted = convert(&source, isa, &Options::default(), &labels).map_err(text)?;
    let (isa, len) = (isa.name(), converted.bytes.len());
    println!("converted fashion_int8.tflite for {isa}: {len} bytes");
    Ok(AlignedBuf::from(converted.bytes.as_slice()))
}

fn run_on_board(board: Board, blob: &[u8], samples: &Samples) -> Result<Report, String> {
    let mut target = Qemu::new(board).listener(|event| {
        if let Event::Building(what) = event {
            println!("building {what}");
        }
    });
    let inference = |inputs| Inference { reset: true, inputs };
    let inputs = samples.inputs.iter().map(|inputs| inputs.iter().map(Vec::as_slice).collect());
    let job = Job {
        blob,
        inferences: inputs.map(inference).collect(),
        outputs: 1,
        trace_first: false,
        count: true,
    };
    println!("running {} images on an emulated Cortex-M4", job.inferences.len());
    target.run(&job).map_err(text)
}

/// The index of the largest int8 value.
fn best(output: &[u8]) -> usize {
    let scores = output.iter().enumerate().map(|(i, &byte)| (byte as i8, usize::MAX - i));
    scores.max().map_or(0, |(_, i)| usize::MAX - i)
}

type Outputs = [Vec<Vec<u8>>];

/// Prints a row for each image; whether board and host gave the same bytes for all.
fn print_answers(
    names: &[&str],
    labels: &[u8],
    board: &Outputs,
    host: &Outputs,
    all: bool,
) -> bool {
    let name = |class: usize| names.get(class).copied().unwrap_or("?");
    let shown = if all { labels.len() } else { 20 };
    println!("\n{:>5}  {:<12} {:<12} {:<7} same bytes as host", "image", "label", "answer", "");
    let (mut right, mut same) = (0, 0);
    for (at, (&label, (board, host))) in labels.iter().zip(board.iter().zip(host)).enumerate() {
        let answer = best(&board[0]);
        let (is_right, is_same) = (answer == usize::from(label), board == host);
        right += usize::from(is_right);
        same += usize::from(is_same);
        if at < shown {
            let verdict = if is_right { "right" } else { "wrong" };
            let agreement = if is_same { "yes" } else { "NO" };
            let (label, answer) = (name(label.into()), name(answer));
            println!("{at:>5}  {label:<12} {answer:<12} {verdict:<7} {agreement}");
        }
    }
    let count = labels.len();
    if shown < count {
        println!("  ... {} more (--all shows them)", count - shown);
    }
    let percent = 100.0 * right as f64 / count as f64;
    println!("\naccuracy on the emulated Cortex-M4: {right} of {count} ({percent:.1} %)");
    println!("same bytes as on the host: {same} of {count}");
    same == count && board.len() == count
}

fn print_figures(model: &Model<'_>, board: &Board, report: &Report) -> Outcome {
    let inspection = inspect(model);
    let ops = inspection.operators.iter().map(|op| format!("{}_{}", op.op, op.variant));
    let ops: BTreeSet<String> = ops.collect();
    let ops = ops.into_iter().collect::<Vec<_>>().join(",");
    let firmware = Firmware { ops: Some(&ops), ..Firmware::default() };
    let elf = firmware.build(board, &mut |_| ()).map_err(text)?;
    let sizes = sizes(&elf).map_err(text)?;
    println!("\nflash, whole firmware with this model's operators: {} bytes", sizes.flash());
    for item in &sizes.flash_by_crate {
        println!("  {:<24} {:>7}", item.name, item.bytes);
    }
    println!("flash, model: {} bytes", inspection.blob_bytes);
    println!("arena: {} bytes", inspection.arena_bytes);
    println!("stack: {} bytes", report.stats.stack_peak);
    println!("MACs: {}", inspection.macs);
    match &report.counts {
        Counts::Counted(_) => {
            let counts: Vec<u64> = report.counts.iter().map(|c| c.instructions).collect();
            let mean = counts.iter().sum::<u64>() / counts.len().max(1) as u64;
            println!("instructions per inference: {mean} (mean, counted in QEMU)");
        }
        Counts::NotCounted(why) => println!("instructions per inference: not counted ({why})"),
    }
    Ok(())
}
