//! See `smidge-board-build`.

fn main() {
    smidge_board_build::emulated();
}
