//! Functions, branches and loops: what is known at conversion is written out.

use smidge_graph::TensorId;
use smidge_onnx::GraphProto;

use super::super::node::{NodeCx, Refusal, Result};
use super::super::{MAX_DEPTH, Names};

/// Most rounds of a loop that is written out.
const MAX_ROUNDS: i64 = 1024;

/// Runs `inner` one level deeper.
fn deeper<T>(
    cx: &mut NodeCx<'_, '_>,
    inner: impl FnOnce(&mut NodeCx<'_, '_>) -> Result<T>,
) -> Result<T> {
    if cx.importer.depth >= MAX_DEPTH {
        return Err(format!("is nested more than {MAX_DEPTH} deep").into());
    }
    cx.importer.depth += 1;
    let result = inner(cx);
    cx.importer.depth -= 1;
    result
}

/// A function of the model: its nodes take the place of the call.
pub(super) fn call(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    let Some(function) = cx.importer.function(cx.node) else {
        let domain = cx.node.domain();
        return Err(format!("is of the domain {domain}, which the file does not define").into());
    };
    let names = Names::default();
    for (index, name) in function.input.iter().enumerate() {
        if let Some(id) = cx.optional(index)? {
            names.set(name, Some(id));
        }
    }
    // What the call gives, and the defaults of what it does not.
    let mut attributes = Vec::new();
    for attribute in &cx.node.attribute {
        if let Some(resolved) = cx.attribute(attribute.name()) {
            let mut own = resolved.clone();
            own.name = attribute.name.clone();
            attributes.push(own);
        }
    }
    for default in &function.attribute_proto {
        if attributes.iter().all(|given| given.name() != default.name()) {
            attributes.push(default.clone());
        }
    }
    let inner = super::super::opset(&function.opset_import, "")?;
    let outer = std::mem::replace(&mut cx.importer.opset, inner);
    let done = deeper(cx, |cx| Ok(cx.importer.nodes(&function.node, &names, &attributes)?));
    cx.importer.opset = outer;
    done?;
    function.output.iter().map(|name| names.find(name)).collect()
}

/// The results of a graph inside of this one.
fn body(
    cx: &mut NodeCx<'_, '_>,
    graph: &GraphProto,
    operands: &[TensorId],
) -> Result<Vec<TensorId>> {
    let names = Names::inside(cx.names);
    for initializer in &graph.initializer {
        let folder = cx.importer.folder;
        let constant = super::super::tensor::read(initializer, folder, &mut cx.importer.budget)?;
        let id = cx.importer.add_constant(initializer.name(), constant);
        names.set(initializer.name(), Some(id));
    }
    for (input, &id) in graph.input.iter().zip(operands) {
        names.set(input.name(), Some(id));
    }
    let caller = cx.caller;
    deeper(cx, |cx| Ok(cx.importer.nodes(&graph.node, &names, caller)?))?;
    graph.output.iter().map(|output| names.find(output.name())).collect()
}

/// `If`, whose condition is known.
pub(super) fn branch(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    let condition = cx.input(0)?;
    let data = cx.tensor(condition).data.clone();
    let Some(data) = data else {
        return Err("chooses at run time, which is not supported for ONNX".into());
    };
    let name = if data.first() == Some(&0) { "else_branch" } else { "then_branch" };
    let graph = cx.graph_attribute(name)?;
    body(cx, graph, &[])
}

/// `Loop`, whose number of rounds is known.
pub(super) fn repeat(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    let rounds = cx.optional_integers(0, "the number of rounds")?;
    let graph = cx.graph_attribute("body")?;
    let mut condition = cx.optional(1)?;
    let carried = cx.input_count().saturating_sub(2);
    let mut state = (0..carried).map(|i| cx.input(i + 2)).collect::<Result<Vec<_>>>()?;
    let limit = rounds.and_then(|r| r.first().copied()).unwrap_or(i64::MAX);
    let mut scans: Vec<Vec<TensorId>> = Vec::new();
    let mut round = 0;
    while round < limit {
        let goes_on = match condition {
            None => true,
            Some(id) => {
                let data = cx.tensor(id).data.clone();
                let data =
                    data.ok_or("decides at run time when it ends, which is not supported")?;
                data.first() != Some(&0)
            }
        };
        if !goes_on {
            break;
        }
        if round >= MAX_ROUNDS {
            return Err(format!("goes round more than {MAX_ROUNDS} times").into());
        }
        let number = super::super::Constant {
            dtype: smidge_graph::DType::I64,
            shape: vec![],
            data: round.to_le_bytes().to_vec(),
        };
        let number = cx.constant(number);
        let given = condition.unwrap_or_else(|| yes(cx));
        let operands: Vec<_> = [number, given].into_iter().chain(state.iter().copied()).collect();
        let results = body(cx, graph, &operands)?;
        let (&next, results) = results.split_first().ok_or("has a body without results")?;
        condition = Some(next);
        if results.len() < carried {
            return Err(Refusal::from("has a body with too few results"));
        }
        state = results[..carried].to_vec();
        scans.resize(results.len() - carried, Vec::new());
        scans.iter_mut().zip(&results[carried..]).for_each(|(scan, &id)| scan.push(id));
        round += 1;
    }
    for scan in scans {
        state.push(stacked(cx, &scan)?);
    }
    Ok(state)
}

fn yes(cx: &mut NodeCx<'_, '_>) -> TensorId {
    let dtype = smidge_graph::DType::Bool;
    cx.constant(super::super::Constant { dtype, shape: vec![], data: vec![1] })
}

/// Tensors of one shape along a new first axis.
pub(super) fn stacked(cx: &mut NodeCx<'_, '_>, parts: &[TensorId]) -> Result<TensorId> {
    let mut rows = Vec::new();
    for &part in parts {
        let shape = [&[1][..], &cx.shape(part)].concat();
        rows.push(cx.reshape(part, &shape)?);
    }
    cx.concat(&rows, 0)
}
