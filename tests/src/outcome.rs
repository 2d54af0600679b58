//! Describes the whole outcome of an order as one value, without times and random ids: what the order says, what is
//! stored, what was sent and what is still in a queue. Comparing it also finds unexpected writes.

use std::collections::BTreeMap;

use domain::id::OrderId;
use domain::phase::Phase;
use serde_json::{Value, json};

use crate::pipeline::Pipeline;

/// The outcome of an order.
///
/// # Panics
/// When it cannot be read.
pub async fn of(pipeline: &Pipeline, id: OrderId) -> Value {
    let order = pipeline.order(id).await;
    let failures = pipeline.client.failures(id).await.expect("readable");
    let all = pipeline.client.executions(&order).await.expect("readable");
    let executions: BTreeMap<_, _> = all
        .iter()
        .filter(|execution| execution.has_ended())
        .map(|one| (format!("{} {}", one.run(), one.subject()), json!([one.status(), one.error_code(), one.result()])))
        .collect();
    let ended: Vec<_> = order.terminal().iter().map(|number| (number.get(), order.failed().contains(number))).collect();
    let versions = pipeline.client.versions(&order).await.expect("readable");
    let artifacts = versions.iter().flat_map(|version| version.artifacts());
    let artifacts: Vec<_> = artifacts.map(|a| json!([a.version, a.run, a.name, a.sha256, a.bytes])).collect();
    let phases: BTreeMap<_, _> = order
        .phases()
        .iter()
        .map(|(phase, record)| (phase.as_str(), json!([record.run, record.completed_at.is_some(), record.skipped])))
        .collect();
    json!({
        "status": order.status(),
        "orchestration_status": order.orchestration_status(),
        "progress": order.progress_percent(),
        "run": order.run(),
        "failure_reason": order.failure_reason(),
        "executions": executions,
        "artifacts": artifacts,
        "phases": phases,
        "ended": ended,
        "leased": order.lease().is_some(),
        "hand_off_owed": order.hand_off_owed_since().is_some(),
        "failures": failures.iter().map(|f| json!([f.record.failure_id, f.record.code, format!("{:?}", f.alert)])).collect::<Vec<_>>(),
        "alerts": alerts(pipeline),
        "messages_left": messages_left(pipeline),
    })
}

/// The kinds of the published alerts by id, each once: a publication may be repeated when its answer was lost.
#[must_use]
pub fn alerts(pipeline: &Pipeline) -> BTreeMap<String, String> {
    let published = pipeline.local.aws.publications(0).unwrap_or_default();
    published
        .iter()
        .map(|publication| {
            let attribute = |name: &str| {
                let value = &publication.attributes[name];
                value["Value"].as_str().or_else(|| value["StringValue"].as_str()).unwrap_or_default().to_owned()
            };
            (attribute("id"), attribute("kind"))
        })
        .collect()
}

/// The number of publications, including repeated ones.
#[must_use]
pub fn publication_count(pipeline: &Pipeline) -> usize {
    pipeline.local.aws.publications(0).map_or(0, |published| published.len())
}

/// The number of messages in all queues.
#[must_use]
pub fn messages_left(pipeline: &Pipeline) -> u64 {
    let queues = pipeline.local.stack.queues.values();
    queues.filter_map(|queue| pipeline.local.aws.queue_depth(&queue.name)).map(|depth| depth.total()).sum()
}

/// The name of a phase's queue in the template.
#[must_use]
pub fn queue_name(pipeline: &Pipeline, phase: Phase) -> String {
    let name = phase.as_str();
    let logical = format!("{}{}Queue", name[..1].to_uppercase(), &name[1..]);
    pipeline.local.stack.queues.get(&logical).map(|queue| queue.name.clone()).unwrap_or_default()
}
