//! What operators ask of their operands and attributes: each network of one step is made wrong in
//! one way, and the operator has to object.

mod common;

use common::{Net, check, zoo};
use smidge::format::{DType, NONE, Shape, Storage};
use smidge::kernels::scalar::copy::View;
use smidge::kernels::{Clamp, Multiplier};
use smidge::ops::window::WindowAttrs;
use smidge::ops::{add, concatenation, dequantize, mean, mul, pad, pool, prelu, strided_slice};
use smidge::{CheckError, Op, OpCode, OpError, Variant, ops};

/// What the operator says.
fn refusal(net: &Net) -> Option<OpError> {
    match check(&net.bytes()).err()? {
        CheckError::Op { step: 0, error } => Some(error),
        other => panic!("{other:?}"),
    }
}

/// Gives the step other operands.
fn rewire(net: &mut Net, inputs: &[u16], outputs: &[u16]) {
    let step = &mut net.out.steps[0];
    (step.inputs, step.outputs) = (inputs.len() as u8, outputs.len() as u8);
    net.out.steps[0].operands = net.out.operands(inputs.iter().chain(outputs).copied());
}

fn set_attrs(net: &mut Net, attrs: &[u8]) {
    net.out.steps[0].attrs = net.out.attrs(attrs);
    net.out.steps[0].attrs_len = attrs.len() as u16;
}

/// Gives tensor `id` another type and shape, and enough bytes.
fn set_tensor(net: &mut Net, id: u16, dtype: DType, dims: &[u32]) {
    let shape = Shape::new(dims).unwrap();
    let len = dtype.len_bytes(shape.elements()).unwrap();
    let offset = net.out.constant(&vec![1; len]);
    let tensor = &mut net.out.tensors[id as usize];
    (tensor.dtype, tensor.shape, tensor.len) = (dtype, shape, len as u32);
    if tensor.storage == Storage::Constant {
        tensor.offset = offset;
    }
    net.place();
}

/// Calls `f` with every operator's network and each of its operands.
fn each_operand(mut f: impl FnMut(&Op, Net, u16)) {
    for op in zoo::operators() {
        let net = zoo::net(op);
        let (inputs, outputs) = net.operands[0].clone();
        for id in inputs.into_iter().chain(outputs).filter(|&id| id != NONE) {
            f(op, net.clone(), id);
        }
    }
}

#[test]
fn operands_are_counted() {
    for op in zoo::operators() {
        let net = zoo::net(op);
        assert_eq!(refusal(&net), None, "{:?}", op.code);
        let (inputs, mut outputs) = net.operands[0].clone();
        let refused = |inputs: &[u16]| {
            let mut net = net.clone();
            rewire(&mut net, inputs, &outputs);
            refusal(&net)
        };
        let more = [&inputs[..], &inputs[..1]].concat();
        let absent = [&[NONE], &inputs[1..]].concat();
        assert_eq!(refused(&[]), Some(OpError::Operands), "{:?}", op.code);
        assert_eq!(refused(&absent), Some(OpError::Operands), "{:?}", op.code);
        match op.code {
            // One more would do if its shape did.
            OpCode::Concatenation | OpCode::Pack => {
                assert_eq!(refused(&more), Some(OpError::Shape));
            }
            code => assert_eq!(refused(&more), Some(OpError::Operands), "{code:?}"),
        }

        let mut net = net.clone();
        let first = net.out.tensors[outputs[0] as usize];
        outputs.push(net.arena(first.dtype, first.shape.dims()));
        net.out.tensors.last_mut().unwrap().first = 0;
        rewire(&mut net, &inputs, &outputs);
        net.place();
        match op.code {
            OpCode::Split | OpCode::Unpack => assert_eq!(refusal(&net), Some(OpError::Shape)),
            code => assert_eq!(refusal(&net), Some(OpError::Operands), "{code:?}"),
        }
    }
}

#[test]
fn element_types_are_checked() {
    each_operand(|op, net, id| {
        let old = net.out.tensors[id as usize];
        let types =
            [DType::I8, DType::U8, DType::I16, DType::I32, DType::F32, DType::Bool, DType::I4];
        for dtype in types {
            // QUANTIZE goes from any integers to any; CAST from all to all; any
            // integers are indices.
            let inputs = &net.operands[0].0;
            let is_integer = matches!(dtype, DType::I8 | DType::I16 | DType::I32);
            let free = match op.code {
                OpCode::Quantize => op.variant == Variant::S16 && is_integer,
                OpCode::Cast => dtype != DType::I4,
                OpCode::Gather | OpCode::EmbeddingLookup => id == inputs[1] && is_integer,
                _ => false,
            };
            if dtype != old.dtype && !free {
                let mut net = net.clone();
                set_tensor(&mut net, id, dtype, old.shape.dims());
                assert_eq!(refusal(&net), Some(OpError::Type), "{:?} {id} {dtype:?}", op.code);
            }
        }
    });
}

#[test]
fn shapes_are_checked() {
    each_operand(|op, net, id| {
        // A box may lie in a larger tensor, a table of exponentials has any length, and a mean is of
        // any number of elements.
        let inputs = &net.operands[0].0;
        let is_x = id == inputs[0];
        let is_image = |axis: usize| axis == 1 || axis == 2;
        let free = |axis: usize| match op.code {
            OpCode::Slice
            | OpCode::StridedSlice
            | OpCode::Transpose
            | OpCode::Tile
            | OpCode::BroadcastTo
            | OpCode::ReverseV2
            | OpCode::SpaceToDepth
            | OpCode::DepthToSpace
            | OpCode::SpaceToBatchNd
            | OpCode::BatchToSpaceNd => is_x,
            OpCode::Pad | OpCode::PadV2 => !inputs.contains(&id),
            OpCode::Mean
            | OpCode::Sum
            | OpCode::ReduceAll
            | OpCode::ReduceAny
            | OpCode::ReduceMax
            | OpCode::ReduceMin
            | OpCode::ReduceProd => is_x && axis > 0,
            // What is searched may be longer.
            OpCode::ArgMax | OpCode::ArgMin | OpCode::TopkV2 => is_x && axis == 1,
            OpCode::GatherNd => is_x && axis < 2,
            // Images have any size.
            OpCode::ResizeNearestNeighbor => is_x && is_image(axis),
            OpCode::ResizeBilinear => is_image(axis) && (is_x || op.variant == Variant::F32),
            OpCode::TransposeConv => {
                is_image(axis) && net.out.tensors[id as usize].shape.rank() == 4
            }
            OpCode::Softmax => {
                matches!(op.variant, Variant::S8 | Variant::S8S16) && !is_x && inputs.contains(&id)
            }
            _ => false,
        };
        let old = net.out.tensors[id as usize];
        // A state that grows meets the next one, which the format sees.
        if old.storage == Storage::State {
            return;
        }
        for axis in 0..old.shape.rank() {
            let mut dims = old.shape.dims().to_vec();
            // More than a stride, and no dimension of another operand.
            dims[axis] += 5;
            let mut net = net.clone();
            set_tensor(&mut net, id, old.dtype, &dims);
            let expected = if free(axis) { None } else { Some(OpError::Shape) };
            assert_eq!(refusal(&net), expected, "{:?} {id} {dims:?}", op.code);
        }
    });
}

#[test]
fn shapes_that_fit_in_number_only() {
    /// Operand number (inputs, then outputs) and its shape.
    type Shapes<'a> = &'a [(usize, &'a [u32])];
    let cases: [(&Op, Shapes<'_>); 4] = [
        // Seven channels of two.
        (
            &ops::depthwise_conv_2d::S8,
            &[(1, &[1, 2, 3, 7]), (2, &[7]), (3, &[7, 2]), (4, &[1, 3, 3, 7])],
        ),
        // Two rows and a quarter.
        (&ops::fully_connected::S8, &[(0, &[9])]),
        // The rows' ends are lost.
        (&ops::fully_connected::S8, &[(4, &[6])]),
        (&ops::pad::ANY, &[(1, &[1, 4, 1, 6])]),
    ];
    for (op, shapes) in cases {
        let mut net = zoo::net(op);
        let (inputs, outputs) = net.operands[0].clone();
        let operands = [inputs, outputs].concat();
        for &(operand, dims) in shapes {
            let dtype = net.out.tensors[operands[operand] as usize].dtype;
            set_tensor(&mut net, operands[operand], dtype, dims);
        }
        assert_eq!(refusal(&net), Some(OpError::Shape), "{:?} {shapes:?}", op.code);
    }
}

#[test]
fn a_bias_may_be_absent() {
    for op in zoo::operators() {
        let mut net = zoo::net(op);
        let (mut inputs, outputs) = net.operands[0].clone();
        let biased = matches!(
            op.code,
            OpCode::Conv2d
                | OpCode::DepthwiseConv2d
                | OpCode::FullyConnected
                | OpCode::TransposeConv
        );
        if inputs.len() > 2 && biased {
            inputs[2] = NONE;
            rewire(&mut net, &inputs, &outputs);
            assert_eq!(refusal(&net), None, "{:?}", op.code);
        }
    }
}

#[test]
fn attributes_are_complete() {
    for op in zoo::operators() {
        let net = zoo::net(op);
        let len = net.out.steps[0].attrs_len;
        // Zero bytes at the end are padding: the bounds of int8 pooling are shorter than float's.
        let is_pool = matches!(op.code, OpCode::AveragePool2d | OpCode::MaxPool2d);
        let padding = match op.variant {
            Variant::S8 if is_pool => 6,
            Variant::S16 if is_pool => 4,
            _ => 0,
        };
        for cut in 0..len - padding {
            let mut net = net.clone();
            net.out.steps[0].attrs_len = cut;
            assert_eq!(refusal(&net), Some(OpError::Attributes), "{:?} {cut}", op.code);
        }
        if len > 0 {
            let mut net = net.clone();
            set_attrs(&mut net, &[1; 100]);
            assert_eq!(refusal(&net), Some(OpError::Attributes), "{:?} too long", op.code);
        }
    }
}

const CLAMP: Clamp<i32> = Clamp { min: -128, max: 127 };
const GOOD: Multiplier = Multiplier { mantissa: 1 << 30, shift: 0 };
const BAD: [Multiplier; 3] = [
    Multiplier { mantissa: -1, shift: 0 },
    Multiplier { mantissa: 1 << 30, shift: 31 },
    Multiplier { mantissa: 1 << 30, shift: -32 },
];

/// The operator's network with these attributes.
fn with_attrs(op: &Op, attrs: &[u8]) -> Option<OpError> {
    let mut net = zoo::net(op);
    set_attrs(&mut net, attrs);
    refusal(&net)
}

#[test]
fn factors_are_fixed_point_numbers() {
    let add = add::AttrsS8 {
        zeros: [0, 0],
        output_zero: 0,
        clamp: CLAMP,
        left_shift: 22,
        factors: [GOOD, GOOD],
        output: GOOD,
    };
    let mul = mul::AttrsS8 { zeros: [0, 0], output_zero: 0, clamp: CLAMP, output: GOOD };
    let (zeros, axes) = ([0, 0], mean::Axes([false, false, false, false, true, true]));
    let prelu = prelu::AttrsS8 { zeros, output_zero: 0, positive: GOOD, negative: GOOD };
    let mean = mean::AttrsS8 { axes, input_zero: 0, output_zero: 0, factor: GOOD };
    for (factor, error) in
        [(GOOD, None)].into_iter().chain(BAD.map(|f| (f, Some(OpError::Attributes))))
    {
        for attrs in [
            add::AttrsS8 { factors: [factor, GOOD], ..add },
            add::AttrsS8 { factors: [GOOD, factor], ..add },
            add::AttrsS8 { output: factor, ..add },
        ] {
            assert_eq!(with_attrs(&ops::add::S8, &attrs.encode()), error, "ADD");
            assert_eq!(with_attrs(&ops::sub::S8, &attrs.encode()), error, "SUB");
        }
        let attrs = mul::AttrsS8 { output: factor, ..mul };
        assert_eq!(with_attrs(&ops::mul::S8, &attrs.encode()), error, "MUL");
        for attrs in [
            prelu::AttrsS8 { positive: factor, ..prelu },
            prelu::AttrsS8 { negative: factor, ..prelu },
        ] {
            assert_eq!(with_attrs(&ops::prelu::S8, &attrs.encode()), error, "PRELU");
        }
        let attrs = mean::AttrsS8 { factor, ..mean };
        assert_eq!(with_attrs(&ops::mean::S8, &attrs.encode()), error, "MEAN");
    }
    let attrs = add::AttrsS8 { left_shift: 23, ..add };
    assert_eq!(with_attrs(&ops::add::S8, &attrs.encode()), Some(OpError::Attributes));
}

#[test]
fn constants_have_values_in_range_and_are_constants() {
    // Operators with a constant operand, its number, and an element that it must not have.
    let cases: [(&Op, usize, Option<&[i32]>); 6] = [
        (&ops::conv_2d::S8, 3, Some(&[-1, 0])),
        (&ops::depthwise_conv_2d::S8, 3, Some(&[1 << 30, 31])),
        (&ops::fully_connected::S8, 3, Some(&[1 << 30, -32])),
        (&ops::softmax::S8, 1, Some(&[-1])),
        (&ops::tanh::S8, 1, None),
        (&ops::quantize::S8, 1, None),
    ];
    for (op, operand, bad) in cases {
        let net = zoo::net(op);
        let id = net.operands[0].0[operand] as usize;
        let mut dynamic = net.clone();
        let tensor = &mut dynamic.out.tensors[id];
        (tensor.storage, tensor.first) = (Storage::Arena, 0);
        let inputs = [dynamic.operands[0].0[0], id as u16];
        dynamic.out.subgraphs[0].operands =
            dynamic.out.operands(inputs.into_iter().chain(dynamic.operands[0].1.clone()));
        dynamic.out.subgraphs[0].inputs = 2;
        dynamic.place();
        if let Some(bad) = bad {
            let mut net = net.clone();
            let mut values = vec![1i32; net.out.tensors[id].len as usize / 4];
            values.iter_mut().skip(1).step_by(2).for_each(|shift| *shift = 0);
            let end = values.len() - bad.len();
            values[end..].copy_from_slice(bad);
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            net.out.tensors[id].offset = net.out.constant(&bytes);
            assert_eq!(refusal(&net), Some(OpError::Attributes), "{:?}", op.code);
        }
    }
}

#[test]
fn tables_and_rows_of_a_softmax_have_a_bound() {
    let of = |id: u16, dtype: DType, dims: &[u32]| {
        let mut net = zoo::net(&ops::softmax::S8);
        let (inputs, outputs) = net.operands[0].clone();
        if id == inputs[0] {
            set_tensor(&mut net, outputs[0], dtype, dims);
        }
        set_tensor(&mut net, id, dtype, dims);
        refusal(&net)
    };
    assert_eq!(of(1, DType::I32, &[1]), None);
    assert_eq!(of(1, DType::I32, &[256]), None);
    assert_eq!(of(1, DType::I32, &[257]), Some(OpError::Attributes));
    assert_eq!(of(0, DType::I8, &[1, 4095]), None);
    assert_eq!(of(0, DType::I8, &[1, 4096]), Some(OpError::Shape));
}

#[test]
fn windows_fit_the_image() {
    let window = WindowAttrs { stride: [2, 1], dilation: [1, 1], before: [1, 0], after: [1, 1] };
    let pool = pool::Attrs { window, filter: [3, 2], clamp: CLAMP, round_up: false };
    let pooled = |window: WindowAttrs, filter: [u16; 2]| {
        let attrs = pool::Attrs { window, filter, ..pool };
        with_attrs(&ops::average_pool_2d::S8, &attrs.encode())
    };
    assert_eq!(pooled(window, [3, 2]), None);
    let cases = [
        (WindowAttrs { stride: [0, 1], ..window }, [3, 2], OpError::Shape),
        (WindowAttrs { dilation: [0, 1], ..window }, [3, 2], OpError::Shape),
        (WindowAttrs { dilation: [1, 2], ..window }, [3, 1], OpError::Attributes),
        (window, [0, 2], OpError::Shape),
        (window, [3, 60_000], OpError::Shape),
    ];
    for (window, filter, error) in cases {
        assert_eq!(pooled(window, filter), Some(error), "{window:?} {filter:?}");
    }
}

#[test]
fn windows_touch_the_image() {
    let touches = |before: [u16; 2], after: [u16; 2]| {
        let window = WindowAttrs { stride: [3, 3], dilation: [1, 1], before, after };
        let attrs = pool::Attrs { window, filter: [2, 2], clamp: CLAMP, round_up: false };
        let mut net = zoo::net(&ops::max_pool_2d::S8);
        set_attrs(&mut net, &attrs.encode());
        for id in [0, 1] {
            set_tensor(&mut net, id, DType::I8, &[1, 1, 1, 1]);
        }
        refusal(&net)
    };
    assert_eq!(touches([1, 0], [0, 1]), None);
    // The only window lies above, to the left, or starts there and reaches too far.
    for (before, after) in [([2, 0], [0, 1]), ([0, 0], [2, 1]), ([1, 2], [0, 0]), ([1, 0], [0, 2])]
    {
        assert_eq!(touches(before, after), Some(OpError::Shape), "{before:?} {after:?}");
    }
}

#[test]
fn sums_that_could_leave_32_bits_are_refused() {
    // Of so many elements an average or a mean is taken.
    let mean_of = |op: &Op, dtype: DType, count: u32| {
        let mut net = zoo::net(op);
        let axes = mean::Axes([false, false, false, false, false, true]);
        let attrs = mean::AttrsS8 { axes, input_zero: 0, output_zero: 0, factor: GOOD };
        set_attrs(&mut net, &attrs.encode());
        set_tensor(&mut net, 0, dtype, &[count]);
        set_tensor(&mut net, 1, dtype, &[1]);
        refusal(&net)
    };
    assert_eq!(mean_of(&ops::mean::S8, DType::I8, 1 << 22), None);
    assert_eq!(mean_of(&ops::mean::S8, DType::I8, (1 << 22) + 1), Some(OpError::Shape));
    assert_eq!(mean_of(&ops::mean::S16, DType::I16, 65_534), None);
    assert_eq!(mean_of(&ops::mean::S16, DType::I16, 65_535), Some(OpError::Shape));

    let window = WindowAttrs { stride: [1, 1], dilation: [1, 1], before: [0, 0], after: [0, 0] };
    let pooled = |op: &Op, dtype: DType, attrs: &[u8], dims: &[u32]| {
        let mut net = zoo::net(op);
        set_attrs(&mut net, attrs);
        set_tensor(&mut net, 0, dtype, dims);
        set_tensor(&mut net, 1, dtype, &[1, 1, 1, 1]);
        refusal(&net)
    };
    for (width, error) in [(2048, None), (2049, Some(OpError::Shape))] {
        let filter = [2048, width];
        let attrs = pool::Attrs { window, filter, clamp: CLAMP, round_up: false }.encode();
        let dims = [1, 2048, width.into(), 1];
        assert_eq!(pooled(&ops::average_pool_2d::S8, DType::I8, &attrs, &dims), error);
    }
    for (width, error) in [(32_767, None), (32_768, Some(OpError::Shape))] {
        let clamp = Clamp { min: i16::MIN, max: i16::MAX };
        let attrs = pool::Attrs { window, filter: [2, width], clamp, round_up: false }.encode();
        let dims = [1, 2, width.into(), 1];
        assert_eq!(pooled(&ops::average_pool_2d::S16, DType::I16, &attrs, &dims), error);
    }
}

#[test]
fn boxes_lie_inside() {
    let view = View { count: [1, 1, 1, 1, 3, 2], step: [0, 0, 0, 0, 4, 1], start: 2 };
    let cases = [
        (view, None),
        (View { start: 3, ..view }, Some(OpError::Shape)),
        (View { step: [0, 0, 0, 0, -4, 1], ..view }, Some(OpError::Shape)),
        (View { step: [0, 0, 0, 0, i32::MAX as isize, 1], ..view }, Some(OpError::Shape)),
        (View { count: [1, 1, 1, 1, 2, 2], ..view }, Some(OpError::Shape)),
        (View { count: [0, 1, 1, 1, 3, 2], ..view }, Some(OpError::Shape)),
        (View { count: [1 << 16, 1 << 16, 1 << 16, 1 << 16, 3, 2], ..view }, Some(OpError::Shape)),
    ];
    for (view, error) in cases {
        let attrs = strided_slice::Attrs { view }.encode();
        for op in [&ops::slice::ANY, &ops::strided_slice::ANY, &ops::transpose::ANY] {
            assert_eq!(with_attrs(op, &attrs), error, "{view:?}");
        }
    }
    for (before, error) in [
        ([0, 0, 0, 2, 0, 3], None),
        ([0, 0, 0, 3, 0, 3], Some(OpError::Shape)),
        ([0, 0, 0, 0, 1, 0], Some(OpError::Shape)),
        ([u32::MAX as usize, 0, 0, 0, 0, 0], Some(OpError::Shape)),
    ] {
        let attrs = pad::Attrs { before, value: [0; 8] }.encode();
        assert_eq!(with_attrs(&ops::pad::ANY, &attrs), error, "{before:?}");
    }
}

#[test]
fn scales_and_axes_have_a_meaning() {
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let attrs = dequantize::Attrs { scale, zero: 0 }.encode();
        assert_eq!(with_attrs(&ops::dequantize::F32_S8, &attrs), Some(OpError::Attributes));
        assert_eq!(with_attrs(&ops::quantize::F32_S8, &attrs), Some(OpError::Attributes));
    }
    for op in [&ops::concatenation::ANY, &ops::split::ANY] {
        for axis in [3, 255] {
            let attrs = concatenation::Attrs { axis }.encode();
            assert_eq!(with_attrs(op, &attrs), Some(OpError::Attributes), "axis {axis}");
        }
    }
    let attrs = mean::AttrsF32 { axes: mean::Axes([true; 6]) }.encode();
    assert_eq!(with_attrs(&ops::mean::F32, &attrs), Some(OpError::Shape));
}
