//! The checks that need nothing but the borrower's own statements: arithmetic, roll-forwards, what was printed, and
//! what a forecast promises. Every check is listed whether it passed or not.

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

/// One check of one year, or of the whole order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The rule, e.g. `V01` or `C.bs`.
    pub rule: String,
    /// What a failure means.
    pub severity: Severity,
    /// The column it is about, as in [`Figures::years`]; none for the whole order.
    pub year: Option<String>,
    /// Whether it holds.
    pub passed: bool,
    /// What was compared, with the figures.
    pub detail: String,
}

/// What the failure of a check means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// The column is unusable as it stands.
    #[serde(rename = "E")]
    Error,
    /// A reviewer has to acknowledge it.
    #[serde(rename = "W")]
    Warning,
    /// Worth knowing.
    #[serde(rename = "I")]
    Note,
}

impl Severity {
    /// The letter it is shown as.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Error => "E",
            Self::Warning => "W",
            Self::Note => "I",
        }
    }
}

/// Runs every check, in the order of the rules.
#[must_use]
pub fn run(extractions: &[Extraction], classification: &Classification, figures: &Figures) -> Vec<Check> {
    let mut list = List { figures, checks: Vec::new() };
    identity::run(&mut list);
    printed::run(extractions, &mut list);
    roll::run(&mut list);
    input::run(extractions, classification, &mut list);
    forecast::run(&mut list);
    // Stable, so that the years of a rule stay in their order.
    list.checks.sort_by(|left, right| order(&left.rule).cmp(&order(&right.rule)));
    list.checks
}

/// Whether a failed error makes the column of `year` unusable.
#[must_use]
pub fn is_unusable(checks: &[Check], year: &str) -> bool {
    checks.iter().any(|check| {
        !check.passed && check.severity == Severity::Error && check.year.as_deref().is_none_or(|of| of == year)
    })
}

/// Rules by number first, then the arithmetic rows.
fn order(rule: &str) -> (bool, &str) {
    (!rule.starts_with('V'), rule)
}

/// The checks so far, and the figures they look at.
struct List<'a> {
    figures: &'a Figures,
    checks: Vec<Check>,
}

impl List<'_> {
    fn years(&self) -> std::ops::Range<usize> {
        0..self.figures.years.len()
    }

    fn at(&self, row: &str, year: usize) -> Option<Decimal> {
        self.figures.get(row, year)
    }

    fn nil(&self, row: &str, year: usize) -> Decimal {
        self.at(row, year).unwrap_or_default()
    }

    /// How many printed amounts a year's figures of one form are made of.
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

/// An amount as it is shown in a detail.
fn shown(amount: Decimal) -> String {
    format!("{:.2}", amount.round_dp(2))
}
