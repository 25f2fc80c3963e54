//! Float operators between DEQUANTIZE and QUANTIZE become integer operators.
//!
//! ONNX exporters write a quantized network so: every operator computes floats, its operands come
//! from DEQUANTIZE, its result goes into QUANTIZE. Where operands and result are int8 (biases
//! int32), the operator can work on the integers themselves. What computes at the scale of its
//! operand, or at one that is fixed (softmax, logistic, tanh), is followed by a QUANTIZE from one
//! scale to the other if the file wants another.

use smidge_graph::{DType, Graph, Node, Op, Quantization, TensorId};

/// At which scale an operator's integers come out.
enum Scale {
    /// Any.
    Free,
    /// That of the first quantized operand.
    Kept,
    /// Always this one.
    Fixed(f32, i64),
}

fn scale_of(op: &Op) -> Option<Scale> {
    Some(match op {
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::FullyConnected(_)
        | Op::Add(_)
        | Op::Sub(_)
        | Op::Mul { .. }
        | Op::Mean { .. }
        | Op::Relu
        | Op::Relu6
        | Op::ReluN1To1
        | Op::LeakyRelu { .. }
        | Op::Prelu
        | Op::HardSwish
        | Op::Concatenation { .. } => Scale::Free,
        Op::AveragePool2d(_)
        | Op::MaxPool2d(_)
        | Op::Reshape(_)
        | Op::Squeeze { .. }
        | Op::ExpandDims
        | Op::Transpose
        | Op::Slice
        | Op::StridedSlice(_)
        | Op::Pad
        | Op::SpaceToDepth { .. }
        | Op::DepthToSpace { .. }
        | Op::ResizeNearestNeighbor(_) => Scale::Kept,
        Op::Softmax { .. } | Op::Logistic => Scale::Fixed(1.0 / 256.0, -128),
        Op::Tanh => Scale::Fixed(1.0 / 128.0, 0),
        _ => return None,
    })
}

/// Rewrites what it can. Returns how many operators work on integers now.
pub fn to_integers(graph: &mut Graph) -> usize {
    if !graph.nodes.iter().any(|node| matches!(node.op, Op::Quantize)) {
        return 0;
    }
    let (producers, readers) = (graph.producers(), graph.consumers());
    let mut gone = vec![false; graph.nodes.len()];
    let mut after: Vec<Option<Node>> = Vec::new();
    let mut count = 0;
    for at in 0..graph.nodes.len() {
        let found = Match::find(graph, at, &producers, &readers);
        after.push(found.and_then(|found| {
            gone[found.quantize] = true;
            count += 1;
            found.apply(graph, at)
        }));
    }
    let nodes = std::mem::take(&mut graph.nodes);
    for ((node, after), gone) in nodes.into_iter().zip(after).zip(gone) {
        if !gone {
            graph.nodes.push(node);
        }
        graph.nodes.extend(after);
    }
    drop_unread(graph);
    count
}

/// An operator that can work on integers.
struct Match {
    /// Its operands, quantized.
    inputs: Vec<Option<TensorId>>,
    /// The QUANTIZE that reads its result.
    quantize: usize,
    result: TensorId,
    /// The scale at which it computes, where that is not the result's.
    own: Option<Quantization>,
}

impl Match {
    fn find(
        graph: &Graph,
        at: usize,
        producers: &[Option<usize>],
        readers: &[Vec<usize>],
    ) -> Option<Self> {
        let node = &graph.nodes[at];
        let scale = scale_of(&node.op)?;
        let &[float] = node.outputs.as_slice() else { return None };
        if graph.tensor(float).dtype != DType::F32 || graph.outputs.contains(&float) {
            return None;
        }
        let &[quantize] = readers.get(float.index())?.as_slice() else { return None };
        let &[result] = graph.nodes[quantize].outputs.as_slice() else { return None };
        let quantizes = matches!(graph.nodes[quantize].op, Op::Quantize);
        let wanted = graph.tensor(result).quant.clone().filter(|quant| quant.axis.is_none())?;
        if !quantizes || graph.tensor(result).dtype != DType::I8 {
            return None;
        }
        let inputs = quantized_operands(graph, node, producers)?;
        if !bias_fits(graph, node, &inputs) {
            return None;
        }
        let own = match scale {
            Scale::Free => wanted.clone(),
            Scale::Kept => graph.tensor(inputs.first().copied().flatten()?).quant.clone()?,
            Scale::Fixed(scale, zero) => Quantization::per_tensor(scale, zero),
        };
        let own = Some(own).filter(|own| *own != wanted);
        Some(Self { inputs, quantize, result, own })
    }

    /// Rewrites node `at`; gives the node that is to follow it, if one is.
    fn apply(self, graph: &mut Graph, at: usize) -> Option<Node> {
        let Self { inputs, result, own, .. } = self;
        graph.nodes[at].inputs = inputs;
        let Some(own) = own else {
            graph.nodes[at].outputs = vec![result];
            return None;
        };
        let mut between = graph.tensor(result).clone();
        between.quant = Some(own);
        let between = graph.add_tensor(between);
        graph.nodes[at].outputs = vec![between];
        let Node { name, source_index, .. } = graph.nodes[at].clone();
        let inputs = vec![Some(between)];
        Some(Node { name, op: Op::Quantize, inputs, outputs: vec![result], source_index })
    }
}

/// What the float operands are dequantized from; operands that are no floats stay.
fn quantized_operands(
    graph: &Graph,
    node: &Node,
    producers: &[Option<usize>],
) -> Option<Vec<Option<TensorId>>> {
    let mut inputs = Vec::new();
    for (position, &operand) in node.inputs.iter().enumerate() {
        let Some(id) = operand else {
            inputs.push(None);
            continue;
        };
        if graph.tensor(id).dtype != DType::F32 {
            inputs.push(Some(id));
            continue;
        }
        let producer = &graph.nodes[(*producers.get(id.index())?)?];
        let source = producer.input(0).filter(|_| matches!(producer.op, Op::Dequantize))?;
        let tensor = graph.tensor(source);
        let bias = position == 2 && has_bias(&node.op);
        let weights = position == 1 && has_bias(&node.op);
        let quant = tensor.quant.as_ref()?;
        let fits = match tensor.dtype {
            DType::I32 => bias,
            DType::I8 => !bias && (quant.axis.is_none() || weights),
            _ => false,
        };
        let symmetric = !weights || quant.zero_point.iter().all(|&zero| zero == 0);
        if !fits || !symmetric || weights && !tensor.is_constant() {
            return None;
        }
        inputs.push(Some(source));
    }
    Some(inputs)
}

fn has_bias(op: &Op) -> bool {
    matches!(op, Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::FullyConnected(_))
}

/// Whether a bias counts in the products' scale, so that it can be added to their sum.
fn bias_fits(graph: &Graph, node: &Node, inputs: &[Option<TensorId>]) -> bool {
    let &[Some(x), Some(w), Some(bias)] = inputs else { return true };
    if !has_bias(&node.op) {
        return true;
    }
    let scales = |id: TensorId| graph.tensor(id).quant.as_ref().map(|quant| quant.scale.clone());
    let (Some(x), Some(w), Some(bias)) = (scales(x), scales(w), scales(bias)) else { return false };
    let each = |list: &[f32], index: usize| list.get(index).or(list.first()).copied();
    (0..w.len().max(bias.len())).all(|index| {
        let product = each(&x, 0).zip(each(&w, index)).map(|(x, w)| f64::from(x) * f64::from(w));
        let own = each(&bias, index).map(f64::from);
        product.zip(own).is_some_and(|(product, own)| (own / product - 1.0).abs() < 1e-4)
    })
}

/// Takes out DEQUANTIZE and QUANTIZE nodes whose results nothing reads any more.
fn drop_unread(graph: &mut Graph) {
    loop {
        let readers = graph.consumers();
        let before = graph.nodes.len();
        let outputs = graph.outputs.clone();
        graph.nodes.retain(|node| {
            let drops = matches!(node.op, Op::Dequantize | Op::Quantize);
            let read = |id: &TensorId| {
                outputs.contains(id) || readers.get(id.index()).is_some_and(|r| !r.is_empty())
            };
            !drops || node.outputs.iter().any(read)
        });
        if graph.nodes.len() == before {
            return;
        }
    }
}
