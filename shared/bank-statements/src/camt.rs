//! Reads ISO 20022 account reports (camt.052) and statements (camt.053) of any version.
//!
//! After the message definitions of ISO 20022, Bank-to-Customer Cash Management. Elements are found by their names without
//! namespace, so that versions and missing namespaces make no difference.

mod balance;
mod entry;

use crate::date;
use crate::draft::{Context, Draft, StatedTotal};
use crate::error::{Counted, ReadError, within};
use crate::flag::{Flag, Total};
use crate::place::{Place, Unread, UnusedKind};
use crate::statement::Period;
use crate::text;
use crate::xml::{Elements, Node, Step};
use balance::Balances;
use entry::Entry;
use rust_decimal::Decimal;

/// Elements of a statement that are known and say nothing that a statement needs.
const QUIET: [&str; 11] = [
    "ElctrncSeqNb",
    "LglSeqNb",
    "RptgSeq",
    "RptgSrc",
    "CreDtTm",
    "CpyDplctInd",
    "RltdAcct",
    "Intrst",
    "AddtlStmtInf",
    "AddtlRptInf",
    "FrToDt",
];

/// Reads the statements of a file.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<Vec<Draft>, ReadError> {
    let text = text::decode(bytes, declared(bytes).as_deref());
    let mut elements = Elements::new(&text, context.limits);
    let mut path: Vec<String> = Vec::new();
    let mut drafts = Vec::new();
    let mut incomplete = None;
    loop {
        match elements.next()? {
            Step::Open(node) if matches!(node.name.as_str(), "Stmt" | "Rpt") => {
                within(Counted::Statements, drafts.len() + 1, context.limits.statements_max)?;
                let own = format!("/{}/{}[{}]", path.join("/"), node.name, drafts.len() + 1);
                let is_report = node.name == "Rpt";
                let draft = Statement::new(own, is_report, drafts.len(), context).read(&mut elements)?;
                drafts.push(draft);
            }
            Step::Open(node) if node.name == "MsgPgntn" => {
                let at = Place::Path(format!("/{}/MsgPgntn", path.join("/")));
                let node = elements.whole(node)?;
                incomplete = is_part(&node).then_some(at);
            }
            Step::Open(node) => path.push(node.name),
            Step::Close => drop(path.pop()),
            Step::End => break,
        }
    }
    if let Some(at) = incomplete {
        drafts.iter_mut().for_each(|draft: &mut Draft| draft.flags.push(Flag::Incomplete { at: at.clone() }));
    }
    if drafts.is_empty() { Err(ReadError::NoStatement) } else { Ok(drafts) }
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let declaration = head.split("?>").next()?;
    declaration.split("encoding=").nth(1)?.split(['"', '\'']).nth(1).map(str::to_owned)
}

/// Whether a pagination says that there are other pages than this one.
fn is_part(node: &Node) -> bool {
    let is_last = node.text_at("LastPgInd").is_none_or(entry::is_true);
    !is_last || node.text_at("PgNb").is_some_and(|page| page.trim_start_matches('0') != "1")
}

/// A statement as it is read.
struct Statement<'a, 'c> {
    context: &'a mut Context<'c>,
    path: String,
    number: usize,
    is_report: bool,
    draft: Draft,
    balances: Balances,
    /// The currency of the account, as the statement states it.
    account_currency: Option<String>,
    row_currencies: Vec<Option<String>>,
    entries: usize,
}

impl<'a, 'c> Statement<'a, 'c> {
    fn new(path: String, is_report: bool, number: usize, context: &'a mut Context<'c>) -> Self {
        let mut draft = Draft::new(Place::Path(path.clone()));
        draft.in_order = true;
        Self {
            context,
            path,
            number,
            is_report,
            draft,
            balances: Balances::default(),
            account_currency: None,
            row_currencies: Vec::new(),
            entries: 0,
        }
    }

    /// Reads the elements up to the end of the statement.
    fn read(mut self, elements: &mut Elements<'_>) -> Result<Draft, ReadError> {
        let (mut balances, mut others) = (0, 0);
        loop {
            let node = match elements.next()? {
                Step::Open(node) => elements.whole(node)?,
                Step::Close => break,
                Step::End => return Err(ReadError::Broken),
            };
            match node.name.as_str() {
                "Id" => self.draft.number = text::some(&node.text),
                "Acct" => self.account(&node),
                "Bal" => {
                    balances += 1;
                    let at = format!("{}/Bal[{balances}]", self.path);
                    self.balances.take(&node, at, &mut self.draft, self.context);
                }
                "TxsSummry" => self.summary(&node),
                "Ntry" => self.entry(&node)?,
                "StmtPgntn" | "RptPgntn" if is_part(&node) => {
                    let at = Place::Path(format!("{}/{}", self.path, node.name));
                    self.draft.flags.push(Flag::Incomplete { at });
                }
                "StmtPgntn" | "RptPgntn" => {}
                "FrToDt" => self.period(&node),
                name if QUIET.contains(&name) => {}
                name => {
                    others += 1;
                    let at = Place::Path(format!("{}/{name}[{others}]", self.path));
                    self.context.unused(at, UnusedKind::Unknown, &node.all_text());
                }
            }
        }
        self.finish()
    }

    fn account(&mut self, node: &Node) {
        let id =
            node.text_at("Id/IBAN").or_else(|| node.text_at("Id/Othr/Id")).or_else(|| node.text_at("Id/PrtryAcct/Id"));
        self.draft.account = id.or_else(|| node.text_at("Id/BBAN")).and_then(text::some);
        self.account_currency = node.text_at("Ccy").map(str::to_ascii_uppercase);
        self.draft.holder = node.text_at("Ownr/Nm").or_else(|| node.text_at("Ownr/Pty/Nm")).and_then(text::some);
        let bank = ["BICFI", "BIC", "Nm", "ClrSysMmbId/MmbId"]
            .iter()
            .find_map(|name| node.text_at(&format!("Svcr/FinInstnId/{name}")));
        self.draft.bank = bank.and_then(text::some);
        self.draft.account_kind = node.text_at("Tp/Cd").or_else(|| node.text_at("Tp/Prtry")).and_then(text::some);
    }

    fn period(&mut self, node: &Node) {
        let day = |names: [&str; 2]| names.iter().find_map(|name| node.text_at(name)).map(date::leading);
        match (day(["FrDtTm", "FrDt"]), day(["ToDtTm", "ToDt"])) {
            (Some(Some(from)), Some(Some(to))) if from <= to => self.draft.period = Some(Period { from, to }),
            (None, _) | (_, None) => {}
            _ => self.draft.flags.push(Flag::NotUnderstood { at: Place::Path(format!("{}/FrToDt", self.path)) }),
        }
    }

    /// The bank's own counts and sums.
    fn summary(&mut self, node: &Node) {
        let parts = [
            ("TtlNtries", Total::Count, Total::Gross),
            ("TtlCdtNtries", Total::CreditCount, Total::Credits),
            ("TtlDbtNtries", Total::DebitCount, Total::Debits),
        ];
        for (name, count, sum) in parts {
            let Some(part) = node.child(name) else { continue };
            for (path, what) in [("NbOfNtries", count), ("Sum", sum)] {
                self.total(part.text_at(path), what, &format!("{name}/{path}"));
            }
        }
        let Some(all) = node.child("TtlNtries") else { return };
        // Versions 2 to 4 have the amount and its direction beside each other, later ones within an element.
        let (net, direction) = match all.child("TtlNetNtry") {
            Some(net) => (net.text_at("Amt"), net.text_at("CdtDbtInd")),
            None => (all.text_at("TtlNetNtryAmt"), all.text_at("CdtDbtInd")),
        };
        let net = net.zip(entry::side(direction)).map(|(net, side)| (entry::size(net), side));
        match net {
            Some((Some(size), side)) => self.stated(Total::Net, side.signed(size), "TtlNtries/TtlNetNtry"),
            Some((None, _)) => self.total(Some("-"), Total::Net, "TtlNtries/TtlNetNtry"),
            None => {}
        }
    }

    fn total(&mut self, printed: Option<&str>, what: Total, path: &str) {
        let Some(printed) = printed else { return };
        match entry::size(printed) {
            Some(value) => self.stated(what, value, path),
            None => {
                let at = Place::Path(format!("{}/TxsSummry/{path}", self.path));
                self.context.unused(at.clone(), UnusedKind::NotUnderstood, printed);
                self.draft.flags.push(Flag::NotUnderstood { at });
            }
        }
    }

    fn stated(&mut self, what: Total, value: Decimal, path: &str) {
        let at = Place::Path(format!("{}/TxsSummry/{path}", self.path));
        self.draft.totals.push(StatedTotal { what, value, at });
    }

    /// Takes an entry: a row, or one that is not booked, or one that cannot be read.
    fn entry(&mut self, node: &Node) -> Result<(), ReadError> {
        self.context.count_row()?;
        self.entries += 1;
        let at = Place::Path(format!("{}/Ntry[{}]", self.path, self.entries));
        match entry::parse(node, self.is_report, &at) {
            Ok(Entry::NotBooked) => self.context.unused(at, UnusedKind::NotBooked, &entry::shown(node)),
            Ok(Entry::Booked { mut row, flags, currency }) => {
                row.narration = self.context.narration(&at, std::mem::take(&mut row.narration));
                self.draft.flags.extend(flags);
                self.draft.rows.push(*row);
                self.row_currencies.push(currency);
            }
            Err(why) => self.context.unread(&mut self.draft, self.number, at.clone(), why, &entry::shown(node)),
        }
        for unknown in node.children.iter().filter(|child| !entry::KNOWN.contains(&child.name.as_str())) {
            let at = Place::Path(format!("{}/Ntry[{}]/{}", self.path, self.entries, unknown.name));
            self.context.unused(at, UnusedKind::Unknown, &unknown.all_text());
        }
        Ok(())
    }

    /// Settles the currency: that of the account, else of its balances, else of its entries if they agree. Nothing of another
    /// currency is added up.
    fn finish(mut self) -> Result<Draft, ReadError> {
        let mut found: Vec<String> = self.account_currency.iter().cloned().collect();
        found.extend(self.balances.currencies());
        found.extend(self.row_currencies.iter().flatten().cloned());
        let currency = found.first().cloned();
        let mut distinct: Vec<String> = Vec::new();
        for code in found {
            if !distinct.contains(&code) {
                distinct.push(code);
            }
        }
        if distinct.len() > 1 {
            self.draft.flags.push(Flag::CurrenciesMixed { currencies: distinct });
        }
        let rows = std::mem::take(&mut self.draft.rows);
        for (row, own) in rows.into_iter().zip(std::mem::take(&mut self.row_currencies)) {
            if own.is_none() || own == currency {
                self.draft.rows.push(row);
            } else {
                let printed = format!("{} {}", row.printed.amount, row.narration);
                self.context.unread(&mut self.draft, self.number, row.at, Unread::CurrencyDiffers, &printed);
            }
        }
        self.balances.settle(currency.as_deref(), self.is_report, &mut self.draft, self.context);
        self.draft.currency = currency;
        Ok(self.draft)
    }
}
