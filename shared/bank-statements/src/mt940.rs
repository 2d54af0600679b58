//! Reads SWIFT MT940 customer statements, with or without the blocks of the network and the lines that banks put around them.
//!
//! After the SWIFT standard for MT940 and the German banks' rules for field 86 (DFÜ-Abkommen, appendix 3).

mod entry;
mod field;
mod info;
mod page;

use crate::answer::DecimalMark;
use crate::balance::Proof;
use crate::draft::{Context, Draft, Stated, StatedTotal};
use crate::error::{Counted, ReadError, within};
use crate::flag::{Flag, Total};
use crate::money;
use crate::place::{Place, UnusedKind};
use crate::row::{Printed, Row};
use crate::text;
use field::Field;
use page::Page;
use rust_decimal::Decimal;

/// Reads the statements of an MT940 file. The pages of one statement are put together.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<Vec<Draft>, ReadError> {
    let text = text::decode(bytes, None);
    let fields = field::fields(&text, context)?;
    let mut pages: Vec<Page> = Vec::new();
    for field in &fields {
        within(Counted::Statements, pages.len(), context.limits.statements_max)?;
        let begins = match field.tag.as_str() {
            "20" => true,
            // Without field 20, a statement begins with its account or, where that is missing too, its opening balance.
            "25" | "25P" => pages.last().is_none_or(|page| page.closing.is_some()),
            tag if tag.starts_with("60") => pages.last().is_none_or(|page| page.closing.is_some()),
            _ => pages.is_empty(),
        };
        if begins {
            pages.push(Page::new(field.line));
        }
        let number = pages.len() - 1;
        if let Some(page) = pages.last_mut() {
            take(field, page, number, context)?;
        }
    }
    if pages.is_empty() {
        return Err(ReadError::NoStatement);
    }
    Ok(page::joined(pages, context))
}

/// Takes one field into its page.
fn take(field: &Field<'_>, page: &mut Page, number: usize, context: &mut Context<'_>) -> Result<(), ReadError> {
    let at = Place::Line(field.line);
    let first = field.lines.first().map_or("", |line| line.trim());
    let unused = |context: &mut Context<'_>, kind| context.unused(at.clone(), kind, &field.shown());
    match field.tag.as_str() {
        "20" | "21" | "13" | "13D" | "34F" => {}
        "25" | "25P" => page.account = account(first),
        "28" | "28C" => page.number = text::some(first),
        "60F" | "60M" => match balance(first, &at) {
            Some((stated, currency)) => {
                page.currencies.push(currency);
                page.opening = Some(stated);
                page.begins_within = field.tag == "60M";
            }
            None => not_understood(field, page, context),
        },
        "62F" | "62M" => match balance(first, &at) {
            Some((stated, currency)) => {
                page.currencies.push(currency);
                page.closing = Some(stated);
                page.ends_within = field.tag == "62M";
            }
            None => not_understood(field, page, context),
        },
        "64" | "65" => unused(context, UnusedKind::OtherBalance),
        "61" => entry(field, page, number, context)?,
        "86" if page.closing.is_some() || !page.awaits_info => statement_info(field, page, context),
        "86" => {
            page.awaits_info = false;
            if let Some(row) = page.draft.rows.last_mut() {
                info::take(&field.lines, row);
                let narration = std::mem::take(&mut row.narration);
                row.narration = context.narration(&at, narration);
            }
        }
        "90C" | "90D" => match totals_of_field_90(field, first) {
            Some(totals) => page.draft.totals.extend(totals),
            None => not_understood(field, page, context),
        },
        _ => unused(context, UnusedKind::Unknown),
    }
    Ok(())
}

/// A balance or total that cannot be read is never left out silently.
fn not_understood(field: &Field<'_>, page: &mut Page, context: &mut Context<'_>) {
    let at = Place::Line(field.line);
    context.unused(at.clone(), UnusedKind::NotUnderstood, &field.shown());
    page.draft.flags.push(Flag::NotUnderstood { at });
}

/// Takes field 61 as a row.
fn entry(field: &Field<'_>, page: &mut Page, number: usize, context: &mut Context<'_>) -> Result<(), ReadError> {
    context.count_row()?;
    let at = Place::Line(field.line);
    // The text in field 86 belongs to the row before only if that row was read.
    page.awaits_info = false;
    match entry::parse(&field.lines) {
        Ok(entry) => {
            page.awaits_info = true;
            if entry.value_date.is_none() {
                page.draft.flags.push(Flag::ValueDateNotUnderstood { at: at.clone() });
            }
            page.draft.rows.push(Row {
                date: entry.date,
                value_date: entry.value_date,
                amount: entry.amount,
                balance: None,
                proof: Proof::Unproven,
                narration: entry.details,
                counterparty: None,
                reference: entry.reference,
                bank_id: entry.bank_reference,
                code: entry.code,
                reversal: entry.reversal,
                details: Vec::new(),
                repeated: false,
                at,
                printed: Printed { date: entry.printed_date, amount: entry.printed_amount },
            });
        }
        Err(why) => {
            context.unread(&mut page.draft, number, at, why, &field.shown());
        }
    }
    Ok(())
}

/// Field 86 after the closing balance: about the statement. ING prints its counts and sums there.
fn statement_info(field: &Field<'_>, page: &mut Page, context: &mut Context<'_>) {
    let at = Place::Line(field.line);
    match field.lines.first().and_then(|line| totals_in_info(line.trim(), &at)) {
        Some(totals) => page.draft.totals.extend(totals),
        None => context.unused(at, UnusedKind::Line, &field.shown()),
    }
}

/// `D000004C000002D25,24C28,71`: number of debits and credits, sums of debits and credits.
fn totals_in_info(text: &str, at: &Place) -> Option<Vec<StatedTotal>> {
    let (debit_count, rest) = text.strip_prefix('D')?.split_once('C')?;
    let (credit_count, rest) = rest.split_once('D')?;
    let (debits, credits) = rest.split_once('C')?;
    let count = |digits: &str| Decimal::from_str_exact(digits).ok().filter(|_| digits.len() == 6);
    let total = |what, value| StatedTotal { what, value, at: at.clone() };
    Some(vec![
        total(Total::DebitCount, count(debit_count)?),
        total(Total::CreditCount, count(credit_count)?),
        total(Total::Debits, amount(debits)?),
        total(Total::Credits, amount(credits)?),
    ])
}

/// Field 90: number, currency and sum of the debits (90D) or credits (90C).
fn totals_of_field_90(field: &Field<'_>, text: &str) -> Option<[StatedTotal; 2]> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, rest) = text.split_at(digits);
    let sum = rest.get(3..).filter(|_| rest.is_char_boundary(3))?;
    let (number, total) = match field.tag.as_str() {
        "90D" => (Total::DebitCount, Total::Debits),
        _ => (Total::CreditCount, Total::Credits),
    };
    let at = Place::Line(field.line);
    Some([
        StatedTotal { what: number, value: Decimal::from_str_exact(count).ok()?, at: at.clone() },
        StatedTotal { what: total, value: amount(sum)?, at },
    ])
}

/// The account of field 25, without the currency that some banks append.
fn account(text: &str) -> Option<String> {
    let text = match text.rsplit_once(' ') {
        Some((account, last)) if last.len() == 3 && last.chars().all(|c| c.is_ascii_uppercase()) => account,
        _ => text,
    };
    text::some(text)
}

/// A balance of fields 60 and 62: mark, date, currency and amount.
fn balance(text: &str, at: &Place) -> Option<(Stated, String)> {
    let mut chars = text.chars();
    let side = match chars.next()?.to_ascii_uppercase() {
        'C' => money::Side::Credit,
        'D' => money::Side::Debit,
        _ => return None,
    };
    let rest = chars.as_str();
    let (digits, rest) = (rest.get(..6)?, rest.get(6..)?);
    let (currency, printed) = (rest.get(..3)?, rest.get(3..)?);
    if !currency.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let stated = Stated { amount: side.signed(amount(printed)?), date: entry::date(digits), at: at.clone() };
    Some((stated, currency.to_ascii_uppercase()))
}

/// An amount of MT940: digits with a comma, which also stands where there are no cents. Some banks write a point.
fn amount(text: &str) -> Option<Decimal> {
    let text = text.trim();
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.')) {
        return None;
    }
    let amount = money::parse(text)?;
    amount.size(amount.only_mark().unwrap_or(DecimalMark::Comma))
}
