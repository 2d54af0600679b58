//! A function's settings, as the template has them.

use std::collections::BTreeMap;

use manifest::deployed::REVISION_TAG;
use manifest::{Settings, Source};

use engine::template::stack::{Event, Function, SqsMapping};

/// What the engine puts in place of an attribute that only a deployment knows.
const UNKNOWN: &str = ":local:";

/// The settings that `function` should be deployed with.
#[must_use]
pub fn settings(function: &Function) -> Settings {
    let mut tags = known(&function.tags);
    // The revision of the last deployment: it changes with every one, also where nothing else does.
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

/// Schedules are EventBridge's: the Lambda API does not tell of them.
fn source(event: &Event) -> Option<(String, Source)> {
    match event {
        Event::Sqs(SqsMapping {
            queue,
            batch_size,
            window_s,
            report_batch_item_failures,
            maximum_concurrency,
            enabled,
        }) => {
            let source = Source {
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
