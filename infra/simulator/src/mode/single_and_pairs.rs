//! Single faults and pairs: injects every fault at every call, one or two at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use strum::IntoEnumIterator as _;

use crate::judge::observed::{Point, RECONCILE};
use crate::judge::violation::{Kind, Violation};
use crate::mode::report::{Case, Report, Tally};
use crate::mode::workers::{self, Progress};
use crate::plan::fault::Fault;
use crate::plan::mistake::Mistake;
use crate::plan::scenario::{self, Scenario, UnknownScenario, chosen};
use crate::world::run::{Outcome, Runner};

/// Which part of a sweep is run.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    /// Only this part of the runs: part and number of parts.
    pub share: Option<(u64, u64)>,
    /// Only this scenario.
    pub scenario: Option<String>,
    /// Only these faults, by number of the call.
    pub faults: Option<BTreeMap<u64, Fault>>,
    /// Only this order of calls: which of the waiting calls proceeds, each time several wait.
    pub call_order: Option<Vec<usize>>,
    /// A mistake to make in the functions.
    pub mistake: Option<Mistake>,
    /// How many runs execute at once; one per core if `None`.
    pub threads: Option<usize>,
    /// Where progress is reported.
    pub progress: Progress,
}

impl Sweep {
    /// Keeps the jobs that belong to this part of the runs.
    pub(crate) fn keep_share<T>(&self, jobs: &mut Vec<T>) {
        let mut index = 0_u64..;
        let is_kept = |index: u64| self.share.is_none_or(|(part, of)| index % of == part - 1);
        jobs.retain(|_| index.next().is_some_and(is_kept));
    }
}

/// A scenario with its first fault.
struct Job {
    scenario: usize,
    faults: BTreeMap<u64, Fault>,
    after: u64,
}

/// A scenario and its run without faults.
struct Known {
    scenario: Scenario,
    points: Vec<Point>,
    endings: BTreeMap<String, u64>,
}

/// Injects every fault at every call of every scenario. A call that is only made after a fault is hit by a second fault, in
/// the first run that made it.
///
/// # Errors
/// When no scenario has the name that is asked for.
pub fn single(sweep: &Sweep) -> Result<Report, UnknownScenario> {
    let known = run_undisturbed(sweep)?;
    let mut jobs = jobs(sweep, &known, |_| true);
    let is_whole = sweep.share.is_none() && sweep.faults.is_none();
    let mut total = Tally::default();
    while !jobs.is_empty() {
        let made = Mutex::new(BTreeMap::new());
        let indexes: Vec<usize> = (0..jobs.len()).collect();
        let tally = workers::run(&indexes, sweep.threads, false, &sweep.progress, |runner, index, tally| {
            runner.mistake = sweep.mistake;
            let job = &jobs[*index];
            let outcome = run(runner, &known[job.scenario], &job.faults, tally);
            record_calls(&mut made.lock().unwrap_or_else(PoisonError::into_inner), *index, job.after, &outcome);
        });
        total.merge(tally);
        jobs = if is_whole {
            missing_jobs(&jobs, &total, &made.into_inner().unwrap_or_else(PoisonError::into_inner))
        } else {
            Vec::new()
        };
    }
    let uncovered = if is_whole { uncovered_cells(&total) } else { Vec::new() };
    Ok(Report { uncovered, ..total.report("single") })
}

/// Where each call was first made: the index of the job and the number of the call.
type Made = BTreeMap<(String, String), (usize, u64)>;

/// Records the calls that a run made after its last fault.
fn record_calls(made: &mut Made, index: usize, after: u64, outcome: &Outcome) {
    for point in outcome.points.iter().filter(|point| point.number > after) {
        let here = (index, point.number);
        made.entry(point.cell()).and_modify(|first| *first = here.min(*first)).or_insert(here);
    }
}

/// Runs whose additional fault hits the calls that were made but not hit yet.
fn missing_jobs(jobs: &[Job], tally: &Tally, made: &Made) -> Vec<Job> {
    let mut next = Vec::new();
    for ((function, call), (index, number)) in made {
        for fault in untried_faults(tally, function, call) {
            let job = &jobs[*index];
            let mut faults = job.faults.clone();
            faults.insert(*number, fault);
            next.push(Job { scenario: job.scenario, faults, after: *number });
        }
    }
    next
}

/// Runs every ordered pair of calls of the small scenarios with every pair of faults.
///
/// # Errors
/// When no scenario has the name that is asked for.
pub fn pairs(sweep: &Sweep) -> Result<Report, UnknownScenario> {
    let known = run_undisturbed(sweep)?;
    let jobs = jobs(sweep, &known, |scenario| scenario.in_pairs || sweep.scenario.is_some());
    let tally = workers::run(&jobs, sweep.threads, false, &sweep.progress, |runner, job, tally| {
        runner.mistake = sweep.mistake;
        let known = &known[job.scenario];
        let first = run(runner, known, &job.faults, tally);
        for (number, fault) in hits(known, &first).filter(|(number, _)| *number > job.after) {
            let mut faults = job.faults.clone();
            faults.insert(number, fault);
            run(runner, known, &faults, tally);
        }
    });
    Ok(tally.report("pairs"))
}

fn run_undisturbed(sweep: &Sweep) -> Result<Vec<Known>, UnknownScenario> {
    let scenarios = chosen(scenario::all(), sweep.scenario.as_deref())?;
    let known = Mutex::new(BTreeMap::new());
    let indexes: Vec<usize> = (0..scenarios.len()).collect();
    workers::run(&indexes, sweep.threads, false, &sweep.progress, |runner, index, _| {
        let scenario = scenarios[*index].clone();
        let outcome = runner.run(0, &scenario.workload, &scenario.plan(BTreeMap::new()));
        let known_scenario = Known { scenario, points: outcome.points, endings: outcome.endings };
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(*index, known_scenario);
    });
    Ok(known.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
}

fn jobs(sweep: &Sweep, known: &[Known], wanted: impl Fn(&Scenario) -> bool) -> Vec<Job> {
    if let Some(faults) = &sweep.faults {
        let after = faults.keys().next_back().copied().unwrap_or(0);
        return vec![Job { scenario: 0, faults: faults.clone(), after }];
    }
    let mut jobs = Vec::new();
    for (index, known) in known.iter().enumerate().filter(|(_, known)| wanted(&known.scenario)) {
        for point in targets(&known.scenario, &known.points) {
            for fault in Fault::iter().filter(|fault| fault.applies(&point.operation, true)) {
                jobs.push(Job {
                    scenario: index,
                    faults: BTreeMap::from([(point.number, fault)]),
                    after: point.number,
                });
            }
        }
    }
    sweep.keep_share(&mut jobs);
    jobs
}

/// The calls to hit. Those of reconciliation are hit only in scenarios about it.
fn targets<'a>(scenario: &'a Scenario, points: &'a [Point]) -> impl Iterator<Item = &'a Point> {
    points.iter().filter(|point| (&*point.function == RECONCILE) == scenario.reconciles)
}

fn hits<'a>(known: &'a Known, outcome: &'a Outcome) -> impl Iterator<Item = (u64, Fault)> + 'a {
    targets(&known.scenario, &outcome.points).flat_map(|point| {
        let applies = move |fault: &Fault| fault.applies(&point.operation, true);
        Fault::iter().filter(applies).map(|fault| (point.number, fault))
    })
}

fn run(runner: &Runner, known: &Known, faults: &BTreeMap<u64, Fault>, tally: &mut Tally) -> Outcome {
    let mut outcome = runner.run(0, &known.scenario.workload, &known.scenario.plan(faults.clone()));
    if known.scenario.steady {
        outcome.violations.extend(other_endings(&outcome.endings, &known.endings));
    }
    if !outcome.violations.is_empty() {
        let plan: Vec<String> = faults.iter().map(|(number, fault)| format!("{number}:{fault}")).collect();
        tally.cases.push(Case {
            seed: None,
            replay: format!(
                "docket simulate --mode single --scenario {} --faults {}",
                known.scenario.name,
                plan.join(",")
            ),
            faults: outcome.injected.iter().map(|injected| injected.what.clone()).collect(),
            violations: outcome.violations.clone(),
        });
    }
    tally.add(outcome.clone());
    outcome
}

/// A violation if orders end differently than without faults.
pub(crate) fn other_endings(endings: &BTreeMap<String, u64>, undisturbed: &BTreeMap<String, u64>) -> Option<Violation> {
    let text = || format!("orders end as {endings:?}, without faults as {undisturbed:?}");
    (endings != undisturbed).then(|| Violation::new(Kind::Broken, "I1", text()))
}

/// Cells of calls that functions made but that a fault did not hit.
fn uncovered_cells(tally: &Tally) -> Vec<String> {
    let calls = tally.coverage.keys().filter(|(function, _, _)| function.ends_with("Function"));
    let made: BTreeSet<(&String, &String)> = calls.map(|(function, call, _)| (function, call)).collect();
    let cells = made.into_iter().flat_map(|(function, call)| {
        untried_faults(tally, function, call).map(move |fault| format!("{function} {call} {fault}"))
    });
    cells.collect()
}

/// The faults that have not hit `call` of `function`.
fn untried_faults<'a>(tally: &'a Tally, function: &'a str, call: &'a str) -> impl Iterator<Item = Fault> + 'a {
    let operation = call.split(':').nth(1).unwrap_or_default();
    let applies = Fault::iter().filter(move |fault| fault.applies(operation, true));
    applies.filter(move |fault| !tally.coverage.contains_key(&(function.to_owned(), call.to_owned(), fault.as_str())))
}
