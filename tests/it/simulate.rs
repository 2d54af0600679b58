//! Runs a small part of the simulation; `docs/evidence/SIMULATION.md` has the commands for all of it.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use simulator::{Fault, Kind, Mistake, Options, Report, Sweep};
use strum::IntoEnumIterator as _;

fn assert_clean(report: &Report) {
    assert!(report.runs > 0, "nothing was simulated");
    assert!(report.is_clean(), "{:#?}", report.failures);
}

#[test]
fn random_faults_break_no_invariant_and_every_seed_replays() {
    let report = simulator::seeds(&Options { seeds: 0..=2, orders: 5, check_replay: true, ..Options::default() });
    assert_clean(&report);
    assert_eq!(report.replayed, 3);
    assert!(report.faults > 50, "{} faults", report.faults);
    assert!(report.calls_over_fault_free < 3.0, "{} times the calls", report.calls_over_fault_free);
}

#[test]
fn people_who_use_the_api_break_no_invariant_whatever_fails() {
    let report = simulator::seeds(&Options {
        seeds: 0..=7,
        orders: 8,
        through_desk: true,
        check_replay: true,
        ..Options::default()
    });
    assert_clean(&report);
    assert_eq!(report.replayed, 8);
    for call in ["dynamodb:GetItem", "dynamodb:TransactWriteItems", "s3:PutObject"] {
        let is_hit = |cell: &&simulator::Cell| {
            (cell.function.as_str(), cell.call.as_str()) == ("ApiFunction", call) && cell.fault != "none"
        };
        let hits: u64 = report.coverage.iter().filter(is_hit).map(|cell| cell.hits).sum();
        assert!(hits > 0, "no fault hit {call}");
    }
}

#[test]
fn a_sample_of_single_faults_changes_no_outcome() {
    let sweep =
        |scenario: &str, of| Sweep { share: Some((1, of)), scenario: Some(scenario.to_owned()), ..Sweep::default() };
    for (scenario, of) in [("canary", 20), ("failing", 40), ("unreadable", 8)] {
        let report = simulator::single(&sweep(scenario, of)).unwrap();
        assert_clean(&report);
        assert!(report.faults >= 5, "{scenario}: {} faults", report.faults);
    }
}

#[test]
fn a_replaced_file_and_a_decision_show_in_the_figures_whatever_fails() {
    for scenario in ["cma-replaced", "cma-decided"] {
        let sweep = Sweep { share: Some((1, 150)), scenario: Some(scenario.to_owned()), ..Sweep::default() };
        let report = simulator::single(&sweep).unwrap();
        assert_clean(&report);
        assert!(report.faults >= 5, "{scenario}: {} faults", report.faults);
    }
}

#[test]
fn every_interleaving_of_concurrent_calls_ends_the_same() {
    // Each invocation reads the order, claims, and ends its document in one or two calls. So two of them make at least
    // 6! / (3! 3!) interleavings.
    for (scenario, orders) in [("two-documents", 20), ("resumed", 2)] {
        let report =
            simulator::interleavings(&Sweep { scenario: Some(scenario.to_owned()), ..Sweep::default() }).unwrap();
        assert_clean(&report);
        assert!(report.runs >= orders, "{scenario}: {} runs", report.runs);
    }
}

#[test]
fn a_fan_in_from_its_own_view_is_caught_when_two_documents_end_concurrently() {
    let scenario = Some("two-documents".to_owned());
    let mistake = Some(Mistake::FanInFromOwnView);
    let report = simulator::interleavings(&Sweep { scenario, mistake, ..Sweep::default() }).unwrap();
    let case = report.failures.first().expect("the mistake is caught");
    assert!(case.replay.starts_with("docket simulate --mode interleavings --scenario two-documents --turns "));
}

/// A run that once broke an invariant.
#[derive(Deserialize)]
struct Regression {
    /// What went wrong.
    why: String,
    seed: u64,
    orders: usize,
    fault_rate: f64,
    keep: BTreeSet<u64>,
}

#[test]
fn runs_that_failed_in_the_past_succeed_now() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/simulate/regressions.json");
    let kept: Vec<Regression> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    for Regression { why, seed, orders, fault_rate, keep } in kept {
        let options =
            Options { seeds: seed..=seed, orders, fault_rate, keep: Some(keep), shrink: false, ..Options::default() };
        let report = simulator::seeds(&options);
        assert!(report.is_clean(), "{why}: {:#?}", report.failures);
    }
}

#[test]
fn missing_permissions_fail_orders_with_a_record_and_an_alert() {
    let report = simulator::seeds(&Options { seeds: 3..=3, orders: 5, denied: true, ..Options::default() });
    assert_eq!((report.lost, report.silent, report.payload_leaks), (0, 0, 0), "{:#?}", report.failures);
}

#[test]
fn the_error_for_an_unknown_scenario_lists_all_scenarios() {
    let sweep = Sweep { scenario: Some("nonsense".to_owned()), ..Sweep::default() };
    let error = simulator::single(&sweep).unwrap_err().to_string();
    assert!(error.contains("canary") && error.contains("fan-in"), "{error}");
}

#[test]
fn every_fault_name_parses() {
    for fault in Fault::iter() {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    assert_ne!(Kind::Lost, Kind::Stuck);
}
