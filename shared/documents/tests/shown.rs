//! What a person sees on the sheet is read: number formats, hidden rows and columns, formulas and errors.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

use documents::{Extraction, Limits, read};
use domain::statement::{LineItem, Side, Statement, Unit, UnusedReason};
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook, Worksheet};

const LABELS: [&str; 4] = ["Inventories", "Trade receivables", "Cash and bank balances", "Total assets"];

fn open(workbook: &mut Workbook) -> Extraction {
    read("a.xlsx", 1, &workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap()
}

/// A balance sheet with headings in row 2 and the amounts of each column from row 3.
fn sheet(workbook: &mut Workbook, unit: &str, columns: &[(&str, [f64; 4], &Style)]) {
    let sheet = workbook.add_worksheet();
    sheet.set_name("BS").unwrap();
    sheet.write(0, 0, format!("Balance Sheet {unit}")).unwrap().write(1, 0, "Particulars").unwrap();
    for (row, label) in (2..).zip(LABELS) {
        sheet.write(row, 0, label).unwrap();
    }
    for (column, (heading, amounts, style)) in (1..).zip(columns) {
        sheet.write(1, column, *heading).unwrap();
        for (row, amount) in (2..).zip(amounts) {
            sheet.write_with_format(row, column, *amount, style).unwrap();
        }
    }
}

fn worksheet(workbook: &mut Workbook) -> &mut Worksheet {
    workbook.worksheet_from_name("BS").unwrap()
}

fn line<'a>(statement: &'a Statement, label: &str) -> &'a LineItem {
    statement.lines.iter().find(|l| l.label == label).unwrap_or_else(|| panic!("no line {label}"))
}

fn amounts(line: &LineItem) -> Vec<String> {
    line.figures.iter().map(|f| f.as_ref().map_or_else(String::new, |f| f.amount.normalize().to_string())).collect()
}

fn ends(statement: &Statement) -> Vec<String> {
    statement.columns.iter().map(|c| c.period_end.map_or_else(String::new, |d| d.to_string())).collect()
}

fn unused(found: &Extraction, reason: UnusedReason) -> Vec<(String, String)> {
    let entries = found.unused.iter().filter(|u| u.reason == reason);
    entries.map(|u| (u.cell.clone().unwrap_or_default(), u.detail.clone())).collect()
}

const RUPEES: [f64; 4] = [25_410_000.0, 19_685_012.0, 2_115_000.0, 47_210_012.0];

#[test]
fn an_amount_is_read_in_the_unit_that_its_number_format_shows() {
    for (code, unit, expected) in [
        (r"0\.00,", "(Rs. in lakhs)", ["254.1", "196.85012"]),
        ("0.00,,", "(Rs. in millions)", ["25.41", "19.685012"]),
        ("#,##0,", "(Rs. in '000)", ["25410", "19685.012"]),
        (r"[>=10000000]##\,##\,##\,##0;[>=100000]##\,##\,##0;##,##0", "(In Rs.)", ["25410000", "19685012"]),
    ] {
        let mut workbook = Workbook::new();
        let style = Style::new().set_num_format(code);
        sheet(&mut workbook, unit, &[("31.03.2025", RUPEES, &style)]);
        let found = open(&mut workbook);
        let read: Vec<String> = LABELS[..2].iter().flat_map(|l| amounts(line(&found.statements[0], l))).collect();
        assert_eq!(read, expected, "{code}");
    }
}

#[test]
fn the_text_of_a_figure_is_what_the_cell_shows() {
    let mut workbook = Workbook::new();
    let style = Style::new().set_num_format(r"0\.00,");
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", RUPEES, &style)]);
    let found = open(&mut workbook);
    assert_eq!(line(&found.statements[0], "Trade receivables").figures[0].as_ref().unwrap().text, "196.85");
}

#[test]
fn a_format_that_names_its_unit_states_it() {
    let mut workbook = Workbook::new();
    let style = Style::new().set_num_format(r#"0.00,,"Mn""#);
    sheet(&mut workbook, "", &[("31.03.2025", RUPEES, &style)]);
    let found = open(&mut workbook);
    assert_eq!(found.statements[0].unit, Unit::Million);
    assert_eq!(amounts(line(&found.statements[0], "Inventories")), ["25.41"]);
}

#[test]
fn a_side_and_a_sign_may_come_from_the_format() {
    let mut workbook = Workbook::new();
    let sides = Style::new().set_num_format(r#"0.00" Dr";0.00" Cr""#);
    let brackets = Style::new().set_num_format("#,##0.00_);(#,##0.00)");
    let few = [-5.0, 7.5, 0.0, 2.5];
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", few, &sides), ("31.03.2024", few, &brackets)]);
    let found = open(&mut workbook);
    let figures = &line(&found.statements[0], "Inventories").figures;
    let (first, second) = (figures[0].as_ref().unwrap(), figures[1].as_ref().unwrap());
    assert_eq!((first.amount.to_string().as_str(), first.side), ("5", Some(Side::Cr)));
    assert_eq!((second.amount.to_string().as_str(), second.side, second.text.as_str()), ("-5", None, "(5.00)"));
}

#[test]
fn percentages_are_ratios_and_no_amounts() {
    let mut workbook = Workbook::new();
    let plain = Style::new();
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", [5.0, 3.0, 2.0, 10.0], &plain)]);
    let percent = Style::new().set_num_format("0.00%");
    let sheet = worksheet(&mut workbook);
    sheet.write(6, 0, "Current ratio in percent").unwrap().write_with_format(6, 1, 0.125, &percent).unwrap();
    let found = open(&mut workbook);
    assert_eq!(line(&found.statements[0], "Current ratio in percent").figures, [None]);
    assert!(found.unused.is_empty(), "{:?}", found.unused);
}

#[test]
fn hidden_columns_and_rows_are_left_out_and_listed() {
    let mut workbook = Workbook::new();
    let plain = Style::new();
    let draft = [90.0, 60.0, 20.0, 170.0];
    let last = [80.0, 50.0, 10.0, 140.0];
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", draft, &plain), ("31.03.2025", last, &plain)]);
    let sheet = worksheet(&mut workbook);
    sheet.set_column_hidden(1).unwrap().set_row_hidden(3).unwrap();
    let found = open(&mut workbook);
    assert_eq!(amounts(line(&found.statements[0], "Inventories")), ["80"]);
    assert!(found.statements[0].lines.iter().all(|l| l.label != "Trade receivables"));
    let columns = unused(&found, UnusedReason::HiddenColumn);
    assert_eq!(columns[0].0, "B2:B6");
    assert_eq!(columns[0].1, "column B is hidden; its 4 amounts are not used");
    let rows = unused(&found, UnusedReason::HiddenRow);
    assert_eq!(rows[0], ("A4:C4".to_owned(), "row 4 is hidden; its 1 amount is not used".to_owned()));
}

#[test]
fn rows_hidden_by_a_filter_a_group_or_their_height_are_hidden() {
    for way in 0..4 {
        let mut workbook = Workbook::new();
        let plain = Style::new();
        sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", [5.0, 3.0, 2.0, 10.0], &plain)]);
        let sheet = worksheet(&mut workbook);
        match way {
            0 => drop(sheet.set_row_height(2, 0).unwrap()),
            1 => drop(sheet.group_rows_collapsed(2, 2).unwrap()),
            2 => {
                sheet.autofilter(1, 0, 5, 1).unwrap();
                let more = rust_xlsxwriter::FilterCondition::new()
                    .add_custom_filter(rust_xlsxwriter::FilterCriteria::NotEqualTo, 5);
                sheet.filter_column(1, &more).unwrap();
            }
            _ => drop(sheet.set_column_width(1, 0).unwrap()),
        }
        let bytes = workbook.save_to_buffer().unwrap();
        let found = read("a.xlsx", 1, &bytes, &Limits::default());
        let shows = |e: &Extraction| e.statements.iter().flat_map(|s| &s.lines).any(|l| l.label == "Inventories");
        assert!(found.map_or(true, |e| !shows(&e)), "way {way}");
    }
}

#[test]
fn a_cell_whose_format_shows_nothing_is_not_used_and_listed() {
    let mut workbook = Workbook::new();
    let plain = Style::new();
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", [5.0, 3.0, 2.0, 10.0], &plain)]);
    let nothing = Style::new().set_num_format(";;;");
    let no_zero = Style::new().set_num_format("0.00;-0.00;;@");
    let sheet = worksheet(&mut workbook);
    sheet.write_with_format(2, 1, 5.0, &nothing).unwrap().write_with_format(3, 1, 0.0, &no_zero).unwrap();
    let found = open(&mut workbook);
    assert!(found.statements[0].lines.iter().all(|l| l.label != "Inventories"));
    assert_eq!(amounts(line(&found.statements[0], "Trade receivables")), ["0"]);
    assert_eq!(unused(&found, UnusedReason::HiddenCell)[0].0, "B3");
}

#[test]
fn a_month_that_excel_keeps_as_its_first_day_ends_with_the_month() {
    for code in [r"mmm\-yy", "mmmm yyyy", "mm/yyyy"] {
        let mut workbook = Workbook::new();
        let plain = Style::new();
        let amounts = [5.0, 3.0, 2.0, 10.0];
        sheet(&mut workbook, "(Rs. in lakhs)", &[("", amounts, &plain), ("", amounts, &plain)]);
        let month = Style::new().set_num_format(code);
        let sheet = worksheet(&mut workbook);
        for (column, year) in [(1, 2025), (2, 2024)] {
            sheet.write_with_format(1, column, ExcelDateTime::from_ymd(year, 3, 1).unwrap(), &month).unwrap();
        }
        assert_eq!(ends(&open(&mut workbook).statements[0]), ["2025-03-31", "2024-03-31"], "{code}");
    }
}

#[test]
fn an_error_is_named_with_its_cell() {
    let mut workbook = Workbook::new();
    let plain = Style::new();
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", [5.0, 3.0, 2.0, 10.0], &plain)]);
    worksheet(&mut workbook).write(3, 1, Formula::new("=A1").set_result("#REF!")).unwrap();
    let found = open(&mut workbook);
    let (cell, detail) = unused(&found, UnusedReason::ErrorCell).remove(0);
    assert_eq!(cell, "B4");
    assert!(detail.contains("#REF!"), "{detail}");
}

#[test]
fn a_bold_or_indented_label_reads_as_any_other() {
    let mut workbook = Workbook::new();
    let plain = Style::new();
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", [5.0, 3.0, 2.0, 10.0], &plain)]);
    let label = Style::new().set_bold().set_indent(2);
    worksheet(&mut workbook).write_with_format(2, 0, "Inventories", &label).unwrap();
    assert_eq!(amounts(line(&open(&mut workbook).statements[0], "Inventories")), ["5"]);
}

/// Writes formulas without values below and beside the amounts, as programs that do not calculate do.
fn with_formulas(workbook: &mut Workbook, formulas: &[(u32, u16, &str)]) {
    let plain = Style::new();
    let columns: [(&str, [f64; 4], &Style); 2] =
        [("31.03.2025", [5.0, 3.0, 2.0, 10.0], &plain), ("31.03.2024", [4.0, 2.0, 1.0, 7.0], &plain)];
    sheet(workbook, "(Rs. in lakhs)", &columns);
    for (row, column, formula) in formulas {
        worksheet(workbook).write(*row, *column, Formula::new(*formula)).unwrap();
    }
}

#[test]
fn sums_and_arithmetic_without_values_are_calculated() {
    let mut workbook = Workbook::new();
    with_formulas(&mut workbook, &[(5, 1, "=SUM(B3:B5)"), (5, 2, "=C3+C4+C5"), (3, 1, "=B3*2/5+1")]);
    worksheet(&mut workbook).write(1, 3, "31.03.2026 Estimated").unwrap();
    for row in 2..6 {
        let formula = format!("=B{}*1.1", row + 1);
        worksheet(&mut workbook).write(row, 3, Formula::new(formula)).unwrap();
    }
    let found = open(&mut workbook);
    let statement = &found.statements[0];
    assert_eq!(amounts(line(statement, "Total assets")), ["10", "7", "11"]);
    assert_eq!(amounts(line(statement, "Trade receivables")), ["3", "2", "3.3"]);
    assert_eq!(ends(statement), ["2025-03-31", "2024-03-31", "2026-03-31"]);
    assert!(found.unused.is_empty(), "{:?}", found.unused);
}

#[test]
fn a_formula_that_is_not_calculated_is_listed_and_its_amount_left_empty() {
    let mut workbook = Workbook::new();
    with_formulas(&mut workbook, &[(3, 1, "=VLOOKUP(A4,Ledger!A:B,2,0)"), (4, 1, "=IF(C5>0,C5,0)")]);
    let found = open(&mut workbook);
    assert_eq!(amounts(line(&found.statements[0], "Trade receivables")), ["", "2"]);
    let (cell, detail) = unused(&found, UnusedReason::FormulaWithoutValue).remove(0);
    assert_eq!(cell, "B4:B5");
    assert!(detail.contains("formula"), "{detail}");
}

#[test]
fn a_value_that_its_sum_contradicts_is_listed_by_its_cell() {
    let stale = |formulas: &[(u32, u16, &str, &str)]| {
        let mut workbook = Workbook::new();
        with_formulas(&mut workbook, &[]);
        for (row, column, formula, value) in formulas {
            worksheet(&mut workbook).write(*row, *column, Formula::new(*formula).set_result(*value)).unwrap();
        }
        let found = open(&mut workbook);
        let cells = found.unused.iter().map(|u| (u.reason, u.cell.clone().unwrap_or_default()));
        cells.collect::<Vec<_>>()
    };
    let doubtful = |cell: &str| (UnusedReason::DoubtfulAmount, cell.to_owned());
    assert_eq!(stale(&[(5, 1, "=B3+B4+B5", "12")]), [doubtful("B6")]);
    assert_eq!(stale(&[(5, 1, "=SUM(B3:B5)", "10"), (5, 2, "=SUM(C3:C5)", "7.5")]), [doubtful("C6")]);
    assert_eq!(stale(&[(4, 1, "=B6-B3-B4", "2.000000000001"), (5, 2, "=C3+C4+C5", "7")]), []);
    // What is more than a sum is not compared.
    assert_eq!(stale(&[(5, 1, "=ROUND(SUM(B3:B5),0)", "12")]), []);
}

#[test]
fn a_column_of_formulas_without_values_is_listed_by_its_heading() {
    let mut workbook = Workbook::new();
    with_formulas(&mut workbook, &[]);
    worksheet(&mut workbook).write(1, 3, "31.03.2026 Estimated").unwrap();
    for row in 2..6 {
        worksheet(&mut workbook).write(row, 3, Formula::new("=VLOOKUP(A1,X:Y,2)")).unwrap();
    }
    let found = open(&mut workbook);
    assert_eq!(ends(&found.statements[0]), ["2025-03-31", "2024-03-31"]);
    let entry = found.unused.iter().find(|u| u.reason == UnusedReason::FormulaWithoutValue).unwrap();
    assert_eq!((entry.cell.as_deref(), entry.label.as_deref()), (Some("D3:D6"), Some("31.03.2026 Estimated")));
}

#[test]
fn what_merged_cells_cover_is_not_used_and_listed() {
    let mut workbook = Workbook::new();
    let plain = Style::new();
    let amounts_of = [5.0, 3.0, 2.0, 10.0];
    sheet(&mut workbook, "(Rs. in lakhs)", &[("31.03.2025", amounts_of, &plain), ("31.03.2024", amounts_of, &plain)]);
    let sheet = worksheet(&mut workbook);
    sheet.merge_range(2, 0, 3, 0, "Inventories", &plain).unwrap();
    sheet.write(3, 0, "Old label").unwrap();
    let found = open(&mut workbook);
    assert!(found.statements[0].lines.iter().all(|l| l.label != "Old label"));
    assert_eq!(unused(&found, UnusedReason::HiddenCell)[0].0, "A4");
}

#[test]
fn an_error_is_an_error_in_delimited_text_too() {
    let rows = "Balance Sheet,31.03.2025,31.03.2024\nInventories,#REF!,5\nCash in hand,7,#DIV/0!\nDebtors,1,2\n";
    let found = read("a.csv", 1, rows.as_bytes(), &Limits::default()).unwrap();
    let errors = unused(&found, UnusedReason::ErrorCell);
    let cells: Vec<&str> = errors.iter().map(|(cell, _)| cell.as_str()).collect();
    assert_eq!(cells, ["B2", "C3"]);
    assert!(errors[0].1.contains("#REF!") && errors[1].1.contains("#DIV/0!"));
}

#[test]
fn the_name_of_a_sheet_may_state_its_unit() {
    let mut workbook = Workbook::new();
    let plain = Style::new();
    sheet(&mut workbook, "", &[("31.03.2025", [5.0, 3.0, 2.0, 10.0], &plain)]);
    worksheet(&mut workbook).set_name("BS (Rs. in lakhs)").unwrap();
    assert_eq!(open(&mut workbook).statements[0].unit, Unit::Lakh);
}
