//! `smidge run`.

use super::target::Where;
use super::{Failure, check_blob, check_foreign, pool, read_blob, say};
use smidge::Model;
use smidge_format::bundle::{self as format, Bundle};
use smidge_format::{AlignedBuf, NONE};
use smidge_runner::{Counts, Inference, Job, Report, Target};
use smidge_tools::arrays::{self, Samples};
use smidge_tools::execute::{Outcome, execute_on};
use smidge_tools::{bundle, npy};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The blob, or a bundle, which brings inputs and expected outputs.
    blob: PathBuf,
    /// An input array `[samples, ...shape]`; once for each input, in order.
    #[arg(long, value_name = "X.npy")]
    input: Vec<PathBuf>,
    /// Where the output array goes; with several outputs, OUT_0.npy, OUT_1.npy and so on.
    #[arg(long, value_name = "OUT.npy")]
    output: Option<PathBuf>,
    #[command(flatten)]
    target: Where,
    /// Compute large layers on so many threads of this machine. The results are the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,
    /// Write every intermediate tensor of the first sample as tNNN.npy, by its number in the source.
    #[arg(long, value_name = "DIR")]
    tensors: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let bytes = read_blob(&args.blob)?;
    if bytes.starts_with(&format::MAGIC) {
        return run_bundle(args, &bytes);
    }
    let Some(output) = &args.output else {
        return Err(Failure::Input(
            "E0616: there is no place for the outputs\n  help: say --output OUT.npy".into(),
        ));
    };
    let model = check(args, &bytes)?;
    let inputs: Result<Vec<_>, _> = args.input.iter().map(|path| npy::read(path)).collect();
    let samples = arrays::samples(&model, &inputs.map_err(Failure::input)?);
    let samples = samples.map_err(Failure::input)?;
    let outcome = execute(args, &model, &samples)?;
    write_outputs(output, &model, &samples, &outcome)
}

/// Runs what a bundle brings, and fails where the outputs are not those that it expects.
fn run_bundle(args: &Args, bytes: &[u8]) -> Result<(), Failure> {
    let bundle = Bundle::check(bytes).map_err(|error| {
        let (code, path) = (error.code(), args.blob.display());
        Failure::Input(format!("E{code:04}: {path}: {error}\n  help: make it with `smidge bundle`"))
    })?;
    if !args.input.is_empty() {
        return Err(Failure::Input(
            "E0617: a bundle brings its inputs\n  help: leave --input out, or run the blob".into(),
        ));
    }
    let blob = AlignedBuf::from(bundle.blob());
    let model = check(args, &blob)?;
    let samples = bundle::samples(&model, &bundle).map_err(Failure::input)?;
    let outcome = execute(args, &model, &samples)?;
    if let Some(output) = &args.output {
        write_outputs(output, &model, &samples, &outcome)?;
    }
    let difference = bundle::compare(&model, &bundle, &outcome.outputs);
    if difference.is_none() {
        say(format_args!("{difference}\n"));
        return Ok(());
    }
    Err(Failure::Other(format!(
        "E0624: {difference}\n  help: see which tensor is the first to differ with --tensors, here \
         and on the host"
    )))
}

fn check<'m>(args: &Args, bytes: &'m [u8]) -> Result<Model<'m>, Failure> {
    let check = if args.target.is_host() { check_blob } else { check_foreign };
    check(&args.blob, bytes)
}

fn execute(args: &Args, model: &Model<'_>, samples: &Samples) -> Result<Outcome, Failure> {
    let trace = args.tensors.is_some();
    let outcome = if args.target.is_host() {
        let pool = pool(args.threads)?;
        execute_on(model, samples, trace, pool.as_ref()).map_err(Failure::other)?
    } else {
        run_on_board(&mut args.target.open()?, model, samples, trace)?
    };
    if let Some(folder) = &args.tensors {
        write_tensors(folder, model, &outcome)?;
    }
    Ok(outcome)
}

fn run_on_board(
    target: &mut impl Target,
    model: &Model<'_>,
    samples: &Samples,
    trace: bool,
) -> Result<Outcome, Failure> {
    let mut job = Job {
        blob: model.blob().bytes(),
        inferences: Vec::new(),
        outputs: model.output_count() as u16,
        trace_first: trace,
        count: true,
    };
    for (at, inputs) in samples.inputs.iter().enumerate() {
        let inputs = inputs.iter().map(Vec::as_slice).collect();
        job.inferences.push(Inference { reset: samples.resets(at), inputs });
    }
    let report = target.run(&job).map_err(Failure::board)?;
    tell(model, &report);
    let trace = report.trace.into_iter().map(|traced| (traced.tensor, traced.bytes)).collect();
    Ok(Outcome { outputs: report.outputs, trace })
}

/// Prints what the board measured and logged.
fn tell(model: &Model<'_>, report: &Report) {
    report.log.iter().for_each(|line| eprintln!("{line}"));
    eprintln!(
        "{}: arena {} bytes, stack {} bytes",
        report.info.board.as_str(),
        model.arena_len(),
        report.stats.stack_peak
    );
    // A traced inference, the first, has none.
    let first = report.outputs.len().saturating_sub(report.cycles.len());
    for (at, &cycles) in (first..).zip(&report.cycles) {
        let us = cycles as f64 * 1e6 / f64::from(report.info.hz.max(1));
        eprintln!("inference {at}: {cycles} cycles, {us:.1} us");
    }
    match &report.counts {
        Counts::Counted(_) => {
            for (at, count) in report.counts.iter().enumerate() {
                eprintln!("inference {at}: {} instructions", count.instructions);
            }
        }
        Counts::NotCounted(why) if report.cycles.is_empty() => {
            eprintln!("instructions not counted: {why}");
        }
        Counts::NotCounted(_) => {}
    }
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
