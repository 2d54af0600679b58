//! Lines below the heading `Profit & Loss Account` of a balance sheet: what is left of it, or what changed it. They are part
//! of the net worth on whichever side they are printed.

use domain::statement::{LineRole, StatementKind};

use super::draft::Draft;
use crate::row::RowCode;

const SURPLUS: RowCode = row!("III.23");
/// Confidence that such a line is part of the surplus.
const CONFIDENCE: f64 = 0.93;

/// Puts such lines into the surplus.
pub(super) fn resolve(drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|draft| is_line(draft)) {
        if draft.line.role == LineRole::Item && (draft.choice.row != SURPLUS || draft.choice.confidence < CONFIDENCE) {
            draft.choice.row = SURPLUS;
            draft.choice.confidence = CONFIDENCE;
            "below the heading of the profit and loss account".clone_into(&mut draft.choice.reason);
        }
    }
}

/// Whether a line is a balance of the profit and loss account, or what changed it.
pub(super) fn is_line(draft: &Draft) -> bool {
    let headed = draft.line.section.last().is_some_and(|heading| names_account(heading));
    draft.statement.kind == StatementKind::BalanceSheet && headed && is_balance(&draft.line.label)
}

/// Whether an amount of such a line that is printed as positive lowers the net worth.
pub(super) fn is_debit(draft: &Draft) -> bool {
    let words = words(&draft.line.label);
    let has = |word: &str| words.iter().any(|own| own == word);
    match (has("loss") || has("debit") || has("dr") || has("deficit"), has("profit") || has("surplus")) {
        (true, false) => true,
        (false, true) => false,
        _ => is_debit_account(&draft.line.section) != has("less"),
    }
}

/// Whether the account is among the assets, or its heading says that its balance is a debit.
fn is_debit_account(section: &[String]) -> bool {
    let Some((account, above)) = section.split_last() else { return false };
    let account = words(account);
    let says = |word: &str| account.iter().any(|own| own == word);
    let is_asset = |heading: &String| {
        let lower = heading.to_lowercase();
        let liability = ["liabilit", "equity", "capital", "reserve", "sources of fund"];
        let asset = ["asset", "application"];
        if liability.iter().any(|word| lower.contains(word)) {
            Some(false)
        } else {
            asset.iter().any(|word| lower.contains(word)).then_some(true)
        }
    };
    says("debit") || says("dr") || says("deficit") || above.iter().rev().find_map(is_asset).unwrap_or(false)
}

/// Whether a heading is the name of the profit and loss account and nothing more.
fn names_account(heading: &str) -> bool {
    const OTHERS: [&str; 17] = [
        "profit",
        "loss",
        "and",
        "p",
        "l",
        "pl",
        "account",
        "ac",
        "a",
        "c",
        "dr",
        "debit",
        "balance",
        "the",
        "in",
        "accumulated",
        "deficit",
    ];
    let words = words(heading);
    let has = |word: &str| words.iter().any(|own| own == word);
    (has("profit") && has("loss") || has("p") && has("l") || has("pl"))
        && words.iter().all(|word| OTHERS.contains(&word.as_str()))
}

/// Whether a label is that of a balance, or of what changed it. An amount without a label is the balance.
fn is_balance(label: &str) -> bool {
    const WORDS: [&str; 14] = [
        "balance", "loss", "profit", "last", "previous", "current", "forward", "debit", "deficit", "surplus", "year",
        "b", "dr", "brought",
    ];
    let words = words(label);
    words.is_empty() || words.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// The words of a text in lower case; signs between them are left out.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classified, line, statement};
    use super::*;

    #[test]
    fn a_debit_balance_among_the_assets_lowers_the_net_worth() {
        let assets = ["Assets", "Profit & Loss Account"];
        let lines = vec![
            line("o", "Opening balance", &assets, &[6000]),
            line("l", "Add: loss for the year", &assets, &[6000]),
            line("p", "Less: profit for the year", &assets, &[1000]),
        ];
        let found = classified(vec![statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], lines)]);
        let got: Vec<(&str, i8)> = found.iter().map(|line| (line.row_code.as_str(), line.sign)).collect();
        assert_eq!(got, [("III.23", -1), ("III.23", -1), ("III.23", 1)]);
    }

    #[test]
    fn a_credit_balance_among_the_liabilities_raises_it() {
        let section = ["Liabilities", "Reserves and surplus", "Profit and Loss A/c"];
        let lines = vec![
            line("o", "Opening balance", &section, &[6000]),
            line("p", "Add: Profit for the year", &section, &[2000]),
            line("l", "Less: Loss for the year", &section, &[1000]),
        ];
        let found = classified(vec![statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], lines)]);
        let got: Vec<(&str, i8)> = found.iter().map(|line| (line.row_code.as_str(), line.sign)).collect();
        assert_eq!(got, [("III.23", 1), ("III.23", 1), ("III.23", -1)]);
    }

    #[test]
    fn other_lines_below_the_heading_keep_their_row() {
        let lines = vec![line("m", "Preliminary expenses", &["Assets", "Profit & Loss Account"], &[500])];
        let found = classified(vec![statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], lines)]);
        assert_ne!(found[0].row_code.as_str(), "III.23");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged(text in "\\PC{0,60}") {
            let _ = (is_balance(&text), is_debit_account(std::slice::from_ref(&text)));
            proptest::prop_assert_eq!(names_account(&text), names_account(&format!(" {text} :")));
        }
    }
}
