//! Answers of Amazon Textract's `AnalyzeID`, as recorded: the operation's own, and those of `AnalyzeLending`, which hold the
//! same fields for a page that shows an identity document.
//!
//! The fields are documented at docs.aws.amazon.com/textract, "Identity Documentation Response Objects". Each carries its
//! confidence with it; none is dropped for a low one. What the service calls first and last name is kept as it is.

use std::collections::BTreeMap;

use domain::masked::{Masked, NumberKey};
use domain::option::Confidence;
use jiff::civil::{Date, DateTime};
use serde::Deserialize;

use crate::address::Address;
use crate::date::{self, DateReading};
use crate::document::{DocumentKind, Element, IdentityDocument, Issuer, Photo, Sex, Source, Stated};
use crate::error::{Counted, ReadError, within};
use crate::finding::Finding;
use crate::issuer::{Country, Jurisdiction};
use crate::limit::Limits;
use crate::name::PersonName;
use crate::zone;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    identity_documents: Option<Vec<AnsweredDocument>>,
    results: Option<Vec<PageResult>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PageResult {
    #[serde(default)]
    extractions: Vec<Extraction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Extraction {
    identity_document: Option<AnsweredDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AnsweredDocument {
    #[serde(default)]
    identity_document_fields: Vec<AnsweredField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AnsweredField {
    r#type: Detection,
    value_detection: Option<Detection>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detection {
    #[serde(default)]
    text: String,
    /// In per cent.
    confidence: Option<f64>,
    normalized_value: Option<NormalizedValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NormalizedValue {
    #[serde(default)]
    value: String,
}

/// Reads the identity documents of an answer, in its order.
///
/// `as_of`, the underwriting date, decides the century of years in a machine-readable zone that the service read.
///
/// # Errors
/// When this is no such answer, it holds no identity document, or a limit is exceeded.
pub fn read(bytes: &[u8], as_of: Date, limits: &Limits) -> Result<Vec<IdentityDocument>, ReadError> {
    within(Counted::Bytes, bytes.len(), limits.answer_bytes_max)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    let answer: Answer = serde_json::from_slice(bytes).map_err(|_| ReadError::NotAnAnswer)?;
    if answer.identity_documents.is_none() && answer.results.is_none() {
        return Err(ReadError::NotAnAnswer);
    }
    let lent = answer.results.into_iter().flatten().flat_map(|page| page.extractions);
    let lent = lent.filter_map(|extraction| extraction.identity_document);
    let documents: Vec<AnsweredDocument> = answer.identity_documents.into_iter().flatten().chain(lent).collect();
    within(Counted::Documents, documents.len(), limits.documents_max)?;
    if documents.is_empty() {
        return Err(ReadError::NoDocument);
    }
    documents.iter().map(|document| read_one(document, as_of, limits)).collect()
}

/// Fields that have a place of their own in a document.
const READ: [&str; 16] = [
    "FIRST_NAME",
    "LAST_NAME",
    "MIDDLE_NAME",
    "SUFFIX",
    "CITY_IN_ADDRESS",
    "ZIP_CODE_IN_ADDRESS",
    "STATE_IN_ADDRESS",
    "STATE_NAME",
    "DOCUMENT_NUMBER",
    "EXPIRATION_DATE",
    "DATE_OF_BIRTH",
    "DATE_OF_ISSUE",
    "ID_TYPE",
    "ADDRESS",
    "MRZ_CODE",
    "SEX",
];

/// Fields that the service documents and that have no place of their own.
const DOCUMENTED: [&str; 6] = ["ENDORSEMENTS", "VETERAN", "RESTRICTIONS", "CLASS", "COUNTY", "PLACE_OF_BIRTH"];

/// The fields by their names. Of repeated ones the first with a text counts.
struct Fields<'a>(BTreeMap<String, Vec<&'a Detection>>);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Detection> {
        self.0.get(name)?.iter().copied().find(|value| !value.text.trim().is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| value.text.trim().to_owned())
    }
}

fn read_one(document: &AnsweredDocument, as_of: Date, limits: &Limits) -> Result<IdentityDocument, ReadError> {
    within(Counted::Elements, document.identity_document_fields.len(), limits.fields_max)?;
    let mut findings = Vec::new();
    let fields = collect(document, limits, &mut findings)?;
    let (issuer, country) = issuer(&fields);
    let number = fields.get("DOCUMENT_NUMBER");
    let key = issuer.as_ref().zip(number).and_then(|(issuer, number)| NumberKey::new(&issuer.value.0, &number.text));
    let mut read = IdentityDocument {
        source: Source::AnalyzeId,
        kind: kind(&fields),
        number: number.map(|value| stated(Masked::new(&value.text), "DOCUMENT_NUMBER", value)),
        issuer,
        key,
        name: name(&fields),
        born: day("DATE_OF_BIRTH", &fields, country, &mut findings),
        issued: day("DATE_OF_ISSUE", &fields, country, &mut findings),
        expires: day("EXPIRATION_DATE", &fields, country, &mut findings),
        sex: fields.get("SEX").map(|value| stated(sex(&value.text), "SEX", value)),
        address: address(&fields),
        photo: Photo::NotStated,
        checks: Vec::new(),
        elements: others(&fields, &mut findings),
        findings,
    };
    add_zone(&mut read, &fields, as_of, limits);
    Ok(read)
}

fn collect<'a>(
    document: &'a AnsweredDocument,
    limits: &Limits,
    findings: &mut Vec<Finding>,
) -> Result<Fields<'a>, ReadError> {
    let mut fields: BTreeMap<String, Vec<&Detection>> = BTreeMap::new();
    for field in &document.identity_document_fields {
        let Some(value) = &field.value_detection else { continue };
        within(Counted::ValueChars, value.text.chars().count(), limits.value_chars_max)?;
        within(Counted::ValueChars, field.r#type.text.chars().count(), limits.value_chars_max)?;
        let name = field.r#type.text.trim().to_uppercase();
        let values = fields.entry(name.clone()).or_default();
        let text = |value: &Detection| value.text.split_whitespace().map(str::to_uppercase).collect::<Vec<_>>();
        let differs = |earlier: &&Detection| !text(earlier).is_empty() && text(earlier) != text(value);
        let contradiction = Finding::Contradiction { at: name };
        if !text(value).is_empty() && values.iter().any(differs) && !findings.contains(&contradiction) {
            findings.push(contradiction);
        }
        values.push(value);
    }
    Ok(Fields(fields))
}

fn stated<T>(value: T, at: &str, source: &Detection) -> Stated<T> {
    let confidence = source.confidence.and_then(|per_cent| Confidence::try_from(per_cent / 100.0).ok());
    Stated { value, at: at.to_owned(), confidence }
}

/// The issuer: the state by its name, else by the address's code, else the country of a passport.
fn issuer(fields: &Fields<'_>) -> (Option<Stated<Issuer>>, Option<Country>) {
    let by_name = fields.get("STATE_NAME").and_then(|value| Some(("STATE_NAME", value, state(&value.text)?)));
    let by_code =
        || fields.get("STATE_IN_ADDRESS").and_then(|value| Some(("STATE_IN_ADDRESS", value, state(&value.text)?)));
    match by_name.or_else(by_code) {
        Some((at, value, state)) => (Some(stated(state.issuer(), at, value)), Some(state.country)),
        None => {
            let zone = fields.get("MRZ_CODE").and_then(|value| {
                let code: String = value.text.chars().skip(2).take(3).filter(char::is_ascii_uppercase).collect();
                (!code.is_empty()).then(|| stated(Issuer(code), "MRZ_CODE", value))
            });
            let country = zone.as_ref().and_then(|zone| Country::by_code(&zone.value.0));
            (zone, country)
        }
    }
}

fn state(text: &str) -> Option<&'static Jurisdiction> {
    Jurisdiction::by_name(text).or_else(|| Jurisdiction::by_code(text))
}

fn kind(fields: &Fields<'_>) -> Stated<DocumentKind> {
    let Some(value) = fields.get("ID_TYPE") else { return Stated::new(DocumentKind::NotStated, "") };
    let text = value.text.trim().to_uppercase();
    let kind = if text.contains("PASSPORT") {
        DocumentKind::Passport
    } else if text.contains("DRIV") && text.contains("LICEN") {
        DocumentKind::DrivingLicence
    } else if text.contains("IDENTI") || text.starts_with("ID ") || text == "ID" {
        DocumentKind::IdentityCard
    } else {
        DocumentKind::Other(value.text.trim().to_owned())
    };
    stated(kind, "ID_TYPE", value)
}

/// The name, with the lowest confidence of its parts.
fn name(fields: &Fields<'_>) -> Option<Stated<PersonName>> {
    let parts = ["LAST_NAME", "FIRST_NAME", "MIDDLE_NAME", "SUFFIX"];
    let text = |name| fields.text(name).unwrap_or_default();
    let [family, given, middle, suffix] = parts.map(text);
    let name = PersonName::of_parts(&family, &given, &middle, &suffix);
    let least = parts.iter().filter_map(|part| fields.get(part)).min_by(|one, other| {
        let of = |value: &Detection| value.confidence.unwrap_or(f64::INFINITY);
        of(one).total_cmp(&of(other))
    })?;
    (!name.is_empty()).then(|| stated(name, "LAST_NAME", least))
}

/// A date by its printed text. What the service made of it is a second opinion: where the two contradict, neither is taken.
fn day(at: &str, fields: &Fields<'_>, country: Option<Country>, findings: &mut Vec<Finding>) -> Stated<DateReading> {
    let Some(value) = fields.get(at) else { return Stated::not_stated() };
    let printed = date::of_print(&value.text, country == Some(Country::Us));
    let normalized = value.normalized_value.as_ref().map(|value| value.value.trim());
    let normalized = normalized
        .and_then(|text| text.parse::<DateTime>().map(DateTime::date).ok().or_else(|| text.parse::<Date>().ok()));
    let reading = match (&printed, normalized) {
        (DateReading::Known { date }, Some(other)) if *date != other => {
            findings.push(Finding::Contradiction { at: at.to_owned() });
            DateReading::among(vec![*date, other])
        }
        (DateReading::NotUnderstood, Some(date)) => DateReading::Known { date },
        _ => printed,
    };
    stated(reading, at, value)
}

fn sex(text: &str) -> Sex {
    match text.trim().to_uppercase().as_str() {
        "M" | "MALE" => Sex::Male,
        "F" | "FEMALE" => Sex::Female,
        "X" => Sex::Unspecified,
        _ => Sex::NotUnderstood,
    }
}

fn address(fields: &Fields<'_>) -> Option<Address> {
    let address = Address {
        street: fields.text("ADDRESS"),
        street_2: None,
        city: fields.text("CITY_IN_ADDRESS"),
        state: fields.text("STATE_IN_ADDRESS"),
        postal_code: fields.text("ZIP_CODE_IN_ADDRESS"),
    };
    (address != Address::default()).then_some(address)
}

fn others(fields: &Fields<'_>, findings: &mut Vec<Finding>) -> Vec<Element> {
    let mut others = Vec::new();
    for name in fields.0.keys().filter(|name| !READ.contains(&name.as_str())) {
        let known = DOCUMENTED.contains(&name.as_str());
        if !known {
            findings.push(Finding::FieldUnknown { at: name.clone() });
        }
        if let Some(text) = fields.text(name) {
            let may_be_number = !known && text.chars().any(char::is_numeric);
            let value = if may_be_number { Masked::new(&text).to_string() } else { text };
            others.push(Element { part: String::new(), code: name.clone(), value });
        }
    }
    others
}

/// Reads the zone that the service found, and compares it with the fields.
fn add_zone(read: &mut IdentityDocument, fields: &Fields<'_>, as_of: Date, limits: &Limits) {
    let Some(text) = fields.text("MRZ_CODE") else { return };
    let Ok(zone) = zone::read(text.as_bytes(), as_of, limits) else {
        read.findings.push(Finding::ZoneNotRead);
        return;
    };
    let differs = |one: &Stated<DateReading>, other: &Stated<DateReading>| {
        one.value.known().zip(other.value.known()).is_some_and(|(one, other)| one != other)
    };
    let issuer = zone.issuer.as_ref().map_or("", |issuer| issuer.value.0.as_str());
    let number = fields.get("DOCUMENT_NUMBER").and_then(|number| NumberKey::new(issuer, &number.text));
    let contradictions = [
        (number.is_some() && number != zone.key, "DOCUMENT_NUMBER"),
        (differs(&read.born, &zone.born), "DATE_OF_BIRTH"),
        (differs(&read.expires, &zone.expires), "EXPIRATION_DATE"),
    ];
    let noticed = contradictions.into_iter().filter(|(holds, _)| *holds);
    read.findings.extend(noticed.map(|(_, at)| Finding::Contradiction { at: at.to_owned() }));
    read.checks = zone.checks;
    // The zone's issuer is stated in letters that a check reads; its key makes it the same document as the zone alone.
    if read.kind.value == DocumentKind::Passport || read.issuer.is_none() {
        (read.issuer, read.key) = (zone.issuer, zone.key);
    }
}
