//! `docket bench` drives the orders that were asked for, and prints what they consumed.

use domain::limit::DOCUMENT_COUNT_MAX;
use serde_json::Value;

use crate::folder::Folder;

/// The measurements of a short benchmark in memory.
fn measure(words: &[&str]) -> Value {
    let common = ["bench", "--orders", "3", "--in-flight", "2", "--memory", "--json"];
    let output = Folder::new().docket(&[&common[..], words].concat());
    assert_eq!((output.code, output.err.as_str()), (0, ""), "{output:?}");
    output.json()
}

#[test]
fn by_default_orders_have_no_documents() {
    let measured = measure(&[]);
    assert_eq!((&measured["workload"], &measured["orders"]), (&"seq5".into(), &3.into()));
    for field in ["write_units_per_order", "backup_bytes_per_order", "aws_calls_per_order", "cpu_ms_per_order"] {
        assert!(measured[field].as_f64().unwrap() > 0.0, "{field}: {measured}");
    }
    assert!(measured["read_units_per_order"].is_number(), "{measured}");
    assert!(measured.get("per_document").is_none(), "{measured}");
}

#[test]
fn orders_can_have_any_number_of_documents() {
    let measured = measure(&["--documents", "5"]);
    assert_eq!(measured["workload"], "documents-5");
    assert!(measured["aws_calls"].get("dead-letter").is_none(), "no document fails: {measured}");
    for (of_order, of_document) in
        [("cpu_ms_per_order", "cpu_ms"), ("aws_calls_per_order", "aws_calls"), ("write_units_per_order", "write_units")]
    {
        let (of_order, of_document) = (&measured[of_order], &measured["per_document"][of_document]);
        let difference = of_order.as_f64().unwrap() / 5.0 - of_document.as_f64().unwrap();
        assert!(difference.abs() < 1e-9, "{of_document}: {measured}");
    }
    let stored = measured["per_document"]["bytes_stored"].as_f64().unwrap() * 5.0;
    assert!(stored >= measured["backup_bytes_per_order"].as_f64().unwrap(), "the backup is part of it: {measured}");
    assert_eq!(measure(&["--documents", "0"])["workload"], "documents-0");
}

#[test]
fn the_text_states_units_and_documents() {
    let words = ["bench", "--orders", "1", "--in-flight", "1", "--memory", "--workload", "fan8"];
    let output = Folder::new().docket(&words);
    assert_eq!(output.code, 0, "{output:?}");
    for stated in ["fan8 × 1 orders", "write units", "read units", "bytes in the backup", "per document: "] {
        assert!(output.out.contains(stated), "{stated}: {output:?}");
    }
}

#[test]
fn a_workload_and_a_number_of_documents_exclude_each_other() {
    let refused = |words: &[&str], hint: &str| {
        let output = Folder::new().docket(&[&["bench"], words].concat());
        assert_eq!((output.code, output.out.as_str()), (2, ""), "{output:?}");
        assert!(output.err.contains(hint) && output.has_no_panic(), "{output:?}");
    };
    refused(&["--workload", "seq5", "--documents", "5"], "cannot be used with");
    let above = (DOCUMENT_COUNT_MAX + 1).to_string();
    for wrong in [above.as_str(), "-1", "many", ""] {
        refused(&[&format!("--documents={wrong}")], &format!("at most {DOCUMENT_COUNT_MAX} documents"));
    }
}
