//! Joins the statements of several files into one ledger per account.
//!
//! Files overlap, and a transaction must be in the ledger once, however many files show it; equal transactions that are two
//! must stay two. A statement is an unbroken stretch of the account's rows, so that two overlapping ones are joined where the
//! end of one equals the beginning of the other, row by row, running balances included. Identifiers of the bank decide
//! nothing alone: banks repeat them, and give the same row another one in the next file.

mod align;
mod cycle;
mod stretch;

use crate::ledger::{Conflict, Entry, Ledger, Part};
use crate::read::folded;
use crate::statement::Reading;
use align::Fit;
use jiff::civil::Date;
use stretch::Stretch;

/// Joins the statements of the files, in any order. Statements of an unknown account are ledgers of their own.
#[must_use]
pub fn merge(files: &[Reading]) -> Vec<Ledger> {
    /// Account and currency; `None` for a statement that is joined with no other.
    type Key = Option<(String, Option<String>)>;
    let mut groups: Vec<(Key, Vec<Stretch>)> = Vec::new();
    for (file, reading) in files.iter().enumerate() {
        for (number, statement) in reading.statements.iter().enumerate() {
            let currency = statement.currency.as_ref().map(|known| known.value.clone());
            let key = statement.account.as_ref().map(|known| (folded(&known.value), currency));
            let stretch = Stretch::of(statement, file, number);
            match groups.iter_mut().find(|(own, _)| key.is_some() && *own == key) {
                Some((_, stretches)) => stretches.push(stretch),
                None => groups.push((key, vec![stretch])),
            }
        }
    }
    groups.into_iter().map(|(_, stretches)| ledger(stretches)).collect()
}

/// Joins the statements of one account.
fn ledger(mut stretches: Vec<Stretch>) -> Ledger {
    // The longest of those that begin on one day goes first, so that later ones are within it or go on from it.
    stretches.sort_by_key(|stretch| (stretch.first_day(), std::cmp::Reverse(stretch.entries.len())));
    let mut ledger = Ledger {
        account: stretches.iter().find_map(|stretch| stretch.account.clone()),
        currency: stretches.iter().find_map(|stretch| stretch.currency.clone()),
        entries: Vec::new(),
        parts: Vec::new(),
        conflicts: Vec::new(),
    };
    ledger.conflicts.extend(cycle::days(&stretches).into_iter().map(|row| Conflict::OverlapUnsettled { row }));
    for run in runs(&stretches, &mut ledger.conflicts) {
        let is_later =
            ledger.entries.last().zip(run.first()).is_none_or(|(last, first)| last.row.date < first.row.date);
        if is_later { ledger.entries.extend(run) } else { across(&mut ledger, run) }
    }
    let mut parts: Vec<Part> = stretches.into_iter().map(|stretch| stretch.part).collect();
    parts.sort_by_key(|part| (part.covered.or(part.rows).map(|days| (days.from, days.to)), part.file, part.statement));
    ledger.parts = parts;
    let gaps = ledger.entries.windows(2).filter_map(|pair| gap(&pair[0], &pair[1]));
    ledger.conflicts.extend(gaps.collect::<Vec<Conflict>>());
    ledger
}

/// The gap between two transactions that no statement shows one after the other, and whose balances do not chain.
fn gap(before: &Entry, after: &Entry) -> Option<Conflict> {
    let together = before
        .sources
        .iter()
        .any(|one| after.sources.iter().any(|other| (one.file, one.statement) == (other.file, other.statement)));
    let (closed, opened) = (before.balance?, after.balance? - after.row.amount);
    (!together && closed != opened).then_some(Conflict::Gap {
        after: before.row.date,
        before: after.row.date,
        closed,
        opened,
    })
}

/// The statements joined to unbroken runs of rows, in the order of time. Each is joined to all runs that it overlaps or touches,
/// so that the order of the files makes no difference.
fn runs(stretches: &[Stretch], conflicts: &mut Vec<Conflict>) -> Vec<Vec<Entry>> {
    let mut runs: Vec<Vec<Entry>> = Vec::new();
    for stretch in stretches.iter().filter(|stretch| !stretch.entries.is_empty()) {
        let mut current = stretch.entries.clone();
        let joins = |run: &Vec<Entry>, current: &[Entry]| match align::fit(run, current) {
            Fit::Apart => None,
            fit => Some(fit),
        };
        while let Some((at, fit)) = runs.iter().enumerate().find_map(|(at, run)| Some((at, joins(run, &current)?))) {
            current = joined(runs.remove(at), current, fit, conflicts);
        }
        runs.push(current);
    }
    runs.sort_by_key(|run| (run.first().map(|entry| entry.row.date), std::cmp::Reverse(run.len())));
    runs
}

/// A run and the rows that it overlaps or touches as one.
fn joined(mut run: Vec<Entry>, mut rows: Vec<Entry>, fit: Fit, conflicts: &mut Vec<Conflict>) -> Vec<Entry> {
    match fit {
        Fit::Apart | Fit::Touching { before: false } => run.append(&mut rows),
        Fit::Touching { before: true } => drop(run.splice(0..0, rows)),
        Fit::Along { begins, length, is_settled } => {
            let (own, other) = align::starts(begins);
            if !is_settled {
                let source = rows[other].sources.first();
                conflicts.extend(source.map(|row| Conflict::OverlapUnsettled { row: *row }));
            }
            for (entry, same) in run[own..own + length].iter_mut().zip(&rows[other..]) {
                entry.sources.extend(same.sources.iter().copied());
            }
            // One of the two ends with the common rows, and one begins with them.
            run.extend(rows.drain(other + length..));
            rows.truncate(other);
            run.splice(0..0, rows);
        }
    }
    run
}

/// The run overlaps in time and its rows differ from those of the ledger: matched day by day as multisets.
fn across(ledger: &mut Ledger, run: Vec<Entry>) {
    let (first, last) = common_days(&ledger.entries, &run);
    let mut matched = vec![false; ledger.entries.len()];
    let mut rest: Vec<Entry> = Vec::new();
    let mut differing = None;
    for entry in run {
        let from = ledger.entries.partition_point(|own| own.row.date < entry.row.date);
        let to = ledger.entries.partition_point(|own| own.row.date <= entry.row.date);
        // Rows with the same balance first: they are certainly the same.
        let same =
            |strict: bool| (from..to).find(|at| !matched[*at] && align::is_same(&ledger.entries[*at], &entry, strict));
        let strictly = same(true);
        match strictly.or_else(|| same(false)) {
            Some(at) => {
                matched[at] = true;
                let balances = (ledger.entries[at].balance, entry.balance);
                if strictly.is_none() && balances.0.is_some() && balances.1.is_some() {
                    differing = differing.or(entry.sources.first().copied());
                }
                ledger.entries[at].sources.extend(entry.sources.iter().copied());
            }
            None => rest.push(entry),
        }
    }
    // Between the first and the last common day, each has to show what the other does.

    let inside = |entry: &&Entry| entry.row.date > first && entry.row.date < last;
    let missing =
        ledger.entries.iter().zip(&matched).filter(|(_, matched)| !**matched).map(|(entry, _)| entry).find(inside);
    let more = rest.iter().find(inside).or(missing).and_then(|entry| entry.sources.first().copied());
    ledger.conflicts.extend(differing.or(more).map(|row| Conflict::RowsDiffer { row }));
    for entry in rest {
        let at = ledger.entries.partition_point(|own| own.row.date <= entry.row.date);
        ledger.entries.insert(at, entry);
    }
}

/// The first and last day on which both can have rows.
fn common_days(ledger: &[Entry], stretch: &[Entry]) -> (Date, Date) {
    let first = |entries: &[Entry]| entries.first().map_or(Date::MAX, |entry| entry.row.date);
    let last = |entries: &[Entry]| entries.last().map_or(Date::MIN, |entry| entry.row.date);
    (first(ledger).max(first(stretch)), last(ledger).min(last(stretch)))
}
