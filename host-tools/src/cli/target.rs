//! Where to run, from the command line.

use super::Failure;
use smidge_runner::{Event, Listener, Place, Target};

/// A place and a board.
#[derive(clap::Args)]
pub(super) struct Where {
    /// Where to run: `host`, `qemu:CORE`, `probe[:SERIAL]`, `serial[:PORT[:BAUD]]`, `ssh:USER@HOST`.
    #[arg(long, default_value = "host", value_name = "WHERE")]
    pub on: String,
    /// The board there, a folder in `targets`, where it cannot be told otherwise.
    #[arg(long, value_name = "BOARD")]
    pub board: Option<String>,
}

impl Where {
    pub(super) fn is_host(&self) -> bool {
        self.on == "host"
    }

    /// The place, if it is none of this machine.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        self.on.parse().map_err(Failure::board)
    }

    /// Finds the board.
    pub(super) fn open(&self) -> Result<Box<dyn Target>, Failure> {
        let mut target =
            smidge_runner::open(&self.place()?, self.board.as_deref()).map_err(Failure::board)?;
        target.listen(listener());
        Ok(target)
    }
}

/// Tells the user what takes long.
pub(super) fn listener() -> Listener {
    let mut told = false;
    Box::new(move |event| match event {
        Event::Building(what) => eprintln!("building {what}"),
        Event::Flashing { done: 0, total } if !told => {
            told = true;
            eprintln!("writing {total} bytes to flash");
        }
        Event::Flashing { .. } | Event::Progress { .. } => {}
    })
}
