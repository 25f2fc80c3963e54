//! Winograd's transforms of inputs and weights, two channels in a word.

use crate::armv7em::layout::winograd::{CHUNK, PLACES, Tiles};
use crate::packed::ConvSpec;
use core::arch::{asm, naked_asm};

/// An instruction of two operands.
macro_rules! instruction {
    ($name:ident, $text:literal) => {
        #[inline(always)]
        fn $name(a: u32, b: u32) -> u32 {
            let out;
            // SAFETY: arithmetic on registers.
            unsafe {
                asm!(
                    concat!($text, " {out}, {a}, {b}"),
                    out = lateout(reg) out, a = in(reg) a, b = in(reg) b,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
            out
        }
    };
}

instruction!(sadd16, "sadd16");
instruction!(ssub16, "ssub16");

/// Bytes 0 and 2 of a word as two int16.
#[inline(always)]
fn even(word: u32) -> u32 {
    let out;
    // SAFETY: arithmetic on registers.
    unsafe {
        asm!(
            "sxtb16 {out}, {word}", out = lateout(reg) out, word = in(reg) word,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    out
}

/// Four rows of the input, widened, with the zero point around the image.
pub(super) struct Strip<'a> {
    spec: &'a ConvSpec,
    x: *const u8,
    rows: *mut u32,
    /// Columns of a row.
    width: usize,
    /// Words of a column.
    column: usize,
}

impl<'a> Strip<'a> {
    /// For an image at `x`, in memory as long as the layout says.
    pub(super) fn new(spec: &'a ConvSpec, tiles: &Tiles, x: *const u8, rows: *mut u32) -> Self {
        Self { spec, x, rows, width: 8 * tiles.quads + 2, column: tiles.pairs }
    }

    /// Row `at` counted from the first of tile row 0.
    fn row(&self, at: usize) -> *mut u32 {
        self.rows.wrapping_add((at & 3) * self.width * self.column)
    }

    /// Makes the four rows of a tile row be there; two are, unless it is the first.
    ///
    /// # Safety
    /// Image and memory are as long as promised.
    pub(super) unsafe fn advance(&mut self, tile: usize) {
        let w = &self.spec.window;
        let [pad, left] = w.pad;
        let left = left.min(self.width);
        let inside = w.input[1].min(self.width - left);
        let zero = self.spec.input_zero as u16;
        let zero = u32::from(zero) << 16 | u32::from(zero);
        for at in 2 * tile + if tile == 0 { 0 } else { 2 }..2 * tile + 4 {
            let y = at.wrapping_sub(pad);
            let row = self.row(at);
            // SAFETY: a row has `width` columns, of which `inside` are in the image.
            unsafe {
                for word in 0..self.width * self.column {
                    row.add(word).write(zero);
                }
                if y >= w.input[0] {
                    continue;
                }
                let mut from = self.x.add(y * w.input[1] * self.spec.in_channels);
                let mut to = row.add(left * self.column);
                for _ in 0..inside * self.column / 2 {
                    let word = from.cast::<u32>().read_unaligned();
                    to.write(even(word));
                    to.add(1).write(even(word.rotate_right(8)));
                    (from, to) = (from.add(4), to.add(2));
                }
            }
        }
    }
}

/// Transforms the inputs of a row of tiles, which is row `at` of its block.
///
/// # Safety
/// The strip is at this row; `to` has room for the block.
pub(super) unsafe fn operands(
    strip: &Strip<'_>,
    tiles: &Tiles,
    tile: usize,
    at: usize,
    to: *mut u32,
) {
    let quads = tiles.block * tiles.quads;
    for (place, upper, lower) in [(0, 0, 2), (1, 1, 2), (2, 2, 1), (3, 1, 3)] {
        let (upper, lower) = (strip.row(2 * tile + upper), strip.row(2 * tile + lower));
        for pair in 0..tiles.pairs {
            let start = pair / CHUNK * CHUNK;
            let chunk = CHUNK.min(tiles.pairs - start);
            // SAFETY: as `multiply` reads them: chunks, places, quads, pairs.
            unsafe {
                let to = to.add(PLACES * quads * 4 * start + 4 * (pair - start));
                let to = to.add(at * tiles.quads * 4 * chunk + 4 * place * quads * 4 * chunk);
                let work = Row {
                    upper: upper.add(pair),
                    lower: lower.add(pair),
                    column: 4 * strip.column,
                    quad: 16 * (chunk - 1),
                    place: 16 * quads * chunk,
                    to,
                    quads: tiles.quads,
                };
                if place == 1 { row_sum(&work) } else { row_difference(&work) }
            }
        }
    }
}

/// Work for [`row_sum`] and [`row_difference`]; the kernels know the order.
#[repr(C)]
struct Row {
    /// The two rows whose sum or difference is wanted, at a pair of channels.
    upper: *const u32,
    lower: *const u32,
    /// Bytes from column to column.
    column: usize,
    /// Bytes from behind the tiles of a quad to the next quad, and from place to place.
    quad: usize,
    place: usize,
    /// The first of the four places.
    to: *mut u32,
    /// Quads of tiles.
    quads: usize,
}

/// The transform along a row of tiles, of the rows' sum or difference.
macro_rules! row {
    ($name:ident, $op:literal) => {
        // Registers: r0 upper row, r1 from there to the lower, r5 column, r6-r9 places, r10, r11,
        // r2, r3 four columns, r4 as needed, r12 quad, lr quads left.
        #[unsafe(naked)]
        unsafe extern "C" fn $name(work: &Row) {
            naked_asm!(
                ".arch armv7e-m",
                ".macro smidge_load, x",
                "ldr \\x, [r0]
                 ldr r4, [r0, r1]
                 add r0, r5",
                concat!($op, " \\x, \\x, r4"),
                ".endm
                 .macro smidge_tile, a, b, c, d
                 smidge_load \\c
                 smidge_load \\d
                 ssub16 r4, \\a, \\c
                 str r4, [r6], #4
                 sadd16 r4, \\b, \\c
                 str r4, [r7], #4
                 ssub16 r4, \\c, \\b
                 str r4, [r8], #4
                 ssub16 r4, \\b, \\d
                 str r4, [r9], #4
                 .endm
                 push {{r4-r11, lr}}
                 ldm r0, {{r0, r1, r5, r6, r7, r8, lr}}
                 mov r12, r6
                 mov r6, r8
                 add r8, r6, r7, lsl #1
                 add r7, r6
                 add r9, r7, r8
                 sub r9, r6
                 subs r1, r0
                 smidge_load r10
                 smidge_load r11
                 1:
                 smidge_tile r10, r11, r2, r3
                 smidge_tile r2, r3, r10, r11
                 tst r6, #8
                 bne 1b
                 add r6, r12
                 add r7, r12
                 add r8, r12
                 add r9, r12
                 subs lr, #1
                 bne 1b
                 pop {{r4-r11, pc}}
                 .purgem smidge_load
                 .purgem smidge_tile"
            )
        }
    };
}

row!(row_sum, "sadd16");
row!(row_difference, "ssub16");

/// `(a, a + b + c, a - b + c, c)`.
#[inline(always)]
fn filter(a: u32, b: u32, c: u32) -> [u32; 4] {
    let sum = sadd16(a, c);
    [a, sadd16(sum, b), ssub16(sum, b), c]
}

/// Transforms the weights of two channels: for each four input channels the nine words of one, then
/// of the other.
///
/// # Safety
/// `from` has them for `pairs` pairs of input channels, `to` 32 words for each pair.
pub(super) unsafe fn weights(from: *const u32, pairs: usize, to: *mut u32) {
    for four in 0..pairs / 2 {
        let start = 2 * four / CHUNK * CHUNK;
        let chunk = CHUNK.min(pairs - start);
        // The first pair of a chunk stands first, then from the last to the second.
        let at = |pair: usize| if pair == 0 { 0 } else { 2 * (chunk - pair) };
        // SAFETY: there are 16 places of twice as many words as pairs.
        unsafe {
            let to = to.add(PLACES * 2 * start);
            let (first, second) = (to.add(at(2 * four - start)), to.add(at(2 * four - start + 1)));
            for channel in 0..2 {
                let from = from.add(9 * (2 * four + channel));
                let tap = |at: usize| *from.add(at);
                place(tap, first.add(channel), 2 * chunk);
                place(|at| tap(at).rotate_right(8), second.add(channel), 2 * chunk);
            }
        }
    }
}

/// Transforms nine weights of two input channels; `to` is where the first place is.
///
/// # Safety
/// There are 16 places, `step` words apart.
unsafe fn place(tap: impl Fn(usize) -> u32, to: *mut u32, step: usize) {
    let column = |x: usize| filter(even(tap(x)), even(tap(x + 3)), even(tap(x + 6)));
    let (left, middle, right) = (column(0), column(1), column(2));
    let mut to = to;
    for ((a, b), c) in left.into_iter().zip(middle).zip(right) {
        for value in filter(a, b, c) {
            // SAFETY: 4 times 4 places.
            unsafe { to.write(value) };
            to = to.wrapping_add(step);
        }
    }
}
