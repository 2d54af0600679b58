//! Everything that is seen and not used is listed: one thing of each kind, planted in files and found again in the workbook, in
//! its figures and in what the command prints.

use std::io::Cursor;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use domain::statement::UnusedReason;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use crate::folder::{Folder, Output};

/// Where a thing of a kind is planted: number of the document, sheet, cell or range, if it has one.
type Place = (u64, &'static str, Option<&'static str>);

/// Every kind has its place: without one for a new kind, this does not compile.
fn place(reason: UnusedReason) -> Place {
    match reason {
        UnusedReason::HiddenSheet => (1, "Old", None),
        UnusedReason::HiddenRow => (1, "BS", Some("A16:C16")),
        UnusedReason::HiddenColumn => (1, "BS", Some("F4:F15")),
        UnusedReason::HiddenCell => (1, "BS", Some("C14")),
        UnusedReason::OversizedSheet => (1, "Data", None),
        UnusedReason::UnrecognisedSheet => (1, "Ageing", Some("B2:B4")),
        UnusedReason::ErrorCell => (1, "BS", Some("B8")),
        UnusedReason::FormulaWithoutValue => (2, "CSV", Some("B7")),
        UnusedReason::DoubtfulAmount => (1, "BS", Some("C8")),
        UnusedReason::TextForAmount => (1, "BS", Some("B14")),
        UnusedReason::UndatedColumn => (1, "BS", Some("E6:E15")),
        UnusedReason::SecondColumn => (1, "BS", Some("D6:D15")),
        // Of the two sheets, the copy is used: it adds up.
        UnusedReason::RepeatedStatement => (1, "BS", Some("B6:B15")),
        UnusedReason::OtherDocument => (2, "CSV", Some("B6:B12")),
        UnusedReason::OtherBasis => (1, "Group BS", Some("B6:B16")),
        UnusedReason::PartYear => (1, "PL", Some("D5:D9")),
        UnusedReason::FaceUsed => (1, "Note 7", Some("B5:C5")),
        UnusedReason::Unanswered => (3, "Draft", Some("B6:B11")),
        UnusedReason::OtherName => (1, "Creditors", Some("A1")),
        UnusedReason::NoRow => (1, "Cash flow", Some("B5:C6")),
    }
}

/// Every kind, as the derived reader of its words names them when it meets an unknown one.
fn every_reason() -> Vec<UnusedReason> {
    let message = serde_json::from_value::<UnusedReason>("?".into()).unwrap_err().to_string();
    let (_, expected) = message.split_once("expected one of ").expect("a list of words");
    let words = expected.split(", ").map(|word| word.trim_matches('`'));
    words.map(|word| serde_json::from_value(word.into()).expect("its word")).collect()
}

const NAME: &str = "Planted Foods Private Limited";

/// Writes rows of texts and numbers from the first row on.
fn write(sheet: &mut Worksheet, rows: &[&[&str]]) -> Result<(), XlsxError> {
    for (cells, row) in rows.iter().zip(0..) {
        for (cell, column) in cells.iter().zip(0..) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number)?,
                Err(_) if cell.is_empty() => continue,
                Err(_) => sheet.write_string(row, column, *cell)?,
            };
        }
    }
    Ok(())
}

/// A balance sheet with its first heading in the second row.
fn balance_sheet(sheet: &mut Worksheet, title: &str) -> Result<(), XlsxError> {
    write(
        sheet,
        &[
            &[NAME],
            &[title],
            &["(Rs. in lakhs)"],
            &["Particulars", "31.03.2025 (Audited)", "31.03.2024 (Audited)"],
            &["EQUITY AND LIABILITIES"],
            &["Share capital", "100", "100"],
            &["Reserves and surplus", "60.25", "40"],
            &["Sundry creditors", "64.75", "50"],
            &["Total", "225", "190"],
            &["ASSETS"],
            &["Plant and machinery", "80", "70"],
            &["Raw materials", "55", "45"],
            &["Trade receivables", "70", "60"],
            &["Advance to suppliers", "6", "5"],
            &["Cash in hand", "14", "10"],
            &["Total", "225", "190"],
        ],
    )
}

/// The accounts, with most of the kinds.
fn accounts() -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("BS")?;
    balance_sheet(sheet, "Balance Sheet as at 31st March 2025")?;
    let columns = [(3, "31.03.2025 (Provisional)"), (4, "Budget"), (5, "Workings")];
    for (column, heading) in columns {
        sheet.write_string(3, column, heading)?;
        for row in [5, 6, 7, 10, 11, 12, 13, 14] {
            sheet.write_number(row, column, 11.0 + f64::from(row))?;
        }
    }
    sheet.set_column_hidden(5)?;
    sheet.set_row_hidden(15)?;
    sheet.write_formula(7, 1, Formula::new("=Old!B9").set_result("#REF!"))?;
    sheet.write_string(7, 2, "1.240,60")?;
    sheet.write_string(13, 1, "as per list")?;
    sheet.write_number_with_format(13, 2, 5, &Format::new().set_num_format(";;;"))?;

    write(
        workbook.add_worksheet().set_name("PL")?,
        &[
            &[NAME],
            &["Statement of Profit and Loss for the year ended 31st March 2025"],
            &["(Rs. in lakhs)"],
            &["Particulars", "31.03.2025", "31.03.2024", "Quarter ended 31.12.2024"],
            &["Sales", "500", "450", "120"],
            &["Purchases", "380", "350", "90"],
            &["Salaries", "70", "60", "18"],
            &["Rent", "29.75", "25", "8"],
            &["Profit for the year", "20.25", "15", "4"],
        ],
    )?;
    balance_sheet(workbook.add_worksheet().set_name("BS (2)")?, "Balance Sheet as at 31st March 2025")?;
    balance_sheet(workbook.add_worksheet().set_name("Group BS")?, "Consolidated Balance Sheet as at 31st March 2025")?;
    write(
        workbook.add_worksheet().set_name("Note 7")?,
        &[
            &[NAME],
            &["Note 7: Trade receivables"],
            &["(Rs. in lakhs)"],
            &["Particulars", "31.03.2025", "31.03.2024"],
            &["Considered good, of one customer", "33", "21"],
        ],
    )?;
    write(
        workbook.add_worksheet().set_name("Cash flow")?,
        &[
            &[NAME],
            &["Cash Flow Statement for the year ended 31st March 2025"],
            &["(Rs. in lakhs)"],
            &["Particulars", "31.03.2025", "31.03.2024"],
            &["Interest paid", "9", "8"],
            &["Net cash from operating activities", "40", "35"],
        ],
    )?;
    write(
        workbook.add_worksheet().set_name("Ageing")?,
        &[&["Ageing of debtors", "Days"], &["First", "30"], &["Second", "60"], &["Third", "90"]],
    )?;
    write(
        workbook.add_worksheet().set_name("Creditors")?,
        &[&["Somebody Else Traders Private Limited"], &["List of creditors"], &["First", "3"], &["Second", "4"]],
    )?;
    let old = workbook.add_worksheet().set_name("Old")?.set_hidden(true);
    balance_sheet(old, "Balance Sheet as at 31st March 2025")?;
    let data = workbook.add_worksheet().set_name("Data")?;
    for row in 0..5_100 {
        data.write_string(row, 0, "voucher")?.write_number(row, 1, row)?;
    }
    workbook.save_to_buffer()
}

/// Provisional accounts of the same year, with a formula whose value the file does not hold.
const PROVISIONAL: &str = "\
Planted Foods Private Limited,
Balance Sheet as at 31.03.2025 (Provisional),
(Rs. in lakhs),
Particulars,31.03.2025
EQUITY AND LIABILITIES,
Share capital,100
Reserves and surplus,=B6*0.6
Sundry creditors,64
ASSETS,
Plant and machinery,80
Raw materials,75
Cash in hand,69
";

/// A draft in a unit that is not known. Other accounts give its year, so nobody is asked.
fn draft() -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    write(
        workbook.add_worksheet().set_name("Draft")?,
        &[
            &[NAME],
            &["Balance Sheet as at 31.03.2025 (Provisional)"],
            &["(Amount in myriads)"],
            &["Particulars", "31.03.2025"],
            &["EQUITY AND LIABILITIES"],
            &["Share capital", "100"],
            &["Sundry creditors", "64"],
            &["ASSETS"],
            &["Plant and machinery", "80"],
            &["Raw materials", "70"],
            &["Cash in hand", "14"],
        ],
    )?;
    workbook.save_to_buffer()
}

/// Orders a CMA of the planted files.
fn ordered(folder: &Folder) -> Output {
    let files = [
        folder.file("accounts.xlsx", &accounts().unwrap()),
        folder.file("provisional.csv", PROVISIONAL.as_bytes()),
        folder.file("draft.xlsx", &draft().unwrap()),
    ];
    folder.order(&["--skip-review", "--json", "--out", "papers"], &files)
}

fn is_at(entry: &Value, reason: UnusedReason) -> bool {
    let (document, sheet, cell) = place(reason);
    entry["reason"] == serde_json::to_value(reason).unwrap()
        && entry["document"] == document
        && entry["sheet"] == sheet
        && entry["cell"].as_str() == cell
}

#[test]
fn one_thing_of_each_kind_is_found_in_the_workbook_the_figures_and_the_output() {
    let folder = Folder::new();
    let output = ordered(&folder);
    assert_eq!(output.code, 0, "{output:?}");
    let report = output.json();
    let figures: Value = serde_json::from_slice(&std::fs::read(folder.path("papers/figures.json")).unwrap()).unwrap();
    let shown = folder.show(report["order_id"].as_str().unwrap());
    let text = folder.docket(&["show", report["order_id"].as_str().unwrap()]).out;
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(Cursor::new(std::fs::read(folder.path("papers/CMA.xlsx")).unwrap())).unwrap();
    let checks = workbook.worksheet_range("Checks").unwrap();
    let rows: Vec<Vec<String>> = checks.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert_eq!((&report["unused"], &shown["unused"]), (&figures["unused"], &figures["unused"]));
    for reason in every_reason() {
        let listed = figures["unused"].as_array().unwrap();
        let entry = listed.iter().find(|entry| is_at(entry, reason));
        let all = || listed.iter().map(|entry| format!("{} {} {}", entry["reason"], entry["sheet"], entry["cell"]));
        let entry = entry
            .unwrap_or_else(|| panic!("{reason:?} is not at {:?}: {:#?}", place(reason), all().collect::<Vec<_>>()));
        let (number, cell) = (entry["document"].to_string(), place(reason).2.unwrap_or_default());
        let of_entry = |row: &&Vec<String>| {
            row[0] == number && row[2] == entry["sheet"].as_str().unwrap() && row[3] == cell && row[4] == reason.words()
        };
        assert!(rows.iter().any(|row| of_entry(&row)), "{reason:?} is not on the sheet Checks: {rows:#?}");
        assert!(text.contains(reason.words()), "{reason:?} is not shown: {text}");
    }
    let total = figures["unused"].as_array().unwrap().len();
    assert!(text.contains(&format!("  seen and not used: {total} things")), "{text}");
    assert!(text.contains("BS!B8 of accounts.xlsx"), "the places are shown: {text}");
}
