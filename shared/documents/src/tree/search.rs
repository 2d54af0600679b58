//! Keeps the best readings of the lines so far side by side, and continues each with every way to read the next line.

mod found;
mod scan;

use super::amount::Table;
use super::group::Group;
use super::{ADDENDS_MAX, Class, Form, Found, Leaf, result};
use found::{Reading, Step};
use scan::{Match, Signs};
use std::collections::BTreeSet;

/// How improbable by chance one sum can count as, as a power of two. More digits do not make a reading better.
pub const BITS_MAX: i32 = 24;
/// How many readings are kept, and how many of a long statement.
const READINGS_MAX: usize = 16;
const READINGS_OF_LONG_MAX: usize = 5;
/// How many lines make a statement long.
const LONG: usize = 500;
/// How improbable by chance a sum must be whose label is that of an ordinary line.
const PLAIN_BITS: i32 = 10;
/// What it costs to count lines of an inner column that nothing in the outer column adds up.
const LOOSE_INNER: i32 = 8;

/// What the search reads.
pub struct Input<'a> {
    pub leaves: &'a [Leaf],
    pub table: &'a Table,
    pub groups: &'a [Vec<Group>],
    pub form: Form,
}

/// A line that nothing above has added up yet. Nodes form stacks that share their lower parts.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub below: Option<usize>,
    pub line: usize,
    /// First line of those that it stands for.
    pub first: usize,
    /// Sign of its printed amounts in a sum.
    pub sign: i8,
    /// Whether it is under a heading that says `Less`.
    pub soft: bool,
    pub is_item: bool,
    /// Whether it begins a run of lines in an inner column.
    starts_run: bool,
    hash: u64,
}

#[derive(Clone, Copy, Debug)]
struct State {
    score: i32,
    top: Option<usize>,
    step: Option<usize>,
    /// Whether a heading says that the lines below it are subtracted.
    less: bool,
}

/// Reads all lines, and returns the best reading and how many steps were tried.
pub fn run(input: &Input<'_>) -> (Vec<Found>, usize) {
    let mut search =
        Search { input, nodes: Vec::new(), steps: Vec::new(), agenda: vec![Vec::new(); input.leaves.len() + 1] };
    search.agenda[0].push(State { score: 0, top: None, step: None, less: false });
    let kept = if input.leaves.len() > LONG { READINGS_OF_LONG_MAX } else { READINGS_MAX };
    for at in 0..input.leaves.len() {
        for state in search.best(at, kept) {
            search.line(at, state);
        }
    }
    let best = search.best(input.leaves.len(), 1);
    (search.found(best.first()), search.steps.len())
}

pub struct Search<'a> {
    input: &'a Input<'a>,
    nodes: Vec<Node>,
    steps: Vec<Step>,
    agenda: Vec<Vec<State>>,
}

impl Search<'_> {
    fn best(&mut self, at: usize, count_max: usize) -> Vec<State> {
        let mut states = std::mem::take(&mut self.agenda[at]);
        states.sort_by_key(|s| std::cmp::Reverse(s.score));
        let mut seen: BTreeSet<(u64, bool)> = BTreeSet::new();
        states.retain(|s| seen.insert((s.top.map_or(0, |t| self.nodes[t].hash), s.less)));
        states.truncate(count_max);
        states
    }

    fn line(&mut self, at: usize, state: State) {
        match self.input.leaves[at].class {
            Class::Heading { remark: true, .. } => self.agenda[at + 1].push(state),
            Class::Heading { less, .. } => self.agenda[at + 1].push(State { less, ..state }),
            Class::Memo | Class::OfWhich => self.step(at, state, Reading::Memo, 0),
            Class::Plain => self.plain(at, state),
            Class::Ratio => {
                self.step(at, state, Reading::Memo, -4);
                self.plain(at, state);
            }
            Class::Unlabelled => {
                self.sums(at, state, false);
                self.item(at, state, if self.input.table.is_nil(at) { 0 } else { -10 });
            }
            Class::Sum { bare } => self.sum(at, state, bare),
            Class::Grand => self.grand(at, state),
            Class::Result { .. } => self.result(at, state),
            Class::Outer => self.outer(at, state),
        }
    }

    fn plain(&mut self, at: usize, state: State) {
        self.item(at, state, 0);
        for (number, group) in self.input.groups[at].iter().enumerate() {
            let top = self.push(at, at, state, true);
            let step = self.add_step(at, state, Reading::Group { at: number });
            let cost = self.run_cost(top);
            self.agenda[group.end].push(State {
                score: state.score + group.score - cost,
                top: Some(top),
                step,
                ..state
            });
        }
        self.sums(at, state, false);
    }

    fn item(&mut self, at: usize, state: State, gain: i32) {
        let top = self.push(at, at, state, true);
        let step = self.add_step(at, state, Reading::Item);
        let cost = self.run_cost(top);
        self.agenda[at + 1].push(State { score: state.score + gain - cost, top: Some(top), step, ..state });
    }

    /// A line called a sum.
    fn sum(&mut self, at: usize, state: State, bare: bool) {
        let matched = self.sums(at, state, false);
        let place = if matched { None } else { self.by_place(at, state, bare) };
        let has_parts = self.stack(state.top).next().is_some_and(|n| n.is_item);
        if let Some(place) = place {
            self.take(at, state, place);
        }
        self.item(at, state, if has_parts || bare { -18 } else { -2 });
    }

    /// The lines that a sum should add up by its place, whatever the amounts.
    fn by_place(&self, at: usize, state: State, bare: bool) -> Option<Match> {
        let leaves = self.input.leaves;
        let is_last =
            leaves[at + 1..].iter().all(|l| matches!(l.class, Class::Memo | Class::OfWhich) || l.is_heading());
        let named = leaves[at].names;
        let nodes: Vec<Node> = self.stack(state.top).take(ADDENDS_MAX).copied().collect();
        let items = nodes.iter().take_while(|n| n.is_item).count();
        let sums = nodes.iter().take_while(|n| !n.is_item).count();
        let count = match named {
            _ if bare && is_last => nodes.len(),
            Some(heading) => nodes.iter().take_while(|n| n.first > heading).count(),
            None if items > 0 => items,
            None if sums >= 2 => sums,
            None => 0,
        };
        let nodes = nodes.get(..count).filter(|n| !n.is_empty());
        let Some(nodes) = nodes else {
            // Its lines have been added up by a result in between.
            let nothing = Match { addends: vec![], first: at, below: state.top, gain: -12, soft: false, runs: 0 };
            return bare.then_some(nothing);
        };
        let mut sums = self.input.table.zero();
        nodes.iter().for_each(|n| sums.add(self.input.table.row(n.line), n.signed(Signs::Headings)));
        let near = self.input.table.is_near(at, &sums);
        let several = nodes.len() >= 2 && (named.is_some() || !self.input.form.is_income);
        let certain = bare || several;
        (near || certain).then(|| self.made(nodes, Signs::Headings, if near { -12 } else { -15 }))
    }

    /// Whether no amounts follow a line.
    fn is_last(&self, at: usize) -> bool {
        let after = &self.input.leaves[at + 1..];
        after.iter().all(|l| matches!(l.class, Class::Memo | Class::OfWhich) || l.is_heading())
    }

    /// The total of everything since the last one.
    fn grand(&mut self, at: usize, state: State) {
        if self.sums(at, state, true) {
            return;
        }
        let nodes: Vec<Node> = self.stack(state.top).take(ADDENDS_MAX).copied().collect();
        let place = self.made(&nodes, Signs::Headings, -16);
        self.take(at, state, place);
        self.sums(at, State { score: state.score - 10, ..state }, false);
    }

    fn result(&mut self, at: usize, state: State) {
        if self.input.form.two_sided {
            let top = self.push(at, at, state, false);
            let step = self.add_step(at, state, Reading::Sum { addends: vec![], first: at, whole: false });
            self.agenda[at + 1].push(State { top: Some(top), step, ..state });
            return;
        }
        let nodes: Vec<Node> = self.stack(state.top).take(ADDENDS_MAX).copied().collect();
        let solved = result::solve(self.input.leaves, self.input.table, at, &nodes);
        let first = nodes.last().map_or(at, |n| n.first);
        let (addends, gain) = solved.unwrap_or_default();
        let bottom = State { top: None, less: false, ..state };
        let top = self.push(at, at, bottom, false);
        let step = self.add_step(at, state, Reading::Sum { addends, first, whole: false });
        self.agenda[at + 1].push(State { score: state.score + gain, top: Some(top), step, less: false });
    }

    /// The outer amount of a row with two: the sum of the inner ones above it, or an amount in their place.
    fn outer(&mut self, at: usize, state: State) {
        if self.sums(at, state, false) {
            return;
        }
        let level = self.input.leaves[at].level;
        let inner: Vec<Node> =
            self.stack(state.top).take_while(|n| self.input.leaves[n.line].level > level).copied().collect();
        let made = self.made(&inner, Signs::Headings, 0);
        let mut sums = self.input.table.zero();
        made.addends.iter().for_each(|(line, sign)| sums.add(self.input.table.row(*line), *sign));
        let fit = self.input.table.fit(at, &sums, u32::try_from(inner.len()).unwrap_or(u32::MAX));
        // The lines may only not be printed for some period.
        let doubtful = fit.other > fit.missing || fit.same == 0;
        let mut lines: Vec<usize> = Vec::new();
        for node in &inner {
            lines.extend(node.first..=node.line);
        }
        let bottom =
            State { top: made.below.or(if inner.is_empty() { state.top } else { None }), less: false, ..state };
        let top = self.push(at, made.first.min(at), bottom, true);
        let step = self.add_step(at, state, Reading::Instead { lines, doubtful });
        let score = state.score - if doubtful { 12 } else { 0 } + made.runs * LOOSE_INNER - self.run_cost(top);
        self.agenda[at + 1].push(State { score, top: Some(top), step, less: false });
    }

    /// Continues with the sums of topmost nodes that equal the line; says whether there are any.
    fn sums(&mut self, at: usize, state: State, whole: bool) -> bool {
        let found = self.matches(at, state, whole);
        let any = !found.is_empty();
        for found in found {
            self.take(at, state, found);
        }
        any
    }

    /// Replaces the nodes of a sum with the sum.
    fn take(&mut self, at: usize, state: State, found: Match) {
        let leaf = &self.input.leaves[at];
        let whole = found.below.is_none();
        let ends_half = self.input.form.two_sided && whole && leaf.class == (Class::Sum { bare: true });
        let ends = leaf.class == Class::Grand || ends_half;
        let bottom = State { top: found.below, less: false, ..state };
        let mut score = state.score + found.gain + found.runs * LOOSE_INNER;
        let top = if ends {
            None
        } else {
            let top = self.push(at, found.first, State { less: found.soft, ..bottom }, false);
            score -= self.run_cost(top);
            Some(top)
        };
        let reading = Reading::Sum { addends: found.addends, first: found.first, whole };
        let step = self.add_step(at, state, reading);
        self.agenda[at + 1].push(State { score, top, step, less: false });
        if found.soft && !ends {
            self.agenda[at + 1].push(State { score: score - 2, top, step, less: true });
        }
    }

    fn stack(&self, top: Option<usize>) -> impl Iterator<Item = &Node> {
        std::iter::successors(top.and_then(|t| self.nodes.get(t)), |n| n.below.and_then(|b| self.nodes.get(b)))
    }

    fn push(&mut self, line: usize, first: usize, state: State, is_item: bool) -> usize {
        let leaf = &self.input.leaves[line];
        let below = state.top.map(|t| self.nodes[t]);
        let in_run = below.is_some_and(|n| self.input.leaves[n.line].level >= leaf.level && leaf.level > 0);
        let sign = if leaf.less && !self.input.table.is_negative(line) { -1 } else { 1 };
        let hash = below.map_or(0, |n| n.hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (u64::try_from(line).unwrap_or(0) + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9)
            ^ u64::from(state.less) << 1
            ^ u64::from(is_item);
        self.nodes.push(Node {
            below: state.top,
            line,
            first,
            sign,
            soft: state.less,
            is_item,
            starts_run: leaf.level > 0 && !in_run,
            hash,
        });
        self.nodes.len() - 1
    }

    fn run_cost(&self, node: usize) -> i32 {
        if self.nodes[node].starts_run { LOOSE_INNER } else { 0 }
    }

    fn add_step(&mut self, line: usize, state: State, reading: Reading) -> Option<usize> {
        self.steps.push(Step { before: state.step, line, reading });
        Some(self.steps.len() - 1)
    }

    fn step(&mut self, at: usize, state: State, reading: Reading, gain: i32) {
        let step = self.add_step(at, state, reading);
        self.agenda[at + 1].push(State { score: state.score + gain, step, ..state });
    }
}

impl Node {
    fn signed(&self, signs: Signs) -> i8 {
        if signs == Signs::Headings && self.soft { -self.sign } else { self.sign }
    }
}
