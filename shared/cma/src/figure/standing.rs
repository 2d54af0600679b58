//! Ranks the documents that give the same statement for the same year. Only what the documents say decides, never the order
//! in which they were uploaded.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::statement::{ColumnKind, Extraction, Statement, StatementKind};
use jiff::civil::Date;

use super::entry::{Entry, Family};

/// What decides between documents, most important first; the lowest is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing<'a> {
    plain: Plain,
    /// Kind of the figures, in more detail.
    kind: u8,
    /// Whether the document lacks the other statement of the year: both statements from one document fit together.
    is_alone: bool,
    /// The least reliable kind that the document has, apart from forecasts: wholly audited accounts before others.
    weakest: u8,
    /// Nothing else decides, so any property of the content will do.
    sha256: &'a str,
}

/// The part of a standing that a reader would accept as a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Plain {
    /// Audited figures before others that are no forecast, before estimates, before projections.
    class: u8,
    /// The last period of the statement that is not a forecast: later accounts restate earlier ones.
    last: Reverse<Option<Date>>,
    /// The statements before a projection that repeats them.
    forecast: bool,
}

impl Standing<'_> {
    /// Whether nothing that a reader would accept as a reason decides between two documents.
    pub fn is_equal(&self, other: &Self) -> bool {
        self.plain == other.plain
    }
}

/// A document's statement in a year: number of the document, index of the period, statement.
pub(super) type Key = (u32, usize, Family);

/// The standing of every document's statement in every year.
pub(super) fn standings<'a>(
    placed: &[(usize, Entry<'a>)],
    extractions: &'a [Extraction],
) -> BTreeMap<Key, Standing<'a>> {
    let documents: BTreeMap<u32, &Extraction> =
        extractions.iter().map(|extraction| (extraction.document, extraction)).collect();
    let mut kinds: BTreeMap<Key, ColumnKind> = BTreeMap::new();
    for (year, entry) in placed {
        let kind = kinds.entry((entry.extraction.document, *year, entry.family)).or_insert(entry.column.kind);
        if detail(entry.column.kind) > detail(*kind) {
            *kind = entry.column.kind;
        }
    }
    let standing_of = |(key, kind): (&Key, &ColumnKind)| {
        let &(document, year, family) = key;
        let other = if family == Family::Position { Family::Operating } else { Family::Position };
        let is_alone = !kinds.contains_key(&(document, year, other));
        Some((*key, standing(documents.get(&document).copied()?, family, *kind, is_alone)))
    };
    kinds.iter().filter_map(standing_of).collect()
}

fn standing(extraction: &Extraction, family: Family, kind: ColumnKind, is_alone: bool) -> Standing<'_> {
    let wanted = match family {
        Family::Position => Some(StatementKind::BalanceSheet),
        Family::Operating => Some(StatementKind::ProfitAndLoss),
        Family::Stated => None,
    };
    // A document that only has notes is ranked by these.
    let has_faces = extraction.statements.iter().any(|statement| Some(statement.kind) == wanted);
    let own = |statement: &&Statement| !has_faces || Some(statement.kind) == wanted;
    let columns = || extraction.statements.iter().filter(own).flat_map(|statement| &statement.columns);
    let is_forecast = |kind: ColumnKind| matches!(kind, ColumnKind::Estimated | ColumnKind::Projected);
    let past = || columns().filter(|column| !is_forecast(column.kind) && column.period_end.is_some());
    let plain = Plain {
        class: class(kind),
        last: Reverse(past().filter_map(|column| column.period_end).max()),
        forecast: columns().any(|column| is_forecast(column.kind)),
    };
    let weakest = past().map(|column| detail(column.kind)).max().unwrap_or_default();
    Standing { plain, kind: detail(kind), is_alone, weakest, sha256: &extraction.file.sha256 }
}

fn class(kind: ColumnKind) -> u8 {
    match kind {
        ColumnKind::Audited => 0,
        // A heading that says nothing may be that of final accounts or of a draft.
        ColumnKind::Unstated | ColumnKind::Provisional => 1,
        ColumnKind::Estimated => 2,
        ColumnKind::Projected => 3,
    }
}

fn detail(kind: ColumnKind) -> u8 {
    match kind {
        ColumnKind::Audited => 0,
        ColumnKind::Unstated => 1,
        ColumnKind::Provisional => 2,
        ColumnKind::Estimated => 3,
        ColumnKind::Projected => 4,
    }
}
