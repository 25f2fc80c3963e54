//! Time on this machine.

use crate::execute::ExecuteError;
use smidge::{InvokeError, Model, Observer, Pool, Session};
use smidge_format::AlignedBuf;
use std::time::{Duration, Instant};

/// Inferences before the first one that counts.
const WARM_UP: usize = 3;
/// At least so many count.
const LEAST: usize = 11;
/// At most so many.
const MOST: usize = 1000;
/// No more are started after this time.
const ENOUGH: Duration = Duration::from_millis(700);

/// Times of an inference in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// The one in the middle.
    pub median_us: f64,
    /// The shortest.
    pub min_us: f64,
    /// Number of inferences.
    pub count: usize,
}

impl Times {
    /// The times of these inferences, of which there is at least one.
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let us = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e6);
        let median_us = us(times.get(times.len() / 2));
        Self { median_us, min_us: us(times.first()), count: times.len() }
    }
}

/// Runs the model again and again on the same inputs, large layers on the threads of a pool; the
/// times of an inference.
///
/// # Errors
/// If it does not run.
pub fn measure(
    model: &Model<'_>,
    inputs: &[Vec<u8>],
    pool: Option<&Pool>,
) -> Result<Times, ExecuteError> {
    Ok(Times::of(repeat(model, inputs, pool, &mut ())?))
}

/// The shortest time of each step in microseconds; none for one that did not run. A clock is read at
/// a step's ends, which takes a part of a microsecond: the sum is more than an inference's time.
///
/// # Errors
/// If it does not run.
pub fn measure_steps(
    model: &Model<'_>,
    inputs: &[Vec<u8>],
    pool: Option<&Pool>,
) -> Result<Vec<Option<f64>>, ExecuteError> {
    let mut clock = Clock { start: Instant::now(), least: Vec::new() };
    repeat(model, inputs, pool, &mut clock)?;
    let us = |time: &Duration| (*time != Duration::MAX).then_some(time.as_secs_f64() * 1e6);
    Ok(clock.least.iter().map(us).collect())
}

/// Keeps the shortest time of each step.
struct Clock {
    start: Instant,
    least: Vec<Duration>,
}

impl Observer for Clock {
    fn begin(&mut self, _step: u16) {
        self.start = Instant::now();
    }

    fn end(&mut self, step: u16) {
        let time = self.start.elapsed();
        let step = usize::from(step);
        if self.least.len() <= step {
            self.least.resize(step + 1, Duration::MAX);
        }
        self.least[step] = self.least[step].min(time);
    }
}

/// Runs the model again and again; the times of the inferences that count.
fn repeat(
    model: &Model<'_>,
    inputs: &[Vec<u8>],
    pool: Option<&Pool>,
    observer: &mut impl Observer,
) -> Result<Vec<Duration>, ExecuteError> {
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    let mut session = Session::new(model, &mut arena)?;
    if let Some(pool) = pool {
        session = session.with_threads(pool);
    }
    let mut times = Vec::new();
    let start = Instant::now();
    for number in 0..WARM_UP + MOST {
        if times.len() >= LEAST && start.elapsed() > ENOUGH {
            break;
        }
        for (index, bytes) in inputs.iter().enumerate() {
            let missing = InvokeError::NoSuch { index: index as u16 };
            session.input_bytes_mut(index).ok_or(missing)?.copy_from_slice(bytes);
        }
        let before = Instant::now();
        session.invoke_observed(observer)?;
        if number >= WARM_UP {
            times.push(before.elapsed());
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_shortest() {
        let times = Times::of([5, 1, 3, 9, 2].map(Duration::from_micros).to_vec());
        assert_eq!((times.median_us, times.count), (3.0, 5));
        assert!((times.min_us - 1.0).abs() < 1e-9);
    }
}
