//! Over random histories, every change is reported, none twice, and no failed publication loses one.

use drift::model::ledger::{CLAIM_SECS, UNREACHABLE_RUN_COUNT, alert_id};
use drift::{Assessment, Ledger, Verdict};
use jiff::Timestamp;
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

/// One run: what it finds of two functions, and whether its alert is published.
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

/// A verdict as a reader of the alerts knows it.
fn word(verdict: Option<&Verdict>) -> &'static str {
    verdict.map_or("gone", |verdict| verdict.kind().name())
}

proptest! {
    #[test]
    fn a_reader_of_the_alerts_knows_the_last_verdicts(steps in proptest::collection::vec(step(), 1..30)) {
        let mut ledger = Ledger::default();
        let mut known: std::collections::BTreeMap<String, &'static str> = std::collections::BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            let now = Timestamp::from_second(i64::try_from(number).unwrap() * 3_600).unwrap();
            let run = number.to_string();
            ledger = ledger.after(&run, &assessments(step), now);
            // The same run again changes nothing.
            prop_assert_eq!(&ledger.clone().after(&run, &assessments(step), now), &ledger);
            let changes = ledger.unreported();
            if step.publishes {
                ledger = ledger.claimed(&run, now).expect("no other run publishes").reported(&run, &changes);
                for change in &changes {
                    let before = known.insert(change.function.clone(), word(change.to.as_ref()));
                    prop_assert_ne!(before, Some(word(change.to.as_ref())), "reported twice");
                }
                known.retain(|_, word| *word != "gone");
                prop_assert!(ledger.unreported().is_empty());
            }
        }
        let now = Timestamp::from_second(1_000_000).unwrap();
        let changes = ledger.unreported();
        ledger = ledger.claimed("last", now).expect("claims end").reported("last", &changes);
        known.extend(changes.iter().map(|change| (change.function.clone(), word(change.to.as_ref()))));
        // A function that is gone counts as never seen: it is not reported when it comes back in step.
        known.retain(|_, word| *word != "gone");
        for (name, state) in &ledger.functions {
            let last = known.get(name).copied().unwrap_or("in_step");
            prop_assert_eq!(last, word(state.verdict.as_ref()), "{}", name);
        }
    }
}

#[test]
fn the_first_run_reports_what_is_wrong_and_not_what_is_in_step() {
    let found = [Assessment::new("a", Verdict::InStep), Assessment::new("b", Verdict::Missing)];
    let changes = Ledger::default().after("1", &found, Timestamp::UNIX_EPOCH).unreported();
    let names: Vec<_> = changes.iter().map(|change| change.function.as_str()).collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn while_one_run_publishes_another_does_not_until_the_claim_ends() {
    let found = [Assessment::new("b", Verdict::Missing)];
    let start = Timestamp::UNIX_EPOCH;
    let ledger = Ledger::default().after("1", &found, start).claimed("1", start).unwrap();
    assert_eq!(ledger.clone().claimed("2", start), None);
    assert!(ledger.clone().claimed("1", start).is_some(), "a repeated run continues");
    let later = Timestamp::from_second(i64::from(CLAIM_SECS)).unwrap();
    assert!(ledger.claimed("2", later).is_some());
}

#[test]
fn an_unreachable_function_is_reported_at_the_third_run_and_an_answer_resets_the_count() {
    let unreachable = [Assessment::new("a", Verdict::Unreachable { code: "503".to_owned() })];
    let mut ledger = Ledger::default();
    for run in 1..UNREACHABLE_RUN_COUNT {
        ledger = ledger.after(&run.to_string(), &unreachable, Timestamp::UNIX_EPOCH);
        assert!(ledger.unreported().is_empty(), "run {run}");
    }
    let answered = ledger.clone().after("x", &[Assessment::new("a", Verdict::InStep)], Timestamp::UNIX_EPOCH);
    assert!(answered.after("y", &unreachable, Timestamp::UNIX_EPOCH).unreported().is_empty());
    assert_eq!(ledger.after("3", &unreachable, Timestamp::UNIX_EPOCH).unreported().len(), 1);
}

#[test]
fn an_alert_keeps_its_id_when_it_is_repeated_and_other_changes_have_another_id() {
    let missing = [Assessment::new("a", Verdict::Missing)];
    let first = Ledger::default().after("1", &missing, Timestamp::UNIX_EPOCH);
    let repeated = first.clone().after("2", &missing, Timestamp::from_second(60).unwrap());
    assert_eq!(alert_id(&first.unreported()), alert_id(&repeated.unreported()));
    let later = Ledger::default().after("1", &missing, Timestamp::from_second(60).unwrap());
    assert_ne!(alert_id(&first.unreported()), alert_id(&later.unreported()));
}

#[test]
fn the_stored_layout_stays_as_it_is() {
    let found = [Assessment::new("a", Verdict::InStep), Assessment::new("b", Verdict::Missing)];
    let ledger =
        Ledger::default().after("1", &found, Timestamp::UNIX_EPOCH).claimed("1", Timestamp::UNIX_EPOCH).unwrap();
    let text = concat!(
        r#"{"schema":1,"functions":{"#,
        r#""a":{"verdict":{"kind":"in_step"},"since":"1970-01-01T00:00:00Z","told":{"kind":"in_step"},"#,
        r#""unreachable_runs":0,"unreachable_in":null},"#,
        r#""b":{"verdict":{"kind":"missing"},"since":"1970-01-01T00:00:00Z","told":{"kind":"in_step"},"#,
        r#""unreachable_runs":0,"unreachable_in":null}},"#,
        r#""claim":{"run":"1","until":"1970-01-01T00:01:00Z"}}"#,
    );
    assert_eq!(serde_json::to_string(&ledger).unwrap(), text);
    assert_eq!(serde_json::from_str::<Ledger>(text).unwrap(), ledger);
}
