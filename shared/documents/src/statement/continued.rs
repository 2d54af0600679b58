//! Finds the half of a balance sheet that goes on without headings, e.g. on the next sheet: it has the columns of the half
//! before.

use crate::heading;
use crate::label::{numbered, plain};
use crate::panel::Line;
use domain::statement::{Column, Question, Statement, StatementKind, Subject};

/// How many labels show a side at least.
const LABELS_MIN: usize = 2;
/// How many labels of one side stand against each label of the other at least.
const SHARE_MIN: usize = 3;

/// Words of labels and headings that are only among the assets.
const ASSETS: [&str; 19] = [
    "asset",
    "inventor",
    "debtor",
    "receivable",
    "cash",
    "closing stock",
    "stock in",
    "bank balance",
    "balances with",
    "plant and machinery",
    "plant & machinery",
    "property plant",
    "gross block",
    "net block",
    "loans and advances",
    "loans & advances",
    "investments",
    "prepaid",
    "application of funds",
];
/// Words of labels and headings that are only among the liabilities.
const LIABILITIES: [&str; 14] = [
    "share capital",
    "capital account",
    "partners capital",
    "reserves",
    "borrowing",
    "term loan",
    "unsecured loan",
    "secured loan",
    "cash credit",
    "payable",
    "creditor",
    "liabilit",
    "sources of funds",
    "provision for",
];

/// One half of a balance sheet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Assets,
    Liabilities,
}

/// The columns of the last balance sheet, if it is one half, is dated, and these lines are the other half of it: as many
/// columns, whose own headings name nothing.
pub(super) fn columns<'a>(
    statements: &'a [Statement],
    lines: &[Line],
    columns: &[Column],
    questions: &[Question],
    kind: StatementKind,
) -> Option<&'a Statement> {
    if !matches!(kind, StatementKind::BalanceSheet | StatementKind::Unknown) || columns.is_empty() {
        return None;
    }
    let named = |column: &Column| {
        let facts = heading::parse(&column.heading);
        column.period_end.is_some()
            || !(column.heading.is_empty() || facts.only_heading_words || is_unit(&column.heading))
    };
    if columns.iter().any(named) || questions.iter().any(|question| question.subject == Subject::Period) {
        return None;
    }
    let mut sheets = statements.iter().filter(|statement| statement.kind == StatementKind::BalanceSheet);
    let before = sheets.next_back()?;
    let dated = before.columns.iter().all(|column| column.period_end.is_some());
    if !dated || before.columns.len() != columns.len() {
        return None;
    }
    let of_statement =
        |statement: &Statement| half(statement.lines.iter().flat_map(|line| line.section.iter().chain([&line.label])));
    let (first, second) = (of_statement(before)?, half(lines.iter().map(|line| &line.label))?);
    // Where a balance sheet is complete, such a table breaks up one of its amounts.
    let incomplete = sheets.all(|other| of_statement(other) == Some(first));
    (first != second && incomplete).then_some(before)
}

/// Whether a heading only states a unit, e.g. `Amount (Rs.)`.
fn is_unit(text: &str) -> bool {
    crate::unit::read(text).pure
}

/// The half that labels belong to.
fn half<'a>(labels: impl Iterator<Item = &'a String>) -> Option<Half> {
    let (mut assets, mut liabilities) = (0_usize, 0_usize);
    for label in labels {
        let text = plain(numbered(label).text);
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        match (has(&ASSETS), has(&LIABILITIES)) {
            (true, false) => assets += 1,
            (false, true) => liabilities += 1,
            _ => {}
        }
    }
    if assets >= LABELS_MIN && assets >= liabilities * SHARE_MIN {
        Some(Half::Assets)
    } else if liabilities >= LABELS_MIN && liabilities >= assets * SHARE_MIN {
        Some(Half::Liabilities)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_order_of_labels_does_not_matter(mut labels in proptest::collection::vec("\\PC{0,30}|Cash|Sundry creditors", 0..12)) {
            let found = half(labels.iter());
            labels.reverse();
            proptest::prop_assert!(half(labels.iter()) == found);
        }
    }
}
