//! Turns the steps of a reading into what each line is.

use super::super::{Class, Found, Part};
use super::{Search, State};

/// How one line was read.
#[derive(Clone, Debug)]
pub(super) enum Reading {
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
        doubtful: bool,
    },
    Group {
        at: usize,
    },
}

pub(super) struct Step {
    pub before: Option<usize>,
    pub line: usize,
    pub reading: Reading,
}

impl Search<'_> {
    /// What each line is in a reading.
    pub(super) fn found(&self, state: Option<&State>) -> Vec<Found> {
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
                Reading::Instead { lines, doubtful } => {
                    for line in lines {
                        found[*line] = Found { group: Some(step.line), ..Found::new(Part::Memo) };
                    }
                    found[step.line].doubtful = *doubtful;
                    found[step.line].from = lines.iter().min().copied();
                }
                Reading::Group { at } => self.group(step.line, *at, &mut found),
            }
        }
        found
    }

    fn group(&self, parent: usize, number: usize, found: &mut [Found]) {
        let Some(group) = self.input.groups[parent].get(number) else { return };
        let leaves = self.input.leaves.iter();
        let inside = found.iter_mut().zip(leaves).take(group.end).skip(parent + 1);
        for (line, leaf) in inside {
            line.group = Some(parent);
            if leaf.class == Class::Memo || group.broken && !leaf.is_heading() {
                line.part = Part::Memo;
            }
        }
        if group.broken {
            found[parent].doubtful = group.doubtful;
            return;
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
