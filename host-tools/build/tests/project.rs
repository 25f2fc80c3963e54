//! A package with a build script that uses this crate, built by cargo as a user's would be: for this
//! machine, whose outputs are compared with the reference's, and with what cannot be built.

use smidge_runner::toolchain::Toolchain;
use smidge_tools::npy;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A package in a temporary folder.
struct Project(tempfile::TempDir);

impl Project {
    /// With this name, by which cargo tells apart what is built, and these statements in its build
    /// script.
    fn new(name: &str, script: &str, main: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let root = repository();
        let path = |folder: &str| format!("{{ path = {:?} }}", root.join(folder));
        let (smidge, build) = (path("runtime"), path("host-tools/build"));
        project.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                 [workspace]\n[dependencies]\nsmidge = {smidge}\n\
                 [build-dependencies]\nsmidge-build = {build}\n"
            ),
        );
        project.write("build.rs", &format!("fn main() {{\n{script}\n}}\n"));
        project.write("src/main.rs", main);
        // The same versions as here, which cargo has.
        fs::copy(root.join("Cargo.lock"), project.0.path().join("Cargo.lock")).unwrap();
        project
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn cargo(&self, subcommand: &str, arguments: &[PathBuf]) -> Output {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(self.0.path()).arg(subcommand);
        finish(cargo, arguments)
    }
}

/// Runs a cargo command without network. All projects share what they depend on.
fn finish(mut cargo: Command, arguments: &[PathBuf]) -> Output {
    cargo.args(["--offline", "--quiet", "--color", "never"]);
    if !arguments.is_empty() {
        cargo.arg("--").args(arguments);
    }
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects"));
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.output().unwrap()
}

/// A statement that makes the module of a file of the repository.
fn model(file: &str, settings: &str) -> String {
    format!("smidge_build::Model::new({:?}){settings}.compile();\n", repository().join(file))
}

const FASHION: &str = "hil-tests/models/fashion/fashion_int8.tflite";

/// Reads inputs from the file that is named first, and writes outputs to the second.
const MAIN: &str = r#"
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]
//! Uses modules.
smidge::include_model!(fashion);
smidge::include_model!(pair);
smidge::include_model!(parts);

fn main() {
    let mut files = std::env::args().skip(1);
    let bytes = std::fs::read(files.next().unwrap()).unwrap();
    let mut arena = fashion::Arena::new();
    let mut network = fashion::Fashion::new(&mut arena).unwrap();
    let mut outputs = Vec::new();
    for sample in bytes.chunks_exact(784) {
        let input: fashion::Input = std::array::from_fn(|i| sample[i] as i8);
        let output: fashion::Output = network.run(&input).unwrap();
        // The same by steps, with the input in its place.
        *network.input().unwrap() = input;
        network.session().begin(0).unwrap();
        let mut steps = 0;
        while network.step().unwrap() != smidge::Progress::Done {
            steps += 1;
        }
        assert_eq!((steps, network.output().unwrap()), (fashion::MODEL.blob().step_count(), &output));
        outputs.extend(output.map(|q| q as u8));
    }
    std::fs::write(files.next().unwrap(), outputs).unwrap();
    assert_eq!(fashion::input::SHAPE, [1, 28, 28, 1]);
    assert_eq!(fashion::input::quantize(1.0), 127);
    assert_eq!(fashion::input::quantize(fashion::input::dequantize(-100)), -100);
    assert_eq!(fashion::LABELS[9], "Ankle boot");
    assert_eq!(fashion::BLOB_LEN, fashion::MODEL.blob().bytes().len());

    // Two inputs, and memory that is shared.
    const BOTH: usize = smidge::longest(&[pair::ARENA_LEN, parts::ARENA_LEN]);
    let mut arena = smidge::Arena::<BOTH>::new();
    let mut pair = pair::Pair::new_in(&mut arena).unwrap();
    let zero = |zero_point: i32| zero_point as i8;
    let (a, b) = (zero(pair::input0::ZERO_POINT), zero(pair::input1::ZERO_POINT));
    let sum = pair.run(&[a; size_of::<pair::Input0>()], &[b; size_of::<pair::Input1>()]);
    assert!(sum.unwrap().iter().all(|&q| q == zero(pair::output::ZERO_POINT)));
    // Two outputs.
    let mut parts = parts::Parts::new_in(&mut arena).unwrap();
    let input: parts::Input = std::array::from_fn(|i| i as f32);
    let (first, second) = parts.run(&input).unwrap();
    let mut both: Vec<f32> = first.iter().chain(&second).copied().collect();
    both.sort_by(f32::total_cmp);
    assert_eq!(both, input);
    assert!(parts::Parts::new_in(&mut []).is_err());
}
"#;

#[test]
fn modules_give_what_the_reference_gives() {
    let labels = repository().join("hil-tests/models/fashion/labels.txt");
    let budgets = ".name(\"fashion\").arena_budget(64 << 10).flash_budget(64 << 10)";
    let script = [
        model(FASHION, &format!("{budgets}.labels({labels:?})")),
        model("hil-tests/vectors/add/int8_same.tflite", ".name(\"pair\").keep_names()"),
        model("hil-tests/vectors/split/float32_batch.tflite", ".name(\"parts\")"),
    ];
    let project = Project::new("modules", &script.concat(), MAIN);
    let arrays = |file: &str| npy::read(&repository().join("hil-tests/models/fashion").join(file));
    let inputs = arrays("test_inputs.npy").unwrap().data;
    let files = ["inputs", "outputs"].map(|name| project.0.path().join(name));
    fs::write(&files[0], &inputs[..20 * 784]).unwrap();
    let run = project.cargo("run", &files);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let expected = arrays("test_outputs.npy").unwrap().data;
    assert_eq!(fs::read(&files[1]).unwrap(), expected[..20 * 10]);
}

#[test]
fn what_cannot_be_built_says_why() {
    let no_model = repository().join("README.md");
    let cases = [
        (model(FASHION, ".name(\"m\").arena_budget(8 << 10)"), "E0721", "CONV_2D"),
        (model(FASHION, ".name(\"m\").flash_budget(16 << 10)"), "E0722", "most weights are in"),
        (model(FASHION, ".name(\"m\").isa(smidge_build::Isa::CortexM4)"), "E0723", "cortex-m4"),
        (model(FASHION, ".name(\"two words\")"), "E0724", ".name("),
        (model(FASHION, ".labels(\"nowhere.txt\")"), "E0725", "nowhere.txt"),
        (model("nowhere.tflite", ""), "E0101", "nowhere.tflite"),
        (format!("smidge_build::Model::new({no_model:?}).compile();"), "E0103", "README.md"),
        ("smidge_build::memory_map(\"nowhere.x\");".into(), "", ""),
    ];
    for (at, (script, code, detail)) in cases.into_iter().enumerate() {
        let project = Project::new(&format!("case{at}"), &script, "fn main() {}");
        let built = project.cargo("check", &[]);
        let text = String::from_utf8_lossy(&built.stderr);
        assert_eq!(built.status.success(), code.is_empty(), "{script}: {text}");
        assert!(text.contains(code) && text.contains(detail), "{script}: {text}");
        assert!(!code.starts_with("E07") || text.contains("help: "), "{script}: {text}");
    }
}

/// What the README shows compiles for a microcontroller, with a model of the name it has there.
#[test]
fn the_firmware_of_the_readme_compiles() {
    const TARGET: &str = "thumbv7em-none-eabihf";
    let Ok(toolchain) = Toolchain::detect(TARGET, &repository()) else {
        println!("skipped: no {TARGET} here; run `cargo xtask setup`");
        return;
    };
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let section = readme.split("## In firmware").nth(1).and_then(|text| text.split("\n## ").next());
    let mut blocks = section.unwrap().split("```rust\n").skip(1);
    let mut block = || blocks.next().and_then(|text| text.split("```").next()).unwrap().to_owned();
    let (script, program) = (block(), block());
    let project = Project::new("readme", "", "");
    project.write("build.rs", &script);
    project.write("src/lib.rs", &format!("#![no_std]\n#![forbid(unsafe_code)]\n{program}"));
    fs::remove_file(project.0.path().join("src/main.rs")).unwrap();
    fs::copy(repository().join(FASHION), project.0.path().join("kws.tflite")).unwrap();
    let config = format!("[build]\ntarget = \"{TARGET}\"\n");
    project.write(".cargo/config.toml", &config);
    let built = finish(toolchain.cargo("build", project.0.path()), &[]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}
