//! Layouts that statements come in: each is read to the lines, columns and roles a reviewer would name.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

use documents::{Extraction, Limits, ReadError, read};
use domain::statement::{ColumnKind, Format, LineItem, LineRole, Side, Statement, StatementKind, Unit};
use rust_decimal::Decimal;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};
use std::str::FromStr;

fn text(csv: &str) -> Extraction {
    read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap()
}

fn line<'a>(statement: &'a Statement, label: &str) -> &'a LineItem {
    statement.lines.iter().find(|l| l.label.contains(label)).unwrap_or_else(|| panic!("no line {label}"))
}

fn amounts(line: &LineItem) -> Vec<String> {
    line.figures.iter().map(|f| f.as_ref().map_or_else(String::new, |f| f.amount.normalize().to_string())).collect()
}

fn items(statement: &Statement, column: usize) -> Decimal {
    let items = statement.lines.iter().filter(|l| l.role == LineRole::Item);
    items.filter_map(|l| l.figures[column].as_ref()).map(|f| f.amount).sum()
}

fn ends(statement: &Statement) -> Vec<String> {
    statement.columns.iter().map(|c| c.period_end.map_or_else(String::new, |d| d.to_string())).collect()
}

const SCHEDULE_III: &str = "ABC Private Limited,,,,
Balance Sheet as at 31st March 2024,,,,
,,,,(Rs. in lakhs)
Particulars,Note No.,,As at 31-Mar-24,As at 31-Mar-23
I. EQUITY AND LIABILITIES,,,,
(1) Shareholders' funds,,,,
(a) Share capital,2,,100.00,100.00
(b) Reserves and surplus,3,,250.50,200.25
(2) Non-current liabilities,,,,
(a) Long-term borrowings,4,,300.00,350.00
(3) Current liabilities,,,,
(a) Short-term borrowings,5,,150.00,140.00
(b) Trade payables,6,,,
(A) total outstanding dues of micro enterprises and small enterprises,,,20.00,10.00
(B) total outstanding dues of creditors other than micro enterprises,,,80.00,90.00
(c) Other current liabilities,7,,40.00,30.00
TOTAL,,,940.50,920.25
II. ASSETS,,,,
(1) Non-current assets,,,,
(a) Property Plant and Equipment,8,,400.00,420.00
(2) Current assets,,,,
(a) Inventories,9,,300.50,280.25
(b) Trade receivables,10,,200.00,180.00
(c) Cash and cash equivalents,11,,40.00,40.00
TOTAL,,,940.50,920.25
See accompanying notes,,,,
,,,,
Statement of Profit and Loss for the year ended 31st March 2024,,,,
Particulars,Note No.,,2023-24,2022-23
I. Revenue from operations,12,,\"1,000.00\",900.00
II. Other income,13,,10.00,5.00
III. Total Income (I+II),,,\"1,010.00\",905.00
IV. Expenses,,,,
Cost of materials consumed,14,,600.00,550.00
Finance costs,16,,50.00,55.00
Other expenses,17,,260.00,232.00
Total expenses,,,910.00,837.00
V. Profit before tax (III-IV),,,100.00,68.00
VI. Tax expense:,,,,
(1) Current tax,,,25.00,17.00
(2) Deferred tax,,,0.25,-
VII. Profit for the year (V-VI),,,74.75,51.00
Note 4 : Long-term borrowings,,,,
Particulars,,,31.03.2024,31.03.2023
Secured,,,,
Term loan from SBI,,,250.00,300.00
Unsecured,,,,
Loans from directors,,,50.00,50.00
Total,,,300.00,350.00
Additional information,,,,
Repayment of term loans during the year,,,50.00,45.00
Contingent liabilities,,,nil,--
";

#[test]
fn one_sheet_may_hold_several_statements_one_above_the_other() {
    let found = text(SCHEDULE_III);
    let kinds: Vec<StatementKind> = found.statements.iter().map(|s| s.kind).collect();
    use StatementKind::{Additional, BalanceSheet, Note, ProfitAndLoss};
    assert_eq!(kinds, [BalanceSheet, ProfitAndLoss, Note, Additional]);
    assert_eq!(found.entity.as_deref(), Some("ABC Private Limited"));
    for statement in &found.statements {
        assert_eq!(statement.unit, Unit::Lakh);
        assert_eq!(ends(statement), ["2024-03-31", "2023-03-31"]);
    }
}

#[test]
fn a_schedule_iii_balance_sheet_counts_each_amount_once() {
    let found = text(SCHEDULE_III);
    let sheet = &found.statements[0];
    assert_eq!(items(sheet, 0), Decimal::from_str("1881.00").unwrap());
    assert_eq!(items(sheet, 1), Decimal::from_str("1840.50").unwrap());
    let totals: Vec<&LineItem> = sheet.lines.iter().filter(|l| l.role == LineRole::Total).collect();
    assert_eq!(totals.len(), 2);
    assert_eq!(amounts(totals[0]), ["940.5", "920.25"]);
    let dues = line(sheet, "dues of micro");
    assert_eq!(dues.role, LineRole::Item);
    assert_eq!(dues.section, ["I. EQUITY AND LIABILITIES", "(3) Current liabilities", "(b) Trade payables"]);
    let capital = line(sheet, "Share capital");
    assert_eq!((capital.note.as_deref(), capital.cell.as_str()), (Some("2"), "A7"));
    let figure = capital.figures[0].as_ref().unwrap();
    assert_eq!((figure.cell.as_str(), figure.text.as_str()), ("D7", "100.00"));
    assert_eq!(capital.id, "d1-s1-r7");
}

#[test]
fn the_results_of_an_income_statement_are_totals_and_its_taxes_items() {
    let found = text(SCHEDULE_III);
    let income = &found.statements[1];
    assert_eq!(line(income, "Total Income").role, LineRole::Subtotal);
    assert_eq!(line(income, "Total expenses").role, LineRole::Subtotal);
    assert_eq!(line(income, "Profit before tax").role, LineRole::Subtotal);
    assert_eq!(line(income, "Profit for the year").role, LineRole::Total);
    assert_eq!(line(income, "Current tax").role, LineRole::Item);
    assert_eq!(amounts(line(income, "Deferred tax")), ["0.25", "0"]);
    assert_eq!(line(income, "Finance costs").section, ["IV. Expenses"]);
}

#[test]
fn a_note_is_a_statement_of_its_own_with_its_title() {
    let found = text(SCHEDULE_III);
    let note = &found.statements[2];
    assert_eq!(note.title.as_deref(), Some("Note 4 : Long-term borrowings"));
    assert_eq!(items(note, 0), Decimal::from(300));
    assert_eq!(line(note, "Loans from directors").section, ["Unsecured"]);
}

#[test]
fn an_account_with_two_sides_gives_a_statement_for_each() {
    let found = text(
        "M/s Sri Balaji Traders,,,,,
Balance Sheet as at 31st March 2024,,,,,
Liabilities,Amount (Rs.),Amount (Rs.),Assets,Amount (Rs.),Amount (Rs.)
Capital Account,,,Fixed Assets,,
Opening balance,\"5,00,000\",,Furniture,\"1,00,000\",
Add: Net profit,\"2,00,000\",,Less: Depreciation,\"10,000\",\"90,000\"
Less: Drawings,\"50,000\",\"6,50,000\",Current assets,,
Secured loans,,,Closing stock,,\"4,00,000\"
Cash credit - SBI,,\"3,00,000\",Sundry debtors,,\"5,00,000\"
Sundry creditors,,\"1,40,000\",Cash in hand,,\"1,00,000\"
Total,,\"10,90,000\",Total,,\"10,90,000\"
",
    );
    let [liabilities, assets] = found.statements.as_slice() else { panic!("two statements") };
    assert_eq!(ends(assets), ["2024-03-31"]);
    assert_eq!(assets.unit, Unit::Rupee);
    assert_eq!(amounts(line(liabilities, "Less: Drawings")), ["50000"]);
    assert_eq!(line(assets, "Sundry debtors").section, ["Assets", "Current assets"]);
    // 5,00,000 + 2,00,000 + 50,000 + 3,00,000 + 1,40,000: what is deducted is printed without a sign.
    assert_eq!(items(liabilities, 0), Decimal::from(1_190_000));
    assert_eq!(line(liabilities, "Total").role, LineRole::Total);
    assert_eq!(found.entity.as_deref(), Some("M/s Sri Balaji Traders"));
    assert!(found.unused.is_empty(), "{:?}", found.unused);
}

#[test]
fn balancing_profits_of_an_account_are_never_items() {
    let found = text(
        "Trading and Profit & Loss Account for the year ended 31.03.2024,,,
Particulars,Amount,Particulars,Amount
To Opening stock,\"2,00,000\",By Sales,\"20,00,000\"
To Purchases,\"15,00,000\",By Closing stock,\"4,00,000\"
To Wages,\"1,00,000\",,
To Gross profit c/d,\"6,00,000\",,
Total,\"24,00,000\",Total,\"24,00,000\"
To Salaries,\"1,50,000\",By Gross profit b/d,\"6,00,000\"
To Rent,\"1,00,000\",By Interest received,\"10,000\"
To Net profit,\"3,60,000\",,
Total,\"6,10,000\",Total,\"6,10,000\"
",
    );
    let [expenses, income] = found.statements.as_slice() else { panic!("two statements") };
    assert_eq!(items(expenses, 0), Decimal::from(2_050_000));
    assert_eq!(items(income, 0), Decimal::from(2_410_000));
    assert_eq!(line(expenses, "Purchases").section, ["Expenses"]);
    assert_eq!(line(income, "Sales").section, ["Income"]);
}

#[test]
fn a_cma_listing_of_input_rows_reads_by_its_form_headings() {
    let found = text(
        "Form II - Operating statement (Rs. in lakhs),,,
Particulars,31.03.2023 Audited,31.03.2025 Estimated,31.03.2026 Proj.
Gross sales - domestic,1840.25,2310.75,2600
Gross sales - export,310.5,455.65,520
Less: excise duty / GST / other deductions,28.15,36.45,40
Depreciation,61.4,72.3,78
Form III - Analysis of balance sheet,,,
Sundry creditors (trade),168.45,214.35,240
(of which bills purchased & discounted) - memo,62.0,86.15,95
Cash and bank balances,10,30,40
Additional information,,,
Repayment of term loans during the year,52,64,70
",
    );
    let [income, sheet, more] = found.statements.as_slice() else { panic!("three statements") };
    assert_eq!(
        (income.kind, sheet.kind, more.kind),
        (StatementKind::ProfitAndLoss, StatementKind::BalanceSheet, StatementKind::Additional)
    );
    let kinds: Vec<ColumnKind> = sheet.columns.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [ColumnKind::Audited, ColumnKind::Estimated, ColumnKind::Projected]);
    assert_eq!(ends(more), ["2023-03-31", "2025-03-31", "2026-03-31"]);
    assert!(income.lines.iter().all(|l| l.role == LineRole::Item));
    assert_eq!(line(sheet, "of which").role, LineRole::Memo);
    assert_eq!(sheet.unit, Unit::Lakh);
}

#[test]
fn a_break_up_below_its_line_is_counted_and_the_line_is_not() {
    let found = text(
        "Balance Sheet,31.03.2024,31.03.2023
Trade receivables,500,400
  Over six months,120,100
  Others,380,300
Inventories,70,60
Cash in hand,30,20
Total assets,600,480
",
    );
    let sheet = &found.statements[0];
    assert_eq!(line(sheet, "Trade receivables").role, LineRole::Subtotal);
    assert_eq!((items(sheet, 0), items(sheet, 1)), (Decimal::from(600), Decimal::from(480)));
}

#[test]
fn a_total_without_a_label_is_found_by_its_arithmetic() {
    let found = text(
        "Balance Sheet,31.03.2024,31.03.2023
Inventories,70,60
Cash in hand,30,20
,100,80
Furniture,50,40
Total assets,150,120
",
    );
    let roles: Vec<LineRole> = found.statements[0].lines.iter().map(|l| l.role).collect();
    use LineRole::{Item, Subtotal, Total};
    assert_eq!(roles, [Item, Item, Subtotal, Item, Total]);
}

#[test]
fn a_total_that_has_nothing_to_sum_up_is_an_amount_of_its_own() {
    let found = text(
        "Statement of Profit and Loss,2023-24,2022-23
Sales,500,400
Purchases,300,250
Profit before tax,200,150
Total tax expense,50,40
Profit after tax,150,110
",
    );
    assert_eq!(line(&found.statements[0], "Total tax expense").role, LineRole::Item);
}

#[test]
fn a_doubtful_amount_is_left_empty_with_a_notice_that_names_its_cell_alone() {
    let found = text(
        "Balance Sheet;31.03.2024;31.03.2023
Inventories;6,89;60
Cash in hand;161/19;20
Debtors;(1,23,456.50);2,000 Cr
",
    );
    let sheet = &found.statements[0];
    assert_eq!(amounts(line(sheet, "Inventories")), ["", "60"]);
    assert_eq!(amounts(line(sheet, "Debtors")), ["-123456.5", "2000"]);
    assert_eq!(line(sheet, "Debtors").figures[1].as_ref().unwrap().side, Some(Side::Cr));
    assert_eq!(found.unused.len(), 2);
    assert_eq!(found.unused[0].cell.as_deref(), Some("B2"));
    assert!(!found.unused[0].detail.contains("6,89"));
}

#[test]
fn a_workbook_has_date_cells_serials_merged_headings_and_failed_formulas() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("BS").unwrap();
    let day = Style::new().set_num_format("dd-mmm-yy");
    sheet.write(0, 0, "Amount in \u{20b9} crore").unwrap();
    sheet.merge_range(1, 1, 1, 2, "Standalone", &Style::new()).unwrap();
    sheet.merge_range(1, 3, 1, 4, "Consolidated", &Style::new()).unwrap();
    sheet.write(2, 0, "Particulars").unwrap();
    for (column, year) in [(1, 2024), (3, 2024)] {
        sheet.write_with_format(2, column, ExcelDateTime::from_ymd(year, 3, 31).unwrap(), &day).unwrap();
    }
    sheet.write(2, 2, 45_016).unwrap().write(2, 4, 45_016).unwrap();
    for (row, label) in ["Inventories", "Trade receivables", "Cash and bank balances"].into_iter().enumerate() {
        let row = u32::try_from(row).unwrap() + 3;
        sheet.write(row, 0, label).unwrap();
        for column in 1..5 {
            sheet.write(row, column, 1_318.830_000_000_000_2).unwrap();
        }
    }
    sheet.write(4, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let found = read("a.xlsx", 3, &bytes, &Limits::default()).unwrap();
    assert_eq!(found.file.format, Format::Xlsx);
    let sheet = &found.statements[0];
    assert_eq!((sheet.kind, sheet.unit), (StatementKind::BalanceSheet, Unit::Crore));
    assert_eq!(ends(sheet), ["2024-03-31", "2023-03-31", "2024-03-31", "2023-03-31"]);
    use domain::statement::Basis::{Consolidated, Standalone};
    assert_eq!(
        sheet.columns.iter().map(|c| c.basis).collect::<Vec<_>>(),
        [Standalone, Standalone, Consolidated, Consolidated]
    );
    assert_eq!(amounts(line(sheet, "Inventories")), ["1318.83"; 4]);
    assert_eq!(amounts(line(sheet, "Trade receivables")), ["1318.83", "", "1318.83", "1318.83"]);
    assert_eq!(line(sheet, "Inventories").id, "d3-s1-r4");
}

#[test]
fn text_is_read_in_every_common_encoding_and_delimiter() {
    let rows = "Balance Sheet|31.03.2024\nStock \u{a3}|1,234\nCash|20\n";
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(rows.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let windows: Vec<u8> = rows.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let bom = [b"\xEF\xBB\xBF".as_slice(), rows.as_bytes()].concat();
    let tabs = rows.replace('|', "\t").replace('\n', "\r\n").into_bytes();
    for bytes in [rows.as_bytes().to_vec(), utf16, windows, bom, tabs] {
        let found = read("a", 1, &bytes, &Limits::default()).unwrap();
        assert_eq!(amounts(line(&found.statements[0], "Stock \u{a3}")), ["1234"]);
        assert_eq!(found.statements[0].lines[0].cell, "A2");
    }
}

#[test]
fn quarters_are_told_from_years() {
    let found = text(
        "Particulars,Quarter ended,,Year ended,
,31.03.2024,31.12.2023,31.03.2024,31.03.2023
,Audited,Unaudited,Audited,Audited
Revenue from operations,10,11,40,38
Other expenses,4,5,16,15
Profit before tax,6,6,24,23
",
    );
    let months: Vec<u8> = found.statements[0].columns.iter().map(|c| c.months).collect();
    assert_eq!(months, [3, 3, 12, 12]);
    assert_eq!(found.statements[0].columns[1].kind, ColumnKind::Provisional);
}

#[test]
fn a_sheet_too_large_for_a_statement_is_refused_or_skipped_with_a_notice() {
    let ledger: String = (0..50_000).map(|n| format!("Voucher {n},{n},{n}\n")).collect();
    let error = read("a.csv", 1, ledger.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "file.limit.cells");
    let nothing = read("a.csv", 1, b"Dear Sir, thank you\nregards, me\n", &Limits::default()).unwrap_err();
    assert_eq!(nothing, ReadError::NoStatement);
}

fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [kind.to_le_bytes().as_slice(), &length.to_le_bytes(), body].concat()
}

/// A label cell with one byte per character.
fn legacy_label(row: u16, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_le_bytes();
    let body = [row.to_le_bytes().as_slice(), &[0, 0, 0, 0], &length, &[0], text.as_bytes()].concat();
    record(0x204, &body)
}

fn legacy_number(row: u16, column: u16, value: f64) -> Vec<u8> {
    let body = [row.to_le_bytes().as_slice(), &column.to_le_bytes(), &[0, 0], &value.to_le_bytes()].concat();
    record(0x203, &body)
}

#[test]
fn a_legacy_workbook_is_read() {
    let start = |kind: u8| record(0x809, &[0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let end = record(0x0A, &[]);
    let sheet_entry = |at: u32| record(0x85, &[at.to_le_bytes().as_slice(), &[0, 0, 2, 0], b"BS"].concat());
    let head = [start(5), sheet_entry(0), end.clone()].concat();
    let at = u32::try_from(head.len()).unwrap();
    let stream = [
        start(5),
        sheet_entry(at),
        end.clone(),
        start(0x10),
        legacy_label(0, "Balance Sheet"),
        legacy_number(0, 1, 2024.0),
        legacy_number(0, 2, 2023.0),
        legacy_label(1, "Inventories"),
        legacy_number(1, 1, 0.1 + 0.2),
        legacy_number(1, 2, 5.0),
        legacy_label(2, "Cash in hand"),
        legacy_number(2, 1, 7.0),
        end,
    ]
    .concat();
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    std::io::Write::write_all(&mut file.create_stream("Workbook").unwrap(), &stream).unwrap();
    file.flush().unwrap();
    let found = read("a.xls", 1, &file.into_inner().into_inner(), &Limits::default()).unwrap();
    assert_eq!(found.file.format, Format::Xls);
    let sheet = &found.statements[0];
    assert_eq!((sheet.sheet.as_str(), sheet.kind), ("BS", StatementKind::BalanceSheet));
    assert_eq!(ends(sheet), ["2024-03-31", "2023-03-31"]);
    assert_eq!(amounts(line(sheet, "Inventories")), ["0.3", "5"]);
}

#[test]
fn an_open_document_spreadsheet_is_read() {
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let number = |n: &str| {
        format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{n}\"><text:p>{n}</text:p></table:table-cell>"
        )
    };
    let rows = [
        format!(
            "{}<table:table-cell office:value-type=\"date\" office:date-value=\"2024-03-31\"/>",
            cell("Balance Sheet")
        ),
        "<table:table-cell table:number-columns-repeated=\"1024\"/>".to_owned(),
        cell("Cash &amp; bank balances") + &number("12.50"),
        cell("Inventories") + &number("(1)") + &cell("remark"),
        cell("Debtors") + &number("100"),
    ];
    let rows: String = rows.iter().map(|r| format!("<table:table-row>{r}</table:table-row>")).collect();
    let content = format!(
        "<office:document-content><table:table table:name=\"S 1\">{rows}</table:table></office:document-content>"
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", &content)] {
        zip.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut zip, bytes.as_bytes()).unwrap();
    }
    let found = read("a.ods", 1, &zip.finish().unwrap().into_inner(), &Limits::default()).unwrap();
    assert_eq!(found.file.format, Format::Ods);
    let sheet = &found.statements[0];
    assert_eq!((sheet.sheet.as_str(), ends(sheet)), ("S 1", vec!["2024-03-31".to_owned()]));
    assert_eq!(amounts(line(sheet, "Cash & bank balances")), ["12.5"]);
    assert_eq!(line(sheet, "Debtors").cell, "A5");
}

#[test]
fn a_vertical_balance_sheet_nets_what_it_deducts() {
    let found = text(
        "XYZ Ltd,,,,
Balance Sheet as at 31st March 2024,,,,
(Figures in Rs. '000),,,,
,Sch,,2023-24,2022-23
SOURCES OF FUNDS,,,,
Share capital,1,,\"1,000\",\"1,000\"
Reserves & surplus,2,,500,300
,,,\"1,500\",\"1,300\"
LOAN FUNDS,,,,
Secured loans,3,,700,800
Unsecured loans,4,,300,300
,,,\"1,000\",\"1,100\"
,,,\"2,500\",\"2,400\"
APPLICATION OF FUNDS,,,,
Gross block,5,,\"2,000\",\"1,900\"
Less: Depreciation,,,800,600
Net block,,,\"1,200\",\"1,300\"
\"Current assets, loans and advances\",,,,
Inventories,6,,900,800
Sundry debtors,7,,800,700
Cash and bank,8,,100,100
,,,\"1,800\",\"1,600\"
Less: Current liabilities and provisions,,,,
Sundry creditors,9,,400,400
Provisions,10,,100,100
,,,500,500
Net current assets,,,\"1,300\",\"1,100\"
,,,\"2,500\",\"2,400\"
",
    );
    let sheet = &found.statements[0];
    assert_eq!(sheet.unit, Unit::Thousand);
    // That 900 = 800 + 100 is chance: the sum below counts all three.
    assert_eq!(line(sheet, "Inventories").role, LineRole::Item);
    assert_eq!(line(sheet, "Net block").role, LineRole::Subtotal);
    assert_eq!(line(sheet, "Net current assets").role, LineRole::Subtotal);
    assert_eq!(line(sheet, "Secured loans").section, ["SOURCES OF FUNDS", "LOAN FUNDS"]);
    let sums = sheet.lines.iter().filter(|l| l.label.is_empty());
    assert!(sums.clone().all(|l| l.role != LineRole::Item));
    assert_eq!(sums.filter(|l| l.role == LineRole::Total).count(), 2);
}

#[test]
fn groupings_keep_every_line_of_every_schedule() {
    let found = text(
        "GROUPINGS FORMING PART OF ACCOUNTS (Amount in Rs.),,
Particulars,Current Year,Previous Year
Schedule 1 - Sundry creditors,,
Anand Traders,\"1,20,000\",\"90,000\"
Bharat Steel,\"80,000\",\"70,000\"
,\"2,00,000\",\"1,60,000\"
Schedule 2 - Salary & wages,,
Salaries to staff,\"5,00,000\",\"4,00,000\"
Bonus,\"50,000\",\"40,000\"
Total,\"5,50,000\",\"4,40,000\"
",
    );
    assert!(found.statements.iter().all(|s| s.kind == StatementKind::Note));
    let sums: Vec<Decimal> = found.statements.iter().map(|s| items(s, 0)).collect();
    assert_eq!(sums, [Decimal::from(200_000), Decimal::from(550_000)]);
}

#[test]
fn figures_of_the_year_before_may_stand_left_of_the_labels() {
    let found = text(
        "BALANCE SHEET AS ON 31.03.2024,,,,,
31.03.2023,LIABILITIES,31.03.2024,31.03.2023,ASSETS,31.03.2024
\"10,00,000\",Capital account,\"12,00,000\",\"8,00,000\",Fixed assets,\"7,00,000\"
\"5,00,000\",Bank OD,\"6,00,000\",\"4,00,000\",Closing stock,\"6,00,000\"
\"2,00,000\",Sundry creditors,\"4,00,000\",\"5,00,000\",Sundry debtors,\"9,00,000\"
\"17,00,000\",TOTAL,\"22,00,000\",\"17,00,000\",TOTAL,\"22,00,000\"
",
    );
    let [liabilities, assets] = found.statements.as_slice() else { panic!("two statements") };
    assert_eq!(ends(liabilities), ["2023-03-31", "2024-03-31"]);
    assert_eq!((items(liabilities, 0), items(assets, 1)), (Decimal::from(1_700_000), Decimal::from(2_200_000)));
}
