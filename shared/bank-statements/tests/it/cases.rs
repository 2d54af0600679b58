//! Cases that known readers of statements get wrong, with the expected figures beside them.
//!
//! The files are not part of the repository; the test says so and passes where they are absent.

use crate::support::shared;
use bank_statements::{Answers, Flag, Footing, Format, Limits, Outcome, Statement, Verdict, read};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Formats that are not read yet.
const NOT_READ: [&str; 0] = [];

#[test]
fn every_case_is_read_to_its_figures() {
    let folder = shared().join("fixtures/statement-cases");
    let Ok(mut expected) = csv::Reader::from_path(folder.join("expected.csv")) else {
        println!("SKIPPED: the cases are not present at DOCKET_SHARED");
        return;
    };
    let mut checked = 0;
    for case in expected.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        if NOT_READ.contains(&case["format"].as_str()) {
            continue;
        }
        let bytes = std::fs::read(folder.join(&case["file"])).unwrap();
        let Ok(Outcome::Read(reading)) = read(&bytes, &Answers::default(), &Limits::default()) else {
            panic!("{} is not read", case["file"]);
        };
        let statement = &reading.statements[case["statement"].parse::<usize>().unwrap() - 1];
        check(&case, statement);
        assert!(reading.unread_rows.is_empty(), "{}", case["file"]);
        assert_eq!(reading.format, format(&case["format"]), "{}", case["file"]);
        checked += 1;
    }
    assert_eq!(checked, 13 - NOT_READ.len() + 1);
}

fn format(name: &str) -> Format {
    match name.split([' ', '.']).next().unwrap() {
        "OFX" | "QFX" => Format::Ofx,
        "MT940" => Format::Mt940,
        "CAMT" => Format::Camt053,
        "CSV" => Format::Csv,
        "PDF" => Format::Pdf,
        other => panic!("{other}"),
    }
}

fn check(case: &BTreeMap<String, String>, statement: &Statement) {
    let file = &case["file"];
    let dec = |name: &str| Decimal::from_str_exact(&case[name]).unwrap();
    let known =
        |known: &Option<bank_statements::Known<String>>| known.as_ref().map(|k| k.value.clone()).unwrap_or_default();
    assert_eq!(known(&statement.account), case["account"], "{file}");
    assert_eq!(known(&statement.currency), case["currency"], "{file}");
    assert_eq!(statement.opening.as_ref().unwrap().amount, dec("opening"), "{file}");
    assert_eq!(statement.closing.as_ref().unwrap().amount, dec("closing"), "{file}");
    assert_eq!(statement.rows.len().to_string(), case["transactions"], "{file}");
    assert_eq!((statement.credits(), statement.debits()), (dec("sum_credits"), dec("sum_debits")), "{file}");
    assert_eq!(statement.rows.first().unwrap().date.to_string(), case["first_date"], "{file}");
    assert_eq!(statement.rows.last().unwrap().date.to_string(), case["last_date"], "{file}");
    let mut months: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in statement.rows.iter().filter(|row| row.amount > Decimal::ZERO) {
        *months.entry(row.date.to_string()[..7].to_owned()).or_default() += row.amount;
    }
    let shown: Vec<String> = months.iter().map(|(month, sum)| format!("{month}:{sum:.2}")).collect();
    assert_eq!(shown.join("|"), case["credits_by_month"], "{file}");
    let derived = case["note"].contains("derived");
    match (case["foots"].as_str(), derived) {
        ("true", false) => assert!(matches!(statement.footing, Footing::Foots(_)), "{file}: {:?}", statement.footing),
        ("true", true) => {
            assert!(matches!(statement.footing, Footing::Unproven(_)), "{file}: {:?}", statement.footing);
            assert_eq!(statement.opening.as_ref().unwrap().origin, bank_statements::Origin::Derived, "{file}");
        }
        _ => assert!(matches!(statement.footing, Footing::Fails(_)), "{file}"),
    }
    let reasons: Vec<String> = statement.flags.iter().map(reason).collect();
    assert_eq!(reasons.join("; "), case["reason"], "{file}");
    assert_eq!(statement.verdict() == Verdict::Flagged, case["outcome"] == "flag", "{file}");
}

fn reason(flag: &Flag) -> String {
    match flag {
        Flag::ClosingMismatch { computed, stated, difference } => {
            format!("closing-mismatch: computed {computed}, stated {stated}, difference {difference}")
        }
        other => format!("{other:?}"),
    }
}
