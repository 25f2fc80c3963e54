//! From the portable program to one for a core: weights in the order in which the core's kernels read
//! them, sums folded into the bias, the whole of an addition as one linear form where that is
//! proved to be the same. What a core has no packing for stays portable.

mod elementwise;
mod narrow;
mod panels;
mod real;
mod weights;
mod wide;

use crate::lower::{Program, Step};
use smidge::{OpCode, Variant};
use smidge_format::Isa;
use smidge_kernels::Family;
use std::fmt;

/// Bytes that a layer may take above its percentage: weights come in whole tiles.
const ROUNDING: u64 = 256;

/// What packing may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Flash for the weights of a layer, in percent of what they take as they are in the source.
    /// More lets kernels have weights that are widened or transformed before.
    pub flash_percent: u32,
    /// The same in bytes, which then counts instead.
    pub flash_bytes: Option<usize>,
    /// Scratch memory of a layer in bytes.
    pub scratch_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { flash_percent: 110, flash_bytes: None, scratch_bytes: usize::MAX }
    }
}

/// A form that a layer's kernel can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Its number in the family.
    pub form: u8,
    /// Bits of a weight in flash.
    pub bits: u8,
    /// Bytes of flash for weights, bias and requantization.
    pub flash_bytes: usize,
    /// Bytes of scratch memory.
    pub scratch_bytes: usize,
    /// Estimated instructions.
    pub cost: u64,
}

impl Limits {
    /// The cheapest alternative that the limits allow; the smallest if they allow none.
    fn choose(&self, alternatives: &[Alternative]) -> Option<Alternative> {
        // The general form, which comes first, has the weights in their own width.
        let plain = alternatives.first()?.flash_bytes as u64;
        let percent = plain * u64::from(self.flash_percent) / 100 + ROUNDING;
        let most = self.flash_bytes.map_or(percent, |bytes| bytes as u64);
        let fits = |a: &&Alternative| {
            a.flash_bytes as u64 <= most && a.scratch_bytes <= self.scratch_bytes
        };
        let cheapest = alternatives.iter().filter(fits).min_by_key(|a| a.cost);
        cheapest.or(alternatives.iter().min_by_key(|a| (a.scratch_bytes, a.cost))).copied()
    }
}

/// What was chosen for a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Number of the step.
    pub step: usize,
    /// Operator.
    pub code: OpCode,
    /// Name of the node.
    pub name: String,
    /// The form that the blob has.
    pub chosen: Alternative,
    /// All forms.
    pub alternatives: Vec<Alternative>,
}

impl fmt::Display for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} `{}`:", self.step, self.code.name(), self.name)?;
        for form in &self.alternatives {
            let Alternative { form: id, bits, flash_bytes, scratch_bytes, cost } = form;
            let mark = if *form == self.chosen { "*" } else { "" };
            let id = match (*id, *bits) {
                (narrow::PORTABLE, _) => "of the source".to_owned(),
                (id, 8) => id.to_string(),
                (id, bits) => format!("{id} of {bits} bits"),
            };
            write!(
                f,
                " form {id}{mark}: {flash_bytes} B flash, {scratch_bytes} B scratch, about {cost} \
                 instructions;"
            )?;
        }
        Ok(())
    }
}

/// Packs a program for a core. Returns what was chosen for each step with weights.
pub fn pack(program: &mut Program, isa: Isa, limits: &Limits) -> Vec<Packed> {
    let Some(family) = smidge::family(isa) else { return Vec::new() };
    let mut report = Vec::new();
    for at in 0..program.steps.len() {
        let Step { code, variant, .. } = program.steps[at];
        let packed = match (variant, code) {
            (Variant::S8, OpCode::Add) => elementwise::add(program, at, false),
            (Variant::S8, OpCode::Sub) => elementwise::add(program, at, true),
            (Variant::S8, _) => pack_layer(program, at, family, limits, Width::Byte),
            (Variant::F32 | Variant::F16, OpCode::Conv2d | OpCode::FullyConnected) => {
                real::pack_layer(program, at, family, limits)
            }
            (Variant::F16, OpCode::DepthwiseConv2d) if family.has_panels() => {
                real::widen(program, at);
                None
            }
            (Variant::S16, OpCode::Conv2d | OpCode::FullyConnected) => {
                wide::pack_layer(program, at, family, limits)
            }
            (Variant::S4, _) => narrow::four_bits(program, at, family, limits),
            _ => None,
        };
        report.extend(packed);
    }
    report
}

/// What weights take in flash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    /// A byte each.
    Byte,
    /// A byte for two, if their values allow it.
    Nibble,
}

/// Packs a layer with int8 weights.
fn pack_layer(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
    width: Width,
) -> Option<Packed> {
    match (program.steps[at].code, width) {
        (OpCode::Conv2d, _) => weights::conv_2d(program, at, family, limits, width),
        (OpCode::FullyConnected, _) => weights::fully_connected(program, at, family, limits, width),
        (OpCode::DepthwiseConv2d, Width::Byte) => {
            weights::depthwise_conv_2d(program, at, family, limits)
        }
        _ => None,
    }
}
