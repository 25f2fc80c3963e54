//! Logs and a wire through the debug probe: Real-Time Transfer (SEGGER's RTT; UM08001, "RTT control
//! block"). The probe finds the control block in RAM by its name and moves bytes between ring
//! buffers and the host while the program runs.
//!
//! | channel | name | direction | carries |
//! |---|---|---|---|
//! | up 0 | `defmt` | to the host | logs; what the host does not fetch in time is lost |
//! | up 1 | `smidge` | to the host | replies of `smidge-link`; waits for the host |
//! | down 0 | `smidge` | to the board | requests of `smidge-link` |

use core::cell::UnsafeCell;
use core::convert::Infallible;
use core::sync::atomic::{AtomicUsize, Ordering};

use smidge_link::Transport;

/// Bytes of the ring buffers; one byte of each stays empty.
const LOG_LEN: usize = 1024;
const WIRE_LEN: usize = 1024;

/// What the probe does with a full channel is the firmware's affair; these say so to the host.
const TRIM: usize = 1;
const BLOCK: usize = 2;

#[repr(C)]
struct Channel {
    name: *const u8,
    buffer: *mut u8,
    len: usize,
    write: AtomicUsize,
    read: AtomicUsize,
    flags: usize,
}

#[repr(C)]
struct ControlBlock {
    id: [u8; 16],
    up_count: usize,
    down_count: usize,
    up: [Channel; 2],
    down: [Channel; 1],
}

// SAFETY: one core uses it, and each channel has one user; the probe is the other side of its
// atomic positions.
unsafe impl Sync for ControlBlock {}

/// Memory of a ring buffer, which only its channel names.
struct Ring<const N: usize>(UnsafeCell<[u8; N]>);

// SAFETY: as for the control block.
unsafe impl<const N: usize> Sync for Ring<N> {}

impl<const N: usize> Ring<N> {
    const fn new() -> Self {
        Self(UnsafeCell::new([0; N]))
    }
}

static LOGS: Ring<LOG_LEN> = Ring::new();
static REPLIES: Ring<WIRE_LEN> = Ring::new();
static REQUESTS: Ring<WIRE_LEN> = Ring::new();

/// The name is the one that probes look for. It lies in RAM, with its initial value copied there by
/// the start-up code.
#[unsafe(export_name = "_SEGGER_RTT")]
#[unsafe(link_section = ".data.rtt")]
static CONTROL: ControlBlock = ControlBlock {
    id: *b"SEGGER RTT\0\0\0\0\0\0",
    up_count: 2,
    down_count: 1,
    up: [
        Channel::new(c"defmt".to_bytes_with_nul(), &LOGS, TRIM),
        Channel::new(c"smidge".to_bytes_with_nul(), &REPLIES, BLOCK),
    ],
    down: [Channel::new(c"smidge".to_bytes_with_nul(), &REQUESTS, BLOCK)],
};

impl Channel {
    const fn new<const N: usize>(
        name: &'static [u8],
        ring: &'static Ring<N>,
        flags: usize,
    ) -> Self {
        let (write, read) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { name: name.as_ptr(), buffer: ring.0.get().cast(), len: N, write, read, flags }
    }

    /// Puts as many of the bytes as there is room for into an up channel, and says how many.
    fn put(&self, bytes: &[u8]) -> usize {
        let start = self.write.load(Ordering::Relaxed);
        let read = self.read.load(Ordering::Acquire);
        let (mut at, mut count) = (start, 0);
        for &byte in bytes {
            let next = self.behind(at);
            if next == read || at >= self.len {
                break;
            }
            // SAFETY: `at` is below the buffer's length, and the probe does not read there before
            // `write` has passed it.
            unsafe { self.buffer.add(at).write_volatile(byte) };
            (at, count) = (next, count + 1);
        }
        self.write.store(at, Ordering::Release);
        count
    }

    /// Takes as many bytes as there are from a down channel, and says how many.
    fn take(&self, bytes: &mut [u8]) -> usize {
        let write = self.write.load(Ordering::Acquire);
        let (mut at, mut count) = (self.read.load(Ordering::Relaxed), 0);
        for byte in bytes {
            if at == write || at >= self.len {
                break;
            }
            // SAFETY: `at` is below the buffer's length, and the probe does not write there before
            // `read` has passed it.
            *byte = unsafe { self.buffer.add(at).read_volatile() };
            (at, count) = (self.behind(at), count + 1);
        }
        self.read.store(at, Ordering::Release);
        count
    }

    /// The position behind this one.
    fn behind(&self, at: usize) -> usize {
        let next = at.wrapping_add(1);
        if next >= self.len { 0 } else { next }
    }
}

/// The wire to the host through the probe.
pub struct Rtt(());

impl Rtt {
    /// The wire. Whoever opens it twice hears half of the requests.
    pub fn open() -> Self {
        Self(())
    }
}

impl Transport for Rtt {
    type Error = Infallible;

    /// Waits for the host: this wire has no end.
    fn read(&mut self, dst: &mut [u8]) -> Result<usize, Infallible> {
        let [requests] = &CONTROL.down;
        loop {
            let count = requests.take(dst);
            if count > 0 || dst.is_empty() {
                return Ok(count);
            }
            core::hint::spin_loop();
        }
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Infallible> {
        let [_, replies] = &CONTROL.up;
        while !bytes.is_empty() {
            let count = replies.put(bytes);
            bytes = bytes.get(count..).unwrap_or_default();
        }
        Ok(())
    }
}

/// Where `defmt` writes to. There is one flow of control; a fault that interrupts a log ends the
/// program, and spoils that log at most.
#[defmt::global_logger]
struct Logger;

struct Encoder(UnsafeCell<defmt::Encoder>);

// SAFETY: see `Logger`, which uses it between `acquire` and `release` only.
unsafe impl Sync for Encoder {}

static ENCODER: Encoder = Encoder(UnsafeCell::new(defmt::Encoder::new()));

fn log(bytes: &[u8]) {
    let [logs, _] = &CONTROL.up;
    logs.put(bytes);
}

// SAFETY: `acquire` and `release` come in pairs, and only one flow of control logs.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        // SAFETY: nothing else uses the encoder, see `Logger`.
        unsafe { (*ENCODER.0.get()).start_frame(log) }
    }

    unsafe fn flush() {}

    unsafe fn release() {
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).end_frame(log) }
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).write(bytes, log) }
    }
}
