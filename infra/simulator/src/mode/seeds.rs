//! Random seeds: each seed is one run with many orders and every kind of fault.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::judge::violation::{Kind, Violation};
use crate::mode::report::{Case, Tally};
use crate::mode::shrink;
use crate::mode::workers::{self, Progress};
use crate::plan::fault_plan::FaultPlan;
use crate::plan::mistake::Mistake;
use crate::plan::workload::Workload;
use crate::world::run::{Outcome, Runner};

pub use crate::mode::report::Report;

/// One seed in this many is also run without faults, to compare the number of calls.
const BASELINE_EVERY: u64 = 10;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Seeds, both ends included.
    pub seeds: RangeInclusive<u64>,
    /// Orders of each seed.
    pub orders: usize,
    /// Probability that a call is hit, 0 to 1.
    pub fault_rate: f64,
    /// Numbers of the draws that may inject a fault; all if `None`.
    pub keep: Option<BTreeSet<u64>>,
    /// Whether missing permissions are among the faults. Orders hit by them fail with a record and an alert.
    pub denied: bool,
    /// Whether to run each seed twice and compare the traces.
    pub check_replay: bool,
    /// Whether to stop at the first seed that breaks an invariant.
    pub stop_at_first: bool,
    /// Whether to shrink the faults of a failing seed to those needed for it to fail.
    pub shrink: bool,
    /// Whether people use the API, beside commands through the queue.
    pub through_desk: bool,
    /// A mistake to make in the functions.
    pub mistake: Option<Mistake>,
    /// How many seeds run at once; one per core if `None`.
    pub threads: Option<usize>,
    /// Where progress is reported.
    pub progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seeds: 0..=99,
            orders: 10,
            fault_rate: 0.2,
            keep: None,
            denied: false,
            check_replay: false,
            stop_at_first: false,
            shrink: true,
            through_desk: false,
            mistake: None,
            threads: None,
            progress: Progress::default(),
        }
    }
}

impl Options {
    fn plan(&self, seed: u64) -> FaultPlan {
        FaultPlan::Random { seed, rate: self.fault_rate, keep: self.keep.clone(), denied: self.denied }
    }

    /// The command that replays one seed.
    fn replay(&self, seed: u64, keep: Option<&BTreeSet<u64>>) -> String {
        let mut text =
            format!("docket simulate --seeds {seed}..{seed} --orders {} --fault-rate {}", self.orders, self.fault_rate);
        if self.through_desk {
            text.push_str(" --mode desk");
        }
        if self.denied {
            text.push_str(" --denied");
        }
        if let Some(keep) = keep.or(self.keep.as_ref()) {
            let numbers: Vec<String> = keep.iter().map(u64::to_string).collect();
            text.push_str(&format!(
                " --keep {}",
                if numbers.is_empty() { "none".to_owned() } else { numbers.join(",") }
            ));
        }
        text
    }
}

/// Runs all seeds.
#[must_use]
pub fn seeds(options: &Options) -> Report {
    let jobs: Vec<u64> = options.seeds.clone().collect();
    let tally =
        workers::run(&jobs, options.threads, options.stop_at_first, &options.progress, |runner, seed, tally| {
            run_seed(runner, options, *seed, tally)
        });
    let mut report = tally.report(if options.through_desk { "desk" } else { "seeds" });
    report.seeds = jobs.len() as u64;
    report.fault_rate = options.fault_rate;
    report
}

/// Runs seeds one after another until one breaks an invariant.
#[must_use]
pub fn hunt(options: &Options) -> Report {
    seeds(&Options { stop_at_first: true, threads: Some(1), ..options.clone() })
}

fn run_seed(runner: &mut Runner, options: &Options, seed: u64, tally: &mut Tally) {
    runner.mistake = options.mistake;
    let workload = if options.through_desk { Workload::through_desk } else { Workload::of }(seed, options.orders);
    let plan = options.plan(seed);
    runner.keep_trace = options.check_replay;
    let outcome = runner.run(seed, &workload, &plan);
    if options.check_replay {
        let again = runner.run(seed, &workload, &plan);
        tally.replayed += 1;
        if again.digest != outcome.digest {
            tally.replay_differences.push(seed);
            tally.cases.push(difference(options, seed, &outcome, &again));
        }
    }
    runner.keep_trace = false;
    if seed.is_multiple_of(BASELINE_EVERY) {
        let calm = runner.run(seed, &workload, &FaultPlan::Calm);
        tally.add_comparison(outcome.working_calls, calm.working_calls);
        if !calm.violations.is_empty() {
            tally.cases.push(case(options, seed, &calm, Some(&BTreeSet::new())));
        }
    }
    if !outcome.violations.is_empty() {
        let keep = options.shrink.then(|| shrunk(runner, options, seed, &workload, &outcome));
        tally.cases.push(case(options, seed, &outcome, keep.as_ref()));
    }
    tally.add(outcome);
}

/// Reports where two runs of a seed differ.
fn difference(options: &Options, seed: u64, first: &Outcome, second: &Outcome) -> Case {
    let parts = first.trace.iter().zip(&second.trace).find(|(one, other)| one != other);
    let text = parts.map_or_else(|| "one run is longer".to_owned(), |(one, other)| format!("{one} became {other}"));
    let violations = vec![Violation::new(Kind::Broken, "replay", text)];
    Case { seed: Some(seed), replay: options.replay(seed, None), faults: Vec::new(), violations }
}

/// The smallest set of faults that still violates an invariant in the same way.
fn shrunk(runner: &Runner, options: &Options, seed: u64, workload: &Workload, outcome: &Outcome) -> BTreeSet<u64> {
    let kinds: BTreeSet<_> = outcome.violations.iter().map(|violation| violation.kind).collect();
    let numbers: Vec<u64> = outcome.injected.iter().map(|injected| injected.number).collect();
    let fails = |kept: &[u64]| {
        let keep = Some(kept.iter().copied().collect());
        let plan = FaultPlan::Random { seed, rate: options.fault_rate, keep, denied: options.denied };
        runner.run(seed, workload, &plan).violations.iter().any(|violation| kinds.contains(&violation.kind))
    };
    shrink::shrink(numbers, fails).into_iter().collect()
}

fn case(options: &Options, seed: u64, outcome: &Outcome, keep: Option<&BTreeSet<u64>>) -> Case {
    let injected: BTreeMap<u64, &str> =
        outcome.injected.iter().map(|injected| (injected.number, injected.what.as_str())).collect();
    let needed =
        keep.into_iter().flatten().map(|number| format!("{number}: {}", injected.get(number).unwrap_or(&"then drawn")));
    Case {
        seed: Some(seed),
        replay: options.replay(seed, keep),
        faults: needed.collect(),
        violations: outcome.violations.clone(),
    }
}
