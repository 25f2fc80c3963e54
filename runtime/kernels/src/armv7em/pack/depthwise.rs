//! DEPTHWISE_CONV_2D: forms and packed constants.

use crate::armv7em::layout::{
    GENERAL, Plan, SHORT, SHORT_SHIFT, TWICE, Three, depthwise as layout,
};
use crate::packed::pack::{Form, Weights, same_steps};
use crate::packed::{ALL_FORMS, DepthwiseSpec};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// Largest shift of [`TWICE`]: zero points fit.
const TWICE_SHIFT_MAX: i32 = 23;

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    let mut forms = Vec::new();
    let Some(cost) = general_cost(spec) else { return forms };
    forms.push(Form { id: GENERAL, cost });
    let Some(three) = Three::new(spec) else { return forms };
    for id in [SHORT, TWICE] {
        if numbers(id, spec, weights).is_some() {
            forms.push(Form { id, cost: three_cost(id, spec, &three) });
        }
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    match form {
        GENERAL => general(spec, weights).unwrap_or_default(),
        SHORT | TWICE => three(form, spec, weights).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// `bias` with the input's zero point folded in: all weights meet a value, the zero point outside
/// the image.
fn folded_bias(spec: &DepthwiseSpec, weights: &Weights<'_>, channel: usize) -> i32 {
    let sum = taps(spec, weights, channel).fold(0i32, |sum, w| sum.wrapping_add(i32::from(w)));
    weights.bias(channel).wrapping_sub(spec.input_zero.wrapping_mul(sum))
}

/// Weights of an output channel, row by row.
fn taps<'a>(
    spec: &DepthwiseSpec,
    weights: &Weights<'a>,
    channel: usize,
) -> impl Iterator<Item = i8> + use<'a> {
    let step = (spec.in_channels * spec.multiplier).max(1);
    weights.values.iter().skip(channel).step_by(step).copied()
}

fn general(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Option<Vec<u8>> {
    let plan = Plan::new(spec)?;
    let kernel = spec.window.kernel;
    let mut packed = Vec::with_capacity(layout(ALL_FORMS, GENERAL, spec)?.packed_len);
    for (channel, factor) in weights.factors.iter().enumerate() {
        let end = packed.len() + plan.record();
        for number in [folded_bias(spec, weights, channel), factor.mantissa, factor.shift] {
            packed.extend(number.to_le_bytes());
        }
        let all: Vec<i8> = taps(spec, weights, channel).collect();
        for across in 0..plan.across {
            for along in 0..plan.pairs {
                let (y, x) = if plan.along == 1 { (across, along) } else { (along, across) };
                let inside = y < kernel[0] && x < kernel[1];
                packed.push(if inside { all[y * kernel[1] + x] as u8 } else { 0 });
            }
        }
        packed.resize(end, 0);
    }
    Some(packed)
}

/// Instructions of the general form.
fn general_cost(spec: &DepthwiseSpec) -> Option<u64> {
    let plan = Plan::new(spec)?;
    let w = &spec.window;
    let outputs = [w.output[plan.along], w.output[plan.along ^ 1]].map(|n| n as u64);
    let strips = outputs[0].div_ceil(4) * spec.out_channels()? as u64 * w.batch as u64;
    let bands = outputs[1].div_ceil(plan.band as u64);
    let build = bands * (plan.rows * (35 + 6 * plan.row)) as u64;
    let tile = outputs[1] * (125 + plan.across * (6 + 11 * plan.pairs / 2)) as u64;
    Some(strips * (build + tile))
}

/// Requantization of a channel in the kernels of 3x3: for an accumulator, scaled and raised,
/// `x = accumulator * 2^scale + raised`,
/// `saturate8((addend + high word of x * mantissa) >> shift)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Short {
    /// Bits by which accumulators are scaled: 8 of the inputs, and those of the weights.
    scale: u32,
    raised: i64,
    mantissa: i32,
    addend: i32,
    shift: u32,
    /// What is added to the sum of a negative accumulator.
    below: i32,
}

impl Short {
    /// What the kernel makes of an accumulator; `None` if something does not fit 32 bits.
    fn apply(&self, accumulator: i32) -> Option<i32> {
        let x = (i64::from(accumulator) << self.scale) + self.raised;
        let x = i32::try_from(x).ok()?;
        let high = (i64::from(x) * i64::from(self.mantissa)) >> 32;
        let below = if x < 0 { i64::from(self.below) } else { 0 };
        let sum = i32::try_from(high + i64::from(self.addend) + below).ok()?;
        Some((sum >> self.shift).clamp(-128, 127))
    }

    /// Whether the result is the definition's for all accumulators.
    fn is_exact(&self, weights: &Weights<'_>, channel: usize, range: RangeInclusive<i32>) -> bool {
        let fits = |at: i32| self.apply(at).is_some();
        let short = |at| weights.clamp.apply(self.apply(at).unwrap_or(0));
        fits(*range.start())
            && fits(*range.end())
            && same_steps(range, |at| weights.requantize(channel, at), short)
    }

    /// The numbers of a channel; `None` if none are exact.
    ///
    /// In units of the sum, the first rounding of the definition adds a quarter of the scale (where
    /// that is no whole number, the accumulator is raised instead), the second one half of the
    /// result's unit. In [`SHORT`] all channels of a layer have the same shift: weights are scaled,
    /// or the mantissa loses bits, and what is lost is tried to make up for. In [`TWICE`] negative
    /// values are rounded as the definition does it.
    fn new(
        form: u8,
        weights: &Weights<'_>,
        channel: usize,
        range: RangeInclusive<i32>,
    ) -> Option<Self> {
        let factor = *weights.factors.get(channel)?;
        // The shift at which the mantissa is whole, for a scale of 8.
        let whole = 7 - factor.shift;
        let (shift, below) = match form {
            TWICE => (whole.min(TWICE_SHIFT_MAX), -128),
            _ => (SHORT_SHIFT as i32, 0),
        };
        let scale = (8 + shift - whole).clamp(8, 16);
        let lost = u32::try_from(scale - 8 + whole - shift).ok()?;
        if lost > 30 || !(1..=31).contains(&shift) {
            return None;
        }
        let (scale, shift) = (scale as u32, shift as u32);
        let first = (1i64 << scale) >> 2;
        let half_step = (1i64 << (30 + scale)).checked_div(factor.mantissa.into()).unwrap_or(0);
        let base = (i64::from(weights.output_zero) << shift) + (1 << shift >> 1);
        let whole_first = (first >> lost, 0);
        let raises = [0, -32, 32, -64, 64].map(|change| (0, half_step + change));
        // A large bias moves from the accumulator to the sum.
        let ends = [*range.start(), *range.end()].map(i64::from);
        let is_far = ends.into_iter().any(|end| (end << scale).abs() >= 1 << 31);
        let far = if is_far { ((ends[0] + ends[1]) / 2) << scale } else { 0 };
        let candidates = core::iter::once(whole_first).chain(raises);
        candidates.flat_map(|at| [(at, 0), (at, 1)]).find_map(|((first, raised), more)| {
            let mantissa = (factor.mantissa >> lost).checked_add(more)?;
            let moved = (far.checked_mul(mantissa.into())?) >> 32;
            let addend = i32::try_from(base + first + moved).ok()?;
            let raised = raised - far;
            let short = Self { scale, raised, mantissa, addend, shift, below };
            short.is_exact(weights, channel, range.clone()).then_some(short)
        })
    }
}

/// Numbers of every channel; `None` if a channel has none.
fn numbers(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Option<Vec<Short>> {
    let channel = |channel| {
        let range = weights.range(channel, taps(spec, weights, channel))?;
        Short::new(form, weights, channel, range)
    };
    (0..weights.channels()).map(channel).collect()
}

fn three(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(layout(ALL_FORMS, form, spec)?.packed_len);
    for (channel, short) in numbers(form, spec, weights)?.into_iter().enumerate() {
        let bias = folded_bias(spec, weights, channel).wrapping_shl(short.scale);
        let bias = bias.wrapping_add(short.raised as i32);
        for number in [bias, short.mantissa, short.addend] {
            packed.extend(number.to_le_bytes());
        }
        packed.extend(taps(spec, weights, channel).map(|weight| weight as u8));
        packed.extend([short.scale as u8 - 8, short.shift as u8, 0]);
    }
    Some(packed)
}

/// Instructions of the kernels of 3x3.
fn three_cost(form: u8, spec: &DepthwiseSpec, three: &Three) -> u64 {
    let w = &spec.window;
    let [rows, columns] = w.output.map(|n| n.div_ceil(2) as u64);
    let channels = (spec.in_channels * w.batch) as u64;
    let tile = if three.stride == 1 { 48 } else { 58 } + if form == TWICE { 18 } else { 0 };
    let build = if three.stride == 1 { 11 } else { 43 };
    channels * (60 + columns * (50 + rows * (tile + build)))
}
