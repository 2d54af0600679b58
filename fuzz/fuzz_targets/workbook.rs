//! Workbooks that spreadsheet programs could have written: made of the words, headings, formats and oddities of statements.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::{Corpus, fuzz_target};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};

const SHEETS_MAX: usize = 4;
const ROWS_MAX: usize = 60;
const COLUMNS_MAX: usize = 8;

#[derive(Arbitrary, Debug)]
struct Sheet {
    rows: Vec<Row>,
    hidden: bool,
    hidden_column: Option<u8>,
}

#[derive(Arbitrary, Debug)]
struct Row {
    cells: Vec<Content>,
    hidden: bool,
}

#[derive(Arbitrary, Debug)]
enum Content {
    Nothing,
    Title(u8),
    Heading(u8),
    Label(u8),
    Odd(u8),
    Text(String),
    Amount(i32, u8),
    Wild(f64, u8),
    Printed(u8),
    Formula(u8),
}

const TITLES: &[&str] = &[
    "Kaveri Tools Private Limited",
    "Balance Sheet as at 31 March 2025",
    "Statement of Profit and Loss for the year ended 31.03.2025",
    "Trading Account",
    "Note 4: Inventories",
    "(Rs. in lakhs)",
    "(\u{20b9} in '000)",
    "in thousands of dollars",
    "Printed on 20.06.2025",
    "Trial Balance",
];
const HEADINGS: &[&str] = &[
    "Particulars",
    "Note",
    "31.03.2025",
    "31.03.2024",
    "FY 2024-25",
    "A.Y. 2025-26",
    "Audited",
    "Not Audited",
    "Mar-25",
    "six months ended 30.09.2024",
    "Liabilities",
    "Assets",
    "Rs.",
    "Previous year",
    "Debit",
    "Credit",
];
const LABELS: &[&str] = &[
    "Share capital",
    "Reserves and surplus",
    "Trade payables",
    "Trade receivables",
    "Inventories",
    "Cash and bank balances",
    "Revenue from operations",
    "Cost of materials consumed",
    "Employee benefits expense",
    "Finance costs",
    "Depreciation",
    "Total",
    "Grand Total",
    "Profit before tax",
    "PAT",
    "To Opening stock",
    "By Sales",
    "To Gross Profit c/d",
    "Less: Drawings",
    "Sales @ 18% GST",
    "EPS (in \u{20b9})",
    "Secured loans",
    "Fixed assets",
    "Gross block",
    "Current liabilities",
    "Others",
];
const ODD: &[&str] = &[
    "222.20*",
    "1,23.4,5",
    "(1,240.60)",
    "12.5 Cr",
    "9,40,000 Dr",
    "nil",
    "-",
    "N.A.",
    "\u{966}\u{967}\u{968}",
    "=\"12.50\"",
    "#REF!",
    "31.13.2025",
    "\u{202e}123",
    "1e308",
    "0000",
    "(((",
    "%",
    "Rs",
    "\u{feff}",
];
const FORMATS: &[&str] = &[
    "General",
    "0.00",
    "0\\.00,",
    "#,##0,",
    "#,##0.00;(#,##0.00);-",
    "0.00\"Dr\"",
    "mmm-yy",
    "dd.mm.yyyy",
    "0%",
    ";;;",
    "[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;##,##0",
    "@",
];
const FORMULAS: &[&str] = &["=SUM(B1:B9)", "=B1*1.1", "=1/0", "=B2+", "=Sheet2!B3", "=SUM(A1:XFD1048576)", "=B1"];

fn of<'a>(list: &[&'a str], index: u8) -> &'a str {
    list[usize::from(index) % list.len()]
}

fn write(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    for sheet in sheets.iter().take(SHEETS_MAX) {
        let out = workbook.add_worksheet();
        if let Some(column) = sheet.hidden_column {
            out.set_column_hidden(u16::from(column) % 8)?;
        }
        for (number, row) in (0..).zip(sheet.rows.iter().take(ROWS_MAX)) {
            if row.hidden {
                out.set_row_hidden(number)?;
            }
            for (column, content) in (0..).zip(row.cells.iter().take(COLUMNS_MAX)) {
                write_cell(out, number, column, content)?;
            }
        }
        if sheet.hidden {
            out.set_hidden(true);
        }
    }
    workbook.save_to_buffer()
}

fn write_cell(out: &mut Worksheet, row: u32, column: u16, content: &Content) -> Result<(), XlsxError> {
    let text = |list: &[&str], index: u8| of(list, index).to_owned();
    let text = match content {
        Content::Nothing => return Ok(()),
        Content::Amount(cents, format) => return write_number(out, row, column, f64::from(*cents) / 100.0, *format),
        Content::Wild(float, _) if !float.is_finite() => return Ok(()),
        Content::Wild(float, format) => return write_number(out, row, column, *float, *format),
        Content::Formula(index) => {
            let formula = Formula::new(of(FORMULAS, *index)).set_result("");
            return out.write_formula(row, column, formula).map(drop);
        }
        Content::Title(index) => text(TITLES, *index),
        Content::Heading(index) => text(HEADINGS, *index),
        Content::Label(index) => text(LABELS, *index),
        Content::Odd(index) => text(ODD, *index),
        Content::Text(text) => text.chars().take(200).collect(),
        Content::Printed(index) => format!("{index},00,000.50"),
    };
    out.write_string(row, column, text).map(drop)
}

fn write_number(out: &mut Worksheet, row: u32, column: u16, amount: f64, format: u8) -> Result<(), XlsxError> {
    let format = Format::new().set_num_format(of(FORMATS, format));
    out.write_number_with_format(row, column, amount, &format).map(drop)
}

fuzz_target!(|sheets: Vec<Sheet>| -> Corpus {
    match write(&sheets) {
        Ok(bytes) => {
            fuzz::order(&bytes);
            Corpus::Keep
        }
        Err(_) => Corpus::Reject,
    }
});
