//! Which way an amount enters its row.
//!
//! Rows are positive magnitudes as the form prints them: a closing stock, a deduction from sales, accumulated
//! depreciation and a tax charge are positive; a deficit, a tax credit and an allowance against debtors are negative.

use domain::statement::{Figure, Side, StatementKind};
use rust_decimal::Decimal;

use super::draft::Draft;
use crate::label::Lead;
use crate::rule::{Sides, is_deducted, normal_side, sides_of};

/// The amount with which a figure enters its row.
///
/// A printed side decides alone: the row's own side is positive, the other one negative, and `sign` is not looked at,
/// since a side is exact where a sign is judged. Without a side the amount is taken as printed (`sign` 1) or negated
/// (`sign` -1).
#[must_use]
pub fn signed_amount(figure: &Figure, row_code: &str, sign: i8) -> Decimal {
    match (figure.side, normal_side(row_code)) {
        (Some(printed), Some(normal)) if same(printed, normal) => figure.amount,
        (Some(_), Some(_)) => -figure.amount,
        _ if sign < 0 => -figure.amount,
        _ => figure.amount,
    }
}

fn same(one: Side, other: Side) -> bool {
    matches!((one, other), (Side::Dr, Side::Dr) | (Side::Cr, Side::Cr))
}

/// Sets the sign of every line.
pub(super) fn resolve(drafts: &mut [Draft]) {
    let negated: Vec<bool> = drafts.iter().map(|draft| prints_expenses_negative(drafts, draft)).collect();
    for (draft, negated) in drafts.iter_mut().zip(negated) {
        if !draft.is_ignored() {
            draft.sign = sign_of(draft, negated);
        }
    }
}

fn sign_of(draft: &Draft, negated: bool) -> i8 {
    let row = draft.decision.row_code.as_str();
    if let Some(sign) = worded(draft, row) {
        return sign;
    }
    let negative = if all_negative(draft) { Some(true) } else { all_positive(draft).then_some(false) };
    let expense = sides_of(row).within(Sides::EXPENSE.or(Sides::INCOME)) && normal_side(row) == Some(Side::Dr);
    match negative {
        Some(true) if is_deducted(row) => -1,
        Some(true) if expense && negated => -1,
        Some(true) if row == "II.11.ii" && draft.label.says("loss") => -1,
        Some(false) if lowers(draft, row, expense) => -1,
        _ => 1,
    }
}

/// What a label says about both directions, whatever the figures are: `(gain)/loss`, `increase/(decrease)`.
fn worded(draft: &Draft, row: &str) -> Option<i8> {
    let text = draft.line.label.to_lowercase();
    let first = |words: [&str; 2]| words.iter().filter_map(|word| text.find(word)).min();
    match row {
        "S.INV.change" => {
            if draft.context.is_within(Sides::INCOME) {
                return Some(-1);
            }
            let (up, down) = (first(["increase", "accretion"])?, first(["decrease", "decretion"])?);
            let up_is_negative = text[..up].ends_with('(') || down < up;
            Some(if up_is_negative { 1 } else { -1 })
        }
        "II.11.i" | "II.11.ii" | "II.9.c" | "II.6" => {
            let (good, bad) = (first(["gain", "profit"])?, first(["loss", "losses"])?);
            let good_is_negative = text[..good].ends_with('(') || (bad < good && !text[..bad].ends_with('('));
            let income = row == "II.11.i";
            Some(if good_is_negative == income { -1 } else { 1 })
        }
        _ => None,
    }
}

/// Whether a line that is printed as a positive amount lowers its row.
fn lowers(draft: &Draft, row: &str, expense: bool) -> bool {
    let says = |word: &str| draft.label.says(word);
    let text = draft.line.label.to_lowercase();
    let less = draft.label.lead == Some(Lead::Less) && !is_deducted(row);
    let within_note = draft.statement.kind == StatementKind::Note;
    match row {
        "II.13" => (says("credit") && !says("charge") && !says("expense")) || says("matcredit") || says("excess"),
        "III.23" => {
            let deficit = text.contains("accumulated loss")
                || text.contains("debit balance")
                || (text.contains("deficit") && !text.contains("surplus") && !text.contains("retained"));
            deficit || less || draft.context.is_within(Sides::ASSET)
        }
        "III.28.i" | "III.28.ii" | "III.38.iv" if says("doubtfuldebt") && (says("provision") || says("allowance")) => {
            true
        }
        "III.19" if says("drawing") || says("arrear") => true,
        "III.22" if says("treasurystock") => true,
        "S.RM.purch" | "II.5.i.t" | "II.5.i.a" | "II.5.i.b" if says("return") => true,
        _ if expense => less && within_note,
        _ => less,
    }
}

fn amounts<'a>(draft: &'a Draft) -> impl Iterator<Item = Decimal> + 'a {
    draft
        .line
        .figures
        .iter()
        .flatten()
        .filter(|figure| figure.side.is_none() && !figure.amount.is_zero())
        .map(|figure| figure.amount)
}

fn all_negative(draft: &Draft) -> bool {
    amounts(draft).next().is_some() && amounts(draft).all(|amount| amount.is_sign_negative())
}

fn all_positive(draft: &Draft) -> bool {
    amounts(draft).next().is_some() && amounts(draft).all(|amount| amount.is_sign_positive())
}

/// Whether the statement of a line prints its expenses in brackets: most expense lines are negative.
fn prints_expenses_negative(drafts: &[Draft], own: &Draft) -> bool {
    if own.statement.kind != StatementKind::ProfitAndLoss || !all_negative(own) {
        return false;
    }
    let expenses = drafts.iter().filter(|draft| {
        std::ptr::eq(draft.statement, own.statement)
            && sides_of(&draft.decision.row_code) == Sides::EXPENSE
            && amounts(draft).next().is_some()
    });
    let (negative, all) =
        expenses.fold((0, 0), |(negative, all), draft| (negative + usize::from(all_negative(draft)), all + 1));
    negative * 2 > all
}
