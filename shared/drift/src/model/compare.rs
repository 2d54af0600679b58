//! Compares what should be deployed with what is.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::assessment::Assessment;
use super::code::{self, Age};
use super::deployed::{Deployed, Found, FoundFunctions, REVISION_TAG};
use super::difference::differences;
use super::history::History;
use super::manifest::Entry;
use super::verdict::Verdict;

/// Assesses every function that the manifest lists or that was found, by name.
#[must_use]
pub fn compare(history: &History, found: &FoundFunctions, now: Timestamp) -> Vec<Assessment> {
    let wanted = &history.target.functions;
    let names: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    names
        .into_iter()
        .map(|name| match (wanted.get(name), found.get(name)) {
            (_, Some(Found::Unreachable { code })) => unreachable(name, code),
            (Some(entry), Some(Found::Function(function))) => assess(history, name, entry, function, now),
            (Some(entry), None) => {
                Assessment { source: entry.revision().cloned(), ..Assessment::new(name, Verdict::Missing) }
            }
            (None, _) => Assessment::new(name, Verdict::Unknown),
        })
        .collect()
}

/// The assessments when the functions could not be listed.
#[must_use]
pub fn all_unreachable(history: &History, code: &str) -> Vec<Assessment> {
    history.target.functions.keys().map(|name| unreachable(name, code)).collect()
}

fn unreachable(name: &str, code: &str) -> Assessment {
    Assessment::new(name, Verdict::Unreachable { code: code.to_owned() })
}

fn assess(history: &History, name: &str, entry: &Entry, function: &Deployed, now: Timestamp) -> Assessment {
    let claims = function.settings.tags.get(REVISION_TAG).and_then(Option::as_ref);
    let ages = function.running.iter().map(|running| code::judge(history, name, entry, running, claims, now));
    let worst = ages.max_by_key(|age| (age.verdict.rank(), age.between.len()));
    let age = worst.unwrap_or(Age { verdict: Verdict::InStep, revision: None, between: Vec::new() });
    let mut verdicts: Vec<_> = [Some(age.verdict), misconfigured(history, name, entry, function)]
        .into_iter()
        .flatten()
        .filter(|verdict| *verdict != Verdict::InStep)
        .collect();
    verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.rank()));
    let mut verdicts = verdicts.into_iter();
    Assessment {
        function: name.to_owned(),
        verdict: verdicts.next().unwrap_or(Verdict::InStep),
        further: verdicts.collect(),
        source: entry.revision().cloned(),
        deployed: age.revision,
        between: age.between,
    }
}

/// The settings that differ. An earlier build that has its own manifest's configuration is behind, not misconfigured.
fn misconfigured(history: &History, name: &str, entry: &Entry, function: &Deployed) -> Option<Verdict> {
    let settings = differences(&entry.settings.at(&function.location), &function.settings);
    let is_as_its_manifest_says = || {
        let is_earlier = |code: &_| entry.code_sha256.as_ref() != Some(code);
        function
            .running
            .iter()
            .filter(|running| is_earlier(&running.code_sha256))
            .flat_map(|running| history.builds(name, &running.code_sha256))
            .any(|build| differences(&build.settings.at(&function.location), &function.settings).is_empty())
    };
    (!settings.is_empty() && !is_as_its_manifest_says()).then_some(Verdict::Misconfigured { settings })
}
