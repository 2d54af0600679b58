//! Checks the arithmetic of the forms, using the check rows.

use domain::statement::ColumnKind;
use rust_decimal::Decimal;

use crate::figure::Adjustment;

use super::{List, Severity, shown};
use crate::row::{Form, RowCode, table};

const BALANCE: RowCode = row!("C.bs");
const WORKING_CAPITAL: RowCode = row!("C.nwc");
const CURRENT_ASSETS: RowCode = row!("C.iv9");
const CURRENT_LIABILITIES: RowCode = row!("C.iv14");
const WIP: RowCode = row!("C.wip");
const FINISHED: RowCode = row!("C.fg");
const WIP_OPENING: RowCode = row!("C.wip_o");
const FINISHED_OPENING: RowCode = row!("C.fg_o");
const FUNDS_FLOW: RowCode = row!("C.ff");
const FUNDS_FLOW_ASSETS: RowCode = row!("C.ff4");

/// V01, V03, V04, V10 and V11 from the check rows, and each check row under its own code.
pub(super) fn run(list: &mut List<'_>) {
    let rows: Vec<RowCode> = table().codes().filter(|row| row.form() == Form::Check).collect();
    for row in rows {
        for year in list.years() {
            let Some(value) = list.figures.at(row, year) else { continue };
            let (rule, severity, tolerance) = rule(list, row, year);
            // The same amount printed twice involves no rounding, so even a difference of 0.01 counts.
            let passed = value.abs() < tolerance || (value.is_zero());
            let detail = detail(list, row, year, value);
            if let Some(rule) = rule {
                list.push(rule, severity, Some(year), passed, detail.clone());
            }
            list.push(row.as_str(), severity, Some(year), passed, detail);
        }
    }
}

/// The two sides that a check row compares, if it has two.
fn detail(list: &List<'_>, row: RowCode, year: usize, difference: Decimal) -> String {
    let before = year.checked_sub(1);
    let (left, right, right_year, name) = match row {
        BALANCE => (row!("III.25"), row!("III.43"), Some(year), "total liabilities against total assets"),
        WIP_OPENING => {
            (row!("II.5.viii"), row!("II.5.ix"), before, "opening against last year's closing stock-in-process")
        }
        FINISHED_OPENING => {
            (row!("II.5.xi"), row!("II.5.xii"), before, "opening against last year's closing stock of finished goods")
        }
        WIP => (row!("II.5.ix"), row!("III.30.ii"), Some(year), "closing stock-in-process against the balance sheet's"),
        FINISHED => {
            (row!("II.5.xii"), row!("III.30.iii"), Some(year), "closing finished goods against the balance sheet's")
        }
        CURRENT_ASSETS => (row!("IV.9"), row!("III.34"), Some(year), "current assets of Form IV against Form III"),
        CURRENT_LIABILITIES => {
            (row!("IV.14"), row!("III.B"), Some(year), "other current liabilities of Form IV against Form III")
        }
        _ => return format!("{}: {}", row.label(), shown(difference)),
    };
    let right = right_year.map_or(Decimal::ZERO, |year| list.figure_or_nil(right, year));
    format!("{name}: {} and {}, difference {}", shown(list.figure_or_nil(left, year)), shown(right), shown(difference))
}

/// The rule that a check row belongs to, how serious its failure is, and the limit that its difference must stay below.
fn rule(list: &List<'_>, row: RowCode, year: usize) -> (Option<&'static str>, Severity, Decimal) {
    let exact = Decimal::new(1, 2);
    let position = list.figures.tolerance(list.addends("III.", year));
    let audited = list.figures.kinds.get(year) == Some(&ColumnKind::Audited);
    let opening = if audited { Severity::Error } else { Severity::Warning };
    // Opening stock derived from a change in inventories inherits that line's rounding.
    let is_derived = |adjustment: &Adjustment| {
        rows!["II.5.xi", "II.5.xii"].contains(&adjustment.row) && adjustment.year <= year && adjustment.year + 1 >= year
    };
    let derived = list.figures.adjustments.iter().any(is_derived);
    // A service company's profit and loss statement prints no stocks; if its balance sheet does, a reviewer should look.
    let stocks = rows!["II.5.viii", "II.5.ix", "II.5.xi", "II.5.xii"];
    let no_stocks = stocks.iter().all(|row| list.figure_or_nil(*row, year).is_zero());
    match row {
        WIP | FINISHED if no_stocks => (Some("V04"), Severity::Warning, exact),
        FINISHED_OPENING if derived => (Some("V03"), Severity::Warning, list.figures.tolerance(6)),
        BALANCE => (Some("V01"), Severity::Error, position),
        WIP_OPENING | FINISHED_OPENING => (Some("V03"), opening, exact),
        WIP | FINISHED => (Some("V04"), Severity::Error, exact),
        WORKING_CAPITAL => (Some("V10"), Severity::Error, position),
        FUNDS_FLOW => (Some("V11"), Severity::Error, position + position),
        CURRENT_ASSETS | CURRENT_LIABILITIES | FUNDS_FLOW_ASSETS => (Some("V11"), Severity::Error, exact),
        // Capital brought in and assets sold are legitimate differences here; V05 and V07 check them.
        _ => (None, Severity::Note, exact),
    }
}
