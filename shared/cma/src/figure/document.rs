//! Chooses the document that a year's statement comes from.

use std::collections::{BTreeMap, BTreeSet};

use domain::statement::{Extraction, UnusedReason};
use rust_decimal::Decimal;

use super::aside::Log;
use super::column::Placed;
use super::entry::{Entry, Family};
use super::standing::standings;
use crate::equation::Equation;
use crate::row::RowCode;
use crate::rule::{Sides, sides_of};

/// The used entries, those of other documents, and the documents between which nothing decides.
type Sorted<'a> = (Placed<'a>, Placed<'a>, BTreeSet<(usize, Family, u32)>);

/// Entries of one group come from one document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    year: usize,
    family: Family,
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The whole statement.
    Whole,
    /// One side of it: whether that of the liabilities or the income. The other side is in another document.
    Side(bool),
    /// A row. A document that only has notes completes the statement; of several such documents one is used for each row.
    Row(RowCode),
}

/// Keeps the entries of one document for every statement of a year.
pub(super) fn one_per_statement<'a>(entries: Placed<'a>, extractions: &'a [Extraction], log: &mut Log) -> Sorted<'a> {
    let standings = standings(&entries, extractions);
    let of = |year: usize, entry: &Entry<'_>| standings.get(&(entry.extraction.document, year, entry.family));
    let statements = Statements::of(&entries);
    let mut winners: BTreeMap<Group, (u32, _)> = BTreeMap::new();
    for (year, entry) in &entries {
        let Some(standing) = of(*year, entry) else { continue };
        let winner = winners.entry(statements.group(*year, entry)).or_insert((entry.extraction.document, standing));
        if standing < winner.1 {
            *winner = (entry.extraction.document, standing);
        }
    }
    let (mut used, mut others, mut equal) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (year, entry) in entries {
        let Some((winner, standing)) = winners.get(&statements.group(year, &entry)) else { continue };
        if *winner == entry.extraction.document {
            used.push((year, entry));
            continue;
        }
        if of(year, &entry).is_some_and(|own| own.is_equal(standing)) {
            equal.insert((year, entry.family, entry.extraction.document));
        }
        let name = extractions.iter().find(|extraction| extraction.document == *winner).map(|found| &found.file.name);
        let name = name.map_or("another document", |name| name);
        let detail = format!("{name} gives the {} of this year", entry.family.name());
        log.add(&entry, UnusedReason::OtherDocument, &detail);
        others.push((year, entry));
    }
    (used, others, equal)
}

/// The sides of a year's statement that each document has on its face.
struct Statements {
    sides: BTreeMap<(usize, Family), BTreeMap<u32, BTreeSet<bool>>>,
}

impl Statements {
    fn of(entries: &Placed<'_>) -> Self {
        let mut sides: BTreeMap<(usize, Family), BTreeMap<u32, BTreeSet<bool>>> = BTreeMap::new();
        for (year, entry) in entries.iter().filter(|(_, entry)| entry.family != Family::Stated && entry.is_face()) {
            let documents = sides.entry((*year, entry.family)).or_default();
            let own = documents.entry(entry.extraction.document).or_default();
            match side(entry) {
                Some(side) => own.extend([side]),
                // A line that a note breaks up shows no side; the statement is taken as whole.
                None => own.extend([true, false]),
            }
        }
        Self { sides }
    }

    fn group(&self, year: usize, entry: &Entry<'_>) -> Group {
        let documents = self.sides.get(&(year, entry.family));
        let own = documents.and_then(|documents| documents.get(&entry.extraction.document));
        let any_whole = documents.is_some_and(|documents| documents.values().any(|sides| sides.len() > 1));
        let part = match own.map(|sides| sides.iter().copied().collect::<Vec<bool>>()).as_deref() {
            None => Part::Row(entry.row),
            Some([side]) if !any_whole => Part::Side(*side),
            Some(_) => Part::Whole,
        };
        Group { year, family: entry.family, part }
    }
}

/// Whether an entry is on the side of the liabilities or the income; `None` if its row does not show it.
fn side(entry: &Entry<'_>) -> Option<bool> {
    if entry.is_broken_up {
        return None;
    }
    match entry.family {
        Family::Position => {
            Equation::Position.of_amount(entry.row, Decimal::ONE)?;
            Some(sides_of(entry.row) != Sides::ASSET)
        }
        Family::Operating => Some(Equation::Profit.of_amount(entry.row, Decimal::ONE)?.is_sign_positive()),
        Family::Stated => None,
    }
}
