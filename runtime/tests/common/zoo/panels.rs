//! Layers of other types than int8 packed for x86-64, for machines that are one.

use super::super::Net;
use super::CLAMP_F32;
use smidge::format::DType::{F32, U8};
use smidge::format::{Isa, Shape};
use smidge::kernels::packed::RealSpec;
use smidge::kernels::packed::pack::{RealValues, RealWeights, pack_real};
use smidge::ops::panels::{Attrs, POINT};
use smidge::ops::window::WindowAttrs;
use smidge::{Op, OpCode};

/// A layer of six outputs.
pub fn net(op: &Op) -> Net {
    let is_conv = op.code == OpCode::Conv2d;
    let window = WindowAttrs { stride: [1, 2], dilation: [2, 1], before: [0, 1], after: [1, 1] };
    let window = if is_conv { window } else { POINT };
    let kernel = if is_conv { [2, 3] } else { [1, 1] };
    let x: &[u32] = if is_conv { &[1, 4, 5, 1] } else { &[1, 1, 2, 5] };
    let image = window.over(Shape::new(x).unwrap(), kernel.map(usize::from)).unwrap();
    let [height, width] = image.output.map(|size| size as u32);
    let in_channels = x[3] as usize;
    let spec = RealSpec { window: image, in_channels, out_channels: 6, clamp: CLAMP_F32 };
    let values: Vec<f32> = (0..36).map(|i| (i * 37 % 255 - 127) as f32 / 64.0).collect();
    let values = RealValues::Single(&values[..6 * in_channels * (kernel[0] * kernel[1]) as usize]);
    let bytes = pack_real(&spec, &RealWeights { values, bias: &[0.5; 6] });
    let mut net = Net::packed_for(Isa::X86_64);
    let x = net.arena(F32, x);
    let packed = net.constant(U8, &[bytes.len() as u32], &bytes);
    let y = net.arena(F32, &[1, height, width, 6]);
    let attrs = Attrs { form: 0, kernel, window, clamp: CLAMP_F32 }.encode();
    net.op(op, &[x, packed], &[y], &attrs);
    net.subgraph(&[x], &[y]);
    net.place();
    net
}
