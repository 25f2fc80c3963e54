//! Staging: the part of an image that windows touch, as unsigned bytes, with its border.

use super::layout::Stage;
use crate::Window;

/// Writes `count` bytes, each raised by 128.
///
/// # Safety
/// `count` bytes can be read at `from` and written at `to`, and they do not overlap.
pub(super) unsafe fn raise(from: *const i8, to: *mut u8, count: usize) {
    // SAFETY: as above; slices of distinct memory.
    let (from, to) = unsafe {
        (core::slice::from_raw_parts(from, count), core::slice::from_raw_parts_mut(to, count))
    };
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from as u8 ^ 0x80;
    }
}

/// Stages the rows that output rows `rows` of image `n` touch, at their places in the whole stage.
/// Each input channel is written `copies` times; what a pixel has room for behind its channels stays.
///
/// # Safety
/// `x` is the input of `batch * height * width * channels` bytes of `w`, with `stage.pixel` at least
/// `channels * copies`; `to` has room for the stage.
pub(super) unsafe fn image(
    w: &Window,
    stage: &Stage,
    (channels, copies): (usize, usize),
    zero: i32,
    (n, rows): (usize, core::ops::Range<usize>),
    x: *const i8,
    to: *mut u8,
) {
    let border = (zero + 128) as u8;
    let [height, width] = w.input;
    let first = rows.start * w.stride[0];
    let last = (rows.end.max(1) - 1) * w.stride[0] + (w.kernel[0] - 1) * w.dilation[0] + 1;
    // Columns of the stage that are inside the image.
    let left = w.pad[1].min(stage.size[1]);
    let right = (w.pad[1] + width).min(stage.size[1]).max(left);
    for row in first..last.min(stage.size[0]) {
        // SAFETY: `row` is a row of the stage, which has `stage.row()` bytes; what is read are
        // columns `left - pad .. right - pad` of a row of the image.
        unsafe {
            let to = to.add(row * stage.row());
            let inside = row >= w.pad[0] && row - w.pad[0] < height;
            if !inside {
                to.write_bytes(border, stage.row());
                continue;
            }
            let from = x.add((n * height + row - w.pad[0]) * width * channels);
            to.write_bytes(border, left * stage.pixel);
            let (to_inside, count) = (to.add(left * stage.pixel), (right - left) * channels);
            if copies == 1 && channels == stage.pixel {
                raise(from, to_inside, count);
            } else {
                for pixel in 0..right - left {
                    let (from, to) =
                        (from.add(pixel * channels), to_inside.add(pixel * stage.pixel));
                    if copies == 1 {
                        raise(from, to, channels);
                        continue;
                    }
                    for i in 0..channels {
                        let value = from.add(i).read() as u8 ^ 0x80;
                        to.add(i * copies).write_bytes(value, copies);
                    }
                }
            }
            to.add(right * stage.pixel).write_bytes(border, (stage.size[1] - right) * stage.pixel);
        }
    }
}
