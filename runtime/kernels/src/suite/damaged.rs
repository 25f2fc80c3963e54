//! Calls that no checked model has: windows without a meaning, packed constants of random bytes. A
//! call is refused, or its kernel stays inside its memory; memory safety rests on nothing else.

use super::Watch;
use super::guarded::Guarded;
use crate::packed::{
    ALL_FORMS, Conv, ConvSpec, Depthwise, DepthwiseSpec, FullyConnected, FullyConnectedSpec,
    Layout, Memory, conv_layout, conv_s8, conv_winograd_s8, depthwise_layout, depthwise_s8,
    fully_connected_layout, fully_connected_s8,
};
use crate::testing::Random;
use crate::{Clamp, Cpu, Family, Part, Window};
use alloc::format;

/// Windows of each operator.
const ROUNDS: usize = 400;
/// Most bytes of one memory, so that a board has room for all.
const MOST: usize = 1 << 14;
/// Forms that a family may have: small numbers, and Winograd's.
const FORMS: [u8; 40] = {
    let mut forms = [crate::packed::WINOGRAD; 40];
    let mut form = 0;
    while form < 39 {
        forms[form] = form as u8;
        form += 1;
    }
    forms
};

/// A size: mostly a small one.
fn size(random: &mut Random) -> usize {
    const LARGE: [usize; 6] = [127, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, usize::MAX];
    match random.next() % 64 {
        0 => LARGE[random.next() as usize % LARGE.len()],
        1..4 => 0,
        4..16 => 1 + random.next() as usize % 40,
        _ => 1 + random.next() as usize % 5,
    }
}

fn pair(random: &mut Random) -> [usize; 2] {
    [size(random), size(random)]
}

fn window(random: &mut Random) -> Window {
    // Half of the kernels are of 3x3 with small steps, which have forms of their own.
    let plain = random.next().is_multiple_of(2);
    let mut short =
        |most: u32| if plain { [1 + (random.next() % most) as usize; 2] } else { pair(random) };
    let (stride, dilation) = (short(2), short(1));
    let kernel = if plain { [3, 3] } else { pair(random) };
    let pad = pair(random).map(|size| size.wrapping_sub(1));
    let (batch, input, output) = (size(random).min(3), pair(random), pair(random));
    Window { batch, input, output, kernel, stride, dilation, pad }
}

fn clamp(random: &mut Random) -> Clamp<i32> {
    let [min, max] = [0; 2].map(|_| random.next() as i8 as i32);
    if random.next().is_multiple_of(2) { Clamp { min: -128, max: 127 } } else { Clamp { min, max } }
}

/// Runs a call in memories of exactly these lengths; whether it stays inside.
fn stays_inside(
    random: &mut Random,
    layout: Option<Layout>,
    lens: Option<(usize, usize)>,
    run: impl FnOnce(Memory<'_>),
) -> bool {
    let (Some(layout), Some((x_len, y_len))) = (layout, lens) else { return true };
    let Layout { packed_len, scratch_len } = layout;
    if x_len.max(y_len).max(packed_len).max(scratch_len) > MOST {
        return true;
    }
    let packed = Guarded::of_i8(&random.i8s(packed_len));
    let x = Guarded::of_i8(&random.i8s(x_len));
    let (mut y, mut scratch) = (Guarded::new(y_len, 0x77), Guarded::new(scratch_len, 0x5A));
    let (packed, x) = (packed.src(), x.src_i8());
    run(Memory { packed, x, y: y.dst_i8(), scratch: scratch.dst() });
    y.is_intact() && scratch.is_intact()
}

/// All of them.
pub fn run(cpu: Cpu, family: Family, watch: &mut dyn Watch) {
    let mut random = Random(29);
    let (mut ran, mut wrong) = (0, 0);
    let mut case = |inside: bool| {
        wrong += u32::from(!inside);
    };
    for _ in 0..ROUNDS {
        let [input_zero, output_zero] = [0; 2].map(|_| random.next() as i8 as i32);
        let (window, clamp) = (window(&mut random), clamp(&mut random));
        let (in_channels, out_channels) = (size(&mut random), size(&mut random));
        let multiplier = if random.next().is_multiple_of(2) { 1 } else { size(&mut random) };
        let conv = ConvSpec { window, in_channels, out_channels, input_zero, output_zero, clamp };
        let depthwise =
            DepthwiseSpec { window, in_channels, multiplier, input_zero, output_zero, clamp };
        let dense = FullyConnectedSpec {
            batch: window.batch,
            depth: in_channels,
            outputs: out_channels,
            input_zero,
            output_zero,
            clamp,
        };
        for form in FORMS {
            let layout = conv_layout(family, form, &conv);
            case(stays_inside(&mut random, layout, conv.lens(), |memory| {
                let call = match form {
                    crate::packed::WINOGRAD => Conv::winograd(cpu, family, form, &conv, memory),
                    _ => Conv::new::<ALL_FORMS>(cpu, family, form, &conv, memory),
                };
                match call {
                    Some(call) if form == crate::packed::WINOGRAD => {
                        conv_winograd_s8(&call, Part::ALL);
                    }
                    Some(call) => conv_s8::<ALL_FORMS>(&call, Part::ALL),
                    None => return,
                }
                ran += 1;
            }));
            let layout = depthwise_layout(family, form, &depthwise);
            case(stays_inside(&mut random, layout, depthwise.lens(), |memory| {
                let call = Depthwise::new::<ALL_FORMS>(cpu, family, form, &depthwise, memory);
                let Some(call) = call else { return };
                depthwise_s8::<ALL_FORMS>(&call, Part::ALL);
                ran += 1;
            }));
            let layout = fully_connected_layout(family, form, &dense);
            case(stays_inside(&mut random, layout, dense.lens(), |memory| {
                let call = FullyConnected::new::<ALL_FORMS>(cpu, family, form, &dense, memory);
                let Some(call) = call else { return };
                fully_connected_s8::<ALL_FORMS>(&call, Part::ALL);
                ran += 1;
            }));
        }
    }
    let name = format!("{family:?}: {wrong} of {ran} calls without a meaning leave their memory");
    watch.case(&name, 0, wrong == 0 && ran > 100);
}
