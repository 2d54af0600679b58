//! Identity documents and credit reports: read, judged and consolidated.

use credit_report::{OwnerReport, consolidate};
use identity::{AssessedDocument, IdentityDocument, Owner, PersonName, aamva, analyze_id, assess, summarise, zone};
use jiff::civil::{Date, date};

const AS_OF: Date = date(2026, 11, 30);

/// Takes the text of a barcode to factors, as it is and behind a header.
pub fn barcode(bytes: &[u8]) {
    let headed = [b"@\n\x1e\rANSI 636000080001DL00310100DL".as_slice(), bytes].concat();
    for bytes in [bytes, &headed] {
        let read = || aamva::read(bytes, &identity::Limits::default());
        let Ok(document) = read() else { continue };
        assert_eq!(read().as_ref(), Ok(&document), "reading again gives something else");
        judge(&document);
    }
}

/// Takes a text to factors, as it is and reduced to the alphabet of a machine-readable zone.
pub fn zone(bytes: &[u8]) {
    const ALPHABET: &[u8] = b"PIAC<<<<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ\n\n";
    let reduced: Vec<u8> = bytes.iter().map(|byte| ALPHABET[usize::from(*byte) % ALPHABET.len()]).collect();
    for bytes in [bytes, &reduced] {
        let read = || zone::read(bytes, AS_OF, &identity::Limits::default());
        let Ok(document) = read() else { continue };
        assert_eq!(read().as_ref(), Ok(&document), "reading again gives something else");
        judge(&document);
    }
}

/// Takes an answer to factors, as it is and with its lines as the texts of fields.
pub fn answer(bytes: &[u8]) {
    const FIELDS: [&str; 9] = [
        "FIRST_NAME",
        "LAST_NAME",
        "DOCUMENT_NUMBER",
        "DATE_OF_BIRTH",
        "DATE_OF_ISSUE",
        "EXPIRATION_DATE",
        "STATE_NAME",
        "ID_TYPE",
        "MRZ_CODE",
    ];
    let text = String::from_utf8_lossy(bytes);
    let fields: Vec<serde_json::Value> = FIELDS
        .iter()
        .zip(text.split('|'))
        .map(|(name, text)| serde_json::json!({"Type": {"Text": name}, "ValueDetection": {"Text": text, "Confidence": 50.0}}))
        .collect();
    let formed = serde_json::json!({"IdentityDocuments": [{"IdentityDocumentFields": fields}]}).to_string();
    for bytes in [bytes, formed.as_bytes()] {
        for document in analyze_id::read(bytes, AS_OF, &identity::Limits::default()).unwrap_or_default() {
            judge(&document);
        }
    }
}

/// Judges a document and consolidates it with itself: one document, however often it is read.
fn judge(document: &IdentityDocument) {
    let owner = Owner { id: "owner".to_owned(), name: PersonName::of_whole("Anna Maria Eriksson") };
    let assessment = assess(document, std::slice::from_ref(&owner), AS_OF);
    let row = AssessedDocument::new("document", document, assessment);
    let summary = summarise(&[row.clone(), row], &[owner]);
    let counted = if document.key.is_some() { 1 } else { 2 };
    assert_eq!(summary.counted.len(), counted, "a repeated document counts twice");
    let stored = serde_json::to_string(document).expect("a document is stored");
    let again: IdentityDocument = serde_json::from_str(&stored).expect("a stored document is read");
    assert_eq!(again, IdentityDocument { key: None, ..document.clone() });
}

/// Takes a report to factors, as it is and with its text in place of fields of a report.
pub fn report_json(bytes: &[u8]) {
    report(bytes);
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split('|');
    let mut next = || parts.next().unwrap_or_default();
    let formed = format!(
        "{{\"schema\":\"docket.credit-report/1\",\"kind\":\"consumer_us\",\"report_date\":\"2026-10-31\",\
         \"history\":\"present\",\"subject\":{{}},\"accounts\":[{{\"number\":\"12345678\",\"lender\":\"A\",\
         \"type\":\"credit_card\",\"status\":\"active\",\"limit\":{},\"outstanding\":{},\"months\":{}{}}}]}}",
        next(),
        next(),
        next(),
        next()
    );
    report(formed.as_bytes());
}

/// Takes a report to factors, as it is and with its text within a report.
pub fn report_xml(bytes: &[u8]) {
    report(bytes);
    let text = String::from_utf8_lossy(bytes);
    let formed = format!(
        "<credit_report schema='docket.credit-report/1' kind='commercial_in' report_date='2026-10-31' history='present'>\
         <subject/><accounts><account number='12345678' lender='A' type='overdraft' status='active'>{text}</account>\
         </accounts></credit_report>"
    );
    report(formed.as_bytes());
}

fn report(bytes: &[u8]) {
    let read = || credit_report::read(bytes, &credit_report::Limits::default());
    let Ok(report) = read() else { return };
    assert_eq!(read().as_ref(), Ok(&report), "reading again gives something else");
    let of = |document: &str| OwnerReport { owner: "owner".to_owned(), document: document.to_owned(), report: &report };
    let one = consolidate(&[of("one")], AS_OF);
    let both = consolidate(&[of("one"), of("two")], AS_OF);
    let total = |of: &credit_report::Consolidated| of.factors[&report.kind]["f_total_outstanding"].value.clone();
    if report.accounts.iter().all(|account| account.key.is_some()) {
        assert_eq!(total(&one), total(&both), "an account that is reported twice counts twice");
    }
    let stored = serde_json::to_string(&report).expect("a report is stored");
    assert_eq!(serde_json::from_str::<credit_report::Report>(&stored).expect("a stored report is read"), report);
}
