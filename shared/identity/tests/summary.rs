//! Factors of several documents, by hand-computed figures.

#![expect(clippy::panic, reason = "the helpers of a test fail it by panicking")]

use std::collections::BTreeMap;

use domain::masked::NumberKey;
use identity::{
    AssessedDocument, Assessment, FactorValue, Owner, OwnerMatch, PersonName, Photo, VerificationStatus, summarise,
    verification_rate,
};
use jiff::civil::date;
use rust_decimal::Decimal;

use VerificationStatus::{Expired, Invalid, NameMismatch, Unreadable, Verified};

/// A completed document with this number, of this owner.
fn row(number: &str, status: VerificationStatus, owner: &str, expires: (i16, i8, i8)) -> AssessedDocument {
    AssessedDocument {
        document: format!("execution-{number}-{}", expires.0),
        key: NumberKey::new("US-VA", number),
        expires: Some(date(expires.0, expires.1, expires.2)),
        assessment: Assessment {
            status,
            reasons: vec![],
            open: vec![],
            photo: Photo::NotStated,
            owner: if owner.is_empty() { OwnerMatch::NoOwner } else { OwnerMatch::One { id: owner.to_owned() } },
            differences: vec![],
            least_sure: None,
            as_of: date(2026, 11, 30),
        },
    }
}

fn owners(ids: &[&str]) -> Vec<Owner> {
    ids.iter().map(|id| Owner { id: (*id).to_owned(), name: PersonName::default() }).collect()
}

fn values(rows: &[AssessedDocument], of: &[&str]) -> BTreeMap<String, FactorValue> {
    summarise(rows, &owners(of)).factors.into_iter().map(|(name, factor)| (name, factor.value)).collect()
}

fn count(values: &BTreeMap<String, FactorValue>, name: &str) -> usize {
    match values[name] {
        FactorValue::Count(count) => count,
        other => panic!("{name} is {other:?}"),
    }
}

const LATER: (i16, i8, i8) = (2030, 1, 1);

#[test]
fn verified_verified_expired_is_three_two_one_and_two_thirds() {
    let rows = [
        row("A1", Verified, "one", LATER),
        row("B2", Verified, "two", LATER),
        row("C3", Expired, "three", (2020, 1, 1)),
    ];
    let values = values(&rows, &["one", "two", "three"]);
    assert_eq!(count(&values, "f_total_licenses_processed"), 3);
    assert_eq!(count(&values, "f_verified_licenses_count"), 2);
    assert_eq!(count(&values, "f_expired_licenses_count"), 1);
    assert_eq!(values["f_verification_rate"], FactorValue::Rate(Decimal::from(2) / Decimal::from(3)));
    assert_eq!(values["f_all_licenses_valid"], FactorValue::Flag(false));
    assert_eq!((count(&values, "f_owners_with_valid_id"), count(&values, "f_owners_total")), (2, 3));
}

#[test]
fn a_failed_execution_is_no_row() {
    // OK, failed, OK: only the two completed ones are handed in.
    let values = values(&[row("A1", Verified, "one", LATER), row("B2", Verified, "two", LATER)], &[]);
    assert_eq!(count(&values, "f_verified_licenses_count"), 2);
    assert_eq!(count(&values, "f_total_licenses_processed"), 2);
    assert_eq!(values["f_all_licenses_valid"], FactorValue::Flag(true));
    assert!(!values.contains_key("f_owners_total"), "no owners were named");
}

#[test]
fn no_completed_document_gives_no_factors() {
    assert_eq!(values(&[], &["one"]), BTreeMap::new());
    assert_eq!(verification_rate(0, 0), Decimal::ZERO);
}

#[test]
fn a_repeated_licence_counts_once() {
    let rows =
        [row("A-1", Verified, "one", LATER), row("a1", Verified, "one", LATER), row("B2", Verified, "one", LATER)];
    let summary = summarise(&rows, &owners(&["one", "two"]));
    assert_eq!(summary.counted, ["execution-A-1-2030", "execution-B2-2030"]);
    assert_eq!(summary.repeated, [("execution-a1-2030".to_owned(), "execution-A-1-2030".to_owned())]);
    assert_eq!(summary.factors["f_total_licenses_processed"].value, FactorValue::Count(2));
    assert_eq!(summary.factors["f_owners_with_valid_id"].value, FactorValue::Count(1), "two documents of one owner");
    assert_eq!(summary.factors["f_owners_with_valid_id"].documents, ["execution-A-1-2030", "execution-B2-2030"]);
}

#[test]
fn of_repeated_readings_the_later_expiry_counts_and_then_the_graver() {
    let counted = |rows: &[AssessedDocument]| summarise(rows, &[]).factors["f_verified_licenses_count"].value;
    let renewed = [row("A1", Expired, "one", (2020, 1, 1)), row("A1", Verified, "one", LATER)];
    assert_eq!(counted(&renewed), FactorValue::Count(1));
    let doubtful = [row("A1", Verified, "one", LATER), row("A1", Invalid, "one", LATER)];
    assert_eq!(counted(&doubtful), FactorValue::Count(0));
    let blurred = [row("A1", Unreadable, "one", LATER), row("A1", Verified, "one", LATER)];
    assert_eq!(counted(&blurred), FactorValue::Count(1));
}

#[test]
fn documents_without_a_key_and_of_strangers_count_for_no_owner() {
    let mut unread = row("A1", Unreadable, "", LATER);
    unread.key = None;
    let rows = [unread.clone(), unread, row("B2", NameMismatch, "", LATER), row("C3", Verified, "stranger", LATER)];
    let values = values(&rows, &["one", "one"]);
    assert_eq!(count(&values, "f_total_licenses_processed"), 4);
    assert_eq!((count(&values, "f_owners_with_valid_id"), count(&values, "f_owners_total")), (0, 1));
}

#[test]
fn rows_survive_storage() {
    let row = row("A1", Verified, "one", LATER);
    let stored = serde_json::to_string(&row).unwrap();
    assert_eq!(serde_json::from_str::<AssessedDocument>(&stored).unwrap(), row);
}
