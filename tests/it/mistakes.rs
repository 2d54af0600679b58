//! Each planted mistake is caught by the simulation: what it finds nothing of, it would find nothing of in earnest.

use std::time::Instant;

use docket::simulate::{Kind, Options, Report, hunt};
use planted::{Mistake, PLANTABLE};

/// Seeds within which a mistake has to be caught.
const SEEDS_MAX: u64 = 100;

#[test]
fn every_planted_mistake_is_caught() {
    if !PLANTABLE {
        eprintln!("skipped: this build has no debug assertions, so it makes no mistakes");
        return;
    }
    let mut table = String::from("| mistake | seeds | caught by | seconds |\n|---|---|---|---|\n");
    let mut escaped = Vec::new();
    for mistake in chosen() {
        let began = Instant::now();
        let options = Options { seeds: 0..=SEEDS_MAX - 1, mistake: Some(mistake), shrink: false, ..Options::default() };
        let report = hunt(&options);
        let seconds = began.elapsed().as_secs();
        match caught(&report) {
            Some((seed, kind, invariant)) => {
                table.push_str(&format!("| {mistake:?} | {} | {kind:?} ({invariant}) | {seconds} |\n", seed + 1));
            }
            None => escaped.push(mistake),
        }
        eprintln!("{}", table.lines().last().unwrap_or_default());
    }
    eprintln!("{table}\nescaped: {escaped:?}");
    assert!(escaped.is_empty(), "{escaped:?} escaped {SEEDS_MAX} seeds");
}

/// The mistakes to plant: all, or those that a variable names.
fn chosen() -> Vec<Mistake> {
    let only = std::env::var("MISTAKES").unwrap_or_default();
    Mistake::ALL.into_iter().filter(|mistake| only.is_empty() || only.contains(&format!("{mistake:?}"))).collect()
}

fn caught(report: &Report) -> Option<(u64, Kind, &'static str)> {
    let case = report.failures.first()?;
    let violation = case.violations.first()?;
    Some((case.seed?, violation.kind, violation.invariant))
}
