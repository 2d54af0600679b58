//! Orders the rows of a statement, and proves them by its balances and totals.

use crate::answer::Answers;
use crate::balance::{Balance, Figures, Footing, Origin, Proof};
use crate::draft::{Draft, Stated, StatedTotal};
use crate::flag::{Flag, Total};
use crate::row::Row;
use crate::statement::{Known, Source, Statement};
use rust_decimal::Decimal;

/// The statement of a draft: rows in the order of booking, each with its proof, balances, footing and flags.
pub(crate) fn statement(mut draft: Draft, answers: &Answers) -> Statement {
    if !draft.in_order {
        order(&mut draft.rows, draft.opening.as_ref(), draft.closing.as_ref());
    } else if draft.rows.iter().all(|row| row.balance.is_none()) {
        draft.rows.sort_by_key(|row| row.date);
    }
    let currencies_mixed = draft.flags.iter().any(|flag| matches!(flag, Flag::CurrenciesMixed { .. }));
    prove_rows(&mut draft.rows, draft.opening.as_ref().map(|opening| opening.amount));
    let sums = Sums::of(&draft.rows);
    let (opening, closing) = balances(&draft, &sums);
    let footing = footing(&draft.rows, opening.as_ref(), closing.as_ref(), &sums, currencies_mixed);
    let mut flags = draft.flags;
    if draft.unread > 0 {
        flags.push(Flag::RowsNotRead { count: draft.unread });
    }
    flags.extend(contradictions(&draft.rows, &footing, &draft.totals, &sums));
    if let Some(period) = draft.period {
        let outside = |(row, date)| Flag::OutsidePeriod { row, date };
        let dates = draft.rows.iter().map(|row| row.date).enumerate();
        flags.extend(dates.filter(|(_, date)| *date < period.from || *date > period.to).map(outside));
    }
    Statement {
        account: known(draft.account, answers.account.as_deref()),
        currency: known(draft.currency, answers.currency.as_deref())
            .or(draft.inferred_currency.map(|value| Known { value, source: Source::Inferred })),
        bank: draft.bank,
        holder: draft.holder,
        account_kind: draft.account_kind,
        number: draft.number,
        period: draft.period,
        opening,
        closing,
        opens_after_day: draft.opens_after_day,
        rows: draft.rows,
        footing,
        flags,
        at: draft.at,
    }
}

fn known(stated: Option<String>, given: Option<&str>) -> Option<Known<String>> {
    match (stated, given) {
        (Some(value), _) => Some(Known { value, source: Source::File }),
        (None, Some(value)) => Some(Known { value: value.to_owned(), source: Source::Caller }),
        (None, None) => None,
    }
}

/// Puts the rows into the order of booking.
///
/// Where running balances are printed, the order is the one of the file or its reverse, whichever more balances agree with:
/// the balances are the only witness of the order within a day. Otherwise it is the order of the dates.
fn order(rows: &mut [Row], opening: Option<&Stated>, closing: Option<&Stated>) {
    let descends = rows.windows(2).filter(|pair| pair[0].date > pair[1].date).count();
    let ascends = rows.windows(2).filter(|pair| pair[0].date < pair[1].date).count();
    if rows.iter().filter(|row| row.balance.is_some()).count() > 1 {
        let forward = agreement(rows.iter(), opening, closing);
        let backward = agreement(rows.iter().rev(), opening, closing);
        if backward > forward || (backward == forward && descends > ascends) {
            rows.reverse();
        }
        let agreed = forward.max(backward);
        // Some banks list rows by value date: sorted by booking date, more balances may agree.
        if rows.windows(2).any(|pair| pair[0].date > pair[1].date) && agreed < rows.len() {
            let mut sorted: Vec<&Row> = rows.iter().collect();
            sorted.sort_by_key(|row| row.date);
            if agreement(sorted.into_iter(), opening, closing) > agreed {
                rows.sort_by_key(|row| row.date);
            }
        }
        return;
    }
    if descends > ascends {
        rows.reverse();
    }
    // With a balance in one row only, it is the one after all rows before it, in the order of the file.
    if rows.iter().all(|row| row.balance.is_none()) {
        rows.sort_by_key(|row| row.date);
    }
}

/// How many balances follow from those before them, the stated opening and closing balance included.
fn agreement<'a>(rows: impl Iterator<Item = &'a Row>, opening: Option<&Stated>, closing: Option<&Stated>) -> usize {
    let mut known = opening.map(|opening| opening.amount);
    let mut agreed = 0;
    for row in rows {
        let expected = known.map(|balance| balance + row.amount);
        if expected.is_some() && expected == row.balance {
            agreed += 1;
        }
        known = row.balance.or(expected);
    }
    agreed + usize::from(known.is_some() && known == closing.map(|closing| closing.amount))
}

/// Proves each row by its running balance.
fn prove_rows(rows: &mut [Row], opening: Option<Decimal>) {
    let mut known = opening;
    for row in rows {
        let expected = known.map(|balance| balance + row.amount);
        row.proof = match (expected, row.balance) {
            (Some(expected), Some(found)) if expected == found => Proof::Proven,
            (Some(expected), Some(found)) => Proof::Failed { expected, found, difference: found - expected },
            _ => Proof::Unproven,
        };
        known = row.balance.or(expected);
    }
}

/// Sums and counts of rows.
struct Sums {
    credits: Decimal,
    debits: Decimal,
    credit_count: usize,
    debit_count: usize,
    count: usize,
}

impl Sums {
    fn of(rows: &[Row]) -> Self {
        let mut sums =
            Self { credits: Decimal::ZERO, debits: Decimal::ZERO, credit_count: 0, debit_count: 0, count: rows.len() };
        for row in rows {
            if row.amount.is_sign_negative() && !row.amount.is_zero() {
                sums.debits -= row.amount;
                sums.debit_count += 1;
            } else {
                sums.credits += row.amount;
                sums.credit_count += usize::from(!row.amount.is_zero());
            }
        }
        sums
    }

    fn net(&self) -> Decimal {
        self.credits - self.debits
    }

    fn total(&self, what: Total, stated: Decimal) -> Decimal {
        match what {
            Total::Credits => self.credits,
            Total::Debits => self.debits,
            Total::Net => self.net(),
            Total::Gross => self.credits + self.debits,
            Total::NetOrGross if self.credits + self.debits == stated.abs() => stated,
            Total::NetOrGross => self.net(),
            Total::CreditCount => Decimal::from(self.credit_count),
            Total::DebitCount => Decimal::from(self.debit_count),
            Total::Count => Decimal::from(self.count),
        }
    }
}

/// The opening and closing balance: stated, else from the running balances, else derived from each other.
fn balances(draft: &Draft, sums: &Sums) -> (Option<Balance>, Option<Balance>) {
    let stated = |balance: &Stated| Balance {
        amount: balance.amount,
        date: balance.date,
        origin: Origin::Stated,
        at: Some(balance.at.clone()),
    };
    let running = |amount: Decimal, row: &Row| Balance {
        amount,
        date: None,
        origin: Origin::RunningBalance,
        at: Some(row.at.clone()),
    };
    let derived = |amount: Decimal| Balance { amount, date: None, origin: Origin::Derived, at: None };
    let opening = draft.opening.as_ref().map(stated).or_else(|| {
        let first = draft.rows.iter().position(|row| row.balance.is_some())?;
        let until: Decimal = draft.rows[..=first].iter().map(|row| row.amount).sum();
        Some(running(draft.rows[first].balance? - until, &draft.rows[first]))
    });
    let closing = draft.closing.as_ref().map(stated).or_else(|| {
        let last = draft.rows.iter().rposition(|row| row.balance.is_some())?;
        let after: Decimal = draft.rows[last + 1..].iter().map(|row| row.amount).sum();
        Some(running(draft.rows[last].balance? + after, &draft.rows[last]))
    });
    match (opening, closing) {
        (None, Some(closing)) => (Some(derived(closing.amount - sums.net())), Some(closing)),
        (Some(opening), None) => {
            let closing = derived(opening.amount + sums.net());
            (Some(opening), Some(closing))
        }
        both => both,
    }
}

fn footing(rows: &[Row], opening: Option<&Balance>, closing: Option<&Balance>, sums: &Sums, mixed: bool) -> Footing {
    let computed = opening.map(|opening| opening.amount + sums.net());
    let figures = Figures {
        opening: opening.map(|balance| balance.amount),
        credits: sums.credits,
        debits: sums.debits,
        computed: computed.filter(|_| !mixed),
        closing: closing.map(|balance| balance.amount),
        difference: computed.zip(closing).map(|(computed, closing)| closing.amount - computed).filter(|_| !mixed),
    };
    let (Some(opening), Some(closing), Some(difference)) = (opening, closing, figures.difference) else {
        return Footing::Unproven(figures);
    };
    if opening.origin == Origin::Derived || closing.origin == Origin::Derived {
        return Footing::Unproven(figures);
    }
    if !difference.is_zero() {
        return Footing::Fails(figures);
    }
    let proven = rows.iter().any(|row| row.proof == Proof::Proven);
    // The opening balance comes from the first row: without a second balance that follows from it, nothing is proven.
    if opening.origin == Origin::RunningBalance && !proven {
        return Footing::Unproven(figures);
    }
    Footing::Foots(figures)
}

/// Where rows, balances and totals contradict each other.
fn contradictions(rows: &[Row], footing: &Footing, totals: &[StatedTotal], sums: &Sums) -> Vec<Flag> {
    let mut flags = Vec::new();
    if let Footing::Fails(Figures {
        computed: Some(computed),
        closing: Some(stated),
        difference: Some(difference),
        ..
    }) = footing
    {
        flags.push(Flag::ClosingMismatch { computed: *computed, stated: *stated, difference: *difference });
    }
    let fails = |(_, row): &(usize, &Row)| matches!(row.proof, Proof::Failed { .. });
    flags.extend(rows.iter().enumerate().filter(fails).map(|(row, _)| Flag::RowFails { row }));
    for total in totals {
        let found = sums.total(total.what, total.value);
        if found != total.value {
            flags.push(Flag::TotalMismatch { what: total.what, stated: total.value, found, at: total.at.clone() });
        }
    }
    flags
}
