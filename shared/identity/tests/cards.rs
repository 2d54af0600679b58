//! Twenty cards made for these tests, each with what a reader must find on it, written by hand from the standards.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

use std::path::PathBuf;

use identity::{DateReading, IdentityDocument, Limits, Owner, PersonName, Photo, Stated, aamva, assess, zone};
use jiff::civil::Date;
use serde_json::Value;

/// The underwriting date of a card that names no other.
const AS_OF: &str = "2026-11-30";

fn folder() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cards").into()
}

struct Card {
    name: String,
    bytes: Vec<u8>,
    expected: Value,
}

impl Card {
    fn as_of(&self) -> Date {
        self.text("as_of").unwrap_or(AS_OF).parse().unwrap()
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.expected.get(field).and_then(Value::as_str)
    }

    fn read(&self) -> IdentityDocument {
        let limits = Limits::default();
        let read = match self.text("source") {
            Some("zone") => zone::read(&self.bytes, self.as_of(), &limits),
            _ => aamva::read(&self.bytes, &limits),
        };
        read.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn owner(&self) -> Owner {
        Owner { id: "owner-1".to_owned(), name: PersonName::of_whole(self.text("owner").unwrap()) }
    }
}

fn cards() -> Vec<Card> {
    let mut cards: Vec<Card> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| Card {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            bytes: std::fs::read(&path).unwrap(),
            expected: serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap(),
        })
        .collect();
    cards.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(cards.len(), 20);
    cards
}

fn day(date: &Stated<DateReading>) -> String {
    match &date.value {
        DateReading::Known { date } => date.to_string(),
        DateReading::Undecided { .. } => "undecided".to_owned(),
        DateReading::PartlyUnknown => "partly_unknown".to_owned(),
        DateReading::NotUnderstood => "not_understood".to_owned(),
        DateReading::NotStated => "not_stated".to_owned(),
    }
}

/// The word by which an enum's value is stored.
fn word(value: impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    let tagged = ["finding", "reason"].iter().find_map(|tag| value.get(tag).cloned());
    tagged.unwrap_or(value).as_str().unwrap_or_default().to_owned()
}

/// What was read, under the names of the expectations.
fn found(document: &IdentityDocument, field: &str) -> Value {
    let name = document.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    let address = document.address.clone().unwrap_or_default();
    match field {
        "kind" => word(&document.kind.value).into(),
        "issuer" => document.issuer.as_ref().unwrap().value.0.clone().into(),
        "number" => document.number.as_ref().unwrap().value.to_string().into(),
        "family" => name.family.into(),
        "given" => name.given.into(),
        "middle" => name.middle.into(),
        "suffix" => name.suffix.into(),
        "street" => address.street.into(),
        "street_2" => address.street_2.into(),
        "city" => address.city.into(),
        "state" => address.state.into(),
        "postal_code" => address.postal_code.into(),
        "born" => day(&document.born).into(),
        "issued" => day(&document.issued).into(),
        "expires" => day(&document.expires).into(),
        "sex" => word(document.sex.as_ref().unwrap().value).into(),
        "checks" => document.checks.iter().map(|check| word(check.verdict)).collect::<Vec<_>>().join(" ").into(),
        "findings" => document.findings.iter().map(word).collect::<Vec<_>>().into(),
        other => panic!("no field {other}"),
    }
}

#[test]
fn twenty_cards_are_read_right() {
    let mut wrong = Vec::new();
    for card in cards() {
        let document = card.read();
        for (field, expected) in card.expected.as_object().unwrap() {
            if ["source", "owner", "status", "reasons", "open", "differences", "as_of"].contains(&field.as_str()) {
                continue;
            }
            if field == "elements" {
                let elements: Vec<String> =
                    document.elements.iter().map(|one| format!("{} {} {}", one.part, one.code, one.value)).collect();
                let missing = expected
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|one| !elements.contains(&one.as_str().unwrap().to_owned()));
                wrong.extend(missing.map(|one| format!("{}: {one} is not among {elements:?}", card.name)));
                continue;
            }
            let found = found(&document, field);
            if found != *expected {
                wrong.push(format!("{} {field}: {found}, expected {expected}", card.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn twenty_cards_are_judged_right() {
    let mut wrong = Vec::new();
    for card in cards() {
        let assessment = assess(&card.read(), &[card.owner()], card.as_of());
        let mut expect = |field: &str, found: Value| {
            if let Some(expected) = card.expected.get(field)
                && found != *expected
            {
                wrong.push(format!("{} {field}: {found}, expected {expected}", card.name));
            }
        };
        expect("status", word(assessment.status).into());
        expect("reasons", assessment.reasons.iter().map(word).collect::<Vec<_>>().into());
        expect("open", assessment.open.iter().map(word).collect::<Vec<_>>().into());
        expect("differences", assessment.differences.iter().map(word).collect::<Vec<_>>().into());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_photo_that_nobody_looked_for_is_neither_present_nor_missing() {
    let cards = cards();
    let card = cards.iter().find(|card| card.name.starts_with("01")).unwrap();
    let status = |photo| {
        let assessment = assess(&card.read().with_photo(photo), &[card.owner()], card.as_of());
        (word(assessment.status), assessment.open.iter().map(word).collect::<Vec<_>>())
    };
    assert_eq!(status(Photo::NotStated), ("verified".to_owned(), vec!["photo_not_stated".to_owned()]));
    assert_eq!(status(Photo::Present), ("verified".to_owned(), vec![]));
    assert_eq!(status(Photo::Missing), ("missing_photo".to_owned(), vec![]));
}

#[test]
fn a_licence_expires_at_the_underwriting_date_and_never_by_the_clock() {
    let cards = cards();
    let card = cards.iter().find(|card| card.name.starts_with("10")).unwrap();
    let status = |as_of: &str| word(assess(&card.read(), &[card.owner()], as_of.parse().unwrap()).status);
    assert_eq!(status("2021-08-31"), "verified");
    assert_eq!(status("2021-09-01"), "expired");
    assert_eq!(status("2013-08-30"), "invalid", "issued after the underwriting date");
}

#[test]
fn no_form_of_a_document_shows_its_numbers() {
    for card in cards() {
        let document = card.read();
        let text = String::from_utf8_lossy(&card.bytes).into_owned();
        let shown = format!("{document:?} {}", serde_json::to_string(&document).unwrap());
        let numbers = text.lines().flat_map(|line| {
            ["DAQ", "DCF", "DCK"].iter().filter_map(|code| line.split(code).nth(1)).collect::<Vec<_>>()
        });
        let of_zone = text.lines().filter(|_| card.text("source") == Some("zone"));
        for number in numbers.chain(of_zone).filter(|number| number.chars().count() > 4) {
            let bare: String = number.chars().filter(|c| c.is_alphanumeric()).take(12).collect();
            assert!(!shown.contains(&bare) || bare.chars().count() <= 4, "{}: {bare}", card.name);
        }
    }
}
