use domain::statement::{
    Basis, Column, ColumnKind, EXTRACTION_SCHEMA, Extraction, Figure, FileFacts, Format, LineItem, LineRole, Side,
    Statement, StatementKind, Unit,
};
use rust_decimal::Decimal;

use super::*;
use crate::classification::ClassifiedLine;
use crate::row::{Form, RowCode, table};

pub(crate) fn extraction(statements: Vec<Statement>) -> Extraction {
    Extraction {
        schema: EXTRACTION_SCHEMA,
        document: 1,
        file: FileFacts { name: "accounts.xlsx".into(), sha256: String::new(), bytes: 1, format: Format::Xlsx },
        entity: None,
        statements,
        unused: Vec::new(),
    }
}

pub(crate) fn statement(kind: StatementKind, title: &str, years: &[i16], lines: Vec<LineItem>) -> Statement {
    let column = |year: &i16| Column {
        heading: year.to_string(),
        period_end: Some(jiff::civil::date(*year, 3, 31)),
        months: 12,
        kind: ColumnKind::Audited,
        basis: Basis::Unstated,
    };
    Statement {
        kind,
        title: Some(title.into()),
        sheet: title.into(),
        unit: Unit::Lakh,
        columns: years.iter().map(column).collect(),
        lines,
        questions: Vec::new(),
    }
}

pub(crate) fn line(id: &str, label: &str, section: &[&str], amounts: &[i64]) -> LineItem {
    let figure = |amount: &i64| {
        Some(Figure { amount: Decimal::new(*amount, 2), text: amount.to_string(), side: None, cell: "C1".into() })
    };
    LineItem {
        id: id.into(),
        label: label.into(),
        section: section.iter().map(|heading| (*heading).to_owned()).collect(),
        note: None,
        role: LineRole::Item,
        figures: amounts.iter().map(figure).collect(),
        cell: "A1".into(),
        addends: vec![],
    }
}

fn noted(mut line: LineItem, note: &str) -> LineItem {
    line.note = Some(note.into());
    line
}

pub(crate) fn with_role(mut line: LineItem, role: LineRole) -> LineItem {
    line.role = role;
    line
}

pub(crate) fn classified(statements: Vec<Statement>) -> Vec<ClassifiedLine> {
    classify(&[extraction(statements)], &Policy::docket_1()).lines
}

pub(crate) fn row_of<'a>(lines: &'a [ClassifiedLine], id: &str) -> &'a ClassifiedLine {
    lines.iter().find(|line| line.line == id).unwrap()
}

const CL: [&str; 2] = ["Equity and liabilities", "Current liabilities"];
const NCL: [&str; 2] = ["Equity and liabilities", "Non-current liabilities"];
const CA: [&str; 2] = ["Assets", "Current assets"];

#[test]
fn the_heading_decides_between_long_term_and_current() {
    let lines = classified(vec![statement(
        StatementKind::BalanceSheet,
        "Balance Sheet",
        &[2024],
        vec![
            line("a", "(b) Provisions", &CL, &[1]),
            line("b", "(b) Provisions", &NCL, &[1]),
            line("c", "(i) Borrowings", &CL, &[1]),
            line("d", "(i) Borrowings", &NCL, &[1]),
            line("e", "(i) Investments", &CA, &[1]),
            line("f", "(i) Investments", &["Assets", "Non-current assets"], &[1]),
        ],
    )]);
    let rows: Vec<&str> = lines.iter().map(|line| line.row_code.as_str()).collect();
    assert_eq!(rows, ["III.9", "III.16", "III.1.i", "III.13", "III.27.i", "III.38.i.b"]);
}

#[test]
fn receivables_of_exports_have_their_own_row_and_export_incentives_are_none() {
    let receivables: [&str; 3] = ["Assets", "Current assets", "Trade receivables"];
    let lines = classified(vec![statement(
        StatementKind::BalanceSheet,
        "Balance Sheet",
        &[2024],
        vec![
            line("a", "Export Debtors (less than 6 mths.)", &receivables, &[1]),
            line("b", "Receivables from export customers", &CA, &[1]),
            line("c", "Domestic debtors", &receivables, &[1]),
            line("d", "Export incentive receivable", &CA, &[1]),
        ],
    )]);
    let rows: Vec<&str> = lines.iter().map(|line| line.row_code.as_str()).collect();
    assert_eq!(rows, ["III.28.ii", "III.28.ii", "III.28.i", "III.33"]);
}

#[test]
fn totals_memo_lines_and_cash_flow_enter_no_row() {
    let total = with_role(line("t", "Total assets", &["Assets"], &[5]), LineRole::Total);
    let memo = with_role(line("m", "of which pledged", &CA, &[1]), LineRole::Memo);
    let cash = line("c", "Purchase of fixed assets", &[], &[1]);
    let lines = classified(vec![
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], vec![total, memo]),
        statement(StatementKind::CashFlow, "Cash Flow Statement", &[2024], vec![cash]),
    ]);
    assert!(
        lines.iter().all(|line| line.row_code == row!("X.ignore") && line.confidence > 0.9 && !line.reason.is_empty())
    );
}

#[test]
fn a_note_that_sums_to_its_face_line_is_used_in_its_place() {
    let face = noted(line("f", "Inventories", &CA, &[30000, 20000]), "14");
    let note = vec![
        line("n1", "Raw materials", &["Note 14: Inventories"], &[10000, 8000]),
        line("n2", "Work-in-progress", &["Note 14: Inventories"], &[5000, 2000]),
        line("n3", "Finished goods", &["Note 14: Inventories"], &[15000, 10000]),
    ];
    let lines = classified(vec![
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024, 2023], vec![face]),
        statement(StatementKind::Note, "Notes", &[2024, 2023], note),
    ]);
    let rows: Vec<&str> = lines.iter().map(|line| line.row_code.as_str()).collect();
    assert_eq!(rows, ["X.ignore", "III.30.i.b", "III.30.ii", "III.30.iii"]);
    assert_eq!(row_of(&lines, "f").reason, "broken up in note 14");
}

#[test]
fn a_note_is_found_by_its_heading_where_its_number_is_not_printed_with_it() {
    let face = noted(line("f", "Inventories", &CA, &[30000]), "14");
    for heading in ["Inventories", "Inventories (Note 14)", "Inventories - Note No. 14"] {
        let note =
            vec![line("n1", "Raw materials", &[heading], &[10000]), line("n2", "Finished goods", &[heading], &[20000])];
        let lines = classified(vec![
            statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], vec![face.clone()]),
            statement(StatementKind::Note, "Notes", &[2024], note),
        ]);
        let rows: Vec<&str> = lines.iter().map(|line| line.row_code.as_str()).collect();
        assert_eq!(rows, ["X.ignore", "III.30.i.b", "III.30.iii"], "{heading}");
    }
}

#[test]
fn a_note_for_all_years_is_used_before_one_of_an_earlier_report() {
    let face = noted(line("f", "Inventories", &CA, &[300, 200]), "14");
    let note = |id: &str, amounts: [&[i64]; 2]| {
        vec![
            line(&format!("{id}1"), "Raw materials", &["Note 14: Inventories"], amounts[0]),
            line(&format!("{id}2"), "Finished goods", &["Note 14: Inventories"], amounts[1]),
        ]
    };
    let lines = classified(vec![
        statement(StatementKind::Note, "Notes", &[2023, 2022], note("old", [&[80, 50], &[120, 70]])),
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024, 2023], vec![face]),
        statement(StatementKind::Note, "Notes", &[2024, 2023], note("new", [&[100, 80], &[200, 120]])),
    ]);
    assert_eq!(row_of(&lines, "new1").row_code, row!("III.30.i.b"));
    assert_eq!(row_of(&lines, "old1").row_code, row!("X.ignore"));
    assert_eq!(row_of(&lines, "f").reason, "broken up in note 14");
}

#[test]
fn authorised_capital_is_no_part_of_the_capital() {
    let face = statement(
        StatementKind::BalanceSheet,
        "Balance sheet",
        &[2024],
        vec![noted(line("f", "Share capital", &["Equity"], &[120]), "1")],
    );
    let note = statement(
        StatementKind::Note,
        "Note 1: Share capital",
        &[2024],
        vec![
            line("n1", "Authorised: 15,00,000 equity shares of Rs. 10 each", &[], &[150]),
            line("n2", "Issued, subscribed and paid up: 12,00,000 equity shares of Rs. 10 each", &[], &[120]),
        ],
    );
    let lines = classified(vec![face, note]);
    assert_eq!(row_of(&lines, "f").reason, "broken up in note 1");
    assert_eq!((row_of(&lines, "n1").row_code, row_of(&lines, "n2").row_code), (RowCode::IGNORE, row!("III.19")));
    assert!(lines.iter().all(|line| line.confidence >= 0.70), "{lines:#?}");
}

#[test]
fn a_copy_of_a_statement_is_read_like_the_original() {
    let sheet = |id: &str, title: &str| {
        let lines = vec![
            line(&format!("{id}1"), "Revenue from operations", &[], &[500]),
            line(&format!("{id}2"), "Salaries", &[], &[400]),
        ];
        statement(StatementKind::ProfitAndLoss, title, &[2024], lines)
    };
    let lines = classified(vec![sheet("a", "PL"), sheet("b", "PL (2)")]);
    assert_eq!(row_of(&lines, "a1").row_code, row_of(&lines, "b1").row_code);
}

#[test]
fn a_note_that_does_not_sum_is_left_out_and_reviewed() {
    let face = noted(line("f", "Inventories", &CA, &[30000]), "14");
    let note = vec![
        line("n1", "Raw materials", &["Note 14: Inventories"], &[10000]),
        line("n2", "Finished goods", &["Note 14: Inventories"], &[15000]),
    ];
    let lines = classified(vec![
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], vec![face]),
        statement(StatementKind::Note, "Notes", &[2024], note),
    ]);
    assert_eq!(row_of(&lines, "f").row_code, row!("III.30.iii"));
    for id in ["n1", "n2"] {
        assert_eq!(row_of(&lines, id).row_code, row!("X.ignore"));
        assert!(row_of(&lines, id).confidence < 0.70);
    }
}

#[test]
fn a_note_that_lacks_a_year_counts_in_its_own_year_and_the_face_line_in_the_other() {
    let face = noted(line("f", "Inventories", &CA, &[30000, 20000]), "14");
    let note = vec![
        line("n1", "Finished goods", &["Note 14: Inventories"], &[10000]),
        line("n2", "Raw materials", &["Note 14: Inventories"], &[20000]),
    ];
    let lines = classified(vec![
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024, 2023], vec![face]),
        statement(StatementKind::Note, "Notes", &[2024], note),
    ]);
    assert_eq!(row_of(&lines, "f").row_code, row!("III.30.iii"));
    assert!(row_of(&lines, "f").confidence < 0.70, "a reviewer decides about the other year");
    assert_eq!(row_of(&lines, "n1").row_code, row!("III.30.iii"));
    assert_eq!(row_of(&lines, "n2").row_code, row!("III.30.i.b"));
    assert_eq!(row_of(&lines, "n2").breaks_up, ["f"]);
}

#[test]
fn a_note_of_other_years_is_left_out() {
    let face = noted(line("f", "Inventories", &CA, &[30000]), "14");
    let note = vec![line("n1", "Finished goods", &["Note 14: Inventories"], &[30000])];
    let lines = classified(vec![
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], vec![face]),
        statement(StatementKind::Note, "Notes", &[2022], note),
    ]);
    assert_eq!(row_of(&lines, "f").row_code, row!("III.30.iii"));
    assert_eq!(row_of(&lines, "n1").row_code, row!("X.ignore"));
}

#[test]
fn a_reference_that_is_cut_off_does_not_hide_the_note_of_the_same_name() {
    let face = noted(line("f", "Inventories", &CA, &[30000]), "2.1");
    let note = vec![
        line("n1", "Finished goods", &["Note 2.10: Inventories"], &[10000]),
        line("n2", "Raw materials", &["Note 2.10: Inventories"], &[20000]),
    ];
    let lines = classified(vec![
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], vec![face]),
        statement(StatementKind::Note, "Notes", &[2024], note),
    ]);
    assert_eq!(row_of(&lines, "f").reason, "broken up in note 2.10");
}

#[test]
fn an_allowance_within_a_note_lowers_its_row() {
    let face = noted(line("f", "Trade receivables", &CA, &[9000]), "7");
    let note = vec![
        line("n1", "Unsecured, considered good", &["7. Trade receivables"], &[10000]),
        line("n2", "Less: Provision for doubtful debts", &["7. Trade receivables"], &[1000]),
        with_role(line("n3", "Total", &["7. Trade receivables"], &[9000]), LineRole::Total),
    ];
    let lines = classified(vec![
        statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], vec![face]),
        statement(StatementKind::Note, "Notes to accounts", &[2024], note),
    ]);
    let (good, less) = (row_of(&lines, "n1"), row_of(&lines, "n2"));
    assert_eq!((good.row_code.as_str(), good.sign), ("III.28.i", 1));
    assert_eq!((less.row_code.as_str(), less.sign), ("III.28.i", -1));
}

#[test]
fn consumption_is_broken_up_into_opening_purchases_and_closing() {
    let face = noted(line("f", "Cost of materials consumed", &["Expenses"], &[9000]), "20");
    let note = vec![
        line("n1", "Opening stock", &["Note 20 - Cost of materials consumed"], &[2000]),
        line("n2", "Add: Purchases", &["Note 20 - Cost of materials consumed"], &[8000]),
        line("n3", "Less: Closing stock", &["Note 20 - Cost of materials consumed"], &[1000]),
    ];
    let lines = classified(vec![
        statement(StatementKind::ProfitAndLoss, "Profit and Loss", &[2024], vec![face]),
        statement(StatementKind::Note, "Notes", &[2024], note),
    ]);
    let rows: Vec<(&str, i8)> = lines.iter().map(|line| (line.row_code.as_str(), line.sign)).collect();
    assert_eq!(rows, [("X.ignore", 1), ("S.RM.open", 1), ("S.RM.purch", 1), ("S.RM.close", 1)]);
}

#[test]
fn a_sum_that_stands_alone_is_allocated_and_one_with_parts_is_not() {
    let alone = classified(vec![statement(
        StatementKind::ProfitAndLoss,
        "Profit and Loss",
        &[2024],
        vec![line("r", "Revenue from operations", &["Income"], &[100])],
    )]);
    assert_eq!(row_of(&alone, "r").row_code, row!("II.1.i"));
    let parted = classified(vec![statement(
        StatementKind::ProfitAndLoss,
        "Profit and Loss",
        &[2024],
        vec![
            line("s", "Sale of products", &["Income"], &[90]),
            line("o", "Other operating revenues", &["Income"], &[10]),
            with_role(line("r", "Revenue from operations", &["Income"], &[100]), LineRole::Subtotal),
        ],
    )]);
    let rows: Vec<&str> = parted.iter().map(|line| line.row_code.as_str()).collect();
    assert_eq!(rows, ["II.1.i", "II.1.iii", "X.ignore"]);
}

#[test]
fn fixed_assets_printed_net_are_gross_and_go_to_review() {
    let lines = classified(vec![statement(
        StatementKind::BalanceSheet,
        "Balance Sheet",
        &[2024],
        vec![line("p", "Net block", &["Assets", "Fixed assets"], &[100])],
    )]);
    assert_eq!(row_of(&lines, "p").row_code, row!("III.35"));
    assert!(row_of(&lines, "p").confidence < 0.70);
}

#[test]
fn bracketed_deductions_become_positive() {
    let lines = classified(vec![statement(
        StatementKind::BalanceSheet,
        "Balance Sheet",
        &[2024],
        vec![
            line("g", "Gross block", &["Assets", "Fixed assets"], &[500]),
            line("d", "Less: Accumulated depreciation", &["Assets", "Fixed assets"], &[-200]),
        ],
    )]);
    let depreciation = row_of(&lines, "d");
    assert_eq!((depreciation.row_code.as_str(), depreciation.sign), ("III.36", -1));
}

#[test]
fn expenses_printed_in_brackets_become_positive() {
    let lines = classified(vec![statement(
        StatementKind::ProfitAndLoss,
        "Profit and Loss",
        &[2024],
        vec![
            line("s", "Sale of products", &["Income"], &[900]),
            line("e", "Employee benefits expense", &["Expenses"], &[-300]),
            line("f", "Finance costs", &["Expenses"], &[-100]),
            line("o", "Other expenses", &["Expenses"], &[-200]),
        ],
    )]);
    let signs: Vec<i8> = lines.iter().map(|line| line.sign).collect();
    assert_eq!(signs, [1, -1, -1, -1]);
}

#[test]
fn a_deferred_tax_credit_lowers_the_tax_charge() {
    let lines = classified(vec![statement(
        StatementKind::ProfitAndLoss,
        "Profit and Loss",
        &[2024],
        vec![
            line("c", "Current tax", &["Tax expense"], &[300]),
            line("d", "Deferred tax credit", &["Tax expense"], &[50]),
            line("e", "Deferred tax charge/(credit)", &["Tax expense"], &[-20]),
        ],
    )]);
    let rows: Vec<(&str, i8)> = lines.iter().map(|line| (line.row_code.as_str(), line.sign)).collect();
    assert_eq!(rows, [("II.13", 1), ("II.13", -1), ("II.13", 1)]);
}

#[test]
fn increase_and_decrease_in_stock_follow_their_brackets() {
    let lines = classified(vec![statement(
        StatementKind::ProfitAndLoss,
        "Profit and Loss",
        &[2024],
        vec![
            line("a", "(Increase)/decrease in inventories", &["Expenses"], &[-30]),
            line("b", "Increase/(decrease) in inventories", &["Income"], &[30]),
        ],
    )]);
    let rows: Vec<(&str, i8)> = lines.iter().map(|line| (line.row_code.as_str(), line.sign)).collect();
    assert_eq!(rows, [("S.INV.change", 1), ("S.INV.change", -1)]);
}

#[test]
fn amounts_written_off_are_no_cash() {
    let lines = classified(vec![statement(
        StatementKind::ProfitAndLoss,
        "Profit and Loss",
        &[2024],
        vec![
            line("a", "Preliminary expenses written off", &["Expenses"], &[10]),
            line("b", "Bad debts written off", &["Expenses"], &[10]),
        ],
    )]);
    assert_eq!((row_of(&lines, "a").row_code.as_str(), row_of(&lines, "a").non_cash), ("II.11.ii", true));
    assert_eq!((row_of(&lines, "b").row_code.as_str(), row_of(&lines, "b").non_cash), ("II.6", false));
}

#[test]
fn a_printed_side_decides_before_the_sign() {
    let printed =
        |amount: i64, side| Figure { amount: Decimal::from(amount), text: String::new(), side, cell: String::new() };
    let amount = |side, row: &str, sign| signed_amount(&printed(5, side), RowCode::parse(row).unwrap(), sign);
    assert_eq!(amount(Some(Side::Cr), "III.3", 1), Decimal::from(5));
    assert_eq!(amount(Some(Side::Dr), "III.3", 1), Decimal::from(-5));
    assert_eq!(amount(Some(Side::Cr), "III.28.i", -1), Decimal::from(-5));
    assert_eq!(amount(None, "III.28.i", -1), Decimal::from(-5));
    assert_eq!(amount(None, "III.28.i", 1), Decimal::from(5));
}

#[test]
fn a_file_of_labels_is_classified_in_order_with_quotes_where_needed() {
    let input = "\u{feff}section,label\nCurrent assets,\"Cash, and bank\"\n,Power and fuel\n";
    let mut output = Vec::new();
    assert_eq!(classify_csv(input.as_bytes(), &mut output).unwrap(), 2);
    let text = String::from_utf8(output).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "label,row_code,confidence");
    assert!(lines[1].starts_with("\"Cash, and bank\",III.26,0."), "{}", lines[1]);
    assert!(lines[2].starts_with("Power and fuel,II.5.iii,0."), "{}", lines[2]);
}

#[test]
fn a_file_of_labels_keeps_label_text_with_line_breaks_and_quotes() {
    let input = "label\n\"Trade \"\"book\"\"\ndebts\"\n";
    let mut output = Vec::new();
    classify_csv(input.as_bytes(), &mut output).unwrap();
    let mut reader = csv::Reader::from_reader(output.as_slice());
    let record = reader.records().next().unwrap().unwrap();
    assert_eq!((&record[0], &record[1]), ("Trade \"book\"\ndebts", "III.28.i"));
}

#[test]
fn a_file_without_a_label_column_is_refused() {
    let error = classify_csv("name\nCash\n".as_bytes(), Vec::new()).unwrap_err();
    assert!(matches!(error, CsvError::NoLabelColumn));
    assert!(matches!(classify_csv("".as_bytes(), Vec::new()), Err(CsvError::NoLabelColumn)));
}

#[test]
fn a_quote_that_is_never_closed_is_refused() {
    let input = format!("label\n\"{}", "x".repeat(LABEL_RECORD_BYTES));
    let error = classify_csv(input.as_bytes(), Vec::new()).unwrap_err();
    assert!(matches!(error, CsvError::RecordTooLong { record: 2 }));
}

const LABEL_RECORD_BYTES: usize = super::file::LABEL_RECORD_BYTES_MAX + 1;

#[test]
fn a_file_over_the_limit_is_refused() {
    let endless = std::io::Read::take(std::io::repeat(b'a'), super::file::LABEL_FILE_BYTES_MAX + 1);
    assert!(matches!(classify_csv(endless, Vec::new()), Err(CsvError::TooLarge)));
}

#[test]
fn every_input_row_of_the_form_is_known_by_its_own_text() {
    let inputs = table().rows().iter().filter(|row| row.is_input() && matches!(row.form, Form::Two | Form::Three));
    let mut seen = 0;
    for row in inputs {
        let choice = classify_label(&row.label, &[], &Policy::docket_1());
        assert_eq!(choice.row, row.code, "{}", row.label);
        assert!(choice.confidence > 0.70, "{}", row.label);
        seen += 1;
    }
    assert!(seen > 60);
}

#[test]
fn scanned_and_abbreviated_labels_are_read() {
    let row = |label: &str, section: &[&str]| classify_label(label, section, &Policy::docket_1()).row.as_str();
    assert_eq!(row("c) Sundry Debtorss", &[]), "III.28.i");
    assert_eq!(row("Non-currcnt assets (a) Property, Plant and Equipmenl", &[]), "III.35");
    assert_eq!(row("To Op. Stock W-I-P", &["Trading account"]), "II.5.viii");
    assert_eq!(row("By Closing Stock F.G.", &["Trading account"]), "II.5.xii");
    assert_eq!(row("- Current maturities of long term borrow ings", &["CL"]), "III.8");
    assert_eq!(row("Tax expensea) Current tax", &["PL"]), "II.13");
}

#[test]
fn a_line_that_a_printed_sum_contains_is_never_left_out() {
    let other = line("b", "Other Equity attributable to owners of the Company", &["Equity"], &[900]);
    let mut total = with_role(line("t", "Total equity", &["Equity"], &[1000]), LineRole::Subtotal);
    let addend = |line: &str| domain::statement::Addend { line: line.to_owned(), sign: 1 };
    total.addends = vec![addend("a"), addend("b")];
    let lines = vec![line("a", "Equity share capital", &["Equity"], &[100]), other, total];
    let order = [extraction(vec![statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], lines)])];
    let classified = classify(&order, &Policy::docket_1());
    let line = classified.lines.iter().find(|line| line.line == "b").unwrap();
    assert_ne!(line.row_code, RowCode::IGNORE, "{}", line.reason);
}

#[test]
fn a_group_that_a_total_contains_counts_and_goes_to_review() {
    let mut total = with_role(line("t", "Total", &["Assets"], &[418]), LineRole::Total);
    let addend = |line: &str| domain::statement::Addend { line: line.to_owned(), sign: 1 };
    total.addends = vec![addend("a"), addend("b")];
    let lines =
        vec![line("a", "Fixed Assets", &["Assets"], &[96]), line("b", "Current Assets", &["Assets"], &[322]), total];
    let classified = classified(vec![statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], lines)]);
    let group = row_of(&classified, "b");
    assert_eq!(crate::rule::sides_of(group.row_code), crate::rule::Sides::ASSET, "{group:#?}");
    assert!(group.row_code != RowCode::IGNORE && group.confidence < 0.70);
}

#[test]
fn a_line_that_only_names_a_group_goes_to_review() {
    let groups = [
        ("Current Assets", "Assets"),
        ("Current Assets, Loans & Advances", "Assets"),
        ("Current Liabilities", "Liabilities"),
        ("Current Liabilities & Provisions", "Liabilities"),
        ("Non-current liabilities", "Liabilities"),
    ];
    for (label, heading) in groups {
        let lines = vec![line("a", "Capital Account", &["Liabilities"], &[96]), line("b", label, &[heading], &[322])];
        let classified = classified(vec![statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], lines)]);
        let group = row_of(&classified, "b");
        assert!(group.confidence < 0.70 || group.row_code == RowCode::IGNORE, "{group:#?}");
    }
    let other = vec![line("a", "Other current liabilities", &["Liabilities", "Current liabilities"], &[322])];
    let classified = classified(vec![statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], other)]);
    assert!(row_of(&classified, "a").confidence >= 0.70);
}
