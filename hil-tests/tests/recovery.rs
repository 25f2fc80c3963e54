//! What the suite does with boards that break: one that lives in this process, and is told when to.

use smidge::kernels::Cpu;
use smidge::{Model, Session, family};
use smidge_format::{AlignedBuf, Isa};
use smidge_hil_tests::suite::{Limits, Outcome, Part, Results, Suite, Verdict, nothing, run};
use smidge_link::{Fault, Phase};
use smidge_runner::{
    Board, Counts, Info, Job, Listener, Loaded, Problem, Report, RunError, Stats, Target,
};
use std::cell::RefCell;
use std::time::Duration;

/// How a job goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// The board says nothing.
    Silence,
    /// Bytes come that are no reply.
    Garbage,
    /// It starts anew in the middle.
    Restart,
    /// The cable is out.
    Cable,
    /// The outputs are not the model's.
    WrongOutputs,
    /// Its firmware does not build.
    NoFirmware,
}

const BROKEN: [Trouble; 4] = [Trouble::Silence, Trouble::Garbage, Trouble::Restart, Trouble::Cable];

/// A board that runs blobs on this computer.
struct Fake {
    board: Board,
    /// What its firmware calls it.
    called: &'static str,
    /// Numbers of jobs that go wrong, and how; jobs are counted from 0, and each try is one.
    troubles: Vec<(usize, Trouble)>,
    jobs: usize,
}

impl Fake {
    fn new(troubles: &[(usize, Trouble)]) -> Self {
        let mut board = Board::find("qemu:cortex-m4").unwrap();
        (board.name, board.isa) = ("fake".into(), here().name().into());
        Self { board, called: "fake", troubles: troubles.to_vec(), jobs: 0 }
    }

    fn execute(&self, job: &Job<'_>) -> Result<Report, RunError> {
        let refused = |code, phase: Phase, details| {
            let fault = Fault { code, phase: phase as u8, details };
            RunError::from(Problem::Refused { board: "fake".into(), fault })
        };
        let blob = AlignedBuf::from(job.blob);
        let model = Model::check(&blob, smidge::ops::ALL)
            .map_err(|error| refused(error.code(), Phase::Check, error.details()))?;
        let mut arena = AlignedBuf::zeroed(model.arena_len());
        let mut session = Session::new(&model, &mut arena).unwrap();
        let mut outputs = Vec::new();
        for inference in &job.inferences {
            if inference.reset {
                session.reset();
            }
            for (index, bytes) in inference.inputs.iter().enumerate() {
                session.input_bytes_mut(index).unwrap().copy_from_slice(bytes);
            }
            session.invoke().unwrap();
            let all = 0..usize::from(job.outputs);
            outputs.push(all.map(|at| session.output_bytes(at).unwrap().to_vec()).collect());
        }
        Ok(Report {
            info: info(self.called),
            loaded: Loaded { arena_len: 0, inputs: 0, outputs: 0 },
            outputs,
            trace: vec![],
            stats: Stats::default(),
            counts: Counts::NotCounted("this is no emulator".into()),
            cycles: vec![],
            log: vec![],
            profile: vec![],
        })
    }
}

/// The last core that this computer is one of.
fn here() -> Isa {
    let cpu = Cpu::detect();
    let runs = |isa: &Isa| family(*isa).is_none_or(|family| cpu.runs(family));
    Isa::ALL.into_iter().rfind(runs).unwrap()
}

/// What firmware of this name says.
fn info(board: &str) -> Info {
    let mut payload = vec![0; Info::LEN];
    payload[..2].copy_from_slice(&smidge_link::PROTOCOL_VERSION.to_le_bytes());
    payload[2..4].copy_from_slice(&(here() as u16).to_le_bytes());
    let name = 12..12 + board.len();
    payload[name].copy_from_slice(board.as_bytes());
    Info::decode(&payload).unwrap()
}

impl Target for Fake {
    fn board(&self) -> &Board {
        &self.board
    }

    fn listen(&mut self, _listener: Listener) {}

    fn set_patience(&mut self, _patience: Duration) {}

    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError> {
        let number = self.jobs;
        self.jobs += 1;
        let trouble = self.troubles.iter().find(|(at, _)| *at == number);
        let Some((_, trouble)) = trouble else { return self.execute(job) };
        let (board, done, total) = ("fake".to_owned(), 0, job.inferences.len());
        let problem = match trouble {
            Trouble::Silence => {
                Problem::Timeout { board, limit: Duration::from_secs(1), done, total }
            }
            Trouble::Garbage => Problem::Protocol { board, reason: "noise".into() },
            Trouble::Restart => Problem::Restarts { board, times: 3, done, total },
            Trouble::Cable => {
                let (place, reason) = ("a port".into(), "it is gone".into());
                Problem::Lost { board, place, reason, done, total }
            }
            Trouble::NoFirmware => Problem::Build { what: board, log: "error".into() },
            Trouble::WrongOutputs => {
                let mut report = self.execute(job)?;
                report.outputs.iter_mut().flatten().flatten().for_each(|byte| *byte ^= 0x55);
                return Ok(report);
            }
        };
        Err(problem.into())
    }
}

/// So many small models.
fn suite(count: usize) -> Suite {
    let mut suite = Suite::new().unwrap().only(&[Part::Operators]);
    suite.items.truncate(count);
    suite
}

/// Runs ten cases, and says how often in a row the board had failed at each recovery.
fn results(fake: &mut Fake) -> (Results, Vec<usize>) {
    let (board, recoveries) = (fake.board.clone(), RefCell::new(Vec::new()));
    let mut recover = |_: &mut dyn Target, times| {
        recoveries.borrow_mut().push(times);
        Ok(())
    };
    let suite = suite(10);
    let results = run(&suite, &[], &board, fake, &mut recover, Limits::default());
    (results, recoveries.into_inner())
}

fn verdicts(results: &Results) -> Vec<&Verdict> {
    results.outcomes.iter().map(|outcome| &outcome.verdict).collect()
}

fn is_not_run(outcome: &&Outcome) -> bool {
    matches!(outcome.verdict, Verdict::NotRun(_))
}

#[test]
fn a_board_that_breaks_once_is_recovered_and_passes_everything() {
    for trouble in BROKEN {
        let (results, recoveries) = results(&mut Fake::new(&[(4, trouble)]));
        assert!(results.passed(), "{trouble:?}: {}", results.line());
        assert_eq!((results.recovered(), recoveries), (1, vec![0]), "{trouble:?}");
        assert!(results.outcomes[4].recovered);
        assert!(results.line().contains("1 after a recovery"), "{}", results.line());
    }
}

#[test]
fn a_case_that_breaks_the_board_twice_fails_and_the_others_run() {
    for trouble in BROKEN {
        let (results, recoveries) = results(&mut Fake::new(&[(4, trouble), (5, trouble)]));
        let failed: Vec<_> = results.bad().map(|(outcome, _)| &outcome.name).collect();
        assert_eq!(failed, [&results.outcomes[4].name], "{trouble:?}");
        assert_eq!(recoveries, [0], "{trouble:?}");
        assert_eq!(results.outcomes.len(), 10);
    }
}

#[test]
fn a_dead_board_is_given_up_after_reset_and_power() {
    let dead: Vec<_> = (2..100).map(|at| (at, Trouble::Silence)).collect();
    let (results, recoveries) = results(&mut Fake::new(&dead));
    assert_eq!(recoveries, [0, 1, 2]);
    assert_eq!(results.outcomes.iter().filter(is_not_run).count(), 5, "{}", results.line());
    assert_eq!(results.bad().count(), 8);
    assert!(!results.passed());
}

#[test]
fn a_board_that_nobody_can_recover_is_given_up_at_once() {
    let dead: Vec<_> = (2..100).map(|at| (at, Trouble::Cable)).collect();
    let mut fake = Fake::new(&dead);
    let board = fake.board.clone();
    let mut recover = |_: &mut dyn Target, _: usize| Err("the hub is gone".to_owned());
    let results = run(&suite(10), &[], &board, &mut fake, &mut recover, Limits::default());
    assert_eq!(fake.jobs, 4);
    assert_eq!(verdicts(&results)[9], &Verdict::NotRun("the hub is gone".into()));
}

#[test]
fn firmware_that_does_not_build_is_built_once() {
    let mut fake = Fake::new(&[(3, Trouble::NoFirmware)]);
    let (results, recoveries) = results(&mut fake);
    assert_eq!((fake.jobs, recoveries.len(), results.bad().count()), (4, 0, 7));
    assert_eq!(results.outcomes.iter().filter(is_not_run).count(), 6);
}

#[test]
fn wrong_outputs_fail_without_a_recovery() {
    let (results, recoveries) = results(&mut Fake::new(&[(7, Trouble::WrongOutputs)]));
    let failed: Vec<_> = results.bad().collect();
    let [(outcome, why)] = failed.as_slice() else { panic!("{failed:?}") };
    assert_eq!(outcome.name, results.outcomes[7].name);
    assert!(why.contains("differ"), "{why}");
    assert_eq!(recoveries, [0; 0]);
}

#[test]
fn firmware_of_another_board_passes_nothing() {
    let mut fake = Fake { called: "nucleo", ..Fake::new(&[]) };
    let (results, recoveries) = results(&mut fake);
    assert_eq!((results.bad().count(), recoveries.len()), (10, 0));
    assert!(results.bad().all(|(_, why)| why.contains("nucleo, not of fake")));
}

#[test]
fn what_does_not_fit_is_told_with_the_reason_and_is_no_failure() {
    let mut fake = Fake::new(&[]);
    let suite = suite(10);
    let arenas = suite.items.iter().map(|item| item.prepare(here()).unwrap().arena);
    let arenas: Vec<_> = arenas.collect();
    let (least, most) = (arenas.iter().min().unwrap(), arenas.iter().max().unwrap());
    assert!(least < most);
    fake.board.arena_bytes = *least as u64;
    let (results, _) = results(&mut fake);
    assert!(results.unfit() > 0 && results.unfit() < 10, "{}", results.line());
    assert!(results.passed(), "{}", results.line());
    let reasons = results.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
        Verdict::Unfit(why) => Some(why),
        _ => None,
    });
    assert!(reasons.into_iter().all(|why| why.ends_with(&format!("bytes of arena of {least}"))));

    fake.board.slot.bytes = 16;
    let (results, _) = self::results(&mut fake);
    assert_eq!(results.unfit(), 10);
    // A board on which nothing ran has not passed.
    assert!(!results.passed());
}

#[test]
fn time_that_is_up_leaves_the_rest_alone() {
    let mut fake = Fake::new(&[]);
    let board = fake.board.clone();
    let limits = Limits { total: Duration::ZERO };
    let results = run(&suite(10), &[], &board, &mut fake, &mut nothing, limits);
    assert_eq!(results.outcomes.iter().filter(is_not_run).count(), 10);
    assert!(!results.passed());
}

#[test]
fn hostile_blobs_are_refused_with_the_same_errors_as_here() {
    let mut fake = Fake::new(&[]);
    let board = fake.board.clone();
    let suite = Suite::new().unwrap().only(&[Part::Hostile]);
    let results = run(&suite, &[], &board, &mut fake, &mut nothing, Limits::default());
    let bad: Vec<_> = results.bad().take(5).collect();
    assert!(results.passed(), "{bad:#?}");
    assert!(results.outcomes.len() > 500);
}
