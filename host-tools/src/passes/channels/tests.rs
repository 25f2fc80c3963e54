//! Each rule on a small graph, what must stay, and random graphs: outputs never change.

use super::{Removed, remove};
use crate::convert::run_graph;
use crate::lower::Options;
use smidge_graph::op::{Conv2d, DepthwiseConv2d, FullyConnected, Pool2d, Reshape, WeightsFormat};
use smidge_graph::{Activation, DType, Graph, Node, Op, Padding, Quantization, Tensor, TensorId};

/// Zero point of every activation; not 0, so that a zero weight and a zero value differ.
const ZERO: i64 = 3;

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn bytes(&mut self, n: usize) -> Vec<i8> {
        (0..n).map(|_| (self.next() % 31) as i8 - 15).collect()
    }
}

struct Build {
    graph: Graph,
    random: Random,
}

impl Build {
    fn new(shape: &[usize]) -> (Self, TensorId) {
        let mut build = Self { graph: Graph::default(), random: Random(0x9E37_79B9) };
        let x = build.activation(shape);
        build.graph.inputs.push(x);
        (build, x)
    }

    fn tensor(&mut self, dtype: DType, shape: &[usize], data: Option<Vec<u8>>) -> TensorId {
        let source_index = self.graph.tensors.len() as u32;
        self.graph.add_tensor(Tensor {
            name: format!("t{source_index}"),
            dtype,
            shape: shape.to_vec(),
            quant: None,
            data: data.map(Into::into),
            is_variable: false,
            source_index,
            source_dtype: dtype,
        })
    }

    fn activation(&mut self, shape: &[usize]) -> TensorId {
        let id = self.tensor(DType::I8, shape, None);
        self.graph.tensor_mut(id).quant = Some(Quantization::per_tensor(0.05, ZERO));
        id
    }

    fn integers(&mut self, values: &[i32]) -> TensorId {
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensor(DType::I32, &[values.len()], Some(data))
    }

    fn weights(&mut self, shape: &[usize], axis: usize, values: Vec<i8>) -> TensorId {
        let id = self.tensor(DType::I8, shape, Some(values.iter().map(|&v| v as u8).collect()));
        let channels = shape[axis];
        let scale = (0..channels).map(|c| 0.01 + 0.001 * c as f32).collect();
        let zero_point = vec![0; channels];
        self.graph.tensor_mut(id).quant =
            Some(Quantization { scale, zero_point, axis: Some(axis) });
        id
    }

    fn node(&mut self, op: Op, inputs: &[TensorId], shape: &[usize]) -> TensorId {
        let y = self.activation(shape);
        let inputs = inputs.iter().copied().map(Some).collect();
        let source_index = self.graph.nodes.len() as u32;
        let name = format!("n{source_index}");
        self.graph.nodes.push(Node { name, op, inputs, outputs: vec![y], source_index });
        y
    }

    fn shape(&self, id: TensorId) -> Vec<usize> {
        self.graph.tensor(id).shape.clone()
    }

    /// A convolution with random weights, those of `rows` and `columns` 0.
    fn conv(
        &mut self,
        x: TensorId,
        outputs: usize,
        kernel: usize,
        padding: Padding,
        [rows, columns]: [&[usize]; 2],
    ) -> TensorId {
        let &[n, h, w, channels] = self.shape(x).as_slice() else { panic!("an image") };
        let mut values = self.random.bytes(outputs * kernel * kernel * channels);
        for (at, value) in values.iter_mut().enumerate() {
            let row = at / (kernel * kernel * channels);
            if rows.contains(&row) || columns.contains(&(at % channels)) {
                *value = 0;
            }
        }
        let weights = self.weights(&[outputs, kernel, kernel, channels], 0, values);
        let bias: Vec<_> = (0..outputs).map(|o| 300 * o as i32 - 400).collect();
        let bias = self.integers(&bias);
        let size = |n: usize| padding.window(0, n, kernel, 1, 1).expect("fits").output;
        let [stride, dilation] = [[1, 1]; 2];
        let op = Op::Conv2d(Conv2d { stride, dilation, padding, activation: Activation::None });
        self.node(op, &[x, weights, bias], &[n, size(h), size(w), outputs])
    }

    fn pointwise(&mut self, x: TensorId, outputs: usize, zeros: [&[usize]; 2]) -> TensorId {
        self.conv(x, outputs, 1, Padding::Valid, zeros)
    }

    fn depthwise(&mut self, x: TensorId, multiplier: usize, padding: Padding) -> TensorId {
        let &[n, h, w, channels] = self.shape(x).as_slice() else { panic!("an image") };
        let outputs = channels * multiplier;
        let values = self.random.bytes(9 * outputs);
        let weights = self.weights(&[1, 3, 3, outputs], 3, values);
        let bias: Vec<_> = (0..outputs).map(|o| 100 * o as i32).collect();
        let bias = self.integers(&bias);
        let size = |n: usize| padding.window(0, n, 3, 1, 1).expect("fits").output;
        let op = Op::DepthwiseConv2d(DepthwiseConv2d {
            stride: [1, 1],
            dilation: [1, 1],
            padding,
            activation: Activation::Relu,
            depth_multiplier: multiplier,
        });
        self.node(op, &[x, weights, bias], &[n, size(h), size(w), outputs])
    }

    fn dense(&mut self, x: TensorId, outputs: usize, columns: &[usize]) -> TensorId {
        let &[n, depth] = self.shape(x).as_slice() else { panic!("rows") };
        let mut values = self.random.bytes(outputs * depth);
        for (at, value) in values.iter_mut().enumerate() {
            if columns.contains(&(at % depth)) {
                *value = 0;
            }
        }
        let weights = self.weights(&[outputs, depth], 0, values);
        let op = Op::FullyConnected(FullyConnected {
            activation: Activation::None,
            keep_num_dims: false,
            weights_format: WeightsFormat::Default,
            asymmetric_quantize_inputs: false,
        });
        self.node(op, &[x, weights], &[n, outputs])
    }

    fn pool(&mut self, x: TensorId) -> TensorId {
        let shape = self.shape(x);
        let (padding, activation) = (Padding::Same, Activation::None);
        let op = Pool2d { filter: [2, 2], stride: [1, 1], padding, activation };
        self.node(Op::AveragePool2d(op), &[x], &shape)
    }

    fn mul(&mut self, a: TensorId, b: TensorId) -> TensorId {
        let shape = self.shape(a);
        self.node(Op::Mul { activation: Activation::None }, &[a, b], &shape)
    }

    fn flatten(&mut self, x: TensorId) -> TensorId {
        let shape = self.shape(x);
        let to = [shape[0], shape[1..].iter().product()];
        let operand = self.integers(&to.map(|dim| dim as i32));
        self.node(Op::Reshape(Reshape::default()), &[x, operand], &to)
    }

    fn pad(&mut self, x: TensorId, last: i32) -> TensorId {
        let &[n, h, w, channels] = self.shape(x).as_slice() else { panic!("an image") };
        let paddings = self.integers(&[0, 0, 1, 1, 0, 1, 0, last]);
        self.graph.tensor_mut(paddings).shape = vec![4, 2];
        self.node(Op::Pad, &[x, paddings], &[n, h + 2, w + 1, channels + last as usize])
    }

    fn mean(&mut self, x: TensorId) -> TensorId {
        let shape = self.shape(x);
        let axes = self.integers(&[1, 2]);
        self.node(Op::Mean { keep_dims: false }, &[x, axes], &[shape[0], shape[3]])
    }

    fn concatenation(&mut self, a: TensorId, b: TensorId) -> TensorId {
        let mut shape = self.shape(a);
        shape[3] += self.shape(b)[3];
        self.node(Op::Concatenation { axis: 3, activation: Activation::None }, &[a, b], &shape)
    }

    /// Ends the graph, removes channels, and compares the outputs on random inputs.
    fn removes(mut self, y: TensorId) -> (Removed, Graph) {
        self.graph.outputs.push(y);
        let before = self.graph.clone();
        before.validate().expect("the test's graph is legal");
        let options = Options::default();
        let evaluate = |graph: &Graph, inputs: &[Vec<u8>]| run_graph(graph, inputs, &options);
        let removed = remove(&mut self.graph, &evaluate);
        self.graph.validate().expect("a legal graph stays legal");
        for _ in 0..3 {
            let elements = before.tensor(before.inputs[0]).element_count();
            let input = (0..elements).map(|_| self.random.next() as u8).collect::<Vec<_>>();
            let old = run_graph(&before, std::slice::from_ref(&input), &options);
            let new = run_graph(&self.graph, &[input], &options);
            assert!(old.is_some(), "the test's graph runs");
            assert_eq!(old, new);
        }
        assert_eq!(removed.macs, before.macs() - self.graph.macs());
        (removed, self.graph)
    }
}

#[track_caller]
fn gone(build: Build, y: TensorId, channels: u64) -> Graph {
    let (removed, graph) = build.removes(y);
    assert_eq!(removed.channels, channels);
    graph
}

const NONE: [&[usize]; 2] = [&[], &[]];

#[test]
fn a_channel_that_nothing_reads_goes_with_all_that_makes_it() {
    let (mut build, x) = Build::new(&[1, 4, 5, 3]);
    let a = build.pointwise(x, 6, NONE);
    let b = build.depthwise(a, 1, Padding::Same);
    let pooled = build.pool(b);
    let y = build.conv(pooled, 4, 3, Padding::Same, [&[], &[1, 4]]);
    let graph = gone(build, y, 4);
    let shape = |id: TensorId| graph.tensor(id).shape.clone();
    assert_eq!([shape(a), shape(b), shape(pooled)], [[1, 4, 5, 4]; 3]);
    assert_eq!(shape(y), [1, 4, 5, 4]);
    assert!([a, b, pooled].iter().all(|&id| graph.tensor(id).source_index == Tensor::NO_SOURCE));
    assert_eq!(graph.tensor(y).source_index, y.0);
    assert_eq!(graph.tensor(x).source_index, x.0);
}

#[test]
fn a_weight_at_one_tap_keeps_the_channel() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 5, NONE);
    let y = build.conv(a, 3, 3, Padding::Same, [&[], &[2]]);
    let weights = build.graph.nodes[1].input(1).unwrap();
    let w = build.graph.tensor_mut(weights);
    let mut data = w.data.as_deref().unwrap().to_vec();
    data[5 * 9 + 5 * 4 + 2] = 1;
    w.data = Some(data.into());
    gone(build, y, 0);
}

#[test]
fn outputs_and_other_readers_keep_their_channels() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 5, NONE);
    let y = build.pointwise(a, 3, [&[], &[2]]);
    build.graph.outputs.push(a);
    gone(build, y, 0);

    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 5, NONE);
    let b = build.pointwise(a, 4, [&[], &[2]]);
    let c = build.pointwise(a, 4, [&[], &[3]]);
    let y = build.mul(b, c);
    gone(build, y, 0);

    // Softmax mixes channels.
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 5, NONE);
    let b = build.node(Op::Softmax { beta: 1.0 }, &[a], &[1, 4, 4, 5]);
    let scale = Quantization::per_tensor(1.0 / 256.0, -128);
    build.graph.tensor_mut(b).quant = Some(scale);
    let y = build.pointwise(b, 3, [&[], &[2]]);
    gone(build, y, 0);
}

#[test]
fn inputs_of_the_network_keep_their_channels() {
    let (mut build, x) = Build::new(&[1, 4, 4, 5]);
    let y = build.pointwise(x, 3, [&[], &[2]]);
    gone(build, y, 0);
}

#[test]
fn branches_that_meet_lose_channels_together() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 6, NONE);
    let b = build.depthwise(a, 1, Padding::Same);
    let sum = build.mul(a, b);
    let y = build.pointwise(sum, 3, [&[], &[0, 5]]);
    gone(build, y, 4);
}

#[test]
fn stretched_operands_stay() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 6, NONE);
    let one = build.pointwise(x, 1, NONE);
    let product = build.mul(a, one);
    let y = build.pointwise(product, 3, [&[], &[0]]);
    let graph = gone(build, y, 1);
    assert_eq!(graph.tensor(one).shape, [1, 4, 4, 1]);
}

#[test]
fn parts_of_a_concatenation_lose_their_own_channels() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 3, NONE);
    let b = build.pointwise(x, 4, NONE);
    let joined = build.concatenation(a, b);
    let y = build.pointwise(joined, 3, [&[], &[2, 3, 6]]);
    let graph = gone(build, y, 3);
    let shape = |id: TensorId| graph.tensor(id).shape.clone();
    assert_eq!([shape(a), shape(b)], [[1, 4, 4, 2], [1, 4, 4, 2]]);
}

#[test]
fn all_inputs_of_a_multiplied_depthwise_channel_must_be_dead() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 3, NONE);
    let b = build.depthwise(a, 2, Padding::Same);
    let y = build.pointwise(b, 3, [&[], &[0, 1, 2]]);
    // Channels 0 and 1 come from channel 0 of a; channel 2 has a living sister.
    gone(build, y, 3);
}

#[test]
fn flattened_channels_are_dead_when_all_their_positions_are() {
    for (columns, channels) in [(&[1, 4, 7, 10][..], 1), (&[1, 4, 7], 0)] {
        let (mut build, x) = Build::new(&[1, 2, 2, 2]);
        let a = build.pointwise(x, 3, NONE);
        let flat = build.flatten(a);
        let y = build.dense(flat, 4, columns);
        gone(build, y, channels);
    }
}

#[test]
fn paddings_of_the_image_keep_channels_apart_and_paddings_of_channels_do_not() {
    for (last, channels) in [(0, 1), (1, 0)] {
        let (mut build, x) = Build::new(&[1, 4, 4, 2]);
        let a = build.pointwise(x, 4, NONE);
        let padded = build.pad(a, last);
        let y = build.pointwise(padded, 3, [&[], &[2]]);
        gone(build, y, channels);
    }
}

#[test]
fn at_least_one_channel_stays() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 3, NONE);
    let y = build.pointwise(a, 4, [&[], &[0, 1, 2]]);
    let graph = gone(build, y, 2);
    assert_eq!(graph.tensor(a).shape, [1, 4, 4, 1]);
}

#[test]
fn shared_weights_lose_what_both_users_can_spare() {
    let (mut build, x) = Build::new(&[1, 4, 4, 3]);
    let a = build.pointwise(x, 3, NONE);
    let b = build.pointwise(a, 3, [&[], &[1]]);
    let weights = build.graph.nodes[1].inputs[1];
    build.graph.nodes[0].inputs[1] = weights;
    // Column 1 meets a channel of the network's input, too.
    gone(build, b, 0);
}

#[test]
fn constant_channels_move_into_the_bias() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 5, [&[1, 3], &[]]);
    let b = build.depthwise(a, 1, Padding::Valid);
    let pooled = build.pool(b);
    let y = build.pointwise(pooled, 4, NONE);
    gone(build, y, 4);
}

#[test]
fn constants_reach_the_bias_through_flattening_and_means() {
    for flat in [true, false] {
        let (mut build, x) = Build::new(&[1, 2, 2, 2]);
        let a = build.pointwise(x, 5, [&[1, 3], &[]]);
        let rows = if flat { build.flatten(a) } else { build.mean(a) };
        let y = build.dense(rows, 4, &[]);
        assert_eq!(build.graph.nodes[2].inputs.len(), 2, "a layer without a bias");
        let graph = gone(build, y, 2);
        assert_eq!(graph.nodes[2].inputs.len(), 3, "the bias is made");
    }
}

#[test]
fn padding_keeps_a_constant_channel_unless_it_is_the_zero_point() {
    for (bias, channels) in [(400, 0), (0, 1)] {
        let (mut build, x) = Build::new(&[1, 4, 4, 2]);
        let a = build.pointwise(x, 3, [&[1], &[]]);
        let id = build.graph.nodes[0].input(2).unwrap();
        let data = [7, bias, -9].iter().flat_map(|v: &i32| v.to_le_bytes()).collect::<Vec<_>>();
        build.graph.tensor_mut(id).data = Some(data.into());
        let y = build.conv(a, 4, 3, Padding::Same, NONE);
        gone(build, y, channels);
    }
}

#[test]
fn a_depthwise_channel_with_padding_is_not_constant() {
    let (mut build, x) = Build::new(&[1, 4, 4, 2]);
    let a = build.pointwise(x, 3, [&[2], &[]]);
    let b = build.depthwise(a, 1, Padding::Same);
    let y = build.pointwise(b, 4, NONE);
    gone(build, y, 0);
}

#[test]
fn a_bias_that_would_overflow_stays() {
    for (bias, channels) in [(i32::MAX, 0), (1000, 1)] {
        let (mut build, x) = Build::new(&[1, 2, 2, 2]);
        let a = build.pointwise(x, 3, [&[1], &[]]);
        let y = build.pointwise(a, 2, NONE);
        let w = build.graph.nodes[1].input(1).unwrap();
        build.graph.tensor_mut(w).data = Some(vec![1, 0x81, 1, 1, 0x81, 1].into());
        let id = build.graph.nodes[1].input(2).unwrap();
        let data = [bias; 2].iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>();
        build.graph.tensor_mut(id).data = Some(data.into());
        // The constant lies below the zero point: with a negative weight the bias grows.
        let id = build.graph.nodes[0].input(2).unwrap();
        let data = [-9000i32; 3].iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>();
        build.graph.tensor_mut(id).data = Some(data.into());
        build.graph.outputs.push(y);
        // A layer whose sums could overflow is not run: it is refused when it is lowered.
        let options = Options::default();
        let evaluate = |graph: &Graph, inputs: &[Vec<u8>]| run_graph(graph, inputs, &options);
        assert_eq!(remove(&mut build.graph, &evaluate).channels, channels);
    }
}

/// A random chain of operators with branches, many of whose weights are 0.
fn random_graph(seed: u64) -> (Build, TensorId) {
    let (mut build, x) = Build::new(&[1, 5, 4, 3]);
    build.random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut at = x;
    for _ in 0..2 + build.random.below(5) {
        let channels = build.shape(at)[3];
        let some = |random: &mut Random, n: usize| -> Vec<usize> {
            (0..n).filter(|_| random.below(3) == 0).collect()
        };
        let outputs = 2 + build.random.below(4);
        let columns = some(&mut build.random, channels);
        let rows = some(&mut build.random, outputs);
        let padding = if build.random.below(2) == 0 { Padding::Same } else { Padding::Valid };
        let large = build.shape(at)[1].min(build.shape(at)[2]) >= 3;
        let zeros = [rows.as_slice(), columns.as_slice()];
        at = match build.random.below(9) {
            0 if large => build.conv(at, outputs, 3, padding, zeros),
            1 if large => build.depthwise(at, 1, padding),
            2 if channels < 8 && large => build.depthwise(at, 2, padding),
            3 => build.pool(at),
            4 => {
                let other = build.pointwise(at, channels, [&[], &columns]);
                build.mul(at, other)
            }
            5 if channels < 8 => {
                let other = build.pointwise(at, outputs, zeros);
                build.concatenation(other, at)
            }
            6 => build.pad(at, 0),
            7 => {
                let shape = build.shape(at);
                build.node(Op::Relu, &[at], &shape)
            }
            _ => build.pointwise(at, outputs, zeros),
        };
    }
    if build.random.below(2) == 0 {
        return (build, at);
    }
    let rows = if build.random.below(2) == 0 { build.flatten(at) } else { build.mean(at) };
    let depth = build.shape(rows)[1];
    let columns: Vec<_> = (0..depth).filter(|_| build.random.below(4) > 0).collect();
    let y = build.dense(rows, 3, &columns);
    (build, y)
}

#[test]
fn outputs_of_random_graphs_stay_the_same() {
    let mut removed = 0;
    for seed in 1..=300 {
        let (build, y) = random_graph(seed);
        removed += u64::from(build.removes(y).0.channels > 0);
    }
    assert!(removed > 100, "channels were removed from {removed} graphs");
}
