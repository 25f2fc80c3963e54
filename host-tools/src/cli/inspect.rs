//! `smidge inspect`.

use super::{Failure, check_foreign, read_blob, say};
use smidge_tools::inspect::inspect;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The blob.
    blob: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let bytes = read_blob(&args.blob)?;
    let model = check_foreign(&args.blob, &bytes)?;
    let report = inspect(&model);
    if args.json {
        let text = serde_json::to_string_pretty(&report.json()).map_err(Failure::other)?;
        say(format_args!("{text}\n"));
    } else {
        say(report);
    }
    Ok(())
}
