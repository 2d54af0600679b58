//! The signed amounts of a table's rows.

use super::record::{Cell, Raw};
use crate::answer::DecimalMark;
use crate::money::Side;
use crate::place::Unread;
use crate::text;
use rust_decimal::Decimal;

/// What the rows say about the direction of their amounts as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marking {
    /// Columns, a column of directions, or marks and signs beside amounts.
    Marked,
    /// Not a single mark, and the balances show that amounts are not signed: each row's direction is that of its balance.
    ByBalance,
    /// Not a single mark, and balances agree that all money came in.
    AllIn,
    /// Not a single mark, and nothing that confirms that all money came in.
    Unmarked,
}

/// The direction that a cell says.
pub(super) fn direction(text: &str) -> Option<Side> {
    match text::folded(text).as_str() {
        "cr" | "c" | "credit" | "crdt" | "h" | "haben" | "bij" | "in" | "jama" | "abono" | "haber" | "credito"
        | "deposit" | "deposits" | "money in" | "paid in" | "eingang" | "gutschrift" | "avere" | "ingreso"
        | "incoming" | "entrada" | "credit transaction" | "inflow" | "received" | "einzahlung" => Some(Side::Credit),
        "dr" | "d" | "debit" | "dbit" | "s" | "soll" | "af" | "out" | "naame" | "cargo" | "debe" | "debito"
        | "withdrawal" | "withdrawals" | "money out" | "paid out" | "ausgang" | "lastschrift" | "belastung"
        | "dare" | "gasto" | "outgoing" | "saida" | "debit transaction" | "outflow" | "db" | "auszahlung" => {
            Some(Side::Debit)
        }
        _ => match text.trim() {
            "+" => Some(Side::Credit),
            "-" | "\u{2212}" => Some(Side::Debit),
            _ => None,
        },
    }
}

/// The running balance of a row.
pub(super) fn balance(row: &Raw, mark: DecimalMark) -> Option<Decimal> {
    let Cell::Amount(amount, _) = &row.balance else { return None };
    match row.balance_side {
        Some(side) if amount.side.is_none() && !amount.minus => Some(side.signed(amount.size(mark)?)),
        Some(side) if amount.side.is_some_and(|own| own != side) => None,
        _ => amount.signed(mark),
    }
}

/// What is known about the columns of debits and credits.
#[derive(Clone, Copy, Default)]
pub(super) struct Conventions {
    /// All debits are printed with a minus, so that it does not turn them around.
    debits_negative: bool,
}

impl Conventions {
    pub fn of(rows: &[Raw]) -> Self {
        let mut debits = rows.iter().filter_map(|row| match &row.debit {
            Cell::Amount(amount, _)
                if amount.size(DecimalMark::Point).or(amount.size(DecimalMark::Comma)) != Some(Decimal::ZERO) =>
            {
                Some(amount.minus)
            }
            _ => None,
        });
        Self { debits_negative: debits.clone().next().is_some() && debits.all(|minus| minus) }
    }
}

/// The signed amount of a row, by its columns and marks.
pub(super) fn signed(row: &Raw, mark: DecimalMark, conventions: Conventions) -> Result<Decimal, Unread> {
    if !row.debit.is_blank() || !row.credit.is_blank() {
        return by_columns(row, mark, conventions);
    }
    let Cell::Amount(amount, _) = &row.amount else {
        return Err(if row.amount.is_blank() { Unread::AmountMissing } else { Unread::AmountNotUnderstood });
    };
    let size = amount.size(mark).ok_or(Unread::AmountNotUnderstood)?;
    if row.direction.is_empty() {
        return amount.signed(mark).ok_or(Unread::DirectionContradicted);
    }
    let side = direction(&row.direction).ok_or(Unread::DirectionMissing)?;
    let agrees = match side {
        Side::Credit => !amount.minus && amount.side != Some(Side::Debit),
        Side::Debit => !amount.plus && amount.side != Some(Side::Credit),
    };
    if agrees || size.is_zero() { Ok(side.signed(size)) } else { Err(Unread::DirectionContradicted) }
}

/// One of the two columns has the amount; the other is blank or zero.
fn by_columns(row: &Raw, mark: DecimalMark, conventions: Conventions) -> Result<Decimal, Unread> {
    let size = |cell: &Cell, own: Side| match cell {
        Cell::Blank => Ok(Decimal::ZERO),
        Cell::Other(_) => Err(Unread::AmountNotUnderstood),
        Cell::Amount(amount, _) => {
            let size = amount.size(mark).ok_or(Unread::AmountNotUnderstood)?;
            match amount.side {
                Some(side) if side != own => Err(Unread::DirectionContradicted),
                _ if own == Side::Debit && conventions.debits_negative => Ok(size),
                // A minus in one column among others without is a correction: it moves the other way.
                _ => Ok(if amount.minus { -size } else { size }),
            }
        }
    };
    let (debit, credit) = (size(&row.debit, Side::Debit)?, size(&row.credit, Side::Credit)?);
    match (debit.is_zero(), credit.is_zero()) {
        (false, false) => Err(Unread::DirectionContradicted),
        (false, true) => Ok(-debit),
        (true, _) => Ok(credit),
    }
}

/// Whether a row's correction turned its column around, which nothing but a balance confirms.
pub(super) fn is_turned(row: &Raw, conventions: Conventions) -> bool {
    let minus = |cell: &Cell| matches!(cell, Cell::Amount(amount, _) if amount.minus);
    (minus(&row.debit) && !conventions.debits_negative) || minus(&row.credit)
}

/// How the rows are marked as a whole.
pub(super) fn marking(rows: &[Raw], mark: DecimalMark) -> Marking {
    let is_marked = |row: &Raw| {
        !row.debit.is_blank()
            || !row.credit.is_blank()
            || !row.direction.is_empty()
            || matches!(&row.amount, Cell::Amount(amount, _) if amount.is_marked())
    };
    if rows.iter().any(is_marked) {
        return Marking::Marked;
    }
    let known: Vec<(Decimal, Decimal)> =
        rows.iter().filter_map(|row| Some((size(row, mark)?, balance(row, mark)?))).collect();
    let (mut up, mut either) = (0, 0);
    for forward in [true, false] {
        let pairs = known.windows(2).map(|pair| if forward { (pair[0].1, pair[1]) } else { (pair[1].1, pair[0]) });
        let (mut own_up, mut own_either) = (0, 0);
        for (before, (size, after)) in pairs {
            own_up += usize::from(after - before == size);
            own_either += usize::from((after - before).abs() == size);
        }
        if own_either > either {
            (up, either) = (own_up, own_either);
        }
    }
    match either {
        0 => Marking::Unmarked,
        _ if up == either => Marking::AllIn,
        _ => Marking::ByBalance,
    }
}

fn size(row: &Raw, mark: DecimalMark) -> Option<Decimal> {
    match &row.amount {
        Cell::Amount(amount, _) => amount.size(mark),
        _ => None,
    }
}

/// The amounts of rows without marks by the steps of their balances, in the order of the file or its reverse, whichever more
/// balances agree with. A row without a balance before it has none, unless the opening balance is stated.
pub(super) fn by_balance(rows: &[Raw], mark: DecimalMark, opening: Option<Decimal>) -> Vec<Result<Decimal, Unread>> {
    let along = |indices: Vec<usize>| {
        let mut found = vec![Err(Unread::DirectionMissing); rows.len()];
        let mut before = opening;
        let mut agreed = 0;
        for at in indices {
            let after = balance(&rows[at], mark);
            if let (Some(size), Some(before), Some(after)) = (size(&rows[at], mark), before, after)
                && (after - before).abs() == size
            {
                found[at] = Ok(after - before);
                agreed += 1;
            }
            before = after;
        }
        (agreed, found)
    };
    let (forward, along_file) = along((0..rows.len()).collect());
    let (backward, against_file) = along((0..rows.len()).rev().collect());
    if backward > forward { against_file } else { along_file }
}
