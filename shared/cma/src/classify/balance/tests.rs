use domain::statement::{LineItem, LineRole, Statement, StatementKind};

use super::resolve;
use crate::classification::Alternative;
use crate::classify::draft::Draft;
use crate::classify::engine::Classifier;
use crate::classify::tests::{line, statement, with_role};
use crate::policy::Policy;
use crate::row::RowCode;

/// The row, sign and confidence of the last line of a statement, which is doubtful: it may belong to either row.
fn read(statement: &Statement, chosen: RowCode, other: RowCode) -> (RowCode, i8, f64) {
    let (classifier, policy) = (Classifier::shared(), Policy::docket_1());
    let sums = crate::classify::within::Sums::of(statement, classifier);
    let draft = |line| Draft::new(0, statement, line, true, &sums, (classifier, &policy));
    let mut drafts: Vec<Draft<'_>> = statement.lines.iter().map(draft).collect();
    let last = drafts.last_mut().expect("a line");
    last.choice.row = chosen;
    last.choice.confidence = 0.6;
    last.choice.alternatives = vec![Alternative { row_code: other, score: 0.5 }];
    resolve(&mut drafts);
    let last = drafts.last().expect("a line");
    (last.choice.row, last.sign, last.choice.confidence)
}

fn loans(capital: [i64; 2], cash: [i64; 2], loans: [i64; 2]) -> (RowCode, i8, f64) {
    let lines = vec![
        line("capital", "Share capital", &[], &capital),
        line("creditors", "Sundry creditors", &[], &[40, 40]),
        line("cash", "Cash in hand", &[], &cash),
        line("loans", "Loans", &[], &loans),
    ];
    let sheet = statement(StatementKind::BalanceSheet, "Balance sheet", &[2024, 2023], lines);
    read(&sheet, row!("III.33"), row!("III.2"))
}

#[test]
fn a_doubtful_line_goes_to_the_side_on_which_the_sheet_balances() {
    let (row, sign, sure) = loans([6000, 5000], [14040, 11040], [8000, 6000]);
    assert_eq!((row, sign), (row!("III.2"), 1));
    assert!(sure >= 0.70, "two years agree");
    let (row, _, sure) = loans([6000, 5000], [6040, 5040], [8000, 0]);
    assert_eq!(row, row!("III.33"), "neither reading balances");
    assert!(sure < 0.70);
}

#[test]
fn a_line_whose_reading_balances_already_stays_as_it_is() {
    let (row, sign, sure) = loans([14000, 11000], [6040, 5040], [8000, 6000]);
    assert_eq!((row, sign), (row!("III.33"), 1));
    assert!(sure < 0.70, "that says nothing about its rivals on this side");
}

#[test]
fn one_year_alone_proposes_a_reading_and_leaves_it_to_a_reviewer() {
    let (row, _, sure) = loans([6000, 5000], [14040, 5040], [8000, 0]);
    assert_eq!(row, row!("III.2"));
    assert!(sure < 0.70);
}

fn interest(interest: [i64; 2], profit: [i64; 2]) -> (RowCode, i8, f64) {
    let lines: Vec<LineItem> = vec![
        line("sales", "Sales", &[], &[100_000, 90_000]),
        line("wages", "Salaries", &[], &[70_000, 65_000]),
        with_role(line("profit", "Net profit", &[], &profit), LineRole::Total),
        line("interest", "Interest", &[], &interest),
    ];
    let sheet = statement(StatementKind::ProfitAndLoss, "Profit and loss", &[2024, 2023], lines);
    read(&sheet, row!("II.9.c"), row!("II.11.i"))
}

#[test]
fn a_doubtful_line_raises_or_lowers_the_profit_as_the_printed_profit_shows() {
    assert_eq!(interest([2_000, 3_000], [32_000, 28_000]).0, row!("II.11.i"));
    assert_eq!(interest([2_000, 3_000], [28_000, 22_000]).0, row!("II.9.c"));
    assert_eq!(interest([2_000, 3_000], [25_000, 21_000]).0, row!("II.9.c"), "neither explains it");
}
