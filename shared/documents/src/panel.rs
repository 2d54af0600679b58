//! Turns a block's rows into labelled lines: finds the label column and the figure columns, then reads each row.

mod inner;
mod whole;

use crate::column::{self, Fallback};
use crate::grid::{Cell, Grid, Row, Value, a1};
use crate::heading;
use crate::label::{self, Style, plain};
use crate::layout::{Block, is_amount};
use crate::number::{self, Printed};
use crate::unused;
use domain::statement::{Column, Figure, Question, Unused};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// One row; a heading if it has no figures.
#[derive(Clone, Debug)]
pub struct Line {
    /// Row number, from 1.
    pub row: u32,
    /// Label as printed; empty if the row has only figures.
    pub label: String,
    /// Column of the label.
    pub column: u32,
    /// Leading spaces of the label.
    pub indent: u8,
    /// Whether the label is bold, or the amounts of a row without one.
    pub bold: bool,
    /// Numbering in the label or in a cell next to it.
    pub number: Option<(Style, u32)>,
    /// Note reference.
    pub note: Option<String>,
    /// One slot per figure column.
    pub figures: Vec<Option<Figure>>,
    /// Whether the row is a heading.
    pub heading: bool,
    /// 0 if its amounts are in the outermost column of their period, 1 for the column left of it, and so on.
    pub level: u8,
    /// Whether it is the outer amount of a row whose label has an inner one.
    pub outer: bool,
    /// Whether a code next to the label, e.g. `IV.9`, shows that the line is on a form that repeats others.
    pub repeats: bool,
}

/// One side of a block, or the whole block.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Words above the labels, e.g. `Liabilities`.
    pub side: Option<String>,
    /// Figure columns.
    pub columns: Vec<Column>,
    /// What the headings of the columns say that was not understood.
    pub questions: Vec<Question>,
    /// Lines and headings, top to bottom.
    pub lines: Vec<Line>,
}

/// Reads a block. An account with two sides becomes two panels.
pub fn read(block: &Block<'_>, grid: &Grid, fallback: &Fallback, unused: &mut Vec<Unused>) -> Vec<Panel> {
    let ranges = sides(block);
    let two = ranges.len() > 1;
    ranges.into_iter().filter_map(|range| side(block, grid, fallback, range, two, unused)).collect()
}

/// The column ranges of the sides: one, or two if there are labels between figures.
fn sides(block: &Block<'_>) -> Vec<(u32, u32)> {
    let whole = vec![(0, u32::MAX)];
    let mut texts: BTreeMap<u32, usize> = BTreeMap::new();
    let mut amounts: BTreeMap<u32, usize> = BTreeMap::new();
    for cell in block.body.iter().flat_map(|r| &r.cells) {
        match &cell.value {
            _ if is_amount(cell) => *amounts.entry(cell.column).or_default() += 1,
            Value::Text(text) if text.chars().filter(|c| c.is_alphabetic()).count() >= 3 => {
                *texts.entry(cell.column).or_default() += 1
            }
            _ => {}
        }
    }
    let headed = |column: u32| {
        let cells = block.headers.iter().flat_map(|r| &r.cells).filter(|c| c.column == column);
        cells.filter_map(text_of).any(|t| crate::layout::is_side_heading(t) || plain(t).starts_with("particular"))
    };
    // Below the heading of a side, one label or amount is enough.
    let enough = |column: u32, count: usize, named: bool| count >= 2 || named && headed(column);
    let named = block.headers.iter().flat_map(|r| &r.cells).filter(|c| headed(c.column)).count() >= 2;
    let amounts: Vec<u32> = amounts.into_iter().filter(|(_, n)| *n >= 2 || named).map(|(c, _)| c).collect();
    let Some((&first, _)) = texts.iter().find(|(c, n)| enough(**c, **n, named)) else { return whole };
    let second = texts.iter().find(|(c, n)| {
        enough(**c, **n, named) && amounts.iter().any(|a| first < *a && *a < **c) && amounts.iter().any(|a| a > *c)
    });
    let Some((&second, _)) = second else { return whole };
    // A few labels that a scan shifted are not a second side, unless the headings say so.
    let (few, many) = (texts[&first].min(texts[&second]), texts[&first].max(texts[&second]));
    if few * 4 < many && !(headed(first) && headed(second)) {
        return whole;
    }
    // Figures of the previous year may be left of the labels; then there are figures on both sides of them.
    let left = amounts.iter().filter(|a| **a < first && strong_above(block, **a)).count();
    let between: Vec<u32> = amounts.iter().copied().filter(|a| first < *a && *a < second).collect();
    let Some(split) = between.len().checked_sub(left + 1).and_then(|at| between.get(at)) else { return whole };
    vec![(0, split + 1), (split + 1, u32::MAX)]
}

fn strong_above(block: &Block<'_>, column: u32) -> bool {
    block.headers.iter().flat_map(|r| &r.cells).filter(|c| c.column == column).any(|c| match &c.value {
        Value::Text(t) => heading::parse(t).is_strong() || plain(t).contains("amount"),
        Value::Date(_) => true,
        Value::Number(n) => heading::number(*n).is_some(),
        Value::Error(_) | Value::Uncalculated => false,
    })
}

fn cut(rows: &[&Row], (from, to): (u32, u32)) -> Vec<Row> {
    let cells = |row: &Row| row.cells.iter().filter(|c| c.column >= from && c.column < to).cloned().collect::<Vec<_>>();
    rows.iter().map(|row| Row { number: row.number, cells: cells(row) }).filter(|row| !row.cells.is_empty()).collect()
}

fn side(
    block: &Block<'_>,
    grid: &Grid,
    fallback: &Fallback,
    range: (u32, u32),
    two: bool,
    unused: &mut Vec<Unused>,
) -> Option<Panel> {
    let headers = cut(&block.headers, range);
    let headers: Vec<&Row> = headers.iter().collect();
    let body = cut(&block.body, range);
    let shape = Shape::find(&headers, &body, two)?;
    // A heading row without a cell on this side is left out.
    let titled =
        block.headers.iter().take(block.titled).filter(|row| headers.iter().any(|h| h.number == row.number)).count();
    let mut described = column::describe(&headers, titled, &shape.figures, &grid.merges, fallback);
    let mut reader = Rows { grid, shape: &shape, unused, lines: Vec::new(), last_row: 0 };
    for row in &body {
        reader.row(row);
    }
    let mut lines = reader.lines;
    let mut places = shape.figures.clone();
    if let Some(at) = whole::column(&described, &lines).filter(|_| fallback.date.is_some())
        && let Some(place) = places.get(at).copied()
    {
        unused.extend(parts(&described.columns, &lines, at, &grid.sheet));
        described = column::describe(&headers, titled, &[place], &grid.merges, fallback);
        lines.iter_mut().for_each(|line| line.figures = vec![line.figures.get_mut(at).and_then(Option::take)]);
        places = vec![place];
    }
    let apart = described.columns.len();
    let (mut columns, lines, origins) = inner::join(described.columns, lines, &headers, &places);
    let mut questions = described.questions;
    if let ([column], [origin]) = (columns.as_slice(), origins.as_slice())
        && apart > 1
        && column.period_end.is_none()
        && let Some(place) = places.get(*origin)
    {
        // The only period of the statement is that of its titles.
        let whole = column::describe(&headers, titled, &[*place], &grid.merges, fallback);
        questions = whole.questions.into_iter().map(|q| Question { column: q.column.map(|_| *origin), ..q }).collect();
        columns = whole.columns;
    }
    let questions = questions.into_iter().filter_map(|question| {
        let column = origins.iter().position(|origin| Some(*origin) == question.column)?;
        Some(Question { column: Some(column), ..question })
    });
    let questions = questions.collect();
    let side = two
        .then(|| headers.iter().flat_map(|r| &r.cells).find(|c| c.column == shape.label).and_then(text_of))
        .flatten();
    let side = side.map(|s| label::unspaced(s).unwrap_or_else(|| s.to_owned()));
    Some(Panel { side, columns, questions, lines })
}

/// The columns of parts of the firm, whose sum is in the column `total`, as they are listed.
fn parts(columns: &[Column], lines: &[Line], total: usize, sheet: &str) -> Vec<Unused> {
    let part = |at: usize, column: &Column| {
        let mut cells = lines.iter().filter_map(|line| line.figures.get(at)?.as_ref()).map(|figure| &figure.cell);
        let first = cells.next()?;
        Some(unused::part_of_total(sheet, &column.heading, first, cells.next_back().unwrap_or(first)))
    };
    let others = columns.iter().enumerate().filter(|(at, _)| *at != total);
    others.filter_map(|(at, column)| part(at, column)).collect()
}

/// What each column holds.
struct Shape {
    label: u32,
    note: Option<u32>,
    figures: Vec<u32>,
    /// First figure column right of the labels.
    first: u32,
}

impl Shape {
    fn find(headers: &[&Row], body: &[Row], two: bool) -> Option<Self> {
        let mut letters: BTreeMap<u32, usize> = BTreeMap::new();
        let mut amounts: BTreeMap<u32, Vec<&Cell>> = BTreeMap::new();
        for cell in body.iter().flat_map(|r| &r.cells) {
            if is_figure(cell) {
                amounts.entry(cell.column).or_default().push(cell);
            } else if let Value::Text(text) = &cell.value {
                *letters.entry(cell.column).or_default() += text.chars().filter(|c| c.is_alphabetic()).count().min(60);
            }
        }
        let label = letters.iter().max_by_key(|(c, n)| (**n, std::cmp::Reverse(**c))).map(|(c, _)| *c)?;
        let heads = |column: u32| -> Vec<&Cell> {
            headers.iter().flat_map(|r| &r.cells).filter(|c| c.column == column).collect()
        };
        let dated = |column: u32| heads(column).iter().any(|c| is_period(c));
        let note = amounts
            .keys()
            .chain(letters.keys())
            .copied()
            .filter(|c| *c != label)
            .find(|c| {
                let named = heads(*c).iter().any(|h| text_of(h).is_some_and(is_note_heading));
                named && !dated(*c) && are_note_numbers(amounts.get(c))
            })
            .or_else(|| unheaded_note(&amounts, label, headers));
        // In a statement with one dated column at most, a column with few amounts is an inner one.
        let may_be_inner = two || amounts.keys().filter(|c| dated(**c)).count() <= 1;
        let most = amounts.iter().filter(|(c, _)| **c > label && Some(**c) != note).map(|(_, n)| n.len()).max()?;
        let figures: Vec<u32> = amounts
            .iter()
            .filter(|(c, cells)| {
                let enough = cells.len() * 10 >= most
                    || (dated(**c) && !cells.is_empty())
                    || (may_be_inner && cells.iter().filter(|cell| is_amount(cell)).count() >= 2);
                let percent = heads(**c).iter().any(|h| text_of(h).is_some_and(|t| t.contains('%')));
                Some(**c) != note
                    && !percent
                    && enough
                    && (**c > label || **c < label && dated(**c) && !are_serials(cells))
            })
            .map(|(c, _)| *c)
            .collect();
        let figures = shifted(body, label, note, &figures).unwrap_or(figures);
        let first = figures.iter().copied().find(|c| *c > label)?;
        Some(Self { label, note, figures, first })
    }
}

/// The columns that amounts belong to where a scan moved whole rows to the side; `None` if it did not. Then rows have the
/// same number of amounts beside each other, only not always in the same columns.
fn shifted(body: &[Row], label: u32, note: Option<u32>, figures: &[u32]) -> Option<Vec<u32>> {
    let mut patterns: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    for row in body {
        let text = row.cells.iter().find(|c| text_of(c).is_some_and(|t| !label::is_code(t)) && !is_figure(c));
        let from = text.map_or(label, |c| c.column.min(label));
        let cells = row.cells.iter().filter(|c| c.column > from && Some(c.column) != note && is_figure(c));
        let columns: Vec<u32> = cells.map(|c| c.column).collect();
        if !columns.is_empty() {
            *patterns.entry(columns).or_default() += 1;
        }
    }
    let rows: usize = patterns.values().sum();
    let (most, count) = patterns.iter().max_by_key(|(_, n)| **n)?;
    let beside = most.windows(2).all(|w| w[1] == w[0] + 1);
    let like = patterns.iter().filter(|(c, _)| c.len() == most.len()).map(|(_, n)| n).sum::<usize>();
    let wider = patterns.iter().filter(|(c, _)| c.len() > most.len()).map(|(_, n)| n).sum::<usize>() * 20 > rows;
    let moved = beside && most.len() >= 2 && most.len() < figures.len() && like > *count && !wider;
    (moved && like * 10 >= rows * 8 && count * 2 >= rows).then(|| most.clone())
}

fn is_period(cell: &Cell) -> bool {
    match &cell.value {
        Value::Text(t) => {
            let facts = heading::parse(t);
            !facts.periods.is_empty() && facts.only_heading_words
        }
        Value::Date(_) => true,
        Value::Number(n) => heading::number(*n).is_some(),
        Value::Error(_) | Value::Uncalculated => false,
    }
}

/// Whether a heading is that of a column of note numbers. `Audited (Refer Note 5)` is not.
fn is_note_heading(text: &str) -> bool {
    const NAMES: [&str; 8] = ["note", "notes", "sch", "schedule", "annexure", "ref", "annex", "schno"];
    const OTHERS: [&str; 16] = [
        "no",
        "nos",
        "number",
        "numbers",
        "refer",
        "reference",
        "schedules",
        "to",
        "the",
        "of",
        "in",
        "on",
        "accounts",
        "financial",
        "statements",
        "and",
    ];
    let plain = plain(text);
    let words = || plain.split(' ').filter(|w| !w.is_empty());
    words().any(|w| NAMES.contains(&w)) && words().all(|w| NAMES.contains(&w) || OTHERS.contains(&w))
}

/// Whether a column may hold note numbers: at least half of its numbers are below 100.
fn are_note_numbers(cells: Option<&Vec<&Cell>>) -> bool {
    let low = |amount: Decimal| amount >= Decimal::ZERO && amount < Decimal::ONE_HUNDRED;
    let small = |c: &&&Cell| match &c.value {
        Value::Number(n) => low(*n),
        Value::Text(t) => matches!(number::parse(t), Printed::Amount(n, _) if low(n)),
        Value::Date(_) | Value::Error(_) | Value::Uncalculated => false,
    };
    cells.is_none_or(|cells| cells.iter().filter(small).count() * 2 >= cells.len())
}

/// Finds the column of note numbers: small whole numbers between labels and figures, without a heading.
fn unheaded_note(amounts: &BTreeMap<u32, Vec<&Cell>>, label: u32, headers: &[&Row]) -> Option<u32> {
    let (column, cells) = amounts.iter().find(|(c, _)| **c > label)?;
    let headed = |column: u32| headers.iter().flat_map(|r| &r.cells).any(|c| c.column == column);
    let small = |c: &&Cell| {
        matches!(&c.value, Value::Number(n) if n.fract().is_zero() && *n > Decimal::ZERO && *n < Decimal::from(60))
            || text_of(c).is_some_and(|t| (1..=2).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit()))
    };
    let others = amounts.keys().any(|c| c > column && headed(*c));
    (!headed(*column) && others && cells.len() >= 3 && cells.iter().all(small)).then_some(*column)
}

/// Whether a column's numbers are the serial numbers of its rows.
fn are_serials(cells: &[&Cell]) -> bool {
    let small = |c: &&&Cell| matches!(&c.value, Value::Number(n) if n.fract().is_zero() && *n > Decimal::ZERO && *n < Decimal::from(200));
    cells.iter().filter(small).count() * 2 > cells.len()
}

/// The text of a cell, if it holds text.
fn text_of(cell: &Cell) -> Option<&str> {
    if let Value::Text(text) = &cell.value { Some(text) } else { None }
}

/// Whether a cell can be in a figure column: an amount, or a mark for nil.
fn is_figure(cell: &Cell) -> bool {
    is_amount(cell) || text_of(cell).is_some_and(|t| number::parse(t) == Printed::Nil)
}

struct Rows<'a> {
    grid: &'a Grid,
    shape: &'a Shape,
    unused: &'a mut Vec<Unused>,
    lines: Vec<Line>,
    /// The row of the last line, or of the end of its label.
    last_row: u32,
}

/// Whether a text is a row's code on Forms IV to VI, the ratios or the checks, which calculate from Forms II and III.
fn is_code_of_repeating_form(text: &str) -> bool {
    let Some((form, rest)) = text.trim().split_once('.') else { return false };
    matches!(form, "IV" | "V" | "VI" | "R" | "C")
        && !rest.is_empty()
        && rest.chars().count() <= 16
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
}

/// Words that may be in a separate cell before the label they belong to.
const JOINED: &[&str] = &["less", "add", "to", "by", "deduct", "of which", "and", "or", "plus", "minus"];

impl Rows<'_> {
    fn row(&mut self, row: &Row) {
        let texts: Vec<&Cell> =
            row.cells.iter().filter(|c| c.column < self.shape.first && !is_figure(c) && text_of(c).is_some()).collect();
        let note = row.cells.iter().find(|c| Some(c.column) == self.shape.note).and_then(note_text);
        let texts: Vec<&Cell> = texts.into_iter().filter(|c| Some(c.column) != self.shape.note).collect();
        let serial = row.cells.iter().filter(|c| c.column < self.shape.label).find_map(serial);
        let Labelled { label, column, indent, bold, group } = label_of(&texts, self.shape.label);
        let bold = bold || label.is_empty() && row.cells.iter().any(|c| is_figure(c) && c.bold);
        let own = label::numbered(&label).number;
        let places = self.places(row, column, label.is_empty());
        let mut figures = vec![None; self.shape.figures.len()];
        let mut any = false;
        for (slot, cell) in &places {
            let (figure, present) = self.figure(row.number, cell, label.is_empty());
            any |= present;
            figures[*slot] = figure;
        }
        if !label.is_empty() && figures.iter().any(Option::is_some) {
            self.list_unread(row.number, &places);
        }
        if label.is_empty() && !any {
            return;
        }
        let number = own.or(serial);
        let left = row.cells.iter().filter(|c| c.column < self.shape.label);
        let repeats = left.filter_map(text_of).any(is_code_of_repeating_form);
        let base = Line {
            row: row.number,
            label,
            column,
            indent,
            bold,
            number,
            note,
            figures,
            heading: !any,
            level: 0,
            outer: false,
            repeats,
        };
        if let Some(group) = group {
            let figures = vec![None; self.shape.figures.len()];
            self.lines.push(Line { label: group, note: None, figures, heading: true, ..base.clone() });
        }
        self.push(base);
    }

    /// Adds a line, joining a label that continues from the row above.
    fn push(&mut self, mut line: Line) {
        let small = line.label.starts_with(|c: char| c.is_lowercase());
        // `(secured by hypothecation of stock`, with the rest in the next row.
        let bracket = line.label.starts_with('(') && (!line.heading || !line.label.contains(')'));
        let open = self.lines.last().is_some_and(|last| last.heading && is_unfinished(&last.label));
        let continues = line.number.is_none() && !line.label.is_empty() && (small || bracket || open);
        // A label may go on over several rows.
        let below = self.last_row + 1 == line.row;
        self.last_row = line.row;
        let last = self.lines.last_mut();
        match last {
            Some(last) if continues && last.heading && !last.label.ends_with(':') && below && !line.heading => {
                line.label = format!("{} {}", last.label, line.label);
                line.number = last.number;
                line.note = line.note.take().or_else(|| last.note.take());
                self.lines.pop();
                self.lines.push(line);
            }
            Some(last) if continues && line.heading && below && !last.label.ends_with(':') => {
                last.label = format!("{} {}", last.label, line.label);
            }
            _ => self.lines.push(line),
        }
    }

    /// Assigns cells to figure columns. A row with exactly one figure per column is matched by order, even if its cells
    /// were shifted; any other row is matched by position.
    fn places<'r>(&self, row: &'r Row, label: u32, unlabelled: bool) -> Vec<(usize, &'r Cell)> {
        let slots = &self.shape.figures;
        let placed: Vec<(usize, &Cell)> =
            row.cells.iter().filter_map(|c| slots.iter().position(|s| *s == c.column).map(|slot| (slot, c))).collect();
        let start = if unlabelled { placed.first().map_or(0, |(_, c)| c.column.saturating_sub(1)) } else { label + 1 };
        let stray = |c: &&Cell| c.column >= start && Some(c.column) != self.shape.note && is_figure(c);
        let all: Vec<&Cell> = row.cells.iter().filter(stray).collect();
        let beside = |c: &&Cell| c.column < self.shape.first || slots.last().is_some_and(|last| c.column > *last);
        let shifted = placed.len() < slots.len() && all.len() == slots.len() && all.iter().any(beside);
        if shifted { all.into_iter().enumerate().collect() } else { placed }
    }

    /// Lists what stands in place of an amount in a row that has others: words, a date, a ratio.
    fn list_unread(&mut self, row: u32, places: &[(usize, &Cell)]) {
        for (_, cell) in places {
            let name = a1(row, cell.column);
            match &cell.value {
                Value::Date(_) => self.unused.push(unused::text_for_amount(&self.grid.sheet, &name)),
                Value::Text(text) => match number::parse(text) {
                    Printed::Ratio => self.unused.push(unused::ratio_for_amount(&self.grid.sheet, &name)),
                    // A text with digits, or one that only holds the place of an amount, is listed in any row.
                    Printed::NotAmount if !text.chars().any(|c| c.is_ascii_digit()) && !is_placeholder(text) => {
                        self.unused.push(unused::text_for_amount(&self.grid.sheet, &name));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// The figure of a cell, and whether the cell shows that its row is a line and not a heading.
    fn figure(&mut self, row: u32, cell: &Cell, unlabelled: bool) -> (Option<Figure>, bool) {
        let name = a1(row, cell.column);
        let figure = |amount: Decimal, text: String, side| Some(Figure { amount, text, side, cell: name.clone() });
        match &cell.value {
            Value::Number(number) => (figure(*number, cell.text_of_number(*number), cell.side), true),
            Value::Date(_) => (None, false),
            // Formulas without a value are listed for the whole sheet.
            Value::Uncalculated => (None, true),
            Value::Error(error) => {
                self.unused.push(unused::error_cell(&self.grid.sheet, &name, error));
                (None, true)
            }
            Value::Text(text) => match number::parse(text) {
                Printed::Amount(amount, side) => (figure(amount, text.clone(), side), true),
                Printed::Nil => (figure(Decimal::ZERO, text.clone(), None), true),
                Printed::Absent | Printed::Ratio => (None, true),
                Printed::Refused => {
                    self.unused.push(unused::doubtful_amount(&self.grid.sheet, &name));
                    (None, true)
                }
                Printed::NotAmount if is_placeholder(text) => {
                    self.unused.push(unused::text_for_amount(&self.grid.sheet, &name));
                    (None, true)
                }
                Printed::NotAmount => {
                    if !unlabelled && text.chars().any(|c| c.is_ascii_digit()) {
                        self.unused.push(unused::text_for_amount(&self.grid.sheet, &name));
                    }
                    (None, false)
                }
            },
        }
    }
}

/// Whether a label goes on in the next row: it ends with a word that another one follows, or within brackets.
fn is_unfinished(label: &str) -> bool {
    const WORDS: [&str; 15] =
        ["and", "&", "of", "from", "with", "to", "for", "by", "the", "or", "under", "against", "on", "in", "per"];
    let last = label.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let worded = label.split_whitespace().count() > 1;
    worded && (WORDS.contains(&last.as_str()) || label.ends_with(','))
        || label.matches('(').count() > label.matches(')').count()
}

/// Whether a text only holds the place of an amount, e.g. `xx` or `?`.
fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    matches!(lower.as_str(), "tbd" | "tba" | "pending" | "awaited")
        || !lower.is_empty() && lower.chars().all(|c| matches!(c, 'x' | '?' | '#' | '.' | ',')) && lower != "..."
}

/// A number or code in its own cell before the label.
fn serial(cell: &Cell) -> Option<(Style, u32)> {
    match &cell.value {
        Value::Number(n) => u32::try_from(*n).ok().filter(|n| *n < 200).map(|n| (Style::Digit, n)),
        Value::Text(text) if label::is_code(text) => {
            label::numbered(&format!("{} x", text.trim_end_matches(['.', ')']).to_owned() + ".")).number
        }
        _ => None,
    }
}

fn note_text(cell: &Cell) -> Option<String> {
    match &cell.value {
        Value::Text(text) if text.chars().count() <= 20 => {
            Some(text.clone()).filter(|t| number::parse(t) != Printed::Nil)
        }
        // `2.10` is stored as 2.1: the reference is what the cell shows.
        Value::Number(number) => Some(cell.text_of_number(*number)),
        _ => None,
    }
}

struct Labelled {
    label: String,
    column: u32,
    indent: u8,
    bold: bool,
    group: Option<String>,
}

/// Joins the cells of a label. Codes next to it are left out. A cell with words before it is its group's heading. Of the
/// cells after it, only a formula in brackets belongs to it.
fn label_of(texts: &[&Cell], label: u32) -> Labelled {
    let worded: Vec<&&Cell> = texts.iter().filter(|c| text_of(c).is_some_and(|t| !label::is_code(t))).collect();
    let cells = if worded.is_empty() { texts.iter().collect() } else { worded };
    let main = cells
        .iter()
        .find(|c| c.column == label)
        .or_else(|| cells.iter().find(|c| c.column < label))
        .or(cells.first())
        .copied();
    let Some(main) = main else {
        return Labelled { label: String::new(), column: label, indent: 0, bold: false, group: None };
    };
    let mut parts = Vec::new();
    let mut group = None;
    for cell in &cells {
        let text = text_of(cell).unwrap_or_default();
        if cell.column < main.column {
            if JOINED.contains(&plain(text).as_str()) {
                parts.push(text);
            } else if text.chars().filter(|c| c.is_alphabetic()).count() >= 4 {
                group = Some(text.to_owned());
            }
        } else if cell.column == main.column || text.starts_with('(') {
            parts.push(text);
        }
    }
    let depth = u8::try_from(main.column.min(50)).unwrap_or(50) * 4;
    let indent = main.indent.saturating_add(depth);
    Labelled { label: parts.join(" "), column: main.column, indent, bold: main.bold, group }
}
