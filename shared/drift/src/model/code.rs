//! Judges how far deployed code is behind the source, by its digest.

use jiff::Timestamp;

use super::commit::{Commit, Revision};
use super::deployed::Running;
use super::history::History;
use super::manifest::Entry;
use super::verdict::Verdict;

/// A verdict about code, and the reason for it.
pub(crate) struct Age {
    pub(crate) verdict: Verdict,
    pub(crate) revision: Option<Revision>,
    pub(crate) between: Vec<Commit>,
}

/// Judges code that runs as the function `name`, against the manifest's entry for it.
pub(crate) fn judge(
    history: &History,
    name: &str,
    wanted: &Entry,
    running: &Running,
    claims: Option<&String>,
    now: Timestamp,
) -> Age {
    // The digest decides whether code differs. Commits only say by how much.
    if wanted.code_sha256.as_ref() == Some(&running.code_sha256) {
        return Age { verdict: Verdict::InStep, revision: wanted.revision().cloned(), between: Vec::new() };
    }
    let Some(build) = history.builds(name, &running.code_sha256).next() else {
        let (qualifier, code_sha256) = (running.qualifier.clone(), running.code_sha256.clone());
        let verdict = Verdict::Tampered { qualifier, code_sha256, claims: claims.cloned() };
        return Age { verdict, revision: None, between: Vec::new() };
    };
    let revision = build.revision().cloned();
    let place = wanted.commits.iter().position(|commit| Some(&commit.revision) == revision.as_ref());
    let between = wanted.commits.get(..place.unwrap_or(wanted.commits.len())).unwrap_or_default().to_vec();
    let verdict = match between.last() {
        // Another build of the same source, e.g. with another compiler.
        None => Verdict::InStep,
        Some(oldest) => Verdict::Behind {
            commits: u32::try_from(between.len()).unwrap_or(u32::MAX),
            or_more: place.is_none(),
            hours: hours_between(oldest.committed_at, now),
        },
    };
    Age { verdict, revision, between }
}

fn hours_between(from: Timestamp, to: Timestamp) -> u32 {
    const SECONDS: i64 = 3_600;
    u32::try_from((to.as_second() - from.as_second()) / SECONDS).unwrap_or(0)
}
