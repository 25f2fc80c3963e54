//! DEPTHWISE_CONV_2D with windows of 3 x 3: four input rows stand in a plane of each channel as
//! quads, so that 16 bytes are a piece of 4 x 4 of the image, and one instruction multiplies it with
//! a window's weights and adds. At a stride of 1 a piece has the windows of 2 x 2 outputs, each with
//! its own shift of the weights; at a stride of 2 that of one.
//!
//! ```text
//! plane   q(0,0) q(0,1) q(0,2) …      q(t,v): rows 2t .. 2t + 4 of column v of the padded image
//!         q(1,0) q(1,1) q(1,2) …
//! ```
//!
//! Eight outputs are computed together: four along, two across. Which axis is along is chosen for
//! the least waste ([`Quads`]); "row" and "column" here mean across and along.

use super::layout::{AWAY, FULL, LEAN, PLANES, QUADS, Quads};
use super::memory::fill;
use crate::packed::Depthwise;
use crate::{Part, Window};
use core::arch::asm;

/// A part of a packed depthwise convolution: the first is the whole.
pub(super) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    let Some(plan) = Quads::of(call.form, call.spec) else { return };
    if part.index > 0 || call.y.is_empty() {
        return;
    }
    let scratch: *mut i8 = call.scratch.as_mut_ptr().cast();
    let padding = plan.plane * PLANES;
    // SAFETY: the planes and the padding behind them.
    unsafe { fill(scratch, call.spec.input_zero as i8, padding + 16) };
    let channels = call.spec.in_channels;
    let mut done = 0;
    while done < channels {
        // The last group of channels overlaps the one before.
        let first = done.min(channels - PLANES);
        let group = Group { call, plan, first, skip: done - first, padding };
        for image in 0..call.spec.window.batch {
            let mut pair = 0;
            while pair < plan.pairs {
                let pairs = plan.band.min(plan.pairs - pair);
                // SAFETY: the constructor of the call has checked all lengths against the plan.
                unsafe {
                    group.load(image, pair, pairs);
                    group.compute(image, pair, pairs);
                }
                pair += pairs;
            }
        }
        done = first + PLANES;
    }
}

/// Eight channels of the input, from `first` on; the first `skip` are computed already.
struct Group<'a> {
    call: &'a Depthwise<'a>,
    plan: Quads,
    first: usize,
    skip: usize,
    /// Where the scratch memory has values of the padding.
    padding: usize,
}

impl Group<'_> {
    /// Brings the rows under some pairs of output rows into the planes.
    ///
    /// # Safety
    /// The call's lengths are checked, the pairs are inside the output and at most a band.
    unsafe fn load(&self, image: usize, pair: usize, pairs: usize) {
        let (spec, plan) = (&self.call.spec, &self.plan);
        let Window { input, pad, .. } = spec.window;
        let (along, across) = (plan.along & 1, plan.across & 1);
        let channels = spec.in_channels;
        let steps = [channels, input[1] * channels];
        let (step, row_step) = (steps[across], steps[along]);
        let x = self.call.x.as_ptr();
        let x = x.wrapping_add(image * input[0] * steps[1] + self.first);
        let scratch: *mut i8 = self.call.scratch.as_mut_ptr().cast();
        let columns = (plan.row / 4).saturating_sub(pad[along]).min(input[along]);
        let source = |row: usize| {
            let row = row.wrapping_sub(pad[across]);
            if row < input[across] {
                (x.wrapping_add(row * row_step), step)
            } else {
                (scratch.wrapping_add(self.padding).cast_const(), 0)
            }
        };
        let quads = pairs * plan.stride;
        for index in 0..=quads {
            let row = 2 * (pair * plan.stride + index);
            // Two rows are the second half of one quad and the first half of the next.
            let (low, high) = match index {
                0 => (0, 0),
                _ if index == quads => (2, 2),
                _ => (plan.row, 2),
            };
            let at = index.saturating_sub(1) * plan.row + 4 * pad[along];
            let job = Scatter {
                from: [source(row), source(row + 1)],
                to: scratch.wrapping_add(at),
                offsets: [low, high],
                plane: plan.plane,
                count: columns,
            };
            // SAFETY: eight channels of each column of two rows, or padding; places in the planes.
            unsafe { scatter(&job) };
        }
    }

    /// Computes some pairs of output rows from the planes.
    ///
    /// # Safety
    /// As for [`load`](Self::load), which is done.
    unsafe fn compute(&self, image: usize, pair: usize, pairs: usize) {
        let (spec, plan) = (&self.call.spec, &self.plan);
        let output = spec.window.output;
        let (width, height) = (output[plan.along & 1], output[plan.across & 1]);
        let channel = self.first + self.skip;
        let image = image * output[0] * output[1] * spec.in_channels;
        let y = image + 2 * pair * plan.steps[1] + channel;
        let columns = if width < 4 { 0xFFFF >> (16 - 4 * width) } else { 0xFFFF };
        // Where a row of tiles ends; the last tile may overlap the one before.
        let end = width.max(4);
        let back = if end % 4 == 0 { 0 } else { 4 - end % 4 };
        let odd = height % 2 == 1 && pair + pairs == plan.pairs;
        let scratch: *const u8 = self.call.scratch.as_mut_ptr();
        let job = Job {
            plane: scratch.wrapping_add(self.skip * plan.plane),
            y: self.call.y.as_mut_ptr().wrapping_add(y),
            channels: PLANES - self.skip,
            plane_len: plan.plane,
            pairs,
            tiles: end / 4,
            tile_step: 4 * plan.steps[0],
            row_end: [
                (plan.row - 4 * end) * plan.stride,
                (2 * plan.steps[1]).wrapping_sub(end * plan.steps[0]),
            ],
            packed: self.call.packed.as_ptr().wrapping_add(channel * plan.block),
            masks: [columns, if odd { columns & 0x3333 } else { columns }],
            zero: spec.output_zero,
            clamp: [spec.clamp.min, spec.clamp.max],
            steps: plan.steps,
            row: plan.row,
            left: [0; 2],
            rest: 0,
            tail: [(back * 4 * plan.stride).wrapping_neg(), (back * plan.steps[0]).wrapping_neg()],
        };
        let partly = odd || width % 4 != 0;
        // SAFETY: planes, blocks and outputs of these channels.
        unsafe { run(self.call.form, plan.stride, partly, &job) };
    }
}

/// What bringing two rows into planes needs.
struct Scatter {
    /// Eight channels of both rows, and from a column to the next.
    from: [(*const i8, usize); 2],
    to: *mut i8,
    /// Where in the planes the values go, twice.
    offsets: [usize; 2],
    plane: usize,
    /// Number of columns.
    count: usize,
}

/// Brings eight channels of two rows into planes, as halves of quads.
///
/// # Safety
/// The rows have eight channels at each column, the planes the places; seven planes are less than
/// 64 KiB.
unsafe fn scatter(job: &Scatter) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "movs r2, #0",
            "vidup.u16 q2, r2, #1",
            "vmul.i16 q2, q2, {plane}",
            "vadd.i16 q3, q2, {high}",
            "vadd.i16 q2, q2, {low}",
            "wls lr, {count}, 3f",
            "2:",
            "vldrb.u16 q0, [r1]",
            "add r1, {step0}",
            "vldrb.u16 q1, [r3]",
            "add r3, {step1}",
            "vsli.16 q0, q1, #8",
            "vstrh.16 q0, [{to}, q2]",
            "vstrh.16 q0, [{to}, q3]",
            "add {to}, #4",
            "le lr, 2b",
            "3:",
            out("r2") _,
            inout("r1") job.from[0].0 => _,
            inout("r3") job.from[1].0 => _,
            step0 = in(reg) job.from[0].1,
            step1 = in(reg) job.from[1].1,
            to = inout(reg) job.to => _,
            low = in(reg) job.offsets[0],
            high = in(reg) job.offsets[1],
            plane = in(reg) job.plane,
            count = in(reg) job.count,
            out("lr") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            options(nostack),
        );
    }
}

/// What the kernel gets. Its assembly knows the order of the fields.
#[repr(C)]
#[derive(Clone, Copy)]
struct Job {
    /// Quads of the first channel.
    plane: *const u8,
    /// Its first output.
    y: *mut i8,
    /// Number of channels, and from a plane to the next.
    channels: usize,
    plane_len: usize,
    /// Pairs of output rows.
    pairs: usize,
    /// Tiles of a pair of rows, and from one to the next in the output.
    tiles: usize,
    tile_step: usize,
    /// From behind the last tile of a pair of rows to the next pair: of quads, and of outputs.
    row_end: [usize; 2],
    packed: *const u8,
    /// Two bits for each output of a tile that is one: of most pairs, and of the last.
    masks: [usize; 2],
    zero: i32,
    clamp: [i32; 2],
    /// Between outputs along and across.
    steps: [usize; 2],
    /// Bytes of a row of quads.
    row: usize,
    /// With `FULL`: left shift, and 1 where negative values lose one.
    left: [i32; 2],
    /// Pairs that are left.
    rest: usize,
    /// From behind the last whole tile to one that overlaps it: of quads, and of outputs. Zero if
    /// there is none.
    tail: [usize; 2],
}

/// Computes all tiles of all channels.
///
/// # Safety
/// Every pointer holds what [`Job`] says.
unsafe fn run(form: u8, stride: usize, partly: bool, job: &Job) {
    // SAFETY: the caller's promise.
    unsafe {
        match (form - QUADS, stride, partly) {
            (FULL, 1, _) => tiles::<FULL, 1, true>(job),
            (FULL, _, _) => tiles::<FULL, 2, true>(job),
            (LEAN, 1, false) => tiles::<LEAN, 1, false>(job),
            (LEAN, _, false) => tiles::<LEAN, 2, false>(job),
            (LEAN, 1, true) => tiles::<LEAN, 1, true>(job),
            (LEAN, _, true) => tiles::<LEAN, 2, true>(job),
            (_, 1, _) => tiles::<AWAY, 1, true>(job),
            (_, _, _) => tiles::<AWAY, 2, true>(job),
        }
    }
}

#[inline(never)]
unsafe fn tiles<const FORM: u8, const STRIDE: usize, const PARTLY: bool>(job: &Job) {
    // SAFETY: the caller's promise; every register is restored or declared.
    unsafe {
        asm!(
            "push {{r4-r11, lr}}",
            "add.w lr, r0, #48",
            "ldm.w lr, {{r1-r11}}",
            "push {{r1-r11}}",
            "ldm.w r0, {{r1-r12}}",
            "push {{r1-r12}}",
            "sub sp, #24",
            // The weights stand between zeros, for loading them shifted.
            "movs r0, #0",
            "strd r0, r0, [sp]",
            "str r0, [sp, #20]",
            // Where a tile's outputs are.
            "ldrd r0, r2, [sp, #84]",
            "movs r4, #0",
            "vidup.u16 q6, r4, #1",
            "vshr.u16 q5, q6, #1",
            "vmul.i16 q5, q5, r0",
            "movs r4, #1",
            "vmov.i16 q4, #1",
            "vand q6, q6, q4",
            "vmul.i16 q6, q6, r2",
            "vadd.i16 q6, q6, q5",
            "ldr r0, [sp, #72]",
            ".if {form} == 0",
            "vdup.32 q7, r0",
            ".else",
            "vdup.16 q7, r0",
            ".endif",
            // A channel.
            "5:",
            "ldr r0, [sp, #60]",
            "ldm r0!, {{r2-r7}}",
            "strd r2, r4, [sp, #8]",
            "str r6, [sp, #16]",
            ".if {form} == 0",
            "ldm r0!, {{r2, r4}}",
            "strd r2, r4, [sp, #96]",
            ".endif",
            "str r0, [sp, #60]",
            "mov r0, sp",
            "vldrb.u8 q0, [r0, #8]",
            ".if {stride} == 1",
            "vldrb.u8 q1, [r0, #4]",
            "vldrb.u8 q2, [r0, #7]",
            "vldrb.u8 q3, [r0, #3]",
            ".else",
            "vdup.32 q1, r7",
            ".endif",
            "ldrd r1, r9, [sp, #24]",
            "ldr r0, [sp, #40]",
            // A pair of rows.
            "4:",
            "str r0, [sp, #104]",
            ".if {partly}",
            "cmp r0, #1",
            "ite ne",
            "ldrne r0, [sp, #64]",
            "ldreq r0, [sp, #68]",
            "vmsr p0, r0",
            ".endif",
            "ldr.w r11, [sp, #44]",
            ".if {stride} == 2",
            "ldr r0, [sp, #92]",
            "add r7, r1, r0",
            ".endif",
            // A tile.
            "3:",
            ".if {stride} == 1",
            "vldrb.u8 q4, [r1], #8",
            "vmladav.s8 r0, q4, q0",
            "vldrb.u8 q5, [r1], #8",
            "vmladav.s8 r2, q4, q1",
            "vmladav.s8 r8, q4, q2",
            "vmladav.s8 r10, q4, q3",
            "vmladav.s8 r4, q5, q0",
            "vmladav.s8 r6, q5, q1",
            "vmladav.s8 r12, q5, q2",
            "vmladav.s8 lr, q5, q3",
            ".else",
            "vldrb.u8 q4, [r1], #8",
            "vmladav.s8 r0, q4, q0",
            "vldrb.u8 q5, [r1], #8",
            "vmladav.s8 r2, q5, q0",
            "vldrb.u8 q4, [r1], #8",
            "vmladav.s8 r4, q4, q0",
            "vldrb.u8 q5, [r1], #8",
            "vmladav.s8 r6, q5, q0",
            "vldrb.u8 q4, [r7], #8",
            "vmladav.s8 r8, q4, q0",
            "vldrb.u8 q5, [r7], #8",
            "vmladav.s8 r10, q5, q0",
            "vldrb.u8 q4, [r7], #8",
            "vmladav.s8 r12, q4, q0",
            "vldrb.u8 q5, [r7], #8",
            "vmladav.s8 lr, q5, q0",
            ".endif",
            "vmov q4[2], q4[0], r0, r4",
            "vmov q4[3], q4[1], r2, r6",
            "vmov q5[2], q5[0], r8, r12",
            "vmov q5[3], q5[1], r10, lr",
            "vadd.i32 q4, q4, r3",
            "vadd.i32 q5, q5, r3",
            ".if {form} == 0",
            "ldrd r0, r2, [sp, #96]",
            "vshl.s32 q4, r0",
            "vshl.s32 q5, r0",
            ".elseif {form} == 3",
            "movs r2, #1",
            ".endif",
            "vqrdmulh.s32 q4, q4, r5",
            "vqrdmulh.s32 q5, q5, r5",
            ".if {form} != 2",
            "vqdmlah.s32 q4, q4, r2",
            "vqdmlah.s32 q5, q5, r2",
            ".endif",
            ".if {stride} == 1",
            "vrshl.s32 q4, r7",
            "vrshl.s32 q5, r7",
            ".else",
            "vrshl.s32 q4, q4, q1",
            "vrshl.s32 q5, q5, q1",
            ".endif",
            ".if {form} == 0",
            "vadd.i32 q4, q4, q7",
            "vadd.i32 q5, q5, q7",
            ".endif",
            "vqmovnb.s32 q4, q4",
            "vqmovnt.s32 q4, q5",
            ".if {form} != 0",
            "vqadd.s16 q4, q4, q7",
            ".endif",
            "vqmovnb.s16 q4, q4",
            ".if {form} == 0",
            "ldrd r0, r2, [sp, #76]",
            "vdup.8 q5, r0",
            "vmax.s8 q4, q4, q5",
            "vdup.8 q5, r2",
            "vmin.s8 q4, q4, q5",
            ".endif",
            "ldr r0, [sp, #48]",
            "subs.w r11, r11, #1",
            ".if {partly}",
            "vpst",
            "vstrbt.16 q4, [r9, q6]",
            ".else",
            "vstrb.16 q4, [r9, q6]",
            ".endif",
            "add r9, r0",
            "bgt.w 3b",
            ".if {partly}",
            "cmp.w r11, #0",
            "blt 6f",
            "ldrd r0, r2, [sp, #108]",
            "cbz r0, 6f",
            "add r1, r0",
            "add r9, r2",
            ".if {stride} == 2",
            "add r7, r0",
            ".endif",
            "b.w 3b",
            "6:",
            ".endif",
            "ldrd r0, r2, [sp, #52]",
            "add r1, r0",
            "add r9, r2",
            "ldr r0, [sp, #104]",
            "subs r0, #1",
            "bne.w 4b",
            "ldrd r0, r2, [sp, #24]",
            "ldrd r4, r6, [sp, #32]",
            "add r0, r6",
            "adds r2, #1",
            "subs r4, #1",
            "strd r0, r2, [sp, #24]",
            "str r4, [sp, #32]",
            "bne.w 5b",
            "add sp, #116",
            "pop {{r4-r11, lr}}",
            form = const FORM,
            stride = const STRIDE,
            partly = const PARTLY as u8,
            inout("r0") job => _,
            out("r1") _, out("r2") _, out("r3") _, out("r12") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            out("q4") _, out("q5") _, out("q6") _, out("q7") _,
        );
    }
}
