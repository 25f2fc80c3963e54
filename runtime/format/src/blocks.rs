//! Nesting of blocks: every called block stands behind the step that calls it, inside its caller.

use crate::limits::MAX_DEPTH;
use crate::tensor::NONE;
use crate::{Blob, Block, Flow, FlowAttrs, FormatError, Step};

/// The blocks that a control-flow step calls, in order.
pub(crate) fn called(blob: &Blob<'_>, step: &Step) -> [u16; 2] {
    match (step.flow, FlowAttrs::decode(blob.step_attrs(step))) {
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
        if !blob.operands_are_valid(subgraph.operands as usize, count, false) {
            return Err(bad);
        }
        let block = blob.block(subgraph.block).ok_or(bad)?;
        if block.start != next || block.end < block.start {
            return Err(FormatError::Block { index: subgraph.block });
        }
        check_nested(blob, block)?;
        next = block.end;
    }
    if next as usize != blob.step_count() || blob.subgraph_count() == 0 {
        return Err(FormatError::Subgraph { index: 0 });
    }
    Ok(())
}

/// Walks the steps of a subgraph's block, keeping the ends of the blocks that are open.
fn check_nested(blob: &Blob<'_>, program: Block) -> Result<(), FormatError> {
    let mut ends = [program.end; MAX_DEPTH + 1];
    let mut depth = 0usize;
    // A second block of an `If` starts where the first ends; it is opened when it is reached.
    let mut pending = [NONE; MAX_DEPTH + 1];
    let mut at = program.start;
    loop {
        while depth > 0 && ends.get(depth).copied() == Some(at) {
            let second =
                core::mem::replace(pending.get_mut(depth).ok_or(FormatError::Limit)?, NONE);
            depth -= 1;
            if second != NONE {
                depth = open(blob, second, at, depth, &mut ends)?;
            }
        }
        if at >= program.end {
            break;
        }
        let step = blob.step(at).ok_or(FormatError::Step { index: at })?;
        at += 1;
        let [first, second] = called(blob, &step);
        if first != NONE {
            depth = open(blob, first, at, depth, &mut ends)?;
            *pending.get_mut(depth).ok_or(FormatError::Limit)? = second;
        }
    }
    if depth == 0 && at == program.end { Ok(()) } else { Err(FormatError::Limit) }
}

fn open(
    blob: &Blob<'_>,
    index: u16,
    at: u16,
    depth: usize,
    ends: &mut [u16; MAX_DEPTH + 1],
) -> Result<usize, FormatError> {
    let bad = FormatError::Block { index };
    let block = blob.block(index).ok_or(bad)?;
    let outer = ends.get(depth).copied().ok_or(FormatError::Limit)?;
    // An empty block would end where it starts and never be closed by a step.
    if block.start != at || block.end <= at || block.end > outer {
        return Err(bad);
    }
    let end = ends.get_mut(depth + 1).ok_or(FormatError::Limit)?;
    *end = block.end;
    Ok(depth + 1)
}
