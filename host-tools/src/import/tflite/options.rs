//! Attributes of operators that rearrange, remember or control.

use smidge_graph::op::{Binary, Lstm, Reduction, Resize, Rnn, Svdf, TransposeConv, Unary};
use smidge_graph::{Activation, Op};
use smidge_tflite::BuiltinOptionsRef as Options;
use smidge_tflite::{MirrorPadMode, OperatorRef};

use super::Budget;
use super::attributes::{
    AttributeError, Result, activation, extent, extents, finite, keep_dims, no_options, padding,
    pool_2d,
};

/// The operator of that TFLite name with its attributes; `None` when the graph does not have it.
pub(super) fn read(name: &str, table: &OperatorRef<'_>, budget: &mut Budget) -> Result<Option<Op>> {
    if let Some(kind) = reduction(name) {
        return Ok(Some(Op::Reduce { kind, keep_dims: keep_dims(table.builtin_options()?)? }));
    }
    let options = || table.builtin_options();
    Ok(Some(match name {
        "GELU" => Op::Unary(Unary::Gelu { approximate: gelu(options()?)? }),
        "DIV" => Op::Binary(Binary::Div(div(options()?)?)),
        "L2_NORMALIZATION" => Op::L2Normalization { activation: l2_norm(options()?)? },
        "L2_POOL_2D" => Op::L2Pool2d(pool_2d(options()?)?),
        "LOCAL_RESPONSE_NORMALIZATION" => local_response(options()?)?,
        "GATHER" => gather(options()?)?,
        "PACK" => Op::Pack { axis: pack_axis(options()?)? },
        "UNPACK" => unpack(options()?)?,
        "SPLIT_V" => Op::SplitV { num_splits: split_v(options()?)? },
        "MIRROR_PAD" => Op::MirrorPad { symmetric: is_symmetric(options()?)? },
        "SPACE_TO_DEPTH" | "DEPTH_TO_SPACE" => block(options()?)?,
        "RESIZE_BILINEAR" => Op::ResizeBilinear(resize(options()?)?),
        "RESIZE_NEAREST_NEIGHBOR" => Op::ResizeNearestNeighbor(resize(options()?)?),
        "TRANSPOSE_CONV" => Op::TransposeConv(transpose_conv(options()?)?),
        "BATCH_MATMUL" => batch_matmul(options()?)?,
        "CUMSUM" => cumsum(options()?)?,
        "SVDF" => Op::Svdf(svdf(options()?)?),
        "RNN" => Op::Rnn(rnn(options()?)?),
        "UNIDIRECTIONAL_SEQUENCE_RNN" => Op::SequenceRnn(rnn(options()?)?),
        "BIDIRECTIONAL_SEQUENCE_RNN" => Op::BidirectionalSequenceRnn(rnn(options()?)?),
        "UNIDIRECTIONAL_SEQUENCE_LSTM" => Op::SequenceLstm(lstm(options()?)?),
        "BIDIRECTIONAL_SEQUENCE_LSTM" => Op::BidirectionalSequenceLstm(lstm(options()?)?),
        "VAR_HANDLE" => Op::VarHandle { name: variable(options()?, budget)? },
        "CALL_ONCE" | "IF" | "WHILE" => control(options()?)?,
        _ => return Ok(None),
    }))
}

fn reduction(name: &str) -> Option<Reduction> {
    Some(match name {
        "REDUCE_ALL" => Reduction::All,
        "REDUCE_ANY" => Reduction::Any,
        "REDUCE_MAX" => Reduction::Max,
        "REDUCE_MIN" => Reduction::Min,
        "REDUCE_PROD" => Reduction::Prod,
        "SUM" => Reduction::Sum,
        _ => return None,
    })
}

fn gelu(options: Option<Options<'_>>) -> Result<bool> {
    let Some(Options::Gelu(gelu)) = options else { return Ok(false) };
    Ok(gelu.approximate()?)
}

fn div(options: Option<Options<'_>>) -> Result<Activation> {
    let Some(Options::Div(div)) = options else { return Ok(Activation::None) };
    Ok(activation(div.activation()?))
}

fn l2_norm(options: Option<Options<'_>>) -> Result<Activation> {
    let Some(Options::L2Norm(norm)) = options else { return Ok(Activation::None) };
    Ok(activation(norm.activation()?))
}

fn local_response(options: Option<Options<'_>>) -> Result<Op> {
    let Some(Options::LocalResponseNormalization(norm)) = options else {
        return Err(no_options("radius"));
    };
    Ok(Op::LocalResponseNormalization {
        radius: position("radius", norm.radius()?)?,
        bias: finite("bias", norm.bias()?)?,
        alpha: finite("alpha", norm.alpha()?)?,
        beta: finite("beta", norm.beta()?)?,
    })
}

fn gather(options: Option<Options<'_>>) -> Result<Op> {
    let Some(Options::Gather(gather)) = options else {
        return Ok(Op::Gather { axis: 0, batch_dims: 0 });
    };
    Ok(Op::Gather { axis: gather.axis()?, batch_dims: gather.batch_dims()? })
}

fn pack_axis(options: Option<Options<'_>>) -> Result<i32> {
    let Some(Options::Pack(pack)) = options else { return Ok(0) };
    Ok(pack.axis()?)
}

fn unpack(options: Option<Options<'_>>) -> Result<Op> {
    let Some(Options::Unpack(unpack)) = options else { return Err(no_options("num")) };
    Ok(Op::Unpack { axis: unpack.axis()?, num: extent("num", unpack.num()?)? })
}

fn split_v(options: Option<Options<'_>>) -> Result<usize> {
    let Some(Options::SplitV(split)) = options else { return Err(no_options("num_splits")) };
    extent("num_splits", split.num_splits()?)
}

fn is_symmetric(options: Option<Options<'_>>) -> Result<bool> {
    let Some(Options::MirrorPad(pad)) = options else { return Ok(false) };
    Ok(pad.mode()? == MirrorPadMode::Symmetric)
}

fn block(options: Option<Options<'_>>) -> Result<Op> {
    match options {
        Some(Options::SpaceToDepth(block)) => {
            Ok(Op::SpaceToDepth { block: extent("block_size", block.block_size()?)? })
        }
        Some(Options::DepthToSpace(block)) => {
            Ok(Op::DepthToSpace { block: extent("block_size", block.block_size()?)? })
        }
        _ => Err(no_options("block_size")),
    }
}

fn resize(options: Option<Options<'_>>) -> Result<Resize> {
    let (align_corners, half_pixel_centers) = match options {
        Some(Options::ResizeBilinear(resize)) => {
            (resize.align_corners()?, resize.half_pixel_centers()?)
        }
        Some(Options::ResizeNearestNeighbor(resize)) => {
            (resize.align_corners()?, resize.half_pixel_centers()?)
        }
        _ => (false, false),
    };
    Ok(Resize { align_corners, half_pixel_centers })
}

fn transpose_conv(options: Option<Options<'_>>) -> Result<TransposeConv> {
    let Some(Options::TransposeConv(conv)) = options else { return Err(no_options("stride_h")) };
    Ok(TransposeConv {
        stride: extents(["stride_h", "stride_w"], [conv.stride_h()?, conv.stride_w()?])?,
        padding: padding(conv.padding()?),
        activation: activation(conv.activation()?),
    })
}

fn batch_matmul(options: Option<Options<'_>>) -> Result<Op> {
    let Some(Options::BatchMatMul(product)) = options else {
        return Ok(Op::BatchMatMul { adj_x: false, adj_y: false });
    };
    Ok(Op::BatchMatMul { adj_x: product.adj_x()?, adj_y: product.adj_y()? })
}

fn cumsum(options: Option<Options<'_>>) -> Result<Op> {
    let Some(Options::Cumsum(sum)) = options else {
        return Ok(Op::Cumsum { exclusive: false, reverse: false });
    };
    Ok(Op::Cumsum { exclusive: sum.exclusive()?, reverse: sum.reverse()? })
}

fn svdf(options: Option<Options<'_>>) -> Result<Svdf> {
    let Some(Options::Svdf(svdf)) = options else { return Err(no_options("rank")) };
    Ok(Svdf {
        rank: extent("rank", svdf.rank()?)?,
        activation: activation(svdf.activation()?),
        asymmetric_quantize_inputs: svdf.asymmetric_quantize_inputs()?,
    })
}

fn rnn(options: Option<Options<'_>>) -> Result<Rnn> {
    let none = Rnn {
        activation: Activation::None,
        time_major: false,
        merge_outputs: false,
        asymmetric_quantize_inputs: false,
    };
    Ok(match options {
        Some(Options::Rnn(rnn)) => Rnn {
            activation: activation(rnn.activation()?),
            asymmetric_quantize_inputs: rnn.asymmetric_quantize_inputs()?,
            ..none
        },
        Some(Options::SequenceRnn(rnn)) => Rnn {
            activation: activation(rnn.activation()?),
            time_major: rnn.time_major()?,
            asymmetric_quantize_inputs: rnn.asymmetric_quantize_inputs()?,
            ..none
        },
        Some(Options::BidirectionalSequenceRnn(rnn)) => Rnn {
            activation: activation(rnn.activation()?),
            time_major: rnn.time_major()?,
            merge_outputs: rnn.merge_outputs()?,
            asymmetric_quantize_inputs: rnn.asymmetric_quantize_inputs()?,
        },
        _ => none,
    })
}

fn lstm(options: Option<Options<'_>>) -> Result<Lstm> {
    let none = Lstm {
        activation: Activation::None,
        cell_clip: 0.0,
        proj_clip: 0.0,
        time_major: false,
        merge_outputs: false,
        asymmetric_quantize_inputs: false,
    };
    Ok(match options {
        Some(Options::SequenceLstm(lstm)) => Lstm {
            activation: activation(lstm.activation()?),
            cell_clip: finite("cell_clip", lstm.cell_clip()?)?,
            proj_clip: finite("proj_clip", lstm.proj_clip()?)?,
            time_major: lstm.time_major()?,
            asymmetric_quantize_inputs: lstm.asymmetric_quantize_inputs()?,
            ..none
        },
        Some(Options::BidirectionalSequenceLstm(lstm)) => Lstm {
            activation: activation(lstm.activation()?),
            cell_clip: finite("cell_clip", lstm.cell_clip()?)?,
            proj_clip: finite("proj_clip", lstm.proj_clip()?)?,
            time_major: lstm.time_major()?,
            merge_outputs: lstm.merge_outputs()?,
            asymmetric_quantize_inputs: lstm.asymmetric_quantize_inputs()?,
        },
        _ => none,
    })
}

/// Variables are known by container and name.
fn variable(options: Option<Options<'_>>, budget: &mut Budget) -> Result<String> {
    let Some(Options::VarHandle(handle)) = options else { return Ok(String::new()) };
    let (container, name) =
        (handle.container()?.unwrap_or(""), handle.shared_name()?.unwrap_or(""));
    budget.charge(container.len() + name.len() + 1, 1)?;
    Ok(format!("{container}/{name}"))
}

fn control(options: Option<Options<'_>>) -> Result<Op> {
    match options {
        Some(Options::CallOnce(call)) => {
            Ok(Op::CallOnce { subgraph: position("init_subgraph_index", call.init_subgraph()?)? })
        }
        Some(Options::If(branch)) => Ok(Op::If {
            then: position("then_subgraph_index", branch.then_subgraph()?)?,
            otherwise: position("else_subgraph_index", branch.else_subgraph()?)?,
        }),
        Some(Options::While(repeat)) => Ok(Op::While {
            condition: position("cond_subgraph_index", repeat.cond_subgraph()?)?,
            body: position("body_subgraph_index", repeat.body_subgraph()?)?,
        }),
        _ => Err(no_options("subgraph_index")),
    }
}

fn position(attribute: &'static str, value: i32) -> Result<usize> {
    let value_text = || value.to_string();
    usize::try_from(value).map_err(|_| AttributeError::Value {
        attribute,
        value: value_text(),
        rule: "is below 0",
    })
}
