//! What was found at last and what was told of it, so that each change of a verdict is told once.
//!
//! What is owed is not noted: it is whatever differs between the verdict and what was told. So an alert that could not be
//! sent is still owed at the next run, together with what changed since.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assessment::Assessment;
use crate::digest::hexadecimal;
use crate::verdict::Verdict;

/// Layout of a ledger.
pub const LEDGER_SCHEMA: u32 = 1;
/// A function that so many runs in a row could not ask is told of.
pub const UNREACHABLE_RUN_COUNT: u32 = 3;
/// How long a run may take to publish what it claimed, in seconds; longer than a publication with all its attempts.
pub const CLAIM_SECS: u32 = 60;
/// The name under which it is told that there is no manifest to compare with.
pub const MANIFEST_NAME: &str = "the manifest";
/// Hexadecimal digits of an alert's id.
const ID_LENGTH: usize = 16;

/// The memory of the drift check of one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Its layout.
    pub schema: u32,
    /// The functions that were assessed.
    pub functions: BTreeMap<String, Line>,
    /// Who publishes what is owed, and until when nobody else does.
    pub claim: Option<Claim>,
}

/// What is known of one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The verdict at the last run that could judge; none for what is not there any more.
    pub verdict: Option<Verdict>,
    /// When it came to that, UTC.
    pub since: Timestamp,
    /// What was told last; nothing is told of a function that was in step from the start.
    pub told: Option<Verdict>,
    /// How many runs in a row could not ask.
    pub unreachable_runs: u32,
    /// The last of them, so that a run that is repeated counts once.
    pub unreachable_in: Option<String>,
}

/// The right to publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The run; repeated, it goes on where it was stopped.
    pub run: String,
    /// When another run may take over, UTC.
    pub until: Timestamp,
}

/// A change of a verdict that has to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The function.
    pub function: String,
    /// What was told last.
    pub from: Option<Verdict>,
    /// What it is now; none for what is not there any more.
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
    /// Takes in what `run` found. Functions that are assessed no more are not there any more.
    #[must_use]
    pub fn after(mut self, run: &str, assessments: &[Assessment], now: Timestamp) -> Self {
        let names: BTreeSet<&str> = assessments.iter().map(|one| one.function.as_str()).collect();
        for assessment in assessments {
            let line = self.functions.entry(assessment.function.clone()).or_insert_with(|| Line::new(now));
            line.take(run, &assessment.verdict, now);
        }
        for (name, line) in self.functions.iter_mut().filter(|(name, _)| !names.contains(name.as_str())) {
            // There was a manifest to compare with.
            line.turn((name == MANIFEST_NAME).then_some(Verdict::InStep), now);
            line.unreachable_runs = 0;
        }
        // Nobody was told that it was there, so nobody need be told that it is gone.
        self.functions.retain(|_, line| line.verdict.is_some() || line.is_owed());
        self
    }

    /// Takes in that `run` had no manifest to compare with. What was found before stands.
    #[must_use]
    pub fn without_manifest(mut self, run: &str, code: &str, now: Timestamp) -> Self {
        let line = self.functions.entry(MANIFEST_NAME.to_owned()).or_insert_with(|| Line::new(now));
        line.take(run, &Verdict::Unreachable { code: code.to_owned() }, now);
        self
    }

    /// What has to be told, by function.
    #[must_use]
    pub fn owed(&self) -> Vec<Change> {
        let owed = self.functions.iter().filter(|(_, line)| line.is_owed());
        owed.map(|(name, line)| Change {
            function: name.clone(),
            from: line.told.clone(),
            to: line.verdict.clone(),
            since: line.since,
        })
        .collect()
    }

    /// The ledger in which `run` has the right to publish; `None` while another run has it.
    #[must_use]
    pub fn claimed(mut self, run: &str, now: Timestamp) -> Option<Self> {
        if self.claim.as_ref().is_some_and(|claim| claim.run != run && claim.until > now) {
            return None;
        }
        let until = now.saturating_add(jiff::SignedDuration::from_secs(CLAIM_SECS.into())).unwrap_or(Timestamp::MAX);
        self.claim = Some(Claim { run: run.to_owned(), until });
        Some(self)
    }

    /// The ledger after `changes` were published by `run`.
    #[must_use]
    pub fn told(mut self, run: &str, changes: &[Change]) -> Self {
        for change in changes {
            if let Some(line) = self.functions.get_mut(&change.function) {
                line.told.clone_from(&change.to);
            }
        }
        self.functions.retain(|_, line| line.verdict.is_some() || line.is_owed());
        if self.claim.as_ref().is_some_and(|claim| claim.run == run) {
            self.claim = None;
        }
        self
    }
}

/// The id under which changes are published: the same when a publication is repeated because its answer was lost.
#[must_use]
pub fn alert_id(changes: &[Change]) -> String {
    let texts: Vec<_> = changes
        .iter()
        .map(|change| {
            let name = |verdict: &Option<Verdict>| verdict.as_ref().map_or("none", Verdict::name);
            format!("{} {} {} {}", change.function, name(&change.from), name(&change.to), change.since)
        })
        .collect();
    let digest = hexadecimal(texts.join("\n").as_bytes());
    format!("drift/{}", digest.get(..ID_LENGTH).unwrap_or_default())
}

impl Line {
    fn new(now: Timestamp) -> Self {
        Self {
            verdict: Some(Verdict::InStep),
            since: now,
            told: Some(Verdict::InStep),
            unreachable_runs: 0,
            unreachable_in: None,
        }
    }

    fn take(&mut self, run: &str, verdict: &Verdict, now: Timestamp) {
        if !matches!(verdict, Verdict::Unreachable { .. }) {
            self.unreachable_runs = 0;
            self.unreachable_in = None;
            return self.turn(Some(verdict.clone()), now);
        }
        if self.unreachable_in.as_deref() != Some(run) && self.unreachable_runs < UNREACHABLE_RUN_COUNT {
            self.unreachable_runs += 1;
            self.unreachable_in = Some(run.to_owned());
        }
        if self.unreachable_runs >= UNREACHABLE_RUN_COUNT {
            self.turn(Some(verdict.clone()), now);
        }
    }

    /// Notes a verdict. One that says the same as before is left as it was, so that nothing is written for it.
    fn turn(&mut self, verdict: Option<Verdict>, now: Timestamp) {
        if !is_same(&self.verdict, &verdict) {
            self.verdict = verdict;
            self.since = now;
        }
    }

    fn is_owed(&self) -> bool {
        match (&self.told, &self.verdict) {
            (Some(Verdict::InStep), None) => false,
            (told, verdict) => !is_same(told, verdict),
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
