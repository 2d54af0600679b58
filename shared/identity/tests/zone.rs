//! Machine-readable zones: the standard's specimens, what scans do to them, and a second reading by another library.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use identity::{DateReading, DocumentKind, Finding, IdentityDocument, Limits, ReadError, Verdict, assess, zone};
use jiff::civil::{Date, date};
use mrz::{MrzDate, Td1Fields, Td2Fields, Td3Fields};
use proptest::prelude::*;

/// A day on which the specimens of ICAO 9303 were valid.
const AS_OF: Date = date(2011, 6, 1);

// The specimens of ICAO 9303, parts 3 to 6.
const TD3: [&str; 2] = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
const TD2: [&str; 2] = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"];
const TD1: [&str; 3] =
    ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];

fn read(text: &str) -> Result<IdentityDocument, ReadError> {
    zone::read(text.as_bytes(), AS_OF, &Limits::default())
}

fn expect_specimen(document: &IdentityDocument, number: &str) {
    let name = document.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    assert_eq!((name.family.as_deref(), name.given.as_deref()), (Some("ERIKSSON"), Some("ANNA MARIA")));
    assert_eq!(document.number.as_ref().map(|number| number.value.to_string()).as_deref(), Some(number));
    assert_eq!(document.born.value.known(), Some(date(1974, 8, 12)));
    assert_eq!(document.expires.value.known(), Some(date(2012, 4, 15)));
    assert!(document.checks.iter().all(|check| check.verdict != Verdict::Fails), "{:?}", document.checks);
}

#[test]
fn the_standards_specimens_are_read() {
    for (lines, number, kind) in [
        (TD3.as_slice(), "****02C3", DocumentKind::Passport),
        (&TD2, "****5890", DocumentKind::IdentityCard),
        (&TD1, "****5890", DocumentKind::IdentityCard),
    ] {
        let document = read(&lines.join("\n")).unwrap();
        expect_specimen(&document, number);
        assert_eq!((document.kind.value, document.findings), (kind, vec![]));
    }
}

#[test]
fn lines_that_a_scan_broke_joined_or_padded_are_fitted_and_noted() {
    use Finding::{CaseFolded, FillerRead, FillersFitted, LinesJoined};
    let (td3, td1) = (TD3.join("\n"), TD1.join("\n"));
    for (what, text, findings) in [
        ("in one line", TD3.concat(), vec![LinesJoined]),
        ("broken", format!("{}\n{}\n{}", &TD3[0][..30], &TD3[0][30..], TD3[1]), vec![LinesJoined]),
        ("broken elsewhere", format!("{}{}\n{}", TD3[0], &TD3[1][..7], &TD3[1][7..]), vec![LinesJoined]),
        ("lost fillers", td3.replacen("<<<<<<<<<<<<<<<<<<<\n", "<<\n", 1), vec![FillersFitted { line: 1 }]),
        ("more fillers", td3.replacen('\n', "<<<\n", 1), vec![FillersFitted { line: 1 }]),
        ("blanks around", td3.replace('\n', "   \n   "), vec![]),
        ("blank lines", td3.replace('\n', "\r\n\r\n"), vec![]),
        ("blanks between", td3.replace("UTO", " UTO "), vec![]),
        ("blanks for fillers", td3.replacen("ANNA<MARIA", "ANNA MARIA", 1), vec![FillerRead { line: 1 }]),
        ("guillemets", td3.replacen("<<ANNA", "«ANNA", 1), vec![FillerRead { line: 1 }]),
        ("entities", td3.replace('<', "&lt;"), vec![]),
        ("small letters", td3.to_lowercase(), vec![CaseFolded { line: 1 }, CaseFolded { line: 2 }]),
        ("prose around", format!("REPUBLIC OF UTOPIA\nPassport No. 7\n{td3}\nThank you.\n"), vec![]),
        ("a label", format!("MRZ: {td3}"), vec![]),
        ("hyphens", td3.replacen("<<<<<<<<<<<<<<<<<<<\n", "-------------------\n", 1), vec![FillerRead { line: 1 }]),
        (
            "blanks for all fillers",
            td3.replace('<', " "),
            vec![FillerRead { line: 1 }, FillersFitted { line: 1 }, FillerRead { line: 2 }],
        ),
        ("the same zone twice", format!("{td3}\n{td3}"), vec![]),
        ("two zones", format!("{td3}\n{}", td3.replacen("ANNA", "ELSA", 1)), vec![Finding::AnotherZone]),
        ("in one line", TD1.concat(), vec![LinesJoined]),
        ("lost fillers", td1.replacen("<<<<<<<<<<<<<<<\n", "<\n", 1), vec![FillersFitted { line: 1 }]),
    ] {
        let document = read(&text).unwrap_or_else(|error| panic!("{what}: {error}"));
        let number = if text.to_uppercase().starts_with("I") { "****5890" } else { "****02C3" };
        expect_specimen(&document, number);
        assert_eq!(document.findings, findings, "{what}");
    }
}

#[test]
fn fillers_read_as_letters_are_noted_and_not_mended() {
    let doubtful = |text: &str| -> Vec<(usize, usize)> {
        let findings = read(text).unwrap().findings;
        findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::FillerDoubtful { line, position } => Some((*line, *position)),
                _ => None,
            })
            .collect()
    };
    let td3 = TD3.join("\n");
    assert_eq!(doubtful(&td3), []);
    let middle = "P<UTOERIKSSON<<ANNA<MARIA<<<<<K<<<<<<C<<<<<<";
    assert_eq!(doubtful(&td3.replacen(TD3[0], middle, 1)), [(1, 31), (1, 38)]);
    let end = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<KKKK";
    assert_eq!(doubtful(&td3.replacen(TD3[0], end, 1)), [(1, 41), (1, 42), (1, 43), (1, 44)]);
    let separator = "P<UTOERIKSSONKKANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    assert_eq!(doubtful(&td3.replacen(TD3[0], separator, 1)), [(1, 14)]);
    let all = "P<UTOERIKSSON<<ANNA<MARIAKKKKKKKKKKKKKKKKKKK";
    assert_eq!(doubtful(&td3.replacen(TD3[0], all, 1)), [(1, 26)]);
    let optional = "D231458907UTO7408122F1204159<<<K<<<6";
    let document = read(&format!("{}\n{optional}", TD2[0])).unwrap();
    assert_eq!(document.findings, [Finding::FillerDoubtful { line: 2, position: 32 }]);
    assert_eq!(document.elements.iter().filter(|element| element.code == "optional_data_1").count(), 1);
}

#[test]
fn a_failing_check_digit_names_its_field() {
    let failing = |from: &str, to: &str| -> Vec<String> {
        let document = read(&TD3.join("\n").replacen(from, to, 1)).unwrap();
        let fails = document.checks.iter().filter(|check| check.verdict == Verdict::Fails);
        fails.map(|check| serde_json::to_value(check.field).unwrap().as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(failing("L898902C3", "L898902C4"), ["number", "composite"]);
    assert_eq!(failing("7408122F", "7508122F"), ["born", "composite"]);
    assert_eq!(failing("1204159", "1204158"), ["expires", "composite"]);
    assert_eq!(failing("ZE184226B", "ZE184226C"), ["personal_number", "composite"]);
    assert_eq!(failing("<<<<<10", "<<<<<11"), ["composite"]);
}

#[test]
fn letters_in_dates_are_not_understood_and_a_birth_may_be_unknown() {
    let with_birth = |birth: &str, digit: char| {
        let line = format!("L898902C36UTO{birth}{digit}F1204159ZE184226B<<<<<10");
        read(&format!("{}\n{line}", TD3[0])).unwrap()
    };
    assert_eq!(with_birth("74O812", '2').born.value, DateReading::NotUnderstood);
    assert_eq!(with_birth("741345", '2').born.value, DateReading::NotUnderstood);
    assert_eq!(with_birth("74<<<<", '8').born.value, DateReading::PartlyUnknown);
    assert_eq!(with_birth("<<<<<<", '0').born.value, DateReading::PartlyUnknown);
    let no_expiry = TD3.join("\n").replacen("1204159", "<<<<<<0", 1);
    let document = read(&no_expiry).unwrap();
    assert_eq!(document.expires.value, DateReading::NotUnderstood);
    assert_ne!(serde_json::to_value(assess(&document, &[], AS_OF).status).unwrap(), "verified");
}

#[test]
fn a_name_without_its_separator_is_a_whole_and_one_to_the_end_may_be_cut() {
    let with_name = |name: &str| {
        let line = format!("P<UTO{name:<<39}");
        let document = read(&format!("{line}\n{}", TD3[1])).unwrap();
        (document.name.unwrap().value, document.findings)
    };
    let (name, findings) = with_name("ERIKSSON<ANNA<MARIA");
    assert_eq!(name.whole.as_deref(), Some("ERIKSSON ANNA MARIA"));
    assert_eq!(findings, [Finding::NameOrderNotStated]);
    let (name, findings) = with_name("SUHARTO");
    assert_eq!((name.family.as_deref(), name.given), (Some("SUHARTO"), None));
    assert_eq!(findings, []);
    let (name, findings) = with_name("NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K");
    assert!(name.given_cut);
    assert_eq!(findings, [Finding::NameCut { at: "line 1".to_owned() }]);
}

#[test]
fn what_is_no_zone_is_refused_with_what_to_do() {
    let limits = Limits::default();
    let visa = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<";
    for (what, bytes, code) in [
        ("nothing", vec![], "identity.empty"),
        ("NULs", vec![0; 90], "identity.empty"),
        ("a NUL inside", format!("{}\0{}", TD3[0], TD3[1]).into_bytes(), "identity.not_text"),
        ("not UTF-8", vec![0xff, 0xfe, 0x3c], "identity.not_text"),
        ("prose", b"no zone here".to_vec(), "identity.zone.not_found"),
        ("one line", TD3[0].as_bytes().to_vec(), "identity.zone.length"),
        ("an endless line", vec![b'P'; 5_000], "identity.zone.not_found"),
        ("endless fillers", format!("P<UTO{}", "<".repeat(60_000)).into_bytes(), "identity.zone.length"),
        ("a huge text", vec![b'<'; limits.zone_bytes_max + 1], "identity.limit.bytes"),
        ("a visa", visa.as_bytes().to_vec(), "identity.zone.kind"),
        ("no number", TD3.join("\n").replacen("L898902C3", "<898902C3", 1).into_bytes(), "identity.zone.character"),
    ] {
        let error = zone::read(&bytes, AS_OF, &limits).expect_err(what);
        assert_eq!(error.code(), code, "{what}");
        assert!(error.to_string().contains(';'), "{error} does not say what to do");
    }
}

/// The same fields by the library `mrtd`, which reads passports and cards of three lines.
fn second_reading(lines: &[&str]) -> (String, Vec<String>, String, [String; 2]) {
    match mrtd::parse(&lines.concat()).unwrap() {
        mrtd::Document::Passport(read) => (
            read.surnames.join(" "),
            read.given_names,
            read.passport_number,
            [read.birth_date.to_string(), read.expiry_date.to_string()],
        ),
        mrtd::Document::IdentityCard(read) => (
            read.surnames.join(" "),
            read.given_names,
            read.document_number,
            [read.birth_date.to_string(), read.expiry_date.to_string()],
        ),
    }
}

fn agrees_with_second_reading(lines: &[&str], as_of: Date) -> Result<(), TestCaseError> {
    let document = zone::read(lines.join("\n").as_bytes(), as_of, &Limits::default()).unwrap();
    let (family, given, number, days) = second_reading(lines);
    let name = document.name.unwrap().value;
    prop_assert_eq!(name.family.unwrap_or_default(), family);
    prop_assert_eq!(name.given.unwrap_or_default(), given.join(" "));
    prop_assert_eq!(document.number.unwrap().value, domain::masked::Masked::new(&number));
    let read = [document.born, document.expires].map(|day| day.value.known().unwrap().to_string());
    prop_assert_eq!(read, days);
    Ok(())
}

#[test]
fn another_library_reads_the_specimens_alike() {
    agrees_with_second_reading(&TD3, AS_OF).unwrap();
    agrees_with_second_reading(&TD1, AS_OF).unwrap();
}

fn day(from: i16, to: i16) -> impl Strategy<Value = Date> {
    (from..=to, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

fn printed(day: Date) -> MrzDate {
    let number = |part: i8| u32::try_from(part).unwrap();
    MrzDate::Calendar(mrz::Date::new(day.year().into(), number(day.month()), number(day.day())))
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_alike_by_another_library(
        (family, given) in ("[A-Z]{2,12}", "[A-Z]{2,10}"),
        number in "[A-Z0-9]{5,9}",
        // Where both libraries mean the same century by two digits.
        (born, expires) in (day(1970, 1999), day(2026, 2035)),
    ) {
        let as_of = date(2026, 6, 1);
        let passport = mrz::format_td3(&Td3Fields {
            issuing_country: "UTO".into(), document_number: number.clone(), surname: family.clone(),
            given_names: given.clone(), nationality: "UTO".into(), date_of_birth: printed(born),
            sex: mrz::Sex::Female, date_of_expiry: printed(expires), ..Default::default()
        });
        let card = mrz::format_td1(&Td1Fields {
            document_code: "I".into(), issuing_country: "UTO".into(), document_number: number.clone(),
            surname: family.clone(), given_names: given.clone(), nationality: "UTO".into(),
            date_of_birth: printed(born), sex: mrz::Sex::Male, date_of_expiry: printed(expires), ..Default::default()
        });
        let large = mrz::format_td2(&Td2Fields {
            document_code: "I".into(), issuing_country: "UTO".into(), document_number: number.clone(),
            surname: family.clone(), given_names: given.clone(), nationality: "UTO".into(),
            date_of_birth: printed(born), sex: mrz::Sex::Male, date_of_expiry: printed(expires), ..Default::default()
        });
        for text in [&passport, &card, &large] {
            let document = zone::read(text.as_bytes(), as_of, &Limits::default()).unwrap();
            prop_assert_eq!(document.born.value.known(), Some(born));
            prop_assert_eq!(document.expires.value.known(), Some(expires));
            prop_assert!(document.checks.iter().all(|check| check.verdict != Verdict::Fails));
            prop_assert_eq!(document.name.as_ref().unwrap().value.family.as_deref(), Some(family.as_str()));
            let shown = format!("{:?} {}", document, serde_json::to_string(&document).unwrap());
            prop_assert!(!shown.contains(&number));
        }
        for text in [&passport, &card] {
            let lines: Vec<&str> = text.lines().collect();
            agrees_with_second_reading(&lines, as_of)?;
        }
    }

    #[test]
    fn breaking_the_lines_anywhere_changes_nothing_that_is_read(at in 8..80_usize) {
        let text = TD3.concat();
        let broken = format!("{}\n{}", &text[..at], &text[at..]);
        let document = read(&broken).unwrap();
        expect_specimen(&document, "****02C3");
    }

    #[test]
    fn a_damaged_zone_never_panics(at in 0..88_usize, cut in 0..20_usize, put in "\\PC{0,6}") {
        for lines in [TD3.join("\n"), TD1.join("\n"), TD2.join("\n")] {
            let chars: Vec<char> = lines.chars().collect();
            let damaged: String =
                chars.iter().take(at).copied().chain(put.chars()).chain(chars.iter().skip(at + cut).copied()).collect();
            let _ = read(&damaged);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = zone::read(&bytes, AS_OF, &Limits::default());
    }

    #[test]
    fn no_text_of_the_zones_alphabet_panics(text in "[PIAC][A-Z0-9<\n]{0,120}") {
        let _ = read(&text);
    }
}
