//! The learned part of the classifier: how likely each row is for the features of a label.
//!
//! A label's features are looked up in a table of small vectors; the sum of the vectors of each kind, scaled, gives a hidden layer,
//! and that a score for each row. Sums within a kind are of integers and everything else is added in a fixed order, so the same
//! label always has exactly the same scores. `shared/cma/train` makes the table.

mod feature;
mod file;

pub(crate) use feature::features;
pub use feature::{Features, KINDS, Kind, Seen};
pub use file::FileError;

use crate::row::RowCode;

/// What training learned.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The rows that it knows, in the order of its scores.
    rows: Vec<RowCode>,
    /// Hashes of the features that it knows, ascending.
    keys: Vec<u32>,
    /// One vector of `width` numbers for each key.
    vectors: Vec<i8>,
    /// What one unit of a vector's numbers is worth, for each kind.
    units: [f32; KINDS],
    /// How long the vectors are.
    width: usize,
    /// Added to the hidden layer.
    hidden_bias: Vec<f32>,
    /// Weights from the hidden layer to the rows, row after row.
    output: Vec<f32>,
    /// Added to the score of each row.
    output_bias: Vec<f32>,
    /// How scores, rules and known captions are combined.
    pub(crate) mixture: Mixture,
}

/// How the model's scores, the rules and the known captions are combined, and what the result is worth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mixture {
    /// Factor of the logarithm of the model's probability.
    pub(crate) model: f32,
    /// Added for a row on another side of the balance sheet than the headings say.
    pub(crate) off_side: f32,
    /// Added for the row of the best rule; of a rule with two words or more; with a condition; times the share of words it matched.
    pub(crate) rule: [f32; 4],
    /// Added for the row of the second best rule.
    pub(crate) second_rule: f32,
    /// Added for the row of a known caption with the same words; of one whose words stand for several rows.
    pub(crate) caption: [f32; 2],
    /// Weights of the signs of certainty, the last one added.
    pub(crate) certainty: Vec<f32>,
    /// The probability of being right from which on a line passes without a reviewer.
    pub(crate) pass: f32,
}

/// The model's opinion of one label.
#[derive(Clone, Debug)]
pub(crate) struct Scores {
    /// A score for each row of the model.
    pub(crate) rows: Vec<f32>,
    /// Share of the features of the label's own words that the model knows, 0 to 1.
    pub(crate) known: f32,
    /// The hidden layer.
    hidden: Vec<f32>,
}

impl Model {
    /// The model that is built in.
    ///
    /// # Errors
    /// When the file is damaged, which a test rules out.
    pub fn built_in() -> Result<Self, FileError> {
        Self::parse(include_bytes!("../data/model.bin"))
    }

    /// The rows that the model knows.
    pub(crate) fn rows(&self) -> &[RowCode] {
        &self.rows
    }

    /// Scores every row.
    pub(crate) fn scores(&self, features: &Features) -> Scores {
        let mut hidden = self.hidden_bias.clone();
        let (mut known, mut count) = (0_u32, 0_u32);
        for group in features.hashes.chunk_by(|one, other| one.0 == other.0) {
            let kind = usize::from(group[0].0);
            let mut sums = vec![0_i32; self.width];
            for (_, hash) in group {
                let vector = self.vector(*hash);
                count += u32::from(Kind::is_of_words(kind));
                let Some(vector) = vector else { continue };
                known += u32::from(Kind::is_of_words(kind));
                for (sum, value) in sums.iter_mut().zip(vector) {
                    *sum += i32::from(*value);
                }
            }
            let unit = self.units.get(kind).copied().unwrap_or_default() / (group.len() as f32).sqrt();
            for (value, sum) in hidden.iter_mut().zip(&sums) {
                *value += *sum as f32 * unit;
            }
        }
        hidden.iter_mut().for_each(|value| *value = value.max(0.0));
        let scores = self.output.chunks_exact(self.width.max(1)).zip(&self.output_bias);
        let rows = scores.map(|(weights, bias)| dot(weights, &hidden) + bias).collect();
        Scores { rows, known: known as f32 / count.max(1) as f32, hidden }
    }

    /// How much a single feature speaks for a row, where the hidden layer is as in `scores`; for explanations.
    pub(crate) fn weight(&self, kind: Kind, hash: u32, row: usize, scores: &Scores) -> f32 {
        let (Some(vector), Some(weights)) = (self.vector(hash), self.output.chunks_exact(self.width.max(1)).nth(row))
        else {
            return 0.0;
        };
        let active = vector.iter().zip(weights).zip(&scores.hidden).filter(|(_, hidden)| **hidden > 0.0);
        let sum: f32 = active.map(|((value, weight), _)| f32::from(*value) * weight).sum();
        sum * self.units.get(kind as usize).copied().unwrap_or_default()
    }

    fn vector(&self, hash: u32) -> Option<&[i8]> {
        let at = self.keys.binary_search(&hash).ok()?;
        self.vectors.chunks_exact(self.width.max(1)).nth(at)
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Probabilities from scores: those of rows that are not `allowed` are 0.
pub(crate) fn probabilities(scores: &[f32], allowed: &[bool]) -> Vec<f32> {
    let only = || scores.iter().zip(allowed).filter(|(_, allowed)| **allowed).map(|(score, _)| *score);
    let largest = only().fold(f32::NEG_INFINITY, f32::max);
    let mut out: Vec<f32> =
        scores.iter().zip(allowed).map(|(score, allowed)| if *allowed { exp(score - largest) } else { 0.0 }).collect();
    let sum: f32 = out.iter().sum();
    if sum > 0.0 {
        out.iter_mut().for_each(|value| *value /= sum);
    }
    out
}

/// `e` to the power of `x`, for `x` up to 80, by the same operations on every machine.
pub(crate) fn exp(x: f32) -> f32 {
    if x < -80.0 {
        return 0.0;
    }
    // e^x = (e^(x / 4096))^4096, where the inner power needs few terms.
    let small = f64::from(x.min(80.0)) / 4096.0;
    let mut power = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0 * (1.0 + small / 4.0 * (1.0 + small / 5.0))));
    for _ in 0..12 {
        power *= power;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of f32")]
    let out = power as f32;
    out
}

/// The natural logarithm of a positive number, by the same operations on every machine.
pub(crate) fn ln(x: f32) -> f32 {
    // With x = m * 2^e and m near 1, ln(m) = 2 artanh((m - 1) / (m + 1)).
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let exponent = f64::from(bits >> 23) - 127.0;
    let mantissa = f64::from(f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000));
    let (mantissa, exponent) =
        if mantissa > std::f64::consts::SQRT_2 { (mantissa / 2.0, exponent + 1.0) } else { (mantissa, exponent) };
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let squared = t * t;
    let series = 1.0 + squared * (1.0 / 3.0 + squared * (1.0 / 5.0 + squared * (1.0 / 7.0 + squared / 9.0)));
    #[expect(clippy::cast_possible_truncation, reason = "within the range of f32")]
    let out = (2.0 * t * series + exponent * std::f64::consts::LN_2) as f32;
    out
}

/// The sides of the statements on which lines of a row are printed, as bits.
#[must_use]
pub fn sides_bits(row: RowCode) -> u8 {
    crate::rule::sides_of(row).bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_of_e_is_the_one_of_the_standard_library() {
        for x in -8_000_i16..=800 {
            let x = f32::from(x) / 100.0;
            let (own, known) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((own - known).abs() <= known * 1e-6, "{x}");
        }
        assert!(exp(-1e9).abs() < f32::EPSILON);
    }

    #[test]
    fn the_logarithm_is_the_one_of_the_standard_library() {
        for x in 1_u16..=30_000 {
            let x = f32::from(x) / 7_919.0;
            assert!((f64::from(ln(x)) - f64::from(x).ln()).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn the_model_that_is_built_in_is_whole() {
        let model = Model::built_in().unwrap();
        assert!(model.rows.len() > 80 && model.keys.len() > 1_000);
        assert!(model.keys.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn probabilities_of_allowed_rows_add_up_to_one() {
        let shares = probabilities(&[1.0, 2.0, 50.0], &[true, true, false]);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(shares[2].abs() < f32::EPSILON && shares[1] > shares[0]);
        assert_eq!(probabilities(&[1.0], &[false]), [0.0]);
    }
}
