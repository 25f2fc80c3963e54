//! The portable kernels: plain loops over views, the definition of every faster form.

pub mod conv;
pub mod copy;
pub mod depthwise;
pub mod elementwise;
pub mod float16;
pub mod fully_connected;
pub mod hybrid;
pub mod lookup;
pub mod lstm;
pub mod matmul;
pub mod normalize;
pub mod pool;
pub mod reduce;
pub mod resize;
pub mod s16;
pub mod s4;
pub mod scan;
pub mod softmax;
pub mod svdf;
pub mod transpose_conv;
pub mod walk;
