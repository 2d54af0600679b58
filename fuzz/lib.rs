//! What the fuzz targets do with a file: the whole way from its bytes to the finished documents, to proven bank statements, or to
//! factors.
//!
//! A file may be refused. Otherwise every step must end without a panic and give the same result when it runs again.

pub mod underwriting;

use bank_statements::{Answers, Footing, Limits as StatementLimits, Outcome, Verdict, coverage, merge};
use cma::case::Case;
use cma::policy::Policy;
use documents::{Limits, read};
use domain::id::OrderId;
use jiff::Timestamp;

/// The threshold of an order that does not choose one.
const AUTO_APPROVE_ABOVE: f64 = 0.70;

/// Takes one file through all phases.
pub fn order(bytes: &[u8]) {
    let Ok(extraction) = read("fuzz", 1, bytes, &Limits::default()) else { return };
    let again = read("fuzz", 1, bytes, &Limits::default());
    assert_eq!(again.as_ref(), Ok(&extraction), "reading again gives something else");
    let case = Case::classify(vec![extraction], &Policy::docket_1());
    let items = case.review_items(AUTO_APPROVE_ABOVE);
    let Ok(validated) = case.validate() else { return };
    assert_eq!(case.review_items(AUTO_APPROVE_ABOVE), items);
    let make = || case.documents(&validated, OrderId::from_parts(0, 0), Timestamp::UNIX_EPOCH);
    let (Ok(first), Ok(second)) = (make(), make()) else { panic!("no documents from checked figures") };
    let same = first.iter().zip(&second).all(|(one, other)| one.bytes == other.bytes);
    assert!(same, "making the documents again gives other bytes");
}

/// Takes one file to statements, and those to ledgers and months.
///
/// A statement that foots adds up, and one whose rows were not all read is never clean. A file joined with itself gives the
/// same transactions.
pub fn statements(bytes: &[u8]) {
    let read = || bank_statements::read(bytes, &Answers::default(), &StatementLimits::default());
    let Ok(outcome) = read() else { return };
    assert_eq!(read().as_ref(), Ok(&outcome), "reading again gives something else");
    let Outcome::Read(reading) = outcome else { return };
    for statement in &reading.statements {
        let figures = statement.footing.figures();
        let sum: rust_decimal::Decimal = statement.rows.iter().map(|row| row.amount).sum();
        assert_eq!(figures.credits - figures.debits, sum);
        if let Footing::Foots(figures) = &statement.footing {
            assert_eq!(figures.opening.map(|opening| opening + sum), figures.closing);
        }
    }
    for row in &reading.unread_rows {
        let statement = row.statement.and_then(|at| reading.statements.get(at));
        assert!(statement.is_none_or(|statement| statement.verdict() == Verdict::Flagged), "a row was not read, and nothing is flagged");
    }
    let twice = merge(&[reading.clone(), reading.clone()]);
    for ledger in merge(&[reading]) {
        assert!(coverage(&ledger).len() <= 1_200);
        let same = twice.iter().find(|other| other.account == ledger.account && other.currency == ledger.currency);
        if let Some(same) = same.filter(|same| same.account.is_some() && same.conflicts.is_empty() && ledger.conflicts.is_empty()) {
            assert_eq!(same.entries.len(), ledger.entries.len(), "a file joined with itself has other transactions");
        }
    }
}
