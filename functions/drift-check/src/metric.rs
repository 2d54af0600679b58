//! Counts the verdicts of a run, for its metrics and its answer.

use std::collections::BTreeMap;

use drift::{CheckOutcome, Severity, VerdictKind};
use runtime::metric::{Metric, Metrics};
use serde_json::{Map, Value};
use strum::IntoEnumIterator as _;

/// The key under which the answer counts runs that had no manifest to compare with.
const NO_MANIFEST: &str = "no_manifest";

/// The counts of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// How many functions have each verdict, including zeros, which alarms need.
    verdicts: BTreeMap<VerdictKind, u64>,
    /// Whether there was no manifest to compare with.
    is_without_manifest: bool,
}

impl Counts {
    /// Counts the verdicts of a check. Of several verdicts about one function, the worst counts.
    pub(crate) fn of(outcome: &CheckOutcome) -> Self {
        let mut verdicts: BTreeMap<_, _> = VerdictKind::iter().map(|kind| (kind, 0)).collect();
        match outcome {
            CheckOutcome::NoManifest { .. } => Self { verdicts, is_without_manifest: true },
            CheckOutcome::Compared(assessments) => {
                for assessment in assessments {
                    *verdicts.entry(assessment.verdict.kind()).or_default() += 1;
                }
                Self { verdicts, is_without_manifest: false }
            }
        }
    }

    /// The counts as the function answers them, by the verdict's name.
    pub(crate) fn to_json(&self) -> Value {
        let counts = self.verdicts.iter().map(|(kind, count)| (kind.name().to_owned(), Value::from(*count)));
        let no_manifest = (NO_MANIFEST.to_owned(), u64::from(self.is_without_manifest).into());
        Value::Object(counts.chain([no_manifest]).collect::<Map<_, _>>())
    }

    fn record(&self, metrics: &Metrics) {
        for (kind, count) in &self.verdicts {
            metrics.record(metric(*kind), i64::try_from(*count).unwrap_or(i64::MAX));
        }
        metrics.record(Metric::ManifestsUnreadable, self.is_without_manifest.into());
    }
}

/// The metric that counts functions with a kind of verdict.
fn metric(kind: VerdictKind) -> Metric {
    match kind {
        VerdictKind::InStep => Metric::FunctionsInStep,
        VerdictKind::Behind => Metric::FunctionsBehind,
        VerdictKind::Stale => Metric::FunctionsStale,
        VerdictKind::Misconfigured => Metric::FunctionsMisconfigured,
        VerdictKind::Unreachable => Metric::FunctionsUnreachable,
        VerdictKind::Unknown => Metric::FunctionsUnknown,
        VerdictKind::Tampered => Metric::FunctionsTampered,
        VerdictKind::Missing => Metric::FunctionsMissing,
    }
}

/// Records the metrics of a run, and logs each verdict that is not in step.
pub(crate) fn report(metrics: &Metrics, outcome: &CheckOutcome) {
    Counts::of(outcome).record(metrics);
    let CheckOutcome::Compared(assessments) = outcome else { return };
    for assessment in assessments.iter().filter(|assessment| assessment.verdict.severity() > Severity::Fine) {
        for verdict in assessment.verdicts() {
            tracing::warn!(function = %assessment.function, verdict = %verdict, "deployed function differs from the source");
        }
    }
}
