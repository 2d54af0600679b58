//! Decides whether an amount enters its row as printed or negated.
//!
//! Rows hold positive amounts, as the form prints them: a closing stock, a deduction from sales, accumulated depreciation
//! and a tax charge are positive; a deficit, a tax credit and an allowance for debtors are negative.

use domain::statement::{Figure, Side, StatementKind};
use rust_decimal::Decimal;

use super::draft::Draft;
use super::profit_account;
use crate::label::Lead;
use crate::row::RowCode;
use crate::rule::{Sides, is_deducted, normal_side, sides_of};

const SELLING_AND_GENERAL: RowCode = row!("II.6");
const FINANCE_COSTS: RowCode = row!("II.9.c");
const OTHER_INCOME: RowCode = row!("II.11.i");
const OTHER_EXPENSES: RowCode = row!("II.11.ii");
const TAX: RowCode = row!("II.13");
const CAPITAL: RowCode = row!("III.19");
const OTHER_RESERVES: RowCode = row!("III.22");
const SURPLUS: RowCode = row!("III.23");
const INVENTORY_CHANGE: RowCode = row!("S.INV.change");
const RECEIVABLES: [RowCode; 3] = rows!["III.28.i", "III.28.ii", "III.38.iv"];
const PURCHASES: [RowCode; 4] = rows!["S.RM.purch", "II.5.i.t", "II.5.i.a", "II.5.i.b"];

/// The amount of a printed figure as it enters `row`.
///
/// A printed `Dr` or `Cr` takes precedence: the row's normal side is positive, the other side negative, and the inferred
/// `sign` is not used. Without one, the amount is used as printed (`sign` 1) or negated (`sign` -1).
#[must_use]
pub fn signed_amount(figure: &Figure, row: RowCode, sign: i8) -> Decimal {
    match (figure.side, normal_side(row)) {
        (Some(printed), Some(normal)) if printed == normal => figure.amount,
        (Some(_), Some(_)) => -figure.amount,
        _ if sign < 0 => -figure.amount,
        _ => figure.amount,
    }
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
    let row = draft.choice.row;
    if let Some(sign) = sign_from_wording(draft, row) {
        return sign;
    }
    let negative = if all_negative(draft) { Some(true) } else { all_positive(draft).then_some(false) };
    let expense = sides_of(row).within(Sides::EXPENSE.or(Sides::INCOME)) && normal_side(row) == Some(Side::Dr);
    match negative {
        Some(true) if is_deducted(row) => -1,
        Some(true) if expense && negated => -1,
        Some(true) if row == OTHER_EXPENSES && draft.label.has_word("loss") => -1,
        Some(false) if is_reduction(draft, row, expense) => -1,
        _ => 1,
    }
}

/// The sign according to a label that names both directions: `(gain)/loss`, `increase/(decrease)`.
fn sign_from_wording(draft: &Draft, row: RowCode) -> Option<i8> {
    let text = draft.line.label.to_lowercase();
    let first = |words: [&str; 2]| words.iter().filter_map(|word| text.find(word)).min();
    match row {
        INVENTORY_CHANGE => {
            if draft.context.is_within(Sides::INCOME) {
                return Some(-1);
            }
            let (up, down) = (first(["increase", "accretion"])?, first(["decrease", "decretion"])?);
            let up_is_negative = text[..up].ends_with('(') || down < up;
            Some(if up_is_negative { 1 } else { -1 })
        }
        OTHER_INCOME | OTHER_EXPENSES | FINANCE_COSTS | SELLING_AND_GENERAL => {
            let (good, bad) = (first(["gain", "profit"])?, first(["loss", "losses"])?);
            let good_is_negative = text[..good].ends_with('(') || (bad < good && !text[..bad].ends_with('('));
            let income = row == OTHER_INCOME;
            Some(if good_is_negative == income { -1 } else { 1 })
        }
        _ => None,
    }
}

/// Whether a line that is printed as a positive amount reduces its row.
fn is_reduction(draft: &Draft, row: RowCode, expense: bool) -> bool {
    let has = |word: &str| draft.label.has_word(word);
    let text = draft.line.label.to_lowercase();
    // `Less than six months` is an age of debts.
    let less = draft.label.lead == Some(Lead::Less) && !text.contains("less than") && !is_deducted(row);
    let within_note = draft.statement.kind == StatementKind::Note;
    match row {
        TAX => (has("credit") && !has("charge") && !has("expense")) || has("matcredit") || has("excess"),
        SURPLUS if profit_account::is_line(draft) => profit_account::is_debit(draft),
        SURPLUS => {
            let deficit = text.contains("accumulated loss")
                || text.contains("debit balance")
                || (text.contains("deficit") && !text.contains("surplus") && !text.contains("retained"));
            deficit || less || draft.context.is_within(Sides::ASSET)
        }
        _ if RECEIVABLES.contains(&row) && has("doubtfuldebt") && (has("provision") || has("allowance")) => true,
        CAPITAL if has("drawing") || has("arrear") => true,
        OTHER_RESERVES if has("treasurystock") => true,
        _ if PURCHASES.contains(&row) && has("return") => true,
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

/// Whether a line's statement prints expenses in brackets, i.e. more than half of its expense lines are negative.
fn prints_expenses_negative(drafts: &[Draft], own: &Draft) -> bool {
    if own.statement.kind != StatementKind::ProfitAndLoss || !all_negative(own) {
        return false;
    }
    let expenses = drafts.iter().filter(|draft| {
        std::ptr::eq(draft.statement, own.statement)
            && sides_of(draft.choice.row) == Sides::EXPENSE
            && amounts(draft).next().is_some()
    });
    let (negative, all) =
        expenses.fold((0, 0), |(negative, all), draft| (negative + usize::from(all_negative(draft)), all + 1));
    negative * 2 > all
}
