//! The published page of limits agrees with the code.

use identity::{Limits, VerificationStatus};

const PAGE: &str = include_str!("../../../docs/reference/IDENTITY.md");

#[test]
fn the_published_limits_are_those_of_the_code() {
    let limits = Limits::default();
    for (what, value) in [
        ("| a barcode's text", format!("{} KiB", limits.barcode_bytes_max / 1024)),
        ("| a zone's text", format!("{} KiB", limits.zone_bytes_max / 1024)),
        ("| an answer |", format!("{} MiB", limits.answer_bytes_max / 1024 / 1024)),
        ("| elements of a barcode", limits.elements_max.to_string()),
        ("| fields of a document", limits.fields_max.to_string()),
        ("| characters of a value", limits.value_chars_max.to_string()),
        ("| documents in an answer", limits.documents_max.to_string()),
    ] {
        let line = PAGE.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what} is not published"));
        assert!(line.contains(&format!("| {value} |")), "{what}: {value} is not on the page");
    }
}

#[test]
fn every_status_is_on_the_page() {
    use VerificationStatus::{Expired, Invalid, MissingPhoto, NameMismatch, Unreadable, Verified};
    for status in [Verified, Expired, MissingPhoto, NameMismatch, Invalid, Unreadable] {
        let word = serde_json::to_value(status).unwrap();
        assert!(PAGE.contains(&format!("| `{}` |", word.as_str().unwrap())), "{word}");
    }
}
