//! `cargo xtask suite`: every kernel of a board's core against the portable one, on the board.

use crate::Outcome;
use smidge_runner::{Board, Cases, Event, Findings, Qemu};

#[derive(clap::Args)]
pub struct Args {
    /// The board, such as `qemu:cortex-m4`.
    board: String,
    /// Layers of real networks instead of the small cases.
    #[arg(long)]
    layers: bool,
    /// Count executed instructions, and print each case with its own.
    #[arg(long)]
    count: bool,
    /// Print only cases whose name contains this.
    #[arg(long, value_name = "PART", default_value = "")]
    only: String,
}

pub fn run(args: &Args) -> Outcome {
    let board = Board::find(&args.board).map_err(|error| error.to_string())?;
    let mut target = Qemu::new(board).listener(|event| {
        if let Event::Building(what) = event {
            eprintln!("building {what}");
        }
    });
    let cases = if args.layers { Cases::Layers } else { Cases::Shapes };
    let findings = target.suite(cases, args.count).map_err(|error| error.to_string())?;
    let Findings { cases, verdicts } = findings;
    if args.count {
        println!("{:>12} {:>12} {:>9}  case", "instructions", "MACs", "each");
    }
    for verdict in verdicts.iter().filter(|verdict| verdict.name.contains(&args.only)) {
        let mark = if verdict.passed { "" } else { "  FAILED" };
        match verdict.instructions {
            Some(count) => {
                // Where kernels were called several times, this is the sum.
                let each = count as f64 / verdict.macs.max(1) as f64;
                println!("{count:>12} {:>12} {each:>9.3}  {}{mark}", verdict.macs, verdict.name);
            }
            None if args.count => {
                println!("{:>12} {:>12} {:>9}  {}{mark}", "-", verdict.macs, "-", verdict.name);
            }
            None if verdict.passed => {}
            None => println!("{}{mark}", verdict.name),
        }
    }
    let failures = verdicts.iter().filter(|verdict| !verdict.passed).count();
    println!("{cases} cases, {} runs, {failures} failures", verdicts.len());
    if failures == 0 { Ok(()) } else { Err("kernels differ from the portable ones".into()) }
}
