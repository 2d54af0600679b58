//! Reads an account and its months.

use std::collections::BTreeSet;

use domain::masked::{Masked, NumberKey};
use jiff::civil::Date;

use crate::account::{Account, AccountStatus, AccountType, AssetClass, MonthRow};
use crate::error::{Contradiction, Counted, ReadError, within};
use crate::field::{Fields, Words, contradiction, flag, money, month, owed, text, whole, word};
use crate::limit::Limits;
use crate::node::Node;
use crate::read::{Unused, by_report, items, shown_number};

const TYPES: &Words<AccountType> = &[
    ("credit_card", AccountType::CreditCard),
    ("line_of_credit", AccountType::LineOfCredit),
    ("cash_credit", AccountType::CashCredit),
    ("overdraft", AccountType::Overdraft),
    ("term_loan", AccountType::TermLoan),
    ("mortgage", AccountType::Mortgage),
    ("auto_loan", AccountType::AutoLoan),
    ("student_loan", AccountType::StudentLoan),
    ("bank_guarantee", AccountType::BankGuarantee),
    ("letter_of_credit", AccountType::LetterOfCredit),
    ("other", AccountType::Other),
];
const STATUSES: &Words<AccountStatus> = &[
    ("active", AccountStatus::Active),
    ("closed", AccountStatus::Closed),
    ("written_off", AccountStatus::WrittenOff),
    ("settled", AccountStatus::Settled),
];
const ASSET_CLASSES: &Words<AssetClass> = &[
    ("std", AssetClass::Std),
    ("sma_0", AssetClass::Sma0),
    ("sma_1", AssetClass::Sma1),
    ("sma_2", AssetClass::Sma2),
    ("sub", AssetClass::Sub),
    ("dbt", AssetClass::Dbt),
    ("lss", AssetClass::Lss),
];
/// Words for a month that the lender did not report.
const NOT_REPORTED: &Words<()> = &[("not_reported", ())];

/// Most days past due: what bureaux print as `999` is longer still.
const DPD_MAX: u32 = 9_999;

pub fn account(node: &Node, report_date: Date, limits: &Limits, unused: &mut Unused) -> Result<Account, ReadError> {
    let mut fields = Fields::of(node)?;
    let number = shown_number(fields.required("number")?)?;
    let lender = text(fields.required("lender")?)?;
    let by_report = |node| by_report(node, report_date);
    let opened = fields.read("opened", by_report)?;
    let account = Account {
        path: node.path.clone(),
        number: Masked::new(&number),
        key: key(&lender, &number, opened),
        kind: word(fields.required("type")?, TYPES)?,
        status: word(fields.required("status")?, STATUSES)?,
        opened,
        closed: fields.read("closed", by_report)?,
        written_off: fields.read("written_off", by_report)?,
        secured: fields.read("secured", flag)?,
        limit: fields.read("limit", owed)?,
        outstanding: fields.read("outstanding", money)?,
        overdue: fields.read("overdue", owed)?,
        asset_class: fields.read("asset_class", |node| word(node, ASSET_CLASSES))?,
        suit_filed: fields.read("suit_filed", flag)?,
        wilful_defaulter: fields.read("wilful_defaulter", flag)?,
        months: fields
            .read("months", items)?
            .map(|rows| months(rows, opened, report_date, limits, unused))
            .transpose()?,
        lender,
    };
    check(&account)?;
    unused.note(&fields);
    Ok(account)
}

/// Fewest letters and digits of a number that a bureau has not shortened.
const NUMBER_CHARS_MIN: usize = 5;

/// Whether an account elsewhere is the same: by lender and number, and for a number that the bureau has masked, also by the day
/// of opening.
fn key(lender: &str, number: &str, opened: Option<Date>) -> Option<NumberKey> {
    let issuer = format!("lender {lender}");
    let covers = number.chars().filter(|c| matches!(c, 'X' | 'x' | '*' | '#' | '\u{2022}')).count();
    let shown = number.chars().filter(|c| c.is_alphanumeric()).count();
    if covers < 2 && shown >= NUMBER_CHARS_MIN {
        return NumberKey::new(&issuer, number);
    }
    NumberKey::new(&issuer, &format!("{number} opened {}", opened?))
}

fn check(account: &Account) -> Result<(), ReadError> {
    let refuse = |field: &str, what| Err(contradiction(&format!("{}/{field}", account.path), what));
    let before_opened = |day: Option<Date>| day.zip(account.opened).is_some_and(|(day, opened)| day < opened);
    if before_opened(account.closed) {
        return refuse("closed", Contradiction::ClosedBeforeOpened);
    }
    if before_opened(account.written_off) {
        return refuse("written_off", Contradiction::WrittenOffBeforeOpened);
    }
    if account.status == AccountStatus::Active && account.closed.is_some() {
        return refuse("closed", Contradiction::ActiveAndClosed);
    }
    let amounts = [&account.limit, &account.outstanding, &account.overdue];
    let currencies: BTreeSet<&str> =
        amounts.iter().filter_map(|money| money.as_ref()).map(|money| money.currency.as_str()).collect();
    if currencies.len() > 1 {
        return Err(contradiction(&account.path, Contradiction::Currencies));
    }
    Ok(())
}

/// The months of an account, latest first.
fn months(
    rows: &[Node],
    opened: Option<Date>,
    report_date: Date,
    limits: &Limits,
    unused: &mut Unused,
) -> Result<Vec<MonthRow>, ReadError> {
    within(Counted::Months, rows.len(), limits.months_max)?;
    let mut months = Vec::new();
    let mut seen = BTreeSet::new();
    for row in rows {
        let mut fields = Fields::of(row)?;
        let place = fields.required("month")?;
        let first = month(place)?;
        if first > report_date {
            return Err(contradiction(&place.path, Contradiction::AfterReport));
        }
        if opened.is_some_and(|opened| first < opened.first_of_month()) {
            return Err(contradiction(&place.path, Contradiction::MonthBeforeOpened));
        }
        if !seen.insert(first) {
            return Err(contradiction(&place.path, Contradiction::MonthTwice));
        }
        let dpd = fields.required("dpd")?;
        let dpd = match word(dpd, NOT_REPORTED) {
            Ok(()) => None,
            Err(_) => u16::try_from(whole(dpd, 0, DPD_MAX)?).ok(),
        };
        unused.note(&fields);
        months.push(MonthRow { path: row.path.clone(), month: first, dpd });
    }
    months.sort_by_key(|row| std::cmp::Reverse(row.month));
    Ok(months)
}
