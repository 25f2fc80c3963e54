//! Which channels of a node's operands belong to which channels of its results.

use smidge_graph::{Graph, Node, Op, Tensor, TensorId};

/// An axis whose indices can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// The last axis of any tensor: its channels.
    Last = 0,
    /// The first axis of the weights of a convolution or fully connected layer: its output channels.
    Rows = 1,
}

/// An axis of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Space(pub TensorId, pub Axis);

impl Space {
    /// Channels of the axis; a tensor of one axis has no rows beside them.
    pub fn len(self, graph: &Graph) -> usize {
        let shape = &graph.tensor(self.0).shape;
        match self.1 {
            Axis::Last => shape.last().copied().unwrap_or(0),
            Axis::Rows if shape.len() > 1 => shape[0],
            Axis::Rows => 0,
        }
    }

    /// The position of the axis in the tensor's shape.
    pub fn axis(self, graph: &Graph) -> usize {
        match self.1 {
            Axis::Last => graph.tensor(self.0).shape.len().saturating_sub(1),
            Axis::Rows => 0,
        }
    }
}

/// How channel numbers of one axis follow from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Channel `c` is channel `c + n` of the other.
    Shift(usize),
    /// Channel `c` is channels `c * n .. (c + 1) * n`.
    Multiple(usize),
    /// Elements keep their order over axes of other lengths, of which `n` is the greatest common
    /// divisor: channels with the same remainder belong together.
    Modulo(usize),
}

impl Rule {
    /// Pairs of channels that together tie all that belong together.
    pub fn pairs(self, from: usize, to: usize) -> Vec<(usize, usize)> {
        match self {
            Self::Shift(_) | Self::Multiple(_) => {
                (0..to).flat_map(|c| self.sources(c, from).map(move |s| (s, c))).collect()
            }
            Self::Modulo(n) => {
                let over = (0..from).map(|c| (c, c % n));
                over.chain((0..to).map(|c| (c % n, c))).collect()
            }
        }
    }

    /// The channels, of `from` many, that channel `to` is made of.
    pub fn sources(self, to: usize, from: usize) -> impl Iterator<Item = usize> {
        let (first, step, end) = match self {
            Self::Shift(n) => (to.checked_sub(n), 1, to.saturating_sub(n) + 1),
            Self::Multiple(n) => (Some(to / n), 1, to / n + 1),
            Self::Modulo(n) => (Some(to % n), n, from),
        };
        let first = first.unwrap_or(from);
        (first..end.min(from)).step_by(step)
    }
}

/// Channels of `from` and of `to` belong together by `rule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tie {
    pub from: Space,
    pub to: Space,
    pub rule: Rule,
}

/// What a node does with channels. Operands and results without a tie need all of theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub ties: Vec<Tie>,
    /// Weights of which each column meets a channel of x and each row makes a channel of y.
    pub weights: Option<TensorId>,
}

impl Links {
    /// Axes of the node's tensors that no tie concerns.
    pub fn untied(&self, node: &Node) -> Vec<Space> {
        let spaces = node.tensors().flat_map(|id| [Space(id, Axis::Last), Space(id, Axis::Rows)]);
        let tied = |space| self.ties.iter().any(|tie| tie.from == space || tie.to == space);
        spaces.filter(|&space| !tied(space)).collect()
    }

    pub fn of(graph: &Graph, node: &Node) -> Self {
        links(graph, node).unwrap_or_default()
    }
}

/// The ties of a node; `None` for one that mixes channels, or whose operands are odd.
fn links(graph: &Graph, node: &Node) -> Option<Links> {
    let y = *node.outputs.first()?;
    let x = node.input(0)?;
    let ties = match &node.op {
        Op::Conv2d(_) | Op::FullyConnected(_) => return matrix(graph, node, x, y),
        Op::DepthwiseConv2d(_) => depthwise(graph, node, x, y)?,
        Op::Add(_) | Op::Sub(_) | Op::Mul { .. } | Op::Prelu => broadcast(graph, node, y),
        Op::Relu
        | Op::Relu6
        | Op::ReluN1To1
        | Op::LeakyRelu { .. }
        | Op::HardSwish
        | Op::Logistic
        | Op::Tanh
        | Op::Quantize
        | Op::Dequantize
        | Op::AveragePool2d(_)
        | Op::MaxPool2d(_) => vec![same(graph, x, y)?],
        Op::Pad | Op::PadV2 => {
            let paddings = graph.tensor(node.input(1)?).integers()?;
            let (_, last) = paddings.split_last_chunk::<2>()?;
            (*last == [0, 0]).then(|| same(graph, x, y))?.map(|tie| vec![tie])?
        }
        Op::Mean { .. } => {
            let rank = graph.tensor(x).shape.len() as i64;
            let axes = graph.tensor(node.input(1)?).integers()?;
            let reduced = axes.iter().any(|&axis| axis == -1 || axis == rank - 1);
            (!reduced).then(|| same(graph, x, y))?.map(|tie| vec![tie])?
        }
        Op::Transpose => {
            let order = graph.tensor(node.input(1)?).integers()?;
            let kept = order.last().copied() == Some(order.len() as i64 - 1);
            kept.then(|| same(graph, x, y))?.map(|tie| vec![tie])?
        }
        Op::Reshape(_) | Op::Squeeze { .. } | Op::ExpandDims => vec![reshaped(graph, x, y)?],
        Op::Concatenation { axis, .. } => concatenation(graph, node, *axis, y)?,
        _ => return None,
    };
    Some(Links { ties, weights: None })
}

fn last(id: TensorId) -> Space {
    Space(id, Axis::Last)
}

/// Channels of x are those of y.
fn same(graph: &Graph, x: TensorId, y: TensorId) -> Option<Tie> {
    let (from, to) = (last(x), last(y));
    let fits = from.len(graph) == to.len(graph) && from.len(graph) > 0;
    fits.then_some(Tie { from, to, rule: Rule::Shift(0) })
}

/// Elements keep their order, the last axis has another length.
fn in_order(graph: &Graph, from: Space, to: Space) -> Option<Tie> {
    let (a, b) = (from.len(graph), to.len(graph));
    let rule = Rule::Modulo(greatest_divisor(a, b));
    // A scalar has no channels.
    (a > 0 && b > 0).then_some(Tie { from, to, rule })
}

fn reshaped(graph: &Graph, x: TensorId, y: TensorId) -> Option<Tie> {
    let elements = |id| graph.tensor(id).element_count();
    if elements(x) != elements(y) {
        return None;
    }
    in_order(graph, last(x), last(y))
}

fn greatest_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

fn matrix(graph: &Graph, node: &Node, x: TensorId, y: TensorId) -> Option<Links> {
    let w = node.input(1)?;
    let (tensor, input) = (graph.tensor(w), graph.tensor(x));
    let (rows, columns) = (Space(w, Axis::Rows), last(w));
    let plain = match node.op {
        // With fewer weights than channels the convolution is grouped.
        Op::Conv2d(_) => tensor.shape.len() == 4 && input.shape.last() == tensor.shape.last(),
        _ => tensor.shape.len() == 2 && !input.shape.is_empty(),
    };
    let makes = rows.len(graph) == last(y).len(graph);
    if !plain || !makes || tensor.data.is_none() || super::weights::zero_point(tensor).is_none() {
        return None;
    }
    let mut ties = vec![
        in_order(graph, last(x), columns)?,
        Tie { from: rows, to: last(y), rule: Rule::Shift(0) },
    ];
    if let Some(bias) = node.input(2) {
        ties.push(constant_of(graph, bias, y)?);
    }
    Some(Links { ties, weights: Some(w) })
}

fn depthwise(graph: &Graph, node: &Node, x: TensorId, y: TensorId) -> Option<Vec<Tie>> {
    let (from, to) = (last(x), last(y));
    let multiplier = to.len(graph).checked_div(from.len(graph)).filter(|&m| m > 0)?;
    if multiplier * from.len(graph) != to.len(graph) {
        return None;
    }
    let mut ties = vec![
        Tie { from, to, rule: Rule::Multiple(multiplier) },
        constant_of(graph, node.input(1)?, y)?,
    ];
    if let Some(bias) = node.input(2) {
        ties.push(constant_of(graph, bias, y)?);
    }
    Some(ties)
}

/// The last axis of a constant has an entry for each channel of y.
fn constant_of(graph: &Graph, constant: TensorId, y: TensorId) -> Option<Tie> {
    graph.tensor(constant).data.as_ref()?;
    same(graph, constant, y)
}

/// Operands with an entry for each channel; others, which are stretched over them, stay untied.
fn broadcast(graph: &Graph, node: &Node, y: TensorId) -> Vec<Tie> {
    node.present_inputs().filter_map(|operand| same(graph, operand, y)).collect()
}

fn concatenation(graph: &Graph, node: &Node, axis: i32, y: TensorId) -> Option<Vec<Tie>> {
    let rank = graph.tensor(y).shape.len() as i64;
    let along_channels = axis == -1 || i64::from(axis) == rank - 1;
    if !along_channels {
        return node.present_inputs().map(|x| same(graph, x, y)).collect();
    }
    let mut start = 0;
    let tie = |x: TensorId| {
        let rule = Rule::Shift(start);
        start += last(x).len(graph);
        Tie { from: last(x), to: last(y), rule }
    };
    let ties: Vec<_> = node.present_inputs().map(tie).collect();
    (start == last(y).len(graph)).then_some(ties)
}

/// Whether a tensor is computed, not given.
pub(super) fn is_computed(tensor: &Tensor) -> bool {
    tensor.data.is_none()
}
