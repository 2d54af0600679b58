//! A line with the row chosen for it so far.

use domain::statement::{LineItem, LineRole, Statement, StatementKind};

use super::engine::{Classifier, RowChoice};
use super::within::Sums;
use crate::classification::ClassifiedLine;
use crate::label::Label;
use crate::policy::Policy;
use crate::row::RowCode;
use crate::rule::Context;

/// Bills purchased and discounted, which the form prints as an `of which` line.
const BILLS_DISCOUNTED: RowCode = row!("III.1.iii");

/// Non-operating expenses.
const NON_OPERATING_EXPENSES: RowCode = row!("II.11.ii");

/// Confidence that a line marked as a sum, memo or cash flow is to be left out.
const ROLE_CONFIDENCE: f64 = 0.98;
/// Confidence from which on a memo line of a balance sheet is the form's own memo row.
const MEMO_CONFIDENCE_MIN: f64 = 0.70;
/// Most that a row is worth that was chosen because the first choice would leave the line out.
const COUNTED_CONFIDENCE_MAX: f64 = 0.60;
const COUNTED: &str = "a printed sum contains it, so it counts";
/// Confidence that a line of a sheet that is not a recognised statement is to be left out.
const UNKNOWN_SHEET_CONFIDENCE: f64 = 0.75;
/// Factor on the confidence of a line of an unrecognised sheet, when the order has no recognised statement.
const UNKNOWN_SHEET_FACTOR: f64 = 0.9;

/// One line with the row chosen for it so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) document: usize,
    pub(super) statement: &'a Statement,
    pub(super) line: &'a LineItem,
    pub(super) label: Label,
    pub(super) context: Context,
    pub(super) choice: RowChoice,
    /// The row of the line that this one breaks up, when it is part of a note that is used.
    pub(super) parent: Option<RowCode>,
    /// Ids of the lines that it breaks up, likewise.
    pub(super) breaks_up: Vec<String>,
    /// Ids of the lines that refer to its note and to which the note does not add up.
    pub(super) differs_from: Vec<String>,
    /// Whether it is part of the schedule of fixed assets.
    pub(super) in_schedule: bool,
    /// Whether a printed sum of its balance sheet contains it, so that leaving it out would unbalance the sheet.
    pub(super) is_added: bool,
    pub(super) sign: i8,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        document: usize,
        statement: &'a Statement,
        line: &'a LineItem,
        has_faces: bool,
        sums: &Sums<'_>,
        (classifier, policy): (&Classifier, &Policy),
    ) -> Self {
        let mut path = path(statement, line);
        path.extend(sums.around(line, classifier));
        let (label, context) = (classifier.read(&line.label), classifier.context(&path));
        let choose = || classifier.choose_read(&line.label, label.clone(), context.clone(), policy);
        let mut choice = match reason_to_ignore(statement.kind, line.role, has_faces) {
            Some((reason, confidence)) => {
                memo_row(statement.kind, line, choose).unwrap_or_else(|| ignored(reason, confidence))
            }
            None => choose(),
        };
        let is_added = statement.kind == StatementKind::BalanceSheet && sums.contain(line);
        if choice.row == RowCode::IGNORE && line.role == LineRole::Item && is_added {
            choice = counted(choice, &classifier.choose("", &path, policy));
        }
        match statement.kind {
            StatementKind::Unknown if choice.row != RowCode::IGNORE => choice.confidence *= UNKNOWN_SHEET_FACTOR,
            StatementKind::Additional if !is_additional(choice.row) => {
                choice = ignored("other information, not part of the statements", ROLE_CONFIDENCE);
            }
            _ => {}
        }
        Self {
            document,
            statement,
            line,
            label,
            context,
            choice,
            parent: None,
            breaks_up: Vec::new(),
            differs_from: Vec::new(),
            in_schedule: false,
            is_added,
            sign: 1,
        }
    }

    /// Whether it is a line, rather than a sum, that a printed sum of its balance sheet contains.
    pub(super) fn must_count(&self) -> bool {
        self.line.role == LineRole::Item && self.is_added
    }

    /// Gives the line the next best row that takes amounts, or `row`.
    pub(super) fn count_in(&mut self, row: RowCode) {
        let mut next = self.choice.alternatives.iter().map(|other| other.row_code);
        self.choice.row = next.find(|row| row.takes_lines() && *row != RowCode::IGNORE).unwrap_or(row);
        self.choice.confidence = self.choice.confidence.min(COUNTED_CONFIDENCE_MAX);
        COUNTED.clone_into(&mut self.choice.reason);
    }

    /// Leaves the line out of every sum.
    pub(super) fn ignore(&mut self, reason: &str, confidence: f64) {
        let before = std::mem::replace(&mut self.choice, ignored(reason, confidence));
        self.choice.alternatives = before.alternatives;
    }

    /// Whether the line is left out of every sum.
    pub(super) fn is_ignored(&self) -> bool {
        self.choice.row == RowCode::IGNORE
    }

    pub(super) fn into_line(self) -> ClassifiedLine {
        let written_off = ["writtenoff", "amortisation", "amortised"].iter().any(|word| self.label.has_word(word));
        let non_cash = self.choice.row == NON_OPERATING_EXPENSES && written_off;
        ClassifiedLine {
            line: self.line.id.clone(),
            row_code: self.choice.row,
            sign: self.sign,
            confidence: self.choice.confidence,
            reason: self.choice.reason,
            alternatives: self.choice.alternatives,
            non_cash,
            breaks_up: self.breaks_up,
            differs_from: self.differs_from,
        }
    }
}

/// The printed headings above a line, beginning with the statement's own name.
pub(super) fn path<'a>(statement: &'a Statement, line: &'a LineItem) -> Vec<&'a str> {
    let kind = match statement.kind {
        StatementKind::BalanceSheet => Some("Balance sheet"),
        StatementKind::ProfitAndLoss => Some("Statement of profit and loss"),
        _ => None,
    };
    kind.into_iter().chain(line.section.iter().map(String::as_str)).collect()
}

pub(super) fn ignored(reason: &str, confidence: f64) -> RowChoice {
    RowChoice { row: RowCode::IGNORE, confidence, reason: reason.to_owned(), alternatives: Vec::new() }
}

/// The choice of the form's own memo row, which keeps its amount because the form leaves it out of its sums too.
fn memo_row(kind: StatementKind, line: &LineItem, choose: impl FnOnce() -> RowChoice) -> Option<RowChoice> {
    let memo = kind == StatementKind::BalanceSheet && line.role == LineRole::Memo;
    memo.then(choose).filter(|choice| choice.row == BILLS_DISCOUNTED && choice.confidence >= MEMO_CONFIDENCE_MIN)
}

/// The next best row for a line that must count; a reviewer sees it.
fn counted(choice: RowChoice, by_headings: &RowChoice) -> RowChoice {
    let next = choice.alternatives.iter().find(|other| other.row_code != RowCode::IGNORE);
    let (row, score) = next.map_or((by_headings.row, by_headings.confidence), |next| (next.row_code, next.score));
    RowChoice { row, confidence: score.min(COUNTED_CONFIDENCE_MAX), reason: COUNTED.to_owned(), ..choice }
}

/// Why a line with this role and statement is left out whatever its label, and the confidence in that.
fn reason_to_ignore(kind: StatementKind, role: LineRole, has_faces: bool) -> Option<(&'static str, f64)> {
    match (kind, role) {
        (StatementKind::CashFlow, _) => Some(("cash flow lines are not classified", ROLE_CONFIDENCE)),
        (_, LineRole::Total) => Some(("a total", ROLE_CONFIDENCE)),
        (_, LineRole::Memo) => Some(("repeats part of another line", ROLE_CONFIDENCE)),
        (StatementKind::Unknown, _) if has_faces => {
            Some(("the sheet is not a recognised statement", UNKNOWN_SHEET_CONFIDENCE))
        }
        _ => None,
    }
}

/// Whether a row's amounts are stated separately from the statements.
fn is_additional(row: RowCode) -> bool {
    // By its code, because two rows of the supporting form are not stated by the borrower: `X.months` and `X.noncash`.
    row.as_str().starts_with("S.") || row == row!("III.AI.A") || row == row!("III.AI.B")
}
