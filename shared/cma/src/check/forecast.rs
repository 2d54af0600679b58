//! What a forecast promises against the borrower's history, and what is printed for judgement alone.

use domain::statement::ColumnKind;
use rust_decimal::Decimal;

use super::{List, Severity, shown};

/// How far a forecast may lie outside the range of the history before it needs a written assumption, in percent of the
/// range's nearer end.
const HISTORY_PERCENT: i64 = 25;
/// Tax as a share of the profit before tax that is taken for plausible, in percent.
const TAX_PERCENT_MAX: i64 = 40;

const COMPARED: [(&str, &str); 6] = [
    ("II.4", "growth of net sales %"),
    ("R.gp", "gross profit %"),
    ("R.np", "net profit %"),
    ("R.inv_days", "inventory days"),
    ("R.debtor_days", "receivable days"),
    ("R.cred_days", "creditor days"),
];

/// V20 forecasts, V21 tax, V22 treatments.
pub(super) fn run(list: &mut List<'_>) {
    for year in list.years() {
        let forecast =
            |year: usize| matches!(list.figures.kinds.get(year), Some(ColumnKind::Estimated | ColumnKind::Projected));
        if forecast(year) {
            let history: Vec<usize> = list.years().filter(|&one| !forecast(one)).collect();
            for (row, name) in COMPARED {
                against_history(list, year, &history, row, name);
            }
        }
        tax(list, year);
        treatments(list, year);
    }
}

fn against_history(list: &mut List<'_>, year: usize, history: &[usize], row: &str, name: &str) {
    let past: Vec<Decimal> = history.iter().filter_map(|&one| list.at(row, one)).collect();
    let (Some(value), Some(low), Some(high)) = (list.at(row, year), past.iter().min(), past.iter().max()) else {
        return;
    };
    let margin = |end: Decimal| end.abs() * Decimal::new(HISTORY_PERCENT, 2);
    let within = value >= low - margin(*low) && value <= high + margin(*high);
    let detail = format!("{name} {} against {} to {} in the years before", shown(value), shown(*low), shown(*high));
    list.push("V20", Severity::Warning, Some(year), within, detail);
}

fn tax(list: &mut List<'_>, year: usize) {
    let (Some(profit), Some(tax)) = (list.at("II.12", year), list.at("II.13", year)) else { return };
    if profit <= Decimal::ZERO {
        return;
    }
    let Some(percent) = (tax * Decimal::ONE_HUNDRED).checked_div(profit) else { return };
    let plausible = percent >= Decimal::ZERO && percent <= Decimal::from(TAX_PERCENT_MAX);
    let detail = format!("tax is {}% of the profit before tax (plausible: 0% to {TAX_PERCENT_MAX}%)", shown(percent));
    list.push("V21", Severity::Note, Some(year), plausible, detail);
}

/// Treatments that move the ratios, told for every year.
fn treatments(list: &mut List<'_>, year: usize) {
    let (Some(with), Some(without)) = (list.at("R.cr", year), list.at("R.cr_x", year)) else { return };
    let detail = format!(
        "current ratio {} with and {} without instalments of term loans; revaluation reserve {} is part of the net worth",
        shown(with),
        shown(without),
        shown(list.nil("III.21", year))
    );
    list.push("V22", Severity::Note, Some(year), true, detail);
}
