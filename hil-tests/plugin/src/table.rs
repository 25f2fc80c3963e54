//! The instructions that were translated, and how often each was executed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters in one piece of memory, so that reading all of them is quick.
const CHUNK: usize = 1024;

/// An instruction: where it is and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// Its address.
    pub address: u64,
    /// Its bytes in the order of memory, then zeros.
    pub code: [u8; 4],
    /// How many of them it has.
    pub len: u8,
}

/// What translated code adds to.
#[derive(Default)]
pub struct Counters {
    /// Executions.
    pub executed: AtomicU64,
    /// Executions after which something else than the next instruction was executed.
    pub taken: AtomicU64,
}

/// Every instruction that was translated, each once however often QEMU translates it.
#[derive(Default)]
pub struct Table {
    index: HashMap<Site, usize>,
    sites: Vec<Site>,
    /// They live as long as the process: translated code has their addresses.
    chunks: Vec<&'static [Counters]>,
}

impl Table {
    /// The counters of an instruction.
    pub fn counters(&mut self, site: Site) -> &'static Counters {
        let at = *self.index.entry(site).or_insert(self.sites.len());
        if at == self.sites.len() {
            self.sites.push(site);
        }
        if at / CHUNK == self.chunks.len() {
            let chunk: Box<[Counters]> = (0..CHUNK).map(|_| Counters::default()).collect();
            self.chunks.push(Box::leak(chunk));
        }
        &self.chunks[at / CHUNK][at % CHUNK]
    }

    /// Every instruction with its executions and its taken branches.
    pub fn read(&self) -> impl Iterator<Item = (Site, u64, u64)> + '_ {
        let counters = self.chunks.iter().flat_map(|chunk| chunk.iter());
        self.sites.iter().zip(counters).map(|(&site, counters)| {
            let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            (site, load(&counters.executed), load(&counters.taken))
        })
    }

    /// Instructions executed so far.
    pub fn executed(&self) -> u64 {
        self.read().map(|(_, executed, _)| executed).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(address: u64) -> Site {
        Site { address, code: [0, 0xBF, 0, 0], len: 2 }
    }

    #[test]
    fn an_instruction_that_is_translated_again_keeps_its_counters() {
        let mut table = Table::default();
        for address in 0..3000 {
            table.counters(site(address)).executed.fetch_add(address, Ordering::Relaxed);
        }
        table.counters(site(7)).executed.fetch_add(1000, Ordering::Relaxed);
        table.counters(site(7)).taken.fetch_add(5, Ordering::Relaxed);
        let read: Vec<_> = table.read().collect();
        assert_eq!(read.len(), 3000);
        assert_eq!(read[7], (site(7), 1007, 5));
        assert_eq!(read[2999], (site(2999), 2999, 0));
        assert_eq!(table.executed(), 1000 + 3000 * 2999 / 2);
    }
}
