//! Attributes of operators.
//!
//! An operator without its table of options has the defaults of the schema, as in TFLite.

use smidge_graph::op::{
    AddSub, Conv2d, DepthwiseConv2d, FullyConnected, Pool2d, Reshape, StridedSlice, WeightsFormat,
};
use smidge_graph::{Activation, Op, Padding};
use smidge_tflite::BuiltinOptionsRef as Options;
use smidge_tflite::{
    self as schema, Conv2dOptionsRef, DepthwiseConv2dOptionsRef, FullyConnectedOptionsRef,
    OperatorRef, Pool2dOptionsRef, StridedSliceOptionsRef, Vector,
};

use super::{Budget, Problem, options};

/// Why attributes cannot be read.
pub(super) enum AttributeError {
    Damaged(schema::Error),
    Import(Problem),
    Value { attribute: &'static str, value: String, rule: &'static str },
}

impl From<schema::Error> for AttributeError {
    fn from(error: schema::Error) -> Self {
        Self::Damaged(error)
    }
}

impl From<Problem> for AttributeError {
    fn from(problem: Problem) -> Self {
        Self::Import(problem)
    }
}

pub(super) type Result<T> = core::result::Result<T, AttributeError>;

/// The operator of that TFLite name with its attributes; `None` when the graph does not have it.
pub(super) fn read(name: &str, table: &OperatorRef<'_>, budget: &mut Budget) -> Result<Option<Op>> {
    if let Some(op) = without_attributes(name) {
        return Ok(Some(op));
    }
    // The options of operators that are not read are not looked at: they may be of a kind that
    // the schema does not know yet.
    let options = || table.builtin_options();
    Ok(Some(match name {
        "CONV_2D" => Op::Conv2d(conv_2d(options()?)?),
        "DEPTHWISE_CONV_2D" => Op::DepthwiseConv2d(depthwise_conv_2d(options()?)?),
        "FULLY_CONNECTED" => Op::FullyConnected(fully_connected(options()?)?),
        "AVERAGE_POOL_2D" => Op::AveragePool2d(pool_2d(options()?)?),
        "MAX_POOL_2D" => Op::MaxPool2d(pool_2d(options()?)?),
        "ADD" => Op::Add(add(options()?)?),
        "SUB" => Op::Sub(sub(options()?)?),
        "MUL" => Op::Mul { activation: mul(options()?)? },
        "SOFTMAX" => Op::Softmax { beta: softmax_beta(options()?)? },
        "LEAKY_RELU" => Op::LeakyRelu { alpha: leaky_relu_alpha(options()?)? },
        "RESHAPE" => Op::Reshape(reshape(options()?, budget)?),
        "SQUEEZE" => Op::Squeeze { dims: squeeze_dims(options()?, budget)? },
        "CONCATENATION" => concatenation(options()?)?,
        "SPLIT" => Op::Split { num_splits: num_splits(options()?)? },
        "STRIDED_SLICE" => Op::StridedSlice(strided_slice(options()?)?),
        "MEAN" => Op::Mean { keep_dims: keep_dims(options()?)? },
        _ => return options::read(name, table, budget),
    }))
}

fn without_attributes(name: &str) -> Option<Op> {
    use smidge_graph::op::{Binary, Unary};
    Some(match name {
        "LOGISTIC" => Op::Logistic,
        "TANH" => Op::Tanh,
        "RELU" => Op::Relu,
        "RELU6" => Op::Relu6,
        "RELU_N1_TO_1" => Op::ReluN1To1,
        "PRELU" => Op::Prelu,
        "HARD_SWISH" => Op::HardSwish,
        "EXPAND_DIMS" => Op::ExpandDims,
        "PAD" => Op::Pad,
        "PADV2" => Op::PadV2,
        "SLICE" => Op::Slice,
        "TRANSPOSE" => Op::Transpose,
        "QUANTIZE" => Op::Quantize,
        "DEQUANTIZE" => Op::Dequantize,
        "ABS" => Op::Unary(Unary::Abs),
        "CEIL" => Op::Unary(Unary::Ceil),
        "COS" => Op::Unary(Unary::Cos),
        "ELU" => Op::Unary(Unary::Elu),
        "EXP" => Op::Unary(Unary::Exp),
        "FLOOR" => Op::Unary(Unary::Floor),
        "LOG" => Op::Unary(Unary::Log),
        "LOGICAL_NOT" => Op::Unary(Unary::LogicalNot),
        "NEG" => Op::Unary(Unary::Neg),
        "ROUND" => Op::Unary(Unary::Round),
        "RSQRT" => Op::Unary(Unary::Rsqrt),
        "SIGN" => Op::Unary(Unary::Sign),
        "SIN" => Op::Unary(Unary::Sin),
        "SQRT" => Op::Unary(Unary::Sqrt),
        "SQUARE" => Op::Unary(Unary::Square),
        "ATAN2" => Op::Binary(Binary::Atan2),
        "EQUAL" => Op::Binary(Binary::Equal),
        "FLOOR_DIV" => Op::Binary(Binary::FloorDiv),
        "FLOOR_MOD" => Op::Binary(Binary::FloorMod),
        "GREATER" => Op::Binary(Binary::Greater),
        "GREATER_EQUAL" => Op::Binary(Binary::GreaterEqual),
        "LESS" => Op::Binary(Binary::Less),
        "LESS_EQUAL" => Op::Binary(Binary::LessEqual),
        "LOGICAL_AND" => Op::Binary(Binary::LogicalAnd),
        "LOGICAL_OR" => Op::Binary(Binary::LogicalOr),
        "MAXIMUM" => Op::Binary(Binary::Maximum),
        "MINIMUM" => Op::Binary(Binary::Minimum),
        "NOT_EQUAL" => Op::Binary(Binary::NotEqual),
        "POW" => Op::Binary(Binary::Pow),
        "SQUARED_DIFFERENCE" => Op::Binary(Binary::SquaredDifference),
        "ARG_MAX" => Op::ArgMax,
        "ARG_MIN" => Op::ArgMin,
        "SELECT" => Op::Select,
        "SELECT_V2" => Op::SelectV2,
        "CAST" => Op::Cast,
        "LOG_SOFTMAX" => Op::LogSoftmax,
        "GATHER_ND" => Op::GatherNd,
        "EMBEDDING_LOOKUP" => Op::EmbeddingLookup,
        "TILE" => Op::Tile,
        "BROADCAST_TO" => Op::BroadcastTo,
        "BROADCAST_ARGS" => Op::BroadcastArgs,
        "FILL" => Op::Fill,
        "SHAPE" => Op::Shape,
        "RANK" => Op::Rank,
        "RANGE" => Op::Range,
        "ZEROS_LIKE" => Op::ZerosLike,
        "REVERSE_V2" => Op::ReverseV2,
        "SPACE_TO_BATCH_ND" => Op::SpaceToBatchNd,
        "BATCH_TO_SPACE_ND" => Op::BatchToSpaceNd,
        "TOPK_V2" => Op::TopkV2,
        "ADD_N" => Op::AddN,
        "READ_VARIABLE" => Op::ReadVariable,
        "ASSIGN_VARIABLE" => Op::AssignVariable,
        _ => return None,
    })
}

fn conv_2d(options: Option<Options<'_>>) -> Result<Conv2d> {
    let Some(Options::Conv2d(conv)) = options else { return Err(no_options("stride_h")) };
    let conv: Conv2dOptionsRef<'_> = conv;
    Ok(Conv2d {
        stride: extents(["stride_h", "stride_w"], [conv.stride_h()?, conv.stride_w()?])?,
        dilation: extents(
            ["dilation_h_factor", "dilation_w_factor"],
            [conv.dilation_h()?, conv.dilation_w()?],
        )?,
        padding: padding(conv.padding()?),
        activation: activation(conv.activation()?),
    })
}

fn depthwise_conv_2d(options: Option<Options<'_>>) -> Result<DepthwiseConv2d> {
    let Some(Options::DepthwiseConv2d(conv)) = options else { return Err(no_options("stride_h")) };
    let conv: DepthwiseConv2dOptionsRef<'_> = conv;
    Ok(DepthwiseConv2d {
        stride: extents(["stride_h", "stride_w"], [conv.stride_h()?, conv.stride_w()?])?,
        dilation: extents(
            ["dilation_h_factor", "dilation_w_factor"],
            [conv.dilation_h()?, conv.dilation_w()?],
        )?,
        padding: padding(conv.padding()?),
        activation: activation(conv.activation()?),
        depth_multiplier: usize::try_from(conv.depth_multiplier()?).unwrap_or(0),
    })
}

pub(super) fn pool_2d(options: Option<Options<'_>>) -> Result<Pool2d> {
    let Some(Options::Pool2d(pool)) = options else { return Err(no_options("filter_height")) };
    let pool: Pool2dOptionsRef<'_> = pool;
    Ok(Pool2d {
        filter: extents(["filter_height", "filter_width"], [pool.filter_h()?, pool.filter_w()?])?,
        stride: extents(["stride_h", "stride_w"], [pool.stride_h()?, pool.stride_w()?])?,
        padding: padding(pool.padding()?),
        activation: activation(pool.activation()?),
    })
}

fn fully_connected(options: Option<Options<'_>>) -> Result<FullyConnected> {
    let Some(Options::FullyConnected(dense)) = options else {
        return Ok(FullyConnected {
            activation: Activation::None,
            keep_num_dims: false,
            weights_format: WeightsFormat::Default,
            asymmetric_quantize_inputs: false,
        });
    };
    let dense: FullyConnectedOptionsRef<'_> = dense;
    Ok(FullyConnected {
        activation: activation(dense.activation()?),
        keep_num_dims: dense.keep_num_dims()?,
        weights_format: match dense.weights_format()? {
            schema::WeightsFormat::Default => WeightsFormat::Default,
            schema::WeightsFormat::Shuffled4x16Int8 => WeightsFormat::Shuffled4x16Int8,
        },
        asymmetric_quantize_inputs: dense.asymmetric_quantize_inputs()?,
    })
}

fn add(options: Option<Options<'_>>) -> Result<AddSub> {
    let Some(Options::Add(add)) = options else { return Ok(AddSub::default()) };
    let pot_scale_int16 = add.pot_scale_int16()?;
    Ok(AddSub { activation: activation(add.activation()?), pot_scale_int16 })
}

fn sub(options: Option<Options<'_>>) -> Result<AddSub> {
    let Some(Options::Sub(sub)) = options else { return Ok(AddSub::default()) };
    let pot_scale_int16 = sub.pot_scale_int16()?;
    Ok(AddSub { activation: activation(sub.activation()?), pot_scale_int16 })
}

fn mul(options: Option<Options<'_>>) -> Result<Activation> {
    let Some(Options::Mul(mul)) = options else { return Ok(Activation::None) };
    Ok(activation(mul.activation()?))
}

fn softmax_beta(options: Option<Options<'_>>) -> Result<f32> {
    let Some(Options::Softmax(softmax)) = options else { return Ok(0.0) };
    finite("beta", softmax.beta()?)
}

fn leaky_relu_alpha(options: Option<Options<'_>>) -> Result<f32> {
    let Some(Options::LeakyRelu(relu)) = options else { return Ok(0.0) };
    finite("alpha", relu.alpha()?)
}

fn reshape(options: Option<Options<'_>>, budget: &mut Budget) -> Result<Reshape> {
    let Some(Options::Reshape(reshape)) = options else { return Ok(Reshape::default()) };
    let new_shape = reshape.new_shape()?.map(|shape| list(shape, budget)).transpose()?;
    Ok(Reshape { new_shape })
}

fn squeeze_dims(options: Option<Options<'_>>, budget: &mut Budget) -> Result<Vec<i32>> {
    let Some(Options::Squeeze(squeeze)) = options else { return Ok(Vec::new()) };
    squeeze.squeeze_dims()?.map_or(Ok(Vec::new()), |dims| list(dims, budget))
}

fn concatenation(options: Option<Options<'_>>) -> Result<Op> {
    let Some(Options::Concatenation(concat)) = options else {
        return Ok(Op::Concatenation { axis: 0, activation: Activation::None });
    };
    Ok(Op::Concatenation { axis: concat.axis()?, activation: activation(concat.activation()?) })
}

fn num_splits(options: Option<Options<'_>>) -> Result<usize> {
    let Some(Options::Split(split)) = options else { return Err(no_options("num_splits")) };
    extent("num_splits", split.num_splits()?)
}

fn strided_slice(options: Option<Options<'_>>) -> Result<StridedSlice> {
    let Some(Options::StridedSlice(slice)) = options else { return Ok(StridedSlice::default()) };
    let slice: StridedSliceOptionsRef<'_> = slice;
    Ok(StridedSlice {
        begin_mask: slice.begin_mask()?.cast_unsigned(),
        end_mask: slice.end_mask()?.cast_unsigned(),
        ellipsis_mask: slice.ellipsis_mask()?.cast_unsigned(),
        new_axis_mask: slice.new_axis_mask()?.cast_unsigned(),
        shrink_axis_mask: slice.shrink_axis_mask()?.cast_unsigned(),
        offset: slice.offset()?,
    })
}

pub(super) fn keep_dims(options: Option<Options<'_>>) -> Result<bool> {
    let Some(Options::Reducer(reducer)) = options else { return Ok(false) };
    Ok(reducer.keep_dims()?)
}

pub(super) fn padding(padding: schema::Padding) -> Padding {
    match padding {
        schema::Padding::Same => Padding::Same,
        schema::Padding::Valid => Padding::Valid,
    }
}

pub(super) fn activation(activation: schema::Activation) -> Activation {
    match activation {
        schema::Activation::None => Activation::None,
        schema::Activation::Relu => Activation::Relu,
        schema::Activation::ReluN1To1 => Activation::ReluN1To1,
        schema::Activation::Relu6 => Activation::Relu6,
        schema::Activation::Tanh => Activation::Tanh,
        schema::Activation::SignBit => Activation::SignBit,
    }
}

fn list(vector: Vector<'_, i32>, budget: &mut Budget) -> Result<Vec<i32>> {
    budget.charge(vector.len(), size_of::<i32>())?;
    Ok(vector.iter().collect())
}

pub(super) fn extents(names: [&'static str; 2], values: [i32; 2]) -> Result<[usize; 2]> {
    Ok([extent(names[0], values[0])?, extent(names[1], values[1])?])
}

pub(super) fn extent(attribute: &'static str, value: i32) -> Result<usize> {
    match usize::try_from(value) {
        Ok(extent) if extent > 0 => Ok(extent),
        _ => Err(AttributeError::Value {
            attribute,
            value: value.to_string(),
            rule: "is not above 0",
        }),
    }
}

pub(super) fn finite(attribute: &'static str, value: f32) -> Result<f32> {
    if value.is_finite() {
        return Ok(value);
    }
    let value = value.to_string();
    Err(AttributeError::Value { attribute, value, rule: "is not a number that can be used" })
}

/// Without options, an attribute that must be above 0 is 0.
pub(super) fn no_options(attribute: &'static str) -> AttributeError {
    let rule = "is not above 0: the table of options is missing";
    AttributeError::Value { attribute, value: 0.to_string(), rule }
}
