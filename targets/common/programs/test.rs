//! Tests on a real board, one start for each: `cargo test` in the board's folder.

#![no_std]
#![no_main]

#[embedded_test::tests]
mod tests {
    use smidge_board::Panel;

    #[init]
    fn init() -> impl Panel {
        board::start().unwrap().0
    }

    #[test]
    fn the_counter_counts(mut panel: impl Panel) {
        assert!(panel.hz() >= 1_000_000);
        panel.begin();
        core::hint::black_box((0..1000).map(core::hint::black_box).sum::<u32>());
        assert!((1000..1_000_000).contains(&panel.end().unwrap()));
    }
}
