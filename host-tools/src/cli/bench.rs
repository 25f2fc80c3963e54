//! `smidge bench`.

use super::target::{Where, listener};
use super::{Failure, check_blob, check_foreign, pool, read_blob, say};
use smidge_format::Blob;
use smidge_runner::{Board, Place, Qemu, Target};
use smidge_tools::arrays;
use smidge_tools::bench::board::{self, Options};
use smidge_tools::bench::{Report, host, noise};
use smidge_tools::npy;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The blob.
    blob: PathBuf,
    #[command(flatten)]
    target: Where,
    /// Compute large layers on so many threads of this machine. The results are the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// An input array `[samples, ...shape]`, of which the first sample is taken; once for each
    /// input, in order. Without, the inputs are always the same pseudo-random bytes.
    #[arg(long, value_name = "X.npy")]
    input: Vec<PathBuf>,
    /// List the N functions that execute most instructions, with their hottest loops, and the N that
    /// take most flash.
    #[arg(long, value_name = "N", default_value_t = 0)]
    profile: usize,
    /// Do not build the program with the model whose code in flash is measured.
    #[arg(long)]
    no_flash: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let bytes = read_blob(&args.blob)?;
    let report =
        if args.target.is_host() { on_host(args, &bytes)? } else { on_board(args, &bytes)? };
    if args.json {
        say(format_args!("{:#}\n", report.json()));
    } else {
        say(&report);
    }
    Ok(())
}

fn on_host(args: &Args, bytes: &[u8]) -> Result<Report, Failure> {
    let model = check_blob(&args.blob, bytes)?;
    let inputs = inputs(&args.blob, bytes, &args.input)?;
    let pool = pool(args.threads)?;
    let times = host::measure(&model, &inputs, pool.as_ref()).map_err(Failure::other)?;
    let steps = host::measure_steps(&model, &inputs, pool.as_ref()).map_err(Failure::other)?;
    let mut report = Report { times: Some(times), ..Report::new("host", model.blob()) };
    for (row, time) in report.operators.iter_mut().zip(steps) {
        row.time_us = time;
    }
    Ok(report)
}

fn on_board(args: &Args, bytes: &[u8]) -> Result<Report, Failure> {
    let inputs = inputs(&args.blob, bytes, &args.input)?;
    let blob = check_format(&args.blob, bytes)?;
    let Place::Emulator(name) = args.target.place()? else {
        let mut target = args.target.open()?;
        return board::time(&mut target, &blob, &inputs).map_err(Failure::board);
    };
    let mut target = Qemu::new(Board::find(&name).map_err(Failure::board)?);
    target.listen(listener());
    let options = Options { flash: !args.no_flash, hot: args.profile };
    board::measure(&mut target, &blob, &inputs, options).map_err(Failure::board)
}

/// Whether the operators run is the board's to say; the blob may be packed for its core.
fn check_format<'m>(path: &Path, bytes: &'m [u8]) -> Result<Blob<'m>, Failure> {
    Blob::check(bytes).map_err(|error| {
        Failure::Input(format!(
            "E{:04}: {}: {error}\n  help: convert the model again with this version of smidge",
            error.code(),
            path.display()
        ))
    })
}

/// The bytes of each input: those of the first sample in the files, or noise.
fn inputs(path: &Path, bytes: &[u8], files: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    if files.is_empty() {
        return Ok(noise(&check_format(path, bytes)?));
    }
    let model = check_foreign(path, bytes)?;
    let arrays: Result<Vec<_>, _> = files.iter().map(|path| npy::read(path)).collect();
    let samples = arrays::samples(&model, &arrays.map_err(Failure::input)?);
    let samples = samples.map_err(Failure::input)?;
    let first = samples.inputs.into_iter().next();
    first.ok_or_else(|| {
        Failure::Input("E0605: the arrays have no sample\n  help: give at least one".into())
    })
}
