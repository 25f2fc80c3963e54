//! Variables, and subgraphs that are called or repeated.

use super::node::{NodeCx, value_of};
use super::program::{Flow, Program, State, Step, Value, ValueId};
use super::refusal::Refusal;
use super::{lower_node, problem};
use smidge::{OpCode, Variant};
use smidge_format::limits::{MAX_DEPTH, MAX_TRIPS};
use smidge_graph::{DType, Graph, Node, Op, TensorId};

/// READ_VARIABLE: the variable itself where nothing is assigned to it before the last use, else a copy.
pub(super) fn read(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let state = variable(cx)?;
    let initial = cx.operand(1)?;
    if let Some(initial) = initial {
        cx.program.values[state].state = Some(State { initial: Some(initial) });
    }
    let output = cx.node.outputs[0];
    if is_read_first(cx.graph, cx.node, output) && cx.values[output.index()].is_none() {
        cx.values[output.index()] = Some(state);
        return Ok(());
    }
    cx.emit(OpCode::Reshape, Variant::Any, vec![Some(state)], &[])
}

/// Whether every node that reads `output` stands before the next assignment to the variable.
fn is_read_first(graph: &Graph, read: &Node, output: TensorId) -> bool {
    let same = |node: &Node| node.source_index == read.source_index && node.outputs == read.outputs;
    let behind = graph.nodes.iter().skip_while(|node| !same(node)).skip(1);
    let assigns = |node: &&Node| node.op == Op::AssignVariable && node.input(0) == read.input(0);
    let mut later = behind.skip_while(|node| !assigns(node));
    !graph.outputs.contains(&output)
        && !later.any(|node| node.present_inputs().any(|id| id == output))
}

pub(super) fn assign(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let state = variable(cx)?;
    let missing = || Refusal::shape("the value is missing");
    let value = cx.operand(1)?.ok_or_else(missing)?;
    let (to, from) = (&cx.program.values[state], &cx.program.values[value]);
    if to.dtype != from.dtype || to.shape.elements() != from.shape.elements() {
        return Err(Refusal::shape("the value is not like the variable"));
    }
    copy(cx, value, state);
    Ok(())
}

fn variable(cx: &mut NodeCx<'_>) -> Result<ValueId, Refusal> {
    let tensor = cx.input(0)?;
    if tensor.dtype == DType::Resource {
        return Err(Refusal::graph(
            format!(
                "variable `{}` starts with what is computed, or is used in a subgraph",
                tensor.name
            ),
            "assign constants when the model starts, and use variables in the main graph",
        ));
    }
    let missing = || Refusal::shape("the variable is missing");
    cx.operand(0)?.ok_or_else(missing)
}

fn copy(cx: &mut NodeCx<'_>, from: ValueId, to: ValueId) {
    cx.emit_to(OpCode::Reshape, Variant::Any, vec![Some(from)], vec![to], &[], 0);
}

/// A new value like another.
fn like(cx: &mut NodeCx<'_>, value: ValueId) -> ValueId {
    let name = format!("{}/carried", cx.node.name);
    let old = cx.program.values[value].clone();
    cx.program.add(Value { name, data: None, source: None, state: None, ..old })
}

/// Adds a control-flow step whose blocks are not known yet.
fn flow(cx: &mut NodeCx<'_>, condition: ValueId) -> usize {
    cx.emit_to(OpCode::Reshape, Variant::Any, vec![Some(condition)], vec![], &[], 0);
    let at = cx.program.steps.len() - 1;
    cx.program.steps[at].flow = Some(Flow::If { then: 0, otherwise: 0 });
    at
}

/// Adds the steps of a subgraph in place of a call; the values of its outputs.
fn inline(cx: &mut NodeCx<'_>, index: usize, inputs: &[ValueId]) -> Result<Vec<ValueId>, Refusal> {
    let deep = || Refusal::graph("is called too deep", "call at most four levels of subgraphs");
    if cx.depth >= MAX_DEPTH {
        return Err(deep());
    }
    let graph = cx.model.subgraphs.get(index).filter(|graph| graph.inputs.len() == inputs.len());
    let graph =
        graph.ok_or_else(|| Refusal::shape(format!("subgraph {index} has other inputs")))?;
    let mut values = vec![None; graph.tensors.len()];
    for (id, &value) in graph.inputs.iter().zip(inputs) {
        values[id.index()] = Some(value);
    }
    for node in &graph.nodes {
        let (model, options, depth) = (cx.model, cx.options, cx.depth + 1);
        let (program, values) = (&mut *cx.program, &mut values[..]);
        let mut inner = NodeCx { model, graph, node, options, program, values, depth };
        lower_node(&mut inner).map_err(|refusal| {
            let problem = problem(refusal, node.label(), node.op.name());
            Refusal::inside(&problem)
        })?;
    }
    let outputs = graph.outputs.iter();
    outputs.map(|&id| value_of(graph, id, cx.program, &mut values)).collect()
}

fn operands(cx: &mut NodeCx<'_>, from: usize) -> Result<Vec<ValueId>, Refusal> {
    (from..cx.node.inputs.len())
        .map(|index| cx.operand(index)?.ok_or_else(|| Refusal::shape("an operand is missing")))
        .collect()
}

/// The byte that a control-flow step reads.
fn condition(cx: &NodeCx<'_>, value: ValueId) -> Result<(), Refusal> {
    let condition = &cx.program.values[value];
    let is_flag = condition.dtype == smidge_format::DType::Bool && condition.shape.elements() == 1;
    if is_flag { Ok(()) } else { Err(Refusal::shape("the condition is not one Bool")) }
}

/// IF: both subgraphs write the same values.
pub(super) fn branch(cx: &mut NodeCx<'_>, then: usize, otherwise: usize) -> Result<(), Refusal> {
    let inputs = operands(cx, 0)?;
    let (flag, inputs) = inputs.split_first().ok_or_else(|| Refusal::shape("no condition"))?;
    condition(cx, *flag)?;
    let results = results(cx)?;
    let at = flow(cx, *flag);
    let mut counts = [0; 2];
    for (count, subgraph) in counts.iter_mut().zip([then, otherwise]) {
        let start = cx.program.steps.len();
        let outputs = inline(cx, subgraph, inputs)?;
        write_all(cx, &outputs, &results)?;
        *count = cx.program.steps.len() - start;
    }
    let [then, otherwise] = counts;
    cx.program.steps[at].flow = Some(Flow::If { then, otherwise });
    Ok(())
}

fn results(cx: &mut NodeCx<'_>) -> Result<Vec<ValueId>, Refusal> {
    let ids = cx.node.outputs.clone();
    ids.into_iter().map(|id| cx.value(id)).collect()
}

/// Copies values to where they are expected; all are read before any that is among the targets is
/// written.
fn write_all(cx: &mut NodeCx<'_>, from: &[ValueId], to: &[ValueId]) -> Result<(), Refusal> {
    if from.len() != to.len() {
        return Err(Refusal::shape("a subgraph has another number of outputs"));
    }
    let mut sources = from.to_vec();
    for (source, target) in sources.iter_mut().zip(to) {
        let (given, wanted) = (&cx.program.values[*source], &cx.program.values[*target]);
        if given.dtype != wanted.dtype || given.shape.elements() != wanted.shape.elements() {
            return Err(Refusal::shape("a subgraph's output changes its type or shape"));
        }
        if source != target && to.contains(source) {
            let aside = like(cx, *source);
            copy(cx, *source, aside);
            *source = aside;
        }
    }
    for (&source, &target) in sources.iter().zip(to) {
        if source != target {
            copy(cx, source, target);
        }
    }
    Ok(())
}

/// WHILE: what goes round is in values of its own; the condition is computed before the first round
/// and behind each.
pub(super) fn repeat(cx: &mut NodeCx<'_>, test: usize, body: usize) -> Result<(), Refusal> {
    let inputs = operands(cx, 0)?;
    let carried = results(cx)?;
    write_all(cx, &inputs, &carried)?;
    let one = |outputs: Vec<ValueId>| match outputs.as_slice() {
        &[flag] => Ok(flag),
        _ => Err(Refusal::shape("the condition's subgraph has not one output")),
    };
    let first = one(inline(cx, test, &carried)?)?;
    condition(cx, first)?;
    let flag = like(cx, first);
    copy(cx, first, flag);
    let at = flow(cx, flag);
    let start = cx.program.steps.len();
    let outputs = inline(cx, body, &carried)?;
    write_all(cx, &outputs, &carried)?;
    let next = one(inline(cx, test, &carried)?)?;
    copy(cx, next, flag);
    let steps = cx.program.steps.len() - start;
    let inner = cx.program.steps[start..].iter().filter_map(trips).max().unwrap_or(1);
    // Rounds are shared between a loop and those in it.
    let max_trips = if inner > 1 { MAX_TRIPS / inner } else { MAX_TRIPS >> (10 * cx.depth.min(1)) };
    cx.program.steps[at].flow = Some(Flow::Loop { steps, max_trips: max_trips.max(1) });
    Ok(())
}

fn trips(step: &Step) -> Option<u32> {
    match step.flow {
        Some(Flow::Loop { max_trips, .. }) => Some(max_trips),
        _ => None,
    }
}

/// Lets a step that makes the next value of a variable write it there, where nothing else needs the old
/// one in between: a copy less.
pub(super) fn write_in_place(program: &mut Program) {
    if program.steps.iter().any(|step| step.flow.is_some()) {
        return;
    }
    let mut at = 0;
    while at < program.steps.len() {
        match producer(program, at) {
            Some((from, output)) => {
                program.steps[from].outputs[output] = program.steps[at].outputs[0];
                program.steps.remove(at);
            }
            None => at += 1,
        }
    }
}

/// The step and output that a copy to a variable can be spared for.
fn producer(program: &Program, at: usize) -> Option<(usize, usize)> {
    let copy = &program.steps[at];
    let (&[Some(value)], &[state]) = (copy.inputs.as_slice(), copy.outputs.as_slice()) else {
        return None;
    };
    let is_copy = copy.code == OpCode::Reshape && program.values[state].state.is_some();
    let plain = |value: ValueId| {
        program.values[value].data.is_none()
            && program.values[value].state.is_none()
            && !program.outputs.contains(&value)
            && !program.inputs.contains(&value)
    };
    if !is_copy || !plain(value) {
        return None;
    }
    let reads = |step: &Step, value| step.inputs.contains(&Some(value));
    let is_read_once = program.steps.iter().filter(|step| reads(step, value)).count() == 1;
    let from = program.steps.iter().position(|step| step.outputs.contains(&value))?;
    let touches = |step: &Step| reads(step, state) || step.outputs.contains(&state);
    let is_free = from < at && !program.steps[from..at].iter().any(touches);
    let output = program.steps[from].outputs.iter().position(|&output| output == value)?;
    (is_read_once && is_free).then_some((from, output))
}
