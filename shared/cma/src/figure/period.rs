//! The columns of the CMA: when each ends, how many months it covers and of which kind its figures are.

use std::collections::{BTreeMap, BTreeSet};

use domain::statement::ColumnKind;
use jiff::civil::Date;

use super::Remark;
use super::column::{Placed, dotted, reliability};
use super::entry::Family;

/// The months of a full year.
const YEAR_MONTHS: u8 = 12;

/// One column of the CMA.
pub(super) struct Period {
    pub end: Date,
    pub kind: ColumnKind,
    pub months: u8,
}

/// The periods that end on these days, by the entries that are used.
pub(super) fn periods(ends: &[Date], used: &Placed<'_>, remarks: &mut Vec<Remark>) -> Vec<Period> {
    let mut seen: Vec<Seen> = ends.iter().map(|_| Seen::default()).collect();
    for (year, entry) in used {
        let Some(seen) = seen.get_mut(*year) else { continue };
        if entry.family == Family::Operating && entry.is_face() || seen.months.is_none() {
            let months = (entry.family == Family::Operating).then_some(entry.column.months);
            seen.months = seen.months.or(months);
        }
        if entry.family != Family::Stated {
            let kinds = seen.kinds.entry((entry.family, entry.is_face())).or_default();
            kinds.push(entry.column.kind);
            seen.documents.entry(entry.family).or_default().insert(entry.extraction.document);
        }
    }
    let mut periods = Vec::with_capacity(ends.len());
    for (year, (&end, seen)) in ends.iter().zip(&seen).enumerate() {
        let kind = seen.kind();
        if let Some(detail) = seen.difference(end) {
            remarks.push(Remark { rule: "V15".to_owned(), year: Some(year), severity: None, detail });
        }
        periods.push(Period { end, kind, months: seen.months.unwrap_or(YEAR_MONTHS).max(1) });
    }
    periods
}

/// What the used entries of a period say about it.
#[derive(Default)]
struct Seen {
    months: Option<u8>,
    /// Kinds of the columns, by statement, and whether they are on its face.
    kinds: BTreeMap<(Family, bool), Vec<ColumnKind>>,
    documents: BTreeMap<Family, BTreeSet<u32>>,
}

impl Seen {
    /// The least reliable kind of the statements used. A statement that does not say follows the other one of its document.
    fn kind(&self) -> ColumnKind {
        let (one, other) = (self.kind_of(Family::Position), self.kind_of(Family::Operating));
        match (one, other) {
            (Some(one), Some(other)) if one == other => one,
            (Some(ColumnKind::Unstated), Some(stated)) | (Some(stated), Some(ColumnKind::Unstated)) => {
                if self.is_one_document() { stated } else { ColumnKind::Unstated }
            }
            (Some(one), Some(other)) => weaker(one, other),
            (Some(kind), None) | (None, Some(kind)) => kind,
            (None, None) => ColumnKind::Unstated,
        }
    }

    /// The least reliable kind that a statement's columns state; notes only count where the statement has no lines of its own.
    fn kind_of(&self, family: Family) -> Option<ColumnKind> {
        let kinds = self.kinds.get(&(family, true)).or_else(|| self.kinds.get(&(family, false)))?;
        let stated = kinds.iter().copied().filter(|kind| *kind != ColumnKind::Unstated).reduce(weaker);
        Some(stated.unwrap_or(ColumnKind::Unstated))
    }

    fn is_one_document(&self) -> bool {
        let all: BTreeSet<u32> = self.documents.values().flatten().copied().collect();
        all.len() == 1
    }

    /// What to say if the statements are of different kinds.
    fn difference(&self, end: Date) -> Option<String> {
        let (one, other) = (self.kind_of(Family::Position)?, self.kind_of(Family::Operating)?);
        let stated = one != ColumnKind::Unstated && other != ColumnKind::Unstated;
        (stated && one != other).then(|| {
            format!(
                "the balance sheet for {} is {} and the profit and loss statement {}: the column is headed {}",
                dotted(end),
                word(one),
                word(other),
                word(self.kind())
            )
        })
    }
}

fn weaker(one: ColumnKind, other: ColumnKind) -> ColumnKind {
    if reliability(one) >= reliability(other) { one } else { other }
}

fn word(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Audited => "audited",
        ColumnKind::Provisional => "provisional",
        ColumnKind::Estimated => "estimated",
        ColumnKind::Projected => "projected",
        ColumnKind::Unstated => "not stated",
    }
}
