//! Nesting of blocks: every called block stands behind the step that calls it, inside its caller.

use crate::limits::{MAX_DEPTH, MAX_OPERANDS, MAX_TRIPS};
use crate::tensor::NONE;
use crate::{Blob, Block, Flow, FlowAttrs, FormatError, Step};

/// The blocks that a control-flow step calls, in order; an `If` may leave out either of its two.
pub(crate) fn called(blob: &Blob<'_>, step: &Step) -> [u16; 2] {
    match (step.flow, FlowAttrs::decode(blob.step_attrs(step))) {
        (Flow::If, Some(attrs)) if attrs.block == NONE => [attrs.otherwise, NONE],
        (Flow::If, Some(attrs)) => [attrs.block, attrs.otherwise],
        (Flow::Loop, Some(attrs)) => [attrs.block, NONE],
        (Flow::Operator, _) | (_, None) => [NONE, NONE],
    }
}

/// Checks that blocks nest, that each block is called from one place or is a subgraph's program,
/// and that subgraphs stand one after another and cover every step.
pub(crate) fn check(blob: &Blob<'_>) -> Result<(), FormatError> {
    let mut next = 0u16;
    for index in 0..blob.subgraph_count() as u16 {
        let bad = FormatError::Subgraph { index };
        let subgraph = blob.subgraph(index).ok_or(bad)?;
        let count = subgraph.inputs as usize + subgraph.outputs as usize;
        let start = subgraph.operands as usize;
        if count > MAX_OPERANDS || !blob.operands_are_valid(start, count, false) {
            return Err(bad);
        }
        let block = blob.block(subgraph.block).ok_or(bad)?;
        if block.start != next || block.end < block.start {
            return Err(FormatError::Block { index: subgraph.block });
        }
        // Without control flow no block has others in it.
        if cfg!(feature = "control-flow") {
            check_nested(blob, block)?;
        }
        next = block.end;
    }
    if next as usize != blob.step_count() || blob.subgraph_count() == 0 {
        return Err(FormatError::Subgraph { index: 0 });
    }
    Ok(())
}

/// A block that the walk is in.
#[derive(Clone, Copy)]
struct Open {
    /// One past its last step.
    end: u16,
    /// The second block of an `If`: it starts where the first ends and is opened there.
    otherwise: u16,
    /// How often it may run in one call: the product of the loops around it.
    runs: u32,
}

/// Walks the steps of a subgraph's block with the blocks that are open, outermost first.
fn check_nested(blob: &Blob<'_>, program: Block) -> Result<(), FormatError> {
    let outermost = Open { end: program.end, otherwise: NONE, runs: 1 };
    let mut open = [outermost; MAX_DEPTH + 1];
    let mut depth = 0usize;
    let mut at = program.start;
    loop {
        while let Some(top) = open.get(depth).filter(|top| depth > 0 && top.end == at).copied() {
            depth -= 1;
            if top.otherwise != NONE {
                let second = Open { otherwise: NONE, ..top };
                depth = enter(blob, &mut open, depth, (at, top.otherwise), second)?;
            }
        }
        if at >= program.end {
            return Ok(());
        }
        let step = blob.step(at).ok_or(FormatError::Step { index: at })?;
        at += 1;
        let [first, otherwise] = called(blob, &step);
        if first != NONE {
            let outer = open.get(depth).ok_or(FormatError::Limit)?;
            let runs = outer.runs.checked_mul(trips(blob, &step)).filter(|&n| n <= MAX_TRIPS);
            let inner = Open { end: 0, otherwise, runs: runs.ok_or(FormatError::Limit)? };
            depth = enter(blob, &mut open, depth, (at, first), inner)?;
        }
    }
}

/// How often a control-flow step may run its block.
fn trips(blob: &Blob<'_>, step: &Step) -> u32 {
    let attrs = FlowAttrs::decode(blob.step_attrs(step)).filter(|_| step.flow == Flow::Loop);
    attrs.map_or(1, |attrs| attrs.max_trips)
}

/// Opens block `index`, which starts at `at` and ends inside the block around it; returns the new
/// depth.
fn enter(
    blob: &Blob<'_>,
    open: &mut [Open; MAX_DEPTH + 1],
    depth: usize,
    (at, index): (u16, u16),
    inner: Open,
) -> Result<usize, FormatError> {
    let bad = FormatError::Block { index };
    let block = blob.block(index).ok_or(bad)?;
    let outer = open.get(depth).ok_or(FormatError::Limit)?;
    // An empty block would end where it starts and never be closed by a step.
    if block.start != at || block.end <= at || block.end > outer.end {
        return Err(bad);
    }
    *open.get_mut(depth + 1).ok_or(FormatError::Limit)? = Open { end: block.end, ..inner };
    Ok(depth + 1)
}
