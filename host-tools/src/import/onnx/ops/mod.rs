//! Operators, by families.

mod control;
mod conv;
mod elementwise;
mod index;
mod matrix;
mod norm;
mod pool;
mod quant;
mod recurrent;
mod reduce;
mod resize;
mod shape;
mod taps;

use smidge_graph::op::{Binary, Unary};
use smidge_graph::{Activation, Op, TensorId};

pub(super) use self::elementwise::converted;
use super::MIN_OPSET;
use super::node::{NodeCx, Refusal, Result};

/// Operators that have not changed since the first version.
fn is_as_old_as_onnx(op: &str) -> bool {
    unary(op).is_some() || matches!(op, "Constant" | "Flatten" | "Identity" | "Shape" | "Transpose")
}

/// Reads a node: adds what it becomes to the network, and gives its results.
pub(super) fn read(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    if !matches!(cx.node.domain(), "" | "ai.onnx") || cx.importer.function(cx.node).is_some() {
        return control::call(cx);
    }
    if cx.opset() < MIN_OPSET && !is_as_old_as_onnx(cx.node.op_type()) {
        let opset = cx.opset();
        return Err(format!("is of opset {opset}; most are read from {MIN_OPSET} on").into());
    }
    if let Some(result) = cx.folded()? {
        return Ok(vec![result]);
    }
    let result = match cx.node.op_type() {
        "Split" => return shape::split(cx),
        "TopK" => return shape::top_k(cx),
        "If" => return control::branch(cx),
        "Loop" => return control::repeat(cx),
        "Dropout" => return shape::dropout(cx),
        "DynamicQuantizeLinear" => return quant::dynamic(cx),
        "LayerNormalization" => return norm::layer(cx),
        op @ ("GRU" | "LSTM" | "RNN") => return recurrent::read(cx, op),
        other => one(cx, other)?,
    };
    Ok(vec![result])
}

/// Operators with one result.
fn one(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<TensorId> {
    match op {
        "Conv" => conv::conv(cx),
        "ConvTranspose" => conv::conv_transpose(cx),
        "AveragePool" => pool::average(cx),
        "MaxPool" => pool::max(cx),
        "LpPool" => pool::lp(cx),
        "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => pool::global(cx, op),
        "Gemm" => matrix::gemm(cx),
        "MatMul" => matrix::mat_mul(cx),
        "BatchNormalization" => norm::batch(cx),
        "InstanceNormalization" => norm::instance(cx),
        "GroupNormalization" => norm::group(cx),
        "LRN" => norm::local_response(cx),
        "Softmax" | "LogSoftmax" | "Hardmax" => reduce::softmax(cx, op),
        "ArgMax" | "ArgMin" => reduce::arg(cx, op),
        "CumSum" => reduce::cum_sum(cx),
        "ConvInteger" => quant::conv_integer(cx),
        "DequantizeLinear" => quant::dequantize(cx),
        "Einsum" => matrix::einsum(cx),
        "GatherElements" => index::gather_elements(cx),
        "MatMulInteger" => quant::mat_mul_integer(cx),
        "OneHot" => index::one_hot(cx),
        "QLinearConv" => quant::qlinear_conv(cx),
        "QLinearMatMul" => quant::qlinear_mat_mul(cx),
        "QuantizeLinear" => quant::quantize(cx),
        "Resize" | "Upsample" => resize::resize(cx),
        "ScatterElements" | "Scatter" => index::scatter_elements(cx),
        "ScatterND" => index::scatter_nd(cx),
        _ if op.starts_with("Reduce") => reduce::reduce(cx, op),
        _ => match elementwise::read(cx, op)? {
            Some(result) => Ok(result),
            None => shape::read(cx, op)?.ok_or_else(|| not_supported(cx)),
        },
    }
}

fn not_supported(cx: &NodeCx<'_, '_>) -> Refusal {
    format!("is not supported by this version (opset {})", cx.opset()).into()
}

/// The unary operators that both formats have.
fn unary(op: &str) -> Option<Op> {
    Some(match op {
        "Abs" => Op::Unary(Unary::Abs),
        "Acos" => Op::Unary(Unary::Acos),
        "Acosh" => Op::Unary(Unary::Acosh),
        "Asin" => Op::Unary(Unary::Asin),
        "Asinh" => Op::Unary(Unary::Asinh),
        "Atan" => Op::Unary(Unary::Atan),
        "Atanh" => Op::Unary(Unary::Atanh),
        "Ceil" => Op::Unary(Unary::Ceil),
        "Cos" => Op::Unary(Unary::Cos),
        "Cosh" => Op::Unary(Unary::Cosh),
        "Erf" => Op::Unary(Unary::Erf),
        "Exp" => Op::Unary(Unary::Exp),
        "Floor" => Op::Unary(Unary::Floor),
        "HardSwish" => Op::HardSwish,
        "Log" => Op::Unary(Unary::Log),
        "Neg" => Op::Unary(Unary::Neg),
        "Not" => Op::Unary(Unary::LogicalNot),
        "Relu" => Op::Relu,
        "Round" => Op::Unary(Unary::Round),
        "Sigmoid" => Op::Logistic,
        "Sign" => Op::Unary(Unary::Sign),
        "Sin" => Op::Unary(Unary::Sin),
        "Sinh" => Op::Unary(Unary::Sinh),
        "Sqrt" => Op::Unary(Unary::Sqrt),
        "Tan" => Op::Unary(Unary::Tan),
        "Tanh" => Op::Tanh,
        _ => return None,
    })
}

/// The binary operators that both formats have.
fn binary(op: &str) -> Option<Binary> {
    Some(match op {
        "And" => Binary::LogicalAnd,
        "Div" => Binary::Div(Activation::None),
        "Equal" => Binary::Equal,
        "Greater" => Binary::Greater,
        "GreaterOrEqual" => Binary::GreaterEqual,
        "Less" => Binary::Less,
        "LessOrEqual" => Binary::LessEqual,
        "Or" => Binary::LogicalOr,
        "Pow" => Binary::Pow,
        "Xor" => Binary::NotEqual,
        _ => return None,
    })
}
