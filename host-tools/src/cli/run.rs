//! `smidge run`.

use super::{Failure, check_blob, check_foreign, pool, read_blob};
use smidge::Model;
use smidge_format::NONE;
use smidge_runner::{Board, Counts, Event, Inference, Job, Qemu, Target};
use smidge_tools::arrays::{self, Samples};
use smidge_tools::execute::{Outcome, execute_on};
use smidge_tools::npy;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The blob.
    blob: PathBuf,
    /// An input array `[samples, ...shape]`; once for each input, in order.
    #[arg(long, value_name = "X.npy")]
    input: Vec<PathBuf>,
    /// Where the output array goes; with several outputs, OUT_0.npy, OUT_1.npy and so on.
    #[arg(long, value_name = "OUT.npy")]
    output: PathBuf,
    /// Where to run: `host`, or a board such as `qemu:cortex-m4`.
    #[arg(long, default_value = "host", value_name = "WHERE")]
    on: String,
    /// Compute large layers on so many threads of this machine. The results are the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,
    /// Write every intermediate tensor of the first sample as tNNN.npy, by its number in the source.
    #[arg(long, value_name = "DIR")]
    tensors: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let bytes = read_blob(&args.blob)?;
    let check = if args.on == "host" { check_blob } else { check_foreign };
    let model = check(&args.blob, &bytes)?;
    let inputs: Result<Vec<_>, _> = args.input.iter().map(|path| npy::read(path)).collect();
    let samples = arrays::samples(&model, &inputs.map_err(Failure::input)?);
    let samples = samples.map_err(Failure::input)?;
    let trace = args.tensors.is_some();
    let outcome = if args.on == "host" {
        let pool = pool(args.threads)?;
        execute_on(&model, &samples, trace, pool.as_ref()).map_err(Failure::other)?
    } else {
        run_on_board(&args.on, &bytes, &model, &samples, trace)?
    };
    if let Some(folder) = &args.tensors {
        write_tensors(folder, &model, &outcome)?;
    }
    write_outputs(&args.output, &model, &samples, &outcome)
}

fn run_on_board(
    name: &str,
    blob: &[u8],
    model: &Model<'_>,
    samples: &Samples,
    trace: bool,
) -> Result<Outcome, Failure> {
    let board = Board::find(name).map_err(Failure::input)?;
    let mut target = Qemu::new(board).listener(|event| match event {
        Event::Building(what) => eprintln!("building {what}"),
        Event::Flashing { .. } | Event::Progress { .. } => {}
    });
    let mut job = Job {
        blob,
        inferences: Vec::new(),
        outputs: model.output_count() as u16,
        trace_first: trace,
        count: true,
    };
    for (at, inputs) in samples.inputs.iter().enumerate() {
        let inputs = inputs.iter().map(Vec::as_slice).collect();
        job.inferences.push(Inference { reset: samples.resets(at), inputs });
    }
    let report = target.run(&job).map_err(Failure::other)?;
    eprintln!(
        "{}: arena {} bytes, stack {} bytes",
        report.info.board.as_str(),
        model.arena_len(),
        report.stats.stack_peak
    );
    match &report.counts {
        Counts::Counted(_) => {
            for (at, count) in report.counts.iter().enumerate() {
                eprintln!("inference {at}: {} instructions", count.instructions);
            }
        }
        Counts::NotCounted(why) => eprintln!("instructions not counted: {why}"),
    }
    let trace = report.trace.into_iter().map(|traced| (traced.tensor, traced.bytes)).collect();
    Ok(Outcome { outputs: report.outputs, trace })
}

fn write_outputs(
    path: &Path,
    model: &Model<'_>,
    samples: &Samples,
    outcome: &Outcome,
) -> Result<(), Failure> {
    let count = model.output_count();
    for index in 0..count {
        let Some(tensor) = model.output(index) else { continue };
        let parts = outcome.outputs.iter().map(|outputs| outputs[index].clone()).collect();
        let array = arrays::array(&tensor, &samples.leading, parts);
        let path = if count == 1 { path.to_owned() } else { numbered(path, index) };
        npy::write(&path, &array).map_err(Failure::other)?;
    }
    Ok(())
}

/// `OUT.npy` with a number: `OUT_3.npy`.
fn numbered(path: &Path, index: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}_{index}.npy"))
}

fn write_tensors(folder: &Path, model: &Model<'_>, outcome: &Outcome) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::Other(format!("E0612: {}: {error}\n  help: check the path", folder.display()))
    })?;
    for (id, bytes) in &outcome.trace {
        let Some(tensor) = model.blob().tensor(*id).filter(|t| t.source != NONE) else { continue };
        let path = folder.join(format!("t{:03}.npy", tensor.source));
        let array = arrays::array(&tensor, &[], vec![bytes.clone()]);
        npy::write(&path, &array).map_err(Failure::other)?;
    }
    Ok(())
}
