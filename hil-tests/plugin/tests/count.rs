//! Programs whose instructions are known, counted in QEMU. Without QEMU, the tests say so and end.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
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

/// The same on RV32: a loop of 2 × 1000 instructions and one before it, then one more.
const RISC_V: &[u32] = &[
    0x1110_0013, // start
    0x3E80_0313, // li x6, 1000
    0xFFF3_0313, // again: addi x6, x6, -1
    0xFE03_1EE3, // bnez x6, again
    0x3330_0013, // step done
    0x0000_0013, // nop
    0x2220_0013, // stop
    0x0010_02B7, // lui x5, 0x100: the machine's switch
    0x0000_5337, // lui x6, 5
    0x5553_0313, // addi x6, x6, 0x555: off, with success
    0x0062_A023, // sw x6, 0(x5)
    0x0000_006F, // j .
];

/// The same on AArch64, as a Linux program.
const AARCH64: &[u32] = &[
    0xD503_2C1F, // start
    0xD280_7D00, // mov x0, #1000
    0xF100_0400, // again: subs x0, x0, #1
    0x54FF_FFE1, // b.ne again
    0xD503_2C5F, // step done
    0xD503_201F, // nop
    0xD503_2C3F, // stop
    0xD280_0BA8, // mov x8, #93: exit
    0xD280_0000, // mov x0, #0
    0xD400_0001, // svc #0
];

/// What the two loops are by instruction: the addresses differ.
const LOOP: [(u64, u64); 4] = [(1, 0), (1000, 0), (1000, 999), (1, 0)];

/// Builds the plugin; where it is, and a folder for files.
fn plugin() -> (PathBuf, PathBuf) {
    // Tests of a `cdylib` do not build it.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    let built = cargo.args(["build", "--release", "--target-dir"]).arg(folder).status();
    assert!(built.unwrap().success());
    let name = format!("{}smidge_qemu_plugin{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    (folder.join("release").join(name), folder.to_owned())
}

/// Runs a program in an emulator with the plugin, twice; its counts and its profile, if the emulator
/// is installed.
fn count(emulator: &str, arguments: &[&str], image: &[u8]) -> Option<(String, String)> {
    let (plugin, folder) = plugin();
    let program = folder.join(emulator);
    fs::write(&program, image).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let [first, second] = ["first", "second"].map(|run| {
        let out = format!("{emulator}.{run}");
        let mut qemu = Command::new(emulator);
        qemu.current_dir(&folder).arg("-plugin");
        qemu.arg(format!("{},out={out}", plugin.display())).args(arguments);
        match qemu.status() {
            Ok(status) => assert!(status.success(), "{status}"),
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => panic!("{error}"),
        }
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
        Some((read(&out), read(&format!("{out}.profile"))))
    });
    assert_eq!(first, second);
    if first.is_none() {
        println!("skipped: {emulator} is not installed");
    }
    first
}

#[test]
fn counts_are_exact_and_the_same_twice() {
    let image: Vec<u8> = PROGRAM.iter().flat_map(|half| half.to_le_bytes()).collect();
    let quiet = ["-display", "none", "-monitor", "none", "-serial", "none", "-semihosting"];
    let machine = ["-machine", "mps2-an386", "-kernel", "qemu-system-arm"];
    let counted = count("qemu-system-arm", &[&quiet[..], &machine].concat(), &image);
    let Some((counts, profile)) = counted else { return };
    let (loop_, pass) = (2 + 2 * (200 << 12), 1);
    assert_eq!(counts, format!("{} {loop_} {pass}\n5\n", loop_ + pass));
    assert_eq!(profile, PROFILE);
}

/// Whether these are the counts of [`LOOP`].
fn check_loop((counts, profile): (String, String)) {
    assert_eq!(counts, "2002 2001\n");
    let lines = profile.lines().map(|line| {
        let mut numbers = line.split(' ').skip(3).map(|number| number.parse().unwrap());
        (numbers.next().unwrap(), numbers.next().unwrap())
    });
    assert_eq!(lines.collect::<Vec<(u64, u64)>>(), LOOP, "{profile}");
}

#[test]
fn rv32_is_counted() {
    let image: Vec<u8> = RISC_V.iter().flat_map(|word| word.to_le_bytes()).collect();
    let quiet = ["-display", "none", "-monitor", "none", "-serial", "none", "-bios", "none"];
    let loader = "loader,file=qemu-system-riscv32,addr=0x80000000,force-raw=on";
    let machine = ["-machine", "virt", "-device", loader];
    count("qemu-system-riscv32", &[&quiet[..], &machine].concat(), &image)
        .into_iter()
        .for_each(check_loop);
}

#[test]
fn aarch64_is_counted() {
    let code: Vec<u8> = AARCH64.iter().flat_map(|word| word.to_le_bytes()).collect();
    count("qemu-aarch64", &["./qemu-aarch64"], &elf(&code)).into_iter().for_each(check_loop);
}

/// A Linux program of AArch64: an ELF header, one segment, and this code.
fn elf(code: &[u8]) -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const HEADERS: u64 = 64 + 56;
    let half = |value: u16| value.to_le_bytes().to_vec();
    let word = |value: u32| value.to_le_bytes().to_vec();
    let long = |value: u64| value.to_le_bytes().to_vec();
    let len = HEADERS + code.len() as u64;
    let parts = [
        b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
        [half(2), half(183), word(1), long(BASE + HEADERS), long(64), long(0)].concat(),
        [word(0), half(64), half(56), half(1), half(0), half(0), half(0)].concat(),
        [word(1), word(5), long(0), long(BASE), long(BASE), long(len), long(len)].concat(),
        long(0x1000),
        code.to_vec(),
    ];
    parts.concat()
}
