//! Checks forecasts against the borrower's history, and lists treatments for the reader to judge.

use domain::statement::ColumnKind;
use rust_decimal::Decimal;

use super::{List, Severity, shown};
use crate::row::RowCode;

/// How far outside the range of past years a forecast may be without a written assumption, in percent of the nearer end of
/// the range.
const HISTORY_PERCENT: i64 = 25;
/// Highest plausible tax as a percentage of the profit before tax.
const TAX_PERCENT_MAX: i64 = 40;

/// Rows that are compared with the past years.
const COMPARED: [(RowCode, &str); 6] = [
    (row!("II.4"), "growth of net sales %"),
    (row!("R.gp"), "gross profit %"),
    (row!("R.np"), "net profit %"),
    (row!("R.inv_days"), "inventory days"),
    (row!("R.debtor_days"), "receivable days"),
    (row!("R.cred_days"), "creditor days"),
];

/// V20 forecasts, V21 tax, V22 treatments.
pub(super) fn run(list: &mut List<'_>) {
    for year in list.years() {
        let forecast =
            |year: usize| matches!(list.figures.kinds.get(year), Some(ColumnKind::Estimated | ColumnKind::Projected));
        if forecast(year) {
            let history: Vec<usize> = list.years().filter(|&past| !forecast(past)).collect();
            for (row, name) in COMPARED {
                compare_with_history(list, year, &history, row, name);
            }
        }
        check_tax(list, year);
        list_treatments(list, year);
    }
}

fn compare_with_history(list: &mut List<'_>, year: usize, history: &[usize], row: RowCode, name: &str) {
    let past: Vec<Decimal> = history.iter().filter_map(|&past| list.figure(row, past)).collect();
    let (Some(value), Some(low), Some(high)) = (list.figure(row, year), past.iter().min(), past.iter().max()) else {
        return;
    };
    let margin = |end: Decimal| end.abs() * Decimal::new(HISTORY_PERCENT, 2);
    let within = value >= low - margin(*low) && value <= high + margin(*high);
    let detail = format!("{name} {} against {} to {} in the years before", shown(value), shown(*low), shown(*high));
    list.push("V20", Severity::Warning, Some(year), within, detail);
}

fn check_tax(list: &mut List<'_>, year: usize) {
    let (Some(profit), Some(tax)) = (list.figure(row!("II.12"), year), list.figure(row!("II.13"), year)) else {
        return;
    };
    if profit <= Decimal::ZERO {
        return;
    }
    let Some(percent) = (tax * Decimal::ONE_HUNDRED).checked_div(profit) else { return };
    let plausible = percent >= Decimal::ZERO && percent <= Decimal::from(TAX_PERCENT_MAX);
    let detail = format!("tax is {}% of the profit before tax (plausible: 0% to {TAX_PERCENT_MAX}%)", shown(percent));
    list.push("V21", Severity::Note, Some(year), plausible, detail);
}

/// Lists the treatments that affect the ratios, for every year.
fn list_treatments(list: &mut List<'_>, year: usize) {
    let (Some(with), Some(without)) = (list.figure(row!("R.cr"), year), list.figure(row!("R.cr_x"), year)) else {
        return;
    };
    let detail = format!(
        "current ratio {} with and {} without instalments of term loans; revaluation reserve {} is part of the net worth",
        shown(with),
        shown(without),
        shown(list.figure_or_nil(row!("III.21"), year))
    );
    list.push("V22", Severity::Note, Some(year), true, detail);
}
