//! The workbook as a spreadsheet program opens it.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use cma::check;
use cma::figure::assemble;
use cma::row;
use cma::row::{Form, RowCode, table};
use cma::workbook::{WorkbookInput, write};
use rust_decimal::Decimal;

use crate::borrower::{Example, Order, examples, read};

fn written(order: &Order, borrower: &str) -> Vec<u8> {
    let figures = assemble(&order.extractions, &order.classification).expect("figures");
    let checks = check::run(&order.extractions, &order.classification, &figures);
    write(&WorkbookInput {
        figures: &figures,
        checks: &checks,
        unused: &[],
        answers: &[],
        classification: &order.classification,
        extractions: &order.extractions,
        borrower,
        order_id: "01J0ORDER",
        generated_at: "2026-01-01T00:00:00Z".parse().expect("a moment"),
        overlay: None,
    })
    .expect("a workbook")
}

fn opened(bytes: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    open_workbook_from_rs(Cursor::new(bytes)).expect("opens")
}

fn sheet_of(row: RowCode) -> &'static str {
    match row.form() {
        Form::Two | Form::Supporting => "Form II",
        Form::Three => "Form III",
        Form::Four => "Form IV",
        Form::Five => "Form V",
        Form::Six => "Form VI",
        Form::Ratio => "Ratios",
        Form::Check | Form::Ignored => "Checks",
    }
}

/// The position of a row on its sheet; rows with the same label are found in the order of the table.
fn find(range: &Range<Data>, row: RowCode) -> Option<u32> {
    let label = row.label();
    let same: Vec<RowCode> =
        table().codes().filter(|other| sheet_of(*other) == sheet_of(row) && other.label() == label).collect();
    let nth = same.iter().position(|other| *other == row)?;
    let mut places = (0..=range.end()?.0)
        .filter(|at| range.get_value((*at, 1)).is_some_and(|cell| matches!(cell, Data::String(text) if text == label)));
    places.nth(nth)
}

#[test]
fn the_values_beside_the_formulas_are_those_of_the_worked_examples() {
    for (name, example) in examples() {
        let bytes = written(&example.order(), "Borrower");
        let mut workbook = opened(&bytes);
        let mut sheets: HashMap<&str, Range<Data>> = HashMap::new();
        for row in &example.rows {
            let code = row.code;
            let sheet = sheet_of(code);
            let range =
                sheets.entry(sheet).or_insert_with(|| workbook.worksheet_range(sheet).expect("the sheet is there"));
            let at = find(range, code).unwrap_or_else(|| panic!("{} is not printed", row.code));
            for (year, expected) in row.values.iter().enumerate() {
                let cell = range.get_value((at, u32::try_from(year).expect("few") + 2));
                let got = match cell {
                    Some(Data::Float(value)) => Some(*value),
                    Some(Data::Int(value)) => Some(f64::from(i32::try_from(*value).expect("small"))),
                    None | Some(Data::Empty) => None,
                    Some(Data::String(text)) if text.is_empty() => None,
                    other => panic!("{name} {}: {other:?}", row.code),
                };
                let expected: Option<f64> = expected.map(|value| value.to_string().parse().expect("a number"));
                let same = match (got, expected) {
                    (Some(got), Some(expected)) => (got - expected).abs() <= 0.01,
                    (None, None) => true,
                    _ => false,
                };
                assert!(same, "{name} {} year {year}: {got:?} against {expected:?}", row.code);
            }
        }
    }
}

#[test]
fn every_calculated_figure_is_a_live_formula() {
    for (name, example) in examples() {
        let bytes = written(&example.order(), "Borrower");
        let mut workbook = opened(&bytes);
        for row in example.rows.iter().filter(|row| !row.input) {
            let code = row.code;
            let range = workbook.worksheet_range(sheet_of(code)).expect("the sheet");
            let formulas = workbook.worksheet_formula(sheet_of(code)).expect("its formulas");
            let at = find(&range, code).expect("printed");
            for (year, expected) in row.values.iter().enumerate().filter(|(_, value)| value.is_some()) {
                let formula = formulas.get_value((at, u32::try_from(year).expect("few") + 2));
                assert!(formula.is_some_and(|text| !text.is_empty()), "{name} {} {expected:?}", row.code);
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let Some(example) = read("worked_example_synthetic") else { return };
    assert!(written(&example.order(), "Borrower") == written(&example.order(), "Borrower"));
}

#[test]
fn a_year_with_failing_arithmetic_is_marked_unusable_on_every_form() {
    let Some(example) = read("worked_example_synthetic") else { return };
    let mut order = example.order();
    *order.amount_mut(row!("III.26"), 3) += Decimal::ONE_HUNDRED;
    let bytes = written(&order, "Borrower");
    let mut workbook = opened(&bytes);
    for sheet in ["Summary", "Checks", "Form II", "Form III", "Form IV", "Form V", "Form VI", "Ratios"] {
        let range = workbook.worksheet_range(sheet).expect("the sheet");
        let status = |year: u32| range.get_value((5, 2 + year)).map(ToString::to_string);
        assert_eq!(
            (status(0).as_deref(), status(3).as_deref()),
            (Some("not all checked"), Some("UNUSABLE")),
            "{sheet}"
        );
    }
}

#[test]
fn nothing_in_a_document_becomes_a_formula() {
    let own = formulas(&written(&tiny("").order(), "Borrower"));
    proptest::proptest!(proptest::test_runner::Config::with_cases(24), |(text in "[=+@|\\-!-~\u{0}-\u{1f}é₹ \\t\"'{}()]{1,40}")| {
        let mut order = tiny(&text).order();
        order.extractions[0].file.name.clone_from(&text);
        for line in &mut order.classification.lines {
            line.reason.clone_from(&text);
        }
        let bytes = written(&order, &text);
        proptest::prop_assert_eq!(formulas(&bytes), own.clone());
    });
}

/// A two-line borrower whose labels are `label`.
fn tiny(label: &str) -> Example {
    let text = "form,row_code,label,kind,formula,31.03.2024\n,,,,,Audited\nII,II.1.i,a,input,,10\nIII,III.26,a,input,,5\n\
                III,III.19,b,input,,5\nR,R.dscr,c,calc,,1\nR,R.accr,c,calc,,0\nII,II.9.b,c,input,,0\n";
    let mut example = crate::borrower::parse(text);
    for row in example.rows.iter_mut().filter(|_| !label.is_empty()) {
        label.clone_into(&mut row.label);
    }
    example
}

/// Every formula of a workbook, sheet by sheet.
fn formulas(bytes: &[u8]) -> Vec<String> {
    let mut workbook = opened(bytes);
    let names = workbook.sheet_names();
    names
        .iter()
        .flat_map(|name| {
            let range = workbook.worksheet_formula(name).expect("formulas");
            range.cells().map(|(_, _, text)| text.clone()).filter(|text| !text.is_empty()).collect::<Vec<_>>()
        })
        .collect()
}
