//! 16-bit activations, which are symmetric (zero point 0), with 8-bit symmetric weights.

mod conv;
mod curve;
mod elementwise;
mod fixed;
mod fully_connected;
mod reduce;
mod softmax;
mod sums;

pub use conv::{ConvS16, DepthwiseS16, conv_s16, depthwise_s16};
pub use curve::{CURVE, Curve, logistic_s16, tanh_s16};
pub use elementwise::{
    AddS16, LeakyReluS16, MulS16, PowersS16, Requantize, add_s16, leaky_relu_s16, mul_s16,
    powers_s16, relu_s16, requantize, sub_s16,
};
pub use fixed::{logistic_fixed, tanh_fixed};
pub use fully_connected::{FullyConnectedS16, fully_connected_s16};
pub use reduce::mean_s16;
pub use softmax::{LUT, SoftmaxS16, softmax_s16, table_s16};
pub use sums::Sums;
pub(crate) use sums::dot;
