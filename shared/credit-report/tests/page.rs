//! The published page agrees with the code: its examples are read, its figures are those computed, its limits are the limits.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

use std::str::FromStr;

use credit_report::{AssetClass, Factors, Limits, Value, factors, read};
use jiff::civil::date;
use rust_decimal::Decimal;

const PAGE: &str = include_str!("../../../docs/reference/CREDIT_REPORT.md");
const SCHEMA: &str = include_str!("../../../docs/reference/credit-report.schema.json");

/// The first example in this language.
fn example(language: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("```{language}\n")).unwrap();
    rest.split("```").next().unwrap()
}

fn of_example(language: &str) -> Factors {
    let report = read(example(language).as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.unused, Vec::<String>::new());
    factors(&report, date(2025, 3, 31))
}

#[test]
fn the_companys_example_gives_the_figures_of_the_page() {
    let factors = of_example("json");
    let inr = |amount: u32| Value::Amount { currency: "INR".to_owned(), amount: Decimal::from(amount) };
    let ratio = |text: &str| Value::Ratio(Decimal::from_str(text).unwrap());
    for (name, value, rows) in [
        ("f_cmr_rank", Value::Count(4), vec!["/score"]),
        ("f_max_dpd_6m", Value::Count(21), vec!["/accounts/1/months/0"]),
        ("f_facilities_active", Value::Count(2), vec!["/accounts/0", "/accounts/1"]),
        ("f_lenders_count", Value::Count(2), vec!["/accounts/0", "/accounts/1"]),
        ("f_total_outstanding", inr(5_000_000), vec!["/accounts/0", "/accounts/1"]),
        ("f_overdue_amount", inr(25_000), vec!["/accounts/0", "/accounts/1"]),
        ("f_utilisation", ratio("0.8"), vec!["/accounts/0"]),
        ("f_secured_share", ratio("0.8"), vec!["/accounts/0", "/accounts/1"]),
        ("f_asset_class", Value::AssetClass(AssetClass::Sma0), vec!["/accounts/1"]),
        ("f_enquiries_6m", Value::Count(1), vec!["/enquiries/0"]),
    ] {
        assert_eq!(factors[name].value, value, "{name}");
        assert_eq!(factors[name].rows, rows, "{name}");
        assert!(
            PAGE.contains(&format!("| `{name}`")) || PAGE.contains(&format!(", `{name}`")),
            "{name} is not on the page"
        );
    }
}

#[test]
fn the_owners_example_is_read() {
    let factors = of_example("xml");
    assert_eq!(factors["f_credit_score"].value, Value::Count(712));
    assert_eq!(factors["f_max_dpd_6m"].value, Value::Count(30));
    assert_eq!(factors["f_utilisation"].value, Value::Ratio(Decimal::from_str("0.25").unwrap()));
    assert_eq!(factors["f_inquiries_6m"].value, Value::Count(1));
}

#[test]
fn every_factor_is_on_the_page() {
    for name in of_example("json").keys().chain(of_example("xml").keys()) {
        // Windows and grades beyond the first are written as endings.
        let first = name.replace("_12m", "_6m").replace("_24m", "_6m").replace("_60_", "_30_").replace("_90_", "_30_");
        assert!(PAGE.contains(&format!("`{first}`")), "{name} is not on the page");
    }
}

#[test]
fn the_published_limits_are_those_of_the_code() {
    let limits = Limits::default();
    let thousands = |number: usize| {
        let digits = number.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
        groups.join(",")
    };
    for (what, value) in [
        ("size of the file", format!("{} MiB", limits.file_bytes_max / 1024 / 1024)),
        ("fields and values", thousands(limits.nodes_max)),
        ("levels of nesting", thousands(limits.depth_max)),
        ("characters of a value", thousands(limits.value_chars_max)),
        ("| accounts |", thousands(limits.accounts_max)),
        ("months of an account", thousands(limits.months_max)),
        ("Of unused fields", thousands(limits.unused_max)),
    ] {
        let line = PAGE.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what} is not published"));
        assert!(line.contains(&value), "{what}: {value} is not on the page");
    }
}

/// The words that the schema file lists for a field.
fn words<'a>(schema: &'a serde_json::Value, pointer: &str) -> Vec<&'a str> {
    schema
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer}"))
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|word| word.as_str())
        .collect()
}

#[test]
fn the_schema_file_lists_the_words_that_are_read() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let example: serde_json::Value = serde_json::from_str(self::example("json")).unwrap();
    let fields = [
        ("/kind", "/properties/kind/enum"),
        ("/accounts/0/type", "/$defs/account/properties/type/enum"),
        ("/accounts/0/status", "/$defs/account/properties/status/enum"),
        ("/accounts/0/asset_class", "/$defs/account/properties/asset_class/enum"),
        ("/subject/identifiers/0/type", "/$defs/identifier/properties/type/enum"),
        ("/enquiries/0/type", "/$defs/enquiry/properties/type/enum"),
    ];
    for (field, pointer) in fields {
        let mut report = example.clone();
        *report.pointer_mut(field).unwrap() = "no word of the schema".into();
        let error = read(report.to_string().as_bytes(), &Limits::default()).unwrap_err().to_string();
        let (_, allowed) = error.split_once("use one of: ").unwrap();
        assert_eq!(words(&schema, pointer), allowed.split(", ").collect::<Vec<_>>(), "{field}");
    }
    for required in words(&schema, "/required") {
        let mut report = example.clone();
        report.as_object_mut().unwrap().remove(required);
        assert!(read(report.to_string().as_bytes(), &Limits::default()).is_err(), "{required}");
    }
    for required in words(&schema, "/$defs/account/required") {
        let mut report = example.clone();
        report["accounts"][0].as_object_mut().unwrap().remove(required);
        assert!(read(report.to_string().as_bytes(), &Limits::default()).is_err(), "{required}");
    }
}
