//! Removes channels that nothing reads and folds those that are constant, without changing a bit of
//! the network's outputs.
//!
//! A channel is an index of a tensor's last axis. Operators that keep channels apart tie those of
//! their operands to those of their results ([`links`]); channels that are tied live or go together.
//! They go when every convolution and fully connected layer that reads one of them has zero weights
//! there: `(x - zero point) * 0` is 0. A channel whose value does not depend on the input
//! ([`constants`]) moves into the bias of its reader first, where it contributes the same to every
//! sum; the weights for it are zero then. Both are repeated until nothing changes.
//!
//! Inputs and outputs of the graph keep their channels, and every tensor keeps at least one. Floats
//! are left out of folding unless the constant is 0, because sums would be rounded in another order.

mod constants;
mod links;
mod slice;
mod weights;

use links::{Axis, Links, Space};
use smidge_graph::{Graph, Op, Tensor, TensorId};

/// Runs a graph of one node on these inputs; `None` when it cannot run. Bytes of each input in, bytes
/// of each output out.
pub type Evaluate<'a> = &'a dyn Fn(&Graph, &[Vec<u8>]) -> Option<Vec<Vec<u8>>>;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Output channels of convolutions and fully connected layers.
    pub channels: u64,
    /// Multiply-accumulates of one inference.
    pub macs: u64,
}

/// Graphs with more channels than this, over all tensors, are left as they are.
const MOST_CHANNELS: usize = 1 << 22;

/// Removes dead and constant channels from a legal graph and keeps it legal.
///
/// Tensors that lose channels have no counterpart in the source file any more: their
/// [`source_index`](Tensor::source_index) becomes [`Tensor::NO_SOURCE`].
pub fn remove(graph: &mut Graph, evaluate: Evaluate<'_>) -> Removed {
    let (macs, channels) = (graph.macs(), weighted_channels(graph));
    let total = graph.tensors.iter().filter_map(|tensor| tensor.shape.last());
    if total.fold(0, |sum: usize, &n| sum.saturating_add(n)) > MOST_CHANNELS {
        return Removed::default();
    }
    loop {
        let links: Vec<_> = graph.nodes.iter().map(|node| Links::of(graph, node)).collect();
        let known = constants::known(graph, &links, evaluate);
        let folded = weights::fold(graph, &links, &known);
        if !drop_dead(graph, &links) && !folded {
            break;
        }
    }
    Removed {
        channels: channels.saturating_sub(weighted_channels(graph)),
        macs: macs.saturating_sub(graph.macs()),
    }
}

/// Output channels of all layers with weights.
fn weighted_channels(graph: &Graph) -> u64 {
    let weighted =
        |op: &Op| matches!(op, Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::FullyConnected(_));
    let nodes = graph.nodes.iter().filter(|node| weighted(&node.op));
    let outputs = nodes.filter_map(|node| graph.tensor(*node.outputs.first()?).shape.last());
    outputs.map(|&channels| channels as u64).sum()
}

/// Removes the channels that are not needed. Returns whether there were any.
fn drop_dead(graph: &mut Graph, links: &[Links]) -> bool {
    let mut ties = Ties::new(graph);
    for (node, links) in graph.nodes.iter().zip(links) {
        for tie in &links.ties {
            ties.tie(tie);
        }
        for space in links.untied(node) {
            ties.need_all(space);
        }
        let Some(w) = links.weights else { continue };
        for column in weights::needed_columns(graph.tensor(w)) {
            ties.need(Space(w, Axis::Last), column);
        }
    }
    for &id in graph.inputs.iter().chain(&graph.outputs) {
        ties.need_all(Space(id, Axis::Last));
        ties.need_all(Space(id, Axis::Rows));
    }
    for (index, tensor) in graph.tensors.iter().enumerate() {
        if tensor.is_variable {
            ties.need_all(Space(TensorId(index as u32), Axis::Last));
        }
    }
    let spaces = spaces_of(graph);
    spaces.iter().for_each(|&space| ties.need_one(space));
    let mut dropped = false;
    for space in spaces {
        let keep = ties.needed(space);
        if keep.contains(&false) {
            slice::keep(graph, space, &keep);
            dropped = true;
        }
    }
    if dropped {
        restate_shapes(graph);
    }
    dropped
}

/// The axes that nodes use, each once.
fn spaces_of(graph: &Graph) -> Vec<Space> {
    let mut used = vec![false; graph.tensors.len()];
    graph.nodes.iter().flat_map(|node| node.tensors()).for_each(|id| used[id.index()] = true);
    let ids = (0..graph.tensors.len()).filter(|&index| used[index]).map(|i| TensorId(i as u32));
    ids.flat_map(|id| [Space(id, Axis::Last), Space(id, Axis::Rows)]).collect()
}

/// The shape of a reshaped tensor is stated by its attribute alone, where channels may have gone.
fn restate_shapes(graph: &mut Graph) {
    let Graph { nodes, tensors, .. } = graph;
    for node in nodes {
        let (Op::Reshape(reshape), Some(output)) = (&mut node.op, node.outputs.first()) else {
            continue;
        };
        let y: &Tensor = &tensors[output.index()];
        if y.source_index == Tensor::NO_SOURCE {
            reshape.new_shape = y.shape.iter().map(|&dim| i32::try_from(dim).ok()).collect();
            node.inputs.truncate(1);
        }
    }
}

/// Sets of channels that live or go together, with whether they are needed.
struct Ties {
    /// Where the channels of each tensor start: last axis, then rows.
    first: Vec<usize>,
    lens: Vec<[usize; 2]>,
    parent: Vec<usize>,
    need: Vec<bool>,
}

impl Ties {
    fn new(graph: &Graph) -> Self {
        let (mut first, mut lens, mut total) = (Vec::new(), Vec::new(), 0);
        for index in 0..graph.tensors.len() {
            let space = |axis| Space(TensorId(index as u32), axis).len(graph);
            let len = [space(Axis::Last), space(Axis::Rows)];
            first.push(total);
            lens.push(len);
            total += len[0] + len[1];
        }
        Self { first, lens, parent: (0..total).collect(), need: vec![false; total] }
    }

    fn len(&self, Space(id, axis): Space) -> usize {
        self.lens[id.index()][axis as usize]
    }

    /// The representative of a channel's set.
    fn find(&mut self, Space(id, axis): Space, channel: usize) -> usize {
        let [last, _] = self.lens[id.index()];
        let mut at = self.first[id.index()] + channel + if axis == Axis::Rows { last } else { 0 };
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn tie(&mut self, tie: &links::Tie) {
        for (a, b) in tie.rule.pairs(self.len(tie.from), self.len(tie.to)) {
            let (a, b) = (self.find(tie.from, a), self.find(tie.to, b));
            self.need[b] |= self.need[a];
            self.parent[a] = b;
        }
    }

    fn need(&mut self, space: Space, channel: usize) {
        let set = self.find(space, channel);
        self.need[set] = true;
    }

    fn need_all(&mut self, space: Space) {
        (0..self.len(space)).for_each(|channel| self.need(space, channel));
    }

    /// Keeps a channel of an axis that would lose all.
    fn need_one(&mut self, space: Space) {
        if self.len(space) > 0 && !self.needed(space).contains(&true) {
            self.need(space, 0);
        }
    }

    fn needed(&mut self, space: Space) -> Vec<bool> {
        let sets: Vec<_> = (0..self.len(space)).map(|channel| self.find(space, channel)).collect();
        sets.into_iter().map(|set| self.need[set]).collect()
    }
}

#[cfg(test)]
mod tests;
