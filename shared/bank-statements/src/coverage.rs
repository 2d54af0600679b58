//! How much of each calendar month a ledger covers.

use crate::ledger::{Entry, Ledger, Part};
use crate::statement::Period;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Most months that are listed: a date of another century is no reason for a list without end.
const MONTHS_MAX: usize = 1_200;

/// One calendar month of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// How much of it is covered.
    pub coverage: Coverage,
    /// Days of the month.
    pub days: u32,
    /// Days that the statements show to be complete.
    pub days_covered: u32,
    /// Days that they do not, as ranges within the month.
    pub uncovered: Vec<Period>,
    /// Why the month is not full; empty if it is.
    pub causes: Vec<Cause>,
}

/// How much of a month is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Every day.
    Full,
    /// Some days, or there are rows and nothing shows that they are all.
    Partial,
    /// No day, and there is no row.
    Missing,
}

/// Why a month is not full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The statements begin within the month.
    BeginsWithin,
    /// The statements end within the month.
    EndsWithin,
    /// No statement covers days between two others, and their balances do not chain.
    Gap,
    /// There are rows, and neither a stated period nor balances show that they are all.
    PeriodNotStated,
    /// Rows of the month could not be read, or its statement does not foot.
    NotProven,
}

/// How much of each calendar month a ledger covers, from the month of its first day or row to that of its last.
///
/// Days are covered by the stated period of a statement, by the dates of its opening and closing balance, or by a chain of
/// balances, within a statement or from one to the next. The first and last row alone show nothing: rows before and after
/// them may be missing, on their own days too.
#[must_use]
pub fn coverage(ledger: &Ledger) -> Vec<Month> {
    let covered = covered(ledger);
    let days = ledger.parts.iter().flat_map(|part| part.covered.into_iter().chain(part.rows));
    let Some(whole) = days.reduce(|one, other| Period { from: one.from.min(other.from), to: one.to.max(other.to) })
    else {
        return Vec::new();
    };
    let mut months = Vec::new();
    let mut first = whole.from.first_of_month();
    while first <= whole.to && months.len() < MONTHS_MAX {
        months.push(month(first, &covered, whole, ledger));
        let Ok(next) = first.last_of_month().tomorrow() else { break };
        first = next;
    }
    months
}

/// The covered days as ranges that do not touch, in the order of time.
fn covered(ledger: &Ledger) -> Vec<Period> {
    let stated = ledger.parts.iter().filter(|part| part.is_complete).filter_map(|part| part.covered);
    let mut ranges: Vec<Period> = stated.chain(chained(&ledger.entries)).collect();
    ranges.sort_unstable();
    let mut joined: Vec<Period> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.to.tomorrow().is_ok_and(|next| range.from <= next) => last.to = last.to.max(range.to),
            _ => joined.push(range),
        }
    }
    joined
}

/// The days between the first and last of transactions whose balances follow from each other.
fn chained(entries: &[Entry]) -> Vec<Period> {
    let follows = |before: &Entry, after: &Entry| {
        let opened = after.balance.map(|balance| balance - after.row.amount);
        before.balance.is_some() && before.balance == opened
    };
    let between = |run: &[Entry]| {
        let (first, last) = (run.first()?, run.last()?);
        let inner = Period { from: first.row.date.tomorrow().ok()?, to: last.row.date.yesterday().ok()? };
        (inner.from <= inner.to).then_some(inner)
    };
    entries.chunk_by(follows).filter_map(between).collect()
}

fn month(first: Date, covered: &[Period], whole: Period, ledger: &Ledger) -> Month {
    let last = first.last_of_month();
    let mut uncovered = Vec::new();
    let mut day = Some(first);
    for range in covered.iter().filter(|range| range.to >= first && range.from <= last) {
        if let Some(from) = day.filter(|day| *day < range.from)
            && let Ok(to) = range.from.yesterday()
        {
            uncovered.push(Period { from, to });
        }
        day = range.to.tomorrow().ok();
    }
    if let Some(from) = day.filter(|day| *day <= last) {
        uncovered.push(Period { from, to: last });
    }
    let days = u32::from(last.day().unsigned_abs());
    let length = |range: &Period| u32::from((range.to.day() - range.from.day() + 1).unsigned_abs());
    let days_covered = days - uncovered.iter().map(length).sum::<u32>();
    let within = |date: Date| date >= first && date <= last;
    let has_rows = ledger.entries.iter().any(|entry| within(entry.row.date));
    let coverage = match days_covered {
        _ if uncovered.is_empty() => Coverage::Full,
        0 if !has_rows => Coverage::Missing,
        _ => Coverage::Partial,
    };
    let mut causes = Vec::new();
    if !uncovered.is_empty() {
        let broken = |part: &Part| {
            !part.is_complete && part.covered.or(part.rows).is_some_and(|days| days.from <= last && days.to >= first)
        };
        if ledger.parts.iter().any(broken) {
            causes.push(Cause::NotProven);
        }
        if whole.from > first {
            causes.push(Cause::BeginsWithin);
        }
        if whole.to < last {
            causes.push(Cause::EndsWithin);
        }
        let shown_rows = |range: &Period| {
            ledger.entries.iter().any(|entry| range.from <= entry.row.date && entry.row.date <= range.to)
        };
        let shown = |date: Date| covered.iter().any(|range| range.from <= date && date <= range.to);
        if ledger.entries.iter().any(|entry| within(entry.row.date) && !shown(entry.row.date))
            && !causes.contains(&Cause::NotProven)
        {
            causes.push(Cause::PeriodNotStated);
        }
        // Days between covered ones, or between statements.
        let is_gap = |range: &Period| range.from > whole.from && range.to < whole.to && !shown_rows(range);
        if causes.is_empty() || uncovered.iter().any(is_gap) {
            causes.push(Cause::Gap);
        }
    }
    Month { year: first.year(), month: first.month(), coverage, days, days_covered, uncovered, causes }
}
