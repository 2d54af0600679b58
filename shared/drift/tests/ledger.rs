//! What the ledger owes, over random histories: every change is told, none twice, and stops lose nothing.

use jiff::Timestamp;
use manifest::ledger::{UNREACHABLE_RUN_COUNT, alert_id};
use manifest::{Assessment, Ledger, Verdict};
use proptest::prelude::*;

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::InStep),
        (0..60_u32).prop_map(|hours| Verdict::Behind { commits: 1, or_more: false, hours }),
        Just(Verdict::Missing),
        Just(Verdict::Unknown),
        Just(Verdict::Unreachable { code: "503".to_owned() }),
    ]
}

/// One run: what it finds of two functions, and whether its alert goes out.
#[derive(Clone, Debug)]
struct Step {
    found: Vec<Option<Verdict>>,
    publishes: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let found = proptest::collection::vec(proptest::option::weighted(0.9, verdict()), 2);
    (found, any::<bool>()).prop_map(|(found, publishes)| Step { found, publishes })
}

fn assessments(step: &Step) -> Vec<Assessment> {
    let found = step.found.iter().zip(["a", "b"]);
    found.filter_map(|(verdict, name)| verdict.clone().map(|verdict| Assessment::new(name, verdict))).collect()
}

/// What a verdict is to whoever is told.
fn word(verdict: Option<&Verdict>) -> &'static str {
    verdict.map_or("gone", Verdict::name)
}

proptest! {
    #[test]
    fn whoever_reads_the_alerts_knows_the_last_verdicts(steps in proptest::collection::vec(step(), 1..30)) {
        let mut ledger = Ledger::default();
        let mut told: std::collections::BTreeMap<String, &'static str> = std::collections::BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            let now = Timestamp::from_second(i64::try_from(number).unwrap() * 3_600).unwrap();
            let run = number.to_string();
            ledger = ledger.after(&run, &assessments(step), now);
            // The same run again changes nothing.
            prop_assert_eq!(&ledger.clone().after(&run, &assessments(step), now), &ledger);
            let owed = ledger.owed();
            if step.publishes {
                ledger = ledger.claimed(&run, now).expect("nobody else publishes").told(&run, &owed);
                for change in &owed {
                    let before = told.insert(change.function.clone(), word(change.to.as_ref()));
                    prop_assert_ne!(before, Some(word(change.to.as_ref())), "told twice");
                }
                told.retain(|_, word| *word != "gone");
                prop_assert!(ledger.owed().is_empty());
            }
        }
        let now = Timestamp::from_second(1_000_000).unwrap();
        let owed = ledger.owed();
        ledger = ledger.claimed("last", now).expect("claims end").told("last", &owed);
        told.extend(owed.iter().map(|change| (change.function.clone(), word(change.to.as_ref()))));
        // What is gone is as if it had never been there: nobody is told when it comes back in step.
        told.retain(|_, word| *word != "gone");
        for (name, line) in &ledger.functions {
            let known = told.get(name).copied().unwrap_or("in_step");
            prop_assert_eq!(known, word(line.verdict.as_ref()), "{}", name);
        }
    }
}

#[test]
fn the_first_run_tells_of_what_is_wrong_and_not_of_what_is_in_step() {
    let found = [Assessment::new("a", Verdict::InStep), Assessment::new("b", Verdict::Missing)];
    let owed = Ledger::default().after("1", &found, Timestamp::UNIX_EPOCH).owed();
    let names: Vec<_> = owed.iter().map(|change| change.function.as_str()).collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn while_one_run_publishes_another_does_not_until_the_claim_ends() {
    let found = [Assessment::new("b", Verdict::Missing)];
    let start = Timestamp::UNIX_EPOCH;
    let ledger = Ledger::default().after("1", &found, start).claimed("1", start).unwrap();
    assert_eq!(ledger.clone().claimed("2", start), None);
    assert!(ledger.clone().claimed("1", start).is_some(), "repeated, it goes on");
    let later = Timestamp::from_second(i64::from(manifest::ledger::CLAIM_SECS)).unwrap();
    assert!(ledger.claimed("2", later).is_some());
}

#[test]
fn a_function_that_cannot_be_asked_is_told_of_at_the_third_run_and_the_count_begins_anew_in_between() {
    let unreachable = [Assessment::new("a", Verdict::Unreachable { code: "503".to_owned() })];
    let mut ledger = Ledger::default();
    for run in 1..UNREACHABLE_RUN_COUNT {
        ledger = ledger.after(&run.to_string(), &unreachable, Timestamp::UNIX_EPOCH);
        assert!(ledger.owed().is_empty(), "run {run}");
    }
    let answered = ledger.clone().after("x", &[Assessment::new("a", Verdict::InStep)], Timestamp::UNIX_EPOCH);
    assert!(answered.after("y", &unreachable, Timestamp::UNIX_EPOCH).owed().is_empty());
    assert_eq!(ledger.after("3", &unreachable, Timestamp::UNIX_EPOCH).owed().len(), 1);
}

#[test]
fn an_alert_keeps_its_id_when_it_is_repeated_and_another_has_another() {
    let missing = [Assessment::new("a", Verdict::Missing)];
    let first = Ledger::default().after("1", &missing, Timestamp::UNIX_EPOCH);
    let again = first.clone().after("2", &missing, Timestamp::from_second(60).unwrap());
    assert_eq!(alert_id(&first.owed()), alert_id(&again.owed()));
    let later = Ledger::default().after("1", &missing, Timestamp::from_second(60).unwrap());
    assert_ne!(alert_id(&first.owed()), alert_id(&later.owed()));
}
