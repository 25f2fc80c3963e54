//! Operators, one file each: attributes with their encoding, shape rule, check, driver.
//!
//! A file's constants (`conv_2d::S8`, `conv_2d::F32`, ...) are the operator's variants. Firmware
//! lists those that its models need, hosts use [`ALL`].

pub mod add;
pub mod average_pool_2d;
pub mod binary;
mod bounds;
pub mod concatenation;
pub mod conv_2d;
pub mod depthwise_conv_2d;
pub mod dequantize;
mod elements;
pub mod expand_dims;
pub mod fully_connected;
pub mod hard_swish;
pub mod leaky_relu;
pub mod logistic;
pub mod max_pool_2d;
pub mod mean;
pub mod mul;
pub mod packed;
pub mod pad;
pub mod padv2;
pub mod panels;
pub mod pool;
pub mod prelu;
pub mod quantize;
pub mod relu;
pub mod relu6;
pub mod relu_n1_to_1;
pub mod reshape;
pub mod s16;
mod s4;
pub mod slice;
pub mod softmax;
pub mod split;
pub mod squeeze;
pub mod strided_slice;
pub mod sub;
pub mod tanh;
pub mod transpose;
pub mod unary;
pub mod window;

use crate::Op;

/// Every operator in every variant. A step's operator is looked for in this order, so those that a
/// network has most of are first.
pub const ALL: &[Op] = &[
    conv_2d::S8_PACKED,
    conv_2d::S8_WINOGRAD,
    depthwise_conv_2d::S8_PACKED,
    fully_connected::S8_PACKED,
    add::S8,
    add::S16,
    add::S8_LINEAR,
    add::F32,
    average_pool_2d::S8,
    average_pool_2d::S16,
    average_pool_2d::F32,
    concatenation::ANY,
    conv_2d::S8,
    conv_2d::S16,
    conv_2d::S4,
    conv_2d::F32_PACKED,
    conv_2d::F32,
    depthwise_conv_2d::S8,
    depthwise_conv_2d::S16,
    depthwise_conv_2d::S4,
    depthwise_conv_2d::F32,
    dequantize::F32_S8,
    dequantize::F32_S16,
    expand_dims::ANY,
    fully_connected::S8,
    fully_connected::S16,
    fully_connected::S4,
    fully_connected::F32_PACKED,
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
    sub::F32,
    tanh::S8,
    tanh::S16,
    tanh::F32,
    transpose::ANY,
];
