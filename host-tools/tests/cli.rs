//! The `smidge` command as a person uses it: files, messages, exit codes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn fashion(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hil-tests/models/fashion").join(file)
}

fn vector(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hil-tests/vectors").join(file)
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn smidge(&self, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smidge"));
        command.args(arguments.iter().map(|a| a.as_ref())).current_dir(self.0.path());
        command.output().unwrap()
    }

    fn convert(&self) -> PathBuf {
        let (source, blob) = (fashion("fashion_int8.tflite"), self.path("m.smg"));
        let output = self.smidge(&[&"convert", &source, &"-o", &blob]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        blob
    }

    /// Runs and expects this exit code and text on standard error, and no new file.
    fn fails(&self, code: i32, text: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) {
        let files = || std::fs::read_dir(self.0.path()).unwrap().count();
        let before = files();
        let output = self.smidge(arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(message.contains(text), "{text} is not in: {message}");
        assert_eq!(files(), before, "something was left behind");
    }
}

#[test]
fn converts_runs_and_writes_every_tensor() {
    let desk = Desk::new();
    let blob = desk.convert();
    let (input, output) = (fashion("test_inputs.npy"), desk.path("y.npy"));
    let run =
        desk.smidge(&[&"run", &blob, &"--input", &input, &"--output", &output, &"--tensors", &"t"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let got = smidge_tools::npy::read(&output).unwrap();
    assert_eq!(got, smidge_tools::npy::read(&fashion("test_outputs.npy")).unwrap());
    let tensors = std::fs::read_dir(desk.path("t")).unwrap().count();
    let inspect = desk.smidge(&[&"inspect", &blob, &"--json"]);
    let report: serde_json::Value = serde_json::from_slice(&inspect.stdout).unwrap();
    assert_eq!(report["operators"].as_array().unwrap().len(), tensors);
    assert_eq!(report["blob_bytes"], std::fs::metadata(&blob).unwrap().len());
    assert_eq!(report["macs"], 1_103_792);
    assert!(report["arena_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn several_outputs_are_numbered() {
    let desk = Desk::new();
    let source = std::fs::read_dir(vector("split")).unwrap().flatten().map(|e| e.path());
    let source = source.filter(|p| p.extension().is_some_and(|e| e == "tflite")).min();
    let source = source.unwrap();
    let input = source.with_extension("in0.npy");
    assert!(desk.smidge(&[&"convert", &source, &"-o", &"s.smg"]).status.success());
    let run = [&"run" as &dyn AsRef<_>, &"s.smg", &"--input", &input, &"--output", &"y.npy"];
    assert!(desk.smidge(&run).status.success());
    for index in 0..2 {
        let got = smidge_tools::npy::read(&desk.path(&format!("y_{index}.npy"))).unwrap();
        let expected = source.with_extension(format!("out{index}.npy"));
        assert_eq!(got, smidge_tools::npy::read(&expected).unwrap());
    }
}

#[test]
fn stripping_takes_names_and_keeps_answers() {
    let desk = Desk::new();
    let source = fashion("fashion_int8.tflite");
    let whole = desk.convert();
    let strip = [&"convert" as &dyn AsRef<_>, &source, &"-o", &"s.smg", &"--strip"];
    assert!(desk.smidge(&strip).status.success());
    let bytes = std::fs::read(desk.path("s.smg")).unwrap();
    assert!(bytes.len() < std::fs::read(whole).unwrap().len());
    let input = fashion("test_inputs.npy");
    let run = [&"run" as &dyn AsRef<_>, &"s.smg", &"--input", &input, &"--output", &"y.npy"];
    assert!(desk.smidge(&run).status.success());
    let got = smidge_tools::npy::read(&desk.path("y.npy")).unwrap();
    assert_eq!(got, smidge_tools::npy::read(&fashion("test_outputs.npy")).unwrap());
}

#[test]
fn keeping_or_dropping_channels_keeps_answers() {
    let desk = Desk::new();
    let (source, input) = (vector("graph/int8_separable.tflite"), "graph/int8_separable.in0.npy");
    for choice in ["keep", "drop"] {
        let (blob, output) = (desk.path("c.smg"), desk.path("y.npy"));
        let run = desk.smidge(&[&"convert", &source, &"-o", &blob, &"--channels", &choice]);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let input = vector(input);
        let run = desk.smidge(&[&"run", &blob, &"--input", &input, &"--output", &output]);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let expected = vector("graph/int8_separable.out0.npy");
        let read = |path: &Path| smidge_tools::npy::read(path).unwrap();
        assert_eq!(read(&output), read(&expected));
    }
    desk.fails(2, "some", &[&"convert", &source, &"-o", &"c", &"--channels", &"some"]);
}

#[test]
fn wrong_input_ends_with_two_and_leaves_nothing() {
    let desk = Desk::new();
    let blob = desk.convert();
    let source = fashion("fashion_int8.tflite");
    let (image, labels) = (fashion("test_images.npy"), fashion("test_labels.npy"));
    desk.fails(2, "E01", &[&"convert", &"absent.tflite", &"-o", &"x.smg"]);
    desk.fails(2, "E01", &[&"convert", &labels, &"-o", &"x.smg"]);
    desk.fails(2, "E0512", &[&"convert", &source, &"-o", &"x.smg", &"--isa", &"z80"]);
    desk.fails(2, "E0611", &[&"run", &"absent.smg", &"--output", &"y.npy"]);
    desk.fails(2, "E0302", &[&"inspect", &labels]);
    desk.fails(2, "E0601", &[&"run", &blob, &"--output", &"y.npy"]);
    desk.fails(2, "E0602", &[&"run", &blob, &"--input", &image, &"--output", &"y.npy"]);
    desk.fails(
        2,
        "E040",
        &[
            &"run",
            &blob,
            &"--input",
            &fashion("test_inputs.npy"),
            &"--output",
            &"y.npy",
            &"--on",
            &"qemu:z80",
        ],
    );
    let outputs = fashion("test_outputs.npy");
    desk.fails(2, "E0603", &[&"run", &blob, &"--input", &outputs, &"--output", &"y.npy"]);
    desk.fails(1, "E0612", &[&"convert", &source, &"-o", &"nowhere/x.smg"]);
}

#[test]
fn damaged_blobs_are_refused() {
    let desk = Desk::new();
    let blob = std::fs::read(desk.convert()).unwrap();
    let damaged = desk.path("d.smg");
    for len in (0..blob.len()).step_by(blob.len() / 40) {
        std::fs::write(&damaged, &blob[..len]).unwrap();
        desk.fails(2, "E03", &[&"inspect", &damaged]);
    }
    for at in (16..blob.len()).step_by(blob.len() / 40) {
        let mut bytes = blob.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&damaged, &bytes).unwrap();
        desk.fails(2, "E03", &[&"inspect", &damaged]);
    }
}

#[test]
fn check_lists_what_is_not_supported() {
    let desk = Desk::new();
    let good = desk.smidge(&[&"check", &fashion("fashion_int8.tflite"), &"--json"]);
    let report: serde_json::Value = serde_json::from_slice(&good.stdout).unwrap();
    assert_eq!((good.status.code(), &report["supported"]), (Some(0), &true.into()));
    let bad = desk.smidge(&[&"check", &vector("relu_n1_to_1/int16_same.tflite"), &"--json"]);
    let report: serde_json::Value = serde_json::from_slice(&bad.stdout).unwrap();
    assert_eq!((bad.status.code(), &report["supported"]), (Some(2), &false.into()));
    let problem = &report["problems"][0];
    assert_eq!((&problem["code"], &problem["op"]), (&"E0502".into(), &"RELU_N1_TO_1".into()));
    assert!(["node", "reason", "remedy"].iter().all(|key| problem[key].is_string()));
}

fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_bench_on_this_machine_has_times() {
    let desk = Desk::new();
    let blob = desk.convert();
    let report = json(&desk.smidge(&[&"bench", &blob, &"--on", &"host", &"--json"]));
    let (median, min) = (report["time_us"]["median"].as_f64(), report["time_us"]["min"].as_f64());
    assert!(min.unwrap() > 0.0 && median >= min, "{report}");
    assert_eq!(report["total"]["macs"], 1_103_792);
    assert!(report["operators"][0]["time_us"].as_f64().unwrap() > 0.0, "{report}");
    assert!(report["total"]["instructions"].is_null() && report["stack_bytes"].is_null());
    assert_eq!(report["model_bytes"], std::fs::metadata(&blob).unwrap().len());
    desk.fails(2, "E040", &[&"bench", &blob, &"--on", &"qemu:z80"]);
    desk.fails(2, "E0611", &[&"bench", &"absent.smg"]);
    let labels = fashion("test_labels.npy");
    desk.fails(2, "E0302", &[&"bench", &labels, &"--on", &"qemu:cortex-m4"]);
    desk.fails(2, "E0602", &[&"bench", &blob, &"--input", &fashion("test_images.npy")]);
}

#[test]
fn a_bench_on_a_board_counts_each_operator() {
    let board = smidge_runner::Board::find("qemu:cortex-m4").unwrap();
    let toolchain = smidge_runner::toolchain::Toolchain::detect(&board.target, &board.folder);
    if smidge_runner::find_program("qemu-system-arm").is_none() || toolchain.is_err() {
        println!("skipped: QEMU or the Rust target is missing; run `cargo xtask setup`");
        return;
    }
    let desk = Desk::new();
    let blob = desk.convert();
    let arguments = [&"bench" as &dyn AsRef<_>, &blob, &"--on", &"qemu:cortex-m4", &"--json"];
    let whole = [&arguments[..], &[&"--profile", &"2"]].concat();
    let report = json(&desk.smidge(&whole));
    let total = &report["total"];
    let operators = report["operators"].as_array().unwrap();
    let inspection = json(&desk.smidge(&[&"inspect", &blob, &"--json"]));
    assert_eq!(operators.len(), inspection["operators"].as_array().unwrap().len());
    let keys = ["instructions", "cycles_modelled", "taken_branches", "bytes_loaded", "macs"];
    for key in keys {
        let sum: u64 = operators.iter().map(|row| row[key].as_u64().unwrap()).sum();
        let whole = total[key].as_u64().unwrap();
        assert!((sum..sum + 1000).contains(&whole), "{key}: {sum} of {whole}");
    }
    assert_eq!((&operators[0]["index"], &operators[0]["op"]), (&0.into(), &"CONV_2D".into()));
    let flash = report["flash"]["code_bytes"].as_u64().unwrap();
    assert!((4_000..60_000).contains(&flash), "{}", report["flash"]);
    assert!(report["flash"]["by_operator"]["CONV_2D"].as_u64().unwrap() > 100);
    assert!(report["arena_bytes"].as_u64() > Some(0) && report["stack_bytes"].as_u64() > Some(0));
    assert_eq!(report["functions"].as_array().unwrap().len(), 2);

    // Other inputs are other numbers only where the work depends on them; again is the same.
    let again = [&arguments[..], &[&"--no-flash"]].concat();
    let again = json(&desk.smidge(&again));
    assert_eq!((&again["total"], &again["operators"]), (total, &report["operators"]));
    assert!(again["flash"]["code_bytes"].is_null());
}
