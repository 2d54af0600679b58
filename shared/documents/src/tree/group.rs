//! Sums printed above their lines: a group with its total, then its break-up.
//!
//! Groups are found from the bottom of the statement upwards, so that the groups inside a group are known when it is read.

use super::amount::{Fit, Sums, Table};
use super::{ADDENDS_MAX, Class, Leaf};

/// How many lines a group without any sign of one (its own column, indentation, numbering) may have.
const FLAT_MAX: usize = 60;
/// How improbable by chance the amounts of a group must be, as a power of two, if nothing else shows it.
const FLAT_BITS: i32 = 14;
/// The same for a group whose lines are indented or in a column of their own.
const DEEP_BITS: i32 = 3;

/// How many groups that may begin at one line are kept.
const GROUPS_MAX: usize = 2;

/// One line of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    pub line: usize,
    pub sign: i8,
    /// Whether it is a group itself, the first one found at its line.
    pub nested: bool,
}

/// A line and those below it that break it up.
#[derive(Clone, Debug)]
pub struct Group {
    /// The first line after it.
    pub end: usize,
    /// Its lines; the lines of the groups among them belong to those.
    pub children: Vec<Child>,
    /// Sums printed among its lines, with the lines that they add up.
    pub sums: Vec<(usize, Vec<(usize, i8)>)>,
    /// How good this reading is.
    pub score: i32,
    /// Whether the lines do not add up, so that the group counts and its lines do not.
    pub broken: bool,
    /// Whether amounts of the lines contradict it; otherwise they are only not printed for some period.
    pub doubtful: bool,
}

/// How the lines of a group show that they are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Their amounts are in a column further in.
    Column,
    /// They are indented, numbered in another way, or say `of which`.
    Indent,
    /// The group is bold and they are not.
    Weight,
    /// Not at all.
    Flat,
}

/// The groups that may begin at each line, best first.
pub fn find(leaves: &[Leaf], table: &Table) -> Vec<Vec<Group>> {
    let mut groups: Vec<Vec<Group>> = vec![Vec::new(); leaves.len()];
    for parent in (0..leaves.len()).rev() {
        let leaf = &leaves[parent];
        if !matches!(leaf.class, Class::Plain | Class::Ratio) || table.is_nil(parent) {
            continue;
        }
        let mut found = Walk::new(leaves, table, &groups, parent, true).run();
        if !found.iter().any(|g| !g.broken) {
            let flat = Walk::new(leaves, table, &groups, parent, false).run();
            found.extend(flat.into_iter().filter(|g| !g.broken));
        }
        found.sort_by_key(|g| std::cmp::Reverse(g.score));
        found.truncate(GROUPS_MAX);
        groups[parent] = found;
    }
    groups
}

struct Walk<'a> {
    leaves: &'a [Leaf],
    table: &'a Table,
    groups: &'a [Vec<Group>],
    parent: usize,
    /// Whether the groups inside are read as such.
    nests: bool,
    sums: Sums,
    /// The same with lines that are often deducted turned round, if there are any.
    turned: Option<Sums>,
    children: Vec<Child>,
    inner_sums: Vec<(usize, Vec<(usize, i8)>)>,
    by_column: bool,
    by_indent: bool,
    by_weight: bool,
}

impl<'a> Walk<'a> {
    fn new(leaves: &'a [Leaf], table: &'a Table, groups: &'a [Vec<Group>], parent: usize, nests: bool) -> Self {
        Self {
            leaves,
            table,
            groups,
            parent,
            nests,
            sums: table.zero(),
            turned: None,
            children: Vec::new(),
            inner_sums: Vec::new(),
            by_column: true,
            by_indent: true,
            by_weight: leaves[parent].bold,
        }
    }

    fn run(mut self) -> Vec<Group> {
        let mut found = Vec::new();
        let mut at = self.parent + 1;
        while at < self.leaves.len() && self.children.len() < ADDENDS_MAX {
            let leaf = &self.leaves[at];
            let next = match leaf.class {
                Class::Heading { remark, .. } => {
                    if remark || leaf.indent > self.leaves[self.parent].indent {
                        at += 1;
                        continue;
                    }
                    break;
                }
                Class::Memo => at + 1,
                Class::Grand | Class::Result { .. } => break,
                Class::Unlabelled | Class::Sum { .. } | Class::Outer => match self.inner_sum(at) {
                    Some(addends) => {
                        self.inner_sums.push((at, addends));
                        at + 1
                    }
                    None => break,
                },
                Class::Plain | Class::Ratio | Class::OfWhich => self.child(at),
            };
            at = next;
            let depth = self.depth();
            if depth == Depth::Flat && self.children.len() > FLAT_MAX {
                break;
            }
            let ends = self.ends(at, depth);
            if let Some(group) = self.matched(at, depth, ends) {
                found.push(group);
                if ends || (depth == Depth::Flat && found.len() >= GROUPS_MAX) {
                    return found;
                }
            }
            if ends && matches!(depth, Depth::Column | Depth::Indent) {
                found.extend(self.broken(at, depth));
                if depth == Depth::Column {
                    return found;
                }
            }
        }
        found
    }

    /// Adds a child, and returns the line after it.
    fn child(&mut self, at: usize) -> usize {
        let leaf = &self.leaves[at];
        let own = &self.leaves[self.parent];
        let inner = self.groups[at].first().filter(|g| self.nests && !g.broken && g.score > 0);
        let sign = if leaf.less && !self.table.is_negative(at) { -1 } else { 1 };
        self.by_column &= leaf.level > own.level;
        self.by_indent &= leaf.indent > own.indent
            || leaf.class == Class::OfWhich
            || leaf.number.is_some() && leaf.number.map(|n| n.0) != own.number.map(|n| n.0);
        self.by_weight &= !leaf.bold;
        self.sums.add(self.table.row(at), sign);
        let turns = leaf.contra && sign == 1;
        match &mut self.turned {
            Some(turned) => turned.add(self.table.row(at), if turns { -1 } else { sign }),
            None if turns => self.turned = Some(self.sums.turned(self.table.row(at), -2)),
            None => {}
        }
        self.children.push(Child { line: at, sign, nested: inner.is_some() });
        inner.map_or(at + 1, |g| g.end)
    }

    /// The lines that a sum printed inside the group adds up: all so far, or the last ones in columns further in.
    fn inner_sum(&self, at: usize) -> Option<Vec<(usize, i8)>> {
        let level = self.leaves[at].level;
        let mut sums = self.table.zero();
        let mut best = None;
        for (count, child) in self.children.iter().rev().enumerate() {
            let deeper = self.leaves[child.line].level > level;
            if !deeper && self.leaves[at].class == Class::Outer {
                break;
            }
            sums.add(self.table.row(child.line), child.sign);
            let count = u32::try_from(count + 1).unwrap_or(u32::MAX);
            let fit = self.table.fit(at, &sums, count);
            if fit.other == 0 && fit.same > 0 {
                best = Some(count);
            }
        }
        let count = usize::try_from(best?).ok()?;
        // A sum of only some of the lines is one in a column of its own, or comes before lines that are added to it.
        let whole = count == self.children.len();
        let level_of_all = self.leaves[self.parent].level;
        (whole || level > level_of_all && self.leaves[at].class == Class::Outer)
            .then(|| self.children[self.children.len() - count..].iter().map(|c| (c.line, c.sign)).collect())
    }

    fn depth(&self) -> Depth {
        match (self.by_column, self.by_indent, self.by_weight) {
            _ if self.children.is_empty() => Depth::Flat,
            (true, _, _) => Depth::Column,
            (false, true, _) => Depth::Indent,
            (false, false, true) => Depth::Weight,
            (false, false, false) => Depth::Flat,
        }
    }

    /// Whether the lines that are so deep end before a line.
    fn ends(&self, at: usize, depth: Depth) -> bool {
        let own = &self.leaves[self.parent];
        let next =
            self.leaves[at..].iter().find(|l| !matches!(l.class, Class::Memo | Class::Heading { remark: true, .. }));
        let Some(next) = next else { return true };
        match depth {
            Depth::Flat => false,
            Depth::Weight => next.is_heading() || next.bold,
            Depth::Column => next.is_heading() || next.level <= own.level,
            Depth::Indent => {
                let numbered = next.number.is_some() && next.number.map(|n| n.0) == own.number.map(|n| n.0);
                next.indent <= own.indent && (numbered || next.number.is_none() || next.is_heading())
            }
        }
    }

    fn matched(&self, end: usize, depth: Depth, ends: bool) -> Option<Group> {
        let count = u32::try_from(self.children.len()).unwrap_or(u32::MAX);
        let (fit, is_turned) = self.fit(count);
        let whole = depth == Depth::Column && ends;
        if fit.same == 0 || fit.missing > 0 || (fit.other > 0 && !(whole && fit.bits >= 2 * DEEP_BITS)) {
            return None;
        }
        let sound = match depth {
            Depth::Column => ends || (count >= 2 && fit.bits >= DEEP_BITS && fit.rounded == 0),
            Depth::Weight if count == 1 => false,
            Depth::Indent | Depth::Weight => ends && fit.rounded == 0 || (count >= 2 || ends) && fit.bits >= DEEP_BITS,
            Depth::Flat => count >= 2 && self.sums.filled >= 2 && fit.other == 0 && fit.bits >= FLAT_BITS,
        };
        let prior = match (depth, ends) {
            (Depth::Column, true) => 8,
            (Depth::Column, false) => -4,
            (Depth::Indent, true) => 3,
            (Depth::Indent, false) => -3,
            (Depth::Weight, true) => 1,
            (Depth::Weight, false) => -8,
            (Depth::Flat, _) => -12,
        };
        let other = i32::try_from(fit.other).unwrap_or(i32::MAX / 16);
        let score = fit.bits.min(super::search::BITS_MAX) + prior - 8 * other;
        sound.then(|| self.group(end, score, false, is_turned))
    }

    fn fit(&self, count: u32) -> (Fit, bool) {
        let fit = self.table.fit(self.parent, &self.sums, count);
        let turned = self.turned.as_ref().map(|t| self.table.fit(self.parent, t, count));
        match turned {
            Some(turned) if fit.other > 0 && turned.other == 0 => (turned, true),
            _ => (fit, false),
        }
    }

    /// A group whose lines are plainly its own but do not add up to it.
    fn broken(&self, end: usize, depth: Depth) -> Option<Group> {
        let near = self.table.is_near(self.parent, &self.sums);
        let (fit, _) = self.fit(u32::try_from(self.children.len()).unwrap_or(u32::MAX));
        let doubtful = fit.other > fit.missing;
        let score = match depth {
            Depth::Column if !doubtful => 4,
            Depth::Indent if !doubtful => -4,
            Depth::Column if near => -6,
            Depth::Column => -10,
            _ if near && self.children.len() >= 2 => -14,
            _ => return None,
        };
        Some(Group { doubtful, ..self.group(end, score, true, false) })
    }

    fn group(&self, end: usize, score: i32, broken: bool, is_turned: bool) -> Group {
        let turn = |child: &Child| {
            let turns = is_turned && self.leaves[child.line].contra && child.sign == 1;
            Child { sign: if turns { -1 } else { child.sign }, ..*child }
        };
        let children = self.children.iter().map(turn).collect();
        Group { end, children, sums: self.inner_sums.clone(), score, broken, doubtful: broken }
    }
}
