//! Whether a firmware keeps to what its board allows.

use std::fmt;

use crate::{Board, Sizes};

/// Something of which there is too much, or too little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// What: `flash`, `RAM`, `arena` or `stack`.
    pub what: &'static str,
    /// Bytes that there are.
    pub bytes: u64,
    /// Bytes that there may be; of stack, bytes that there must be.
    pub limit: u64,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, bytes, limit } = self;
        let by = bytes.abs_diff(*limit);
        let word = if bytes > limit { "more than the budget of" } else { "less than the needed" };
        write!(f, "{what}: {bytes} bytes, {by} {word} {limit}")
    }
}

impl Board {
    /// Where a firmware of these sizes is beyond the board's budget; nothing where it has none.
    pub fn excesses(&self, sizes: &Sizes) -> Vec<Excess> {
        let Some(budget) = self.budget else { return Vec::new() };
        let all = [
            ("flash", sizes.flash(), budget.flash_bytes, sizes.flash() > budget.flash_bytes),
            ("RAM", sizes.ram(), budget.ram_bytes, sizes.ram() > budget.ram_bytes),
            ("arena", sizes.arena, self.arena_bytes, sizes.arena > self.arena_bytes),
            ("stack", sizes.stack, budget.stack_bytes, sizes.stack < budget.stack_bytes),
        ];
        let beyond = all.into_iter().filter(|(.., beyond)| *beyond);
        beyond.map(|(what, bytes, limit, _)| Excess { what, bytes, limit }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn what_is_beyond_the_budget_is_named_with_by_how_much() {
        let mut board = Board::find("qemu-m0").unwrap();
        let budget = Budget { flash_bytes: 1000, ram_bytes: 100, stack_bytes: 50 };
        (board.budget, board.arena_bytes) = (Some(budget), 16);
        let text = |sizes: &Sizes| {
            let all = board.excesses(sizes).into_iter();
            all.map(|excess| excess.to_string()).collect::<Vec<_>>()
        };
        let fits = Sizes { text: 900, data: 100, arena: 16, stack: 50, ..Sizes::default() };
        assert!(text(&fits).is_empty());
        let beyond = Sizes { rodata: 7, bss: 1, arena: 32, stack: 40, ..fits };
        let expected = [
            "flash: 1007 bytes, 7 more than the budget of 1000",
            "RAM: 101 bytes, 1 more than the budget of 100",
            "arena: 32 bytes, 16 more than the budget of 16",
            "stack: 40 bytes, 10 less than the needed 50",
        ];
        assert_eq!(text(&beyond), expected);
    }
}
