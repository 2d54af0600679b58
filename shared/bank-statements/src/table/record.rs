//! Sorts the records of a table: rows, labels, continued narrations, and what is none of them.

use super::column::{Columns, cell};
use super::heading::Role;
use super::label::{self, Label};
use super::preamble::{Said, SaidAmount};
use super::{Manner, Record, amount};
use crate::date::{self, Printed};
use crate::draft::Context;
use crate::error::ReadError;
use crate::money::{self, Side};
use crate::place::{Place, Unread, UnusedKind};
use crate::text;

/// Lines of a narration that goes on below its row.
const CONTINUED_LINES_MAX: usize = 8;

/// The table of one account: what the lines around it say, and its rows.
#[derive(Default)]
pub(super) struct Part {
    pub said: Said,
    pub rows: Vec<Raw>,
    /// Labelled amounts among the rows, each with the number of rows before it.
    pub labels: Vec<(usize, SaidAmount)>,
    pub unread: Vec<(Place, Unread, String)>,
}

/// A row as printed.
pub(super) struct Raw {
    pub at: Place,
    pub date_text: String,
    pub date: Printed,
    pub value_text: String,
    pub narration: String,
    pub counterparty: Option<String>,
    pub reference: Option<String>,
    pub bank_id: Option<String>,
    pub code: Option<String>,
    pub direction: String,
    pub amount: Cell,
    pub debit: Cell,
    pub credit: Cell,
    pub balance: Cell,
    pub balance_side: Option<Side>,
    pub currency: Option<String>,
    pub account: Option<String>,
    /// Further lines of the narration.
    pub continued: usize,
}

/// A cell that should hold an amount.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// Nothing, or a sign for it.
    Blank,
    Amount(money::Amount, String),
    /// Text that is no amount.
    Other(String),
}

impl Cell {
    pub fn of(text: &str) -> Self {
        if text.is_empty() || matches!(text, "-" | "--" | "—" | "–" | "." | "nil" | "Nil" | "NIL") {
            return Self::Blank;
        }
        money::parse(text).map_or_else(|| Self::Other(text.to_owned()), |amount| Self::Amount(amount, text.to_owned()))
    }

    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }
}

/// The parts of a table, one for each account.
pub(super) fn parts(
    records: &[Record],
    columns: &Columns,
    manner: &Manner,
    context: &mut Context<'_>,
) -> Result<Vec<Part>, ReadError> {
    let mut part = Part::default();
    let body = columns.heading.map_or(0, |at| at + 1);
    for record in &records[..body.saturating_sub(1).min(records.len())] {
        if !part.said.take(record) && !is_empty(record) {
            context.unused(record.at.clone(), UnusedKind::Line, &shown(record));
        }
    }
    unknown_columns(records, columns, context);
    let mut parts = Vec::new();
    let mut sorter = Sorter { columns, manner, after_row: false };
    for record in records.get(body..).unwrap_or_default() {
        // A line that names another account begins the next statement.
        if let Some(account) = sorter.other_account(record, &part) {
            parts.push(std::mem::take(&mut part));
            part.said.account = Some(account);
        }
        sorter.sort(record, &mut part, context)?;
    }
    parts.push(part);
    Ok(parts)
}

/// Lists the columns whose heading is not known.
fn unknown_columns(records: &[Record], columns: &Columns, context: &mut Context<'_>) {
    let Some(heading) = columns.heading.and_then(|at| records.get(at)) else { return };
    for (at, name) in columns.names.iter().enumerate() {
        if !name.is_empty() && columns.roles.get(at).is_none_or(Option::is_none) {
            let place = match &heading.at {
                Place::Cell { line, .. } => Place::Cell { line: *line, column: u32::try_from(at + 1).ok() },
                place => place.clone(),
            };
            context.unused(place, UnusedKind::Column, name);
        }
    }
}

struct Sorter<'a> {
    columns: &'a Columns,
    manner: &'a Manner,
    /// Whether the record before was a row, or continued one.
    after_row: bool,
}

impl Sorter<'_> {
    /// The account that a line between rows names, if it is another than the one before.
    fn other_account(&self, record: &Record, part: &Part) -> Option<String> {
        if part.rows.is_empty() || date::parse(cell(record, self.columns.date())).is_some() {
            return None;
        }
        let own = part.said.account.as_deref()?;
        let mut said = Said::default();
        said.take(record);
        said.account.filter(|account| account != own)
    }

    fn sort(&mut self, record: &Record, part: &mut Part, context: &mut Context<'_>) -> Result<(), ReadError> {
        let after_row = std::mem::take(&mut self.after_row);
        let printed = cell(record, self.columns.date());
        let date = date::parse(printed);
        if is_empty(record) || (date.is_none() && self.columns.is_heading(record)) {
            return Ok(());
        }
        let amounts = [Role::Amount, Role::Debit, Role::Credit].map(|role| Cell::of(self.columns.cell(record, role)));
        let balance = Cell::of(self.columns.cell(record, Role::Balance));
        if record.malformed || self.columns.is_overfull(record) {
            context.count_row()?;
            part.unread.push((record.at.clone(), Unread::Malformed, shown(record)));
            return Ok(());
        }
        if let Some(label) = self.label(record, date, &amounts, &balance) {
            self.take_label(label, record, &balance, part, context);
            return Ok(());
        }
        let has_amount = amounts.iter().any(|cell| !cell.is_blank());
        // A row that is not booked may have no booking date.
        if has_amount && status(self.columns.cell(record, Role::Status)) == Some(false) {
            context.unused(record.at.clone(), UnusedKind::NotBooked, &shown(record));
            return Ok(());
        }
        // A whole number far from the rows of a page is that of the page.
        let counts = |text: &str| !self.manner.inherits_dates || after_row || text.contains(['.', ',']);
        let is_amount = amounts.iter().any(|cell| matches!(cell, Cell::Amount(_, text) if counts(text)));
        match date {
            Some(date) => self.take_row(record, date, printed, has_amount, &balance, part, context),
            None if has_amount
                && after_row
                && self.manner.inherits_dates
                && printed.is_empty()
                && self.inherited(part).is_some() =>
            {
                let (date, printed) = self.inherited(part).unwrap_or((Printed::Impossible, String::new()));
                self.take_row(record, date, &printed, true, &balance, part, context)
            }
            // On a page, words below a heading of amounts that are none are those of a footer.
            None if is_amount || (has_amount && !self.manner.inherits_dates) => {
                context.count_row()?;
                let why = if printed.is_empty() { Unread::DateMissing } else { Unread::DateNotUnderstood };
                part.unread.push((record.at.clone(), why, shown(record)));
                Ok(())
            }
            None => {
                let goes_on = after_row && printed.is_empty() && balance.is_blank();
                if goes_on && self.continue_row(record, part) {
                    return Ok(());
                }
                if !part.said.take(record) {
                    let kind = if balance.is_blank() { UnusedKind::Line } else { UnusedKind::OtherBalance };
                    context.unused(record.at.clone(), kind, &shown(record));
                }
                Ok(())
            }
        }
    }

    fn inherited(&self, part: &Part) -> Option<(Printed, String)> {
        part.rows.last().map(|row| (row.date, row.date_text.clone()))
    }

    /// Adds a line without date and amount to the narration above it.
    fn continue_row(&mut self, record: &Record, part: &mut Part) -> bool {
        let more = text::joined(self.columns.cells(record, Role::Narration));
        let Some(row) = part.rows.last_mut() else { return false };
        if more.is_empty() || row.continued >= CONTINUED_LINES_MAX {
            return false;
        }
        row.continued += 1;
        row.narration = text::joined([row.narration.as_str(), &more]);
        self.after_row = true;
        true
    }

    /// The label of a record that is no transaction.
    fn label(&self, record: &Record, date: Option<Printed>, amounts: &[Cell; 3], balance: &Cell) -> Option<Label> {
        let cells = || (0..record.cells.len()).map(|at| cell(record, at)).filter(|cell| !cell.is_empty());
        let is_line = |label: &Label| {
            !matches!(
                label,
                Label::Account
                    | Label::Holder
                    | Label::Period
                    | Label::PeriodFrom
                    | Label::PeriodTo
                    | Label::Currency
                    | Label::Bank
            )
        };
        if date.is_none() {
            return cells().find_map(label::whole).filter(is_line).or_else(|| {
                let begins = |cell: &str| {
                    label::leading(cell).filter(|(_, rest)| money::parse(rest).is_some()).map(|(label, _)| label)
                };
                cells().find_map(begins).filter(is_line)
            });
        }
        // A dated line is one if it is named so and moves nothing: its only amount is the balance.
        let amounts: Vec<&money::Amount> = amounts
            .iter()
            .filter_map(|cell| match cell {
                Cell::Amount(amount, _) => Some(amount),
                _ => None,
            })
            .collect();
        let moves = match (amounts.as_slice(), balance) {
            ([], _) => false,
            ([only], Cell::Amount(balance, _)) => {
                *only != balance && only.size(crate::DecimalMark::Point) != Some(rust_decimal::Decimal::ZERO)
            }
            ([_], _) => false,
            _ => true,
        };
        if moves {
            return None;
        }
        let is_balance =
            |label: &Label| matches!(label, Label::Opening | Label::Closing | Label::Carried | Label::Brought);
        cells().find_map(label::whole).filter(is_balance)
    }

    /// Takes the amounts of a labelled line.
    fn take_label(&self, label: Label, record: &Record, balance: &Cell, part: &mut Part, context: &mut Context<'_>) {
        let rows = part.rows.len();
        let mut found = Vec::new();
        let mut add = |label: Label, cell: &Cell| {
            if let Cell::Amount(amount, printed) = cell {
                found.push((
                    rows,
                    SaidAmount { label, amount: amount.clone(), printed: printed.clone(), at: record.at.clone() },
                ));
            }
        };
        let of = |role| Cell::of(self.columns.cell(record, role));
        match label {
            Label::Total => {
                add(Label::TotalDebits, &of(Role::Debit));
                add(Label::TotalCredits, &of(Role::Credit));
                add(Label::Total, &of(Role::Amount));
            }
            Label::Opening | Label::Closing | Label::Carried | Label::Brought if !balance.is_blank() => {
                let mut side = balance.clone();
                if let (Cell::Amount(amount, _), Some(at)) = (&mut side, self.columns.balance_direction) {
                    amount.side = amount.side.or_else(|| amount::direction(cell(record, at)));
                }
                add(label, &side);
            }
            _ => {}
        }
        if found.is_empty() {
            // Several labels with their amounts on one line, or a label with the only amount of its line.
            let mut said = Said::default();
            said.take(record);
            found.extend(said.amounts.into_iter().map(|amount| (rows, amount)));
        }
        if found.is_empty() {
            let last = (0..record.cells.len()).rev().map(|at| Cell::of(cell(record, at))).find(|cell| !cell.is_blank());
            if let Some(Cell::Amount(amount, printed)) = last {
                found.push((rows, SaidAmount { label, amount, printed, at: record.at.clone() }));
            }
        }
        if found.is_empty() {
            context.unused(record.at.clone(), UnusedKind::NotUnderstood, &shown(record));
        }
        part.labels.append(&mut found);
    }

    #[expect(clippy::too_many_arguments, reason = "all of them are what was found out about the record")]
    fn take_row(
        &mut self,
        record: &Record,
        date: Printed,
        printed: &str,
        has_amount: bool,
        balance: &Cell,
        part: &mut Part,
        context: &mut Context<'_>,
    ) -> Result<(), ReadError> {
        let columns = self.columns;
        match status(columns.cell(record, Role::Status)) {
            Some(_) => {}
            None => {
                context.count_row()?;
                part.unread.push((record.at.clone(), Unread::StatusNotUnderstood, shown(record)));
                return Ok(());
            }
        }
        // A balance that did not change needs no amount; any other shows that an amount is missing.
        if !has_amount && part.rows.last().is_some_and(|row| same_balance(&row.balance, balance)) {
            context.unused(record.at.clone(), UnusedKind::OtherBalance, &shown(record));
            return Ok(());
        }
        context.count_row()?;
        if !has_amount {
            part.unread.push((record.at.clone(), Unread::AmountMissing, shown(record)));
            return Ok(());
        }
        let amount = |role| Cell::of(columns.cell(record, role));
        let value_text = if columns.position(Role::ValueDate) == Some(columns.date()) {
            ""
        } else {
            columns.cell(record, Role::ValueDate)
        };
        let narration = text::joined(columns.cells(record, Role::Narration));
        part.rows.push(Raw {
            at: record.at.clone(),
            date_text: printed.to_owned(),
            date,
            value_text: value_text.to_owned(),
            narration: context.narration(&record.at, narration),
            counterparty: text::some(columns.cell(record, Role::Counterparty)),
            reference: text::some(columns.cell(record, Role::Reference)),
            bank_id: text::some(columns.cell(record, Role::BankId)),
            code: text::some(columns.cell(record, Role::Kind)),
            direction: columns.cell(record, Role::Direction).to_owned(),
            amount: amount(Role::Amount),
            debit: amount(Role::Debit),
            credit: amount(Role::Credit),
            balance: balance.clone(),
            balance_side: columns.balance_direction.and_then(|at| amount::direction(cell(record, at))),
            currency: Some(columns.cell(record, Role::Currency).to_ascii_uppercase()).filter(|code| code.len() == 3),
            account: text::some(columns.cell(record, Role::Account)),
            continued: 0,
        });
        self.after_row = true;
        Ok(())
    }
}

/// Whether a status means booked; `None` if it is not known.
fn status(text: &str) -> Option<bool> {
    match text::folded(text).as_str() {
        "" | "booked" | "book" | "posted" | "completed" | "complete" | "cleared" | "settled" | "success"
        | "successful" | "processed" | "gebucht" | "erledigt" | "contabilizado" | "comptabilise" | "contabilizzato"
        | "executed" | "ok" | "done" | "reconciled" => Some(true),
        "pending" | "declined" | "failed" | "reverted" | "cancelled" | "canceled" | "authorised" | "authorized"
        | "rejected" | "vorgemerkt" | "pendiente" | "en attente" | "pdng" | "info" | "offen" | "hold" | "on hold"
        | "scheduled" => Some(false),
        _ => None,
    }
}

fn same_balance(one: &Cell, other: &Cell) -> bool {
    matches!((one, other), (Cell::Amount(one, _), Cell::Amount(other, _)) if one == other)
}

fn is_empty(record: &Record) -> bool {
    record.cells.iter().all(|cell| cell.trim().is_empty())
}

/// A record as text for a list of what was not used or read.
pub(super) fn shown(record: &Record) -> String {
    record.cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" | ")
}
