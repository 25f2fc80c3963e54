//! The `probe-rs` command: its options, and what its messages mean.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use smidge_link::Record;

use crate::{Board, Chip, Problem, Region, RunError, process};

/// The first version whose semihosting opens files for reading.
const OLDEST: [u32; 2] = [0, 32];
/// Words in one reading of memory.
const PIECE: u64 = 16_384;

/// A probe as `probe-rs list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub name: String,
    /// `VID:PID:SERIAL`.
    pub id: String,
    /// Whether this user may open it, as far as the list tells.
    pub accessible: bool,
}

impl Found {
    /// The probe's serial number.
    pub fn serial(&self) -> &str {
        self.id.splitn(3, ':').nth(2).unwrap_or_default()
    }
}

/// All debug probes that are connected.
///
/// # Errors
/// If `probe-rs` is missing, too old, or fails.
pub fn probes() -> Result<Vec<Found>, RunError> {
    list(&usable(process::tool("SMIDGE_PROBE_RS", "probe-rs"))?)
}

/// `probe-rs` for one chip on one probe.
#[derive(Clone, Debug)]
pub(crate) struct ProbeRs {
    program: PathBuf,
    chip: Chip,
    probe: Found,
}

impl ProbeRs {
    /// The probe with this serial number or this `VID:PID[:SERIAL]`, or the only one there is, for the
    /// chip of the board.
    pub(crate) fn find(
        program: Option<PathBuf>,
        board: &Board,
        selector: Option<&str>,
    ) -> Result<Self, RunError> {
        let no_chip = || Problem::NoWay { board: board.name.clone(), what: "its [chip]".into() };
        let chip = board.chip.clone().ok_or_else(no_chip)?;
        let program = usable(program)?;
        let all = list(&program)?;
        let wanted = selector.unwrap_or_default();
        let is_it = |found: &&Found| {
            let id = found.id.to_lowercase();
            let wanted = wanted.to_lowercase();
            wanted.is_empty()
                || found.serial().eq_ignore_ascii_case(&wanted)
                || id == wanted
                || id.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with(':'))
        };
        let own: Vec<_> = all.iter().filter(is_it).cloned().collect();
        let texts = |probes: &[Found]| {
            probes.iter().map(|found| format!("{} {}", found.name, found.id)).collect()
        };
        let probe = match own.as_slice() {
            [probe] => probe.clone(),
            [] => return Err(Problem::NoProbe { wanted: wanted.into(), there: texts(&all) }.into()),
            several => {
                return Err(
                    Problem::NoProbe { wanted: String::new(), there: texts(several) }.into()
                );
            }
        };
        if !probe.accessible {
            return Err(permission(&probe));
        }
        Ok(Self { program, chip, probe })
    }

    /// A command for the chip.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(subcommand).args(["--non-interactive", "--chip", &self.chip.name]);
        command.args(["--probe", &self.probe.id]);
        if let Some(protocol) = &self.chip.protocol {
            command.args(["--protocol", protocol]);
        }
        if let Some(speed) = self.chip.speed_khz {
            command.arg("--speed").arg(speed.to_string());
        }
        command
    }

    /// Whether the chip on the probe is the board's, as far as that can be read.
    pub(crate) fn identify(&self, board: &Board) -> Result<(), RunError> {
        let Some(id) = self.chip.id else { return Ok(()) };
        let words = self.read(id.address, 1)?;
        let found = words.first().copied().unwrap_or_default();
        if found & id.mask == id.value {
            return Ok(());
        }
        let (board, chip) = (board.name.clone(), self.chip.name.clone());
        let (address, value) = (id.address, id.value);
        Err(Problem::WrongChip { board, chip, address, found: found & id.mask, value }.into())
    }

    /// Words of the chip's memory.
    pub(crate) fn read(&self, address: u64, words: u64) -> Result<Vec<u32>, RunError> {
        let mut all = Vec::new();
        while (all.len() as u64) < words {
            let at = address + 4 * all.len() as u64;
            let count = PIECE.min(words - all.len() as u64);
            let mut command = self.command("read");
            command.arg("b32").arg(format!("{at:#x}")).arg(count.to_string());
            let piece = hex_words(&self.output(command)?);
            if piece.len() as u64 != count {
                let said = format!("it read {} words instead of {count}", piece.len());
                return Err(Problem::Tool { program: "probe-rs read".into(), said }.into());
            }
            all.extend(piece);
        }
        Ok(all)
    }

    /// What the firmware in this part of flash says about itself, if it does.
    pub(crate) fn record(&self, flash: Region) -> Result<Option<Record>, RunError> {
        let (mut bytes, mut at) = (Vec::new(), 0);
        while at < flash.bytes {
            let words = PIECE.min((flash.bytes - at) / 4).max(1);
            let piece = self.read(flash.address + at, words)?;
            // A record may stand across two pieces, so that all of them are looked at again.
            bytes.extend(piece.iter().flat_map(|word| word.to_le_bytes()));
            at += 4 * words;
            if let Some(record) = Record::find(&bytes) {
                return Ok(Some(record));
            }
            if piece.iter().all(|&word| word == u32::MAX) {
                // Behind the firmware.
                break;
            }
        }
        Ok(None)
    }

    /// The command that writes a file of bytes to flash, where they differ from what is there, and
    /// reads them back.
    pub(crate) fn download_bytes(&self, file: &Path, address: u64) -> Command {
        let mut command = self.download();
        command.args(["--binary-format", "bin", "--base-address"]).arg(format!("{address:#x}"));
        command.arg(file);
        command
    }

    /// The command that writes a firmware to flash in the same way.
    pub(crate) fn download_elf(&self, elf: &Path) -> Command {
        let mut command = self.download();
        command.args(["--binary-format", "elf"]).arg(elf);
        command
    }

    fn download(&self) -> Command {
        let mut command = self.command("download");
        command.args(["--preverify", "--verify", "--disable-progressbars"]);
        command
    }

    /// Lets the chip start anew.
    pub(crate) fn reset(&self) -> Command {
        self.command("reset")
    }

    /// Runs a command to its end, and gives what it printed.
    pub(crate) fn output(&self, command: Command) -> Result<String, RunError> {
        output(command, Some(&self.probe))
    }

    /// What a message of `probe-rs` means.
    pub(crate) fn problem(&self, said: &str) -> RunError {
        problem(said, Some(&self.probe))
    }
}

/// The program, if it is there and not too old.
fn usable(program: Option<PathBuf>) -> Result<PathBuf, RunError> {
    let missing = |state: String| Problem::NoTool {
        program: "probe-rs".into(),
        state,
        remedy:
            "Run `cargo install probe-rs-tools --locked`, or set SMIDGE_PROBE_RS to the program"
                .into(),
    };
    let program = program.ok_or_else(|| missing("is not installed".into()))?;
    let mut command = Command::new(&program);
    command.arg("--version");
    let text = output(command, None)?;
    let version = text.split_whitespace().find_map(version);
    match version {
        Some(version) if version < OLDEST => {
            let [major, minor] = version;
            Err(missing(format!("{major}.{minor} is too old, 0.32 is needed")).into())
        }
        _ => Ok(program),
    }
}

fn version(word: &str) -> Option<[u32; 2]> {
    let mut numbers = word.split('.').map(|number| number.parse().ok());
    Some([numbers.next()??, numbers.next()??])
}

fn list(program: &Path) -> Result<Vec<Found>, RunError> {
    let mut command = Command::new(program);
    command.arg("list");
    Ok(output(command, None)?.lines().filter_map(found).collect())
}

/// A line such as `[0]: Debug Probe (CMSIS-DAP) -- 2e8a:000c:E6616408 (CMSIS-DAP)`.
fn found(line: &str) -> Option<Found> {
    let (_, rest) = line.strip_prefix('[')?.split_once("]: ")?;
    let (name, rest) = rest.split_once(" -- ")?;
    let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let accessible = !rest.contains("(inaccessible)");
    Some(Found { name: name.into(), id: id.into(), accessible })
}

fn output(mut command: Command, probe: Option<&Found>) -> Result<String, RunError> {
    command.stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| Problem::Tool { program: "probe-rs".into(), said: error.to_string() })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(problem(if said.trim().is_empty() { "nothing" } else { said.trim() }, probe))
}

fn problem(said: &str, probe: Option<&Found>) -> RunError {
    let small = said.to_lowercase();
    let denied = ["permission denied", "access denied", "inaccessible"];
    if let Some(probe) = probe
        && denied.iter().any(|text| small.contains(text))
    {
        return permission(probe);
    }
    if ["no connected probes", "probe was not found", "no probe was found"]
        .iter()
        .any(|text| small.contains(text))
    {
        let wanted = probe.map(|probe| probe.id.clone()).unwrap_or_default();
        return Problem::NoProbe { wanted, there: Vec::new() }.into();
    }
    let said = process::last_lines(said, 8);
    Problem::Tool { program: "probe-rs".into(), said }.into()
}

fn permission(probe: &Found) -> RunError {
    let mut parts = probe.id.split(':');
    let mut part = || parts.next().unwrap_or_default();
    let (vendor, product) = (part(), part());
    let product = product.split('-').next().unwrap_or_default();
    let rule = format!(
        "Write this line to /etc/udev/rules.d/69-probe-rs.rules:\n\n    SUBSYSTEM==\"usb\", \
         ATTR{{idVendor}}==\"{vendor}\", ATTR{{idProduct}}==\"{product}\", MODE=\"660\", \
         GROUP=\"plugdev\", TAG+=\"uaccess\"\n\nand run `sudo udevadm control --reload && sudo \
         udevadm trigger`"
    );
    Problem::Permission { device: format!("the probe {} {}", probe.name, probe.id), rule }.into()
}

/// The words of a dump, with or without addresses before a colon.
fn hex_words(text: &str) -> Vec<u32> {
    let lines = text.lines().map(|line| line.split_once(": ").map_or(line, |(_, words)| words));
    let words = lines.flat_map(str::split_whitespace);
    words.filter(|word| word.len() == 8).filter_map(|w| u32::from_str_radix(w, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_read_from_the_list() {
        let text = "The following debug probes were found:\n\
                    [0]: Debug Probe (CMSIS-DAP) -- 2e8a:000c:E6616408 (CMSIS-DAP)\n\
                    [1]: STLink V2 -- 0483:3748: (ST-LINK) (inaccessible)\n";
        let probes: Vec<_> = text.lines().filter_map(found).collect();
        assert_eq!(probes.len(), 2);
        assert_eq!((probes[0].serial(), probes[0].accessible), ("E6616408", true));
        assert_eq!((probes[1].id.as_str(), probes[1].serial()), ("0483:3748:", ""));
        let text = permission(&probes[1]).to_string();
        assert!(text.contains("ATTR{idVendor}==\"0483\", ATTR{idProduct}==\"3748\""), "{text}");
    }

    #[test]
    fn memory_is_read_from_both_kinds_of_dump() {
        assert_eq!(hex_words("00052840 ffffffff\n"), [0x52840, u32::MAX]);
        assert_eq!(hex_words("10000100: 00052840 00000001\n10000108: 2\n"), [0x52840, 1]);
    }

    #[test]
    fn versions_are_compared() {
        let of = |text: &str| text.split_whitespace().find_map(version);
        assert_eq!(of("probe-rs 0.32.0 (git commit: crates.io)"), Some([0, 32]));
        assert!(of("probe-rs 0.31.1").unwrap() < OLDEST && [1, 0] > OLDEST);
    }

    #[test]
    fn messages_have_meanings() {
        let probe = found("[0]: P -- 1366:1015:7 (J-Link)");
        let code = |said| problem(said, probe.as_ref()).code();
        assert_eq!(code("Error: Failed to open: Permission denied (os error 13)"), "E0421");
        assert_eq!(code("Error: No connected probes were found."), "E0420");
        assert_eq!(code("Error: Connecting to the chip was unsuccessful."), "E0419");
    }
}
