//! Takes the options that smidge gives `espflash` 4.

use std::fs;
use std::process::ExitCode;

use smidge_fakes::Bench;

fn main() -> ExitCode {
    let bench = Bench::of_program();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    bench.note(&format!("espflash {}", arguments.join(" "))).expect("the bench can be written");
    match run(&bench, &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("Error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(bench: &Bench, arguments: &[String]) -> Result<(), String> {
    let setup = bench.setup();
    let (mut words, mut chip) = (Vec::new(), None);
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--chip" => chip = rest.next(),
            "--port" => drop(rest.next()),
            "--non-interactive" => {}
            other if other.starts_with('-') => return Err(format!("unexpected argument {other}")),
            _ => words.push(word.as_str()),
        }
    }
    if !setup.refusal.is_empty() {
        return Err(setup.refusal);
    }
    if chip.is_some_and(|chip| *chip != setup.chip) {
        return Err(format!("Chip mismatch: the connected one is {}", setup.chip));
    }
    match words.as_slice() {
        ["flash", elf] => fs::copy(elf, bench.home().join("firmware.elf")).map(drop),
        ["write-bin", address, file] => {
            let digits = address.strip_prefix("0x").ok_or("an address in hexadecimal")?;
            let address = u64::from_str_radix(digits, 16).map_err(|error| error.to_string())?;
            let offset = address.checked_sub(setup.slot).ok_or("that is the firmware's flash")?;
            let bytes = fs::read(file).map_err(|error| error.to_string())?;
            bench.write_flash(offset as usize, &bytes)
        }
        _ => return Err(format!("unrecognized subcommand: {words:?}")),
    }
    .map_err(|error| error.to_string())
}
