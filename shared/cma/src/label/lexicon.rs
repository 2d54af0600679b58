//! Maps spellings, abbreviations and phrases to canonical words, by `data/words.csv`.

use std::collections::{BTreeSet, HashMap};

const WORDS: &str = include_str!("../../data/words.csv");

/// Words of the longest phrase in the lexicon.
const PHRASE_WORDS_MAX: usize = 5;

/// Words that say nothing about a row.
const STOP: [&str; 30] = [
    "the", "a", "an", "of", "on", "in", "for", "with", "at", "as", "is", "are", "and", "or", "etc", "ac", "account",
    "accounts", "rs", "inr", "amount", "being", "its", "per", "net", "any", "all", "by", "ltd", "limited",
];

/// Words that only headings of statements consist of.
const HEADING_WORDS: [&str; 9] =
    ["asset", "liability", "equity", "noncurrent", "current", "financial", "expense", "income", "taxexpense"];

/// Maps words and phrases to their canonical form.
#[derive(Debug)]
pub(crate) struct Lexicon {
    phrases: HashMap<String, Vec<String>>,
    raw: BTreeSet<String>,
}

impl Lexicon {
    /// Reads the lexicon that is built in.
    pub(crate) fn built_in() -> Self {
        let mut phrases = HashMap::new();
        let mut raw = BTreeSet::new();
        for line in WORDS.lines().skip(1) {
            let Some((from, to)) = line.split_once(',') else { continue };
            let from: Vec<String> = from.split_whitespace().map(singular).collect();
            raw.extend(from.iter().cloned());
            phrases.insert(from.join(" "), to.split_whitespace().map(str::to_owned).collect());
        }
        raw.extend(STOP.iter().map(|word| (*word).to_owned()));
        Self { phrases, raw }
    }

    /// The words of the lexicon as printed, in the singular.
    pub(crate) fn raw_words(&self) -> impl Iterator<Item = &str> {
        self.raw.iter().map(String::as_str)
    }

    /// The words in the singular, with phrases replaced (longest first) and stop words dropped.
    pub(crate) fn canonical(&self, words: &[String]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| singular(word)).collect();
        let once = self.replace(&words);
        let twice = self.replace(&once);
        // At the start, as in `net sales` and `net block`, the word names a balance; later in a label it adds nothing.
        let keep = |(index, word): &(usize, String)| !is_stop(word) || (*index == 0 && word == "net");
        twice.into_iter().enumerate().filter(keep).map(|(_, word)| word).collect()
    }

    fn replace(&self, words: &[String]) -> Vec<String> {
        let mut out = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let longest = PHRASE_WORDS_MAX.min(words.len() - at);
            let found = (1..=longest).rev().find_map(|length| {
                let phrase = words[at..at + length].join(" ");
                self.phrases.get(&phrase).map(|to| (length, to))
            });
            if let Some((length, to)) = found {
                out.extend(to.iter().cloned());
                at += length;
            } else {
                out.push(words[at].clone());
                at += 1;
            }
        }
        out
    }

    /// Whether the words are only a heading of a statement, not a line.
    pub(crate) fn is_heading(words: &[String]) -> bool {
        words.iter().all(|word| HEADING_WORDS.contains(&word.as_str()))
    }

    /// Drops headings joined to the front of a label, while something else follows.
    pub(crate) fn without_leading_heading(mut words: Vec<String>) -> Vec<String> {
        const JOINED: [&str; 5] = ["expense", "taxexpense", "noncurrent asset", "current asset", "asset"];
        for heading in JOINED {
            let head: Vec<&str> = heading.split(' ').collect();
            let starts = words.len() > head.len() + 1 && words.iter().zip(&head).all(|(word, head)| word == head);
            if starts {
                words.drain(..head.len());
            }
        }
        words
    }
}

fn is_stop(word: &str) -> bool {
    word.len() == 1 || STOP.contains(&word)
}

/// The singular of an English word, close enough to compare words by.
pub(crate) fn singular(word: &str) -> String {
    const KEPT: [&str; 15] = [
        "gas",
        "plus",
        "less",
        "loss",
        "gross",
        "business",
        "process",
        "surplus",
        "bonus",
        "tds",
        "tcs",
        "storesspares",
        "toolsdies",
        "eclgs",
        "moulds",
    ];
    if word.len() <= 3 || KEPT.contains(&word) || word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return if stem.len() <= 1 { word.to_owned() } else { format!("{stem}y") };
    }
    for ending in ["xes", "ches", "shes", "sses"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_words_is_a_phrase_and_its_canonical_words() {
        for (line, number) in WORDS.lines().zip(1..).skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [from, to] = fields[..] else { panic!("line {number}: two fields") };
            assert!(from.split_whitespace().next().is_some(), "line {number}: no phrase");
            assert!(!to.trim().is_empty(), "line {number}: no canonical word");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_word_has_a_singular(word in "\\PC{0,12}|[a-z]{0,8}(s|es|ies|xes|ches|sses|us|is)") {
            let singular = singular(&word);
            proptest::prop_assert!(singular.len() <= word.len());
        }
    }
}
