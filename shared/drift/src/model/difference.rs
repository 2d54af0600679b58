//! Finds the settings that differ. Values of environment variables are never shown, because they may be secrets.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::settings::{EventSource, Settings};

/// A setting that differs from the template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// Its dotted name, e.g. `sources.docket-dev-extract.enabled`.
    pub setting: String,
    /// How it differs. Never holds the value of an environment variable.
    pub problem: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting, self.problem)
    }
}

/// Every setting in which `deployed` differs from `wanted`, by name.
pub(crate) fn differences(wanted: &Settings, deployed: &Settings) -> Vec<Difference> {
    let mut found = Differences::default();
    found.value("runtime", &wanted.runtime, &deployed.runtime);
    found.value("architecture", &wanted.architecture, &deployed.architecture);
    found.value("handler", &wanted.handler, &deployed.handler);
    found.value("memory_mib", &wanted.memory_mib, &deployed.memory_mib);
    found.value("timeout_s", &wanted.timeout_s, &deployed.timeout_s);
    let reserved = |settings: &Settings| settings.reserved_concurrency.map_or("none".to_owned(), |n| n.to_string());
    found.value("reserved_concurrency", &reserved(wanted), &reserved(deployed));
    for layer in deployed.layers.difference(&wanted.layers) {
        found.add(format!("layers.{layer}"), "is not in the template");
    }
    for layer in wanted.layers.difference(&deployed.layers) {
        found.add(format!("layers.{layer}"), "is missing");
    }
    found.optional_values("environment", &wanted.environment, &deployed.environment);
    for name in deployed.environment.keys().filter(|name| !wanted.environment.contains_key(*name)) {
        found.add(format!("environment.{name}"), "is not in the template");
    }
    // Extra tags are ignored: accounts and CloudFormation add their own.
    found.optional_values("tags", &wanted.tags, &deployed.tags);
    found.sources(&wanted.sources, &deployed.sources);
    found.0.sort();
    found.0
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, setting: String, problem: impl Into<String>) {
        self.0.push(Difference { setting, problem: problem.into() });
    }

    fn value<T: PartialEq + fmt::Display>(&mut self, setting: &str, wanted: &T, deployed: &T) {
        if wanted != deployed {
            self.add(setting.to_owned(), format!("is {deployed} instead of {wanted}"));
        }
    }

    fn optional_values(
        &mut self,
        group: &str,
        wanted: &BTreeMap<String, Option<String>>,
        deployed: &BTreeMap<String, Option<String>>,
    ) {
        for (name, value) in wanted {
            match (value, deployed.get(name)) {
                (_, None) => self.add(format!("{group}.{name}"), "is missing"),
                (Some(wanted), Some(Some(deployed))) if wanted != deployed => {
                    self.add(format!("{group}.{name}"), "has another value");
                }
                _ => {}
            }
        }
    }

    fn sources(&mut self, wanted: &BTreeMap<String, EventSource>, deployed: &BTreeMap<String, EventSource>) {
        for (queue, source) in wanted {
            match deployed.get(queue) {
                Some(other) => self.source(queue, source, other),
                None => self.add(format!("sources.{queue}"), "is missing"),
            }
        }
        for queue in deployed.keys().filter(|queue| !wanted.contains_key(*queue)) {
            self.add(format!("sources.{queue}"), "is not in the template");
        }
    }

    fn source(&mut self, queue: &str, wanted: &EventSource, deployed: &EventSource) {
        let at = |setting: &str| format!("sources.{queue}.{setting}");
        let maximum = |source: &EventSource| source.maximum_concurrency.map_or("none".to_owned(), |n| n.to_string());
        self.value(&at("batch_size"), &wanted.batch_size, &deployed.batch_size);
        self.value(&at("window_s"), &wanted.window_s, &deployed.window_s);
        let reports = (wanted.report_batch_item_failures, deployed.report_batch_item_failures);
        self.value(&at("report_batch_item_failures"), &reports.0, &reports.1);
        self.value(&at("maximum_concurrency"), &maximum(wanted), &maximum(deployed));
        self.value(&at("filters"), &wanted.filters, &deployed.filters);
        self.value(&at("enabled"), &wanted.enabled, &deployed.enabled);
    }
}
