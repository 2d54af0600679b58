//! Splits a sheet's rows into blocks: titles, heading rows, and the rows below them.

mod annex;
mod balance;

use crate::grid::{Cell, Grid, Row, Value};
use crate::label::plain;
use crate::{heading, kind, number, role, unit};
pub use annex::{is_table_heading, is_title as is_annex_title};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::str::FromStr;

/// The rows of one statement.
#[derive(Clone, Debug, Default)]
pub struct Block<'a> {
    /// Text rows above the heading rows.
    pub titles: Vec<String>,
    /// Heading rows.
    pub headers: Vec<&'a Row>,
    /// How many of the heading rows are above a title, e.g. a row with the day of printing.
    pub titled: usize,
    /// Rows below the heading rows, top to bottom.
    pub body: Vec<&'a Row>,
    /// Whether the heading rows of the block above apply, because this block begins with only a title.
    pub inherits: bool,
    /// Whether it is a table below a statement that breaks up one of its amounts, e.g. a schedule of fixed assets.
    pub annex: bool,
}

/// How many heading rows of a block are kept: those nearest to its lines. No statement has that many.
const HEADER_ROWS_MAX: usize = 12;

/// Longest text that is a unit and no label that mentions one, in characters.
const UNIT_CHARS_MAX: usize = 30;

/// Decimals that the number of a note has at most, e.g. `2.10`.
const NOTE_DECIMALS_MAX: u32 = 2;

/// A row of this many dates or years is a heading row even if a number among them is none of them.
const MISPRINT_DATES_MIN: usize = 3;

/// How many dates or years such a row has for each other number, at least.
const MISPRINT_DATES_PER_AMOUNT: usize = 2;

/// Longest text of a heading row that is an abbreviation such as `Sl.` and no label, in letters and digits.
const STUB_CHARS_MAX: usize = 3;

/// Longest text that names a column, in characters.
const HEADING_CHARS_MAX: usize = 40;

/// How many texts a row of such names has at least.
const HEADINGS_MIN: usize = 3;

/// What a cell suggests about its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Something that only headings contain.
    Strong,
    /// Words common in headings, e.g. `Particulars`.
    Weak,
    /// A number that could be a year or a date.
    Yearish,
    /// An amount.
    Amount,
    /// Other words.
    Text,
}

/// Splits a sheet into blocks.
#[must_use]
pub fn blocks(grid: &Grid) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut block = Block::default();
    let mut has_figures = false;
    // The heading rows of the statement above an annex.
    let mut above: (Vec<&Row>, usize) = (Vec::new(), 0);
    for (at, row) in grid.rows.iter().enumerate() {
        let below = grid.rows.get(at + 1..).unwrap_or_default();
        if has_figures && annex::begins(&block, row) {
            if !block.annex {
                above = (block.headers.clone(), block.titled);
            }
            block = close(&mut blocks, block);
            block.annex = true;
            has_figures = false;
            if is_table_heading(row) {
                block.headers.push(row);
            } else {
                block.titles.extend(row_text(row));
            }
        } else if is_header(row, block.headers.is_empty() && !block.inherits, has_figures) {
            if has_figures {
                block = close(&mut blocks, block);
                has_figures = false;
            } else {
                // Text between two heading rows, or a title above the first one.
                let titles = block.body.drain(..).filter_map(title_text).collect::<Vec<_>>();
                if titles.iter().any(|t| names_block(t)) {
                    block.titled = block.headers.len();
                }
                block.titles.extend(titles);
            }
            if block.inherits {
                block.headers.clear();
                block.titled = 0;
                block.inherits = false;
            }
            if block.headers.len() >= HEADER_ROWS_MAX {
                block.headers.remove(0);
                block.titled = block.titled.saturating_sub(1);
            }
            block.headers.push(row);
            block.titles.extend(header_title(row));
        } else if block.body.is_empty()
            && !block.headers.is_empty()
            && block.headers.len() < HEADER_ROWS_MAX
            && is_header_noise(row)
        {
            block.headers.push(row);
        } else if has_figures
            && row_text(row).is_some_and(|t| !has_amount(row) && kind::is_title(&t) && !role::names_profit(&t))
            && !balance::is_heading(&block, row, below)
        {
            let title = row_text(row).unwrap_or_default();
            let (headers, titled) =
                if block.annex { std::mem::take(&mut above) } else { (block.headers.clone(), block.titled) };
            blocks.push(block);
            block = Block { titles: vec![title], headers, titled, inherits: true, ..Block::default() };
            has_figures = false;
        } else {
            has_figures |= has_amount(row);
            block.body.push(row);
        }
    }
    blocks.push(block);
    blocks.retain(|b| b.body.iter().any(|r| has_amount(r)));
    for block in &mut blocks {
        block.annex |= annex::is_one(block);
    }
    blocks
}

/// Ends a block at a new heading row. The texts directly above that row become titles of the next block.
fn close<'a>(blocks: &mut Vec<Block<'a>>, mut block: Block<'a>) -> Block<'a> {
    let last = block.body.iter().rposition(|r| has_amount(r)).map_or(0, |i| i + 1);
    let titles = block.body.drain(last..).filter_map(title_text).collect();
    blocks.push(block);
    Block { titles, ..Block::default() }
}

/// Whether a text between heading rows is a title or a name, and not a remark on the headings such as a unit.
fn names_block(text: &str) -> bool {
    let facts = heading::parse(text);
    let worded = text.chars().filter(|c| c.is_alphabetic()).count() >= 8;
    kind::is_title(text) || (worded && !facts.only_heading_words && !text.starts_with('(') && !states_unit(text))
}

/// The first text of a heading row if it is a title, e.g. of a note.
fn header_title(row: &Row) -> Option<String> {
    let Value::Text(text) = &row.cells.first()?.value else { return None };
    let facts = heading::parse(text);
    let worded =
        text.chars().filter(|c| c.is_alphabetic()).count() >= 8 && facts.periods.is_empty() && facts.kind.is_none();
    (kind::is_title(text) || (worded && !facts.only_heading_words)).then(|| text.clone())
}

/// All texts of a row, joined.
#[must_use]
pub fn row_text(row: &Row) -> Option<String> {
    let texts: Vec<&str> =
        row.cells.iter().filter_map(|c| if let Value::Text(t) = &c.value { Some(t.as_str()) } else { None }).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// The texts of a row as a title, with the number before them: `2.10 | Other current liabilities`.
fn title_text(row: &Row) -> Option<String> {
    let text = row_text(row)?;
    let number = row.cells.first().filter(|_| is_page_number(row)).and_then(|cell| match &cell.value {
        Value::Number(number) => Some(cell.text_of_number(*number)),
        _ => None,
    });
    Some(number.map_or_else(|| text.clone(), |number| format!("{number} {text}")))
}

/// Whether a row holds an amount.
#[must_use]
pub fn has_amount(row: &Row) -> bool {
    row.cells.iter().any(is_amount) && !is_page_number(row)
}

/// Whether a row's only number numbers a heading, or is a page number after a title.
fn is_page_number(row: &Row) -> bool {
    let mut numbers = row.cells.iter().filter(|c| is_amount(c));
    let low = |n: Decimal| n > Decimal::ZERO && n < Decimal::ONE_HUNDRED;
    let small = |c: &Cell| plain_number(c).is_some_and(|n| n.fract().is_zero() && low(n));
    // `2.10` before the heading of a note.
    let of_note = |c: &Cell| plain_number(c).is_some_and(|n| n.scale() <= NOTE_DECIMALS_MAX && low(n));
    let alone = row.cells.len() == 2;
    match (numbers.next(), numbers.next()) {
        (Some(one), None) => {
            let first = row.cells.first().is_some_and(|c| c.column == one.column);
            let titled = row_text(row).is_some_and(|t| kind::is_title(&t));
            let last = row.cells.last().is_some_and(|c| c.column == one.column);
            // `Balance Sheet Total; 96` of delimited text is an amount.
            let of_page = titled && last && matches!(one.value, Value::Number(_));
            small(one) && (first || of_page) || first && alone && of_note(one)
        }
        _ => false,
    }
}

/// The number in a cell, also one that is typed or stored as a text of digits.
fn plain_number(cell: &Cell) -> Option<Decimal> {
    match &cell.value {
        Value::Number(number) => Some(*number),
        Value::Text(text) if text.chars().all(|c| c.is_ascii_digit() || c == '.') => Decimal::from_str(text).ok(),
        _ => None,
    }
}

/// Whether a cell holds an amount, even one that cannot be read.
#[must_use]
pub fn is_amount(cell: &Cell) -> bool {
    match &cell.value {
        Value::Number(_) | Value::Error(_) | Value::Uncalculated => true,
        Value::Date(_) => false,
        Value::Text(text) => matches!(number::parse(text), number::Printed::Amount(..) | number::Printed::Refused),
    }
}

fn is_nil(cell: &Cell) -> bool {
    matches!(&cell.value, Value::Text(text) if number::parse(text) == number::Printed::Nil)
}

fn class(cell: &Cell) -> Class {
    match &cell.value {
        Value::Error(_) | Value::Uncalculated => Class::Amount,
        Value::Date(_) => Class::Strong,
        Value::Number(value) if heading::number(*value).is_some() => Class::Yearish,
        Value::Number(_) => Class::Amount,
        Value::Text(text) => {
            let facts = heading::parse(text);
            if facts.only_heading_words && facts.is_strong() && text.len() <= 160 {
                return if number::parse(text) == number::Printed::NotAmount || is_dotted_date(text) {
                    Class::Strong
                } else {
                    text_year(text)
                };
            }
            match number::parse(text) {
                number::Printed::NotAmount if facts.only_heading_words || is_side_heading(text) || is_unit(text) => {
                    Class::Weak
                }
                number::Printed::NotAmount => Class::Text,
                _ if is_dotted_date(text) => Class::Strong,
                number::Printed::Amount(amount, _) if heading::number(amount).is_some() => text_year(text),
                _ => Class::Amount,
            }
        }
    }
}

/// Delimited text has no number cells: `2024` is a year or an amount, `2,024` is an amount.
fn text_year(text: &str) -> Class {
    let bare = text.trim();
    let plain = (4..=5).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
    if plain { Class::Yearish } else { Class::Amount }
}

/// Whether a text such as `31.03.2024`, which looks like an amount, is a date.
fn is_dotted_date(text: &str) -> bool {
    matches!(heading::parse(text).periods.as_slice(), [heading::When::Day(_) | heading::When::Either(..), ..])
        || (text.contains(['-', '/']) && matches!(heading::parse(text).periods.as_slice(), [heading::When::Year(_)]))
}

/// Whether a text is the heading of one side of an account.
#[must_use]
pub fn is_side_heading(text: &str) -> bool {
    let plain = crate::label::plain(text);
    matches!(
        plain.as_str(),
        "liabilities"
            | "assets"
            | "expenditure"
            | "expenses"
            | "income"
            | "dr"
            | "cr"
            | "capital & liabilities"
            | "capital and liabilities"
            | "property and assets"
            | "properties & assets"
            | "receipts"
            | "payments"
    )
}

/// Whether a row is a heading row. `first`: the block has no heading row yet; `has_figures`: the block has figures.
fn is_header(row: &Row, first: bool, has_figures: bool) -> bool {
    let classes: Vec<Class> = row.cells.iter().filter(|c| !is_nil(c)).map(class).collect();
    let count = |class: Class| classes.iter().filter(|c| **c == class).count();
    let (strong, weak, yearish, text) =
        (count(Class::Strong), count(Class::Weak), count(Class::Yearish), count(Class::Text));
    if row.cells.iter().any(|c| is_nil(c) && first && strong == 0) {
        return false;
    }
    let amounts = count(Class::Amount);
    if amounts > 0 {
        // A mistyped or misread date between dates, or year between years, looks like an amount: `31.122017`, `21117`.
        let dates = strong + yearish;
        return !has_figures
            && text == 0
            && dates >= MISPRINT_DATES_MIN
            && dates >= MISPRINT_DATES_PER_AMOUNT * amounts;
    }
    let leading_text = text == 1 && classes.first() == Some(&Class::Text);
    if yearish > 0 && strong == 0 {
        // `Sl.` above the serial numbers labels nothing.
        let stub = |cell: &Cell| matches!(&cell.value, Value::Text(t) if t.chars().filter(|c| c.is_alphanumeric()).count() <= STUB_CHARS_MAX);
        let named = row.cells.iter().any(|cell| class(cell) == Class::Text && !stub(cell));
        let labelled = named && !row_text(row).is_some_and(|t| kind::is_title(&t));
        return !has_figures && (!labelled || (first && distinct_years(row)))
            || (!labelled && weak > 0 && distinct_years(row));
    }
    if !has_figures && heads_columns(row) {
        return true;
    }
    if strong > 0 {
        let lone = classes.len() == 1 && row.cells[0].column == 0;
        return !lone
            && (text == 0 || leading_text || (classes.len() >= 3 && !has_figures) || (first && classes.len() >= 2));
    }
    let words = row_text(row).unwrap_or_default().to_lowercase();
    // `Particulars | Amount`, or the two sides of an account: `Liabilities | Assets`.
    let side = |c: &Cell| if let Value::Text(t) = &c.value { is_side_heading(t).then(|| plain(t)) } else { None };
    let sides = row.cells.iter().filter_map(side).collect::<BTreeSet<String>>().len();
    text == 0
        && weak >= 2
        && (words.contains("particular") || words.contains("amount") || words.contains("rs") || sides >= 2)
        || (!has_figures && text == 0 && weak >= 2)
}

/// Whether a row names its columns in short words, beginning with `Particulars`: `Particulars | Head office | Branch`.
fn heads_columns(row: &Row) -> bool {
    let texts: Vec<&str> =
        row.cells.iter().filter_map(|c| if let Value::Text(t) = &c.value { Some(t.as_str()) } else { None }).collect();
    let short = |text: &&str| text.chars().count() <= HEADING_CHARS_MAX;
    texts.len() == row.cells.len()
        && texts.len() >= HEADINGS_MIN
        && texts.first().is_some_and(|first| plain(first).starts_with("particular"))
        && texts.iter().all(short)
}

/// Whether a text is a unit or a currency, e.g. `USD`.
fn is_unit(text: &str) -> bool {
    text.chars().count() <= UNIT_CHARS_MAX && states_unit(text)
}

/// Whether a text states a unit or a currency, even one that is not known.
#[must_use]
pub fn states_unit(text: &str) -> bool {
    let reading = unit::read(text);
    reading.unit.is_some() || reading.unknown.is_some() || reading.foreign.is_some()
}

/// Whether the years of a row are consecutive, ascending or descending.
fn distinct_years(row: &Row) -> bool {
    let years: Vec<i16> = row
        .cells
        .iter()
        .filter_map(|c| match &c.value {
            Value::Number(n) => heading::number(*n),
            Value::Text(t) => heading::parse(t).periods.first().copied(),
            _ => None,
        })
        .filter_map(|w| match w {
            heading::When::Year(year) => Some(year),
            heading::When::Day(day) => Some(day.year()),
            _ => None,
        })
        .collect();
    years.len() >= 2 && years.windows(2).all(|w| (w[0] - w[1]).abs() == 1)
}

/// Whether a row between headings and lines has neither a label nor amounts: note numbers, units, stray marks.
fn is_header_noise(row: &Row) -> bool {
    let numbered = row.cells.iter().any(is_amount);
    row.cells.iter().all(|cell| match &cell.value {
        Value::Number(n) => n.fract().is_zero() && *n < 100.into() && *n > (-100).into(),
        Value::Text(text) if is_amount(cell) => text.len() <= 2,
        Value::Text(text) => {
            heading::parse(text).only_heading_words || text.len() <= 2 || (!numbered && states_unit(text))
        }
        _ => false,
    })
}
