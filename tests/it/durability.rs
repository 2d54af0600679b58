//! Tests the four outcomes of a completion's two writes: each has its own metric and log line, and the order continues.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use serde_json::Value;
use tests::log::capture;
use tests::pipeline::{OrderRequest, Pipeline};

const OUTCOMES: [&str; 4] =
    ["CompletionsBoth", "CompletionsPrimaryOnly", "CompletionsBackupOnly", "CompletionsNeither"];
/// Attempts that the SDK makes of a call.
const ATTEMPTS: u32 = 3;

/// Makes one or both of classify's two writes fail the first time, with all of the SDK's attempts.
struct Failing {
    table: Mutex<u32>,
    backup: Mutex<u32>,
}

impl Failing {
    fn new(table: bool, backup: bool) -> Self {
        let attempts = |fails: bool| Mutex::new(if fails { ATTEMPTS } else { 0 });
        Self { table: attempts(table), backup: attempts(backup) }
    }
}

impl Interceptor for Failing {
    fn before(&self, call: &Call) -> Action {
        let left = match (call.service, &*call.operation) {
            (Service::DynamoDb, "PutItem") => &self.table,
            (Service::S3, "PutObject") if call.resource.contains("-backup-") => &self.backup,
            _ => return Action::Pass,
        };
        let mut left = left.lock().unwrap();
        if *call.scope != *"ClassifyFunction" || *left == 0 {
            return Action::Pass;
        }
        *left -= 1;
        Action::Reset
    }
}

/// The metrics, log and published messages of a canary whose classify phase has these writes fail.
async fn run_with_failures(table: bool, backup: bool) -> (BTreeMap<&'static str, i64>, String, Vec<String>) {
    let log = capture();
    let mut pipeline = Pipeline::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    pipeline.local.on_metrics(move |line| kept.lock().unwrap().push(line.to_owned()));
    pipeline.intercept(Arc::new(Failing::new(table, backup)));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    let metrics: Vec<Value> = lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sum = |name: &'static str| (name, metrics.iter().filter_map(|line| line[name].as_i64()).sum());
    let messages = pipeline.local.aws.publications(0).unwrap().into_iter().map(|one| one.message).collect();
    (OUTCOMES.map(sum).into(), log.text(), messages)
}

#[tokio::test(start_paused = true)]
async fn each_outcome_of_the_two_writes_has_its_own_metric_and_log_line() {
    // The submission and the ends of five phases. A failed write to the table is retried as a whole, so that both
    // stores have it in the end.
    let cases = [
        (false, false, [6, 0, 0, 0], None),
        (false, true, [5, 1, 0, 0], Some("completion stored in the table only")),
        (true, false, [6, 0, 1, 0], Some("completion stored in the backup only")),
        (true, true, [6, 0, 0, 1], Some("critical: completion stored in neither store; the message will be retried")),
    ];
    for (table, backup, counts, words) in cases {
        let (counted, log, published) = run_with_failures(table, backup).await;
        let expected: BTreeMap<_, _> = OUTCOMES.into_iter().zip(counts).collect();
        assert_eq!(counted, expected, "table fails: {table}, backup fails: {backup}");
        for word in ["table only", "backup only", "neither store"] {
            let expected = words.is_some_and(|words| words.contains(word));
            assert_eq!(log.contains(word), expected, "{word}: {log}");
        }
        assert!(words.is_none_or(|words| log.contains(words)), "{log}");
        let lost =
            published.iter().filter(|message| message.contains("not be written to the table or to the backup")).count();
        assert_eq!((published.len(), lost), if table && backup { (1, 1) } else { (0, 0) });
    }
}
