//! Several documents' assessments, as factors.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::document::{DocumentKey, IdentityDocument};
use crate::status::{Assessment, Owner, OwnerMatch, VerificationStatus};

/// One *completed* document: read and assessed. A document whose execution failed is no row: it is neither a zero nor an
/// invalid document.
///
/// Stored with the results in the document bucket, for its key; see [`DocumentKey`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssessedDocument {
    /// The caller's id of the document or execution.
    pub document: String,
    /// Which document it is, so that two readings of one count once.
    pub key: Option<DocumentKey>,
    /// Its last valid day.
    pub expires: Option<Date>,
    /// What was found.
    pub assessment: Assessment,
}

impl AssessedDocument {
    /// The row of a document that was read and assessed.
    #[must_use]
    pub fn new(document: impl Into<String>, read: &IdentityDocument, assessment: Assessment) -> Self {
        Self { document: document.into(), key: read.key, expires: read.expires.value.known(), assessment }
    }
}

/// A consolidated figure, with the documents that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Its value.
    pub value: FactorValue,
    /// Ids of the documents it was computed from, in the order given.
    pub documents: Vec<String>,
}

/// The value of a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorValue {
    /// A number of documents or owners.
    Count(usize),
    /// A part of a whole, between 0 and 1.
    Rate(Decimal),
    /// Whether something holds.
    Flag(bool),
}

/// What several documents come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// By name, `f_…`. Empty when no document was completed: no document is not the same as no valid document.
    pub factors: BTreeMap<String, Factor>,
    /// Ids of the documents that count. Of several readings of one licence it is the one that expires last, for a renewed
    /// licence may keep its number; of readings that expire together, the one with the gravest status other than unreadable.
    pub counted: Vec<String>,
    /// Ids of the readings that do not count, each with the id of the one that does.
    pub repeated: Vec<(String, String)>,
}

/// Consolidates completed documents.
///
/// `owners` are the owners whose documents are asked for; without any, there are no factors about owners.
#[must_use]
pub fn summarise(rows: &[AssessedDocument], owners: &[Owner]) -> Summary {
    let (counted, repeated) = distinct(rows);
    let ids = |rows: &[&AssessedDocument]| rows.iter().map(|row| row.document.clone()).collect::<Vec<_>>();
    let mut factors = BTreeMap::new();
    if !counted.is_empty() {
        let having = |status| -> Vec<&AssessedDocument> {
            counted.iter().copied().filter(|row| row.assessment.status == status).collect()
        };
        let (verified, expired) = (having(VerificationStatus::Verified), having(VerificationStatus::Expired));
        let mut add = |name: &str, value, rows: &[&AssessedDocument]| {
            factors.insert(name.to_owned(), Factor { value, documents: ids(rows) });
        };
        let total = counted.len();
        add("f_total_licenses_processed", FactorValue::Count(total), &counted);
        add("f_verified_licenses_count", FactorValue::Count(verified.len()), &verified);
        add("f_expired_licenses_count", FactorValue::Count(expired.len()), &expired);
        let rate = verification_rate(verified.len(), total);
        add("f_verification_rate", FactorValue::Rate(rate), &counted);
        add("f_all_licenses_valid", FactorValue::Flag(verified.len() == total), &counted);
        if !owners.is_empty() {
            let asked: BTreeSet<&str> = owners.iter().map(|owner| owner.id.as_str()).collect();
            let owner = |row: &AssessedDocument| match &row.assessment.owner {
                OwnerMatch::One { id } => asked.get(id.as_str()).copied(),
                _ => None,
            };
            let with_id: Vec<_> = verified.iter().copied().filter(|row| owner(row).is_some()).collect();
            let found: BTreeSet<&str> = with_id.iter().filter_map(|row| owner(row)).collect();
            add("f_owners_with_valid_id", FactorValue::Count(found.len()), &with_id);
            add("f_owners_total", FactorValue::Count(asked.len()), &[]);
        }
    }
    Summary { factors, counted: ids(&counted), repeated }
}

/// Verified documents as a part of all: 0 with none.
#[must_use]
pub fn verification_rate(verified: usize, total: usize) -> Decimal {
    Decimal::from(verified).checked_div(Decimal::from(total)).unwrap_or_default()
}

/// The rows that count, and the others with the id of the row that counts in their place. A document without a key is one
/// of its own.
fn distinct(rows: &[AssessedDocument]) -> (Vec<&AssessedDocument>, Vec<(String, String)>) {
    let mut best: BTreeMap<DocumentKey, &AssessedDocument> = BTreeMap::new();
    for row in rows {
        if let Some(key) = row.key {
            let kept = best.entry(key).or_insert(row);
            if precedence(row) > precedence(kept) {
                *kept = row;
            }
        }
    }
    let (mut counted, mut repeated) = (Vec::new(), Vec::new());
    for row in rows {
        match row.key.and_then(|key| best.get(&key)) {
            Some(kept) if !std::ptr::eq(*kept, row) => repeated.push((row.document.clone(), kept.document.clone())),
            _ => counted.push(row),
        }
    }
    (counted, repeated)
}

/// The reading with the highest precedence counts.
fn precedence(row: &AssessedDocument) -> (Option<Date>, u8) {
    let gravity = match row.assessment.status {
        VerificationStatus::Unreadable => 0,
        VerificationStatus::Verified => 1,
        VerificationStatus::MissingPhoto => 2,
        VerificationStatus::NameMismatch => 3,
        VerificationStatus::Expired => 4,
        VerificationStatus::Invalid => 5,
    };
    (row.expires, gravity)
}
