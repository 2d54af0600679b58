//! Checks the figures against the borrower's own statements: arithmetic, movements from year to year, printed totals, and
//! forecasts against history. Every check says that it holds, that it fails, or why it could not be made.

mod forecast;
mod identity;
mod input;
mod printed;
mod reading;
mod roll;
mod stock;

use domain::statement::Extraction;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::classification::Classification;
use crate::figure::Figures;
use crate::row::RowCode;

/// The rule that all documents are of one borrower.
pub(crate) const BORROWER: &str = "V26";

/// One check of one year, or of the whole order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Check {
    /// The rule, e.g. `V01` or `C.bs`.
    pub rule: String,
    /// How serious a failure is.
    pub severity: Severity,
    /// The column that was checked, as in [`Figures::years`]; none for the whole order.
    pub year: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether nobody needs to look at it: it holds, or it could not be made and that is only worth knowing.
    pub passed: bool,
    /// What was compared, with the amounts; or why it could not be.
    pub detail: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What was compared agrees.
    Holds,
    /// It does not.
    Fails,
    /// The documents do not print what the check needs. It is a warning where its failure would be an error.
    NotMade,
}

/// A check as it is stored. Checks stored earlier have no outcome.
#[derive(Deserialize)]
struct Stored {
    rule: String,
    severity: Severity,
    year: Option<String>,
    outcome: Option<Outcome>,
    passed: bool,
    detail: String,
}

impl From<Stored> for Check {
    fn from(stored: Stored) -> Self {
        let Stored { rule, severity, year, outcome, passed, detail } = stored;
        let outcome = outcome.unwrap_or(if passed { Outcome::Holds } else { Outcome::Fails });
        Self { rule, severity, year, outcome, passed, detail }
    }
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
    let mut list = List { extractions, classification, figures, checks: Vec::new() };
    identity::run(&mut list);
    printed::run(extractions, &mut list);
    stock::run(&mut list);
    roll::run(&mut list);
    input::run(extractions, classification, &mut list);
    reading::run(extractions, classification, &mut list);
    forecast::run(&mut list);
    // A stable sort, so the years of a rule stay in order.
    list.checks.sort_by(|left, right| rule_order(&left.rule).cmp(&rule_order(&right.rule)));
    list.checks
}

/// The years, as indices, whose profit after or before tax differs from the printed one, with the difference.
pub(crate) fn profit_differences(
    extractions: &[Extraction],
    classification: &Classification,
    figures: &Figures,
) -> Vec<(usize, Decimal)> {
    printed::profit_differences(extractions, &List { extractions, classification, figures, checks: Vec::new() })
}

/// Whether a failed error makes the column of `year` unusable.
#[must_use]
pub fn is_unusable(checks: &[Check], year: &str) -> bool {
    checks.iter().any(|check| {
        check.outcome == Outcome::Fails
            && check.severity == Severity::Error
            && check.year.as_deref().is_none_or(|of| of == year)
    })
}

/// Whether a check of the column of `year` could not be made whose failure would make it unusable.
#[must_use]
pub fn is_unchecked(checks: &[Check], year: &str) -> bool {
    checks.iter().any(|check| {
        check.outcome == Outcome::NotMade && !check.passed && check.year.as_deref().is_none_or(|of| of == year)
    })
}

/// Rules by number first, then the check rows.
fn rule_order(rule: &str) -> (bool, &str) {
    (!rule.starts_with('V'), rule)
}

/// The figures that are checked, and the checks so far.
struct List<'a> {
    extractions: &'a [Extraction],
    classification: &'a Classification,
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

    /// How far the sum of a year's lines in the rows whose code begins with `prefix` may be from the true sum.
    fn rounding(&self, prefix: &str, year: usize) -> Decimal {
        self.figures.rounding(|row| row.as_str().starts_with(prefix), year)
    }

    /// The same for single rows.
    fn rounding_of(&self, rows: &[RowCode], year: usize) -> Decimal {
        self.figures.rounding(|row| rows.contains(&row), year)
    }

    fn push(&mut self, rule: &str, severity: Severity, year: Option<usize>, passed: bool, detail: impl Into<String>) {
        let outcome = if passed { Outcome::Holds } else { Outcome::Fails };
        self.add(rule, severity, year, outcome, detail.into());
    }

    /// Adds a check that could not be made, as a warning if its failure would be an error, because then something goes
    /// unchecked that should not.
    fn not_made(&mut self, rule: &str, severity: Severity, year: Option<usize>, reason: &str) {
        let severity = if severity == Severity::Error { Severity::Warning } else { severity };
        self.add(rule, severity, year, Outcome::NotMade, format!("could not be made: {reason}"));
    }

    fn add(&mut self, rule: &str, severity: Severity, year: Option<usize>, outcome: Outcome, detail: String) {
        let year = year.and_then(|year| self.figures.years.get(year).cloned());
        let passed = match outcome {
            Outcome::Holds => true,
            Outcome::Fails => false,
            Outcome::NotMade => severity == Severity::Note,
        };
        self.checks.push(Check { rule: rule.to_owned(), severity, year, outcome, passed, detail });
    }
}

/// An amount as the detail of a check prints it.
pub(crate) fn shown(amount: Decimal) -> String {
    format!("{:.2}", amount.round_dp(2))
}
