//! Checks that the simulator catches every mistake that it can make in the functions: one that it misses here it would
//! miss in real code too.

use std::time::Instant;

use simulator::{Kind, Mistake, Options, Report, hunt};
use strum::IntoEnumIterator as _;

/// Number of seeds to try from the one that first caught a mistake. A change of the protocol may shift that seed.
const SEED_COUNT: u64 = 20;

/// The last seed to try when all are searched again.
const SEED_MAX: u64 = 1_000;

/// The first seed that caught each mistake. `MISTAKES_FROM_ZERO=1` searches from 0 again, and `MISTAKE=Name` for one only.
const CAUGHT_BY: [(Mistake, u64); 33] = [
    (Mistake::AcknowledgeFailedClaim, 1),
    (Mistake::AcknowledgeFailedCommit, 3),
    (Mistake::AcknowledgeFailedSend, 8),
    (Mistake::TrustBatch, 2),
    (Mistake::ForgetResend, 0),
    (Mistake::ConflictIsSomebodyElse, 12),
    (Mistake::FanInFromOwnView, 0),
    (Mistake::ForgetAlert, 0),
    (Mistake::ForgetDocumentAlert, 7),
    (Mistake::AlertBeforeRecord, 0),
    (Mistake::PublishUnclaimed, 122),
    (Mistake::ForgetMark, 0),
    (Mistake::MisspeltAnswer, 0),
    (Mistake::ClaimAnyRun, 26),
    (Mistake::ClaimAnyPhase, 0),
    (Mistake::WriteBlindly, 2),
    (Mistake::CreateBlindly, 0),
    (Mistake::RecordLater, 0),
    (Mistake::OverwriteResult, 6),
    (Mistake::NameInRecord, 2),
    (Mistake::NameInLog, 2),
    (Mistake::DropUnreadable, 3),
    (Mistake::ForgetRepeatedSubmission, 3),
    (Mistake::KeyWithoutFirm, 0),
    (Mistake::DropDeadCommand, 0),
    (Mistake::IgnoreBackupLoss, 0),
    (Mistake::KeyWithoutRun, 16),
    (Mistake::IgnoreDecisions, 33),
    (Mistake::FailAfterOneClaim, 70),
    (Mistake::KeepFailureReason, 16),
    (Mistake::KeepProgress, 0),
    (Mistake::NeverCloseCircuit, 55),
    (Mistake::SkipUndonePhases, 90),
];

#[test]
fn every_mistake_is_caught() {
    let from_zero = std::env::var_os("MISTAKES_FROM_ZERO").is_some();
    let mut table = String::from("| mistake | seeds | caught by | seconds |\n|---|---|---|---|\n");
    let mut escaped = Vec::new();
    let only = std::env::var("MISTAKE").ok();
    let asked = |mistake: Mistake| only.as_ref().is_none_or(|name| *name == format!("{mistake:?}"));
    for (mistake, seed) in CAUGHT_BY.into_iter().filter(|(mistake, _)| asked(*mistake)) {
        let began = Instant::now();
        let seeds = if from_zero { 0..=SEED_MAX } else { seed..=seed + SEED_COUNT };
        let report = hunt(&Options { seeds, mistake: Some(mistake), shrink: false, ..Options::default() });
        let seconds = began.elapsed().as_secs();
        match caught(&report) {
            Some((seed, kind, invariant)) => {
                table.push_str(&format!("| {mistake:?} | {} | {kind:?} ({invariant}) | {seconds} |\n", seed + 1));
            }
            None => escaped.push(mistake),
        }
    }
    eprintln!("{table}");
    assert!(escaped.is_empty(), "{escaped:?} escaped");
}

#[test]
fn every_mistake_has_a_seed() {
    assert!(Mistake::iter().count() >= 25);
    for mistake in Mistake::iter() {
        assert!(CAUGHT_BY.iter().any(|(known, _)| *known == mistake), "{mistake:?}");
    }
}

fn caught(report: &Report) -> Option<(u64, Kind, &'static str)> {
    let case = report.failures.first()?;
    let violation = case.violations.first()?;
    Some((case.seed?, violation.kind, violation.invariant))
}
