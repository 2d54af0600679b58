//! A manifest is read as it was written, and one that cannot be relied on is refused.

#![expect(clippy::expect_used, reason = "the helpers of a test fail it by panicking")]

use std::collections::BTreeMap;

use drift::{CodeDigest, Commit, Entry, MANIFEST_SCHEMA, Manifest, ManifestError, Revision, Settings};
use jiff::Timestamp;

fn manifest() -> Manifest {
    let settings = Settings { memory_mib: 256, ..Settings::default() };
    let entry = Entry {
        package: "extract".to_owned(),
        built_from: vec!["functions/extract".to_owned()],
        commits: vec![commit("Begin")],
        code_sha256: Some(CodeDigest::of(b"code")),
        settings_sha256: settings.digest(),
        settings,
    };
    Manifest {
        schema: MANIFEST_SCHEMA,
        prefix: "docket-dev-".to_owned(),
        revision: commit("Begin").revision,
        committed_at: Timestamp::UNIX_EPOCH,
        functions: BTreeMap::from([("docket-dev-extract".to_owned(), entry)]),
    }
}

fn commit(subject: &str) -> Commit {
    let revision = Revision::try_from("a".repeat(40)).expect("a revision");
    Commit { revision, committed_at: Timestamp::UNIX_EPOCH, subject: subject.to_owned() }
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    assert_eq!(Manifest::parse(manifest().to_json().as_bytes()), Ok(manifest()));
}

#[test]
fn a_newer_an_altered_and_a_damaged_manifest_are_refused() {
    let text = manifest().to_json();
    let parse = |text: String| Manifest::parse(text.as_bytes());
    assert_eq!(parse(text.replace("\"schema\": 1", "\"schema\": 2, \"more\": 0")), Err(ManifestError::Newer(2)));
    let altered = ManifestError::Altered("docket-dev-extract".to_owned());
    assert_eq!(parse(text.replace("\"memory_mib\": 256", "\"memory_mib\": 512")), Err(altered));
    assert_eq!(parse(text[..text.len() / 2].to_owned()), Err(ManifestError::Unreadable));
    assert_eq!(parse(text.replace(&"a".repeat(40), "main")), Err(ManifestError::Unreadable));
}

#[test]
fn keys_sort_by_the_time_of_publication() {
    let key = |milliseconds| manifest().key(Timestamp::from_millisecond(milliseconds).unwrap());
    assert!(key(999) < key(1_000) && key(1_767_603_600_000) < key(1_767_603_600_001));
    assert!(key(0).starts_with("manifests/docket-dev/"), "{}", key(0));
}

#[test]
fn a_digest_is_what_lambda_reports() {
    // SHA-256 of the empty text, in base64.
    assert_eq!(CodeDigest::of(b"").as_str(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    for wrong in ["", "47DEQpj8HBSa", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] {
        assert!(CodeDigest::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}
