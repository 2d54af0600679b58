use domain::statement::{ColumnKind, Extraction, LineItem, Statement, StatementKind, UnusedReason};
use rust_decimal::Decimal;

use crate::check::Severity;
use crate::classify::classify;
use crate::classify::tests::{extraction, line, statement};
use crate::figure::{Figures, assemble};
use crate::policy::Policy;
use crate::row::RowCode;

const OWN: [&str; 2] = ["Equity and liabilities", "Current liabilities"];
const ASSETS: [&str; 2] = ["Assets", "Current assets"];

fn liabilities(prefix: &str, creditors: i64) -> Vec<LineItem> {
    vec![
        line(&format!("{prefix}1"), "Share capital", &["Equity and liabilities", "Equity"], &[10_000]),
        line(&format!("{prefix}2"), "Sundry creditors", &OWN, &[creditors]),
        line(&format!("{prefix}3"), "Cash credit from bank", &OWN, &[7_000]),
    ]
}

fn assets(prefix: &str, debtors: i64) -> Vec<LineItem> {
    vec![
        line(&format!("{prefix}4"), "Raw materials", &ASSETS, &[13_000]),
        line(&format!("{prefix}5"), "Sundry debtors", &ASSETS, &[debtors]),
        line(&format!("{prefix}6"), "Cash in hand", &ASSETS, &[2_000]),
    ]
}

/// A balance sheet on a sheet of its own; it balances if the debtors are 2,000 more than the creditors.
fn sheet(name: &str, creditors: i64, debtors: i64) -> Statement {
    let mut lines = liabilities(name, creditors);
    lines.extend(assets(name, debtors));
    part(name, lines)
}

fn part(name: &str, lines: Vec<LineItem>) -> Statement {
    Statement { sheet: name.into(), ..statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], lines) }
}

fn figures(statements: Vec<Statement>) -> Figures {
    let extractions: Vec<Extraction> = vec![extraction(statements)];
    assemble(&extractions, &classify(&extractions, &Policy::docket_1())).expect("figures")
}

/// Creditors and debtors, and how serious it is that versions differ.
fn taken(statements: Vec<Statement>) -> (Decimal, Decimal, Option<Severity>) {
    let figures = figures(statements);
    let at = |row: RowCode| figures.at(row, 0).expect("a figure") * Decimal::ONE_HUNDRED;
    let found = figures.remarks.iter().filter(|remark| remark.rule == "V27").filter_map(|remark| remark.severity);
    (at(row!("III.3")), at(row!("III.28.i")), found.min())
}

#[test]
fn a_copy_counts_once() {
    let both = vec![sheet("BS", 8_000, 10_000), sheet("BS (2)", 8_000, 10_000)];
    assert_eq!(taken(both.clone()), (8_000.into(), 10_000.into(), Some(Severity::Note)));
    let aside = figures(both).set_aside;
    let [copy] = aside.as_slice() else { panic!("{aside:?}") };
    assert_eq!((copy.statement, copy.reason), (1, UnusedReason::RepeatedStatement));
}

#[test]
fn the_final_version_is_used_and_the_draft_is_not() {
    let found = taken(vec![sheet("BS draft", 9_000, 11_000), sheet("BS", 8_000, 10_000)]);
    assert_eq!(found, (8_000.into(), 10_000.into(), Some(Severity::Warning)));
    let found = taken(vec![sheet("BS", 9_000, 11_000), sheet("BS final", 8_000, 10_000)]);
    assert_eq!(found, (8_000.into(), 10_000.into(), Some(Severity::Warning)));
}

#[test]
fn the_version_that_balances_is_used() {
    let found = taken(vec![sheet("Sheet1", 9_000, 10_000), sheet("Sheet2", 8_000, 10_000)]);
    assert_eq!(found, (8_000.into(), 10_000.into(), Some(Severity::Warning)));
}

#[test]
fn the_audited_version_is_used() {
    let mut provisional = sheet("Sheet1", 9_000, 11_000);
    provisional.columns[0].kind = ColumnKind::Provisional;
    let found = taken(vec![provisional, sheet("Sheet2", 8_000, 10_000)]);
    assert_eq!(found, (8_000.into(), 10_000.into(), Some(Severity::Warning)));
}

#[test]
fn versions_between_which_nothing_decides_are_an_error_and_are_never_added_up() {
    let found = taken(vec![sheet("Head office", 8_000, 10_000), sheet("Branch", 3_000, 5_000)]);
    assert_eq!(found, (8_000.into(), 10_000.into(), Some(Severity::Error)));
    let found = taken(vec![sheet("BS (2)", 9_000, 11_000), sheet("BS", 8_000, 10_000)]);
    assert_eq!(found, (8_000.into(), 10_000.into(), Some(Severity::Error)), "the name of a copy alone proves little");
}

#[test]
fn the_combined_version_stands_above_head_office_and_branch() {
    let versions = vec![sheet("HO", 5_000, 7_000), sheet("Branch", 3_000, 5_000), sheet("Combined", 8_000, 10_000)];
    assert_eq!(taken(versions), (8_000.into(), 10_000.into(), Some(Severity::Warning)));
    let group = vec![sheet("Consolidated", 9_000, 11_000), sheet("BS", 8_000, 10_000)];
    assert_eq!(taken(group), (8_000.into(), 10_000.into(), Some(Severity::Warning)), "the borrower's own");
}

#[test]
fn the_later_accounts_restate_the_year_before() {
    let mut later = sheet("2024-25", 9_000, 11_000);
    let mut column = later.columns[0].clone();
    column.period_end = Some(jiff::civil::date(2025, 3, 31));
    later.columns.insert(0, column);
    for line in &mut later.lines {
        line.figures.insert(0, line.figures[0].clone());
    }
    let found = taken(vec![sheet("2023-24", 8_000, 10_000), later]);
    assert_eq!(found, (9_000.into(), 11_000.into(), Some(Severity::Warning)));
}

#[test]
fn parts_of_one_statement_are_added_up() {
    let split = vec![part("Liabilities", liabilities("a", 8_000)), part("Assets", assets("a", 10_000))];
    assert_eq!(taken(split), (8_000.into(), 10_000.into(), None));
}

#[test]
fn the_two_sides_of_an_account_may_have_lines_in_common() {
    let kind = StatementKind::ProfitAndLoss;
    let side = |lines| Statement { sheet: "PL".into(), ..statement(kind, "Profit & Loss A/c", &[2024], lines) };
    let expenses = vec![
        line("e1", "Stock-in-hand", &["Expenses", "Opening Stock"], &[9_000]),
        line("e2", "Purchases", &["Expenses"], &[60_000]),
        line("e3", "Salaries", &["Expenses"], &[8_000]),
        line("e4", "Rent", &["Expenses"], &[2_000]),
    ];
    let income = vec![
        line("i1", "Local Sales", &["Income", "Sales Accounts"], &[70_000]),
        line("i2", "Stock-in-hand", &["Income", "Closing Stock"], &[10_000]),
    ];
    let figures = figures(vec![sheet("BS", 8_000, 10_000), side(expenses), side(income)]);
    assert_eq!(figures.at(row!("II.1"), 0), Some(Decimal::from(700)));
    assert!(figures.remarks.iter().all(|remark| remark.rule != "V27"));
}

#[test]
fn a_copy_of_a_part_counts_once() {
    let split = vec![
        part("Liabilities", liabilities("a", 8_000)),
        part("Assets", assets("a", 10_000)),
        part("Assets (2)", assets("b", 10_000)),
    ];
    assert_eq!(taken(split), (8_000.into(), 10_000.into(), Some(Severity::Note)));
}

#[test]
fn a_copy_in_another_unit_is_the_same_statement() {
    let mut rupees = sheet("BS Rs", 8_000 * 100_000, 10_000 * 100_000);
    rupees.unit = domain::statement::Unit::Rupee;
    for figure in rupees.lines.iter_mut().flat_map(|line| line.figures.iter_mut().flatten()) {
        if figure.amount < Decimal::from(100_000) {
            figure.amount *= Decimal::from(100_000);
        }
    }
    assert_eq!(taken(vec![rupees, sheet("BS", 8_000, 10_000)]), (8_000.into(), 10_000.into(), Some(Severity::Note)));
}

/// A balance sheet on a sheet of its own, with the creditors and debtors; its other amounts are multiples.
fn times(name: &str, factor: i64, creditors: i64) -> Statement {
    let of = |label: &str, section: &[&str], amount: i64| line(&format!("{name}-{label}"), label, section, &[amount]);
    let lines = vec![
        of("Share capital", &["Equity and liabilities", "Equity"], 10_000 * factor),
        of("Sundry creditors", &OWN, creditors),
        of("Cash credit from bank", &OWN, 7_000 * factor),
        of("Raw materials", &ASSETS, 13_000 * factor),
        of("Sundry debtors", &ASSETS, 2_000 * factor + creditors),
        of("Cash in hand", &ASSETS, 2_000 * factor),
    ];
    part(name, lines)
}

#[test]
fn the_sheet_that_is_the_sum_of_the_others_is_of_the_whole_business() {
    for names in [["Pune", "Mumbai", "Total"], ["BS 1", "BS 2", "BS"], ["HO", "Branch", "Combined"]] {
        for at in 0..3 {
            let mut sheets = vec![times(names[0], 1, 3_000), times(names[1], 2, 4_000)];
            sheets.insert(at, times(names[2], 3, 7_000));
            assert_eq!(taken(sheets), (7_000.into(), 13_000.into(), Some(Severity::Warning)), "{names:?} {at}");
        }
    }
}

#[test]
fn what_the_head_office_and_the_branch_owe_each_other_is_not_in_the_whole() {
    let owe = |mut sheet: Statement, name: &str, amount: i64| {
        sheet.lines.push(line(&format!("{name}-ho"), "Branch and head office account", &ASSETS, &[amount]));
        sheet
    };
    let sheets = vec![
        owe(times("Pune", 1, 3_000), "Pune", 1_000),
        owe(times("Mumbai", 2, 4_000), "Mumbai", 500),
        times("Total", 3, 7_000),
    ];
    assert_eq!(taken(sheets).0, 7_000.into());
}
