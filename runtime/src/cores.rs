//! Which family of kernels runs what is packed for a core.

use smidge_format::Isa;
use smidge_kernels::Family;

/// The family of a core; `None` for [`Isa::Portable`].
pub const fn family(isa: Isa) -> Option<Family> {
    Some(match isa {
        Isa::Portable => return None,
        Isa::CortexM0 => Family::Armv6m,
        Isa::CortexM3 => Family::Armv7m,
        Isa::CortexM4 | Isa::CortexM7 | Isa::CortexM33 => Family::Armv7em,
        Isa::CortexM55 => Family::Mve,
        Isa::Rv32 => Family::Rv32,
        Isa::CortexA53 | Isa::CortexA72 => Family::Neon,
        Isa::CortexA76 => Family::NeonDot,
        Isa::NeoverseN2 => Family::NeonI8mm,
        Isa::X86_64 => Family::X86,
    })
}
