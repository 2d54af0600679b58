//! Judges a document at the underwriting date.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::compare::{Difference, NameComparison, compare_names};
use crate::date::DateReading;
use crate::document::{IdentityDocument, Photo, Stated, Verdict};
use crate::finding::Finding;
use crate::status::{Assessment, LeastSure, Open, Owner, OwnerMatch, Reason, VerificationStatus};

/// Elements and fields whose contradiction makes a document invalid: those that a verification needs.
const NEEDED: [&str; 16] = [
    "DAQ",
    "DAA",
    "DAB",
    "DAC",
    "DAD",
    "DCS",
    "DCT",
    "DBA",
    "DBB",
    "DBD",
    "DOCUMENT_NUMBER",
    "FIRST_NAME",
    "LAST_NAME",
    "DATE_OF_BIRTH",
    "EXPIRATION_DATE",
    "DATE_OF_ISSUE",
];

/// Judges a document at the underwriting date `as_of`, which the caller holds; never at the time of processing.
///
/// `owners` are those whose documents are asked for. Without any, the name is not judged, and [`Assessment::open`] says so.
/// The crate's page says what `verified` asks of each source.
#[must_use]
pub fn assess(document: &IdentityDocument, owners: &[Owner], as_of: Date) -> Assessment {
    let mut reasons = Vec::new();
    judge_checks(document, &mut reasons);
    judge_dates(document, as_of, &mut reasons);
    judge_readable(document, &mut reasons);
    if let Some(date) = document.expires.value.known().filter(|date| *date < as_of) {
        reasons.push(Reason::ExpiredOn { date });
    }
    let (owner, differences) = find_owner(document, owners);
    match &owner {
        OwnerMatch::NoOwner => reasons.push(Reason::NameIsNoOwners),
        OwnerMatch::Several { .. } => reasons.push(Reason::NameFitsSeveralOwners),
        OwnerMatch::One { .. } | OwnerMatch::NotCompared => {}
    }
    if document.photo == Photo::Missing {
        reasons.push(Reason::PhotoMissing);
    }
    let status = reasons.first().map_or(VerificationStatus::Verified, Reason::status);
    let open = open(document, owners);
    let least_sure = least_sure(document);
    Assessment { status, reasons, open, photo: document.photo, owner, differences, least_sure, as_of }
}

fn judge_checks(document: &IdentityDocument, reasons: &mut Vec<Reason>) {
    let failing = document.checks.iter().filter(|check| check.verdict == Verdict::Fails);
    reasons.extend(failing.map(|check| Reason::CheckDigitFails { field: check.field }));
    for finding in &document.findings {
        if let Finding::Contradiction { at } = finding
            && NEEDED.contains(&at.as_str())
        {
            reasons.push(Reason::Contradiction { at: at.clone() });
        }
    }
}

fn judge_dates(document: &IdentityDocument, as_of: Date, reasons: &mut Vec<Reason>) {
    let [born, issued, expires] = [&document.born, &document.issued, &document.expires].map(|date| date.value.known());
    let is_after = |one: Option<Date>, other: Option<Date>| one.zip(other).is_some_and(|(one, other)| one > other);
    let contradictions = [
        (is_after(issued, expires), Reason::IssuedAfterExpiry),
        (is_after(born, issued), Reason::BornAfterIssue),
        (is_after(born, expires), Reason::BornAfterExpiry),
        (is_after(born, Some(as_of)), Reason::BornAfterUnderwriting),
        (is_after(issued, Some(as_of)), Reason::IssuedAfterUnderwriting),
    ];
    reasons.extend(contradictions.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason));
}

fn judge_readable(document: &IdentityDocument, reasons: &mut Vec<Reason>) {
    let born = matches!(document.born.value, DateReading::Known { .. } | DateReading::PartlyUnknown);
    let name = document.name.as_ref().is_some_and(|name| !name.value.is_empty());
    let read = [
        ("number", document.number.is_some()),
        ("issuer", document.issuer.is_some()),
        ("name", name),
        ("born", born),
        ("expires", document.expires.value.known().is_some()),
    ];
    let not_read = read.into_iter().filter(|(_, read)| !read);
    reasons.extend(not_read.map(|(field, _)| Reason::NotRead { field: field.to_owned() }));
}

/// The owner whose name fits, and what differs. Of several that fit, the closest; when two are equally close, both.
fn find_owner(document: &IdentityDocument, owners: &[Owner]) -> (OwnerMatch, Vec<Difference>) {
    let Some(name) = document.name.as_ref().filter(|name| !name.value.is_empty()) else {
        return (OwnerMatch::NotCompared, Vec::new());
    };
    let compared: Vec<(&Owner, NameComparison)> =
        owners.iter().map(|owner| (owner, compare_names(&name.value, &owner.name))).collect();
    let distance = |found: &NameComparison| {
        (found.differences.iter().filter(|one| one.tells_apart()).count(), found.differences.len())
    };
    let Some(closest) = compared.iter().map(|(_, found)| distance(found)).min() else {
        return (OwnerMatch::NotCompared, Vec::new());
    };
    let nearest: Vec<_> = compared.into_iter().filter(|(_, found)| distance(found) == closest).collect();
    let same: BTreeSet<&str> =
        nearest.iter().filter(|(_, found)| found.same).map(|(owner, _)| owner.id.as_str()).collect();
    let differences = nearest.first().map(|(_, found)| found.differences.clone()).unwrap_or_default();
    let ids: Vec<String> = same.into_iter().map(str::to_owned).collect();
    let owner = match ids.as_slice() {
        [] => OwnerMatch::NoOwner,
        [id] => OwnerMatch::One { id: id.clone() },
        _ => OwnerMatch::Several { ids },
    };
    (owner, differences)
}

fn open(document: &IdentityDocument, owners: &[Owner]) -> Vec<Open> {
    let open = [
        (document.photo == Photo::NotStated, Open::PhotoNotStated),
        (owners.is_empty(), Open::NoOwnersGiven),
        (document.issued.value.known().is_none(), Open::IssueNotStated),
        (document.born.value == DateReading::PartlyUnknown, Open::BirthPartlyUnknown),
    ];
    open.into_iter().filter(|(holds, _)| *holds).map(|(_, open)| open).collect()
}

/// The least sure of number, issuer, name and dates.
fn least_sure(document: &IdentityDocument) -> Option<LeastSure> {
    fn of<T>(stated: &Stated<T>) -> Option<LeastSure> {
        Some(LeastSure { at: stated.at.clone(), confidence: stated.confidence? })
    }
    let fields = [
        document.number.as_ref().and_then(of),
        document.issuer.as_ref().and_then(of),
        document.name.as_ref().and_then(of),
        of(&document.born),
        of(&document.issued),
        of(&document.expires),
    ];
    fields.into_iter().flatten().min_by(|one, other| one.confidence.get().total_cmp(&other.confidence.get()))
}
