//! Every kernel of this core against the portable one. Prints the runs that fail, and how many cases
//! and runs there were: a case is an operator on a shape, the same on every core, and has a run for
//! each form that the core's family has. Words on the command line:
//!
//! - `list`: prints every run, as verdict, number of times that kernels were called, number of
//!   multiply-accumulates, and name;
//! - `layers`: layers of real networks instead of the small cases.
//!
//! Each time that a kernel is called, it runs between the markers of an inference, so that an
//! emulator counts it.
//!
//! ```text
//! cargo suite
//! ```

#![cfg_attr(target_os = "none", no_std, no_main)]

use smidge_board::{argument, exit_code, marker, print, print_u32};
use smidge_kernels::suite::{self, Watch, layers};

smidge_board::entry!(program, 2 << 20);

fn program(memory: &'static mut [u8]) -> u32 {
    heap::give(memory);
    let mut report = Report { list: argument("list"), ..Report::default() };
    if argument("layers") {
        layers::run(&mut report);
    } else {
        suite::run(&mut report);
    }
    for (count, what) in
        [(report.cases, " cases, "), (report.runs, " runs, "), (report.failures, " failures\n")]
    {
        print_u32(count);
        print(what);
    }
    if report.cases > 0 && report.failures == 0 { exit_code::SUCCESS } else { exit_code::FAILURE }
}

/// What has been seen of the cases.
#[derive(Default)]
struct Report {
    /// Whether to print what passes, too.
    list: bool,
    /// Cases so far, each counted once.
    cases: u32,
    /// Whether the present cases were counted before.
    again: bool,
    runs: u32,
    failures: u32,
    /// How often kernels ran since the last run that was told.
    calls: u32,
}

impl Watch for Report {
    fn begin(&mut self) {
        self.calls += 1;
        marker::start();
    }

    fn end(&mut self) {
        marker::stop();
    }

    fn run(&mut self, name: &str, macs: u64, passed: bool) {
        self.runs += 1;
        self.failures += u32::from(!passed);
        if self.list || !passed {
            print(if passed { "ok " } else { "FAILED " });
            print_u32(self.calls);
            print(" ");
            print_u32(u32::try_from(macs).unwrap_or(u32::MAX));
            print(" ");
            print(name);
            print("\n");
        }
        self.calls = 0;
    }

    fn case_over(&mut self) {
        self.cases += u32::from(!self.again);
    }

    fn again(&mut self) {
        self.again = true;
    }
}

/// The heap of bare metal; elsewhere the system has one.
mod heap {
    #[cfg(not(target_os = "none"))]
    pub fn give(_memory: &'static mut [u8]) {}

    #[cfg(target_os = "none")]
    pub use bare::give;

    #[cfg(target_os = "none")]
    mod bare {
        use core::alloc::{GlobalAlloc, Layout};
        use core::cell::UnsafeCell;
        use core::ptr::{self, NonNull};

        use linked_list_allocator::Heap;

        struct OneCore(UnsafeCell<Heap>);

        // SAFETY: there is one core, and no interrupt handler allocates.
        unsafe impl Sync for OneCore {}

        #[global_allocator]
        static HEAP: OneCore = OneCore(UnsafeCell::new(Heap::empty()));

        /// Makes this memory the heap.
        pub fn give(memory: &'static mut [u8]) {
            // SAFETY: nothing else uses the heap at this moment, see `OneCore`; the memory is
            // handed over for ever.
            unsafe { (*HEAP.0.get()).init(memory.as_mut_ptr(), memory.len()) }
        }

        // SAFETY: the heap hands out memory that is its own, once, as large and aligned as asked.
        unsafe impl GlobalAlloc for OneCore {
            unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
                // SAFETY: nothing else uses the heap at this moment, see above.
                let block = unsafe { (*self.0.get()).allocate_first_fit(layout) };
                block.map_or(ptr::null_mut(), NonNull::as_ptr)
            }

            unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
                let Some(block) = NonNull::new(block) else { return };
                // SAFETY: as above; the block came from `alloc` with this layout.
                unsafe { (*self.0.get()).deallocate(block, layout) }
            }
        }
    }
}
