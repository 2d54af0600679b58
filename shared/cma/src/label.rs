//! Reads a printed label into its words, without numbering and references, and in one spelling.

mod cut;
mod lexicon;
mod spelling;

pub(crate) use lexicon::{Lexicon, singular};
pub(crate) use spelling::Vocabulary;

/// How many characters of a label are read. The rest never decides a row.
pub const LABEL_CHARS_MAX: usize = 400;

/// A label in the form in which rules and known captions are compared with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Canonical words in printed order: lower case, singular, one spelling, known phrases as one word.
    pub words: Vec<String>,
    /// `Less:` or `Add:` in front of the label.
    pub lead: Option<Lead>,
    /// Whether a clause such as `excluding goodwill` or `other than above` was left out of `words`.
    pub shortened: bool,
    /// Headings that a scan joined to the front of the label, in canonical words.
    pub headings: Vec<Vec<String>>,
}

/// The word before a label that says whether its amount is added or deducted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// `Less:`, `Deduct:`.
    Less,
    /// `Add:`, `Plus:`.
    Add,
}

impl Label {
    /// Whether the label contains the canonical word.
    #[must_use]
    pub fn has_word(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    /// The words in alphabetical order, joined: equal for labels with the same words in another order.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        words.join(" ")
    }
}

/// Reads a label with the lexicon only; unknown words stay as they are.
pub(crate) fn read(text: &str, lexicon: &Lexicon) -> Label {
    parse(text, lexicon, |words| words)
}

/// Reads a label and corrects unknown words close to a known one, such as OCR errors.
pub(crate) fn read_repaired(text: &str, lexicon: &Lexicon, vocabulary: &Vocabulary) -> Label {
    parse(text, lexicon, |words| vocabulary.repair(words))
}

fn parse(text: &str, lexicon: &Lexicon, repair: impl Fn(Vec<String>) -> Vec<String>) -> Label {
    let clean = cut::clean(text);
    let (lead, rest) = cut::split_lead(&clean);
    let (main, shortened) = cut::drop_clauses(rest);
    let words_of = |segment: &str| lexicon.canonical(&repair(cut::split_words(segment)));
    let mut segments: Vec<Vec<String>> = cut::split_segments(&main).iter().map(|segment| words_of(segment)).collect();
    segments.retain(|words| !words.is_empty());
    let own = segments.iter().position(|words| !Lexicon::is_heading(words));
    let own = own.unwrap_or(segments.len().saturating_sub(1));
    let chosen = segments.get(own).cloned().unwrap_or_default();
    segments.truncate(own);
    let words = Lexicon::without_leading_heading(chosen);
    Label { words, lead, shortened, headings: segments }
}
