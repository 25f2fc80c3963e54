//! Networks of the operators that TensorFlow Lite has besides the common ones.

use super::{CLAMP_F32, HALF, Net, SMALL, factors, moved, pair, single, step, weights};
use smidge::format::DType::{self, Bool, F32, I8, I16, I32, I64};
use smidge::format::NONE;
use smidge::kernels::scalar::copy::View;
use smidge::kernels::scalar::normalize::LocalResponse;
use smidge::kernels::{Clamp, Multiplier};
use smidge::ops::binary::{AttrsF32, AttrsS32, ScaledAttrs};
use smidge::ops::s16::weights::{ConvAttrs, SumsKind};
use smidge::ops::unidirectional_sequence_lstm::{self as lstm, Order};
use smidge::ops::window::WindowAttrs;
use smidge::ops::{
    add, batch_matmul, concatenation, conv_2d, cumsum, gather, gelu, hybrid, l2_normalization,
    local_response_normalization as local, mean, mirror_pad, pool, resize_bilinear, scatter,
    strided_slice, svdf,
};
use smidge::{Op, OpCode, Variant};

/// The network of an operator, if it is one of these.
pub fn net(op: &Op) -> Option<Net> {
    if op.variant == Variant::Hybrid {
        return Some(mixed(op));
    }
    Some(match op.code {
        OpCode::Svdf => svdf(op),
        OpCode::UnidirectionalSequenceLstm => lstm(op),
        OpCode::Add | OpCode::Sub | OpCode::Mul | OpCode::Div if op.variant == Variant::S32 => {
            let clamp = Clamp { min: -100, max: 100 };
            pair(op, I32, &AttrsS32 { clamp }.encode())
        }
        OpCode::Div => pair(op, F32, &AttrsF32 { clamp: CLAMP_F32 }.encode()),
        OpCode::Equal
        | OpCode::NotEqual
        | OpCode::Greater
        | OpCode::GreaterEqual
        | OpCode::Less
        | OpCode::LessEqual => comparison(op),
        OpCode::Atan2
        | OpCode::FloorDiv
        | OpCode::FloorMod
        | OpCode::LogicalAnd
        | OpCode::LogicalOr
        | OpCode::Maximum
        | OpCode::Minimum
        | OpCode::Pow => pair(op, dtype(op), &[]),
        OpCode::SquaredDifference => squared_difference(op),
        OpCode::Exp | OpCode::Log | OpCode::Rsqrt if op.variant == Variant::S16 => {
            let mut net = Net::new();
            let x = net.arena(I16, &[2, 5]);
            let bytes: Vec<u8> = (0..513i16).flat_map(|v| (v * 60).to_le_bytes()).collect();
            let table = net.constant(I16, &[513], &bytes);
            step(net, op, &[x, table], &[x], &[(I16, &[2, 5])], &[])
        }
        OpCode::Abs | OpCode::Neg | OpCode::Sign | OpCode::Square if op.variant == Variant::S32 => {
            single(op, I32, &[2, 5], &[])
        }
        OpCode::LogicalNot => single(op, Bool, &[2, 5], &[]),
        OpCode::Gelu if op.variant == Variant::F32 => {
            single(op, F32, &[2, 5], &gelu::Attrs { approximate: true }.encode())
        }
        OpCode::L2Normalization | OpCode::LocalResponseNormalization => norm(op),
        OpCode::L2Pool2d => {
            let window =
                WindowAttrs { stride: [2, 1], dilation: [1, 1], before: [1, 0], after: [1, 1] };
            let filter = [3, 2];
            let attrs = pool::Attrs { window, filter, clamp: CLAMP_F32, round_up: false };
            moved(op, F32, &[2, 5, 4, 3], &[2, 3, 4, 3], &attrs.encode())
        }
        OpCode::ReduceAll
        | OpCode::ReduceAny
        | OpCode::ReduceMax
        | OpCode::ReduceMin
        | OpCode::ReduceProd
        | OpCode::Sum => reduction(op),
        OpCode::ArgMax | OpCode::ArgMin => {
            let attrs = concatenation::Attrs { axis: 1 }.encode();
            let mut net = Net::new();
            let x = net.arena(dtype(op), &[2, 3, 4]);
            step(net, op, &[x], &[x], &[(I32, &[2, 4])], &attrs)
        }
        OpCode::Cumsum => {
            let attrs = cumsum::Attrs { axis: 1, exclusive: true, reverse: true };
            single(op, dtype(op), &[2, 3, 4], &attrs.encode())
        }
        OpCode::TopkV2 => {
            let mut net = Net::new();
            let x = net.arena(dtype(op), &[2, 7]);
            step(net, op, &[x], &[x], &[(dtype(op), &[2, 3]), (I32, &[2, 3])], &[])
        }
        _ => return moving(op),
    })
}

/// Operators that move elements, and those on images.
fn moving(op: &Op) -> Option<Net> {
    Some(match op.code {
        OpCode::Cast => {
            let mut net = Net::new();
            let x = net.arena(F32, &[2, 5]);
            step(net, op, &[x], &[x], &[(I16, &[2, 5])], &[])
        }
        OpCode::SelectV2 => {
            let mut net = Net::new();
            let parts =
                [net.arena(Bool, &[2, 1, 4]), net.arena(I16, &[3, 4]), net.arena(I16, &[2, 3, 4])];
            step(net, op, &parts, &parts, &[(I16, &[2, 3, 4])], &[])
        }
        OpCode::Gather | OpCode::EmbeddingLookup => {
            let attrs = gather::Attrs { batch: 1, outer: 2, len: 3, inner: 4 }.encode();
            let mut net = Net::new();
            let (x, index) = (net.arena(I16, &[2, 3, 4]), net.i32s(&[2], &[2, -1]));
            step(net, op, &[x, index], &[x], &[(I16, &[2, 2, 4])], &attrs)
        }
        OpCode::GatherNd => {
            let mut net = Net::new();
            let (x, index) = (net.arena(I16, &[2, 3, 4]), net.i32s(&[2, 2], &[1, 2, 0, 5]));
            step(net, op, &[x, index], &[x], &[(I16, &[2, 4])], &[])
        }
        OpCode::Pack => {
            let attrs = concatenation::Attrs { axis: 1 }.encode();
            let mut net = Net::new();
            let parts = [0; 3].map(|_| net.arena(I16, &[2, 4]));
            step(net, op, &parts, &parts, &[(I16, &[2, 3, 4])], &attrs)
        }
        OpCode::Unpack => {
            let attrs = concatenation::Attrs { axis: 1 }.encode();
            let mut net = Net::new();
            let x = net.arena(I16, &[2, 2, 4]);
            let part: (DType, &[u32]) = (I16, &[2, 4]);
            step(net, op, &[x], &[x], &[part, part], &attrs)
        }
        OpCode::Tile
        | OpCode::BroadcastTo
        | OpCode::ReverseV2
        | OpCode::SpaceToDepth
        | OpCode::DepthToSpace
        | OpCode::SpaceToBatchNd
        | OpCode::BatchToSpaceNd => {
            let view = View { count: [1, 1, 1, 2, 3, 4], step: [0, 0, 0, 0, 4, -1], start: 3 };
            moved(op, I16, &[3, 4], &[2, 3, 4], &strided_slice::Attrs { view }.encode())
        }
        OpCode::MirrorPad => {
            let attrs = mirror_pad::Attrs { before: [0, 0, 0, 0, 1, 2], symmetric: false };
            moved(op, I16, &[2, 3], &[4, 6], &attrs.encode())
        }
        OpCode::ResizeNearestNeighbor => {
            let mut net = Net::new();
            let x = net.arena(I16, &[1, 2, 3, 4]);
            let tables = (net.i32s(&[3], &[0, 1, 1]), net.i32s(&[2], &[0, 2]));
            step(net, op, &[x, tables.0, tables.1], &[x], &[(I16, &[1, 3, 2, 4])], &[])
        }
        OpCode::ResizeBilinear => {
            let (dtype, attrs) = match op.variant {
                Variant::F32 => {
                    (F32, resize_bilinear::Attrs { scale: [0.5f32, 1.5], half: true }.encode())
                }
                _ => {
                    let attrs = resize_bilinear::Attrs { scale: [512i32, 1536], half: true };
                    (dtype(op), attrs.encode())
                }
            };
            moved(op, dtype, &[1, 2, 3, 4], &[1, 4, 2, 4], &attrs)
        }
        OpCode::Scatter => {
            let mut net = Net::new();
            let (x, updates) = (net.arena(dtype(op), &[5, 3]), net.arena(dtype(op), &[2, 3]));
            let index = net.i32s(&[2], &[4, -5]);
            let attrs = scatter::Attrs { join: 0, inner: 3 }.encode();
            let inputs = [x, updates];
            step(net, op, &[x, index, updates], &inputs, &[(dtype(op), &[5, 3])], &attrs)
        }
        OpCode::TransposeConv => transpose_conv(op),
        OpCode::BatchMatMul => {
            let factor = Multiplier { mantissa: 1_400_000_000, shift: -6 };
            let attrs = batch_matmul::Attrs { turned: [false, true], zeros: [0; 3], factor };
            let mut net = Net::new();
            let (a, b) = (net.arena(dtype(op), &[2, 3, 4]), net.arena(dtype(op), &[1, 5, 4]));
            step(net, op, &[a, b], &[a, b], &[(dtype(op), &[2, 3, 5])], &attrs.encode())
        }
        _ => return None,
    })
}

/// The element type of an operator whose operands have one.
fn dtype(op: &Op) -> DType {
    match op.variant {
        Variant::S8 => I8,
        Variant::S16 => I16,
        Variant::S32 => I32,
        Variant::S64 => I64,
        Variant::Bool => Bool,
        _ => F32,
    }
}

fn comparison(op: &Op) -> Net {
    let attrs = match op.variant {
        Variant::S8 => ScaledAttrs { zeros: [3, -128], factors: [HALF, SMALL] }.encode().to_vec(),
        _ => Vec::new(),
    };
    let mut net = Net::new();
    let (a, b) = (net.arena(dtype(op), &[2, 3, 4]), net.arena(dtype(op), &[2, 1, 4]));
    step(net, op, &[a, b], &[a, b], &[(Bool, &[2, 3, 4])], &attrs)
}

fn squared_difference(op: &Op) -> Net {
    if op.variant != Variant::S8 {
        return pair(op, dtype(op), &[]);
    }
    let attrs = add::AttrsS8 {
        zeros: [3, -128],
        output_zero: -5,
        clamp: Clamp { min: -128, max: 127 },
        left_shift: 7,
        factors: [HALF, HALF],
        output: Multiplier { mantissa: 1_300_000_000, shift: -13 },
    };
    pair(op, I8, &attrs.encode())
}

fn norm(op: &Op) -> Net {
    if op.code == OpCode::LocalResponseNormalization {
        let kernel = LocalResponse { radius: 2, bias: 1.0, alpha: 0.5, beta: 0.75 };
        return single(op, F32, &[2, 5], &local::Attrs { kernel }.encode());
    }
    match op.variant {
        Variant::S8 => {
            single(op, I8, &[2, 5], &l2_normalization::AttrsS8 { input_zero: -3 }.encode())
        }
        _ => single(op, F32, &[2, 5], &AttrsF32 { clamp: CLAMP_F32 }.encode()),
    }
}

fn reduction(op: &Op) -> Net {
    let axes = mean::Axes([false, false, false, false, true, true]);
    let attrs = match (op.code, op.variant) {
        (OpCode::Sum, Variant::S8 | Variant::S16) => {
            mean::AttrsS8 { axes, input_zero: 0, output_zero: 0, factor: SMALL }.encode().to_vec()
        }
        _ => mean::AttrsF32 { axes }.encode().to_vec(),
    };
    moved(op, dtype(op), &[2, 3, 4], &[2], &attrs)
}

fn transpose_conv(op: &Op) -> Net {
    let window = WindowAttrs { stride: [2, 1], dilation: [1, 1], before: [1, 0], after: [0, 0] };
    let mut net = Net::new();
    let (x_dims, w_dims, y_dims): (&[u32], &[u32], &[u32]) =
        (&[1, 3, 2, 4], &[6, 3, 2, 4], &[1, 6, 3, 6]);
    if op.variant == Variant::F32 {
        let attrs = conv_2d::AttrsF32 { window, clamp: CLAMP_F32 };
        let (x, w) = (net.arena(F32, x_dims), net.f32s(w_dims, &super::ramp(144)));
        let bias = net.f32s(&[6], &super::ramp(6));
        return step(net, op, &[x, w, bias], &[x], &[(F32, y_dims)], &attrs.encode());
    }
    let dtype = dtype(op);
    let (x, w) = (net.arena(dtype, x_dims), net.i8s(w_dims, &weights(144)));
    let bias = net.i32s(&[6], &[0, 1000, -1000, 70_000, -70_000, 5]);
    let factors = net.i32s(&[6, 2], &factors(6));
    let clamp = Clamp { min: -128, max: 127 };
    let attrs = if dtype == I8 {
        let (input_zero, weights_zero, output_zero) = (-128, 2, 9);
        conv_2d::AttrsS8 { window, input_zero, weights_zero, output_zero, clamp }.encode().to_vec()
    } else {
        ConvAttrs { window, sums: SumsKind::Narrow, clamp }.encode().to_vec()
    };
    step(net, op, &[x, w, bias, factors], &[x], &[(dtype, y_dims)], &attrs)
}

/// Float activations and int8 weights.
fn mixed(op: &Op) -> Net {
    let stride = [1, 1];
    let window = WindowAttrs { stride, dilation: [1, 1], before: [0, 1], after: [1, 0] };
    let attrs = hybrid::Attrs { window, clamp: CLAMP_F32, symmetric: false }.encode();
    let mut net = Net::new();
    let (x, w, y): (&[u32], &[u32], &[u32]) = match op.code {
        OpCode::Conv2d => (&[1, 4, 5, 4], &[6, 2, 2, 4], &[1, 4, 5, 6]),
        OpCode::DepthwiseConv2d => (&[1, 4, 5, 2], &[1, 2, 2, 6], &[1, 4, 5, 6]),
        _ => (&[2, 1, 4], &[6, 4], &[2, 6]),
    };
    let row = x.iter().product::<u32>() as usize;
    let count = w.iter().product::<u32>() as usize;
    let (x, w) = (net.arena(F32, x), net.i8s(w, &weights(count)));
    let bias = net.f32s(&[6], &super::ramp(6));
    let scales = net.f32s(&[6], &[0.5, 0.25, 0.125, 1.0, 2.0, 3.0]);
    let outputs = [net.arena(F32, y)];
    net.op(op, &[x, w, bias, scales], &outputs, &attrs);
    net.scratch(row);
    net.subgraph(&[x], &outputs);
    net.place();
    net
}

fn svdf(op: &Op) -> Net {
    let mut net = Net::new();
    let (x, feature, time, bias, state, attrs);
    if op.variant == Variant::S8 {
        let numbers = svdf::AttrsS8 { rank: 2, zeros: [3, -5, 7], feature: SMALL, output: SMALL };
        attrs = numbers.encode().to_vec();
        x = net.arena(I8, &[1, 3]);
        feature = net.i8s(&[4, 3], &weights(12));
        time = net.i8s(&[4, 2], &weights(8));
        bias = net.i32s(&[2], &[100, -100]);
        state = net.state(I8, &[1, 8], NONE);
    } else {
        attrs = svdf::AttrsF32 { rank: 2, clamp: CLAMP_F32 }.encode().to_vec();
        x = net.arena(F32, &[1, 3]);
        feature = net.f32s(&[4, 3], &super::ramp(12));
        time = net.f32s(&[4, 2], &super::ramp(8));
        bias = net.f32s(&[2], &super::ramp(2));
        state = net.state(F32, &[1, 8], NONE);
    }
    let y = net.arena(if op.variant == Variant::S8 { I8 } else { F32 }, &[1, 2]);
    net.op(op, &[x, feature, time, bias], &[y, state], &attrs);
    net.subgraph(&[x], &[y]);
    net.place();
    net
}

fn lstm(op: &Op) -> Net {
    let mut net = Net::new();
    let order = Order { time_major: false, backwards: false };
    let is_float = op.variant == Variant::F32;
    let (activation, cell) = if is_float { (F32, F32) } else { (I8, I16) };
    let x = net.arena(activation, &[1, 3, 5]);
    let mut operands = vec![x];
    for (rows, count) in [(5, 10), (2, 4)] {
        for _ in 0..4 {
            operands.push(match is_float {
                true => net.f32s(&[2, rows], &super::ramp(count)),
                false => net.i8s(&[2, rows], &weights(count)),
            });
        }
    }
    for _ in 0..4 {
        operands.push(match is_float {
            true => net.f32s(&[2], &super::ramp(2)),
            false => net.i32s(&[2], &[100, -100]),
        });
    }
    let attrs = if is_float {
        lstm::AttrsF32 { order, clip: CLAMP_F32 }.encode().to_vec()
    } else {
        operands.push(net.i32s(&[8, 2], &factors(8)));
        operands.push(NONE);
        let zeros = [3, -4];
        let factors = [Multiplier { mantissa: 1 << 30, shift: -14 }, SMALL, SMALL];
        lstm::AttrsS8 { order, zeros, integer_bits: 3, clip: 30_000, factors }.encode().to_vec()
    };
    let output = net.state(activation, &[1, 2], NONE);
    let cells = net.state(cell, &[1, 2], NONE);
    let y = net.arena(activation, &[1, 3, 2]);
    net.op(op, &operands, &[y, output, cells], &attrs);
    net.scratch(32);
    net.subgraph(&[x], &[y]);
    net.place();
    net
}
