//! How long an order is likely to take still, from the orders before it.

use super::*;

use std::time::Duration;

use domain::history::History;
use engine::{Action, Interceptor};
use tests::desk::Ask;
use tests::fault::{Moment, Once, Recorder};

const RECONCILE: &str = "ReconcileFunction";

async fn progress(desk: &Desk, order: &str) -> Value {
    desk.ask(&Who::preparer(), Ask::get(&format!("/v1/orders/{order}/progress"))).await.json()
}

/// Lets reconciliation see every completion, which it does some minutes after they were written.
async fn reconcile(desk: &mut Desk) {
    desk.pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(3_600))).await;
}

#[tokio::test(start_paused = true)]
async fn an_estimate_is_unknown_until_twenty_orders_have_completed() {
    let mut desk = Desk::new();
    for number in 0..19 {
        processed(&desk, &format!("early-{number}"), &json!({})).await;
    }
    desk.pipeline.settle().await;
    reconcile(&mut desk).await;
    desk.pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    let waiting = processed(&desk, "waiting", &json!({})).await;
    let told = progress(&desk, &waiting).await;
    assert_eq!((&told["estimate"], &told["estimated_remaining_seconds"]), (&json!("unknown"), &Value::Null));
    desk.pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    desk.pipeline.settle().await;
    assert_eq!(progress(&desk, &waiting).await["estimate"], json!("idle"), "it has completed");

    reconcile(&mut desk).await;
    desk.pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    let next = processed(&desk, "next", &json!({})).await;
    let told = progress(&desk, &next).await;
    assert_eq!(told["estimate"], json!("range"), "{told}");
    let (p50, p90) = (&told["estimated_remaining_seconds"]["p50"], &told["estimated_remaining_seconds"]["p90"]);
    assert!(p50.as_u64().unwrap() >= 1 && p90.as_u64() >= p50.as_u64(), "{told}");

    // Of the twenty, none waited for its first phase for half an hour.
    desk.pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(1_800))).await;
    assert_eq!(progress(&desk, &next).await["estimate"], json!("longer_than_usual"));
}

#[tokio::test(start_paused = true)]
async fn whoever_has_an_order_processed_is_told_at_once_how_long_it_takes() {
    let mut desk = Desk::new();
    for number in 0..20 {
        processed(&desk, &format!("early-{number}"), &json!({})).await;
    }
    desk.pipeline.settle().await;
    reconcile(&mut desk).await;
    let order = desk.draft(&Who::preparer(), "next", &json!({ "service_code": "CANARY" })).await;
    let path = format!("/v1/orders/{order}/process");
    let answer = desk.ask(&Who::preparer(), Ask::post(&path, "process", &json!({}))).await.json();
    assert_eq!(answer["estimate"], json!("range"), "{answer}");
    assert!(answer["estimated_remaining_seconds"]["p90"].is_u64(), "{answer}");
}

/// How long the phases of twenty orders took, as reconciliation gathered it.
async fn gathered(interceptor: std::sync::Arc<dyn Interceptor>) -> History {
    let mut desk = Desk::new();
    for number in 0..20 {
        processed(&desk, &format!("early-{number}"), &json!({})).await;
    }
    desk.pipeline.settle().await;
    desk.pipeline.intercept(interceptor);
    reconcile(&mut desk).await;
    desk.pipeline.local.environment(RECONCILE).unwrap().store().unwrap().history().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_order_is_counted_twice_although_reconciliation_is_stopped_at_any_call() {
    let recorder = std::sync::Arc::new(Recorder::default());
    let whole = gathered(recorder.clone()).await;
    assert_ne!(whole, History::default());
    let points: Vec<_> = recorder.points().into_iter().filter(|point| point.function == RECONCILE).collect();
    let saves = points.iter().filter(|point| point.operation == "dynamodb:UpdateItem").take(4);
    for point in saves {
        for moment in [Moment::Before, Moment::After] {
            let once = Once::new(point.clone(), moment, Action::Crash);
            assert_eq!(gathered(once.clone()).await, whole, "stopped at {point:?}, {moment:?}");
            assert!(once.was_hit(), "{point:?}");
        }
    }
}
