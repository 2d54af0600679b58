//! The amounts of OFX.

use crate::answer::DecimalMark;
use crate::money;
use rust_decimal::Decimal;

/// The decimal mark that the file's amounts prove, if all that prove one agree.
///
/// The standard knows no marks between groups of digits, so that a single mark is the decimal mark (OFX 2.2, 3.2.9.2). Banks
/// write groups all the same: `1,234` is a thousand where other amounts of the file have a decimal point.
pub(super) fn mark(text: &str) -> Option<DecimalMark> {
    let amounts = text.split("AMT>").skip(1).filter_map(|rest| rest.split(['<', '\n', '\r']).next());
    let mut marks = amounts.filter_map(|amount| money::parse(amount)?.only_mark());
    let first = marks.next()?;
    marks.all(|mark| mark == first).then_some(first)
}

/// Reads an amount of OFX: digits with an optional sign. Anything else, e.g. the sign of a currency, is not understood.
pub(super) fn parse(text: &str, mark: Option<DecimalMark>) -> Option<Decimal> {
    let text = text.trim();
    if !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ',')) {
        return None;
    }
    let amount = money::parse(text)?;
    let alone = if text.contains(',') { DecimalMark::Comma } else { DecimalMark::Point };
    amount.signed(amount.only_mark().or(mark).unwrap_or(alone))
}
