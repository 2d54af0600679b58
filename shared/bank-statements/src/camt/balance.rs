//! The balances of a CAMT statement, and which of them open and close it.

use super::entry;
use crate::date;
use crate::draft::{Context, Draft, Stated};
use crate::flag::Flag;
use crate::place::{Place, UnusedKind};
use crate::xml::Node;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The balances, in the order of the file.
#[derive(Default)]
pub(super) struct Balances {
    found: Vec<Found>,
}

struct Found {
    code: String,
    /// A balance of a page, not of the whole statement.
    is_intermediate: bool,
    amount: Decimal,
    currency: Option<String>,
    date: Option<Date>,
    at: String,
}

impl Balances {
    /// Takes an element `Bal`. One that cannot be read is flagged if it may be an opening or closing balance.
    pub fn take(&mut self, node: &Node, at: String, draft: &mut Draft, context: &mut Context<'_>) {
        let code =
            node.text_at("Tp/CdOrPrtry/Cd").or_else(|| node.text_at("Tp/Cd")).unwrap_or_default().to_ascii_uppercase();
        let amount = node.child("Amt");
        let size = amount.and_then(|amount| entry::size(amount.text.trim()));
        let side = entry::side(node.text_at("CdtDbtInd"));
        let amount_and_currency = match (size, side) {
            (Some(size), Some(side)) => Some(side.signed(size)),
            (Some(size), None) if size.is_zero() => Some(size),
            _ => None,
        };
        let Some(value) = amount_and_currency else {
            context.unused(Place::Path(at.clone()), UnusedKind::NotUnderstood, &node.all_text());
            if is_booked(&code) {
                draft.flags.push(Flag::NotUnderstood { at: Place::Path(at) });
            }
            return;
        };
        self.found.push(Found {
            is_intermediate: node.text_at("Tp/SubTp/Cd").is_some_and(|kind| kind.eq_ignore_ascii_case("INTM")),
            code,
            amount: value,
            currency: amount.and_then(|amount| amount.currency.clone()),
            date: node.text_at("Dt/Dt").or_else(|| node.text_at("Dt/DtTm")).and_then(date::leading),
            at,
        });
    }

    /// The currencies of the booked balances, opening ones first.
    pub fn currencies(&self) -> impl Iterator<Item = String> {
        let booked = |opens: bool| {
            self.found.iter().filter(move |found| is_booked(&found.code) && opens_one(&found.code) == opens)
        };
        booked(true).chain(booked(false)).filter_map(|found| found.currency.clone())
    }

    /// Chooses the opening and closing balance.
    ///
    /// OPBD, else PRCD, opens; CLBD closes. ITBD is the balance at a page break or at the time of a report: the first one opens
    /// and the last one closes where nothing else does (External Code Sets of ISO 20022, BalanceType).
    pub fn settle(self, currency: Option<&str>, is_report: bool, draft: &mut Draft, context: &mut Context<'_>) {
        let (own, others): (Vec<Found>, Vec<Found>) =
            self.found.into_iter().partition(|found| found.currency.is_none() || found.currency.as_deref() == currency);
        let list = |found: &Found, context: &mut Context<'_>| {
            let printed = format!("{} {}", found.code, found.amount);
            context.unused(Place::Path(found.at.clone()), UnusedKind::OtherBalance, &printed);
        };
        others.iter().for_each(|found| list(found, context));
        let (mut opens, mut closes): (Vec<&Found>, Vec<&Found>) = (Vec::new(), Vec::new());
        for code in ["OPBD", "PRCD"] {
            opens.extend(own.iter().filter(|found| found.code == code));
        }
        closes.extend(own.iter().filter(|found| found.code == "CLBD"));
        let mut intermediate: Vec<&Found> = own.iter().filter(|found| found.code == "ITBD").collect();
        if opens.is_empty() && intermediate.len() > 1 {
            opens.push(intermediate.remove(0));
        }
        // A single one opens a page and closes a report.
        if closes.is_empty() && (!opens.is_empty() || is_report) {
            closes.extend(intermediate.pop());
        } else if opens.is_empty() && closes.len() == 1 {
            opens.extend(intermediate.pop());
        }
        let part =
            opens.iter().chain(&closes).any(|found| found.is_intermediate || (found.code == "ITBD" && !is_report));
        if part {
            draft.flags.push(Flag::Incomplete { at: draft.at.clone() });
        }
        let stated =
            |found: &Found| Stated { amount: found.amount, date: found.date, at: Place::Path(found.at.clone()) };
        opens.iter().for_each(|found| draft.open(stated(found)));
        closes.iter().for_each(|found| draft.close(stated(found)));
        // OPBD is the balance at the beginning of its day, PRCD that at the end.
        if let (Some(first), Some(opening)) = (opens.first(), draft.opening.as_mut())
            && first.code == "PRCD"
        {
            draft.opens_after_day = opening.date.is_some();
        }
        for found in &own {
            if !opens.iter().chain(&closes).any(|used| used.at == found.at) {
                list(found, context);
            }
        }
    }
}

/// Whether a balance is one of booked entries.
fn is_booked(code: &str) -> bool {
    matches!(code, "OPBD" | "PRCD" | "CLBD" | "ITBD" | "")
}

fn opens_one(code: &str) -> bool {
    matches!(code, "OPBD" | "PRCD")
}
