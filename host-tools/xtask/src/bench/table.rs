//! The record as tables, beside the figures of other engines and the goals.

use super::record::{HostRow, Record, Row};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Numbers by model.
type ByModel<T> = BTreeMap<String, T>;

/// Figures of other engines, and goals.
#[derive(Clone, Debug, Deserialize)]
pub struct Peers {
    source: String,
    goals: String,
    macs: ByModel<u64>,
    cores: BTreeMap<String, Peer>,
    silicon_check: SiliconCheck,
}

/// Figures of a core.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Peer {
    peer: Option<String>,
    instructions: ByModel<u64>,
    modelled_cycles: ByModel<u64>,
    silicon_cycles_per_mac: ByModel<f64>,
    code_bytes: ByModel<u64>,
    goal_instructions: ByModel<u64>,
    goal_cycles_per_mac: ByModel<f64>,
    goal_code_bytes: ByModel<u64>,
}

/// What the cycle model is checked against.
#[derive(Clone, Debug, Deserialize)]
struct SiliconCheck {
    what: String,
    core: String,
    cycles_per_mac: ByModel<f64>,
}

impl Peers {
    /// Reads them.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The cores that have figures.
    #[cfg(test)]
    pub fn cores(&self) -> impl Iterator<Item = &str> {
        self.cores.keys().map(String::as_str)
    }

    /// Silicon's cycles by modelled ones, where both are known for the same kernels.
    fn silicon_ratios(&self) -> ByModel<f64> {
        let peer = self.cores.get(&self.silicon_check.core);
        let modelled = peer.iter().flat_map(|peer| &peer.modelled_cycles);
        let ratio = |(model, cycles): (&String, &u64)| {
            let silicon = self.silicon_check.cycles_per_mac.get(model)?;
            let macs = *self.macs.get(model)?;
            Some((model.clone(), silicon * macs as f64 / *cycles as f64))
        };
        modelled.filter_map(ratio).collect()
    }
}

/// All tables in Markdown. Rows come in the order of `cores` and `models`.
pub fn markdown(record: &Record, peers: &Peers, cores: &[String], models: &[String]) -> String {
    let mut text = format!("# Benchmark record\n\nMeasured on {}.\n", record.date);
    text += "Written by `cargo xtask bench`; see README.md for what the columns mean.\n";
    text += &goals(record, peers);
    let none = Peer::default();
    for core in cores {
        let peer = peers.cores.get(core).unwrap_or(&none);
        let rows: Vec<_> = models.iter().filter_map(|model| record.row(core, model)).collect();
        if !rows.is_empty() {
            text += &table(core, peer, &rows);
        }
    }
    if !record.host.is_empty() {
        text += &host_table(record);
    }
    let ratios = peers.silicon_ratios();
    let ratios: Vec<_> =
        ratios.iter().map(|(model, ratio)| format!("{model} {ratio:.2}")).collect();
    let (what, source, aims) = (&peers.silicon_check.what, &peers.source, &peers.goals);
    let _ = write!(
        text,
        "\n## Silicon by model\n\n{what} Silicon needs more by these factors, for flash with wait \
         states, another runtime around the kernels and their earlier version: {}. Compare the \
         modelled cycles of one engine with another's silicon only with that margin.\n\n\
         ## Sources\n\n{source}\n\n{aims}\n",
        ratios.join(", ")
    );
    text
}

/// How many goals are met, and which are not.
fn goals(record: &Record, peers: &Peers) -> String {
    let (mut met, mut missed) = (0, Vec::new());
    let mut judge = |ours: f64, goal: f64, text: String| {
        if ours <= goal { met += 1 } else { missed.push(text) }
    };
    for row in &record.rows {
        let Some(peer) = peers.cores.get(&row.core) else { continue };
        let Row { core, model, instructions, .. } = row;
        if let Some(&goal) = peer.goal_instructions.get(model) {
            let (ours, goal_) = (thousands(*instructions), thousands(goal));
            let text = format!("{model} on {core}: {ours} instructions of {goal_}");
            judge(*instructions as f64, goal as f64, text);
        }
        let cycles = row.cycles_modelled.map(|cycles| cycles as f64 / row.macs.max(1) as f64);
        if let Some((ours, &goal)) = cycles.zip(peer.goal_cycles_per_mac.get(model)) {
            judge(ours, goal, format!("{model} on {core}: {ours:.3} cycles per MAC of {goal:.2}"));
        }
        if let Some((ours, &goal)) = row.code_bytes.zip(peer.goal_code_bytes.get(model)) {
            let text = format!("{model} on {core}: {ours} bytes of code of {goal}");
            judge(ours as f64, goal as f64, text);
        }
    }
    for HostRow { model, ratio, .. } in &record.host {
        judge(*ratio, 1.0, format!("{model} on this machine: {ratio:.3} of the peer's time"));
    }
    let mut text = format!("\nGoals met: {met} of {}.\n", met + missed.len());
    if !missed.is_empty() {
        text += &format!("Missed:\n\n- {}\n", missed.join("\n- "));
    }
    text
}

fn table(core: &str, peer: &Peer, rows: &[&Row]) -> String {
    let engine = peer.peer.as_deref().unwrap_or("peer");
    let head = [
        "model",
        "instructions",
        "goal",
        engine,
        "theirs / ours",
        "cycles per MAC",
        "goal",
        engine,
        "silicon",
        "code",
        "goal",
        engine,
        "blob",
        "arena",
        "stack",
        "taken branches",
        "bytes loaded",
        "packed for",
    ];
    let lines: Vec<_> = rows.iter().map(|row| cells(peer, row)).collect();
    // Columns that nothing is known for are left out.
    let known: Vec<_> =
        (0..head.len()).filter(|&at| lines.iter().any(|l| l[at].is_some())).collect();
    let head: Vec<_> = known.iter().map(|&at| head[at]).collect();
    let mut text =
        format!("\n## {core}\n\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for line in lines {
        let cells = known.iter().map(|&at| line[at].as_deref().unwrap_or("–"));
        let cells: Vec<_> = cells.collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// The cells of a row, in the order of the heads.
fn cells(peer: &Peer, row: &Row) -> [Option<String>; 18] {
    let model = &row.model;
    let (macs, ours) = (row.macs.max(1) as f64, row.instructions);
    let theirs = peer.instructions.get(model).copied();
    let better = theirs.map(|theirs| format!("{:.2}", theirs as f64 / ours.max(1) as f64));
    let per_mac = |cycles: u64| cycles as f64 / macs;
    let cycles = row.cycles_modelled.map(per_mac);
    let two = |value: Option<f64>| value.map(|value| format!("{value:.2}"));
    let goal = |goal: Option<f64>, ours: Option<f64>, text: Option<String>| {
        let met = goal.zip(ours).map(|(goal, ours)| if ours <= goal { "" } else { " ✗" });
        text.zip(met).map(|(text, met)| text + met)
    };
    let goal_instructions = peer.goal_instructions.get(model).copied();
    let goal_cycles = peer.goal_cycles_per_mac.get(model).copied();
    let goal_code = peer.goal_code_bytes.get(model).copied();
    let float = |value: Option<u64>| value.map(|value| value as f64);
    [
        Some(model.clone()),
        Some(thousands(ours)),
        goal(float(goal_instructions), Some(ours as f64), goal_instructions.map(thousands)),
        theirs.map(thousands),
        better,
        two(cycles),
        goal(goal_cycles, cycles, two(goal_cycles)),
        two(peer.modelled_cycles.get(model).map(|&cycles| per_mac(cycles))),
        two(peer.silicon_cycles_per_mac.get(model).copied()),
        row.code_bytes.map(thousands),
        goal(float(goal_code), float(row.code_bytes), goal_code.map(thousands)),
        peer.code_bytes.get(model).copied().map(thousands),
        Some(thousands(row.model_bytes)),
        Some(thousands(row.arena_bytes)),
        row.stack_bytes.map(|bytes| thousands(bytes.into())),
        Some(thousands(row.taken_branches)),
        Some(thousands(row.bytes_loaded)),
        Some(row.packed_for.clone()),
    ]
}

fn host_table(record: &Record) -> String {
    let mut text = "\n## This machine, one thread, both engines in one run\n\n".to_owned();
    text += "| model | µs | peer | its µs | ours / theirs | goal | packed for |\n";
    text += "|---|---|---|---|---|---|---|\n";
    for row in &record.host {
        let mark = if row.ratio <= 1.0 { "" } else { " ✗" };
        let _ = writeln!(
            text,
            "| {} | {:.2} | {} | {:.2} | {:.3} | 1.0{mark} | {} |",
            row.model, row.min_us, row.peer, row.peer_min_us, row.ratio, row.packed_for
        );
    }
    text
}

/// `1234567` as `1,234,567`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers() -> Peers {
        Peers::read(&crate::root().join("hil-tests/bench/peers.json")).unwrap()
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 12, 999, 1000, 1_234_567].map(thousands),
            ["0", "12", "999", "1,000", "1,234,567"]
        );
    }

    /// The cycle model against silicon, for the same kernels: silicon reads them from flash with
    /// wait states and runs them in another runtime. The margin is the same within a tenth for
    /// convolutions, depthwise convolutions and fully connected layers, so the model ranks them
    /// rightly.
    #[test]
    fn silicon_needs_a_quarter_to_a_half_more_than_the_model() {
        let ratios = peers().silicon_ratios();
        assert_eq!(ratios.len(), 4);
        for (model, ratio) in ratios {
            assert!((1.25..1.46).contains(&ratio), "{model}: {ratio}");
        }
    }

    #[test]
    fn a_missed_goal_is_marked() {
        let row = |instructions| Row {
            core: "cortex-m4".into(),
            model: "kws".into(),
            packed_for: "cortex-m4".into(),
            macs: 2_656_768,
            instructions,
            cycles_modelled: Some(4_000_000),
            taken_branches: 0,
            bytes_loaded: 0,
            code_bytes: Some(16_384),
            model_bytes: 0,
            arena_bytes: 0,
            stack_bytes: None,
        };
        let peers = peers();
        let good = table("cortex-m4", &peers.cores["cortex-m4"], &[&row(3_000_000)]);
        let start =
            "| kws | 3,000,000 | 3,000,000 | 7,847,353 | 2.62 | 1.51 | 1.35 ✗ | 3.37 | 1.95 |";
        assert!(good.contains(start), "{good}");
        assert!(good.contains("| 16,384 | 16,384 | 56,256 |"), "{good}");
        assert!(!good.contains("stack"), "{good}");
        let bad = table("cortex-m4", &peers.cores["cortex-m4"], &[&row(3_000_001)]);
        assert!(bad.contains("| 3,000,000 ✗ |"), "{bad}");
        let record = Record { rows: vec![row(3_000_001)], ..Record::default() };
        let text = goals(&record, &peers);
        assert!(text.starts_with("\nGoals met: 1 of 3."), "{text}");
        assert!(
            text.contains("- kws on cortex-m4: 3,000,001 instructions of 3,000,000\n"),
            "{text}"
        );
    }
}
