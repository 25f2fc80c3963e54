//! The build script of every real board's package.

fn main() {
    smidge_board_build::real();
}
