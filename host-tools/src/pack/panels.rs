//! What layers have in common whose output channels stand side by side.

use crate::lower::{Program, Step};
use smidge::OpCode;
use smidge::ops::window::WindowAttrs;
use smidge::ops::{fully_connected, panels};
use smidge_format::Shape;
use smidge_kernels::Window;

/// The shape of a convolution or a fully connected layer.
pub(super) struct Layer {
    /// Height and width of the window.
    pub kernel: [u16; 2],
    /// The window over the image; over a row of pixels for a fully connected layer.
    pub image: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
}

impl Layer {
    /// `None` for a convolution in groups, and where a number is too large.
    pub(super) fn new(program: &Program, step: &Step, window: &WindowAttrs) -> Option<Self> {
        let shape = |id: usize| program.values[id].shape;
        let (Some(x), Some(w)) = (step.inputs.first()?.map(shape), step.inputs.get(1)?.map(shape))
        else {
            return None;
        };
        let (in_channels, out_channels) = (w.last(), w.dim(0));
        if step.code == OpCode::Conv2d {
            let [_, height, width, _] = w.nhwc()?;
            let kernel = [u16::try_from(height).ok()?, u16::try_from(width).ok()?];
            let image = window.over(x, [height, width])?;
            let layer = Self { kernel, image, in_channels, out_channels };
            return (x.last() == in_channels).then_some(layer);
        }
        let [rows, ..] = fully_connected::infer(x, w).ok()?;
        let sizes = [1, 1, u32::try_from(rows).ok()?, u32::try_from(in_channels).ok()?];
        let image = panels::POINT.over(Shape::new(&sizes)?, [1, 1])?;
        Some(Self { kernel: [1, 1], image, in_channels, out_channels })
    }
}
