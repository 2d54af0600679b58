//! The Summary sheet: the figures a credit officer looks for first, and the checks that failed.

use domain::statement::Unit;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::WorkbookInput;
use super::form::formula;
use super::layout::{FIRST_ROW, Layout, Sheet, year_column};
use super::{check_sheet, page, style};
use crate::check::{Check, Severity};
use crate::row::{Form, RowCode, Style};

/// Highest limit, in rupees, for which the turnover (Nayak) method is used.
const TURNOVER_LIMIT_RUPEES: i64 = 50_000_000;

const POSITION: [RowCode; 11] =
    rows!["II.3", "II.4", "II.14", "R.np", "III.44", "III.45", "III.46", "III.47", "R.icr", "R.dscr", "R.op_cycle"];
const FINANCE: [RowCode; 5] = rows!["III.A", "V.8.I", "V.8.II", "V.T.d", "V.T.e"];
const EXCESS: [RowCode; 2] = rows!["V.9.I", "V.9.II"];

const METHOD_1: RowCode = row!("V.8.I");
const METHOD_2: RowCode = row!("V.8.II");
const TURNOVER_METHOD: RowCode = row!("V.T.d");

/// Writes the summary sheet.
pub(super) fn write(sheet: &mut Worksheet, input: &WorkbookInput<'_>, layout: &Layout) -> Result<(), XlsxError> {
    sheet.set_name("Summary")?;
    page::write_titles(sheet, "CREDIT MONITORING ARRANGEMENT: SUMMARY", input)?;
    page::write_years(sheet, input)?;
    let last_column = year_column(input.figures.years.len().saturating_sub(1)).max(4);
    let mut at = FIRST_ROW;
    at = write_block(sheet, at, "Position", &POSITION, input, layout)?;
    at = write_block(sheet, at, "Bank finance", &FINANCE, input, layout)?;
    at = write_binding_method(sheet, at, input, layout)?;
    at = write_block(sheet, at, "Excess borrowing", &EXCESS, input, layout)?;
    page::format_negatives(sheet, FIRST_ROW, at, last_column)?;
    let mut failed: Vec<&Check> = input
        .checks
        .iter()
        .filter(|check| !check.passed && check.severity != Severity::Note && check.rule.starts_with('V'))
        .collect();
    failed.sort_by_key(|check| check.severity);
    at = check_sheet::list(sheet, at, "Checks that failed or could not be made", &failed)?;
    at = write_facts(sheet, at + 1, input)?;
    page::finish(sheet, at, last_column)
}

fn write_block(
    sheet: &mut Worksheet,
    from: u32,
    title: &str,
    rows: &[RowCode],
    input: &WorkbookInput<'_>,
    layout: &Layout,
) -> Result<u32, XlsxError> {
    let mut at = from;
    write_section(sheet, at, title, input)?;
    for row in rows.iter().copied() {
        at += 1;
        page::text(sheet, at, 0, &reference(row), &style::subtitle())?;
        page::text(sheet, at, 1, row.label(), &style::label(Style::Plain))?;
        let format = style::figure(false, row.row().measure, Style::Plain);
        for year in 0..input.figures.years.len() {
            if let Some(cell) = layout.cell(row, year, None) {
                let text = format!("=IF(ISNUMBER({cell}),{cell},\"\")");
                let formula = formula(&text, input.figures.at(row, year));
                sheet.write_formula_with_format(at, year_column(year), formula, &format)?;
            }
        }
    }
    Ok(at + 2)
}

/// Writes which method allows the least. The turnover method only counts up to the limit for which it is used.
fn write_binding_method(
    sheet: &mut Worksheet,
    from: u32,
    input: &WorkbookInput<'_>,
    layout: &Layout,
) -> Result<u32, XlsxError> {
    let at = from - 1;
    page::text(
        sheet,
        at,
        1,
        "Lowest of Methods I and II, and of turnover where it applies",
        &style::label(Style::Total),
    )?;
    page::text(sheet, at + 1, 1, "Binding method", &style::label(Style::Plain))?;
    let limit = turnover_limit(input.figures.unit);
    for year in 0..input.figures.years.len() {
        let cell_and_figure = |row: RowCode| Some((layout.cell(row, year, None)?, input.figures.at(row, year)?));
        let (Some((first, one)), Some((second, two)), Some((turnover, of_turnover))) =
            (cell_and_figure(METHOD_1), cell_and_figure(METHOD_2), cell_and_figure(TURNOVER_METHOD))
        else {
            continue;
        };
        let applies = of_turnover <= limit;
        let lowest = if applies { one.min(two).min(of_turnover) } else { one.min(two) };
        let text = format!("=IF({turnover}<={limit},MIN({first},{second},{turnover}),MIN({first},{second}))");
        let format = style::figure(false, crate::row::Measure::Amount, Style::Total);
        sheet.write_formula_with_format(at, year_column(year), formula(&text, Some(lowest)), &format)?;
        let text = format!(
            "=IF(AND({turnover}<={limit},{turnover}<MIN({first},{second})),\"Turnover\",IF({second}<{first},\"Method II\",\
             IF({first}<{second},\"Method I\",\"I and II (item 7)\")))"
        );
        let named = if applies && of_turnover < one.min(two) {
            "Turnover"
        } else if two < one {
            "Method II"
        } else if one < two {
            "Method I"
        } else {
            "I and II (item 7)"
        };
        let format = style::text().set_align(rust_xlsxwriter::FormatAlign::Right);
        sheet.write_formula_with_format(at + 1, year_column(year), Formula::new(text).set_result(named), &format)?;
    }
    Ok(at + 3)
}

/// [`TURNOVER_LIMIT_RUPEES`] in the unit of the workbook; negative if the unit is unknown, which leaves the method out.
fn turnover_limit(unit: Unit) -> Decimal {
    let rupees = Decimal::from(TURNOVER_LIMIT_RUPEES);
    unit.rupees().and_then(|unit| rupees.checked_div(unit)).unwrap_or(Decimal::NEGATIVE_ONE)
}

fn write_section(sheet: &mut Worksheet, at: u32, title: &str, input: &WorkbookInput<'_>) -> Result<(), XlsxError> {
    page::text(sheet, at, 0, "", &style::section())?;
    page::text(sheet, at, 1, title, &style::section())?;
    for year in 0..input.figures.years.len() {
        page::text(sheet, at, year_column(year), "", &style::section())?;
    }
    Ok(())
}

/// The form and number of a figure.
fn reference(row: RowCode) -> String {
    let number = &row.row().number;
    match row.form() {
        Form::Two | Form::Supporting => format!("II {number}"),
        Form::Three => format!("III {number}"),
        Form::Four => format!("IV {number}"),
        Form::Five => format!("V {number}"),
        Form::Six => format!("VI {number}"),
        Form::Ratio | Form::Check | Form::Ignored => Sheet::Ratios.name().to_owned(),
    }
}

fn write_facts(sheet: &mut Worksheet, from: u32, input: &WorkbookInput<'_>) -> Result<u32, XlsxError> {
    let mut at = from;
    write_section(sheet, at, "About this workbook", input)?;
    let facts = [
        format!("Order {}; made {}", input.order_id, input.generated_at.strftime("%d.%m.%Y %H:%M UTC")),
        format!("Mapping policy: {}", input.classification.policy),
        "Shaded figures come from the documents and may be changed, best on the Provenance sheet; all others are \
         calculated."
            .to_owned(),
        "Turnover (Nayak) finance is compared for limits up to Rs. 5 crore. The methods are bank policy, not law."
            .to_owned(),
    ];
    let answered = match input.answers.len() {
        0 => String::new(),
        1 => "; a reviewer answered one question about them".to_owned(),
        several => format!("; a reviewer answered {several} questions about them"),
    };
    let seen =
        format!("Seen in the documents and in no figure: {}{answered}. See the sheet Checks.", input.unused.len());
    for fact in facts.into_iter().chain([seen]) {
        at += 1;
        page::text(sheet, at, 1, &fact, &style::text())?;
    }
    for extraction in input.extractions {
        at += 1;
        let text =
            format!("Document {}: {} (SHA-256 {})", extraction.document, extraction.file.name, extraction.file.sha256);
        page::text(sheet, at, 1, &text, &style::text())?;
    }
    Ok(at)
}
