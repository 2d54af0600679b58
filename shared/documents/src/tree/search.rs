//! Keeps the best readings of the lines so far side by side, and continues each with every way to read the next line.

use super::amount::{Sums, Table};
use super::group::Group;
use super::{ADDENDS_MAX, Class, Form, Found, Leaf, Part, result};
use std::collections::BTreeMap;

/// How improbable by chance one sum can count as, as a power of two. More digits do not make a reading better.
pub const BITS_MAX: i32 = 24;
/// How many readings are kept, and how many of a long statement.
const READINGS_MAX: usize = 16;
const READINGS_OF_LONG_MAX: usize = 5;
/// How many lines make a statement long.
const LONG: usize = 500;
/// How improbable by chance a sum must be whose label is that of an ordinary line.
const PLAIN_BITS: i32 = 10;
/// How many lines such a sum may have.
const PLAIN_ADDENDS_MAX: usize = 60;
/// How many lines are tried as one less the others.
const NET_MAX: usize = 4;
/// How many lines that are often deducted are turned round, one at a time.
const CONTRA_MAX: usize = 3;
/// What it costs to subtract a line that no label or heading says is subtracted.
const UNSAID: i32 = 3;
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

/// How one line was read.
#[derive(Clone, Debug)]
enum Reading {
    Item,
    Memo,
    Sum {
        addends: Vec<(usize, i8)>,
        first: usize,
        whole: bool,
    },
    /// Counts in place of lines that do not add up to it.
    Instead {
        lines: Vec<usize>,
    },
    Group {
        at: usize,
    },
}

struct Step {
    before: Option<usize>,
    line: usize,
    reading: Reading,
}

#[derive(Clone, Copy, Debug)]
struct State {
    score: i32,
    top: Option<usize>,
    step: Option<usize>,
    /// Whether a heading says that the lines below it are subtracted.
    less: bool,
}

/// Reads all lines, and returns the best reading.
pub fn run(input: &Input<'_>) -> Vec<Found> {
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
    search.found(best.first())
}

pub struct Search<'a> {
    input: &'a Input<'a>,
    nodes: Vec<Node>,
    steps: Vec<Step>,
    agenda: Vec<Vec<State>>,
}

/// A sum of the topmost nodes that equals a line, or that stands above it by its place.
#[derive(Clone, Debug)]
struct Match {
    addends: Vec<(usize, i8)>,
    first: usize,
    below: Option<usize>,
    gain: i32,
    soft: bool,
    /// Runs of inner lines that it takes up.
    runs: i32,
}

/// How the nodes of a sum are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signs {
    /// As the labels and the headings say.
    Headings,
    /// As the labels say.
    Labels,
    /// As the labels say, but one line turned round.
    Turned(usize),
    /// The first one less the others.
    Net,
}

impl Search<'_> {
    fn best(&mut self, at: usize, count_max: usize) -> Vec<State> {
        let mut states = std::mem::take(&mut self.agenda[at]);
        states.sort_by_key(|s| std::cmp::Reverse(s.score));
        let mut seen: BTreeMap<(u64, bool), ()> = BTreeMap::new();
        states.retain(|s| seen.insert((s.top.map_or(0, |t| self.nodes[t].hash), s.less), ()).is_none());
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
            let top = self.push(at, at, state, true, 0);
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
        let top = self.push(at, at, state, true, 0);
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
            let top = self.push(at, at, state, false, 0);
            let step = self.add_step(at, state, Reading::Sum { addends: vec![], first: at, whole: false });
            self.agenda[at + 1].push(State { top: Some(top), step, ..state });
            return;
        }
        let nodes: Vec<Node> = self.stack(state.top).take(ADDENDS_MAX).copied().collect();
        let solved = result::solve(self.input.leaves, self.input.table, at, &nodes);
        let first = nodes.last().map_or(at, |n| n.first);
        let (addends, gain) = solved.unwrap_or_default();
        let bottom = State { top: None, less: false, ..state };
        let top = self.push(at, at, bottom, false, 0);
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
        let mut lines: Vec<usize> = Vec::new();
        for node in &inner {
            lines.extend(node.first..=node.line);
        }
        let bottom =
            State { top: made.below.or(if inner.is_empty() { state.top } else { None }), less: false, ..state };
        let top = self.push(at, made.first.min(at), bottom, true, 0);
        let step = self.add_step(at, state, Reading::Instead { lines });
        let score = state.score - 12 + made.runs * LOOSE_INNER - self.run_cost(top);
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
            let top = self.push(at, found.first, State { less: found.soft, ..bottom }, false, 0);
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

    fn matches(&self, at: usize, state: State, whole: bool) -> Vec<Match> {
        let mut scan = Scan::new(self, at, whole);
        let leaf = &self.input.leaves[at];
        let limit = if matches!(leaf.class, Class::Plain | Class::Ratio) { PLAIN_ADDENDS_MAX } else { ADDENDS_MAX };
        for (before, node) in self.stack(state.top).take(limit).enumerate() {
            if leaf.class == Class::Outer && self.input.leaves[node.line].level <= leaf.level {
                break;
            }
            scan.add(node, before + 1);
        }
        let mut best: Vec<(i32, usize, Signs)> = scan.found;
        if best.is_empty() {
            return Vec::new();
        }
        best.sort_by_key(|(gain, count, _)| (std::cmp::Reverse(*gain), std::cmp::Reverse(*count)));
        best.truncate(2);
        let nodes: Vec<Node> = self.stack(state.top).take(limit).copied().collect();
        best.into_iter().filter_map(|(gain, count, signs)| Some(self.made(nodes.get(..count)?, signs, gain))).collect()
    }

    /// The sum of these nodes, topmost first.
    fn made(&self, nodes: &[Node], signs: Signs, gain: i32) -> Match {
        let bottom = nodes.len().wrapping_sub(1);
        let sign = |(at, node): (usize, &Node)| match signs {
            Signs::Net if at != bottom => -1,
            Signs::Net => 1,
            Signs::Turned(line) if line == node.line => -node.sign,
            _ => node.signed(signs),
        };
        let mut addends: Vec<(usize, i8)> = nodes.iter().enumerate().map(|(at, n)| (n.line, sign((at, n)))).collect();
        let all_soft = !nodes.is_empty() && nodes.iter().all(|n| n.soft);
        if all_soft && signs == Signs::Headings {
            addends = nodes.iter().map(|n| (n.line, n.sign)).collect();
        }
        addends.reverse();
        Match {
            addends,
            first: nodes.last().map_or(usize::MAX, |n| n.first),
            below: nodes.last().and_then(|n| n.below),
            gain,
            soft: all_soft,
            runs: i32::try_from(nodes.iter().filter(|n| n.starts_run).count()).unwrap_or(0),
        }
    }

    fn stack(&self, top: Option<usize>) -> impl Iterator<Item = &Node> {
        std::iter::successors(top.and_then(|t| self.nodes.get(t)), |n| n.below.and_then(|b| self.nodes.get(b)))
    }

    fn push(&mut self, line: usize, first: usize, state: State, is_item: bool, _level: u8) -> usize {
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

    /// What each line is in a reading.
    fn found(&self, state: Option<&State>) -> Vec<Found> {
        let mut found: Vec<Found> = self.input.leaves.iter().map(|_| Found::new(Part::Item)).collect();
        let mut step = state.and_then(|s| s.step);
        let mut steps = Vec::new();
        while let Some(at) = step {
            steps.push(at);
            step = self.steps[at].before;
        }
        for step in steps.into_iter().rev().map(|at| &self.steps[at]) {
            match &step.reading {
                Reading::Item => {}
                Reading::Memo => found[step.line].part = Part::Memo,
                Reading::Sum { addends, first, whole } => {
                    let own = &mut found[step.line];
                    own.part = Part::Sum;
                    own.from = Some(*first).filter(|f| *f != usize::MAX);
                    own.addends.clone_from(addends);
                    own.whole = *whole;
                }
                Reading::Instead { lines } => {
                    for line in lines {
                        found[*line].part = Part::Memo;
                        found[*line].group = Some(step.line);
                    }
                    found[step.line].doubtful = true;
                    found[step.line].from = lines.iter().min().copied();
                }
                Reading::Group { at } => self.group(step.line, *at, &mut found),
            }
        }
        found
    }

    fn group(&self, parent: usize, number: usize, found: &mut [Found]) {
        let Some(group) = self.input.groups[parent].get(number) else { return };
        for line in parent + 1..group.end {
            found[line].group = Some(parent);
        }
        if group.broken {
            for line in parent + 1..group.end {
                if !self.input.leaves[line].is_heading() {
                    found[line].part = Part::Memo;
                }
            }
            found[parent].doubtful = true;
            return;
        }
        for line in parent + 1..group.end {
            if matches!(self.input.leaves[line].class, Class::Memo) {
                found[line].part = Part::Memo;
            }
        }
        found[parent].part = Part::Sum;
        found[parent].addends = group.children.iter().map(|c| (c.line, c.sign)).collect();
        for (line, addends) in &group.sums {
            found[*line].part = Part::Sum;
            found[*line].addends.clone_from(addends);
        }
        for child in group.children.iter().filter(|c| c.nested) {
            self.group(child.line, 0, found);
        }
    }
}

impl Node {
    fn signed(&self, signs: Signs) -> i8 {
        if signs == Signs::Headings && self.soft { -self.sign } else { self.sign }
    }
}

/// Adds the nodes up one by one and compares.
struct Scan<'a> {
    input: &'a Input<'a>,
    at: usize,
    whole: bool,
    headings: Sums,
    labels: Sums,
    plain: Sums,
    /// Whether no amounts follow the line.
    is_last: bool,
    /// Whether the nodes so far are all there are.
    is_whole: bool,
    /// Whether their amounts are in columns further in than the line's.
    all_inner: bool,
    all_soft: bool,
    any_soft: bool,
    contra: Vec<(usize, i8)>,
    found: Vec<(i32, usize, Signs)>,
}

impl<'a> Scan<'a> {
    fn new(search: &Search<'a>, at: usize, whole: bool) -> Self {
        let zero = || search.input.table.zero();
        Self {
            input: search.input,
            at,
            whole,
            is_last: search.is_last(at),
            is_whole: false,
            headings: zero(),
            labels: zero(),
            plain: zero(),
            all_inner: true,
            all_soft: true,
            any_soft: false,
            contra: Vec::new(),
            found: Vec::new(),
        }
    }

    fn add(&mut self, node: &Node, count: usize) {
        let row = self.input.table.row(node.line);
        let net = (2..=NET_MAX).contains(&count).then(|| self.plain.negated());
        self.headings.add(row, node.signed(Signs::Headings));
        self.labels.add(row, node.sign);
        if count <= NET_MAX {
            self.plain.add(row, 1);
        }
        self.all_inner &= self.input.leaves[node.line].level > self.input.leaves[self.at].level;
        self.all_soft &= node.soft;
        self.any_soft |= node.soft;
        if self.input.leaves[node.line].contra && node.sign == 1 && self.contra.len() < CONTRA_MAX {
            self.contra.push((node.line, node.sign));
        }
        if self.whole && node.below.is_some() {
            return;
        }
        self.is_whole = node.below.is_none();
        let bounded = self.is_whole || self.bounded(node);
        let mixed = self.any_soft && !self.all_soft;
        let mut gains =
            vec![(self.gain(&self.labels, count, bounded).map(|g| g - if mixed { 4 } else { 0 }), Signs::Labels)];
        if mixed {
            gains.push((self.gain(&self.headings, count, bounded), Signs::Headings));
        }
        for (line, sign) in &self.contra {
            let turned = self.labels.turned(self.input.table.row(*line), -2 * i128::from(*sign));
            gains.push((self.gain(&turned, count, bounded).map(|g| g - UNSAID), Signs::Turned(*line)));
        }
        if let Some(mut net) = net {
            net.add(row, 1);
            net.filled = self.plain.filled;
            gains.push((self.gain(&net, count, bounded).map(|g| g - UNSAID), Signs::Net));
        }
        self.found.extend(gains.into_iter().filter_map(|(gain, signs)| Some((gain?, count, signs))));
    }

    /// Whether a sum that begins with this node begins where a heading or another sum ends.
    fn bounded(&self, node: &Node) -> bool {
        node.first == 0 || self.input.leaves[node.first - 1].class != Class::Plain
    }

    /// How much better a sum makes the reading; `None` if the line is not that sum.
    fn gain(&self, sums: &Sums, count: usize, bounded: bool) -> Option<i32> {
        let addends = u32::try_from(count).unwrap_or(u32::MAX);
        let fit = self.input.table.fit(self.at, sums, addends);
        let ends = bounded && self.is_last && sums.filled >= 2 && self.is_whole;
        let leaf = &self.input.leaves[self.at];
        if fit.same == 0 {
            // A total of nothing is a total of lines that are all nil.
            let nil = fit.other == 0 && self.input.table.is_nil(self.at) && sums.is_nil();
            return (nil && bounded && matches!(leaf.class, Class::Sum { .. } | Class::Grand | Class::Outer))
                .then_some(0);
        }
        let tries = i32::try_from((count + 1).ilog2()).unwrap_or(0);
        let bits = fit.bits.min(BITS_MAX) - tries;
        let other = i32::try_from(fit.other).unwrap_or(0);
        let place = if bounded { 2 } else { -2 };
        let (sound, prior) = match leaf.class {
            Class::Plain | Class::Ratio => {
                let numbered = leaf.number.is_some_and(|(_, n)| n > 1);
                let exact = other == 0 && (sums.filled >= 2 || count == 1);
                // A scan may have spoilt some of the amounts of a sum, or the label of the last total.
                let misread = bounded && fit.same >= 2 && fit.same >= fit.other && fit.bits - tries >= 2 * PLAIN_BITS
                    || ends && fit.bits - tries >= PLAIN_BITS + 4;
                let sound = (exact || misread) && fit.bits - tries >= PLAIN_BITS;
                let prior = match (ends, count, numbered) {
                    // A heading that the amounts of the sum above it slipped onto.
                    (_, 1, _) => -30,
                    (true, ..) => -4,
                    (_, _, true) => -18,
                    _ => -12,
                };
                (sound, prior)
            }
            // An amount without a label below those of an inner column is their total.
            Class::Unlabelled if self.all_inner => (other == 0 || bits >= 6, 6),
            Class::Unlabelled => (other == 0 && (bits >= 2 || bounded) || bits >= 8, 0),
            Class::Grand => (other == 0 || bits >= 6, 8),
            Class::Outer => (other == 0 || bits >= 6, 6),
            _ => (other == 0 || bits >= 6, 4),
        };
        sound.then_some(bits + prior + place - 8 * other)
    }
}
