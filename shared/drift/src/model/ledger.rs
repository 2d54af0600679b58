//! Keeps each function's latest verdict and the one last reported, so that each change is reported once.
//!
//! Unreported changes are not stored: they are the differences between the two. A change whose alert could not be published
//! is therefore still unreported at the next check, together with what has changed since.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::assessment::Assessment;
use super::digest::hexadecimal;
use super::verdict::Verdict;

/// The layout version that is written.
pub const LEDGER_SCHEMA: u32 = 1;
/// A function is reported as unreachable after this many consecutive runs that could not read its state.
pub const UNREACHABLE_RUN_COUNT: u32 = 3;
/// How long a claim to publish lasts, in seconds: longer than a publication takes with all its attempts.
pub const CLAIM_SECS: u32 = 60;
/// Stands in for a function's name when there is no manifest to compare with.
pub const MANIFEST_NAME: &str = "the manifest";
/// The number of hexadecimal digits in an alert's id.
const ID_LENGTH: usize = 16;

/// What earlier runs of a stage's drift check found and reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Its layout version.
    pub schema: u32,
    /// The functions that were assessed, by name.
    pub functions: BTreeMap<String, FunctionState>,
    /// The run that is publishing the unreported changes, if any.
    pub claim: Option<Claim>,
}

/// What earlier runs found and reported about one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionState {
    /// The verdict of the last run that could read its state; `None` if the function is gone.
    pub verdict: Option<Verdict>,
    /// When it got that verdict, UTC.
    pub since: Timestamp,
    /// The verdict reported last. At first, a function counts as reported in step.
    #[serde(rename = "told")]
    pub reported: Option<Verdict>,
    /// How many consecutive runs could not read its state.
    pub unreachable_runs: u32,
    /// The last of those runs, so that a repeated run is counted once.
    pub unreachable_in: Option<String>,
}

/// A run's right to publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The run. If it is repeated, it continues where it stopped.
    pub run: String,
    /// When another run may take over the claim, UTC.
    pub until: Timestamp,
}

/// A change of a function's verdict that has to be reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The function.
    pub function: String,
    /// The verdict reported last.
    pub from: Option<Verdict>,
    /// The verdict now; `None` if the function is gone.
    pub to: Option<Verdict>,
    /// Since when, UTC.
    pub since: Timestamp,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { schema: LEDGER_SCHEMA, functions: BTreeMap::new(), claim: None }
    }
}

impl Ledger {
    /// The ledger after `run` made these `assessments`. A function missing from them is gone.
    #[must_use]
    pub fn after(mut self, run: &str, assessments: &[Assessment], now: Timestamp) -> Self {
        let names: BTreeSet<&str> = assessments.iter().map(|one| one.function.as_str()).collect();
        for assessment in assessments {
            let state = self.functions.entry(assessment.function.clone()).or_insert_with(|| FunctionState::new(now));
            state.update(run, &assessment.verdict, now);
        }
        for (name, state) in self.functions.iter_mut().filter(|(name, _)| !names.contains(name.as_str())) {
            // This run had a manifest to compare with.
            state.set_verdict((name == MANIFEST_NAME).then_some(Verdict::InStep), now);
            state.unreachable_runs = 0;
        }
        // A function that was never reported need not be reported as gone.
        self.functions.retain(|_, state| state.verdict.is_some() || state.is_unreported());
        self
    }

    /// The ledger after `run` had no manifest to compare with. The verdicts of earlier runs remain.
    #[must_use]
    pub fn without_manifest(mut self, run: &str, code: &str, now: Timestamp) -> Self {
        let state = self.functions.entry(MANIFEST_NAME.to_owned()).or_insert_with(|| FunctionState::new(now));
        state.update(run, &Verdict::Unreachable { code: code.to_owned() }, now);
        self
    }

    /// The changes that are not reported yet, by function.
    #[must_use]
    pub fn unreported(&self) -> Vec<Change> {
        let unreported = self.functions.iter().filter(|(_, state)| state.is_unreported());
        unreported
            .map(|(name, state)| Change {
                function: name.clone(),
                from: state.reported.clone(),
                to: state.verdict.clone(),
                since: state.since,
            })
            .collect()
    }

    /// The ledger after `run` claimed the right to publish; `None` while another run holds it.
    #[must_use]
    pub fn claimed(mut self, run: &str, now: Timestamp) -> Option<Self> {
        if self.claim.as_ref().is_some_and(|claim| claim.run != run && claim.until > now) {
            return None;
        }
        let until = now.saturating_add(jiff::SignedDuration::from_secs(CLAIM_SECS.into())).unwrap_or(Timestamp::MAX);
        self.claim = Some(Claim { run: run.to_owned(), until });
        Some(self)
    }

    /// The ledger after `run` published `changes`.
    #[must_use]
    pub fn reported(mut self, run: &str, changes: &[Change]) -> Self {
        for change in changes {
            if let Some(state) = self.functions.get_mut(&change.function) {
                state.reported.clone_from(&change.to);
            }
        }
        self.functions.retain(|_, state| state.verdict.is_some() || state.is_unreported());
        if self.claim.as_ref().is_some_and(|claim| claim.run == run) {
            self.claim = None;
        }
        self
    }
}

/// The id that changes are published under. It stays the same if a lost answer makes a run publish them again.
#[must_use]
pub fn alert_id(changes: &[Change]) -> String {
    let texts: Vec<_> = changes
        .iter()
        .map(|change| {
            let name = |verdict: &Option<Verdict>| verdict.as_ref().map_or("none", |verdict| verdict.kind().name());
            format!("{} {} {} {}", change.function, name(&change.from), name(&change.to), change.since)
        })
        .collect();
    let digest = hexadecimal(texts.join("\n").as_bytes());
    format!("drift/{}", digest.get(..ID_LENGTH).unwrap_or_default())
}

impl FunctionState {
    fn new(now: Timestamp) -> Self {
        Self {
            verdict: Some(Verdict::InStep),
            since: now,
            reported: Some(Verdict::InStep),
            unreachable_runs: 0,
            unreachable_in: None,
        }
    }

    fn update(&mut self, run: &str, verdict: &Verdict, now: Timestamp) {
        if !matches!(verdict, Verdict::Unreachable { .. }) {
            self.unreachable_runs = 0;
            self.unreachable_in = None;
            return self.set_verdict(Some(verdict.clone()), now);
        }
        if self.unreachable_in.as_deref() != Some(run) && self.unreachable_runs < UNREACHABLE_RUN_COUNT {
            self.unreachable_runs += 1;
            self.unreachable_in = Some(run.to_owned());
        }
        if self.unreachable_runs >= UNREACHABLE_RUN_COUNT {
            self.set_verdict(Some(verdict.clone()), now);
        }
    }

    /// Keeps the old verdict if the new one is equivalent, so that the ledger stays equal and is not written again.
    fn set_verdict(&mut self, verdict: Option<Verdict>, now: Timestamp) {
        if !is_same(&self.verdict, &verdict) {
            self.verdict = verdict;
            self.since = now;
        }
    }

    fn is_unreported(&self) -> bool {
        match (&self.reported, &self.verdict) {
            (Some(Verdict::InStep), None) => false,
            (reported, verdict) => !is_same(reported, verdict),
        }
    }
}

fn is_same(a: &Option<Verdict>, b: &Option<Verdict>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is_same_as(b),
        (None, None) => true,
        _ => false,
    }
}
