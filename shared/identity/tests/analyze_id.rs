//! Answers of `AnalyzeID`: two that were recorded, where they are present, and some made here.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use std::path::PathBuf;

use domain::option::Confidence;
use identity::{
    DocumentKind, Finding, IdentityDocument, Limits, Owner, PersonName, ReadError, Reason, Verdict, VerificationStatus,
    analyze_id, assess,
};
use jiff::civil::{Date, date};
use serde_json::{Value, json};

const AS_OF: Date = date(2026, 11, 30);

fn shared() -> PathBuf {
    std::env::var_os("DOCKET_SHARED")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into(), PathBuf::from)
}

fn read(bytes: &[u8]) -> Result<Vec<IdentityDocument>, ReadError> {
    analyze_id::read(bytes, AS_OF, &Limits::default())
}

fn owner(name: &str) -> Owner {
    Owner { id: "owner-1".to_owned(), name: PersonName::of_whole(name) }
}

fn days(document: &IdentityDocument) -> [Option<Date>; 3] {
    [&document.born, &document.issued, &document.expires].map(|date| date.value.known())
}

#[test]
fn recorded_answers_are_read_as_printed_and_first_and_last_name_stay_as_recorded() {
    for file in ["drivers-licence/textractor-analyze_id_response.json", "scans/textract-analyze-lending-response.json"]
    {
        let Ok(bytes) = std::fs::read(shared().join("fixtures").join(file)) else {
            println!("SKIPPED: the fixtures are not present at DOCKET_SHARED");
            return;
        };
        let documents = read(&bytes).unwrap();
        assert_eq!(documents.len(), 1, "{file}");
        let document = &documents[0];
        assert_eq!(document.kind.value, DocumentKind::DrivingLicence);
        assert_eq!(document.issuer.as_ref().unwrap().value.0, "US-MA");
        assert_eq!(document.number.as_ref().unwrap().value.to_string(), "****4JSB");
        let name = document.name.as_ref().unwrap();
        assert_eq!((name.value.given.as_deref(), name.value.family.as_deref()), (Some("GARCIA"), Some("MARIA")));
        assert_eq!(days(document), [Some(date(2001, 3, 18)), Some(date(2018, 3, 18)), Some(date(2028, 1, 20))]);
        let address = document.address.clone().unwrap();
        assert_eq!((address.city.as_deref(), address.postal_code.as_deref()), (Some("BIGTOWN"), Some("02801")));
        // 94.33… and 94.42… per cent: carried on as they are.
        let confidence = document.number.as_ref().unwrap().confidence.map(Confidence::get).unwrap();
        assert!((0.943..0.945).contains(&confidence), "{confidence}");
        assert!(document.elements.iter().any(|element| element.code == "CLASS" && element.value == "D"));
        let assessment = assess(document, &[owner("Maria Garcia")], AS_OF);
        assert_eq!(assessment.status, VerificationStatus::Verified);
        let late = assess(document, &[owner("Maria Garcia")], date(2028, 1, 21));
        assert_eq!(late.status, VerificationStatus::Expired);
    }
}

/// An answer with one document of these fields, each with its confidence in per cent.
fn answer(fields: &[(&str, &str, f64)]) -> Vec<u8> {
    let fields: Vec<Value> = fields
        .iter()
        .map(|(name, text, confidence)| {
            json!({"Type": {"Text": name}, "ValueDetection": {"Text": text, "Confidence": confidence}})
        })
        .collect();
    serde_json::to_vec(&json!({"IdentityDocuments": [{"DocumentIndex": 1, "IdentityDocumentFields": fields}]})).unwrap()
}

const LICENCE: [(&str, &str, f64); 8] = [
    ("FIRST_NAME", "Liam", 99.0),
    ("LAST_NAME", "Talbot", 31.5),
    ("DOCUMENT_NUMBER", "WDL-ABCD-456", 98.0),
    ("DATE_OF_BIRTH", "01/06/1958", 97.0),
    ("DATE_OF_ISSUE", "08/12/2014", 97.0),
    ("EXPIRATION_DATE", "08/12/2029", 97.0),
    ("STATE_NAME", "Washington", 97.0),
    ("ID_TYPE", "DRIVER LICENSE FRONT", 97.0),
];

#[test]
fn a_low_confidence_is_carried_on() {
    let document = &read(&answer(&LICENCE)).unwrap()[0];
    assert_eq!(document.name.as_ref().unwrap().confidence.map(Confidence::get), Some(0.315));
    let assessment = assess(document, &[owner("Liam Talbot")], AS_OF);
    assert_eq!(assessment.status, VerificationStatus::Verified, "what is too low is for the caller to say");
    let least = assessment.least_sure.unwrap();
    assert_eq!((least.at.as_str(), least.confidence.get()), ("LAST_NAME", 0.315));
}

#[test]
fn a_date_that_could_be_either_way_is_undecided_without_a_us_issuer() {
    let fields = LICENCE.map(|(name, text, confidence)| match name {
        "STATE_NAME" => ("STATE_NAME", "", confidence),
        _ => (name, text, confidence),
    });
    let document = &read(&answer(&fields)).unwrap()[0];
    assert_eq!(days(document), [None, None, None]);
    let assessment = assess(document, &[owner("Liam Talbot")], AS_OF);
    assert_eq!(assessment.status, VerificationStatus::Unreadable);
    for field in ["issuer", "born", "expires"] {
        assert!(assessment.reasons.contains(&Reason::NotRead { field: field.to_owned() }), "{field}");
    }
}

#[test]
fn a_normalized_date_that_contradicts_the_printed_one_is_not_taken() {
    let bytes = answer(&LICENCE);
    let mut value: Value = serde_json::from_slice(&bytes).unwrap();
    value["IdentityDocuments"][0]["IdentityDocumentFields"][5]["ValueDetection"]["NormalizedValue"] =
        json!({"Value": "2029-12-08T00:00:00", "ValueType": "Date"});
    let document = &read(&serde_json::to_vec(&value).unwrap()).unwrap()[0];
    assert_eq!(document.expires.value.known(), None);
    assert_eq!(assess(document, &[], AS_OF).status, VerificationStatus::Invalid);
}

#[test]
fn a_zone_that_the_service_read_is_checked_against_the_fields() {
    let zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F2904157ZE184226B<<<<<18";
    let fields = [
        ("FIRST_NAME", "ANNA MARIA", 99.0),
        ("LAST_NAME", "ERIKSSON", 99.0),
        ("DOCUMENT_NUMBER", "L898902C3", 99.0),
        ("DATE_OF_BIRTH", "12 AUG 1974", 99.0),
        ("EXPIRATION_DATE", "15 APR 2029", 99.0),
        ("ID_TYPE", "PASSPORT", 99.0),
        ("MRZ_CODE", zone, 99.0),
    ];
    let document = &read(&answer(&fields)).unwrap()[0];
    assert_eq!(document.issuer.as_ref().unwrap().value.0, "UTO");
    assert_eq!(document.findings, []);
    assert!(document.checks.len() == 5 && document.checks.iter().all(|check| check.verdict == Verdict::Agrees));
    let alone = identity::zone::read(zone.as_bytes(), AS_OF, &Limits::default()).unwrap();
    assert_eq!(document.key, alone.key, "the passport is the same document however it was read");
    let other = fields.map(|(name, text, confidence)| match name {
        "EXPIRATION_DATE" => (name, "15 APR 2030", confidence),
        _ => (name, text, confidence),
    });
    let document = &read(&answer(&other)).unwrap()[0];
    assert_eq!(document.findings, [Finding::Contradiction { at: "EXPIRATION_DATE".to_owned() }]);
    assert_eq!(assess(document, &[], AS_OF).status, VerificationStatus::Invalid);
}

#[test]
fn a_licence_has_one_key_whether_its_barcode_or_its_front_was_read() {
    let front = &read(&answer(&LICENCE)).unwrap()[0];
    let text = "@\n\u{1e}\rANSI 636045080001DL00310100DLDAQWDLABCD456\nDCSTALBOT\nDACLIAM\nDBB01061958\nDBA08122029\r";
    let back = identity::aamva::read(text.as_bytes(), &Limits::default()).unwrap();
    assert!(front.key.is_some());
    assert_eq!(front.key, back.key);
}

#[test]
fn repeated_fields_that_differ_are_a_contradiction() {
    let mut fields = LICENCE.to_vec();
    fields.push(("DOCUMENT_NUMBER", "WDL-ABCD-457", 60.0));
    let document = &read(&answer(&fields)).unwrap()[0];
    assert!(document.contradicts("DOCUMENT_NUMBER"));
    assert_eq!(assess(document, &[owner("Liam Talbot")], AS_OF).status, VerificationStatus::Invalid);
}

#[test]
fn an_unknown_field_is_kept_and_a_number_in_it_masked() {
    let mut fields = LICENCE.to_vec();
    fields.extend([("AUDIT_NUMBER", "A-99887766", 88.0), ("MOOD", "good", 12.0)]);
    let document = &read(&answer(&fields)).unwrap()[0];
    let kept: Vec<(&str, &str)> =
        document.elements.iter().map(|element| (element.code.as_str(), element.value.as_str())).collect();
    assert_eq!(kept, [("AUDIT_NUMBER", "****7766"), ("MOOD", "good")]);
    assert!(document.findings.contains(&Finding::FieldUnknown { at: "MOOD".to_owned() }));
}

#[test]
fn what_is_no_answer_is_refused_with_what_to_do() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (bytes, expected) in [
        (b"".to_vec(), ReadError::Empty),
        (b"not json".to_vec(), ReadError::NotAnAnswer),
        (b"\xff\x00\xfe".to_vec(), ReadError::NotAnAnswer),
        (deep.into_bytes(), ReadError::NotAnAnswer),
        (b"{\"Blocks\": []}".to_vec(), ReadError::NotAnAnswer),
        (b"{\"IdentityDocuments\": []}".to_vec(), ReadError::NoDocument),
        (b"{\"IdentityDocuments\": 7}".to_vec(), ReadError::NotAnAnswer),
    ] {
        assert_eq!(read(&bytes), Err(expected));
    }
    let huge = vec![b' '; Limits::default().answer_bytes_max + 1];
    assert!(matches!(read(&huge), Err(ReadError::Limit { .. })));
    let long = "A".repeat(Limits::default().value_chars_max + 1);
    assert!(matches!(read(&answer(&[("FIRST_NAME", &long, 99.0)])), Err(ReadError::Limit { .. })));
}
