//! Finds where the rows of one statement lie along those of others.

use crate::ledger::Entry;
use crate::row::Row;

/// How the rows of a stretch lie to those of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// They have no row in common.
    Apart,
    /// One begins on the day on which the other ends, and goes on from its balance.
    Touching {
        /// Whether the stretch lies before the ledger.
        before: bool,
    },
    /// They are the same for `length` rows.
    Along {
        /// Position in the ledger of the stretch's first row; negative where the stretch begins before the ledger.
        begins: isize,
        /// Number of rows that both have.
        length: usize,
        /// Whether only one position is possible, or balances and identifiers agree at one only.
        is_settled: bool,
    },
}

/// First common row in the ledger and in the stretch.
pub(super) fn starts(begins: isize) -> (usize, usize) {
    let distance = begins.unsigned_abs();
    if begins < 0 { (0, distance) } else { (distance, 0) }
}

/// Finds how the rows of a stretch lie to those of the ledger.
///
/// Where several positions are possible, the one at which most identifiers agree is taken, then the one with the longest
/// overlap: fewer rows, never rows that nobody has seen.
pub(super) fn fit(ledger: &[Entry], stretch: &[Entry]) -> Fit {
    let (Some(first), Some(last)) = (ledger.first(), ledger.last()) else { return Fit::Apart };
    let (Some(own_first), Some(own_last)) = (stretch.first(), stretch.last()) else {
        return Fit::Apart;
    };
    if own_first.row.date > last.row.date || own_last.row.date < first.row.date {
        return Fit::Apart;
    }
    let mut fits: Vec<(usize, usize, isize)> = Vec::new();
    for begins in positions(ledger, stretch) {
        let (at, offset) = starts(begins);
        let length = (ledger.len() - at).min(stretch.len() - offset);
        let pairs = || ledger[at..at + length].iter().zip(&stretch[offset..offset + length]);
        if pairs().all(|(one, other)| is_same(one, other, true)) {
            let agreeing = pairs().filter(|(one, other)| same_id(&one.row, &other.row)).count();
            fits.push((agreeing, length, begins));
        }
    }
    fits.sort_unstable_by(|one, other| other.cmp(one));
    let Some((agreeing, length, begins)) = fits.first().copied() else {
        return match () {
            () if touches(ledger, stretch) => Fit::Touching { before: false },
            () if touches(stretch, ledger) => Fit::Touching { before: true },
            () => Fit::Apart,
        };
    };
    let (at, offset) = starts(begins);
    let common = &ledger[at..at + length];
    let by_balance =
        common.iter().zip(&stretch[offset..]).all(|(one, other)| one.balance.is_some() && other.balance.is_some());
    let by_id = agreeing > 0 && fits.get(1).is_none_or(|(second, ..)| *second < agreeing);
    // Rows without balances and identifiers: one row may be equal by chance, different ones one after the other are not.
    let by_rows = common.windows(2).any(|pair| !is_same(&pair[0], &pair[1], true));
    // Where the common rows come to nothing, the stretch can also go on after them from the same balance.
    let goes_on = if begins < 0 { touches(stretch, ledger) } else { touches(ledger, stretch) };
    let is_settled = by_id || (fits.len() == 1 && !goes_on && (by_balance || by_rows));
    Fit::Along { begins, length, is_settled }
}

/// The positions at which the stretch's first row is the same as one of the ledger, or the ledger's first row as one of it.
fn positions(ledger: &[Entry], stretch: &[Entry]) -> Vec<isize> {
    let within = |rows: &[Entry], wanted: &Entry| {
        let from = rows.partition_point(|row| row.row.date < wanted.row.date);
        let to = rows.partition_point(|row| row.row.date <= wanted.row.date);
        (from..to).filter(|at| is_same(&rows[*at], wanted, true)).collect::<Vec<usize>>()
    };
    let signed = |at: usize| isize::try_from(at).unwrap_or(isize::MAX);
    let mut found: Vec<isize> = within(ledger, &stretch[0]).into_iter().map(signed).collect();
    found.extend(within(stretch, &ledger[0]).into_iter().map(|at| -signed(at)));
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether the second rows begin on the day on which the first ones end, and go on from their balance.
fn touches(before: &[Entry], after: &[Entry]) -> bool {
    match (before.last(), after.first()) {
        (Some(last), Some(first)) => last.row.date == first.row.date && chains(last, first),
        _ => false,
    }
}

/// Whether a row goes on from the balance of another, or at least not from a different one.
fn chains(last: &Entry, next: &Entry) -> bool {
    match (last.balance, next.balance) {
        (Some(before), Some(after)) => after - next.row.amount == before,
        _ => !is_same(last, next, true),
    }
}

/// Whether two rows of different files can be the same: date and amount are, and the balance after them where both have one.
/// Strictly, rows without balances need the same narration and no identifiers that differ.
pub(super) fn is_same(one: &Entry, other: &Entry, strict: bool) -> bool {
    if one.row.date != other.row.date || one.row.amount != other.row.amount {
        return false;
    }
    match (one.balance, other.balance) {
        (Some(one), Some(other)) if strict => one == other,
        _ if strict
            && one.row.bank_id.is_some()
            && other.row.bank_id.is_some()
            && one.row.bank_id != other.row.bank_id =>
        {
            false
        }
        _ => same_text(&one.row, &other.row),
    }
}

fn same_text(one: &Row, other: &Row) -> bool {
    let letters = |row: &Row| {
        row.narration.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    one.narration == other.narration || letters(one) == letters(other)
}

fn same_id(one: &Row, other: &Row) -> bool {
    one.bank_id.is_some() && one.bank_id == other.bank_id
}
