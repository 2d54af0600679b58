//! JSON as Plaid gives it.

use crate::support::{balances, dec, reading, refused, shown};
use bank_statements::{Flag, Format, Origin, ReadError, Unread, UnusedKind};

#[test]
fn accounts_with_their_own_transactions_are_read() {
    let file = r#"{"override_accounts": [{"type": "depository", "subtype": "checking", "starting_balance": 100.10,
        "numbers": {"account": "4711"}, "identity": {"names": ["Kaveri Tools"]}, "transactions": [
        {"date_transacted": "2026-08-20", "date_posted": "2026-08-21", "amount": 10.10, "description": "Rent", "currency": "USD"},
        {"date_transacted": "2026-08-19", "date_posted": "2026-08-19", "amount": -0.30, "description": "Sales", "currency": "USD"}]}]}"#;
    let read = reading(file);
    let statement = &read.statements[0];
    assert_eq!(
        (read.format, shown(&statement.rows)),
        (Format::Json, vec!["2026-08-19 0.30".to_owned(), "2026-08-21 -10.10".to_owned()])
    );
    assert_eq!(balances(statement), (Some(dec("100.10")), Some(dec("90.30"))));
    assert_eq!(statement.closing.as_ref().unwrap().origin, Origin::Derived);
    assert_eq!(
        (statement.account.clone().unwrap().value.as_str(), statement.holder.as_deref()),
        ("4711", Some("Kaveri Tools"))
    );
    assert_eq!(statement.currency.clone().unwrap().value, "USD");
}

fn answer(transactions: &str, more: &str) -> String {
    format!(
        r#"{{"accounts": [{{"account_id": "a1", "balances": {{"current": 5, "iso_currency_code": "EUR"}}, "type": "depository"}}],
        "transactions": [{transactions}]{more}}}"#
    )
}

fn transaction(more: &str) -> String {
    format!(r#"{{"account_id": "a1", "transaction_id": "t", "date": "2026-08-20", "name": "x", "amount": 1.10{more}}}"#)
}

#[test]
fn answers_are_read_by_account_and_their_pages_are_flagged() {
    let read = reading(answer(&transaction(""), r#", "total_transactions": 1"#));
    assert_eq!(
        (shown(&read.statements[0].rows), read.statements[0].flags.len()),
        (vec!["2026-08-20 -1.10".to_owned()], 0)
    );
    assert!(read.unused.iter().any(|unused| unused.kind == UnusedKind::OtherBalance));
    let part = reading(answer(&transaction(""), r#", "total_transactions": 7"#));
    assert!(matches!(part.statements[0].flags[..], [Flag::Incomplete { .. }]));
    let added = answer(&transaction(""), r#", "has_more": true"#).replace("\"transactions\"", "\"added\"");
    assert!(matches!(reading(added).statements[0].flags[..], [Flag::Incomplete { .. }]));
    let other = reading(answer(&(transaction("") + "," + &transaction("").replace("a1", "b2")), ""));
    assert_eq!(other.statements.len(), 2);
}

#[test]
fn transactions_that_are_pending_or_cannot_be_read_are_listed() {
    let rows = [
        transaction(r#", "pending": true"#),
        transaction(r#", "pending": "maybe""#),
        transaction("").replace("2026-08-20", "2026-02-30"),
        transaction("").replace(r#""date": "2026-08-20","#, ""),
        transaction("").replace("1.10", "\"12..34\""),
        transaction("").replace("1.10", "null"),
        transaction(r#", "iso_currency_code": "USD""#),
        "7".to_owned(),
        transaction(r#", "shoe_size": 44, "iso_currency_code": "EUR""#),
        transaction("").replace("1.10", "\"2.20\""),
    ];
    let read = reading(answer(&rows.join(","), ""));
    let why: Vec<Unread> = read.unread_rows.iter().map(|row| row.why).collect();
    use Unread::{
        AmountMissing, AmountNotUnderstood, CurrencyDiffers, DateMissing, DateNotUnderstood, Malformed,
        StatusNotUnderstood,
    };
    assert_eq!(why.len(), 7);
    for expected in [
        StatusNotUnderstood,
        DateNotUnderstood,
        DateMissing,
        AmountNotUnderstood,
        AmountMissing,
        CurrencyDiffers,
        Malformed,
    ] {
        assert!(why.contains(&expected), "{expected:?}");
    }
    let amounts: Vec<_> = read.statements[0].rows.iter().map(|row| row.amount).collect();
    assert!(amounts.contains(&dec("-1.10")) && amounts.contains(&dec("-2.20")));
    assert!(read.unused.iter().any(|unused| unused.text == "shoe_size"));
    assert!(read.unused.iter().any(|unused| unused.kind == UnusedKind::NotBooked));
}

#[test]
fn amounts_are_exact() {
    let read = reading(answer(&transaction("").replace("1.10", "90071992547409.93"), ""));
    assert_eq!(read.statements[0].rows[0].amount, dec("-90071992547409.93"));
}

#[test]
fn other_or_hostile_json_is_refused() {
    assert_eq!(refused(r#"{"hello": "world"}"#), ReadError::TypeUnknown);
    assert_eq!(refused(r#"[{"a": 1}]"#), ReadError::TypeUnknown);
    assert_eq!(refused(r#"{"transactions": [{"#), ReadError::Broken);
    assert_eq!(refused(r#"{"transactions": []}"#), ReadError::NoStatement);
    assert_eq!(refused(format!("{{\"a\": {}", "[".repeat(100_000))).code(), "file.limit.depth");
    assert_eq!(refused(format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20))).code(), "file.limit.line_bytes");
}
