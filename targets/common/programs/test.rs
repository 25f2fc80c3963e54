//! Tests on a real board, with a start of the chip for each: `cargo test --release` in the board's
//! folder, with a debug probe.

#![no_std]
#![no_main]

mod golden;

include!(concat!(env!("OUT_DIR"), "/board.rs"));

#[embedded_test::tests]
mod tests {
    use super::{IDENTITY, golden};
    use smidge::Arena;
    use smidge_board::{Panel, slot, stack};

    #[init]
    fn init() -> impl Panel {
        board::start().unwrap().0
    }

    #[test]
    fn the_counter_counts_cycles(mut panel: impl Panel) {
        panel.begin();
        core::hint::black_box((0..1000).map(core::hint::black_box).sum::<u32>());
        let cycles = panel.end().unwrap();
        assert!((1000..1_000_000).contains(&cycles) && panel.hz() >= 1_000_000);
    }

    #[test]
    fn networks_give_what_they_give_everywhere(_panel: impl Panel) {
        static mut ARENA: Arena<4096> = Arena::new();
        // SAFETY: a start of the chip runs one test, and nothing else names the variable.
        let arena = unsafe { &mut *(&raw mut ARENA) };
        for case in golden::CASES {
            assert_eq!(golden::run(case.blob, arena), Some(case.golden));
        }
    }

    #[test]
    fn the_slot_and_the_stack_are_where_they_should_be(_panel: impl Panel) {
        // Reading both ends of the slot is no fault.
        let slot = slot();
        assert!(slot.first().is_some() && slot.last().is_some());
        assert_eq!(slot.as_ptr().addr() % 16, 0);
        assert!(stack::peak() > 0 && stack::peak() < stack::capacity());
        assert!(!IDENTITY.board.is_empty());
    }
}
