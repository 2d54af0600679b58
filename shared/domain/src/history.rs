//! How long phases took, and what that says about an order in progress.
//!
//! Reconciliation reads every completion anyway, so it gathers the durations of newly completed orders by service, phase and
//! number of documents. Nothing on the way of an order is written for it.

mod estimate;
mod histogram;
mod sum;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use estimate::{Estimate, estimate};
pub use histogram::Histogram;

use crate::id::RunNumber;
use crate::order::Order;
use crate::phase::Phase;
use crate::service::ServiceCode;
use crate::status::OrchestrationStatus;

/// The layout that histories are written with.
pub const HISTORY_SCHEMA: u32 = 1;

/// Samples under which a histogram says nothing.
pub const SAMPLE_COUNT_MIN: u64 = 20;

/// The number of an order's documents, in classes: orders of one class take about equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Size {
    /// One document, or none.
    #[serde(rename = "1")]
    One,
    /// 2 or 3.
    #[serde(rename = "2")]
    UpTo3,
    /// 4 to 7.
    #[serde(rename = "4")]
    UpTo7,
    /// 8 to 15.
    #[serde(rename = "8")]
    UpTo15,
    /// 16 or more.
    #[serde(rename = "16")]
    More,
}

impl Size {
    /// The class of so many documents.
    #[must_use]
    pub fn of(documents: u32) -> Self {
        match documents {
            0 | 1 => Self::One,
            2 | 3 => Self::UpTo3,
            4..=7 => Self::UpTo7,
            8..=15 => Self::UpTo15,
            _ => Self::More,
        }
    }
}

/// How long the phases of one service took, by size.
type Durations = BTreeMap<Phase, BTreeMap<Size, Histogram>>;

/// How long phases took. Recent orders count more: every day, all samples lose 3 % of their weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    schema: u32,
    /// The day, UTC, whose decay has been applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decayed_on: Option<Date>,
    services: BTreeMap<ServiceCode, Durations>,
}

impl Default for History {
    fn default() -> Self {
        Self { schema: HISTORY_SCHEMA, decayed_on: None, services: BTreeMap::new() }
    }
}

impl History {
    /// Layout of this value.
    #[must_use]
    pub fn schema(&self) -> u32 {
        self.schema
    }

    /// Adds a newly completed order. Anything else changes nothing: a later run says little about the next first run, and a run
    /// that did not complete says nothing.
    pub fn add(&mut self, order: &Order) {
        if order.run() != RunNumber::FIRST || order.orchestration_status() != OrchestrationStatus::Completed {
            return;
        }
        self.decay_to(order.updated_at());
        let durations = self.services.entry(order.service_code()).or_default();
        for (phase, duration_ms) in samples(order) {
            durations.entry(phase).or_default().entry(Size::of(order.documents())).or_default().add(duration_ms);
        }
    }

    /// What is known about a phase of orders of this size, or of any size if that is too little.
    #[must_use]
    pub fn of(&self, service: ServiceCode, phase: Phase, size: Size) -> Option<Histogram> {
        let by_size = self.services.get(&service)?.get(&phase)?;
        let is_enough = |known: &Histogram| known.sample_count() >= SAMPLE_COUNT_MIN;
        if let Some(known) = by_size.get(&size).filter(|known| is_enough(known)) {
            return Some(known.clone());
        }
        let mut all = Histogram::default();
        by_size.values().for_each(|known| all.merge(known));
        Some(all).filter(is_enough)
    }

    fn decay_to(&mut self, at: Timestamp) {
        let today = at.to_zoned(TimeZone::UTC).date();
        // Completions do not arrive in the order of their time, so the day may lie in the past.
        let days = self.decayed_on.map_or(0, |day| day.until(today).map_or(0, |span| span.get_days()));
        if days > 0 {
            let histograms = self.services.values_mut().flat_map(BTreeMap::values_mut).flat_map(BTreeMap::values_mut);
            histograms.for_each(|known| known.decay(days.unsigned_abs()));
        }
        if days > 0 || self.decayed_on.is_none() {
            self.decayed_on = Some(today);
        }
    }
}

/// Milliseconds that each phase of a completed order took, from the end of the one before, so that time in a queue counts.
/// What its options skip is left out, and so is the wait for a reviewer.
fn samples(order: &Order) -> Vec<(Phase, u64)> {
    let mut samples = Vec::new();
    let mut before = order.run_started_at().unwrap_or(order.created_at());
    for (phase, record) in order.phases() {
        let Some(end) = record.completed_at else { continue };
        if !record.skipped && !record.waited {
            let took = end.as_millisecond() - before.as_millisecond();
            samples.push((*phase, u64::try_from(took).unwrap_or(0)));
        }
        before = before.max(end);
    }
    samples
}
