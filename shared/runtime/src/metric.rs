//! Writes an invocation's metrics as one line in CloudWatch's embedded metric format: CloudWatch reads them from the log,
//! so no API call is needed. The dimensions are the stage and the function, never an order id.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use strum::{IntoStaticStr, VariantArray};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Docket";

/// A CloudWatch metric. The variants' names are the metrics' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
pub enum Metric {
    /// Orders whose last phase ended.
    OrdersCompleted,
    /// Orders whose run failed.
    OrdersFailed,
    /// Orders that began to wait for a reviewer.
    OrdersPaused,
    /// Documents whose execution failed; their orders continued.
    ExecutionsFailed,
    /// Time from a phase's first claim to its end.
    PhaseDuration,
    /// Messages that will be retried after a delay.
    MessagesRetried,
    /// Messages that could not be handled; they end up in the dead-letter queue.
    MessagesRefused,
    /// Work that waits because a dependency is away or refuses its calls.
    DependencyUnavailable,
    /// Hand-offs that their queue did not accept; they are sent again.
    HandOffsFailed,
    /// Alerts that were published.
    AlertsPublished,
    /// Publications that announced several failures of one cause.
    AlertDigests,
    /// Alerts that could not be published yet.
    AlertsDeferred,
    /// Notifications that were dropped.
    NotificationsDropped,
    /// Completions that both stores hold.
    CompletionsBoth,
    /// Completions that only the table holds.
    CompletionsPrimaryOnly,
    /// Completions that only the backup holds.
    CompletionsBackupOnly,
    /// Completions that neither store holds.
    CompletionsNeither,
    /// Circuits that opened.
    CircuitsOpened,
    /// Dead letters that were handled.
    DeadLetters,
    /// Reconciliation passes that ran to their end.
    ReconcileTurns,
    /// How much of the backup is not compared yet: the time since the oldest of it was written.
    ReconcileLag,
    /// Hand-offs that were overdue and were sent again.
    HandOffsResent,
    /// Alerts that were pending for too long, and that reconciliation could not publish.
    AlertsOwed,
    /// Orders that waited for a reviewer for so long that somebody was told.
    ReviewsOverdue,
    /// Orders whose completion reconciliation wrote to the backup.
    BackupRepairs,
    /// Orders that were restored from the backup.
    TableRepairs,
    /// Things that could not be repaired, and were alerted.
    Unrepairable,
    /// Items that reconciliation deferred to the next pass.
    ReconcileItemsFailed,
    /// Functions that are what the manifest says.
    FunctionsInStep,
    /// Functions that have run an earlier build for less than a day.
    FunctionsBehind,
    /// Functions that have been behind for a day or longer.
    FunctionsStale,
    /// Functions whose configuration differs from the template.
    FunctionsMisconfigured,
    /// Functions that could not be checked.
    FunctionsUnreachable,
    /// Functions with our name prefix that are not in the manifest.
    FunctionsUnknown,
    /// Functions that run code that we did not build.
    FunctionsTampered,
    /// Functions that should be deployed and are missing.
    FunctionsMissing,
    /// Drift checks that had no manifest to compare with.
    ManifestsUnreadable,
    /// Drift checks that ran to their end.
    DriftChecks,
}

impl Metric {
    /// All of them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name in CloudWatch.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    fn unit(self) -> &'static str {
        match self {
            Self::PhaseDuration => "Milliseconds",
            Self::ReconcileLag => "Seconds",
            _ => "Count",
        }
    }
}

/// Where lines go: standard output on Lambda.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// The metrics of one function, gathered until they are written.
#[derive(Clone)]
pub struct Metrics {
    stage: String,
    function: String,
    sink: Sink,
    gathered: Arc<Mutex<BTreeMap<Metric, Vec<i64>>>>,
}

impl Metrics {
    /// The metrics of `function` in `stage`.
    #[must_use]
    pub fn new(stage: String, function: String, sink: Sink) -> Self {
        Self { stage, function, sink, gathered: Arc::default() }
    }

    /// Adds to a count. Adding 0 does nothing.
    pub fn count(&self, metric: Metric, count: u64) {
        if count == 0 {
            return;
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut gathered = self.gathered();
        let values = gathered.entry(metric).or_default();
        match values.first_mut() {
            Some(sum) => *sum = sum.saturating_add(count),
            None => values.push(count),
        }
    }

    /// Adds one value of a metric that is not a count.
    pub fn record(&self, metric: Metric, value: i64) {
        self.gathered().entry(metric).or_default().push(value);
    }

    /// Writes what was gathered as one line, if there is anything, and starts over.
    pub fn flush(&self, at: Timestamp) {
        let gathered = std::mem::take(&mut *self.gathered());
        if !gathered.is_empty() {
            (self.sink)(&self.line(&gathered, at).to_string());
        }
    }

    fn gathered(&self) -> MutexGuard<'_, BTreeMap<Metric, Vec<i64>>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, gathered: &BTreeMap<Metric, Vec<i64>>, at: Timestamp) -> Value {
        let declared: Vec<_> =
            gathered.keys().map(|metric| json!({ "Name": metric.name(), "Unit": metric.unit() })).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": at.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Stage", "Function"], ["Stage"]],
                    "Metrics": declared,
                }],
            }),
        );
        line.insert("Stage".to_owned(), json!(self.stage));
        line.insert("Function".to_owned(), json!(self.function));
        for (metric, values) in gathered {
            let value = if let [one] = values.as_slice() { json!(one) } else { json!(values) };
            line.insert(metric.name().to_owned(), value);
        }
        Value::Object(line)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("function", &self.function).finish_non_exhaustive()
    }
}

/// Writes lines to standard output, where Lambda takes them to the log.
#[must_use]
pub fn to_stdout() -> Sink {
    Arc::new(|line| {
        use std::io::Write as _;
        // A line that cannot be written loses only metrics.
        let _ = writeln!(std::io::stdout(), "{line}");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let sink: Sink =
            Arc::new(move |line| kept.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned()));
        let metrics = Metrics::new("dev".to_owned(), "docket-dev-extract".to_owned(), sink);
        metrics.count(Metric::OrdersFailed, 1);
        metrics.count(Metric::OrdersFailed, 2);
        metrics.count(Metric::OrdersPaused, 0);
        metrics.record(Metric::PhaseDuration, 12);
        metrics.record(Metric::PhaseDuration, 30);
        metrics.record(Metric::ReconcileLag, 7);
        metrics.flush(Timestamp::from_millisecond(1_767_603_600_123).unwrap_or_default());
        metrics.flush(Timestamp::UNIX_EPOCH);
        let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(lines.len(), 1, "what was written is not written again");
        let line: Value = serde_json::from_str(&lines[0]).unwrap_or_default();
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_767_603_600_123_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Docket",
                        "Dimensions": [["Stage", "Function"], ["Stage"]],
                        "Metrics": [
                            { "Name": "OrdersFailed", "Unit": "Count" },
                            { "Name": "PhaseDuration", "Unit": "Milliseconds" },
                            { "Name": "ReconcileLag", "Unit": "Seconds" },
                        ],
                    }],
                },
                "Stage": "dev", "Function": "docket-dev-extract", "OrdersFailed": 3, "PhaseDuration": [12, 30],
                "ReconcileLag": 7,
            })
        );
    }

    #[test]
    fn metrics_print_their_function_and_nothing_that_was_gathered() {
        let metrics = Metrics::new("dev".to_owned(), "docket-dev-extract".to_owned(), to_stdout());
        metrics.count(Metric::OrdersFailed, 1);
        assert_eq!(format!("{metrics:?}"), "Metrics { function: \"docket-dev-extract\", .. }");
    }
}
