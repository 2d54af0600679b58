//! Scenarios: workloads small enough to try every call, every pair of calls or every order of calls.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use domain::message::Command;
use domain::option::{Confidence, Options};
use domain::service::ServiceCode;

use crate::plan::fault::Fault;
use crate::plan::fault_plan::FaultPlan;
use crate::plan::mark;
use crate::plan::outage::{Dependency, Outage};
use crate::plan::workload::{Habits, OrderPlan, Stray, Target, Workload};

/// How often a reviewer checks an order: enough for the review that a fault delays most.
const LOOKS: u32 = 15;

/// How long the dependencies of a scenario are down, in milliseconds.
const DOWN_MS: i64 = 30 * 60 * 1_000;

/// Time after which an order of these scenarios has ended or waits, in milliseconds from its submission.
const SETTLED_MS: u64 = 60_000;

/// A workload with a name.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) workload: Workload,
    /// Whether every order ends the same way, whichever one or two calls are hit.
    pub(crate) steady: bool,
    /// Whether it is small enough for pairs of calls.
    pub(crate) in_pairs: bool,
    /// Whether reconciliation's calls are the ones to hit.
    pub(crate) reconciles: bool,
    /// What is down for the first half hour.
    pub(crate) down: &'static [Dependency],
    /// In how many places the order of calls may differ from that of their arrival; any number if `None`.
    pub(crate) departures_max: Option<usize>,
}

impl Scenario {
    /// The plan that hits these calls.
    pub(crate) fn plan(&self, faults: BTreeMap<u64, Fault>) -> FaultPlan {
        let outage = |dependency: &Dependency| Outage {
            dependency: *dependency,
            from_ms: 0,
            until_ms: DOWN_MS,
            answers_only: false,
        };
        FaultPlan::Fixed(faults, self.down.iter().map(outage).collect())
    }
}

/// No scenario has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such scenario; the scenarios are {}", names().join(", "))]
pub struct UnknownScenario;

/// Names of all scenarios.
fn names() -> Vec<&'static str> {
    all().iter().chain(&concurrent()).map(|scenario| scenario.name).collect()
}

/// The scenario called `name`, or all when no name is given.
pub(crate) fn chosen(mut all: Vec<Scenario>, name: Option<&str>) -> Result<Vec<Scenario>, UnknownScenario> {
    all.retain(|scenario| name.is_none_or(|name| scenario.name == name));
    if all.is_empty() { Err(UnknownScenario) } else { Ok(all) }
}

/// All scenarios.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = vec![
        of("canary", canary(0, &[])),
        of("fan-in", canary(3, &[2])),
        of("fan-in-apart", canary(3, &[2])),
        of("sole", canary(1, &[])),
        of("failing", canary(2, &[1, 2])),
        of("cma", cma(false, false)),
        of("cma-broken-file", cma(false, true)),
        of("cma-review", OrderPlan { looks: LOOKS, decides: true, ..cma(true, false) }),
        of(
            "cma-decided",
            OrderPlan {
                looks: LOOKS,
                decides: true,
                habits: Habits { leaves_out: true, ..Habits::default() },
                ..cma(true, false)
            },
        ),
        of("cma-resume", OrderPlan { looks: LOOKS, ..cma(true, false) }),
        of("cma-regenerate", OrderPlan { looks: 1, regenerates: true, ..cma(false, false) }),
        of(
            "cma-replaced",
            OrderPlan {
                looks: 1,
                regenerates: true,
                habits: Habits { replaces_file: true, ..Habits::default() },
                ..cma(false, false)
            },
        ),
        of("cancel", OrderPlan { cancel_after_ms: Some(400), ..canary(2, &[]) }),
        of("retry", OrderPlan { looks: 1, ..canary(1, &[1]) }),
        of("twice", OrderPlan { again_after_ms: Some(50), ..canary(0, &[]) }),
        of("not-offered", OrderPlan { service: ServiceCode::Underwriting, ..canary(1, &[]) }),
        of("unacceptable", OrderPlan { service: ServiceCode::Cma, ..canary(0, &[]) }),
    ];
    for (name, queue, body) in strays() {
        let strays = vec![Stray { at_ms: 100, queue, body }];
        all.push(Scenario { workload: Workload { strays, ..Workload::default() }, ..of(name, canary(0, &[])) });
    }
    let order = canary(0, &[]).id;
    all.push(beside("dead-letter", 100, Target::DeadLettersOf("ExtractQueue"), starts(order, "extract")));
    all.push(beside("id-taken", 100, Target::Of("CommandQueue"), submits(order, 2)));
    all.push(Scenario { down: &[Dependency::BackupBucket], ..of("without-backup", canary(2, &[1])) });
    let both = &[Dependency::BackupBucket, Dependency::Sns];
    all.push(Scenario { down: both, ..of("without-backup-and-alerts", canary(2, &[1])) });
    let removed = of("removed", OrderPlan { remove_after_ms: Some(250), ..canary(2, &[1]) });
    all.push(Scenario { workload: Workload { until_reconciled: true, ..removed.workload.clone() }, ..removed });
    let reconcile = Workload { until_reconciled: true, ..of("reconcile", canary(2, &[1])).workload };
    all.push(Scenario { workload: reconcile, reconciles: true, ..of("reconcile", canary(0, &[])) });
    for scenario in &mut all {
        scenario.workload.documents_at_once = (scenario.name == "fan-in-apart").then_some(1);
        scenario.in_pairs = matches!(
            scenario.name,
            "canary" | "fan-in" | "fan-in-apart" | "failing" | "sole" | "cancel" | "unreadable"
        );
        // The ending depends on when the cancellation or the removal happens.
        scenario.steady = !matches!(scenario.name, "cancel" | "removed");
    }
    all
}

/// Scenarios in which invocations work on one order at the same time, small enough to try every order of their calls.
pub(crate) fn concurrent() -> Vec<Scenario> {
    let run = RunNumber::FIRST;
    let (resumed, decided) = (Command::Resume { run }, Command::ReviewDecided { run });
    let (retried, regenerated) =
        (Command::Retry { run, start_from: None }, Command::Regenerate { run, start_from: None });
    let early = |plan: OrderPlan, command: &Command| OrderPlan { given: vec![(0, command.clone())], ..plan };
    // Both commands arrive once the order has ended or waits.
    let late = |plan: OrderPlan, one: &Command, other: &Command| OrderPlan {
        given: vec![(SETTLED_MS, one.clone()), (SETTLED_MS, other.clone())],
        ..plan
    };
    let cancelled = &Command::Cancel { run: None };
    let mut all = vec![
        of("two-documents", canary(2, &[])),
        of("two-documents-one-fails", canary(2, &[1])),
        of("three-documents", canary(3, &[])),
        of("four-documents", canary(4, &[])),
        of("submitted-twice", OrderPlan { again_after_ms: Some(0), ..canary(0, &[]) }),
        of("cancelled", early(canary(0, &[]), cancelled)),
        of("cancelled-among-documents", early(canary(2, &[]), cancelled)),
        of("retried", early(canary(1, &[1]), &retried)),
        of("retried-twice", late(canary(1, &[1]), &retried, &retried)),
        of("retried-and-cancelled", late(canary(1, &[1]), &retried, cancelled)),
        of("resumed", early(cma(true, false), &resumed)),
        of("resumed-twice", late(cma(true, false), &resumed, &resumed)),
        of("resumed-and-decided", late(cma(true, false), &resumed, &decided)),
        of("resumed-and-cancelled", late(cma(true, false), &resumed, cancelled)),
        of("regenerated-twice", late(cma(false, false), &regenerated, &regenerated)),
    ];
    let order = canary(0, &[]).id;
    all.extend([
        beside("delivered-twice", 0, Target::Of("ExtractQueue"), starts(order, "extract")),
        beside("died-at-work", 0, Target::DeadLettersOf("ExtractQueue"), starts(order, "extract")),
        beside("classified-twice", 0, Target::Of("ClassifyQueue"), starts(order, "classify")),
    ]);
    for scenario in &mut all {
        // Invocations compete only if documents of one order reach several of them.
        scenario.workload.documents_at_once = Some(1);
        // Each of these has tens of thousands of orders of calls, or millions.
        scenario.departures_max = match scenario.name {
            "cancelled" | "retried" | "retried-and-cancelled" => Some(3),
            "cancelled-among-documents" | "retried-twice" | "three-documents" => Some(3),
            // Their reviews owe a notice, whose claim competes with the commands.
            "resumed" | "resumed-twice" | "resumed-and-decided" | "resumed-and-cancelled" => Some(3),
            "four-documents" => Some(2),
            _ => None,
        };
        // The ending depends on when the commands arrive.
        scenario.steady = scenario.workload.orders.iter().all(|plan| plan.given.is_empty());
    }
    all
}

/// Stray messages sent during an order: texts that are not messages, messages of unknown orders, and dead letters.
fn strays() -> Vec<(&'static str, Target, String)> {
    let (nobody, other) = (OrderId::from_parts(1, 1), OrderId::from_parts(1_767_603_600_000, 8));
    let unreadable = format!("no message, {}", mark::TOKEN);
    vec![
        ("unreadable", Target::Of("ClassifyQueue"), unreadable.clone()),
        ("unreadable-command", Target::Of("CommandQueue"), unreadable.clone()),
        ("unreadable-letter", Target::DeadLettersOf("ReviewQueue"), unreadable),
        ("gone", Target::Of("ClassifyQueue"), starts(nobody, "classify")),
        ("gone-letter", Target::DeadLettersOf("ClassifyQueue"), starts(nobody, "classify")),
        ("dead-command", Target::DeadLettersOf("CommandQueue"), submits(other, 0)),
    ]
}

/// The command that submits a canary of `documents` documents as `order`.
fn submits(order: OrderId, documents: u32) -> String {
    format!(
        "{{\"schema\":1,\"command_id\":\"stray\",\"order_id\":\"{order}\",\"firm_id\":\"alpha\",\
         \"command\":\"submit\",\"service_code\":\"CANARY\",\"documents\":{documents},\"options\":{{}}}}"
    )
}

/// A canary and a stray message.
fn beside(name: &'static str, at_ms: u64, queue: Target, body: String) -> Scenario {
    let scenario = of(name, canary(0, &[]));
    let strays = vec![Stray { at_ms, queue, body }];
    Scenario { workload: Workload { strays, ..scenario.workload.clone() }, ..scenario }
}

/// The message that starts `phase` of an order's first run.
fn starts(order: OrderId, phase: &str) -> String {
    format!(
        "{{\"schema\":1,\"order_id\":\"{order}\",\"firm_id\":\"alpha\",\"run\":1,\"phase\":\"{phase}\",\
         \"correlation_id\":\"stray\"}}"
    )
}

fn of(name: &'static str, plan: OrderPlan) -> Scenario {
    let workload = Workload { orders: vec![plan], ..Workload::default() };
    Scenario { name, workload, steady: true, in_pairs: false, reconciles: false, down: &[], departures_max: None }
}

fn canary(documents: u32, failing: &[u32]) -> OrderPlan {
    let canary_failures: BTreeSet<_> = DocumentNumber::all(documents).filter(|d| failing.contains(&d.get())).collect();
    OrderPlan {
        firm: FirmId::try_from("alpha".to_owned()).unwrap_or_else(|_| unreachable!("a valid firm id")),
        id: OrderId::from_parts(1_767_603_600_000, 7),
        service: ServiceCode::Canary,
        files: Vec::new(),
        documents,
        options: Options { canary_failures, ..Options::default() },
        at_ms: 0,
        again_after_ms: None,
        cancel_after_ms: None,
        remove_after_ms: None,
        given: Vec::new(),
        looks: 0,
        decides: false,
        regenerates: false,
        habits: Habits::default(),
        kills: None,
        desk: None,
    }
}

fn cma(waits: bool, broken: bool) -> OrderPlan {
    let mut plan = OrderPlan { service: ServiceCode::Cma, ..canary(0, &[]) };
    plan.files = vec![(mark::file_name(1), mark::statement(waits, 0))];
    if broken {
        plan.files.push((mark::file_name(2), mark::broken()));
    }
    plan.documents = u32::try_from(plan.files.len()).unwrap_or(0);
    plan.options.skip_review = !waits;
    if waits && let Ok(all) = Confidence::try_from(1.0) {
        plan.options.auto_approve_above = all;
    }
    plan
}
