//! The core that a build is for.

use crate::BuildError;
use smidge_format::Isa;
use std::env;

/// What cargo tells a build script of the machine that is built for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    /// The target triple.
    pub target: String,
    /// The core that `-C target-cpu` names, or nothing.
    pub cpu: String,
    /// Features that the compiler may use.
    pub features: Vec<String>,
    /// The family of kernels, where the build names it (`--cfg smidge_isa="mve"`).
    pub family: Option<String>,
}

impl Machine {
    /// Reads the variables that cargo sets.
    pub fn of_build() -> Self {
        let variable = |name| env::var(name).unwrap_or_default();
        let flags = variable("CARGO_ENCODED_RUSTFLAGS");
        let features = variable("CARGO_CFG_TARGET_FEATURE");
        Self {
            target: variable("TARGET"),
            cpu: target_cpu(flags.split('\x1f')),
            features: features.split(',').map(str::to_owned).collect(),
            family: env::var("CARGO_CFG_SMIDGE_ISA").ok(),
        }
    }

    /// The core to convert for.
    pub fn isa(&self) -> Isa {
        let named = Isa::ALL.into_iter().find(|isa| isa.name() == self.cpu.replace('+', ""));
        match named.filter(|&isa| self.runs(isa)) {
            Some(isa) => isa,
            None => self.least(),
        }
    }

    /// The core that every machine with this target has the kernels of. What only some processors of
    /// a computer have counts where the compiler may use it.
    fn least(&self) -> Isa {
        let may = |name: &str| self.features.iter().any(|feature| feature == name);
        match self.family() {
            "armv6m" => Isa::CortexM0,
            "armv7m" => Isa::CortexM3,
            "armv7em" if self.target.starts_with("thumbv8m") => Isa::CortexM33,
            "armv7em" => Isa::CortexM4,
            "mve" => Isa::CortexM55,
            "rv32" => Isa::Rv32,
            "aarch64" if may("i8mm") && may("dotprod") => Isa::NeoverseN2,
            "aarch64" if may("dotprod") => Isa::CortexA76,
            "aarch64" => Isa::CortexA53,
            "x86_64" if may("avx2") && may("fma") => Isa::X86_64,
            _ => Isa::Portable,
        }
    }

    /// The family of kernels that is compiled for this machine: the rule of `smidge-kernels`.
    fn family(&self) -> &str {
        let is = |prefix: &str| self.target.starts_with(prefix);
        match &self.family {
            Some(family) => family,
            None if is("thumbv6m") => "armv6m",
            None if is("thumbv7em") || is("thumbv8m.main") => "armv7em",
            None if is("thumbv7m") => "armv7m",
            None if is("riscv32i") => "rv32",
            None if is("aarch64") => "aarch64",
            None if is("x86_64") => "x86_64",
            None => "portable",
        }
    }

    /// Whether a program that is built for this machine can run what is packed for a core.
    pub fn runs(&self, isa: Isa) -> bool {
        let family = match isa {
            Isa::Portable => return true,
            Isa::CortexM0 => "armv6m",
            Isa::CortexM3 => "armv7m",
            Isa::CortexM4 | Isa::CortexM7 | Isa::CortexM33 => "armv7em",
            Isa::CortexM55 => "mve",
            Isa::Rv32 => "rv32",
            Isa::CortexA53 | Isa::CortexA72 | Isa::CortexA76 | Isa::NeoverseN2 => "aarch64",
            Isa::X86_64 => "x86_64",
        };
        self.family() == family
    }

    /// Fails if a program for this machine has no kernels for a core.
    pub fn demand(&self, isa: Isa) -> Result<(), BuildError> {
        if self.runs(isa) {
            return Ok(());
        }
        let (isa, target, has) = (isa.name(), self.target.clone(), self.least().name());
        Err(BuildError::Core { isa, target, has })
    }
}

/// The core in the compiler's flags: `-Ctarget-cpu=NAME`, in one word or two; the last one counts.
fn target_cpu<'a>(flags: impl Iterator<Item = &'a str>) -> String {
    let words = flags.map(|flag| flag.strip_prefix("-C").unwrap_or(flag).trim());
    words.filter_map(|word| word.strip_prefix("target-cpu=")).last().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(target: &str, cpu: &str, features: &str) -> Machine {
        let features = features.split(',').map(str::to_owned).collect();
        Machine { target: target.into(), cpu: cpu.into(), features, family: None }
    }

    #[test]
    fn the_core_follows_from_target_and_flags() {
        let isa = |target, cpu, features| machine(target, cpu, features).isa();
        assert_eq!(isa("thumbv6m-none-eabi", "", ""), Isa::CortexM0);
        assert_eq!(isa("thumbv6m-none-eabi", "cortex-m0plus", ""), Isa::CortexM0);
        assert_eq!(isa("thumbv7m-none-eabi", "", ""), Isa::CortexM3);
        assert_eq!(isa("thumbv7em-none-eabihf", "", ""), Isa::CortexM4);
        assert_eq!(isa("thumbv7em-none-eabihf", "cortex-m7", ""), Isa::CortexM7);
        assert_eq!(isa("thumbv8m.main-none-eabihf", "", ""), Isa::CortexM33);
        // Without the kernels for MVE, a Cortex-M55 runs what a Cortex-M33 runs.
        assert_eq!(isa("thumbv8m.main-none-eabihf", "cortex-m55", ""), Isa::CortexM33);
        assert_eq!(isa("riscv32imac-unknown-none-elf", "", "m,a,c"), Isa::Rv32);
        assert_eq!(isa("aarch64-unknown-linux-gnu", "", "neon"), Isa::CortexA53);
        assert_eq!(isa("aarch64-unknown-linux-gnu", "cortex-a72", "neon"), Isa::CortexA72);
        assert_eq!(isa("aarch64-apple-darwin", "", "neon,dotprod"), Isa::CortexA76);
        assert_eq!(isa("aarch64-unknown-linux-gnu", "", "dotprod,i8mm"), Isa::NeoverseN2);
        assert_eq!(isa("x86_64-unknown-linux-gnu", "", "sse2"), Isa::Portable);
        assert_eq!(isa("x86_64-unknown-linux-gnu", "", "avx2,fma"), Isa::X86_64);
        assert_eq!(isa("wasm32-unknown-unknown", "", ""), Isa::Portable);
        let mve = Machine {
            family: Some("mve".into()),
            ..machine("thumbv8m.main-none-eabihf", "cortex-m55", "")
        };
        assert_eq!(mve.isa(), Isa::CortexM55);
    }

    #[test]
    fn a_core_without_kernels_is_refused() {
        let m0 = machine("thumbv6m-none-eabi", "", "");
        let error = m0.demand(Isa::CortexM4).unwrap_err().to_string();
        assert!(error.starts_with("E0723") && error.contains("cortex-m0"), "{error}");
        assert!(m0.demand(Isa::Portable).is_ok() && m0.demand(Isa::CortexM0).is_ok());
    }

    #[test]
    fn the_last_flag_names_the_core() {
        let flags = ["-C", "target-cpu=cortex-m3", "-Ctarget-cpu=cortex-m4", "-Copt-level=s"];
        assert_eq!(target_cpu(flags.into_iter()), "cortex-m4");
        assert_eq!(target_cpu([].into_iter()), "");
    }
}
