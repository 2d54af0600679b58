//! Puts the elements of OFX together into statements.

use super::amount;
use super::token::AGGREGATES;
use crate::answer::DecimalMark;
use crate::balance::Proof;
use crate::date;
use crate::draft::{Context, Draft, Stated};
use crate::error::{Counted, ReadError, within};
use crate::flag::Flag;
use crate::limit::Limits;
use crate::place::{Place, Unread, UnusedKind};
use crate::row::{Printed, Row};
use crate::statement::Period;
use crate::text;

/// Elements of a transaction that are known and say nothing that a row needs.
const QUIET: [&str; 9] =
    ["DTUSER", "DTAVAIL", "SRVRTID", "SIC", "PAYEEID", "CURRATE", "CORRECTFITID", "CORRECTACTION", "TRNUID"];

/// Aggregates that are never part of a transaction.
const ENDS_A_ROW: [&str; 6] = ["STMTTRN", "STMTTRNP", "LEDGERBAL", "AVAILBAL", "STMTRS", "CCSTMTRS"];

/// Reads the elements in their order.
pub(super) struct Reader<'a, 'c> {
    context: &'a mut Context<'c>,
    mark: Option<DecimalMark>,
    stack: Vec<String>,
    drafts: Vec<Draft>,
    /// The transaction that is open.
    row: Option<Elements>,
    balance: Option<Elements>,
    period: (Option<String>, Option<String>),
    /// The currencies that the rows of the open statement state.
    symbols: Vec<Option<String>>,
    seen_other_statement: bool,
}

/// The elements of a transaction or balance.
struct Elements {
    line: u32,
    pending: bool,
    values: Vec<(String, String)>,
}

impl Elements {
    fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl<'a, 'c> Reader<'a, 'c> {
    pub fn new(context: &'a mut Context<'c>, mark: Option<DecimalMark>) -> Self {
        Self {
            context,
            mark,
            stack: Vec::new(),
            drafts: Vec::new(),
            row: None,
            balance: None,
            period: (None, None),
            symbols: Vec::new(),
            seen_other_statement: false,
        }
    }

    pub fn limits(&self) -> &'c Limits {
        self.context.limits
    }

    pub fn open(&mut self, name: String, line: u32) -> Result<(), ReadError> {
        if ENDS_A_ROW.contains(&name.as_str()) {
            // Some banks leave out the closing tags of transactions.
            self.end_row()?;
            if let Some(at) = self.stack.iter().rposition(|open| open == "STMTTRN" || open == "STMTTRNP") {
                self.stack.truncate(at);
            }
        }
        within(Counted::Depth, self.stack.len(), self.context.limits.depth_max)?;
        match name.as_str() {
            "STMTRS" | "CCSTMTRS" => self.begin(line)?,
            "BANKTRANLIST" if self.drafts.is_empty() => self.begin(line)?,
            "STMTTRN" | "STMTTRNP" => {
                self.row = Some(Elements { line, pending: name == "STMTTRNP", values: Vec::new() });
            }
            "LEDGERBAL" => self.balance = Some(Elements { line, pending: false, values: Vec::new() }),
            "INVSTMTRS" | "LOANSTMTRS" => {
                self.seen_other_statement = true;
                self.context.unused(Place::Line(line), UnusedKind::Unknown, &name);
            }
            name if !AGGREGATES.contains(&name) => self.context.unused(Place::Line(line), UnusedKind::Unknown, name),
            _ => {}
        }
        self.stack.push(name);
        Ok(())
    }

    fn begin(&mut self, line: u32) -> Result<(), ReadError> {
        within(Counted::Statements, self.drafts.len() + 1, self.context.limits.statements_max)?;
        self.drafts.push(Draft::new(Place::Line(line)));
        Ok(())
    }

    pub fn value(&mut self, name: &str, value: &str, line: u32) {
        let value = text::plain(value);
        let parent = self.stack.last().map_or("", String::as_str);
        if let Some(row) = self.row.as_mut() {
            let name = match parent {
                "CURRENCY" | "ORIGCURRENCY" | "BANKACCTTO" | "CCACCTTO" => format!("{parent}/{name}"),
                "PAYEE" if name != "NAME" => format!("{parent}/{name}"),
                _ => name.to_owned(),
            };
            row.values.push((name, value));
            return;
        }
        if let Some(balance) = self.balance.as_mut() {
            balance.values.push((name.to_owned(), value));
            return;
        }
        if value.is_empty() {
            return;
        }
        let Some(draft) = self.drafts.last_mut() else { return };
        match (parent, name) {
            (_, "CURDEF") => draft.currency = currency(&value),
            ("BANKACCTFROM" | "CCACCTFROM", "ACCTID") => draft.account = Some(value),
            ("BANKACCTFROM", "BANKID") => draft.bank = Some(value),
            ("BANKACCTFROM", "ACCTTYPE") => draft.account_kind = Some(value),
            ("CCACCTFROM", "ACCTTYPE") => draft.account_kind = Some(value),
            (_, "DTSTART") => self.period.0 = Some(value),
            (_, "DTEND") => self.period.1 = Some(value),
            ("AVAILBAL", "BALAMT") => self.context.unused(Place::Line(line), UnusedKind::OtherBalance, &value),
            ("BAL", "VALUE") => self.context.unused(Place::Line(line), UnusedKind::OtherBalance, &value),
            ("STATUS" | "BANKACCTFROM" | "CCACCTFROM" | "AVAILBAL" | "BAL" | "STMTTRNRS" | "CCSTMTTRNRS", _) => {}
            ("SONRS" | "FI" | "SIGNONMSGSRSV1", _) => {}
            _ => self.context.unused(Place::Line(line), UnusedKind::Unknown, &format!("{name} {value}")),
        }
    }

    pub fn close(&mut self, name: &str, line: u32) -> Result<(), ReadError> {
        if let Some(at) = self.stack.iter().rposition(|open| open == name) {
            self.stack.truncate(at);
        }
        match name {
            "STMTTRN" | "STMTTRNP" => self.end_row(),
            "BANKTRANLIST" => {
                self.end_row()?;
                self.end_period(line);
                Ok(())
            }
            "LEDGERBAL" => {
                self.end_balance();
                Ok(())
            }
            "STMTRS" | "CCSTMTRS" => {
                self.end_row()?;
                self.end_period(line);
                self.end_balance();
                self.settle_currency();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes the transaction that is open as a row.
    fn end_row(&mut self) -> Result<(), ReadError> {
        let Some(elements) = self.row.take() else { return Ok(()) };
        self.context.count_row()?;
        if self.drafts.is_empty() {
            self.begin(elements.line)?;
        }
        let at = Place::Line(elements.line);
        let shown =
            || elements.values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
        if elements.pending {
            self.context.unused(at, UnusedKind::NotBooked, &shown());
            return Ok(());
        }
        let number = self.drafts.len() - 1;
        let Some(draft) = self.drafts.last_mut() else { return Ok(()) };
        match row(&elements, self.mark, draft.currency.as_deref()) {
            Ok(mut row) => {
                self.symbols.push(elements.get("CURRENCY/CURSYM").and_then(currency));
                row.narration = self.context.narration(&at, std::mem::take(&mut row.narration));
                if contradicts(&row) {
                    draft.flags.push(Flag::DirectionContradicted { at: at.clone() });
                }
                draft.rows.push(row);
            }
            Err(why) => self.context.unread(draft, number, at, why, &shown()),
        }
        for (name, value) in &elements.values {
            let known = ["TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "CHECKNUM", "REFNUM", "NAME", "EXTDNAME", "MEMO"];
            if !value.is_empty()
                && !name.contains('/')
                && !known.contains(&name.as_str())
                && !QUIET.contains(&name.as_str())
            {
                self.context.unused(Place::Line(elements.line), UnusedKind::Unknown, &format!("{name} {value}"));
            }
        }
        Ok(())
    }

    fn end_period(&mut self, line: u32) {
        let (from, to) = std::mem::take(&mut self.period);
        let Some(draft) = self.drafts.last_mut() else { return };
        let (Some(from), Some(to)) = (from, to) else { return };
        match (date::leading(&from), date::leading(&to)) {
            (Some(from), Some(to)) if from <= to => draft.period = Some(Period { from, to }),
            _ => {
                let printed = format!("DTSTART {from} DTEND {to}");
                self.context.unused(Place::Line(line), UnusedKind::NotUnderstood, &printed);
                draft.flags.push(Flag::NotUnderstood { at: Place::Line(line) });
            }
        }
    }

    fn end_balance(&mut self) {
        let Some(elements) = self.balance.take() else { return };
        let Some(draft) = self.drafts.last_mut() else { return };
        let at = Place::Line(elements.line);
        let Some(printed) = elements.get("BALAMT").filter(|printed| !printed.is_empty()) else { return };
        match amount::parse(printed, self.mark) {
            Some(amount) => {
                let date = elements.get("DTASOF").and_then(date::leading);
                draft.close(Stated { amount, date, at });
            }
            None => {
                self.context.unused(at.clone(), UnusedKind::NotUnderstood, printed);
                draft.flags.push(Flag::NotUnderstood { at });
            }
        }
    }

    /// A statement without a currency has that of its rows, if all state the same.
    fn settle_currency(&mut self) {
        let mut found = std::mem::take(&mut self.symbols);
        found.dedup();
        let Some(draft) = self.drafts.last_mut().filter(|draft| draft.currency.is_none()) else { return };
        match found.as_slice() {
            [] => {}
            [Some(only)] => draft.currency = Some(only.clone()),
            several => {
                let currencies = several.iter().flatten().cloned().collect();
                draft.flags.push(Flag::CurrenciesMixed { currencies });
            }
        }
    }

    pub fn finish(mut self, ended: bool, line: u32) -> Result<Vec<Draft>, ReadError> {
        self.end_row()?;
        self.end_period(line);
        self.end_balance();
        self.settle_currency();
        if self.drafts.is_empty() {
            return Err(if ended || self.seen_other_statement { ReadError::NoStatement } else { ReadError::Broken });
        }
        if !ended && let Some(draft) = self.drafts.last_mut() {
            draft.flags.push(Flag::Truncated { at: Place::Line(line) });
        }
        Ok(self.drafts)
    }
}

/// A currency's code in upper case, if it is one.
fn currency(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    (code.len() == 3 && code.chars().all(|c| c.is_ascii_alphabetic())).then_some(code)
}

/// The row of a transaction, or why it cannot be read.
fn row(elements: &Elements, mark: Option<DecimalMark>, statement: Option<&str>) -> Result<Row, Unread> {
    let get = |name| elements.get(name).filter(|value| !value.is_empty());
    // A transaction that corrects or deletes another one changes rows of an earlier file; what remains is for a person.
    if get("CORRECTFITID").is_some() {
        return Err(Unread::StatusNotUnderstood);
    }
    let printed_date = get("DTPOSTED").ok_or(Unread::DateMissing)?;
    let date = date::leading(printed_date).ok_or(Unread::DateNotUnderstood)?;
    let printed = get("TRNAMT").ok_or(Unread::AmountMissing)?;
    let amount = amount::parse(printed, mark).ok_or(Unread::AmountNotUnderstood)?;
    // `CURRENCY` says that the amount is in that currency, `ORIGCURRENCY` that it was converted (OFX 2.2, 5.2).
    if let (Some(own), Some(statement)) = (get("CURRENCY/CURSYM").and_then(currency), statement)
        && own != statement
    {
        return Err(Unread::CurrencyDiffers);
    }
    let name = get("NAME").or(get("EXTDNAME"));
    Ok(Row {
        date,
        value_date: None,
        amount,
        balance: None,
        proof: Proof::Unproven,
        narration: text::joined(name.into_iter().chain(get("MEMO"))),
        counterparty: None,
        reference: get("CHECKNUM").or(get("REFNUM")).map(str::to_owned),
        bank_id: get("FITID").map(str::to_owned),
        code: get("TRNTYPE").map(str::to_ascii_uppercase),
        reversal: false,
        details: Vec::new(),
        repeated: false,
        at: Place::Line(elements.line),
        printed: Printed { date: printed_date.to_owned(), amount: printed.to_owned() },
    })
}

/// Whether the kind of a transaction says the opposite of its sign. The sign decides (OFX 2.2, 11.4.4.3.2).
fn contradicts(row: &Row) -> bool {
    let is_in = row.amount > rust_decimal::Decimal::ZERO;
    let is_out = row.amount < rust_decimal::Decimal::ZERO;
    match row.code.as_deref() {
        Some("CREDIT" | "DEP" | "DIRECTDEP") => is_out,
        Some("DEBIT" | "CHECK" | "DIRECTDEBIT") => is_in,
        _ => false,
    }
}
