//! Finds the nearest known labels, by TF-IDF over character n-grams and words.
//!
//! Sums are made in the order of the terms, so the same text always gives exactly the same similarities.

use std::collections::BTreeMap;

/// Shortest and longest n-gram in characters.
const GRAM_CHARS: std::ops::RangeInclusive<usize> = 3..=5;
/// Weight of a whole word; an n-gram has weight 1.
const WORD_WEIGHT: f32 = 2.0;

/// An index of texts, compared by the words and n-grams they have in common.
#[derive(Debug, Default)]
pub struct Index {
    terms: BTreeMap<u64, Term>,
    count: usize,
}

#[derive(Debug, Default)]
struct Term {
    weight: f32,
    postings: Vec<(u32, f32)>,
}

impl Index {
    /// Indexes the texts; a text is identified by its position.
    #[must_use]
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let documents: Vec<BTreeMap<u64, f32>> = texts.map(counts).collect();
        let mut terms: BTreeMap<u64, Term> = BTreeMap::new();
        for (position, document) in documents.iter().enumerate() {
            for (term, count) in document {
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                terms.entry(*term).or_default().postings.push((position, *count));
            }
        }
        let total = as_float(documents.len());
        let mut lengths = vec![0.0_f32; documents.len()];
        for term in terms.values_mut() {
            term.weight = ((1.0 + total) / (1.0 + as_float(term.postings.len()))).ln() + 1.0;
            for (position, value) in &mut term.postings {
                *value *= term.weight;
                lengths[*position as usize] += *value * *value;
            }
        }
        for term in terms.values_mut() {
            for (position, value) in &mut term.postings {
                *value /= lengths[*position as usize].sqrt().max(f32::MIN_POSITIVE);
            }
        }
        Self { terms, count: documents.len() }
    }

    /// The similarity of each indexed text to `text`, 0 to 1, by position.
    #[must_use]
    pub fn similarities(&self, text: &str) -> Vec<f32> {
        let mut scores = vec![0.0_f32; self.count];
        let mut length = 0.0_f32;
        let unknown = (1.0 + as_float(self.count)).ln() + 1.0;
        for (term, count) in counts(text) {
            let Some(known) = self.terms.get(&term) else {
                length += (count * unknown).powi(2) * 0.25;
                continue;
            };
            let value = count * known.weight;
            length += value * value;
            for (position, weight) in &known.postings {
                scores[*position as usize] += weight * value;
            }
        }
        let length = length.sqrt().max(f32::MIN_POSITIVE);
        scores.iter_mut().for_each(|score| *score /= length);
        scores
    }
}

/// Counts are far below what a float holds exactly.
fn as_float(count: usize) -> f32 {
    count as f32
}

/// The terms of a text by hash, each with the square root of its count.
fn counts(text: &str) -> BTreeMap<u64, f32> {
    let mut counts: BTreeMap<u64, f32> = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(hash(b'w', word.as_bytes())).or_default() += WORD_WEIGHT;
        let padded: Vec<u8> = std::iter::once(b' ').chain(word.bytes()).chain(std::iter::once(b' ')).collect();
        for size in GRAM_CHARS {
            for gram in padded.windows(size) {
                *counts.entry(hash(b'g', gram)).or_default() += 1.0;
            }
        }
    }
    counts.values_mut().for_each(|count| *count = count.sqrt());
    counts
}

/// FNV-1a.
fn hash(kind: u8, bytes: &[u8]) -> u64 {
    std::iter::once(&kind)
        .chain(bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_texts_have_the_same_similarity_to_the_last_bit() {
        let known = ["trade receivables considered good", "sundry debtors over six months", "cash and bank balances"];
        let bits = || {
            let index = Index::of(known.into_iter());
            index
                .similarities("sundry trade debtors and bills receivable")
                .iter()
                .map(|s| s.to_bits())
                .collect::<Vec<_>>()
        };
        let first = bits();
        for _ in 0..50 {
            assert_eq!(bits(), first);
        }
    }
}
