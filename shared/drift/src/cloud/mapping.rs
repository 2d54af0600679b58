//! Reads event source mappings.

use std::collections::BTreeMap;

use aws::{Error, sort};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType};

use crate::model::EventSource;

/// States in which a mapping polls, or soon will.
const POLLING: [&str; 4] = ["Creating", "Enabled", "Enabling", "Updating"];

/// The mappings of a function, by queue name.
pub(crate) async fn list(client: &Client, function: &str) -> Result<BTreeMap<String, EventSource>, Error> {
    let mut pages = client.list_event_source_mappings().function_name(function).into_paginator().items().send();
    let mut sources = BTreeMap::new();
    while let Some(mapping) = pages.next().await {
        let mapping = mapping.map_err(|error| sort("ListEventSourceMappings", &error))?;
        let arn = mapping.event_source_arn().unwrap_or_default();
        sources.insert(arn.rsplit(':').next().unwrap_or_default().to_owned(), source(&mapping));
    }
    Ok(sources)
}

fn source(mapping: &EventSourceMappingConfiguration) -> EventSource {
    let number = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let reports = mapping.function_response_types().contains(&FunctionResponseType::ReportBatchItemFailures);
    let filters = mapping.filter_criteria().map_or(0, |criteria| criteria.filters().len());
    EventSource {
        batch_size: number(mapping.batch_size()).unwrap_or(0),
        window_s: number(mapping.maximum_batching_window_in_seconds()).unwrap_or(0),
        report_batch_item_failures: reports,
        maximum_concurrency: number(mapping.scaling_config().and_then(|scaling| scaling.maximum_concurrency())),
        filters: u32::try_from(filters).unwrap_or(u32::MAX),
        enabled: mapping.state().is_some_and(|state| POLLING.contains(&state)),
    }
}
