//! Makes a document of a barcode's elements.

use domain::masked::{Masked, NumberKey};

use super::element::RawElement;
use super::note;
use crate::address::Address;
use crate::compare::compare_names;
use crate::date::{self, DateReading};
use crate::document::{DocumentKind, Element, IdentityDocument, Issuer, Photo, Sex, Source, Stated};
use crate::finding::Finding;
use crate::issuer::{Country, Jurisdiction};
use crate::name::PersonName;

/// Elements that have a field of their own.
const READ: [&str; 27] = [
    "DAA", "DAB", "DAC", "DAD", "DAE", "DAG", "DAH", "DAI", "DAJ", "DAK", "DAL", "DAM", "DAN", "DAO", "DAP", "DAQ",
    "DBA", "DBB", "DBC", "DBD", "DCG", "DCS", "DCT", "DCU", "DDE", "DDF", "DDG",
];

/// Elements whose values are never a number of the person or the card: sizes, colours, codes and dates.
const HARMLESS: [&str; 26] = [
    "DAR", "DAS", "DAT", "DAU", "DAV", "DAW", "DAX", "DAY", "DAZ", "DBH", "DBI", "DCA", "DCB", "DCD", "DCE", "DCL",
    "DDA", "DDB", "DDC", "DDD", "DDH", "DDI", "DDJ", "DDK", "DDL", "DCI",
];

/// Elements that are dates: birth, issue, expiry, the card's revision, and until when the holder is under 18, 19 or 21.
const DATES: [&str; 7] = ["DBB", "DBD", "DBA", "DDB", "DDH", "DDI", "DDJ"];

/// The elements by their codes. Of repeated ones the first counts.
struct Card<'a>(&'a [RawElement]);

impl<'a> Card<'a> {
    /// The value of an element, unless it says that there is none.
    fn value(&self, code: &str) -> Option<&'a str> {
        let stated = |value: &&str| !value.is_empty() && !is_none(value);
        self.0.iter().filter(|element| element.code == code).map(|element| element.value.as_str()).find(stated)
    }

    /// The first of these codes that is stated, with its value.
    fn first(&self, codes: &[&'static str]) -> Option<(&'static str, &'a str)> {
        codes.iter().find_map(|code| Some((*code, self.value(code)?)))
    }

    fn text(&self, codes: &[&'static str]) -> Option<String> {
        self.first(codes).map(|(_, value)| value.trim_end_matches([',', ' ']).to_owned())
    }

    fn is_cut(&self, code: &str) -> bool {
        self.value(code).is_some_and(|mark| mark.eq_ignore_ascii_case("T"))
    }
}

/// What the standard writes in a mandatory element without content.
fn is_none(value: &str) -> bool {
    ["NONE", "UNAVL", "UNAVAIL"].iter().any(|none| value.eq_ignore_ascii_case(none))
}

/// The document that the elements describe.
pub fn document(iin: &str, parts: &[String], elements: &[RawElement], mut findings: Vec<Finding>) -> IdentityDocument {
    let card = Card(elements);
    note_contradictions(elements, &mut findings);
    let (issuer, country) = issuer(iin, &card, &mut findings);
    let number = card.first(&["DAQ"]);
    let key = issuer.as_ref().zip(number).and_then(|(issuer, (_, number))| NumberKey::new(&issuer.value.0, number));
    let order = date::order(DATES.iter().filter_map(|code| card.value(code)));
    let mut day = |code| day(code, &card, country, order, &mut findings);
    let (born, issued, expires) = (day("DBB"), day("DBD"), day("DBA"));
    let name = name(&card, &mut findings);
    IdentityDocument {
        source: Source::Barcode,
        kind: kind(elements, parts),
        issuer,
        number: number.map(|(at, number)| Stated::new(Masked::new(number), at)),
        key,
        name,
        born,
        issued,
        expires,
        sex: card.first(&["DBC"]).map(|(at, value)| Stated::new(sex(value), at)),
        address: address(&card),
        photo: Photo::NotStated,
        checks: Vec::new(),
        elements: others(elements, &mut findings),
        findings,
    }
}

fn kind(elements: &[RawElement], parts: &[String]) -> Stated<DocumentKind> {
    let all: Vec<&str> = parts.iter().chain(elements.iter().map(|element| &element.part)).map(String::as_str).collect();
    let kinds = [
        ("DL", DocumentKind::DrivingLicence),
        ("EN", DocumentKind::DrivingLicence),
        ("ID", DocumentKind::IdentityCard),
    ];
    if let Some((part, kind)) = kinds.into_iter().find(|(part, _)| all.contains(part)) {
        return Stated::new(kind, part);
    }
    match all.iter().find(|part| !part.is_empty()) {
        Some(part) => Stated::new(DocumentKind::Other((*part).to_owned()), *part),
        None => Stated::new(DocumentKind::NotStated, ""),
    }
}

/// The issuer and its country: by the header's number, or by the state and country among the elements.
fn issuer(iin: &str, card: &Card<'_>, findings: &mut Vec<Finding>) -> (Option<Stated<Issuer>>, Option<Country>) {
    let by_number = iin.parse().ok().and_then(Jurisdiction::by_iin);
    let state = card.first(&["DAJ", "DAO"]).and_then(|(at, code)| Some((at, Jurisdiction::by_code(code)?)));
    let stated_country = card.value("DCG").and_then(Country::by_code);
    if by_number.is_none() {
        note(findings, Finding::IssuerUnknown);
    }
    if let (Some(issuer), Some((at, state))) = (by_number, state)
        && issuer != state
    {
        note(findings, Finding::IssuerDiffers { at: at.to_owned() });
    }
    let found = by_number.map(|one| (one, "header")).or(state.map(|(at, state)| (state, at)));
    let country = found.map(|(one, _)| one.country).or(stated_country);
    if stated_country.is_some() && stated_country != country {
        note(findings, Finding::IssuerDiffers { at: "DCG".to_owned() });
    }
    let issuer = match found {
        Some((jurisdiction, at)) => Some(Stated::new(jurisdiction.issuer(), at)),
        None => (!iin.is_empty()).then(|| Stated::new(Issuer(format!("IIN {iin}")), "header")),
    };
    (issuer, country)
}

fn day(
    code: &str,
    card: &Card<'_>,
    country: Option<Country>,
    order: Option<date::Order>,
    findings: &mut Vec<Finding>,
) -> Stated<DateReading> {
    let Some(text) = card.value(code) else { return Stated::not_stated() };
    let (reading, unusual) = date::of_barcode(text, country, order);
    if unusual {
        note(findings, Finding::DateOrderUnusual { at: code.to_owned() });
    }
    Stated::new(reading, code)
}

/// The name, in the forms of the versions: family name with given names in one element (02, 03) or two (04 and later), the
/// parts of version 01, or the whole.
fn name(card: &Card<'_>, findings: &mut Vec<Finding>) -> Option<Stated<PersonName>> {
    let whole = card.value("DAA").map(|text| Stated::new(whole_name(text), "DAA"));
    let family = card.first(&["DCS", "DAB"]);
    let given = card.first(&["DAC", "DCT"]);
    let name = match (family, given) {
        (None, None) => whole.clone()?,
        _ => {
            let at = family.or(given).map_or("", |(at, _)| at);
            let (mut first, mut middle) = (given.and_then(|(_, text)| stated(text)), card.text(&["DAD"]));
            if let Some(("DCT", text)) = given
                && let Some((one, rest)) = text.split_once(',')
            {
                (first, middle) = (stated(one), middle.or(stated(rest)));
            }
            let parts = PersonName {
                family: family.and_then(|(_, text)| stated(text)),
                given: first,
                middle,
                suffix: card.text(&["DCU", "DAE"]),
                family_cut: card.is_cut("DDE"),
                given_cut: card.is_cut("DDF"),
                middle_cut: card.is_cut("DDG"),
                ..PersonName::default()
            };
            Stated::new(parts, at)
        }
    };
    for (code, cut) in [("DDE", name.value.family_cut), ("DDF", name.value.given_cut), ("DDG", name.value.middle_cut)] {
        if cut {
            note(findings, Finding::NameCut { at: code.to_owned() });
        }
    }
    if name.value.whole.is_some() {
        note(findings, Finding::NameOrderNotStated);
    }
    if let Some(whole) = whole
        && !compare_names(&whole.value, &name.value).same
    {
        note(findings, Finding::Contradiction { at: "DAA".to_owned() });
    }
    Some(name)
}

/// A whole name: `LAST,FIRST,MIDDLE,SUFFIX`, with commas or the signs that some issuers put in their place.
fn whole_name(text: &str) -> PersonName {
    let sign = [',', '@', '$'].into_iter().find(|sign| text.trim_end_matches(*sign).contains(*sign));
    let Some(sign) = sign else { return PersonName::of_whole(text.trim_end_matches([',', '@', '$'])) };
    let mut parts = text.splitn(4, sign).map(str::trim);
    let mut next = || parts.next().filter(|part| !is_none(part)).unwrap_or_default();
    let (family, given, middle, suffix) = (next(), next(), next(), next());
    PersonName::of_parts(family, given, middle, suffix)
}

fn stated(text: &str) -> Option<String> {
    let text = text.trim_matches([',', ' ']);
    (!text.is_empty()).then(|| text.replace(',', " "))
}

/// AAMVA's codes, and the letters of version 01.
fn sex(code: &str) -> Sex {
    match code.to_uppercase().as_str() {
        "1" | "M" => Sex::Male,
        "2" | "F" => Sex::Female,
        "9" | "X" | "0" => Sex::Unspecified,
        _ => Sex::NotUnderstood,
    }
}

/// The mailing address, or the residence of version 01 where there is none.
fn address(card: &Card<'_>) -> Option<Address> {
    let read = |codes: [&'static str; 5]| Address {
        street: card.text(&codes[..1]),
        street_2: card.text(&codes[1..2]),
        city: card.text(&codes[2..3]),
        state: card.text(&codes[3..4]),
        postal_code: card.text(&codes[4..]),
    };
    let found = [read(["DAG", "DAH", "DAI", "DAJ", "DAK"]), read(["DAL", "DAM", "DAN", "DAO", "DAP"])];
    found.into_iter().find(|address| *address != Address::default())
}

/// Elements that are repeated with another value.
fn note_contradictions(elements: &[RawElement], findings: &mut Vec<Finding>) {
    for (at, element) in elements.iter().enumerate() {
        let earlier = elements.iter().take(at).filter(|one| one.code == element.code);
        let differs =
            |one: &RawElement| !one.value.is_empty() && !is_none(&one.value) && !same_value(&one.value, &element.value);
        if !element.value.is_empty() && !is_none(&element.value) && earlier.into_iter().any(differs) {
            note(findings, Finding::Contradiction { at: element.code.clone() });
        }
    }
}

/// Values that differ in blanks and case only are the same.
fn same_value(one: &str, other: &str) -> bool {
    one.split_whitespace().map(str::to_uppercase).eq(other.split_whitespace().map(str::to_uppercase))
}

/// The elements without a field of their own; those that nobody knows are noted.
fn others(elements: &[RawElement], findings: &mut Vec<Finding>) -> Vec<Element> {
    let mut others = Vec::new();
    for element in elements.iter().filter(|element| !READ.contains(&element.code.as_str())) {
        let code = element.code.as_str();
        let standard = matches!(code.get(..2), Some("DA" | "DB" | "DC" | "DD"));
        if !standard {
            note(findings, Finding::FieldUnknown { at: code.to_owned() });
        }
        let may_be_number = !HARMLESS.contains(&code) && element.value.chars().any(char::is_numeric);
        let value = if may_be_number { Masked::new(&element.value).to_string() } else { element.value.clone() };
        others.push(Element { part: element.part.clone(), code: code.to_owned(), value });
    }
    others
}
