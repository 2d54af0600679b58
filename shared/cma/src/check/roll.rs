//! Roll-forwards: what a balance sheet owes to the one before it.

use rust_decimal::Decimal;

use super::{List, Severity, shown};

/// Interest as a share of average borrowings that is taken for plausible, in percent.
const INTEREST_PERCENT_MIN: i64 = 4;
const INTEREST_PERCENT_MAX: i64 = 20;

/// V05 net worth, V06 surplus, V07 fixed assets, V09 term loans and interest.
pub(super) fn run(list: &mut List<'_>) {
    for year in list.years() {
        depreciation_within_gross_block(list, year);
        interest_in_band(list, year);
        if let Some(before) = year.checked_sub(1) {
            net_worth(list, before, year);
            fixed_assets(list, before, year);
            term_loans(list, before, year);
        }
    }
}

/// The movement of the net worth is the retained profit, capital brought in and revaluation.
fn net_worth(list: &mut List<'_>, before: usize, year: usize) {
    let Some(movement) = list.at("C.nw", year) else { return };
    let change = |row: &str| list.nil(row, year) - list.nil(row, before);
    let tolerance = list.figures.tolerance(list.addends("II", year));
    let (capital, revaluation, other) = (change("III.19"), change("III.21"), change("III.22"));
    // Other reserves hold both share premium, which is brought in, and transfers from profit, which are not.
    let free = movement - capital - revaluation;
    let explained = movement.abs() < tolerance || free.abs() < tolerance || (free - other).abs() < tolerance;
    let unexplained = if (free - other).abs() < free.abs() { free - other } else { free };
    let one_percent = list.nil("III.24", year).abs() * Decimal::new(1, 2);
    let severity = if unexplained.abs() > one_percent { Severity::Error } else { Severity::Warning };
    let detail = format!(
        "net worth moved by {} beside the retained profit; share capital {}, revaluation {}, other reserves {}",
        shown(movement),
        shown(capital),
        shown(revaluation),
        shown(other)
    );
    list.push("V05", if explained { Severity::Warning } else { severity }, Some(year), explained, detail);

    let surplus = list.nil("III.23", year) - list.nil("III.23", before) + list.nil("III.20", year)
        - list.nil("III.20", before)
        - list.nil("II.16", year);
    let rolls = surplus.abs() < tolerance || (surplus + other).abs() < tolerance;
    let detail = format!("surplus and general reserve moved by {} beside the retained profit", shown(surplus));
    list.push("V06", Severity::Warning, Some(year), rolls, detail);
}

fn depreciation_within_gross_block(list: &mut List<'_>, year: usize) {
    let (Some(gross), Some(depreciation)) = (list.at("III.35", year), list.at("III.36", year)) else { return };
    let detail = format!("depreciation to date {} within gross block {}", shown(depreciation), shown(gross));
    let within = depreciation >= Decimal::ZERO && depreciation <= gross;
    list.push("V07", Severity::Warning, Some(year), within, detail);
}

fn fixed_assets(list: &mut List<'_>, before: usize, year: usize) {
    let Some(other) = list.at("C.dep", year) else { return };
    let net_only = list.nil("III.36", year).is_zero() && list.nil("III.36", before).is_zero();
    let passed = net_only || other.abs() < list.figures.tolerance(list.addends("III.3", year));
    let detail = format!(
        "depreciation to date moved by {} beside the year's charge of {} (disposals)",
        shown(other),
        shown(list.nil("II.5.vi", year))
    );
    list.push("V07", Severity::Warning, Some(year), passed, detail);
}

/// Instalments due last year were paid, and what was drawn is not negative.
fn term_loans(list: &mut List<'_>, before: usize, year: usize) {
    let (Some(due), Some(_)) = (list.at("III.8", before), list.at("III.8", year)) else { return };
    let loans = |year: usize| list.nil("III.13", year) + list.nil("III.8", year);
    let Some(paid) = list.at("S.TL.paid", year) else {
        let drawn = loans(year) - loans(before) + due;
        let passed = drawn > -list.figures.tolerance(4);
        let detail = format!("term loans drawn {} if the instalments due, {}, were paid", shown(drawn), shown(due));
        list.push("V09", Severity::Warning, Some(year), passed, detail);
        return;
    };
    let drawn = loans(year) - loans(before) + paid;
    // Instalments are stated to the nearest rupee or less: a difference within one percent is rounding, not an overdue.
    let tolerance = list.figures.tolerance(4).max(due.abs() * Decimal::new(1, 2));
    let passed = (paid - due).abs() < tolerance && drawn > -tolerance;
    let detail = format!("instalments paid {}, due a year before {}; drawn {}", shown(paid), shown(due), shown(drawn));
    list.push("V09", Severity::Warning, Some(year), passed, detail);
}

fn interest_in_band(list: &mut List<'_>, year: usize) {
    let borrowed = |year: usize| {
        ["III.A", "III.2", "III.8", "III.11", "III.13", "III.14", "III.15", "III.16"]
            .iter()
            .try_fold(Decimal::ZERO, |sum, row| Some(sum + list.at(row, year)?))
    };
    let (Some(interest), Some(closing)) = (list.at("II.9", year), borrowed(year)) else { return };
    let opening = year.checked_sub(1).and_then(borrowed).unwrap_or(closing);
    let average = (opening + closing) / Decimal::TWO;
    let months = list.nil("X.months", year);
    let Some(percent) = (interest * Decimal::from(1200)).checked_div(average * months) else { return };
    let within = percent >= Decimal::from(INTEREST_PERCENT_MIN) && percent <= Decimal::from(INTEREST_PERCENT_MAX);
    let detail = format!(
        "interest is {}% of average borrowings (plausible: {INTEREST_PERCENT_MIN}% to {INTEREST_PERCENT_MAX}%)",
        shown(percent)
    );
    list.push("V09", Severity::Warning, Some(year), within, detail);
}
