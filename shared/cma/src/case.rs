//! One borrower's case, as the phases pass it on: first the statements and the rows of their lines, then figures and
//! checks, then the documents.

use domain::failure::Vetted;
use domain::id::OrderId;
use domain::statement::{Extraction, Unit};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::answer::{self, Answered};
use crate::check::{self, Check, Severity};
use crate::classification::Classification;
use crate::classify;
use crate::figure::{self, FigureError, Figures};
use crate::policy::Policy;
use crate::question::{self, About, Gap, OpenQuestion};
use crate::review::{self, ReviewDecision, ReviewError, ReviewItem};
use crate::row::RowCode;
use crate::suspect;
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
    /// The reviewer's answers to questions, once they are applied.
    #[serde(default)]
    pub answers: Vec<Answered>,
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
    /// A question about the statements has no answer.
    #[error("{}", unanswered(*.0))]
    Unanswered(About),
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

/// What was not understood, and what to do about it.
fn unanswered(about: About) -> &'static str {
    match about {
        About::Unit => {
            "a statement prints a unit that was not understood; print its amounts in rupees, hundreds, thousands, lakhs, \
             millions or crores, or answer the question in a review"
        }
        About::Currency => {
            "a statement is not in rupees; upload it in rupees, or answer the question in a review if it is"
        }
        About::Period => {
            "the heading of a column gives no year end that was understood; put the date, e.g. 31.03.2024, into each \
             column's heading, or answer the question in a review"
        }
        About::Months => {
            "the heading of a column does not show how many months it covers; write e.g. `6 months ended 30.09.2024`, or \
             answer the question in a review"
        }
        About::Kind => {
            "the heading of a column does not show whether it is audited, provisional, estimated or projected; write one \
             of these words, or answer the question in a review"
        }
        About::BalanceSheet => {
            "no document has a balance sheet that was understood; upload one, or order with a review"
        }
        About::ProfitAndLoss => {
            "no document has a profit and loss statement that was understood; upload one, or order with a review"
        }
        About::Borrower => {
            "the documents name more than one borrower or company; order again with one borrower's documents, or with a \
             review if the names are one borrower's"
        }
    }
}

impl Vetted for CaseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Review(_) => "review.decisions",
            Self::Unanswered(About::Unit) => "statements.unit",
            Self::Unanswered(About::Currency) => "statements.currency",
            Self::Unanswered(About::Period) => "statements.period",
            Self::Unanswered(About::Months) => "statements.months",
            Self::Unanswered(About::Kind) => "statements.kind",
            Self::Unanswered(About::BalanceSheet) => "statements.no_balance_sheet",
            Self::Unanswered(About::ProfitAndLoss) => "statements.no_profit_and_loss",
            Self::Unanswered(About::Borrower) => "statements.borrower",
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
        Self { extractions, classification, answers: Vec::new() }
    }

    /// What a reviewer must decide: the open questions, then the lines that would explain a difference, then the doubtful
    /// lines, most important first.
    #[must_use]
    pub fn review_items(&self, auto_approve_above: f64) -> Vec<ReviewItem> {
        let questions = self.open_questions().into_iter().map(|question| ReviewItem::Question(question.into()));
        let (extractions, classification) = (&self.extractions, &self.classification);
        let suspects = suspect::lines(extractions, classification);
        let aside = figure::reach(extractions, classification).aside;
        let lines = review::select(extractions, classification, auto_approve_above, &suspects, &aside);
        questions.chain(lines.into_iter().map(ReviewItem::Line)).collect()
    }

    /// Applies a reviewer's decisions.
    ///
    /// # Errors
    /// [`CaseError::Review`] when one cannot be applied. Then none is.
    pub fn decide(&mut self, decisions: &[ReviewDecision]) -> Result<(), CaseError> {
        let open = self.open_questions();
        let asked = |decision: &ReviewDecision| open.iter().find(|question| question.id == decision.line);
        let (answers, of_lines): (Vec<_>, Vec<_>) =
            (1..).zip(decisions).partition(|(_, decision)| asked(decision).is_some());
        let classification = review::apply(self.classification.clone(), of_lines)?;
        let mut extractions = self.extractions.clone();
        let mut answered = self.answers.clone();
        for (number, decision) in answers {
            let Some(question) = asked(decision) else { continue };
            let reason = decision.checked_reason(number)?.to_owned();
            let accepted = answer::accepted(question.about);
            let meaning = answer::read(question.about, &decision.row_code)
                .ok_or(ReviewError::UnknownAnswer { number, accepted })?;
            answer::apply(&mut extractions, question, meaning);
            let (question, text) = (question.id.clone(), question.text.clone());
            let by = decision.reviewer().map(str::to_owned);
            answered.push(Answered { question, text, answer: decision.row_code.trim().to_owned(), reason, by });
        }
        (self.extractions, self.classification, self.answers) = (extractions, classification, answered);
        Ok(())
    }

    /// Ids of the lines that would explain why a balance sheet does not balance, or why a profit differs from the printed one,
    /// the most likely first.
    #[must_use]
    pub fn suspects(&self) -> Vec<String> {
        let suspects = suspect::lines(&self.extractions, &self.classification);
        suspects.into_iter().map(|suspected| suspected.line).collect()
    }

    /// What the order lacks, and what in it cannot belong together.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        question::gaps(&self.extractions, &self.classification)
    }

    /// Everything that must be answered before the figures can be trusted.
    #[must_use]
    pub fn open_questions(&self) -> Vec<OpenQuestion> {
        let mut open = question::open(&self.extractions, &self.classification);
        open.retain(|question| self.answers.iter().all(|answered| answered.question != question.id));
        open
    }

    /// Calculates every row, and checks the figures.
    ///
    /// # Errors
    /// [`CaseError::Figures`] when no figures can be calculated from the lines, and [`CaseError::Unanswered`] when a
    /// question is still open.
    pub fn validate(&self) -> Result<Validated, CaseError> {
        if let Some(question) = self.open_questions().first() {
            return Err(CaseError::Unanswered(question.about));
        }
        let figures = figure::assemble(&self.extractions, &self.classification)?;
        let mut checks = check::run(&self.extractions, &self.classification, &figures);
        self.acknowledge_borrower(&mut checks);
        let unused = unused::list(&self.extractions, &self.classification, &figures);
        Ok(Validated { figures, checks, unused })
    }

    /// Makes the check of the borrower a warning, if a reviewer answered that all names are one borrower's.
    fn acknowledge_borrower(&self, checks: &mut [Check]) {
        let id = question::id_of(About::Borrower);
        let Some(answered) = self.answers.iter().find(|answered| answered.question == id) else { return };
        for check in checks.iter_mut().filter(|check| check.rule == check::BORROWER && !check.passed) {
            check.severity = Severity::Warning;
            check.detail = format!("{}; a reviewer answered that they are one: {}", check.detail, answered.reason);
        }
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
            answers: &self.answers,
            classification: &self.classification,
            extractions: &self.extractions,
            borrower: borrower.unwrap_or("Borrower"),
            order_id: &order.to_string(),
            generated_at: at,
            overlay: None,
        })?;
        let json = serde_json::to_vec(&Published::of(validated, &self.answers))?;
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
    answers: &'a [Answered],
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
    fn of(validated: &'a Validated, answers: &'a [Answered]) -> Self {
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
            answers,
        }
    }
}
