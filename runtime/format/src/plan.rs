//! The arena plan, verified: whatever lives together has bytes of its own, and every tensor that is
//! read was written before it in program order. (A tensor that only an untaken branch would have
//! written holds what was there before: memory-safe, and the writer's business to avoid.) A planner
//! may be clever; this is the dull proof of its work, run by the planner, by the loader and by the
//! fuzzer.

use crate::tensor::{NONE, Storage, Tensor};
use crate::{Blob, FormatError, Step, blocks, step};

/// Verifies lives and places of all tensors.
pub(crate) fn verify(blob: &Blob<'_>) -> Result<(), FormatError> {
    check_places(blob)?;
    check_interfaces(blob)?;
    for index in 0..blob.step_count() as u16 {
        let step = blob.step(index).ok_or(FormatError::Step { index })?;
        check_uses(blob, &step, index)?;
        check_scratch(blob, &step, index)?;
        if cfg!(feature = "control-flow") {
            check_loop(blob, &step)?;
        }
    }
    check_written(blob)
}

/// Tensors in the arena that live together share no byte, but for an output that takes the place
/// of an input which ends at that step.
fn check_places(blob: &Blob<'_>) -> Result<(), FormatError> {
    let count = blob.tensor_count() as u16;
    for a in 0..count {
        let Some(first) = blob.tensor(a).filter(|t| t.storage != Storage::Constant) else {
            continue;
        };
        for b in a + 1..count {
            let Some(second) = blob.tensor(b) else { continue };
            if second.storage != first.storage
                || !first.overlaps(second.offset as usize, second.end())
            {
                continue;
            }
            let together = first.storage == Storage::State || first.lives_with(&second);
            if together && !is_in_place(blob, (a, &first), (b, &second)) {
                return Err(FormatError::Overlap { a, b });
            }
        }
    }
    Ok(())
}

/// Whether one tensor is the first output of the step at which the other ends as an input, at the
/// same place, and the step allows that.
fn is_in_place(blob: &Blob<'_>, a: (u16, &Tensor), b: (u16, &Tensor)) -> bool {
    takes_place(blob, a, b) || takes_place(blob, b, a)
}

fn takes_place(
    blob: &Blob<'_>,
    (from, ended): (u16, &Tensor),
    (to, began): (u16, &Tensor),
) -> bool {
    if ended.storage != Storage::Arena || ended.last != began.first || ended.offset != began.offset
    {
        return false;
    }
    blob.step(began.first).is_some_and(|step| {
        step.flags & step::FLAG_IN_PLACE != 0
            && blob.step_outputs(&step).next() == Some(to)
            && blob.step_inputs(&step).any(|input| input == from)
    })
}

/// Inputs have their value before the first step, outputs keep it behind the last.
fn check_interfaces(blob: &Blob<'_>) -> Result<(), FormatError> {
    for index in 0..blob.subgraph_count() as u16 {
        let bad = FormatError::Subgraph { index };
        let subgraph = blob.subgraph(index).ok_or(bad)?;
        let block = blob.block(subgraph.block).ok_or(bad)?;
        for id in blob.inputs(&subgraph) {
            let tensor = blob.tensor(id).ok_or(bad)?;
            if tensor.storage == Storage::Constant
                || (tensor.storage == Storage::Arena && tensor.first != block.start)
            {
                return Err(FormatError::Lifetime { tensor: id, step: block.start });
            }
        }
        for id in blob.outputs(&subgraph) {
            let tensor = blob.tensor(id).ok_or(bad)?;
            if tensor.storage == Storage::Arena && tensor.last < block.end {
                return Err(FormatError::Lifetime { tensor: id, step: block.end });
            }
        }
    }
    Ok(())
}

/// A step reads and writes tensors only during their lives. Its outputs are different tensors, and
/// none is an input, but for the first one of a step that works in place.
fn check_uses(blob: &Blob<'_>, step: &Step, at: u16) -> Result<(), FormatError> {
    for id in blob.step_inputs(step).chain(blob.step_outputs(step)).filter(|&id| id != NONE) {
        let tensor = blob.tensor(id).ok_or(FormatError::Step { index: at })?;
        if tensor.storage == Storage::Arena && !(tensor.first..=tensor.last).contains(&at) {
            return Err(FormatError::Lifetime { tensor: id, step: at });
        }
    }
    let in_place = step.flags & step::FLAG_IN_PLACE != 0;
    for (i, id) in blob.step_outputs(step).enumerate() {
        let is_input = blob.step_inputs(step).any(|input| input == id);
        let again = blob.step_outputs(step).skip(i + 1).any(|output| output == id);
        if again || (is_input && !(in_place && i == 0)) {
            return Err(FormatError::Overlap { a: id, b: at });
        }
    }
    Ok(())
}

/// Scratch memory is in the arena and free while the step runs.
fn check_scratch(blob: &Blob<'_>, step: &Step, at: u16) -> Result<(), FormatError> {
    if step.scratch_len == 0 {
        return Ok(());
    }
    let header = blob.header();
    let start = step.scratch as usize;
    let end =
        start.checked_add(step.scratch_len as usize).ok_or(FormatError::Step { index: at })?;
    let aligned = start.is_multiple_of(crate::limits::ALIGN);
    if start < header.state_len as usize || end > header.arena_len as usize || !aligned {
        return Err(FormatError::Step { index: at });
    }
    for id in 0..blob.tensor_count() as u16 {
        let Some(tensor) = blob.tensor(id).filter(|t| t.storage == Storage::Arena) else {
            continue;
        };
        if (tensor.first..=tensor.last).contains(&at) && tensor.overlaps(start, end) {
            return Err(FormatError::Overlap { a: id, b: at });
        }
    }
    Ok(())
}

/// What a repeated block reads from outside must survive all repetitions.
fn check_loop(blob: &Blob<'_>, step: &Step) -> Result<(), FormatError> {
    if step.flow != crate::Flow::Loop {
        return Ok(());
    }
    let [body, _] = blocks::called(blob, step);
    let block = blob.block(body).ok_or(FormatError::Block { index: body })?;
    for id in 0..blob.tensor_count() as u16 {
        let Some(tensor) = blob.tensor(id).filter(|t| t.storage == Storage::Arena) else {
            continue;
        };
        let crosses = tensor.first < block.start && tensor.last >= block.start;
        if crosses && tensor.last < block.end - 1 {
            return Err(FormatError::Lifetime { tensor: id, step: block.end - 1 });
        }
    }
    // The condition is read again after each repetition.
    let condition = blob.step_inputs(step).next().unwrap_or(NONE);
    match blob.tensor(condition) {
        Some(t) if t.storage == Storage::Arena && t.last < block.end - 1 => {
            Err(FormatError::Lifetime { tensor: condition, step: block.end - 1 })
        }
        _ => Ok(()),
    }
}

/// Every arena tensor that a step reads is an input of a subgraph or written where its life
/// begins.
fn check_written(blob: &Blob<'_>) -> Result<(), FormatError> {
    for id in 0..blob.tensor_count() as u16 {
        let Some(tensor) = blob.tensor(id).filter(|t| t.storage == Storage::Arena) else {
            continue;
        };
        let written = blob
            .step(tensor.first)
            .is_some_and(|step| blob.step_outputs(&step).any(|output| output == id));
        let is_input = (0..blob.subgraph_count() as u16)
            .filter_map(|index| blob.subgraph(index))
            .any(|subgraph| blob.inputs(&subgraph).any(|input| input == id));
        if !written && !is_input {
            return Err(FormatError::Lifetime { tensor: id, step: tensor.first });
        }
    }
    Ok(())
}
