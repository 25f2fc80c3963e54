//! A network of one step for every operator in every variant.

mod more;
mod packed;
mod panels;
mod wide;

use super::Net;
use smidge::format::DType::{self, F32, I8};
use smidge::format::NONE;
use smidge::kernels::scalar::copy::View;
use smidge::kernels::scalar::elementwise::LinearS8;
use smidge::kernels::{Clamp, Cpu, Family, Multiplier};
use smidge::ops::window::WindowAttrs;
use smidge::ops::{add, binary, concatenation, conv_2d, dequantize, fully_connected, leaky_relu};
use smidge::ops::{mean, mul, pad, pool, prelu, relu, slice, softmax, strided_slice};
use smidge::{Op, OpCode, Variant, ops};

const CLAMP: Clamp<i32> = Clamp { min: -128, max: 127 };
const CLAMP_F32: Clamp<f32> = Clamp { min: -1e3, max: 1e3 };
/// About a half.
const HALF: Multiplier = Multiplier { mantissa: 1_100_000_000, shift: 0 };
/// About a hundredth.
const SMALL: Multiplier = Multiplier { mantissa: 1_400_000_000, shift: -6 };

/// Every network with a name that a file can have.
pub fn all() -> Vec<(String, Net)> {
    let name = |op: &Op| format!("{}-{}", op.code.name(), op.variant.name()).to_lowercase();
    let steps = operators().map(|op| (name(op), net(op)));
    steps.chain([("control-flow".into(), flow())]).collect()
}

/// Every operator that needs nothing packed for a core, and where this machine is one the packed ones
/// of x86-64.
pub fn operators() -> impl Iterator<Item = &'static Op> {
    let packs = Cpu::detect().runs(Family::X86);
    ops::ALL.iter().filter(move |op| match op.variant {
        Variant::S8Winograd => false,
        Variant::S8Packed | Variant::S4Packed | Variant::F32Packed | Variant::S16Packed => packs,
        _ => true,
    })
}

/// The step and its network: inputs first, then the outputs.
pub fn net(op: &Op) -> Net {
    match op.variant {
        Variant::S8Packed | Variant::S4Packed => return packed::net(op),
        Variant::F32Packed | Variant::S16Packed => return panels::net(op),
        _ => {}
    }
    if let Some(net) = more::net(op) {
        return net;
    }
    if let Some(net) = wide::net(op) {
        return net;
    }
    match (op.code, op.variant) {
        (OpCode::Add | OpCode::Sub, Variant::S8) => {
            let attrs = add::AttrsS8 {
                zeros: [3, -128],
                output_zero: -5,
                clamp: CLAMP,
                left_shift: 20,
                factors: [HALF, HALF],
                output: Multiplier { mantissa: 1_300_000_000, shift: -19 },
            };
            pair(op, I8, &attrs.encode())
        }
        (OpCode::Add | OpCode::Sub, Variant::S8Linear) => {
            let factors = [1_300_000, if op.code == OpCode::Add { 900_000 } else { -900_000 }];
            let kernel = LinearS8 { factors, offset: 700_000, shift: 21, clamp: CLAMP };
            let mut net = Net::new();
            let pair = [0, 1].map(|_| net.arena(I8, &[2, 3, 4]));
            let attrs = add::AttrsLinear { kernel }.encode();
            step(net, op, &pair, &pair, &[(I8, &[2, 3, 4])], &attrs)
        }
        (OpCode::Mul, Variant::S8) => {
            let attrs =
                mul::AttrsS8 { zeros: [3, -128], output_zero: -5, clamp: CLAMP, output: SMALL };
            pair(op, I8, &attrs.encode())
        }
        (OpCode::Prelu, Variant::S8) => {
            let (zeros, output_zero) = ([3, 100], 7);
            let attrs = prelu::AttrsS8 { zeros, output_zero, positive: HALF, negative: SMALL };
            pair(op, I8, &attrs.encode())
        }
        (OpCode::Add | OpCode::Sub | OpCode::Mul, _) => {
            pair(op, F32, &binary::AttrsF32 { clamp: CLAMP_F32 }.encode())
        }
        (OpCode::Prelu, _) => pair(op, F32, &[]),
        (OpCode::AveragePool2d | OpCode::MaxPool2d, variant) => pool(op, variant),
        (OpCode::Conv2d | OpCode::DepthwiseConv2d, variant) => conv(op, variant),
        (OpCode::FullyConnected, Variant::S8) => fully_connected_s8(op),
        (OpCode::FullyConnected, _) => {
            let attrs = fully_connected::AttrsF32 { clamp: CLAMP_F32 }.encode();
            let mut net = Net::new();
            let x = net.arena(F32, &[2, 1, 4]);
            let w = real_weights(&mut net, op, &[3, 4]);
            let b = net.f32s(&[3], &ramp(3));
            step(net, op, &[x, w, b], &[x], &[(F32, &[2, 3])], &attrs)
        }
        (OpCode::Softmax, Variant::S8 | Variant::S8S16) => {
            let mut net = Net::new();
            let x = net.arena(I8, &[2, 5]);
            let exps = (0..200).map(|d| (i32::MAX as f64 * (-0.1 * d as f64).exp()) as i32);
            let table = net.i32s(&[200], &exps.collect::<Vec<_>>());
            let y = if op.variant == Variant::S8 { I8 } else { DType::I16 };
            step(net, op, &[x, table], &[x], &[(y, &[2, 5])], &[])
        }
        (OpCode::Softmax, _) => single(op, F32, &[2, 5], &softmax::AttrsF32 { beta: 0.7 }.encode()),
        (OpCode::LeakyRelu, Variant::F32) => {
            single(op, F32, &[2, 5], &leaky_relu::AttrsF32 { alpha: 0.1 }.encode())
        }
        (OpCode::Quantize, Variant::F32S8) => cast(op, F32, I8),
        (OpCode::Dequantize, _) => cast(op, I8, F32),
        (OpCode::Mean, variant) => mean_over(op, variant),
        (OpCode::Concatenation, _) => {
            let attrs = concatenation::Attrs { axis: 1 }.encode();
            let mut net = Net::new();
            let parts = [2, 1, 3].map(|n| net.arena(DType::I16, &[2, n, 2]));
            step(net, op, &parts, &parts, &[(DType::I16, &[2, 6, 2])], &attrs)
        }
        (OpCode::Split, _) => {
            let attrs = concatenation::Attrs { axis: 0 }.encode();
            let mut net = Net::new();
            let x = net.arena(DType::I64, &[4, 3]);
            let half: (DType, &[u32]) = (DType::I64, &[2, 3]);
            step(net, op, &[x], &[x], &[half, half], &attrs)
        }
        (OpCode::Pad | OpCode::PadV2, _) => {
            let value = [1, 2, 3, 4, 0, 0, 0, 0];
            let attrs = pad::Attrs { before: [0, 0, 0, 1, 0, 2], value }.encode();
            moved(op, DType::I32, &[2, 1, 3], &[4, 1, 6], &attrs)
        }
        (OpCode::Slice | OpCode::StridedSlice | OpCode::Transpose, _) => {
            let step =
                if op.code == OpCode::Slice { [0, 0, 0, 0, 4, 1] } else { [0, 0, 0, 0, -1, 4] };
            let view = View { count: [1, 1, 1, 1, 3, 2], step, start: 2 };
            moved(op, DType::F16, &[3, 4], &[3, 2], &strided_slice::Attrs { view }.encode())
        }
        (OpCode::Reshape, _) => moved(op, DType::Bool, &[2, 6], &[3, 4], &[]),
        (OpCode::ExpandDims, _) => moved(op, DType::U8, &[2, 6], &[2, 1, 6], &[]),
        (OpCode::Squeeze, _) => moved(op, DType::I64, &[1, 6], &[6], &[]),
        (_, Variant::F32) => single(op, F32, &[2, 5], &[]),
        (_, Variant::S8) => {
            let mut net = Net::new();
            let x = net.arena(I8, &[2, 5]);
            let table = net.i8s(&[256], &(0..=255u8).map(|i| (i ^ 0x5A) as i8).collect::<Vec<_>>());
            step(net, op, &[x, table], &[x], &[(I8, &[2, 5])], &[])
        }
        (code, variant) => panic!("no network for {code:?} {variant:?}"),
    }
}

/// Two subgraphs with loops in each other, a branch and two states.
pub fn flow() -> Net {
    let mut net = Net::new();
    let initial = net.constant(DType::Bool, &[4], &[1, 1, 1, 0]);
    let flags = net.state(DType::Bool, &[4], initial);
    let sum = net.state(F32, &[2], NONE);
    let (condition, rest) = (net.arena(DType::Bool, &[]), net.arena(DType::Bool, &[3]));
    let (x, y) = (net.arena(F32, &[2]), net.arena(F32, &[2]));
    let slice = |net: &mut Net, start: usize, to: u16, count: usize| {
        let view = View { count: [1, 1, 1, 1, 1, count], step: [0, 0, 0, 0, 0, 1], start };
        net.op(&slice::ANY, &[flags], &[to], &strided_slice::Attrs { view }.encode());
    };
    let add = |net: &mut Net, sum: u16, x: u16| {
        net.op(&add::F32, &[sum, x], &[sum], &binary::AttrsF32 { clamp: CLAMP_F32 }.encode());
        net.in_place();
    };
    slice(&mut net, 0, condition, 1);
    net.repeat(condition, 5, |net| {
        slice(net, 1, rest, 3);
        let value = [0; 8];
        net.op(&pad::ANY, &[rest], &[flags], &pad::Attrs { before: [0; 6], value }.encode());
        slice(net, 0, condition, 1);
        net.repeat(condition, 2, |net| {
            net.branch(condition, |net| add(net, sum, x), |net| add(net, sum, sum));
        });
    });
    net.op(&relu::F32, &[sum], &[y], &[]);
    net.subgraph(&[x], &[y, sum]);
    add(&mut net, sum, sum);
    net.subgraph(&[], &[flags]);
    net.place();
    net
}

/// `count` small numbers of both signs.
fn ramp(count: usize) -> Vec<f32> {
    (0..count).map(|i| i as f32 * 0.5 - 2.0).collect()
}

/// A ramp of float32, or numbers of float16 of all magnitudes.
fn real_weights(net: &mut Net, op: &Op, dims: &[u32]) -> u16 {
    let count = dims.iter().product::<u32>() as usize;
    if op.variant == Variant::F32 {
        return net.f32s(dims, &ramp(count));
    }
    let halves = (0..count as u16).map(|i| i.wrapping_mul(0x0953) & 0xBFFF);
    net.constant(DType::F16, dims, &halves.flat_map(u16::to_le_bytes).collect::<Vec<_>>())
}

fn weights(count: usize) -> Vec<i8> {
    (0..count).map(|i| (i * 37) as i8).collect()
}

fn factors(channels: usize) -> Vec<i32> {
    (0..channels as i32).flat_map(|o| [SMALL.mantissa + o, SMALL.shift - o % 3]).collect()
}

fn step(
    mut net: Net,
    op: &Op,
    operands: &[u16],
    inputs: &[u16],
    outputs: &[(DType, &[u32])],
    attrs: &[u8],
) -> Net {
    let outputs: Vec<u16> = outputs.iter().map(|&(dtype, dims)| net.arena(dtype, dims)).collect();
    net.op(op, operands, &outputs, attrs);
    net.subgraph(inputs, &outputs);
    net.place();
    net
}

fn moved(op: &Op, dtype: DType, from: &[u32], to: &[u32], attrs: &[u8]) -> Net {
    let mut net = Net::new();
    let x = net.arena(dtype, from);
    step(net, op, &[x], &[x], &[(dtype, to)], attrs)
}

fn single(op: &Op, dtype: DType, dims: &[u32], attrs: &[u8]) -> Net {
    moved(op, dtype, dims, dims, attrs)
}

fn cast(op: &Op, from: DType, to: DType) -> Net {
    let attrs = dequantize::Attrs { scale: 0.25, zero: -7 }.encode();
    let mut net = Net::new();
    let x = net.arena(from, &[7]);
    step(net, op, &[x], &[x], &[(to, &[7])], &attrs)
}

/// Two inputs, the second one broadcast along a dimension in the middle.
fn pair(op: &Op, dtype: DType, attrs: &[u8]) -> Net {
    let mut net = Net::new();
    let (a, b) = (net.arena(dtype, &[2, 3, 4]), net.arena(dtype, &[2, 1, 4]));
    step(net, op, &[a, b], &[a, b], &[(dtype, &[2, 3, 4])], attrs)
}

fn pool(op: &Op, variant: Variant) -> Net {
    let window = WindowAttrs { stride: [2, 1], dilation: [1, 1], before: [1, 0], after: [1, 1] };
    let filter = [3, 2];
    let (dtype, attrs) = match variant {
        Variant::S8 => {
            let attrs = pool::Attrs { window, filter, clamp: CLAMP, round_up: true };
            (I8, attrs.encode())
        }
        _ => {
            let attrs = pool::Attrs { window, filter, clamp: CLAMP_F32, round_up: false };
            (F32, attrs.encode())
        }
    };
    moved(op, dtype, &[2, 5, 4, 3], &[2, 3, 4, 3], &attrs)
}

/// Convolutions of 4 channels to 6: two groups, or a depth multiplier of 3 on 2 channels.
fn conv(op: &Op, variant: Variant) -> Net {
    let window = WindowAttrs { stride: [1, 2], dilation: [2, 1], before: [0, 1], after: [1, 1] };
    let (x, w): (&[u32], &[u32]) = match op.code {
        OpCode::Conv2d => (&[1, 4, 5, 4], &[6, 2, 3, 2]),
        _ => (&[1, 4, 5, 2], &[1, 2, 3, 6]),
    };
    let count = w.iter().product::<u32>() as usize;
    let y: &[u32] = &[1, 3, 3, 6];
    let mut net = Net::new();
    if matches!(variant, Variant::F32 | Variant::F16) {
        let attrs = conv_2d::AttrsF32 { window, clamp: CLAMP_F32 };
        let (x, w) = (net.arena(F32, x), real_weights(&mut net, op, w));
        let bias = net.f32s(&[6], &ramp(6));
        return step(net, op, &[x, w, bias], &[x], &[(F32, y)], &attrs.encode());
    }
    let attrs = conv_2d::AttrsS8 {
        window,
        input_zero: -128,
        weights_zero: 2,
        output_zero: 9,
        clamp: CLAMP,
    };
    let (x, w) = (net.arena(I8, x), net.i8s(w, &weights(count)));
    let bias = net.i32s(&[6], &[0, 1000, -1000, 70_000, -70_000, 5]);
    let factors = net.i32s(&[6, 2], &factors(6));
    step(net, op, &[x, w, bias, factors], &[x], &[(I8, y)], &attrs.encode())
}

fn fully_connected_s8(op: &Op) -> Net {
    let attrs = fully_connected::AttrsS8 {
        input_zero: -128,
        weights_zero: 1,
        output_zero: -3,
        clamp: CLAMP,
    };
    let mut net = Net::new();
    let x = net.arena(I8, &[2, 2, 2]);
    let w = net.i8s(&[3, 4], &weights(12));
    let bias = net.i32s(&[3], &[1000, -1000, 0]);
    let factors = net.i32s(&[3, 2], &factors(3));
    step(net, op, &[x, w, bias, factors], &[x], &[(I8, &[2, 3])], &attrs.encode())
}

fn mean_over(op: &Op, variant: Variant) -> Net {
    // The second and the last of three dimensions.
    let axes = mean::Axes([false, false, false, false, true, true]);
    match variant {
        Variant::S8 => {
            let attrs = mean::AttrsS8 { axes, input_zero: 3, output_zero: -3, factor: SMALL };
            moved(op, I8, &[2, 3, 4], &[2, 1, 1], &attrs.encode())
        }
        _ => moved(op, F32, &[2, 3, 4], &[2], &mean::AttrsF32 { axes }.encode()),
    }
}
