//! The files of a new project.

use super::network::Network;
use smidge_runner::{Board, Runner};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What a project is made of.
pub(super) struct Project<'a> {
    /// Name of the package.
    pub name: &'a str,
    /// The board, whose files are copied.
    pub board: &'a Board,
    /// The network in it.
    pub network: &'a Network,
    /// The checkout that it is built with; none are the packages on crates.io.
    pub checkout: Option<PathBuf>,
}

/// Files of a board's folder that a project needs, where they are there.
const BOARD_FILES: &[&str] = &["board.toml", "memory.x", "link.x"];

impl Project<'_> {
    /// Writes all files to this folder, which is empty.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir(folder.join("src"))?;
        fs::create_dir(folder.join(".cargo"))?;
        fs::write(folder.join("Cargo.toml"), self.manifest())?;
        fs::write(folder.join("build.rs"), self.build_script())?;
        fs::write(folder.join("src/main.rs"), self.program())?;
        fs::write(folder.join(".gitignore"), "/target\n")?;
        fs::write(folder.join(".cargo/config.toml"), self.configuration()?)?;
        fs::write(folder.join(self.model_file()), &self.network.bytes)?;
        if let Some(labels) = &self.network.labels {
            fs::write(folder.join("labels.txt"), labels)?;
        }
        for file in BOARD_FILES {
            let from = self.board.folder.join(file);
            if from.is_file() {
                fs::copy(from, folder.join(file))?;
            }
        }
        // The versions that smidge is tested with.
        let lock = self.checkout.as_ref().map(|checkout| checkout.join("targets/Cargo.lock"));
        if let Some(lock) = lock.filter(|lock| lock.is_file()) {
            fs::copy(lock, folder.join("Cargo.lock"))?;
        }
        Ok(())
    }

    /// Whether the board has a package with its start-up, lamp and counter.
    fn has_package(&self) -> bool {
        matches!(self.board.runner, Runner::Probe {} | Runner::Serial {})
    }

    fn model_file(&self) -> String {
        format!("model.{}", self.network.extension)
    }

    fn manifest(&self) -> String {
        let mut text = include_str!("template/Cargo.toml.in").replace("$name", self.name);
        let own = format!(
            "board = {{ package = {:?}, $source, default-features = false, features = \
             [\"prove-no-panic\"] }}\ndefmt = \"1\"\n",
            self.board.package
        );
        text = text.replace("$board\n", if self.has_package() { &own } else { "" });
        let folders = [
            ("smidge = ", "runtime"),
            ("smidge-board = ", "targets/common"),
            ("smidge-board-build = ", "targets/board-build"),
            ("smidge-build = ", "host-tools/build"),
            ("smidge-kernels = ", "runtime/kernels"),
        ];
        let lines = text.lines().map(|line| {
            let known = folders.iter().find(|(start, _)| line.starts_with(start));
            let own = || self.board.folder.file_name().map(|name| Path::new("targets").join(name));
            let place = known.map(|(_, folder)| PathBuf::from(folder)).or_else(own);
            line.replace("$source", &self.source(&place.unwrap_or_default())) + "\n"
        });
        lines.collect()
    }

    /// Where a package comes from.
    fn source(&self, folder: &Path) -> String {
        match &self.checkout {
            // A path in quotes, as TOML and Rust write it.
            Some(checkout) => format!("path = {:?}", checkout.join(folder)),
            None => format!("version = {:?}", env!("CARGO_PKG_VERSION")),
        }
    }

    fn build_script(&self) -> String {
        let labels = self.network.labels.as_ref().map(|_| "\n        .labels(\"labels.txt\")");
        include_str!("template/build.rs.in")
            .replace("$kind", if self.has_package() { "real_program" } else { "emulated" })
            .replace("$model", &self.model_file())
            .replace("$labels", labels.unwrap_or_default())
            .replace("$arena", &self.network.arena_budget.to_string())
            .replace("$flash", &self.network.flash_budget.to_string())
    }

    fn program(&self) -> String {
        let template = match self.has_package() {
            true => include_str!("template/board.rs.in"),
            false => include_str!("template/emulated.rs.in"),
        };
        let (show, print) = match (&self.network.labels, self.has_package()) {
            (Some(_), true) => ("label(class)", "{=str}"),
            (Some(_), false) => ("label(class)", "print"),
            (None, true) => ("class as u32", "class {=u32}"),
            (None, false) => ("class as u32", "print_u32"),
        };
        let label = match self.network.labels {
            Some(_) => include_str!("template/label.rs.in"),
            None => "",
        };
        template
            .replace("$title", &self.board.title)
            .replace("$fill", &self.network.fill())
            .replace("$output", self.network.output())
            .replace("$compare", self.network.comparison())
            .replace("$import", if print == "print_u32" { "print, print_u32" } else { "print" })
            .replace("$print", print)
            .replace("$show", show)
            + label
    }

    /// The board's configuration of cargo, but for the place of what is built.
    fn configuration(&self) -> io::Result<String> {
        let text = fs::read_to_string(self.board.folder.join(".cargo/config.toml"))?;
        let lines = text.lines().filter(|line| !line.starts_with("target-dir"));
        Ok(lines.map(|line| format!("{line}\n")).collect())
    }
}
