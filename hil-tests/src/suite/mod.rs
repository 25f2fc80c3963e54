//! The conformance suite: the same cases for every board, emulated or attached.
//!
//! | part | a case | what has to come of it |
//! |---|---|---|
//! | kernels | an operator on a shape, in every form that the core has | the portable kernel's values |
//! | layers | the same on a layer of a real network | the same |
//! | operators | a small model with one rounding, packed for the core | the reference runtime's outputs |
//! | portable | a share of these, packed for no core | the same |
//! | models | a real network with one rounding | the same |
//! | hostile | a damaged or malicious blob | the error, or the outputs, of this machine |
//!
//! The kernels are a program of their own on the board; everything else goes through the firmware that
//! runs blobs. What a board has no room for is told as such, with the reason.

mod run;
mod work;

pub(crate) use run::is_broken;
pub use run::{Limits, Recover, nothing, run};
pub use work::{Item, Suite, Work};

use std::time::Duration;

/// A part of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Kernels on small shapes.
    Kernels,
    /// Kernels on layers of real networks.
    Layers,
    /// Small models packed for the board's core.
    Operators,
    /// Small models packed for no core.
    Portable,
    /// Real networks.
    Models,
    /// Damaged and malicious blobs.
    Hostile,
}

impl Part {
    /// All parts, in the order in which they run.
    pub const ALL: [Self; 6] =
        [Self::Hostile, Self::Operators, Self::Portable, Self::Models, Self::Kernels, Self::Layers];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernels => "kernels",
            Self::Layers => "layers",
            Self::Operators => "operators",
            Self::Portable => "portable",
            Self::Models => "models",
            Self::Hostile => "hostile",
        }
    }
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What had to come.
    Passed,
    /// Something else, or an error.
    Failed(String),
    /// The board has no room for it.
    Unfit(String),
    /// It was not tried, because the board was lost before, or time was up.
    NotRun(String),
}

/// A case that is over; kernels are told in groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The part that it belongs to.
    pub part: Part,
    /// Its name.
    pub name: String,
    /// Number of cases that it stands for.
    pub cases: usize,
    /// How often something ran for them: forms of kernels, samples of models.
    pub runs: usize,
    /// What came of it.
    pub verdict: Verdict,
    /// How long it took; many that run in one start share the time.
    pub time: Duration,
    /// Whether the board had to be recovered for it.
    pub recovered: bool,
}

/// Everything about a board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// The board's name.
    pub board: String,
    /// The core, as in blobs.
    pub isa: String,
    /// All cases.
    pub outcomes: Vec<Outcome>,
    /// How long it took.
    pub time: Duration,
    /// Whether QEMU emulates it.
    pub emulated: bool,
    /// Processor cycles of one inference, by the name of the network, where the board counts them.
    pub cycles: Vec<(String, u64)>,
}

impl Results {
    /// A board on which nothing ran.
    pub fn lost(board: &str, why: String) -> Self {
        let outcome = Outcome {
            part: Part::Operators,
            name: "the board answers".into(),
            cases: 1,
            runs: 0,
            verdict: Verdict::Failed(why),
            time: Duration::ZERO,
            recovered: false,
        };
        Self { board: board.into(), outcomes: vec![outcome], ..Self::default() }
    }

    /// The number of cases of a part.
    pub fn cases(&self, part: Part) -> usize {
        self.of(part).map(|outcome| outcome.cases).sum()
    }

    /// How often something ran for a part.
    pub fn runs(&self, part: Part) -> usize {
        self.of(part).map(|outcome| outcome.runs).sum()
    }

    /// The outcomes of a part.
    pub fn of(&self, part: Part) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.part == part)
    }

    /// How many cases took a recovery of the board.
    pub fn recovered(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.recovered).count()
    }

    /// Those that failed or did not run.
    pub fn bad(&self) -> impl Iterator<Item = (&Outcome, &str)> {
        self.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
            Verdict::Failed(why) | Verdict::NotRun(why) => Some((outcome, why.as_str())),
            Verdict::Passed | Verdict::Unfit(_) => None,
        })
    }

    /// The number of cases that the board has no room for.
    pub fn unfit(&self) -> usize {
        let unfit = |outcome: &&Outcome| matches!(outcome.verdict, Verdict::Unfit(_));
        self.outcomes.iter().filter(unfit).map(|outcome| outcome.cases).sum()
    }

    /// Whether everything that fits ran and passed.
    pub fn passed(&self) -> bool {
        self.bad().next().is_none()
            && self.outcomes.iter().any(|outcome| outcome.verdict == Verdict::Passed)
    }

    /// A line for people: cases of each part, and what is wrong.
    pub fn line(&self) -> String {
        let parts = Part::ALL.into_iter().filter(|&part| self.cases(part) > 0);
        let parts: Vec<_> = parts
            .map(|part| match (self.cases(part), self.runs(part)) {
                (cases, runs) if cases == runs => format!("{} {cases}", part.name()),
                (cases, runs) => format!("{} {cases} ({runs} runs)", part.name()),
            })
            .collect();
        let (bad, unfit) = (self.bad().count(), self.unfit());
        let total: usize = self.outcomes.iter().map(|outcome| outcome.cases).sum();
        let seconds = self.time.as_secs();
        let unfit = if unfit == 0 { String::new() } else { format!(", {unfit} do not fit") };
        let recovered = match self.recovered() {
            0 => String::new(),
            times => format!(", {times} after a recovery"),
        };
        let (name, parts) = (&self.board, parts.join(", "));
        format!("{name}: {total} cases, {bad} failed{unfit}{recovered}; {parts}; {seconds} s")
    }
}
