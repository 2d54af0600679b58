//! Reading a printed label: what it says once numbering, references and spelling are out of the way.

mod cut;
mod lexicon;
mod spelling;

pub(crate) use lexicon::{Lexicon, singular};
pub(crate) use spelling::Vocabulary;

/// Characters of a label that are looked at; what stands after them never decides a row.
pub const LABEL_CHARS_MAX: usize = 400;

/// A label as the rules and the neighbours see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Canonical words in printed order: lower case, singular, one spelling, known phrases as one word.
    pub words: Vec<String>,
    /// `Less:` or `Add:` in front of the label.
    pub lead: Option<Lead>,
    /// A clause that was left out of `words`, such as `excluding goodwill` or `other than above`.
    pub shortened: bool,
    /// Headings of the statement that a scan glued to the front of the label, in canonical words.
    pub headings: Vec<Vec<String>>,
}

/// The word in front of a label that says how the amount enters the sum it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// `Less:`, `Deduct:`.
    Less,
    /// `Add:`, `Plus:`.
    Add,
}

impl Label {
    /// Whether the canonical word is in the label.
    #[must_use]
    pub fn says(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    /// The words in alphabetical order, joined: equal for labels that say the same in another order.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        words.join(" ")
    }
}

/// Reads a label with the lexicon alone; words that it does not know stay as they are.
pub(crate) fn read(text: &str, lexicon: &Lexicon) -> Label {
    parse(text, lexicon, |words| words)
}

/// Reads a label and repairs unknown words that are one slip away from a known one, as OCR leaves them.
pub(crate) fn read_repaired(text: &str, lexicon: &Lexicon, vocabulary: &Vocabulary) -> Label {
    parse(text, lexicon, |words| vocabulary.repair(words))
}

fn parse(text: &str, lexicon: &Lexicon, repair: impl Fn(Vec<String>) -> Vec<String>) -> Label {
    let clean = cut::clean(text);
    let (lead, rest) = cut::lead(&clean);
    let (main, shortened) = cut::clauses(rest);
    let words_of = |segment: &str| lexicon.canonical(&repair(cut::words(segment)));
    let mut segments: Vec<Vec<String>> = cut::segments(&main).iter().map(|segment| words_of(segment)).collect();
    segments.retain(|words| !words.is_empty());
    let own = segments.iter().position(|words| !lexicon.is_heading(words));
    let own = own.unwrap_or(segments.len().saturating_sub(1));
    let chosen = segments.get(own).cloned().unwrap_or_default();
    segments.truncate(own);
    let words = lexicon.without_leading_heading(chosen);
    Label { words, lead, shortened, headings: segments }
}
