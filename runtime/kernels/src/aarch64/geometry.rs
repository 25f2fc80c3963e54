//! Sizes of packed weights and of what kernels stage: pure functions of shapes, the same on the
//! machine that packs and on the one that runs.
//!
//! A convolution is a product of matrices: windows of `segments * bytes` elements times output
//! channels. A segment is a run of elements that follow each other in memory; its packed weights
//! are padded with zeros to a whole number of units.
//!
//! Packed: the offsets of segments (32 bits each, where there are several), then for each tile of
//! channels their biases, mantissas, shifts (32 bits each), and weights. Tiles are filled up to a
//! multiple of four channels with zeros.

use super::form::{Access, Form};
#[cfg(smidge_isa = "aarch64")]
use crate::Src;
use crate::Window;
use crate::packed::{ConvSpec, FullyConnectedSpec, Layout, product};

/// Bytes of an output channel before its weights: bias, mantissa, shift.
pub(crate) const NUMBERS: usize = 12;
/// Bytes behind staged rows that kernels read and do not use.
pub(crate) const SLACK: usize = 32;
/// Bytes of a band that is made of several output rows; a single row may be larger.
const BAND: usize = 24 << 10;
/// Bytes of the largest band.
const BAND_MAX: usize = 1 << 20;

/// How a family multiplies: the order of its packed weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mac {
    /// SMULL of 16 elements by 16: channels one after the other in units of 16 elements, the first
    /// of a segment of 8 if their number is odd.
    Widening,
    /// SDOT by lane: units of 4 elements.
    Dot,
    /// SMMLA: units of 8 elements.
    Matrix,
}

impl Mac {
    /// Elements of a segment's packed weights.
    pub const fn padded(self, bytes: usize) -> usize {
        match self {
            Self::Widening | Self::Matrix => bytes.next_multiple_of(8),
            Self::Dot => bytes.next_multiple_of(4),
        }
    }

    /// Bytes that a kernel may read from the start of a segment.
    pub const fn reach(self, bytes: usize) -> usize {
        match self {
            Self::Widening => bytes.next_multiple_of(8),
            Self::Dot | Self::Matrix => bytes.next_multiple_of(16),
        }
    }

    /// Calls `f(start, len)` for every unit of a segment in packed order.
    #[cfg(feature = "pack")]
    pub fn units(self, bytes: usize, mut f: impl FnMut(usize, usize)) {
        let padded = self.padded(bytes);
        let (mut at, step) = match self {
            Self::Widening => (padded % 16, 16),
            Self::Dot => (0, 4),
            Self::Matrix => (0, 8),
        };
        if at > 0 {
            f(0, at);
        }
        while at < padded {
            f(at, step);
            at += step;
        }
    }
}

/// A product of matrices as a kernel sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    /// Segments of a window.
    pub segments: usize,
    /// Elements of a segment.
    pub bytes: usize,
    /// Bytes of the offsets in front.
    pub table: usize,
    /// Bytes of a channel: numbers and weights.
    pub channel: usize,
    /// Bytes of everything packed.
    pub len: usize,
}

impl Product {
    fn new(
        mac: Mac,
        segments: usize,
        bytes: usize,
        offsets: usize,
        channels: usize,
    ) -> Option<Self> {
        let table = product(&[offsets, 4])?.next_multiple_of(16);
        let padded = mac.padded(product(&[bytes])?);
        let channel = product(&[segments, padded])?.checked_add(NUMBERS)?;
        let weights = product(&[product(&[channels])?.next_multiple_of(4), channel])?;
        let len = table.checked_add(weights)?;
        Some(Self { segments, bytes, table, channel, len })
    }

    /// That of a fully connected layer.
    pub fn fully_connected(mac: Mac, spec: &FullyConnectedSpec) -> Option<Self> {
        Self::new(mac, 1, spec.depth, 0, spec.outputs)
    }
}

/// A band of the input with padding: what a number of output rows need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    /// Output rows.
    pub rows: usize,
    /// Bytes of a pixel.
    pub pixel: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Bytes of the band, without slack.
    pub len: usize,
}

impl Band {
    /// The band for a window over pixels of `pixel` bytes; `None` if it is out of proportion.
    pub fn new(window: &Window, pixel: usize) -> Option<Self> {
        let extent = |axis: usize, outputs: usize| {
            let stride = product(&[outputs.checked_sub(1)?, window.stride[axis & 1]])?;
            let reach = window.kernel[axis & 1].checked_sub(1)?;
            Some(stride + product(&[reach, window.dilation[axis & 1]])? + 1)
        };
        let width = extent(1, window.output[1])?;
        let row = product(&[width, pixel])?;
        let first = extent(0, 1)?;
        let more = (BAND / 2).checked_div(row)?.saturating_sub(first);
        let more = more.checked_div(window.stride[0])?;
        let rows = (more + 1).min(window.output[0]);
        let rows = if product(&[extent(0, window.output[0])?, row])? <= BAND {
            window.output[0]
        } else {
            rows
        };
        let len = product(&[extent(0, rows)?, row])?;
        (len <= BAND_MAX).then_some(Self { rows, pixel, width, len })
    }

    /// Where an element of the window begins, counted from the window's first.
    #[cfg(smidge_isa = "aarch64")]
    pub fn offset(&self, window: &Window, [row, column]: [usize; 2]) -> usize {
        let [down, right] = window.dilation;
        row * down * self.row() + column * right * self.pixel
    }

    /// Bytes of a row.
    pub const fn row(&self) -> usize {
        self.width * self.pixel
    }
}

/// A packed convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConvPlan {
    /// The product of matrices.
    pub product: Product,
    /// The staged band, where there is one.
    pub band: Option<Band>,
    /// Offsets in the table, and the elements that follow each other at one.
    pub offsets: (usize, usize),
    /// Bytes of one staged window, where windows are staged.
    pub staged: usize,
}

impl ConvPlan {
    /// The plan of a form; `None` if this shape cannot have it.
    pub fn new(mac: Mac, form: Form, spec: &ConvSpec) -> Option<Self> {
        let depth = spec.depth()?;
        let window = &spec.window;
        // A row of a window is one run of memory if its elements are neighbours.
        let joined = window.dilation[1] == 1 || window.kernel[1] == 1;
        let [height, width] = window.kernel;
        let runs = if joined { height } else { product(&[height, width])? };
        let run = if joined { product(&[width, spec.in_channels])? } else { spec.in_channels };
        let (segments, bytes, offsets) = match form.access {
            Access::Gather => (1, depth, 0),
            Access::Direct if is_direct(window) => (1, spec.in_channels, 0),
            Access::Direct => return None,
            Access::Band => (runs, run, runs),
            Access::Copy => (1, depth, runs),
        };
        let product = Product::new(mac, segments, bytes, offsets, spec.out_channels)?;
        let band = match form.access {
            Access::Gather | Access::Direct => None,
            Access::Band | Access::Copy => Some(Band::new(window, spec.in_channels)?),
        };
        let staged = match form.access {
            Access::Band => 0,
            Access::Direct if bytes.is_multiple_of(16) => 0,
            // Copies are made in whole vectors.
            _ => (bytes + SLACK).next_multiple_of(16),
        };
        Some(Self { product, band, offsets: (offsets, run), staged })
    }

    /// Bytes of everything.
    pub fn layout(&self) -> Option<Layout> {
        let band = self.band.map_or(0, |band| (band.len + SLACK).next_multiple_of(16));
        let scratch_len = band.checked_add(self.staged.checked_mul(4)?)?;
        Some(Layout { packed_len: self.product.len, scratch_len })
    }

    /// The largest offset: that of the last segment of a window.
    #[cfg(smidge_isa = "aarch64")]
    pub fn last_offset(&self, window: &Window) -> usize {
        let [height, width] = window.kernel;
        let across = if self.offsets.0 == height { 1 } else { width };
        self.band.map_or(0, |band| band.offset(window, [height - 1, across - 1]))
    }

    /// Where the windows are staged.
    #[cfg_attr(not(smidge_isa = "aarch64"), expect(dead_code))]
    pub fn windows_at(&self) -> usize {
        self.band.map_or(0, |band| (band.len + SLACK).next_multiple_of(16))
    }
}

/// Whether none of the offsets in front of a packed constant is larger: what they lead to is then inside
/// the band, whatever the constant holds.
#[cfg(smidge_isa = "aarch64")]
pub(crate) fn offsets_are_inside(packed: Src<'_, u8>, count: usize, most: usize) -> bool {
    let offsets: Option<Src<'_, u32>> = packed.slice(0, 4 * count).cast();
    offsets.is_some_and(|offsets| {
        offsets.len() == count && offsets.iter().all(|offset| offset as usize <= most)
    })
}

/// Whether each window is one element inside the image.
fn is_direct(window: &Window) -> bool {
    let inside = |axis: usize| {
        let last = window.output[axis].saturating_sub(1).checked_mul(window.stride[axis]);
        last.is_some_and(|last| last < window.input[axis])
    };
    window.kernel == [1, 1] && window.pad == [0, 0] && inside(0) && inside(1)
}

/// Bytes of a fully connected layer: a row of the input is staged where a kernel reads past it.
pub(crate) fn fully_connected(mac: Mac, spec: &FullyConnectedSpec) -> Option<Layout> {
    let packed_len = Product::fully_connected(mac, spec)?.len;
    let exact = mac.reach(spec.depth) == spec.depth;
    let scratch_len = if exact { 0 } else { (spec.depth + SLACK).next_multiple_of(16) };
    Some(Layout { packed_len, scratch_len })
}
