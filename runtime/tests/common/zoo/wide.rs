//! Networks of the operators with int16 activations, and of those with int4 weights.

use super::{HALF, Net, SMALL, factors, moved, pair, step, weights};
use smidge::format::DType::{F32, I4, I8, I16, I64};
use smidge::kernels::{Clamp, Multiplier};
use smidge::ops::s16::binary::{AddAttrs, MulAttrs, Scaling};
use smidge::ops::s16::quantize::{Attrs, encode_scale};
use smidge::ops::s16::unary::{CurveAttrs, LeakyAttrs, ReluAttrs, SoftmaxAttrs};
use smidge::ops::s16::weights::{ConvAttrs, DenseAttrs, SumsKind};
use smidge::ops::window::WindowAttrs;
use smidge::ops::{conv_2d, fully_connected, mean, pool};
use smidge::{Op, OpCode, Variant};

const CLAMP: Clamp<i32> = Clamp { min: -32768, max: 32767 };
const WINDOW: WindowAttrs =
    WindowAttrs { stride: [1, 2], dilation: [2, 1], before: [0, 1], after: [1, 1] };

/// The network of an operator, if it is one of these.
pub fn net(op: &Op) -> Option<Net> {
    match op.variant {
        Variant::S16 => Some(int16(op)),
        Variant::F32S16 => {
            let (from, to) = if op.code == OpCode::Quantize { (F32, I16) } else { (I16, F32) };
            let mut net = Net::new();
            let x = net.arena(from, &[7]);
            Some(step(net, op, &[x], &[x], &[(to, &[7])], &encode_scale(0.25)))
        }
        Variant::S4 => Some(int4(op)),
        _ => None,
    }
}

fn int16(op: &Op) -> Net {
    match op.code {
        OpCode::Add => {
            let scaling = Scaling::Factors([HALF, HALF, SMALL]);
            pair(op, I16, &AddAttrs { clamp: CLAMP, scaling }.encode())
        }
        OpCode::Sub => {
            let scaling = Scaling::Shifts([0, 3]);
            let attrs = AddAttrs { clamp: CLAMP, scaling }.encode();
            pair(op, I16, &attrs[..7])
        }
        OpCode::Mul => pair(op, I16, &MulAttrs { clamp: CLAMP, output: SMALL }.encode()),
        OpCode::Relu | OpCode::Relu6 => {
            let clamp = Clamp { min: 0, max: 32767 };
            single(op, &ReluAttrs { clamp, factor: SMALL }.encode())
        }
        OpCode::LeakyRelu => {
            let negative = Multiplier { mantissa: -(1 << 30), shift: -3 };
            single(op, &LeakyAttrs { factors: [HALF, negative] }.encode())
        }
        OpCode::Logistic | OpCode::Tanh => {
            let attrs = CurveAttrs { multiplier: 20_000, shift: 12 }.encode();
            let mut net = Net::new();
            let x = net.arena(I16, &[2, 5]);
            let table = i16s(&mut net, 256, |i| (32_768 + 128 * i) as u16 as i16);
            step(net, op, &[x, table], &[x], &[(I16, &[2, 5])], &attrs)
        }
        OpCode::Softmax => {
            let mut net = Net::new();
            let x = net.arena(I16, &[2, 5]);
            let exps = i16s(&mut net, 513, |i| (i * 63) as i16);
            let reciprocals = i16s(&mut net, 513, |i| (32_767 - i * 31) as i16);
            let attrs = SoftmaxAttrs { factor: SMALL }.encode();
            step(net, op, &[x, exps, reciprocals], &[x], &[(I16, &[2, 5])], &attrs)
        }
        OpCode::Quantize => {
            let mut net = Net::new();
            let x = net.arena(I16, &[7]);
            let attrs = Attrs { zeros: [0, -3], factor: SMALL }.encode();
            step(net, op, &[x], &[x], &[(I8, &[7])], &attrs)
        }
        OpCode::Mean => {
            let axes = mean::Axes([false, false, false, false, true, true]);
            let attrs = mean::AttrsS8 { axes, input_zero: 0, output_zero: 0, factor: SMALL };
            moved(op, I16, &[2, 3, 4], &[2, 1, 1], &attrs.encode())
        }
        OpCode::AveragePool2d | OpCode::MaxPool2d => {
            let window =
                WindowAttrs { stride: [2, 1], dilation: [1, 1], before: [1, 0], after: [1, 1] };
            let clamp = Clamp { min: -30_000i16, max: 30_000 };
            let attrs = pool::Attrs { window, filter: [3, 2], clamp, round_up: false };
            moved(op, I16, &[2, 5, 4, 3], &[2, 3, 4, 3], &attrs.encode())
        }
        OpCode::FullyConnected => fully_connected(op),
        _ => conv(op),
    }
}

fn single(op: &Op, attrs: &[u8]) -> Net {
    moved(op, I16, &[2, 5], &[2, 5], attrs)
}

fn i16s(net: &mut Net, count: u32, f: impl Fn(i32) -> i16) -> u16 {
    let bytes: Vec<u8> = (0..count as i32).flat_map(|i| f(i).to_le_bytes()).collect();
    net.constant(I16, &[count], &bytes)
}

fn i64s(net: &mut Net, values: &[i64]) -> u16 {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    net.constant(I64, &[values.len() as u32], &bytes)
}

/// Shapes of input and weights as in the int8 networks.
fn shapes(op: &Op) -> (&'static [u32], &'static [u32], usize) {
    match op.code {
        OpCode::Conv2d => (&[1, 4, 5, 4], &[6, 2, 3, 2], 72),
        _ => (&[1, 4, 5, 2], &[1, 2, 3, 6], 36),
    }
}

/// CONV_2D sums in 64 bits, DEPTHWISE_CONV_2D in 32.
fn conv(op: &Op) -> Net {
    let (x, w, count) = shapes(op);
    let wide = op.code == OpCode::Conv2d;
    let mut net = Net::new();
    let (x, w) = (net.arena(I16, x), net.i8s(w, &weights(count)));
    let bias = if wide {
        i64s(&mut net, &[0, 1000, -1000, 1 << 40, -1 << 40, 5])
    } else {
        net.i32s(&[6], &[0, 1000, -1000, 70_000_000, -70_000_000, 5])
    };
    let factors = net.i32s(&[6, 2], &factors(6));
    let sums = if wide { SumsKind::Wide } else { SumsKind::Narrow };
    let attrs = ConvAttrs { window: WINDOW, sums, clamp: CLAMP }.encode();
    step(net, op, &[x, w, bias, factors], &[x], &[(I16, &[1, 3, 3, 6])], &attrs)
}

fn fully_connected(op: &Op) -> Net {
    let mut net = Net::new();
    let x = net.arena(I16, &[2, 2, 2]);
    let w = net.i8s(&[3, 4], &weights(12));
    let bias = i64s(&mut net, &[1 << 40, -1000, 0]);
    let factors = [0x1234_5678, 0x1A_BCDE, -3, 5, 0x10_0000, -9, -1, 0x1F_FFFF, -20];
    let factors = net.i32s(&[3, 3], &factors);
    let attrs = DenseAttrs { sums: SumsKind::Real, clamp: CLAMP }.encode();
    step(net, op, &[x, w, bias, factors], &[x], &[(I16, &[2, 3])], &attrs)
}

fn int4(op: &Op) -> Net {
    let clamp = Clamp { min: -128, max: 127 };
    let (input_zero, weights_zero, output_zero) = (-128, 1, 9);
    let mut net = Net::new();
    if op.code == OpCode::FullyConnected {
        let x = net.arena(I8, &[2, 2, 2]);
        let w = nibbles(&mut net, &[3, 4]);
        let bias = net.i32s(&[3], &[1000, -1000, 0]);
        let factors = net.i32s(&[3, 2], &factors(3));
        let attrs = fully_connected::AttrsS8 { input_zero, weights_zero, output_zero, clamp };
        return step(net, op, &[x, w, bias, factors], &[x], &[(I8, &[2, 3])], &attrs.encode());
    }
    let (x, w, _) = shapes(op);
    let x = net.arena(I8, x);
    let w = nibbles(&mut net, w);
    let bias = net.i32s(&[6], &[0, 1000, -1000, 70_000, -70_000, 5]);
    let factors = net.i32s(&[6, 2], &factors(6));
    let attrs = conv_2d::AttrsS8 { window: WINDOW, input_zero, weights_zero, output_zero, clamp };
    step(net, op, &[x, w, bias, factors], &[x], &[(I8, &[1, 3, 3, 6])], &attrs.encode())
}

fn nibbles(net: &mut Net, dims: &[u32]) -> u16 {
    let count = dims.iter().product::<u32>() as usize;
    let bytes: Vec<u8> = (0..count.div_ceil(2)).map(|i| (i * 37) as u8).collect();
    net.constant(I4, dims, &bytes)
}
