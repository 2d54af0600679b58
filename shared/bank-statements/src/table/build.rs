//! Makes statements of the sorted records of a table.

use super::amount::{self, Conventions, Marking};
use super::column::Columns;
use super::label::Label;
use super::order::{self, Settled};
use super::preamble::SaidAmount;
use super::record::{Cell, Part, Raw};
use crate::answer::{Ambiguity, DateOrder, DecimalMark};
use crate::balance::Proof;
use crate::date::{self, Printed};
use crate::draft::{Context, Draft, Stated, StatedTotal};
use crate::error::ReadError;
use crate::flag::{Flag, Total};
use crate::money::Amount;
use crate::place::{Place, Unread, UnusedKind};
use crate::read::Drafts;
use crate::row::{self, Row};
use crate::statement::Period;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The statements of the parts, or what nothing in the file settles.
pub(super) fn drafts(parts: Vec<Part>, columns: &Columns, context: &mut Context<'_>) -> Result<Drafts, ReadError> {
    let order = date_order(&parts, context);
    let mark = decimal_mark(&parts, context);
    let (order, mark) = match (order, mark) {
        (Settled::To(order), Settled::To(mark)) => (order, mark),
        (order, mark) => {
            let mut open = Vec::new();
            if let Settled::Open(readings) = order {
                open.push(Ambiguity::DateOrder { readings });
            }
            if let Settled::Open(readings) = mark {
                open.push(Ambiguity::DecimalMark { readings });
            }
            return Ok(Drafts::Ambiguous(open));
        }
    };
    let mut drafts = Vec::new();
    for part in parts {
        for part in by_account(part) {
            let builder = Builder { order, mark, columns, number: drafts.len() };
            drafts.push(builder.draft(part, context));
        }
    }
    // A file with nothing but a heading is no statement, unless it states its balances.
    let is_empty = |draft: &Draft| {
        draft.rows.is_empty() && draft.unread == 0 && (draft.opening.is_none() || draft.closing.is_none())
    };
    drafts.retain(|draft| !is_empty(draft));
    if drafts.is_empty() { Err(ReadError::NoStatement) } else { Ok(Drafts::Read(drafts)) }
}

fn date_order(parts: &[Part], context: &Context<'_>) -> Settled<DateOrder, crate::answer::DateReading> {
    let mut dates: Vec<(Printed, &str)> = Vec::new();
    for part in parts {
        for row in &part.rows {
            dates.push((row.date, &row.date_text));
            dates.extend(date::parse(&row.value_text).map(|date| (date, row.value_text.as_str())));
        }
        for (text, _) in part.said.from.iter().chain(&part.said.to) {
            dates.extend(date::parse(text).map(|date| (date, text.as_str())));
        }
    }
    let plain = |said: &Option<(String, Place)>| match date::parse(&said.as_ref()?.0)? {
        Printed::Plain(date) => Some(date),
        _ => None,
    };
    let period = parts.first().and_then(|part| plain(&part.said.from).zip(plain(&part.said.to)));
    order::date_order(&dates, period, context.answers.date_order)
}

fn decimal_mark(parts: &[Part], context: &Context<'_>) -> Settled<DecimalMark, crate::answer::MarkReading> {
    let amounts = || parts.iter().flat_map(amounts);
    let printed =
        || amounts().find(|(amount, _)| amount.is_ambiguous()).map(|(_, text)| text.to_owned()).unwrap_or_default();
    let agreement = |mark| parts.iter().map(|part| agreement(part, mark)).sum();
    order::decimal_mark(&amounts().map(|(amount, _)| amount), printed, context.answers.decimal_mark, agreement)
}

/// All amounts of a part, with their text.
fn amounts(part: &Part) -> impl Iterator<Item = (&Amount, &str)> + Clone {
    let rows = part.rows.iter().flat_map(|row| [&row.amount, &row.debit, &row.credit, &row.balance]);
    let cells = rows.filter_map(|cell| match cell {
        Cell::Amount(amount, text) => Some((amount, text.as_str())),
        _ => None,
    });
    let said = part.said.amounts.iter().chain(part.labels.iter().map(|(_, said)| said));
    cells.chain(said.map(|said| (&said.amount, said.printed.as_str())))
}

/// How many steps of the running balance agree with the amounts read by a mark, in either order.
fn agreement(part: &Part, mark: DecimalMark) -> usize {
    let conventions = Conventions::of(&part.rows);
    let rows: Vec<(Option<Decimal>, Option<Decimal>)> =
        part.rows.iter().map(|row| (amount::signed(row, mark, conventions).ok(), amount::balance(row, mark))).collect();
    let step = |before: Option<Decimal>, (amount, after): (Option<Decimal>, Option<Decimal>)| {
        let (Some(before), Some(amount), Some(after)) = (before, amount, after) else { return false };
        (after - before).abs() == amount.abs()
    };
    let forward = rows.windows(2).filter(|pair| step(pair[0].1, pair[1])).count();
    let backward = rows.windows(2).filter(|pair| step(pair[1].1, pair[0])).count();
    let opening = part
        .said
        .amounts
        .iter()
        .chain(part.labels.iter().map(|(_, said)| said))
        .find(|said| said.label == Label::Opening);
    let opening = opening.and_then(|said| said.amount.signed(mark));
    let first = [rows.first(), rows.last()].into_iter().flatten().any(|row| step(opening, *row));
    forward.max(backward) + usize::from(first)
}

/// The part cut by account and currency, where columns name several.
fn by_account(part: Part) -> Vec<Part> {
    let mut keys: Vec<(Option<String>, Option<String>)> = Vec::new();
    let mut cut: Vec<Part> = Vec::new();
    let mut part = part;
    // Where the lines above the table name the account, a column of accounts that differ is of other parties.
    let own = part.said.account.as_deref().map(crate::read::folded);
    let names_others = own.is_some_and(|own| {
        part.rows.iter().any(|row| row.account.as_deref().is_some_and(|account| crate::read::folded(account) != own))
    });
    for mut row in std::mem::take(&mut part.rows) {
        row.account = row.account.filter(|_| !names_others);
        let key = (row.account.clone(), row.currency.clone());
        let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            cut.push(Part::default());
            keys.len() - 1
        });
        cut[at].rows.push(row);
    }
    match cut.as_mut_slice() {
        [] => vec![part],
        [only] => {
            part.rows = std::mem::take(&mut only.rows);
            vec![part]
        }
        [first, others @ ..] => {
            // Balances and totals around the table are of the whole file, and prove none of its accounts.
            for other in others {
                other.said.from = part.said.from.clone();
                other.said.to = part.said.to.clone();
            }
            first.said.from = part.said.from.clone();
            first.said.to = part.said.to.clone();
            first.unread = part.unread;
            first.said.amounts = Vec::new();
            cut
        }
    }
}

struct Builder<'a> {
    order: DateOrder,
    mark: DecimalMark,
    columns: &'a Columns,
    number: usize,
}

impl Builder<'_> {
    fn draft(&self, part: Part, context: &mut Context<'_>) -> Draft {
        let at =
            part.rows.first().map(|row| row.at.clone()).or_else(|| part.said.from.as_ref().map(|(_, at)| at.clone()));
        let mut draft = Draft::new(at.unwrap_or(Place::Cell { line: 1, column: None }));
        self.identify(&part, &mut draft);
        self.period(&part, &mut draft);
        self.balances(&part, &mut draft, context);
        for (at, why, text) in &part.unread {
            context.unread(&mut draft, self.number, at.clone(), *why, text);
        }
        let conventions = Conventions::of(&part.rows);
        let marking = amount::marking(&part.rows, self.mark);
        let amounts = match marking {
            Marking::ByBalance => {
                amount::by_balance(&part.rows, self.mark, draft.opening.as_ref().map(|opening| opening.amount))
            }
            _ => part.rows.iter().map(|row| amount::signed(row, self.mark, conventions)).collect(),
        };
        if marking == Marking::Unmarked && part.rows.iter().any(|row| matches!(row.amount, Cell::Amount(..))) {
            draft.flags.push(Flag::DirectionNotMarked);
        }
        for (raw, amount) in part.rows.into_iter().zip(amounts) {
            self.row(raw, amount, conventions, &mut draft, context);
        }
        draft
    }

    fn identify(&self, part: &Part, draft: &mut Draft) {
        let first = part.rows.first();
        draft.account = first.and_then(|row| row.account.clone()).or_else(|| part.said.account.clone());
        let printed = || part.rows.iter().flat_map(|row| [&row.amount, &row.balance, &row.debit, &row.credit]);
        let of_amounts = || {
            printed().find_map(|cell| match cell {
                Cell::Amount(amount, _) => amount.currency.clone().filter(|code| !code.is_empty()),
                _ => None,
            })
        };
        draft.currency = first
            .and_then(|row| row.currency.clone())
            .or_else(|| self.columns.currency.clone())
            .or_else(|| part.said.currency.clone())
            .or_else(of_amounts);
        draft.holder = part.said.holder.clone();
        draft.bank = part.said.bank.clone();
        let texts = printed().filter_map(|cell| match cell {
            Cell::Amount(_, text) => Some(text.as_str()),
            _ => None,
        });
        if draft.currency.is_none() && is_indian(texts, part.rows.iter().map(|row| row.narration.as_str())) {
            draft.inferred_currency = Some("INR".to_owned());
        }
    }

    fn period(&self, part: &Part, draft: &mut Draft) {
        let day = |said: &Option<(String, Place)>| {
            said.as_ref()
                .map(|(text, at)| (date::parse(text).and_then(|date| date::read(date, self.order)), at.clone()))
        };
        match (day(&part.said.from), day(&part.said.to)) {
            (Some((Some(from), _)), Some((Some(to), _))) if from <= to => draft.period = Some(Period { from, to }),
            (Some((_, at)), Some(_)) => draft.flags.push(Flag::NotUnderstood { at }),
            _ => {}
        }
    }

    /// Takes opening and closing balance, totals, and balances carried over page breaks.
    fn balances(&self, part: &Part, draft: &mut Draft, context: &mut Context<'_>) {
        let said = || {
            part.said.amounts.iter().map(|said| (0, said)).chain(part.labels.iter().map(|(rows, said)| (*rows, said)))
        };
        let mut ends: Vec<usize> = Vec::new();
        for (rows, said) in said() {
            // Totals beside each other are of the same rows.
            let totalled = ends.iter().copied().filter(|end| *end < rows).max().unwrap_or(0);
            let value = match said.label {
                Label::Opening | Label::Closing | Label::Carried | Label::Brought | Label::Total => {
                    said.amount.signed(self.mark)
                }
                _ => said.amount.size(self.mark),
            };
            let Some(value) = value else {
                context.unused(said.at.clone(), UnusedKind::NotUnderstood, &said.printed);
                draft.flags.push(Flag::NotUnderstood { at: said.at.clone() });
                continue;
            };
            let total = |what| StatedTotal { what, value, at: said.at.clone() };
            let is_total = matches!(said.label, Label::TotalDebits | Label::TotalCredits | Label::Total);
            // The total of a page or section is that of the rows since the one before.
            let is_partial = rows > 0 && (totalled > 0 || rows < part.rows.len());
            if is_total && is_partial && self.is_total_of(&part.rows[totalled..rows], said.label, value) {
                ends.push(rows);
                continue;
            }
            match said.label {
                Label::Opening => draft.open(Stated { amount: value, date: None, at: said.at.clone() }),
                Label::Closing => draft.close(Stated { amount: value, date: None, at: said.at.clone() }),
                Label::TotalDebits => draft.totals.push(total(Total::Debits)),
                Label::TotalCredits => draft.totals.push(total(Total::Credits)),
                Label::DebitCount => draft.totals.push(total(Total::DebitCount)),
                Label::CreditCount => draft.totals.push(total(Total::CreditCount)),
                Label::Count => draft.totals.push(total(Total::Count)),
                Label::Total => draft.totals.push(total(Total::NetOrGross)),
                Label::OtherBalance => context.unused(said.at.clone(), UnusedKind::OtherBalance, &said.printed),
                _ => {}
            }
        }
        self.carried(part, draft, context);
    }

    /// Whether a total is that of some rows.
    fn is_total_of(&self, rows: &[Raw], label: Label, value: Decimal) -> bool {
        let conventions = Conventions::of(rows);
        let amounts = rows.iter().filter_map(|row| amount::signed(row, self.mark, conventions).ok());
        let (credits, debits): (Vec<Decimal>, Vec<Decimal>) = amounts.partition(|amount| amount.is_sign_positive());
        let (credits, debits) = (credits.iter().sum::<Decimal>(), -debits.iter().sum::<Decimal>());
        match label {
            Label::TotalDebits => debits == value,
            Label::TotalCredits => credits == value,
            _ => (credits - debits).abs() == value.abs() || credits + debits == value.abs(),
        }
    }

    /// Balances carried to the next page and brought from the one before are the running balance of the row between.
    fn carried(&self, part: &Part, draft: &mut Draft, context: &mut Context<'_>) {
        let lines: Vec<&(usize, SaidAmount)> =
            part.labels.iter().filter(|(_, said)| matches!(said.label, Label::Carried | Label::Brought)).collect();
        let last = part.rows.len();
        for (position, (rows, said)) in lines.iter().enumerate() {
            let Some(value) = said.amount.signed(self.mark) else { continue };
            let stated = Stated { amount: value, date: None, at: said.at.clone() };
            // The first one is the opening balance, and the last one the closing balance, where no other is stated.
            if position == 0 && *rows == 0 && said.label == Label::Brought && draft.opening.is_none() {
                draft.open(stated);
                continue;
            }
            if position + 1 == lines.len() && *rows == last && said.label == Label::Carried && draft.closing.is_none() {
                draft.close(stated);
                continue;
            }
            context.unused(said.at.clone(), UnusedKind::CarriedForward, &said.printed);
            let before =
                rows.checked_sub(1).and_then(|at| part.rows.get(at)).and_then(|row| amount::balance(row, self.mark));
            let after = part.rows.get(*rows).and_then(|row| amount::balance(row, self.mark));
            let carried = match position.checked_sub(1).map(|before| lines[before]) {
                Some((other_rows, other)) if other_rows == rows && said.label == Label::Brought => {
                    other.amount.signed(self.mark)
                }
                _ => before,
            };
            // Newest first, the row before is the one below.
            if let Some(carried) = carried.filter(|carried| *carried != value && after != Some(value)) {
                draft.flags.push(Flag::PageMismatch { carried, brought: value, at: said.at.clone() });
            }
        }
    }

    fn row(
        &self,
        raw: Raw,
        amount: Result<Decimal, Unread>,
        conventions: Conventions,
        draft: &mut Draft,
        context: &mut Context<'_>,
    ) {
        let turned = amount::is_turned(&raw, conventions);
        let balance = amount::balance(&raw, self.mark);
        let read =
            self.day(raw.date, draft.period).ok_or(Unread::DateNotUnderstood).and_then(|date| Ok((date, amount?)));
        let printed = [&raw.amount, &raw.debit, &raw.credit].into_iter().find_map(|cell| match cell {
            Cell::Amount(_, text) | Cell::Other(text) => Some(text.clone()),
            Cell::Blank => None,
        });
        let printed = printed.unwrap_or_default();
        let (date, amount) = match read {
            Ok(read) => read,
            Err(why) => {
                let text = format!("{} | {} | {printed}", raw.date_text, raw.narration);
                context.unread(draft, self.number, raw.at, why, &text);
                return;
            }
        };
        if !raw.balance.is_blank() && balance.is_none() {
            draft.flags.push(Flag::NotUnderstood { at: raw.at.clone() });
        }
        if turned && balance.is_none() {
            draft.flags.push(Flag::DirectionContradicted { at: raw.at.clone() });
        }
        let value_date = match date::parse(&raw.value_text) {
            Some(date) => self.day(date, draft.period),
            None => None,
        };
        if !raw.value_text.is_empty() && value_date.is_none() {
            draft.flags.push(Flag::ValueDateNotUnderstood { at: raw.at.clone() });
        }
        let direction = if raw.direction.is_empty() { String::new() } else { format!(" {}", raw.direction) };
        draft.rows.push(Row {
            date,
            value_date,
            amount,
            balance,
            proof: Proof::Unproven,
            narration: raw.narration,
            counterparty: raw.counterparty,
            reference: raw.reference,
            bank_id: raw.bank_id,
            code: raw.code,
            reversal: false,
            details: Vec::new(),
            repeated: false,
            at: raw.at,
            printed: row::Printed { date: raw.date_text, amount: format!("{printed}{direction}") },
        });
    }

    /// The day of a printed date. Without a year, it is the one within the stated period.
    fn day(&self, date: Printed, period: Option<Period>) -> Option<Date> {
        if let Some(date) = date::read(date, self.order) {
            return Some(date);
        }
        let (day, month) = date::day_and_month(date, self.order)?;
        let period = period?;
        let mut years = (period.from.year()..=period.to.year()).filter_map(|year| Date::new(year, month, day).ok());
        let found = years.find(|date| *date >= period.from && *date <= period.to)?;
        years.all(|date| date < period.from || date > period.to).then_some(found)
    }
}

/// Whether a file is Indian for certain: amounts grouped by lakhs, and the names of payment systems that only India has.
fn is_indian<'a>(mut amounts: impl Iterator<Item = &'a str>, mut narrations: impl Iterator<Item = &'a str>) -> bool {
    let by_lakhs = |text: &str| {
        let digits: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, ',' | '.')).collect();
        let whole = digits.split('.').next().unwrap_or_default();
        let groups: Vec<&str> = whole.split(',').collect();
        groups.len() > 2 && groups[1..groups.len() - 1].iter().all(|group| group.len() == 2)
    };
    let names = |text: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "UPI" | "NEFT" | "IMPS" | "NACH"))
    };
    amounts.any(by_lakhs) && narrations.any(names)
}
