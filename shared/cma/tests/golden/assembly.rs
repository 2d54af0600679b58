//! The choices made when documents are combined.

use cma::classification::ClassifiedLine;
use cma::figure::{FigureError, Figures, assemble};
use cma::row;
use cma::row::RowCode;
use domain::statement::{Basis, ColumnKind, Figure, LineItem, LineRole, StatementKind, Unit};
use jiff::civil::date;
use rust_decimal::Decimal;

use crate::borrower::{Order, parse};

/// Two years of a small company; `rows` are row codes, each with two amounts.
fn company(rows: &[(&str, &str, &str)]) -> Order {
    let mut text = "form,row_code,label,kind,formula,31.03.2023,31.03.2024\n,,,,,Audited,Audited\n".to_owned();
    let paid = [("S.TL.paid", "", "")];
    for (code, first, second) in rows.iter().chain(&paid) {
        text.push_str(&format!("X,{code},{code},input,,{first},{second}\n"));
    }
    parse(&text).order()
}

fn figures(order: &Order) -> Figures {
    assemble(&order.extractions, &order.classification).expect("figures")
}

fn amount(text: &str) -> Option<Decimal> {
    Some(text.parse().expect("an amount"))
}

/// Adds a line to the profit and loss statement.
fn add_line(order: &mut Order, row_code: RowCode, amounts: [&str; 2]) {
    let id = format!("d1-s1-{row_code}");
    let figure = |text: &str| Figure {
        amount: text.parse().expect("an amount"),
        text: text.into(),
        side: None,
        cell: "B99".into(),
    };
    order.extractions[0].statements[0].lines.push(LineItem {
        id: id.clone(),
        label: "A line".into(),
        section: vec![],
        note: None,
        role: LineRole::Item,
        figures: amounts.iter().map(|text| Some(figure(text))).collect(),
        cell: "A99".into(),
        addends: vec![],
    });
    order.classification.lines.push(ClassifiedLine {
        line: id,
        row_code,
        sign: 1,
        confidence: 1.0,
        reason: String::new(),
        alternatives: vec![],
        non_cash: false,
        breaks_up: vec![],
        differs_from: Vec::new(),
    });
}

/// The order with a copy of its document as document 2.
fn twice(order: &Order) -> Order {
    let mut order = order.clone();
    let mut copy = order.extractions[0].clone();
    copy.document = 2;
    copy.file.sha256 = "b2".into();
    for line in copy.statements.iter_mut().flat_map(|statement| &mut statement.lines) {
        let id = line.id.replace("d1-", "d2-");
        let found = order.classification.lines.iter().find(|classified| classified.line == line.id).cloned();
        order.classification.lines.push(ClassifiedLine { line: id.clone(), ..found.expect("classified") });
        line.id = id;
    }
    order.extractions.push(copy);
    order
}

#[test]
fn the_same_statement_in_two_files_is_not_added_to_itself() {
    let order = company(&[("II.1.i", "10", "20"), ("III.26", "1", "2")]);
    assert_eq!(figures(&twice(&order)).rows, figures(&order).rows);
}

#[test]
fn the_same_file_uploaded_twice_is_counted_once_with_a_remark() {
    let mut order = twice(&company(&[("II.1.i", "10", "20")]));
    order.extractions[1].file.sha256 = order.extractions[0].file.sha256.clone();
    let figures = figures(&order);
    assert_eq!(figures.at(row!("II.1.i"), 1), amount("20"));
    assert!(figures.remarks.iter().any(|remark| remark.rule == "V01"));
}

#[test]
fn the_later_statement_is_used_and_the_difference_is_recorded() {
    let mut order = twice(&company(&[("III.26", "1", "2")]));
    // Document 1 ends in 2023 and document 2, uploaded later, repeats 2023 restated.
    order.extractions[0].statements[1].columns[1].period_end = Some(date(2022, 3, 31));
    order.extractions[1].statements[1].lines[0].figures[0].as_mut().expect("a figure").amount = Decimal::from(5);
    let figures = figures(&order);
    assert_eq!(figures.years, ["31.03.2022", "31.03.2023", "31.03.2024"]);
    assert_eq!(figures.at(row!("III.26"), 1), amount("5"));
    let [restated] = figures.restatements.as_slice() else { panic!("{:?}", figures.restatements) };
    assert_eq!((restated.taken, restated.other, restated.document), (Decimal::from(5), Decimal::ONE, 1));
}

#[test]
fn audited_statements_are_preferred_to_a_projection_that_repeats_the_year() {
    let mut order = twice(&company(&[("III.26", "1", "2")]));
    let projection = &mut order.extractions[1].statements[1];
    projection.columns[1].kind = ColumnKind::Projected;
    projection.lines[0].figures[0].as_mut().expect("a figure").amount = Decimal::from(7);
    let figures = figures(&order);
    assert_eq!((figures.at(row!("III.26"), 0), figures.at(row!("III.26"), 1)), (amount("1"), amount("2")));
}

#[test]
fn statements_that_agree_on_crores_stay_in_crores() {
    let mut order = company(&[("III.26", "1.25", "2")]);
    order.extractions[0].statements.iter_mut().for_each(|statement| statement.unit = Unit::Crore);
    let figures = figures(&order);
    assert_eq!((figures.unit, figures.at(row!("III.26"), 0)), (Unit::Crore, amount("1.25")));
}

#[test]
fn rupees_become_lakhs_to_the_last_paisa() {
    let mut order = company(&[("III.26", "123456789.01", "2")]);
    order.extractions[0].statements.iter_mut().for_each(|statement| statement.unit = Unit::Rupee);
    let figures = figures(&order);
    assert_eq!((figures.unit, figures.at(row!("III.26"), 0)), (Unit::Lakh, amount("1234.5678901")));
}

#[test]
fn statements_in_different_units_become_lakhs() {
    let mut order = company(&[("II.1.i", "3", "4"), ("III.26", "5", "6")]);
    order.extractions[0].statements[0].unit = Unit::Crore;
    let figures = figures(&order);
    assert_eq!((figures.at(row!("II.1.i"), 0), figures.at(row!("III.26"), 0)), (amount("300"), amount("5")));
}

#[test]
fn a_year_without_a_balance_sheet_has_no_balance_sheet_figures() {
    let figures = figures(&company(&[("II.1.i", "10", "20"), ("III.26", "", "2")]));
    assert_eq!((figures.at(row!("III.26"), 0), figures.at(row!("III.43"), 0)), (None, None));
    assert_eq!((figures.at(row!("III.43"), 1), figures.at(row!("C.bs"), 1)), (amount("2"), amount("-2")));
    assert_eq!(figures.at(row!("II.3"), 0), amount("10"));
}

#[test]
fn a_quarter_is_not_mixed_with_the_year_that_ends_on_the_same_day() {
    let mut order = company(&[("II.1.i", "3", "12")]);
    let columns = &mut order.extractions[0].statements[0].columns;
    columns[0].period_end = columns[1].period_end;
    columns[0].months = 3;
    let figures = figures(&order);
    assert_eq!((figures.years.len(), figures.at(row!("II.1.i"), 0)), (1, amount("12")));
    assert!(figures.remarks.iter().any(|remark| remark.rule == "V15"));
}

#[test]
fn figures_of_the_borrower_alone_are_preferred_to_those_of_its_group() {
    let mut order = company(&[("II.1.i", "12", "30")]);
    let columns = &mut order.extractions[0].statements[0].columns;
    columns[1].period_end = columns[0].period_end;
    columns[1].basis = Basis::Consolidated;
    assert_eq!(figures(&order).at(row!("II.1.i"), 0), amount("12"));
}

#[test]
fn a_group_s_figures_are_used_when_only_they_have_both_statements() {
    let mut order = company(&[("II.1.i", "12", "30"), ("III.26", "1", "2")]);
    order.extractions[0].statements[1].columns.iter_mut().for_each(|column| column.basis = Basis::Consolidated);
    let columns = &mut order.extractions[0].statements[0].columns;
    columns[0].period_end = columns[1].period_end;
    columns[1].basis = Basis::Consolidated;
    let figures = figures(&order);
    assert_eq!((figures.at(row!("II.1.i"), 1), figures.at(row!("III.26"), 1)), (amount("30"), amount("2")));
}

#[test]
fn material_consumed_is_opening_stock_and_purchases_less_closing_stock() {
    let mut order = company(&[("II.1.i", "100", "100")]);
    add_line(&mut order, row!("S.RM.open"), ["10", "12"]);
    add_line(&mut order, row!("S.RM.purch"), ["50", "60"]);
    add_line(&mut order, row!("S.RM.close"), ["12", "15"]);
    let figures = figures(&order);
    assert_eq!((figures.at(row!("II.5.i.b"), 0), figures.at(row!("II.5.i.b"), 1)), (amount("48"), amount("57")));
}

#[test]
fn a_change_in_inventories_is_split_by_both_balance_sheets() {
    let rows = [("II.1.i", "100", "100"), ("III.30.ii", "10", "14"), ("III.30.iii", "20", "25")];
    let mut order = company(&rows);
    add_line(&mut order, row!("S.INV.change"), ["-3", "-9"]);
    let figures = figures(&order);
    let split = [row!("II.5.viii"), row!("II.5.ix"), row!("II.5.xi"), row!("II.5.xii")].map(|row| figures.at(row, 1));
    assert_eq!(split, [amount("10"), amount("14"), amount("20"), amount("25")]);
    assert_eq!((figures.at(row!("II.5.xiii"), 0), figures.at(row!("II.5.xiii"), 1)), (amount("-3"), amount("-9")));
    assert!(figures.remarks.iter().any(|remark| remark.year == Some(0) && remark.rule == "V04"));
    assert!(!figures.remarks.iter().any(|remark| remark.year == Some(1)));
}

#[test]
fn a_change_in_inventories_that_does_not_reconcile_keeps_its_effect_on_the_cost_of_sales() {
    let rows = [("II.1.i", "100", "100"), ("III.30.ii", "10", "14"), ("III.30.iii", "20", "25")];
    let mut order = company(&rows);
    add_line(&mut order, row!("S.INV.change"), ["-3", "-21"]);
    let figures = figures(&order);
    assert_eq!(figures.at(row!("II.5.xiii"), 1), amount("-21"));
    assert_eq!((figures.at(row!("C.wip"), 1), figures.at(row!("C.fg"), 1)), (amount("0"), amount("0")));
    assert!(figures.remarks.iter().any(|remark| remark.year == Some(1) && remark.rule == "V04"));
}

#[test]
fn a_change_in_inventories_that_reconciles_but_for_rounding_is_kept_to_the_last_digit() {
    let rows = [("II.1.i", "100", "100"), ("III.30.ii", "10", "14"), ("III.30.iii", "20", "25")];
    let mut order = company(&rows);
    add_line(&mut order, row!("S.INV.change"), ["-3", "-10"]);
    let figures = figures(&order);
    assert_eq!(figures.at(row!("II.5.xiii"), 1), amount("-10"));
    assert!(!figures.remarks.iter().any(|remark| remark.year == Some(1)));
}

#[test]
fn stocks_of_a_trading_account_with_materials_reach_consumption() {
    let rows = [("II.1.i", "100", "100"), ("III.30.i.b", "30", "36"), ("III.30.iii", "20", "25")];
    let mut order = company(&rows);
    add_line(&mut order, row!("S.INV.open"), ["40", "50"]);
    add_line(&mut order, row!("S.INV.close"), ["50", "61"]);
    let figures = figures(&order);
    let row = |code: RowCode| figures.at(code, 1);
    assert_eq!(
        (row(row!("II.5.i.b")), row(row!("II.5.xi")), row(row!("II.5.xii"))),
        (amount("-6"), amount("20"), amount("25"))
    );
}

#[test]
fn net_fixed_assets_alone_get_a_remark() {
    let figures = figures(&company(&[("III.35", "100", "90")]));
    assert!(figures.remarks.iter().any(|remark| remark.rule == "V07" && remark.year == Some(1)));
    assert_eq!(figures.at(row!("III.37"), 1), amount("90"));
}

#[test]
fn instalments_paid_are_taken_from_last_year_s_balance_sheet_and_never_guessed() {
    let rows = [("II.1.i", "100", "100"), ("II.9.b", "5", "4"), ("III.8", "20", "18")];
    let figures = figures(&company(&rows));
    assert_eq!((figures.at(row!("S.TL.inst"), 0), figures.at(row!("S.TL.inst"), 1)), (None, amount("20")));
    assert_eq!(figures.at(row!("R.dscr"), 0), None);
    // PAT 96 and interest 4 over interest 4 and instalments 20.
    assert_eq!(figures.at(row!("R.dscr"), 1).map(|ratio| ratio.round_dp(4)), amount("4.1667"));
}

#[test]
fn documents_without_a_dated_column_are_refused_with_advice() {
    let mut order = company(&[("III.26", "1", "2")]);
    for column in order.extractions[0].statements.iter_mut().flat_map(|statement| &mut statement.columns) {
        column.period_end = None;
    }
    let refused = assemble(&order.extractions, &order.classification);
    assert_eq!(refused, Err(FigureError::NoDatedColumn));
    assert!(FigureError::NoDatedColumn.to_string().contains("put the date"));
}

#[test]
fn an_order_without_statements_is_refused() {
    let mut order = company(&[("III.26", "1", "2")]);
    order.classification.lines.clear();
    assert_eq!(assemble(&order.extractions, &order.classification), Err(FigureError::NothingClassified));
}

#[test]
fn cash_flow_lines_are_in_no_sum() {
    let mut order = company(&[("III.26", "1", "2"), ("II.1.i", "3", "4")]);
    order.extractions[0].statements[0].kind = StatementKind::CashFlow;
    assert_eq!(figures(&order).at(row!("II.1.i"), 0), None);
}

#[test]
fn an_amount_too_large_to_add_is_refused_and_does_not_panic() {
    let mut order = company(&[("III.26", "1", "2")]);
    *order.amount_mut(row!("III.26"), 0) = Decimal::MAX;
    order.extractions[0].statements.iter_mut().for_each(|statement| statement.unit = Unit::Crore);
    order.extractions[0].statements[0].unit = Unit::Rupee;
    let mut doubled = order.clone();
    let line = doubled.item_mut(row!("III.26")).clone();
    doubled.extractions[0].statements[1].lines.push(LineItem { id: "copy".into(), ..line });
    let classified = ClassifiedLine { line: "copy".into(), ..doubled.line_mut(row!("III.26")).clone() };
    doubled.classification.lines.push(classified);
    assert_eq!(assemble(&doubled.extractions, &doubled.classification), Err(FigureError::TooLarge));
}

#[test]
fn an_expense_that_is_what_the_intangible_assets_lose_is_a_write_off() {
    let written_off = company(&[("II.1.i", "100", "100"), ("II.11.ii", "5", "8"), ("III.42", "35", "27")]);
    let figures = figures(&written_off);
    assert_eq!((figures.at(row!("X.noncash"), 0), figures.at(row!("X.noncash"), 1)), (amount("5"), amount("8")));
    assert_eq!(figures.at(row!("R.accr"), 1), amount("100"), "profit of 92 and 8 that cost no cash");
    assert!(figures.remarks.iter().any(|remark| remark.rule == "V22"));
}

#[test]
fn an_expense_that_differs_from_what_the_intangible_assets_lose_is_paid() {
    let paid = company(&[("II.1.i", "100", "100"), ("II.11.ii", "5", "8"), ("III.42", "35", "28")]);
    assert_eq!(figures(&paid).at(row!("X.noncash"), 1), amount("0"));
}

#[test]
fn a_statement_that_does_not_say_whose_it_is_stands_beside_the_groups() {
    let mut order = company(&[("II.1.i", "100", "110"), ("III.26", "10", "20")]);
    for column in &mut order.extractions[0].statements[1].columns {
        column.basis = Basis::Consolidated;
    }
    let figures = figures(&order);
    assert_eq!((figures.at(row!("II.3"), 1), figures.at(row!("III.26"), 1)), (amount("110"), amount("20")));
    assert!(figures.remarks.iter().any(|remark| remark.rule == "V15" && remark.detail.contains("confirm")));
}
