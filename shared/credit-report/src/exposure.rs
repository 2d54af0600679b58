//! What is owed, to how many, and of what.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::account::{Account, AccountStatus};
use crate::factor::{Factor, Missing, Value, count};
use crate::report::Money;
use crate::view::{Unique, View, paths};
use crate::window::full_months;

/// Accounts in use.
pub fn active(view: &View<'_>) -> Factor {
    let rows = paths(view.active());
    Factor::of(count(&rows), rows)
}

/// All accounts, closed ones as well.
pub fn all(view: &View<'_>) -> Factor {
    let rows = paths(&view.accounts);
    Factor::of(count(&rows), rows)
}

/// Lenders of accounts in use, by name.
pub fn lenders(view: &View<'_>) -> Factor {
    let bare =
        |name: &str| -> String { name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect() };
    let lenders: BTreeSet<String> = view.active().map(|one| bare(&one.account.lender)).collect();
    let number = u64::try_from(lenders.len()).unwrap_or(u64::MAX);
    Factor::of(Value::Count(number), paths(view.active()))
}

/// What is owed on accounts that are in use or written off, and on others that still state it.
pub fn outstanding(view: &View<'_>) -> Factor {
    sum(view, |account| &account.outstanding)
}

/// What is owed and past due on the same accounts.
pub fn overdue(view: &View<'_>) -> Factor {
    sum(view, |account| &account.overdue)
}

fn sum(view: &View<'_>, of: impl Fn(&Account) -> &Option<Money>) -> Factor {
    let owing = |one: &&Unique| {
        let open = matches!(one.account.status, AccountStatus::Active | AccountStatus::WrittenOff);
        open || of(&one.account).as_ref().is_some_and(|money| !money.amount.is_zero())
    };
    let accounts: Vec<&Unique> = view.accounts.iter().filter(owing).collect();
    match total(&accounts, &of) {
        Ok(None) => amount(view.home_currency().to_owned(), Decimal::ZERO, paths(&view.accounts)),
        Ok(Some(money)) => amount(money.currency, money.amount, paths(accounts)),
        Err(factor) => factor,
    }
}

fn amount(currency: String, amount: Decimal, rows: Vec<String>) -> Factor {
    Factor::of(Value::Amount { currency, amount }, rows)
}

/// The sum over accounts; `None` without accounts. A sum that would be too small, or of several currencies, is none.
fn total(accounts: &[&Unique], of: impl Fn(&Account) -> &Option<Money>) -> Result<Option<Money>, Factor> {
    let disputed: Vec<&Unique> = accounts.iter().copied().filter(|one| one.disputed).collect();
    if !disputed.is_empty() {
        return Err(Factor::missing(Missing::ReportsDiffer, paths(disputed)));
    }
    let lacking: Vec<&Unique> = accounts.iter().copied().filter(|one| of(&one.account).is_none()).collect();
    if !lacking.is_empty() {
        return Err(Factor::missing(Missing::SomeRowsLackIt, paths(lacking)));
    }
    let mut sum: Option<Money> = None;
    for money in accounts.iter().filter_map(|one| of(&one.account).as_ref()) {
        let total = match sum {
            None => Some(money.clone()),
            Some(sum) if sum.currency == money.currency => {
                let amount = sum.amount.checked_add(money.amount);
                amount.map(|amount| Money { amount, currency: sum.currency })
            }
            Some(_) => None,
        };
        let Some(total) = total else {
            return Err(Factor::missing(Missing::SeveralCurrencies, paths(accounts.iter().copied())));
        };
        sum = Some(total);
    }
    Ok(sum)
}

/// What is drawn of revolving limits in use. Accounts that lack a limit or a balance are left out of both.
pub fn utilisation(view: &View<'_>) -> Factor {
    let revolving: Vec<&Unique> = view.active().filter(|one| one.account.kind.is_revolving()).collect();
    let has_limit = |one: &&Unique| one.account.limit.as_ref().is_some_and(|limit| !limit.amount.is_zero());
    let (counted, left_out): (Vec<&Unique>, Vec<&Unique>) =
        revolving.into_iter().partition(|one| has_limit(one) && one.account.outstanding.is_some());
    let (drawn, limits) =
        match (total(&counted, |account| &account.outstanding), total(&counted, |account| &account.limit)) {
            (Ok(drawn), Ok(limits)) => (drawn, limits),
            (Err(factor), _) | (_, Err(factor)) => return factor,
        };
    ratio(drawn, limits, paths(counted)).leaving_out(paths(left_out))
}

/// What is owed on secured accounts in use, as a part of all that is owed on accounts in use.
pub fn secured_share(view: &View<'_>) -> Factor {
    let active: Vec<&Unique> = view.active().collect();
    let lacking: Vec<&Unique> = active.iter().copied().filter(|one| one.account.secured.is_none()).collect();
    if !lacking.is_empty() {
        return Factor::missing(Missing::SomeRowsLackIt, paths(lacking));
    }
    let all = match total(&active, |account| &account.outstanding) {
        Ok(all) => all,
        Err(factor) => return factor,
    };
    let secured: Vec<&Unique> = active.iter().copied().filter(|one| one.account.secured == Some(true)).collect();
    let none = all.as_ref().map(|all| Money { amount: Decimal::ZERO, ..all.clone() });
    match total(&secured, |account| &account.outstanding) {
        Ok(part) => ratio(part.or(none), all, paths(active)),
        Err(factor) => factor,
    }
}

fn ratio(part: Option<Money>, whole: Option<Money>, rows: Vec<String>) -> Factor {
    let divided = part.zip(whole).and_then(|(part, whole)| part.amount.checked_div(whole.amount));
    match divided {
        Some(ratio) => Factor::of(Value::Ratio(ratio), rows),
        None => Factor::missing(Missing::NothingToDivideBy, rows),
    }
}

/// Full months since the oldest account was opened.
pub fn oldest(view: &View<'_>) -> Factor {
    let opened = |one: &Unique| one.account.opened;
    let Some(oldest) = view.accounts.iter().filter_map(opened).min() else {
        return Factor::missing(Missing::NotInReport, paths(&view.accounts));
    };
    let rows = paths(view.accounts.iter().filter(|one| opened(one) == Some(oldest)));
    let lacking = paths(view.accounts.iter().filter(|one| opened(one).is_none()));
    let months = u64::try_from(full_months(oldest, view.as_of)).unwrap_or_default();
    let value = if lacking.is_empty() { Value::Count(months) } else { Value::AtLeast(months) };
    Factor::of(value, rows).leaving_out(lacking)
}
