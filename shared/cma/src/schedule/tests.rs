use domain::statement::{Figure, LineRole, Statement, StatementKind};
use rust_decimal::Decimal;

use super::{Cell, Split, may_be_schedule, split};
use crate::classify::tests::{line, statement};

fn cells(statement: &Statement, cells: &[Cell]) -> Vec<Decimal> {
    cells
        .iter()
        .map(|(line, column)| statement.lines[*line].figures[*column].as_ref().expect("an amount").amount)
        .collect()
}

/// A table with these headings; a row is a label and its amounts, `total` rows being sums.
fn table(headings: &[&str], rows: &[(&str, &[i64])]) -> Statement {
    let lines = rows.iter().zip(1..).map(|((label, amounts), number)| {
        let mut line = line(&format!("n{number}"), label, &[], amounts);
        line.role = if label.starts_with("Total") { LineRole::Subtotal } else { LineRole::Item };
        line
    });
    let years = vec![2025; headings.len()];
    let mut schedule = statement(StatementKind::Note, "Note 9: Property, plant and equipment", &years, lines.collect());
    for (column, heading) in schedule.columns.iter_mut().zip(headings) {
        column.period_end = None;
        (*heading).clone_into(&mut column.heading);
    }
    schedule
}

fn split_of(schedule: &Statement, nets: &[i64]) -> Vec<Option<(Decimal, Decimal)>> {
    assert!(may_be_schedule(schedule));
    let years: Vec<i16> = (2025 - i16::try_from(nets.len()).expect("few") + 1..=2025).rev().collect();
    let face = statement(
        StatementKind::BalanceSheet,
        "Balance sheet",
        &years,
        vec![line("f1", "Property, plant and equipment", &["Assets"], nets)],
    );
    // The amounts of test lines are in hundredths.
    let sum = |part: &[Cell]| {
        cells(schedule, part).into_iter().map(|amount| amount.abs() * Decimal::ONE_HUNDRED).sum::<Decimal>()
    };
    (0..nets.len())
        .map(|column| {
            let Split { gross, depreciation } = split(schedule, &face, &face.lines[0], column)?;
            Some((sum(&gross), sum(&depreciation)))
        })
        .collect()
}

const MOVEMENTS: [&str; 10] = [
    "Opening",
    "Additions",
    "Deletions",
    "Closing",
    "Opening",
    "For the year",
    "On deletions",
    "Closing",
    "31.03.2025",
    "31.03.2024",
];

#[test]
fn assets_in_lines_are_split_for_both_year_ends() {
    let schedule = table(
        &MOVEMENTS,
        &[
            ("Building", &[110, 0, 0, 110, 36, 4, 0, 40, 70, 74]),
            ("Machinery", &[238, 24, 4, 258, 86, 20, 2, 104, 154, 152]),
            ("Total", &[348, 24, 4, 368, 122, 24, 2, 144, 224, 226]),
        ],
    );
    assert_eq!(split_of(&schedule, &[224, 226]), [Some((368.into(), 144.into())), Some((348.into(), 122.into()))]);
}

#[test]
fn each_asset_stands_for_itself_where_they_add_up() {
    let schedule = table(
        &["Gross", "Depreciation", "Net"],
        &[("Building", &[110, 40, 70]), ("Machinery", &[258, 104, 154]), ("Total", &[368, 144, 224])],
    );
    let face = statement(StatementKind::BalanceSheet, "BS", &[2025], vec![line("f", "Fixed assets", &[], &[224])]);
    let found = split(&schedule, &face, &face.lines[0], 0).expect("a split");
    assert_eq!((found.gross, found.depreciation), (vec![(0, 0), (1, 0)], vec![(0, 1), (1, 1)]));
}

#[test]
fn depreciation_in_brackets_is_split_too() {
    let schedule = table(&["Gross", "Depreciation", "Net"], &[("Total assets", &[368, -144, 224])]);
    assert_eq!(split_of(&schedule, &[224]), [Some((368.into(), 144.into()))]);
}

#[test]
fn lines_of_gross_block_and_depreciation_are_split_by_year() {
    let schedule = table(
        &["31.03.2025", "31.03.2024"],
        &[
            ("Gross block: opening", &[348, 330]),
            ("Additions", &[24, 18]),
            ("Gross block: closing", &[372, 348]),
            ("Depreciation: opening", &[122, 100]),
            ("Depreciation for the year", &[24, 22]),
            ("Depreciation: closing", &[146, 122]),
            ("Net block", &[226, 226]),
        ],
    );
    let mut schedule = schedule;
    for (column, year) in schedule.columns.iter_mut().zip([2025, 2024]) {
        column.period_end = Some(jiff::civil::date(year, 3, 31));
    }
    assert_eq!(split_of(&schedule, &[226, 226]), [Some((372.into(), 146.into())), Some((348.into(), 122.into()))]);
}

#[test]
fn assets_in_columns_are_split_by_the_total_column() {
    let schedule = table(
        &["Building", "Machinery", "Total"],
        &[
            ("Gross carrying amount: at 1 April 2024", &[110, 238, 348]),
            ("Additions", &[0, 20, 20]),
            ("At 31 March 2025", &[110, 258, 368]),
            ("Accumulated depreciation: at 1 April 2024", &[36, 86, 122]),
            ("Depreciation for the year", &[4, 18, 22]),
            ("Accumulated depreciation at 31 March 2025", &[40, 104, 144]),
            ("Net carrying amount: at 31 March 2025", &[70, 154, 224]),
            ("Net carrying amount: at 31 March 2024", &[74, 152, 226]),
        ],
    );
    assert_eq!(split_of(&schedule, &[224]), [Some((368.into(), 144.into()))]);
}

#[test]
fn a_gross_block_alone_is_not_split_by_its_deductions() {
    let schedule =
        table(&["Opening", "Additions", "Total", "Deductions", "Closing"], &[("Plant", &[100, 20, 120, 5, 115])]);
    assert_eq!(split_of(&schedule, &[115]), [None]);
}

#[test]
fn a_schedule_of_other_assets_is_no_split() {
    let schedule = table(&["Gross", "Depreciation", "Net"], &[("Total assets", &[368, 144, 224])]);
    assert_eq!(split_of(&schedule, &[300]), [None]);
}

#[test]
fn two_splits_that_differ_decide_nothing() {
    let schedule = table(&["A", "Depreciation", "B", "Depreciation", "Net"], &[("Plant", &[368, 144, 300, 76, 224])]);
    assert_eq!(split_of(&schedule, &[224]), [None]);
}

proptest::proptest! {
    #[test]
    fn any_table_is_searched_and_a_split_is_exact(
        amounts in proptest::collection::vec(proptest::collection::vec(proptest::option::of(-500i64..500), 6), 1..7),
        net in 1i64..500,
    ) {
        let rows: Vec<Vec<i64>> = amounts.iter().map(|row| row.iter().map(|amount| amount.unwrap_or(0)).collect()).collect();
        let labelled: Vec<(&str, &[i64])> = rows.iter().map(|row| ("Depreciation of a thing", row.as_slice())).collect();
        let mut schedule = table(&["a", "b", "c", "d", "e", "f"], &labelled);
        for (line, row) in schedule.lines.iter_mut().zip(&amounts) {
            for (slot, amount) in line.figures.iter_mut().zip(row) {
                if amount.is_none() {
                    *slot = None::<Figure>;
                }
            }
        }
        for (gross, depreciation) in split_of(&schedule, &[net]).into_iter().flatten() {
            proptest::prop_assert!((gross - depreciation - Decimal::from(net)).abs() <= Decimal::from(4));
        }
    }
}

#[test]
fn dated_rows_are_split_without_a_printed_net_block() {
    let schedule = table(
        &["Land", "Machinery", "Total"],
        &[
            ("Gross block as on 31.03.2024", &[50, 220, 270]),
            ("Additions", &[0, 30, 30]),
            ("Gross block as on 31.03.2025", &[50, 250, 300]),
            ("Dep. up to 31.03.2024", &[0, 80, 80]),
            ("Dep. for the year", &[0, 20, 20]),
            ("Dep. up to 31.03.2025", &[0, 100, 100]),
            ("Net block 31.03.2025", &[50, 150, 200]),
        ],
    );
    let expected = |gross: i64, depreciation: i64| Some((Decimal::from(gross), Decimal::from(depreciation)));
    assert_eq!(split_of(&schedule, &[200, 190]), [expected(300, 100), expected(270, 80)]);
}

#[test]
fn the_net_blocks_of_several_assets_add_up_to_the_printed_one() {
    let schedule = table(
        &["Amount"],
        &[
            ("Machinery: gross block as on 31.03.2024", &[170]),
            ("Additions", &[30]),
            ("Gross block as on 31.03.2025", &[200]),
            ("Depreciation up to 31.03.2025", &[70]),
            ("Net block 31.03.2025", &[130]),
            ("Vehicles: gross block as on 31.03.2024", &[100]),
            ("Gross block as on 31.03.2025", &[100]),
            ("Depreciation up to 31.03.2025", &[30]),
            ("Net block 31.03.2025", &[70]),
        ],
    );
    assert_eq!(split_of(&schedule, &[200]), [Some((Decimal::from(300), Decimal::from(100)))]);
}
