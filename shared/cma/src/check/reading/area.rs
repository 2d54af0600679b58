//! The parts of sheets that figures come from.

use std::collections::{BTreeMap, HashMap};

use domain::statement::{Extraction, StatementKind};

use crate::figure::{Figures, SourceLine};

/// How many rows above and below the lines of a statement still belong to it: a line all of whose amounts are errors is no
/// line.
const MARGIN_ROWS: u32 = 3;

/// Where a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// In a column that a year's figures come from.
    Column(usize),
    /// In another column of amounts of a balance sheet or profit and loss statement that figures come from: one that was set
    /// aside.
    SetAside,
    /// In the rows of such a statement, but in no column of amounts.
    Beside,
    /// Elsewhere.
    Elsewhere,
}

/// The rows of one statement that figures come from.
struct Area {
    rows: (u32, u32),
    /// Columns of the sheet with amounts, with the year whose figures come from each, if any do.
    columns: BTreeMap<String, Option<usize>>,
    /// Whether it is a balance sheet or a profit and loss statement. Notes have columns for movements, which are no years.
    is_face: bool,
}

/// The areas of all sheets, by document and sheet.
pub(super) struct Areas<'a> {
    areas: HashMap<(u32, &'a str), Vec<Area>>,
}

impl<'a> Areas<'a> {
    pub fn of(extractions: &'a [Extraction], figures: &Figures) -> Self {
        let mut sources: HashMap<&str, Vec<&SourceLine>> = HashMap::new();
        for source in &figures.sources {
            sources.entry(source.line.as_str()).or_default().push(source);
        }
        let mut areas: HashMap<(u32, &str), Vec<Area>> = HashMap::new();
        for extraction in extractions {
            for statement in &extraction.statements {
                let cells = statement.lines.iter().flat_map(|line| line.figures.iter().flatten());
                let places: Vec<(String, u32)> = cells.filter_map(|figure| parse(&figure.cell)).collect();
                let mut columns: BTreeMap<String, Option<usize>> =
                    places.iter().map(|(column, _)| (column.clone(), None)).collect();
                let used = statement.lines.iter().filter_map(|line| sources.get(line.id.as_str())).flatten();
                columns.extend(used.filter_map(|source| Some((parse(&source.cell)?.0, Some(source.year)))));
                let is_used = columns.values().any(Option::is_some);
                let rows = || places.iter().map(|(_, row)| row);
                if let (true, Some(first), Some(last)) = (is_used, rows().min(), rows().max()) {
                    let rows = (first.saturating_sub(MARGIN_ROWS), last.saturating_add(MARGIN_ROWS));
                    let key = (extraction.document, statement.sheet.as_str());
                    let is_face = matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss);
                    areas.entry(key).or_default().push(Area { rows, columns, is_face });
                }
            }
        }
        Self { areas }
    }

    /// Where a cell or a range such as `D5:D21` is.
    pub fn find(&self, document: u32, sheet: &str, cell: Option<&str>) -> Where {
        let Some(areas) = self.areas.get(&(document, sheet)) else { return Where::Elsewhere };
        let Some(((column, first), (_, last))) = cell.and_then(ends) else { return Where::Elsewhere };
        let near = || areas.iter().filter(|area| first <= area.rows.1 && last >= area.rows.0);
        let found = near().find_map(|area| Some((area.columns.get(&column)?, area.is_face)));
        match found {
            Some((Some(year), _)) => Where::Column(*year),
            Some((None, true)) => Where::SetAside,
            Some((None, false)) => Where::Elsewhere,
            None if near().next().is_some() => Where::Beside,
            None => Where::Elsewhere,
        }
    }
}

/// The first and last cell of a range.
fn ends(range: &str) -> Option<((String, u32), (String, u32))> {
    let (first, last) = range.split_once(':').unwrap_or((range, range));
    Some((parse(first)?, parse(last)?))
}

/// The column and the row of a cell such as `D12`.
fn parse(cell: &str) -> Option<(String, u32)> {
    let letters: String = cell.chars().take_while(char::is_ascii_alphabetic).collect();
    let digits: String = cell.chars().skip(letters.chars().count()).collect();
    if letters.is_empty() { None } else { Some((letters.to_ascii_uppercase(), digits.parse().ok()?)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_ranges_are_read() {
        assert_eq!(parse("D12"), Some(("D".to_owned(), 12)));
        assert_eq!(ends("D5:D21"), Some((("D".to_owned(), 5), ("D".to_owned(), 21))));
        assert_eq!((parse("12"), parse("D"), parse("")), (None, None, None));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,20}") {
            let _ = ends(&text);
        }
    }
}
