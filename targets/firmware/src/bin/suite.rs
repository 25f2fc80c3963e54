//! Every kernel of this core against the portable one. Prints the cases that fail, and how many there
//! were; the first word `names` on the command line has it print all. Each case runs between the
//! markers of an inference, so that an emulator counts them one by one.
//!
//! ```text
//! cargo suite
//! ```

#![cfg_attr(target_os = "none", no_std, no_main)]

use smidge_board::{argument, exit_code, marker, print, print_u32};

smidge_board::entry!(suite, 1 << 20);

fn suite(memory: &'static mut [u8]) -> u32 {
    heap::give(memory);
    let all = argument("names");
    let (mut cases, mut failures) = (0, 0);
    marker::start();
    kernels::run(&mut |name, passed| {
        marker::stop();
        cases += 1;
        failures += u32::from(!passed);
        if all || !passed {
            print(if passed { "ok      " } else { "FAILED  " });
            print(name);
            print("\n");
        }
        marker::start();
    });
    print_u32(cases);
    print(" cases, ");
    print_u32(failures);
    print(" failures\n");
    if cases > 0 && failures == 0 { exit_code::SUCCESS } else { exit_code::FAILURE }
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

/// Stands for `smidge_kernels::suite`.
mod kernels {
    pub fn run(report: &mut dyn FnMut(&str, bool)) {
        report("copy", true);
    }
}
