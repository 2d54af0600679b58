//! What the place of a line within the income statement rules out, whatever its label says.

use domain::statement::{LineRole, StatementKind};

use super::draft::Draft;
use crate::label::Lead;
use crate::rule::{Sides, sides_of};

/// How sure it is that a line between the profit of the year and the total comprehensive income is part of the latter.
const OCI_CONFIDENCE: f64 = 0.90;
/// How sure it is of the row when the label's own cannot stand there.
const MOVED_CONFIDENCE: f64 = 0.65;
/// From here on a label is a known caption of its row.
const KNOWN: f64 = 0.93;
/// Below this a label does not tell what is taken off.
const UNSURE: f64 = 0.75;

/// Settles lines of income statements that stand where their row cannot.
pub(super) fn resolve(drafts: &mut [Draft]) {
    let mut from = 0;
    while from < drafts.len() {
        let own = drafts[from].statement;
        let count = drafts[from..].iter().take_while(|draft| std::ptr::eq(draft.statement, own)).count();
        if own.kind == StatementKind::ProfitAndLoss {
            statement(&mut drafts[from..from + count]);
        }
        from += count;
    }
}

fn statement(drafts: &mut [Draft]) {
    other_comprehensive_income(drafts);
    let first_sum = drafts.iter().position(|draft| draft.line.role != LineRole::Item).unwrap_or(drafts.len());
    let first_expense = drafts.iter().position(is_expense).unwrap_or(drafts.len());
    let before_tax = drafts.iter().position(|draft| is_result(draft) && lower(draft).contains("before"));
    gross_up(drafts);
    for (place, draft) in drafts.iter_mut().enumerate().filter(|(_, draft)| draft.line.role == LineRole::Item) {
        let row = draft.decision.row_code.as_str();
        let result = matches!(row, "II.8" | "II.10" | "II.12" | "II.14" | "II.16");
        if row == "II.13" && before_tax.is_some_and(|profit| place < profit) {
            moved(draft, "II.6", "a tax that stands before the profit before tax is an expense");
        } else if result && place < first_sum && draft.decision.confidence < KNOWN {
            moved(draft, "II.1.i", "an amount that the income opens with");
        } else if draft.label.lead == Some(Lead::Less) && draft.decision.confidence < UNSURE && place < first_expense {
            moved(draft, "II.2", "taken off the sales");
        }
    }
}

/// Where sales are printed net and duty is added to them, both are part of the gross sales.
fn gross_up(drafts: &mut [Draft]) {
    let added = |draft: &Draft| draft.decision.row_code == "II.2" && draft.label.lead == Some(Lead::Add);
    let Some(at) = drafts.iter().position(added) else { return };
    moved(&mut drafts[at], "II.1.i", "added to the sales printed net");
    for draft in &mut drafts[..at] {
        if draft.line.role == LineRole::Item && matches!(draft.decision.row_code.as_str(), "II.1" | "II.3") {
            "II.1.i".clone_into(&mut draft.decision.row_code);
        }
    }
}

/// Leaves out what stands between the profit of the year and the total comprehensive income, and what stands under the
/// heading of the latter.
fn other_comprehensive_income(drafts: &mut [Draft]) {
    let total =
        drafts.iter().rposition(|draft| draft.line.role == LineRole::Total && lower(draft).contains("comprehensive"));
    let Some(total) = total else { return };
    let profit = drafts[..total].iter().rposition(|draft| is_result(draft) && !lower(draft).contains("comprehensive"));
    // Where the label of the profit of the year is lost, what follows the profit before tax is first of all tax.
    let profit = profit.filter(|place| !lower(&drafts[*place]).contains("before"));
    for (place, draft) in drafts[..total].iter_mut().enumerate() {
        let headed = draft.line.section.iter().any(|heading| heading.to_lowercase().contains("comprehensive"));
        let below = profit.is_some_and(|profit| place > profit);
        if (headed || below) && draft.line.role == LineRole::Item && !draft.is_ignored() {
            draft.ignore("part of other comprehensive income", OCI_CONFIDENCE);
        }
    }
}

/// Whether a sum is a profit on the way to the profit of the year, or that.
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
    let row = draft.decision.row_code.as_str();
    let taken_off = draft.label.lead == Some(Lead::Less) || row == "II.2";
    draft.line.role == LineRole::Item && row.starts_with("II.") && !taken_off && sides_of(row) == Sides::EXPENSE
}

fn moved(draft: &mut Draft, row_code: &str, reason: &str) {
    row_code.clone_into(&mut draft.decision.row_code);
    draft.decision.confidence = draft.decision.confidence.clamp(0.0, MOVED_CONFIDENCE);
    reason.clone_into(&mut draft.decision.reason);
}

fn lower(draft: &Draft) -> String {
    draft.line.label.to_lowercase()
}
