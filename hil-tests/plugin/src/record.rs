//! From marker to marker: what is written down.

use std::fmt::Write;

use crate::table::{Site, Table};

/// The inference between its two markers.
#[derive(Default)]
pub struct Record {
    /// The counter when the inference began, and when its last step ended; none between inferences.
    open: Option<(u64, u64)>,
    steps: Vec<u64>,
    /// The first inference by instruction.
    profile: Profile,
}

/// How often each instruction was executed in each step. Closed after one inference.
#[derive(Default)]
struct Profile {
    closed: bool,
    /// Executions and taken branches of each instruction at the last marker, in the table's order.
    last: Vec<(u64, u64)>,
    lines: String,
}

impl Record {
    /// An inference starts. One that did not stop is forgotten.
    pub fn start(&mut self, table: &Table) {
        let count = table.executed();
        self.open = Some((count, count));
        self.steps.clear();
        self.profile.start(table);
    }

    /// A step is done.
    pub fn step_done(&mut self, table: &Table) {
        let count = table.executed();
        if let Some((_, last)) = &mut self.open {
            self.profile.step(self.steps.len(), table);
            self.steps.push(count - *last);
            *last = count;
        }
    }

    /// The inference stops. Its line for the file, if it had started; and the profile, if it was the
    /// first.
    pub fn stop(&mut self, table: &Table) -> Option<(String, Option<String>)> {
        let (start, _) = self.open.take()?;
        self.profile.step(self.steps.len(), table);
        let mut line = (table.executed() - start).to_string();
        for step in &self.steps {
            write!(line, " {step}").ok()?;
        }
        line.push('\n');
        Some((line, self.profile.close()))
    }
}

impl Profile {
    fn start(&mut self, table: &Table) {
        if !self.closed {
            self.lines.clear();
            self.last = table.read().map(|(_, executed, taken)| (executed, taken)).collect();
        }
    }

    /// Adds a line for each instruction that was executed since the last marker.
    fn step(&mut self, step: usize, table: &Table) {
        if self.closed {
            return;
        }
        let mut lines: Vec<(Site, u64, u64)> = Vec::new();
        for (at, (site, executed, taken)) in table.read().enumerate() {
            if at == self.last.len() {
                self.last.push((0, 0));
            }
            let before = std::mem::replace(&mut self.last[at], (executed, taken));
            if before != (executed, taken) {
                lines.push((site, executed - before.0, taken - before.1));
            }
        }
        lines.sort_by_key(|(site, ..)| site.address);
        for (site, executed, taken) in lines {
            let code = &site.code[..usize::from(site.len).min(4)];
            let code: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
            let address = site.address;
            self.lines += &format!("{step} {address:x} {code} {executed} {taken}\n");
        }
    }

    fn close(&mut self) -> Option<String> {
        let first = !std::mem::replace(&mut self.closed, true);
        first.then(|| std::mem::take(&mut self.lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    /// Executes an instruction of a machine that has two.
    fn run(table: &mut Table, address: u64, times: u64, taken: u64) {
        let counters = table.counters(Site { address, code: [1, 2, 0, 0], len: 2 });
        counters.executed.fetch_add(times, Ordering::Relaxed);
        counters.taken.fetch_add(taken, Ordering::Relaxed);
    }

    #[test]
    fn a_line_has_the_whole_and_its_steps() {
        let (mut table, mut record) = (Table::default(), Record::default());
        run(&mut table, 16, 1000, 1);
        record.start(&table);
        run(&mut table, 16, 10, 2);
        record.step_done(&table);
        run(&mut table, 8, 30, 0);
        run(&mut table, 16, 10, 1);
        record.step_done(&table);
        run(&mut table, 16, 3, 0);
        let (line, profile) = record.stop(&table).unwrap();
        assert_eq!(line, "53 10 40\n");
        let lines = "0 10 0102 10 2\n1 8 0102 30 0\n1 10 0102 10 1\n2 10 0102 3 0\n";
        assert_eq!(profile.as_deref(), Some(lines));

        // A second inference has no profile.
        record.start(&table);
        run(&mut table, 16, 4, 0);
        assert_eq!(record.stop(&table), Some(("4\n".into(), None)));
    }

    #[test]
    fn markers_outside_an_inference_are_ignored() {
        let (mut table, mut record) = (Table::default(), Record::default());
        record.step_done(&table);
        assert_eq!(record.stop(&table), None);
        record.start(&table);
        run(&mut table, 16, 1, 0);
        record.step_done(&table);
        record.start(&table);
        run(&mut table, 16, 5, 0);
        let profile = Some("0 10 0102 5 0\n".into());
        assert_eq!(record.stop(&table), Some(("5\n".into(), profile)));
    }
}
