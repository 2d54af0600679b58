//! What an order's figures come from never depends on the order in which its documents were uploaded.

use cma::figure::{Figures, assemble};
use cma::row;
use domain::statement::{ColumnKind, Extraction, LineItem, Statement};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::borrower::{Order, parse};

/// Two years of a small company: 31.03.2023 and 31.03.2024.
fn company(sales: [i64; 2], cash: [i64; 2]) -> Order {
    let text = format!(
        "form,row_code,label,kind,formula,31.03.2023,31.03.2024\n,,,,,Audited,Audited\n\
         X,II.1.i,Sales,input,,{},{}\nX,III.26,Cash,input,,{},{}\nX,III.19,Capital,input,,{},{}\nX,S.TL.paid,x,input,,,\n",
        sales[0], sales[1], cash[0], cash[1], cash[0], cash[1]
    );
    parse(&text).order()
}

/// One order of several documents, numbered as they are given.
fn merged(documents: &[Order]) -> Order {
    let mut order = documents[0].clone();
    order.extractions.clear();
    order.classification.lines.clear();
    for (document, number) in documents.iter().zip(1u32..) {
        let renamed = |id: &str| id.replacen("d1-", &format!("d{number}-"), 1);
        let mut extraction: Extraction = document.extractions[0].clone();
        extraction.document = number;
        for line in lines(&mut extraction) {
            line.id = renamed(&line.id);
        }
        order.extractions.push(extraction);
        let classified = document.classification.lines.iter().cloned();
        order.classification.lines.extend(classified.map(|mut line| {
            line.line = renamed(&line.line);
            line
        }));
    }
    order
}

fn lines(extraction: &mut Extraction) -> impl Iterator<Item = &mut LineItem> {
    extraction.statements.iter_mut().flat_map(|statement: &mut Statement| &mut statement.lines)
}

fn with_kinds(mut order: Order, sha256: &str, kinds: [ColumnKind; 2]) -> Order {
    let extraction = &mut order.extractions[0];
    sha256.clone_into(&mut extraction.file.sha256);
    for statement in &mut extraction.statements {
        for (column, kind) in statement.columns.iter_mut().zip(kinds) {
            column.kind = kind;
        }
    }
    order
}

fn figures(order: &Order) -> Figures {
    assemble(&order.extractions, &order.classification).expect("figures")
}

const AUDITED: [ColumnKind; 2] = [ColumnKind::Audited, ColumnKind::Audited];

#[test]
fn audited_figures_stand_above_provisional_ones_in_either_order() {
    let audited = with_kinds(company([10, 20], [1, 2]), "a", AUDITED);
    let provisional = with_kinds(company([10, 25], [1, 3]), "b", [ColumnKind::Audited, ColumnKind::Provisional]);
    for documents in [[audited.clone(), provisional.clone()], [provisional, audited]] {
        let figures = figures(&merged(&documents));
        assert_eq!(figures.at(row!("II.1.i"), 1), Some(Decimal::from(20)));
        assert_eq!(figures.kinds, AUDITED);
        assert!(figures.restatements.iter().any(|restated| restated.row == row!("II.1.i")));
        assert!(!figures.remarks.iter().any(|remark| remark.rule == "V12"), "that is decided, and no error");
    }
}

#[test]
fn the_kind_of_a_column_is_that_of_the_statements_used() {
    let mut provisional = with_kinds(company([10, 25], [1, 3]), "b", [ColumnKind::Audited, ColumnKind::Provisional]);
    // Without its balance sheet, which the audited document has.
    provisional.extractions[0].statements.remove(1);
    let mut audited = with_kinds(company([10, 20], [1, 2]), "a", AUDITED);
    audited.extractions[0].statements.remove(0);
    let figures = figures(&merged(&[audited, provisional]));
    assert_eq!(figures.kinds, [ColumnKind::Audited, ColumnKind::Provisional]);
    assert!(figures.remarks.iter().any(|remark| remark.rule == "V15" && remark.year == Some(1)));
}

#[test]
fn documents_between_which_nothing_decides_are_an_error() {
    let one = with_kinds(company([10, 20], [1, 2]), "a", AUDITED);
    let other = with_kinds(company([10, 25], [1, 2]), "b", AUDITED);
    let found = figures(&merged(&[one.clone(), other]));
    let remark = found.remarks.iter().find(|remark| remark.rule == "V12").expect("a remark");
    assert_eq!((remark.severity, remark.year), (Some(cma::check::Severity::Error), Some(1)));
    let same = with_kinds(company([10, 20], [1, 2]), "b", AUDITED);
    assert!(!figures(&merged(&[one, same])).remarks.iter().any(|remark| remark.rule == "V12"));
}

#[test]
fn two_sides_in_two_documents_are_one_statement() {
    let whole = with_kinds(company([10, 20], [1, 2]), "a", AUDITED);
    let without = |lost: cma::row::RowCode, sha256: &str| {
        let mut order = with_kinds(whole.clone(), sha256, AUDITED);
        order.classification.lines.retain(|line| line.row_code != lost);
        order
    };
    let halves = [without(row!("III.19"), "b"), without(row!("III.26"), "c")];
    assert_eq!(figures(&merged(&halves)).rows, figures(&whole).rows);
    let beside_whole = [whole.clone(), without(row!("III.19"), "b")];
    assert_eq!(figures(&merged(&beside_whole)).at(row!("III.26"), 1), Some(Decimal::from(2)), "counted once");
}

#[test]
fn drawings_in_a_balance_sheet_do_not_stand_for_a_profit_and_loss_statement() {
    let whole = with_kinds(company([10, 20], [1, 2]), "a", AUDITED);
    let keep = |index: usize, sha256: &str| {
        let mut order = with_kinds(whole.clone(), sha256, AUDITED);
        order.extractions[0].statements.swap(0, index);
        order.extractions[0].statements.truncate(1);
        order
    };
    let operating = keep(0, "b");
    let mut position = keep(1, "c");
    // The company's capital is printed as drawings.
    let drawings = position.classification.lines.iter_mut().find(|line| line.row_code == row!("III.19"));
    drawings.expect("the line").row_code = row!("II.15");
    for documents in [[operating.clone(), position.clone()], [position.clone(), operating]] {
        let figures = figures(&merged(&documents));
        assert_eq!(figures.at(row!("II.1.i"), 1), Some(Decimal::from(20)));
        assert_eq!((figures.at(row!("III.26"), 1), figures.at(row!("II.15"), 1)), (Some(2.into()), Some(2.into())));
    }
    let alone = figures(&merged(&[position]));
    assert_eq!(alone.at(row!("II.1.i"), 1), None, "it has no profit and loss statement");
}

fn kind() -> impl Strategy<Value = ColumnKind> {
    prop_oneof![
        Just(ColumnKind::Audited),
        Just(ColumnKind::Provisional),
        Just(ColumnKind::Unstated),
        Just(ColumnKind::Estimated),
        Just(ColumnKind::Projected),
    ]
}

fn document(sha256: &'static str) -> impl Strategy<Value = Order> {
    let amounts = || (1i64..4, 1i64..4);
    (amounts(), amounts(), kind(), kind(), 0i16..2).prop_map(move |(sales, cash, first, second, later)| {
        let mut order = with_kinds(company([sales.0, sales.1], [cash.0, cash.1]), sha256, [first, second]);
        for statement in &mut order.extractions[0].statements {
            for column in &mut statement.columns {
                let moved =
                    column.period_end.map(|end| end.checked_add(jiff::Span::new().years(later)).expect("a date"));
                column.period_end = moved;
            }
        }
        order
    })
}

proptest! {
    #[test]
    fn the_order_of_upload_decides_nothing(
        documents in (document("a"), document("b"), document("c")),
        first in 0usize..3,
        swap in any::<bool>(),
    ) {
        let given = [documents.0, documents.1, documents.2];
        let mut permuted = given.clone();
        permuted.rotate_left(first);
        if swap {
            permuted.swap(0, 1);
        }
        let (one, other) = (figures(&merged(&given)), figures(&merged(&permuted)));
        prop_assert_eq!(&one.rows, &other.rows);
        prop_assert_eq!((&one.years, &one.kinds, &one.months), (&other.years, &other.kinds, &other.months));
        let severe = |figures: &Figures| figures.remarks.iter().filter(|remark| remark.severity.is_some()).count();
        prop_assert_eq!(severe(&one), severe(&other));
    }
}
