//! The report on a simulation.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::judge::observed::Coverage;
use crate::judge::violation::{Kind, Violation};
use crate::world::run::Outcome;

/// Maximum ratio of calls with faults to calls without. More would be a storm of retries.
pub const CALLS_OVER_FAULT_FREE_MAX: f64 = 3.0;

/// A run that broke an invariant.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// Its seed, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The command that replays it, with as few faults as it needs.
    pub replay: String,
    /// The faults that it needs.
    pub faults: Vec<String>,
    /// The invariants that it violated.
    pub violations: Vec<Violation>,
}

/// What a simulation found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The mode.
    pub mode: &'static str,
    /// Orders that were accepted.
    pub orders: u64,
    /// Seeds that were asked for.
    pub seeds: u64,
    /// Runs, without replays and comparisons.
    pub runs: u64,
    /// Probability that a call is hit.
    pub fault_rate: f64,
    /// Accepted orders that are gone.
    pub lost: u64,
    /// Orders, messages, leases and alerts that did not settle.
    pub stuck: u64,
    /// Failures without record or alert.
    pub silent: u64,
    /// Orders and documents that failed without a reason.
    pub undeserved: u64,
    /// Effects that happened twice.
    pub duplicate: u64,
    /// Marks found outside the document bucket.
    pub payload_leaks: u64,
    /// Steps that an invariant forbids.
    pub broken: u64,
    /// Calls to AWS.
    pub calls: u64,
    /// Virtual time.
    pub virtual_seconds: u64,
    /// Faults, lost deletions, double deliveries, late messages and wrong clocks.
    pub faults: u64,
    /// Orders by their last status.
    pub endings: BTreeMap<String, u64>,
    /// Invocations without an answer, by how they ended.
    pub ends: BTreeMap<String, u64>,
    /// Time from the end of the faults until everything had settled: median, 99th percentile, longest.
    pub rest_seconds: [u64; 3],
    /// Calls with faults divided by calls without, for the same workload.
    pub calls_over_fault_free: f64,
    /// Seeds that were run twice.
    pub replayed: u64,
    /// Seeds whose second run differed.
    pub replay_differences: Vec<u64>,
    /// Warnings and errors that were logged, by message.
    pub messages: BTreeMap<String, u64>,
    /// Hits by function, call and fault.
    pub coverage: Vec<Cell>,
    /// Cells that no run hit although one could have.
    pub uncovered: Vec<String>,
    /// How orders ended while dependencies were down.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drills: Vec<Drill>,
    /// Real time.
    pub real_seconds: f64,
    /// The runs that broke an invariant.
    pub failures: Vec<Case>,
}

/// The orders of one outage drill.
#[derive(Clone, Debug, Serialize)]
pub struct Drill {
    /// What was down.
    pub down: String,
    /// Orders that were accepted.
    pub orders: u64,
    /// Those that completed.
    pub completed: u64,
    /// Those that failed, with a record and an alert.
    pub failed: u64,
    /// Time from the end of the outage until everything had settled.
    pub rest_seconds: u64,
}

/// How often a fault hit a call of a function.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Logical id of the function.
    pub function: String,
    /// The API action.
    pub call: String,
    /// The fault, `outage` or `none`.
    pub fault: &'static str,
    /// How often.
    pub hits: u64,
}

impl Report {
    /// Whether no violation was found and the number of calls stayed within its limit.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let counts =
            [self.lost, self.stuck, self.silent, self.undeserved, self.duplicate, self.payload_leaks, self.broken];
        let within = self.calls_over_fault_free <= CALLS_OVER_FAULT_FREE_MAX;
        counts.iter().all(|count| *count == 0)
            && within
            && self.replay_differences.is_empty()
            && self.uncovered.is_empty()
    }
}

/// The sum of several runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) replayed: u64,
    pub(crate) replay_differences: Vec<u64>,
    pub(crate) cases: Vec<Case>,
    pub(crate) real: Duration,
    pub(crate) coverage: Coverage,
    pub(crate) drills: Vec<Drill>,
    runs: u64,
    accepted: u64,
    calls: u64,
    virtual_ms: i64,
    faults: u64,
    kinds: BTreeMap<Kind, u64>,
    endings: BTreeMap<String, u64>,
    ends: BTreeMap<String, u64>,
    messages: BTreeMap<String, u64>,
    rest_ms: Vec<i64>,
    compared: (u64, u64),
}

impl Tally {
    /// A simulation that could not start.
    pub(crate) fn impossible(why: &str) -> Self {
        let mut tally = Self::default();
        tally.kinds.insert(Kind::Broken, 1);
        let violations = vec![Violation::new(Kind::Broken, "set-up", why)];
        tally.cases.push(Case { seed: None, replay: String::new(), faults: Vec::new(), violations });
        tally
    }

    /// Adds one run.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.runs += 1;
        self.accepted += outcome.accepted;
        self.calls += outcome.calls;
        self.virtual_ms += outcome.virtual_ms;
        self.faults += outcome.injected.len() as u64;
        self.rest_ms.push(outcome.rest_ms);
        for violation in &outcome.violations {
            *self.kinds.entry(violation.kind).or_default() += 1;
        }
        sum(&mut self.endings, outcome.endings);
        sum(&mut self.ends, outcome.ends);
        sum(&mut self.messages, outcome.messages);
        sum(&mut self.coverage, outcome.coverage);
    }

    /// Adds the calls of one workload with and without faults.
    pub(crate) fn add_comparison(&mut self, disturbed: u64, calm: u64) {
        self.compared.0 += disturbed;
        self.compared.1 += calm;
    }

    /// Adds the sum of another thread.
    pub(crate) fn merge(&mut self, other: Self) {
        self.replayed += other.replayed;
        self.replay_differences.extend(other.replay_differences);
        self.cases.extend(other.cases);
        self.drills.extend(other.drills);
        self.real += other.real;
        self.runs += other.runs;
        self.accepted += other.accepted;
        self.calls += other.calls;
        self.virtual_ms += other.virtual_ms;
        self.faults += other.faults;
        self.rest_ms.extend(other.rest_ms);
        self.compared.0 += other.compared.0;
        self.compared.1 += other.compared.1;
        sum(&mut self.kinds, other.kinds);
        sum(&mut self.endings, other.endings);
        sum(&mut self.ends, other.ends);
        sum(&mut self.messages, other.messages);
        sum(&mut self.coverage, other.coverage);
    }

    /// The report.
    pub(crate) fn report(mut self, mode: &'static str) -> Report {
        self.rest_ms.sort_unstable();
        self.cases.sort_by(|a, b| (a.seed, &a.replay).cmp(&(b.seed, &b.replay)));
        self.replay_differences.sort_unstable();
        let kind = |kind: Kind| self.kinds.get(&kind).copied().unwrap_or_default();
        let rest = |percent| percentile_seconds(&self.rest_ms, percent);
        Report {
            mode,
            orders: self.accepted,
            seeds: 0,
            runs: self.runs,
            fault_rate: 0.0,
            lost: kind(Kind::Lost),
            stuck: kind(Kind::Stuck),
            silent: kind(Kind::Silent),
            undeserved: kind(Kind::Undeserved),
            duplicate: kind(Kind::Duplicate),
            payload_leaks: kind(Kind::Leak),
            broken: kind(Kind::Broken),
            calls: self.calls,
            virtual_seconds: u64::try_from(self.virtual_ms / 1_000).unwrap_or(0),
            faults: self.faults,
            rest_seconds: [rest(50), rest(99), rest(100)],
            calls_over_fault_free: ratio(self.compared),
            replayed: self.replayed,
            replay_differences: self.replay_differences,
            messages: self.messages,
            coverage: cells(self.coverage),
            uncovered: Vec::new(),
            drills: self.drills,
            real_seconds: self.real.as_secs_f64(),
            failures: self.cases,
            endings: self.endings,
            ends: self.ends,
        }
    }
}

fn cells(coverage: Coverage) -> Vec<Cell> {
    let cell = |((function, call, fault), hits)| Cell { function, call, fault, hits };
    coverage.into_iter().map(cell).collect()
}

fn sum<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(key).or_default() += count;
    }
}

fn ratio((disturbed, calm): (u64, u64)) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    let ratio = if calm == 0 { 0.0 } else { disturbed as f64 / calm as f64 };
    ratio
}

fn percentile_seconds(sorted: &[i64], percent: usize) -> u64 {
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).map_or(0, |ms| u64::try_from(*ms / 1_000).unwrap_or(0))
}
