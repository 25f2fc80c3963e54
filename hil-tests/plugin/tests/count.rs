//! A program whose instructions are known, counted in QEMU. Without QEMU, the test says so and ends.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Stack pointer and reset vector, then Thumb code from address 8 on.
const PROGRAM: &[u16] = &[
    0x1000, 0x2000, 0x0009, 0x0000, // SP = 0x20001000, start = 8
    0xBF00, // nop: before the start, not counted
    0xBF60, // start
    0x20C8, // movs r0, #200
    0x0300, // lsls r0, r0, #12
    0x3801, // again: subs r0, #1
    0xD1FD, // bne again
    0xBF80, // step done
    0xBF00, // nop
    0xBF80, // step done
    0xBF70, // stop
    0xBF60, // start
    0x2800, // cmp r0, #0
    0xBF08, // it eq
    0x2001, // moveq r0, #1
    0xBF18, // it ne
    0x2002, // movne r0, #2: skipped by its condition, and counted
    0xBF70, // stop
    0x2018, // movs r0, #SYS_EXIT
    0x2102, // movs r1, #2
    0x0409, // lsls r1, r1, #16
    0x3126, // adds r1, #0x26: application exit
    0xBEAB, // bkpt: semihosting
];

/// The first inference by instruction: step, address, bytes, executions, taken branches.
const PROFILE: &str = "\
0 c c820 1 0
0 e 0003 1 0
0 10 0138 819200 0
0 12 fdd1 819200 819199
1 16 00bf 1 0
";

#[test]
fn counts_are_exact_and_the_same_twice() {
    // Tests of a `cdylib` do not build it.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    let built = cargo.args(["build", "--release", "--target-dir"]).arg(folder).status();
    assert!(built.unwrap().success());
    let name = format!("{}smidge_qemu_plugin{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let plugin = folder.join("release").join(name);
    let image: Vec<u8> = PROGRAM.iter().flat_map(|half| half.to_le_bytes()).collect();
    fs::write(folder.join("program"), image).unwrap();
    for file in ["first", "second"] {
        let mut qemu = Command::new("qemu-system-arm");
        qemu.current_dir(folder).args(["-machine", "mps2-an386", "-display", "none"]);
        qemu.args(["-monitor", "none", "-serial", "none", "-semihosting", "-kernel", "program"]);
        qemu.arg("-plugin").arg(format!("{},out={file}", plugin.display()));
        match qemu.status() {
            Ok(status) => assert!(status.success(), "{status}"),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                println!("skipped: qemu-system-arm is not installed");
                return;
            }
            Err(error) => panic!("{error}"),
        }
        let counts = fs::read_to_string(folder.join(file)).unwrap();
        let profile = fs::read_to_string(folder.join(format!("{file}.profile"))).unwrap();
        assert_eq!(profile, PROFILE);
        let (loop_, pass) = (2 + 2 * (200 << 12), 1);
        assert_eq!(counts, format!("{} {loop_} {pass}\n5\n", loop_ + pass));
    }
}
