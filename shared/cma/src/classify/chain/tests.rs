use domain::statement::{LineItem, LineRole, StatementKind};

use crate::classification::ClassifiedLine;
use crate::classify::tests::{classified, line, row_of, statement, with_role};

fn sum(id: &str, label: &str, amounts: &[i64]) -> LineItem {
    with_role(line(id, label, &[], amounts), LineRole::Subtotal)
}

fn profit_and_loss(lines: Vec<LineItem>) -> Vec<ClassifiedLine> {
    classified(vec![statement(StatementKind::ProfitAndLoss, "Statement of Profit and Loss", &[2024, 2023], lines)])
}

/// How much a line adds to the profit, given what is printed in the first year.
fn effect(lines: &[ClassifiedLine], id: &str, printed: i64) -> i64 {
    let line = row_of(lines, id);
    let income = matches!(line.row_code.as_str(), "II.1.i" | "II.11.i");
    printed * i64::from(line.sign) * if income { 1 } else { -1 }
}

#[test]
fn exceptional_items_take_their_sign_from_the_printed_profits() {
    let charge = profit_and_loss(vec![
        sum("a", "Profit before exceptional items and tax", &[1000, 900]),
        line("e", "Exceptional items", &[], &[100, 0]),
        sum("b", "Profit before tax", &[900, 900]),
    ]);
    assert_eq!(effect(&charge, "e", 100), -100);
    let gain = profit_and_loss(vec![
        sum("a", "Profit before exceptional items and tax", &[1000, 900]),
        line("e", "Exceptional items", &[], &[100, 0]),
        sum("b", "Profit before tax", &[1100, 900]),
    ]);
    assert_eq!(effect(&gain, "e", 100), 100);
}

#[test]
fn the_share_of_an_associates_profit_counts_where_the_profits_count_it() {
    let lines = |after: i64| {
        profit_and_loss(vec![
            sum("a", "Profit before share of profit of associates and tax", &[1000, 900]),
            line("s", "Share of profit of associates", &[], &[50, 40]),
            sum("b", "Profit before tax", &[after, after - 110]),
        ])
    };
    assert_eq!(row_of(&lines(1050), "s").row_code, row!("II.11.i"));
    assert_eq!(row_of(&lines(1000), "s").row_code, row!("X.ignore"));
}

#[test]
fn profits_that_two_combinations_explain_change_nothing() {
    // Either of the two equal lines may be the one that is added.
    let lines = profit_and_loss(vec![
        sum("a", "Profit before exceptional items and tax", &[1000, 900]),
        line("x", "Exceptional items", &[], &[100, 100]),
        line("y", "Loss on sale of investments", &[], &[100, 100]),
        sum("b", "Profit before tax", &[1000, 900]),
    ]);
    assert_eq!((row_of(&lines, "x").sign, row_of(&lines, "y").sign), (1, 1));
}

#[test]
fn other_comprehensive_income_enters_no_row() {
    let lines = profit_and_loss(vec![
        sum("a", "Profit before tax", &[1000, 900]),
        line("t", "Tax expense", &[], &[250, 200]),
        with_role(line("b", "Profit for the year", &[], &[750, 700]), LineRole::Total),
        line("o", "Remeasurement of defined benefit plans", &[], &[-30, 10]),
        line("i", "Income tax relating to above", &[], &[8, -3]),
        with_role(line("c", "Total comprehensive income for the year", &[], &[728, 707]), LineRole::Total),
    ]);
    assert_eq!(row_of(&lines, "t").row_code, row!("II.13"));
    assert!(["o", "i"].iter().all(|id| row_of(&lines, id).row_code == row!("X.ignore")));
}

#[test]
fn sales_printed_net_and_grossed_up_are_both_sales() {
    let lines = profit_and_loss(vec![
        line("n", "Revenue from operations (net of excise duty)", &[], &[1000, 900]),
        line("d", "Add: Excise duty", &[], &[100, 90]),
        sum("g", "Revenue from operations (gross of excise duty)", &[1100, 990]),
        line("e", "Excise duty", &["Expenses"], &[100, 90]),
    ]);
    let rows: Vec<&str> = lines.iter().map(|line| line.row_code.as_str()).collect();
    assert_eq!(rows, ["II.1.i", "II.1.i", "X.ignore", "II.2"]);
}

#[test]
fn a_tax_above_the_profit_before_tax_is_an_expense() {
    let lines = profit_and_loss(vec![
        line("t", "Entertainment tax", &["Expenses"], &[100, 90]),
        sum("a", "Profit before tax", &[1000, 900]),
        line("c", "Current tax", &[], &[250, 200]),
    ]);
    assert_ne!(row_of(&lines, "t").row_code, row!("II.13"));
    assert_eq!(row_of(&lines, "c").row_code, row!("II.13"));
}

#[test]
fn bills_discounted_keep_their_amount_beside_the_borrowings_that_hold_them() {
    let memo = with_role(line("m", "of which bills purchased and discounted", &[], &[50, 40]), LineRole::Memo);
    let borrowings = line("b", "Cash credit from bank", &["Current liabilities"], &[400, 300]);
    let lines = classified(vec![statement(
        StatementKind::BalanceSheet,
        "Balance Sheet",
        &[2024, 2023],
        vec![borrowings, memo],
    )]);
    assert_eq!(
        (row_of(&lines, "b").row_code.as_str(), row_of(&lines, "m").row_code.as_str()),
        ("III.1.i", "III.1.iii")
    );
}
