//! Random seeds: many orders, everything that can go wrong, each seed its own world.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::mode::workers::{self, Progress};
use crate::plan::mistake::Mistake;
use crate::plan::fault_plan::Plan;
use crate::mode::report::{Case, Tally};
use crate::mode::shrink;
use crate::judge::violation::{Kind, Violation};
use crate::plan::workload::Workload;
use crate::world::run::{Outcome, Stage};

pub use crate::mode::report::Report;

/// Every so many seeds are run without faults as well, to compare the number of calls.
const BASELINE_EVERY: u64 = 10;

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Options {
    /// Seeds, both ends included.
    pub seeds: RangeInclusive<u64>,
    /// Orders of each seed.
    pub orders: usize,
    /// Probability of a fault of one call, 0 to 1.
    pub fault_rate: f64,
    /// The only draws that may hit, by number; all when `None`.
    pub keep: Option<BTreeSet<u64>>,
    /// Whether missing rights are among the faults. An order that meets them fails loudly.
    pub denied: bool,
    /// Run each seed twice and compare the traces.
    pub check_replay: bool,
    /// Stop at the first seed that breaks an invariant.
    pub stop_at_first: bool,
    /// Whether failing plans are shrunk to what is needed.
    pub shrink: bool,
    /// A mistake that the functions make.
    pub mistake: Option<Mistake>,
    /// Seeds at once; one for each core when `None`.
    pub threads: Option<usize>,
    /// Tells how far it has come.
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
            mistake: None,
            threads: None,
            progress: Progress::default(),
        }
    }
}

impl Options {
    fn plan(&self, seed: u64) -> Plan {
        Plan::Random { seed, rate: self.fault_rate, keep: self.keep.clone(), denied: self.denied }
    }

    /// The command that runs one seed again.
    fn replay(&self, seed: u64, keep: Option<&BTreeSet<u64>>) -> String {
        let mut text =
            format!("docket simulate --seeds {seed}..{seed} --orders {} --fault-rate {}", self.orders, self.fault_rate);
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
    let tally = workers::run(&jobs, options.threads, options.stop_at_first, &options.progress, |stage, seed, tally| {
        one(stage, options, *seed, tally)
    });
    let mut report = tally.report("seeds");
    report.seeds = jobs.len() as u64;
    report.fault_rate = options.fault_rate;
    report
}

/// Runs seeds, one after the other, until one breaks an invariant; says which and by what.
#[must_use]
pub fn hunt(options: &Options) -> Report {
    seeds(&Options { stop_at_first: true, threads: Some(1), ..options.clone() })
}

fn one(stage: &mut Stage, options: &Options, seed: u64, tally: &mut Tally) {
    stage.mistake = options.mistake;
    let workload = Workload::of(seed, options.orders);
    let plan = options.plan(seed);
    stage.keep_trace = options.check_replay;
    let outcome = stage.run(seed, &workload, &plan);
    if options.check_replay {
        let again = stage.run(seed, &workload, &plan);
        tally.replayed += 1;
        if again.digest != outcome.digest {
            tally.replay_differences.push(seed);
            tally.cases.push(difference(options, seed, &outcome, &again));
        }
    }
    stage.keep_trace = false;
    if seed.is_multiple_of(BASELINE_EVERY) {
        let calm = stage.run(seed, &workload, &Plan::Calm);
        tally.compared(outcome.working_calls, calm.working_calls);
        if !calm.violations.is_empty() {
            tally.cases.push(case(options, seed, &calm, Some(&BTreeSet::new())));
        }
    }
    if !outcome.violations.is_empty() {
        let keep = options.shrink.then(|| shrunk(stage, options, seed, &workload, &outcome));
        tally.cases.push(case(options, seed, &outcome, keep.as_ref()));
    }
    tally.add(outcome);
}

/// Where two runs of a seed part.
fn difference(options: &Options, seed: u64, first: &Outcome, second: &Outcome) -> Case {
    let parts = first.trace.iter().zip(&second.trace).find(|(one, other)| one != other);
    let text = parts.map_or_else(|| "one run went on".to_owned(), |(one, other)| format!("{one} became {other}"));
    let violations = vec![Violation::new(Kind::Broken, "replay", text)];
    Case { seed: Some(seed), replay: options.replay(seed, None), faults: Vec::new(), violations }
}

/// The smallest set of what went wrong that still breaks an invariant of the same kind.
fn shrunk(stage: &Stage, options: &Options, seed: u64, workload: &Workload, outcome: &Outcome) -> BTreeSet<u64> {
    let kinds: BTreeSet<_> = outcome.violations.iter().map(|violation| violation.kind).collect();
    let numbers: Vec<u64> = outcome.fired.iter().map(|fired| fired.number).collect();
    let fails = |kept: &[u64]| {
        let keep = Some(kept.iter().copied().collect());
        let plan = Plan::Random { seed, rate: options.fault_rate, keep, denied: options.denied };
        stage.run(seed, workload, &plan).violations.iter().any(|violation| kinds.contains(&violation.kind))
    };
    shrink::shrink(numbers, fails).into_iter().collect()
}

fn case(options: &Options, seed: u64, outcome: &Outcome, keep: Option<&BTreeSet<u64>>) -> Case {
    let fired: BTreeMap<u64, &str> = outcome.fired.iter().map(|fired| (fired.number, fired.what.as_str())).collect();
    let needed =
        keep.into_iter().flatten().map(|number| format!("{number}: {}", fired.get(number).unwrap_or(&"then drawn")));
    Case {
        seed: Some(seed),
        replay: options.replay(seed, keep),
        faults: needed.collect(),
        violations: outcome.violations.clone(),
    }
}
