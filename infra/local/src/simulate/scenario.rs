//! Small workloads in which every call, and every pair of calls, can be hit one after the other.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::option::{Confidence, Options};
use domain::service::ServiceCode;

use super::fault::Fault;
use super::outage::{Dependency, Outage};
use super::plan::Plan;
use super::secret;
use super::workload::{Stray, Target, Wish, Workload};

/// How often a reviewer looks: for as long as a fault may delay the review.
const LOOKS: u32 = 15;

/// How long dependencies are down in a scenario that says so, in milliseconds.
const DOWN_MS: i64 = 30 * 60 * 1_000;

/// A workload with a name.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) workload: Workload,
    /// Whether orders end the same whatever is hit, once or twice.
    pub(crate) steady: bool,
    /// Whether pairs of calls are hit as well: the others are too large for it.
    pub(crate) in_pairs: bool,
    /// Whether the run goes on until reconciliation has taken its turns.
    pub(crate) reconciles: bool,
    /// What is down from the start, for half an hour.
    pub(crate) down: &'static [Dependency],
}

impl Scenario {
    /// The plan that hits these calls of it.
    pub(crate) fn plan(&self, faults: BTreeMap<u64, Fault>) -> Plan {
        let outage = |dependency: &Dependency| Outage { dependency: *dependency, from_ms: 0, until_ms: DOWN_MS };
        Plan::Fixed(faults, self.down.iter().map(outage).collect())
    }
}

/// No scenario has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such scenario; the scenarios are {}", names().join(", "))]
pub struct UnknownScenario;

/// Names of all scenarios.
fn names() -> Vec<&'static str> {
    all().iter().map(|scenario| scenario.name).collect()
}

/// The scenarios of `name`, or all.
pub(crate) fn chosen(name: Option<&str>) -> Result<Vec<Scenario>, UnknownScenario> {
    let mut all = all();
    all.retain(|scenario| name.is_none_or(|name| scenario.name == name));
    if all.is_empty() { Err(UnknownScenario) } else { Ok(all) }
}

/// All scenarios.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = vec![
        of("canary", canary(0, &[])),
        of("fan-in", canary(3, &[2])),
        of("sole", canary(1, &[])),
        of("failing", canary(2, &[1, 2])),
        of("cma", cma(false, false)),
        of("cma-broken-file", cma(false, true)),
        of("cma-review", Wish { looks: LOOKS, decides: true, ..cma(true, false) }),
        of("cma-resume", Wish { looks: LOOKS, ..cma(true, false) }),
        of("cma-regenerate", Wish { looks: 1, regenerates: true, ..cma(false, false) }),
        of("cancel", Wish { cancel_after_ms: Some(400), ..canary(2, &[]) }),
        of("retry", Wish { looks: 1, ..canary(1, &[1]) }),
        of("twice", Wish { again_after_ms: Some(50), ..canary(0, &[]) }),
        of("not-offered", Wish { service: ServiceCode::Underwriting, ..canary(1, &[]) }),
        of("unacceptable", Wish { service: ServiceCode::Cma, ..canary(0, &[]) }),
    ];
    for (name, queue, body) in strays() {
        let strays = vec![Stray { at_ms: 100, queue, body }];
        all.push(Scenario { workload: Workload { strays, ..Workload::default() }, ..of(name, canary(0, &[])) });
    }
    let died = Stray {
        at_ms: 100,
        queue: Target::DeadLettersOf("ExtractQueue"),
        body: starts(canary(0, &[]).order, "extract"),
    };
    let beside = of("dead-letter", canary(0, &[]));
    all.push(Scenario { workload: Workload { strays: vec![died], ..beside.workload.clone() }, ..beside });
    all.push(Scenario { down: &[Dependency::BackupBucket], ..of("without-backup", canary(2, &[1])) });
    let both = &[Dependency::BackupBucket, Dependency::Sns];
    all.push(Scenario { down: both, ..of("without-backup-and-alerts", canary(2, &[1])) });
    let removed = of("removed", Wish { remove_after_ms: Some(250), ..canary(2, &[1]) });
    all.push(Scenario { workload: Workload { until_reconciled: true, ..removed.workload.clone() }, ..removed });
    let reconcile = Workload { until_reconciled: true, ..of("reconcile", canary(2, &[1])).workload };
    all.push(Scenario { workload: reconcile, reconciles: true, ..of("reconcile", canary(0, &[])) });
    for scenario in &mut all {
        scenario.in_pairs = matches!(scenario.name, "canary" | "fan-in" | "failing" | "sole" | "cancel" | "unreadable");
        // What a cancellation or a removal still meets depends on when it comes.
        scenario.steady = !matches!(scenario.name, "cancel" | "removed");
    }
    all
}

/// Texts that somebody puts into queues beside an order: those that are no messages, those that name no order, and messages
/// that died before.
fn strays() -> Vec<(&'static str, Target, String)> {
    let (nobody, other) = (OrderId::from_parts(1, 1), OrderId::from_parts(1_767_603_600_000, 8));
    let unreadable = format!("no message, {}", secret::TOKEN);
    let submission = format!(
        "{{\"schema\":1,\"command_id\":\"died\",\"order_id\":\"{other}\",\"firm_id\":\"alpha\",\"command\":\"submit\",\
         \"service_code\":\"CANARY\",\"documents\":0,\"options\":{{}}}}"
    );
    vec![
        ("unreadable", Target::Of("ClassifyQueue"), unreadable.clone()),
        ("unreadable-command", Target::Of("CommandQueue"), unreadable.clone()),
        ("unreadable-letter", Target::DeadLettersOf("ReviewQueue"), unreadable),
        ("gone", Target::Of("ClassifyQueue"), starts(nobody, "classify")),
        ("gone-letter", Target::DeadLettersOf("ClassifyQueue"), starts(nobody, "classify")),
        ("dead-command", Target::DeadLettersOf("CommandQueue"), submission),
    ]
}

/// The message that starts `phase` of an order's first run.
fn starts(order: OrderId, phase: &str) -> String {
    format!(
        "{{\"schema\":1,\"order_id\":\"{order}\",\"firm_id\":\"alpha\",\"run\":1,\"phase\":\"{phase}\",\
         \"correlation_id\":\"stray\"}}"
    )
}

fn of(name: &'static str, wish: Wish) -> Scenario {
    let workload = Workload { wishes: vec![wish], ..Workload::default() };
    Scenario { name, workload, steady: true, in_pairs: false, reconciles: false, down: &[] }
}

fn canary(documents: u32, failing: &[u32]) -> Wish {
    let canary_failures: BTreeSet<_> = DocumentNumber::all(documents).filter(|d| failing.contains(&d.get())).collect();
    Wish {
        firm: FirmId::try_from("alpha".to_owned()).unwrap_or_else(|_| unreachable!("a valid firm id")),
        order: OrderId::from_parts(1_767_603_600_000, 7),
        service: ServiceCode::Canary,
        files: Vec::new(),
        documents,
        options: Options { canary_failures, ..Options::default() },
        at_ms: 0,
        again_after_ms: None,
        cancel_after_ms: None,
        remove_after_ms: None,
        looks: 0,
        decides: false,
        regenerates: false,
    }
}

fn cma(waits: bool, broken: bool) -> Wish {
    let mut wish = Wish { service: ServiceCode::Cma, ..canary(0, &[]) };
    wish.files = vec![(secret::file_name(1), secret::statement(waits))];
    if broken {
        wish.files.push((secret::file_name(2), secret::broken()));
    }
    wish.documents = u32::try_from(wish.files.len()).unwrap_or(0);
    wish.options.skip_review = !waits;
    if waits && let Ok(all) = Confidence::try_from(1.0) {
        wish.options.auto_approve_above = all;
    }
    wish
}
