//! Multiply-accumulates of a blob's steps, as the source model needs them.
//!
//! The converter writes them to the metadata: a number for each step, separated by commas. What it
//! leaves out because nothing reads it still counts, so that times per multiply-accumulate can be
//! compared. For a blob without that entry they are computed of the shapes.

use smidge::ops::{packed, panels};
use smidge::{OpCode, Variant};
use smidge_format::attrs::Reader;
use smidge_format::{Blob, NONE, Step};

/// The metadata key.
pub const KEY: &str = "macs";

/// The metadata value for these numbers.
pub fn value(macs: impl IntoIterator<Item = u64>) -> String {
    let texts: Vec<_> = macs.into_iter().map(|count| count.to_string()).collect();
    texts.join(",")
}

/// The multiply-accumulates of each step.
pub fn of_steps(blob: &Blob<'_>) -> Vec<u64> {
    let count = blob.step_count();
    let parse = |text: &str| text.split(',').map(|n| n.parse().ok()).collect::<Option<Vec<_>>>();
    let stored = blob.metadata_value(KEY).and_then(parse);
    stored.filter(|stored| stored.len() == count).unwrap_or_else(|| {
        let steps = (0..count as u16).map(|index| blob.step(index));
        steps.map(|step| step.map_or(0, |step| computed(blob, &step))).collect()
    })
}

/// Those that a step computes: output elements times what each is the sum of.
pub fn computed(blob: &Blob<'_>, step: &Step) -> u64 {
    let product = |dims: &[u32]| dims.iter().map(|&d| u64::from(d)).product::<u64>();
    let tensor = |id: Option<u16>| id.filter(|&id| id != NONE).and_then(|id| blob.tensor(id));
    let weights = tensor(blob.step_inputs(step).nth(1));
    let output = tensor(blob.step_outputs(step).next());
    let (Some(weights), Some(output)) = (weights, output) else { return 0 };
    let outputs = product(output.shape.dims());
    let code = OpCode::from_u16(step.code);
    let variant = Variant::from_u16(step.variant);
    let in_panels = matches!(variant, Some(Variant::F32Packed | Variant::S16Packed));
    let in_bytes =
        matches!(variant, Some(Variant::S8Packed | Variant::S4Packed | Variant::S8Winograd));
    if in_panels || in_bytes {
        let input = tensor(blob.step_inputs(step).next());
        let (Some(input), attrs) = (input, Reader::new(blob.step_attrs(step))) else { return 0 };
        let kernel = if in_panels {
            panels::Attrs::<i32>::decode(attrs).map(|attrs| attrs.kernel.map(usize::from))
        } else {
            packed::Attrs::decode(attrs).map(|attrs| attrs.window.kernel)
        };
        let taps = kernel.map_or(1, |[y, x]| y as u64 * x as u64);
        let channels = input.shape.last() as u64;
        return match code {
            Some(OpCode::Conv2d) => outputs * taps * channels,
            Some(OpCode::DepthwiseConv2d) => outputs * taps,
            // Every value of the input meets every output of its row.
            _ => product(input.shape.dims()) * output.shape.last() as u64,
        };
    }
    match (code, weights.shape.dims()) {
        (Some(OpCode::Conv2d), [_, filter @ ..]) => outputs * product(filter),
        (Some(OpCode::DepthwiseConv2d), [_, y, x, _]) => outputs * product(&[*y, *x]),
        (Some(OpCode::FullyConnected), [_, depth]) => outputs * u64::from(*depth),
        _ => 0,
    }
}
