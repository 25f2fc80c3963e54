//! The instructions that mark an inference and its steps.

/// What a marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// An inference starts.
    Start,
    /// An inference stops.
    Stop,
    /// One of its steps is done.
    StepDone,
}

impl Marker {
    const ALL: [Self; 3] = [Self::Start, Self::Stop, Self::StepDone];

    /// The marker with this number.
    pub fn from_number(number: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|marker| *marker as usize == number)
    }
}

/// A family of cores, each with its own markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    /// Thumb: hints `BF60`, `BF70`, `BF80`.
    Thumb,
    /// AArch64: `HINT` with 0x60, 0x61, 0x62.
    Aarch64,
    /// RISC-V: `addi x0, x0, n` with 0x111, 0x222, 0x333.
    RiscV,
}

impl Core {
    /// The family that QEMU calls so.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "arm" => Some(Self::Thumb),
            "aarch64" => Some(Self::Aarch64),
            "riscv32" | "riscv64" => Some(Self::RiscV),
            _ => None,
        }
    }

    /// The marker that these bytes are.
    pub fn marker(self, bytes: &[u8]) -> Option<Marker> {
        let half = <[u8; 2]>::try_from(bytes).map(u16::from_le_bytes).ok();
        let word = <[u8; 4]>::try_from(bytes).map(u32::from_le_bytes).ok();
        match (self, half, word) {
            (Self::Thumb, Some(0xBF60), _)
            | (Self::Aarch64, _, Some(0xD503_2C1F))
            | (Self::RiscV, _, Some(0x1110_0013)) => Some(Marker::Start),
            (Self::Thumb, Some(0xBF70), _)
            | (Self::Aarch64, _, Some(0xD503_2C3F))
            | (Self::RiscV, _, Some(0x2220_0013)) => Some(Marker::Stop),
            (Self::Thumb, Some(0xBF80), _)
            | (Self::Aarch64, _, Some(0xD503_2C5F))
            | (Self::RiscV, _, Some(0x3330_0013)) => Some(Marker::StepDone),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_core_has_its_own_markers() {
        assert_eq!(Core::from_name("aarch64"), Some(Core::Aarch64));
        assert_eq!(Core::from_name("mips"), None);
        let start = [0x60, 0xBF];
        assert_eq!(Core::Thumb.marker(&start), Some(Marker::Start));
        assert_eq!(Core::RiscV.marker(&start), None);
        assert_eq!(Core::Thumb.marker(&[0x00, 0xBF]), None);
        let hint = |number: u32| (0xD503_201F | (number << 5)).to_le_bytes();
        for (number, marker) in (0x60..).zip(Marker::ALL) {
            assert_eq!(Core::Aarch64.marker(&hint(number)), Some(marker));
            assert_eq!(Core::Thumb.marker(&hint(number)), None);
        }
        for (number, marker) in (1..).zip(Marker::ALL) {
            let addi = (((number * 0x111) << 20) | 0x13_u32).to_le_bytes();
            assert_eq!(Core::RiscV.marker(&addi), Some(marker));
        }
        assert_eq!(Marker::from_number(Marker::StepDone as usize), Some(Marker::StepDone));
        assert_eq!(Marker::from_number(3), None);
    }
}
