//! Packing of depthwise convolutions.

use super::requant::Finish;
use super::{conv, conv_form, cost, numbers};
use crate::aarch64::depthwise_plan::{DepthwisePlan, GROUP, as_conv};
use crate::aarch64::form::{Access, Form};
use crate::aarch64::geometry::{ConvPlan, Mac};
use crate::packed::DepthwiseSpec;
use crate::packed::pack::{self, Weights};
use alloc::vec::Vec;

/// The forms of a depthwise convolution.
pub(crate) fn forms(mac: Mac, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<pack::Form> {
    let [height, width] = spec.window.kernel;
    let Some(channels) = spec.out_channels() else { return Vec::new() };
    let column = |channel: usize| {
        (0..height * width).map(move |tap| weight(weights, channels, tap, channel))
    };
    let general = Finish::general(weights);
    let finish = Finish::best(weights, column);
    // Two neighbouring taps are added in 16 bits.
    let overflows = (0..channels).any(|channel| {
        (0..height * width).step_by(2).any(|tap| {
            let pair = [tap, tap + 1].map(|tap| weight(weights, channels, tap, channel));
            pair == [i8::MIN; 2]
        })
    });
    let mut forms = Vec::new();
    let mut offer = |access, finish: Finish, wide| {
        let form = Form { access, scale: finish.scale, narrow: finish.narrow, wide };
        if let Some((conv, spec)) = as_conv(form, spec) {
            let transposed = transposed(spec.out_channels, height * width, weights);
            let weights = Weights { values: &transposed, ..*weights };
            let Some(form) = conv_form(mac, conv, &spec, &weights) else { return };
            let Some(plan) = ConvPlan::new(mac, form, &spec) else { return };
            let id = Form { access, ..form }.id();
            forms.push(pack::Form { id, cost: cost(mac, form, &plan, &spec) });
        } else if let Some(plan) = DepthwisePlan::new(mac, form, spec) {
            forms.push(pack::Form { id: form.id(), cost: plan_cost(mac, form, &plan, spec) });
        }
    };
    offer(Access::Gather, general, true);
    offer(Access::Gather, finish, overflows);
    offer(Access::Direct, finish, false);
    offer(Access::Band, finish, overflows);
    if !overflows || mac != Mac::Widening {
        offer(Access::Copy, finish, false);
    }
    forms.dedup();
    forms
}

/// Instructions of a layer, about.
fn plan_cost(mac: Mac, form: Form, plan: &DepthwisePlan, spec: &DepthwiseSpec) -> u64 {
    let window = &spec.window;
    let pixels = (window.batch * window.output[0] * window.output[1]) as u64;
    let outputs = pixels * (plan.groups * GROUP) as u64;
    let staging = plan.band.map_or(0, |band| band.len as u64 / 8);
    // Hundredths of an instruction for an output.
    let each = match (form.access, mac) {
        (Access::Copy, Mac::Widening) => 450,
        (Access::Copy, _) if window.stride[0] == 1 => 280,
        (Access::Copy, _) => 420,
        (Access::Gather, _) => 800 + 90 * plan.taps as u64,
        _ => 250 + 50 * plan.taps as u64,
    };
    outputs * each / 100 + staging + plan.groups as u64 * 40 + 200
}

/// The packed constant of a form.
pub(crate) fn depthwise(
    mac: Mac,
    tile: usize,
    id: u8,
    spec: &DepthwiseSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let Some(form) = Form::of(id) else { return Vec::new() };
    let [height, width] = spec.window.kernel;
    if let Some((form, spec)) = as_conv(form, spec) {
        let transposed = transposed(spec.out_channels, height * width, weights);
        return conv(mac, tile, form.id(), &spec, &Weights { values: &transposed, ..*weights });
    }
    let Some(plan) = DepthwisePlan::new(mac, form, spec) else { return Vec::new() };
    let mut packed = Vec::new();
    for tap in 0..plan.taps {
        // The tap that fills up an odd number has no weight: it reads the last one again.
        let tap = tap.min((height * width).saturating_sub(1));
        let (y, x) = (tap / width.max(1), tap % width.max(1));
        let [down, right] = spec.window.dilation;
        let offset = match plan.band {
            Some(band) => y * down * band.row() + x * right * band.pixel,
            None => tap * plan.pixel,
        };
        packed.extend((offset as u32).to_le_bytes());
    }
    packed.resize(plan.table, 0);
    let at = |tap: usize, channel: usize| {
        let exists = tap < height * width && channel < plan.channels;
        if exists { weight(weights, plan.channels, tap, channel) as u8 } else { 0 }
    };
    for group in 0..plan.groups {
        let first = plan.first(group);
        let channels = first..first + GROUP;
        numbers(&mut packed, weights, channels.clone(), |channel| {
            (0..height * width).map(move |tap| at(tap, channel) as i8)
        });
        if form.access == Access::Copy && mac != Mac::Widening {
            for x in 0..3 {
                for channel in channels.clone() {
                    packed.extend((0..3).map(|y| at(3 * y + x, channel)));
                    packed.push(0);
                }
            }
        } else {
            for tap in 0..plan.taps {
                packed.extend(channels.clone().map(|channel| at(tap, channel)));
            }
        }
    }
    packed
}

fn weight(weights: &Weights<'_>, channels: usize, tap: usize, channel: usize) -> i8 {
    weights.values.get(tap * channels + channel).copied().unwrap_or(0)
}

/// Weights `[1, Kh, Kw, O]` as `[O, Kh, Kw, 1]`.
fn transposed(channels: usize, taps: usize, weights: &Weights<'_>) -> Vec<i8> {
    (0..channels)
        .flat_map(|channel| (0..taps).map(move |tap| weight(weights, channels, tap, channel)))
        .collect()
}
