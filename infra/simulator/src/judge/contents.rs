//! Checks what is in an order's documents: figures come from the files as they were read in the run, and from what a reviewer
//! decided.
//!
//! The figures themselves are not calculated here. The files of simulated clients hold amounts that occur nowhere else, so it
//! shows which file and which decision a figure came from.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::RunNumber;
use domain::message::Command;
use domain::order::{Artifact, Order};
use domain::phase::Phase;
use domain::status::Status;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::plan::mark;

/// The file of figures among an order's documents.
const FIGURES: &str = "figures.json";

/// What was stored in the document bucket, as far as figures depend on it.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    sources: BTreeMap<String, Source>,
    /// What each reviewer decided, by partition and run.
    decisions: BTreeMap<(String, RunNumber), bool>,
    /// Published figures by the digest of their file.
    figures: BTreeMap<String, Value>,
}

/// What the next figures of an order come from.
#[derive(Debug, Default)]
struct Source {
    /// The amount in the file as it is now.
    current: String,
    /// The amounts that the order's last extraction may have read.
    read: BTreeSet<String>,
    /// Whether extraction may still read the file.
    is_reading: bool,
    /// Whether a reviewer may have left the doubtful line out; more than one if two commands came together.
    left_out: BTreeSet<bool>,
}

impl Contents {
    /// Records an object of the document bucket, stored under `resource`, which begins with the bucket's name.
    pub(crate) fn stored(&mut self, resource: &str, body: &[u8]) {
        let Some((pk, rest)) = owner(resource) else { return };
        if let Some(amount) = mark::amount_of(body).filter(|_| rest.starts_with("documents/")) {
            let source = self.sources.entry(pk).or_default();
            amount.clone_into(&mut source.current);
            if source.is_reading {
                source.read.insert(amount);
            }
        } else if rest.ends_with("/decisions.json")
            && let Some(run) = run_of(&rest)
        {
            self.decisions.insert((pk, run), mark::leaves_out(body));
        } else if rest.ends_with(FIGURES)
            && let Ok(figures) = serde_json::from_slice(body)
        {
            self.figures.insert(digest(body), figures);
        }
    }

    /// Records a write of an order and checks the figures of a version that it adds. `asked` are the commands that its writer
    /// was given.
    pub(crate) fn changed(&mut self, pk: &str, before: Option<&Order>, next: &Order, asked: &[Command]) -> Vec<String> {
        let Some(source) = self.sources.get_mut(pk) else { return Vec::new() };
        source.follow(before, next);
        if before.is_some_and(Order::is_paused) && !next.is_paused() {
            let run = next.run();
            let decided = self.decisions.get(&(pk.to_owned(), run)).copied().unwrap_or(false);
            source.left_out = asked.iter().filter_map(|command| answer(command, decided)).collect();
        }
        let known = before.map_or(0, Order::artifact_version);
        let is_added = |artifact: &&Artifact| artifact.version > known && artifact.name == FIGURES;
        let added = next.artifacts().iter().filter(is_added);
        added.filter_map(|artifact| source.wrong(self.figures.get(&artifact.sha256), artifact.version)).collect()
    }

    /// Whether the decisions that are stored for a run leave the doubtful line out; `None` if there are none.
    pub(crate) fn decided(&self, pk: &str, run: RunNumber) -> Option<bool> {
        self.decisions.get(&(pk.to_owned(), run)).copied()
    }

    /// Forgets an order that was removed: one that is submitted again under its id uses results of the first.
    pub(crate) fn forget(&mut self, pk: &str) {
        self.sources.remove(pk);
    }
}

/// Whether the doubtful line is left out after a command that ends a review.
fn answer(command: &Command, decided: bool) -> Option<bool> {
    match command {
        Command::Resume { .. } => Some(false),
        Command::ReviewDecided { .. } => Some(decided),
        _ => None,
    }
}

impl Source {
    fn follow(&mut self, before: Option<&Order>, next: &Order) {
        let is_new_run = before.is_none_or(|before| before.run() != next.run() || before.status() == Status::Draft);
        if is_new_run && next.phase() == Phase::Extract {
            // Documents that an earlier run read may be kept.
            if next.terminal().is_empty() {
                self.read.clear();
            }
            self.read.insert(self.current.clone());
        }
        if is_new_run && next.phase() <= Phase::Review {
            self.left_out.clear();
        }
        self.is_reading = next.is_active() && next.phase() == Phase::Extract;
    }

    /// What is wrong with the figures of a version.
    fn wrong(&self, figures: Option<&Value>, version: u32) -> Option<String> {
        let Some(figures) = figures else { return Some(format!("the figures of version {version} are not stored")) };
        if !self.read.iter().any(|amount| shows(figures, amount)) {
            return Some(format!("the figures of version {version} are not those of the file that was read"));
        }
        let left_out = !shows(figures, mark::DOUBTFUL_AMOUNT);
        let is_asked = !self.left_out.is_empty();
        let differs = is_asked && !self.left_out.contains(&left_out);
        differs.then(|| format!("the figures of version {version} do not show what the reviewer decided"))
    }
}

/// Whether a row of the published figures has this amount in some year.
fn shows(published: &Value, amount: &str) -> bool {
    let rows = published["figures"]["rows"].as_object().into_iter().flatten();
    rows.flat_map(|(_, years)| years.as_array().into_iter().flatten()).any(|value| value == amount)
}

/// The partition of the order that an object belongs to, and the rest of its key.
fn owner(resource: &str) -> Option<(String, String)> {
    let (_, key) = resource.split_once("/firms/")?;
    let (firm, rest) = key.split_once("/orders/")?;
    let (order, rest) = rest.split_once('/')?;
    Some((format!("FIRM#{firm}#ORDER#{order}"), rest.to_owned()))
}

/// The run in a key's `runs/nnnn/`.
fn run_of(rest: &str) -> Option<RunNumber> {
    let number: u32 = rest.strip_prefix("runs/")?.split('/').next()?.parse().ok()?;
    RunNumber::try_from(number).ok()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
