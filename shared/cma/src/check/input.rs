//! Checks what was read: restatements, signs, units, periods, and whether every figure comes from a line.

use std::collections::HashSet;

use domain::statement::{ColumnKind, Extraction, LineRole, StatementKind, Unit};
use rust_decimal::Decimal;

use super::{List, Severity, shown};
use crate::classification::Classification;
use crate::row::{Form, Row, RowCode, table};

/// A factor between consecutive years' totals, or between two documents' figures, that suggests a wrong unit rather than a
/// change in the business.
const UNIT_SLIP_FACTOR: i64 = 50;

/// Input rows that may naturally be negative.
const MAY_BE_NEGATIVE: [RowCode; 7] = rows!["II.13", "II.11.i", "II.11.ii", "III.23", "III.19", "II.5.viii", "II.5.xi"];

/// V12, V13, V14, V15, V18, V24, and the remarks made while summing the figures.
pub(super) fn run(extractions: &[Extraction], classification: &Classification, list: &mut List<'_>) {
    for remark in &list.figures.remarks {
        let is_note = matches!(remark.rule.as_str(), "V01" | "V22");
        let severity = remark.severity.unwrap_or(if is_note { Severity::Note } else { Severity::Warning });
        list.push(&remark.rule, severity, remark.year, false, remark.detail.clone());
    }
    check_restatements(list);
    check_signs(list);
    check_units(list);
    check_periods(list);
    check_sources(extractions, classification, list);
    check_position(list);
    check_suspense(list);
}

/// An amount in suspense shows that the accounts were not closed: the trial balance does not agree.
fn check_suspense(list: &mut List<'_>) {
    let is_suspense = |label: &str| {
        let lower = label.to_lowercase();
        [
            "suspense",
            "difference in opening",
            "difference in trial",
            "diff. in opening",
            "diff in opening",
            "unreconciled",
        ]
        .iter()
        .any(|words| lower.contains(words))
    };
    for year in list.years() {
        let lines = list.figures.sources.iter().filter(|source| source.year == year && is_suspense(&source.label));
        let found: Vec<String> = lines
            .filter(|source| !source.amount.is_zero())
            .map(|source| format!("{}!{} “{}” {}", source.sheet, source.cell, source.label, shown(source.amount)))
            .collect();
        if !found.is_empty() {
            let detail = format!("the accounts are not closed: {} is in suspense", found.join("; "));
            list.push("V28", Severity::Warning, Some(year), false, detail);
        }
    }
}

fn check_restatements(list: &mut List<'_>) {
    for restated in &list.figures.restatements {
        let detail = format!(
            "{}: document {}, which is used, gives {}; document {} gives {}",
            restated.row,
            restated.taken_from,
            shown(restated.taken),
            restated.document,
            shown(restated.other)
        );
        list.push("V12", Severity::Warning, Some(restated.year), false, detail);
        if is_unit_slip(restated.taken, restated.other) {
            let detail = format!(
                "{}: the documents' figures differ as if in different units: check the unit in both",
                restated.row
            );
            list.push("V14", Severity::Error, Some(restated.year), false, detail);
        }
    }
    if list.figures.restatements.is_empty() {
        list.push("V12", Severity::Warning, None, true, "no two documents give different figures for the same year");
    }
}

fn check_signs(list: &mut List<'_>) {
    let inputs: Vec<&Row> = table().rows().iter().filter(|row| row.is_input()).collect();
    for year in list.years() {
        let negative = inputs.iter().filter(|row| {
            matches!(row.form, Form::Two | Form::Three)
                && !MAY_BE_NEGATIVE.contains(&row.code)
                && list.figure_or_nil(row.code, year) < Decimal::ZERO
        });
        let named: Vec<String> =
            negative.map(|row| format!("{} {}", row.code, shown(list.figure_or_nil(row.code, year)))).collect();
        let detail = if named.is_empty() {
            "no asset, liability, income or expense is negative".to_owned()
        } else {
            format!(
                "negative where an amount is expected: {} (overdrawn balances belong on the other side)",
                named.join("; ")
            )
        };
        list.push("V13", Severity::Warning, Some(year), named.is_empty(), detail);
    }
}

fn check_units(list: &mut List<'_>) {
    if list.figures.unit != Unit::Unstated {
        list.push("V14", Severity::Warning, None, true, "the statements state their unit");
    }
    for year in list.years().skip(1) {
        for row in rows!["III.43", "II.1"] {
            let (Some(now), Some(before)) = (list.figure(row, year), list.figure(row, year - 1)) else { continue };
            let slipped = is_unit_slip(now, before);
            let detail = format!("{row}: {} after {}: scale of the two columns", shown(now), shown(before));
            list.push("V14", Severity::Error, Some(year), !slipped, detail);
        }
    }
}

fn is_unit_slip(one: Decimal, other: Decimal) -> bool {
    let (small, large) = (one.abs().min(other.abs()), one.abs().max(other.abs()));
    let factor = Decimal::from(UNIT_SLIP_FACTOR);
    !small.is_zero() && large.checked_div(small).is_none_or(|ratio| ratio >= factor)
}

fn check_periods(list: &mut List<'_>) {
    let forecast = |kind: &ColumnKind| matches!(kind, ColumnKind::Estimated | ColumnKind::Projected);
    let kinds = &list.figures.kinds;
    let last_audited = kinds.iter().rposition(|kind| *kind == ColumnKind::Audited);
    for year in list.years() {
        let early = kinds.get(year).is_some_and(forecast) && last_audited.is_some_and(|last| year < last);
        list.push("V15", Severity::Error, Some(year), !early, "no estimate or projection comes before an audited year");
        let months = list.figure_or_nil(row!("X.months"), year);
        let whole = months == Decimal::from(12);
        let detail = if whole { "" } else { "; growth, ratios and holding periods are annualised" };
        list.push("V15", Severity::Warning, Some(year), whole, format!("the column covers {months} months{detail}"));
        if kinds.get(year) == Some(&ColumnKind::Unstated) {
            let detail = "the heading does not say whether the figures are audited";
            list.push("V15", Severity::Note, Some(year), false, detail);
        }
        for (statement, row) in [("profit and loss statement", row!("II.1")), ("balance sheet", row!("III.43"))] {
            if list.figure(row, year).is_none() {
                list.push("V15", Severity::Warning, Some(year), false, format!("the year has no {statement}"));
            }
        }
    }
    for year in list.years().skip(1) {
        let calendar = |year: usize| list.figures.years.get(year).and_then(|text| text.get(6..)?.parse::<i32>().ok());
        let (Some(now), Some(before)) = (calendar(year), calendar(year - 1)) else { continue };
        let detail = "the column follows the one before, with no year missing";
        list.push("V15", Severity::Warning, Some(year), now - before <= 1, detail);
    }
}

fn check_sources(extractions: &[Extraction], classification: &Classification, list: &mut List<'_>) {
    let figures = list.figures;
    let mut without_source = 0;
    for (row, values) in &figures.rows {
        if !row.row().is_input() || *row == row!("X.months") {
            continue;
        }
        let adjusted =
            |year| figures.adjustments.iter().any(|adjustment| adjustment.row == *row && adjustment.year == year);
        let has_source = |year| figures.sources_of(*row, year).next().is_some() || adjusted(year);
        without_source += (0..values.len())
            .filter(|&year| !figures.at(*row, year).unwrap_or_default().is_zero() && !has_source(year))
            .count();
    }
    let detail = format!("{without_source} input figures come from no line");
    list.push("V24", Severity::Error, None, without_source == 0, detail);

    let statements = || extractions.iter().flat_map(|extraction| &extraction.statements);
    let printed: HashSet<&str> =
        statements().flat_map(|statement| &statement.lines).map(|line| line.id.as_str()).collect();
    let lost = classification.lines.iter().filter(|line| !printed.contains(line.line.as_str())).count();
    let detail = format!("{lost} classified lines are in none of the documents");
    list.push("V24", Severity::Error, None, lost == 0, detail);

    let mut once = HashSet::new();
    let twice = classification.lines.iter().filter(|line| !once.insert(line.line.as_str())).count();
    list.push("V24", Severity::Error, None, twice == 0, format!("{twice} lines are classified more than once"));

    let classified: HashSet<&str> = classification.lines.iter().map(|line| line.line.as_str()).collect();
    let face = statements()
        .filter(|statement| matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss))
        .flat_map(|statement| &statement.lines);
    let left = face.filter(|line| {
        line.role == LineRole::Item
            && line.figures.iter().any(Option::is_some)
            && !classified.contains(line.id.as_str())
    });
    let left = left.count();
    let detail = format!("{left} lines of the statements are not classified");
    list.push("V24", Severity::Error, None, left == 0, detail);
}

/// What a lender asks about: tangible net worth, and export receivables.
fn check_position(list: &mut List<'_>) {
    for year in list.years() {
        if let Some(worth) = list.figure(row!("III.44"), year) {
            let detail = format!("tangible net worth {}; ratios to it are blank unless it is positive", shown(worth));
            list.push("V18", Severity::Warning, Some(year), worth > Decimal::ZERO, detail);
        }
        let exports = list.figure(row!("II.1.ii"), year);
        if let (Some(exports), Some(receivable)) = (exports, list.figure(row!("III.28.ii"), year)) {
            let passed = !exports.is_zero() || receivable.is_zero();
            let detail = format!("export receivables {} with export sales {}", shown(receivable), shown(exports));
            list.push("V18", Severity::Warning, Some(year), passed, detail);
        }
    }
}
