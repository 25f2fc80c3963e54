//! Whether a blob can run on a board, before anything is written there.

use smidge::family;
use smidge::format::{Blob, Isa, VERSION_MAJOR, VERSION_MINOR};
use smidge::kernels::Family;
use smidge_format::AlignedBuf;
use smidge_link::{Info, Record, Text};

use crate::{Board, Problem, RunError};

/// What a blob asks of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    isa: Isa,
    bytes: u64,
    arena: u64,
    format: [u16; 2],
}

impl Demand {
    /// Reads it from a blob, which is checked.
    pub(crate) fn of(blob: &[u8]) -> Result<Self, RunError> {
        let aligned = AlignedBuf::from(blob);
        let checked = Blob::check(&aligned).map_err(Problem::NoBlob)?;
        let format = blob.get(4..8).and_then(|version| version.first_chunk::<4>());
        let format = format.map_or([VERSION_MAJOR, VERSION_MINOR], |&[a, b, c, d]| {
            [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])]
        });
        Ok(Self {
            isa: checked.isa(),
            bytes: blob.len() as u64,
            arena: u64::from(checked.header().arena_len),
            format,
        })
    }

    /// Whether the board, as its file describes it, can meet it.
    pub(crate) fn is_met_by(&self, board: &Board) -> Result<(), RunError> {
        let name = || board.name.clone();
        if !isa_runs_on(self.isa, &board.isa) {
            let (blob, isa) = (self.isa.name().into(), board.isa.clone());
            return Err(Problem::WrongIsa { blob, board: name(), isa }.into());
        }
        if self.bytes > board.slot.bytes {
            let (blob, slot) = (self.bytes, board.slot.bytes);
            return Err(Problem::BlobTooLarge { blob, slot, board: name() }.into());
        }
        if self.arena > board.arena_bytes {
            let (needed, arena) = (self.arena, board.arena_bytes);
            return Err(Problem::ArenaTooLarge { needed, arena, board: name() }.into());
        }
        Ok(())
    }

    /// Whether the firmware that left this record in flash can meet it.
    pub(crate) fn is_met_by_record(&self, record: &Record, board: &Board) -> Result<(), RunError> {
        let info = Info {
            protocol: record.protocol(),
            isa: record.isa(),
            arena_capacity: record.arena(),
            slot_capacity: board.slot.bytes as u32,
            board: Text::new(&board.name),
            firmware: Text::new(""),
            format: record.format(),
            hz: 0,
            flags: 0,
        };
        self.is_met_by_firmware(&info, "its slot")
    }

    /// Whether the firmware that answered can meet it.
    pub(crate) fn is_met_by_firmware(&self, info: &Info, place: &str) -> Result<(), RunError> {
        let board = info.board.as_str().to_string();
        let isa = Isa::from_u16(info.isa).unwrap_or(Isa::Portable);
        if !isa_runs_on(self.isa, isa.name()) {
            let (blob, isa) = (self.isa.name().into(), isa.name().into());
            return Err(Problem::WrongIsa { blob, board, isa }.into());
        }
        let [major, minor] = info.format;
        // Firmware that does not say reads the first version.
        let reads = if major == 0 { [1, 0] } else { [major, minor] };
        if reads[0] != self.format[0] || reads[1] < self.format[1] {
            return Err(Problem::OldFirmware { board, reads, blob: self.format }.into());
        }
        let (needed, arena) = (self.arena, u64::from(info.arena_capacity));
        if needed > arena {
            return Err(Problem::ArenaTooLarge { needed, arena, board }.into());
        }
        let (blob, slot) = (self.bytes, u64::from(info.slot_capacity));
        if blob > slot {
            let board = format!("{board} at {place}");
            return Err(Problem::BlobTooLarge { blob, slot, board }.into());
        }
        Ok(())
    }
}

/// Whether what is packed for a core runs on the board's: on those of its family, and on AArch64 on
/// those that can do more.
fn isa_runs_on(blob: Isa, board: &str) -> bool {
    let core = Isa::ALL.into_iter().find(|isa| isa.name() == board);
    match (family(blob), core.and_then(family)) {
        (None, _) => true,
        (Some(Family::Neon), Some(Family::NeonDot | Family::NeonI8mm))
        | (Some(Family::NeonDot), Some(Family::NeonI8mm)) => true,
        (Some(blob), core) => core == Some(blob),
    }
}

/// That the firmware is the board's.
pub(crate) fn is_board(info: &Info, board: &Board, place: &str) -> Result<(), RunError> {
    let found = info.board.as_str();
    if found == board.name {
        return Ok(());
    }
    let (place, board, found) = (place.into(), board.name.clone(), found.into());
    Err(Problem::WrongBoard { place, board, found }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_format::write::Builder;
    use smidge_format::{Block, Subgraph};

    fn blob(isa: Isa) -> Vec<u8> {
        let mut out = Builder::new(isa);
        out.arena_len = 4096;
        out.blocks = vec![Block { start: 0, end: 0 }];
        let operands = out.operands([]);
        out.subgraphs = vec![Subgraph { block: 0, inputs: 0, outputs: 0, operands }];
        out.finish().unwrap()
    }

    fn code(result: Result<(), RunError>) -> &'static str {
        result.unwrap_err().code()
    }

    #[test]
    fn cores_run_what_is_packed_for_their_family() {
        let all = |blob| Isa::ALL.into_iter().filter(move |core| isa_runs_on(blob, core.name()));
        let names = |blob| all(blob).map(Isa::name).collect::<Vec<_>>().join(" ");
        assert_eq!(all(Isa::Portable).count(), Isa::ALL.len());
        assert_eq!(names(Isa::CortexM0), "cortex-m0");
        assert_eq!(names(Isa::CortexM7), "cortex-m4 cortex-m7 cortex-m33");
        assert_eq!(names(Isa::CortexA53), "cortex-a53 cortex-a72 cortex-a76 neoverse-n2");
        assert_eq!(names(Isa::CortexA76), "cortex-a76 neoverse-n2");
    }

    #[test]
    fn a_board_meets_a_demand_or_says_why_not() {
        let board = Board::find("qemu:cortex-m4").unwrap();
        let demand = Demand::of(&blob(Isa::CortexM4)).unwrap();
        demand.is_met_by(&board).unwrap();
        assert_eq!(code(Demand::of(&blob(Isa::Rv32)).unwrap().is_met_by(&board)), "E0425");
        let small = Board { arena_bytes: 4095, ..board.clone() };
        assert_eq!(code(demand.is_met_by(&small)), "E0427");
        let mut full = board;
        full.slot.bytes = 10;
        assert_eq!(code(demand.is_met_by(&full)), "E0408");
        assert_eq!(Demand::of(b"no blob").unwrap_err().code(), "E0426");
    }

    #[test]
    fn firmware_meets_a_demand_or_says_why_not() {
        let demand = Demand::of(&blob(Isa::CortexM4)).unwrap();
        let info = Info {
            protocol: 1,
            isa: Isa::CortexM33 as u16,
            arena_capacity: 4096,
            slot_capacity: 10_000,
            board: Text::new("b"),
            firmware: Text::new("1"),
            format: [VERSION_MAJOR, VERSION_MINOR],
            hz: 0,
            flags: 0,
        };
        demand.is_met_by_firmware(&info, "here").unwrap();
        let refused = |info: Info| code(demand.is_met_by_firmware(&info, "here"));
        assert_eq!(refused(Info { isa: Isa::CortexM0 as u16, ..info }), "E0425");
        assert_eq!(refused(Info { arena_capacity: 4095, ..info }), "E0427");
        assert_eq!(refused(Info { slot_capacity: 10, ..info }), "E0408");
        assert_eq!(refused(Info { format: [VERSION_MAJOR + 1, 0], ..info }), "E0428");
        let newer = Demand { format: [VERSION_MAJOR, VERSION_MINOR + 1], ..demand };
        assert_eq!(code(newer.is_met_by_firmware(&info, "here")), "E0428");
        let board = Board::find("qemu:cortex-m4").unwrap();
        assert_eq!(code(is_board(&info, &board, "here")), "E0424");
    }
}
