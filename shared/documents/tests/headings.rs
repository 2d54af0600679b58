//! What titles and headings say of units, currencies, periods, months and audits reaches the statement, or becomes a
//! question.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use documents::{Extraction, Limits, read};
use domain::statement::{ColumnKind, Statement, StatementKind, Subject, Unit, UnusedReason};

fn text(csv: &str) -> Extraction {
    read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap()
}

const ASSETS: &str = "Inventories;254.10;225.10
Trade receivables;221.50;198.95
Cash and cash equivalents;21.15;13.40
Total assets;496.75;437.45
";

const INCOME: &str = "Revenue from operations;1240.60;1105.30
Cost of materials consumed;742.30;668.20
Other expenses;438.10;394.00
Profit before tax;60.20;43.10
";

fn balance_sheet(above: &str, headings: &str) -> Statement {
    text(&format!("{above}\nParticulars;{headings}\n{ASSETS}")).statements.remove(0)
}

fn ends(statement: &Statement) -> Vec<String> {
    statement.columns.iter().map(|c| c.period_end.map_or_else(String::new, |d| d.to_string())).collect()
}

fn asked(statement: &Statement) -> Vec<(Subject, Option<usize>)> {
    statement.questions.iter().map(|q| (q.subject, q.column)).collect()
}

fn amounts(statement: &Statement, row: usize) -> Vec<String> {
    let figures = statement.lines[row].figures.iter();
    figures.map(|f| f.as_ref().map_or_else(String::new, |f| f.amount.normalize().to_string())).collect()
}

const YEARS: &str = "31.03.2025;31.03.2024";

#[test]
fn an_unknown_unit_is_a_question_and_never_rupees() {
    for unit in ["(Rs. in Bn)", "(₹ in myriads)", "Rs. in ten thousands", "(Rs. in lakhs / crores)"] {
        let found = balance_sheet(&format!("Balance Sheet\n{unit}"), YEARS);
        assert_eq!(found.unit, Unit::Unstated, "{unit}");
        assert_eq!(asked(&found), [(Subject::Unit, None)], "{unit}");
        assert_eq!(found.questions[0].printed, unit);
    }
}

#[test]
fn an_unknown_unit_in_the_bracket_of_a_title_or_heading_is_a_question() {
    for above in [
        "Balance Sheet (in myriads)\nParticulars",
        "BALANCE SHEET AS AT 31ST MARCH 2025 (in dozens)\nParticulars",
        "Balance Sheet\nParticulars (in dozens)",
    ] {
        let found = text(&format!("{above};{YEARS}\n{ASSETS}")).statements.remove(0);
        assert_eq!(found.unit, Unit::Unstated, "{above}");
        assert_eq!(asked(&found), [(Subject::Unit, None)], "{above}");
    }
    for bracket in ["in liquidation", "in abridged form", "in Schedule III format", "in vertical form"] {
        let found = balance_sheet(&format!("Balance Sheet ({bracket})\n(Rs. in lakhs)"), YEARS);
        assert_eq!((found.unit, asked(&found)), (Unit::Lakh, vec![]), "{bracket}");
    }
    let note = balance_sheet("(Rs. in lakhs)\nNote 4: Investments (in subsidiaries)", YEARS);
    assert_eq!((note.unit, asked(&note)), (Unit::Lakh, vec![]));
}

#[test]
fn zeros_with_a_currency_in_brackets_are_a_unit() {
    for above in ["(Rs. 000)", "(₹ 000)", "Balance Sheet\n(Rs. '000)"] {
        let found = balance_sheet(above, YEARS);
        assert_eq!((found.unit, asked(&found)), (Unit::Thousand, vec![]), "{above}");
    }
}

/// A balance sheet of 31.03.2025 with a column for each part of the firm.
fn of_parts(headings: &str, total: &str) -> Extraction {
    text(&format!(
        "Balance Sheet as at 31.03.2025\n(Rs. in lakhs)\nParticulars;{headings}\nInventories;200.00;54.10;254.10\n\
         Trade receivables;201.50;20.00;221.50\nCash and cash equivalents;21.15;;21.15\n\
         Total assets;422.65;74.10;{total}\n"
    ))
}

#[test]
fn the_total_of_columns_of_parts_is_used_for_the_year_of_the_title() {
    let found = of_parts("Head Office;Branch;Total", "496.75");
    let statement = &found.statements[0];
    assert_eq!((ends(statement), amounts(statement, 0)), (vec!["2025-03-31".to_owned()], vec!["254.1".to_owned()]));
    let listed = found.unused.iter().map(|u| (u.reason, u.cell.as_deref(), u.label.as_deref()));
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [
            (UnusedReason::SecondColumn, Some("B4:B7"), Some("Head Office")),
            (UnusedReason::SecondColumn, Some("C4:C7"), Some("Branch")),
        ]
    );
}

#[test]
fn columns_of_parts_without_their_sum_stay_undated_under_their_own_headings() {
    for (headings, total) in [("Head Office;Branch;Total", "497.75"), ("Head Office;Branch;Works", "496.75")] {
        let found = of_parts(headings, total);
        let named: Vec<&str> = found.statements[0].columns.iter().map(|c| c.heading.as_str()).collect();
        assert_eq!(named.join(";"), headings);
        assert!(ends(&found.statements[0]).iter().all(String::is_empty), "{headings} {total}");
    }
}

#[test]
fn a_unit_that_is_only_mentioned_is_a_question_unless_another_text_states_one() {
    for mention in [
        "(Figures rounded off to nearest Lakh of Rs. with two decimals)",
        "Amounts are rounded to the nearest thousand",
        "(Rs. rounded off to nearest lakhs)",
        "All figures are expressed to the nearest crore",
    ] {
        let statement = balance_sheet(&format!("Balance Sheet\n{mention}"), YEARS);
        assert_eq!(asked(&statement), [(Subject::Unit, None)], "{mention}");
        assert_eq!(statement.unit, Unit::Unstated, "{mention}");
        for (stated, unit) in [("(Rs. in lakhs)", Unit::Lakh), ("(Amount in Rs.)", Unit::Rupee)] {
            let statement = balance_sheet(&format!("Balance Sheet {stated}\n{mention}"), YEARS);
            assert_eq!((asked(&statement), statement.unit), (vec![], unit), "{stated} {mention}");
        }
    }
    let statement = balance_sheet("Crore Textiles Private Limited\nBalance Sheet (Amount in Rs.)", YEARS);
    assert_eq!((asked(&statement), statement.unit), (vec![], Unit::Rupee));
}

#[test]
fn another_currency_is_a_question() {
    for currency in ["(USD in thousands)", "(Amount in $)", "Amount in EUR", "(AED)"] {
        let found = balance_sheet(&format!("Balance Sheet\n{currency}"), YEARS);
        assert!(asked(&found).contains(&(Subject::Currency, None)), "{currency}: {:?}", found.questions);
    }
    let dollars = ASSETS.replace(';', ";$");
    let found = text(&format!("Balance Sheet\nParticulars;{YEARS}\n{dollars}")).statements.remove(0);
    assert_eq!(asked(&found), [(Subject::Currency, None)]);
}

#[test]
fn titles_that_contradict_each_other_are_a_question() {
    let found = balance_sheet("Balance Sheet (Rs. in crores)\n(Rs. in lakhs)", YEARS);
    assert_eq!((found.unit, asked(&found)), (Unit::Unstated, vec![(Subject::Unit, None)]));
    let found = balance_sheet("Balance Sheet\n(Rs. in lakhs)", "31.03.2025 (Rs.);31.03.2024 (Rs.)");
    assert_eq!((found.unit, asked(&found)), (Unit::Lakh, vec![]));
}

#[test]
fn a_column_with_a_unit_of_its_own_is_a_question_about_that_column() {
    for headings in ["31.03.2025 (Rs. lakhs);31.03.2024 (Rs.)", "31.03.2025 (Rs. lakhs);31.03.2024 (Rs. crores)"] {
        let found = balance_sheet("Balance Sheet", headings);
        assert_eq!((found.unit, asked(&found)), (Unit::Lakh, vec![(Subject::Unit, Some(1))]), "{headings}");
    }
    let found = balance_sheet("Balance Sheet", "31.03.2025 (Rs. lakhs);31.03.2024 (Rs. lakhs)");
    assert_eq!((found.unit, asked(&found)), (Unit::Lakh, vec![]));
}

#[test]
fn a_sentence_about_one_amount_states_no_unit() {
    let notes = "Note: trade payables include Rs. 5 lakhs due to a director;;
3. Contingent liabilities of Rs. 12.5 lakhs;;
Amounts below one lakh are left out by the management of the firm;;
";
    let found = text(&format!("Balance Sheet\nParticulars;{YEARS}\n{ASSETS}{notes}"));
    assert_eq!(found.statements[0].unit, Unit::Unstated);
    assert!(found.statements[0].questions.is_empty(), "{:?}", found.statements[0].questions);
}

#[test]
fn a_unit_behind_each_amount_is_the_unit() {
    let with_unit = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        format!("{};{} Lakhs;{} Lakhs\n", cells[0], cells[1], cells[2])
    };
    let rows: String = ASSETS.lines().map(with_unit).collect();
    let found = text(&format!("Balance Sheet\nParticulars;{YEARS}\n{rows}")).statements.remove(0);
    assert_eq!((found.unit, amounts(&found, 0)), (Unit::Lakh, vec!["254.1".to_owned(), "225.1".to_owned()]));
}

#[test]
fn an_amount_in_another_unit_than_its_statement_is_brought_into_it() {
    let rows = ASSETS.replace("254.10", "2.541 crore");
    let found = text(&format!("Balance Sheet\n(Rs. in lakhs)\nParticulars;{YEARS}\n{rows}")).statements.remove(0);
    assert_eq!(amounts(&found, 0), ["254.1", "225.1"]);
    assert_eq!(found.lines[0].figures[0].as_ref().unwrap().text, "2.541 crore");
}

#[test]
fn a_date_of_printing_or_signing_heads_no_column() {
    for above in [
        "Kaveri Limited;;;Printed on 20.06.2025\nBalance Sheet as at 31st March",
        "Kaveri Limited;20.06.2025\nBalance Sheet as at 31st March",
        "Kaveri Limited;;20.06.2025\nBalance Sheet as at 31st March",
        "Kaveri Limited;;;;;31.12.2025\nBalance Sheet",
        "Kaveri Limited\nBalance Sheet;;;Date: 20.06.2025",
        "Balance Sheet as approved on 20.06.2025\nRun date 20/06/2025",
    ] {
        assert_eq!(ends(&balance_sheet(above, YEARS)), ["2025-03-31", "2024-03-31"], "{above}");
    }
}

#[test]
fn a_single_column_has_the_date_of_the_statements_title_alone() {
    let one: String = ASSETS.lines().map(|l| l.rsplit_once(';').unwrap().0.to_owned() + "\n").collect();
    let read = |above: &str| text(&format!("{above}\nParticulars;Amount\n{one}"));
    for above in [
        "Kaveri Limited;20.06.2025\nBalance Sheet as at 31.03.2025",
        "Balance Sheet as at 31.03.2025\nDate of printing 20.06.2025",
        "Balance Sheet 31.03.2025\nas approved by the directors on 20.06.2025",
    ] {
        assert_eq!(ends(&read(above).statements[0]), ["2025-03-31"], "{above}");
    }
    let undated = read("Kaveri Limited;20.06.2025\nBalance Sheet");
    assert_eq!(ends(&undated.statements[0]), [""]);
    assert_eq!(undated.unused[0].reason, UnusedReason::UndatedColumn);
}

#[test]
fn a_column_without_a_date_is_listed_with_its_heading() {
    let rows: String = ASSETS.lines().map(|l| format!("{l};5\n")).collect();
    let found = text(&format!("Balance Sheet\nParticulars;{YEARS};Variance\n{rows}"));
    let entry = &found.unused[0];
    assert_eq!((entry.reason, entry.label.as_deref()), (UnusedReason::UndatedColumn, Some("Variance")));
    assert_eq!(entry.cell.as_deref(), Some("D3:D6"));
}

#[test]
fn a_period_that_can_be_read_in_two_ways_is_a_question_unless_another_settles_it() {
    for headings in ["AY 2025;AY 2024", "03/04/2025;03/04/2024"] {
        let found = balance_sheet("Balance Sheet", headings);
        assert_eq!(asked(&found), [(Subject::Period, Some(0)), (Subject::Period, Some(1))], "{headings}");
        assert_eq!(ends(&found), ["", ""], "{headings}");
    }
    assert_eq!(ends(&balance_sheet("Balance Sheet", "05/04/2025;31/03/2024")), ["2025-04-05", "2024-03-31"]);
    assert_eq!(ends(&balance_sheet("Balance Sheet", "04/05/2025;03/31/2024")), ["2025-04-05", "2024-03-31"]);
}

#[test]
fn the_current_and_the_previous_year_count_from_the_title() {
    for headings in ["Current Year;Previous Year", "C.Y.;P.Y.", "This year;Last year"] {
        let found = balance_sheet("Balance Sheet as at 31.03.2025", headings);
        assert_eq!(ends(&found), ["2025-03-31", "2024-03-31"], "{headings}");
    }
}

#[test]
fn a_period_of_unknown_length_is_a_question() {
    let one: String = INCOME.lines().map(|l| l.rsplit_once(';').unwrap().0.to_owned() + "\n").collect();
    let read = |title: &str, heading: &str, below: &str| {
        text(&format!("{title}\nParticulars;{heading}\n{one}{below}")).statements.remove(0)
    };
    for (title, heading, below) in [
        ("Profit and Loss Account for the period ended 31.03.2025", "Amount", ""),
        ("Profit and Loss Account", "From incorporation to 31.03.2025", ""),
        ("Profit and Loss Account", "31.03.2025", "The company was incorporated on 01.10.2024;\n"),
    ] {
        assert_eq!(asked(&read(title, heading, below)), [(Subject::Months, Some(0))], "{title} {heading}");
    }
    let known = read("Profit and Loss Account", "For the period from 01.10.2024 to 31.03.2025", "");
    assert_eq!((known.columns[0].months, asked(&known)), (6, vec![]));
    // Between two year ends lies a year.
    let two =
        text(&format!("Profit and Loss for the period ended\nParticulars;{YEARS}\n{INCOME}")).statements.remove(0);
    assert_eq!((two.columns[0].months, asked(&two)), (12, vec![]));
}

#[test]
fn words_about_an_audit_that_are_not_understood_are_a_question() {
    let found = balance_sheet("Balance Sheet", "31.03.2025 (audit in progress);31.03.2024 (Audited)");
    assert_eq!(asked(&found), [(Subject::Kind, Some(0))]);
    assert_eq!(found.columns[0].kind, ColumnKind::Unstated);
    let found = balance_sheet("Balance Sheet", "31.03.2025 (Not audited);31.03.2024 (Audited)");
    assert_eq!((found.columns[0].kind, asked(&found)), (ColumnKind::Provisional, vec![]));
}

#[test]
fn what_stands_in_place_of_an_amount_is_listed_with_its_cell() {
    for (other, reason) in [
        ("xx", UnusedReason::TextForAmount),
        ("to be confirmed", UnusedReason::TextForAmount),
        ("1.240,60", UnusedReason::DoubtfulAmount),
        ("22.5%", UnusedReason::DoubtfulAmount),
    ] {
        let rows = ASSETS.replace("221.50", other);
        let found = text(&format!("Balance Sheet\nParticulars;{YEARS}\n{rows}"));
        assert_eq!(found.unused.len(), 1, "{other}: {:?}", found.unused);
        assert_eq!((found.unused[0].reason, found.unused[0].cell.as_deref()), (reason, Some("B4")), "{other}");
    }
}

#[test]
fn a_title_about_one_period_says_nothing_of_an_earlier_one() {
    let title = "Provisional Profit and Loss Account for the nine months ended 31.12.2024";
    let found = text(&format!("{title}\nParticulars;31.12.2024;31.03.2024\n{INCOME}")).statements.remove(0);
    let columns: Vec<(u8, ColumnKind)> = found.columns.iter().map(|c| (c.months, c.kind)).collect();
    assert_eq!(columns, [(9, ColumnKind::Provisional), (12, ColumnKind::Unstated)]);
    let audited = balance_sheet("Audited Balance Sheet as at 31.03.2025", YEARS);
    assert!(audited.columns.iter().all(|c| c.kind == ColumnKind::Audited));
}

/// Published results: three quarters and two years, of which headings may be misprinted.
fn results(headings: &str) -> Statement {
    let csv = format!(
        "Statement of profit and loss,,,,,\n{headings}\
         Revenue from operations,1580.74,1553.46,1511.93,6232.98,5981.39\n\
         Other expenses,1043.39,1086.74,934.90,3921.71,3452.16\n\
         Profit before tax,537.35,466.72,577.03,2311.27,2529.23\n"
    );
    text(&csv).statements.remove(0)
}

#[test]
fn a_misprinted_date_among_dates_costs_only_its_own_column() {
    for misprint in ["31032017", "21117"] {
        let statement = results(&format!("Particulars,31.03.2018,31.12.2017,{misprint},31.03.2018,31.03.2017\n"));
        let found: Vec<bool> = statement.columns.iter().map(|column| column.period_end.is_some()).collect();
        assert_eq!(found, [true, true, false, true, true], "{misprint}");
        assert_eq!(statement.lines.len(), 3, "{misprint}");
    }
    let statement =
        results("Particulars,31 March,31 December,31 March,31 March,31 March\nSl.,2018,2017,21117,2018,2017\n");
    let ends: Vec<Option<String>> =
        statement.columns.iter().map(|column| column.period_end.map(|end| end.to_string())).collect();
    let expected = [Some("2018-03-31"), Some("2017-12-31"), None, Some("2018-03-31"), Some("2017-03-31")];
    assert_eq!(ends, expected.map(|end| end.map(str::to_owned)));
    assert_eq!(statement.lines.len(), 3);
}

#[test]
fn years_above_the_columns_have_an_abbreviation_beside_them() {
    let statement =
        results("Particulars,31 March,31 December,31 March,31 March,31 March\nSl.,2018,2017,2017,2018,2017\n");
    assert_eq!(ends(&statement), ["2018-03-31", "2017-12-31", "2017-03-31", "2018-03-31", "2017-03-31"]);
    assert_eq!(statement.lines.len(), 3, "the years are no line");
}

#[test]
fn a_heading_that_refers_to_a_note_heads_amounts() {
    let statement = results(
        "Particulars,Quarter ended,Quarter ended,Quarter ended,Year ended,Year ended\n\
         ,31.03.2018,31.12.2017,31.03.2017,31.03.2018,31.03.2017\n\
         ,Audited (Refer Note 5),Unaudited,Audited (Refer Note 5),Audited,Audited\n\
         ,(Note 2),,(Note 2),,\n",
    );
    assert_eq!(statement.kind, StatementKind::ProfitAndLoss, "a bracket that refers to a note is no title");
    assert_eq!(statement.columns.len(), 5);
    assert!(statement.lines.iter().all(|line| line.note.is_none()));
    assert_eq!(amounts(&statement, 0)[0], "1580.74");
}

#[test]
fn amounts_under_a_heading_for_notes_are_no_note_numbers() {
    let statement =
        text("Balance sheet,,\nParticulars,Note,Note\nShare capital,5000,4000\nReserves,2500,1500\nTotal,7500,5500\n");
    let found = statement.statements.first().expect("a statement");
    assert!(found.lines.iter().all(|line| line.note.is_none()), "{found:?}");
}
