//! Figures of a run. The one place where they are reported.

use std::collections::BTreeMap;

use manifest::Severity;

use crate::check::Looked;

/// The verdicts that are counted, also when there is none of them: an alarm needs the zero.
const VERDICTS: [&str; 8] =
    ["in_step", "behind", "stale", "misconfigured", "unreachable", "unknown", "tampered", "missing"];
/// Counted when there was nothing to compare with.
const NO_MANIFEST: &str = "no_manifest";

/// How many functions have each verdict.
pub(crate) fn counts(looked: &Looked) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<&str, usize> = VERDICTS.into_iter().map(|name| (name, 0)).collect();
    counts.insert(NO_MANIFEST, usize::from(matches!(looked, Looked::NoManifest { .. })));
    if let Looked::Compared(assessments) = looked {
        for one in assessments {
            *counts.entry(one.verdict.name()).or_default() += 1;
        }
    }
    counts
}

/// Reports a run's figures and each verdict that is not well.
pub(crate) fn report(looked: &Looked) {
    let counts = counts(looked);
    let of = |name: &str| counts.get(name).copied().unwrap_or(0);
    tracing::info!(
        drift.in_step = of("in_step"),
        drift.behind = of("behind"),
        drift.stale = of("stale"),
        drift.misconfigured = of("misconfigured"),
        drift.unreachable = of("unreachable"),
        drift.unknown = of("unknown"),
        drift.tampered = of("tampered"),
        drift.missing = of("missing"),
        drift.no_manifest = of(NO_MANIFEST),
        "the deployment was compared with the source"
    );
    let Looked::Compared(assessments) = looked else { return };
    for one in assessments.iter().filter(|one| one.verdict.severity() > Severity::Fine) {
        for verdict in one.verdicts() {
            tracing::warn!(function = %one.function, verdict = %verdict, "a function is not what the source says");
        }
    }
}
