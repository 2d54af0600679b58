//! Selects what a reviewer must decide, and applies the decisions about lines.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::statement::{Extraction, Figure, LineItem, Statement, StatementKind};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::answer;
use crate::classification::{Alternative, Classification, ClassifiedLine};
use crate::figure::Aside;
use crate::question::{About, OpenQuestion};
use crate::row::{Form, RowCode, UnknownRow};
use crate::suspect::Suspected;

/// Longest reason of a reviewer in characters.
pub const REASON_CHARS_MAX: usize = 2_000;
/// Longest name of a reviewer in characters.
pub const NAME_CHARS_MAX: usize = 200;

/// Something that a reviewer decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReviewItem {
    /// A question about a statement or the whole order. It has no proposal: the order waits for the answer.
    Question(AskedQuestion),
    /// A line whose row is doubtful.
    Line(DoubtfulLine),
}

impl ReviewItem {
    /// The id that a decision names: that of the question or of the line.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Question(question) => &question.line,
            Self::Line(line) => &line.line,
        }
    }
}

/// A question, as the reviewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedQuestion {
    /// Id of the question, where a line has its own.
    pub line: String,
    /// The question.
    pub label: String,
    /// The answers that are accepted, in words.
    pub answers: String,
    /// What it is about.
    pub about: About,
    /// Number of the document it concerns; none for the whole order.
    pub document: Option<u32>,
    /// Sheet or page.
    pub sheet: Option<String>,
    /// Cell of the text that was not understood.
    pub cell: Option<String>,
    /// The text that was not understood.
    pub printed: Option<String>,
}

impl From<OpenQuestion> for AskedQuestion {
    fn from(open: OpenQuestion) -> Self {
        Self {
            line: open.id,
            label: open.text,
            answers: answer::accepted(open.about).to_owned(),
            about: open.about,
            document: open.document,
            sheet: open.sheet,
            cell: open.cell,
            printed: open.printed,
        }
    }
}

/// A line that a reviewer decides on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoubtfulLine {
    /// Id of the line.
    pub line: String,
    /// Label as printed.
    pub label: String,
    /// Headings above it, outermost first.
    pub section: Vec<String>,
    /// The amounts as printed, left to right; empty text where nothing is printed.
    pub amounts: Vec<String>,
    /// The proposed row.
    pub row_code: RowCode,
    /// How sure the proposal is, 0 to 1.
    pub confidence: f64,
    /// Why this row.
    pub reason: String,
    /// The next best rows.
    pub alternatives: Vec<Alternative>,
    /// File the line was read from.
    pub file: String,
    /// Sheet or page.
    pub sheet: String,
    /// Cell of the label.
    pub cell: String,
    /// Largest amount as a share of total assets or of sales, 0 to 1.
    pub materiality: f64,
    /// Which difference the line would explain, if it is a suspect. Such lines are asked about however sure their row is.
    #[serde(default)]
    pub suspicion: Option<String>,
}

impl DoubtfulLine {
    /// Its importance: doubt times materiality.
    #[must_use]
    pub fn rank(&self) -> f64 {
        (1.0 - self.confidence) * self.materiality
    }
}

/// What a reviewer decided about one line or answered to one question, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDecision {
    /// Id of the line or of the question.
    #[serde(alias = "item")]
    pub line: String,
    /// Code of the row that the line goes to, the proposed one to confirm it; for a question, the answer.
    #[serde(alias = "answer")]
    pub row_code: String,
    /// Why.
    pub reason: String,
    /// Who decided, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl ReviewDecision {
    /// Who decided, if given.
    pub(crate) fn reviewer(&self) -> Option<&str> {
        self.by.as_deref().map(str::trim).filter(|by| !by.is_empty())
    }

    /// Who decided, in words.
    fn decider(&self) -> String {
        self.reviewer().map_or_else(|| "the reviewer".to_owned(), |by| format!("the reviewer {by}"))
    }

    /// The reason, which a decision must give, beside a name of some length; `number` is the decision's, from 1.
    pub(crate) fn checked_reason(&self, number: usize) -> Result<&str, ReviewError> {
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(ReviewError::NoReason { number });
        }
        match self.reviewer() {
            Some(by) if by.chars().count() > NAME_CHARS_MAX => Err(ReviewError::LongName { number }),
            _ => Ok(reason),
        }
    }
}

/// Why a reviewer's decisions were not applied. If one cannot be applied, none is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// A decision has no reason.
    #[error("decision {number} gives no reason; say why in at most {REASON_CHARS_MAX} characters")]
    NoReason {
        /// Number of the decision, from 1.
        number: usize,
    },
    /// A decision names its reviewer at too great a length.
    #[error("decision {number} names who decided in more than {NAME_CHARS_MAX} characters; shorten the name")]
    LongName {
        /// Number of the decision, from 1.
        number: usize,
    },
    /// A decision names a row that takes no amounts.
    #[error("decision {number} names a row that takes no amounts; choose an input row of the form or X.ignore")]
    UnknownRow {
        /// Number of the decision, from 1.
        number: usize,
    },
    /// The answer to a question cannot be read.
    #[error("decision {number} does not answer its question; the answer must be {accepted}")]
    UnknownAnswer {
        /// Number of the decision, from 1.
        number: usize,
        /// The answers that are accepted.
        accepted: &'static str,
    },
    /// A decision names a line that was not classified.
    #[error("decision {number} names a line or question that this order does not have; reload the review")]
    UnknownLine {
        /// Number of the decision, from 1.
        number: usize,
    },
}

/// The lines to decide: the suspects, the most likely first; then the lines with an amount whose confidence is below the
/// threshold, the most important first. A line whose amounts were all set aside is not asked about: its row changes nothing.
#[must_use]
pub(crate) fn select(
    extractions: &[Extraction],
    classification: &Classification,
    auto_approve_above: f64,
    suspects: &[Suspected],
    aside: &Aside,
) -> Vec<DoubtfulLine> {
    let decided: BTreeMap<&str, &ClassifiedLine> =
        classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
    let places: BTreeMap<&str, usize> = suspects.iter().map(|suspect| suspect.line.as_str()).zip(0..).collect();
    let bases = Bases::of(extractions);
    let mut items: Vec<(usize, DoubtfulLine)> = Vec::new();
    for extraction in extractions {
        for (index, statement) in extraction.statements.iter().enumerate() {
            for line in &statement.lines {
                let Some(classified) = decided.get(line.id.as_str()) else { continue };
                let place = places.get(line.id.as_str()).copied();
                let is_unsure = classified.confidence < auto_approve_above
                    && largest(statement, line) > Decimal::ZERO
                    && !aside.holds(extraction.document, index, line);
                if place.is_none() && !is_unsure {
                    continue;
                }
                let mut item = item(extraction, statement, line, classified, &bases);
                item.suspicion = place.and_then(|place| suspects.get(place)).map(|suspect| suspect.detail.clone());
                items.push((place.unwrap_or(usize::MAX), item));
            }
        }
    }
    items.sort_by(|(place, one), (other_place, other)| {
        let by_rank = || other.rank().total_cmp(&one.rank()).then_with(|| one.line.cmp(&other.line));
        place.cmp(other_place).then_with(by_rank)
    });
    items.into_iter().map(|(_, item)| item).collect()
}

/// Applies a reviewer's decisions about lines, each with its number from 1. A decided line has confidence 1, and its reason says that a reviewer decided.
///
/// The sign of a line stays as it is. Extracted data does not change.
///
/// # Errors
/// When a decision has no reason, or names an unknown row or line; then no decision is applied.
pub fn apply<'a>(
    mut classification: Classification,
    decisions: impl IntoIterator<Item = (usize, &'a ReviewDecision)>,
) -> Result<Classification, ReviewError> {
    for (number, decision) in decisions {
        let reason = decision.checked_reason(number)?;
        let line = classification.lines.iter_mut().find(|line| line.line == decision.line);
        let line = line.ok_or(ReviewError::UnknownLine { number })?;
        let row = RowCode::parse(&decision.row_code).map_err(|UnknownRow| ReviewError::UnknownRow { number })?;
        if !row.takes_lines() {
            return Err(ReviewError::UnknownRow { number });
        }
        let before = std::mem::replace(&mut line.row_code, row);
        line.reason = if before == row {
            format!("confirmed by {}: {reason}", decision.decider())
        } else {
            format!("decided by {}, {before} was proposed: {reason}", decision.decider())
        };
        line.confidence = 1.0;
        line.non_cash = line.non_cash && row == row!("II.11.ii");
        line.alternatives.clear();
    }
    Ok(classification)
}

/// The amounts against which materiality is measured, in rupees, or as printed if there is no unit.
struct Bases {
    assets: Decimal,
    sales: Decimal,
}

impl Bases {
    fn of(extractions: &[Extraction]) -> Self {
        let largest_of = |kind: StatementKind| {
            let statements = extractions.iter().flat_map(|extraction| &extraction.statements);
            let lines = statements.filter(|statement| statement.kind == kind);
            lines.flat_map(|statement| statement.lines.iter().map(|line| largest(statement, line))).max()
        };
        let assets = largest_of(StatementKind::BalanceSheet).unwrap_or_default();
        let sales = largest_of(StatementKind::ProfitAndLoss).unwrap_or_default();
        Self { assets, sales }
    }

    fn share(&self, amount: Decimal, row: RowCode, kind: StatementKind) -> f64 {
        let form = row.form();
        let of_balance_sheet = form == Form::Three || (kind == StatementKind::BalanceSheet && form != Form::Two);
        let base = if of_balance_sheet { self.assets } else { self.sales };
        let share = amount.checked_div(base).and_then(|share| share.to_f64());
        share.unwrap_or(1.0).clamp(0.0, 1.0)
    }
}

/// The largest amount of a line, without its sign.
fn largest(statement: &Statement, line: &LineItem) -> Decimal {
    let unit = statement.unit.rupees().unwrap_or(Decimal::ONE);
    let magnitude = |figure: &Figure| figure.amount.abs().checked_mul(unit).unwrap_or(Decimal::MAX);
    line.figures.iter().flatten().map(magnitude).max().unwrap_or_default()
}

fn item(
    extraction: &Extraction,
    statement: &Statement,
    line: &LineItem,
    classified: &ClassifiedLine,
    bases: &Bases,
) -> DoubtfulLine {
    let text = |figure: &Option<Figure>| figure.as_ref().map(|figure| figure.text.clone()).unwrap_or_default();
    DoubtfulLine {
        line: line.id.clone(),
        label: line.label.clone(),
        section: line.section.clone(),
        amounts: line.figures.iter().map(text).collect(),
        row_code: classified.row_code,
        confidence: classified.confidence,
        reason: classified.reason.clone(),
        // A row that is calculated cannot be chosen, however likely the label makes it.
        alternatives: classified.alternatives.iter().filter(|other| other.row_code.takes_lines()).cloned().collect(),
        file: extraction.file.name.clone(),
        sheet: statement.sheet.clone(),
        cell: line.cell.clone(),
        materiality: bases.share(largest(statement, line), classified.row_code, statement.kind),
        suspicion: None,
    }
}
