use domain::statement::{Extraction, LineItem, LineRole, StatementKind};

use super::explain_position;
use crate::classification::Classification;
use crate::classify::classify;
use crate::classify::tests::{extraction, line, statement, with_role};
use crate::figure::assemble;
use crate::policy::Policy;
use crate::row::RowCode;

/// A balance sheet that balances: 250 on both sides in 2024, 220 in 2023.
fn balance_sheet() -> Vec<LineItem> {
    let liabilities = ["Equity and liabilities", "Current liabilities"];
    let assets = ["Assets", "Current assets"];
    let mut lines = vec![
        line("capital", "Share capital", &["Equity and liabilities", "Equity"], &[10000, 10000]),
        line("creditors", "Sundry creditors", &liabilities, &[7711, 6000]),
        line("bank", "Cash credit from bank", &liabilities, &[7289, 6000]),
        line("stock", "Raw materials", &assets, &[13031, 11000]),
        line("debtors", "Sundry debtors", &assets, &[9969, 9000]),
        line("cash", "Cash in hand", &assets, &[2000, 2000]),
    ];
    for (number, line) in lines.iter_mut().enumerate() {
        for (figure, column) in line.figures.iter_mut().flatten().zip(["B", "C"]) {
            figure.cell = format!("{column}{}", number + 4);
        }
    }
    lines
}

fn order(change: impl Fn(&mut Vec<LineItem>)) -> (Vec<Extraction>, Classification) {
    let mut lines = balance_sheet();
    change(&mut lines);
    let extractions = vec![extraction(vec![statement(StatementKind::BalanceSheet, "BS", &[2024, 2023], lines)])];
    let classification = classify(&extractions, &Policy::docket_1());
    (extractions, classification)
}

fn explained((extractions, classification): &(Vec<Extraction>, Classification)) -> String {
    let figures = assemble(extractions, classification).expect("figures");
    explain_position(extractions, classification, &figures, 1)
}

/// Ids of the suspects.
fn suspects(extractions: &[Extraction], classification: &Classification) -> Vec<String> {
    super::lines(extractions, classification).into_iter().map(|suspected| suspected.line).collect()
}

#[test]
fn a_sheet_that_balances_has_no_suspects() {
    let sound = order(|_| {});
    assert_eq!(explained(&sound), "");
    assert!(suspects(&sound.0, &sound.1).is_empty());
}

#[test]
fn a_line_that_was_left_out_is_named_with_its_cell() {
    let order = order(|lines| lines[1].role = LineRole::Memo);
    assert_eq!(explained(&order), "; would be explained by BS!B5 “Sundry creditors” left out");
    assert_eq!(suspects(&order.0, &order.1), ["creditors"]);
}

#[test]
fn a_line_on_the_wrong_side_is_named() {
    let mut order = order(|_| {});
    let line = order.1.lines.iter_mut().find(|line| line.line == "debtors").expect("the line");
    line.row_code = RowCode::parse("III.9").expect("a row");
    assert!(explained(&order).contains("BS!B8 “Sundry debtors” on the wrong side"), "{}", explained(&order));
    assert_eq!(suspects(&order.0, &order.1)[0], "debtors");
}

#[test]
fn a_suspect_says_what_differs_by_how_much_and_how_it_would_explain_it() {
    let left_out = order(|lines| lines[1].role = LineRole::Memo);
    let found = super::lines(&left_out.0, &left_out.1);
    assert_eq!(
        found.first().map(|suspect| suspect.detail.as_str()),
        Some(
            "the balance sheet of 31.03.2023 does not balance by 60.00; the amount in BS!C5 equals it and is left out"
        )
    );
    let mut wrong_side = order(|_| {});
    let line = wrong_side.1.lines.iter_mut().find(|line| line.line == "debtors").expect("the line");
    line.row_code = RowCode::parse("III.9").expect("a row");
    let found = super::lines(&wrong_side.0, &wrong_side.1);
    let detail = "the balance sheet of 31.03.2023 does not balance by 180.00; the amount in BS!C8 is half of it, as if it \
                  were on the wrong side or had the wrong sign";
    assert_eq!(found.first().map(|suspect| suspect.detail.as_str()), Some(detail));
}

#[test]
fn a_line_counted_twice_is_named() {
    let order = order(|lines| {
        let mut copy = lines[4].clone();
        copy.id = "copy".into();
        lines.push(copy);
    });
    assert!(explained(&order).contains("“Sundry debtors” counted once too often"));
}

#[test]
fn swapped_digits_are_hinted_at() {
    let swapped = order(|lines| {
        // 99.69 typed as 96.99.
        lines[4] =
            with_role(line("debtors", "Sundry debtors", &["Assets", "Current assets"], &[9699, 9000]), LineRole::Item);
    });
    assert!(explained(&swapped).contains("two digits swapped"), "{}", explained(&swapped));
}

#[test]
fn a_misplaced_decimal_point_is_named() {
    // 99.69 read as 9,969.00 and as 9.97.
    for typed in [996_900, 997] {
        let order = order(|lines| {
            lines[4].figures[0].as_mut().expect("an amount").amount = rust_decimal::Decimal::new(typed, 2);
        });
        let explained = explained(&order);
        assert!(
            explained.contains("“Sundry debtors” with its decimal point in the wrong place"),
            "{typed}: {explained}"
        );
    }
}

#[test]
fn a_line_that_the_printed_profit_does_not_include_is_named() {
    let mut lines = vec![
        line("sales", "Sales", &[], &[100_000]),
        line("salaries", "Salaries", &[], &[70_000]),
        line("rent", "Rent", &[], &[7_123]),
        with_role(line("profit", "Net profit", &[], &[30_000]), LineRole::Total),
    ];
    lines[2].figures[0].as_mut().expect("an amount").cell = "C7".into();
    let extractions = vec![extraction(vec![statement(StatementKind::ProfitAndLoss, "PL", &[2024], lines)])];
    let classification = classify(&extractions, &Policy::docket_1());
    assert_eq!(suspects(&extractions, &classification), ["rent"]);
    let figures = assemble(&extractions, &classification).expect("figures");
    let checks = crate::check::run(&extractions, &classification, &figures);
    let failed = checks.iter().find(|check| check.rule == "V08" && !check.passed).expect("a failed check");
    assert!(failed.detail.contains("PL!C7 “Rent” counted once too often"), "{}", failed.detail);
}
