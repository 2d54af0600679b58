//! An order as the command shows it: one JSON object, or lines for a person.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws::store::{AlertState, StoredFailure};
use client::Client;
use domain::order::Order;
use domain::phase::Phase;
use engine::Aws;
use serde_json::{Map, Value, json};

/// Everything that is told about an order.
///
/// # Errors
/// [`aws::Error`] when a part of it could not be read.
pub async fn of(
    client: &Client,
    order: &Order,
    artifacts: &BTreeMap<String, PathBuf>,
    calls: Value,
) -> Result<Value, aws::Error> {
    let mut report = Map::new();
    let mut put = |name: &str, value: Value| report.insert(name.to_owned(), value);
    put("order_id", json!(order.order_id));
    put("service_code", json!(order.service_code));
    put("status", json!(order.status));
    put("orchestration_status", json!(order.orchestration_status));
    put("progress", json!(order.progress_percent()));
    put("failure_reason", json!(order.failure_reason));
    put("last_orchestration_error", json!(order.last_orchestration_error));
    put("run", json!(order.run));
    put("phases", phases(order));
    put("executions", executions(order));
    put("review_items", review_items(client, order).await?);
    put("factors", json!({}));
    put("artifacts", list_artifacts(order, artifacts));
    put("failures", failures(client, order).await?);
    put("aws_calls", calls);
    if let Some(own) = services::presentation(order.service_code).report {
        let artifact = client.artifact(order, own.artifact).await?;
        report.extend((own.fields)(artifact.as_deref()));
    }
    Ok(Value::Object(report))
}

/// AWS calls that functions made, by function and operation.
#[must_use]
pub fn calls(aws: &Aws) -> Value {
    let mut by_function: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for ((scope, service, operation), count) in aws.calls() {
        if let Some(function) = scope.strip_suffix("Function") {
            let operations = by_function.entry(kebab(function)).or_default();
            *operations.entry(format!("{service}:{operation}")).or_default() += count;
        }
    }
    json!(by_function)
}

/// Writes the current final documents into a folder.
///
/// # Errors
/// The error of the store or of the file system, in words.
pub async fn save_artifacts(client: &Client, order: &Order, out: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut saved = BTreeMap::new();
    for artifact in order.artifacts.iter().filter(|artifact| artifact.version == order.artifact_version) {
        let found = client.artifact(order, &artifact.name).await.map_err(|error| error.to_string())?;
        let bytes = found.ok_or_else(|| format!("{} is missing from the stored documents", artifact.name))?;
        let path = out.join(&artifact.name);
        std::fs::create_dir_all(out)
            .and_then(|()| std::fs::write(&path, bytes))
            .map_err(|error| format!("{} cannot be written: {error}; give another --out", path.display()))?;
        saved.insert(artifact.name.clone(), path);
    }
    Ok(saved)
}

fn phases(order: &Order) -> Value {
    let one = |phase: Phase| {
        let record = order.phases.get(&phase)?;
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

fn executions(order: &Order) -> Value {
    let one = |(document, execution): (&domain::id::DocumentNumber, &domain::order::Execution)| {
        json!({
            "document": document,
            "processor": execution.processor,
            "status": execution.status,
            "error_code": execution.error_code,
            "error_message": execution.error_message,
        })
    };
    order.executions.iter().map(one).collect()
}

fn list_artifacts(order: &Order, saved: &BTreeMap<String, PathBuf>) -> Value {
    let current = order.artifacts.iter().filter(|artifact| artifact.version == order.artifact_version);
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

async fn review_items(client: &Client, order: &Order) -> Result<Value, aws::Error> {
    let items = if order.is_paused() { client.result(order, Phase::Review).await? } else { None };
    Ok(items.unwrap_or_else(|| json!([])))
}

async fn failures(client: &Client, order: &Order) -> Result<Value, aws::Error> {
    let stored = client.failures(order.order_id).await?;
    let one = |failure: &StoredFailure| {
        let mut told = json!(failure.record);
        told["alert"] = json!(alert_state(failure.alert));
        told
    };
    Ok(stored.iter().map(one).collect())
}

/// An alert's state in a word.
#[must_use]
pub fn alert_state(state: AlertState) -> &'static str {
    match state {
        AlertState::Pending => "owed",
        AlertState::Sent => "sent",
    }
}

fn kebab(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
