//! An entry of a CAMT statement: one booking, which may be a batch.

use crate::answer::DecimalMark;
use crate::balance::Proof;
use crate::date;
use crate::flag::{Flag, Total};
use crate::money::{self, Side};
use crate::place::{Place, Unread};
use crate::row::{Detail, Printed, Row};
use crate::text;
use crate::xml::Node;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The elements of an entry that the standard defines.
pub(super) const KNOWN: [&str; 18] = [
    "NtryRef",
    "Amt",
    "CdtDbtInd",
    "RvslInd",
    "Sts",
    "BookgDt",
    "ValDt",
    "AcctSvcrRef",
    "Avlbty",
    "BkTxCd",
    "ComssnWvrInd",
    "AddtlInfInd",
    "AmtDtls",
    "Chrgs",
    "TechInptChanl",
    "Intrst",
    "NtryDtls",
    "AddtlNtryInf",
];

/// What an entry is.
pub(super) enum Entry {
    /// Pending, or for information only.
    NotBooked,
    /// A row, with the currency of its amount.
    Booked { row: Box<Row>, flags: Vec<Flag>, currency: Option<String> },
}

/// Reads an entry.
pub(super) fn parse(node: &Node, is_report: bool, at: &Place) -> Result<Entry, Unread> {
    let status = node.child("Sts").map(|status| status.all_text().trim().to_ascii_uppercase());
    match status.as_deref() {
        Some("BOOK") => {}
        Some("PDNG" | "INFO" | "FUTR") => return Ok(Entry::NotBooked),
        // A statement has booked entries; a report may have others.
        None if !is_report => {}
        _ => return Err(Unread::StatusNotUnderstood),
    }
    let mut flags = Vec::new();
    let amount = node.child("Amt").filter(|amount| !amount.text.trim().is_empty()).ok_or(Unread::AmountMissing)?;
    let size = size(amount.text.trim()).ok_or_else(|| unread_amount(amount.text.trim()))?;
    let side = match (node.text_at("CdtDbtInd"), side(node.text_at("CdtDbtInd"))) {
        (_, Some(side)) => side,
        (None, None) => return Err(Unread::DirectionMissing),
        (Some(_), None) => return Err(Unread::DirectionContradicted),
    };
    let value_printed = day(node, "ValDt");
    let value_date = value_printed.and_then(date::leading);
    if value_printed.is_some() && value_date.is_none() {
        flags.push(Flag::ValueDateNotUnderstood { at: at.clone() });
    }
    let (printed_date, date) = match day(node, "BookgDt") {
        Some(printed) => (printed, date::leading(printed).ok_or(Unread::DateNotUnderstood)?),
        None => {
            let value: Date = value_date.ok_or(Unread::DateMissing)?;
            flags.push(Flag::BookingDateMissing { at: at.clone() });
            (value_printed.unwrap_or_default(), value)
        }
    };
    let details: Vec<&Node> = node.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
    let mut row = Row {
        date,
        value_date,
        amount: side.signed(size),
        balance: None,
        proof: Proof::Unproven,
        narration: String::new(),
        counterparty: None,
        reference: node.text_at("NtryRef").map(text::plain),
        bank_id: node.text_at("AcctSvcrRef").map(text::plain),
        code: code(node),
        reversal: node.text_at("RvslInd").is_some_and(is_true),
        details: Vec::new(),
        repeated: false,
        at: at.clone(),
        printed: Printed {
            date: printed_date.to_owned(),
            amount: format!("{} {}", amount.text.trim(), node.text_at("CdtDbtInd").unwrap_or_default()),
        },
    };
    let own = node.text_at("AddtlNtryInf").unwrap_or_default();
    if let [only] = details.as_slice() {
        let detail = detail(only, side, amount.currency.as_deref(), at.clone());
        row.narration = text::joined([own, &detail.narration]);
        row.counterparty = detail.counterparty;
        row.reference = detail.reference.or(row.reference);
    } else {
        row.narration = text::plain(own);
        row.details = list(&details, side, amount.currency.as_deref(), at);
        flags.extend(batch_mismatch(node, &details, &row, amount.currency.as_deref(), at));
    }
    Ok(Entry::Booked { row: Box::new(row), flags, currency: amount.currency.clone() })
}

/// An entry as text for a list of what was not used or read.
pub(super) fn shown(node: &Node) -> String {
    node.all_text()
}

/// Whether an indicator says yes.
pub(super) fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}

/// The side that an indicator names.
pub(super) fn side(text: Option<&str>) -> Option<Side> {
    match text?.to_ascii_uppercase().as_str() {
        "CRDT" => Some(Side::Credit),
        "DBIT" => Some(Side::Debit),
        _ => None,
    }
}

/// The size of an amount: digits with a point (ISO 20022, ActiveOrHistoricCurrencyAndAmount). A comma is taken where it
/// cannot be anything but the decimal mark.
pub(super) fn size(text: &str) -> Option<Decimal> {
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let amount = money::parse(text)?;
    let mark = match amount.only_mark() {
        Some(mark) => mark,
        None if text.contains(',') => return None,
        None => DecimalMark::Point,
    };
    amount.size(mark)
}

/// Why an amount is not read: the indicator gives the direction, so that a sign contradicts it or says it twice.
fn unread_amount(text: &str) -> Unread {
    match text.strip_prefix(['-', '+']).and_then(size) {
        Some(_) => Unread::DirectionContradicted,
        None => Unread::AmountNotUnderstood,
    }
}

fn day<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    let date = node.child(name)?;
    date.text_at("Dt")
        .or_else(|| date.text_at("DtTm"))
        .or_else(|| Some(date.text.trim()).filter(|text| !text.is_empty()))
}

/// The code of the bank transaction: domain, family and sub-family, else the bank's own.
fn code(node: &Node) -> Option<String> {
    let domain = ["Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd"];
    let parts: Vec<&str> = domain.iter().filter_map(|path| node.at("BkTxCd")?.text_at(path)).collect();
    let own = node.text_at("BkTxCd/Prtry/Cd");
    if parts.is_empty() { own.map(text::plain) } else { Some(parts.join("/")) }
}

fn list(details: &[&Node], side: Side, currency: Option<&str>, at: &Place) -> Vec<Detail> {
    let Place::Path(path) = at else { return Vec::new() };
    let place = |number: usize| Place::Path(format!("{path}/NtryDtls/TxDtls[{}]", number + 1));
    details.iter().enumerate().map(|(number, node)| detail(node, side, currency, place(number))).collect()
}

/// Reads one transaction of an entry.
fn detail(node: &Node, entry: Side, currency: Option<&str>, at: Place) -> Detail {
    let side = side(node.text_at("CdtDbtInd")).unwrap_or(entry);
    let amount = amount_of(node, currency).map(|size| side.signed(size));
    let party = |role: &str| {
        let party = node.at("RltdPties")?.child(role)?;
        party.text_at("Nm").or_else(|| party.text_at("Pty/Nm")).and_then(text::some)
    };
    let (first, second) = if side == Side::Credit { ("Dbtr", "Cdtr") } else { ("Cdtr", "Dbtr") };
    let remittance = node.child("RmtInf");
    let unstructured = remittance.iter().flat_map(|info| info.all("Ustrd")).map(|line| line.text.as_str());
    let structured =
        remittance.iter().flat_map(|info| info.all("Strd")).filter_map(|info| info.text_at("CdtrRefInf/Ref"));
    let more = node.text_at("AddtlTxInf");
    Detail {
        amount,
        narration: text::joined(unstructured.chain(structured).chain(more)),
        counterparty: party(first).or_else(|| party(second)),
        reference: node.text_at("Refs/EndToEndId").filter(|id| *id != "NOTPROVIDED").map(text::plain),
        at,
    }
}

/// The amount of a transaction in the currency of its entry.
fn amount_of(node: &Node, currency: Option<&str>) -> Option<Decimal> {
    let paths = ["Amt", "AmtDtls/TxAmt/Amt"];
    let found = paths.iter().filter_map(|path| node.at(path)).find(|amount| amount.currency.as_deref() == currency)?;
    size(found.text.trim())
}

/// Flags a batch whose transactions do not add up to its entry, with or without the charges stated, or are not as many as stated.
fn batch_mismatch(node: &Node, details: &[&Node], row: &Row, currency: Option<&str>, at: &Place) -> Vec<Flag> {
    let mut flags = Vec::new();
    if details.is_empty() {
        return flags;
    }
    let stated: Vec<&str> = node.all("NtryDtls").filter_map(|details| details.text_at("Btch/NbOfTxs")).collect();
    let count: Option<Decimal> = stated.iter().map(|count| Decimal::from_str_exact(count).ok()).sum();
    let found = Decimal::from(details.len());
    if let Some(stated) = count.filter(|count| !stated.is_empty() && *count != found) {
        flags.push(Flag::TotalMismatch { what: Total::Count, stated, found, at: at.clone() });
    }
    let sum: Option<Decimal> = row.details.iter().map(|detail| detail.amount).sum();
    if let Some(sum) = sum {
        let charges: Decimal =
            std::iter::once(node).chain(details.iter().copied()).map(|node| charges(node, currency)).sum();
        if sum != row.amount && sum + charges != row.amount {
            flags.push(Flag::BatchMismatch { at: at.clone(), details: sum });
        }
    }
    flags
}

/// Charges stated in an element, signed from the account holder's view.
fn charges(node: &Node, currency: Option<&str>) -> Decimal {
    let records = node.all("Chrgs").flat_map(|charges| {
        let records: Vec<&Node> = charges.all("Rcrd").collect();
        if records.is_empty() { vec![charges] } else { records }
    });
    let signed = records.filter_map(|record| {
        let amount = record.child("Amt").filter(|amount| amount.currency.as_deref() == currency)?;
        Some(side(record.text_at("CdtDbtInd")).unwrap_or(Side::Debit).signed(size(amount.text.trim())?))
    });
    signed.sum()
}
