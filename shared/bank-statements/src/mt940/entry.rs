//! Field 61: one entry of the statement.

use super::amount;
use crate::date::century;
use crate::place::Unread;
use crate::text;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What field 61 holds.
pub(super) struct Entry {
    /// The entry date, else the value date.
    pub date: Date,
    /// `None` where the calendar has no such day.
    pub value_date: Option<Date>,
    /// Signed from the account holder's view.
    pub amount: Decimal,
    /// Whether it is marked as a reversal.
    pub reversal: bool,
    pub code: Option<String>,
    pub reference: Option<String>,
    pub bank_reference: Option<String>,
    /// Supplementary details.
    pub details: String,
    pub printed_date: String,
    pub printed_amount: String,
}

/// Reads field 61: value date, entry date, mark, funds code, amount, type, references, and details on the next line.
pub(super) fn parse(lines: &[&str]) -> Result<Entry, Unread> {
    let first = lines.first().map_or("", |line| line.trim());
    let (head, mut more) = (first, lines.get(1..).unwrap_or_default());
    // Some banks break the line before the amount.
    let joined;
    let head = match head.chars().last() {
        Some(last) if head.chars().count() <= 14 && last.is_ascii_alphabetic() && !more.is_empty() => {
            joined = format!("{head}{}", more[0].trim());
            more = &more[1..];
            joined.as_str()
        }
        _ => head,
    };
    let digits = head.find(|c: char| !c.is_ascii_digit()).unwrap_or(head.len());
    let (dates, rest) = head.split_at(digits);
    if !matches!(dates.len(), 6 | 10) {
        return Err(if dates.is_empty() { Unread::DateMissing } else { Unread::DateNotUnderstood });
    }
    let value = &dates[..6];
    let value_date = date(value);
    let date = match dates.get(6..).filter(|entry| !entry.is_empty()) {
        Some(entry) => entry_date(value, entry),
        None => value_date,
    };
    let date = date.ok_or(Unread::DateNotUnderstood)?;
    let Marked { sign, reversal, rest: after } = mark(rest)?;
    let end = after.find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.'))).unwrap_or(after.len());
    let (printed, rest) = after.split_at(end);
    let size =
        amount(printed).ok_or(if printed.is_empty() { Unread::AmountMissing } else { Unread::AmountNotUnderstood })?;
    let printed_mark = rest_before(head, dates, after);
    let (code, reference, bank_reference) = references(rest);
    Ok(Entry {
        date,
        value_date,
        amount: sign * size,
        reversal,
        code,
        reference,
        bank_reference,
        details: text::joined(more.iter().copied()),
        printed_date: dates.to_owned(),
        printed_amount: format!("{printed_mark}{printed}"),
    })
}

/// The mark and funds code between dates and amount, as printed.
fn rest_before<'a>(head: &'a str, dates: &str, after: &str) -> &'a str {
    head.get(dates.len()..head.len() - after.len()).unwrap_or_default()
}

struct Marked<'a> {
    sign: Decimal,
    reversal: bool,
    rest: &'a str,
}

/// The mark: `C`, `D`, or their reversals `RC` (money out) and `RD` (money in), then the third letter of the currency.
///
/// `DR` is therefore a debit with the funds code R, and `RD` is the reversal of a debit.
fn mark(text: &str) -> Result<Marked<'_>, Unread> {
    let upper = text.trim_start().to_ascii_uppercase();
    let marks = [("RC", true, true), ("RD", false, true), ("C", false, false), ("D", true, false)];
    let (mark, is_out, reversal) = *marks.iter().find(|(mark, ..)| upper.starts_with(mark)).ok_or_else(|| {
        // `EC` and `ED` are expected entries, which MT940 does not have.
        if upper.starts_with('E') { Unread::StatusNotUnderstood } else { Unread::DirectionMissing }
    })?;
    let rest = text.trim_start().get(mark.len()..).unwrap_or_default().trim_start();
    let rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest).trim_start();
    let sign = if is_out { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
    Ok(Marked { sign, reversal, rest })
}

/// Type of the transaction, the customer's reference, and the bank's after `//`.
fn references(text: &str) -> (Option<String>, Option<String>, Option<String>) {
    let kind = text.get(..4).filter(|kind| kind.starts_with(|c: char| c.is_ascii_alphabetic()));
    let rest = kind.map_or(text, |kind| &text[kind.len()..]);
    let (customer, bank) = match rest.split_once("//") {
        Some((customer, bank)) => (customer, Some(bank)),
        None => (rest, None),
    };
    let customer = text::some(customer).filter(|reference| !reference.eq_ignore_ascii_case("NONREF"));
    (kind.map(str::to_owned), customer, bank.and_then(text::some))
}

/// A date of six digits, year first.
pub(super) fn date(digits: &str) -> Option<Date> {
    let (year, month, day) = parts(digits)?;
    Date::new(year, month, day).ok()
}

fn parts(digits: &str) -> Option<(i16, i8, i8)> {
    if digits.len() != 6 || !digits.is_ascii() {
        return None;
    }
    Some((century(digits[..2].parse().ok()?), digits[2..4].parse().ok()?, digits[4..].parse().ok()?))
}

/// The entry date has month and day only: its year is the one that brings it nearest to the value date.
fn entry_date(value: &str, entry: &str) -> Option<Date> {
    let (year, month, day) = parts(value)?;
    // Where the value date does not exist, e.g. 30 February, the first of its month is as good to find the year.
    let near = Date::new(year, month, day).or_else(|_| Date::new(year, month, 1)).ok()?;
    let (month, day) = (entry.get(..2)?.parse().ok()?, entry.get(2..)?.parse().ok()?);
    let candidates = (year - 1..=year + 1).filter_map(|year| Date::new(year, month, day).ok());
    candidates.min_by_key(|date| near.until(*date).map_or(i32::MAX, |span| span.get_days().abs()))
}
