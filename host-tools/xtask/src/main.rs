//! Set-up, demo and tests of the smidge repository.

mod setup;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Finds out what this computer lacks for the boards, and gets it.
    Setup {
        /// Install packages without asking, with sudo if need be.
        #[arg(long)]
        yes: bool,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Setup { yes } => setup::run(yes),
    }
}
