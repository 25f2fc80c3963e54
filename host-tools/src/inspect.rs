//! What is in a blob, for people and for programs.

use crate::macs;
use serde_json::{Value, json};
use smidge::{Model, OpCode, Variant};
use smidge_format::{FLAG_IN_PLACE, NONE, NameKind, Step};
use std::fmt;

/// A step of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Number of the step.
    pub index: u16,
    /// Operator name.
    pub op: &'static str,
    /// Its variant.
    pub variant: &'static str,
    /// Multiply-accumulates of the node in the source model.
    pub macs: u64,
    /// Those that are left to compute: fewer where channels were removed.
    pub live_macs: u64,
    /// Shapes of the inputs; empty for an absent one.
    pub inputs: Vec<Vec<u32>>,
    /// Shapes of the outputs.
    pub outputs: Vec<Vec<u32>>,
    /// Whether the output stands on an input.
    pub in_place: bool,
    /// Name of the node in the source model.
    pub name: String,
}

/// What is in a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Bytes of the blob.
    pub blob_bytes: usize,
    /// Bytes of constants.
    pub constant_bytes: usize,
    /// Bytes of arena.
    pub arena_bytes: usize,
    /// The core it is packed for.
    pub isa: &'static str,
    /// All multiply-accumulates of the source model.
    pub macs: u64,
    /// Those that are left to compute.
    pub live_macs: u64,
    /// Steps in order.
    pub operators: Vec<Operator>,
    /// Keys and values.
    pub metadata: Vec<(String, String)>,
}

/// Looks into a model.
pub fn inspect(model: &Model<'_>) -> Inspection {
    let blob = model.blob();
    let steps = (0..blob.step_count() as u16).filter_map(|i| Some((i, blob.step(i)?)));
    let operators: Vec<_> = steps
        .zip(macs::of_steps(blob))
        .map(|((i, step), m)| operator(model, i, &step, m))
        .collect();
    let tensors = (0..blob.tensor_count() as u16).filter_map(|id| blob.tensor(id));
    let constants = tensors.filter_map(|tensor| blob.constant(&tensor));
    Inspection {
        blob_bytes: blob.bytes().len(),
        constant_bytes: constants.map(<[u8]>::len).sum(),
        arena_bytes: model.arena_len(),
        isa: blob.isa().name(),
        macs: operators.iter().map(|op| op.macs).sum(),
        live_macs: operators.iter().map(|op| op.live_macs).sum(),
        operators,
        metadata: blob.metadata().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
    }
}

fn operator(model: &Model<'_>, index: u16, step: &Step, macs: u64) -> Operator {
    let blob = model.blob();
    let shape = |id: u16| match blob.tensor(id) {
        Some(tensor) if id != NONE => tensor.shape.dims().to_vec(),
        _ => Vec::new(),
    };
    let inputs: Vec<_> = blob.step_inputs(step).map(shape).collect();
    let outputs: Vec<_> = blob.step_outputs(step).map(shape).collect();
    let code = OpCode::from_u16(step.code);
    Operator {
        index,
        op: code.map_or("?", OpCode::name),
        variant: Variant::from_u16(step.variant).map_or("?", Variant::name),
        macs,
        live_macs: macs::computed(blob, step),
        inputs,
        outputs,
        in_place: step.flags & FLAG_IN_PLACE != 0,
        name: blob.name(NameKind::Step, index).unwrap_or_default().to_owned(),
    }
}

impl Inspection {
    /// The same as JSON: `blob_bytes`, `arena_bytes`, `macs`, `operators` and more.
    pub fn json(&self) -> Value {
        let operators = self.operators.iter().map(|op| {
            json!({
                "index": op.index,
                "op": op.op,
                "variant": op.variant,
                "macs": op.macs,
                "live_macs": op.live_macs,
                "shapes": { "inputs": op.inputs, "outputs": op.outputs },
                "in_place": op.in_place,
                "name": op.name,
            })
        });
        json!({
            "blob_bytes": self.blob_bytes,
            "constant_bytes": self.constant_bytes,
            "arena_bytes": self.arena_bytes,
            "isa": self.isa,
            "macs": self.macs,
            "live_macs": self.live_macs,
            "operators": operators.collect::<Vec<_>>(),
            "metadata": self.metadata.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        })
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>3}  {:<18} {:<6} {:>10}  {:<28} output",
            "#", "operator", "type", "MACs", "input"
        )?;
        for op in &self.operators {
            let input = op.inputs.first().map(|s| shape(s)).unwrap_or_default();
            let output = op.outputs.first().map(|s| shape(s)).unwrap_or_default();
            let mark = if op.in_place { " (in place)" } else { "" };
            let Operator { index, op, variant, live_macs: macs, .. } = op;
            writeln!(
                f,
                "{index:>3}  {op:<18} {variant:<6} {macs:>10}  {input:<28} {output}{mark}"
            )?;
        }
        writeln!(f)?;
        for (key, value) in self.metadata.iter().filter(|(key, _)| key != macs::KEY) {
            writeln!(f, "{key}: {}", value.replace('\n', ", "))?;
        }
        writeln!(f, "packed for: {}", self.isa)?;
        writeln!(f, "blob: {} bytes, {} of constants", self.blob_bytes, self.constant_bytes)?;
        writeln!(f, "arena: {} bytes", self.arena_bytes)?;
        writeln!(f, "MACs: {}", self.macs)?;
        if self.live_macs == self.macs {
            return Ok(());
        }
        writeln!(f, "MACs without removed channels: {}", self.live_macs)
    }
}

fn shape(dims: &[u32]) -> String {
    let dims: Vec<_> = dims.iter().map(u32::to_string).collect();
    format!("[{}]", dims.join(", "))
}
