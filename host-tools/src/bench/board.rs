//! Costs on a board: counted where QEMU emulates it, timed by its own counter where it is real.

use super::cycles::{self, CycleModel};
use super::decode::{Family, Instruction};
use super::{Cost, Measured, Report, flash, hot};
use smidge_format::Blob;
use smidge_runner::{Counts, Image, Inference, Job, Qemu, RunError, Site, Target};

/// What to measure besides instructions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Build the program that contains the model, and measure its code.
    pub flash: bool,
    /// Number of functions to list.
    pub hot: usize,
}

/// Runs one inference on a board and counts.
///
/// # Errors
/// If it does not run there.
pub fn measure(
    target: &mut Qemu,
    blob: &Blob<'_>,
    inputs: &[Vec<u8>],
    options: Options,
) -> Result<Report, RunError> {
    let board = target.board().clone();
    let mut report = Report::new(&board.name, blob);
    let inputs = inputs.iter().map(Vec::as_slice).collect();
    let ran = target.run(&Job {
        blob: blob.bytes(),
        inferences: vec![Inference { reset: true, inputs }],
        outputs: blob.subgraph(0).map_or(0, |main| main.outputs),
        trace_first: false,
        count: true,
    })?;
    // Where a program cannot measure its stack, it says 0.
    report.stack_bytes = Some(ran.stats.stack_peak).filter(|&bytes| bytes > 0);
    report.model = CycleModel::of(&board.isa);
    match &ran.counts {
        Counts::Counted(_) => {
            let family = Family::of(&board.target);
            let sites = family.map(|family| cycles::decode(family, &ran.profile));
            count(&mut report, &sites.unwrap_or_default());
        }
        Counts::NotCounted(why) => report.not_counted = Some(why.clone()),
    }
    if options.hot > 0 || options.flash {
        let image = Image::read(&target.elf()?)?;
        report.hot = hot::functions(&image, &ran.profile, options.hot);
        if options.flash {
            // Without counts by operator, nobody knows which of them a step was.
            let known = report.not_counted.is_none();
            let operators = if known { report.operators.as_slice() } else { &[] };
            let users = flash::users(&image, &ran.profile, operators);
            report.flash = flash::measure(&board, blob, &users);
        }
    }
    Ok(report)
}

/// Inferences that are timed.
const TIMED: usize = 5;

/// Runs some inferences on a board, and gives the least cycles of one.
///
/// # Errors
/// If they do not run there.
pub fn time(
    target: &mut impl Target,
    blob: &Blob<'_>,
    inputs: &[Vec<u8>],
) -> Result<Report, RunError> {
    let mut report = Report::new(&target.board().name, blob);
    let inputs = inputs.iter().map(Vec::as_slice).collect();
    let ran = target.run(&Job {
        blob: blob.bytes(),
        inferences: vec![Inference { reset: true, inputs }; TIMED],
        outputs: blob.subgraph(0).map_or(0, |main| main.outputs),
        ..Job::default()
    })?;
    report.stack_bytes = Some(ran.stats.stack_peak).filter(|&bytes| bytes > 0);
    let least = ran.cycles.iter().min();
    report.measured = least.map(|&cycles| Measured { cycles, hz: ran.info.hz, count: TIMED });
    if report.measured.is_none() {
        report.not_counted = Some("the board has no counter of cycles".into());
    }
    Ok(report)
}

/// Adds up the instructions of each step. A program with jumps executes other steps than it has: its
/// operators have no counts, the total has.
fn count(report: &mut Report, sites: &[(&Site, Instruction)]) {
    let model = report.model;
    report.total = Some(cost(model, sites));
    let by_step: Vec<_> = sites.chunk_by(|(a, _), (b, _)| a.step == b.step).collect();
    let executed = by_step.last().and_then(|last| last.first()).map_or(0, |(site, _)| site.step);
    if executed != report.operators.len() {
        let reason = "the program has control flow: operators are not counted one by one";
        report.not_counted = Some(reason.into());
        return;
    }
    for sites in by_step {
        let row = sites.first().and_then(|(site, _)| report.operators.get_mut(site.step));
        row.into_iter().for_each(|row| row.cost = Some(cost(model, sites)));
    }
}

fn cost(model: Option<&CycleModel>, sites: &[(&Site, Instruction)]) -> Cost {
    Cost {
        instructions: sites.iter().map(|(site, _)| site.executed).sum(),
        cycles: model.map(|model| model.cycles(sites.iter().copied())),
        taken_branches: sites.iter().map(|(site, _)| site.taken).sum(),
        bytes_loaded: cycles::bytes_loaded(sites.iter().copied()),
    }
}
