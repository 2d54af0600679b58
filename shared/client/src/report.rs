//! Reports an order as one JSON object, for the command's `--json` and for other clients.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws::store::{AlertState, StoredFailure};
use domain::execution::{self, Execution};
use domain::order::Order;
use domain::phase::Phase;
use domain::version::Version;
use runtime::service::Report;
use serde_json::{Map, Value, json};

use crate::Client;

/// Reports everything about an order. `own` is what its service adds to the report, `artifacts` are the files that its
/// documents were saved to, and `calls` are the AWS calls made for it, if known.
///
/// # Errors
/// [`aws::Error`] when a part of it could not be read.
pub async fn build(
    client: &Client,
    order: &Order,
    own: Option<Report>,
    artifacts: &BTreeMap<String, PathBuf>,
    calls: Value,
) -> Result<Value, aws::Error> {
    let mut report = Map::new();
    let mut put = |name: &str, value: Value| report.insert(name.to_owned(), value);
    put("order_id", json!(order.order_id()));
    put("service_code", json!(order.service_code()));
    put("status", json!(order.status()));
    put("orchestration_status", json!(order.orchestration_status()));
    put("progress", json!(order.progress_percent()));
    put("failure_reason", json!(order.failure_reason()));
    put("last_orchestration_error", json!(order.last_orchestration_error()));
    put("run", json!(order.run()));
    put("phases", phases(order));
    put("executions", executions(client, order).await?);
    put("review_items", review_items(client, order).await?);
    put("factors", json!({}));
    put("artifacts", list_artifacts(order, artifacts));
    put("versions", versions(client, order).await?);
    put("failures", failures(client, order).await?);
    put("aws_calls", calls);
    if let Some(own) = own {
        let artifact = client.artifact(order, own.artifact).await?;
        report.extend((own.fields)(artifact.as_deref()));
    }
    Ok(Value::Object(report))
}

fn phases(order: &Order) -> Value {
    let one = |phase: Phase| {
        let record = order.phases().get(&phase)?;
        Some(json!({
            "phase": phase,
            "started_at": record.started_at,
            "completed_at": record.completed_at,
            "duration_ms": record.duration_ms(),
            "skipped": record.skipped,
        }))
    };
    Phase::ALL.into_iter().filter_map(one).collect()
}

async fn executions(client: &Client, order: &Order) -> Result<Value, aws::Error> {
    let all = client.executions(order).await?;
    let one = |execution: &Execution| {
        json!({
            "document": execution.number(),
            "processor": execution.processor(),
            "subject": execution.subject(),
            "run": execution.run(),
            "status": execution.status(),
            "attempts": execution.attempts(),
            "error_code": execution.error_code(),
            "error_message": execution.error_message(),
            "started_at": execution.started_at(),
            "ended_at": execution.ended_at(),
            "duration_ms": execution.duration_ms(),
        })
    };
    Ok(execution::current(order, &all).into_iter().map(one).collect())
}

fn list_artifacts(order: &Order, saved: &BTreeMap<String, PathBuf>) -> Value {
    let current = order.artifacts().iter().filter(|artifact| artifact.version == order.artifact_version());
    current
        .map(|artifact| {
            json!({
                "name": artifact.name,
                "version": artifact.version,
                "path": saved.get(&artifact.name),
                "sha256": artifact.sha256,
                "bytes": artifact.bytes,
            })
        })
        .collect()
}

async fn versions(client: &Client, order: &Order) -> Result<Value, aws::Error> {
    let versions = client.versions(order).await?;
    let one = |version: &Version| {
        let artifacts = version.artifacts().iter();
        let artifacts: Vec<_> =
            artifacts.map(|one| json!({ "name": one.name, "sha256": one.sha256, "bytes": one.bytes })).collect();
        json!({ "version": version.number(), "run": version.run(), "artifacts": artifacts })
    };
    Ok(versions.iter().map(one).collect())
}

async fn review_items(client: &Client, order: &Order) -> Result<Value, aws::Error> {
    let items = if order.is_paused() { client.result(order, Phase::Review).await? } else { None };
    Ok(items.unwrap_or_else(|| json!([])))
}

async fn failures(client: &Client, order: &Order) -> Result<Value, aws::Error> {
    let stored = client.failures(order.order_id()).await?;
    Ok(stored.iter().map(describe_failure).collect())
}

/// Reports a failure, with the state of its alert.
#[must_use]
pub fn describe_failure(failure: &StoredFailure) -> Value {
    let mut shown = json!(failure.record);
    shown["alert"] = json!(alert_state(failure.alert));
    if let Some(sent_as) = &failure.sent_as {
        shown["alert_sent_as"] = json!(sent_as);
    }
    shown
}

/// The state of an alert in the report.
fn alert_state(state: AlertState) -> &'static str {
    match state {
        AlertState::Pending => "owed",
        AlertState::Sent => "sent",
    }
}
