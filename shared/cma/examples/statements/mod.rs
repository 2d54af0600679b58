//! Writes a borrower's figures the way a firm would print its statements: two workbooks, everyday labels, sub-totals,
//! deductions in brackets, and the balance sheet with the latest year first.
//!
//! An example and the tests share this module. It is called `mod.rs` because Cargo takes other files in `examples` for
//! examples.

use std::error::Error;

use cma::figure::{Figures, assemble};
use cma::formula::{evaluate, parse};
use domain::statement::ColumnKind;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::borrower::Example;

const TEMPLATE: &str = include_str!("template.csv");

/// The wording in which a borrower's statements differ from the template.
pub struct Wording<'a> {
    /// Name on every statement.
    pub company: &'a str,
    /// Label of the one non-operating expense.
    pub charge: &'a str,
}

#[derive(serde::Deserialize)]
struct Line {
    file: String,
    sheet: String,
    style: String,
    label: String,
    formula: String,
}

/// One file's name and bytes.
pub type File = (String, Vec<u8>);

/// Writes the files of the statements.
pub fn write(example: &Example, wording: &Wording<'_>) -> Result<Vec<File>, Box<dyn Error>> {
    let order = example.order();
    let figures = assemble(&order.extractions, &order.classification)?;
    let lines: Vec<Line> = csv::Reader::from_reader(TEMPLATE.as_bytes()).deserialize().collect::<Result<_, _>>()?;
    let mut files = Vec::new();
    for of_file in lines.chunk_by(|left, right| left.file == right.file) {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_ymd(2026, 1, 1)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        for of_sheet in of_file.chunk_by(|left, right| left.sheet == right.sheet) {
            sheet(workbook.add_worksheet(), of_sheet, &figures, wording)?;
        }
        let name = of_file.first().map(|line| line.file.clone()).unwrap_or_default();
        files.push((name, workbook.save_to_buffer()?));
    }
    Ok(files)
}

fn sheet(sheet: &mut Worksheet, lines: &[Line], figures: &Figures, wording: &Wording<'_>) -> Result<(), XlsxError> {
    let reversed = lines.iter().any(|line| line.style == "head reversed");
    let mut years: Vec<usize> = (0..figures.years.len()).collect();
    if reversed {
        years.reverse();
    }
    sheet.set_name(lines.first().map_or("", |line| line.sheet.as_str()))?;
    sheet.set_column_width(0, 56)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    let mut at = 0;
    for line in lines {
        let label = match line.style.as_str() {
            "company" => wording.company,
            "charge" => wording.charge,
            _ => &line.label,
        };
        match line.style.as_str() {
            "company" | "title" | "part" | "section" => {
                let large = if line.style == "company" { 13 } else { 11 };
                sheet.write_string_with_format(at, 0, label, &Format::new().set_bold().set_font_size(large))?;
            }
            "unit" => {
                sheet.write_string_with_format(at, 0, label, &Format::new().set_italic())?;
            }
            "head" | "head reversed" => head(sheet, at, label, &years, figures)?,
            style => {
                let amounts: Vec<Option<Decimal>> = years.iter().map(|year| amount(line, *year, figures)).collect();
                if amounts.iter().all(|amount| amount.unwrap_or_default().is_zero()) {
                    continue;
                }
                amounts_line(sheet, at, label, style, &amounts)?;
            }
        }
        at += 1;
    }
    Ok(())
}

fn head(sheet: &mut Worksheet, at: u32, prefix: &str, years: &[usize], figures: &Figures) -> Result<(), XlsxError> {
    let format = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_text_wrap();
    sheet.write_string_with_format(at, 0, "Particulars", &format)?;
    for (year, column) in years.iter().zip(1..) {
        let kind = match figures.kinds[*year] {
            ColumnKind::Audited => "Audited",
            ColumnKind::Estimated => "Estimated",
            _ => "Projected",
        };
        let heading = format!("{prefix} {} ({kind})", figures.years[*year]);
        sheet.write_string_with_format(at, column, heading, &format.clone().set_align(FormatAlign::Right))?;
        sheet.set_column_width(column, 18)?;
    }
    sheet.set_freeze_panes(at + 1, 1)?;
    Ok(())
}

fn amount(line: &Line, year: usize, figures: &Figures) -> Option<Decimal> {
    evaluate(&parse(&line.formula).ok()?, year, &|row, year| figures.at(row, year))
}

fn amounts_line(
    sheet: &mut Worksheet,
    at: u32,
    label: &str,
    style: &str,
    amounts: &[Option<Decimal>],
) -> Result<(), XlsxError> {
    let sum = matches!(style, "subtotal" | "total");
    let text = match style {
        "memo" => Format::new().set_italic().set_indent(2),
        _ if sum => Format::new().set_bold(),
        _ => Format::new().set_indent(1),
    };
    sheet.write_string_with_format(at, 0, label, &text)?;
    let number = Format::new().set_num_format("#,##0.00;(#,##0.00);-");
    let number = match style {
        "memo" => number.set_italic(),
        _ if sum => number.set_bold().set_border_top(FormatBorder::Thin),
        _ => number,
    };
    for (amount, column) in amounts.iter().zip(1..) {
        if let Some(amount) = amount.and_then(|amount| amount.to_f64()) {
            sheet.write_number_with_format(at, column, amount, &number)?;
        }
    }
    Ok(())
}
