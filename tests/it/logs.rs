//! Checks that one correlation id follows an order from its first message to its alert, and that metrics name no order.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::message::Command;
use domain::status::Status;
use serde_json::Value;
use tests::log::capture;
use tests::pipeline::{OrderRequest, Pipeline};

#[tokio::test(start_paused = true)]
async fn every_log_line_and_alert_of_an_order_carries_its_correlation_id() {
    let log = capture();
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1, 2])).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Failed);

    let text = log.text();
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON object per line")).collect();
    let about = lines.iter().filter(|line| line.to_string().contains(&id.to_string())).collect::<Vec<_>>();
    assert!(about.len() > 4, "{text}");
    for line in about {
        let span = &line["span"]["correlation.id"];
        let found = if span.is_null() { &line["correlation.id"] } else { span };
        assert_eq!(found, &Value::from(order.correlation_id()), "{line}");
    }
    let audit = |name: &str| lines.iter().filter(|line| line["audit"] == name).count();
    assert_eq!((audit("pipeline_extract_start"), audit("pipeline_complete")), (2, 1), "{text}");
    let published = pipeline.local.aws.publications(0).unwrap();
    assert_eq!(published.len(), 1);
    for alert in published {
        assert!(alert.message.contains(&format!("Correlation: {}", order.correlation_id())), "{}", alert.message);
    }
}

#[tokio::test(start_paused = true)]
async fn the_audit_line_of_an_order_says_how_long_its_run_took() {
    let log = capture();
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    let mut took = Vec::new();
    for secs in [5, 7] {
        // Its function starts late, because nothing else takes time here.
        pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
        pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(secs))).await;
        pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
        pipeline.settle().await;
        let order = pipeline.order(id).await;
        took.push(order.updated_at().duration_since(order.run_started_at().unwrap()).as_millis());
        pipeline.client.command(id, Command::Retry { run: order.run(), start_from: None }).await.unwrap();
    }
    let text = log.text();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON object per line"));
    let ends = lines.filter(|line| line["audit"] == "pipeline_complete");
    let logged: Vec<_> = ends.map(|line| i128::from(line["duration_ms"].as_i64().unwrap())).collect();
    assert!(took[0] >= 4_000 && took[1] > took[0], "{took:?}");
    assert_eq!(logged, took, "{text}");
}

#[tokio::test(start_paused = true)]
async fn metrics_count_the_outcomes_of_orders_and_name_none() {
    let mut pipeline = Pipeline::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    pipeline.local.on_metrics(move |line| kept.lock().unwrap().push(line.to_owned()));
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[2])).await;
    pipeline.settle().await;
    let metrics: Vec<Value> =
        lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let sum = |name: &str| metrics.iter().filter_map(|line| line[name].as_i64()).sum::<i64>();
    assert_eq!((sum("OrdersCompleted"), sum("ExecutionsFailed"), sum("AlertsPublished")), (1, 1, 1));
    // The submission, both documents together with the end of extract, and the ends of the four phases after it.
    assert_eq!((sum("CompletionsBoth"), sum("CompletionsNeither")), (6, 0));
    assert!(metrics.iter().all(|line| line["Stage"] == "dev" && line["_aws"]["CloudWatchMetrics"].is_array()));
    assert!(!lines.lock().unwrap().iter().any(|line| line.contains(&id.to_string())));
}
