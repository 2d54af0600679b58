//! Reads the settings that the template gives a function.

use std::collections::BTreeMap;

use drift::model::deployed::REVISION_TAG;
use drift::{EventSource, Settings};
use engine::template::stack::{Event, Function, SqsMapping};

/// The engine's placeholder for an attribute known only after deployment.
const UNKNOWN: &str = ":local:";

/// The settings that `function` should be deployed with.
#[must_use]
pub fn settings(function: &Function) -> Settings {
    let mut tags = known(&function.tags);
    // It names the deployed revision, so every deployment changes it.
    if let Some(revision) = tags.get_mut(REVISION_TAG) {
        *revision = None;
    }
    Settings {
        runtime: function.runtime.clone(),
        architecture: function.architecture.clone(),
        handler: function.handler.clone(),
        memory_mib: function.memory_mib,
        timeout_s: function.timeout_s,
        reserved_concurrency: function.reserved_concurrency,
        layers: std::collections::BTreeSet::new(),
        environment: known(&function.environment),
        tags,
        sources: function.events.iter().filter_map(source).collect(),
    }
}

fn known(values: &BTreeMap<String, String>) -> BTreeMap<String, Option<String>> {
    let value = |value: &String| (!value.contains(UNKNOWN)).then(|| value.clone());
    values.iter().map(|(name, text)| (name.clone(), value(text))).collect()
}

/// Schedules are left out: they belong to EventBridge, and the Lambda API does not list them.
fn source(event: &Event) -> Option<(String, EventSource)> {
    match event {
        Event::Sqs(SqsMapping {
            queue,
            batch_size,
            window_s,
            report_batch_item_failures,
            maximum_concurrency,
            enabled,
        }) => {
            let source = EventSource {
                batch_size: *batch_size,
                window_s: *window_s,
                report_batch_item_failures: *report_batch_item_failures,
                maximum_concurrency: *maximum_concurrency,
                filters: 0,
                enabled: *enabled,
            };
            Some((queue.clone(), source))
        }
        Event::Schedule(_) => None,
    }
}
