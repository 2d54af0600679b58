//! A function's configuration, as far as the template decides it and Lambda reports it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::hexadecimal;

/// What stands for the region in a manifest, which is made before anybody knows where it is deployed.
const REGION: &str = "${AWS::Region}";
/// What stands for the account.
const ACCOUNT: &str = "${AWS::AccountId}";

/// Where a function is deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The region, e.g. `eu-west-1`.
    pub region: String,
    /// The account's twelve digits.
    pub account: String,
}

impl Place {
    /// The place that a manifest is made for: any.
    #[must_use]
    pub fn open() -> Self {
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
    /// When it is stopped, in seconds after its start.
    pub timeout_s: u32,
    /// How many invocations may run at once, where a number is reserved; 0 switches the function off.
    pub reserved_concurrency: Option<u32>,
    /// ARNs of the layers that are laid under its code.
    pub layers: BTreeSet<String>,
    /// Environment variables; `None` for a value that is known only after the deployment.
    pub environment: BTreeMap<String, Option<String>>,
    /// Tags that must be there; `None` for one that may have any value, such as the revision.
    pub tags: BTreeMap<String, Option<String>>,
    /// Event source mappings, by the queue's name.
    pub sources: BTreeMap<String, Source>,
}

/// An event source mapping from a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// At most so many messages in one event.
    pub batch_size: u32,
    /// How long messages are gathered, in seconds.
    pub window_s: u32,
    /// Whether the function answers which messages failed. Without it, the failed ones of a batch are deleted.
    pub report_batch_item_failures: bool,
    /// How many invocations of this mapping may run at once.
    pub maximum_concurrency: Option<u32>,
    /// How many filters it has; messages that none of them takes are deleted unseen.
    pub filters: u32,
    /// Whether it polls.
    pub enabled: bool,
}

impl Settings {
    /// SHA-256 of the settings, lower-case hexadecimal: the same for the same settings wherever they were worked out.
    #[must_use]
    pub fn digest(&self) -> String {
        // Maps are sorted and fields have their order, so one value has one text; and nothing in it can fail to be written.
        hexadecimal(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// The same settings with the place filled in.
    #[must_use]
    pub fn at(&self, place: &Place) -> Self {
        let fill = |text: &String| text.replace(REGION, &place.region).replace(ACCOUNT, &place.account);
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
