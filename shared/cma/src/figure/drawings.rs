//! Shows the drawings that a balance sheet deducts from capital as a distribution too, as the form does for borrowers that
//! pay no dividend.

use super::column::Placed;
use super::entry::{Entry, Family};
use crate::classify::signed_amount;
use crate::row::RowCode;

const CAPITAL: RowCode = row!("III.19");
/// Dividends of a company, drawings of a proprietor or of partners.
const DISTRIBUTIONS: RowCode = row!("II.15");

/// Adds the drawings of every year that states no dividend and no drawings elsewhere.
pub(super) fn distribute(mut entries: Placed<'_>) -> Placed<'_> {
    let stated = |year: usize| entries.iter().any(|(of, entry)| *of == year && entry.row == DISTRIBUTIONS);
    let drawn = entries.iter().filter(|(year, entry)| is_drawings(entry) && !stated(*year));
    let distributed: Vec<_> = drawn.map(|(year, entry)| (*year, as_distribution(entry))).collect();
    entries.extend(distributed);
    entries
}

fn is_drawings(entry: &Entry<'_>) -> bool {
    let label = entry.line.label.to_lowercase();
    let mut words = label.split(|c: char| !c.is_alphanumeric());
    entry.row == CAPITAL
        && signed_amount(entry.figure, CAPITAL, entry.sign).is_sign_negative()
        && words.any(|word| matches!(word, "drawing" | "drawings" | "drg" | "drgs" | "withdrawal" | "withdrawals"))
}

fn as_distribution<'a>(entry: &Entry<'a>) -> Entry<'a> {
    let sign = if entry.figure.amount.is_sign_negative() { -1 } else { 1 };
    Entry { row: DISTRIBUTIONS, family: Family::Operating, sign, ..*entry }
}

#[cfg(test)]
mod tests {
    use domain::statement::{Extraction, StatementKind};

    use crate::classify::classify;
    use crate::classify::tests::{extraction, line, statement};
    use crate::figure::{Figures, assemble};
    use crate::policy::Policy;

    /// A proprietor's accounts, in hundredths: capital of 100.00 less drawings of 24.00, cash of 76.00.
    fn accounts(appropriated: bool) -> Extraction {
        let position = vec![
            line("b1", "Capital", &["Liabilities", "Capital Account"], &[10_000]),
            line("b2", "Less: Drawings", &["Liabilities", "Capital Account"], &[2_400]),
            line("b3", "Cash in hand", &["Assets", "Current assets"], &[7_600]),
        ];
        let mut results =
            vec![line("p1", "Sales", &["Income"], &[50_000]), line("p2", "Rent", &["Expenses"], &[9_000])];
        if appropriated {
            results.push(line("p3", "Drawings", &["Appropriation"], &[3_000]));
        }
        extraction(vec![
            statement(StatementKind::BalanceSheet, "Balance sheet", &[2025], position),
            statement(StatementKind::ProfitAndLoss, "Profit and loss", &[2025], results),
        ])
    }

    fn figures(accounts: Extraction) -> Figures {
        let extractions = [accounts];
        assemble(&extractions, &classify(&extractions, &Policy::docket_1())).unwrap()
    }

    #[test]
    fn drawings_reduce_capital_and_are_distributed() {
        let figures = figures(accounts(false));
        assert_eq!(figures.at(row!("III.19"), 0), Some(76.into()));
        assert_eq!(figures.at(row!("II.15"), 0), Some(24.into()));
    }

    #[test]
    fn drawings_that_the_results_state_are_not_added_again() {
        assert_eq!(figures(accounts(true)).at(row!("II.15"), 0), Some(30.into()));
    }
}
