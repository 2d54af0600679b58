//! Finds statements that one document holds more than once, and keeps one version of each.
//!
//! A workbook may hold a copy of a sheet, a draft beside the final statement, or a head office and its branch. Such
//! versions are never added up. Parts of one statement, such as the two sides of a balance sheet on two sheets, are no
//! versions: they share no lines.

mod part;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::statement::{Extraction, StatementKind, UnusedReason};
use jiff::civil::Date;

use super::Remark;
use super::aside::Log;
use super::column::{dotted, reliability};
use super::entry::Entry;
use super::face::statements_by_line;
use super::name;
use crate::check::Severity;
use part::Part;

/// The rule under which versions are reported.
const RULE: &str = "V27";

/// Entries with the end of their period.
type Dated<'a> = Vec<(Date, Entry<'a>)>;

/// The statements of one kind and date in one document.
type Group = (u32, StatementKind, Date);

/// Keeps one version of every statement.
pub(super) fn keep_one<'a>(
    entries: Dated<'a>,
    extractions: &[Extraction],
    remarks: &mut Vec<(Date, Remark)>,
    log: &mut Log,
) -> Dated<'a> {
    let groups = groups(&entries, extractions);
    let mut dropped: BTreeMap<(u32, usize, Date), String> = BTreeMap::new();
    for ((document, kind, end), parts) in groups {
        for (loser, detail) in losers(kind, end, parts.into_values().collect(), remarks) {
            dropped.insert((document, loser, end), detail);
        }
    }
    let mut kept = Vec::with_capacity(entries.len());
    for (end, entry) in entries {
        match dropped.get(&(entry.extraction.document, entry.statement_index, end)) {
            Some(detail) => log.add(&entry, UnusedReason::RepeatedStatement, detail),
            None => kept.push((end, entry)),
        }
    }
    kept
}

/// The statements of every kind and date in every document.
fn groups<'a>(entries: &Dated<'a>, extractions: &[Extraction]) -> BTreeMap<Group, BTreeMap<usize, Part<'a>>> {
    let mut groups: BTreeMap<Group, BTreeMap<usize, Part<'a>>> = BTreeMap::new();
    for (end, entry) in entries.iter().filter(|(_, entry)| entry.is_face()) {
        let group = (entry.extraction.document, entry.statement.kind, *end);
        let parts = groups.entry(group).or_default();
        parts.entry(entry.statement_index).or_insert_with(|| Part::new(entry)).add(entry);
    }
    let faces = statements_by_line(extractions);
    for (end, entry) in entries {
        for place in entry.classified.breaks_up.iter().filter_map(|line| faces.get(line.as_str())) {
            let group = groups.get_mut(&(place.document, place.kind, *end));
            if let Some(part) = group.and_then(|parts| parts.get_mut(&place.statement)) {
                part.add_row(entry);
            }
        }
    }
    groups
}

/// The statements that are not used, with the reason for each.
fn losers(
    kind: StatementKind,
    end: Date,
    parts: Vec<Part<'_>>,
    remarks: &mut Vec<(Date, Remark)>,
) -> Vec<(usize, String)> {
    let versions = versions(parts);
    let whole = part::whole(&versions);
    let Some(best) = whole.or_else(|| best_of(&versions)) else { return Vec::new() };
    let mut losers = Vec::new();
    for (_, version) in versions.iter().enumerate().filter(|(index, _)| *index != best) {
        let Some(winner) = versions.get(best) else { continue };
        // A part that the version used does not have completes it.
        let replaced: Vec<&Part<'_>> =
            version.iter().filter(|part| winner.iter().any(|other| part.overlaps(other))).collect();
        if replaced.is_empty() {
            continue;
        }
        let against: Vec<&Part<'_>> =
            winner.iter().filter(|part| replaced.iter().any(|other| part.overlaps(other))).collect();
        let why = match duel((winner, &against), (version, &replaced)) {
            Why::Identical => Why::Identical,
            _ if whole.is_some() => Why::Sum,
            why => why,
        };
        let (used, other) = (names(winner), names(version));
        let name = name_of(kind);
        let detail = match why {
            Why::Identical => format!("{used} gives the same {name}; it counts once"),
            _ => format!("{used} is used for this {name}: {}", why.text()),
        };
        remarks.push((end, remark(kind, end, &used, &other, why)));
        losers.extend(replaced.into_iter().map(|part| (part.statement_index, detail.clone())));
    }
    losers
}

/// Groups parts into versions: a part joins the version that it does not overlap, on its own sheet if there is one.
fn versions(parts: Vec<Part<'_>>) -> Vec<Vec<Part<'_>>> {
    let mut versions: Vec<Vec<Part<'_>>> = Vec::new();
    for part in parts {
        let fits = |version: &Vec<Part<'_>>| !version.iter().any(|other| part.overlaps(other));
        let same_sheet = |version: &Vec<Part<'_>>| version.iter().any(|other| other.sheet == part.sheet);
        let found = versions.iter().position(|version| fits(version) && same_sheet(version));
        match found.or_else(|| versions.iter().position(fits)).and_then(|index| versions.get_mut(index)) {
            Some(version) => version.push(part),
            None => versions.push(vec![part]),
        }
    }
    versions
}

/// Why one version is used and another is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// They give the same figures.
    Identical,
    /// They give the same totals, one in more detail.
    SameTotals,
    /// One is audited, or otherwise more reliable by its headings.
    Kind,
    /// One is named final, or the other a draft.
    Name,
    /// The other is of a part of the business.
    Whole,
    /// Its amounts are those of the others together.
    Sum,
    /// The other is the group's.
    Own,
    /// One is of later accounts, which restate the year as their comparative.
    Later,
    /// Only one balances, or leads to the profit that it prints.
    Arithmetic,
    /// One is named as a copy.
    CopyName,
    /// Nothing.
    Nothing,
}

impl Why {
    fn text(self) -> &'static str {
        match self {
            Self::Identical => "both give the same figures",
            Self::SameTotals => "both give the same totals, and it gives more lines",
            Self::Kind => "its headings say that it is more reliable",
            Self::Name => "its name says that it is the final one",
            Self::Whole => "the other is of a branch or of the head office alone",
            Self::Sum => "its amounts are those of the others together, so each of them is of a part of the business",
            Self::Own => "the other is the group's",
            Self::Later => "it is of the later accounts, which restate the year",
            Self::Arithmetic => "only its lines add up to what it prints",
            Self::CopyName => "the name of the other is that of a copy",
            Self::Nothing => "it comes first; nothing shows which one is right",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Identical => Severity::Note,
            Self::SameTotals
            | Self::Kind
            | Self::Name
            | Self::Whole
            | Self::Sum
            | Self::Own
            | Self::Later
            | Self::Arithmetic => Severity::Warning,
            Self::CopyName | Self::Nothing => Severity::Error,
        }
    }
}

/// The index of the version that no other one beats; `None` when there is only one.
fn best_of(versions: &[Vec<Part<'_>>]) -> Option<usize> {
    let first = versions.first().filter(|_| versions.len() > 1)?;
    let (mut best, mut index_of_best) = (first, 0);
    for (index, version) in versions.iter().enumerate().skip(1) {
        if rank(version) < rank(best) {
            (best, index_of_best) = (version, index);
        }
    }
    Some(index_of_best)
}

/// What decides between versions, most important first; the lowest is used.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    reliability: u8,
    finality: u8,
    is_branch: bool,
    is_combined: bool,
    last: Reverse<Option<Date>>,
    adds_up: Reverse<bool>,
    is_copy: bool,
    lines: Reverse<usize>,
}

fn rank(version: &[Part<'_>]) -> Rank {
    Rank {
        reliability: version.iter().map(|part| reliability(part.kind)).max().unwrap_or(u8::MAX),
        finality: version.iter().map(|part| name::finality(part.sheet, part.title)).max().unwrap_or(u8::MAX),
        is_branch: version.iter().any(|part| name::is_branch(part.sheet, part.title)),
        is_combined: version.iter().any(|part| name::is_combined(part.sheet, part.title)),
        last: Reverse(version.iter().filter_map(Part::last_period).max()),
        adds_up: Reverse(part::adds_up(version)),
        is_copy: version.iter().any(|part| name::is_copy(part.sheet)),
        lines: Reverse(version.iter().map(Part::line_count).sum()),
    }
}

/// A version, and those of its parts that another version has too.
type Side<'a, 'b> = (&'b [Part<'a>], &'b [&'b Part<'a>]);

/// Why the winner is used.
fn duel(winner: Side<'_, '_>, loser: Side<'_, '_>) -> Why {
    let (one, other) = (rank(winner.0), rank(loser.0));
    if part::same_figures(winner.1, loser.1) {
        Why::Identical
    } else if one.reliability != other.reliability {
        Why::Kind
    } else if one.finality != other.finality {
        Why::Name
    } else if one.is_branch != other.is_branch {
        Why::Whole
    } else if one.is_combined != other.is_combined {
        Why::Own
    } else if one.last != other.last {
        Why::Later
    } else if one.adds_up != other.adds_up {
        Why::Arithmetic
    } else if part::same_totals(winner.1, loser.1) {
        Why::SameTotals
    } else if one.is_copy != other.is_copy {
        Why::CopyName
    } else {
        Why::Nothing
    }
}

fn remark(kind: StatementKind, end: Date, used: &str, other: &str, why: Why) -> Remark {
    let (name, date) = (name_of(kind), dotted(end));
    let detail = match why {
        Why::Identical => format!("the {name} for {date} is there twice, {used} and {other}: it counts once"),
        _ => format!("two {name}s for {date} differ: {used} and {other}; the first is used: {}", why.text()),
    };
    Remark { rule: RULE.to_owned(), year: None, severity: Some(why.severity()), detail }
}

/// The sheets of a version.
fn names(version: &[Part<'_>]) -> String {
    let sheets: BTreeSet<&str> = version.iter().map(|part| part.sheet).collect();
    let titles: BTreeSet<&str> = version.iter().filter_map(|part| part.title).collect();
    let sheets: Vec<&str> = sheets.into_iter().collect();
    match titles.into_iter().next() {
        Some(title) => format!("sheet {} (“{title}”)", sheets.join(" with ")),
        None => format!("sheet {}", sheets.join(" with ")),
    }
}

fn name_of(kind: StatementKind) -> &'static str {
    match kind {
        StatementKind::BalanceSheet => "balance sheet",
        StatementKind::ProfitAndLoss => "profit and loss statement",
        _ => "statement",
    }
}
