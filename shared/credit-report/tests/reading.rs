//! Reading: what is refused, where and with what to do; what is listed as unused; what is masked; hostile files.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of a test fail it by panicking")]

mod write;

use credit_report::{Account, FileFormat, Limits, ReadError, Report, factors, read};
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};
use write::{months, rupees, xml};

fn one_account() -> Value {
    json!({
        "schema": "docket.credit-report/1", "kind": "commercial_in", "bureau": "Example & Sons <Bureau>",
        "report_date": "2025-03-31", "history": "present",
        "subject": {"name": "Kaveri Tools", "identifiers": [{"type": "pan", "value": "ABCDE1234F"}]},
        "score": {"model": "CMR", "lowest": 1, "highest": 10, "value": 4},
        "accounts": [{
            "number": "CC-0001-2233", "lender": "Bank of Kaveri", "type": "cash_credit", "status": "active",
            "opened": "2024-12-10", "secured": true, "asset_class": "std", "limit": rupees("5000000.00"),
            "outstanding": rupees("4000000.05"), "overdue": rupees("0"), "suit_filed": false,
            "wilful_defaulter": false, "months": months((2025, 3), &[0, 12, 0, -1]),
        }],
        "enquiries": [{"date": "2025-03-01", "type": "hard"}],
        "public_records": [{"type": "bankruptcy", "status": "open", "filed": "2020-01-01"}],
    })
}

fn read_value(value: &Value) -> Result<Report, ReadError> {
    read(value.to_string().as_bytes(), &Limits::default())
}

/// The error of the report with the value at `pointer` replaced, as JSON and as XML; without a value, removed.
fn refused(pointer: &str, value: Option<Value>) -> String {
    let mut report = one_account();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let fields = report.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(fields.insert(field.to_owned(), value)),
        None => drop(fields.remove(field)),
    }
    let error = read_value(&report).expect_err(pointer);
    let of_xml = read(xml(&report).as_bytes(), &Limits::default()).expect_err(pointer);
    assert_eq!(error.code(), of_xml.code(), "{pointer}: {error} / {of_xml}");
    error.to_string()
}

#[test]
fn a_field_whose_meaning_is_in_doubt_is_refused_with_its_place_and_what_to_do() {
    let account = "/accounts/0";
    let months_twice = json!([{"month": "2025-03", "dpd": 0}, {"month": "2025-03", "dpd": 5}]);
    for (pointer, value, expected) in [
        (format!("{account}/type"), Some(json!("jumbo_loan")), "/accounts/0/type: this value is not in the schema"),
        (format!("{account}/status"), Some(json!("ok")), "use one of: active, closed, written_off, settled"),
        (format!("{account}/asset_class"), Some(json!("good")), "use one of: std, sma_0"),
        (format!("{account}/lender"), None, "/accounts/0/lender: this field is required"),
        (format!("{account}/number"), Some(json!("---")), "this has no letter or digit"),
        (
            format!("{account}/outstanding"),
            Some(json!("4000000")),
            "/accounts/0/outstanding: this amount has no currency",
        ),
        (format!("{account}/outstanding"), Some(json!({"currency": "rupees", "amount": "1"})), "has no currency"),
        (format!("{account}/outstanding"), Some(json!({"currency": "INR", "amount": "40,00,000"})), "without grouping"),
        (format!("{account}/outstanding"), Some(json!({"currency": "INR", "amount": "4e6"})), "not an amount"),
        (format!("{account}/outstanding"), Some(json!({"currency": "INR", "amount": "9".repeat(40)})), "not an amount"),
        (format!("{account}/overdue"), Some(rupees("-1")), "cannot be negative"),
        (format!("{account}/opened"), Some(json!("10/12/2024")), "this must be a day as YYYY-MM-DD"),
        (format!("{account}/opened"), Some(json!("2024-02-30")), "this must be a day"),
        (format!("{account}/opened"), Some(json!("2025-04-01")), "later than the report's own date"),
        (format!("{account}/closed"), Some(json!("2024-12-09")), "closed before it was opened"),
        (format!("{account}/closed"), Some(json!("2025-01-09")), "active and has a day of closing"),
        (format!("{account}/written_off"), Some(json!("2024-12-09")), "written off before it was opened"),
        (format!("{account}/secured"), Some(json!("yes")), "this must be true or false"),
        (format!("{account}/overdue"), Some(json!({"currency": "USD", "amount": "1"})), "in several currencies"),
        (format!("{account}/months/0/month"), Some(json!("March 2025")), "this must be a month as YYYY-MM"),
        (format!("{account}/months/0/month"), Some(json!("2025-04")), "later than the report's own date"),
        (format!("{account}/months/0/month"), Some(json!("2024-11")), "before the account was opened"),
        (format!("{account}/months/0/dpd"), Some(json!("STD")), "a whole number from 0 to 9999"),
        (format!("{account}/months/0/dpd"), Some(json!("-5")), "a whole number from 0 to 9999"),
        (format!("{account}/months"), Some(months_twice), "/accounts/0/months/1/month: this month is listed twice"),
        ("/kind".to_owned(), Some(json!("consumer_uk")), "/kind: this value is not in the schema"),
        ("/history".to_owned(), Some(json!("none")), "/history: the report says that there is no history"),
        ("/report_date".to_owned(), None, "/report_date: this field is required"),
        ("/report_date".to_owned(), Some(json!("")), "/report_date: this field is required"),
        ("/score/value".to_owned(), Some(json!(11)), "/score/value: this must be a whole number from 1 to 10"),
        ("/score/highest".to_owned(), Some(json!(20)), "the model CMR has a scale from 1 to 10"),
        ("/score/lowest".to_owned(), Some(json!(11)), "lowest value is above its highest"),
        ("/enquiries/0/type".to_owned(), None, "/enquiries/0/type: this field is required"),
        ("/enquiries/0/date".to_owned(), Some(json!("2025-04-01")), "later than the report's own date"),
        ("/public_records/0/status".to_owned(), Some(json!("unknown")), "use one of: open, closed, dismissed"),
        ("/subject/identifiers/0/type".to_owned(), Some(json!("passport")), "use one of: ssn"),
        ("/schema".to_owned(), Some(json!("docket.credit-report/2")), "not a report in the schema"),
    ] {
        let error = refused(&pointer, value);
        assert!(error.contains(expected), "{pointer}: {error}");
    }
}

#[test]
fn a_field_that_occurs_twice_is_refused() {
    let text = one_account().to_string();
    let json = text.replacen("\"status\":\"active\"", "\"status\":\"active\",\"status\":\"closed\"", 1);
    let error = read(json.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "/accounts/0/status: this field occurs more than once; state it once");
    let xml = xml(&one_account()).replacen("<status>", "<status>closed</status><status>", 1);
    let error = read(xml.as_bytes(), &Limits::default()).unwrap_err();
    assert!(error.to_string().starts_with("/credit_report/accounts/account[1]/status:"), "{error}");
}

#[test]
fn json_numbers_are_taken_as_written_or_refused() {
    let amount = |number: &str| {
        let text = one_account().to_string().replacen("\"4000000.05\"", number, 1);
        read(text.as_bytes(), &Limits::default())
            .map(|report| report.accounts[0].outstanding.clone().unwrap().amount.to_string())
    };
    assert_eq!(amount("4000000.05"), Ok("4000000.05".to_owned()));
    assert_eq!(amount("4000000"), Ok("4000000".to_owned()));
    assert_eq!(amount("-12.5"), Ok("-12.5".to_owned()), "a credit balance");
    for refused in ["12345678901234567.89", "123456789012345678901234567890", "1e300"] {
        assert!(amount(refused).is_err(), "{refused}");
    }
}

#[test]
fn unknown_fields_are_listed_and_change_nothing() {
    let plain = read_value(&one_account()).unwrap();
    assert_eq!((plain.unused.len(), plain.unused_beyond), (0, 0));
    let mut report = one_account();
    report["mood"] = json!({"deep": {"deeper": 1}});
    report["accounts"][0]["colour"] = json!("red");
    report["accounts"][0]["months"][1]["note"] = json!("paid late");
    report["subject"]["ABCDE1234F"] = json!("a name that is a number");
    let with = read_value(&report).unwrap();
    let mut unused = with.unused.clone();
    unused.sort();
    assert_eq!(unused, ["/accounts/0/colour", "/accounts/0/months/1/note", "/mood", "/subject/…"]);
    assert_eq!((with.accounts, with.enquiries), (plain.accounts, plain.enquiries));
    for number in 0..300 {
        report[format!("extra_{}", "x".repeat(number % 30 + 1))] = json!(number);
        report["accounts"][0][format!("e{number}")] = json!(number);
    }
    let many = read_value(&report).unwrap();
    assert_eq!(many.unused.len(), Limits::default().unused_max);
    assert_eq!(many.unused_beyond, 330 + 4 - Limits::default().unused_max);
}

#[test]
fn numbers_are_masked_in_every_form() {
    let report = read_value(&one_account()).unwrap();
    let shown = format!("{report:?} {:?}", factors(&report, date(2025, 3, 31)));
    let stored = serde_json::to_string(&report).unwrap();
    for text in [shown, stored.clone()] {
        for number in ["CC-0001", "CC0001", "00012233", "ABCDE", "E1234"] {
            assert!(!text.contains(number), "{number} in {text}");
        }
        assert!(text.contains("****2233") && text.contains("****234F"));
    }
    assert_eq!(serde_json::from_str::<Report>(&stored).unwrap(), report);
}

#[test]
fn a_number_that_the_bureau_masked_is_a_key_only_with_the_day_of_opening() {
    let key = |change: &dyn Fn(&mut Value)| {
        let mut report = one_account();
        change(&mut report["accounts"][0]);
        read_value(&report).unwrap().accounts[0].key
    };
    let masked = |number: &'static str| move |account: &mut Value| account["number"] = json!(number);
    assert_eq!(key(&|_| {}), key(&masked("cc 0001 2233")));
    assert_ne!(key(&|_| {}), key(&masked("CC-0001-2234")));
    let other_day = |account: &mut Value| {
        account["number"] = json!("XXXXXX2233");
        account["opened"] = json!("2024-12-11");
    };
    assert_ne!(key(&masked("XXXXXX2233")), key(&other_day));
    let no_day = |account: &mut Value| {
        account["number"] = json!("********2233");
        account.as_object_mut().unwrap().remove("opened");
    };
    assert_eq!(key(&no_day), None);
}

#[test]
fn hostile_files_are_refused_within_limits() {
    let limits = Limits::default();
    let deep_json = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let deep_xml = "<a>".repeat(50_000);
    let text = xml(&one_account());
    let doctype = text.replacen("<credit_report>", "<!DOCTYPE r [<!ENTITY a \"b\">]><credit_report>", 1);
    let laughs = text.replacen("Bank of Kaveri", "&lol;", 1);
    let wide: String = (0..limits.nodes_max).map(|_| "0,").collect();
    let items = format!("<credit_report><accounts>{}", "<account/>".repeat(limits.nodes_max));
    let long = one_account().to_string().replacen("Bank of Kaveri", &"K".repeat(limits.value_chars_max + 1), 1);
    let mut accounts = one_account();
    accounts["accounts"] = vec![json!({}); limits.accounts_max + 1].into();
    let mut many_months = one_account();
    many_months["accounts"][0]["months"] = vec![json!({}); limits.months_max + 1].into();
    for (what, bytes, code) in [
        ("nothing", String::new().into_bytes(), "credit_report.empty"),
        ("blanks", b" \n ".to_vec(), "credit_report.empty"),
        ("not UTF-8", b"{\"a\": \"\xff\"}".to_vec(), "credit_report.not_text"),
        ("NULs", vec![0; 64], "credit_report.not_well_formed"),
        ("half", text.chars().take(300).collect::<String>().into_bytes(), "credit_report.not_well_formed"),
        ("prose", b"Dear bank".to_vec(), "credit_report.not_well_formed"),
        ("two documents", b"{} {}".to_vec(), "credit_report.not_well_formed"),
        ("two roots", b"<credit_report/><credit_report/>".to_vec(), "credit_report.not_well_formed"),
        ("mismatched", b"<credit_report></other>".to_vec(), "credit_report.not_well_formed"),
        ("another root", b"<invoice schema=\"docket.credit-report/1\"/>".to_vec(), "credit_report.schema_unknown"),
        ("a list", b"[1, 2]".to_vec(), "credit_report.schema_unknown"),
        ("deep JSON", deep_json.into_bytes(), "credit_report.limit.depth"),
        ("deep XML", deep_xml.into_bytes(), "credit_report.limit.depth"),
        ("a document type", doctype.into_bytes(), "credit_report.doctype"),
        ("an entity", laughs.into_bytes(), "credit_report.doctype"),
        ("wide JSON", format!("[{wide}0]").into_bytes(), "credit_report.limit.nodes"),
        ("wide XML", items.into_bytes(), "credit_report.limit.nodes"),
        ("a long value", long.into_bytes(), "credit_report.limit.value"),
        ("many accounts", accounts.to_string().into_bytes(), "credit_report.limit.accounts"),
        ("many months", many_months.to_string().into_bytes(), "credit_report.limit.months"),
        ("a huge file", vec![b' '; limits.file_bytes_max + 1], "credit_report.limit.bytes"),
    ] {
        let error = read(&bytes, &limits).expect_err(what);
        assert_eq!(error.code(), code, "{what}: {error}");
        assert!(error.to_string().contains(';'), "{error} does not say what to do");
    }
}

/// The report without its places, which the formats write differently.
fn without_places(mut report: Report) -> Report {
    let clear = |account: &mut Account| {
        account.path.clear();
        account.months.iter_mut().flatten().for_each(|month| month.path.clear());
    };
    report.accounts.iter_mut().for_each(clear);
    report.enquiries.iter_mut().flatten().for_each(|enquiry| enquiry.path.clear());
    report.public_records.iter_mut().flatten().for_each(|record| record.path.clear());
    report.score.iter_mut().for_each(|score| score.path.clear());
    report.path.clear();
    Report { format: FileFormat::Json, ..report }
}

#[test]
fn xml_may_put_fields_in_attributes_and_elements_in_a_namespace() {
    let text = "<?xml version=\"1.0\"?><!-- made for a test -->\n\
        <d:credit_report xmlns:d=\"urn:docket\" schema=\"docket.credit-report/1\" kind=\"commercial_in\" history=\"present\"\n\
          report_date=\"2025-03-31\"><d:subject name=\"A &amp; B\"/><d:accounts><d:account number=\"CC-0001-2233\"\n\
          lender=\"Bank\" type=\"OVERDRAFT\" status=\"Active\"><d:outstanding currency=\"INR\"> 12.50 </d:outstanding>\n\
          <d:months><d:month month=\"2025-03\" dpd=\"7\"/></d:months></d:account></d:accounts></d:credit_report>";
    let report = read(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(report.subject.name.as_deref(), Some("A & B"));
    let account = &report.accounts[0];
    assert_eq!(account.path, "/credit_report/accounts/account[1]");
    assert_eq!(account.outstanding.as_ref().unwrap().amount.to_string(), "12.50");
    assert_eq!(account.months.as_ref().unwrap()[0].dpd, Some(7));
    assert_eq!(report.unused, Vec::<String>::new());
}

fn amounts() -> impl Strategy<Value = Value> {
    (0..1_000_000_000_i64).prop_map(|paise| rupees(&format!("{}.{:02}", paise / 100, paise % 100)))
}

prop_compose! {
    fn accounts()(
        number in "[A-Z]{2}[0-9]{6,12}",
        lender in "[A-Z][a-z&<>\"' ]{0,20}[a-z]",
        kind in prop::sample::select(vec!["cash_credit", "overdraft", "term_loan", "mortgage", "other"]),
        status in prop::sample::select(vec!["active", "closed", "written_off", "settled"]),
        opened in (2010..2020_i16, 1..=12_i8, 1..=28_i8),
        (limit, outstanding, overdue) in (amounts(), prop::option::of(amounts()), prop::option::of(amounts())),
        secured in prop::option::of(any::<bool>()),
        dpd in prop::collection::vec(-1..200_i32, 0..30),
    ) -> Value {
        let opened = format!("{:04}-{:02}-{:02}", opened.0, opened.1, opened.2);
        json!({"number": number, "lender": lender, "type": kind, "status": status, "opened": opened, "limit": limit,
            "outstanding": outstanding, "overdue": overdue, "secured": secured, "months": months((2025, 3), &dpd)})
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_alike_from_both_formats(accounts in prop::collection::vec(accounts(), 0..6)) {
        let mut report = one_account();
        report["accounts"] = accounts.clone().into();
        let of_json = read_value(&report).unwrap();
        let of_xml = read(xml(&report).as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(without_places(of_json.clone()), without_places(of_xml.clone()));
        prop_assert_eq!(of_json.accounts.len(), accounts.len());
        for (read, written) in of_json.accounts.iter().zip(&accounts) {
            prop_assert_eq!(&read.lender, written["lender"].as_str().unwrap().trim());
            prop_assert_eq!(read.secured, written["secured"].as_bool());
            let outstanding = read.outstanding.as_ref().map(|money| money.amount.to_string());
            prop_assert_eq!(outstanding.as_deref(), written["outstanding"]["amount"].as_str());
            prop_assert_eq!(read.months.as_ref().map(Vec::len), written["months"].as_array().map(Vec::len));
        }
        let (one, other) = (factors(&of_json, date(2025, 4, 15)), factors(&of_xml, date(2025, 4, 15)));
        let values = |factors: &credit_report::Factors| factors.values().map(|factor| factor.value.clone()).collect::<Vec<_>>();
        prop_assert_eq!(values(&one), values(&other));
    }

    #[test]
    fn a_damaged_report_never_panics(at in 0..1_500_usize, cut in 0..30_usize, put in "\\PC{0,8}") {
        for text in [one_account().to_string(), xml(&one_account())] {
            let chars: Vec<char> = text.chars().collect();
            let damaged: String =
                chars.iter().take(at).copied().chain(put.chars()).chain(chars.iter().skip(at + cut).copied()).collect();
            if let Ok(report) = read(damaged.as_bytes(), &Limits::default()) {
                let _ = factors(&report, date(2025, 3, 31));
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, &Limits::default());
        let _ = read(&[b"<credit_report>".as_slice(), &bytes].concat(), &Limits::default());
        let _ = read(&[b"{\"schema\":".as_slice(), &bytes].concat(), &Limits::default());
    }

    #[test]
    fn an_errors_text_holds_nothing_of_the_file(marker in "[A-Z]{12}", field in 0..12_usize) {
        let mut report = one_account();
        let fields = ["number", "lender", "type", "status", "opened", "secured", "asset_class", "limit", "outstanding",
            "overdue", "suit_filed", "months"];
        report["accounts"][0][fields[field]] = json!(marker);
        if let Err(error) = read_value(&report) {
            let shown = format!("{error} {:?}", error);
            prop_assert!(!shown.contains(&marker));
        }
    }
}
