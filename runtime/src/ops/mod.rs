//! Operators, one file each: attributes with their encoding, shape rule, check, driver.
//!
//! A file's constants (`conv_2d::S8`, `conv_2d::F32`, ...) are the operator's variants. Firmware
//! lists those that its models need, hosts use [`ALL`].

pub mod abs;
pub mod acos;
pub mod acosh;
pub mod add;
mod arg;
pub mod arg_max;
pub mod arg_min;
pub mod asin;
pub mod asinh;
pub mod atan;
pub mod atan2;
pub mod atanh;
pub mod average_pool_2d;
pub mod batch_matmul;
pub mod batch_to_space_nd;
pub mod binary;
mod bounds;
pub mod broadcast_to;
pub mod cast;
pub mod ceil;
pub mod concatenation;
pub mod conv_2d;
pub mod cos;
pub mod cosh;
pub mod cumsum;
pub mod depth_to_space;
pub mod depthwise_conv_2d;
pub mod dequantize;
pub mod div;
mod elements;
pub mod elu;
pub mod embedding_lookup;
pub mod equal;
pub mod erf;
pub mod exp;
pub mod expand_dims;
mod f16;
pub mod floor;
pub mod floor_div;
pub mod floor_mod;
pub mod fully_connected;
pub mod gather;
pub mod gather_nd;
pub mod gelu;
pub mod greater;
pub mod greater_equal;
pub mod hard_swish;
pub mod hybrid;
pub mod l2_normalization;
pub mod l2_pool_2d;
pub mod leaky_relu;
pub mod less;
pub mod less_equal;
pub mod lines;
pub mod local_response_normalization;
pub mod log;
pub mod log_softmax;
pub mod logical_and;
pub mod logical_not;
pub mod logical_or;
pub mod logistic;
pub mod max_pool_2d;
pub mod maximum;
pub mod mean;
pub mod minimum;
pub mod mirror_pad;
pub mod mul;
pub mod neg;
pub mod not_equal;
pub mod pack;
pub mod packed;
pub mod pad;
pub mod padv2;
pub mod panels;
pub mod pool;
pub mod pow;
pub mod prelu;
pub mod quantize;
pub mod reduce;
pub mod reduce_all;
pub mod reduce_any;
pub mod reduce_max;
pub mod reduce_min;
pub mod reduce_prod;
pub mod relu;
pub mod relu6;
pub mod relu_n1_to_1;
pub mod reshape;
mod resize;
pub mod resize_bilinear;
pub mod resize_nearest_neighbor;
pub mod reverse_v2;
pub mod round;
pub mod rsqrt;
pub mod s16;
mod s4;
pub mod scatter;
pub mod select_v2;
pub mod sign;
pub mod sin;
pub mod sinh;
pub mod slice;
pub mod softmax;
pub mod space_to_batch_nd;
pub mod space_to_depth;
pub mod split;
pub mod sqrt;
pub mod square;
pub mod squared_difference;
pub mod squeeze;
pub mod strided_slice;
pub mod sub;
pub mod sum;
pub mod svdf;
pub mod tan;
pub mod tanh;
pub mod tile;
pub mod topk_v2;
pub mod transpose;
pub mod transpose_conv;
pub mod unary;
pub mod unidirectional_sequence_lstm;
pub mod unpack;
pub mod window;

use crate::Op;

/// Every operator in every variant. A step's operator is looked for in this order, so those that a
/// network has most of are first.
pub const ALL: &[Op] = &[
    conv_2d::S8_PACKED,
    conv_2d::S8_WINOGRAD,
    depthwise_conv_2d::S8_PACKED,
    fully_connected::S8_PACKED,
    abs::S8,
    abs::S32,
    abs::F32,
    acos::S8,
    acos::F32,
    acosh::S8,
    acosh::F32,
    add::S8,
    add::S16,
    add::S8_LINEAR,
    add::S32,
    add::F32,
    arg_max::S8,
    arg_max::S32,
    arg_max::F32,
    arg_min::S8,
    arg_min::S32,
    arg_min::F32,
    asin::S8,
    asin::F32,
    asinh::S8,
    asinh::F32,
    atan::S8,
    atan::F32,
    atan2::F32,
    atanh::S8,
    atanh::F32,
    average_pool_2d::S8,
    average_pool_2d::S16,
    average_pool_2d::F32,
    batch_matmul::S8,
    batch_matmul::S16,
    batch_matmul::F32,
    batch_to_space_nd::ANY,
    broadcast_to::ANY,
    cast::ANY,
    cast::F64,
    ceil::S8,
    ceil::F32,
    concatenation::ANY,
    conv_2d::S8,
    conv_2d::S16_PACKED,
    conv_2d::S16,
    conv_2d::S4_PACKED,
    conv_2d::S4,
    conv_2d::F32_PACKED,
    conv_2d::HYBRID,
    conv_2d::F32,
    conv_2d::F16,
    cos::S8,
    cos::F32,
    cosh::S8,
    cosh::F32,
    cumsum::S32,
    cumsum::F32,
    depth_to_space::ANY,
    depthwise_conv_2d::S8,
    depthwise_conv_2d::S16,
    depthwise_conv_2d::S4,
    depthwise_conv_2d::HYBRID,
    depthwise_conv_2d::F32,
    depthwise_conv_2d::F16,
    dequantize::F32_S8,
    dequantize::F32_S16,
    div::S32,
    div::F32,
    elu::S8,
    elu::F32,
    embedding_lookup::ANY,
    equal::S8,
    equal::S32,
    equal::S64,
    equal::BOOL,
    equal::F32,
    erf::S8,
    erf::F32,
    exp::S8,
    exp::S16,
    exp::F32,
    expand_dims::ANY,
    floor::S8,
    floor::F32,
    floor_div::S32,
    floor_div::F32,
    floor_mod::S32,
    floor_mod::S64,
    floor_mod::F32,
    fully_connected::S8,
    fully_connected::S16_PACKED,
    fully_connected::S16,
    fully_connected::S4_PACKED,
    fully_connected::S4,
    fully_connected::F32_PACKED,
    fully_connected::HYBRID,
    fully_connected::F32,
    fully_connected::F16,
    gather::ANY,
    gather_nd::ANY,
    gelu::S8,
    gelu::F32,
    greater::S8,
    greater::S32,
    greater::S64,
    greater::F32,
    greater_equal::S8,
    greater_equal::S32,
    greater_equal::S64,
    greater_equal::F32,
    hard_swish::S8,
    hard_swish::F32,
    l2_normalization::S8,
    l2_normalization::F32,
    l2_pool_2d::F32,
    leaky_relu::S8,
    leaky_relu::S16,
    leaky_relu::F32,
    less::S8,
    less::S32,
    less::S64,
    less::F32,
    less_equal::S8,
    less_equal::S32,
    less_equal::S64,
    less_equal::F32,
    local_response_normalization::F32,
    log::S8,
    log::S16,
    log::F32,
    log_softmax::F32,
    logical_and::BOOL,
    logical_not::BOOL,
    logical_or::BOOL,
    logistic::S8,
    logistic::S16,
    logistic::F32,
    max_pool_2d::S8,
    max_pool_2d::S16,
    max_pool_2d::F32,
    maximum::S8,
    maximum::S16,
    maximum::S32,
    maximum::S64,
    maximum::F32,
    mean::S8,
    mean::S16,
    mean::F32,
    minimum::S8,
    minimum::S16,
    minimum::S32,
    minimum::S64,
    minimum::F32,
    mirror_pad::ANY,
    mul::S8,
    mul::S16,
    mul::S32,
    mul::F32,
    neg::S8,
    neg::S32,
    neg::F32,
    not_equal::S8,
    not_equal::S32,
    not_equal::S64,
    not_equal::BOOL,
    not_equal::F32,
    pack::ANY,
    pad::ANY,
    padv2::ANY,
    pow::S32,
    pow::F32,
    prelu::S8,
    prelu::F32,
    quantize::S8,
    quantize::S16,
    quantize::F32_S8,
    quantize::F32_S16,
    reduce_all::BOOL,
    reduce_any::BOOL,
    reduce_max::S8,
    reduce_max::S16,
    reduce_max::S32,
    reduce_max::S64,
    reduce_max::F32,
    reduce_min::S8,
    reduce_min::S16,
    reduce_min::S32,
    reduce_min::S64,
    reduce_min::F32,
    reduce_prod::S32,
    reduce_prod::S64,
    reduce_prod::F32,
    relu::S8,
    relu::S16,
    relu::F32,
    relu6::S8,
    relu6::S16,
    relu6::F32,
    relu_n1_to_1::S8,
    relu_n1_to_1::F32,
    reshape::ANY,
    resize_bilinear::S8,
    resize_bilinear::S16,
    resize_bilinear::F32,
    resize_nearest_neighbor::ANY,
    reverse_v2::ANY,
    round::S8,
    round::F32,
    rsqrt::S8,
    rsqrt::S16,
    rsqrt::F32,
    scatter::S8,
    scatter::S32,
    scatter::S64,
    scatter::F32,
    select_v2::ANY,
    sign::S8,
    sign::S32,
    sign::F32,
    sin::S8,
    sin::F32,
    sinh::S8,
    sinh::F32,
    slice::ANY,
    softmax::S8,
    softmax::S8_S16,
    softmax::S16,
    softmax::F32,
    space_to_batch_nd::ANY,
    space_to_depth::ANY,
    split::ANY,
    sqrt::S8,
    sqrt::F32,
    square::S8,
    square::S32,
    square::F32,
    squared_difference::S8,
    squared_difference::S32,
    squared_difference::F32,
    squeeze::ANY,
    strided_slice::ANY,
    sub::S8,
    sub::S16,
    sub::S8_LINEAR,
    sub::S32,
    sub::F32,
    sum::S8,
    sum::S16,
    sum::S32,
    sum::S64,
    sum::F32,
    svdf::S8,
    svdf::F32,
    tan::S8,
    tan::F32,
    tanh::S8,
    tanh::S16,
    tanh::F32,
    tile::ANY,
    topk_v2::S8,
    topk_v2::S32,
    topk_v2::F32,
    transpose::ANY,
    transpose_conv::S8,
    transpose_conv::S16,
    transpose_conv::F32,
    unidirectional_sequence_lstm::S8,
    unidirectional_sequence_lstm::F32,
    unpack::ANY,
];

/// The operators that most networks are made of, for firmware without room for all.
pub const COMMON: &[Op] = &[
    conv_2d::S8_PACKED,
    conv_2d::S8_WINOGRAD,
    depthwise_conv_2d::S8_PACKED,
    fully_connected::S8_PACKED,
    add::S8,
    add::S16,
    add::S8_LINEAR,
    add::S32,
    add::F32,
    average_pool_2d::S8,
    average_pool_2d::S16,
    average_pool_2d::F32,
    concatenation::ANY,
    conv_2d::S8,
    conv_2d::S16,
    conv_2d::S4,
    conv_2d::F32_PACKED,
    conv_2d::HYBRID,
    conv_2d::F32,
    depthwise_conv_2d::S8,
    depthwise_conv_2d::S16,
    depthwise_conv_2d::S4,
    depthwise_conv_2d::HYBRID,
    depthwise_conv_2d::F32,
    dequantize::F32_S8,
    dequantize::F32_S16,
    expand_dims::ANY,
    fully_connected::S8,
    fully_connected::S16,
    fully_connected::S4,
    fully_connected::F32_PACKED,
    fully_connected::HYBRID,
    fully_connected::F32,
    hard_swish::S8,
    hard_swish::F32,
    leaky_relu::S8,
    leaky_relu::S16,
    leaky_relu::F32,
    logistic::S8,
    logistic::S16,
    logistic::F32,
    max_pool_2d::S8,
    max_pool_2d::S16,
    max_pool_2d::F32,
    mean::S8,
    mean::S16,
    mean::F32,
    mul::S8,
    mul::S16,
    mul::S32,
    mul::F32,
    pad::ANY,
    padv2::ANY,
    prelu::S8,
    prelu::F32,
    quantize::S8,
    quantize::S16,
    quantize::F32_S8,
    quantize::F32_S16,
    relu::S8,
    relu::S16,
    relu::F32,
    relu6::S8,
    relu6::S16,
    relu6::F32,
    relu_n1_to_1::S8,
    relu_n1_to_1::F32,
    reshape::ANY,
    slice::ANY,
    softmax::S8,
    softmax::S16,
    softmax::F32,
    split::ANY,
    squeeze::ANY,
    strided_slice::ANY,
    sub::S8,
    sub::S16,
    sub::S8_LINEAR,
    sub::S32,
    sub::F32,
    svdf::S8,
    svdf::F32,
    tanh::S8,
    tanh::S16,
    tanh::F32,
    transpose::ANY,
    unidirectional_sequence_lstm::S8,
    unidirectional_sequence_lstm::F32,
];
