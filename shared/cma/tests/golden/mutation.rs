//! Each error introduced into the synthetic borrower's statements fails a check.

use cma::check::{self, Check};
use cma::figure::assemble;
use cma::row;
use cma::row::RowCode;
use domain::statement::Unit;
use rust_decimal::Decimal;

use crate::borrower::{Order, examples, read};

fn failing(order: &Order) -> Vec<Check> {
    let figures = assemble(&order.extractions, &order.classification).expect("figures");
    let checks = check::run(&order.extractions, &order.classification, &figures);
    checks.into_iter().filter(|check| !check.passed).collect()
}

#[track_caller]
fn is_found(mutate: impl Fn(&mut Order), by: &[&str]) {
    let Some(example) = read("worked_example_synthetic") else { return };
    let sound = failing(&example.order());
    let mut order = example.order();
    mutate(&mut order);
    let found: Vec<Check> = failing(&order).into_iter().filter(|check| !sound.contains(check)).collect();
    for rule in by {
        assert!(found.iter().any(|check| check.rule == *rule), "{rule} did not fail: {found:#?}");
    }
}

fn drop_line(order: &mut Order, row_code: RowCode) {
    let id = order.line_mut(row_code).line.clone();
    order.classification.lines.retain(|line| line.line != id);
    for statement in order.extractions.iter_mut().flat_map(|extraction| &mut extraction.statements) {
        statement.lines.retain(|line| line.id != id);
    }
}

#[test]
fn the_worked_examples_themselves_have_no_failing_error() {
    for (name, example) in examples() {
        let failing = failing(&example.order());
        let errors: Vec<_> = failing.iter().filter(|check| check.severity == check::Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn a_dropped_line_is_found() {
    is_found(|order| drop_line(order, row!("III.3")), &["V01", "C.bs"]);
    is_found(|order| drop_line(order, row!("II.5.iii")), &["V05"]);
}

#[test]
fn a_dropped_classification_is_found() {
    is_found(|order| order.classification.lines.retain(|line| line.row_code != row!("III.3")), &["V01", "V24"]);
}

#[test]
fn a_duplicated_line_is_found() {
    is_found(
        |order| {
            let mut copy = order.item_mut(row!("III.26")).clone();
            copy.id = "d1-s2-r999".to_owned();
            order.extractions[0].statements[1].lines.push(copy);
            let mut line = order.line_mut(row!("III.26")).clone();
            line.line = "d1-s2-r999".to_owned();
            order.classification.lines.push(line);
        },
        &["V01"],
    );
}

#[test]
fn a_line_classified_twice_is_found() {
    is_found(
        |order| {
            let line = order.line_mut(row!("II.6")).clone();
            order.classification.lines.push(line);
        },
        &["V24"],
    );
}

#[test]
fn two_swapped_years_are_found() {
    is_found(
        |order| {
            for statement in &mut order.extractions[0].statements {
                statement.columns.swap(0, 1);
            }
        },
        &["V03", "V05"],
    );
}

#[test]
fn a_column_a_hundred_times_too_large_is_found() {
    is_found(
        |order| {
            for line in order.extractions[0].statements.iter_mut().flat_map(|statement| &mut statement.lines) {
                if let Some(figure) = &mut line.figures[2] {
                    figure.amount *= Decimal::ONE_HUNDRED;
                }
            }
        },
        &["V14"],
    );
}

#[test]
fn accumulated_depreciation_with_the_wrong_sign_is_found() {
    is_found(|order| order.line_mut(row!("III.36")).sign = -1, &["V01", "V07", "V13"]);
}

#[test]
fn opening_stock_off_by_one_paisa_is_found() {
    is_found(|order| *order.amount_mut(row!("II.5.viii"), 2) += Decimal::new(1, 2), &["V03", "C.wip_o"]);
}

#[test]
fn a_memo_line_put_into_the_sum_is_found() {
    is_found(|order| order.line_mut(row!("III.1.iii")).row_code = row!("III.1.ii"), &["V01"]);
}

#[test]
fn instalments_left_in_the_term_loans_as_well_are_found() {
    is_found(
        |order| {
            for year in 0..5 {
                let due = *order.amount_mut(row!("III.8"), year);
                *order.amount_mut(row!("III.13"), year) += due;
            }
        },
        &["V01"],
    );
}

#[test]
fn closing_stock_that_is_only_in_the_profit_and_loss_is_found() {
    is_found(|order| drop_line(order, row!("III.30.iii")), &["V04", "C.fg"]);
}

#[test]
fn a_restated_comparative_is_found() {
    is_found(
        |order| {
            let mut later = order.extractions[0].clone();
            later.document = 2;
            later.file.sha256 = "b2".to_owned();
            for statement in &mut later.statements {
                for line in &mut statement.lines {
                    let id = line.id.replace("d1-", "d2-");
                    let mut classified = order
                        .classification
                        .lines
                        .iter()
                        .find(|classified| classified.line == line.id)
                        .expect("classified")
                        .clone();
                    classified.line.clone_from(&id);
                    order.classification.lines.push(classified);
                    line.id = id;
                }
            }
            order.extractions.push(later);
            *order.amount_mut(row!("III.33"), 1) += Decimal::TEN;
        },
        &["V12"],
    );
}

#[test]
fn a_missing_unit_is_found() {
    is_found(
        |order| order.extractions[0].statements.iter_mut().for_each(|statement| statement.unit = Unit::Unstated),
        &["V14"],
    );
}

#[test]
fn a_tangible_net_worth_of_nil_is_found_and_its_ratios_are_blank() {
    let spoil = |order: &mut Order| {
        let worth = [row!("III.19"), row!("III.20"), row!("III.21"), row!("III.22"), row!("III.23"), row!("III.42")];
        for row in worth {
            *order.amount_mut(row, 0) = Decimal::ZERO;
        }
    };
    is_found(spoil, &["V18"]);
    let Some(example) = read("worked_example_synthetic") else { return };
    let mut order = example.order();
    spoil(&mut order);
    let figures = assemble(&order.extractions, &order.classification).expect("figures");
    for row in [row!("III.47"), row!("R.tol_tnw"), row!("R.ttl_tnw"), row!("R.de_incl"), row!("R.rotnw")] {
        assert_eq!(figures.at(row, 0), None, "{row}");
    }
}

#[test]
fn export_receivables_without_exports_are_found_and_their_months_are_blank() {
    let spoil = |order: &mut Order| *order.amount_mut(row!("II.1.ii"), 1) = Decimal::ZERO;
    is_found(spoil, &["V18"]);
    let Some(example) = read("worked_example_synthetic") else { return };
    let mut order = example.order();
    spoil(&mut order);
    let figures = assemble(&order.extractions, &order.classification).expect("figures");
    assert_eq!(figures.at(row!("IV.6.m"), 1), None);
}

#[test]
fn a_column_of_nine_months_is_found_and_its_growth_is_that_of_a_year() {
    let shorten = |order: &mut Order| {
        order.extractions[0].statements.iter_mut().for_each(|statement| statement.columns[4].months = 9)
    };
    is_found(shorten, &["V15"]);
    let Some(example) = read("worked_example_synthetic") else { return };
    let mut order = example.order();
    shorten(&mut order);
    let figures = assemble(&order.extractions, &order.classification).expect("figures");
    // 3527.00 in nine months is 4702.67 in a year, 51.70 % above 3100.00.
    assert_eq!(figures.at(row!("II.4"), 4).map(|growth| growth.round_dp(2)), Some(Decimal::new(5170, 2)));
}
