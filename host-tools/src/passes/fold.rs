//! Folds what is known before the network runs: DEQUANTIZE of a constant becomes a float constant.
//! Files with float16 weights store every weight so.

use half::f16;
use smidge_graph::{DType, Graph, Op, Quantization, Tensor};

/// Replaces the outputs of DEQUANTIZE nodes on constants by constants, and removes the nodes.
/// Returns how many were folded.
pub fn fold_constants(graph: &mut Graph) -> usize {
    let before = graph.nodes.len();
    let nodes = std::mem::take(&mut graph.nodes);
    graph.nodes = nodes
        .into_iter()
        .filter(|node| {
            let (Op::Dequantize, Some(input), [output]) =
                (&node.op, node.input(0), node.outputs.as_slice())
            else {
                return true;
            };
            let Some(values) = dequantized(graph.tensor(input)) else { return true };
            let output = graph.tensor_mut(*output);
            if output.dtype != DType::F32 || output.element_count() != values.len() {
                return true;
            }
            output.data = Some(values.iter().flat_map(|v| v.to_le_bytes()).collect());
            false
        })
        .collect();
    before - graph.nodes.len()
}

/// The real values of a constant.
fn dequantized(tensor: &Tensor) -> Option<Vec<f32>> {
    let data = tensor.data.as_deref()?;
    if tensor.dtype == DType::F16 {
        let (pairs, _) = data.as_chunks::<2>();
        return Some(pairs.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect());
    }
    let quant = tensor.quant.as_ref()?;
    let integers = tensor.integers()?;
    let channel = channel_of(quant, &tensor.shape)?;
    let real = |(i, q): (usize, i64)| {
        let c = channel(i);
        let zero = quant.zero_point.get(c).or(quant.zero_point.first()).copied().unwrap_or(0);
        quant.scale[c] * q.saturating_sub(zero) as f32
    };
    Some(integers.into_iter().enumerate().map(real).collect())
}

/// Which scale element `i` has.
fn channel_of(quant: &Quantization, shape: &[usize]) -> Option<impl Fn(usize) -> usize> {
    let (inner, count) = match quant.axis.filter(|_| quant.scale.len() > 1) {
        Some(axis) => (shape.get(axis + 1..)?.iter().product::<usize>().max(1), *shape.get(axis)?),
        None => (1, 1),
    };
    (count == quant.scale.len()).then_some(move |i: usize| i / inner % count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_graph::Node;

    fn tensor(dtype: DType, shape: &[usize], data: Option<&[u8]>) -> Tensor {
        Tensor {
            name: "t".into(),
            dtype,
            shape: shape.to_vec(),
            quant: None,
            data: data.map(Into::into),
            is_variable: false,
            source_index: 0,
            source_dtype: dtype,
        }
    }

    fn folded(input: Tensor) -> (usize, Option<Vec<f32>>) {
        let mut graph = Graph::default();
        let output = tensor(DType::F32, &input.shape.clone(), None);
        let (input, output) = (graph.add_tensor(input), graph.add_tensor(output));
        graph.nodes.push(Node {
            name: "n".into(),
            op: Op::Dequantize,
            inputs: vec![Some(input)],
            outputs: vec![output],
            source_index: 0,
        });
        (fold_constants(&mut graph), graph.tensor(output).floats())
    }

    #[test]
    fn half_precision_weights_become_floats() {
        let bytes: Vec<u8> =
            [1.5f32, -0.25].iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
        let input = tensor(DType::F16, &[2], Some(&bytes));
        assert_eq!(folded(input), (1, Some(vec![1.5, -0.25])));
    }

    #[test]
    fn channels_have_their_own_scale() {
        let mut input = tensor(DType::I8, &[2, 2], Some(&[1, 2, 3, 0xFF]));
        let zero_point = vec![0, 1];
        input.quant = Some(Quantization { scale: vec![0.5, 2.0], zero_point, axis: Some(0) });
        assert_eq!(folded(input), (1, Some(vec![0.5, 1.0, 4.0, -4.0])));
    }

    #[test]
    fn what_is_computed_stays() {
        assert_eq!(folded(tensor(DType::I8, &[2], None)), (0, None));
    }
}
