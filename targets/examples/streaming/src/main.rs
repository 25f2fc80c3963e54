//! Hears words in a recording, which an interrupt plays into the ring as a microphone would. Prints
//! each word with its time, and at last how many there were and the stack that was used.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::sync::atomic::{AtomicUsize, Ordering};
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use smidge_board::{exit_code, print, print_u32, stack};
use streaming::{Ring, Spotter, Word, whistles};

/// 7.5 s of sound: a header, then samples of 16 bits.
static RECORDING: &[u8] = include_bytes!("../../../../hil-tests/models/whistles/sounds.wav");
const HEADER: usize = 44;
/// The timer's period in cycles. An emulator need not wait for real time: the ring fills as fast as it
/// is emptied.
const PERIOD: u32 = 5_000;

static RING: Ring = Ring::new();
/// Where the recording stands.
static AT: AtomicUsize = AtomicUsize::new(HEADER);

smidge_board::entry!(listen, whistles::ARENA_LEN);

/// The microphone: what arrived since the last interrupt goes into the ring.
#[exception]
fn SysTick() {
    let mut at = AT.load(Ordering::Relaxed);
    while let Some(bytes) = RECORDING.get(at..).and_then(|rest| rest.first_chunk()) {
        if !RING.push(i16::from_le_bytes(*bytes)) {
            break;
        }
        at = at.wrapping_add(2);
    }
    AT.store(at, Ordering::Relaxed);
}

fn listen(arena: &'static mut [u8]) -> u32 {
    let (Ok(mut spotter), true) = (Spotter::new(arena), start_timer()) else {
        return exit_code::FAILURE;
    };
    let mut words = 0;
    loop {
        let Some(samples) = RING.pop() else {
            if AT.load(Ordering::Relaxed) + 2 > RECORDING.len() {
                break;
            }
            cortex_m::asm::wfi();
            continue;
        };
        match spotter.hear(&samples) {
            Ok(Some(word)) => {
                words += 1;
                tell(word);
            }
            Ok(None) => {}
            Err(_) => return exit_code::FAILURE,
        }
    }
    print_u32(words);
    print(" words\nstack: ");
    print_u32(stack::peak());
    print(" bytes\n");
    exit_code::SUCCESS
}

fn tell(Word { name, at }: Word) {
    print_u32(at);
    print(" ms: ");
    print(name);
    print("\n");
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
