//! What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR share.

use super::bounds::ensure;
use crate::{Call, OpError};
use smidge_kernels::scalar::resize::Sizes;

/// The sizes of input and output, images of one type.
pub(crate) fn sizes(call: &Call<'_>) -> Result<Sizes, OpError> {
    let (x, y) = (call.input(0)?, call.output(0)?);
    ensure(x.dtype == y.dtype, OpError::Type)?;
    let [batch, height, width, channels] = x.shape.nhwc().ok_or(OpError::Shape)?;
    let [n, rows, columns, c] = y.shape.nhwc().ok_or(OpError::Shape)?;
    ensure(n == batch && c == channels && height > 0 && width > 0, OpError::Shape)?;
    Ok(Sizes { batch, input: [height, width], output: [rows, columns], channels })
}
