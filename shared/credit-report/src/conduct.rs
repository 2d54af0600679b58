//! How accounts were conducted: days past due, classifications and flags.

use crate::account::{Account, AccountStatus, AccountType, MonthRow};
use crate::factor::{Factor, Missing, Value};
use crate::view::{Unique, View, paths};
use crate::window::{index, indexes};

/// How many months a lender may be late in reporting: of the report's month and the one before, none need be there.
const LAG_MONTHS: i32 = 2;

/// The months of a window that are reported, and the accounts that lack some which should be there.
struct Reported<'a> {
    months: Vec<&'a MonthRow>,
    incomplete: Vec<&'a Unique>,
}

impl<'a> Reported<'a> {
    fn within(view: &'a View<'_>, window: i32) -> Self {
        let range = indexes(view.as_of, window);
        let rows = view.accounts.iter().flat_map(|one| one.account.months.iter().flatten());
        let months = rows.filter(|row| row.dpd.is_some() && range.contains(&index(row.month))).collect();
        let incomplete = view.accounts.iter().filter(|one| lacks_months(one, view, window)).collect();
        Self { months, incomplete }
    }

    /// A number that is exact if no account lacks months.
    fn number(&self, number: u64, rows: Vec<String>) -> Factor {
        let value = if self.incomplete.is_empty() { Value::Count(number) } else { Value::AtLeast(number) };
        Factor::of(value, rows).leaving_out(paths(self.incomplete.iter().copied()))
    }
}

/// Whether months are missing that the account was open in and a lender should have reported by the report's date.
fn lacks_months(one: &Unique, view: &View<'_>, window: i32) -> bool {
    let account = &one.account;
    if matches!(account.kind, AccountType::BankGuarantee | AccountType::LetterOfCredit) {
        return false;
    }
    let range = indexes(view.as_of, window);
    let first = account.opened.map_or(*range.start(), |opened| index(opened).max(*range.start()));
    let reported_by = (index(one.report_date) - LAG_MONTHS).min(*range.end());
    let ended = [account.closed, account.written_off].into_iter().flatten().map(index).min();
    let last = ended.map_or(reported_by, |ended| ended.min(reported_by));
    let there = account.months.iter().flatten().filter(|row| row.dpd.is_some()).map(|row| index(row.month));
    let there = there.filter(|month| (first..=last).contains(month)).count();
    i32::try_from(there).is_ok_and(|there| there < last - first + 1)
}

/// The most days past due in any month of the window.
pub fn max_dpd(view: &View<'_>, window: i32) -> Factor {
    let reported = Reported::within(view, window);
    let Some(most) = reported.months.iter().filter_map(|row| row.dpd).max() else {
        return Factor::missing(Missing::NoMonthReported, paths(reported.incomplete));
    };
    let rows = reported.months.iter().filter(|row| row.dpd == Some(most)).map(|row| row.path.clone()).collect();
    reported.number(most.into(), rows)
}

/// How often an account was late by at least `from` and fewer than `to` days at the end of a month of the window.
pub fn delinquencies(view: &View<'_>, window: i32, from: u16, to: u16) -> Factor {
    let reported = Reported::within(view, window);
    if reported.months.is_empty() {
        return Factor::missing(Missing::NoMonthReported, paths(reported.incomplete));
    }
    let late = |row: &&&MonthRow| row.dpd.is_some_and(|dpd| (from..to).contains(&dpd));
    let rows: Vec<String> = reported.months.iter().filter(late).map(|row| row.path.clone()).collect();
    reported.number(u64::try_from(rows.len()).unwrap_or(u64::MAX), rows)
}

/// The worst classification of an account in use.
pub fn asset_class(view: &View<'_>) -> Factor {
    let class = |one: &Unique| one.account.asset_class;
    let left_out = paths(view.active().filter(|one| class(one).is_none()));
    match view.active().filter_map(class).max() {
        Some(worst) => {
            let rows = paths(view.active().filter(|one| class(one) == Some(worst)));
            Factor::of(Value::AssetClass(worst), rows).leaving_out(left_out)
        }
        None => Factor::missing(Missing::NotInReport, left_out),
    }
}

/// Whether any account has ended in this way.
pub fn ended_as(view: &View<'_>, status: AccountStatus) -> Factor {
    any(view, |account| Some(account.status == status))
}

/// Whether a lender has filed a suit.
pub fn suit_filed(view: &View<'_>) -> Factor {
    any(view, |account| account.suit_filed)
}

/// Whether a lender has declared a wilful default.
pub fn wilful_defaulter(view: &View<'_>) -> Factor {
    any(view, |account| account.wilful_defaulter)
}

/// True if any account says so, false if all say no.
fn any(view: &View<'_>, of: impl Fn(&Account) -> Option<bool>) -> Factor {
    let saying = |wanted| paths(view.accounts.iter().filter(|one| of(&one.account) == wanted));
    let (yes, silent) = (saying(Some(true)), saying(None));
    if !yes.is_empty() {
        return Factor::of(Value::Flag(true), yes).leaving_out(silent);
    }
    if !silent.is_empty() {
        return Factor::missing(Missing::SomeRowsLackIt, silent);
    }
    let no = saying(Some(false));
    if no.is_empty() { Factor::missing(Missing::NotInReport, no) } else { Factor::of(Value::Flag(false), no) }
}
