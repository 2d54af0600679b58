//! A line while it is being decided on.

use domain::statement::{LineItem, LineRole, Statement, StatementKind};

use super::engine::{Classifier, Decision};
use crate::classification::ClassifiedLine;
use crate::label::Label;
use crate::policy::Policy;
use crate::rule::Context;

/// The code of lines that enter no row.
pub(super) const IGNORE: &str = "X.ignore";

/// Bills purchased and discounted, printed as `of which`.
const MEMO_ROW: &str = "III.1.iii";

/// How sure it is that a line marked as a sum, a memo or cash flow is none to count.
const ROLE_CONFIDENCE: f64 = 0.98;
/// The same for lines of sheets that are no known statement.
const UNKNOWN_SHEET_CONFIDENCE: f64 = 0.75;
/// What a line of a sheet that is no known statement keeps of its confidence where there is no better sheet.
const UNKNOWN_SHEET_FACTOR: f64 = 0.9;

/// One line with what is decided so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) document: usize,
    pub(super) statement: &'a Statement,
    pub(super) line: &'a LineItem,
    pub(super) label: Label,
    pub(super) context: Context,
    pub(super) decision: Decision,
    /// The row that the line breaks up, when it is part of a note that is used.
    pub(super) parent: Option<String>,
    pub(super) sign: i8,
}

impl<'a> Draft<'a> {
    pub(super) fn of(
        document: usize,
        statement: &'a Statement,
        line: &'a LineItem,
        has_faces: bool,
        classifier: &Classifier,
        policy: &Policy,
    ) -> Self {
        let path = path(statement, line);
        let mut decision = match ignored_by_place(statement.kind, line.role, has_faces) {
            Some((reason, confidence)) => {
                memo_row(statement.kind, line, &path, classifier, policy).unwrap_or(ignored(reason, confidence))
            }
            None => classifier.decide(&line.label, &path, policy),
        };
        match statement.kind {
            StatementKind::Unknown if decision.row_code != IGNORE => decision.confidence *= UNKNOWN_SHEET_FACTOR,
            StatementKind::Additional if !is_additional(&decision.row_code) => {
                decision = ignored("other information, not part of the statements", ROLE_CONFIDENCE);
            }
            _ => {}
        }
        Self {
            document,
            statement,
            line,
            label: classifier.read(&line.label),
            context: classifier.context(&path),
            decision,
            parent: None,
            sign: 1,
        }
    }

    /// Leaves the line out of every sum.
    pub(super) fn ignore(&mut self, reason: &str, confidence: f64) {
        let before = std::mem::replace(&mut self.decision, ignored(reason, confidence));
        self.decision.alternatives = before.alternatives;
    }

    /// Whether the line enters no row.
    pub(super) fn is_ignored(&self) -> bool {
        self.decision.row_code == IGNORE
    }

    pub(super) fn into_line(self) -> ClassifiedLine {
        let written_off =
            self.label.says("writtenoff") || self.label.says("amortisation") || self.label.says("amortised");
        let non_cash = self.decision.row_code == "II.11.ii" && written_off;
        ClassifiedLine {
            line: self.line.id.clone(),
            row_code: self.decision.row_code,
            sign: self.sign,
            confidence: self.decision.confidence,
            reason: self.decision.reason,
            alternatives: self.decision.alternatives,
            non_cash,
        }
    }
}

/// The headings above a line, the statement's own first.
pub(super) fn path<'a>(statement: &'a Statement, line: &'a LineItem) -> Vec<&'a str> {
    let kind = match statement.kind {
        StatementKind::BalanceSheet => Some("Balance sheet"),
        StatementKind::ProfitAndLoss => Some("Statement of profit and loss"),
        _ => None,
    };
    kind.into_iter().chain(line.section.iter().map(String::as_str)).collect()
}

pub(super) fn ignored(reason: &str, confidence: f64) -> Decision {
    Decision { row_code: IGNORE.to_owned(), confidence, reason: reason.to_owned(), alternatives: Vec::new() }
}

/// The form's own memo row keeps its amount: it is in no sum of the form either.
fn memo_row(
    kind: StatementKind,
    line: &LineItem,
    path: &[&str],
    classifier: &Classifier,
    policy: &Policy,
) -> Option<Decision> {
    let memo = kind == StatementKind::BalanceSheet && line.role == LineRole::Memo;
    memo.then(|| classifier.decide(&line.label, path, policy)).filter(|decision| decision.row_code == MEMO_ROW)
}

fn ignored_by_place(kind: StatementKind, role: LineRole, has_faces: bool) -> Option<(&'static str, f64)> {
    match (kind, role) {
        (StatementKind::CashFlow, _) => Some(("cash flow is read and not classified", ROLE_CONFIDENCE)),
        (_, LineRole::Total) => Some(("a total", ROLE_CONFIDENCE)),
        (_, LineRole::Memo) => Some(("repeats part of another line", ROLE_CONFIDENCE)),
        (StatementKind::Unknown, _) if has_faces => Some(("the sheet is no known statement", UNKNOWN_SHEET_CONFIDENCE)),
        _ => None,
    }
}

fn is_additional(row_code: &str) -> bool {
    row_code.starts_with("S.") || row_code.starts_with("III.AI")
}
