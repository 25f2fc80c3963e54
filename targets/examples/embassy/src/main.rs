//! A network that lets other tasks run between its operators: while it looks at an image, again and
//! again, somebody presses a button (a timer's interrupt stands in for the finger), and a task of its
//! own answers. Prints how many operators the answer had to wait for, beside what it would be without
//! awaiting, and the stack that was used.
//!
//! The executor and the compiler's state machines of tasks have panic paths of their own, so this
//! firmware is linked with a handler for them. The network has none.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;
use embassy_executor::Executor;
use embassy_futures::yield_now;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use fashion::Fashion;
use smidge::{InvokeError, Progress};
use smidge_board::{exit, exit_code, print, print_u32, stack};
use static_cell::StaticCell;

smidge::include_model!(fashion);

/// Cycles from one press of the button to the next.
const PERIOD: u32 = 100_000;
/// Presses that are waited for.
const PRESSES: u32 = 50;

static EXECUTOR: StaticCell<Executor> = StaticCell::new();
static BUTTON: Signal<CriticalSectionRawMutex, ()> = Signal::new();
/// Operators that have run, and periods of the timer that are over.
static OPERATORS: AtomicU32 = AtomicU32::new(0);
static PERIODS: AtomicU32 = AtomicU32::new(0);
/// What they were when the button was pressed that is not answered yet.
static PRESSED_OPERATORS: AtomicU32 = AtomicU32::new(0);
static PRESSED_PERIODS: AtomicU32 = AtomicU32::new(0);
/// Presses that were answered, and the longest that one waited: operators, and cycles of the timer.
static ANSWERED: AtomicU32 = AtomicU32::new(0);
static LONGEST_OPERATORS: AtomicU32 = AtomicU32::new(0);
static LONGEST_CYCLES: AtomicU32 = AtomicU32::new(0);

smidge_board::entry!(program, fashion::ARENA_LEN);

fn program(arena: &'static mut [u8]) -> u32 {
    let (Some(executor), true) = (EXECUTOR.try_init_with(Executor::new), start_timer()) else {
        return exit_code::FAILURE;
    };
    executor.run(|spawner| {
        let (Ok(look), Ok(answer)) = (look(arena), answer()) else { exit(exit_code::FAILURE) };
        spawner.spawn(look);
        spawner.spawn(answer);
    })
}

/// The button.
#[exception]
fn SysTick() {
    add(&PERIODS, 1);
    if !BUTTON.signaled() {
        PRESSED_OPERATORS.store(OPERATORS.load(Ordering::Relaxed), Ordering::Relaxed);
        PRESSED_PERIODS.store(PERIODS.load(Ordering::Relaxed), Ordering::Relaxed);
        BUTTON.signal(());
    }
}

/// Answers each press.
#[embassy_executor::task]
async fn answer() {
    loop {
        BUTTON.wait().await;
        // The timer counts down.
        let cycles = PERIOD.wrapping_sub(SYST::get_current());
        let periods = since(&PERIODS, &PRESSED_PERIODS);
        keep_greater(&LONGEST_OPERATORS, since(&OPERATORS, &PRESSED_OPERATORS));
        keep_greater(&LONGEST_CYCLES, periods.wrapping_mul(PERIOD).wrapping_add(cycles));
        add(&ANSWERED, 1);
    }
}

/// Looks at images until the button was pressed often enough, first awaiting, then without.
#[embassy_executor::task]
async fn look(arena: &'static mut [u8]) {
    let code = match compare(arena).await {
        Some(()) => exit_code::SUCCESS,
        None => exit_code::FAILURE,
    };
    print("stack: ");
    print_u32(stack::peak());
    print(" bytes\n");
    exit(code)
}

async fn compare(arena: &mut [u8]) -> Option<()> {
    let mut network = Fashion::new_in(arena).ok()?;
    for (what, awaits) in [("awaiting", true), ("blocking", false)] {
        for number in [&ANSWERED, &LONGEST_OPERATORS, &LONGEST_CYCLES] {
            number.store(0, Ordering::Relaxed);
        }
        while ANSWERED.load(Ordering::Relaxed) < PRESSES {
            infer(&mut network, awaits).await.ok()?;
            yield_now().await;
        }
        print(what);
        tell(": a press waits for at most ", &LONGEST_OPERATORS, " operators");
        tell(", ", &LONGEST_CYCLES, " cycles\n");
    }
    Some(())
}

/// One inference.
async fn infer(network: &mut Fashion<'_>, awaits: bool) -> Result<(), InvokeError> {
    network.start(&[0; size_of::<fashion::Input>()])?;
    while network.step()? != Progress::Done {
        add(&OPERATORS, 1);
        if awaits {
            yield_now().await;
        }
    }
    Ok(())
}

fn tell(before: &str, number: &AtomicU32, behind: &str) {
    print(before);
    print_u32(number.load(Ordering::Relaxed));
    print(behind);
}

/// Adds to a number that has one writer.
fn add(number: &AtomicU32, count: u32) {
    number.store(number.load(Ordering::Relaxed).wrapping_add(count), Ordering::Relaxed);
}

fn since(now: &AtomicU32, then: &AtomicU32) -> u32 {
    now.load(Ordering::Relaxed).wrapping_sub(then.load(Ordering::Relaxed))
}

fn keep_greater(number: &AtomicU32, other: u32) {
    number.store(number.load(Ordering::Relaxed).max(other), Ordering::Relaxed);
}

/// Starts the timer; false if somebody else has the core's peripherals.
fn start_timer() -> bool {
    let Some(core) = cortex_m::Peripherals::take() else { return false };
    let mut timer = core.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(PERIOD - 1);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
    true
}
