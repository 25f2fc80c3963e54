//! Where the instructions go: functions of the firmware, and the hottest of their instructions.

use smidge_runner::{Image, Site};
use std::collections::BTreeMap;

/// A function and what it executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its first address.
    pub address: u64,
    /// Its bytes.
    pub size: u64,
    /// Instructions that it executed.
    pub instructions: u64,
    /// Runs of neighbouring instructions that were executed equally often, most instructions first.
    pub runs: Vec<Run>,
}

/// Neighbouring instructions that were executed equally often: the body of a loop, mostly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// Number of instructions in it.
    pub length: u64,
    /// How often each was executed.
    pub times: u64,
}

impl Run {
    fn instructions(&self) -> u64 {
        self.length * self.times
    }
}

/// The `count` functions that executed most instructions.
pub fn functions(image: &Image, profile: &[Site], count: usize) -> Vec<Function> {
    let mut executed: BTreeMap<u64, (u64, u8)> = BTreeMap::new();
    for site in profile {
        executed.entry(site.address).or_insert((0, site.len)).0 += site.executed;
    }
    let mut functions: BTreeMap<u64, Function> = BTreeMap::new();
    for (&address, &(times, len)) in &executed {
        let symbol = image.symbol(address);
        let start = symbol.map_or(address & !0xFFF, |symbol| symbol.address);
        let function = functions.entry(start).or_insert_with(|| Function {
            name: symbol.map_or_else(|| "(no symbol)".into(), |symbol| symbol.name.clone()),
            address: start,
            size: symbol.map_or(0, |symbol| symbol.size),
            instructions: 0,
            runs: Vec::new(),
        });
        function.instructions += times;
        let end = address + u64::from(len);
        match function.runs.last_mut() {
            Some(run) if run.end == address && run.times == times => {
                (run.end, run.length) = (end, run.length + 1);
            }
            _ => function.runs.push(Run { start: address, end, length: 1, times }),
        }
    }
    let mut functions: Vec<_> = functions.into_values().collect();
    for function in &mut functions {
        function.runs.sort_by_key(|run| (std::cmp::Reverse(run.instructions()), run.start));
    }
    functions.sort_by_key(|function| (std::cmp::Reverse(function.instructions), function.address));
    functions.truncate(count);
    functions
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_runner::Symbol;

    #[test]
    fn instructions_belong_to_functions_and_loops() {
        let symbol = |name: &str, address| Symbol { name: name.into(), address, size: 16 };
        let symbols = vec![symbol("cold", 0), symbol("hot", 16)];
        let image = Image { symbols, ..Image::default() };
        let site = |step, address, executed| Site {
            step,
            address,
            code: [0; 4],
            len: 2,
            executed,
            taken: 0,
        };
        let profile =
            [site(0, 0, 3), site(0, 16, 1), site(0, 18, 50), site(0, 20, 50), site(1, 0, 4)];
        let functions = functions(&image, &profile, 2);
        assert_eq!((functions[0].name.as_str(), functions[0].instructions), ("hot", 101));
        assert_eq!(functions[0].runs[0], Run { start: 18, end: 22, length: 2, times: 50 });
        assert_eq!((functions[1].name.as_str(), functions[1].instructions), ("cold", 7));
    }
}
