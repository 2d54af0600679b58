//! Checks the figures against the borrower's own statements: arithmetic, movements from year to year, printed totals, and
//! forecasts against history. Every check is listed, whether it passed or not.

mod forecast;
mod identity;
mod input;
mod printed;
mod roll;

use domain::statement::Extraction;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::classification::Classification;
use crate::figure::Figures;
use crate::row::RowCode;

/// One check of one year, or of the whole order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The rule, e.g. `V01` or `C.bs`.
    pub rule: String,
    /// How serious a failure is.
    pub severity: Severity,
    /// The column that was checked, as in [`Figures::years`]; none for the whole order.
    pub year: Option<String>,
    /// Whether it passed.
    pub passed: bool,
    /// What was compared, with the amounts.
    pub detail: String,
}

/// How serious the failure of a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// The column cannot be used unless this is corrected.
    #[serde(rename = "E")]
    Error,
    /// A reviewer must acknowledge it.
    #[serde(rename = "W")]
    Warning,
    /// Worth knowing.
    #[serde(rename = "I")]
    Note,
}

impl Severity {
    /// The letter that stands for it.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Error => "E",
            Self::Warning => "W",
            Self::Note => "I",
        }
    }
}

/// Runs every check; the result is in the order of the rules.
#[must_use]
pub fn run(extractions: &[Extraction], classification: &Classification, figures: &Figures) -> Vec<Check> {
    let mut list = List { figures, checks: Vec::new() };
    identity::run(&mut list);
    printed::run(extractions, &mut list);
    roll::run(&mut list);
    input::run(extractions, classification, &mut list);
    forecast::run(&mut list);
    // A stable sort, so the years of a rule stay in order.
    list.checks.sort_by(|left, right| rule_order(&left.rule).cmp(&rule_order(&right.rule)));
    list.checks
}

/// Whether a failed error makes the column of `year` unusable.
#[must_use]
pub fn is_unusable(checks: &[Check], year: &str) -> bool {
    checks.iter().any(|check| {
        !check.passed && check.severity == Severity::Error && check.year.as_deref().is_none_or(|of| of == year)
    })
}

/// Rules by number first, then the check rows.
fn rule_order(rule: &str) -> (bool, &str) {
    (!rule.starts_with('V'), rule)
}

/// The figures that are checked, and the checks so far.
struct List<'a> {
    figures: &'a Figures,
    checks: Vec<Check>,
}

impl List<'_> {
    fn years(&self) -> std::ops::Range<usize> {
        0..self.figures.years.len()
    }

    fn figure(&self, row: RowCode, year: usize) -> Option<Decimal> {
        self.figures.at(row, year)
    }

    fn figure_or_nil(&self, row: RowCode, year: usize) -> Decimal {
        self.figure(row, year).unwrap_or_default()
    }

    /// How many printed amounts add up to a year's figures in the rows whose code begins with `prefix`; at least 1.
    fn addends(&self, prefix: &str, year: usize) -> u32 {
        let sources = self.figures.sources.iter();
        let count = sources.filter(|source| source.year == year && source.row.as_str().starts_with(prefix)).count();
        u32::try_from(count).unwrap_or(u32::MAX).max(1)
    }

    fn push(&mut self, rule: &str, severity: Severity, year: Option<usize>, passed: bool, detail: impl Into<String>) {
        let year = year.and_then(|year| self.figures.years.get(year).cloned());
        self.checks.push(Check { rule: rule.to_owned(), severity, year, passed, detail: detail.into() });
    }
}

/// An amount as the detail of a check prints it.
fn shown(amount: Decimal) -> String {
    format!("{:.2}", amount.round_dp(2))
}
