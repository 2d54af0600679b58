//! Finds tables below a statement on the same sheet that break up one of its amounts: the capital accounts of partners, a
//! schedule of fixed assets. Their amounts are in the statement already.

use super::{Block, has_amount, is_amount, row_text};
use crate::grid::{Row, Value};
use crate::label::plain;
use crate::{heading, kind, number, role};
use rust_decimal::Decimal;

/// Longest title of such a table, in characters.
const TITLE_CHARS_MAX: usize = 120;
/// How many rows of a statement are compared with what follows it.
const BODY_MAX: usize = 400;
/// How many rows above the first amounts are searched for headings.
const ROWS_MAX: usize = 12;
/// How many cells of a row are headings of such a table at least.
const HEADINGS_MIN: usize = 2;

/// Whether a row below a statement begins such a table.
pub(super) fn begins(block: &Block<'_>, row: &Row) -> bool {
    if has_amount(row) {
        return false;
    }
    let titled = || row.cells.len() <= 3 && row_text(row).is_some_and(|text| is_title(&text) || is_list(block, &text));
    if block.annex {
        return titled();
    }
    is_table_heading(row) && ends(block, false) || ends(block, true) && (titled() || names_columns(row))
}

/// Whether a text says that a list of what is in one line of the statement follows, or repeats the label of one.
fn is_list(block: &Block<'_>, text: &str) -> bool {
    let own = plain(text);
    if text.chars().count() > TITLE_CHARS_MAX || own.is_empty() {
        return false;
    }
    let says = ["list of", "details of", "detail of", "break up", "breakup", "working", "grouping of"];
    let labels = || {
        let rows = near(block, BODY_MAX).filter(|row| has_amount(row));
        rows.flat_map(|row| &row.cells)
            .filter_map(|c| if let Value::Text(t) = &c.value { Some(plain(t)) } else { None })
    };
    says.iter().any(|w| own.starts_with(w)) || labels().any(|label| label == own)
}

/// Whether a row names the columns of a table, e.g. `Particulars`, then the partners.
fn names_columns(row: &Row) -> bool {
    let texts = row.cells.iter().filter_map(|c| if let Value::Text(t) = &c.value { Some(t.as_str()) } else { None });
    let texts: Vec<&str> = texts.collect();
    let begins = texts.first().is_some_and(|t| {
        let plain = plain(t);
        ["particular", "name", "sl", "sr"].iter().any(|w| plain.starts_with(w))
    });
    let named = |text: &&&str| {
        !super::is_side_heading(text)
            && !plain(text).starts_with("particular")
            && !heading::parse(text).only_heading_words
            && text.chars().any(char::is_alphabetic)
    };
    let all = texts.len() >= 3 && texts.len() == row.cells.len() && !has_amount(row);
    all && begins && texts.iter().skip(1).filter(named).count() >= HEADINGS_MIN
}

/// Whether a block is such a table by its title and its headings.
pub(super) fn is_one(block: &Block<'_>) -> bool {
    let above = || block.body.iter().take_while(|row| !has_amount(row)).take(ROWS_MAX);
    let texts: Vec<String> = block.titles.iter().cloned().chain(above().filter_map(|row| row_text(row))).collect();
    texts.iter().any(|text| is_title(text))
        && !texts.iter().any(|text| kind::is_title(text))
        && block.headers.iter().chain(above()).any(|row| is_table_heading(row) || names_columns(row))
}

/// Whether a text is the title of such a table.
#[must_use]
pub fn is_title(text: &str) -> bool {
    if text.chars().count() > TITLE_CHARS_MAX {
        return false;
    }
    let plain = plain(text);
    let has = |list: &[&str]| list.iter().any(|w| plain.contains(w));
    let capital = has(&["capital account", "capital a c", "capital acc"])
        || has(&["partner", "proprietor"]) && has(&["capital", "current account", "current a c"]);
    let assets = has(&["fixed asset", "property plant", "depreciation", "wdv", "written down value"]);
    let table =
        has(&["schedule", "chart", "statement of", "detail", "annexure", "note ", "working", "movement", "as per"]);
    capital || assets && (table || plain == "fixed assets" || plain == "depreciation")
}

/// Whether a row holds the headings of such a table: what was there first, what was added, what is left.
#[must_use]
pub fn is_table_heading(row: &Row) -> bool {
    let words: &[&str] = &[
        "opening",
        "op bal",
        "addition",
        "deletion",
        "deduction",
        "disposal",
        "depreciation",
        "dep",
        "closing",
        "cl bal",
        "wdv",
        "introduc",
        "drawing",
        "withdraw",
        "remuneration",
        "share of profit",
        "180 days",
        "gross block",
        "net block",
        "name of asset",
        "name of partner",
        "name of the",
        "purchase",
        "sale",
        "rate",
    ];
    if has_amount(row) || row.cells.len() < 3 {
        return false;
    }
    let texts = row.cells.iter().filter_map(|c| if let Value::Text(t) = &c.value { Some(plain(t)) } else { None });
    texts.filter(|text| words.iter().any(|w| starts_word(text, w))).count() >= HEADINGS_MIN
}

/// Whether a text contains words that begin with these.
fn starts_word(text: &str, words: &str) -> bool {
    text.starts_with(words) || text.contains(&format!(" {words}"))
}

/// The last rows of a block, bottom to top.
fn near<'a>(block: &'a Block<'_>, rows_max: usize) -> impl Iterator<Item = &'a Row> {
    block.body.iter().rev().take(rows_max).copied()
}

/// Whether the statement above has ended: its last amounts are a total that it prints twice, or a result.
fn ends(block: &Block<'_>, twice: bool) -> bool {
    let Some(last) = near(block, ROWS_MAX).find(|row| has_amount(row)) else { return false };
    let texts = |row: &Row| {
        row.cells
            .iter()
            .filter_map(|c| if let Value::Text(t) = &c.value { Some(t.clone()) } else { None })
            .collect::<Vec<_>>()
    };
    let labels = texts(last);
    if labels.iter().any(|t| role::names_profit(t) || role::is_result(t)) {
        return true;
    }
    let is_total = |row: &Row| {
        let labels: Vec<String> = texts(row).into_iter().filter(|t| t.chars().any(char::is_alphabetic)).collect();
        labels.is_empty() || labels.iter().any(|t| role::ends_side(t))
    };
    if !is_total(last) {
        return false;
    }
    let amounts = |row: &Row| -> Vec<Decimal> {
        let of = |c: &crate::grid::Cell| match &c.value {
            Value::Number(n) => Some(*n),
            Value::Text(t) => match number::parse(t) {
                number::Printed::Amount(amount, _) => Some(amount),
                _ => None,
            },
            _ => None,
        };
        row.cells.iter().filter(|c| is_amount(c)).filter_map(of).filter(|v| !v.is_zero()).collect()
    };
    let ended: Vec<Decimal> = amounts(last);
    let totals: Vec<Decimal> =
        near(block, BODY_MAX).filter(|row| has_amount(row) && is_total(row)).flat_map(amounts).collect();
    !twice || ended.iter().any(|own| totals.iter().filter(|other| *other == own).count() >= 2)
}
