//! No firmware can panic: an image with a panic path does not link. Without the Rust target, the
//! test says so and ends.

use smidge_runner::{Board, Firmware, RunError, toolchain::Toolchain};

/// The operators of a keyword-spotting network.
const KEYWORD: &str = "CONV_2D_S8,DEPTHWISE_CONV_2D_S8,AVERAGE_POOL_2D_S8,RESHAPE_ANY,\
                       FULLY_CONNECTED_S8,SOFTMAX_S8";

/// Links an image for the emulated board; none where nothing compiles for it.
fn link(firmware: &Firmware<'_>) -> Option<Result<(), RunError>> {
    let board = Board::find("qemu:cortex-m4").unwrap();
    if Toolchain::detect(&board.target, &board.folder).is_err() {
        println!("skipped: the Rust target is missing; run `cargo xtask setup`");
        return None;
    }
    Some(firmware.build(&board, &mut |_| ()).map(|_| ()))
}

#[test]
fn images_without_a_panic_path_link() {
    let all = Firmware::default();
    let keyword = Firmware { ops: Some(KEYWORD), ..Firmware::default() };
    let embedded = Firmware { program: Some("embedded"), ..Firmware::default() };
    for firmware in [all, keyword, embedded] {
        let Some(linked) = link(&firmware) else { return };
        linked.unwrap_or_else(|error| panic!("{firmware:?}: {error}"));
    }
}

#[test]
fn an_image_with_a_panic_path_does_not_link() {
    let probe = Firmware {
        program: Some("panic_probe"),
        features: &["panic-probe"],
        ..Firmware::default()
    };
    let Some(linked) = link(&probe) else { return };
    let error = linked.expect_err("an image that can panic was linked");
    assert_eq!(error.code(), "E0407", "{error}");
    assert!(error.to_string().contains("smidge_panic_path_is_linked"), "{error}");
}
