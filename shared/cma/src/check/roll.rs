//! Roll-forward checks: whether balances change from year to year as the statements in between say.

use rust_decimal::Decimal;

use super::{List, Severity, shown};
use crate::row::RowCode;

/// Plausible interest as a percentage of average borrowings.
const INTEREST_PERCENT_MIN: i64 = 4;
const INTEREST_PERCENT_MAX: i64 = 20;

/// The rows that bear interest.
const BORROWINGS: [RowCode; 8] = rows!["III.A", "III.2", "III.8", "III.11", "III.13", "III.14", "III.15", "III.16"];

/// The rows of the net worth.
const NET_WORTH: [RowCode; 5] = rows!["III.19", "III.20", "III.21", "III.22", "III.23"];

/// V05 net worth, V06 surplus, V07 fixed assets, V09 term loans and interest.
pub(super) fn run(list: &mut List<'_>) {
    for year in list.years() {
        check_depreciation(list, year);
        check_interest(list, year);
        if let Some(before) = year.checked_sub(1) {
            check_net_worth(list, before, year);
            check_fixed_assets(list, before, year);
            check_term_loans(list, before, year);
        }
    }
}

/// Net worth changes by the retained profit, capital brought in and revaluation.
fn check_net_worth(list: &mut List<'_>, before: usize, year: usize) {
    let Some(movement) = list.figure(row!("C.nw"), year) else { return };
    let change = |row: RowCode| list.figure_or_nil(row, year) - list.figure_or_nil(row, before);
    let worth = list.rounding_of(&NET_WORTH, before) + list.rounding_of(&NET_WORTH, year);
    let tolerance = worth + list.rounding("II.", year) + list.rounding("S.", year);
    let surplus = change(row!("III.23")) + change(row!("III.20")) - list.figure_or_nil(row!("II.16"), year);
    let (capital, revaluation, other) = (change(row!("III.19")), change(row!("III.21")), change(row!("III.22")));
    // Other reserves hold share premium, which is capital brought in, and transfers from profit, which are not.
    let free = movement - capital - revaluation;
    let explained = movement.abs() <= tolerance || free.abs() <= tolerance || (free - other).abs() <= tolerance;
    let unexplained = if (free - other).abs() < free.abs() { free - other } else { free };
    let one_percent = list.figure_or_nil(row!("III.24"), year).abs() * Decimal::new(1, 2);
    let severity = if unexplained.abs() > one_percent { Severity::Error } else { Severity::Warning };
    let detail = format!(
        "net worth moved by {} in addition to the retained profit; share capital {}, revaluation {}, other reserves {}",
        shown(movement),
        shown(capital),
        shown(revaluation),
        shown(other)
    );
    list.push("V05", if explained { Severity::Warning } else { severity }, Some(year), explained, detail);

    let rolls = surplus.abs() <= tolerance || (surplus + other).abs() <= tolerance;
    let detail = format!("surplus and general reserve moved by {} in addition to the retained profit", shown(surplus));
    list.push("V06", Severity::Warning, Some(year), rolls, detail);
}

fn check_depreciation(list: &mut List<'_>, year: usize) {
    let (Some(gross), Some(depreciation)) = (list.figure(row!("III.35"), year), list.figure(row!("III.36"), year))
    else {
        return;
    };
    let detail = format!("depreciation to date {} within gross block {}", shown(depreciation), shown(gross));
    let within = depreciation >= Decimal::ZERO && depreciation <= gross;
    list.push("V07", Severity::Warning, Some(year), within, detail);
}

fn check_fixed_assets(list: &mut List<'_>, before: usize, year: usize) {
    let Some(other) = list.figure(row!("C.dep"), year) else { return };
    let net_only =
        list.figure_or_nil(row!("III.36"), year).is_zero() && list.figure_or_nil(row!("III.36"), before).is_zero();
    let rows = rows!["III.36", "II.5.vi"];
    let tolerance = list.rounding_of(&rows, before) + list.rounding_of(&rows, year);
    let passed = net_only || other.abs() <= tolerance;
    let detail = format!(
        "depreciation to date moved by {} in addition to the year's charge of {} (disposals)",
        shown(other),
        shown(list.figure_or_nil(row!("II.5.vi"), year))
    );
    list.push("V07", Severity::Warning, Some(year), passed, detail);
}

/// The instalments due were paid, and the loans drawn are not negative.
fn check_term_loans(list: &mut List<'_>, before: usize, year: usize) {
    let (Some(due), Some(_)) = (list.figure(row!("III.8"), before), list.figure(row!("III.8"), year)) else { return };
    let loans = |year: usize| list.figure_or_nil(row!("III.13"), year) + list.figure_or_nil(row!("III.8"), year);
    let rows = rows!["III.8", "III.13", "S.TL.paid"];
    let rounding = list.rounding_of(&rows, before) + list.rounding_of(&rows, year);
    let Some(paid) = list.figure(row!("S.TL.paid"), year) else {
        let drawn = loans(year) - loans(before) + due;
        let passed = drawn >= -rounding;
        let detail = format!("term loans drawn {} if the instalments due, {}, were paid", shown(drawn), shown(due));
        list.push("V09", Severity::Warning, Some(year), passed, detail);
        return;
    };
    let drawn = loans(year) - loans(before) + paid;
    // Instalments are often stated in round amounts: a difference within one percent is rounding, not an overdue instalment.
    let tolerance = rounding.max(due.abs() * Decimal::new(1, 2));
    let passed = (paid - due).abs() <= tolerance && drawn >= -tolerance;
    let detail = format!("instalments paid {}, due a year before {}; drawn {}", shown(paid), shown(due), shown(drawn));
    list.push("V09", Severity::Warning, Some(year), passed, detail);
}

fn check_interest(list: &mut List<'_>, year: usize) {
    let borrowed =
        |year: usize| BORROWINGS.iter().try_fold(Decimal::ZERO, |sum, row| Some(sum + list.figure(*row, year)?));
    let (Some(interest), Some(closing)) = (list.figure(row!("II.9"), year), borrowed(year)) else { return };
    let opening = year.checked_sub(1).and_then(borrowed).unwrap_or(closing);
    let average = (opening + closing) / Decimal::TWO;
    let months = list.figure_or_nil(row!("X.months"), year);
    let Some(percent) = (interest * Decimal::from(1200)).checked_div(average * months) else { return };
    let within = percent >= Decimal::from(INTEREST_PERCENT_MIN) && percent <= Decimal::from(INTEREST_PERCENT_MAX);
    let detail = format!(
        "interest is {}% of average borrowings (plausible: {INTEREST_PERCENT_MIN}% to {INTEREST_PERCENT_MAX}%)",
        shown(percent)
    );
    list.push("V09", Severity::Warning, Some(year), within, detail);
}
