//! One borrower's case, as the phases pass it on: first the statements and the rows of their lines, then figures and
//! checks, then the documents.

use domain::failure::Vetted;
use domain::id::OrderId;
use domain::statement::{Extraction, Unit};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::check::{self, Check};
use crate::classification::Classification;
use crate::classify;
use crate::figure::{self, FigureError, Figures};
use crate::policy::Policy;
use crate::question::{self, Gap, OpenQuestion};
use crate::review::{self, ReviewDecision, ReviewError, ReviewItem};
use crate::row::RowCode;
use crate::unused::{self, UnusedEntry};
use crate::workbook::{self, WorkbookError, WorkbookInput};

/// File name of the workbook.
pub const WORKBOOK: &str = "CMA.xlsx";
/// File name of the figures and checks as JSON.
pub const FIGURES: &str = "figures.json";

/// The classify phase's result, which later phases work on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The statements read from each document.
    pub extractions: Vec<Extraction>,
    /// The row of each line.
    pub classification: Classification,
}

/// The validate phase's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validated {
    /// Every row's figures.
    pub figures: Figures,
    /// The result of every check.
    pub checks: Vec<Check>,
    /// Everything that was seen in the documents and is in no figure.
    #[serde(default)]
    pub unused: Vec<UnusedEntry>,
}

/// A final document.
pub struct Document {
    /// File name.
    pub name: &'static str,
    /// MIME type.
    pub content_type: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Why a case cannot continue. The text contains none of the borrower's data.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A reviewer's decision cannot be applied.
    #[error("{0}")]
    Review(#[from] ReviewError),
    /// No figures can be calculated from the lines.
    #[error("{0}")]
    Figures(#[from] FigureError),
    /// The workbook could not be written.
    #[error("{0}; retry the order, and if it fails again report it")]
    Workbook(#[from] WorkbookError),
    /// The figures could not be written.
    #[error("the figures cannot be written; retry the order, and if it fails again report it")]
    Json(#[from] serde_json::Error),
}

impl Vetted for CaseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Review(_) => "review.decisions",
            Self::Figures(_) => "figures.none",
            Self::Workbook(_) => "generate.workbook",
            Self::Json(_) => "generate.figures",
        }
    }
}

impl Case {
    /// Classifies every line of the statements.
    #[must_use]
    pub fn classify(extractions: Vec<Extraction>, policy: &Policy) -> Self {
        let classification = classify::classify(&extractions, policy);
        Self { extractions, classification }
    }

    /// The lines that a reviewer must decide, most important first.
    #[must_use]
    pub fn review_items(&self, auto_approve_above: f64) -> Vec<ReviewItem> {
        review::select(&self.extractions, &self.classification, auto_approve_above)
    }

    /// Applies a reviewer's decisions.
    ///
    /// # Errors
    /// [`CaseError::Review`] when one cannot be applied. Then none is.
    pub fn decide(&mut self, decisions: &[ReviewDecision]) -> Result<(), CaseError> {
        self.classification = review::apply(self.classification.clone(), decisions)?;
        Ok(())
    }

    /// What the order lacks, and what in it cannot belong together.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        question::gaps(&self.extractions, &self.classification)
    }

    /// Everything that must be answered before the figures can be trusted.
    #[must_use]
    pub fn open_questions(&self) -> Vec<OpenQuestion> {
        question::open(&self.extractions, &self.classification)
    }

    /// Calculates every row, and checks the figures.
    ///
    /// # Errors
    /// [`CaseError::Figures`] when no figures can be calculated from the lines.
    pub fn validate(&self) -> Result<Validated, CaseError> {
        let figures = figure::assemble(&self.extractions, &self.classification)?;
        let checks = check::run(&self.extractions, &self.classification, &figures);
        let unused = unused::list(&self.extractions, &self.classification, &figures);
        Ok(Validated { figures, checks, unused })
    }

    /// Writes the final documents. The same case gives the same bytes.
    ///
    /// # Errors
    /// [`CaseError`] when one could not be written.
    pub fn documents(&self, validated: &Validated, order: OrderId, at: Timestamp) -> Result<Vec<Document>, CaseError> {
        let borrower = self.extractions.iter().find_map(|extraction| extraction.entity.as_deref());
        let workbook = workbook::write(&WorkbookInput {
            figures: &validated.figures,
            checks: &validated.checks,
            unused: &validated.unused,
            classification: &self.classification,
            extractions: &self.extractions,
            borrower: borrower.unwrap_or("Borrower"),
            order_id: &order.to_string(),
            generated_at: at,
            overlay: None,
        })?;
        let json = serde_json::to_vec(&Published::of(validated))?;
        Ok(vec![
            Document {
                name: WORKBOOK,
                content_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                bytes: workbook,
            },
            Document { name: FIGURES, content_type: "application/json", bytes: json },
        ])
    }
}

/// The figures and checks of a finished CMA, as programs read them.
#[derive(Serialize)]
struct Published<'a> {
    figures: PublishedFigures<'a>,
    checks: &'a [Check],
    unused: &'a [UnusedEntry],
}

#[derive(Serialize)]
struct PublishedFigures<'a> {
    years: &'a [String],
    kinds: &'a [domain::statement::ColumnKind],
    months: &'a [u8],
    unit: Unit,
    rows: BTreeMap<RowCode, Vec<Option<Decimal>>>,
}

impl<'a> Published<'a> {
    fn of(validated: &'a Validated) -> Self {
        let figures = &validated.figures;
        let plain = |values: &Vec<Option<Decimal>>| values.iter().map(|value| value.map(|v| v.normalize())).collect();
        Self {
            figures: PublishedFigures {
                years: &figures.years,
                kinds: &figures.kinds,
                months: &figures.months,
                unit: figures.unit,
                rows: figures.rows.iter().map(|(row, values)| (*row, plain(values))).collect(),
            },
            checks: &validated.checks,
            unused: &validated.unused,
        }
    }
}
