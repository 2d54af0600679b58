//! Wrong use is refused with exit code 2 before anything is ordered, and the message says what to do instead.

use engine::Clock;
use pipeline::LocalPipeline;

use crate::folder::{Folder, sample};

/// Runs a command that must be refused with a message that contains `hint`.
fn refused(words: &[&str], hint: &str) {
    let folder = Folder::new();
    let output = folder.docket(words);
    assert_eq!((output.code, output.out.as_str()), (2, ""), "{words:?}: {output:?}");
    assert!(output.err.contains(hint) && output.has_no_panic(), "{words:?}: {output:?}");
    let listed = folder.docket(&["orders", "--json"]);
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
fn a_service_must_be_offered() {
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
fn without_a_known_command_the_usage_is_shown() {
    refused(&[], "run");
    refused(&["walk"], "unrecognized subcommand");
}

#[test]
fn too_many_documents_are_refused_before_one_is_read() {
    let files = vec!["absent.xlsx"; 1_001];
    refused(&[vec!["run", "--service", "CMA"], files].concat(), "at most 1000 documents");
}

#[test]
fn a_file_that_is_too_large_is_refused_without_being_read() {
    let folder = Folder::new();
    let file = std::fs::File::create(folder.path("huge.csv")).unwrap();
    file.set_len(300 * 1024 * 1024).unwrap();
    let output = folder.order(&[], &["huge.csv".to_owned()]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.err.contains("huge.csv"), "{output:?}");
    assert!(output.peak_kib < 100 * 1024, "{} KiB", output.peak_kib);
}

#[test]
fn one_process_at_a_time_uses_a_data_folder() {
    let folder = Folder::new();
    let other = LocalPipeline::open(&folder.path(".docket"), Clock::system()).unwrap();
    for words in [vec!["orders"], vec!["run", "--service", "CANARY"]] {
        let output = folder.docket(&words);
        assert_eq!((output.code, output.out.as_str()), (2, ""), "{output:?}");
        assert!(output.err.contains("another docket command uses this data folder"), "{output:?}");
    }
    drop(other);
    assert_eq!(folder.order(&["--json", "--skip-review"], &sample()).code, 0, "afterwards it works");
}
