//! Factors by hand-computed figures, and each recomputed from the rows that it names.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

mod write;

use std::str::FromStr;

use credit_report::{
    AssetClass, Factor, Factors, Limits, Missing, OwnerReport, Report, Value, consolidate, factors, read,
};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::json;
use write::{months, rupees, xml};

const AS_OF: Date = date(2025, 3, 31);

fn report(value: &serde_json::Value) -> Report {
    read(value.to_string().as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// An amount in dollars.
fn dollars(amount: &str) -> serde_json::Value {
    json!({"currency": "USD", "amount": amount})
}

/// A company with five facilities.
fn company() -> serde_json::Value {
    // Months backwards from March 2025: 12 days in January 2025, 35 in September 2024, 65 in July 2023.
    let conduct = [0, 0, 12, 0, 0, 0, 35, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0];
    let flags = |mut account: serde_json::Value| {
        account["suit_filed"] = json!(false);
        account["wilful_defaulter"] = json!(false);
        account
    };
    let accounts = [
        json!({"number": "CC-0001-2233", "lender": "Bank of Kaveri", "type": "cash_credit", "status": "active",
            "opened": "2019-06-10", "secured": true, "asset_class": "std", "limit": rupees("5000000.00"),
            "outstanding": rupees("4000000.00"), "overdue": rupees("100000.00"), "months": months((2025, 3), &conduct)}),
        json!({"number": "TL-77-880011", "lender": "Narmada Bank", "type": "term_loan", "status": "active",
            "opened": "2021-01-05", "secured": true, "asset_class": "sma_1", "limit": rupees("9000000"),
            "outstanding": rupees("6000000"), "overdue": rupees("0"), "months": months((2025, 3), &[0; 24])}),
        json!({"number": "OD-0001-9944", "lender": "BANK OF KAVERI", "type": "overdraft", "status": "active",
            "opened": "2024-10-01", "secured": false, "asset_class": "std", "limit": rupees("1000000"),
            "outstanding": rupees("500000"), "overdue": rupees("0"), "months": months((2025, 3), &[0; 6])}),
        json!({"number": "LC-55-12345", "lender": "Tapti Bank", "type": "letter_of_credit", "status": "active",
            "secured": false, "asset_class": "std", "limit": rupees("2000000"), "outstanding": rupees("1500000"),
            "overdue": rupees("0")}),
        json!({"number": "TL-11-000099", "lender": "Tapti Bank", "type": "term_loan", "status": "closed",
            "opened": "2015-04-01", "closed": "2021-04-01", "secured": true, "outstanding": rupees("0")}),
    ];
    let enquiry = |day: &str, kind: &str| json!({"date": day, "type": kind, "lender": "Tapti Bank"});
    json!({
        "schema": "docket.credit-report/1", "kind": "commercial_in", "bureau": "Example Bureau",
        "report_date": "2025-03-31", "history": "present",
        "subject": {"name": "Shree Kaveri Tools Private Limited",
            "identifiers": [{"type": "pan", "value": "ABCDE1234F"}, {"type": "cin", "value": "U28910MH2011PTC123456"}]},
        "score": {"model": "CMR", "lowest": 1, "highest": 10, "value": 4},
        "accounts": accounts.map(flags),
        "enquiries": [enquiry("2025-03-01", "hard"), enquiry("2024-10-01", "hard"), enquiry("2024-09-30", "hard"),
            enquiry("2023-04-01", "hard"), enquiry("2023-03-31", "hard"), enquiry("2025-02-01", "soft")],
        "public_records": [],
    })
}

/// An owner in the United States with four tradelines.
fn owner() -> serde_json::Value {
    json!({
        "schema": "docket.credit-report/1", "kind": "consumer_us", "report_date": "2025-03-31", "history": "present",
        "subject": {"name": "Maria Garcia", "identifiers": [{"type": "ssn", "value": "123-45-6789"}]},
        "score": {"model": "FICO 8", "lowest": 300, "highest": 850, "value": 688},
        "accounts": [
            {"number": "4111222233334444", "lender": "First Card", "type": "credit_card", "status": "active",
                "opened": "2012-05-20", "limit": dollars("10000"), "outstanding": dollars("2500.50"),
                "overdue": dollars("0"), "months": months((2025, 3), &[0, 0, 30, 0, 0, 0, 0, 61, 31, 0, 0, 0, 0, 0, 0,
                    0, 0, 0, 0, 0, 0, 0, 95, 0])},
            {"number": "5500000000000004", "lender": "Store Card", "type": "credit_card", "status": "active",
                "opened": "2023-11-02", "limit": dollars("2000"), "outstanding": dollars("500"),
                "overdue": dollars("25.25"), "months": months((2025, 3), &[0; 17])},
            {"number": "AL-778899", "lender": "Auto Bank", "type": "auto_loan", "status": "active",
                "opened": "2022-03-15", "outstanding": dollars("12000"), "overdue": dollars("0"),
                "months": months((2025, 3), &[0; 24])},
            {"number": "CARD-OLD-1", "lender": "Old Bank", "type": "credit_card", "status": "closed",
                "opened": "2005-07-01", "closed": "2016-01-01"},
        ],
        "enquiries": [{"date": "2025-01-15", "type": "hard"}],
        "public_records": [
            {"type": "tax_lien", "status": "closed", "filed": "2019-02-01"},
            {"type": "judgment", "status": "dismissed", "filed": "2020-02-01"},
        ],
    })
}

fn count(factors: &Factors, name: &str) -> u64 {
    match &factors[name].value {
        Value::Count(count) => *count,
        other => panic!("{name} is {other:?}"),
    }
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

fn amount(currency: &str, amount: &str) -> Value {
    Value::Amount { currency: currency.to_owned(), amount: decimal(amount) }
}

#[test]
fn a_companys_factors_are_those_computed_by_hand() {
    let factors = factors(&report(&company()), AS_OF);
    assert_eq!(count(&factors, "f_cmr_rank"), 4);
    assert_eq!(count(&factors, "f_facilities_active"), 4);
    assert_eq!(count(&factors, "f_lenders_count"), 3, "Kaveri twice, Narmada, Tapti");
    assert_eq!(count(&factors, "f_max_dpd_6m"), 12);
    assert_eq!(count(&factors, "f_max_dpd_12m"), 35);
    assert_eq!(count(&factors, "f_max_dpd_24m"), 65);
    // 4,000,000 + 6,000,000 + 500,000 + 1,500,000
    assert_eq!(factors["f_total_outstanding"].value, amount("INR", "12000000"));
    assert_eq!(factors["f_overdue_amount"].value, amount("INR", "100000"));
    // (4,000,000 + 500,000) / (5,000,000 + 1,000,000)
    assert_eq!(factors["f_utilisation"].value, Value::Ratio(decimal("0.75")));
    // (4,000,000 + 6,000,000) / 12,000,000 = 5 / 6
    assert_eq!(factors["f_secured_share"].value, Value::Ratio(Decimal::from(5) / Decimal::from(6)));
    assert_eq!(factors["f_asset_class"].value, Value::AssetClass(AssetClass::Sma1));
    assert_eq!(["6", "12", "24"].map(|months| count(&factors, &format!("f_enquiries_{months}m"))), [2, 3, 4]);
    for flag in ["f_suit_filed", "f_wilful_defaulter", "f_written_off", "f_settled"] {
        assert_eq!(factors[flag].value, Value::Flag(false), "{flag}");
    }
    assert_eq!(count(&factors, "f_report_age_days"), 0);
}

#[test]
fn an_owners_factors_are_those_computed_by_hand() {
    let factors = factors(&report(&owner()), AS_OF);
    assert_eq!(count(&factors, "f_credit_score"), 688);
    assert_eq!((count(&factors, "f_tradelines_total"), count(&factors, "f_tradelines_open")), (4, 3));
    // 2,500.50 + 500 + 12,000
    assert_eq!(factors["f_total_outstanding"].value, amount("USD", "15000.50"));
    assert_eq!(factors["f_overdue_amount"].value, amount("USD", "25.25"));
    // 3,000.50 / 12,000
    assert_eq!(factors["f_utilisation"].value, Value::Ratio(decimal("3000.50") / decimal("12000")));
    // 30 in January 2025, 61 in August 2024, 31 in July 2024, 95 in May 2023.
    let late = |name: &str| ["6", "12", "24"].map(|months| count(&factors, &format!("{name}_{months}m")));
    assert_eq!(late("f_delinquencies_30"), [1, 2, 2]);
    assert_eq!(late("f_delinquencies_60"), [0, 1, 1]);
    assert_eq!(late("f_delinquencies_90"), [0, 0, 1]);
    assert_eq!(late("f_max_dpd"), [30, 61, 95]);
    assert_eq!(count(&factors, "f_public_records"), 1, "the dismissed one does not count");
    assert_eq!(count(&factors, "f_inquiries_6m"), 1);
    // July 2005 to March 2025: 19 years and 8 months.
    assert_eq!(count(&factors, "f_oldest_trade_months"), 236);
}

/// The rows of the file at these places.
fn at<'a>(file: &'a serde_json::Value, factor: &Factor) -> Vec<&'a serde_json::Value> {
    let row = |path: &String| file.pointer(path).unwrap_or_else(|| panic!("{path} is not in the file"));
    factor.rows.iter().map(row).collect()
}

fn sum(rows: &[&serde_json::Value], field: &str) -> Decimal {
    rows.iter().filter_map(|row| row[field]["amount"].as_str()).map(decimal).sum()
}

#[test]
fn each_factor_follows_from_the_rows_it_names() {
    for file in [company(), owner()] {
        let factors = factors(&report(&file), AS_OF);
        for (name, factor) in &factors {
            let rows = at(&file, factor);
            let number = u64::try_from(rows.len()).unwrap();
            let expected = match name.as_str() {
                "f_cmr_rank" | "f_credit_score" => Value::Count(rows[0]["value"].as_u64().unwrap()),
                "f_total_outstanding" => amount(currency(&file), &sum(&rows, "outstanding").to_string()),
                "f_overdue_amount" => amount(currency(&file), &sum(&rows, "overdue").to_string()),
                "f_utilisation" => Value::Ratio(sum(&rows, "outstanding") / sum(&rows, "limit")),
                "f_secured_share" => {
                    let secured: Vec<_> = rows.iter().copied().filter(|row| row["secured"] == true).collect();
                    Value::Ratio(sum(&secured, "outstanding") / sum(&rows, "outstanding"))
                }
                "f_asset_class" => {
                    assert!(rows.iter().all(|row| row["asset_class"] == "sma_1"));
                    Value::AssetClass(AssetClass::Sma1)
                }
                "f_lenders_count" => {
                    let mut lenders: Vec<String> =
                        rows.iter().map(|row| row["lender"].as_str().unwrap().to_lowercase()).collect();
                    lenders.sort();
                    lenders.dedup();
                    Value::Count(u64::try_from(lenders.len()).unwrap())
                }
                "f_suit_filed" | "f_wilful_defaulter" => {
                    let field = name.trim_start_matches("f_");
                    Value::Flag(rows.iter().any(|row| row[field] == true))
                }
                "f_written_off" | "f_settled" => {
                    let status = name.trim_start_matches("f_");
                    Value::Flag(rows.iter().any(|row| row["status"] == status))
                }
                "f_oldest_trade_months" => {
                    assert_eq!(rows[0]["opened"], "2005-07-01");
                    Value::Count(236)
                }
                "f_report_age_days" => {
                    assert_eq!(rows[0]["report_date"], "2025-03-31");
                    Value::Count(0)
                }
                name if name.starts_with("f_max_dpd") => {
                    Value::Count(rows.iter().map(|row| row["dpd"].as_u64().unwrap()).max().unwrap())
                }
                _ => Value::Count(number),
            };
            assert_eq!(factor.value, expected, "{name}");
        }
        assert!(factors.len() > 15);
    }
}

fn currency(file: &serde_json::Value) -> &'static str {
    if file["kind"] == "consumer_us" { "USD" } else { "INR" }
}

#[test]
fn json_and_xml_give_the_same_factors_from_the_same_rows() {
    for file in [company(), owner()] {
        let from_xml = read(xml(&file).as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
        let of_json = factors(&report(&file), AS_OF);
        let of_xml = factors(&from_xml, AS_OF);
        assert_eq!(of_json.len(), of_xml.len());
        for (name, factor) in &of_json {
            assert_eq!(factor.value, of_xml[name].value, "{name}");
            let rows: Vec<String> = of_xml[name].rows.iter().map(|path| pointer(path)).collect();
            assert_eq!(factor.rows, rows, "{name}");
        }
        assert!(of_xml["f_total_outstanding"].rows[0].starts_with("/credit_report/accounts/account[1]"));
    }
}

/// The JSON Pointer of the place that an XPath names.
fn pointer(path: &str) -> String {
    let steps = path.trim_start_matches("/credit_report").split('/').filter(|step| !step.is_empty());
    let steps = steps.map(|step| match step.split_once('[') {
        Some((_, number)) => (number.trim_end_matches(']').parse::<usize>().unwrap() - 1).to_string(),
        None => step.to_owned(),
    });
    steps.map(|step| format!("/{step}")).collect()
}

#[test]
fn no_history_is_neither_zero_nor_bad() {
    let file = json!({
        "schema": "docket.credit-report/1", "kind": "commercial_in", "report_date": "2025-03-31", "history": "none",
        "subject": {"name": "New Company"}, "enquiries": [{"date": "2025-03-01", "type": "hard"}],
    });
    let factors = factors(&report(&file), AS_OF);
    for name in ["f_cmr_rank", "f_max_dpd_12m", "f_total_outstanding", "f_facilities_active", "f_written_off"] {
        assert_eq!(factors[name].value, Value::NoHistory, "{name}");
    }
    assert_eq!(count(&factors, "f_enquiries_6m"), 1);
    let mut known = company();
    known["score"]["value"] = json!("NH");
    assert_eq!(credit_report::factors(&report(&known), AS_OF)["f_cmr_rank"].value, Value::NoHistory);
}

#[test]
fn what_a_report_does_not_state_is_no_zero() {
    let missing = |change: &dyn Fn(&mut serde_json::Value), name: &str| {
        let mut file = company();
        change(&mut file);
        let factor = factors(&report(&file), AS_OF)[name].clone();
        let Value::NotStated(missing) = factor.value else { panic!("{name} is {:?}", factor.value) };
        (missing, factor.rows)
    };
    let remove = |field: &'static str| {
        move |file: &mut serde_json::Value| {
            file["accounts"][1].as_object_mut().unwrap().remove(field);
        }
    };
    let second = vec!["/accounts/1".to_owned()];
    assert_eq!(missing(&remove("outstanding"), "f_total_outstanding"), (Missing::SomeRowsLackIt, second.clone()));
    assert_eq!(missing(&remove("overdue"), "f_overdue_amount"), (Missing::SomeRowsLackIt, second.clone()));
    assert_eq!(missing(&remove("secured"), "f_secured_share"), (Missing::SomeRowsLackIt, second.clone()));
    assert_eq!(missing(&remove("suit_filed"), "f_suit_filed"), (Missing::SomeRowsLackIt, second));
    let no_score = |file: &mut serde_json::Value| drop(file.as_object_mut().unwrap().remove("score"));
    assert_eq!(missing(&no_score, "f_cmr_rank").0, Missing::NotInReport);
    let no_enquiries = |file: &mut serde_json::Value| drop(file.as_object_mut().unwrap().remove("enquiries"));
    assert_eq!(missing(&no_enquiries, "f_enquiries_6m").0, Missing::NotInReport);
    let dollars = |file: &mut serde_json::Value| {
        for field in ["outstanding", "overdue", "limit"] {
            file["accounts"][1][field]["currency"] = json!("USD");
        }
    };
    assert_eq!(missing(&dollars, "f_total_outstanding").0, Missing::SeveralCurrencies);
    let no_limits = |file: &mut serde_json::Value| {
        for account in file["accounts"].as_array_mut().unwrap() {
            account.as_object_mut().unwrap().remove("limit");
        }
    };
    assert_eq!(missing(&no_limits, "f_utilisation").0, Missing::NothingToDivideBy);
    let no_months = |file: &mut serde_json::Value| {
        for account in file["accounts"].as_array_mut().unwrap() {
            account.as_object_mut().unwrap().remove("months");
        }
    };
    assert_eq!(missing(&no_months, "f_max_dpd_12m").0, Missing::NoMonthReported);
}

#[test]
fn months_that_lack_make_the_most_days_past_due_a_least() {
    let mut file = company();
    // Reported for a year only, though open since 2021.
    file["accounts"][1]["months"] = months((2025, 3), &[0; 12]);
    let short = factors(&report(&file), AS_OF);
    assert_eq!(short["f_max_dpd_12m"].value, Value::Count(35));
    assert_eq!(short["f_max_dpd_24m"].value, Value::AtLeast(65));
    assert_eq!(short["f_max_dpd_24m"].left_out, ["/accounts/1"]);
    // Two months of delay in reporting are usual; a hole is not.
    file["accounts"][1]["months"] = months((2025, 1), &[0; 22]);
    assert_eq!(factors(&report(&file), AS_OF)["f_max_dpd_24m"].value, Value::Count(65));
    let mut hole = [0; 24];
    hole[5] = -1;
    file["accounts"][1]["months"] = months((2025, 3), &hole);
    assert_eq!(factors(&report(&file), AS_OF)["f_max_dpd_6m"].value, Value::AtLeast(12));
}

#[test]
fn a_true_flag_stands_even_where_others_are_silent() {
    let mut file = company();
    file["accounts"][0]["suit_filed"] = json!(true);
    file["accounts"][1].as_object_mut().unwrap().remove("suit_filed");
    file["accounts"][2]["status"] = json!("written_off");
    let factors = factors(&report(&file), AS_OF);
    assert_eq!(factors["f_suit_filed"].value, Value::Flag(true));
    assert_eq!(factors["f_suit_filed"].rows, ["/accounts/0"]);
    assert_eq!(factors["f_written_off"].value, Value::Flag(true));
    assert_eq!(factors["f_written_off"].rows, ["/accounts/2"]);
    assert_eq!(count(&factors, "f_facilities_active"), 3);
    assert_eq!(factors["f_total_outstanding"].value, amount("INR", "12000000"), "written off is still owed");
}

#[test]
fn the_underwriting_date_moves_the_windows_and_a_later_report_is_not_known() {
    let file = report(&company());
    let later = factors(&file, date(2025, 6, 30));
    // The window of six months now begins in January 2025, which had 12 days.
    assert_eq!(count(&later, "f_max_dpd_6m"), 12);
    assert_eq!(count(&later, "f_enquiries_6m"), 1);
    assert_eq!(count(&later, "f_report_age_days"), 91);
    let before = factors(&file, date(2025, 3, 30));
    assert!(before.values().all(|factor| factor.value == Value::NotStated(Missing::ReportIsLater)));
}

fn of<'a>(owner: &str, report: &'a Report) -> OwnerReport<'a> {
    OwnerReport { owner: owner.to_owned(), document: format!("document-{owner}"), report }
}

#[test]
fn over_owners_the_worst_score_counts_and_a_shared_account_counts_once() {
    let mut second = owner();
    second["subject"] = json!({"name": "Jose Garcia"});
    second["score"]["value"] = json!(612);
    // The first card is shared; the rest is not.
    second["accounts"][1]["number"] = json!("6011000000000004");
    second["accounts"][2]["number"] = json!("AL-112233");
    second["accounts"][3]["number"] = json!("CARD-OLD-2");
    second["accounts"][0]["number"] = json!("4111 2222 3333 4444");
    second["accounts"][0]["months"] =
        months((2025, 3), &[0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let (first, second) = (report(&owner()), report(&second));
    let both = consolidate(&[of("one", &first), of("two", &second)], AS_OF);
    let factors = &both.factors[&credit_report::Kind::ConsumerUs];
    assert_eq!(count(factors, "f_credit_score"), 612);
    assert_eq!(factors["f_credit_score"].rows, ["document-two:/score"]);
    // 15,000.50 twice, less the shared 2,500.50.
    assert_eq!(factors["f_total_outstanding"].value, amount("USD", "27500.50"));
    assert_eq!(count(factors, "f_tradelines_total"), 7);
    // 45 in February 2025 is of the second report, 30 in January of the first: one account, two months.
    assert_eq!(count(factors, "f_max_dpd_6m"), 45);
    assert_eq!(count(factors, "f_delinquencies_30_6m"), 2);
    assert_eq!(count(factors, "f_inquiries_6m"), 2);
    let scores: Vec<u64> = both.owners.iter().map(|one| count(&one.factors, "f_credit_score")).collect();
    assert_eq!(scores, [688, 612]);
    assert_eq!(both.owners[1].owner, "two");
}

#[test]
fn reports_that_disagree_about_a_shared_account_give_no_sum() {
    let mut second = owner();
    second["accounts"][0]["outstanding"] = dollars("2600");
    let (first, other) = (report(&owner()), report(&second));
    let same_day = consolidate(&[of("one", &first), of("two", &other)], AS_OF);
    let factor = &same_day.factors[&credit_report::Kind::ConsumerUs]["f_total_outstanding"];
    assert_eq!(factor.value, Value::NotStated(Missing::ReportsDiffer));
    assert_eq!(factor.rows, ["document-one:/accounts/0"]);
    // Of two days, the later report is the newer state.
    second["report_date"] = json!("2025-04-30");
    let later = report(&second);
    let two_days = consolidate(&[of("one", &first), of("two", &later)], date(2025, 4, 30));
    let factor = &two_days.factors[&credit_report::Kind::ConsumerUs]["f_total_outstanding"];
    assert_eq!(factor.value, amount("USD", "15100"));
}

#[test]
fn scores_of_several_models_are_not_compared_and_kinds_are_kept_apart() {
    let mut second = owner();
    second["score"]["model"] = json!("VantageScore 4.0");
    let (first, second, company) = (report(&owner()), report(&second), report(&company()));
    let all = consolidate(&[of("one", &first), of("two", &second), of("company", &company)], AS_OF);
    assert_eq!(all.factors.len(), 2);
    let consumers = &all.factors[&credit_report::Kind::ConsumerUs];
    assert_eq!(consumers["f_credit_score"].value, Value::NotStated(Missing::SeveralModels));
    assert_eq!(count(&all.factors[&credit_report::Kind::CommercialIn], "f_cmr_rank"), 4);
    assert!(consolidate(&[], AS_OF).factors.is_empty(), "no completed report gives no factors");
}

#[test]
fn an_owner_without_history_does_not_make_the_score_worse() {
    let file = json!({
        "schema": "docket.credit-report/1", "kind": "consumer_us", "report_date": "2025-03-31", "history": "none",
        "subject": {"name": "Young Owner"}, "enquiries": [], "public_records": [],
    });
    let (first, young) = (report(&owner()), report(&file));
    let both = consolidate(&[of("one", &first), of("two", &young)], AS_OF);
    let factors = &both.factors[&credit_report::Kind::ConsumerUs];
    assert_eq!(count(factors, "f_credit_score"), 688);
    assert_eq!(factors["f_credit_score"].left_out, ["document-two:"]);
    assert_eq!(both.owners[1].factors["f_credit_score"].value, Value::NoHistory);
}
