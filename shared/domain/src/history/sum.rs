//! The distribution of a sum of durations.

use std::collections::BTreeMap;

use super::Histogram;

/// Steps of a sum: each is this much longer than the one before.
const STEP: f64 = 1.06;
/// Durations that stand for one bucket of a histogram, spread evenly over it.
const PART_COUNT: u32 = 4;

/// A distribution of durations, as the probability of each of some durations in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Distribution {
    points: Vec<(f64, f64)>,
}

impl Distribution {
    /// The durations of a histogram.
    pub(super) fn of(histogram: &Histogram) -> Self {
        Self::beyond(histogram, 0.0)
    }

    /// What is left of the durations that are longer than `elapsed` milliseconds.
    pub(super) fn beyond(histogram: &Histogram, elapsed: f64) -> Self {
        let parts = histogram.buckets().flat_map(|(low, high, weight)| {
            let width = (high - low) / f64::from(PART_COUNT);
            (0..PART_COUNT).map(move |part| (low + width * (f64::from(part) + 0.5), weight / f64::from(PART_COUNT)))
        });
        let points =
            parts.filter(|(duration, _)| *duration > elapsed).map(|(duration, weight)| (duration - elapsed, weight));
        Self { points: points.collect() }.normal()
    }

    /// The distribution of the sum of two independent durations.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut steps: BTreeMap<i32, (f64, f64)> = BTreeMap::new();
        for (first, first_share) in &self.points {
            for (second, second_share) in &other.points {
                let (sum, share) = (first + second, first_share * second_share);
                let (moment, total) = steps.entry(step(sum)).or_default();
                *moment += sum * share;
                *total += share;
            }
        }
        // Each step is represented by its mean, so that the mean of the whole stays what it is.
        Self { points: steps.into_values().map(|(moment, total)| (moment / total, total)).collect() }.normal()
    }

    /// The duration that the given share of all does not exceed; 0 if there are none.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let mut below = 0.0;
        for (duration, part) in &self.points {
            below += part;
            if below >= share {
                return *duration;
            }
        }
        self.points.last().map_or(0.0, |(duration, _)| *duration)
    }

    fn normal(mut self) -> Self {
        let total: f64 = self.points.iter().map(|(_, share)| share).sum();
        self.points.iter_mut().for_each(|(_, share)| *share /= total);
        self
    }
}

fn step(duration: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred steps")]
    let step = (duration.max(1.0).ln() / STEP.ln()) as i32;
    step
}
