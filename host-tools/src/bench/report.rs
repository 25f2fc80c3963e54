//! A measurement as JSON and as text.

use super::{Cost, Operator, Report};
use serde_json::{Map, Value, json};
use std::fmt;

impl Report {
    /// `on`, `isa`, `total`, `operators`, `flash`, `model_bytes`, `arena_bytes`, `stack_bytes`, and
    /// on this machine `time_us`, on a real board `measured`. What was not measured is null.
    pub fn json(&self) -> Value {
        let operators = self.operators.iter().map(|row| {
            let mut object = costs(row.cost);
            object.insert("index".into(), row.index.into());
            object.insert("op".into(), row.op.into());
            object.insert("variant".into(), row.variant.into());
            object.insert("output".into(), json!(row.output));
            object.insert("macs".into(), row.macs.into());
            if let Some(time) = row.time_us {
                object.insert("time_us".into(), time.into());
            }
            Value::Object(object)
        });
        let mut total = costs(self.total);
        total.insert("macs".into(), self.macs().into());
        let flash = match &self.flash {
            Ok(flash) => flash.json(),
            Err(why) => json!({ "code_bytes": null, "not_measured": why }),
        };
        let mut report = json!({
            "on": self.on,
            "isa": self.isa,
            "total": total,
            "operators": operators.collect::<Vec<_>>(),
            "flash": flash,
            "model_bytes": self.model_bytes,
            "arena_bytes": self.arena_bytes,
            "stack_bytes": self.stack_bytes,
        });
        if let Some(model) = self.model {
            report["cycle_model"] = json!({
                "core": model.core,
                "source": model.source,
                "approximate": model.approximate,
            });
        }
        if let Some(times) = self.times {
            report["time_us"] = json!({
                "median": times.median_us,
                "min": times.min_us,
                "inferences": times.count,
            });
        }
        if let Some(measured) = self.measured {
            report["measured"] = json!({
                "cycles": measured.cycles,
                "hz": measured.hz,
                "us": measured.us(),
                "inferences": measured.count,
            });
        }
        if let Some(why) = &self.not_counted {
            report["not_counted"] = why.as_str().into();
        }
        if !self.hot.is_empty() {
            report["functions"] = self.hot.iter().map(function).collect();
        }
        report
    }
}

fn costs(cost: Option<Cost>) -> Map<String, Value> {
    let pairs = [
        ("instructions", cost.map(|cost| cost.instructions)),
        ("cycles_modelled", cost.and_then(|cost| cost.cycles)),
        ("taken_branches", cost.map(|cost| cost.taken_branches)),
        ("bytes_loaded", cost.map(|cost| cost.bytes_loaded)),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
}

fn function(function: &super::hot::Function) -> Value {
    let runs = function.runs.iter().map(|run| {
        json!({
            "start": run.start, "end": run.end, "length": run.length, "times": run.times,
        })
    });
    json!({
        "name": function.name,
        "address": function.address,
        "size": function.size,
        "instructions": function.instructions,
        "runs": runs.collect::<Vec<_>>(),
    })
}

/// Loops that are shown of each function.
const SHOWN_RUNS: usize = 6;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.total.is_some() {
            self.fmt_operators(f)?;
        }
        if let Some(why) = &self.not_counted {
            writeln!(f, "not counted: {why}")?;
        }
        self.fmt_times(f)?;
        if let Some(times) = self.times {
            let (median, min, count) = (times.median_us, times.min_us, times.count);
            writeln!(f, "time: {median:.1} us median, {min:.1} us least, of {count} inferences")?;
        }
        if let Some(measured) = self.measured {
            let (cycles, us, count) = (measured.cycles, measured.us(), measured.count);
            writeln!(f, "measured: {cycles} cycles, {us:.1} us, the least of {count} inferences")?;
        }
        self.fmt_hot(f)?;
        match &self.flash {
            Ok(flash) => {
                write!(f, "{flash}")?;
                for (name, bytes) in flash.functions.iter().take(self.hot.len()) {
                    writeln!(f, "  {bytes:>7}  {name}")?;
                }
            }
            Err(_) if self.times.is_some() || self.measured.is_some() => {}
            Err(why) => writeln!(f, "code in flash: not measured ({why})")?,
        }
        writeln!(f, "model: {} bytes, packed for {}", self.model_bytes, self.isa)?;
        writeln!(f, "arena: {} bytes", self.arena_bytes)?;
        if let Some(stack) = self.stack_bytes {
            writeln!(f, "stack: {stack} bytes")?;
        }
        if let Some(model) = self.model {
            let kind = if model.approximate { "approximate" } else { "from the manual" };
            writeln!(f, "cycles: {kind}. {}", model.source)?;
        }
        Ok(())
    }
}

impl Report {
    fn fmt_operators(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>3}  {:<18} {:<16} {:>11} {:>11} {:>7} {:>11} {:>7} {:>9} {:>11}",
            "#",
            "operator",
            "output",
            "MACs",
            "instr",
            "/MAC",
            "cycles",
            "/MAC",
            "taken",
            "loaded B"
        )?;
        for row in &self.operators {
            let Operator { index, op, output, macs, cost, .. } = row;
            let output: Vec<_> = output.iter().map(u32::to_string).collect();
            let place = format!("{index:>3}  {op:<18} {:<16}", output.join("x"));
            fmt_row(f, &place, *macs, *cost)?;
        }
        fmt_row(f, &format!("     {:<18} {:<16}", "all", ""), self.macs(), self.total)?;
        writeln!(f)
    }

    fn fmt_times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.operators {
            let Some(time) = row.time_us else { continue };
            let Operator { index, op, macs, .. } = row;
            // 10⁶ MACs in a microsecond are 10³ GMAC/s.
            let speed = *macs as f64 / time.max(0.001) / 1000.0;
            writeln!(f, "{index:>3}  {op:<18} {macs:>11} MACs {time:>9.2} us {speed:>7.1} GMAC/s")?;
        }
        Ok(())
    }

    fn fmt_hot(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for function in &self.hot {
            let super::hot::Function { name, address, size, instructions, runs } = function;
            writeln!(f, "{instructions:>11}  {name} ({address:#x}, {size} bytes)")?;
            for run in runs.iter().take(SHOWN_RUNS) {
                let (start, end) = (run.start, run.end);
                let (length, times) = (run.length, run.times);
                let all = length * times;
                writeln!(f, "{all:>13}  {start:#x}..{end:#x}: {length} instructions x {times}")?;
            }
        }
        if self.hot.is_empty() { Ok(()) } else { writeln!(f) }
    }
}

fn fmt_row(f: &mut fmt::Formatter<'_>, place: &str, macs: u64, cost: Option<Cost>) -> fmt::Result {
    let per_mac = |count: u64| match macs {
        0 => String::new(),
        _ => format!("{:.2}", count as f64 / macs as f64),
    };
    let Some(cost) = cost else { return writeln!(f, "{place} {macs:>11}") };
    let (count, cycles) = (cost.instructions, cost.cycles);
    let shown_cycles = cycles.map_or_else(|| "-".into(), |cycles| cycles.to_string());
    let cycles_per_mac = cycles.map(per_mac).unwrap_or_default();
    writeln!(
        f,
        "{place} {macs:>11} {count:>11} {:>7} {shown_cycles:>11} {cycles_per_mac:>7} {:>9} {:>11}",
        per_mac(count),
        cost.taken_branches,
        cost.bytes_loaded
    )
}
