//! Finds the heading `Profit & Loss Account` within a balance sheet, above what is left of it: it opens no statement.

use super::{Block, has_amount, is_amount, is_side_heading};
use crate::grid::{Cell, Row, Value};
use crate::kind;
use crate::label::{numbered, plain};
use domain::statement::StatementKind;

/// How many rows below the heading are searched for its first amount.
const ROWS_MAX: usize = 4;
/// How many labels of a block without a title show what it is.
const LABELS_MAX: usize = 400;

/// Whether the row is such a heading. `below`: the rows that follow it.
pub(super) fn is_heading(block: &Block<'_>, row: &Row, below: &[Row]) -> bool {
    let named = |cell: &&Cell| matches!(&cell.value, Value::Text(text) if names_account(text));
    let Some(heading) = row.cells.iter().find(named) else { return false };
    is_balance_sheet(block) && begins_with_balance(below, heading.column)
}

/// Whether a text is the name of the profit and loss account and nothing more, except the side of its balance.
fn names_account(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "profit",
        "loss",
        "&",
        "and",
        "p",
        "l",
        "p&l",
        "pl",
        "account",
        "ac",
        "a",
        "c",
        "dr",
        "debit",
        "balance",
        "to",
        "by",
        "the",
        "in",
        "of",
        "less",
        "add",
        "accumulated",
        "deficit",
    ];
    let text = plain(numbered(text).text);
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let named = text.contains("profit") && text.contains("loss")
        || words.iter().any(|word| matches!(*word, "p&l" | "pl"))
        || words.windows(3).any(|pair| matches!(pair, ["p", "&" | "and", "l"]));
    named && words.iter().all(|word| WORDS.contains(word))
}

/// Whether a label is that of a balance of an account, or of what changed it: `Opening balance`, `Add: loss for the year`.
fn names_balance(label: &str) -> bool {
    const BEGINNINGS: [&str; 27] = [
        "opening balance",
        "opening debit balance",
        "opening loss",
        "op balance",
        "op bal",
        "balance",
        "debit balance",
        "dr balance",
        "credit balance",
        "as per last",
        "last year",
        "previous year",
        "current year",
        "during the year",
        "for the year",
        "for the current year",
        "brought forward",
        "b f",
        "b d",
        "loss",
        "net loss",
        "profit for the year",
        "net profit for the year",
        "accumulated loss",
        "deficit",
        "debit",
        "dr",
    ];
    let text = plain(numbered(label).text);
    let own = ["add ", "less ", "to ", "by "].iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(&text);
    BEGINNINGS.iter().any(|words| own.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

/// Whether the first amount below the heading, which is in this column, is that of a balance, or has no label.
fn begins_with_balance(below: &[Row], column: u32) -> bool {
    let Some(first) = below.iter().take(ROWS_MAX).find(|row| has_amount(row)) else { return false };
    let texts = first.cells.iter().filter(|cell| cell.column >= column && !is_amount(cell));
    let mut texts = texts.filter_map(|cell| if let Value::Text(text) = &cell.value { Some(text) } else { None });
    texts.next().is_none_or(|text| names_balance(text))
}

/// Whether a block is a balance sheet, by its titles and headings, else by its lines.
fn is_balance_sheet(block: &Block<'_>) -> bool {
    let titled = block.titles.iter().rev().find_map(|title| kind::of_title(title).filter(|_| kind::is_title(title)));
    if let Some(kind) = titled {
        return kind == StatementKind::BalanceSheet;
    }
    let heads = block.headers.iter().flat_map(|row| &row.cells);
    let sided = heads.filter_map(|cell| if let Value::Text(text) = &cell.value { Some(text) } else { None });
    let of_position =
        |text: &String| is_side_heading(text) && (plain(text).contains("liab") || plain(text).contains("asset"));
    if sided.into_iter().any(of_position) {
        return true;
    }
    let cells = block.body.iter().flat_map(|row| &row.cells).take(LABELS_MAX);
    let labels: Vec<String> =
        cells.filter_map(|cell| if let Value::Text(text) = &cell.value { Some(text.clone()) } else { None }).collect();
    kind::of_block(&[], "", &labels) == StatementKind::BalanceSheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_known_by_its_bare_name() {
        for text in
            ["Profit & Loss Account", "PROFIT AND LOSS A/C", "P & L A/c (Dr.)", "Profit & Loss A/c (Debit balance)"]
        {
            assert!(names_account(text), "{text}");
        }
        for text in [
            "Profit and Loss Account for the year ended 31.03.2025",
            "Trading and Profit & Loss Account",
            "Statement of Profit and Loss",
            "Loss on sale of assets",
            "Debit balance",
        ] {
            assert!(!names_account(text), "{text}");
        }
    }

    #[test]
    fn a_balance_is_no_stock() {
        assert!(
            names_balance("Opening balance")
                && names_balance("Add: Loss for the year")
                && names_balance("Debit balance")
        );
        assert!(!names_balance("Opening stock") && !names_balance("To Opening Stock") && !names_balance("Sales"));
    }

    proptest::proptest! {
        #[test]
        fn case_does_not_matter(text in "\\PC{0,60}") {
            let _ = names_balance(&text);
            let _ = names_account(&text);
            let ascii: String = text.chars().filter(char::is_ascii).collect();
            proptest::prop_assert_eq!(names_account(&ascii), names_account(&ascii.to_uppercase()));
        }
    }
}
