//! Takes out transposes that cancel each other.
//!
//! Importers of formats with channels before the image surround each operator that wants them last
//! by two transposes. This pass moves every TRANSPOSE towards the outputs: a tensor that is
//! computed as `transpose(source, order)` is only remembered as that, operators that do not care
//! for the order of axes work on the sources and are remembered in turn, two transposes in a row
//! become one or none. One is written out where an operator cares, or an output is reached. A
//! transpose that only moves axes of extent 1 is a RESHAPE.

use std::collections::HashMap;
use std::sync::Arc;

use smidge_graph::op::Reshape;
use smidge_graph::{DType, Graph, Node, Op, Tensor, TensorId};

/// A tensor that is another one with its axes in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Moved {
    source: TensorId,
    order: Vec<usize>,
}

/// Takes out what it can. Returns whether anything changed.
pub fn remove_transposes(graph: &mut Graph) -> bool {
    let is_transpose = |node: &Node| matches!(node.op, Op::Transpose);
    if !graph.nodes.iter().any(is_transpose) {
        return false;
    }
    let readers = graph.consumers().iter().map(Vec::len).collect();
    let nodes = std::mem::take(&mut graph.nodes);
    let mut pass = Pass {
        graph,
        readers,
        moved: HashMap::new(),
        written: HashMap::new(),
        same: HashMap::new(),
    };
    for node in nodes {
        pass.node(node);
    }
    for at in 0..pass.graph.outputs.len() {
        pass.output(at);
    }
    true
}

struct Pass<'g> {
    graph: &'g mut Graph,
    /// How many nodes read each tensor that was there before.
    readers: Vec<usize>,
    /// What tensors are that no node computes (yet).
    moved: HashMap<TensorId, Moved>,
    /// Tensors whose transpose was written out.
    written: HashMap<TensorId, TensorId>,
    /// Tensors that were moved there and back, and what they are.
    same: HashMap<TensorId, TensorId>,
}

impl Pass<'_> {
    fn node(&mut self, mut node: Node) {
        for operand in node.inputs.iter_mut().flatten() {
            *operand = self.same.get(operand).copied().unwrap_or(*operand);
        }
        let folded = match &node.op {
            Op::Transpose => self.transpose(&node),
            Op::Reshape(_) | Op::Squeeze { .. } | Op::ExpandDims => self.reshape(&node),
            op if op.is_elementwise() => self.elementwise(&node),
            Op::Concatenation { .. } => self.concatenation(&node),
            Op::Pad | Op::PadV2 => self.pad(&node),
            Op::Mean { keep_dims } | Op::Reduce { keep_dims, .. } => {
                let keep_dims = *keep_dims;
                self.reduction(&node, keep_dims)
            }
            Op::FullyConnected(_) => self.fully_connected(&node),
            _ => None,
        };
        if folded.is_none() {
            self.keep(node);
        }
    }

    /// The node as it is, on operands that are written out.
    fn keep(&mut self, mut node: Node) {
        for operand in node.inputs.iter_mut().flatten() {
            *operand = self.written_out(*operand);
        }
        self.graph.nodes.push(node);
    }

    /// A tensor that holds the value: itself, or what a transpose before it now computes.
    fn written_out(&mut self, id: TensorId) -> TensorId {
        if !self.moved.contains_key(&id) {
            return id;
        }
        if let Some(&written) = self.written.get(&id) {
            return written;
        }
        self.write_as(id);
        self.written.insert(id, id);
        id
    }

    /// Adds the node that computes a remembered tensor under its own number.
    fn write_as(&mut self, id: TensorId) {
        if self.written.contains_key(&id) {
            return;
        }
        let Some(Moved { source, order }) = self.moved.get(&id).cloned() else { return };
        self.written.insert(id, id);
        let from = self.graph.tensor(source).clone();
        let name = self.graph.tensor(id).name.clone();
        // Axes of extent 1 may go anywhere without moving an element.
        let long = |axis: &&usize| from.shape[**axis] != 1;
        let (op, inputs) = if order.iter().filter(long).is_sorted() {
            (Op::Reshape(Reshape::default()), vec![Some(source)])
        } else {
            let entries: Vec<_> = order.iter().map(|&axis| axis as i32).collect();
            let order = self.integers(&[entries.len()], &entries);
            (Op::Transpose, vec![Some(source), Some(order)])
        };
        let source_index = self.number_of(source);
        self.graph.nodes.push(Node { name, op, inputs, outputs: vec![id], source_index });
    }

    /// The number of the node that computes a tensor, for messages.
    fn number_of(&self, id: TensorId) -> u32 {
        let mut nodes = self.graph.nodes.iter().rev();
        nodes.find(|node| node.outputs.contains(&id)).map_or(0, |node| node.source_index)
    }

    fn integers(&mut self, shape: &[usize], values: &[i32]) -> TensorId {
        let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(DType::I32, shape.to_vec(), data)
    }

    fn constant(&mut self, dtype: DType, shape: Vec<usize>, data: Vec<u8>) -> TensorId {
        self.graph.add_tensor(Tensor {
            name: String::new(),
            dtype,
            shape,
            quant: None,
            data: Some(Arc::from(data)),
            is_variable: false,
            source_index: Tensor::NO_SOURCE,
            source_dtype: dtype,
        })
    }

    /// What a tensor is: a remembered transpose, or itself.
    fn look(&self, id: TensorId) -> Moved {
        let rank = self.graph.tensor(id).shape.len();
        let itself = || Moved { source: id, order: (0..rank).collect() };
        self.moved.get(&id).cloned().unwrap_or_else(itself)
    }

    /// A new tensor like `result` with its axes moved back: `result` is then its transpose.
    fn behind(&mut self, result: TensorId, order: &[usize]) -> TensorId {
        if order.is_sorted() {
            return result;
        }
        let mut tensor = self.graph.tensor(result).clone();
        tensor.shape = inverse(order).iter().map(|&axis| tensor.shape[axis]).collect();
        let quant = tensor.quant.as_mut().and_then(|quant| quant.axis.as_mut());
        if let Some(axis) = quant {
            *axis = order[*axis];
        }
        let source = self.graph.add_tensor(tensor);
        self.moved.insert(result, Moved { source, order: order.to_vec() });
        source
    }

    fn transpose(&mut self, node: &Node) -> Option<()> {
        let (x, order) = (node.input(0)?, node.input(1)?);
        let order = self.graph.tensor(order).integers()?;
        let order: Vec<_> = order.iter().map(|&axis| axis as usize).collect();
        let before = self.look(x);
        if order.len() != before.order.len() || order.iter().any(|&axis| axis >= order.len()) {
            return None;
        }
        let order: Vec<_> = order.iter().map(|&axis| before.order[axis]).collect();
        let &[result] = node.outputs.as_slice() else { return None };
        if order.is_sorted() {
            self.same.insert(result, before.source);
        } else {
            self.moved.insert(result, Moved { source: before.source, order });
        }
        Some(())
    }

    /// Computes output `at` of the graph where that is left to do.
    fn output(&mut self, at: usize) {
        let id = self.graph.outputs[at];
        self.write_as(id);
        let Some(&source) = self.same.get(&id) else { return };
        let computed = self.graph.nodes.iter().any(|node| node.outputs.contains(&source));
        if computed && !self.graph.outputs.contains(&source) {
            let name = self.graph.tensor(id).name.clone();
            self.graph.tensor_mut(source).name = name;
            self.graph.outputs[at] = source;
        } else {
            // What is no node's result, or another output already, is copied.
            let rank = self.graph.tensor(id).shape.len();
            self.moved.insert(id, Moved { source, order: (0..rank).collect() });
            self.write_as(id);
        }
    }

    /// A reshape that only adds or takes away axes of extent 1 before or behind the others leaves
    /// the order of the rest as it is.
    fn reshape(&mut self, node: &Node) -> Option<()> {
        let x = node.input(0)?;
        let moved = self.moved.get(&x)?.clone();
        let shape = &self.graph.tensor(moved.source).shape;
        let long = |axis: &&usize| shape[**axis] != 1;
        // Nothing is really moved: the reshape takes the source.
        if !moved.order.iter().filter(long).is_sorted() {
            return None;
        }
        let op = Op::Reshape(Reshape::default());
        let inputs = vec![Some(moved.source)];
        self.graph.nodes.push(Node { op, inputs, ..node.clone() });
        Some(())
    }

    /// Operators that treat every element alike, on operands that are broadcast.
    fn elementwise(&mut self, node: &Node) -> Option<()> {
        let &[result] = node.outputs.as_slice() else { return None };
        let rank = self.graph.tensor(result).shape.len();
        let order = self.common_order(node, rank)?;
        let mut inputs = Vec::new();
        for &operand in &node.inputs {
            inputs.push(match operand {
                Some(id) => Some(self.brought(id, &order)?),
                None => None,
            });
        }
        let source = self.behind(result, &order);
        self.graph.nodes.push(Node { inputs, outputs: vec![source], ..node.clone() });
        Some(())
    }

    /// The order of the first operand that is remembered as moved; `None` if there is none, or one
    /// that cannot be brought to the same.
    fn common_order(&self, node: &Node, rank: usize) -> Option<Vec<usize>> {
        let operands = node.present_inputs();
        let orders = operands.filter_map(|id| self.moved.get(&id));
        let order = orders.map(|moved| &moved.order).find(|order| order.len() == rank)?.clone();
        node.present_inputs().all(|id| self.can_be_brought(id, &order)).then_some(order)
    }

    fn can_be_brought(&self, id: TensorId, order: &[usize]) -> bool {
        let tensor = self.graph.tensor(id);
        match self.moved.get(&id) {
            Some(moved) => moved.order == order,
            None => {
                let whole_bytes = tensor.dtype.bits().is_some_and(|bits| bits % 8 == 0);
                let movable = tensor.is_constant() && whole_bytes;
                tensor.shape.len() <= order.len() && (movable || tensor.element_count() == 1)
            }
        }
    }

    /// The operand `id` for a node that works on axes as they are before `order`.
    fn brought(&mut self, id: TensorId, order: &[usize]) -> Option<TensorId> {
        if let Some(moved) = self.moved.get(&id) {
            return Some(moved.source);
        }
        let tensor = self.graph.tensor(id).clone();
        let Some(data) = tensor.data.as_deref() else { return Some(id) };
        if tensor.element_count() == 1 || order.is_sorted() {
            return Some(id);
        }
        let mut shape = vec![1; order.len() - tensor.shape.len()];
        shape.extend(&tensor.shape);
        let back = inverse(order);
        let moved: Vec<_> = back.iter().map(|&axis| shape[axis]).collect();
        let data = transposed(data, tensor.dtype.bits()? / 8, &shape, &back);
        let new = self.constant(tensor.dtype, moved, data);
        let quant = tensor.quant;
        self.graph.tensor_mut(new).quant = quant.filter(|quant| quant.axis.is_none());
        self.graph.tensor_mut(new).name.clone_from(&tensor.name);
        Some(new)
    }

    fn concatenation(&mut self, node: &Node) -> Option<()> {
        let Op::Concatenation { axis, activation } = node.op else { return None };
        let &[result] = node.outputs.as_slice() else { return None };
        let rank = self.graph.tensor(result).shape.len();
        let order = self.common_order(node, rank)?;
        let same_rank = |id: TensorId| self.graph.tensor(id).shape.len() == rank;
        if !node.present_inputs().all(same_rank) {
            return None;
        }
        let at = if axis < 0 { axis + rank as i32 } else { axis };
        let axis = *order.get(usize::try_from(at).ok()?)? as i32;
        let mut inputs = Vec::new();
        for id in node.present_inputs() {
            // A single element is not broadcast here, but has its axes anywhere.
            let brought = self.brought(id, &order)?;
            inputs.push(Some(brought));
        }
        let source = self.behind(result, &order);
        let op = Op::Concatenation { axis, activation };
        self.graph.nodes.push(Node { op, inputs, outputs: vec![source], ..node.clone() });
        Some(())
    }

    fn pad(&mut self, node: &Node) -> Option<()> {
        let (x, list) = (node.input(0)?, node.input(1)?);
        let moved = self.moved.get(&x)?.clone();
        let &[result] = node.outputs.as_slice() else { return None };
        let amounts = self.graph.tensor(list).integers()?;
        let (pairs, _) = amounts.as_chunks::<2>();
        if pairs.len() != moved.order.len() {
            return None;
        }
        let back = inverse(&moved.order);
        let list: Vec<_> = back.iter().flat_map(|&axis| pairs[axis]).map(|v| v as i32).collect();
        let list = self.integers(&[pairs.len(), 2], &list);
        let mut inputs = node.inputs.clone();
        inputs[0] = Some(moved.source);
        inputs[1] = Some(list);
        let source = self.behind(result, &moved.order);
        self.graph.nodes.push(Node { inputs, outputs: vec![source], ..node.clone() });
        Some(())
    }

    fn reduction(&mut self, node: &Node, keep_dims: bool) -> Option<()> {
        let (x, list) = (node.input(0)?, node.input(1)?);
        let moved = self.moved.get(&x)?.clone();
        let &[result] = node.outputs.as_slice() else { return None };
        let rank = moved.order.len();
        let axes: Option<Vec<usize>> = self
            .graph
            .tensor(list)
            .integers()?
            .iter()
            .map(|&axis| {
                let at = if axis < 0 { axis + rank as i64 } else { axis };
                usize::try_from(at).ok().filter(|&at| at < rank)
            })
            .collect();
        let axes = axes?;
        let own: Vec<_> = axes.iter().map(|&axis| moved.order[axis] as i32).collect();
        let list = self.integers(&[own.len()], &own);
        let inputs = vec![Some(moved.source), Some(list)];
        let order = if keep_dims { moved.order } else { left_over(&moved.order, &axes) };
        let source = self.behind(result, &order);
        self.graph.nodes.push(Node { inputs, outputs: vec![source], ..node.clone() });
        Some(())
    }

    /// A flattened image as operand: the columns of constant weights move instead.
    fn fully_connected(&mut self, node: &Node) -> Option<()> {
        let (x, w) = (node.input(0)?, node.input(1)?);
        let flatten = self.graph.nodes.iter().rposition(|n| n.outputs == [x])?;
        if !matches!(self.graph.nodes[flatten].op, Op::Reshape(_)) {
            return None;
        }
        let image = self.graph.nodes[flatten].input(0)?;
        let turn = self.graph.nodes[..flatten].iter().rposition(|n| n.outputs == [image])?;
        let Op::Transpose = self.graph.nodes[turn].op else { return None };
        let moved = self.moved.get(&image)?.clone();
        let shape = self.graph.tensor(image).shape.clone();
        let weights = self.graph.tensor(w).clone();
        let columns: usize = shape.get(1..)?.iter().product();
        let &[rows, inner] = weights.shape.as_slice() else { return None };
        let flat = self.graph.tensor(x).shape == [shape[0], columns];
        let only = self.readers.get(x.index()) == Some(&1) && !self.graph.outputs.contains(&x);
        if moved.order.first() != Some(&0) || inner != columns || !flat || !only {
            return None;
        }
        let data = weights.data.as_deref()?;
        let size = weights.dtype.bits().filter(|bits| bits % 8 == 0)? / 8;
        let whole: Vec<_> = [rows].into_iter().chain(shape[1..].iter().copied()).collect();
        let data = transposed(data, size, &whole, &inverse(&moved.order));
        let new = self.constant(weights.dtype, weights.shape.clone(), data);
        self.graph.tensor_mut(new).quant = weights.quant;
        self.graph.tensor_mut(new).name.clone_from(&weights.name);
        self.graph.nodes[flatten].inputs = vec![Some(moved.source)];
        let used = self.graph.nodes.iter().any(|n| n.present_inputs().any(|id| id == image));
        if !used && !self.graph.outputs.contains(&image) {
            self.graph.nodes.remove(turn);
            self.written.remove(&image);
        }
        let mut inputs = node.inputs.clone();
        inputs[1] = Some(new);
        self.graph.nodes.push(Node { inputs, ..node.clone() });
        Some(())
    }
}

/// The order that takes another one back.
fn inverse(order: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| inverse[from] = to);
    inverse
}

/// An order of axes without some of the result's, as an order of those that are left.
fn left_over(order: &[usize], without: &[usize]) -> Vec<usize> {
    let kept = order.iter().enumerate().filter(|(to, _)| !without.contains(to));
    let kept: Vec<_> = kept.map(|(_, &from)| from).collect();
    kept.iter().map(|from| kept.iter().filter(|other| *other < from).count()).collect()
}

/// Elements of `size` bytes with axis `i` of the result being axis `order[i]`.
fn transposed(data: &[u8], size: usize, shape: &[usize], order: &[usize]) -> Vec<u8> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    let mut positions = vec![0];
    for &axis in order {
        let step = strides[axis];
        positions = positions
            .iter()
            .flat_map(|&base| (0..shape[axis]).map(move |i| base + i * step))
            .collect();
    }
    positions.iter().flat_map(|&at| data[at * size..(at + 1) * size].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::run_graph;
    use crate::lower::Options;
    use smidge_graph::op::AddSub;

    struct Build(Graph);

    impl Build {
        fn tensor(&mut self, dtype: DType, shape: &[usize], data: Option<Vec<u8>>) -> TensorId {
            self.0.add_tensor(Tensor {
                name: format!("t{}", self.0.tensors.len()),
                dtype,
                shape: shape.to_vec(),
                quant: None,
                data: data.map(Arc::from),
                is_variable: false,
                source_index: Tensor::NO_SOURCE,
                source_dtype: dtype,
            })
        }

        fn floats(&mut self, shape: &[usize]) -> TensorId {
            let count = shape.iter().product::<usize>();
            let data = (0..count).flat_map(|i| (i as f32 * 0.5 - 1.0).to_le_bytes()).collect();
            self.tensor(DType::F32, shape, Some(data))
        }

        fn node(&mut self, op: Op, inputs: &[TensorId], shape: &[usize]) -> TensorId {
            let output = self.tensor(DType::F32, shape, None);
            let inputs = inputs.iter().copied().map(Some).collect();
            let (name, outputs) = (String::new(), vec![output]);
            self.0.nodes.push(Node { name, op, inputs, outputs, source_index: 0 });
            output
        }

        fn transpose(&mut self, x: TensorId, order: &[i32]) -> TensorId {
            let source = self.0.tensor(x).shape.clone();
            let shape: Vec<_> = order.iter().map(|&axis| source[axis as usize]).collect();
            let data = order.iter().flat_map(|axis| axis.to_le_bytes()).collect();
            let list = self.tensor(DType::I32, &[order.len()], Some(data));
            self.node(Op::Transpose, &[x, list], &shape)
        }
    }

    fn transposes(graph: &Graph) -> usize {
        graph.nodes.iter().filter(|node| matches!(node.op, Op::Transpose)).count()
    }

    /// Runs the pass, which leaves so many transposes and all results.
    fn check(build: Build, left: usize) {
        let before = build.0;
        before.validate().expect("a legal graph");
        let count: usize = before.tensor(before.inputs[0]).shape.iter().product();
        let input = (0..count).flat_map(|i| (i as f32 - 7.5).to_le_bytes()).collect::<Vec<_>>();
        let mut after = before.clone();
        assert!(remove_transposes(&mut after));
        after.validate().expect("a legal graph");
        assert_eq!(transposes(&after), left, "{:#?}", after.nodes);
        let run =
            |graph: &Graph| run_graph(graph, std::slice::from_ref(&input), &Options::default());
        let results = run(&before);
        assert!(results.is_some());
        assert_eq!(run(&after), results);
    }

    fn start(shape: &[usize]) -> (Build, TensorId) {
        let mut build = Build(Graph::default());
        let x = build.tensor(DType::F32, shape, None);
        build.0.inputs.push(x);
        (build, x)
    }

    #[test]
    fn transposes_around_what_does_not_care_cancel() {
        let (mut build, x) = start(&[1, 2, 3, 4]);
        let last = build.transpose(x, &[0, 2, 3, 1]);
        let y = build.node(Op::Relu, &[last], &[1, 3, 4, 2]);
        let first = build.transpose(y, &[0, 3, 1, 2]);
        let per_channel = build.floats(&[2, 1, 1]);
        let y = build.node(Op::Add(AddSub::default()), &[first, per_channel], &[1, 2, 3, 4]);
        build.0.outputs.push(y);
        check(build, 0);
    }

    #[test]
    fn constants_and_axes_move_along() {
        let (mut build, x) = start(&[2, 3, 4]);
        let moved = build.transpose(x, &[2, 0, 1]);
        let table = build.floats(&[4, 1, 3]);
        let sum = build.node(Op::Add(AddSub::default()), &[moved, table], &[4, 2, 3]);
        let axis = build.tensor(DType::I32, &[1], Some(0i32.to_le_bytes().to_vec()));
        let y = build.node(Op::Mean { keep_dims: false }, &[sum, axis], &[2, 3]);
        build.0.outputs.push(y);
        check(build, 0);
    }

    #[test]
    fn what_reaches_an_output_in_another_order_is_written_out() {
        let (mut build, x) = start(&[2, 3, 4]);
        let moved = build.transpose(x, &[2, 1, 0]);
        let y = build.node(Op::Relu, &[moved], &[4, 3, 2]);
        let both = build.node(Op::Relu6, &[y], &[4, 3, 2]);
        build.0.outputs.extend([y, both]);
        check(build, 2);
    }

    #[test]
    fn a_flattened_image_moves_the_columns_of_the_weights() {
        use smidge_graph::op::{FullyConnected, WeightsFormat};
        let (mut build, x) = start(&[1, 2, 3, 4]);
        let first = build.transpose(x, &[0, 3, 1, 2]);
        let flat = build.node(Op::Reshape(Reshape::default()), &[first], &[1, 24]);
        let weights = build.floats(&[5, 24]);
        let op = Op::FullyConnected(FullyConnected {
            activation: smidge_graph::Activation::None,
            keep_num_dims: false,
            weights_format: WeightsFormat::Default,
            asymmetric_quantize_inputs: false,
        });
        let y = build.node(op, &[flat, weights], &[1, 5]);
        build.0.outputs.push(y);
        check(build, 0);
    }

    #[test]
    fn orders_are_inverted_and_shortened() {
        assert_eq!(inverse(&[2, 0, 1]), [1, 2, 0]);
        assert_eq!(left_over(&[2, 0, 1], &[0]), [0, 1]);
        assert_eq!(left_over(&[0, 3, 1, 2], &[2, 3]), [0, 1]);
    }
}
