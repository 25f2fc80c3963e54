//! DEPTHWISE_CONV_2D of any kind: for a row of outputs, the values that its windows see are brought
//! into a plane for each channel, column by column, so that a window is a run of bytes.

use super::layout::{self, FULL, ONE_CHANNEL, PLANES, Planes, QUADS, SINGLE};
use super::memory::fill;
use crate::packed::{Conv, Depthwise};
use crate::requant::Multiplier;
use crate::{Part, Window};
use core::arch::asm;

/// A part of a packed depthwise convolution: the first is the whole.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    let spec = call.spec;
    if call.form >= ONE_CHANNEL {
        return one_channel(call, part);
    }
    if call.form >= QUADS {
        return super::quads::depthwise_s8(call, part);
    }
    let Some(plan) = Planes::of(spec) else { return };
    if part.index > 0 || call.y.is_empty() {
        return;
    }
    let Window { batch, output, .. } = spec.window;
    let channels = spec.in_channels;
    let scratch: *mut i8 = call.scratch.as_mut_ptr().cast();
    // SAFETY: the planes and the padding behind them.
    unsafe { fill(scratch, spec.input_zero as i8, plan.plane * PLANES + 16) };
    let mut done = 0;
    while done < channels {
        // The last group of channels overlaps the one before.
        let first = if channels >= PLANES { done.min(channels - PLANES) } else { 0 };
        let count = PLANES.min(channels);
        let group = Group { call, plan, first, count };
        for image in 0..batch {
            for row in 0..output[plan.across & 1] {
                // SAFETY: the constructor of the call has checked all lengths against the plan.
                unsafe { group.row(image, row, done - first) };
            }
        }
        done = first + count;
    }
}

/// An image of one channel.
fn one_channel(call: &Depthwise<'_>, part: Part) {
    let Depthwise { cpu, family, form, packed, x, y, scratch, .. } = *call;
    if let Some(spec) = layout::one_channel(call.spec) {
        let form = form - ONE_CHANNEL;
        super::conv_s8(&Conv { cpu, family, form, spec: &spec, packed, x, y, scratch }, part);
    }
}

/// Channels `first..first + count` of the input.
struct Group<'a> {
    call: &'a Depthwise<'a>,
    plan: Planes,
    first: usize,
    count: usize,
}

impl Group<'_> {
    fn plane(&self, index: usize) -> *mut i8 {
        self.call.scratch.as_mut_ptr().cast::<i8>().wrapping_add(index * self.plan.plane)
    }

    /// A row of outputs of the group's channels from number `skip` on.
    ///
    /// # Safety
    /// The call's lengths are checked, the row is inside the output.
    unsafe fn row(&self, image: usize, row: usize, skip: usize) {
        let (spec, plan) = (&self.call.spec, &self.plan);
        let Window { input, output, kernel, stride, dilation, pad, .. } = spec.window;
        let (along, across) = (plan.along & 1, plan.across & 1);
        let channels = spec.in_channels;
        let steps = [input[1] * channels, channels];
        let x = self.call.x.as_ptr();
        let x = x.wrapping_add(image * input[0] * steps[0] + self.first);
        for k in 0..kernel[across] {
            let i = (row * stride[across] + k * dilation[across]).wrapping_sub(pad[across]);
            let (from, step) = if i < input[across] {
                (x.wrapping_add(i * steps[across]), steps[along])
            } else {
                (self.plane(PLANES).cast_const(), 0)
            };
            if plan.apart {
                for j in 0..kernel[along] {
                    // Outputs whose window has this column inside the image.
                    let reach = |end: usize| {
                        let distance = (end + pad[along]).saturating_sub(j * dilation[along]);
                        distance.div_ceil(stride[along].max(1)).min(output[along])
                    };
                    let (start, end) = (reach(0), reach(input[along]));
                    let i = (start * stride[along] + j * dilation[along]).wrapping_sub(pad[along]);
                    let from = from.wrapping_add(i.wrapping_mul(step));
                    let to = (start * kernel[along] + j) * kernel[across] + k;
                    let steps = [step * stride[along], kernel[along] * kernel[across]];
                    // SAFETY: pixels of a row of the image, columns of the planes.
                    unsafe { self.spread(from, to, steps, end.saturating_sub(start)) };
                }
            } else {
                let left = pad[along].min(plan.columns);
                let inside = input[along].min(plan.columns - left);
                // SAFETY: pixels of a row of the image, columns of the planes.
                unsafe {
                    let to = left * kernel[across] + k;
                    self.spread(from, to, [step, kernel[across]], inside);
                };
            }
        }
        let multiplier = spec.multiplier;
        let outputs = spec.in_channels * multiplier;
        let steps = [output[1] * outputs, outputs];
        let y = image * output[0] * steps[0] + row * steps[across];
        for index in skip * multiplier..self.count * multiplier {
            let plane = self.plane(index.checked_div(multiplier).unwrap_or(0));
            let o = self.first * multiplier + index;
            // SAFETY: a filled plane, a row of one output channel.
            unsafe { self.outputs(o, plane, y + o, steps[along]) };
        }
    }

    /// Brings pixels into columns of the planes, from offset `to` on; both are so many bytes apart.
    ///
    /// # Safety
    /// The pixels are inside the image or the padding, the columns inside the planes.
    unsafe fn spread(&self, from: *const i8, to: usize, steps: [usize; 2], count: usize) {
        if self.count == PLANES && self.plan.plane <= 9000 {
            let to = self.plane(0).wrapping_add(to);
            // SAFETY: eight channels of each pixel; offsets of the planes fit 16 bits.
            unsafe { scatter(from, to, steps, self.plan.plane, count) };
            return;
        }
        for index in 0..self.count {
            let (mut from, mut to) = (from.wrapping_add(index), self.plane(index).wrapping_add(to));
            for _ in 0..count {
                // SAFETY: one value of a pixel, one of a column.
                unsafe { *to = *from };
                from = from.wrapping_add(steps[0]);
                to = to.wrapping_add(steps[1]);
            }
        }
    }

    /// A row of one output channel from its plane, from `y` on and `y_step` apart.
    ///
    /// # Safety
    /// A plane of the group; the row is inside the output.
    unsafe fn outputs(&self, o: usize, plane: *const i8, y: usize, y_step: usize) {
        let spec = &self.call.spec;
        let kernel = spec.window.kernel[self.plan.across & 1];
        let count = spec.window.output[self.plan.along & 1];
        let step = self.plan.step * kernel;
        let packed = self.call.packed.as_ptr().wrapping_add(o * self.plan.block);
        let numbers: *const i32 = packed.cast();
        let mut job = Job {
            x: plane,
            step,
            steps: self.plan.steps,
            weights: packed.wrapping_add(32),
            y: self.call.y.as_mut_ptr().wrapping_add(y),
            count: count as isize,
            tile: [8 * step, 8 * y_step],
            y_step,
            numbers,
            zero: spec.output_zero,
            clamp: [spec.clamp.min, spec.clamp.max],
        };
        if self.call.form != SINGLE {
            // SAFETY: the planes have room for eight windows more than there are.
            unsafe { row::<FULL>(&mut job) };
            return;
        }
        let (mut to, sums) = (job.y, self.plane(PLANES).wrapping_add(16));
        job.y = sums;
        let mut left = count;
        while left > 0 {
            // SAFETY: as above; the sums stand behind the planes and the padding.
            unsafe {
                row::<SINGLE>(&mut job);
                let factor = Multiplier { mantissa: *numbers.add(1), shift: *numbers.add(2) };
                for index in 0..left.min(8) {
                    let sum = (*sums.cast::<i32>().add(index)).wrapping_add(*numbers);
                    let value = factor.single(sum).wrapping_add(spec.output_zero);
                    *to.wrapping_add(index * y_step) = spec.clamp.apply(value) as i8;
                }
            }
            job.x = job.x.wrapping_add(8 * step);
            to = to.wrapping_add(8 * y_step);
            left = left.saturating_sub(8);
        }
    }
}

/// Copies eight channels of `count` pixels to planes.
///
/// # Safety
/// The pixels have eight channels, the planes the columns; seven planes are less than 64 KiB.
#[inline(never)]
unsafe fn scatter(from: *const i8, to: *mut i8, steps: [usize; 2], plane: usize, count: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "movs r2, #0",
            "vidup.u16 q1, r2, #1",
            "vmul.i16 q1, q1, {plane}",
            "wls lr, {count}, 3f",
            "2:",
            "vldrb.u16 q0, [r1]",
            "add r1, {from_step}",
            "vstrb.16 q0, [{to}, q1]",
            "add {to}, {to_step}",
            "le lr, 2b",
            "3:",
            out("r2") _,
            inout("r1") from => _,
            from_step = in(reg) steps[0],
            to = inout(reg) to => _,
            to_step = in(reg) steps[1],
            plane = in(reg) plane,
            count = in(reg) count,
            out("lr") _, out("q0") _, out("q1") _,
            options(nostack),
        );
    }
}

/// What the kernel of a row of outputs gets. Its assembly knows the order of the fields.
#[repr(C)]
struct Job {
    /// The first window, and from one to the next.
    x: *const i8,
    step: usize,
    /// Vectors of a window.
    steps: usize,
    weights: *const u8,
    /// The first output. With `SINGLE`: room for eight sums without bias.
    y: *mut i8,
    /// Number of outputs.
    count: isize,
    /// From a tile of eight to the next: of windows and of outputs.
    tile: [usize; 2],
    /// Between outputs.
    y_step: usize,
    /// Bias, left shift, mantissa, 1 for moving negative ties, right shift.
    numbers: *const i32,
    zero: i32,
    clamp: [i32; 2],
}

/// A row of outputs of one channel; with `SINGLE` the sums of eight.
///
/// # Safety
/// Every pointer holds what [`Job`] says; the last tile reads windows of eight outputs.
#[inline(never)]
unsafe fn row<const FORM: u8>(job: &mut Job) {
    // SAFETY: the caller's promise; every register is restored or declared.
    unsafe {
        asm!(
            "push {{r4-r11, lr}}",
            "mov r1, r0",
            "ldr r0, [r1, #32]",
            "lsls r2, r0, #1",
            "movs r4, #0",
            // Where even and odd outputs of a tile are.
            "vidup.u32 q6, r4, #1",
            "vmul.i32 q6, q6, r2",
            "vadd.i32 q7, q6, r0",
            "ldrd r0, r2, [r1, #44]",
            "vdup.32 q4, r0",
            "vdup.32 q5, r2",
            "3:",
            "ldrd r3, r5, [r1]",
            "ldrd r7, r9, [r1, #8]",
            "movs r0, #0",
            "movs r2, #0",
            "movs r4, #0",
            "movs r6, #0",
            "mov r8, #0",
            "mov r10, #0",
            "mov r12, #0",
            "mov lr, #0",
            "2:",
            "vldrb.u8 q0, [r9], #16",
            "mov r11, r3",
            "vldrb.u8 q1, [r3]",
            "add r3, r5",
            "vmladava.s8 r0, q0, q1",
            "vldrb.u8 q2, [r3]",
            "add r3, r5",
            "vmladava.s8 r2, q0, q2",
            "vldrb.u8 q1, [r3]",
            "add r3, r5",
            "vmladava.s8 r4, q0, q1",
            "vldrb.u8 q2, [r3]",
            "add r3, r5",
            "vmladava.s8 r6, q0, q2",
            "vldrb.u8 q1, [r3]",
            "add r3, r5",
            "vmladava.s8 r8, q0, q1",
            "vldrb.u8 q2, [r3]",
            "add r3, r5",
            "vmladava.s8 r10, q0, q2",
            "vldrb.u8 q1, [r3]",
            "add r3, r5",
            "vmladava.s8 r12, q0, q1",
            "vldrb.u8 q2, [r3]",
            "add.w r3, r11, #16",
            "vmladava.s8 lr, q0, q2",
            "subs r7, #1",
            "bne 2b",
            "ldrd r3, r7, [r1, #16]",
            ".if {form} == 1",
            "stm.w r3, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
            ".else",
            "vmov q0[2], q0[0], r0, r8",
            "vmov q0[3], q0[1], r4, r12",
            "vmov q1[2], q1[0], r2, r10",
            "vmov q1[3], q1[1], r6, lr",
            "ldrd r5, r6, [r1, #36]",
            "ldrd r0, r2, [r5]",
            "vadd.i32 q0, q0, r0",
            "vadd.i32 q1, q1, r0",
            "vshl.s32 q0, r2",
            "vshl.s32 q1, r2",
            "ldrd r0, r2, [r5, #8]",
            "vqrdmulh.s32 q0, q0, r0",
            "vqrdmulh.s32 q1, q1, r0",
            "ldr r0, [r5, #16]",
            "vqdmlah.s32 q0, q0, r2",
            "vqdmlah.s32 q1, q1, r2",
            "vrshl.s32 q0, r0",
            "vrshl.s32 q1, r0",
            "vadd.i32 q0, q0, r6",
            "vadd.i32 q1, q1, r6",
            "vmax.s32 q0, q0, q4",
            "vmax.s32 q1, q1, q4",
            "vmin.s32 q0, q0, q5",
            "vmin.s32 q1, q1, q5",
            "adds r0, r7, #1",
            "lsrs r0, r0, #1",
            "vctp.32 r0",
            "lsrs r0, r7, #1",
            "vpst",
            "vstrbt.32 q0, [r3, q6]",
            "vctp.32 r0",
            "vpst",
            "vstrbt.32 q1, [r3, q7]",
            "ldrd r0, r2, [r1, #24]",
            "ldr r4, [r1]",
            "add r3, r2",
            "add r4, r0",
            "subs r7, #8",
            "str r4, [r1]",
            "strd r3, r7, [r1, #16]",
            "bgt.w 3b",
            ".endif",
            "pop {{r4-r11, lr}}",
            form = const FORM,
            inout("r0") job => _,
            out("r1") _, out("r2") _, out("r3") _, out("r12") _,
            out("q0") _, out("q1") _, out("q2") _,
            out("q4") _, out("q5") _, out("q6") _, out("q7") _,
        );
    }
}
