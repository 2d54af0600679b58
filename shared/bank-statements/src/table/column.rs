//! Finds out which column holds what.

use super::Record;
use super::heading::{self, Role};
use crate::date;
use crate::money;

/// Records among which the heading is looked for.
const HEADING_RECORDS_MAX: usize = 200;
/// Records by which columns without a heading are told.
const SAMPLE_RECORDS: usize = 200;

/// The columns of a table.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// Position of the heading among the records; `None` if there is none.
    pub heading: Option<usize>,
    /// The role of each column.
    pub roles: Vec<Option<Role>>,
    /// The direction that belongs to the balance, and not to the amount.
    pub balance_direction: Option<usize>,
    /// The currency that the headings name.
    pub currency: Option<String>,
    /// The headings as printed.
    pub names: Vec<String>,
}

impl Columns {
    /// Columns with these roles, in their order, without headings of their own.
    pub fn of_roles(roles: &[Role]) -> Self {
        let roles = roles.iter().copied().map(Some).collect();
        Self { heading: None, roles, balance_direction: None, currency: None, names: Vec::new() }
    }

    /// Position of the first column with a role.
    pub fn position(&self, role: Role) -> Option<usize> {
        let is = |(at, own): (usize, &Option<Role>)| *own == Some(role) && Some(at) != self.balance_direction;
        self.roles.iter().enumerate().position(is)
    }

    /// The cell of a record in the first column with a role, without blanks around it.
    pub fn cell<'a>(&self, record: &'a Record, role: Role) -> &'a str {
        self.position(role).map_or("", |at| cell(record, at))
    }

    /// The cells of a record in all columns with a role.
    pub fn cells<'a>(&'a self, record: &'a Record, role: Role) -> impl Iterator<Item = &'a str> {
        let is = move |(_, own): &(usize, &Option<Role>)| **own == Some(role);
        self.roles.iter().enumerate().filter(is).map(|(at, _)| cell(record, at))
    }

    /// The column of booking dates.
    pub fn date(&self) -> usize {
        [Role::Date, Role::TransactionDate, Role::ValueDate]
            .into_iter()
            .find_map(|role| self.position(role))
            .unwrap_or(0)
    }

    /// Whether a record has more cells than the heading: a delimiter within an amount or text that is not quoted has moved its
    /// amounts into the wrong columns.
    pub fn is_overfull(&self, record: &Record) -> bool {
        let filled = record.cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |at| at + 1);
        !self.names.is_empty() && filled > self.names.len()
    }

    /// Whether a record repeats the heading, as at the top of a page.
    pub fn is_heading(&self, record: &Record) -> bool {
        let same = record
            .cells
            .iter()
            .zip(&self.names)
            .filter(|(cell, name)| !cell.trim().is_empty() && cell.trim() == name.trim());
        same.count() >= 2 || (has_amounts(&roles(record).0) && roles(record).0.iter().flatten().count() >= 3)
    }
}

/// A cell without blanks around it; the wrapping `="…"` of spreadsheet programs is taken off.
pub(super) fn cell(record: &Record, at: usize) -> &str {
    let cell = record.cells.get(at).map_or("", |cell| cell.trim());
    match cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => inner.trim(),
        _ => cell,
    }
}

/// The roles of a record's cells as headings, and a currency among them.
fn roles(record: &Record) -> (Vec<Option<Role>>, Option<String>) {
    let mut currency = None;
    let of = |cell: &String| {
        let (role, named) = heading::role(cell);
        if role.is_some() {
            currency = currency.take().or(named);
        }
        role
    };
    let roles = record.cells.iter().map(of).collect();
    (roles, currency)
}

fn has_amounts(roles: &[Option<Role>]) -> bool {
    let has = |role| roles.contains(&Some(role));
    let date = has(Role::Date) || has(Role::TransactionDate) || has(Role::ValueDate);
    date && (has(Role::Amount) || has(Role::Debit) || has(Role::Credit))
}

/// The columns by the first record that names a date and amounts.
pub(super) fn find(records: &[Record]) -> Option<Columns> {
    records
        .iter()
        .take(HEADING_RECORDS_MAX)
        .enumerate()
        .find_map(|(at, record)| of_heading(record, Some(at), &records[at + 1..]))
}

/// The columns that a record names, if it names a date and amounts.
fn of_heading(record: &Record, at: Option<usize>, rows: &[Record]) -> Option<Columns> {
    let (mut roles, currency) = roles(record);
    if !has_amounts(&roles) {
        return None;
    }
    let balance = roles.iter().position(|role| *role == Some(Role::Balance));
    let second = |at: usize| roles[..at].contains(&Some(Role::Direction)) || !roles[at..].contains(&Some(Role::Amount));
    let is_direction = |at: &usize| roles.get(*at) == Some(&Some(Role::Direction));
    let balance_direction = balance.map(|at| at + 1).filter(is_direction).filter(|at| {
        // After the only amount and the balance, one direction is the amount's unless there is another.
        second(*at) && roles.iter().filter(|role| **role == Some(Role::Direction)).count() > 1
            || !roles.contains(&Some(Role::Amount))
    });
    // The account beside the other party's name is the other party's.
    if let Some(party) = roles.iter().position(|role| *role == Some(Role::Counterparty)) {
        roles.iter_mut().skip(party).filter(|role| **role == Some(Role::Account)).for_each(|role| *role = None);
    }
    settle_doubtful(&mut roles, rows);
    let names = record.cells.iter().map(|cell| cell.trim().to_owned()).collect();
    Some(Columns { heading: at, roles, balance_direction, currency, names })
}

/// Settles headings that mean different things in different languages by what the cells hold.
fn settle_doubtful(roles: &mut [Option<Role>], rows: &[Record]) {
    for at in 0..roles.len() {
        let cells = || rows.iter().take(SAMPLE_RECORDS).map(move |row| cell(row, at)).filter(|cell| !cell.is_empty());
        let most = |test: fn(&str) -> bool| {
            let (yes, all) = cells().fold((0, 0), |(yes, all), cell| (yes + usize::from(test(cell)), all + 1));
            all > 0 && yes * 2 > all
        };
        match roles[at] {
            // `Valuta` is a date in German and a currency in Dutch; `Valor` is a date in Spanish and an amount in Portuguese.
            Some(Role::ValueDate) if most(|cell| heading::currency(cell).is_some() && cell.len() == 3) => {
                roles[at] = Some(Role::Currency);
            }
            Some(Role::ValueDate) if !roles.contains(&Some(Role::Amount)) && most(is_plain_amount) => {
                roles[at] = Some(Role::Amount);
            }
            // `Debit/Credit` may hold signed amounts.
            Some(Role::Direction) if !roles.contains(&Some(Role::Amount)) && most(is_plain_amount) => {
                roles[at] = Some(Role::Amount);
            }
            // `Type` may say whether money came in or went out.
            Some(Role::Kind)
                if cells().next().is_some() && cells().all(|cell| super::amount::direction(cell).is_some()) =>
            {
                roles[at] = Some(Role::Direction);
            }
            _ => {}
        }
    }
}

fn is_plain_amount(cell: &str) -> bool {
    money::parse(cell).is_some() && date::parse(cell).is_none()
}

/// The columns of a table without a heading: one of dates, then amounts and a balance that prove each other.
pub(super) fn infer(records: &[Record]) -> Option<Columns> {
    let sample: Vec<&Record> = records
        .iter()
        .filter(|record| record.cells.iter().any(|cell| date::parse(cell).is_some()))
        .take(SAMPLE_RECORDS)
        .collect();
    let width = sample.iter().map(|record| record.cells.len()).max()?;
    let share = |at: usize, test: &dyn Fn(&str) -> bool| {
        let (yes, all) = sample
            .iter()
            .map(|record| cell(record, at))
            .filter(|cell| !cell.is_empty())
            .fold((0, 0), |(yes, all), cell| (yes + usize::from(test(cell)), all + 1));
        all > 0 && yes == all
    };
    let date = (0..width).find(|at| share(*at, &|cell| date::parse(cell).is_some()))?;
    let decimals = |cell: &str| is_plain_amount(cell) && cell.contains(['.', ',']);
    let amounts: Vec<usize> = (0..width).filter(|at| *at != date && share(*at, &decimals)).collect();
    let mut roles = vec![None; width];
    match amounts.as_slice() {
        [amount] => roles[*amount] = Some(Role::Amount),
        [amount, balance] => {
            let both = |record: &&&Record| !cell(record, *amount).is_empty() && !cell(record, *balance).is_empty();
            let with_both = sample.iter().filter(both).count();
            // Debit and credit are never both filled in; amount and balance always are.
            if with_both == sample.len() {
                roles[*amount] = Some(Role::Amount);
                roles[*balance] = Some(Role::Balance);
            } else {
                return None;
            }
        }
        _ => return None,
    }
    roles[date] = Some(Role::Date);
    for (at, role) in roles.iter_mut().enumerate() {
        if role.is_none() {
            let text = |cell: &str| cell.chars().any(char::is_alphabetic);
            *role = sample.iter().any(|record| text(cell(record, at))).then_some(Role::Narration);
        }
    }
    Some(Columns { heading: None, roles, balance_direction: None, currency: None, names: Vec::new() })
}
