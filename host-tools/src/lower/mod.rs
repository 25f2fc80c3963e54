//! From the graph to the device program: each node becomes the steps that compute it, with integer
//! constants instead of scales, explicit padding instead of SAME, and walks instead of masks.
//!
//! Lowering is the legality check: what it refuses is what `smidge check` lists, all nodes at once.

mod copy;
mod elementwise;
mod float16;
mod functions;
mod image;
mod node;
mod program;
mod rearrange;
mod recurrent;
mod reduce;
mod refusal;
mod state;
mod sums;
mod unary;
mod weights;
mod window;

pub use program::{Flow, Program, State, Step, Value, ValueId};
pub use refusal::{LowerError, Problem};

use crate::pack::Limits;
use node::{NodeCx, value_of};
use refusal::Refusal;
use smidge_graph::{Graph, Model, Op};
use smidge_quant::multiplier::Precision;

/// Whose rounding a converted model reproduces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// TensorFlow Lite's reference kernels.
    #[default]
    Tflite,
    /// TensorFlow Lite Micro.
    Tflm,
}

impl Rounding {
    /// In which precision elementwise factors are made of scales.
    fn precision(self) -> Precision {
        match self {
            Self::Tflite => Precision::Single,
            Self::Tflm => Precision::Double,
        }
    }
}

/// Choices of a conversion that change the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whose rounding to reproduce.
    pub rounding: Rounding,
    /// What packing for a core may spend.
    pub packing: Limits,
    /// What happens to channels that nothing reads.
    pub channels: Channels,
    /// Weights of float layers are stored as float16.
    pub float16: bool,
}

/// What happens to channels that nothing reads and to constant ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channels {
    /// They go when the blob is for a particular core; a portable blob has every tensor of the
    /// source.
    #[default]
    Auto,
    /// They stay.
    Keep,
    /// They go.
    Drop,
}

impl Channels {
    /// Whether they go in a blob for this core.
    pub fn drops(self, isa: smidge_format::Isa) -> bool {
        match self {
            Self::Auto => isa != smidge_format::Isa::Portable,
            Self::Keep => false,
            Self::Drop => true,
        }
    }
}

/// Lowers a model.
///
/// # Errors
/// Every node that cannot be lowered.
pub fn lower(model: &Model, options: &Options) -> Result<Program, LowerError> {
    let mut problems = Vec::new();
    let Some(graph) = model.main() else {
        return Err(LowerError { problems });
    };
    let mut program = lower_graph(model, graph, options, &mut problems);
    state::write_in_place(&mut program);
    if options.float16 {
        float16::store_as_float16(&mut program);
    }
    if problems.is_empty() { Ok(program) } else { Err(LowerError { problems }) }
}

fn lower_graph(
    model: &Model,
    graph: &Graph,
    options: &Options,
    problems: &mut Vec<Problem>,
) -> Program {
    let mut program = Program::default();
    let mut values = vec![None; graph.tensors.len()];
    let ends = [(&graph.inputs, "input"), (&graph.outputs, "output")];
    for (ids, role) in ends {
        for (index, &id) in ids.iter().enumerate() {
            match value_of(graph, id, &mut program, &mut values) {
                Ok(value) if role == "input" => program.inputs.push(value),
                Ok(value) => program.outputs.push(value),
                Err(refusal) => {
                    let name = &graph.tensor(id).name;
                    problems.push(problem(refusal, format!("{role} {index} `{name}`"), "MODEL"));
                }
            }
        }
    }
    for node in &graph.nodes {
        let values = &mut values;
        let program = &mut program;
        let mut cx = NodeCx { model, graph, node, options, program, values, depth: 0 };
        if let Err(refusal) = lower_node(&mut cx) {
            problems.push(problem(refusal, node.label(), node.op.name()));
        }
    }
    program
}

fn problem(refusal: Refusal, node: String, op: &str) -> Problem {
    let Refusal { code, reason, remedy } = refusal;
    Problem { code, node, op: op.into(), reason, remedy }
}

fn lower_node(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    use smidge::OpCode;
    match &cx.node.op {
        Op::Conv2d(attrs) => weights::conv_2d(cx, attrs),
        Op::DepthwiseConv2d(attrs) => weights::depthwise_conv_2d(cx, attrs),
        Op::FullyConnected(attrs) => weights::fully_connected(cx, attrs),
        Op::AveragePool2d(attrs) => window::pool(cx, OpCode::AveragePool2d, attrs),
        Op::MaxPool2d(attrs) => window::pool(cx, OpCode::MaxPool2d, attrs),
        Op::Add(attrs) => elementwise::add(cx, OpCode::Add, attrs),
        Op::Sub(attrs) => elementwise::add(cx, OpCode::Sub, attrs),
        Op::Mul { activation } => elementwise::mul(cx, *activation),
        Op::Prelu => elementwise::prelu(cx),
        Op::Mean { .. } => elementwise::mean(cx),
        Op::Softmax { beta } => unary::softmax(cx, *beta),
        Op::Logistic => unary::logistic(cx),
        Op::Tanh => unary::tanh(cx),
        Op::Relu => unary::relu(cx, OpCode::Relu),
        Op::Relu6 => unary::relu(cx, OpCode::Relu6),
        Op::ReluN1To1 => unary::relu(cx, OpCode::ReluN1To1),
        Op::LeakyRelu { alpha } => unary::leaky_relu(cx, *alpha),
        Op::HardSwish => unary::hard_swish(cx),
        Op::Quantize => unary::quantize(cx),
        Op::Dequantize => unary::dequantize(cx),
        Op::Reshape(_) => copy::reshape(cx, OpCode::Reshape),
        Op::Squeeze { .. } => copy::reshape(cx, OpCode::Squeeze),
        Op::ExpandDims => copy::reshape(cx, OpCode::ExpandDims),
        Op::Pad => copy::pad(cx, OpCode::Pad),
        Op::PadV2 => copy::pad(cx, OpCode::PadV2),
        Op::Concatenation { axis, activation } => copy::concatenation(cx, *axis, *activation),
        Op::Split { .. } => copy::split(cx),
        Op::Slice => copy::slice(cx),
        Op::StridedSlice(attrs) => copy::strided_slice(cx, attrs),
        Op::Transpose => copy::transpose(cx),
        Op::Unsupported { name, reason } => Err(Refusal::operator(name, reason)),
        _ => lower_other(cx),
    }
}

/// Operators that are not among the common ones.
fn lower_other(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    use smidge::OpCode;
    match &cx.node.op {
        Op::Unary(kind) => functions::unary(cx, *kind),
        Op::Binary(kind) => functions::binary(cx, *kind),
        Op::AddN => elementwise::add_n(cx),
        Op::Reduce { kind, .. } => reduce::reduce(cx, *kind),
        Op::ArgMax => reduce::arg(cx, OpCode::ArgMax),
        Op::ArgMin => reduce::arg(cx, OpCode::ArgMin),
        Op::Cumsum { exclusive, reverse } => reduce::cumsum(cx, *exclusive, *reverse),
        Op::TopkV2 => reduce::topk(cx),
        Op::Select => rearrange::select(cx, true),
        Op::SelectV2 => rearrange::select(cx, false),
        Op::Cast => rearrange::cast(cx),
        Op::Gather { axis, batch_dims } => rearrange::gather(cx, *axis, *batch_dims),
        Op::GatherNd => rearrange::gather_nd(cx),
        Op::Scatter(join) => rearrange::scatter(cx, *join),
        Op::EmbeddingLookup => rearrange::embedding_lookup(cx),
        Op::Pack { axis } => rearrange::pack(cx, *axis),
        Op::Unpack { axis, .. } => rearrange::unpack(cx, *axis),
        Op::SplitV { .. } => rearrange::split_v(cx),
        Op::Tile => rearrange::tile(cx),
        Op::BroadcastTo => rearrange::broadcast_to(cx),
        Op::Fill => rearrange::fill(cx),
        Op::ReverseV2 => rearrange::reverse(cx),
        Op::MirrorPad { symmetric } => rearrange::mirror_pad(cx, *symmetric),
        Op::SpaceToDepth { block } => rearrange::space_to_depth(cx, *block),
        Op::DepthToSpace { block } => rearrange::depth_to_space(cx, *block),
        Op::SpaceToBatchNd => rearrange::space_to_batch(cx),
        Op::BatchToSpaceNd => rearrange::batch_to_space(cx),
        Op::ResizeBilinear(resize) => image::bilinear(cx, resize),
        Op::ResizeNearestNeighbor(resize) => image::nearest(cx, resize),
        Op::TransposeConv(conv) => image::transpose_conv(cx, conv),
        Op::BatchMatMul { adj_x, adj_y } => image::batch_matmul(cx, [*adj_x, *adj_y]),
        Op::LogSoftmax => image::log_softmax(cx),
        Op::L2Normalization { activation } => image::l2_normalization(cx, *activation),
        Op::LocalResponseNormalization { radius, bias, alpha, beta } => {
            image::local_response(cx, (*radius, *bias, *alpha, *beta))
        }
        Op::Svdf(attrs) => recurrent::svdf(cx, attrs),
        Op::SequenceLstm(attrs) => recurrent::lstm(cx, attrs),
        Op::ReadVariable => state::read(cx),
        Op::AssignVariable => state::assign(cx),
        Op::If { then, otherwise } => state::branch(cx, *then, *otherwise),
        Op::While { condition, body } => state::repeat(cx, *condition, *body),
        Op::L2Pool2d(attrs) => window::pool(cx, OpCode::L2Pool2d, attrs),
        other => Err(Refusal::operator(other.name(), "")),
    }
}
