//! Outage drills: takes each dependency, each pair and each triple down for an hour, loses the answers of each for an hour, and
//! checks that accepted orders then continue.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::id::OrderId;
use domain::status::Status;
use strum::IntoEnumIterator as _;

use crate::judge::violation::{Kind, Violation};
use crate::mode::report::{Case, Drill, Report};
use crate::mode::workers::{self, Progress};
use crate::plan::fault_plan::FaultPlan;
use crate::plan::outage::{Dependency, Outage};
use crate::plan::workload::{ARRIVAL_MS_MAX, OrderPlan, Workload};

/// Start of the outage: two minutes after the first order.
const FROM_MS: i64 = 2 * 60 * 1_000;
/// Length of the outage.
const LENGTH_MS: i64 = 60 * 60 * 1_000;
/// How long orders arrive, in milliseconds, and how much of that before the outage. An order takes about two seconds.
const ARRIVALS_MS: u64 = 4_500;
const ARRIVALS_BEFORE_MS: u64 = 3_000;
/// The seed of the workload.
const SEED: u64 = 2_026;

/// Runs every drill with `orders` orders.
#[must_use]
pub fn outages(orders: usize) -> Report {
    let drills = all();
    let mut workload = Workload { strays: Vec::new(), ..Workload::of(SEED, orders) };
    for plan in &mut workload.orders {
        plan.at_ms = arrival(plan.at_ms);
    }
    let undisturbed = Mutex::new(None);
    let tally = workers::run(&drills, None, false, &Progress::default(), |runner, drill, tally| {
        let undisturbed: BTreeMap<OrderId, Status> = {
            let mut known = undisturbed.lock().unwrap_or_else(PoisonError::into_inner);
            let run = || runner.run(SEED, &workload, &FaultPlan::Drill(Vec::new())).ended;
            known.get_or_insert_with(run).clone()
        };
        let mut outcome = runner.run(SEED, &workload, &FaultPlan::Drill(drill.clone()));
        outcome.violations.extend(other_endings(&workload, &outcome.ended, &undisturbed));
        let names: Vec<String> = drill.iter().map(Outage::name).collect();
        let down = if names.is_empty() { "nothing".to_owned() } else { names.join(" and ") };
        let ended = |status: &str| outcome.endings.get(status).copied().unwrap_or(0);
        tally.drills.push(Drill {
            down: down.clone(),
            orders: outcome.accepted,
            completed: ended("COMPLETED"),
            failed: ended("FAILED"),
            rest_seconds: u64::try_from(outcome.rest_ms / 1_000).unwrap_or(0),
        });
        if !outcome.violations.is_empty() {
            let replay = format!("docket simulate --mode outages --orders {orders}");
            tally.cases.push(Case { seed: None, replay, faults: vec![down], violations: outcome.violations.clone() });
        }
        tally.add(outcome);
    });
    let mut report = tally.report("outages");
    report.drills.sort_by(|a, b| a.down.len().cmp(&b.down.len()).then(a.down.cmp(&b.down)));
    report
}

/// When an order of the workload arrives in a drill: most are in progress when the dependency goes away, a third comes later.
fn arrival(at_ms: u64) -> u64 {
    FROM_MS.unsigned_abs() - ARRIVALS_BEFORE_MS + at_ms * ARRIVALS_MS / ARRIVAL_MS_MAX
}

/// Orders that ended differently than with nothing down, among those that nobody touches while they are in progress. What
/// people do at a certain time meets an order in another state when a dependency is down; its failures are judged by
/// themselves.
fn other_endings(
    workload: &Workload,
    ended: &BTreeMap<OrderId, Status>,
    undisturbed: &BTreeMap<OrderId, Status>,
) -> Vec<Violation> {
    let untouched = workload.orders.iter().filter(|plan| {
        plan.looks == 0 && plan.cancel_after_ms.is_none() && plan.remove_after_ms.is_none() && plan.given.is_empty()
    });
    let differing = untouched.filter(|plan| ended.get(&plan.id) != undisturbed.get(&plan.id));
    let violation = |plan: &OrderPlan| {
        let status =
            |ends: &BTreeMap<OrderId, Status>| ends.get(&plan.id).map_or("gone".to_owned(), ToString::to_string);
        let text = format!("{} ends as {}, with nothing down as {}", plan.id, status(ended), status(undisturbed));
        Violation::new(Kind::Broken, "I1", text)
    };
    differing.map(violation).collect()
}

/// No dependency, each one, each pair and each triple down, and the answers of each one lost.
fn all() -> Vec<Vec<Outage>> {
    let outage =
        |dependency, answers_only| Outage { dependency, from_ms: FROM_MS, until_ms: FROM_MS + LENGTH_MS, answers_only };
    let mut all: Vec<Vec<Outage>> = vec![Vec::new()];
    for dependency in Dependency::iter() {
        let down = outage(dependency, false);
        let with: Vec<_> =
            all.iter().filter(|some| some.len() < 3).map(|some| [some.as_slice(), &[down]].concat()).collect();
        all.extend(with);
    }
    all.extend(Dependency::iter().map(|dependency| vec![outage(dependency, true)]));
    all
}
