//! Machine-readable zones of passports and identity cards (ICAO 9303: TD1, TD2, TD3).
//!
//! The crate `mrz` takes the fields apart and checks the digits; of its ways in, only those are used that repair nothing.
//! Before that, lines that a scan broke, joined or padded are fitted to their lengths, and each such change is a
//! [`Finding`].

mod lines;

use domain::masked::{Masked, NumberKey};
use jiff::civil::Date;
use mrz::{MrzData, MrzDate, MrzError, ParseOptions};

use crate::date::{self, DateReading};
use crate::document::{
    CheckDigit, CheckedField, DocumentKind, Element, IdentityDocument, Issuer, Photo, Sex, Source, Stated, Verdict,
};
use crate::error::{Counted, ReadError, within};
use crate::finding::Finding;
use crate::limit::Limits;
use crate::name::PersonName;
use lines::Form;

/// Reads the zone in a text. Lines around it that cannot belong to one are passed over.
///
/// The years of a zone have two digits; their century is judged at the underwriting date `as_of`: a holder was born by then,
/// and a document expires within fifty years of it and not before the birth.
///
/// # Errors
/// When no zone is found, it is incomplete or of another kind of document, or a limit is exceeded.
pub fn read(bytes: &[u8], as_of: Date, limits: &Limits) -> Result<IdentityDocument, ReadError> {
    within(Counted::Bytes, bytes.len(), limits.zone_bytes_max)?;
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotText)?.trim_end_matches('\0');
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    if text.contains('\0') {
        return Err(ReadError::NotText);
    }
    let mut findings = Vec::new();
    let (form, lines) = lines::find(text, &mut findings)?;
    let data = parse(form, &lines)?;
    Ok(document(form, &lines, &data, as_of, findings))
}

fn parse(form: Form, lines: &[String]) -> Result<MrzData, ReadError> {
    // Centuries are judged here, so any pivot will do; a fixed one keeps the crate's own year out.
    let options = ParseOptions::default().with_pivot_yy(0);
    let parsed = match (form, lines) {
        (Form::Td1, [first, second, third]) => mrz::parse_td1_with(first, second, third, &options),
        (Form::Td2, [first, second]) => mrz::parse_td2_with(first, second, &options),
        (Form::Td3, [first, second]) => mrz::parse_td3_with(first, second, &options),
        _ => return Err(ReadError::NoZone),
    };
    parsed.map_err(|error| match error {
        MrzError::BadCharacter { line, position, .. } => {
            ReadError::ZoneCharacter { line: line.map_or(1, |line| line + 1), position: position + 1 }
        }
        MrzError::LeadingFiller { line, position, .. } => {
            ReadError::ZoneCharacter { line: line + 1, position: position + 1 }
        }
        MrzError::BadLength { got, .. } => ReadError::ZoneLength { got },
        _ => ReadError::ZoneKind,
    })
}

fn document(form: Form, lines: &[String], data: &MrzData, as_of: Date, mut findings: Vec<Finding>) -> IdentityDocument {
    let line = |number: usize| format!("line {number}");
    let (number_line, dates_line, name_line) = match form {
        Form::Td1 => (line(1), line(2), line(3)),
        Form::Td2 | Form::Td3 => (line(2), line(2), line(1)),
    };
    let number = data.full_document_number();
    let born = born(data.date_of_birth, as_of);
    let expires = expiry(data.date_of_expiry, as_of, born.known());
    let name = name(form, lines, data, &mut findings);
    IdentityDocument {
        source: Source::Zone,
        kind: Stated::new(kind(form, &data.document_type), line(1)),
        issuer: Some(Stated::new(Issuer(data.issuing_country.clone()), line(1))),
        number: Some(Stated::new(Masked::new(number), number_line)),
        key: NumberKey::new(&data.issuing_country, number),
        name: name.map(|name| Stated::new(name, name_line)),
        born: Stated::new(born, dates_line.clone()),
        issued: Stated::not_stated(),
        expires: Stated::new(expires, dates_line.clone()),
        sex: Some(Stated::new(sex(data.sex), dates_line)),
        address: None,
        photo: Photo::NotStated,
        checks: checks(data),
        elements: others(data),
        findings,
    }
}

fn kind(form: Form, code: &str) -> DocumentKind {
    match (form, code.chars().next()) {
        (Form::Td3, Some('P')) => DocumentKind::Passport,
        (_, Some('I' | 'A' | 'C')) => DocumentKind::IdentityCard,
        _ => DocumentKind::Other(code.to_owned()),
    }
}

fn name(form: Form, lines: &[String], data: &MrzData, findings: &mut Vec<Finding>) -> Option<PersonName> {
    let whole = |field: &str| field.replace('<', " ");
    let (line, field) = match form {
        Form::Td1 => (3, lines.get(2).map(String::as_str)),
        Form::Td2 | Form::Td3 => (1, lines.first().map(|line| line.get(5..).unwrap_or_default())),
    };
    // Without the two fillers between them, nothing says where the family name ends.
    let separated = field.is_none_or(|field| field.trim_end_matches('<').contains("<<")) || data.given_names.is_empty();
    let mut name = if separated {
        PersonName::of_parts(&data.surname, &data.given_names, "", "")
    } else {
        findings.push(Finding::NameOrderNotStated);
        PersonName::of_whole(&whole(field.unwrap_or_default()))
    };
    // A name that leaves no filler at its end may go on.
    if field.is_some_and(|field| !field.ends_with('<')) {
        name.given_cut = name.given.is_some();
        name.family_cut = name.given.is_none();
        findings.push(Finding::NameCut { at: format!("line {line}") });
    }
    (!name.is_empty()).then_some(name)
}

fn born(date: MrzDate, as_of: Date) -> DateReading {
    match digits(date) {
        Some((year, month, day)) => date::born_by(year, month, day, as_of),
        None => unread(date),
    }
}

fn expiry(date: MrzDate, as_of: Date, born: Option<Date>) -> DateReading {
    match digits(date) {
        Some((year, month, day)) => date::expiry_near(year, month, day, as_of, born),
        // The standard lets an issuer leave a day of birth unknown, and no other.
        None => DateReading::NotUnderstood,
    }
}

/// The six digits of a date, whose century is not yet known.
fn digits(date: MrzDate) -> Option<(i16, i8, i8)> {
    match date {
        MrzDate::Calendar(date) | MrzDate::OutOfCalendar(date) => {
            let year = i16::try_from(date.year.rem_euclid(100)).ok()?;
            Some((year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?))
        }
        _ => None,
    }
}

fn unread(date: MrzDate) -> DateReading {
    match date {
        MrzDate::PartiallyUnknown(_) | MrzDate::Unknown => DateReading::PartlyUnknown,
        _ => DateReading::NotUnderstood,
    }
}

fn sex(sex: mrz::Sex) -> Sex {
    match sex {
        mrz::Sex::Male => Sex::Male,
        mrz::Sex::Female => Sex::Female,
        mrz::Sex::Unspecified | mrz::Sex::NonConformant('X') => Sex::Unspecified,
        _ => Sex::NotUnderstood,
    }
}

fn checks(data: &MrzData) -> Vec<CheckDigit> {
    let checks = [
        (CheckedField::Number, data.checks.document_number),
        (CheckedField::Born, data.checks.date_of_birth),
        (CheckedField::Expires, data.checks.date_of_expiry),
        (CheckedField::PersonalNumber, data.checks.personal_number),
        (CheckedField::Composite, data.checks.composite),
    ];
    let verdict = |agrees| match agrees {
        Some(true) => Verdict::Agrees,
        Some(false) => Verdict::Fails,
        None => Verdict::NotPrinted,
    };
    checks.into_iter().map(|(field, agrees)| CheckDigit { field, verdict: verdict(agrees) }).collect()
}

/// What has no field of its own: the document's code, the nationality, and optional data, which often are a personal number.
fn others(data: &MrzData) -> Vec<Element> {
    let masked = |data: &Option<String>| data.as_deref().map(|data| Masked::new(data).to_string());
    let elements = [
        ("document_code", Some(data.document_type.clone())),
        ("nationality", Some(data.nationality.clone())),
        ("optional_data_1", masked(&data.optional_data_1)),
        ("optional_data_2", masked(&data.optional_data_2)),
    ];
    let stated =
        elements.into_iter().filter_map(|(code, value)| Some((code, value.filter(|value| !value.is_empty())?)));
    stated.map(|(code, value)| Element { part: String::new(), code: code.to_owned(), value }).collect()
}
