//! No firmware can panic, on no board: an image with a panic path does not link. Where nothing
//! compiles for a board, the tests say so and go on.

use smidge_runner::{Board, Firmware, Runner, toolchain::Toolchain};

/// The operators of a keyword-spotting network.
const KEYWORD: &str = "CONV_2D_S8,DEPTHWISE_CONV_2D_S8,AVERAGE_POOL_2D_S8,RESHAPE_ANY,\
                       FULLY_CONNECTED_S8,SOFTMAX_S8";

/// The boards where a panic path is a fault of the firmware, if something compiles for them.
fn boards() -> impl Iterator<Item = Board> {
    let boards = Board::all().unwrap().into_iter();
    boards.filter(|board| matches!(board.runner, Runner::Qemu { .. })).filter(|board| {
        let compiles = Toolchain::detect(&board.target, &board.folder).is_ok();
        if !compiles {
            println!("{} skipped: no {} here; run `cargo xtask setup`", board.name, board.target);
        }
        compiles
    })
}

#[test]
fn images_without_a_panic_path_link() {
    let all = Firmware::default();
    let keyword = Firmware { ops: Some(KEYWORD), ..Firmware::default() };
    let embedded = Firmware { program: Some("embedded"), ..Firmware::default() };
    for board in boards() {
        // What differs between boards is the code of the kernels, and that is in the first.
        let thorough = board.name == "qemu:cortex-m4";
        for firmware in if thorough { vec![&all, &keyword, &embedded] } else { vec![&all] } {
            let linked = firmware.build(&board, &mut |_| ());
            linked.unwrap_or_else(|error| panic!("{}, {firmware:?}: {error}", board.name));
        }
    }
}

#[test]
fn an_image_with_a_panic_path_does_not_link() {
    let probe = Firmware {
        program: Some("panic_probe"),
        features: &["panic-probe"],
        ..Firmware::default()
    };
    for board in boards() {
        let linked = probe.build(&board, &mut |_| ());
        let error = linked.expect_err("an image that can panic was linked");
        assert_eq!(error.code(), "E0407", "{}: {error}", board.name);
        assert!(error.to_string().contains("smidge_panic_path_is_linked"), "{error}");
    }
}
