//! Cycles that a core needs for the instructions it executed: a table for each core, with its
//! source, and the rule by which neighbours in the program share cycles.
//!
//! ```text
//! cycles = Σ executed · cost(instruction, the one before it) + taken · penalty(instruction)
//! ```
//!
//! "Before" is before in the program, which is the same as before in time but at the heads of
//! loops. Memory has no wait states and no caches; silicon that runs from flash needs more. Skipped
//! conditional instructions cost what executed ones do.

use super::decode::Class::{self, *};
use super::decode::{Family, Instruction};
use smidge_runner::Site;

/// The cycles of a core.
#[derive(Clone, Copy, Debug)]
pub struct CycleModel {
    /// The core, named as in the blob format.
    pub core: &'static str,
    /// Where the numbers are from.
    pub source: &'static str,
    /// Whether the core's maker publishes no such table, and this one only ranks programs.
    pub approximate: bool,
    costs: &'static [(Class, Cost)],
    overlap: Overlap,
}

/// What a class of instructions costs.
#[derive(Clone, Copy, Debug)]
struct Cost {
    cycles: u64,
    /// More for each group of so many bytes that are moved; 0 for none.
    group: u32,
    /// Instead of `cycles` when the instruction before is a single load or store.
    behind_transfer: u64,
    /// More when it branches.
    taken: u64,
}

/// How neighbours share cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlap {
    None,
    /// Two instructions that need different units start together.
    DualIssue,
    /// A vector instruction starts while the one before it, of another unit, does its second half.
    Beats,
}

const fn cost(cycles: u64) -> Cost {
    Cost { cycles, group: 0, behind_transfer: cycles, taken: 0 }
}

impl Cost {
    const fn behind_transfer(self, cycles: u64) -> Self {
        Self { behind_transfer: cycles, ..self }
    }

    const fn each(self, group: u32) -> Self {
        Self { group, ..self }
    }

    const fn taken(self, taken: u64) -> Self {
        Self { taken, ..self }
    }
}

/// Classes that are not in a table cost one cycle.
const DEFAULT: Cost = cost(1);

const M4: &[(Class, Cost)] = &[
    (Load, cost(2).behind_transfer(1).taken(2)),
    (LoadMultiple, cost(1).each(4).taken(2)),
    (StoreMultiple, cost(1).each(4)),
    (Divide, cost(7)),
    (Branch, cost(1).taken(2)),
    (Call, cost(1).taken(2)),
    (TableBranch, cost(2).taken(2)),
    (It, cost(0)),
    (Alu, cost(1).taken(2)),
    (FloatMovePair, cost(2)),
    (FloatMac, cost(3)),
    (FloatDivide, cost(14)),
];

const M3: &[(Class, Cost)] = &[
    (MultiplyAdd, cost(2)),
    (MultiplyLong, cost(4)),
    (MultiplyAddLong, cost(6)),
    (Load, cost(2).behind_transfer(1).taken(2)),
    (LoadMultiple, cost(1).each(4).taken(2)),
    (StoreMultiple, cost(1).each(4)),
    (Divide, cost(7)),
    (Branch, cost(1).taken(2)),
    (Call, cost(1).taken(2)),
    (TableBranch, cost(2).taken(2)),
    (It, cost(0)),
    (Alu, cost(1).taken(2)),
];

const M0_PLUS: &[(Class, Cost)] = &[
    (Load, cost(2)),
    (Store, cost(2)),
    (LoadMultiple, cost(1).each(4).taken(2)),
    (StoreMultiple, cost(1).each(4)),
    (Branch, cost(1).taken(1)),
    (Call, cost(1).taken(2)),
    (Alu, cost(1).taken(1)),
    (System, cost(3)),
];

const M7: &[(Class, Cost)] = &[
    (LoadMultiple, cost(0).each(8).taken(1)),
    (StoreMultiple, cost(0).each(8)),
    (Divide, cost(9)),
    (Branch, cost(1).taken(1)),
    (Call, cost(1).taken(1)),
    (TableBranch, cost(2).taken(2)),
    (It, cost(0)),
    (FloatDivide, cost(14)),
];

const M55: &[(Class, Cost)] = &[
    (LoadMultiple, cost(1).each(8).taken(2)),
    (StoreMultiple, cost(1).each(8)),
    (Divide, cost(8)),
    (Branch, cost(1).taken(2)),
    (Call, cost(1).taken(2)),
    (TableBranch, cost(2).taken(2)),
    (LoopEnd, cost(0)),
    (It, cost(0)),
    (Vector, cost(2)),
    (VectorLoad, cost(2)),
    (VectorStore, cost(2)),
    (FloatDivide, cost(12)),
];

const IBEX: &[(Class, Cost)] = &[
    (MultiplyDsp, cost(2)),
    (Divide, cost(37)),
    (Load, cost(2)),
    (Store, cost(2)),
    (Branch, cost(1).taken(2)),
    (Call, cost(1).taken(1)),
];

/// All models.
pub const MODELS: &[CycleModel] = &[
    CycleModel {
        core: "cortex-m0",
        source: "Cortex-M0+ Technical Reference Manual r0p1 (Arm DDI 0484C), section 3.3, with the \
                 single-cycle multiplier",
        approximate: false,
        costs: M0_PLUS,
        overlap: Overlap::None,
    },
    CycleModel {
        core: "cortex-m3",
        source: "Cortex-M3 Technical Reference Manual r2p1 (Arm DDI 0337I), section 3.3; where it \
                 gives a range (long products, division), its middle",
        approximate: false,
        costs: M3,
        overlap: Overlap::None,
    },
    CycleModel {
        core: "cortex-m4",
        source: "Cortex-M4 Technical Reference Manual r0p1 (Arm 100166), section 3.3; division in \
                 the middle of its range, two cycles to refill the pipeline, a load behind any \
                 single load or store pipelined",
        approximate: false,
        costs: M4,
        overlap: Overlap::None,
    },
    CycleModel {
        core: "cortex-m7",
        source: "Arm publishes no table for Cortex-M7: two instructions of different units in a \
                 cycle, whatever they depend on, all branches predicted",
        approximate: true,
        costs: M7,
        overlap: Overlap::DualIssue,
    },
    CycleModel {
        core: "cortex-m33",
        source: "Arm publishes no table for Cortex-M33: the one of Cortex-M4",
        approximate: true,
        costs: M4,
        overlap: Overlap::None,
    },
    CycleModel {
        core: "cortex-m55",
        source: "Arm publishes no table for Cortex-M55: two cycles for a vector, which overlap with \
                 those of a neighbour of the other kind (transfer or arithmetic); ends of \
                 counted loops cost nothing",
        approximate: true,
        costs: M55,
        overlap: Overlap::Beats,
    },
    CycleModel {
        core: "rv32",
        source: "Ibex Reference Guide, Pipeline Details: single-cycle multiplier, no branch target \
                 adder, memory that answers in the next cycle, jumps as taken branches",
        approximate: false,
        costs: IBEX,
        overlap: Overlap::None,
    },
];

impl CycleModel {
    /// The model of this core; application cores have none.
    pub fn of(core: &str) -> Option<&'static Self> {
        MODELS.iter().find(|model| model.core == core)
    }

    /// The cycles of these instructions, which stand in the order of their addresses, each with what
    /// it is.
    pub fn cycles<'a>(&self, sites: impl IntoIterator<Item = (&'a Site, Instruction)>) -> u64 {
        let mut neighbour: Option<Neighbour> = None;
        let mut sum: u64 = 0;
        for (site, instruction) in sites {
            let before = neighbour.filter(|before| before.end == site.address);
            let cost = self.cost(instruction.class);
            let shared = before.is_some_and(|before| self.shares(&before, instruction.class));
            let each = match before {
                Some(before) if before.class.is_single_transfer() => cost.behind_transfer,
                _ => cost.cycles,
            };
            let groups = if cost.group == 0 { 0 } else { instruction.bytes.div_ceil(cost.group) };
            let each = (each + u64::from(groups)).saturating_sub(u64::from(shared));
            sum += each * site.executed + cost.taken * site.taken;
            let end = site.address + u64::from(site.len);
            // The second of two that start together cannot be the first of two others.
            let paired = shared && self.overlap == Overlap::DualIssue;
            neighbour = Some(Neighbour { class: instruction.class, end, paired });
        }
        sum
    }

    fn cost(&self, class: Class) -> Cost {
        let row = self.costs.iter().find(|(of, _)| *of == class);
        row.map_or(DEFAULT, |(_, cost)| *cost)
    }

    /// Whether an instruction overlaps one cycle with the one before it.
    fn shares(&self, before: &Neighbour, class: Class) -> bool {
        match self.overlap {
            Overlap::None => false,
            Overlap::DualIssue => {
                let (first, second) = (Unit::of(before.class), Unit::of(class));
                let alu = first == Unit::Alu || second == Unit::Alu;
                let alone = first == Unit::Alone || second == Unit::Alone;
                !before.paired && !alone && (first != second || alu)
            }
            Overlap::Beats => {
                let moves = |class| matches!(class, VectorLoad | VectorStore);
                let vectors = before.class.is_vector() && class.is_vector();
                vectors && moves(before.class) != moves(class)
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Neighbour {
    class: Class,
    /// The address behind it.
    end: u64,
    paired: bool,
}

/// Parts of a core that start one instruction in a cycle; there are two for arithmetic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Alu,
    Multiply,
    Memory,
    Branch,
    Float,
    /// Nothing starts together with it.
    Alone,
}

impl Unit {
    fn of(class: Class) -> Self {
        match class {
            Alu | Hint => Self::Alu,
            Multiply | MultiplyAdd | MultiplyDsp | MultiplyLong | MultiplyAddLong => Self::Multiply,
            Load | Store => Self::Memory,
            Branch | Call => Self::Branch,
            FloatAlu | FloatMac | FloatMove | FloatMovePair => Self::Float,
            _ => Self::Alone,
        }
    }
}

/// Bytes that these instructions load.
pub fn bytes_loaded<'a>(sites: impl IntoIterator<Item = (&'a Site, Instruction)>) -> u64 {
    let loads = sites.into_iter().filter(|(_, instruction)| instruction.class.loads());
    loads.map(|(site, instruction)| site.executed * u64::from(instruction.bytes)).sum()
}

/// Decodes every instruction of a profile.
pub fn decode(family: Family, profile: &[Site]) -> Vec<(&Site, Instruction)> {
    profile.iter().map(|site| (site, family.decode(site.code, site.len))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Instructions one behind the other: code, executions, taken branches.
    fn cycles(core: &str, program: &[(u32, u64, u64)]) -> u64 {
        let mut address = 0x100;
        let mut sites = Vec::new();
        for &(code, executed, taken) in program {
            let len = if code > 0xFFFF { 4 } else { 2 };
            let code = if len == 4 { code.rotate_left(16) } else { code }.to_le_bytes();
            sites.push(Site { step: 0, address, code, len, executed, taken });
            address += u64::from(len);
        }
        CycleModel::of(core).unwrap().cycles(decode(Family::Thumb, &sites))
    }

    const ADD: u32 = 0x1888;
    const LOAD: u32 = 0x6848;
    const STORE: u32 = 0x6048;
    const BRANCH: u32 = 0xD0FE;
    const PUSH_5: u32 = 0xB5F0;
    const MULTIPLY: u32 = 0x4348;
    const SMLAD: u32 = 0xFB21_3002;
    const DIVIDE: u32 = 0xFB91_F0F2;
    const IT: u32 = 0xBF18;
    const VECTOR_LOAD: u32 = 0xECB0_1E10;
    const VMLADAVA: u32 = 0xEEF0_0F22;
    const LOOP_END: u32 = 0xF00F_C001;

    #[test]
    fn cortex_m4_costs_what_its_manual_says() {
        let one = |code| cycles("cortex-m4", &[(code, 1, 0)]);
        let singles = [ADD, LOAD, STORE, BRANCH, PUSH_5, MULTIPLY, SMLAD, DIVIDE, IT].map(one);
        assert_eq!(singles, [1, 2, 1, 1, 6, 1, 1, 7, 0]);
        assert_eq!(cycles("cortex-m4", &[(LOAD, 10, 0), (LOAD, 10, 0), (STORE, 10, 0)]), 40);
        assert_eq!(cycles("cortex-m4", &[(STORE, 10, 0), (LOAD, 10, 0)]), 20);
        assert_eq!(cycles("cortex-m4", &[(ADD, 10, 0), (BRANCH, 10, 9)]), 38);
    }

    #[test]
    fn smaller_cores_pay_for_every_transfer() {
        assert_eq!(cycles("cortex-m0", &[(LOAD, 10, 0), (LOAD, 10, 0), (STORE, 10, 0)]), 60);
        assert_eq!(cycles("cortex-m0", &[(ADD, 10, 0), (BRANCH, 10, 9)]), 29);
        let mla = 0xFB01_3002;
        assert_eq!(cycles("cortex-m3", &[(mla, 10, 0)]), 20);
        assert_eq!(cycles("cortex-m4", &[(mla, 10, 0)]), 10);
    }

    #[test]
    fn neighbours_share_cycles_once() {
        // Of three, two start together; two loads do not.
        assert_eq!(cycles("cortex-m7", &[(ADD, 10, 0), (SMLAD, 10, 0), (ADD, 10, 0)]), 20);
        assert_eq!(cycles("cortex-m7", &[(LOAD, 10, 0), (LOAD, 10, 0)]), 20);
        let vectors = [(VECTOR_LOAD, 10, 0), (VMLADAVA, 10, 0), (VECTOR_LOAD, 10, 0)];
        assert_eq!(cycles("cortex-m55", &vectors), 40);
        assert_eq!(cycles("cortex-m55", &[(VMLADAVA, 10, 0), (VMLADAVA, 10, 0)]), 40);
        assert_eq!(cycles("cortex-m55", &[(LOOP_END, 10, 9)]), 0);
    }

    #[test]
    fn every_core_without_operating_system_has_a_model() {
        let named =
            |model: &CycleModel| smidge_format::Isa::ALL.iter().any(|isa| isa.name() == model.core);
        assert!(MODELS.iter().all(named));
        assert!(CycleModel::of("cortex-a72").is_none());
    }

    #[test]
    fn loads_have_bytes() {
        let site = |code: u32, executed| {
            let code = code.to_le_bytes();
            Site { step: 0, address: 0, code, len: 2, executed, taken: 0 }
        };
        let sites = [site(LOAD, 3), site(STORE, 5), site(0x7848, 7), site(0xBD10, 2)];
        assert_eq!(bytes_loaded(decode(Family::Thumb, &sites)), 12 + 7 + 16);
    }
}
