//! Figures of a run. The one place where they are reported.

use std::collections::BTreeMap;

use manifest::Severity;
use runtime::metric::{Metric, Metrics};

use crate::check::Looked;

/// What is counted, by the verdict's name.
const COUNTED: [(&str, Metric); 9] = [
    ("in_step", Metric::FunctionsInStep),
    ("behind", Metric::FunctionsBehind),
    ("stale", Metric::FunctionsStale),
    ("misconfigured", Metric::FunctionsMisconfigured),
    ("unreachable", Metric::FunctionsUnreachable),
    ("unknown", Metric::FunctionsUnknown),
    ("tampered", Metric::FunctionsTampered),
    ("missing", Metric::FunctionsMissing),
    (NO_MANIFEST, Metric::ManifestsUnreadable),
];
/// Counted when there was nothing to compare with.
const NO_MANIFEST: &str = "no_manifest";

/// How many functions have each verdict, also where there is none of it: an alarm needs the zero.
pub(crate) fn counts(looked: &Looked) -> BTreeMap<&'static str, u64> {
    let mut counts: BTreeMap<&str, u64> = COUNTED.into_iter().map(|(name, _)| (name, 0)).collect();
    match looked {
        Looked::NoManifest { .. } => drop(counts.insert(NO_MANIFEST, 1)),
        Looked::Compared(assessments) => {
            for one in assessments {
                *counts.entry(one.verdict.name()).or_default() += 1;
            }
        }
    }
    counts
}

/// Reports a run's figures, and each verdict that is not well.
pub(crate) fn report(metrics: &Metrics, looked: &Looked) {
    let counts = counts(looked);
    for (name, metric) in COUNTED {
        metrics.record(metric, counts.get(name).copied().and_then(|n| i64::try_from(n).ok()).unwrap_or(0));
    }
    let Looked::Compared(assessments) = looked else { return };
    for one in assessments.iter().filter(|one| one.verdict.severity() > Severity::Fine) {
        for verdict in one.verdicts() {
            tracing::warn!(function = %one.function, verdict = %verdict, "a function is not what the source says");
        }
    }
}
