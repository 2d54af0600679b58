//! What the lines around a table say: account, holder, period, currency, balances and totals.

use super::Record;
use super::column::cell;
use super::heading;
use super::label::{self, Label};
use crate::date;
use crate::money;
use crate::place::Place;
use crate::text;

/// What labels say. Dates and amounts are kept as printed until the order and the mark are settled.
#[derive(Default)]
pub(super) struct Said {
    pub account: Option<String>,
    pub holder: Option<String>,
    pub currency: Option<String>,
    pub bank: Option<String>,
    /// First and last day of the period, as printed.
    pub from: Option<(String, Place)>,
    pub to: Option<(String, Place)>,
    pub amounts: Vec<SaidAmount>,
}

/// A labelled amount.
pub(super) struct SaidAmount {
    pub label: Label,
    pub amount: money::Amount,
    pub printed: String,
    pub at: Place,
}

impl Said {
    /// Takes what a record says by labels; returns whether it says anything.
    pub fn take(&mut self, record: &Record) -> bool {
        let cells: Vec<&str> =
            (0..record.cells.len()).map(|at| cell(record, at)).filter(|cell| !cell.is_empty()).collect();
        let mut any = false;
        let mut at = 0;
        while at < cells.len() {
            let next = cells.get(at + 1).copied();
            let (label, value, used) = match label::whole(cells[at]) {
                Some(label) => (Some(label), next.unwrap_or_default(), 2),
                None => match label::leading(cells[at]) {
                    Some((label, rest)) if !rest.is_empty() => (Some(label), rest, 1),
                    _ => (None, "", 1),
                },
            };
            let taken = label.is_some_and(|label| self.label(label, value, &record.at));
            any |= taken;
            any |= self.period_in(cells[at], &record.at);
            if cells[at].len() == 3 && heading::currency(cells[at]).is_some() {
                self.currency = self.currency.take().or_else(|| heading::currency(cells[at]));
                any = true;
            }
            at += if taken { used } else { 1 };
        }
        any
    }

    /// Takes a labelled value; returns whether it is one.
    fn label(&mut self, label: Label, value: &str, at: &Place) -> bool {
        let said = |own: &mut Option<String>, found: Option<String>| {
            let any = found.is_some();
            *own = own.take().or(found);
            any
        };
        match label {
            Label::Account => said(&mut self.account, account(value)),
            Label::Holder => {
                said(&mut self.holder, text::some(value).filter(|name| name.chars().any(char::is_alphabetic)))
            }
            Label::Bank => said(&mut self.bank, text::some(value)),
            Label::Currency => said(&mut self.currency, heading::currency(value)),
            Label::Period => self.period_in(&format!("period {value}"), at),
            Label::PeriodFrom | Label::PeriodTo => {
                if self.period_in(&format!("period {value}"), at) {
                    return true;
                }
                let slot = if label == Label::PeriodFrom { &mut self.from } else { &mut self.to };
                let found = date::parse(value).is_some();
                if found && slot.is_none() {
                    *slot = Some((value.to_owned(), at.clone()));
                }
                found
            }
            _ => self.amount(label, value, at),
        }
    }

    fn amount(&mut self, label: Label, value: &str, at: &Place) -> bool {
        let Some((amount, printed)) = last_amount(value) else { return false };
        self.amounts.push(SaidAmount { label, amount, printed: printed.to_owned(), at: at.clone() });
        true
    }

    /// Takes a period from a text with exactly two dates and a word for a period.
    fn period_in(&mut self, text: &str, at: &Place) -> bool {
        let folded = text::folded(text);
        const WORDS: [&str; 14] = [
            "period",
            "from",
            "zeitraum",
            "periodo",
            "periode",
            "von",
            "desde",
            "du",
            "statement",
            "between",
            "dal",
            "avadhi",
            "range",
            "dates",
        ];
        if !folded.split(' ').any(|word| WORDS.contains(&word)) {
            return false;
        }
        let [first, second] = dates(text).try_into().unwrap_or_default();
        if first.is_empty() || second.is_empty() {
            return false;
        }
        if self.from.is_none() && self.to.is_none() {
            self.from = Some((first, at.clone()));
            self.to = Some((second, at.clone()));
        }
        true
    }
}

/// The amount that a text is, or that stands at its end after a few words such as `as of 30 April 2026 =`.
fn last_amount(text: &str) -> Option<(money::Amount, &str)> {
    if let Some(amount) = money::parse(text) {
        return Some((amount, text));
    }
    let starts: Vec<usize> =
        text.char_indices().filter(|(at, c)| *at > 0 && c.is_whitespace()).map(|(at, c)| at + c.len_utf8()).collect();
    // The longest amount at the end: its side may be a word of its own.
    starts.iter().take(6).find_map(|start| {
        let (before, last) = text.split_at(*start);
        let is_word = |word: &str| {
            money::parse(word).is_none() || date::parse(word).is_some() || word.len() <= 4 && !word.contains(['.', ','])
        };
        let amount = money::parse(last)?;
        (before.split_whitespace().all(is_word) && (last.contains(['.', ',']) || amount.is_marked()))
            .then_some((amount, last))
    })
}

/// The dates in a text, as printed. A longer one goes before a shorter one that it contains.
fn dates(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().take(40).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let date = (1..=3.min(words.len() - at)).rev().find_map(|length| {
            let joined = words[at..at + length].join(" ");
            let trimmed = joined.trim_matches(|c: char| !c.is_alphanumeric());
            matches!(date::parse(trimmed), Some(date::Printed::Plain(_) | date::Printed::Numbers { .. }))
                .then(|| (trimmed.to_owned(), length))
        });
        match date {
            Some((date, length)) => {
                found.push(date);
                at += length;
            }
            None => at += 1,
        }
    }
    // `01.04.2026-30.04.2026` has no blank around its hyphen.
    if found.is_empty() {
        for word in &words {
            for separator in ['-', '–', '—'] {
                if let Some((first, second)) = word.split_once(separator)
                    && date::parse(first).is_some()
                    && date::parse(second).is_some()
                {
                    return vec![first.to_owned(), second.to_owned()];
                }
            }
        }
    }
    found
}

/// An account number at the beginning of a text: words with digits, or letters with digits in them.
pub(super) fn account(text: &str) -> Option<String> {
    let is_part = |word: &&str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let masked = word.chars().all(|c| matches!(c, 'X' | 'x' | '*' | '•'));
        let code = word.len() <= 4 && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        (digits > 0 || masked || code) && word.chars().all(|c| c.is_alphanumeric() || "-/*•.".contains(c))
    };
    let words: Vec<&str> = text.split_whitespace().take_while(is_part).collect();
    let words: Vec<&str> = match words.iter().rposition(|word| word.chars().any(|c| c.is_ascii_digit())) {
        Some(last) => words[..=last].to_vec(),
        None => return None,
    };
    let account = words.join(" ");
    let digits = account.chars().filter(char::is_ascii_digit).count();
    (digits >= 3 && account.len() <= 40).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn periods_and_accounts_are_found() {
        assert_eq!(dates("01.04.2026 - 30.04.2026"), ["01.04.2026", "30.04.2026"]);
        assert_eq!(dates("01.04.2026-30.04.2026"), ["01.04.2026", "30.04.2026"]);
        assert_eq!(dates("From April 1, 2026 through April 30, 2026"), ["April 1, 2026", "April 30, 2026"]);
        assert_eq!(dates("01-Apr-2026 to 30-Apr-2026 Page 1 of 2"), ["01-Apr-2026", "30-Apr-2026"]);
        assert_eq!(account("DKT00120012 Current Account INR").as_deref(), Some("DKT00120012"));
        assert_eq!(account("DE02 1203 0000 0000 2020 51").as_deref(), Some("DE02 1203 0000 0000 2020 51"));
        assert_eq!(account("XXXX XXXX 1234").as_deref(), Some("XXXX XXXX 1234"));
        assert_eq!(account("Summary"), None);
    }

    proptest! {
        #[test]
        fn any_text_has_dates_and_accounts_or_none(text in any::<String>()) {
            dates(&text);
            account(&text);
        }
    }
}
