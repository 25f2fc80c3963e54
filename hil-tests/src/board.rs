//! Running a case on a board.

use crate::suite::Work;
use crate::{Case, Golden};
use smidge_format::Isa;
use smidge_runner::Target;

/// Converts for a core, runs on at most `limit` samples on a target, and compares the outputs. Returns how
/// many samples ran.
///
/// # Errors
/// What differs, or what failed.
pub fn run(
    target: &mut dyn Target,
    case: &Case,
    golden: &Golden,
    isa: Isa,
    limit: usize,
) -> Result<usize, String> {
    let work = Work::of_case(case, golden, isa, limit)?;
    work.judge(target.run(&work.job()).as_ref())
}
