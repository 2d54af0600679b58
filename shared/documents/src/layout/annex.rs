//! Finds tables below a statement on the same sheet that break up one of its amounts: the capital accounts of partners, a
//! schedule of fixed assets. Their amounts are in the statement already.

use super::{Block, has_amount, is_amount, row_text};
use crate::grid::{Row, Value};
use crate::label::plain;
use crate::{kind, number, role};
use rust_decimal::Decimal;

/// Longest title of such a table, in characters.
const TITLE_CHARS_MAX: usize = 120;
/// How many rows above the first amounts are searched for headings.
const ROWS_MAX: usize = 12;
/// How many cells of a row are headings of such a table at least.
const HEADINGS_MIN: usize = 2;

/// Whether a row below a statement begins such a table.
pub(super) fn begins(block: &Block<'_>, row: &Row) -> bool {
    if has_amount(row) {
        return false;
    }
    let titled = || row.cells.len() <= 3 && row_text(row).is_some_and(|text| is_title(&text));
    if block.annex {
        return titled();
    }
    is_table_heading(row) && ends(block, false) || titled() && ends(block, true)
}

/// Whether a block is such a table by its title and its headings.
pub(super) fn is_one(block: &Block<'_>) -> bool {
    let above = || block.body.iter().take_while(|row| !has_amount(row)).take(ROWS_MAX);
    let texts: Vec<String> = block.titles.iter().cloned().chain(above().filter_map(|row| row_text(row))).collect();
    texts.iter().any(|text| is_title(text))
        && !texts.iter().any(|text| kind::is_title(text))
        && block.headers.iter().chain(above()).any(|row| is_table_heading(row))
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

/// Whether the statement above has ended: its last amounts are a total that it prints twice, or a result.
fn ends(block: &Block<'_>, twice: bool) -> bool {
    let Some(last) = block.body.iter().rfind(|row| has_amount(row)) else { return false };
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
        block.body.iter().filter(|row| has_amount(row) && is_total(row)).flat_map(|row| amounts(row)).collect();
    !twice || ended.iter().any(|own| totals.iter().filter(|other| *other == own).count() >= 2)
}
