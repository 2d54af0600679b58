//! Describes the figure columns of a block by their headings.

use crate::grid::{Cell, Merge, Row, Value};
use crate::heading::{self, Facts, When};
use crate::results;
use domain::statement::{Basis, Column, ColumnKind};
use jiff::civil::Date;

/// A heading cell and the facts in its text.
struct Head {
    column: u32,
    last: Option<u32>,
    text: String,
    facts: Facts,
}

/// Facts from the titles, for columns whose headings lack them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fallback {
    /// Day that the titles name.
    pub date: Option<Date>,
    /// Kind that the titles name.
    pub kind: Option<ColumnKind>,
    /// Basis that the titles name.
    pub basis: Option<Basis>,
    /// Months that the titles name.
    pub months: Option<u8>,
}

impl Fallback {
    /// Reads titles, the nearest last.
    #[must_use]
    pub fn from_titles(titles: &[String]) -> Self {
        let mut found = Self::default();
        for facts in titles.iter().map(|t| heading::parse(t)) {
            found.date = facts.periods.iter().rev().find_map(|w| day(*w)).or(found.date);
            found.kind = facts.kind.or(found.kind);
            found.basis = facts.basis.or(found.basis);
            found.months = facts.months.filter(|m| *m != 12).or(found.months);
        }
        found
    }
}

/// Describes the figure columns `columns` by the heading rows above them.
#[must_use]
pub fn describe(headers: &[&Row], columns: &[u32], merges: &[Merge], fallback: Fallback) -> Vec<Column> {
    let heads: Vec<Vec<Head>> = headers.iter().map(|row| heads(row, columns, merges)).collect();
    let mut texts = vec![Vec::new(); columns.len()];
    let mut facts: Vec<Vec<Facts>> = vec![Vec::new(); columns.len()];
    let dated: Vec<Vec<Option<usize>>> = heads.iter().map(|row| heads_by_column(row, columns)).collect();
    let groups = groups(&heads, &dated, columns.len());
    for (row, own) in heads.iter().zip(dated) {
        let places = if own.iter().all(Option::is_none) || spans(row) {
            spread(row, columns, &groups).unwrap_or(own)
        } else {
            own
        };
        for (at, head) in places.into_iter().enumerate().filter_map(|(at, h)| h.map(|h| (at, &row[h]))) {
            if !texts[at].contains(&head.text) {
                texts[at].push(head.text.clone());
            }
            facts[at].push(head.facts.clone());
        }
    }
    let count = columns.len();
    let mut described: Vec<Column> = texts
        .into_iter()
        .zip(facts)
        .enumerate()
        .map(|(at, (texts, facts))| column(&texts, &facts, fallback, (at, count)))
        .collect();
    // Columns with the same heading and no date are an inner and an outer column, both for the date in the titles.
    if described.iter().all(|c| c.period_end.is_none() && c.heading == described[0].heading) {
        described.iter_mut().for_each(|c| c.period_end = fallback.date);
    }
    let named = heads.iter().flatten().filter_map(|head| head.facts.basis);
    results::complete(&mut described, &named.collect::<Vec<_>>());
    described
}

/// The cells of a heading row that describe columns; a cell that names two periods is listed twice.
fn heads(row: &Row, columns: &[u32], merges: &[Merge]) -> Vec<Head> {
    let first = columns.first().copied().unwrap_or(0);
    let mut heads = Vec::new();
    for cell in &row.cells {
        let Some((text, facts)) = parse_cell(cell) else { continue };
        let silent = !facts.is_strong() && (cell.column < first || !text.chars().any(char::is_alphanumeric));
        if silent {
            continue;
        }
        let last = merges.iter().find(|m| m.row == row.number && m.first == cell.column).map(|m| m.last);
        if facts.periods.len() > 1 {
            for when in &facts.periods {
                let one = Facts { periods: vec![*when], ..facts.clone() };
                heads.push(Head { column: cell.column, last: None, text: text.clone(), facts: one });
            }
        } else {
            heads.push(Head { column: cell.column, last, text, facts });
        }
    }
    // A date that OCR made unreadable must not shift the others. Such a cell, left of the figures, was skipped above; it is
    // used after all if the row lacks exactly one heading.
    let spoilt = row.cells.iter().find(|c| c.column < first && !heads.iter().any(|h| h.column == c.column));
    if heads.len() + 1 == columns.len()
        && let Some((cell, (text, facts))) = spoilt.and_then(|c| parse_cell(c).map(|s| (c, s)))
        && text.chars().any(|c| c.is_ascii_digit())
    {
        heads.insert(0, Head { column: cell.column, last: None, text, facts });
    }
    heads
}

fn parse_cell(cell: &Cell) -> Option<(String, Facts)> {
    match &cell.value {
        Value::Text(text) => Some((text.clone(), heading::parse(text))),
        Value::Date(date) => {
            let text = format!("{:02}.{:02}.{}", date.day(), date.month(), date.year());
            Some((text, Facts { periods: vec![When::Day(*date)], only_heading_words: true, ..Facts::default() }))
        }
        Value::Number(number) => {
            let periods = heading::number(*number).into_iter().collect();
            Some((number.to_string(), Facts { periods, only_heading_words: true, ..Facts::default() }))
        }
        Value::Error => None,
    }
}

/// The heading above each column: matched by order if there is one for each column, otherwise by position.
fn heads_by_column(row: &[Head], columns: &[u32]) -> Vec<Option<usize>> {
    if row.len() == columns.len() {
        return (0..row.len()).map(Some).collect();
    }
    columns
        .iter()
        .map(|column| {
            row.iter()
                .position(|h| h.column == *column || h.last.is_some_and(|last| (h.column..=last).contains(column)))
        })
        .collect()
}

/// Whether each of a row's headings is above several columns.
fn spans(row: &[Head]) -> bool {
    let spanning = |h: &Head| h.last.is_none() && h.facts.periods.is_empty() && h.facts.is_strong();
    !row.is_empty() && row.iter().all(spanning)
}

/// Spreads headings over more columns than there are headings; `None` if it is unclear how.
fn spread(row: &[Head], columns: &[u32], groups: &[usize]) -> Option<Vec<Option<usize>>> {
    let (count, total) = (row.len(), columns.len());
    if count == 0 || count >= total {
        return None;
    }
    let adjacent = row.windows(2).all(|w| w[1].column == w[0].column + 1);
    let each_kind = row.iter().all(|h| h.facts.kind.is_some());
    let group_count = groups.last().map_or(0, |g| g + 1);
    if count > 1 && adjacent && !each_kind && total.is_multiple_of(count) {
        return Some((0..total).map(|at| Some(at * count / total)).collect());
    }
    if count == 2 && group_count == 3 && !each_kind {
        return Some(groups.iter().map(|g| Some(usize::from(*g == 2))).collect());
    }
    if count == group_count {
        return Some(groups.iter().map(|g| Some(*g)).collect());
    }
    if count == 1 {
        let from = row[0].column;
        return (columns.first().is_some_and(|first| from <= *first)).then(|| vec![Some(0); total]);
    }
    let exact = row.iter().all(|h| columns.contains(&h.column));
    if exact && !adjacent && !each_kind {
        return Some(columns.iter().map(|c| row.iter().rposition(|h| h.column <= *c)).collect());
    }
    if total.is_multiple_of(count) && !each_kind {
        return Some((0..total).map(|at| Some(at * count / total)).collect());
    }
    None
}

/// Numbers the groups of columns in which no period repeats: quarters, then years, then years of the group.
fn groups(heads: &[Vec<Head>], places: &[Vec<Option<usize>>], count: usize) -> Vec<usize> {
    let mut seen: Vec<Vec<When>> = Vec::new();
    let mut group = 0;
    let mut groups = Vec::new();
    for at in 0..count {
        let periods: Vec<When> = heads
            .iter()
            .zip(places)
            .filter_map(|(row, place)| place[at].map(|h| &row[h]))
            .flat_map(|h| h.facts.periods.clone())
            .collect();
        if !periods.is_empty() && seen.contains(&periods) {
            seen.clear();
            group += 1;
        }
        seen.push(periods);
        groups.push(group);
    }
    groups
}

fn column(texts: &[String], facts: &[Facts], fallback: Fallback, (at, count): (usize, usize)) -> Column {
    let periods: Vec<When> = facts.iter().flat_map(|f| f.periods.iter().copied()).collect();
    let relative = facts.iter().find_map(|f| f.relative);
    let bare = periods.is_empty() && (relative.is_some() || count == 1 || (count == 2 && texts.is_empty() && at == 0));
    let from_titles = || if bare { fallback.date.and_then(|d| years_on(d, relative.unwrap_or(0))) } else { None };
    Column {
        heading: texts.join(" "),
        period_end: period_end(&periods).or_else(from_titles),
        months: facts.iter().find_map(|f| f.months).or(fallback.months.filter(|_| count <= 2)).unwrap_or(12),
        kind: facts.iter().find_map(|f| f.kind).or(fallback.kind).unwrap_or(ColumnKind::Unstated),
        basis: facts.iter().find_map(|f| f.basis).or(fallback.basis).unwrap_or(Basis::Unstated),
    }
}

fn years_on(date: Date, years: i16) -> Option<Date> {
    let moved = Date::new(date.year() + years, date.month(), 1).ok()?;
    if date == date.last_of_month() {
        Some(moved.last_of_month())
    } else {
        Date::new(moved.year(), moved.month(), date.day()).ok()
    }
}

fn period_end(periods: &[When]) -> Option<Date> {
    if let Some(day) = periods.iter().find_map(|w| if let When::Day(day) = w { Some(*day) } else { None }) {
        return Some(day);
    }
    let year = periods.iter().find_map(|w| if let When::Year(year) = w { Some(*year) } else { None })?;
    let part = periods.iter().find_map(|w| match w {
        When::MonthDay(month, day) => Date::new(year, *month, *day).ok(),
        When::Month(month) => heading::month_end(year, *month),
        _ => None,
    });
    part.or_else(|| day(When::Year(year)))
}

/// A bare year is the financial year that ends in it.
fn day(when: When) -> Option<Date> {
    match when {
        When::Day(day) => Some(day),
        When::Year(year) => Date::new(year, 3, 31).ok(),
        _ => None,
    }
}
