//! `smidge flash`.

use super::{Failure, read_blob, say, target};
use smidge_runner::flash::{self, Order};
use smidge_runner::{Board, Place};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The blob.
    blob: PathBuf,
    /// The board, a folder in `targets`.
    #[arg(long, value_name = "BOARD")]
    board: String,
    /// Leave the firmware as it is and write only the blob into its slot.
    #[arg(long)]
    model_only: bool,
    /// The way to the board, if it is not the usual one: `probe[:SERIAL]`, `serial[:PORT]`.
    #[arg(long, value_name = "WHERE")]
    on: Option<Place>,
    /// Where a UF2 file goes: a file, or the drive of a board that waits for one.
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,
    /// Write this ELF file as the firmware instead of building it.
    #[arg(long, value_name = "ELF")]
    firmware: Option<PathBuf>,
    /// Check everything and print what would be done.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let bytes = read_blob(&args.blob)?;
    let board = Board::find(&args.board).map_err(Failure::board)?;
    let mut listener = target::listener();
    let order = Order {
        blob: &bytes,
        model_only: args.model_only,
        on: args.on.clone(),
        to: args.to.clone(),
        elf: args.firmware.clone(),
    };
    let plan = flash::plan(&board, &order, &mut listener).map_err(Failure::board)?;
    if args.dry_run {
        say(format_args!("{plan}"));
        return Ok(());
    }
    plan.carry_out(&mut listener).map_err(Failure::board)?;
    let what = if args.model_only { "the model is" } else { "firmware and model are" };
    say(format_args!("{what} written for {}\n", board.name));
    Ok(())
}
