//! Corrects words that a scan or a typing mistake changed slightly from a known one.

use std::collections::HashSet;

use super::lexicon::singular;

/// Words of the labels that the model was trained with, one a line.
const MET: &str = include_str!("../../data/vocabulary.txt");

/// Shortest word that is corrected by one edit; shorter words are too alike.
const ONE_EDIT_CHARS_MIN: usize = 5;
/// Shortest word that is corrected by two edits.
const TWO_EDITS_CHARS_MIN: usize = 8;
/// Shortest part that a run-together word may be split into.
const PART_CHARS_MIN: usize = 3;

/// The words that labels are written with.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    known: HashSet<String>,
    list: Vec<(u32, String)>,
}

impl Vocabulary {
    /// A vocabulary of these singular words and those that training met.
    pub(crate) fn built_in<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        Self::of(words.chain(MET.lines()))
    }

    /// A vocabulary of these singular words.
    pub(crate) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let known: HashSet<String> = words.filter(|word| word.is_ascii()).map(str::to_owned).collect();
        let mut list: Vec<(u32, String)> = known
            .iter()
            .filter(|word| word.len() >= ONE_EDIT_CHARS_MIN - 1)
            .map(|word| (letters(word), word.clone()))
            .collect();
        list.sort();
        Self { known, list }
    }

    /// The words, with unknown ones joined, split or respelt; those that match nothing stay.
    pub(crate) fn repair(&self, words: Vec<String>) -> Vec<String> {
        if words.iter().all(|word| self.is_known(word)) {
            return words;
        }
        let mut out = Vec::with_capacity(words.len());
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            if self.is_known(&word) && word.len() > 2 {
                out.push(word);
                continue;
            }
            if let Some(joined) =
                words.peek().map(|next| format!("{word}{next}")).filter(|j| j.len() > 5 && self.is_known(j))
            {
                words.next();
                out.push(joined);
                continue;
            }
            if self.is_known(&word) {
                out.push(word);
                continue;
            }
            out.extend(self.respell(&word));
        }
        out
    }

    fn is_known(&self, word: &str) -> bool {
        self.known.contains(word) || self.known.contains(&singular(word))
    }

    fn respell(&self, word: &str) -> Vec<String> {
        let letters_only = digits_to_letters(word);
        if self.is_known(&letters_only) {
            return vec![letters_only];
        }
        if let Some(parts) = self.split(&letters_only) {
            return parts;
        }
        vec![self.nearest(&singular(&letters_only)).unwrap_or(letters_only)]
    }

    fn split(&self, word: &str) -> Option<Vec<String>> {
        if !word.is_ascii() {
            return None;
        }
        (PART_CHARS_MIN..word.len().saturating_sub(PART_CHARS_MIN - 1))
            .map(|at| word.split_at(at))
            .find(|(left, right)| self.is_known(left) && self.is_known(right))
            .map(|(left, right)| vec![left.to_owned(), right.to_owned()])
    }

    fn nearest(&self, word: &str) -> Option<String> {
        if word.len() < ONE_EDIT_CHARS_MIN || !word.is_ascii() {
            return None;
        }
        let limit = if word.len() >= TWO_EDITS_CHARS_MIN { 2 } else { 1 };
        let mask = letters(word);
        let mut best: Option<(usize, &str)> = None;
        for (own, candidate) in &self.list {
            let apart = (own ^ mask).count_ones() as usize;
            if apart > 2 * limit || candidate.len().abs_diff(word.len()) > limit {
                continue;
            }
            let edits = edit_distance(word.as_bytes(), candidate.as_bytes());
            if edits <= limit && best.is_none_or(|(least, _)| edits < least) {
                best = Some((edits, candidate));
            }
        }
        best.map(|(_, candidate)| candidate.to_owned())
    }
}

/// Replaces digits inside a word by the letters that a scan mistakes for them.
fn digits_to_letters(word: &str) -> String {
    if !word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    word.chars()
        .filter_map(|c| match c {
            '0' => Some('o'),
            '1' => Some('l'),
            '5' => Some('s'),
            '8' => Some('b'),
            other if other.is_ascii_digit() => None,
            other => Some(other),
        })
        .collect()
}

/// The letters of a word as a bit set.
fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |mask, b| mask | 1 << (b - b'a'))
}

/// Levenshtein distance, where swapping two neighbouring letters counts as one edit.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
