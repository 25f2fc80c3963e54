//! Requantization of four accumulators in r8 to r11, as text of assembly.
//!
//! In: r0 `high`, r1 and r2 the parts of the factor, r3 `above`, r6 behind the record's first
//! words, r5 the first output, lr bytes between outputs. Out: r5 behind the last output. Uses r4
//! and r7. The stack has the smallest output at 20, the largest at 24, bytes of the record behind
//! its first words at 28: 0 for a short one.

/// One output; the labels are its own.
macro_rules! lane {
    (
        $sum:literal, $begin:literal, $negative:literal, $high:literal, $scaled:literal, $done:literal
    ) => {
        concat!(
            $begin,
            ":\n",
            "mov r4, ",
            $sum,
            "\n",
            "cmp r4, #0\n",
            "blt ",
            $negative,
            "f\n",
            "cmp r4, r0\n",
            "bge ",
            $high,
            "f\n",
            "movs r7, r4\n",
            "muls r7, r2, r7\n",
            "asrs r7, r7, #12\n",
            "muls r4, r1, r4\n",
            "adds r4, r4, r7\n",
            "adds r4, r4, r3\n",
            $scaled,
            ":\n",
            "asrs r4, r4, #22\n",
            $done,
            ":\n",
            "strb r4, [r5]\n",
            "add r5, lr\n",
        )
    };
}

/// Where an output goes that is negative or too large.
macro_rules! lane_ends {
    ($low:literal, $negative:literal, $high:literal, $scaled:literal, $done:literal) => {
        concat!(
            $negative,
            ":\n",
            "ldr r7, [sp, #28]\n",
            "cmp r7, #0\n",
            "beq ",
            $low,
            "f\n",
            "ldr r7, [r6]\n",
            "cmp r4, r7\n",
            "ble ",
            $low,
            "f\n",
            "movs r7, r4\n",
            "muls r7, r2, r7\n",
            "asrs r7, r7, #12\n",
            "muls r4, r1, r4\n",
            "adds r4, r4, r7\n",
            "ldr r7, [r6, #4]\n",
            "adds r4, r4, r7\n",
            "b ",
            $scaled,
            "b\n",
            $low,
            ":\n",
            "ldr r4, [sp, #20]\n",
            "b ",
            $done,
            "b\n",
            $high,
            ":\n",
            "ldr r4, [sp, #24]\n",
            "b ",
            $done,
            "b\n",
        )
    };
}

/// Loads the first words of the record at r6.
macro_rules! load_record {
    () => {
        "ldm r6!, {{r0, r1, r3}}
         lsls r2, r1, #20
         lsrs r2, r2, #20
         lsrs r1, r1, #12
        "
    };
}

/// Four outputs, from label 50 on.
macro_rules! four_lanes {
    () => {
        concat!(
            lane!("r8", "50", "60", "70", "54", "58"),
            lane!("r9", "51", "61", "71", "55", "59"),
            lane!("r10", "52", "62", "72", "56", "90"),
            lane!("r11", "53", "63", "73", "57", "91"),
        )
    };
}

/// Fewer outputs: r7 has how many less 2. Goes to a lane of [`four_lanes`] and its end.
macro_rules! fewer_lanes {
    () => {
        "cmp r7, #0
         bmi 80f
         beq 81f
         mov r11, r10
         mov r10, r9
         mov r9, r8
         b 51b
         81:
         mov r11, r9
         mov r10, r8
         b 52b
         80:
         mov r11, r8
         b 53b
        "
    };
}

/// The ends of [`four_lanes`].
macro_rules! four_ends {
    () => {
        concat!(
            lane_ends!("82", "60", "70", "54", "58"),
            lane_ends!("83", "61", "71", "55", "59"),
            lane_ends!("84", "62", "72", "56", "90"),
            lane_ends!("85", "63", "73", "57", "91"),
        )
    };
}

/// Four products of the words in r0 to r3 with r4 or another register, added to r8 to r11.
macro_rules! four_products {
    ($weight:literal) => {
        concat!(
            "muls r0, ",
            $weight,
            ", r0\n",
            "add r8, r0\n",
            "muls r1, ",
            $weight,
            ", r1\n",
            "add r9, r1\n",
            "muls r2, ",
            $weight,
            ", r2\n",
            "add r10, r2\n",
            "muls r3, ",
            $weight,
            ", r3\n",
            "add r11, r3\n",
        )
    };
}

pub(super) use {fewer_lanes, four_ends, four_lanes, four_products, lane, lane_ends, load_record};
