//! Programs that talk to nobody: they start, print, and end.

use std::path::Path;

use crate::machine::{self, Machine, Program};
use crate::{Problem, Qemu, RunError};

impl Qemu {
    /// Runs a program to its end; what it printed.
    ///
    /// # Errors
    /// If it does not start, does not end in time, or ends with another code than zero.
    pub fn execute(&mut self, elf: &Path) -> Result<String, RunError> {
        let folder = tempfile::Builder::new().prefix("smidge-").tempdir();
        let folder = folder.map_err(Problem::file(std::env::temp_dir()))?;
        let program = Program { elf, blob: None, words: &[], plugin: None };
        let mut machine = Machine::start(&self.board, &program, folder.path())?;
        let (board, limit) = (self.board.name.clone(), self.patience);
        if !machine.wait(limit) {
            return Err(Problem::Timeout { board, limit, done: 0, total: 0 }.into());
        }
        let output = machine::console(folder.path());
        if machine.ended_well() {
            return Ok(output);
        }
        let status = machine.status();
        Err(Problem::Stopped { board, status, done: 0, total: 0, output }.into())
    }
}
