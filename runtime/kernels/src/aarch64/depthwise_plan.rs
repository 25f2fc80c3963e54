//! Sizes of packed depthwise convolutions and of what their kernels stage.
//!
//! Channels are taken in groups of eight; where their number is no multiple of eight the last group
//! begins earlier, over the one before it. Packed: offsets of the taps (32 bits each), then for each
//! group biases, mantissas, shifts of eight channels (32 bits each), and weights: either tap by tap,
//! eight channels each, an even number of taps; or for SDOT column by column, four taps of each
//! channel, of which the last is zero.

use super::form::{Access, Form};
use super::geometry::{Band, ConvPlan, Mac, SLACK};
#[cfg(smidge_isa = "aarch64")]
use crate::Window;
use crate::packed::{ConvSpec, DepthwiseSpec, Layout, product};

/// Channels of a group.
pub(crate) const GROUP: usize = 8;
/// Bytes of a group before its weights.
pub(crate) const NUMBERS: usize = 12 * GROUP;

/// A packed depthwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DepthwisePlan {
    /// Channels of the output.
    pub channels: usize,
    /// Groups of channels.
    pub groups: usize,
    /// Staged bytes of a pixel.
    pub pixel: usize,
    /// Taps, and one more if their number is odd.
    pub taps: usize,
    /// The staged band; without one, each window is staged alone.
    pub band: Option<Band>,
    /// Bytes of the offsets in front.
    pub table: usize,
    /// Bytes of a group: numbers and weights.
    pub group: usize,
}

impl DepthwisePlan {
    /// The plan of a form; `None` if this shape cannot have it.
    pub fn new(mac: Mac, form: Form, spec: &DepthwiseSpec) -> Option<Self> {
        let window = &spec.window;
        let channels = spec.out_channels()?;
        let pixel = channels.max(GROUP);
        let [height, width] = window.kernel;
        let taps = product(&[height, width])?.next_multiple_of(2);
        let band = match form.access {
            Access::Gather => None,
            Access::Band => Some(Band::new(window, pixel)?),
            // The kernel for 3 x 3 elements that are neighbours.
            Access::Copy if window.kernel == [3, 3] && window.dilation == [1, 1] => {
                Some(Band::new(window, pixel)?)
            }
            Access::Copy | Access::Direct => return None,
        };
        let table = product(&[taps, 4])?.next_multiple_of(16);
        let weights = match (form.access, mac) {
            (Access::Copy, Mac::Dot | Mac::Matrix) => 3 * 4 * GROUP,
            _ => product(&[taps, GROUP])?,
        };
        let group = NUMBERS + weights;
        let groups = channels.div_ceil(GROUP);
        product(&[groups, group])?.checked_add(table)?;
        Some(Self { channels, groups, pixel, taps, band, table, group })
    }

    /// The largest offset: that of the last tap.
    #[cfg(smidge_isa = "aarch64")]
    pub fn last_offset(&self, window: &Window) -> usize {
        let [height, width] = window.kernel;
        match self.band {
            Some(band) => band.offset(window, [height.max(1) - 1, width.max(1) - 1]),
            None => (height * width).max(1) * self.pixel - self.pixel,
        }
    }

    /// Where a group begins.
    pub fn first(&self, group: usize) -> usize {
        (group * GROUP).min(self.channels.saturating_sub(GROUP))
    }

    /// Bytes of everything.
    pub fn layout(&self) -> Option<Layout> {
        let staged = match self.band {
            Some(band) => band.len,
            None => product(&[self.taps, self.pixel])?,
        };
        let packed_len = (self.groups * self.group).checked_add(self.table)?;
        Some(Layout { packed_len, scratch_len: staged.checked_add(SLACK)?.next_multiple_of(16) })
    }
}

/// A depthwise convolution of one channel is a convolution: its form and shape.
pub(crate) fn as_conv(form: Form, spec: &DepthwiseSpec) -> Option<(Form, ConvSpec)> {
    let fits = form.access == Access::Direct && spec.in_channels == 1;
    let conv = ConvSpec {
        window: spec.window,
        in_channels: 1,
        out_channels: spec.multiplier,
        input_zero: spec.input_zero,
        output_zero: spec.output_zero,
        clamp: spec.clamp,
    };
    fits.then_some((Form { access: Access::Copy, ..form }, conv))
}

/// Bytes of a form; `None` if this shape cannot have it.
pub(crate) fn layout(mac: Mac, form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    let form = Form::of(form)?;
    if let Some((form, conv)) = as_conv(form, spec) {
        return ConvPlan::new(mac, form, &conv)?.layout();
    }
    DepthwisePlan::new(mac, form, spec)?.layout()
}
