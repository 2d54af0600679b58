//! Reads JSON as Plaid gives it: accounts made for its sandbox, answers to `/transactions/get` and `/transactions/sync`, and asset
//! reports. A positive amount is money out (Plaid API reference, `transactions.amount`).

mod value;

use crate::answer::DecimalMark;
use crate::balance::Proof;
use crate::date;
use crate::draft::{Context, Draft, Stated};
use crate::error::{Counted, ReadError, within};
use crate::flag::Flag;
use crate::money;
use crate::place::{Place, Unread, UnusedKind};
use crate::row::{Printed, Row};
use crate::text;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use value::{Object, Value};

/// Fields of a transaction that are used, or are known and say nothing that a row needs.
const KNOWN: [&str; 46] = [
    "account_id",
    "amount",
    "authorized_date",
    "authorized_datetime",
    "category",
    "category_id",
    "check_number",
    "counterparties",
    "currency",
    "date",
    "date_posted",
    "date_transacted",
    "datetime",
    "description",
    "iso_currency_code",
    "location",
    "logo_url",
    "merchant_entity_id",
    "merchant_name",
    "name",
    "original_description",
    "payment_channel",
    "payment_meta",
    "pending",
    "pending_transaction_id",
    "personal_finance_category",
    "personal_finance_category_icon_url",
    "transaction_code",
    "transaction_id",
    "transaction_type",
    "unofficial_currency_code",
    "website",
    "account_owner",
    "business_finance_category",
    "client_customization",
    "credit_category",
    "bank_transaction_code",
    "memo",
    "posted",
    "status",
    "original_amount",
    "transacted_at",
    "posted_at",
    "id",
    "investment_transaction_id",
    "account",
];

/// Reads the statements of a JSON file.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<Vec<Draft>, ReadError> {
    let text = text::decode(bytes, None);
    value::check(&text, context.limits)?;
    let root = Value::parse(text.trim_start_matches('\u{feff}').trim()).ok_or(ReadError::Broken)?;
    let root = root.object().ok_or(ReadError::TypeUnknown)?;
    let mut reader = Reader { context, drafts: Vec::new(), unknown: BTreeSet::new() };
    if let Some(accounts) = root.get("override_accounts").and_then(Value::list) {
        reader.accounts(&accounts, "/override_accounts")?;
    } else if let Some(report) = root.get("report").and_then(Value::object) {
        reader.report(&report)?;
    } else if let Some(transactions) = root.get("transactions").or_else(|| root.get("added")).and_then(Value::list) {
        reader.answer(&root, &transactions)?;
    } else {
        return Err(ReadError::TypeUnknown);
    }
    if reader.drafts.is_empty() { Err(ReadError::NoStatement) } else { Ok(reader.drafts) }
}

struct Reader<'a, 'c> {
    context: &'a mut Context<'c>,
    drafts: Vec<Draft>,
    /// Fields that are not known and were listed.
    unknown: BTreeSet<String>,
}

impl Reader<'_, '_> {
    fn report(&mut self, report: &Object<'_>) -> Result<(), ReadError> {
        let items = report.get("items").and_then(Value::list).unwrap_or_default();
        for (number, item) in items.iter().enumerate() {
            let accounts =
                item.object().and_then(|item| item.get("accounts").and_then(Value::list)).unwrap_or_default();
            self.accounts(&accounts, &format!("/report/items[{}]/accounts", number + 1))?;
        }
        Ok(())
    }

    /// Accounts that hold their own transactions.
    fn accounts(&mut self, accounts: &[Value<'_>], path: &str) -> Result<(), ReadError> {
        for (number, account) in accounts.iter().enumerate() {
            let own = format!("{path}[{}]", number + 1);
            let Some(account) = account.object() else { continue };
            self.account(&account, &own)?;
            let transactions = account.get("transactions").and_then(Value::list).unwrap_or_default();
            for (number, transaction) in transactions.iter().enumerate() {
                self.transaction(transaction, &format!("{own}/transactions[{}]", number + 1), self.drafts.len() - 1)?;
            }
            self.settle_currency();
        }
        Ok(())
    }

    /// An answer with accounts and transactions beside each other.
    fn answer(&mut self, root: &Object<'_>, transactions: &[Value<'_>]) -> Result<(), ReadError> {
        let name = if root.get("transactions").is_some() { "transactions" } else { "added" };
        let mut ids: Vec<String> = Vec::new();
        for (number, account) in root.get("accounts").and_then(Value::list).unwrap_or_default().iter().enumerate() {
            let Some(account) = account.object() else { continue };
            ids.push(account.text("account_id").unwrap_or_default());
            self.account(&account, &format!("/accounts[{}]", number + 1))?;
        }
        for (number, transaction) in transactions.iter().enumerate() {
            let path = format!("/{name}[{}]", number + 1);
            let id = transaction.object().and_then(|own| own.text("account_id")).unwrap_or_default();
            let at = match ids.iter().position(|known| *known == id) {
                Some(at) => at,
                None => {
                    self.begin(&path)?;
                    if let Some(draft) = self.drafts.last_mut() {
                        draft.account = text::some(&id);
                    }
                    ids.push(id);
                    ids.len() - 1
                }
            };
            self.transaction(transaction, &path, at)?;
        }
        self.settle_currency();
        // A part of a longer answer, or changes to rows of an earlier one.
        let total = root.number("total_transactions").is_some_and(|total| total != Decimal::from(transactions.len()));
        let more = root.get("has_more").and_then(Value::flag) == Some(true);
        let changed = ["modified", "removed"]
            .iter()
            .any(|name| root.get(name).and_then(Value::list).is_some_and(|list| !list.is_empty()));
        if total || more || changed {
            let at = Place::Path(if total { "/total_transactions" } else { "/has_more" }.to_owned());
            self.drafts.iter_mut().for_each(|draft| draft.flags.push(Flag::Incomplete { at: at.clone() }));
        }
        Ok(())
    }

    fn begin(&mut self, path: &str) -> Result<(), ReadError> {
        within(Counted::Statements, self.drafts.len() + 1, self.context.limits.statements_max)?;
        self.drafts.push(Draft::new(Place::Path(path.to_owned())));
        Ok(())
    }

    fn account(&mut self, account: &Object<'_>, path: &str) -> Result<(), ReadError> {
        self.begin(path)?;
        let number = self.drafts.len() - 1;
        let draft = &mut self.drafts[number];
        let inner =
            |name: &str, field: &str| account.get(name).and_then(Value::object).and_then(|inner| inner.text(field));
        draft.account = inner("numbers", "account").or_else(|| account.text("account_id"));
        draft.account_kind = account.text("subtype").or_else(|| account.text("type"));
        draft.bank = inner("meta", "name");
        draft.currency = inner("balances", "iso_currency_code");
        let names = account
            .get("identity")
            .and_then(Value::object)
            .and_then(|identity| identity.get("names").and_then(Value::list));
        draft.holder = names.and_then(|names| names.first().and_then(|name| name.text()));
        if let Some(printed) = account.get("starting_balance").filter(|value| !value.is_null()) {
            let at = Place::Path(format!("{path}/starting_balance"));
            match printed.number() {
                Some(amount) => draft.open(Stated { amount, date: None, at }),
                None => draft.flags.push(Flag::NotUnderstood { at }),
            }
        }
        for field in ["current", "available", "limit"] {
            if let Some(printed) = inner("balances", field) {
                self.context.unused(
                    Place::Path(format!("{path}/balances/{field}")),
                    UnusedKind::OtherBalance,
                    &printed,
                );
            }
        }
        if account.get("historical_balances").is_some() {
            self.context.unused(
                Place::Path(format!("{path}/historical_balances")),
                UnusedKind::OtherBalance,
                "historical balances",
            );
        }
        Ok(())
    }

    fn transaction(&mut self, value: &Value<'_>, path: &str, number: usize) -> Result<(), ReadError> {
        self.context.count_row()?;
        let at = Place::Path(path.to_owned());
        let Some(own) = value.object() else {
            self.context.unread(&mut self.drafts[number], number, at, Unread::Malformed, value.raw());
            return Ok(());
        };
        for name in own.names().filter(|name| !KNOWN.contains(name)) {
            if self.unknown.insert(name.to_owned()) {
                self.context.unused(Place::Path(format!("{path}/{name}")), UnusedKind::Unknown, name);
            }
        }
        match own.get("pending").filter(|pending| !pending.is_null()).map(Value::flag) {
            Some(Some(true)) => self.context.unused(at, UnusedKind::NotBooked, value.raw()),
            Some(None) => {
                self.context.unread(&mut self.drafts[number], number, at, Unread::StatusNotUnderstood, value.raw())
            }
            _ => match row(&own, at.clone()) {
                Ok((mut row, currency)) => {
                    let draft = &mut self.drafts[number];
                    if draft.currency.is_some() && currency.is_some() && draft.currency != currency {
                        self.context.unread(draft, number, at, Unread::CurrencyDiffers, value.raw());
                        return Ok(());
                    }
                    draft.currency = draft.currency.take().or(currency);
                    row.narration = self.context.narration(&at, std::mem::take(&mut row.narration));
                    draft.rows.push(row);
                }
                Err(why) => self.context.unread(&mut self.drafts[number], number, at, why, value.raw()),
            },
        }
        Ok(())
    }

    fn settle_currency(&mut self) {
        for draft in &mut self.drafts {
            draft.currency = draft.currency.take().map(|code| code.to_ascii_uppercase());
        }
    }
}

/// The row of a transaction and its currency, or why it cannot be read.
fn row(own: &Object<'_>, at: Place) -> Result<(Row, Option<String>), Unread> {
    let printed_date = own.text("date_posted").or_else(|| own.text("date")).ok_or(Unread::DateMissing)?;
    let date = date::leading(&printed_date).ok_or(Unread::DateNotUnderstood)?;
    let amount = own.get("amount").filter(|amount| !amount.is_null()).ok_or(Unread::AmountMissing)?;
    let out = amount.number().ok_or(Unread::AmountNotUnderstood)?;
    let currency = ["iso_currency_code", "currency", "unofficial_currency_code"].iter().find_map(|name| own.text(name));
    let name = own.text("name").or_else(|| own.text("description"));
    let original = own.text("original_description");
    let row = Row {
        date,
        value_date: None,
        amount: if out.is_zero() { out } else { -out },
        balance: None,
        proof: Proof::Unproven,
        narration: text::joined(name.as_deref().into_iter().chain(original.as_deref())),
        counterparty: own.text("merchant_name"),
        reference: own.text("check_number"),
        bank_id: own.text("transaction_id"),
        code: own.text("transaction_code"),
        reversal: false,
        details: Vec::new(),
        repeated: false,
        at,
        printed: Printed { date: printed_date, amount: amount.raw().to_owned() },
    };
    Ok((row, currency))
}

/// A number of JSON as a decimal: exact, whatever its digits.
fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    money::parse(text)?.signed(DecimalMark::Point).filter(|_| !text.contains(','))
}
