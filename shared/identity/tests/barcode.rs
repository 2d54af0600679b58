//! Barcodes: what a scanner may do to their text, and what is refused.

mod write;

use identity::{DateReading, DocumentKind, Finding, IdentityDocument, Limits, PersonName, ReadError, Sex, aamva};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use write::{Licence, barcode};

fn read(text: &str) -> Result<IdentityDocument, ReadError> {
    aamva::read(text.as_bytes(), &Limits::default())
}

/// What the tests compare: everything but the findings.
fn facts(document: &IdentityDocument) -> (PersonName, String, [Option<Date>; 3], Option<Sex>, String) {
    (
        document.name.as_ref().map(|name| name.value.clone()).unwrap_or_default(),
        document.number.as_ref().map(|number| number.value.to_string()).unwrap_or_default(),
        [&document.born, &document.issued, &document.expires].map(|date| date.value.known()),
        document.sex.as_ref().map(|sex| sex.value),
        document.issuer.as_ref().map(|issuer| issuer.value.0.clone()).unwrap_or_default(),
    )
}

fn licence() -> Licence {
    Licence {
        iin: 636_000,
        version: 8,
        country: "USA".to_owned(),
        number: "T64235789".to_owned(),
        family: "SAMPLE".to_owned(),
        given: "MICHAEL".to_owned(),
        middle: "JOHN".to_owned(),
        born: date(1986, 6, 6),
        issued: date(2019, 6, 6),
        expires: date(2028, 12, 10),
        sex: 1,
    }
}

#[test]
fn what_scanners_do_to_control_characters_changes_nothing() {
    let text = barcode(&licence());
    let expected = facts(&read(&text).unwrap());
    assert_eq!(expected.1, "****5789");
    assert_eq!(expected.2, [Some(date(1986, 6, 6)), Some(date(2019, 6, 6)), Some(date(2028, 12, 10))]);
    let (_, bare) = text.split_once('\r').unwrap();
    let variants = [
        ("line feeds as CR LF", text.replace('\n', "\r\n")),
        ("line feeds as carriage returns", text.replace('\n', "\r")),
        ("record separators", text.replace('\n', "\u{1e}")),
        ("group separators", text.replace('\n', "\u{1d}")),
        ("no mark", bare.to_owned()),
        ("no @", text.trim_start_matches('@').to_owned()),
        ("a mark with blanks", text.replacen("@\n\u{1e}\r", "@   ", 1)),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("a start of text", format!("\u{2}{text}\u{3}")),
        ("blank lines", text.replace('\n', "\n\n")),
        ("blanks at the ends of lines", text.replace('\n', "   \n")),
        ("angle brackets", text.replace('\n', "<LF>").replace('\r', "<CR>").replace('\u{1e}', "<RS>")),
        ("escapes", text.replace('\n', "\\n").replace('\r', "\\r").replace('\u{1e}', "\\u001e")),
        ("pictures", text.replace('\n', "\u{240a}").replace('\r', "\u{240d}").replace('\u{1e}', "\u{241e}")),
        ("tabs", text.replace('\n', "\t")),
        ("pipes", text.replace('\n', "|")),
        ("semicolons", text.replace('\n', ";")),
        ("blanks", text.replace('\n', " ")),
        ("trailing NULs", format!("{text}\0\0\0")),
        ("prose in front", format!("Scanned: {text}")),
    ];
    for (what, text) in variants {
        let document = read(&text).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(facts(&document), expected, "{what}");
    }
}

#[test]
fn a_text_that_lost_its_header_is_read_by_its_elements() {
    let text = barcode(&licence());
    let (_, body) = text.split_once("DLDAQ").unwrap();
    let document = read(&format!("DLDAQ{body}")).unwrap();
    assert_eq!(facts(&document), facts(&read(&text).unwrap()));
    assert_eq!(document.findings, [Finding::HeaderMissing, Finding::IssuerUnknown]);
    assert_eq!(document.kind.value, DocumentKind::DrivingLicence);
    // Without the state, nothing says who issued it, so it cannot be told from others and is not verified.
    let stateless = read(&format!("DAQ{}", body.replace("DAJVA\n", "").replace("DCGUSA", "DCG"))).unwrap();
    assert_eq!((stateless.issuer, stateless.key), (None, None));
    assert_eq!(stateless.born.value.known(), Some(date(1986, 6, 6)));
    assert_eq!(stateless.expires.value.known(), Some(date(2028, 12, 10)), "the standard's only form that fits");
}

#[test]
fn each_version_is_read() {
    for version in 1..=10 {
        let document = read(&barcode(&Licence { version, ..licence() })).unwrap();
        assert_eq!(document.findings, [], "version {version}");
        let (name, number, days, sex, issuer) = facts(&document);
        let name = identity::compare_names(&name, &PersonName::of_parts("Sample", "Michael", "John", ""));
        assert_eq!((name.same, name.differences), (true, vec![]), "version {version}");
        assert_eq!((number.as_str(), sex, issuer.as_str()), ("****5789", Some(Sex::Male), "US-VA"));
        assert_eq!(days, [Some(date(1986, 6, 6)), Some(date(2019, 6, 6)), Some(date(2028, 12, 10))]);
        assert_eq!(document.kind.value, DocumentKind::DrivingLicence);
    }
    let later = read(&barcode(&Licence { version: 11, ..licence() })).unwrap();
    assert_eq!(later.findings, [Finding::VersionUnknown { version: 11 }]);
}

#[test]
fn what_deviates_from_the_standard_is_noted() {
    let text = barcode(&licence());
    let notes = |text: &str| read(text).unwrap().findings;
    assert_eq!(notes(&text.replacen("ANSI ", "ANSI  ", 1)), []);
    assert_eq!(notes(&text.replacen("080001", "08001", 1)), [Finding::HeaderIrregular]);
    assert_eq!(notes(&text.replacen("DCGUSA", "DCGCAN", 1)), [Finding::IssuerDiffers { at: "DCG".to_owned() }]);
    assert_eq!(notes(&text.replacen("DAJVA", "DAJNC", 1)), [Finding::IssuerDiffers { at: "DAJ".to_owned() }]);
    let unused = notes(&text.replacen("DBC1\n", "DBC1\n~~ smudge\n", 1));
    assert!(matches!(unused.as_slice(), [Finding::TextUnused { chars: 9, .. }]), "{unused:?}");
    let unknown = read(&text.replacen("DBC1\n", "DBC1\nDXYsomething\nZZA12345678\n", 1)).unwrap();
    let at = |at: &str| Finding::FieldUnknown { at: at.to_owned() };
    assert_eq!(unknown.findings, [at("DXY"), at("ZZA")]);
    let kept: Vec<&str> = unknown.elements.iter().map(|element| element.value.as_str()).collect();
    assert!(kept.contains(&"something") && kept.contains(&"****5678"), "{kept:?}");
}

#[test]
fn repeated_elements_are_a_contradiction_only_when_they_differ() {
    let text = barcode(&licence());
    let with = |line: &str| read(&text.replacen("DBC1\n", &format!("DBC1\n{line}\n"), 1)).unwrap();
    assert_eq!(with("DAQ T64235789 ").findings, []);
    assert_eq!(with("DAQNONE").findings, []);
    let document = with("DAQT64235780");
    assert!(document.contradicts("DAQ"));
    assert_eq!(document.number.unwrap().value.to_string(), "****5789", "the first is kept");
    assert!(with("DAASOMEBODY,ELSE").contradicts("DAA"));
    assert!(!with("DAASAMPLE,MICHAEL,J").contradicts("DAA"));
}

#[test]
fn a_card_that_puts_the_day_first_leaves_dates_undecided() {
    let text = barcode(&Licence { iin: 636_017, country: "CAN".to_owned(), ..licence() });
    let with = |born: &str, expires: &str| {
        let text = text.replacen("DBB19860606", &format!("DBB{born}"), 1);
        read(&text.replacen("DBA20281210", &format!("DBA{expires}"), 1)).unwrap()
    };
    // A province that writes the other country's form.
    let document = with("08121962", "08082029");
    assert_eq!(
        (document.born.value.known(), document.expires.value.known()),
        (Some(date(1962, 8, 12)), Some(date(2029, 8, 8)))
    );
    assert!(document.findings.contains(&Finding::DateOrderUnusual { at: "DBB".to_owned() }));
    let document = with("08121962", "25122029");
    assert!(matches!(document.born.value, DateReading::Undecided { .. }));
    assert_eq!(document.expires.value, DateReading::NotUnderstood);
}

#[test]
fn what_stands_in_the_list_of_subfiles_does_not_hide_the_first_element() {
    let text = barcode(&licence());
    let (_, rest) = text.split_once("DLDAQ").unwrap();
    let document = read(&format!("@\n\u{1e}\rANSI 636000080001DLabacDLDAQ{rest}")).unwrap();
    assert_eq!(facts(&document), facts(&read(&text).unwrap()));
    assert_eq!(document.findings, [Finding::HeaderIrregular]);
}

#[test]
fn a_date_that_is_none_is_not_understood() {
    let text = barcode(&licence());
    for written in ["00000000", "12102O28", "13402028", "unknown"] {
        let document = read(&text.replacen("DBA12102028", &format!("DBA{written}"), 1)).unwrap();
        assert_eq!(document.expires.value, DateReading::NotUnderstood, "{written}");
    }
    let none = read(&text.replacen("DBA12102028", "DBANONE", 1)).unwrap();
    assert_eq!(none.expires.value, DateReading::NotStated);
}

#[test]
fn what_is_no_barcode_is_refused_with_what_to_do() {
    let limits = Limits::default();
    let text = barcode(&licence());
    let header = "@\n\u{1e}\rANSI 636000080001DL00310100DL";
    let many: String = (0..=limits.elements_max).map(|_| "DAQ1\n").collect();
    for (what, bytes, code) in [
        ("nothing", vec![], "identity.empty"),
        ("blanks", b" \r\n ".to_vec(), "identity.empty"),
        ("NULs", vec![0; 100], "identity.empty"),
        ("a NUL inside", text.replacen("SAMPLE", "SAM\0PLE", 1).into_bytes(), "identity.not_text"),
        ("an image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "identity.not_text"),
        ("noise", (0..=255).cycle().skip(1).take(250).collect(), "identity.barcode.no_header"),
        ("prose", b"a letter about ANSI standards".to_vec(), "identity.barcode.no_header"),
        ("a header alone", header.as_bytes().to_vec(), "identity.barcode.no_elements"),
        ("no separators", text.replace(['\n', '\r'], "").into_bytes(), "identity.barcode.no_elements"),
        ("an endless line", format!("{header}DAQ{}", "9".repeat(10_000)).into_bytes(), "identity.limit.value"),
        ("a huge text", vec![b'A'; limits.barcode_bytes_max + 1], "identity.limit.bytes"),
        ("many elements", format!("{header}{many}").into_bytes(), "identity.limit.elements"),
    ] {
        let error = aamva::read(&bytes, &limits).expect_err(what);
        assert_eq!(error.code(), code, "{what}");
        assert!(error.to_string().contains(';') || error.to_string().contains(':'), "{error} does not say what to do");
    }
}

fn name() -> impl Strategy<Value = String> {
    "[A-Z]{3,14}".prop_filter("a suffix or a word for none is no name", |text| {
        !["NONE", "UNAVL", "UNAVAIL", "JUNIOR", "SENIOR", "III"].contains(&text.as_str())
    })
}

fn day(from: i16, to: i16) -> impl Strategy<Value = Date> {
    (from..=to, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

prop_compose! {
    fn licences()(
        (family, given, middle) in (name(), name(), name()),
        number in "[A-Z0-9]{5,14}",
        version in 1..=10_u8,
        (born, issued, expires) in (day(1920, 2005), day(2006, 2026), day(2027, 2040)),
        (iin, country) in prop_oneof![Just((636_000, "USA")), Just((636_012, "CAN")), Just((604_432, "CAN"))],
        sex in 1..=2_u8,
    ) -> Licence {
        Licence { iin, version, country: country.to_owned(), number, family, given, middle, born, issued, expires, sex }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(licence in licences()) {
        let document = read(&barcode(&licence)).unwrap();
        prop_assert_eq!(&document.findings, &[]);
        let (name, number, days, _, _) = facts(&document);
        let written = PersonName::of_parts(&licence.family, &licence.given, &licence.middle, "");
        let compared = identity::compare_names(&name, &written);
        prop_assert!(compared.same && compared.differences.is_empty());
        prop_assert_eq!(days, [Some(licence.born), Some(licence.issued), Some(licence.expires)]);
        let hidden = licence.number.chars().count() - 4;
        prop_assert_eq!(number, format!("****{}", licence.number.chars().skip(hidden).collect::<String>()));
        let shown = format!("{:?} {}", document, serde_json::to_string(&document).unwrap());
        prop_assert!(!shown.contains(&licence.number));
    }

    #[test]
    fn a_damaged_text_never_panics(licence in licences(), at in 0..400_usize, cut in 0..40_usize, put in "\\PC{0,8}") {
        let text: Vec<char> = barcode(&licence).chars().collect();
        let damaged: String = text.iter().take(at).copied().chain(put.chars()).chain(text.iter().skip(at + cut).copied()).collect();
        let _ = read(&damaged);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = aamva::read(&bytes, &Limits::default());
        let with_header = [b"@\n\x1e\rANSI 636000080001DL00310100DL".as_slice(), &bytes].concat();
        let _ = aamva::read(&with_header, &Limits::default());
    }
}
