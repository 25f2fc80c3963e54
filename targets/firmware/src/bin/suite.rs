//! Every kernel of this core against the portable one. Prints the cases that fail, and how many there
//! were. Words on the command line:
//!
//! - `list`: prints every case, as verdict, number of times that kernels ran, number of
//!   multiply-accumulates, and name;
//! - `layers`: layers of real networks instead of the small cases.
//!
//! Each time that a kernel runs, it does so between the markers of an inference, so that an emulator
//! counts it.
//!
//! ```text
//! cargo suite
//! ```

#![cfg_attr(target_os = "none", no_std, no_main)]

use smidge_board::{argument, exit_code, marker, print, print_u32};
use smidge_kernels::suite::{self, Watch, layers};
use smidge_kernels::{Cpu, Family};

smidge_board::entry!(program, 2 << 20);

fn program(memory: &'static mut [u8]) -> u32 {
    heap::give(memory);
    let mut report = Report { list: argument("list"), ..Report::default() };
    if argument("layers") {
        let cpu = Cpu::detect();
        for family in Family::ALL.into_iter().filter(|&family| cpu.runs(family)) {
            layers::run(cpu, family, &mut report);
        }
    } else {
        suite::run(&mut report);
    }
    print_u32(report.cases);
    print(" cases, ");
    print_u32(report.failures);
    print(" failures\n");
    if report.cases > 0 && report.failures == 0 { exit_code::SUCCESS } else { exit_code::FAILURE }
}

/// What has been seen of the cases.
#[derive(Default)]
struct Report {
    /// Whether to print those that pass, too.
    list: bool,
    cases: u32,
    failures: u32,
    /// How often kernels ran since the last case.
    runs: u32,
}

impl Watch for Report {
    fn begin(&mut self) {
        self.runs += 1;
        marker::start();
    }

    fn end(&mut self) {
        marker::stop();
    }

    fn case(&mut self, name: &str, macs: u64, passed: bool) {
        self.cases += 1;
        self.failures += u32::from(!passed);
        if self.list || !passed {
            print(if passed { "ok " } else { "FAILED " });
            print_u32(self.runs);
            print(" ");
            print_u32(u32::try_from(macs).unwrap_or(u32::MAX));
            print(" ");
            print(name);
            print("\n");
        }
        self.runs = 0;
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
