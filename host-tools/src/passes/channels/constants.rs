//! Channels that have one value at every position whatever the input is.
//!
//! Their values come from running the operator, not from arithmetic of this pass: each node is run
//! by itself with the values that are known, and a result counts only where it is the same at every
//! position, which padding may prevent.

use super::links::{Axis, Links, is_computed};
use super::weights::zero_channels;
use super::{Evaluate, Space};
use smidge_graph::{Graph, Node, Op, TensorId};

/// The bytes of an element.
type Element = Vec<u8>;

/// The constant channels of every tensor.
pub(super) struct Known(Vec<Option<Vec<Option<Element>>>>);

impl Known {
    /// The value of each channel of a tensor that has constant ones.
    pub fn of(&self, id: TensorId) -> Option<&[Option<Element>]> {
        self.0.get(id.index())?.as_deref()
    }
}

/// Finds the constant channels, in the order of the nodes.
pub(super) fn known(graph: &Graph, links: &[Links], evaluate: Evaluate<'_>) -> Known {
    let mut known = Known(vec![None; graph.tensors.len()]);
    for (node, links) in graph.nodes.iter().zip(links) {
        let &[y] = node.outputs.as_slice() else { continue };
        let candidates = candidates(graph, node, links, y, &known);
        if !candidates.contains(&true) {
            continue;
        }
        let Some(values) = run(graph, node, &known, evaluate) else { continue };
        known.0[y.index()] = uniform(graph, y, &candidates, &values);
    }
    known
}

/// Channels of y that depend on constant channels only.
fn candidates(graph: &Graph, node: &Node, links: &Links, y: TensorId, known: &Known) -> Vec<bool> {
    let channels = Space(y, Axis::Last).len(graph);
    if let Some(w) = links.weights {
        return zero_channels(graph.tensor(w), Axis::Rows);
    }
    let computed: Vec<_> =
        node.present_inputs().filter(|&id| is_computed(graph.tensor(id))).collect();
    let ties = |id: TensorId| {
        let space = Space(id, Axis::Last);
        links.ties.iter().filter(move |tie| tie.from == space && tie.to == Space(y, Axis::Last))
    };
    let mut constant = vec![!computed.is_empty() && !links.ties.is_empty(); channels];
    // An operand of a concatenation has nothing to do with the channels of the others.
    let apart = matches!(node.op, Op::Concatenation { .. });
    for &id in &computed {
        let values = known.of(id).unwrap_or(&[]);
        let len = Space(id, Axis::Last).len(graph);
        let is_known = |source: usize| values.get(source).is_some_and(Option::is_some);
        for (channel, constant) in constant.iter_mut().enumerate() {
            let mut sources = ties(id).flat_map(|tie| tie.rule.sources(channel, len)).peekable();
            *constant &= if sources.peek().is_none() { apart } else { sources.all(is_known) };
        }
    }
    if let (Op::DepthwiseConv2d(_), false, Some(w)) =
        (&node.op, links.ties.is_empty(), node.input(1))
    {
        let zero = zero_channels(graph.tensor(w), Axis::Last);
        constant.iter_mut().zip(zero).for_each(|(constant, zero)| *constant |= zero);
    }
    constant
}

/// Nodes with more bytes of operands and results than this are not run.
const MOST_BYTES: usize = 1 << 28;

/// Runs a node by itself with the known channels; others are 0. Bytes of its output.
fn run(graph: &Graph, node: &Node, known: &Known, evaluate: Evaluate<'_>) -> Option<Vec<u8>> {
    let bytes = node.tensors().map(|id| graph.tensor(id).byte_len().unwrap_or(usize::MAX));
    if bytes.fold(0, usize::saturating_add) > MOST_BYTES {
        return None;
    }
    let mut inputs: Vec<TensorId> = Vec::new();
    for id in node.present_inputs().filter(|&id| is_computed(graph.tensor(id))) {
        if !inputs.contains(&id) {
            inputs.push(id);
        }
    }
    let bytes: Option<Vec<_>> = inputs.iter().map(|&id| filled(graph, id, known)).collect();
    let alone = Graph {
        name: String::new(),
        tensors: graph.tensors.clone(),
        nodes: vec![node.clone()],
        inputs,
        outputs: node.outputs.clone(),
    };
    evaluate(&alone, &bytes?)?.into_iter().next()
}

/// A tensor of which every position has the known value of its channel, or 0.
fn filled(graph: &Graph, id: TensorId, known: &Known) -> Option<Vec<u8>> {
    let tensor = graph.tensor(id);
    let size = tensor.dtype.byte_len(1).filter(|_| tensor.dtype.bits() >= Some(8))?;
    let channels = Space(id, Axis::Last).len(graph).max(1);
    let values = known.of(id).unwrap_or(&[]);
    let mut bytes = vec![0; tensor.byte_len()?];
    for (at, element) in bytes.chunks_exact_mut(size).enumerate() {
        if let Some(Some(value)) = values.get(at % channels) {
            element.copy_from_slice(value);
        }
    }
    Some(bytes)
}

/// The candidates that have one value at every position.
fn uniform(
    graph: &Graph,
    y: TensorId,
    candidates: &[bool],
    bytes: &[u8],
) -> Option<Vec<Option<Element>>> {
    let size = graph.tensor(y).dtype.byte_len(1)?;
    let value = |channel: usize| {
        let mut elements = bytes.chunks_exact(size).skip(channel).step_by(candidates.len());
        let first = elements.next()?;
        elements.all(|element| element == first).then(|| first.to_vec())
    };
    let values = candidates.iter().enumerate().map(|(at, &is)| is.then(|| value(at)).flatten());
    Some(values.collect())
}
