//! Joins an inner column of sub-amounts with the outer column of their totals.
//!
//! Such a statement prints the amounts of one period in two columns or more: what is broken up, and its total in the
//! outermost one. A row with both becomes two lines, the inner amount with the label and the outer amount below it.

use super::{Line, text_of};
use crate::grid::Row;
use crate::label::plain;
use domain::statement::{Column, Figure};

/// The columns of one period, as indexes, innermost first.
type Group = Vec<usize>;

/// Joins inner and outer columns, so that each period has one; also returns the place that each column had before.
pub(super) fn join(
    columns: Vec<Column>,
    lines: Vec<Line>,
    headers: &[&Row],
    places: &[u32],
) -> (Vec<Column>, Vec<Line>, Vec<usize>) {
    if columns.len() < 2 {
        let origins = (0..columns.len()).collect();
        return (columns, lines, origins);
    }
    let groups = groups(&columns, &lines, headers, places);
    if groups.iter().all(|g| g.len() == 1) {
        let origins = (0..columns.len()).collect();
        return (columns, lines, origins);
    }
    let origin = |group: &Group| {
        let dated = group.iter().rev().find(|c| columns[**c].period_end.is_some());
        let headed = group.iter().rev().find(|c| !columns[**c].heading.is_empty());
        dated.or(headed).or(group.last()).copied()
    };
    let origins: Vec<usize> = groups.iter().filter_map(origin).collect();
    let described = origins.iter().filter_map(|origin| columns.get(*origin).cloned()).collect();
    let mut joined: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        // Inner amounts above whose outer one is still to come.
        let is_open = joined.last().is_some_and(|last| !last.heading && last.level > 0);
        joined.extend(split(line, &groups, is_open));
    }
    (described, joined, origins)
}

fn groups(columns: &[Column], lines: &[Line], headers: &[&Row], places: &[u32]) -> Vec<Group> {
    // The heading of a period is above its first column or above its last one.
    let dated = |at: usize| columns[at].period_end.is_some();
    let first_is_dated = dated(0);
    let mut periods: Vec<Group> = Vec::new();
    for at in 0..columns.len() {
        let begins = periods.last().is_none_or(|group| {
            let full = group.iter().any(|c| dated(*c));
            let same = group.iter().any(|c| columns[*c].period_end == columns[at].period_end);
            full && (dated(at) || !first_is_dated) && !same
        });
        match periods.last_mut() {
            Some(group) if !begins => group.push(at),
            _ => periods.push(vec![at]),
        }
    }
    let fit = |pair: &[usize]| are_alike(columns, headers, places, (pair[0], pair[1]));
    let joined = |group: &Group| group.windows(2).all(|p| fit(p) && alternate(lines, p[0], p[1]));
    // In the other periods, the inner column may hold nothing but nil.
    let widths: Vec<usize> = periods.iter().filter(|g| g.len() > 1 && joined(g)).map(Vec::len).collect();
    let like_others = |g: &Group| widths.contains(&g.len()) && g.windows(2).all(fit);
    let mut groups: Vec<Group> = Vec::new();
    for period in periods {
        if joined(&period) || like_others(&period) {
            groups.push(period);
            continue;
        }
        let from = groups.len();
        for at in period {
            let inner = groups[from..].last().and_then(|g| g.last().copied());
            let joins = inner.is_some_and(|inner| fit(&[inner, at]) && alternate(lines, inner, at));
            match groups.last_mut() {
                Some(group) if joins => group.push(at),
                _ => groups.push(vec![at]),
            }
        }
    }
    groups
}

/// Whether two columns side by side can be of one period, by their headings.
fn are_alike(columns: &[Column], headers: &[&Row], places: &[u32], (inner, outer): (usize, usize)) -> bool {
    let headed = |at: usize| {
        let mut cells = headers.iter().flat_map(|r| &r.cells).filter(|c| places.get(at) == Some(&c.column));
        cells.any(|c| text_of(c).is_none_or(|t| t.chars().any(char::is_alphanumeric)))
    };
    let undated = columns[inner].period_end.is_none()
        || columns[outer].period_end.is_none()
        || columns[inner].period_end == columns[outer].period_end;
    let one_headed = !headed(inner) || !headed(outer);
    let alike = columns[inner].heading == columns[outer].heading
        || one_headed
        || names_inner(&columns[inner].heading) && columns[inner].period_end.is_none();
    let same_kind = columns[inner].kind == columns[outer].kind && columns[inner].basis == columns[outer].basis;
    undated && alike && (same_kind || one_headed)
}

/// Whether a heading is that of an inner column.
fn names_inner(heading: &str) -> bool {
    let words = ["detail", "details", "inner", "amount", "rs", "inr", "break", "breakup", "sub", "rupees"];
    plain(heading).split(' ').all(|w| words.contains(&w) || w.chars().count() <= 3)
}

/// Whether rows have an amount in one of two columns rather than in both. An inner amount may be a mark for nil.
fn alternate(lines: &[Line], inner: usize, outer: usize) -> bool {
    let printed = |l: &Line, at: usize| l.figures.get(at).is_some_and(Option::is_some);
    let filled = |l: &Line, at: usize| l.figures.get(at).and_then(Option::as_ref).is_some_and(|f| !f.amount.is_zero());
    let (mut both, mut inner_only, mut outer_only) = (0, 0, 0);
    for line in lines {
        match (filled(line, inner), filled(line, outer)) {
            (true, true) => both += 1,
            (false, true) => outer_only += 1,
            _ if printed(line, inner) && !printed(line, outer) => inner_only += 1,
            _ => {}
        }
    }
    inner_only >= 1 && outer_only >= 1 && both * 2 <= inner_only + outer_only + both
}

/// One line for each column that a row has amounts in, innermost first.
fn split(line: Line, groups: &[Group], is_open: bool) -> Vec<Line> {
    if line.heading {
        return vec![Line { figures: vec![None; groups.len()], ..line }];
    }
    let depths = groups.iter().map(Vec::len).max().unwrap_or(1);
    let at = |group: &Group, depth: usize| -> Option<&Figure> {
        let column = group.len().checked_sub(depth + 1).and_then(|i| group.get(i))?;
        line.figures.get(*column)?.as_ref()
    };
    // A mark for nil beside an amount is no amount of its own, unless it ends a run of inner amounts.
    let figure = |group: &Group, depth: usize| {
        let others = (0..depths).filter(|d| *d != depth).filter_map(|d| at(group, d)).any(|f| !f.amount.is_zero());
        let ends_run = is_open && depth > 0;
        at(group, depth).filter(|f| ends_run || !others || !f.amount.is_zero()).cloned()
    };
    let mut lines: Vec<Line> = Vec::new();
    for depth in (0..depths).rev() {
        let figures: Vec<Option<Figure>> = groups.iter().map(|g| figure(g, depth)).collect();
        if figures.iter().all(Option::is_none) {
            continue;
        }
        let level = u8::try_from(depth).unwrap_or(u8::MAX);
        let own = Line { figures, level, ..line.clone() };
        let is_outer = !lines.is_empty() && !line.label.is_empty();
        lines.push(if is_outer {
            Line { label: String::new(), number: None, note: None, outer: true, ..own }
        } else {
            own
        });
    }
    if lines.is_empty() {
        // Its cells hold nothing that could be read.
        lines.push(Line { figures: vec![None; groups.len()], ..line });
    }
    lines
}
