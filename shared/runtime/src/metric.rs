//! Figures of an invocation, as one line in CloudWatch's embedded metric format: the log line is the metric, so no call is
//! made for it. Dimensions are the stage and the function; an order id is never one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The namespace that all figures are in.
pub const NAMESPACE: &str = "Docket";

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Orders whose last phase ended.
    OrdersCompleted,
    /// Orders whose run failed.
    OrdersFailed,
    /// Orders that began to wait for a reviewer.
    OrdersPaused,
    /// Documents whose execution failed; their orders went on.
    ExecutionsFailed,
    /// Time from a phase's first claim to its end.
    PhaseDuration,
    /// Messages that are to be tried again later.
    MessagesRetried,
    /// Messages that nothing could be made of; they go to the dead-letter queue in the end.
    MessagesRefused,
    /// Hand-offs that their queue did not take; they are sent again.
    HandOffsFailed,
    /// Alerts that were published.
    AlertsPublished,
    /// Alerts that could not be published and stay owed.
    AlertsDeferred,
    /// Notices to people that were dropped.
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
    /// Dead letters that were met.
    DeadLetters,
    /// Turns of reconciliation that were carried through.
    ReconcileTurns,
    /// Hand-offs that were overdue and were sent again.
    HandOffsResent,
    /// Alerts that were owed for too long.
    AlertsOwed,
    /// Completions that were written to the backup afterwards.
    BackupRepairs,
    /// Orders that were put back to what the backup held.
    TableRepairs,
    /// What could not be repaired, and was alerted.
    Unrepairable,
    /// Items of reconciliation that could not be dealt with now.
    ReconcileItemsFailed,
    /// Functions that are what the manifest says.
    FunctionsInStep,
    /// Functions that an earlier build runs of, for less than a day.
    FunctionsBehind,
    /// Functions that have been behind for a day or longer.
    FunctionsStale,
    /// Functions that are configured otherwise than the template says.
    FunctionsMisconfigured,
    /// Functions that could not be asked.
    FunctionsUnreachable,
    /// Functions with a name of ours that the manifest does not know.
    FunctionsUnknown,
    /// Functions that code runs of which is no build of ours.
    FunctionsTampered,
    /// Functions that should be deployed and are not there.
    FunctionsMissing,
    /// Drift checks that had no manifest to compare with.
    ManifestsUnreadable,
    /// Drift checks that were carried through.
    DriftChecks,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 34] = [
        Self::OrdersCompleted,
        Self::OrdersFailed,
        Self::OrdersPaused,
        Self::ExecutionsFailed,
        Self::PhaseDuration,
        Self::MessagesRetried,
        Self::MessagesRefused,
        Self::HandOffsFailed,
        Self::AlertsPublished,
        Self::AlertsDeferred,
        Self::NotificationsDropped,
        Self::CompletionsBoth,
        Self::CompletionsPrimaryOnly,
        Self::CompletionsBackupOnly,
        Self::CompletionsNeither,
        Self::CircuitsOpened,
        Self::DeadLetters,
        Self::ReconcileTurns,
        Self::HandOffsResent,
        Self::AlertsOwed,
        Self::BackupRepairs,
        Self::TableRepairs,
        Self::Unrepairable,
        Self::ReconcileItemsFailed,
        Self::FunctionsInStep,
        Self::FunctionsBehind,
        Self::FunctionsStale,
        Self::FunctionsMisconfigured,
        Self::FunctionsUnreachable,
        Self::FunctionsUnknown,
        Self::FunctionsTampered,
        Self::FunctionsMissing,
        Self::ManifestsUnreadable,
        Self::DriftChecks,
    ];

    /// Its name in CloudWatch.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    fn unit(self) -> &'static str {
        if self == Self::PhaseDuration { "Milliseconds" } else { "Count" }
    }
}

/// Where lines go: standard output on Lambda.
pub type Sink = Rc<dyn Fn(&str)>;

/// The figures of one function, gathered until they are written.
#[derive(Clone)]
pub struct Metrics {
    stage: String,
    function: String,
    sink: Sink,
    gathered: Rc<RefCell<BTreeMap<Metric, Vec<i64>>>>,
}

impl Metrics {
    /// Figures of `function` in `stage`.
    #[must_use]
    pub fn new(stage: String, function: String, sink: Sink) -> Self {
        Self { stage, function, sink, gathered: Rc::default() }
    }

    /// Adds to a count. Nothing is noted for 0.
    pub fn count(&self, metric: Metric, count: u64) {
        if count == 0 {
            return;
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut gathered = self.gathered.borrow_mut();
        let values = gathered.entry(metric).or_default();
        match values.first_mut() {
            Some(sum) => *sum = sum.saturating_add(count),
            None => values.push(count),
        }
    }

    /// Notes one value of a measure.
    pub fn record(&self, metric: Metric, value: i64) {
        self.gathered.borrow_mut().entry(metric).or_default().push(value);
    }

    /// Writes what was gathered as one line and begins anew. Writes nothing where there is nothing.
    pub fn flush(&self, at: Timestamp) {
        let gathered = std::mem::take(&mut *self.gathered.borrow_mut());
        if !gathered.is_empty() {
            (self.sink)(&self.line(&gathered, at).to_string());
        }
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
            line.insert(metric.name(), value);
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
    Rc::new(|line| {
        use std::io::Write as _;
        // A line that cannot be written is a figure lost, and nothing else.
        let _ = writeln!(std::io::stdout(), "{line}");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&lines);
        let sink: Sink = Rc::new(move |line| kept.borrow_mut().push(line.to_owned()));
        let metrics = Metrics::new("dev".to_owned(), "docket-dev-extract".to_owned(), sink);
        metrics.count(Metric::OrdersFailed, 1);
        metrics.count(Metric::OrdersFailed, 2);
        metrics.count(Metric::OrdersPaused, 0);
        metrics.record(Metric::PhaseDuration, 12);
        metrics.record(Metric::PhaseDuration, 30);
        metrics.flush(Timestamp::from_millisecond(1_767_603_600_123).unwrap_or_default());
        metrics.flush(Timestamp::UNIX_EPOCH);
        let lines = lines.borrow();
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
                        ],
                    }],
                },
                "Stage": "dev", "Function": "docket-dev-extract", "OrdersFailed": 3, "PhaseDuration": [12, 30],
            })
        );
    }
}
