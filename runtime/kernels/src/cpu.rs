//! Families of cores, and the proof that this machine is of one.

/// Cores that share packed weights and kernels. What is packed for one family no other can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Armv6-M: Cortex-M0, M0+.
    Armv6m,
    /// Armv7-M: Cortex-M3.
    Armv7m,
    /// Armv7E-M and Armv8-M with DSP: Cortex-M4, M7, M33.
    Armv7em,
    /// Armv8.1-M with MVE: Cortex-M55.
    Mve,
    /// RV32IMC.
    Rv32,
    /// AArch64 with NEON: Cortex-A53, A72.
    Neon,
    /// AArch64 with SDOT: Cortex-A76.
    NeonDot,
    /// AArch64 with I8MM (SMMLA): Neoverse N2, Cortex-A710 and later.
    NeonI8mm,
    /// x86-64 with AVX2, faster with AVX-512-VNNI.
    X86,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 9] = [
        Self::Armv6m,
        Self::Armv7m,
        Self::Armv7em,
        Self::Mve,
        Self::Rv32,
        Self::Neon,
        Self::NeonDot,
        Self::NeonI8mm,
        Self::X86,
    ];

    /// Whether there are kernels for other types than int8 with several output channels side by
    /// side: the families with vectors for all of them.
    pub const fn has_panels(self) -> bool {
        matches!(self, Self::Neon | Self::NeonDot | Self::NeonI8mm | Self::X86)
    }
}

/// What the processor under this program can do. A value can only come from [`Cpu::detect`], so
/// holding one proves the instructions that it names; on microcontrollers it is known when the
/// program is compiled, and takes no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpu {
    #[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
    features: Features,
}

/// Optional instructions of processors under an operating system.
#[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Features {
    /// AArch64: SDOT. x86-64: AVX2, FMA and F16C.
    base: bool,
    /// AArch64: SMMLA. x86-64: AVX-512 F, BW, DQ, VL and VNNI.
    wide: bool,
}

impl Cpu {
    /// Looks at the processor. With the feature `std` the answer is that of the running machine,
    /// without it that of the machine the program was compiled for.
    #[inline]
    pub fn detect() -> Self {
        #[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
        {
            Self { features: features() }
        }
        #[cfg(not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")))]
        {
            Self {}
        }
    }

    /// This processor, and what it would be without its optional wide instructions, where kernels have
    /// a form without them: for tests.
    pub fn levels() -> impl Iterator<Item = Self> {
        let all = Self::detect();
        #[cfg(smidge_isa = "x86_64")]
        let narrow = Self { features: Features { wide: false, ..all.features } };
        #[cfg(not(smidge_isa = "x86_64"))]
        let narrow = all;
        [Some(all), (narrow != all).then_some(narrow)].into_iter().flatten()
    }

    /// Whether this machine runs what is packed for a family.
    #[inline]
    pub const fn runs(self, family: Family) -> bool {
        match family {
            Family::Armv6m => cfg!(smidge_isa = "armv6m"),
            Family::Armv7m => cfg!(smidge_isa = "armv7m"),
            Family::Armv7em => cfg!(smidge_isa = "armv7em"),
            Family::Mve => cfg!(smidge_isa = "mve"),
            Family::Rv32 => cfg!(smidge_isa = "rv32"),
            Family::Neon => cfg!(smidge_isa = "aarch64"),
            Family::NeonDot => cfg!(smidge_isa = "aarch64") && self.base(),
            Family::NeonI8mm => cfg!(smidge_isa = "aarch64") && self.wide(),
            Family::X86 => cfg!(smidge_isa = "x86_64") && self.base(),
        }
    }

    /// AArch64: SDOT is there. x86-64: AVX2, FMA and F16C are.
    #[inline]
    pub(crate) const fn base(self) -> bool {
        #[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
        {
            self.features.base
        }
        #[cfg(not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")))]
        false
    }

    /// AArch64: SMMLA is there. x86-64: AVX-512 F, BW, DQ, VL and VNNI are.
    #[inline]
    pub(crate) const fn wide(self) -> bool {
        #[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
        {
            self.features.wide
        }
        #[cfg(not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")))]
        false
    }
}

#[cfg(all(smidge_isa = "x86_64", feature = "std"))]
fn features() -> Features {
    use std::is_x86_feature_detected as has;
    let base = has!("avx2") && has!("fma") && has!("f16c");
    let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
    Features { base, wide: base && avx512 && has!("avx512vnni") }
}

#[cfg(all(smidge_isa = "x86_64", not(feature = "std")))]
fn features() -> Features {
    let base = cfg!(target_feature = "avx2")
        && cfg!(target_feature = "fma")
        && cfg!(target_feature = "f16c");
    Features { base, wide: false }
}

#[cfg(all(smidge_isa = "aarch64", feature = "std"))]
fn features() -> Features {
    use std::arch::is_aarch64_feature_detected as has;
    let base = has!("dotprod");
    Features { base, wide: base && has!("i8mm") }
}

#[cfg(all(smidge_isa = "aarch64", not(feature = "std")))]
fn features() -> Features {
    let base = cfg!(target_feature = "dotprod");
    Features { base, wide: base && cfg!(target_feature = "i8mm") }
}

/// A share of an operator's work. All parts of a count, in any order or at the same time, give what
/// the whole gives; each writes elements of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which one, from 0.
    pub index: usize,
    /// Of how many, at least 1.
    pub count: usize,
}

impl Part {
    /// Everything.
    pub const ALL: Self = Self { index: 0, count: 1 };

    /// This part's share of `total` items; the shares of all parts follow each other.
    #[inline]
    pub fn of(self, total: usize) -> core::ops::Range<usize> {
        if self.count <= 1 {
            return 0..total;
        }
        let each = total.checked_div(self.count).unwrap_or(total);
        let rest = total.checked_rem(self.count).unwrap_or(0);
        let start = |index: usize| each * index + rest.min(index);
        start(self.index)..start(self.index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other() {
        for total in [0, 1, 2, 7, 64] {
            for count in 1..9 {
                let parts = (0..count).flat_map(|index| Part { index, count }.of(total));
                assert_eq!(parts.collect::<Vec<_>>(), (0..total).collect::<Vec<_>>());
            }
        }
    }
}
