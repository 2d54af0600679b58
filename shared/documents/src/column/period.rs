//! Decides the day on which a column's period ends, from the heading rows above it.

use super::Fallback;
use super::head::Head;
use crate::grid::{Row, Value};
use crate::heading::{self, When};
use crate::kind;
use domain::statement::{Column, Question, Subject};
use jiff::ToSpan;
use jiff::civil::Date;

const YEAR_MONTHS: u8 = 12;

/// A day that can be read in two ways, as the other dates of the block are printed; unchanged if none of them helps.
pub(super) fn settle(when: When, day_first: Option<bool>) -> When {
    match (when, day_first) {
        (When::Either(day, _), Some(true)) | (When::Either(_, day), Some(false)) => When::Day(day),
        _ => when,
    }
}

/// Whether a heading names a period that can be read in two ways.
pub(super) fn is_doubtful(head: &Head, day_first: Option<bool>) -> bool {
    head.facts.doubtful_period || head.facts.periods.iter().any(|w| matches!(settle(*w, day_first), When::Either(..)))
}

/// Whether a period is complete without another row.
fn is_complete(when: &When) -> bool {
    matches!(when, When::Day(_) | When::Either(..) | When::Year(_))
}

/// Drops the dates of heading rows that belong to the titles: the day of printing, a helper's date. A row above a title is
/// one, and a row that begins with a title or a name, if a nearer row or a title dates the figures.
pub(super) fn drop_dates_of_titles(
    heads: &mut [Vec<Head>],
    headers: &[&Row],
    titled: usize,
    columns: &[u32],
    fallback: &Fallback,
) {
    let above = |head: &Head| columns.contains(&head.column) || head.last.is_some();
    let complete = |row: &Vec<Head>| row.iter().any(|h| above(h) && h.facts.periods.iter().any(is_complete));
    let lowest = heads.iter().rposition(complete);
    for (at, row) in heads.iter_mut().enumerate() {
        let nearer = lowest.is_some_and(|lowest| at < lowest);
        let title = title_of(headers[at], columns);
        // One date above a title may be any; a date for each of several columns is theirs.
        let dated = row.iter().filter(|h| h.facts.periods.iter().any(is_complete)).count();
        let lone = dated < 2 || dated < columns.len();
        let drops = match title {
            Some(title) if heading::parse(title).periods.iter().any(is_complete) => true,
            Some(_) => nearer || (at < titled && (fallback.date.is_some() || lone)),
            None => at < titled && (nearer || fallback.date.is_some() || lone),
        };
        if drops {
            row.retain_mut(|head| {
                let count = head.facts.periods.len();
                head.facts.periods.retain(|w| !is_complete(w));
                head.facts.periods.len() == count || head.facts.is_strong() || !head.facts.only_heading_words
            });
        }
    }
}

/// The title or name that a row begins with, left of the figures.
fn title_of<'a>(row: &'a Row, columns: &[u32]) -> Option<&'a str> {
    let first = row.cells.first().filter(|c| columns.first().is_some_and(|column| c.column < *column))?;
    let Value::Text(text) = &first.value else { return None };
    let worded = text.chars().filter(|c| c.is_alphabetic()).count() >= 4;
    let heading = heading::parse(text).only_heading_words || crate::layout::is_side_heading(text);
    let name = worded && !heading && heading::parse(text).periods.is_empty();
    (kind::is_title(text) || name).then_some(text)
}

/// The end of a column's period: what the nearest row says, completed by the rows above it.
pub(super) fn end(heads: &[&Head], day_first: Option<bool>) -> Option<Date> {
    let rows: Vec<Vec<When>> =
        heads.iter().rev().map(|h| h.facts.periods.iter().map(|w| settle(*w, day_first)).collect()).collect();
    let mut year = None;
    let mut part = None;
    for when in rows.iter().flatten() {
        match when {
            When::Day(day) if year.is_none() && part.is_none() => return Some(*day),
            When::Either(..) if year.is_none() && part.is_none() => return None,
            When::Year(found) => year = year.or(Some(*found)),
            When::MonthDay(..) | When::Month(_) | When::MonthOr(..) => part = part.or(Some(*when)),
            When::Day(_) | When::Either(..) => {}
        }
    }
    match (year, part) {
        (Some(year), Some(When::MonthDay(month, day) | When::MonthOr(month, day))) => Date::new(year, month, day).ok(),
        (Some(year), Some(When::Month(month))) => heading::month_end(year, month),
        (Some(year), _) => day(When::Year(year)),
        (None, Some(When::MonthOr(month, year))) => heading::month_end(2000 + i16::from(year), month),
        // A month and a day whose year is in a row with the whole date.
        (None, Some(When::MonthDay(month, d))) => rows.iter().flatten().find_map(|w| match w {
            When::Day(whole) if whole.month() == month && whole.day() == d => Some(*whole),
            _ => None,
        }),
        _ => None,
    }
}

/// A bare year is the financial year that ends in it.
pub(super) fn day(when: When) -> Option<Date> {
    match when {
        When::Day(day) => Some(day),
        When::Year(year) => Date::new(year, 3, 31).ok(),
        _ => None,
    }
}

/// Asks for the months of columns for a period of unknown length. Between two year ends lies a year; the first column, or
/// the only one, may begin with the borrower.
pub(super) fn open(own: &[Vec<&Head>], columns: &[Column], fallback: &Fallback) -> Vec<Question> {
    let said = |at: usize| own[at].iter().any(|h| h.facts.months.is_some()) || fallback.names_months;
    let first = columns.iter().filter_map(|c| c.period_end).min();
    let mut questions = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let Some(end) = column.period_end else { continue };
        if said(at) || column.months != YEAR_MONTHS {
            continue;
        }
        let open = fallback.open_period || own[at].iter().any(|h| h.facts.open_period);
        let year_before = end.checked_sub(1.year()).ok();
        let year_after = end.checked_add(1.year()).ok();
        let near = |other: Option<Date>| {
            other.is_some_and(|o| {
                columns.iter().filter_map(|c| c.period_end).any(|e| e.first_of_month() == o.first_of_month())
            })
        };
        let formed = fallback.formed.is_some_and(|day| year_before.is_some_and(|before| before < day) && day <= end);
        let yearly = near(year_before) || (near(year_after) && fallback.formed.is_none());
        if formed && Some(end) == first || open && !yearly {
            let head = own[at].iter().rfind(|h| h.facts.open_period || !h.facts.periods.is_empty());
            questions.push(Question {
                subject: Subject::Months,
                column: Some(at),
                cell: head.map(|h| h.cell.clone()),
                printed: column.heading.clone(),
            });
        }
    }
    questions
}
