use super::*;
use crate::role::{Side, judge};
use domain::statement::Figure;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn line(row: u32, label: &str, amount: Option<i64>) -> Line {
    let figure = |v: i64| Figure { amount: v.into(), text: v.to_string(), side: None, cell: format!("B{row}") };
    Line {
        row,
        label: label.to_owned(),
        column: 0,
        indent: 0,
        bold: false,
        number: numbered(label).number,
        note: None,
        figures: vec![amount.map(figure)],
        heading: amount.is_none(),
        level: 0,
        outer: false,
        repeats: false,
    }
}

fn sections(printed: &[(&str, Option<i64>)]) -> Vec<Vec<String>> {
    let lines: Vec<Line> = printed.iter().zip(1..).map(|((label, amount), row)| line(row, label, *amount)).collect();
    let judged = judge(&lines, StatementKind::BalanceSheet, Side::default());
    paths(&lines, &judged, StatementKind::BalanceSheet, None)
}

#[test]
fn a_numbering_that_continues_ends_the_heading_before() {
    let found = sections(&[
        ("I. SOURCES OF FUNDS", None),
        ("2. Loan Funds", None),
        ("(a) Secured loans", Some(300)),
        ("3. Deferred tax liability", Some(20)),
    ]);
    assert_eq!(found[2], ["I. SOURCES OF FUNDS", "2. Loan Funds"]);
    assert_eq!(found[3], ["I. SOURCES OF FUNDS"]);
}

#[test]
fn liabilities_that_net_current_assets_subtract_are_named_as_such() {
    let found = sections(&[
        ("APPLICATION OF FUNDS", None),
        ("Current Assets", None),
        ("Stock", Some(15_012)),
        ("Debtors", Some(12_034)),
        ("", Some(27_046)),
        ("Creditors", Some(7_011)),
        ("Provisions", Some(1_022)),
        ("", Some(8_033)),
        ("Net Current Assets", Some(19_013)),
    ]);
    assert_eq!(found[2], ["APPLICATION OF FUNDS", "Current Assets"]);
    assert_eq!(found[5].last().map(String::as_str), Some("Current liabilities"));
}

proptest! {
    #[test]
    fn any_labels_have_sections(printed in proptest::collection::vec(("\\PC{0,40}", proptest::option::of(-99_i64..99)), 0..20)) {
        let printed: Vec<(&str, Option<i64>)> = printed.iter().map(|(l, v)| (l.as_str(), *v)).collect();
        let found = sections(&printed);
        prop_assert_eq!(found.len(), printed.len());
        let of_heading = found.iter().zip(&printed).filter(|(_, (_, amount))| amount.is_none());
        prop_assert!(of_heading.into_iter().all(|(path, _)| path.is_empty()));
    }

    #[test]
    fn numbered_headings_joined_to_a_label_are_its_pieces(label in "[(]?[a-z]{1,3}[)]? ?\\PC{0,20}[(][ivx]{1,3}[)]\\PC{0,20}") {
        let joined: String = pieces(&label).concat();
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(letters(&joined), letters(&label));
    }
}

#[test]
fn amounts_of_any_size_have_sections() {
    let mut lines = vec![line(1, "Stock", Some(1)), line(2, "Total", Some(1))];
    for line in &mut lines {
        line.figures =
            vec![Some(Figure { amount: Decimal::MAX, text: String::new(), side: None, cell: String::new() })];
    }
    let judged = judge(&lines, StatementKind::BalanceSheet, Side::default());
    assert_eq!(paths(&lines, &judged, StatementKind::BalanceSheet, None).len(), 2);
}
