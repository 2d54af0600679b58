//! Corrects rows that cannot be right for a line's position in the income statement, whatever its label says.

use domain::statement::{LineRole, StatementKind};

use super::draft::Draft;
use crate::label::Lead;
use crate::row::{Form, RowCode};
use crate::rule::{Sides, sides_of};

/// Confidence that a line between the profit of the year and total comprehensive income is part of the latter.
const OCI_CONFIDENCE: f64 = 0.90;
/// Highest confidence in a row that was chosen by position.
const MOVED_CONFIDENCE: f64 = 0.65;
/// Confidence from which on the label counts as a known caption of its row.
const KNOWN: f64 = 0.93;
/// Confidence below which the label of a `Less:` line does not show what is deducted.
const UNSURE: f64 = 0.75;

const SALES: RowCode = row!("II.1.i");
const EXCISE_DUTY: RowCode = row!("II.2");
const OTHER_EXPENSES: RowCode = row!("II.6");
const TAX: RowCode = row!("II.13");
const RESULTS: [RowCode; 5] = rows!["II.8", "II.10", "II.12", "II.14", "II.16"];

/// Corrects the rows of lines of income statements by their position.
pub(super) fn resolve(drafts: &mut [Draft]) {
    let mut from = 0;
    while from < drafts.len() {
        let own = drafts[from].statement;
        let count = drafts[from..].iter().take_while(|draft| std::ptr::eq(draft.statement, own)).count();
        if own.kind == StatementKind::ProfitAndLoss {
            resolve_statement(&mut drafts[from..from + count]);
        }
        from += count;
    }
}

fn resolve_statement(drafts: &mut [Draft]) {
    ignore_other_comprehensive_income(drafts);
    let first_sum = drafts.iter().position(|draft| draft.line.role != LineRole::Item).unwrap_or(drafts.len());
    let first_expense = drafts.iter().position(is_expense).unwrap_or(drafts.len());
    let before_tax = drafts.iter().position(|draft| is_result(draft) && lower(draft).contains("before"));
    add_duty_to_sales(drafts);
    for (index, draft) in drafts.iter_mut().enumerate().filter(|(_, draft)| draft.line.role == LineRole::Item) {
        let row = draft.choice.row;
        if row == TAX && before_tax.is_some_and(|profit| index < profit) {
            move_to(draft, OTHER_EXPENSES, "a tax above the profit before tax is an expense");
        } else if RESULTS.contains(&row) && index < first_sum && draft.choice.confidence < KNOWN {
            move_to(draft, SALES, "among the first amounts of the income");
        } else if draft.label.lead == Some(Lead::Less) && draft.choice.confidence < UNSURE && index < first_expense {
            move_to(draft, EXCISE_DUTY, "deducted from the sales");
        }
    }
}

/// Where sales are printed net and duty is added to them, both are gross sales.
fn add_duty_to_sales(drafts: &mut [Draft]) {
    let added = |draft: &Draft| draft.choice.row == EXCISE_DUTY && draft.label.lead == Some(Lead::Add);
    let Some(at) = drafts.iter().position(added) else { return };
    move_to(&mut drafts[at], SALES, "added to sales that are printed net");
    for draft in &mut drafts[..at] {
        if draft.line.role == LineRole::Item && rows!["II.1", "II.3"].contains(&draft.choice.row) {
            draft.choice.row = SALES;
        }
    }
}

/// Leaves out the lines between the profit of the year and total comprehensive income, and those under the heading of the
/// latter.
fn ignore_other_comprehensive_income(drafts: &mut [Draft]) {
    let total =
        drafts.iter().rposition(|draft| draft.line.role == LineRole::Total && lower(draft).contains("comprehensive"));
    let Some(total) = total else { return };
    let profit = drafts[..total].iter().rposition(|draft| is_result(draft) && !lower(draft).contains("comprehensive"));
    // If the label of the profit of the year was lost, the lines after the profit before tax begin with the tax.
    let profit = profit.filter(|index| !lower(&drafts[*index]).contains("before"));
    for (index, draft) in drafts[..total].iter_mut().enumerate() {
        let headed = draft.line.section.iter().any(|heading| heading.to_lowercase().contains("comprehensive"));
        let below = profit.is_some_and(|profit| index > profit);
        if (headed || below) && draft.line.role == LineRole::Item && !draft.is_ignored() {
            draft.ignore("part of other comprehensive income", OCI_CONFIDENCE);
        }
    }
}

/// Whether a line is the profit of the year or one on the way to it: before tax, from continuing operations, …
pub(super) fn is_result(draft: &Draft) -> bool {
    let text = lower(draft);
    let named =
        ["before", "after", "for the period", "for the year", "net profit", "net loss", "net income", "continuing"];
    let is_profit = ["profit", "loss", "income before", "net income"].iter().any(|word| text.contains(word));
    let of_discontinued = text.contains("discontinued") && !text.replace("discontinued", "").contains("continuing");
    let is_sum = matches!(draft.line.role, LineRole::Subtotal | LineRole::Total);
    is_sum && is_profit && !of_discontinued && named.iter().any(|name| text.contains(name))
}

fn is_expense(draft: &Draft) -> bool {
    let row = draft.choice.row;
    let deducted = draft.label.lead == Some(Lead::Less) || row == EXCISE_DUTY;
    draft.line.role == LineRole::Item && row.form() == Form::Two && !deducted && sides_of(row) == Sides::EXPENSE
}

fn move_to(draft: &mut Draft, row: RowCode, reason: &str) {
    draft.choice.row = row;
    draft.choice.confidence = draft.choice.confidence.clamp(0.0, MOVED_CONFIDENCE);
    reason.clone_into(&mut draft.choice.reason);
}

fn lower(draft: &Draft) -> String {
    draft.line.label.to_lowercase()
}
