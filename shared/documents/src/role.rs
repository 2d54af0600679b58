//! Decides what each line is within its statement: an item, a sum of other lines, or a repetition.
//!
//! The label suggests the role and arithmetic confirms it where possible: lines are pushed on a stack, and a line that
//! equals the sum of the topmost ones replaces them. A sum printed before its parts is found by looking ahead.

mod hint;

use crate::label::plain;
use crate::panel::Line;
use domain::statement::{LineRole, StatementKind};
use hint::{
    Hint, ends_in_formula, hint, is_bare_total, is_below_results, is_grand, is_memo_heading, is_of_which, is_sum,
    result,
};
use rust_decimal::Decimal;

/// How many lines are tried as parts of one sum.
const ADDENDS_MAX: usize = 60;

/// The role of a line, and the first line that it adds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Role.
    pub role: LineRole,
    /// Index of the first line that it sums up, when it is a sum of lines above it.
    pub from: Option<usize>,
}

/// One entry of the stack: the signed sum of the lines from `first` on.
#[derive(Clone, Debug)]
struct Node {
    first: usize,
    values: Vec<Option<Decimal>>,
    is_item: bool,
}

/// How many columns agree with a sum, and how many do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Agreement {
    same: usize,
    other: usize,
}

/// Decides the roles of all lines of a statement.
#[must_use]
pub fn judge(lines: &[Line], kind: StatementKind) -> Vec<Judged> {
    let mut state = State { nodes: Vec::new(), after_result: false, memo_heading: false };
    let hints: Vec<Hint> = lines
        .iter()
        .enumerate()
        .map(|(at, l)| if is_twin(lines, at, kind) { Hint::Grand } else { hint(&l.label, kind) })
        .collect();
    let last = lines.iter().rposition(|l| !l.heading);
    let parents: Vec<bool> = (0..lines.len()).map(|at| is_parent(lines, &hints, at)).collect();
    let mut judged = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        judged.push(if line.repeats {
            Judged { role: LineRole::Memo, from: None }
        } else if line.heading {
            state.heading(&line.label);
            Judged { role: LineRole::Item, from: None }
        } else if parents[at] {
            Judged { role: LineRole::Subtotal, from: None }
        } else {
            state.line(at, line, hints[at], kind, Some(at) == last)
        });
    }
    judged
}

/// Whether a line is the total of one side of a balance sheet, i.e. the total of the other side has the same amounts.
fn is_twin(lines: &[Line], at: usize, kind: StatementKind) -> bool {
    let is_total = |line: &Line| {
        let text = plain(crate::label::numbered(&line.label).text);
        !line.heading && (is_bare_total(&text) || is_grand(&text) || text.starts_with("total liabilities"))
    };
    if kind != StatementKind::BalanceSheet || !is_total(&lines[at]) {
        return false;
    }
    let own = line_values(&lines[at]);
    let filled = own.iter().flatten().any(|v| !v.is_zero());
    // A line without a label can be a total only if its amounts are the largest of the statement.
    let largest = |column: usize, v: &Option<Decimal>| {
        v.is_some() && lines.iter().filter_map(|l| l.figures[column].as_ref()).all(|f| Some(f.amount) <= *v)
    };
    if lines[at].label.trim().is_empty() && !own.iter().enumerate().all(|(column, v)| largest(column, v)) {
        return false;
    }
    filled && lines.iter().enumerate().any(|(other, line)| other != at && is_total(line) && line_values(line) == own)
}

/// Whether a label names a result of the income statement, which ends every section above it.
#[must_use]
pub fn is_result(label: &str) -> bool {
    result(&plain(crate::label::numbered(label).text)).is_some()
}

/// Whether a text names a profit before or after something, which a title never does.
#[must_use]
pub fn names_profit(text: &str) -> bool {
    let plain = plain(crate::label::numbered(text).text);
    let named = plain.contains(" before ") || plain.contains(" after ") || ends_in_formula(text);
    named && (result(&plain).is_some() || ends_in_formula(text))
}

/// Whether a row without figures is a sum whose figures are missing, rather than a heading.
#[must_use]
pub fn is_empty_sum(label: &str) -> bool {
    let plain = plain(crate::label::numbered(label).text);
    // `Net worth` is a heading on the form.
    (is_sum(&plain) && !plain.starts_with("net worth")) || label.contains('%') || names_profit(label)
}

/// Whether a label says that its amount is deducted.
#[must_use]
pub fn is_deduction(label: &str) -> bool {
    let plain = plain(crate::label::numbered(label).text);
    plain.starts_with("less ") || plain.starts_with("deduct") || plain == "less"
}

struct State {
    nodes: Vec<Node>,
    after_result: bool,
    memo_heading: bool,
}

impl State {
    fn heading(&mut self, label: &str) {
        self.memo_heading = is_memo_heading(&plain(label));
    }

    fn line(&mut self, at: usize, line: &Line, hint: Hint, kind: StatementKind, is_last: bool) -> Judged {
        let label = plain(&line.label);
        let below_results = kind == StatementKind::ProfitAndLoss && self.after_result;
        let memo = hint == Hint::Memo
            || (self.memo_heading && below_results && hint == Hint::Plain)
            || (below_results && is_below_results(&label));
        if is_memo_heading(&label) && below_results {
            self.memo_heading = true;
            return Judged { role: LineRole::Memo, from: None };
        }
        if memo {
            return Judged { role: LineRole::Memo, from: None };
        }
        let values = signed(line);
        match hint {
            Hint::Grand => {
                let from = self.take_matching(&line_values(line), 1).or_else(|| self.nodes.first().map(|n| n.first));
                self.nodes.clear();
                Judged { role: LineRole::Total, from: from.or(Some(at)) }
            }
            Hint::Result { last } => {
                let first = self.nodes.first().map_or(at, |n| n.first);
                self.nodes.clear();
                self.nodes.push(Node { first: at, values, is_item: false });
                self.after_result |= last;
                Judged { role: if last { LineRole::Total } else { LineRole::Subtotal }, from: Some(first) }
            }
            Hint::Sum | Hint::Unlabelled => self.sum(at, line, hint, values, is_last),
            Hint::Plain | Hint::Memo => self.plain(at, line, values),
        }
    }

    fn sum(&mut self, at: usize, line: &Line, hint: Hint, values: Vec<Option<Decimal>>, is_last: bool) -> Judged {
        let mut from = self.take_matching(&line_values(line), 1);
        if from.is_none() && hint == Hint::Sum {
            from = self.take_items();
        }
        let Some(first) = from else {
            // A line called a total that has no parts is an item. A bare `Total` is not: its parts have left the stack
            // because a result came in between.
            let bare = is_bare_total(&plain(&line.label)) && hint == Hint::Sum;
            let repeats = bare
                || self.nodes.iter().filter(|n| !n.is_item).count() >= 2
                    && hint == Hint::Sum
                    && plain(&line.label).starts_with("total");
            self.nodes.push(Node { first: at, values, is_item: !repeats });
            return Judged {
                role: if repeats { LineRole::Subtotal } else { LineRole::Item },
                from: repeats.then_some(at),
            };
        };
        self.nodes.push(Node { first, values, is_item: false });
        let grand = is_last && self.nodes.len() == 1 && is_bare_total(&plain(&line.label));
        Judged { role: if grand { LineRole::Total } else { LineRole::Subtotal }, from: Some(first) }
    }

    fn plain(&mut self, at: usize, line: &Line, values: Vec<Option<Decimal>>) -> Judged {
        let target = line_values(line);
        let found = (2..=self.nodes.len().min(ADDENDS_MAX)).find(|k| {
            let top = &self.nodes[self.nodes.len() - k..];
            let agreement = agreement(&target, top, Decimal::ZERO);
            let addends = top.iter().filter(|n| n.values.iter().flatten().any(|v| !v.is_zero())).count();
            let sure = agreement.same >= 2
                || (agreement.same == 1 && addends >= 3 && target.len() == 1 && !continues_numbering(line));
            agreement.other == 0 && sure && addends >= 2
        });
        let Some(k) = found else {
            self.nodes.push(Node { first: at, values, is_item: true });
            return Judged { role: LineRole::Item, from: None };
        };
        let first = self.nodes[self.nodes.len() - k].first;
        self.nodes.truncate(self.nodes.len() - k);
        self.nodes.push(Node { first, values, is_item: false });
        Judged { role: LineRole::Subtotal, from: Some(first) }
    }

    /// Removes the top entries that add up to the target from the stack, preferring a perfect match.
    fn take_matching(&mut self, target: &[Option<Decimal>], least: usize) -> Option<usize> {
        let length = self.nodes.len();
        let mut best: Option<(usize, Agreement)> = None;
        for k in least..=length.min(ADDENDS_MAX) {
            let top = &self.nodes[length - k..];
            // The target may be their sum, or the first entry less the others (a net amount).
            for agreement in [agreement(target, top, tolerance(k)), agreement_net(target, top, tolerance(k))] {
                let sound = agreement.same > agreement.other && (agreement.other == 0 || agreement.same >= 2 || k >= 3);
                let better = best.is_none_or(|(_, b)| {
                    (b.other > agreement.other) || (b.other == agreement.other && b.same < agreement.same)
                });
                if sound && better {
                    best = Some((k, agreement));
                }
            }
        }
        let (k, _) = best?;
        let first = self.nodes[length - k].first;
        self.nodes.truncate(length - k);
        Some(first)
    }

    /// Removes the items since the last sum from the stack.
    fn take_items(&mut self) -> Option<usize> {
        let keep = self.nodes.iter().rposition(|n| !n.is_item).map_or(0, |i| i + 1);
        let first = self.nodes.get(keep)?.first;
        self.nodes.truncate(keep);
        Some(first)
    }
}

/// Whether a line continues a numbering, as items do and sums rarely do.
fn continues_numbering(line: &Line) -> bool {
    line.number.is_some_and(|(_, ordinal)| ordinal > 1)
}

fn tolerance(addends: usize) -> Decimal {
    Decimal::from(addends) / Decimal::TWO
}

fn line_values(line: &Line) -> Vec<Option<Decimal>> {
    line.figures.iter().map(|f| f.as_ref().map(|f| f.amount)).collect()
}

/// The amounts with the sign they have in a sum; deductions are negative.
fn signed(line: &Line) -> Vec<Option<Decimal>> {
    let minus = is_deduction(&line.label);
    line_values(line).into_iter().map(|v| v.map(|v| if minus { -v.abs() } else { v })).collect()
}

/// Compares a target with the sum of entries in each column; `rounding` is the tolerance in units of the last printed digit.
fn agreement(target: &[Option<Decimal>], nodes: &[Node], rounding: Decimal) -> Agreement {
    compare(target, nodes, rounding, |_, v| v)
}

/// Like [`agreement`], but for the first entry less the others.
fn agreement_net(target: &[Option<Decimal>], nodes: &[Node], rounding: Decimal) -> Agreement {
    if !(2..=4).contains(&nodes.len()) {
        return Agreement { same: 0, other: 1 };
    }
    compare(target, nodes, rounding, |at, v| if at == 0 { v } else { -v })
}

fn compare(
    target: &[Option<Decimal>],
    nodes: &[Node],
    rounding: Decimal,
    sign: impl Fn(usize, Decimal) -> Decimal,
) -> Agreement {
    let mut agreement = Agreement::default();
    for (column, wanted) in target.iter().enumerate() {
        let Some(wanted) = wanted else { continue };
        let addends: Vec<Decimal> =
            nodes.iter().enumerate().filter_map(|(at, n)| n.values[column].map(|v| sign(at, v))).collect();
        if wanted.is_zero() && addends.iter().all(Decimal::is_zero) {
            continue;
        }
        let places = addends.iter().chain([wanted]).map(Decimal::scale).max().unwrap_or(0);
        let slack = Decimal::new(1, places.min(28)) * rounding;
        // A sum that overflows is not a sum of a statement.
        let sum = addends.iter().try_fold(Decimal::ZERO, |sum, v| sum.checked_add(*v));
        let same = !addends.is_empty() && sum.and_then(|s| s.checked_sub(*wanted)).is_some_and(|d| d.abs() <= slack);
        if same {
            agreement.same += 1;
        } else {
            agreement.other += 1;
        }
    }
    agreement
}

/// Whether a line is the sum of the lines that follow it, i.e. its break-up is printed below it.
fn is_parent(lines: &[Line], hints: &[Hint], at: usize) -> bool {
    let parent = &lines[at];
    if parent.heading || hints[at] != Hint::Plain || line_values(parent).iter().flatten().all(Decimal::is_zero) {
        return false;
    }
    let target = line_values(parent);
    let mut nodes: Vec<Node> = Vec::new();
    for child in at + 1..lines.len().min(at + 1 + ADDENDS_MAX) {
        let line = &lines[child];
        let of_which = hints[child] == Hint::Memo && is_of_which(&plain(&line.label));
        if line.heading && nodes.is_empty() && is_of_which(&plain(&line.label)) {
            continue;
        }
        if line.heading || !(hints[child] == Hint::Plain || of_which) || plain(&line.label).starts_with("net ") {
            return false;
        }
        nodes.push(Node { first: child, values: signed(line), is_item: true });
        let agreement = agreement(&target, &nodes, Decimal::ZERO);
        let filled = nodes.iter().filter(|n| n.values.iter().flatten().any(|v| !v.is_zero())).count();
        let deeper = lines[at + 1..=child].iter().all(|l| is_deeper(l, parent)) || of_which;
        let sure =
            agreement.same >= 2 && filled >= 2 && nodes.len() >= 2 || agreement.same >= 1 && deeper && nodes.len() >= 2;
        if agreement.other == 0 && sure {
            return !are_siblings(lines, hints, at);
        }
    }
    false
}

/// Whether the next sum includes both a line and those that follow it. Then all are items, and the others add up to the
/// first one by chance.
fn are_siblings(lines: &[Line], hints: &[Hint], at: usize) -> bool {
    let is_item = |i: &usize| !lines[*i].heading && hints[*i] == Hint::Plain;
    let first = (0..at).rev().take_while(is_item).last().unwrap_or(at);
    let Some(sum) = (at..lines.len())
        .find(|i| !is_item(i))
        .filter(|i| matches!(hints[*i], Hint::Sum | Hint::Unlabelled | Hint::Grand))
    else {
        return false;
    };
    let nodes: Vec<Node> = (first..sum).map(|i| Node { first: i, values: signed(&lines[i]), is_item: true }).collect();
    let agreement = agreement(&line_values(&lines[sum]), &nodes, Decimal::ZERO);
    agreement.same >= 1 && agreement.other == 0
}

fn is_deeper(line: &Line, parent: &Line) -> bool {
    line.indent > parent.indent || (line.number.is_some() && line.number.map(|n| n.0) != parent.number.map(|n| n.0))
}
