//! FULLY_CONNECTED: the values of a row stay in a register for eight outputs.

use super::layout::{AWAY, Dense, FULL, LEAN, NIBBLES, ONE, SINGLE};
use super::memory::copy;
use crate::packed::FullyConnected;
use crate::requant::Multiplier;
use crate::{Clamp, Part};
use core::arch::asm;

/// What the kernel of a row gets. Its assembly knows the order of the fields.
#[repr(C)]
#[derive(Clone, Copy)]
struct Job {
    /// Iterations of the loop over the row's vectors, four each; the first enters it late.
    loops: usize,
    /// Bytes of the loop that the first iteration skips.
    skip: usize,
    /// Output zero point.
    zero: i32,
    /// Bounds of the output.
    clamp: [i32; 2],
    /// With `ONE` and `NIBBLES`: left shift, mantissa and right shift.
    factor: [i32; 3],
    /// Values of the row, padded to whole vectors.
    x: *const i8,
    /// Packed blocks.
    packed: *const u8,
    /// Outputs. With `SINGLE`: where accumulators go.
    y: *mut i8,
    /// Number of outputs.
    outputs: usize,
}

/// Bytes of code for one vector of a row in the loop.
const STEP_CODE: usize = 68;
/// The same with weights of four bits, for two vectors.
const NIBBLES_CODE: usize = 168;

/// A part of a packed fully connected layer: the first is the whole.
pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
    let spec = call.spec;
    let Some(plan) = Dense::of(call.form, spec) else { return };
    if part.index > 0 || spec.outputs == 0 {
        return;
    }
    let packed = call.packed.as_ptr();
    let head: *const i32 = packed.cast();
    let scratch: *mut i8 = call.scratch.as_mut_ptr().cast();
    let mut job = Job {
        loops: plan.steps.div_ceil(4),
        skip: if call.form == NIBBLES {
            (plan.steps.wrapping_neg() & 3) / 2 * NIBBLES_CODE
        } else {
            (plan.steps.wrapping_neg() & 3) * STEP_CODE
        },
        zero: spec.output_zero,
        clamp: [spec.clamp.min, spec.clamp.max],
        // SAFETY: the packed constant starts with them, aligned.
        factor: if plan.head > 0 { unsafe { head.cast::<[i32; 3]>().read() } } else { [0; 3] },
        x: call.x.as_ptr(),
        packed: packed.wrapping_add(plan.head),
        y: call.y.as_mut_ptr(),
        outputs: spec.outputs,
    };
    for _row in 0..spec.batch {
        let (x, y) = (job.x, job.y);
        // SAFETY: the constructor of the call has checked all lengths: a row of input and output,
        // scratch memory for a padded row and for the accumulators behind it.
        unsafe {
            if spec.depth < 16 * plan.steps {
                copy(x, scratch, spec.depth);
                job.x = scratch;
            }
            if call.form == SINGLE {
                job.y = scratch.wrapping_add(16 * plan.steps);
                row_as::<SINGLE>(&job);
                single(&job, &plan, spec.clamp, job.y.cast(), y);
            } else {
                row(call.form, &job);
            }
        }
        job.x = x.wrapping_add(spec.depth);
        job.y = y.wrapping_add(spec.outputs);
    }
}

/// Requantizes a row of accumulators one by one.
///
/// # Safety
/// The job's blocks, sums for all of them, and room for its outputs.
unsafe fn single(job: &Job, plan: &Dense, clamp: Clamp<i32>, sums: *const i32, y: *mut i8) {
    for output in 0..job.outputs {
        // Even outputs are the first four of a block.
        let place = (output & 1) * 4 + output % 8 / 2;
        let numbers = job.packed.wrapping_add((output / 8 + 1) * plan.block - 64);
        let numbers: *const i32 = numbers.wrapping_add(4 * place).cast();
        // SAFETY: inside the blocks, the sums and the outputs; both are aligned.
        unsafe {
            let factor = Multiplier { mantissa: *numbers, shift: *numbers.add(8) };
            let scaled = factor.single(*sums.add(output / 8 * 8 + place));
            *y.add(output) = clamp.apply(scaled.wrapping_add(job.zero)) as i8;
        }
    }
}

/// Computes a row of outputs.
///
/// # Safety
/// Every pointer holds what [`Job`] says.
unsafe fn row(form: u8, job: &Job) {
    // SAFETY: the caller's promise.
    unsafe {
        match form {
            FULL => row_as::<FULL>(job),
            ONE => row_as::<ONE>(job),
            LEAN => row_as::<LEAN>(job),
            NIBBLES => row_as::<NIBBLES>(job),
            _ => row_as::<AWAY>(job),
        }
    }
}

/// Two vectors of weights of an output, of four bits, meet two vectors of the row.
macro_rules! nibbles {
    ($sum:literal) => {
        concat!(
            "vldrb.u8 q2, [r9], #16\n",
            "vshl.i8 q3, q2, #4\n",
            "vmladava.s8 ",
            $sum,
            ", q0, q3\n",
            "vand q2, q2, q4\n",
            "vmladava.s8 ",
            $sum,
            ", q1, q2\n",
        )
    };
}

#[inline(never)]
unsafe fn row_as<const FORM: u8>(job: &Job) {
    // SAFETY: reads the row and the blocks, writes outputs; every register is restored or declared.
    unsafe {
        asm!(
            ".set .Lone, ({form} == 4) || ({form} == 16)",
            "push {{r4-r11, lr}}",
            "ldm.w r0!, {{r1-r8}}",
            "push {{r1-r8}}",
            "vdup.8 q5, r4",
            "vdup.8 q6, r5",
            ".if {form} == 0",
            "vdup.32 q7, r3",
            ".else",
            "vdup.16 q7, r3",
            ".endif",
            ".if {form} == 16",
            "vmov.i8 q4, #240",
            ".endif",
            "adr.w r3, 4f",
            "add r3, r3, #1",
            "add r3, r2",
            "str r3, [sp, #4]",
            "ldrd r11, r9, [r0]",
            "ldrd r1, r5, [r0, #8]",
            // Eight outputs: sums start as the bias.
            "2:",
            "ldm.w r9!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
            "ldr r7, [sp]",
            "mov r3, r11",
            "ldr.w pc, [sp, #4]",
            ".p2align 2",
            "4:",
            ".if {form} == 16",
            ".rept 2",
            "vldrb.u8 q0, [r3], #16",
            "vldrb.u8 q1, [r3], #16",
            nibbles!("r0"),
            nibbles!("r2"),
            nibbles!("r4"),
            nibbles!("r6"),
            nibbles!("r8"),
            nibbles!("r10"),
            nibbles!("r12"),
            nibbles!("lr"),
            ".endr",
            ".else",
            ".rept 4",
            "vldrb.u8 q0, [r3], #16",
            "vldrb.u8 q1, [r9], #16",
            "vmladava.s8 r0, q0, q1",
            "vldrb.u8 q2, [r9], #16",
            "vmladava.s8 r2, q0, q2",
            "vldrb.u8 q1, [r9], #16",
            "vmladava.s8 r4, q0, q1",
            "vldrb.u8 q2, [r9], #16",
            "vmladava.s8 r6, q0, q2",
            "vldrb.u8 q1, [r9], #16",
            "vmladava.s8 r8, q0, q1",
            "vldrb.u8 q2, [r9], #16",
            "vmladava.s8 r10, q0, q2",
            "vldrb.u8 q1, [r9], #16",
            "vmladava.s8 r12, q0, q1",
            "vldrb.u8 q2, [r9], #16",
            "vmladava.s8 lr, q0, q2",
            ".endr",
            ".endif",
            "subs r7, #1",
            "bne.w 4b",
            ".if {form} == 1",
            "stm.w r1!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
            "add r9, #64",
            ".else",
            "vmov q0[2], q0[0], r0, r4",
            "vmov q0[3], q0[1], r2, r6",
            "vmov q1[2], q1[0], r8, r12",
            "vmov q1[3], q1[1], r10, lr",
            ".if {form} == 0",
            "vldrw.u32 q2, [r9], #16",
            "vshl.s32 q0, q0, q2",
            "vldrw.u32 q3, [r9], #16",
            "vshl.s32 q1, q1, q3",
            ".endif",
            ".if .Lone",
            "ldrd r0, r2, [sp, #20]",
            "ldr r4, [sp, #28]",
            "vqshl.s32 q0, r0",
            "vqshl.s32 q1, r0",
            "vqrdmulh.s32 q0, q0, r2",
            "vqrdmulh.s32 q1, q1, r2",
            "vrshl.s32 q0, r4",
            "vrshl.s32 q1, r4",
            ".else",
            "vldrw.u32 q2, [r9], #16",
            "vqrdmulh.s32 q0, q0, q2",
            "vldrw.u32 q3, [r9], #16",
            "vqrdmulh.s32 q1, q1, q3",
            ".endif",
            ".if {form} == 0",
            "vldrw.u32 q2, [r9], #16",
            "vshr.s32 q3, q0, #31",
            "vand q3, q3, q2",
            "vqadd.s32 q0, q0, q3",
            "vldrw.u32 q2, [r9], #16",
            "vshr.s32 q3, q1, #31",
            "vand q3, q3, q2",
            "vqadd.s32 q1, q1, q3",
            ".elseif {form} == 3",
            "mov r0, #1",
            "vqdmlah.s32 q0, q0, r0",
            "vqdmlah.s32 q1, q1, r0",
            ".endif",
            ".if !.Lone",
            "vldrw.u32 q2, [r9], #16",
            "vrshl.s32 q0, q0, q2",
            "vldrw.u32 q3, [r9], #16",
            "vrshl.s32 q1, q1, q3",
            ".endif",
            ".if {form} == 0",
            "vadd.i32 q0, q0, q7",
            "vadd.i32 q1, q1, q7",
            ".endif",
            "vqmovnb.s32 q0, q0",
            "vqmovnt.s32 q0, q1",
            ".if {form} != 0",
            "vqadd.s16 q0, q0, q7",
            ".endif",
            "vqmovnb.s16 q0, q0",
            ".if .Lone || ({form} == 0)",
            "vmax.s8 q0, q0, q5",
            "vmin.s8 q0, q0, q6",
            ".endif",
            "vctp.16 r5",
            "vpst",
            "vstrbt.16 q0, [r1], #8",
            ".endif",
            "subs r5, #8",
            "bgt.w 2b",
            "add sp, #32",
            "pop {{r4-r11, lr}}",
            form = const FORM,
            inout("r0") job => _,
            out("r1") _, out("r2") _, out("r3") _, out("r12") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            out("q4") _, out("q5") _, out("q6") _, out("q7") _,
        );
    }
}
