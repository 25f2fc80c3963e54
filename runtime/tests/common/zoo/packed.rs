//! Layers packed for x86-64, for machines that are one.

use super::super::Net;
use super::CLAMP;
use smidge::format::DType::{I8, U8};
use smidge::format::Isa;
use smidge::kernels::packed::pack::{
    Weights, conv_forms, depthwise_forms, fully_connected_forms, pack_conv, pack_conv_s4,
    pack_depthwise, pack_fully_connected, pack_fully_connected_s4,
};
use smidge::kernels::packed::{
    ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout, conv_layout, conv_s4_layout,
    depthwise_layout, fully_connected_layout, fully_connected_s4_layout,
};
use smidge::kernels::{Family, Multiplier, Rounding, Window};
use smidge::ops::{fully_connected, packed};
use smidge::{Op, OpCode, Variant};

const FAMILY: Family = Family::X86;
const ZEROS: (i32, i32) = (-128, 9);

fn window() -> Window {
    Window {
        batch: 1,
        input: [4, 5],
        output: [3, 3],
        kernel: [2, 3],
        stride: [1, 2],
        dilation: [2, 1],
        pad: [0, 1],
    }
}

/// A layer of six outputs.
pub fn net(op: &Op) -> Net {
    let is_narrow = op.variant == Variant::S4Packed;
    let span = if is_narrow { (16, 8) } else { (255, 127) };
    let values: Vec<i8> = (0..36).map(|i| (i * 37 % span.0 - span.1) as i8).collect();
    let bias = [0, 1000, -1000, 70_000, -70_000, 5];
    let factors: Vec<_> =
        (0..6).map(|i| Multiplier { mantissa: 1_200_000_000 + i * 9, shift: -7 }).collect();
    let (input_zero, output_zero) = ZEROS;
    let weights = |count: usize| Weights {
        values: &values[..count],
        bias: &bias,
        factors: &factors,
        rounding: Rounding::Double,
        input_zero,
        output_zero,
        clamp: CLAMP,
    };
    let attrs = |form: u8, channels: [usize; 2]| {
        let (window, after) = (window(), [1, 1]);
        packed::Attrs { form, window, after, channels, input_zero, output_zero, clamp: CLAMP }
            .encode()
            .unwrap()
    };
    match op.code {
        OpCode::Conv2d => {
            let attrs_of = |form| attrs(form, [1, 6]).to_vec();
            let (window, in_channels, out_channels) = (window(), 1, 6);
            let spec = ConvSpec {
                window,
                in_channels,
                out_channels,
                input_zero,
                output_zero,
                clamp: CLAMP,
            };
            let weights = weights(36);
            let form = conv_forms(FAMILY, &spec, &weights)[0].id;
            let (bytes, layout) = if is_narrow {
                let bytes = pack_conv_s4(FAMILY, form, &spec, &weights);
                (bytes, conv_s4_layout(FAMILY, form, &spec).unwrap())
            } else {
                let bytes = pack_conv(FAMILY, form, &spec, &weights);
                (bytes, conv_layout(FAMILY, form, &spec).unwrap())
            };
            layer(op, &[1, 4, 5, 1], &[1, 3, 3, 6], &attrs_of(form), &bytes, layout)
        }
        OpCode::DepthwiseConv2d => {
            let (window, in_channels, multiplier) = (window(), 2, 3);
            let spec = DepthwiseSpec {
                window,
                in_channels,
                multiplier,
                input_zero,
                output_zero,
                clamp: CLAMP,
            };
            let weights = weights(36);
            let form = depthwise_forms(FAMILY, &spec, &weights)[0].id;
            let bytes = pack_depthwise(FAMILY, form, &spec, &weights);
            let layout = depthwise_layout(FAMILY, form, &spec).unwrap();
            layer(op, &[1, 4, 5, 2], &[1, 3, 3, 6], &attrs(form, [2, 6]), &bytes, layout)
        }
        _ => {
            let (batch, depth, outputs) = (2, 5, 6);
            let spec =
                FullyConnectedSpec { batch, depth, outputs, input_zero, output_zero, clamp: CLAMP };
            let weights = weights(30);
            let form = fully_connected_forms(FAMILY, &spec, &weights)[0].id;
            let (bytes, layout) = if is_narrow {
                let bytes = pack_fully_connected_s4(FAMILY, form, &spec, &weights);
                (bytes, fully_connected_s4_layout(FAMILY, form, &spec).unwrap())
            } else {
                let bytes = pack_fully_connected(FAMILY, form, &spec, &weights);
                (bytes, fully_connected_layout(FAMILY, form, &spec).unwrap())
            };
            let attrs = fully_connected::AttrsPacked { form, spec }.encode().unwrap();
            layer(op, &[2, 5], &[2, 6], &attrs, &bytes, layout)
        }
    }
}

fn layer(op: &Op, x: &[u32], y: &[u32], attrs: &[u8], bytes: &[u8], layout: Layout) -> Net {
    let mut net = Net::packed_for(Isa::X86_64);
    let x = net.arena(I8, x);
    let packed = net.constant(U8, &[bytes.len() as u32], bytes);
    let y = net.arena(I8, y);
    net.op(op, &[x, packed], &[y], attrs);
    net.scratch(layout.scratch_len);
    net.subgraph(&[x], &[y]);
    net.place();
    net
}
