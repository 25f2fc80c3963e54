//! Operators without packed weights: what [`native`] has against [`scalar`](crate::scalar).

use super::Watch;
use super::guarded::Guarded;
use crate::scalar::copy::RANK;
use crate::scalar::elementwise::{self, AddS8, Broadcast, LinearS8, MulS8};
use crate::scalar::pool::{self, AverageRounding, Pool};
use crate::scalar::reduce::{self, MeanS8, Reduce};
use crate::scalar::softmax;
use crate::testing::{Random, pixels, windows};
use crate::{Clamp, Cpu, Dst, Multiplier, Src, Window, native};
use alloc::{format, vec, vec::Vec};

/// Lengths: none, one, tails of 4, 8, 16, 32, 64, and a long one.
const LENS: [usize; 12] = [0, 1, 2, 3, 5, 8, 15, 16, 31, 33, 64, 1001];

const CLAMPS: [Clamp<i32>; 3] =
    [Clamp { min: -128, max: 127 }, Clamp { min: 3, max: 127 }, Clamp { min: -90, max: 100 }];

/// Runs both kernels and compares.
fn compare(
    name: &str,
    len: usize,
    watch: &mut dyn Watch,
    reference: impl Fn(Dst<'_, i8>),
    fast: impl Fn(Dst<'_, i8>),
) {
    let mut expected = vec![0i8; len];
    reference(Dst::from(&mut expected[..]));
    let mut y = Guarded::new(len, 0x77);
    watch.begin();
    fast(y.dst_i8());
    watch.end();
    watch.case(name, 0, y.is(&expected) && y.is_intact());
}

fn factor(random: &mut Random, shift: i32) -> Multiplier {
    Multiplier { mantissa: (1 << 30) + (random.next() << 6) as i32, shift }
}

/// All cases.
pub fn run(cpu: Cpu, watch: &mut dyn Watch) {
    let mut random = Random(5);
    for (case, len) in LENS.into_iter().enumerate() {
        binary(cpu, len, case, &mut random, watch);
    }
    broadcasts(cpu, &mut random, watch);
    pools(cpu, &mut random, watch);
    means(cpu, &mut random, watch);
    rows(cpu, &mut random, watch);
}

fn binary(cpu: Cpu, len: usize, case: usize, random: &mut Random, watch: &mut dyn Watch) {
    let (a, b) = (Guarded::of_i8(&random.i8s(len)), Guarded::of_i8(&random.i8s(len)));
    let (a, b) = (a.src_i8(), b.src_i8());
    let table = Guarded::of_i8(&random.i8s(256));
    let clamp = CLAMPS[case % 3];
    compare(
        &format!("table_s8: {len}"),
        len,
        watch,
        |y| elementwise::table_s8(table.src_i8(), a, y),
        |y| native::table_s8(cpu, table.src_i8(), a, y),
    );
    let linear = LinearS8 {
        factors: [random.next() as i32 % 500_000, random.next() as i32 % 500_000 - 250_000],
        offset: random.next() as i32 % 9_000_000,
        shift: 19,
        clamp,
    };
    compare(
        &format!("linear_s8: {len}"),
        len,
        watch,
        |y| elementwise::linear_s8(&linear, a, b, y),
        |y| native::linear_s8(cpu, &linear, a, b, y),
    );
    // The largest factors, of both signs.
    let linear = LinearS8 {
        factors: [1 << 22, -(1 << 22)],
        offset: [i32::MAX - (1 << 30), -(1 << 30), 0][case % 3],
        shift: [22, 23, 0][case % 3],
        clamp,
    };
    compare(
        &format!("linear_s8 of large factors: {len}"),
        len,
        watch,
        |y| elementwise::linear_s8(&linear, a, b, y),
        |y| native::linear_s8(cpu, &linear, a, b, y),
    );
    // In place: the output stands on the first operand.
    let mut expected = vec![0i8; len];
    elementwise::linear_s8(&linear, a, b, Dst::from(&mut expected[..]));
    let mut place = Guarded::of_i8(&a.iter().collect::<Vec<_>>());
    let y = place.dst_i8();
    watch.begin();
    native::linear_s8(cpu, &linear, y.as_src(), b, y);
    watch.end();
    watch.case(&format!("linear_s8 in place: {len}"), 0, place.is(&expected) && place.is_intact());
    let count = [1, 1, 1, 1, 1, len];
    let Some(walk) = Broadcast::new(count, count, count) else { return };
    let add = add_numbers(random, clamp);
    compare(
        &format!("add_s8: {len}"),
        len,
        watch,
        |y| elementwise::add_s8(&add, &walk, a, b, y),
        |y| native::add_s8(cpu, &add, &walk, a, b, y),
    );
    let mul = mul_numbers(random, clamp);
    compare(
        &format!("mul_s8: {len}"),
        len,
        watch,
        |y| elementwise::mul_s8(&mul, &walk, a, b, y),
        |y| native::mul_s8(cpu, &mul, &walk, a, b, y),
    );
}

fn add_numbers(random: &mut Random, clamp: Clamp<i32>) -> AddS8 {
    AddS8 {
        offsets: [random.next() as i8 as i32, random.next() as i8 as i32],
        factors: [factor(random, 0), factor(random, -2)],
        left_shift: 20,
        output: factor(random, -18),
        output_offset: random.next() as i8 as i32,
        clamp,
    }
}

fn mul_numbers(random: &mut Random, clamp: Clamp<i32>) -> MulS8 {
    MulS8 {
        offsets: [random.next() as i8 as i32, random.next() as i8 as i32],
        output: factor(random, -6),
        output_offset: random.next() as i8 as i32,
        clamp,
    }
}

fn broadcasts(cpu: Cpu, random: &mut Random, watch: &mut dyn Watch) {
    type Dims = [usize; RANK];
    let shapes: [[Dims; 3]; 4] = [
        [[1, 1, 1, 2, 3, 17], [1, 1, 1, 1, 1, 1], [1, 1, 1, 2, 3, 17]],
        [[1, 1, 1, 1, 1, 20], [1, 1, 1, 2, 3, 20], [1, 1, 1, 2, 3, 20]],
        [[1, 1, 4, 5, 1, 8], [1, 1, 4, 1, 1, 8], [1, 1, 4, 5, 1, 8]],
        [[2, 1, 3, 1, 2, 1], [1, 2, 1, 3, 1, 2], [2, 2, 3, 3, 2, 2]],
    ];
    for (case, [a_dims, b_dims, y_dims]) in shapes.into_iter().enumerate() {
        let len = |dims: Dims| dims.iter().product::<usize>();
        let (a, b) = (random.i8s(len(a_dims)), random.i8s(len(b_dims)));
        let (a, b) = (Guarded::of_i8(&a), Guarded::of_i8(&b));
        let (a, b) = (a.src_i8(), b.src_i8());
        let Some(walk) = Broadcast::new(a_dims, b_dims, y_dims) else { continue };
        let (add, mul) = (add_numbers(random, CLAMPS[0]), mul_numbers(random, CLAMPS[1]));
        compare(
            &format!("add_s8 broadcast {case}"),
            len(y_dims),
            watch,
            |y| elementwise::add_s8(&add, &walk, a, b, y),
            |y| native::add_s8(cpu, &add, &walk, a, b, y),
        );
        compare(
            &format!("mul_s8 broadcast {case}"),
            len(y_dims),
            watch,
            |y| elementwise::mul_s8(&mul, &walk, a, b, y),
            |y| native::mul_s8(cpu, &mul, &walk, a, b, y),
        );
    }
}

fn pools(cpu: Cpu, random: &mut Random, watch: &mut dyn Watch) {
    for (case, window) in windows().into_iter().chain(super::layers::windows()).enumerate() {
        for channels in [1, 3, 4, 8, 17, 64] {
            pool_case(cpu, &window, channels, CLAMPS[case % 3], random, watch);
        }
    }
}

fn pool_case(
    cpu: Cpu,
    window: &Window,
    channels: usize,
    clamp: Clamp<i32>,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let window = *window;
    let x = Guarded::of_i8(&random.i8s(pixels(&window) * channels));
    let x = x.src_i8();
    let len = window.batch * window.output[0] * window.output[1] * channels;
    let average = Pool { window, channels, clamp };
    for rounding in [AverageRounding::AwayFromZero, AverageRounding::Up] {
        compare(
            &format!("average_s8 {rounding:?}: {window:?} {channels}"),
            len,
            watch,
            |y| pool::average_s8(&average, rounding, x, y),
            |y| native::average_s8(cpu, &average, rounding, x, y),
        );
    }
    let clamp = Clamp { min: clamp.min as i8, max: clamp.max as i8 };
    let max = Pool { window, channels, clamp };
    compare(
        &format!("max_s8: {window:?} {channels}"),
        len,
        watch,
        |y| pool::max_s8(&max, x, y),
        |y| native::max_s8(cpu, &max, x, y),
    );
}

fn means(cpu: Cpu, random: &mut Random, watch: &mut dyn Watch) {
    for count in [[1, 2, 1, 5, 6, 19], [2, 1, 3, 2, 1, 8], [1, 1, 1, 20, 30, 5]] {
        for axes in 0..1 << RANK {
            let axes = core::array::from_fn(|d| axes >> d & 1 == 1);
            mean_case(cpu, count, axes, random, watch);
        }
    }
}

fn mean_case(
    cpu: Cpu,
    count: [usize; RANK],
    axes: [bool; RANK],
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let x = Guarded::of_i8(&random.i8s(count.iter().product()));
    let x = x.src_i8();
    let walk = Reduce::new(count, axes);
    let len = walk.kept.elements().unwrap_or(0);
    let mean = MeanS8 {
        walk,
        input_offset: random.next() as i8 as i32,
        output_offset: random.next() as i8 as i32,
        factor: factor(random, -5),
    };
    compare(
        &format!("mean_s8: {count:?} {axes:?}"),
        len,
        watch,
        |y| reduce::mean_s8(&mean, x, y),
        |y| native::mean_s8(cpu, &mean, x, y),
    );
}

fn rows(cpu: Cpu, random: &mut Random, watch: &mut dyn Watch) {
    for (depth, step) in
        [(1, 0.1), (2, 0.05), (3, 0.3), (10, 0.02), (12, 0.2), (33, 0.01), (100, 1.0)]
    {
        for entries in [256, 40] {
            softmax_case(cpu, depth, step, entries, random, watch);
        }
    }
}

fn softmax_case(
    cpu: Cpu,
    depth: usize,
    step: f64,
    entries: usize,
    random: &mut Random,
    watch: &mut dyn Watch,
) {
    let mut value = f64::from(i32::MAX);
    let table: Vec<i32> = (0..entries)
        .map(|_| {
            let entry = value as i32;
            value *= 1.0 - step / 2.0;
            entry
        })
        .collect();
    let x = Guarded::of_i8(&random.i8s(depth * 4));
    let (x, table) = (x.src_i8(), Src::from(&table[..]));
    compare(
        &format!("softmax_s8: {depth} {entries}"),
        depth * 4,
        watch,
        |y| softmax::softmax_s8(table, depth, x, y),
        |y| native::softmax_s8(cpu, table, depth, x, y),
    );
}

/// The operators without weights that real networks have, for counting.
pub fn layers(cpu: Cpu, watch: &mut dyn Watch) {
    let mut random = Random(3);
    for len in [4096, 16384] {
        binary(cpu, len, 0, &mut random, watch);
    }
    let full = Clamp { min: -128, max: 127 };
    let square = |size: [usize; 2], kernel: [usize; 2]| Window {
        batch: 1,
        input: size,
        output: [size[0] / kernel[0], size[1] / kernel[1]],
        kernel,
        stride: kernel,
        dilation: [1, 1],
        pad: [0, 0],
    };
    for (size, kernel, channels) in [
        ([8, 8], [8, 8], 64),
        ([25, 5], [25, 5], 64),
        ([3, 3], [3, 3], 256),
        ([16, 16], [2, 2], 32),
        // More than 256 values, which halves of a register do not hold.
        ([17, 17], [17, 17], 9),
    ] {
        let window = square(size, kernel);
        pool_case(cpu, &window, channels, full, &mut random, watch);
        let count = [1, 1, 1, size[0], size[1], channels];
        mean_case(cpu, count, [false, false, false, true, true, false], &mut random, watch);
    }
    softmax_case(cpu, 12, 0.1, 200, &mut random, watch);
    softmax_case(cpu, 10, 0.1, 256, &mut random, watch);
}
