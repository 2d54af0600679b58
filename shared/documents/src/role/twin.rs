//! Finds the totals of the two halves of a balance sheet: what is called a total, has no label or comes last, and is
//! printed twice.

use super::hint::{Hint, ends_in_formula, is_bare_total, is_grand, is_sum};
use super::{amounts, ends_half};
use crate::label::{numbered, plain};
use crate::panel::Line;
use domain::statement::StatementKind;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A line that may be a total of half of the statement.
struct Candidate {
    at: usize,
    amounts: Vec<Option<Decimal>>,
    /// Whether its label says that it is a sum.
    says: bool,
    /// Whether it is a sum of everything, by its label or, if it has none, because nothing is larger.
    whole: bool,
    largest: bool,
    /// Whether the other half, or nothing, follows it.
    ends: bool,
}

/// The indexes of the totals.
pub(super) fn find(lines: &[Line], hints: &[Hint], kind: StatementKind) -> Vec<usize> {
    if kind != StatementKind::BalanceSheet {
        return Vec::new();
    }
    let last = lines.iter().zip(hints).rposition(|(l, h)| !l.heading && !matches!(h, Hint::Memo | Hint::OfWhich));
    let candidates = candidates(lines, hints, last);
    let mut alike: BTreeMap<&[Option<Decimal>], Vec<&Candidate>> = BTreeMap::new();
    for candidate in &candidates {
        alike.entry(&candidate.amounts).or_default().push(candidate);
    }
    // If the last total is printed twice, no other one is a misread copy of it.
    let single = |c: &&Candidate| alike.get(c.amounts.as_slice()).is_none_or(|same| same.len() < 2);
    let ending = candidates.iter().find(|c| Some(c.at) == last).filter(single);
    let is_twin = |own: &Candidate| {
        let same = alike.get(own.amounts.as_slice()).map_or(&[][..], Vec::as_slice);
        // Sums of parts may be alike by chance, so one of the two is the last line, or both say that they are the whole.
        let others =
            |c: &&&Candidate| c.at != own.at && (Some(c.at) == last || Some(own.at) == last || c.whole && own.whole);
        let printed_twice = same.iter().find(others).is_some() || spoilt(own, ending, &candidates);
        // A sum with the amounts of the total right below it is the sum of the only section.
        let next = lines.iter().enumerate().skip(own.at + 1).find(|(_, l)| !l.heading).map(|(at, _)| at);
        let repeated = same.iter().any(|c| Some(c.at) == next);
        // Of three that are alike, those are meant that say so or end a half.
        let sure = |c: &Candidate| c.ends || c.whole && c.says;
        let doubted = !sure(own) && same.len() > 2 && same.iter().filter(|c| sure(c)).count() >= 2;
        let filled = own.amounts.iter().flatten().any(|v| !v.is_zero());
        let named = own.says || own.largest || own.ends || lines.get(own.at).is_some_and(|l| l.label.is_empty());
        filled && printed_twice && !repeated && !doubted && named
    };
    candidates.iter().filter(|c| is_twin(c)).map(|c| c.at).collect()
}

fn candidates(lines: &[Line], hints: &[Hint], last: Option<usize>) -> Vec<Candidate> {
    let width = lines.iter().map(|l| l.figures.len()).max().unwrap_or(0);
    let amount = |line: &Line, column: usize| line.figures.get(column).and_then(Option::as_ref).map(|f| f.amount);
    let most: Vec<Option<Decimal>> =
        (0..width).map(|column| lines.iter().filter_map(|l| amount(l, column)).max()).collect();
    let mut candidates = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, l)| !l.heading && !l.outer) {
        let text = plain(numbered(&line.label).text);
        let whole = is_bare_total(&text) || is_grand(&text);
        let says = is_sum(&text) || ends_in_formula(&line.label);
        let ends = Some(at) == last || ends_half(lines, at);
        if !whole && !says && !ends || hints.get(at) == Some(&Hint::Memo) {
            continue;
        }
        let amounts = amounts(line);
        let largest = amounts.iter().zip(&most).all(|(own, most)| own.is_some() && own == most);
        let whole = whole && (!text.is_empty() || largest);
        candidates.push(Candidate { at, amounts, says, whole, largest, ends });
    }
    candidates
}

/// Whether a scan spoilt some digits of a total or of its twin at the end of the statement.
fn spoilt(own: &Candidate, ending: Option<&Candidate>, candidates: &[Candidate]) -> bool {
    let Some(ending) = ending else { return false };
    if own.at == ending.at {
        return candidates.iter().any(|c| c.at < own.at && c.says && mostly_same(&c.amounts, &own.amounts));
    }
    own.says && mostly_same(&own.amounts, &ending.amounts)
}

/// How many digits an amount has at least that two totals share, and one that they nearly share.
const SHARED_DIGITS_MIN: usize = 4;
const NEAR_DIGITS_MIN: usize = 5;

/// Whether two totals have the same amount in at least one column and nearly the same digits in the others.
fn mostly_same(one: &[Option<Decimal>], other: &[Option<Decimal>]) -> bool {
    let pairs = || one.iter().zip(other).filter_map(|(a, b)| Some(((*a)?, (*b)?)));
    pairs().any(|(a, b)| a == b && digits(a).len() >= SHARED_DIGITS_MIN)
        && pairs().all(|(a, b)| a == b || nearly_same_digits(a, b))
}

fn nearly_same_digits(one: Decimal, other: Decimal) -> bool {
    let (one, other) = (digits(one), digits(other));
    let differ = one.chars().zip(other.chars()).filter(|(a, b)| a != b).count();
    one.len().min(other.len()) >= NEAR_DIGITS_MIN && one.len().abs_diff(other.len()) <= 1 && differ <= 2
}

fn digits(amount: Decimal) -> String {
    amount.normalize().mantissa().abs().to_string()
}
