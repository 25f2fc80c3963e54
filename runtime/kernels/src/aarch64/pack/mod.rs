//! Packing of weights, for the three families.

pub(crate) mod depthwise;
mod requant;

use super::form::{Access, Form};
use super::geometry::{ConvPlan, Mac, Product};
use crate::packed::pack::{self, Weights};
use crate::packed::{ConvSpec, FullyConnectedSpec};
use alloc::vec::Vec;
use requant::Finish;

/// Most instructions that reading one segment of four pixels takes, apart from its elements.
const SEGMENT: u64 = 14;

/// The forms of a convolution.
pub(crate) fn conv_forms(mac: Mac, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<pack::Form> {
    let Some(depth) = spec.depth() else { return Vec::new() };
    let general = Finish::general(weights);
    let finish = Finish::best(weights, |channel| {
        weights.values.iter().skip(channel * depth).take(depth).copied()
    });
    let mut forms = Vec::new();
    let mut offer = |access, finish: Finish, wide| {
        let Finish { scale, narrow } = finish;
        let form = Form { access, scale, narrow, wide };
        let form = if wide { Some(form) } else { conv_form(mac, form, spec, weights) };
        let Some(form) = form else { return };
        if let Some(plan) = ConvPlan::new(mac, form, spec) {
            forms.push(pack::Form { id: form.id(), cost: cost(mac, form, &plan, spec) });
        }
    };
    offer(Access::Gather, general, mac == Mac::Widening);
    for access in [Access::Gather, Access::Direct, Access::Band, Access::Copy] {
        offer(access, finish, false);
    }
    forms.dedup();
    forms
}

/// The form, wide where these weights need it; `None` if this shape cannot have it.
fn conv_form(mac: Mac, form: Form, spec: &ConvSpec, weights: &Weights<'_>) -> Option<Form> {
    let plan = ConvPlan::new(mac, form, spec)?;
    Some(Form { wide: mac == Mac::Widening && overflows(spec, &plan, weights), ..form })
}

/// Whether two weights of -128 meet in one 16-bit sum.
fn overflows(spec: &ConvSpec, plan: &ConvPlan, weights: &Weights<'_>) -> bool {
    let depth = plan.product.segments * plan.product.bytes;
    (0..spec.out_channels).any(|channel| {
        let values = weights.values.get(channel * depth..).unwrap_or_default();
        pairs_overflow(plan.product, values)
    })
}

/// Whether two weights of -128 of one channel meet in a 16-bit sum: elements of a unit that are 8
/// apart.
fn pairs_overflow(product: Product, values: &[i8]) -> bool {
    (0..product.segments).any(|segment| {
        let mut found = false;
        let at = |k: usize| {
            let inside = k < product.bytes;
            let index = segment * product.bytes + k;
            if inside { values.get(index).copied().unwrap_or(0) } else { 0 }
        };
        Mac::Widening.units(product.bytes, |start, len| {
            if len == 16 {
                found |= (start..start + 8).any(|k| at(k) == i8::MIN && at(k + 8) == i8::MIN);
            }
        });
        found
    })
}

/// Instructions of a layer, about.
fn cost(mac: Mac, form: Form, plan: &ConvPlan, spec: &ConvSpec) -> u64 {
    let window = &spec.window;
    let pixels = (window.batch * window.output[0] * window.output[1]) as u64;
    let channels = spec.out_channels.next_multiple_of(4) as u64;
    let padded = (plan.product.segments * mac.padded(plan.product.bytes)) as u64;
    let tiles = match mac {
        Mac::Widening => channels / 4,
        Mac::Dot | Mac::Matrix => channels.div_ceil(16),
    };
    // Thousandths of an instruction for a product, with its loads.
    let product = match mac {
        Mac::Widening if form.wide => 270,
        Mac::Widening => 210,
        Mac::Dot => 72,
        Mac::Matrix => 48,
    };
    let products = pixels * channels * padded * product / 1000;
    let output = pixels * channels * if form.narrow { 2 } else { 3 };
    let segments = pixels.div_ceil(4) * tiles * (plan.product.segments as u64 * SEGMENT + 10);
    let runs = plan.offsets.0 as u64;
    let run = plan.offsets.1 as u64;
    let reading = match form.access {
        Access::Direct => 0,
        Access::Band => plan.band.map_or(0, |band| band.len as u64 / 8),
        Access::Copy => {
            plan.band.map_or(0, |band| band.len as u64 / 8)
                + pixels * runs * (2 + run.div_ceil(16) * 2)
        }
        Access::Gather => pixels * (40 + padded * 2),
    };
    products + output + segments + reading + 200
}

/// The packed constant of a convolution's form.
pub(crate) fn conv(
    mac: Mac,
    tile: usize,
    id: u8,
    spec: &ConvSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let plan = Form::of(id).and_then(|form| ConvPlan::new(mac, form, spec));
    let Some(plan) = plan else { return Vec::new() };
    let mut packed = Vec::with_capacity(plan.product.len);
    if let Some(band) = plan.band {
        let [height, width] = spec.window.kernel;
        let across = if plan.offsets.0 == height { 1 } else { width };
        for y in 0..height {
            for x in 0..across {
                let [down, right] = spec.window.dilation;
                let offset = y * down * band.row() + x * right * band.pixel;
                packed.extend((offset as u32).to_le_bytes());
            }
        }
        packed.resize(plan.product.table, 0);
    }
    matrix(&mut packed, mac, tile, plan.product, spec.out_channels, weights);
    packed
}

/// The forms of a fully connected layer.
pub(crate) fn fully_connected_forms(
    mac: Mac,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<pack::Form> {
    let Some(product) = Product::fully_connected(mac, spec) else { return Vec::new() };
    let depth = spec.depth;
    let general = Finish::general(weights);
    let row = |channel: usize| weights.values.iter().skip(channel * depth).take(depth).copied();
    let finish = Finish::best(weights, row);
    let widening = mac == Mac::Widening;
    let overflows = widening
        && (0..spec.outputs)
            .any(|o| pairs_overflow(product, weights.values.get(o * depth..).unwrap_or_default()));
    let form = |finish: Finish, wide| {
        let Finish { scale, narrow } = finish;
        let form = Form { access: Access::Direct, scale, narrow, wide };
        let weight = match mac {
            Mac::Widening => 23,
            Mac::Dot | Mac::Matrix => 9,
        };
        let macs = (spec.batch * spec.outputs * product.channel) as u64;
        let outputs = (spec.batch * spec.outputs) as u64 * if narrow { 2 } else { 3 };
        pack::Form { id: form.id(), cost: macs * weight / 100 + outputs + u64::from(wide) }
    };
    let mut forms = Vec::from([form(general, widening), form(finish, overflows)]);
    forms.dedup();
    forms
}

/// The packed constant of a fully connected layer's form.
pub(crate) fn fully_connected(
    mac: Mac,
    tile: usize,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let Some(product) = Product::fully_connected(mac, spec) else { return Vec::new() };
    let mut packed = Vec::with_capacity(product.len);
    matrix(&mut packed, mac, tile, product, spec.outputs, weights);
    packed
}

/// Appends numbers and weights, tile by tile of `tile` channels.
fn matrix(
    packed: &mut Vec<u8>,
    mac: Mac,
    tile: usize,
    product: Product,
    channels: usize,
    weights: &Weights<'_>,
) {
    let depth = product.segments * product.bytes;
    let weight = |channel: usize, segment: usize, k: usize| {
        let inside = channel < channels && k < product.bytes;
        let index = channel * depth + segment * product.bytes + k;
        if inside { weights.values.get(index).copied().unwrap_or(0) } else { 0 }
    };
    for first in (0..channels).step_by(tile) {
        let last = (first + tile).min(channels.next_multiple_of(4));
        numbers(packed, weights, first..last, |channel| {
            (0..product.segments).flat_map(move |segment| {
                (0..product.bytes).map(move |k| weight(channel, segment, k))
            })
        });
        for segment in 0..product.segments {
            mac.units(product.bytes, |start, len| {
                for channel in first..last {
                    let unit = start..start + len;
                    packed.extend(unit.map(|k| weight(channel, segment, k) as u8));
                }
            });
        }
    }
}

/// Appends biases with the input's zero point folded in, mantissas and shifts of some channels;
/// those past the last are zero.
pub(crate) fn numbers<I: Iterator<Item = i8>>(
    packed: &mut Vec<u8>,
    weights: &Weights<'_>,
    channels: core::ops::Range<usize>,
    row: impl Fn(usize) -> I,
) {
    let exists = |channel: &usize| *channel < weights.channels();
    let mut push = |value: i32| packed.extend(value.to_le_bytes());
    for channel in channels.clone() {
        let sum = row(channel).fold(0i32, |sum, weight| sum.wrapping_add(i32::from(weight)));
        let bias = if exists(&channel) { weights.bias(channel) } else { 0 };
        push(bias.wrapping_sub(sum.wrapping_mul(weights.input_zero)));
    }
    let factor = |channel: usize| weights.factors.get(channel).copied().unwrap_or_default();
    channels.clone().for_each(|channel| push(factor(channel).mantissa));
    channels.for_each(|channel| push(factor(channel).shift));
}
