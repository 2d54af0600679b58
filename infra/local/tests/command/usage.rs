//! What makes no sense is refused with exit code 2 before anything is ordered, and the message says what would.

use engine::Clock;
use pipeline::LocalPipeline;

use crate::desk::{Desk, sample};

/// Gives a command that makes no sense; its message must hold `hint`.
fn refused(words: &[&str], hint: &str) {
    let desk = Desk::new();
    let said = desk.docket(words);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{words:?}: {said:?}");
    assert!(said.err.contains(hint) && said.has_no_panic(), "{words:?}: {said:?}");
    let listed = desk.docket(&["orders", "--json"]);
    assert_eq!(listed.out.trim(), "[]", "nothing was ordered");
}

#[test]
fn an_order_needs_a_file() {
    refused(&["run", "--service", "CMA"], "add the borrower's statements");
}

#[test]
fn a_file_must_be_there_and_be_a_file() {
    refused(&["run", "--service", "CMA", "absent.xlsx"], "absent.xlsx cannot be read");
    refused(&["run", "--service", "CMA", "."], "list its files");
}

#[test]
fn a_service_must_be_one_that_is_offered() {
    refused(&["run", "--service", "TAX", "a.xlsx"], "the services are CMA");
    refused(&["run", "--service", "UNDERWRITING", "a.xlsx"], "CMA and CANARY");
    refused(&["run", "a.xlsx"], "--service");
}

#[test]
fn a_confidence_is_between_0_and_1() {
    for wrong in ["1.01", "-0.1", "NaN", "inf", "seventy", ""] {
        let option = format!("--auto-approve-above={wrong}");
        refused(&["run", "--service", "CMA", &option, "a.xlsx"], "between 0 and 1");
    }
}

#[test]
fn an_order_must_be_known() {
    for command in ["show", "retry", "resume", "cancel"] {
        refused(&[command, "01KANJWJ3V0000000000000000"], "list the orders with: docket orders");
        refused(&[command, "first"], "26 characters");
        refused(&[command], "ORDER");
    }
}

#[test]
fn no_command_and_unknown_commands_show_what_there_is() {
    refused(&[], "run");
    refused(&["walk"], "unrecognized subcommand");
}

#[test]
fn more_documents_than_an_order_takes_are_refused_before_one_is_read() {
    let files = vec!["absent.xlsx"; 101];
    refused(&[vec!["run", "--service", "CMA"], files].concat(), "at most 100 documents");
}

#[test]
fn a_file_larger_than_is_taken_up_is_refused_without_being_read() {
    let desk = Desk::new();
    let file = std::fs::File::create(desk.path("huge.csv")).unwrap();
    file.set_len(300 * 1024 * 1024).unwrap();
    let said = desk.order(&[], &["huge.csv".to_owned()]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("huge.csv"), "{said:?}");
    assert!(said.peak_kib < 100 * 1024, "{} KiB", said.peak_kib);
}

#[test]
fn one_process_at_a_time_works_on_a_data_folder() {
    let desk = Desk::new();
    let other = LocalPipeline::open(&desk.path(".docket"), Clock::system()).unwrap();
    for words in [vec!["orders"], vec!["run", "--service", "CANARY"]] {
        let said = desk.docket(&words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.contains("another docket process uses this data folder"), "{said:?}");
    }
    drop(other);
    assert_eq!(desk.order(&["--json"], &sample()).code, 0, "afterwards it goes on");
}
