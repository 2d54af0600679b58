//! A function's configuration, as the template sets it and as Lambda reports it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::digest::hexadecimal;

/// Stands in for the region in a manifest, which is made before the place of deployment is known.
const REGION: &str = "${AWS::Region}";
/// Stands in for the account.
const ACCOUNT: &str = "${AWS::AccountId}";

/// Where a function is deployed. A manifest holds a placeholder for it, which [`Settings::at`] fills in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The region, e.g. `eu-west-1`.
    pub region: String,
    /// The account's twelve digits.
    pub account: String,
}

impl Location {
    /// The placeholders that a manifest holds for region and account.
    #[must_use]
    pub fn placeholder() -> Self {
        Self { region: REGION.to_owned(), account: ACCOUNT.to_owned() }
    }
}

/// The configuration of one function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// E.g. `provided.al2023`.
    pub runtime: String,
    /// `arm64` or `x86_64`.
    pub architecture: String,
    /// The handler's name.
    pub handler: String,
    /// Its memory in MiB.
    pub memory_mib: u32,
    /// The time-out of an invocation, in seconds.
    pub timeout_s: u32,
    /// How many invocations may run at once, if concurrency is reserved; 0 disables the function.
    pub reserved_concurrency: Option<u32>,
    /// ARNs of its layers.
    pub layers: BTreeSet<String>,
    /// Environment variables; `None` for a value known only after deployment.
    pub environment: BTreeMap<String, Option<String>>,
    /// Tags that it must have; `None` if any value will do, such as for the revision.
    pub tags: BTreeMap<String, Option<String>>,
    /// Event source mappings, by the queue's name.
    pub sources: BTreeMap<String, EventSource>,
}

/// An event source mapping from a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSource {
    /// Maximum number of messages in one event.
    pub batch_size: u32,
    /// How long messages are gathered, in seconds.
    pub window_s: u32,
    /// Whether the function may report single messages as failed. Without it, the failed messages of a batch are deleted.
    pub report_batch_item_failures: bool,
    /// How many invocations of this mapping may run at once.
    pub maximum_concurrency: Option<u32>,
    /// How many filters it has; a message that matches none is deleted unread.
    pub filters: u32,
    /// Whether it polls its queue.
    pub enabled: bool,
}

impl Settings {
    /// The SHA-256 of the settings in lower-case hexadecimal. Equal settings have equal digests on every machine.
    #[must_use]
    pub fn digest(&self) -> String {
        // Maps are sorted and fields keep their order, so equal settings give equal text. Serialising them cannot fail.
        hexadecimal(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// The same settings with region and account filled in.
    #[must_use]
    pub fn at(&self, location: &Location) -> Self {
        let fill = |text: &String| text.replace(REGION, &location.region).replace(ACCOUNT, &location.account);
        let fill_all = |values: &BTreeMap<String, Option<String>>| {
            values.iter().map(|(name, value)| (name.clone(), value.as_ref().map(fill))).collect()
        };
        Self {
            environment: fill_all(&self.environment),
            tags: fill_all(&self.tags),
            layers: self.layers.iter().map(fill).collect(),
            sources: self.sources.iter().map(|(queue, source)| (fill(queue), source.clone())).collect(),
            ..self.clone()
        }
    }
}
