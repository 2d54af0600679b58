//! Versions of an order's final documents. The order holds its current one; a version that a later one has replaced is an item
//! of its own, so that the order does not grow with the number of its versions.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{FirmId, OrderId, RunNumber};
use crate::order::{Artifact, Order};

/// The schema number that versions are written with. Readers take this one and the one before.
pub const VERSION_SCHEMA: u32 = 1;

/// Versions that one write moves out of an order. More than one is only there if an earlier layout kept all in the order.
const MOVED_COUNT_MAX: usize = 50;

/// A version of an order's final documents. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    schema: u32,
    order_id: OrderId,
    firm_id: FirmId,
    order_created_at: Timestamp,
    version: u32,
    run: RunNumber,
    artifacts: Vec<Artifact>,
}

impl Version {
    /// Layout of this value.
    #[must_use]
    pub fn schema(&self) -> u32 {
        self.schema
    }

    /// The order.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        self.order_id
    }

    /// The firm that the order belongs to.
    #[must_use]
    pub fn firm_id(&self) -> &FirmId {
        &self.firm_id
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.version
    }

    /// The run that made it.
    #[must_use]
    pub fn run(&self) -> RunNumber {
        self.run
    }

    /// Its documents.
    #[must_use]
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// Whether it belongs to this order, and not to an earlier one that was deleted and whose id was used again.
    #[must_use]
    pub fn is_of(&self, order: &Order) -> bool {
        (self.order_id, self.order_created_at) == (order.order_id, order.created_at)
    }
}

/// The versions that an order holds, by number: its current one, and earlier ones if an earlier layout left them there.
#[must_use]
pub fn held(order: &Order) -> Vec<Version> {
    let numbers: BTreeSet<u32> = order.artifacts.iter().map(|artifact| artifact.version).collect();
    numbers.into_iter().filter_map(|number| version(order, number)).collect()
}

fn version(order: &Order, number: u32) -> Option<Version> {
    let artifacts: Vec<_> = order.artifacts.iter().filter(|artifact| artifact.version == number).cloned().collect();
    Some(Version {
        schema: VERSION_SCHEMA,
        order_id: order.order_id,
        firm_id: order.firm_id.clone(),
        order_created_at: order.created_at,
        version: number,
        run: artifacts.first()?.run,
        artifacts,
    })
}

/// Removes from an order what its current version has replaced.
pub(super) fn drop_replaced(order: &mut Order) {
    let replaced: BTreeSet<u32> = order.artifacts.iter().map(|artifact| artifact.version).collect();
    let moved: BTreeSet<u32> =
        replaced.into_iter().filter(|version| *version < order.artifact_version).take(MOVED_COUNT_MAX).collect();
    order.artifacts.retain(|artifact| !moved.contains(&artifact.version));
}

/// The versions that `before` holds and `next` no longer does. They have to be stored with `next`.
pub(super) fn replaced(before: &Order, next: &Order) -> Vec<Version> {
    let is_kept = |version: &Version| next.artifacts.iter().any(|artifact| artifact.version == version.version);
    held(before).into_iter().filter(|version| !is_kept(version)).collect()
}
