//! Computes what depends on no input: shapes, ranges, and whatever is made of constants alone.
//! Exporters spread the arithmetic of shapes over many nodes; none of it is left for the device.

use crate::convert::run_graph;
use crate::lower::Options;
use smidge_graph::{DType, Graph, Node, Op, Tensor, TensorId};
use std::sync::Arc;

/// A result may have so many times the bytes of its operands, and this many more: else it is left to
/// the device, so that a small file does not become a large blob.
const GROWTH: usize = 4;
const SMALL: usize = 1 << 16;

/// Replaces results that are known by constants, and removes their nodes. Returns how many were.
pub fn evaluate_constants(graph: &mut Graph) -> usize {
    let before = graph.nodes.len();
    for node in std::mem::take(&mut graph.nodes) {
        match results(graph, &node) {
            Some(results) => {
                for (&id, data) in node.outputs.iter().zip(results) {
                    graph.tensor_mut(id).data = Some(data);
                }
            }
            None => graph.nodes.push(node),
        }
    }
    before - graph.nodes.len()
}

/// The bytes of each result, if they are known.
fn results(graph: &Graph, node: &Node) -> Option<Vec<Arc<[u8]>>> {
    let fits = |id: &TensorId| {
        let tensor = graph.tensor(*id);
        tensor.data.is_none() && tensor.byte_len().is_some_and(|len| len <= limit(graph, node))
    };
    if node.outputs.is_empty() || !node.outputs.iter().all(fits) {
        return None;
    }
    let y = graph.tensor(node.outputs[0]);
    let one = |numbers: Vec<i64>| Some(vec![integers(&numbers, y)?]);
    let x = node.input(0).map(|id| graph.tensor(id));
    match &node.op {
        Op::Shape => one(x?.shape.iter().map(|&dim| dim as i64).collect()),
        Op::Rank => one(vec![x?.shape.len() as i64]),
        Op::ZerosLike => Some(vec![vec![0; y.byte_len()?].into()]),
        Op::BroadcastArgs => one(broadcast(&x?.integers()?, &second(graph, node)?.integers()?)?),
        Op::Range => range(graph, node, y).map(|data| vec![data]),
        op if is_pure(op, y) => evaluate(graph, node),
        _ => None,
    }
}

fn limit(graph: &Graph, node: &Node) -> usize {
    let bytes = node.present_inputs().filter_map(|id| graph.tensor(id).byte_len());
    bytes.fold(0, usize::saturating_add).saturating_mul(GROWTH).saturating_add(SMALL)
}

fn second<'a>(graph: &'a Graph, node: &Node) -> Option<&'a Tensor> {
    node.input(1).map(|id| graph.tensor(id))
}

/// Whether the operator gives the same on every machine and in every rounding.
fn is_pure(op: &Op, y: &Tensor) -> bool {
    let moves = matches!(
        op,
        Op::Reshape(_)
            | Op::Squeeze { .. }
            | Op::ExpandDims
            | Op::Transpose
            | Op::Slice
            | Op::StridedSlice(_)
            | Op::Split { .. }
            | Op::SplitV { .. }
            | Op::Pack { .. }
            | Op::Unpack { .. }
            | Op::Gather { .. }
            | Op::Tile
            | Op::BroadcastTo
            | Op::ReverseV2
    );
    let keeps_state = matches!(
        op,
        Op::VarHandle { .. }
            | Op::ReadVariable
            | Op::AssignVariable
            | Op::CallOnce { .. }
            | Op::If { .. }
            | Op::While { .. }
    );
    let plain = matches!(y.dtype, DType::F32 | DType::I32 | DType::I64 | DType::Bool);
    !op.is_unsupported() && !keeps_state && (moves || plain)
}

/// Runs a node whose operands are all constant.
fn evaluate(graph: &Graph, node: &Node) -> Option<Vec<Arc<[u8]>>> {
    if node.inputs.is_empty() || !node.present_inputs().all(|id| graph.tensor(id).is_constant()) {
        return None;
    }
    let mut alone = Graph::default();
    let mut copy = |id: TensorId| alone.add_tensor(graph.tensor(id).clone());
    let inputs = node.inputs.iter().map(|id| id.map(&mut copy)).collect();
    let outputs: Vec<_> = node.outputs.iter().map(|&id| copy(id)).collect();
    alone.outputs.clone_from(&outputs);
    alone.nodes.push(Node { inputs, outputs, ..node.clone() });
    let results = run_graph(&alone, &[], &Options::default())?;
    Some(results.into_iter().map(Arc::from).collect())
}

/// Numbers as the data of an integer tensor.
fn integers(numbers: &[i64], y: &Tensor) -> Option<Arc<[u8]>> {
    if numbers.len() != y.element_count() {
        return None;
    }
    match y.dtype {
        DType::I32 => {
            let narrow = numbers.iter().map(|&n| i32::try_from(n).ok());
            let narrow: Vec<i32> = narrow.collect::<Option<_>>()?;
            Some(narrow.iter().flat_map(|n| n.to_le_bytes()).collect())
        }
        DType::I64 => Some(numbers.iter().flat_map(|n| n.to_le_bytes()).collect()),
        _ => None,
    }
}

/// The shape that two shapes broadcast to.
fn broadcast(a: &[i64], b: &[i64]) -> Option<Vec<i64>> {
    let rank = a.len().max(b.len());
    let at = |dims: &[i64], i: usize| {
        (i + dims.len()).checked_sub(rank).and_then(|i| dims.get(i).copied()).unwrap_or(1)
    };
    (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        })
        .collect()
}

fn range(graph: &Graph, node: &Node, y: &Tensor) -> Option<Arc<[u8]>> {
    let operand = |index: usize| node.input(index).map(|id| graph.tensor(id));
    let count = y.element_count();
    if y.dtype == DType::F32 {
        let scalar = |index| operand(index)?.floats()?.first().copied();
        let (start, delta) = (scalar(0)?, scalar(2)?);
        return Some((0..count).flat_map(|i| (start + i as f32 * delta).to_le_bytes()).collect());
    }
    let scalar = |index| operand(index)?.integers()?.first().copied();
    let (start, delta) = (scalar(0)?, scalar(2)?);
    let numbers = (0..count as i64).map(|i| start.checked_add(delta.checked_mul(i)?));
    integers(&numbers.collect::<Option<Vec<_>>>()?, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_graph::op::Binary;

    fn tensor(dtype: DType, shape: &[usize], data: Option<Vec<u8>>) -> Tensor {
        Tensor {
            name: "t".into(),
            dtype,
            shape: shape.to_vec(),
            quant: None,
            data: data.map(Arc::from),
            is_variable: false,
            source_index: 0,
            source_dtype: dtype,
        }
    }

    fn ints(values: &[i32]) -> Tensor {
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        tensor(DType::I32, &[values.len()], Some(data))
    }

    /// Applies operators one after the other, each to the first tensor or the last result and the
    /// constants beside it.
    fn known(x: Tensor, steps: Vec<(Op, Vec<Tensor>, Vec<usize>)>) -> (usize, Option<Vec<i64>>) {
        let mut graph = Graph::default();
        let mut last = graph.add_tensor(x);
        for (op, constants, shape) in steps {
            let more = constants.into_iter().map(|constant| Some(graph.add_tensor(constant)));
            let inputs: Vec<_> = [Some(last)].into_iter().chain(more).collect();
            last = graph.add_tensor(tensor(DType::I32, &shape, None));
            let (name, outputs) = (String::new(), vec![last]);
            graph.nodes.push(Node { name, op, inputs, outputs, source_index: 0 });
        }
        (evaluate_constants(&mut graph), graph.tensor(last).integers())
    }

    #[test]
    fn shapes_are_known_and_what_is_made_of_them() {
        let square = Op::Binary(Binary::Maximum);
        let steps = vec![
            (Op::Shape, vec![], vec![3]),
            (square, vec![ints(&[4, 4, 4])], vec![3]),
            (Op::ReverseV2, vec![ints(&[0])], vec![3]),
        ];
        let x = tensor(DType::F32, &[2, 3, 5], None);
        assert_eq!(known(x, steps), (3, Some(vec![5, 4, 4])));
    }

    #[test]
    fn ranges_count() {
        let scalar = |value: i32| Tensor { shape: vec![], ..ints(&[value]) };
        let steps = vec![(Op::Range, vec![scalar(10), scalar(3)], vec![3])];
        assert_eq!(known(scalar(2), steps), (1, Some(vec![2, 5, 8])));
        assert_eq!(broadcast(&[2, 1], &[3, 1, 4]), Some(vec![3, 2, 4]));
        assert_eq!(broadcast(&[2], &[3]), None);
    }

    #[test]
    fn what_is_computed_or_too_large_stays() {
        let x = tensor(DType::I32, &[2], None);
        let steps = vec![(Op::ReverseV2, vec![ints(&[0])], vec![2])];
        assert_eq!(known(x, steps), (0, None));
        let steps = vec![(Op::BroadcastTo, vec![ints(&[1 << 20])], vec![1 << 20])];
        assert_eq!(known(ints(&[1]), steps), (0, None));
    }
}
