//! `smidge bundle`.

use super::{Failure, check_blob, check_foreign, read_blob, write_file};
use smidge_tools::{arrays, bundle, execute, npy};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The blob.
    blob: PathBuf,
    /// An input array `[samples, ...shape]`; once for each input, in order.
    #[arg(long, value_name = "X.npy")]
    input: Vec<PathBuf>,
    /// The array that an output has to give; once for each output, in order. Without, they are what
    /// the model gives on this machine.
    #[arg(long, value_name = "Y.npy")]
    output: Vec<PathBuf>,
    /// How far floats may be from the expected ones.
    #[arg(long, value_name = "DISTANCE", default_value_t = bundle::TOLERANCE)]
    tolerance: f32,
    /// Where the bundle goes.
    #[arg(short = 'o', long = "out", value_name = "FILE.bundle")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let bytes = read_blob(&args.blob)?;
    let computed = args.output.is_empty();
    let check = if computed { check_blob } else { check_foreign };
    let model = check(&args.blob, &bytes)?;
    let read = |paths: &[PathBuf]| -> Result<Vec<_>, Failure> {
        paths.iter().map(|path| npy::read(path).map_err(Failure::input)).collect()
    };
    let samples = arrays::samples(&model, &read(&args.input)?).map_err(Failure::input)?;
    let outputs = if computed {
        execute::execute(&model, &samples, false).map_err(Failure::other)?.outputs
    } else {
        let arrays = read(&args.output)?;
        bundle::expected(&model, &samples, &arrays).map_err(Failure::input)?
    };
    let contents = bundle::contents(&model, &samples, &outputs, args.tolerance);
    let bytes = contents.encode().map_err(|error| {
        Failure::Input(format!(
            "E{:04}: {error}\n  help: --tolerance takes a number from 0 on",
            error.code()
        ))
    })?;
    write_file(&args.out, &bytes)
}
