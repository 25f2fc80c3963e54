//! `smidge new`: the projects it makes build and run, and what it refuses leaves nothing behind.

use smidge_runner::{Board, Runner, toolchain::Toolchain};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn smidge_new(desk: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smidge"));
    command.current_dir(desk.path()).arg("new").args(arguments).output().unwrap()
}

/// Makes a project for a board and builds or runs it; nothing where that cannot be done here. What is
/// built is told apart by the project's name, not its place.
fn make(name: &str, board: &str, arguments: &[&str], subcommand: &str) -> Option<Output> {
    let board = Board::find(board).unwrap();
    if let Some(missing) = board.missing() {
        println!("{} skipped: no {missing} here; run `cargo xtask setup`", board.name);
        return None;
    }
    let desk = TempDir::new().unwrap();
    let path = repository();
    let common = [name, "--board", &board.name, "--path", path.to_str().unwrap()];
    let made = smidge_new(&desk, &[common.as_slice(), arguments].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let folder = desk.path().join(name);
    let toolchain = Toolchain::detect(&board.target, &folder).unwrap();
    let mut cargo = toolchain.cargo(subcommand, &folder);
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    // All projects share what they depend on, also with the boards' own firmware.
    cargo.env("CARGO_BUILD_BUILD_DIR", path.join("targets/target/build"));
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects"));
    let output = cargo.args(["--release", "--quiet"]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}: {}", board.name, String::from_utf8_lossy(&output.stderr));
    Some(output)
}

/// What a program of an emulated board or under Linux prints.
fn printed(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn a_project_runs_in_an_emulator() {
    // Silence is no word.
    if let Some(output) = make("whistles", "qemu:cortex-m4", &[], "run") {
        assert!(printed(&output).contains("other\n"), "{}", printed(&output));
    }
}

#[test]
fn a_project_with_a_model_of_ones_own_runs() {
    let model = repository().join("hil-tests/models/fashion/fashion_int8.tflite");
    let Some(output) = make("own", "qemu:cortex-m4", &["--model", model.to_str().unwrap()], "run")
    else {
        return;
    };
    // An image of nothing but grey shows a bag, and the class has no name here.
    assert!(printed(&output).lines().any(|line| line == "8"), "{}", printed(&output));
}

#[test]
fn projects_build_for_every_architecture() {
    // Armv6-M, Armv8-M and a real board, RISC-V, Linux; Armv7E-M runs.
    for board in ["qemu:cortex-m0", "rp2350", "qemu:rv32", "qemu:cortex-a76"] {
        make(&format!("for-{}", board.replace(':', "-")), board, &[], "build");
    }
}

#[test]
fn every_board_gets_a_project() {
    for board in Board::all().unwrap() {
        let desk = TempDir::new().unwrap();
        let made = smidge_new(&desk, &["my-app", "--board", &board.name]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let read = |file: &str| fs::read_to_string(desk.path().join("my-app").join(file));
        let (manifest, program) = (read("Cargo.toml").unwrap(), read("src/main.rs").unwrap());
        let version = concat!("smidge = { version = \"", env!("CARGO_PKG_VERSION"), "\"");
        assert!(manifest.contains(version) && !manifest.contains('$'), "{manifest}");
        assert!(program.contains(&board.title) && !program.contains('$'), "{program}");
        assert!(!read(".cargo/config.toml").unwrap().contains("target-dir"));
        let bare = matches!(board.runner, Runner::Qemu { .. } | Runner::Probe {});
        assert_eq!(read("memory.x").is_ok(), bare || board.folder.join("memory.x").is_file());
    }
}

#[test]
fn what_is_wrong_leaves_nothing_behind() {
    let desk = TempDir::new().unwrap();
    fs::create_dir(desk.path().join("there")).unwrap();
    fs::write(desk.path().join("there/mine"), "precious").unwrap();
    fs::write(desk.path().join("text.tflite"), "no model").unwrap();
    let before = || fs::read_dir(desk.path()).unwrap().count();
    let count = before();
    let board = ["--board", "qemu:cortex-m4"];
    let cases: &[(&[&str], &str, &str)] = &[
        (&["there"], "E0632", "exists"),
        (&["2fast"], "E0631", "2fast"),
        (&["my app"], "E0631", "help"),
        (&["match"], "E0631", "match"),
        (&["test"], "E0631", "test"),
        (&["-"], "E0631", "help"),
        (&[".."], "E0631", "help"),
        (&["app", "--path", "there"], "E0633", "no checkout"),
        (&["app", "--path", "nowhere"], "E0633", "nowhere"),
        (&["app", "--model", "nowhere.tflite"], "E0101", "nowhere.tflite"),
        (&["app", "--model", "text.tflite"], "E0103", "text.tflite"),
        (&["app", "--model", "nowhere.smg"], "E0611", "nowhere.smg"),
    ];
    for (arguments, code, text) in cases {
        let output = smidge_new(&desk, &[*arguments, board.as_slice()].concat());
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(code) && message.contains(text), "{arguments:?}: {message}");
        assert_eq!(before(), count, "{arguments:?} left something behind");
    }
    assert_eq!(fs::read_to_string(desk.path().join("there/mine")).unwrap(), "precious");
    let unknown = smidge_new(&desk, &["app", "--board", "zx81"]);
    let message = String::from_utf8_lossy(&unknown.stderr);
    assert_eq!(unknown.status.code(), Some(2), "{message}");
    assert!(message.contains("E0401") && message.contains("qemu:cortex-m4"), "{message}");
}

#[test]
fn a_network_that_does_not_fit_the_board_is_refused() {
    let desk = TempDir::new().unwrap();
    // The targets folder of a board that has next to nothing.
    let (from, to) = (Board::find("qemu:cortex-m4").unwrap().folder, desk.path().join("t/tiny"));
    fs::create_dir_all(&to).unwrap();
    let text = fs::read_to_string(from.join("board.toml")).unwrap();
    let text = text.replace("arena_bytes = 0x0030_0000", "arena_bytes = 1024");
    fs::write(to.join("board.toml"), text).unwrap();
    let model = repository().join("hil-tests/models/fashion/fashion_int8.tflite");
    let mut command = Command::new(env!("CARGO_BIN_EXE_smidge"));
    command.current_dir(desk.path()).env("SMIDGE_TARGETS", desk.path().join("t"));
    command.args(["new", "app", "--board", "qemu:cortex-m4", "--model"]).arg(model);
    let output = command.output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("E0635") && message.contains("1024"), "{message}");
    assert!(!desk.path().join("app").exists());
}
