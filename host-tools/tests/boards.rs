//! `smidge flash`, `run`, `bench` and `bundle` with boards that are none: what is written, what is
//! refused before anything is, and the exit codes.

use smidge_fakes::{Bench, Board as Fake, Fault, Options, Setup};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with a blob, fake programs, and the boards that they know.
struct Desk {
    folder: TempDir,
    bench: Bench,
}

fn fashion(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hil-tests/models/fashion").join(file)
}

impl Desk {
    fn new(setup: &Setup) -> Self {
        let folder = TempDir::new().unwrap();
        let bench = Bench::new(&folder.path().join("bench"), setup).unwrap();
        let desk = Self { folder, bench };
        desk.succeeds(&[
            "convert",
            fashion("fashion_int8.tflite").to_str().unwrap(),
            "-o",
            "m.smg",
        ]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn smidge(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smidge"));
        let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hil-tests/fakes/boards");
        command.args(arguments).current_dir(self.folder.path()).env("SMIDGE_TARGETS", boards);
        for (variable, program) in [
            ("SMIDGE_PROBE_RS", "fake-probe-rs"),
            ("SMIDGE_ESPFLASH", "fake-espflash"),
            ("SMIDGE_SSH", "fake-ssh"),
        ] {
            command.env(variable, self.bench.script(program).unwrap());
        }
        command.output().unwrap()
    }

    fn succeeds(&self, arguments: &[&str]) -> (String, String) {
        let output = self.smidge(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    }

    fn fails(&self, code: i32, words: &[&str], arguments: &[&str]) {
        let output = self.smidge(arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{message}");
        for word in words {
            assert!(message.contains(word), "{word} is not in: {message}");
        }
    }

    fn blob(&self) -> Vec<u8> {
        std::fs::read(self.path("m.smg")).unwrap()
    }

    /// The calls of fake programs that write.
    fn writes(&self) -> Vec<String> {
        let calls = self.bench.calls().into_iter();
        let words = ["download", "flash", "write-bin"];
        calls.filter(|call| words.iter().any(|word| call.contains(word))).collect()
    }
}

/// A firmware image with one segment.
fn elf(address: u32, bytes: &[u8]) -> Vec<u8> {
    let mut file = b"\x7FELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([2u16, 40].map(u16::to_le_bytes).concat());
    file.extend([1u32, address, 52, 0, 0].map(u32::to_le_bytes).concat());
    file.extend([52u16, 32, 1, 40, 0, 0].map(u16::to_le_bytes).concat());
    let len = bytes.len() as u32;
    // The segment runs elsewhere than it is stored.
    file.extend([1u32, 84, 0x2000_0000, address, len, len, 5, 4].map(u32::to_le_bytes).concat());
    file.extend(bytes);
    file
}

#[test]
fn a_probe_gets_firmware_and_blob_or_the_blob_alone() {
    let desk = Desk::new(&Setup::default());
    std::fs::write(desk.path("fw.elf"), b"firmware").unwrap();
    let both = ["flash", "m.smg", "--board", "fake-probe", "--firmware", "fw.elf"];
    let (text, _) = desk.succeeds(&both);
    assert_eq!(text, "firmware and model are written for fake-probe\n");
    assert!(desk.bench.flash().starts_with(&desk.blob()));
    assert_eq!(std::fs::read(desk.bench.home().join("firmware.elf")).unwrap(), b"firmware");

    let desk = Desk::new(&Setup::default());
    desk.succeeds(&["flash", "m.smg", "--board", "fake-probe", "--model-only"]);
    assert!(desk.bench.flash().starts_with(&desk.blob()));
    assert!(!desk.bench.home().join("firmware.elf").exists());
    assert_eq!(desk.writes().len(), 1);

    let desk = Desk::new(&Setup::default());
    let (text, _) = desk.succeeds(&[&both[..4], &["--model-only", "--dry-run"]].concat());
    assert!(text.contains("--base-address 0x10100000"), "{text}");
    assert!(desk.writes().is_empty() && desk.bench.flash().is_empty());
}

#[test]
fn what_is_wrong_is_told_before_anything_is_written() {
    let flash = ["flash", "m.smg", "--board", "fake-probe", "--model-only"];
    let setup = Setup::default;
    let mut other = setup();
    other.words.insert("4096".into(), 7);
    let mut closed = setup();
    closed.probes[0].push_str(" (inaccessible)");
    let cases = [
        (other, vec!["E0422", "nothing was written"]),
        (closed, vec!["E0421", "/etc/udev/rules.d", "idVendor}==\"2e8a\""]),
        (Setup { probes: vec![], ..setup() }, vec!["E0420"]),
    ];
    for (setup, words) in cases {
        let desk = Desk::new(&setup);
        desk.fails(2, &words, &flash);
        assert!(desk.writes().is_empty());
    }

    // Words of the firmware that is in flash: it reads another version of the format.
    let mut old = setup();
    let words = *b"smidge firmware\0\x01\0\x01\0\x02\0\0\0\0\0\x04\0\0\0\0\0";
    for (word, at) in words.chunks(4).zip((0x1000_0040u32..).step_by(4)) {
        old.words.insert(at.to_string(), u32::from_le_bytes(word.try_into().unwrap()));
    }
    let desk = Desk::new(&old);
    desk.fails(2, &["E0428", "format 2.0, this one has 1.", "without --model-only"], &flash);
    assert!(desk.writes().is_empty());

    let desk = Desk::new(&setup());
    let tflite = fashion("fashion_int8.tflite");
    let tflite = tflite.to_str().unwrap();
    desk.succeeds(&["convert", tflite, "-o", "m55.smg", "--isa", "cortex-m55"]);
    let foreign = ["flash", "m55.smg", "--board", "fake-probe", "--model-only"];
    desk.fails(2, &["E0425", "cortex-m55", "cortex-m0"], &foreign);
    desk.fails(2, &["E0401", "fake-probe"], &["flash", "m.smg", "--board", "none"]);
    desk.fails(2, &["E0417"], &["flash", "m.smg", "--board", "fake-ssh"]);
    let x = fashion("test_inputs.npy");
    let run = ["run", "m.smg", "--input", x.to_str().unwrap(), "--output", "y.npy", "--on"];
    desk.fails(2, &["E0415"], &[&run[..], &["moon"]].concat());
    desk.fails(2, &["E0416"], &[&run[..], &["probe"]].concat());
    let mut blob = desk.blob();
    blob[4000] ^= 1;
    std::fs::write(desk.path("bad.smg"), blob).unwrap();
    let bad = ["flash", "bad.smg", "--board", "fake-probe", "--model-only"];
    desk.fails(2, &["E0426", "E0304"], &bad);
    assert!(desk.writes().is_empty());
}

#[test]
fn power_that_goes_while_flashing_is_an_error_and_flashing_again_repairs_it() {
    let desk = Desk::new(&Setup { power: 9000, ..Setup::default() });
    let flash = ["flash", "m.smg", "--board", "fake-probe", "--model-only"];
    desk.fails(1, &["E0419"], &flash);
    assert!(!desk.bench.flash().starts_with(&desk.blob()));
    desk.bench.connect(&Setup::default()).unwrap();
    desk.succeeds(&flash);
    assert!(desk.bench.flash().starts_with(&desk.blob()));
}

#[test]
fn uf2_has_firmware_and_blob_or_the_blob_alone() {
    let desk = Desk::new(&Setup::default());
    std::fs::write(desk.path("fw.elf"), elf(0x1000_0000, &[0xAB; 300])).unwrap();
    let flash = ["flash", "m.smg", "--board", "fake-uf2", "--to", "out.uf2"];
    desk.succeeds(&[&flash[..], &["--firmware", "fw.elf"]].concat());
    let file = std::fs::read(desk.path("out.uf2")).unwrap();
    let blob_blocks = desk.blob().len().div_ceil(256);
    assert_eq!(file.len(), (2 + blob_blocks) * 512);
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!((word(12), word(512 + 12)), (0x1000_0000, 0x1000_0100));
    assert_eq!((word(2 * 512 + 12), word(24)), (0x1010_0000, (2 + blob_blocks) as u32));
    assert_eq!(file[2 * 512 + 32..2 * 512 + 288], desk.blob()[..256]);

    desk.succeeds(&[&flash[..], &["--model-only"]].concat());
    let file = std::fs::read(desk.path("out.uf2")).unwrap();
    assert_eq!(file.len(), blob_blocks * 512);

    std::fs::write(desk.path("big.elf"), elf(0x100F_FFF0, &[0; 32])).unwrap();
    desk.fails(1, &["E0414", "slot"], &[&flash[..], &["--firmware", "big.elf"]].concat());
    // A drive says what it is.
    std::fs::create_dir(desk.path("drive")).unwrap();
    let drive = ["flash", "m.smg", "--board", "fake-uf2", "--model-only", "--to", "drive"];
    desk.fails(2, &["E0431", "BOOTSEL"], &drive);
    std::fs::write(desk.path("drive/INFO_UF2.TXT"), "Board-ID: RP2350\r\n").unwrap();
    desk.fails(2, &["E0424", "RP2350"], &drive);
    std::fs::write(desk.path("drive/INFO_UF2.TXT"), "Board-ID: RPI-RP2\r\n").unwrap();
    desk.succeeds(&drive);
    assert!(desk.path("drive/smidge.uf2").is_file());
}

#[test]
fn espflash_gets_its_commands_and_its_errors_are_told() {
    let setup = || Setup { chip: "fake32".into(), slot: 0x20_0000, ..Setup::default() };
    let desk = Desk::new(&setup());
    std::fs::write(desk.path("fw.elf"), b"firmware").unwrap();
    desk.succeeds(&["flash", "m.smg", "--board", "fake-esp", "--firmware", "fw.elf"]);
    assert!(desk.bench.flash().starts_with(&desk.blob()));
    let writes = desk.writes();
    assert!(writes[0].starts_with("espflash flash --non-interactive --chip fake32"), "{writes:?}");
    assert!(writes[1].contains("write-bin") && writes[1].contains("0x200000"), "{writes:?}");

    let desk = Desk::new(&Setup { chip: "esp32c6".into(), ..setup() });
    let flash = ["flash", "m.smg", "--board", "fake-esp", "--model-only"];
    desk.fails(1, &["E0419", "Chip mismatch"], &flash);
    assert!(desk.bench.flash().is_empty());
}

#[test]
fn a_serial_port_runs_bundles_times_and_takes_blobs() {
    let desk = Desk::new(&Setup::default());
    let fake = Fake::start(Options::default()).unwrap();
    let place = format!("serial:{}", fake.path().display());
    let on = ["--on", place.as_str()];
    let (x, y) = (fashion("test_inputs.npy"), fashion("test_outputs.npy"));
    let (x, y) = (x.to_str().unwrap(), y.to_str().unwrap());
    desk.succeeds(&["bundle", "m.smg", "--input", x, "--output", y, "-o", "f.bundle"]);
    let (text, log) = desk.succeeds(&[&["run", "f.bundle"], &on[..]].concat());
    assert_eq!(text, "200 inferences gave the expected outputs\n");
    assert!(log.contains("fake-serial: arena") && log.contains("inference 199: "), "{log}");

    let (text, _) = desk.succeeds(&[&["bench", "m.smg"], &on[..]].concat());
    assert!(text.contains("measured: ") && text.contains("the least of 5"), "{text}");

    let tflite = fashion("fashion_float.tflite");
    desk.succeeds(&["convert", tflite.to_str().unwrap(), "-o", "float.smg"]);
    let flash = ["flash", "float.smg", "--board", "fake-serial"];
    desk.fails(2, &["E0417", "--model-only"], &[&flash[..], &on[..]].concat());
    desk.succeeds(&[&flash[..], &on[..], &["--model-only"]].concat());
    let float = std::fs::read(desk.path("float.smg")).unwrap();
    assert!(fake.flash.bytes().starts_with(&float));
    desk.fails(2, &["E0424"], &[&["run", "f.bundle", "--board", "fake-uf2"], &on[..]].concat());
}

#[test]
fn a_bundle_whose_outputs_differ_fails_and_a_damaged_one_is_wrong_input() {
    let desk = Desk::new(&Setup::default());
    let x = fashion("test_inputs.npy");
    desk.succeeds(&["bundle", "m.smg", "--input", x.to_str().unwrap(), "-o", "f.bundle"]);
    let (text, _) = desk.succeeds(&["run", "f.bundle"]);
    assert_eq!(text, "200 inferences gave the expected outputs\n");

    // The last byte of the last expected output, and the checksum with it.
    let mut bytes = std::fs::read(desk.path("f.bundle")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(desk.path("damaged.bundle"), &bytes).unwrap();
    desk.fails(2, &["E0384", "damaged.bundle"], &["run", "damaged.bundle"]);
    let sum = smidge_format::checksum(&bytes[16..]);
    bytes[12..16].copy_from_slice(&sum.to_le_bytes());
    std::fs::write(desk.path("other.bundle"), &bytes).unwrap();
    let words = ["E0624", "1 of 200 inferences", "element 9 of output 0 of inference 199"];
    desk.fails(1, &words, &["run", "other.bundle"]);

    let other = fashion("test_labels.npy");
    let wrong = ["bundle", "m.smg", "--input", x.to_str().unwrap(), "-o", "w.bundle", "--output"];
    desk.fails(2, &["E0622"], &[&wrong[..], &[other.to_str().unwrap()]].concat());
    assert!(!desk.path("w.bundle").exists());
    desk.fails(2, &["E0616"], &["run", "m.smg", "--input", x.to_str().unwrap()]);
    desk.fails(2, &["E0617"], &["run", "f.bundle", "--input", x.to_str().unwrap()]);
}

#[test]
fn a_board_that_says_nothing_is_no_wrong_input() {
    let desk = Desk::new(&Setup::default());
    let fake = Options { faults: vec![Fault::Silence { at: 0 }], ..Options::default() };
    let fake = Fake::start(fake).unwrap();
    let place = format!("serial:{}", fake.path().display());
    let x = fashion("test_inputs.npy");
    let run = ["run", "m.smg", "--input", x.to_str().unwrap(), "--output", "y.npy", "--on"];
    desk.fails(1, &["E0409"], &[&run[..], &[place.as_str()]].concat());
    let nowhere = [&run[..], &["serial:/dev/no-such-port"]].concat();
    desk.fails(2, &["E0423"], &nowhere);
    desk.fails(1, &["E0419", "Connection refused"], &[&run[..], &["ssh:nobody"]].concat());
}
