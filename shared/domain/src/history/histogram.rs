//! Durations in buckets whose widths grow with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Buckets of a histogram. The last one has no upper bound.
const BUCKET_COUNT: u8 = 64;
/// Upper bound of the first bucket, in milliseconds. Each further one is a quarter higher, so the last but one ends at about 28
/// hours.
const FIRST_MS: u64 = 100;
/// What one sample weighs when it is new.
const SAMPLE_WEIGHT: u64 = 1_000;
/// What is left of 100 of weight after a day.
const KEPT_PERCENT: u64 = 97;

/// How often durations occurred, by bucket. Weights decay, so they are in thousandths of a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram {
    weights: BTreeMap<u8, u64>,
}

impl Histogram {
    /// Adds a duration in milliseconds.
    pub fn add(&mut self, duration_ms: u64) {
        let weight = self.weights.entry(bucket(duration_ms)).or_default();
        *weight = weight.saturating_add(SAMPLE_WEIGHT);
    }

    /// Adds what another one holds.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, weight) in &other.weights {
            let sum = self.weights.entry(*bucket).or_default();
            *sum = sum.saturating_add(*weight);
        }
    }

    /// Takes the weight of so many days off. What weighs next to nothing is forgotten.
    pub fn decay(&mut self, days: u32) {
        for _ in 0..days.min(1_000) {
            self.weights.values_mut().for_each(|weight| *weight = *weight * KEPT_PERCENT / 100);
            self.weights.retain(|_, weight| *weight >= SAMPLE_WEIGHT / 20);
        }
    }

    /// How many samples it is worth.
    #[must_use]
    pub fn sample_count(&self) -> u64 {
        self.total() / SAMPLE_WEIGHT
    }

    fn total(&self) -> u64 {
        self.weights.values().fold(0, |sum: u64, weight| sum.saturating_add(*weight))
    }

    /// Each bucket that holds something: its bounds in milliseconds, and its weight.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.weights.iter().map(|(bucket, weight)| {
            let (low, high) = bounds(*bucket);
            (as_f64(low), as_f64(high), as_f64(*weight))
        })
    }

    /// The share of durations up to `ms` milliseconds, 0 to 1.
    #[must_use]
    pub fn share_up_to(&self, ms: f64) -> f64 {
        let total = self.total();
        if total == 0 {
            return 0.0;
        }
        // As if the durations of a bucket were spread evenly.
        let below = |low: f64, high: f64| ((ms - low) / (high - low)).clamp(0.0, 1.0);
        self.buckets().map(|(low, high, weight)| weight * below(low, high)).sum::<f64>() / as_f64(total)
    }

    /// The duration, in milliseconds, that the given share (0 to 1) of all durations does not exceed; 0 if there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = as_f64(self.total()) * share.clamp(0.0, 1.0);
        let (mut below, mut end) = (0.0, 0.0);
        for (low, high, weight) in self.buckets() {
            if below + weight >= wanted {
                return low + ((wanted - below) / weight).clamp(0.0, 1.0) * (high - low);
            }
            below += weight;
            end = high;
        }
        end
    }
}

fn bucket(duration_ms: u64) -> u8 {
    (0..BUCKET_COUNT - 1).find(|bucket| duration_ms <= bounds(*bucket).1).unwrap_or(BUCKET_COUNT - 1)
}

/// The bounds of a bucket, in milliseconds.
fn bounds(bucket: u8) -> (u64, u64) {
    let (mut low, mut high) = (0, FIRST_MS);
    for _ in 0..bucket {
        (low, high) = (high, high + high / 4);
    }
    (low, high)
}

#[expect(clippy::cast_precision_loss, reason = "durations and weights are far below 2^52")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(durations: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        durations.iter().for_each(|duration| histogram.add(*duration));
        histogram
    }

    #[test]
    fn buckets_begin_at_a_tenth_of_a_second_and_end_beyond_a_day() {
        assert_eq!(bounds(0), (0, 100));
        assert_eq!(bounds(1), (100, 125));
        assert!(bounds(BUCKET_COUNT - 2).1 > 24 * 3_600 * 1_000, "{:?}", bounds(BUCKET_COUNT - 2));
        assert_eq!((bucket(0), bucket(100), bucket(101), bucket(u64::MAX)), (0, 0, 1, BUCKET_COUNT - 1));
    }

    #[test]
    fn days_take_weight_off_until_nothing_is_left() {
        let mut histogram = of(&[1_000; 100]);
        histogram.decay(23);
        assert_eq!(histogram.sample_count(), 49, "0.97 to the 23rd is 0.496");
        histogram.decay(365);
        assert_eq!(histogram, Histogram::default());
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_a_quarter_of_the_real_one(mut durations in prop::collection::vec(100_u64..50_000_000, 1..300), share in 0.01_f64..1.0) {
            let histogram = of(&durations);
            durations.sort_unstable();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
            let index = ((as_f64(durations.len() as u64) * share).ceil() as usize).clamp(1, durations.len()) - 1;
            let (real, told) = (as_f64(durations[index]), histogram.quantile(share));
            prop_assert!(told <= real * 1.26 && told >= real / 1.26, "{told} for {real}");
        }

        #[test]
        fn a_share_and_its_quantile_are_each_others_inverse(durations in prop::collection::vec(100_u64..50_000_000, 1..300), share in 0.01_f64..1.0) {
            let histogram = of(&durations);
            prop_assert!((histogram.share_up_to(histogram.quantile(share)) - share).abs() < 1e-9);
        }

        #[test]
        fn merging_is_adding_all(first in prop::collection::vec(0_u64..1_000_000, 0..50), second in prop::collection::vec(0_u64..1_000_000, 0..50)) {
            let mut merged = of(&first);
            merged.merge(&of(&second));
            prop_assert_eq!(merged, of(&[first, second].concat()));
        }
    }
}
