//! The columns of a table on a page, by the boxes of their headings.

use super::line::{Line, Word};
use crate::money;
use crate::place::Place;
use crate::table::{self, Columns, Record, Role};

/// How far an amount's right edge may be from its heading's, in sizes of its letters.
const EDGE: f64 = 1.5;
/// The same for an amount that stands below no heading at all.
const EDGE_FAR: f64 = 6.0;
/// Words of a heading that can be one name.
const NAME_WORDS_MAX: usize = 5;

/// A heading: its columns, and where they stand.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub columns: Columns,
    boxes: Vec<(f64, f64)>,
}

impl Grid {
    /// The columns that a line names; `None` if it is no heading.
    pub fn of(line: &Line) -> Option<Self> {
        if line.words.len() < 3 || line.words.iter().any(|word| money::parse(&word.text).is_some()) {
            return None;
        }
        Self::of_groups(&line.groups()).or_else(|| Self::of_groups(&names(line)))
    }

    fn of_groups(groups: &[Vec<&Word>]) -> Option<Self> {
        let text = |group: &Vec<&Word>| group.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let cells: Vec<String> = groups.iter().map(text).collect();
        let record = Record { cells, at: Place::Line(0), malformed: false };
        let columns = table::of_heading(&record)?;
        let edges = |group: &Vec<&Word>| Some((group.first()?.left, group.last()?.right));
        Some(Self { columns, boxes: groups.iter().filter_map(edges).collect() })
    }

    /// The cells of a line: amounts by their right edge, other words by their left one.
    pub fn cells(&self, line: &Line) -> Vec<String> {
        let mut cells = vec![String::new(); self.boxes.len()];
        for unit in units(line) {
            let at = if money::parse(&unit.text).is_some() {
                self.amount_column(&unit).unwrap_or(self.text_column(&unit))
            } else {
                self.text_column(&unit)
            };
            if let Some(cell) = cells.get_mut(at) {
                if !cell.is_empty() {
                    cell.push(' ');
                }
                cell.push_str(&unit.text);
            }
        }
        cells
    }

    fn is_amount(&self, at: usize) -> bool {
        matches!(self.columns.roles.get(at), Some(Some(Role::Amount | Role::Debit | Role::Credit | Role::Balance)))
    }

    /// The column of amounts that a word belongs to: the one whose right edge is near, else the one it overlaps most, else one not far.
    fn amount_column(&self, unit: &Word) -> Option<usize> {
        let amounts = || (0..self.boxes.len()).filter(|at| self.is_amount(*at));
        let edge = |at: &usize| (self.boxes[*at].1 - unit.right).abs();
        let overlap = |at: usize| self.boxes[at].1.min(unit.right) - self.boxes[at].0.max(unit.left);
        let nearest = amounts().min_by(|one, other| edge(one).total_cmp(&edge(other)))?;
        if edge(&nearest) <= EDGE * unit.size() {
            return Some(nearest);
        }
        let most = amounts().max_by(|one, other| overlap(*one).total_cmp(&overlap(*other)))?;
        if overlap(most) > 0.0 {
            return Some(most);
        }
        // A number in a column of text, e.g. that of a cheque, is no amount.
        let within_text = (0..self.boxes.len()).any(|at| !self.is_amount(at) && overlap(at) > 0.0);
        let has_cents = unit.text.contains(['.', ',']);
        (!within_text && has_cents && edge(&nearest) <= EDGE_FAR * unit.size()).then_some(nearest)
    }

    /// The column of text that a word belongs to: the last one that begins at or before it.
    fn text_column(&self, unit: &Word) -> usize {
        let begins = |at: &usize| !self.is_amount(*at) && self.boxes[*at].0 <= unit.left + unit.size() / 2.0;
        let before = (0..self.boxes.len()).rev().find(begins);
        before.or_else(|| (0..self.boxes.len()).find(|at| !self.is_amount(*at))).unwrap_or(0)
    }
}

/// The words of a heading put together to known names: the longest first.
fn names(line: &Line) -> Vec<Vec<&Word>> {
    let mut names = Vec::new();
    let mut at = 0;
    while at < line.words.len() {
        let most = NAME_WORDS_MAX.min(line.words.len() - at);
        let known = (1..=most).rev().find(|length| {
            let text = line.words[at..at + length].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            table::role(&text).0.is_some()
        });
        let length = known.unwrap_or(1);
        names.push(line.words[at..at + length].iter().collect());
        at += length;
    }
    names
}

/// The words of a line, with the marks beside an amount put to it: `1,250.00 Cr`, `$ 12.50`, `- 5.00`.
fn units(line: &Line) -> Vec<Word> {
    let mut units: Vec<Word> = Vec::new();
    for word in &line.words {
        if let Some(last) = units.last_mut() {
            let near = word.left - last.right <= 1.2 * word.size();
            let joined = format!("{} {}", last.text, word.text);
            // One of the two is digits and the other is not, and together they are an amount.
            let digits = |text: &str| text.chars().any(|c| c.is_ascii_digit());
            if near
                && digits(&last.text) != digits(&word.text)
                && money::parse(&joined).is_some()
                && is_mark(&last.text, &word.text)
            {
                *last = Word {
                    text: joined,
                    right: word.right,
                    top: last.top.min(word.top),
                    bottom: last.bottom.max(word.bottom),
                    left: last.left,
                };
                continue;
            }
        }
        units.push(word.clone());
    }
    units
}

/// Whether the one without digits is a mark: short, and no word of a narration such as `FEE 12.50`.
fn is_mark(one: &str, other: &str) -> bool {
    let word = if one.chars().any(|c| c.is_ascii_digit()) { other } else { one };
    let side = matches!(word.trim_end_matches('.').to_ascii_uppercase().as_str(), "CR" | "DR" | "C" | "D");
    // A side stands after the amount, signs and currencies stand on either side.
    (side && word == other)
        || matches!(word, "$" | "€" | "£" | "₹" | "-" | "+" | "Rs" | "Rs." | "EUR" | "USD" | "INR" | "GBP" | "\u{2212}")
}
