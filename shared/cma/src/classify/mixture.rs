//! Combines the model, the rules and the known captions, and says what the result is worth.
//!
//! The weights are fitted on labels of sources that the model was not trained on (`shared/cma/train`).

use crate::model::{Features, Kind, Mixture, Model, Scores, Seen, probabilities};
use crate::row::RowCode;
use crate::rule::{Context, Hit, sides_of};

/// Confidence from which on an order passes without a reviewer, unless it asks for another one.
const THRESHOLD: f32 = 0.70;
/// Bound of a logarithm of odds.
const LOG_ODDS_MAX: f32 = 8.0;

/// What is known of a label besides its features.
pub(super) struct Signs<'a> {
    pub(super) context: &'a Context,
    /// How many words the label has.
    pub(super) words: usize,
    /// Rules that fit, best first.
    pub(super) hits: &'a [Hit],
    /// The row of the known caption with the same words, and whether another row has one too.
    pub(super) caption: Option<(RowCode, bool)>,
}

/// A row with its share of the probability.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    pub(super) row: RowCode,
    /// Its place among the model's rows.
    pub(super) class: usize,
    pub(super) share: f32,
}

/// The rows in order of probability, and how sure the first one is.
#[derive(Debug)]
pub(super) struct Opinion {
    pub(super) ranked: Vec<Ranked>,
    pub(super) confidence: f64,
    pub(super) scores: Scores,
}

/// Ranks the rows for a label.
pub(super) fn weigh(model: &Model, features: &Features, signs: &Signs) -> Opinion {
    let scores = model.scores(features);
    let mixture = &model.mixture;
    let allowed: Vec<bool> = model.rows().iter().map(|row| signs.context.may_hold(*row)).collect();
    let shares = probabilities(&scores.rows, &allowed);
    let combined: Vec<f32> = model
        .rows()
        .iter()
        .zip(&shares)
        .map(|(row, share)| mixture.model * ln(*share) + extra(mixture, signs, *row))
        .collect();
    let shares = probabilities(&combined, &allowed);
    let rows = model.rows().iter().zip(shares).enumerate();
    let mut ranked: Vec<Ranked> = rows.map(|(class, (row, share))| Ranked { row: *row, class, share }).collect();
    ranked.sort_by(|one, other| other.share.total_cmp(&one.share));
    let probability = certainty(mixture, signs, &ranked, scores.known);
    Opinion { confidence: f64::from(published(probability, mixture.pass)), ranked, scores }
}

/// What rules and captions add to the score of a row.
fn extra(mixture: &Mixture, signs: &Signs, row: RowCode) -> f32 {
    let mut extra = 0.0;
    if !signs.context.allows(row) {
        extra += mixture.off_side;
    }
    if let Some(hit) = signs.hits.first().filter(|hit| hit.row == row) {
        let [any, words, condition, covered] = mixture.rule;
        extra += any;
        extra += if hit.words.len() >= 2 { words } else { 0.0 };
        extra += if hit.conditions > 0 { condition } else { 0.0 };
        extra += covered * hit.words.len() as f32 / signs.words.max(1) as f32;
    }
    if signs.hits.get(1).is_some_and(|hit| hit.row == row) {
        extra += mixture.second_rule;
    }
    match signs.caption {
        Some((caption, false)) if caption == row => extra + mixture.caption[0],
        Some((caption, true)) if caption == row => extra + mixture.caption[1],
        _ => extra,
    }
}

/// The probability that the first row is right, from the signs of certainty.
fn certainty(mixture: &Mixture, signs: &Signs, ranked: &[Ranked], known: f32) -> f32 {
    let Some(best) = ranked.first() else { return 0.0 };
    let next = ranked.get(1).map_or(0.0, |next| next.share);
    let flag = |holds: bool| if holds { 1.0 } else { 0.0 };
    let rule = signs.hits.first().map(|hit| hit.row == best.row);
    let caption = signs.caption.map(|(row, _)| row == best.row);
    let values = [
        log_odds(best.share),
        (ln(best.share) - ln(next)).clamp(0.0, LOG_ODDS_MAX),
        known,
        flag(rule == Some(true)),
        flag(rule == Some(false)),
        flag(caption == Some(true)),
        flag(caption == Some(false)),
        flag(signs.context.path.is_empty()),
        flag(signs.words <= 1),
        1.0,
    ];
    let score: f32 = values.iter().zip(&mixture.certainty).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + crate::model::exp(-score))
}

/// The confidence that is published for a probability of being right.
///
/// From `pass` on it is the probability itself: of the lines from there on together, 99 in 100 were right in sources that the model
/// had not seen. Below, it is scaled so that `pass` becomes the default threshold: it keeps the order and is never too high.
fn published(probability: f32, pass: f32) -> f32 {
    if probability >= pass {
        return probability.clamp(THRESHOLD, 0.99);
    }
    (probability * THRESHOLD / pass.max(THRESHOLD)).min(THRESHOLD - 0.01)
}

/// The logarithm of a share, bounded below.
fn ln(share: f32) -> f32 {
    crate::model::ln(share.max(1e-9))
}

fn log_odds(share: f32) -> f32 {
    (ln(share) - ln(1.0 - share)).clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX)
}

impl Context {
    /// Whether a line under these headings may be in the row. Assets, liabilities and equity are not kept apart, because accounts
    /// stand on the other side with a balance of the other kind: input tax credit under `Duties & taxes`.
    fn may_hold(&self, row: RowCode) -> bool {
        use crate::rule::Sides;
        let own = Sides::ASSET.or(Sides::LIABILITY).or(Sides::EQUITY);
        self.allows(row) || (self.is_within(own) && !sides_of(row).and(own).is_empty())
    }
}

/// What speaks for a row: the strongest printed words, and how much the headings weigh.
#[derive(Debug, Default)]
pub(super) struct Weights {
    words: Vec<(String, f32)>,
    label: f32,
    headings: f32,
}

impl Weights {
    /// Adds a feature.
    pub(super) fn add(&mut self, model: &Model, seen: &Seen, class: usize, scores: &Scores) {
        let weight = model.weight(seen.kind, seen.hash, class, scores);
        match seen.kind {
            Kind::Inner | Kind::Outer | Kind::InnerGrams | Kind::Side => self.headings += weight,
            _ => self.label += weight,
        }
        let is_word = seen.kind == Kind::Printed && !seen.text.contains(' ') && seen.text.chars().count() > 2;
        if is_word && weight > 0.0 {
            self.words.push((seen.text.to_owned(), weight));
        }
    }

    /// The reason in words; `known` is a known label of the row.
    pub(super) fn reason(mut self, known: Option<&str>) -> String {
        self.words.sort_by(|one, other| other.1.total_cmp(&one.1));
        let mut words: Vec<String> = self.words.iter().take(2).map(|(word, _)| format!("“{word}”")).collect();
        if self.headings > self.label || (words.is_empty() && self.headings > 0.0) {
            words.push("the heading above it".to_owned());
        }
        let like = known.map(|label| format!("like the known label “{label}”"));
        match (like, words.is_empty()) {
            (Some(like), true) => like,
            (Some(like), false) => format!("{like}; for this row: {}", words.join(", ")),
            (None, false) => format!("learned: for this row {}", words.join(", ")),
            (None, true) => "the likeliest row for a label like this".to_owned(),
        }
    }
}
