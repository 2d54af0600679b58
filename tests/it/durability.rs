//! The four outcomes of a completion's two writes: each is counted and told in words of its own, and the order goes on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use serde_json::Value;
use tests::log::hear;
use tests::pipeline::{OrderRequest, Pipeline};

const OUTCOMES: [&str; 4] =
    ["CompletionsBoth", "CompletionsPrimaryOnly", "CompletionsBackupOnly", "CompletionsNeither"];
/// As often as the SDK asks.
const ATTEMPTS: u32 = 3;

/// Which of classify's two writes fail, however often the SDK repeats them, the first time.
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

/// What a canary counts, logs and publishes when these writes of classify fail.
async fn counted(table: bool, backup: bool) -> (BTreeMap<&'static str, i64>, String, Vec<String>) {
    let log = hear();
    let mut pipeline = Pipeline::new();
    let lines = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&lines);
    pipeline.local.on_metrics(move |line| kept.borrow_mut().push(line.to_owned()));
    pipeline.intercept(Arc::new(Failing::new(table, backup)));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    let figures: Vec<Value> = lines.borrow().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sum = |name: &'static str| (name, figures.iter().filter_map(|line| line[name].as_i64()).sum());
    let told = pipeline.local.aws.publications(0).unwrap().into_iter().map(|one| one.message).collect();
    (OUTCOMES.map(sum).into(), log.text(), told)
}

#[tokio::test(start_paused = true)]
async fn each_outcome_of_the_two_writes_has_its_own_metric_and_log_line() {
    // The submission and the ends of five phases; a write of the table that failed is made again, and both stores have it then.
    let cases = [
        (false, false, [6, 0, 0, 0], None),
        (false, true, [5, 1, 0, 0], Some("completion stored in the table only")),
        (true, false, [6, 0, 1, 0], Some("completion stored in the backup only")),
        (true, true, [6, 0, 0, 1], Some("critical: completion stored in neither store")),
    ];
    for (table, backup, counts, words) in cases {
        let (counted, log, published) = counted(table, backup).await;
        let expected: BTreeMap<_, _> = OUTCOMES.into_iter().zip(counts).collect();
        assert_eq!(counted, expected, "table fails: {table}, backup fails: {backup}");
        for word in ["table only", "backup only", "neither store"] {
            let expected = words.is_some_and(|words| words.ends_with(word));
            assert_eq!(log.contains(word), expected, "{word}: {log}");
        }
        assert!(words.is_none_or(|words| log.contains(words)), "{log}");
        let lost =
            published.iter().filter(|message| message.contains("not be written to the table or to the backup")).count();
        assert_eq!((published.len(), lost), if table && backup { (1, 1) } else { (0, 0) });
    }
}
