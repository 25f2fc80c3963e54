//! The portable kernels: plain loops over views, the definition of every faster form.

pub mod conv;
pub mod copy;
pub mod depthwise;
pub mod elementwise;
pub mod fully_connected;
pub mod pool;
pub mod reduce;
pub mod s16;
pub mod s4;
pub mod softmax;
