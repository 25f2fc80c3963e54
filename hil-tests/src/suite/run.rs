//! Running the suite on one board, whatever it is made of.

use super::work::Work;
use super::{Outcome, Part, Results, Suite, Verdict};
use smidge_format::Isa;
use smidge_runner::{Board, Cases, Problem, Report, RunError, Target};
use std::time::{Duration, Instant};

/// Items that are prepared at a time: they take memory, and targets may run many in one start.
const CHUNK: usize = 256;
/// Recoveries in a row after which a board is given up.
const PATIENCE: usize = 3;

/// Brings a board back whose conversation broke off. It is told how often in a row this is so.
pub type Recover<'a> = dyn FnMut(&mut dyn Target, usize) -> Result<(), String> + 'a;

/// For boards that are started anew for each conversation.
///
/// # Errors
/// None.
pub fn nothing(_target: &mut dyn Target, _times: usize) -> Result<(), String> {
    Ok(())
}

/// How long a board may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For everything.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Duration::from_secs(3600) }
    }
}

/// Runs the cases on a board, and the kernels where `parts` has them and the target can.
pub fn run(
    suite: &Suite,
    parts: &[Part],
    board: &Board,
    target: &mut dyn Target,
    recover: &mut Recover<'_>,
    limits: Limits,
) -> Results {
    let start = Instant::now();
    let isa = Isa::ALL.into_iter().find(|isa| isa.name() == board.isa).unwrap_or(Isa::Portable);
    let outcomes = Vec::new();
    let (lost, broken) = (None, 0);
    let mut session =
        Session { board, isa, target, recover, limits, start, outcomes, lost, broken };
    for chunk in suite.items.chunks(CHUNK) {
        let mut ready = Vec::new();
        for item in chunk {
            let (part, name) = (item.part(), item.name());
            match item.prepare(isa) {
                Ok(work) => ready.push(Ready { part, name, work }),
                Err(why) => session.tell(part, name, 0, Verdict::Failed(why)),
            }
        }
        session.run_ready(ready);
    }
    for (part, cases) in [(Part::Kernels, Cases::Shapes), (Part::Layers, Cases::Layers)] {
        if parts.contains(&part) {
            session.kernels(part, cases);
        }
    }
    let (name, isa) = (board.name.clone(), board.isa.clone());
    let (outcomes, time) = (session.outcomes, start.elapsed());
    Results { board: name, isa, outcomes, time, ..Results::default() }
}

/// An item that can run.
struct Ready {
    part: Part,
    name: String,
    work: Work,
}

struct Session<'a> {
    board: &'a Board,
    isa: Isa,
    target: &'a mut dyn Target,
    recover: &'a mut Recover<'a>,
    limits: Limits,
    start: Instant,
    outcomes: Vec<Outcome>,
    /// Why nothing more can be tried.
    lost: Option<String>,
    /// Attempts in a row that broke off although the board was recovered.
    broken: usize,
}

impl Session<'_> {
    /// Runs what fits, in as few starts as the target can.
    fn run_ready(&mut self, ready: Vec<Ready>) {
        let (fits, others): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|ready| self.lacks(&ready.work).is_none());
        for ready in others {
            let why = self.lacks(&ready.work).unwrap_or_default();
            self.tell(ready.part, ready.name, 0, Verdict::Unfit(why));
        }
        let jobs: Vec<_> = fits.iter().map(|ready| ready.work.job()).collect();
        let mut at = 0;
        while let Some(rest) = jobs.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some(why) = self.over() {
                for ready in fits.iter().skip(at) {
                    let verdict = Verdict::NotRun(why.clone());
                    self.tell(ready.part, ready.name.clone(), 0, verdict);
                }
                return;
            }
            let start = Instant::now();
            let results = self.target.run_some(rest);
            let time = start.elapsed().div_f64(results.len().max(1) as f64);
            let count = results.len().max(1);
            for ((ready, job), result) in fits.iter().zip(&jobs).skip(at).zip(results) {
                let start = Instant::now();
                let broken = result.as_ref().is_err_and(is_broken);
                let result = if broken { self.again(|target| target.run(job)) } else { result };
                let time = if broken { start.elapsed() } else { time };
                self.judge(ready, result, time, broken);
            }
            at += count;
        }
    }

    /// Says what came of an item.
    fn judge(
        &mut self,
        ready: &Ready,
        result: Result<Report, RunError>,
        time: Duration,
        recovered: bool,
    ) {
        if let Some(error) = result.as_ref().err().filter(|error| is_final(error)) {
            self.lost.get_or_insert(error.to_string());
        }
        let other = result.as_ref().ok().and_then(|report| self.other(report));
        let judged = match other {
            Some(why) => Err(why),
            None => ready.work.judge(result.as_ref()),
        };
        let (runs, verdict) = match judged {
            Ok(runs) => (runs, Verdict::Passed),
            Err(why) => (0, Verdict::Failed(why)),
        };
        let (part, name) = (ready.part, ready.name.clone());
        self.outcomes.push(Outcome { part, name, cases: 1, runs, verdict, time, recovered });
    }

    /// Why this is not the board that it should be.
    fn other(&self, report: &Report) -> Option<String> {
        let (said, wanted) = (report.info.board.as_str(), self.board.name.as_str());
        let same = said == wanted && report.info.isa == self.isa as u16;
        (!same).then(|| format!("this is the firmware of {said}, not of {wanted}"))
    }

    /// Runs the kernels' own program.
    fn kernels(&mut self, part: Part, cases: Cases) {
        let name = part.name().to_owned();
        if let Some(why) = self.over() {
            return self.tell(part, name, 0, Verdict::NotRun(why));
        }
        let start = Instant::now();
        let mut result = self.target.kernels(cases);
        let recovered = result.as_ref().is_err_and(is_broken);
        if recovered {
            result = self.again(|target| target.kernels(cases));
        }
        let (cases, runs, verdict) = match result {
            Ok(Some(findings)) => {
                let failed: Vec<_> = findings
                    .verdicts
                    .iter()
                    .filter(|v| !v.passed)
                    .map(|v| v.name.as_str())
                    .collect();
                let (count, some) = (failed.len(), failed.iter().take(10));
                let some = some.copied().collect::<Vec<_>>().join("\n");
                let verdict = match count {
                    0 => Verdict::Passed,
                    _ => Verdict::Failed(format!("{count} runs failed:\n{some}")),
                };
                (findings.cases, findings.verdicts.len(), verdict)
            }
            Ok(None) => (1, 0, Verdict::Unfit("only the program that runs blobs is there".into())),
            Err(error) if has_no_room(&error) => {
                (1, 0, Verdict::Unfit("the program with all kernels is too large".into()))
            }
            Err(error) => (1, 0, Verdict::Failed(error.to_string())),
        };
        let time = start.elapsed();
        self.outcomes.push(Outcome { part, name, cases, runs, verdict, time, recovered });
    }

    /// Recovers the board and tries once more.
    fn again<T>(
        &mut self,
        attempt: impl FnOnce(&mut dyn Target) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        if let Err(why) = (self.recover)(self.target, self.broken) {
            self.lost = Some(why);
        }
        let result = attempt(self.target);
        match &result {
            Err(error) if is_broken(error) => self.broken += 1,
            _ => self.broken = 0,
        }
        if self.broken >= PATIENCE {
            self.lost.get_or_insert(format!("the board failed {PATIENCE} times in a row"));
        }
        result
    }

    /// Why nothing more is tried, if that is so.
    fn over(&self) -> Option<String> {
        let late = self.start.elapsed() > self.limits.total;
        let late = late.then(|| format!("{} s were over", self.limits.total.as_secs()));
        self.lost.clone().or(late)
    }

    /// What the board has too little of.
    fn lacks(&self, work: &Work) -> Option<String> {
        let (blob, arena) = (work.blob_bytes() as u64, work.arena as u64);
        let Board { slot, arena_bytes, .. } = self.board;
        if blob > slot.bytes {
            return Some(format!("the blob has {blob} bytes, the slot {}", slot.bytes));
        }
        (arena > *arena_bytes).then(|| format!("it takes {arena} bytes of arena of {arena_bytes}"))
    }

    fn tell(&mut self, part: Part, name: String, runs: usize, verdict: Verdict) {
        let (cases, time, recovered) = (1, Duration::ZERO, false);
        self.outcomes.push(Outcome { part, name, cases, runs, verdict, time, recovered });
    }
}

/// Whether the conversation broke off, which a reset may mend. What the firmware refuses it also
/// refuses the next time, and what is missing on this computer stays missing.
pub(crate) fn is_broken(error: &RunError) -> bool {
    use Problem::{Lost, Protocol, Restarts, Stopped, Timeout, Tool};
    let problem = &error.problem;
    matches!(problem, Timeout { .. } | Stopped { .. } | Protocol { .. })
        || matches!(problem, Lost { .. } | Restarts { .. } | Tool { .. })
}

/// Whether what is missing or wrong on this computer stays so for every case.
fn is_final(error: &RunError) -> bool {
    use Problem::{Build, NoEmulator, NoTool, NoToolchain, PanicPath, WrongChip};
    let problem = &error.problem;
    matches!(problem, Build { .. } | PanicPath { .. } | NoToolchain { .. } | NoEmulator { .. })
        || matches!(problem, NoTool { .. } | WrongChip { .. })
}

/// Whether the linker found no room for a program.
fn has_no_room(error: &RunError) -> bool {
    match &error.problem {
        Problem::Build { log, .. } => log.contains("will not fit in region"),
        _ => false,
    }
}
