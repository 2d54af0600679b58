//! What the fuzz targets do with a file: the whole way from its bytes to the finished documents, or to the factors.
//!
//! A file may be refused. Otherwise every step must end without a panic and give the same result when it runs again.

pub mod underwriting;

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
