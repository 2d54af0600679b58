//! Compares a line with the sums of the lines above it.

use super::super::amount::Sums;
use super::super::{ADDENDS_MAX, Class};
use super::{BITS_MAX, Input, Node, PLAIN_BITS, Search, State};

/// How many lines a sum may have whose label is that of an ordinary line.
const PLAIN_ADDENDS_MAX: usize = 60;
/// How many lines are tried as one less the others.
const NET_MAX: usize = 4;
/// How many lines that are often deducted are turned round, one at a time.
const CONTRA_MAX: usize = 3;
/// What it costs to subtract a line that no label or heading says is subtracted.
const UNSAID: i32 = 3;

/// A sum of the topmost nodes that equals a line, or that stands above it by its place.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub addends: Vec<(usize, i8)>,
    pub first: usize,
    pub below: Option<usize>,
    pub gain: i32,
    pub soft: bool,
    /// Runs of inner lines that it takes up.
    pub runs: i32,
}

/// How the nodes of a sum are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signs {
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
    pub(super) fn matches(&self, at: usize, state: State, whole: bool) -> Vec<Match> {
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
    pub(super) fn made(&self, nodes: &[Node], signs: Signs, gain: i32) -> Match {
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
    none_bold: bool,
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
            none_bold: true,
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
        self.none_bold &= !self.input.leaves[node.line].bold;
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
                    _ if leaf.bold && self.none_bold => -6,
                    (_, _, true) => -18,
                    _ => -12,
                };
                (sound, prior)
            }
            // An amount without a label below those of an inner column is their total.
            Class::Unlabelled if self.all_inner => (other == 0 || bits >= 6, 6),
            Class::Unlabelled => (other == 0 && (bits >= 2 || bounded) || bits >= 8, 0),
            Class::Grand => (other == 0 || bits >= 6, 8),
            Class::Outer => (fit.missing == 0 && (other == 0 || bits >= 6), 6),
            _ => (other == 0 || bits >= 6, 4),
        };
        sound.then_some(bits + prior + place - 8 * other)
    }
}
