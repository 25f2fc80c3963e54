//! From marker to marker: what is written down.

use std::fmt::Write;

/// The inference between its two markers.
#[derive(Debug, Default)]
pub struct Record {
    /// The counter when the inference began, and when its last step ended; none between inferences.
    open: Option<(u64, u64)>,
    steps: Vec<u64>,
}

impl Record {
    /// An inference starts. One that did not stop is forgotten.
    pub fn start(&mut self, count: u64) {
        self.open = Some((count, count));
        self.steps.clear();
    }

    /// A step is done.
    pub fn step_done(&mut self, count: u64) {
        if let Some((_, last)) = &mut self.open {
            self.steps.push(count - *last);
            *last = count;
        }
    }

    /// The inference stops; its line for the file, if it had started.
    pub fn stop(&mut self, count: u64) -> Option<String> {
        let (start, _) = self.open.take()?;
        let mut line = (count - start).to_string();
        for step in &self.steps {
            write!(line, " {step}").ok()?;
        }
        line.push('\n');
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::Record;

    #[test]
    fn a_line_has_the_whole_and_its_steps() {
        let mut record = Record::default();
        record.start(1000);
        record.step_done(1010);
        record.step_done(1050);
        assert_eq!(record.stop(1053).as_deref(), Some("53 10 40\n"));
        record.start(2000);
        assert_eq!(record.stop(2000).as_deref(), Some("0\n"));
    }

    #[test]
    fn markers_outside_an_inference_are_ignored() {
        let mut record = Record::default();
        record.step_done(5);
        assert_eq!(record.stop(7), None);
        record.start(10);
        record.step_done(11);
        record.start(20);
        assert_eq!(record.stop(25).as_deref(), Some("5\n"));
    }
}
