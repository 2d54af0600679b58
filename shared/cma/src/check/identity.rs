//! What must be so by the forms' own arithmetic, and the check rows.

use domain::statement::ColumnKind;
use rust_decimal::Decimal;

use crate::figure::Adjustment;

use super::{List, Severity, shown};
use crate::row::{Form, RowCode, table};

/// V01, V03, V04, V10 and V11 from the check rows, and each check row by its own code.
pub(super) fn run(list: &mut List<'_>) {
    let rows: Vec<RowCode> = table().codes().filter(|row| row.form() == Form::Check).collect();
    for row in rows {
        for year in list.years() {
            let Some(value) = list.figures.at(row, year) else { continue };
            let (rule, severity, tolerance) = rule(list, row.as_str(), year);
            // Where the same amount is printed twice nothing is rounded: a difference of 0.01 is one.
            let passed = value.abs() < tolerance || (value.is_zero());
            let detail = detail(list, row, year, value);
            if let Some(rule) = rule {
                list.push(rule, severity, Some(year), passed, detail.clone());
            }
            list.push(row.as_str(), severity, Some(year), passed, detail);
        }
    }
}

/// The two sides that are compared, where a check row has two.
fn detail(list: &List<'_>, row: RowCode, year: usize, difference: Decimal) -> String {
    let before = year.checked_sub(1);
    let (left, right, name) = match row.as_str() {
        "C.bs" => ("III.25", ("III.43", Some(year)), "total liabilities against total assets"),
        "C.wip_o" => ("II.5.viii", ("II.5.ix", before), "opening against last year's closing stock-in-process"),
        "C.fg_o" => ("II.5.xi", ("II.5.xii", before), "opening against last year's closing stock of finished goods"),
        "C.wip" => ("II.5.ix", ("III.30.ii", Some(year)), "closing stock-in-process against the balance sheet's"),
        "C.fg" => ("II.5.xii", ("III.30.iii", Some(year)), "closing finished goods against the balance sheet's"),
        "C.iv9" => ("IV.9", ("III.34", Some(year)), "current assets of Form IV against Form III"),
        "C.iv14" => ("IV.14", ("III.B", Some(year)), "other current liabilities of Form IV against Form III"),
        _ => return format!("{}: {}", row.row().map_or("", |row| row.label.as_str()), shown(difference)),
    };
    let right = right.1.map_or(Decimal::ZERO, |year| list.nil(right.0, year));
    format!("{name}: {} and {}, difference {}", shown(list.nil(left, year)), shown(right), shown(difference))
}

fn rule(list: &List<'_>, code: &str, year: usize) -> (Option<&'static str>, Severity, Decimal) {
    let exact = Decimal::new(1, 2);
    let position = list.figures.tolerance(list.addends("III.", year));
    let audited = list.figures.kinds.get(year) == Some(&ColumnKind::Audited);
    let opening = if audited { Severity::Error } else { Severity::Warning };
    // Opening stock worked out from a change in inventories carries that line's rounding, and is noted where it
    // was a makeshift.
    let worked_out = |one: &Adjustment| matches!(one.row.as_str(), "II.5.xi" | "II.5.xii") && one.year + 1 >= year;
    let derived = list.figures.adjustments.iter().any(|one| one.year <= year && worked_out(one));
    // A statement of a service prints no stocks of its own; that they are on the balance sheet is to be looked at.
    let stocks = ["II.5.viii", "II.5.ix", "II.5.xi", "II.5.xii"];
    let silent = stocks.iter().all(|row| list.nil(row, year).is_zero());
    match code {
        "C.wip" | "C.fg" if silent => (Some("V04"), Severity::Warning, exact),
        "C.fg_o" if derived => (Some("V03"), Severity::Warning, list.figures.tolerance(6)),
        "C.bs" => (Some("V01"), Severity::Error, position),
        "C.wip_o" | "C.fg_o" => (Some("V03"), opening, exact),
        "C.wip" | "C.fg" => (Some("V04"), Severity::Error, exact),
        "C.nwc" => (Some("V10"), Severity::Error, position),
        "C.ff" => (Some("V11"), Severity::Error, position + position),
        "C.iv9" | "C.iv14" | "C.ff4" => (Some("V11"), Severity::Error, exact),
        // Capital brought in and assets sold show here as they should; V05 and V07 judge them.
        _ => (None, Severity::Note, exact),
    }
}
