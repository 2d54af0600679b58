//! Reads files as a test needs them.

use bank_statements::{Answers, Limits, Outcome, ReadError, Reading, Row, Statement, read};
use rust_decimal::Decimal;

/// The reading of a file that is read.
pub fn reading(file: impl AsRef<[u8]>) -> Reading {
    answered(file, &Answers::default())
}

/// The reading of a file with the caller's answers.
pub fn answered(file: impl AsRef<[u8]>, answers: &Answers) -> Reading {
    match read(file.as_ref(), answers, &Limits::default()) {
        Ok(Outcome::Read(reading)) => reading,
        other => panic!("{other:?}"),
    }
}

/// The only statement of a file.
pub fn statement(file: impl AsRef<[u8]>) -> Statement {
    let mut reading = reading(file);
    assert_eq!(reading.statements.len(), 1, "{reading:?}");
    reading.statements.remove(0)
}

/// Why a file is refused.
pub fn refused(file: impl AsRef<[u8]>) -> ReadError {
    match read(file.as_ref(), &Answers::default(), &Limits::default()) {
        Err(error) => error,
        other => panic!("{other:?}"),
    }
}

/// The choices that a file leaves open.
pub fn ambiguities(file: impl AsRef<[u8]>) -> Vec<bank_statements::Ambiguity> {
    match read(file.as_ref(), &Answers::default(), &Limits::default()) {
        Ok(Outcome::Ambiguous(ambiguities)) => ambiguities,
        other => panic!("{other:?}"),
    }
}

/// A decimal.
pub fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// Dates and amounts of rows as text, e.g. `2026-04-03 -120.00`.
pub fn shown(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {}", row.date, row.amount)).collect()
}

/// Opening and closing balance of a statement.
pub fn balances(statement: &Statement) -> (Option<Decimal>, Option<Decimal>) {
    let amount = |balance: &Option<bank_statements::Balance>| balance.as_ref().map(|balance| balance.amount);
    (amount(&statement.opening), amount(&statement.closing))
}

/// Where files are that are not part of the repository.
pub fn shared() -> std::path::PathBuf {
    std::env::var_os("DOCKET_SHARED")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into(), std::path::PathBuf::from)
}
