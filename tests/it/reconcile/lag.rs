//! How far the comparison of the two stores is behind, and how fast it catches up.

use domain::event::NewOrder;
use domain::lifecycle::submit;
use domain::option::Options;
use std::sync::{Arc, Mutex};

use super::*;

/// What a call takes where nothing is slow.
struct Latency;

impl Interceptor for Latency {
    fn latency(&self, call: &Call) -> Duration {
        Duration::from_millis(if call.service == Service::S3 { 20 } else { 10 })
    }
}

/// Stores orders as of `at` in both stores, each in an object of its own.
async fn store_orders(pipeline: &Pipeline, count: u32, at: Timestamp) {
    let (store, log) = (store(pipeline), stores::backup(pipeline));
    for number in 0..count {
        let new = NewOrder {
            order_id: OrderId::from_parts(1, u128::from(number)),
            firm_id: firm(),
            service_code: ServiceCode::Canary,
            documents: 0,
            options: Options::default(),
            correlation_id: "c".to_owned(),
        };
        let decision = submit(new, at, "w").unwrap();
        let _ = store.create(&decision).await.unwrap();
        let line = Completion::of(decision.order(), Phase::Extract, Vec::new(), None, Primary::Written);
        log.append(&[line], &format!("{number:05}"), at).await.unwrap();
    }
}

/// The values of `ReconcileLag` that passes report, in seconds.
fn lags(pipeline: &Pipeline) -> Arc<Mutex<Vec<i64>>> {
    let lags: Arc<Mutex<Vec<i64>>> = Arc::default();
    let kept = Arc::clone(&lags);
    pipeline.local.on_metrics(move |line| {
        let line: Value = serde_json::from_str(line).unwrap();
        kept.lock().unwrap().extend(line["ReconcileLag"].as_i64());
    });
    lags
}

#[tokio::test(start_paused = true)]
async fn a_pass_compares_more_objects_than_a_busy_stage_writes() {
    const OBJECTS: u32 = 1_000;
    let mut pipeline = Pipeline::new();
    pipeline.local.driver.limit(RECONCILE, 0).unwrap();
    let an_hour_ago = pipeline.local.aws.clock().now() - Duration::from_secs(3_600);
    store_orders(&pipeline, OBJECTS, an_hour_ago).await;
    pipeline.local.driver.limit(RECONCILE, 1).unwrap();
    pipeline.intercept(Arc::new(Latency));
    let lags = lags(&pipeline);
    let start = tokio::time::Instant::now();
    // Overdue hand-offs are sent again in the same pass, one order after the other, so the time of the comparison is taken
    // where it saves how far it got.
    let compared = Arc::new(Compared::default());
    pipeline.intercept(compared.clone());
    reconcile(&mut pipeline).await;
    let took = compared.last.lock().unwrap().unwrap() - start;
    let per_second = f64::from(OBJECTS) / took.as_secs_f64();
    eprintln!("{per_second:.0} objects a second");
    assert!(per_second > 500.0, "{per_second:.0} objects a second, so {:.0} a pass", per_second * 127.0);
    assert_eq!(*lags.lock().unwrap(), [0], "it has caught up");
}

/// Calls take as long as with [`Latency`]; keeps the time of the last read of the backup.
#[derive(Default)]
struct Compared {
    last: Mutex<Option<tokio::time::Instant>>,
}

impl Interceptor for Compared {
    fn latency(&self, call: &Call) -> Duration {
        Latency.latency(call)
    }

    fn before(&self, call: &Call) -> Action {
        if call.service == Service::S3 && *call.operation == *"GetObject" {
            *self.last.lock().unwrap() = Some(tokio::time::Instant::now());
        }
        Action::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn each_pass_reports_how_far_the_comparison_is_behind() {
    let mut pipeline = Pipeline::new();
    let lags = lags(&pipeline);
    run_for_hours(&mut pipeline, 3).await;
    assert!(
        lags.lock().unwrap().len() > 30 && lags.lock().unwrap().iter().all(|lag| *lag == 0),
        "nothing was written: {lags:?}"
    );

    // Nothing was written for three hours, so what is not compared is younger than the outage.
    pipeline.intercept(Arc::new(Disconnected(|call| call.resource.contains("-backup-"))));
    lags.lock().unwrap().clear();
    run_for_hours(&mut pipeline, 2).await;
    let during = lags.lock().unwrap().clone();
    assert!(during.is_sorted() && during.first().is_some_and(|lag| *lag < 1_200), "{during:?}");
    assert!(during.last().is_some_and(|lag| *lag > 3_600), "{during:?}");

    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(lags.lock().unwrap().last(), Some(&0));
}
