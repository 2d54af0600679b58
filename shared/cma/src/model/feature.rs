//! Turns a label under its headings into features: hashes of the words and n-grams that the model has weights for.
//!
//! Training reads the same features from this code, so that the two cannot differ.

use crate::label::{Label, Lead};
use crate::rule::{Context, Tenor};

/// Shortest and longest n-gram of a label in characters.
const GRAM_CHARS: std::ops::RangeInclusive<usize> = 2..=5;
/// Shortest and longest n-gram of a heading.
const HEADING_GRAM_CHARS: std::ops::RangeInclusive<usize> = 3..=4;
/// How many characters of a label or heading are cut into n-grams.
const GRAM_TEXT_CHARS_MAX: usize = 120;
/// How many words of a label or heading are read.
const WORDS_MAX: usize = 16;
/// How many words of a label are combined with the words of a heading, and the other way round.
const CROSSED_WORDS_MAX: usize = 8;
/// How many headings are read, from the innermost outwards.
const HEADINGS_MAX: usize = 5;

/// What kind of feature a hash is; every kind has the same weight in a label, whatever the number of its features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// N-grams of the printed label.
    Grams,
    /// Canonical words of the label.
    Words,
    /// Neighbouring canonical words.
    Pairs,
    /// Any two canonical words.
    Sets,
    /// Words as printed.
    Printed,
    /// All words, the first and the last ones.
    Shape,
    /// `Less:`, `To`, a rate, the number of words.
    Marks,
    /// Words of the innermost heading.
    Inner,
    /// Words of the headings around it.
    Outer,
    /// N-grams of the innermost heading.
    InnerGrams,
    /// The side and the tenor that the headings show.
    Side,
    /// Words of the label with the side.
    WordSide,
    /// Words of the label with words of the innermost heading.
    WordInner,
    /// Words of the label with words of the heading around that.
    WordOuter,
    /// The whole label with the whole innermost heading.
    Whole,
    /// Neighbouring words of the label with the side.
    PairSide,
}

impl Kind {
    /// Whether features of the kind with this number are words of the label, which training may not have met.
    pub(crate) fn is_of_words(kind: usize) -> bool {
        kind == Self::Words as usize || kind == Self::Printed as usize
    }
}

/// How many kinds of features there are.
pub const KINDS: usize = 16;

/// The features of one label, sorted and without repetition within a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Kind and hash.
    pub hashes: Vec<(u8, u32)>,
}

/// A feature as it is made.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its text, from which the hash is made.
    pub text: &'a str,
    /// Its hash.
    pub hash: u32,
}

/// The features of a label, printed as `text`, under its headings; each is shown to `see`.
pub(crate) fn features(text: &str, label: &Label, context: &Context, see: &mut dyn FnMut(Seen)) -> Features {
    let mut sink = Sink { hashes: Vec::with_capacity(400), text: String::new(), see };
    let side = side(context);
    let words: Vec<&str> = label.words.iter().take(WORDS_MAX).map(String::as_str).collect();
    of_print(&mut sink, text);
    of_words(&mut sink, &words);
    of_marks(&mut sink, text, label, words.len());
    of_headings(&mut sink, context);
    of_side(&mut sink, &side, context, &words);
    of_crossing(&mut sink, context, &words);
    let mut hashes = sink.hashes;
    hashes.sort_unstable();
    hashes.dedup();
    Features { hashes }
}

fn of_print(sink: &mut Sink, text: &str) {
    let plain = plain(text);
    sink.grams(Kind::Grams, &plain, GRAM_CHARS);
    let printed: Vec<&str> = plain.split_whitespace().take(WORDS_MAX).collect();
    for word in &printed {
        sink.add(Kind::Printed, &[word]);
    }
    for pair in printed.windows(2) {
        sink.add(Kind::Printed, pair);
    }
}

fn of_words(sink: &mut Sink, words: &[&str]) {
    for word in words {
        sink.add(Kind::Words, &[word]);
    }
    for pair in words.windows(2) {
        sink.add(Kind::Pairs, pair);
    }
    let few = &words[..words.len().min(CROSSED_WORDS_MAX)];
    for (at, one) in few.iter().enumerate() {
        for other in &few[at + 1..] {
            sink.add(Kind::Sets, &[one.min(other), one.max(other)]);
        }
    }
    if let (Some(first), Some(last)) = (words.first(), words.last()) {
        sink.add(Kind::Shape, &["first", first]);
        sink.add(Kind::Shape, &["last", last]);
        sink.add(Kind::Shape, &["all", &signature(words)]);
    }
}

fn of_marks(sink: &mut Sink, text: &str, label: &Label, count: usize) {
    sink.add(Kind::Marks, &["words", ["0", "1", "2", "3", "4", "5", "6"].get(count).copied().unwrap_or("many")]);
    match label.lead {
        Some(Lead::Less) => sink.add(Kind::Marks, &["less"]),
        Some(Lead::Add) => sink.add(Kind::Marks, &["add"]),
        None => {}
    }
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    if matches!(first.as_str(), "to" | "by") {
        sink.add(Kind::Marks, &[&first]);
    }
    if label.shortened {
        sink.add(Kind::Marks, &["shortened"]);
    }
    for mark in ["%", "@", "(", ":", "/"] {
        if text.contains(mark) {
            sink.add(Kind::Marks, &[mark]);
        }
    }
}

fn of_headings(sink: &mut Sink, context: &Context) {
    for (depth, heading) in context.path.iter().rev().take(HEADINGS_MAX).enumerate() {
        let kind = if depth == 0 { Kind::Inner } else { Kind::Outer };
        let words: Vec<&str> = heading.iter().take(WORDS_MAX).map(String::as_str).collect();
        for word in &words {
            sink.add(kind, &[word]);
        }
        sink.add(kind, &["all", &signature(&words)]);
        if depth == 0 {
            sink.grams(Kind::InnerGrams, &format!(" {} ", words.join(" ")), HEADING_GRAM_CHARS);
        }
    }
    if context.path.is_empty() {
        sink.add(Kind::Inner, &["none"]);
    }
}

fn of_side(sink: &mut Sink, side: &str, context: &Context, words: &[&str]) {
    sink.add(Kind::Side, &[side]);
    sink.add(Kind::Side, &[side, tenor(context)]);
    for word in words {
        sink.add(Kind::WordSide, &[word, side, tenor(context)]);
        sink.add(Kind::WordSide, &[word, side]);
    }
    for pair in words.windows(2) {
        sink.add(Kind::PairSide, &[pair[0], pair[1], side, tenor(context)]);
    }
}

fn of_crossing(sink: &mut Sink, context: &Context, words: &[&str]) {
    let few = &words[..words.len().min(CROSSED_WORDS_MAX)];
    let nearest = context.path.iter().rev().take(2);
    for (kind, heading) in [Kind::WordInner, Kind::WordOuter].into_iter().zip(nearest) {
        let heading: Vec<&str> = heading.iter().take(CROSSED_WORDS_MAX).map(String::as_str).collect();
        for word in few {
            for other in &heading {
                sink.add(kind, &[word, "<", other]);
            }
        }
        if kind == Kind::WordInner {
            sink.add(Kind::Whole, &[&signature(words), "<", &signature(&heading)]);
        }
    }
}

/// The sides and the tenor that the headings show, as text.
fn side(context: &Context) -> String {
    context.sides.bits().to_string()
}

fn tenor(context: &Context) -> &'static str {
    match context.tenor {
        Some(Tenor::Current) => "C",
        Some(Tenor::NonCurrent) => "N",
        None => "",
    }
}

/// The words in alphabetical order.
fn signature(words: &[&str]) -> String {
    let mut words = words.to_vec();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// The label in lower case, each run of other characters than letters as one space, with a space at both ends.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for ch in text.chars().take(GRAM_TEXT_CHARS_MAX) {
        if ch.is_alphabetic() {
            out.extend(ch.to_lowercase());
        } else if ch != '\'' && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// Collects features.
struct Sink<'a> {
    hashes: Vec<(u8, u32)>,
    text: String,
    see: &'a mut dyn FnMut(Seen),
}

impl Sink<'_> {
    fn add(&mut self, kind: Kind, parts: &[&str]) {
        self.text.clear();
        for part in parts {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(part);
        }
        let seen = Seen { kind, text: &self.text, hash: hash(kind, &self.text) };
        self.hashes.push((kind as u8, seen.hash));
        (self.see)(seen);
    }

    fn grams(&mut self, kind: Kind, text: &str, sizes: std::ops::RangeInclusive<usize>) {
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).collect();
        for size in sizes {
            for window in bounds.windows(size + 1) {
                let (Some(from), Some(to)) = (window.first(), window.last()) else { continue };
                let Some(gram) = text.get(*from..*to) else { continue };
                let seen = Seen { kind, text: gram, hash: hash(kind, gram) };
                self.hashes.push((kind as u8, seen.hash));
                (self.see)(seen);
            }
        }
    }
}

/// FNV-1a with 64 bits, folded to 32.
fn hash(kind: Kind, text: &str) -> u32 {
    let hash = std::iter::once(kind as u8)
        .chain(text.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let bytes = (hash ^ (hash >> 32)).to_le_bytes();
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, words: &[&str]) -> Features {
        let label = Label { words: words.iter().map(|word| (*word).to_owned()).collect(), ..Label::default() };
        features(text, &label, &Context::default(), &mut |_| {})
    }

    #[test]
    fn features_of_one_kind_stand_together_and_once() {
        let found = of("Sale of sale of goods", &["sale", "sale", "good"]);
        assert!(found.hashes.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(found.hashes.iter().all(|(kind, _)| usize::from(*kind) < KINDS));
    }

    #[test]
    fn letters_of_any_script_are_cut_into_grams() {
        let mut grams = Vec::new();
        let label = Label::default();
        features("भाड़ा ₹", &label, &Context::default(), &mut |seen| {
            if seen.kind == Kind::Grams {
                grams.push(seen.text.to_owned());
            }
        });
        assert!(grams.iter().all(|gram| (2..=5).contains(&gram.chars().count())));
        assert!(grams.iter().any(|gram| gram.starts_with(" भ")));
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_bounded_number_of_features(text in "\\PC{0,600}", words in proptest::collection::vec("\\PC{0,12}", 0..40)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            proptest::prop_assert!(of(&text, &words).hashes.len() < 2_000);
        }
    }
}
