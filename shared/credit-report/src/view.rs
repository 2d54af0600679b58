//! What factors are computed from: one report or several, with each account once.

use std::collections::BTreeMap;

use domain::masked::NumberKey;
use jiff::civil::Date;

use crate::account::{Account, AccountStatus, MonthRow};
use crate::report::{History, Kind, Report};

/// A report, and what is put in front of its places so that they are unique among several.
pub struct Source<'a> {
    pub prefix: String,
    pub report: &'a Report,
}

/// An account, with what all reports that list it say.
pub struct Unique {
    /// As the latest report states it, with the months of all; a month takes the worst of what is reported.
    pub account: Account,
    /// The day of that report.
    pub report_date: Date,
    /// Two reports of the same day state it differently.
    pub disputed: bool,
}

impl Unique {
    pub fn path(&self) -> String {
        self.account.path.clone()
    }

    pub fn is_active(&self) -> bool {
        self.account.status == AccountStatus::Active
    }
}

/// Reports of one kind, at the underwriting date.
pub struct View<'a> {
    pub kind: Kind,
    pub as_of: Date,
    pub sources: Vec<Source<'a>>,
    pub accounts: Vec<Unique>,
}

impl<'a> View<'a> {
    pub fn new(kind: Kind, as_of: Date, sources: Vec<Source<'a>>) -> Self {
        let accounts = unique(&sources);
        Self { kind, as_of, sources, accounts }
    }

    /// Whether no bureau knows any of the subjects.
    pub fn has_no_history(&self) -> bool {
        self.sources.iter().all(|source| source.report.history == History::None)
    }

    pub fn active(&self) -> impl Iterator<Item = &Unique> {
        self.accounts.iter().filter(|account| account.is_active())
    }

    /// The currency of the country whose bureau made reports of this kind.
    pub fn home_currency(&self) -> &'static str {
        match self.kind {
            Kind::ConsumerUs => "USD",
            Kind::CommercialIn => "INR",
        }
    }
}

/// Places of accounts.
pub fn paths<'a>(accounts: impl IntoIterator<Item = &'a Unique>) -> Vec<String> {
    accounts.into_iter().map(Unique::path).collect()
}

fn unique(sources: &[Source<'_>]) -> Vec<Unique> {
    let mut accounts: Vec<Unique> = Vec::new();
    let mut places: BTreeMap<NumberKey, usize> = BTreeMap::new();
    for source in sources {
        for account in &source.report.accounts {
            let report_date = source.report.report_date;
            let found = Unique { account: placed(account, &source.prefix), report_date, disputed: false };
            match account.key.and_then(|key| places.get(&key)).and_then(|at| accounts.get_mut(*at)) {
                Some(known) => merge(known, found),
                None => {
                    places.extend(account.key.map(|key| (key, accounts.len())));
                    accounts.push(found);
                }
            }
        }
    }
    accounts
}

/// The account with places that are unique among several reports.
fn placed(account: &Account, prefix: &str) -> Account {
    let mut account = account.clone();
    account.path.insert_str(0, prefix);
    for month in account.months.iter_mut().flatten() {
        month.path.insert_str(0, prefix);
    }
    account
}

fn merge(known: &mut Unique, mut found: Unique) {
    let figures = |one: &Account| {
        (one.status, one.kind, one.limit.clone(), one.outstanding.clone(), one.overdue.clone(), one.secured)
    };
    if known.report_date == found.report_date {
        known.disputed |= figures(&known.account) != figures(&found.account);
    } else if known.report_date < found.report_date {
        std::mem::swap(known, &mut found);
    }
    known.account.months = worst(known.account.months.take(), found.account.months.take());
}

/// The months of both, each with the worse of what is reported.
fn worst(one: Option<Vec<MonthRow>>, other: Option<Vec<MonthRow>>) -> Option<Vec<MonthRow>> {
    if one.is_none() && other.is_none() {
        return None;
    }
    let mut months: BTreeMap<Date, MonthRow> = BTreeMap::new();
    for row in one.into_iter().chain(other).flatten() {
        let kept = months.entry(row.month).or_insert_with(|| row.clone());
        if row.dpd > kept.dpd {
            *kept = row;
        }
    }
    Some(months.into_values().rev().collect())
}
