//! The benchmark record: what was measured last, and accepted.

use serde::{Deserialize, Serialize};
use smidge_tools::bench::Report;
use std::path::Path;

/// A rise of instructions that is not accepted, in percent.
pub const LIMIT_PERCENT: u64 = 2;

/// All that was measured.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Record {
    /// Day of the latest measurement, such as `2026-11-24`.
    pub date: String,
    /// Models on emulated cores, by core and model.
    pub rows: Vec<Row>,
    /// Times on the machine that measured them.
    pub host: Vec<HostRow>,
}

/// A model on a core.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The core.
    pub core: String,
    /// The model.
    pub model: String,
    /// The core that the weights are packed for.
    pub packed_for: String,
    /// Multiply-accumulates of the source model.
    pub macs: u64,
    /// Executed instructions.
    pub instructions: u64,
    /// Modelled cycles.
    pub cycles_modelled: Option<u64>,
    /// Taken branches.
    pub taken_branches: u64,
    /// Bytes loaded.
    pub bytes_loaded: u64,
    /// Code in flash.
    pub code_bytes: Option<u64>,
    /// Bytes of the blob.
    pub model_bytes: u64,
    /// Bytes of arena.
    pub arena_bytes: u64,
    /// Most bytes of stack.
    pub stack_bytes: Option<u32>,
}

/// A model on this machine beside another engine.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct HostRow {
    /// The model.
    pub model: String,
    /// The core that the weights are packed for.
    pub packed_for: String,
    /// The shortest time of an inference.
    pub min_us: f64,
    /// The other engine.
    pub peer: String,
    /// Its shortest time in the same run.
    pub peer_min_us: f64,
    /// Ours by theirs.
    pub ratio: f64,
}

impl Row {
    /// What a measurement says, if instructions were counted.
    pub fn of(core: &str, model: &str, report: &Report) -> Result<Self, String> {
        let reason = || report.not_counted.clone().unwrap_or_else(|| "nothing was counted".into());
        let total = report.total.ok_or_else(reason)?;
        Ok(Self {
            core: core.into(),
            model: model.into(),
            packed_for: report.isa.into(),
            macs: report.macs(),
            instructions: total.instructions,
            cycles_modelled: total.cycles,
            taken_branches: total.taken_branches,
            bytes_loaded: total.bytes_loaded,
            code_bytes: report.flash.as_ref().ok().map(|flash| flash.code_bytes),
            model_bytes: report.model_bytes as u64,
            arena_bytes: report.arena_bytes as u64,
            stack_bytes: report.stack_bytes,
        })
    }
}

impl Record {
    /// Reads a record; an empty one where there is none.
    pub fn read(path: &Path) -> Result<Self, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// The row of a model on a core.
    pub fn row(&self, core: &str, model: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.core == core && row.model == model)
    }

    /// Puts rows in the place of those of the same core and model. A row without a measurement of
    /// code keeps the one from before.
    pub fn put(&mut self, rows: &[Row]) {
        for row in rows {
            let before = self.row(&row.core, &row.model).and_then(|row| row.code_bytes);
            let row = Row { code_bytes: row.code_bytes.or(before), ..row.clone() };
            self.rows.retain(|old| (&old.core, &old.model) != (&row.core, &row.model));
            self.rows.push(row);
        }
    }

    /// Puts rows in the order of these cores and models.
    pub fn sort(&mut self, cores: &[String], models: &[String]) {
        let place = |list: &[String], name: &String| list.iter().position(|n| n == name);
        self.rows.sort_by_key(|row| (place(cores, &row.core), place(models, &row.model)));
        self.host.sort_by_key(|row| place(models, &row.model));
    }

    /// The same for times.
    pub fn put_host(&mut self, rows: Vec<HostRow>) {
        for row in rows {
            self.host.retain(|old| old.model != row.model);
            self.host.push(row);
        }
    }

    /// What rose by more than [`LIMIT_PERCENT`] since this record, a line each.
    pub fn rises(&self, rows: &[Row]) -> Vec<String> {
        let rise = |row: &Row| {
            let (old, new) = (self.row(&row.core, &row.model)?.instructions, row.instructions);
            let limit = old + old * LIMIT_PERCENT / 100;
            let percent = 100.0 * (new as f64 / old.max(1) as f64 - 1.0);
            let (core, model) = (&row.core, &row.model);
            (new > limit).then(|| {
                format!("{model} on {core}: {new} instructions, {percent:.1} % more than {old}")
            })
        };
        rows.iter().filter_map(rise).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(core: &str, instructions: u64, code_bytes: Option<u64>) -> Row {
        Row {
            core: core.into(),
            model: "m".into(),
            packed_for: "portable".into(),
            macs: 10,
            instructions,
            cycles_modelled: None,
            taken_branches: 1,
            bytes_loaded: 1,
            code_bytes,
            model_bytes: 1,
            arena_bytes: 1,
            stack_bytes: None,
        }
    }

    #[test]
    fn a_rise_of_more_than_two_percent_is_told() {
        let mut record = Record::default();
        record.put(&[row("a", 1000, Some(5)), row("b", 1000, None)]);
        assert!(record.rises(&[row("a", 1020, None), row("b", 10, None)]).is_empty());
        // What is not in the record cannot have risen.
        assert!(record.rises(&[row("c", 9999, None)]).is_empty());
        let rises = record.rises(&[row("a", 1021, None), row("b", 1500, None)]);
        assert_eq!(rises.len(), 2);
        assert!(rises[1].contains("50.0 % more than 1000"), "{rises:?}");

        record.put(&[row("a", 900, None)]);
        assert_eq!(record.rows.len(), 2);
        let kept = record.row("a", "m").unwrap();
        assert_eq!((kept.instructions, kept.code_bytes), (900, Some(5)));
    }
}
