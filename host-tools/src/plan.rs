//! The arena plan: which tensors share memory.
//!
//! Every tensor lives from the step that writes it to the last that reads it. An operator that can
//! work in place gives its output the memory of an input that ends there. The groups so formed are
//! placed largest first, each into the smallest gap that fits between those it lives with (greedy by
//! size: Pisarchyk and Lee, *Efficient Memory Management for Deep Neural Net Inference*, 2020). The
//! same is tried in other orders and the smallest result kept.

use crate::lower::{Flow, Program, Step, Value, ValueId};
use smidge_format::limits::ALIGN;

/// Where a value is, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Byte offset in the arena.
    pub offset: usize,
    /// First step at which it has a value.
    pub first: usize,
    /// Last step at which it is needed; the number of steps for an output of the network.
    pub last: usize,
}

/// A planned arena.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// A place for every value that is not a constant.
    pub places: Vec<Option<Place>>,
    /// For each step, whether its output stands on one of its inputs.
    pub in_place: Vec<bool>,
    /// For each step, where its scratch memory is.
    pub scratch: Vec<usize>,
    /// Bytes at the arena's start that are kept between calls.
    pub state_len: usize,
    /// Bytes of the arena.
    pub arena_len: usize,
    /// Bytes that are alive at the busiest step: no plan with these tensors needs less.
    pub lower_bound: usize,
}

/// Tensors that stand at one place.
#[derive(Clone, Copy, Debug)]
struct Group {
    len: usize,
    first: usize,
    last: usize,
}

impl Group {
    fn lives_with(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Plans the memory of a program.
pub fn plan(program: &Program) -> Plan {
    let lives = lives(program);
    let (group_of, mut groups, in_place) = group(program, &lives);
    let tensors = groups.len();
    groups.extend(program.steps.iter().enumerate().map(|(at, step)| Group {
        len: step.scratch_len,
        first: at,
        last: at,
    }));
    let (states, state_len) = states(program);
    let (mut offsets, arena_len) = best_placement(&groups);
    offsets.iter_mut().for_each(|offset| *offset += state_len);
    let scratch = offsets.split_off(tensors);
    let place = |value: ValueId| {
        if let Some(offset) = states[value] {
            return Some(Place { offset, first: 0, last: 0 });
        }
        let (first, last) = lives[value]?;
        Some(Place { offset: offsets[group_of[value]?], first, last })
    };
    Plan {
        places: (0..program.values.len()).map(place).collect(),
        in_place,
        scratch,
        state_len,
        arena_len: state_len + arena_len,
        lower_bound: state_len + lower_bound(&groups, program.steps.len()),
    }
}

/// Where the values are that are kept between calls, one behind the other, and their bytes.
fn states(program: &Program) -> (Vec<Option<usize>>, usize) {
    let mut end = 0;
    let place = |value: &Value| {
        value.state?;
        let offset = end;
        end += value.len_bytes().next_multiple_of(ALIGN);
        Some(offset)
    };
    let places = program.values.iter().map(place).collect();
    (places, end)
}

/// Whether a value has a place in the arena that others may have before and after it.
fn is_temporary(value: &Value) -> bool {
    value.data.is_none() && value.state.is_none()
}

/// Lets what a repeated block reads from outside live until the block ends.
fn extend_over_loops(program: &Program, lives: &mut [Option<(usize, usize)>]) {
    let mut is_done = false;
    while !is_done {
        is_done = true;
        for (at, step) in program.steps.iter().enumerate() {
            let Some(Flow::Loop { steps, .. }) = step.flow else { continue };
            let condition = step.inputs.iter().flatten().next().copied();
            for (value, life) in lives.iter_mut().enumerate() {
                let Some((first, last)) = life else { continue };
                let crosses = *first <= at && (*last > at || Some(value) == condition);
                if crosses && *last < at + steps {
                    *last = at + steps;
                    is_done = false;
                }
            }
        }
    }
}

/// First and last step of every value that is not a constant and not kept between calls.
fn lives(program: &Program) -> Vec<Option<(usize, usize)>> {
    let mut lives: Vec<Option<(usize, usize)>> = vec![None; program.values.len()];
    for &input in &program.inputs {
        lives[input] = Some((0, 0));
    }
    for (at, step) in program.steps.iter().enumerate() {
        let values = step.inputs.iter().flatten().chain(&step.outputs);
        for &value in values.filter(|&&value| is_temporary(&program.values[value])) {
            let life = lives[value].get_or_insert((at, at));
            life.1 = at;
        }
    }
    for &output in &program.outputs {
        if let Some(life) = &mut lives[output] {
            life.1 = program.steps.len();
        }
    }
    extend_over_loops(program, &mut lives);
    lives
}

/// The input on whose memory a step's output may stand: one of the same size that ends here.
fn donor(
    program: &Program,
    step: &Step,
    at: usize,
    lives: &[Option<(usize, usize)>],
) -> Option<ValueId> {
    let op = smidge::ops::ALL.iter().find(|op| (op.code, op.variant) == (step.code, step.variant));
    let &[output] = step.outputs.as_slice() else { return None };
    // A value that several steps write has its place before.
    if !op?.in_place || lives[output].is_none_or(|(first, _)| first != at) {
        return None;
    }
    let len = program.values[output].len_bytes();
    step.inputs.iter().flatten().copied().find(|&input| {
        lives[input].is_some_and(|(_, last)| last == at) && program.values[input].len_bytes() == len
    })
}

type Groups = (Vec<Option<usize>>, Vec<Group>, Vec<bool>);

fn group(program: &Program, lives: &[Option<(usize, usize)>]) -> Groups {
    let mut group_of = vec![None; program.values.len()];
    let mut groups: Vec<Group> = Vec::new();
    let mut in_place = vec![false; program.steps.len()];
    let add = |value: ValueId, group_of: &mut Vec<Option<usize>>, groups: &mut Vec<Group>| {
        if let (None, Some((first, last))) = (group_of[value], lives[value]) {
            group_of[value] = Some(groups.len());
            groups.push(Group { len: program.values[value].len_bytes(), first, last });
        }
    };
    for &input in &program.inputs {
        add(input, &mut group_of, &mut groups);
    }
    for (at, step) in program.steps.iter().enumerate() {
        if let Some(group) = donor(program, step, at, lives).and_then(|input| group_of[input]) {
            let output = step.outputs[0];
            in_place[at] = true;
            group_of[output] = Some(group);
            groups[group].last = lives[output].map_or(at, |(_, last)| last);
            continue;
        }
        for &output in &step.outputs {
            add(output, &mut group_of, &mut groups);
        }
    }
    (group_of, groups, in_place)
}

/// The smallest of the arenas that several orders give.
fn best_placement(groups: &[Group]) -> (Vec<usize>, usize) {
    let by_size = |g: &Group| (usize::MAX - g.len, g.first);
    let by_life = |g: &Group| (usize::MAX - (g.last - g.first), usize::MAX - g.len);
    let by_area = |g: &Group| (usize::MAX - g.len.saturating_mul(g.last - g.first + 1), g.first);
    let by_start = |g: &Group| (g.first, usize::MAX - g.len);
    let sorted = |key: &dyn Fn(&Group) -> (usize, usize)| {
        let mut indices: Vec<usize> = (0..groups.len()).collect();
        indices.sort_by_key(|&i| key(&groups[i]));
        place(groups, &indices)
    };
    let placements = [sorted(&by_size), sorted(&by_life), sorted(&by_area), sorted(&by_start)];
    placements.into_iter().min_by_key(|(_, len)| *len).unwrap_or_default()
}

/// Places groups in the given order, each into the smallest gap that fits.
fn place(groups: &[Group], order: &[usize]) -> (Vec<usize>, usize) {
    let mut offsets = vec![0; groups.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut arena_len = 0;
    for &index in order {
        let group = &groups[index];
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|&&other| groups[other].lives_with(group))
            .map(|&other| (offsets[other], offsets[other] + size(&groups[other])))
            .collect();
        taken.sort_unstable();
        offsets[index] = gap(&taken, size(group));
        arena_len = arena_len.max(offsets[index] + size(group));
        placed.push(index);
    }
    (offsets, arena_len)
}

/// Start of the smallest gap of `len` bytes between the taken ranges, or the end of the last.
fn gap(taken: &[(usize, usize)], len: usize) -> usize {
    let mut best: Option<(usize, usize)> = None;
    let mut end = 0;
    for &(from, to) in taken {
        if from >= end + len && best.is_none_or(|(room, _)| from - end < room) {
            best = Some((from - end, end));
        }
        end = end.max(to);
    }
    best.map_or(end, |(_, start)| start)
}

fn size(group: &Group) -> usize {
    group.len.next_multiple_of(ALIGN)
}

fn lower_bound(groups: &[Group], steps: usize) -> usize {
    let alive = |at: usize| groups.iter().filter(move |g| (g.first..=g.last).contains(&at));
    (0..=steps).map(|at| alive(at).map(size).sum()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(list: &[(usize, usize, usize)]) -> Vec<Group> {
        list.iter().map(|&(len, first, last)| Group { len, first, last }).collect()
    }

    #[test]
    fn groups_that_live_together_never_share() {
        let list: Vec<_> =
            (0..60).map(|i| (16 * (1 + i * 7 % 23), i * 5 % 40, i * 5 % 40 + i % 9)).collect();
        let groups = groups(&list);
        let (offsets, len) = best_placement(&groups);
        for (a, left) in groups.iter().enumerate() {
            assert!(offsets[a] + left.len <= len && offsets[a].is_multiple_of(ALIGN));
            for (b, right) in groups.iter().enumerate().skip(a + 1) {
                let apart =
                    offsets[a] + left.len <= offsets[b] || offsets[b] + right.len <= offsets[a];
                assert!(apart || !left.lives_with(right), "{left:?} {right:?}");
            }
        }
        assert!(len >= lower_bound(&groups, 60));
    }

    #[test]
    fn a_chain_needs_its_two_largest_neighbours() {
        let groups = groups(&[(160, 0, 1), (320, 1, 2), (80, 2, 3), (320, 3, 4)]);
        let (_, len) = best_placement(&groups);
        assert_eq!(len, 480);
        assert_eq!(lower_bound(&groups, 4), 480);
    }

    #[test]
    fn the_smallest_gap_is_taken() {
        assert_eq!(gap(&[(0, 16), (64, 80), (96, 112)], 16), 80);
        assert_eq!(gap(&[(0, 16), (64, 80), (96, 112)], 32), 16);
        assert_eq!(gap(&[(0, 16), (64, 80), (96, 112)], 64), 112);
        assert_eq!(gap(&[], 64), 0);
    }
}
