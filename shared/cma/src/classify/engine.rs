//! Chooses the row of one label under its headings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::captions::{self, Caption};
use crate::classification::Alternative;
use crate::label::{Label, Lexicon, Vocabulary, read, read_repaired};
use crate::matching::Index;
use crate::policy::Policy;
use crate::row::RowCode;
use crate::rule::{Context, Headings, Hit, Rules, Sides, Tenor};

/// How many alternatives to the chosen row are listed.
pub(super) const ALTERNATIVES_MAX: usize = 2;
/// Similarity from which on a neighbour counts as having the same meaning.
const SAME: f32 = 0.86;
/// Similarity below which a neighbour is ignored.
const FAR: f32 = 0.30;
/// Confidence when the same words stand for several rows and no heading shows which.
const AMBIGUOUS_CONFIDENCE: f64 = 0.60;
/// Factor for the similarity of a neighbour that falls due at a different time.
const OTHER_TENOR_FACTOR: f32 = 0.75;

/// The row chosen for a label, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChoice {
    /// The row.
    pub row: RowCode,
    /// How sure the choice is, 0 to 1.
    pub confidence: f64,
    /// Why this row, in words for a reviewer.
    pub reason: String,
    /// The next best rows, best first, at most two.
    pub alternatives: Vec<Alternative>,
}

/// Rules, known captions and vocabulary: built once, used for every line.
#[derive(Debug)]
pub struct Classifier {
    lexicon: Lexicon,
    vocabulary: Vocabulary,
    headings: Headings,
    rules: Rules,
    captions: Vec<Caption>,
    by_signature: BTreeMap<String, Vec<usize>>,
    index: Index,
}

/// The most similar caption of a row.
#[derive(Clone, Debug)]
struct Neighbour {
    row: RowCode,
    /// Its similarity, 0 to 1.
    score: f64,
}

/// The caption with the same words as a label.
struct Exact {
    row: RowCode,
    tenor: Option<Tenor>,
    /// Whether other captions with the same words stand for another row.
    ambiguous: bool,
}

impl Exact {
    /// Whether the best rule takes precedence: one that also depends on the heading, or on when the line falls due, is more
    /// specific than a caption that does not.
    fn is_overruled(&self, hits: &[Hit], context: &Context) -> bool {
        let same_tenor = self.tenor.is_some() && self.tenor == context.tenor;
        let Some(hit) = hits.first().filter(|hit| hit.row != self.row && !same_tenor) else { return false };
        let uses_tenor = hit.words.iter().any(|word| is_tenor(word));
        hit.conditions > 0 || uses_tenor
    }
}

static BUILT_IN: LazyLock<Classifier> = LazyLock::new(Classifier::built_in);

impl Classifier {
    /// The classifier over the built-in data, made at the first call.
    #[must_use]
    pub fn shared() -> &'static Self {
        &BUILT_IN
    }

    /// Reads the built-in data. [`Self::shared`] keeps the result.
    #[must_use]
    pub fn built_in() -> Self {
        let lexicon = Lexicon::built_in();
        let rules = Rules::built_in(&lexicon);
        let headings = Headings::built_in(&lexicon);
        let captions = captions::built_in(&lexicon);
        let mut by_signature: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, caption) in captions.iter().enumerate() {
            by_signature.entry(signature(&caption.words)).or_default().push(index);
        }
        let index = Index::of(captions.iter().map(|caption| caption.text.as_str()));
        let caption_words = captions.iter().flat_map(|caption| &caption.spelt).map(String::as_str);
        let vocabulary = Vocabulary::of(lexicon.raw_words().chain(rules.words()).chain(caption_words));
        Self { lexicon, vocabulary, headings, rules, captions, by_signature, index }
    }

    /// The captions whose rows are known.
    #[must_use]
    pub fn captions(&self) -> &[Caption] {
        &self.captions
    }

    /// Chooses the row of a label under its headings, outermost first.
    #[must_use]
    pub fn choose(&self, label: &str, section: &[&str], policy: &Policy) -> RowChoice {
        self.choose_without(label, section, policy, &|_| false)
    }

    /// Chooses as if the captions whose index `left_out` accepts were unknown, to measure accuracy.
    #[must_use]
    pub fn choose_without(
        &self,
        label: &str,
        section: &[&str],
        policy: &Policy,
        left_out: &dyn Fn(usize) -> bool,
    ) -> RowChoice {
        let read = read_repaired(label, &self.lexicon, &self.vocabulary);
        let context = self.headings.context(section, &self.lexicon);
        self.choose_for(&read, context, policy, left_out)
    }

    /// Reads a label as the classifier does.
    pub(crate) fn read(&self, label: &str) -> Label {
        read_repaired(label, &self.lexicon, &self.vocabulary)
    }

    /// Reads headings as the classifier does.
    pub(crate) fn context(&self, section: &[&str]) -> Context {
        self.headings.context(section, &self.lexicon)
    }

    fn choose_for(
        &self,
        label: &Label,
        context: Context,
        policy: &Policy,
        left_out: &dyn Fn(usize) -> bool,
    ) -> RowChoice {
        let (label, context) = &self.split_heading(label, context.with_label(&label.words));
        let hits = self.rules.hits(label, context, policy);
        let near = self.neighbours(label, context, left_out);
        let exact = self.exact(label, context, left_out);
        if let Some(exact) = exact.filter(|exact| !exact.is_overruled(&hits, context)) {
            let agrees = hits.first().is_some_and(|hit| hit.row == exact.row);
            let without_heading = context.sides.is_empty() && context.tenor.is_none();
            let confidence = match (exact.ambiguous && without_heading, agrees) {
                (true, _) => AMBIGUOUS_CONFIDENCE,
                (false, true) => 0.98,
                (false, false) => 0.93,
            };
            return choice(exact.row, confidence, "a known caption of this row".to_owned(), &hits, &near);
        }
        if let Some(chosen) = choose_by_rule_or_neighbour(label, &hits, &near) {
            return chosen;
        }
        self.choose_by_heading(context, policy, &near, left_out)
    }

    /// Moves a heading such as `Financial assets - ` from the label into the context.
    fn split_heading(&self, label: &Label, context: Context) -> (Label, Context) {
        let mut label = label.clone();
        let context = label.headings.drain(..).fold(context, |context, heading| self.headings.below(context, heading));
        if !begins_with_heading(&label.words) {
            return (label, context);
        }
        let heading: Vec<String> = label.words.drain(..2).collect();
        (label, self.headings.below(context, heading))
    }

    /// The caption with the same words, among those whose row the context allows.
    fn exact(&self, label: &Label, context: &Context, left_out: &dyn Fn(usize) -> bool) -> Option<Exact> {
        let same_words = self.by_signature.get(&signature(&label.words))?;
        let known = same_words.iter().filter(|index| !left_out(**index)).map(|index| &self.captions[*index]);
        let fits = |caption: &&Caption| context.allows(caption.row) && !is_other_tenor(caption, context);
        let found: Vec<&Caption> = known.filter(fits).collect();
        let closeness = |caption: &&Caption| (caption.lead == label.lead, caption.tenor == context.tenor);
        let closest = found.iter().map(closeness).max()?;
        let mut closest_of = found.iter().filter(|caption| closeness(caption) == closest);
        let first = closest_of.next()?;
        let agree = closest_of.all(|caption| caption.row == first.row);
        agree.then(|| Exact {
            row: first.row,
            tenor: first.tenor,
            ambiguous: found.iter().any(|caption| caption.row != first.row),
        })
    }

    /// The nearest caption of each row, best first; rows with the same score in the order of their codes' text.
    fn neighbours(&self, label: &Label, context: &Context, left_out: &dyn Fn(usize) -> bool) -> Vec<Neighbour> {
        let scores = self.index.similarities(&label.words.join(" "));
        let mut best: BTreeMap<RowCode, f32> = BTreeMap::new();
        for (index, score) in scores.into_iter().enumerate() {
            let caption = &self.captions[index];
            if score < FAR / 2.0 || left_out(index) || !context.allows(caption.row) {
                continue;
            }
            let score = if is_other_tenor(caption, context) { score * OTHER_TENOR_FACTOR } else { score };
            let known = best.entry(caption.row).or_default();
            *known = known.max(score);
        }
        let neighbour = |(row, score): (RowCode, f32)| Neighbour { row, score: f64::from(score.min(1.0)) };
        let mut neighbours: Vec<Neighbour> = best.into_iter().map(neighbour).collect();
        neighbours.sort_by(|one, other| {
            other.score.total_cmp(&one.score).then_with(|| one.row.as_str().cmp(other.row.as_str()))
        });
        neighbours
    }

    /// Falls back to the heading: the heading's own row, or the `other` row of its side.
    fn choose_by_heading(
        &self,
        context: &Context,
        policy: &Policy,
        near: &[Neighbour],
        left_out: &dyn Fn(usize) -> bool,
    ) -> RowChoice {
        if let Some(other) = other_row(context) {
            let parent = Label { words: context.parent.clone(), ..Label::default() };
            let hits = self.rules.hits(&parent, context, policy);
            let exact = self.exact(&parent, context, left_out).map(|exact| exact.row);
            let row = exact.or_else(|| hits.first().map(|hit| hit.row));
            let row = row.filter(|row| *row != RowCode::IGNORE).unwrap_or(other);
            return choice(row, 0.4, "chosen by the heading above it alone".to_owned(), &hits, near);
        }
        match near.first() {
            Some(nearest) => choice(nearest.row, 0.2, "a little like a known caption".to_owned(), &[], near),
            None => choice(RowCode::IGNORE, 0.0, "nothing shows which row this is".to_owned(), &[], near),
        }
    }
}

fn choose_by_rule_or_neighbour(label: &Label, hits: &[Hit], near: &[Neighbour]) -> Option<RowChoice> {
    let nearest = near.first().filter(|nearest| nearest.score >= f64::from(FAR));
    let Some(rule) = hits.first() else {
        let nearest = nearest?;
        let margin = nearest.score - near.get(1).map_or(0.0, |next| next.score);
        let confidence = (0.25 + 0.5 * nearest.score + 0.5 * margin).clamp(0.2, 0.85);
        let reason = "most like a known caption of this row".to_owned();
        return Some(choice(nearest.row, confidence, reason, hits, near));
    };
    // A nearly identical caption outweighs a rule that rests on one word.
    let is_weak = rule.conditions == 0 && rule.words.len() < 2;
    let is_nearly_same = |nearest: &&Neighbour| nearest.score >= f64::from(SAME) && nearest.row != rule.row;
    if let Some(nearest) = nearest.filter(|nearest| is_weak && is_nearly_same(nearest)) {
        return Some(choice(nearest.row, 0.6, "nearly a known caption of this row".to_owned(), hits, near));
    }
    let confidence = confidence(label, rule, hits, near);
    let words = rule.words.join("”, “");
    let heading = if rule.conditions > 0 { " and the heading above it" } else { "" };
    let reason =
        if rule.words.is_empty() { "the heading above it".to_owned() } else { format!("“{words}”{heading}") };
    Some(choice(rule.row, confidence, format!("rule: {reason}"), hits, near))
}

fn confidence(label: &Label, rule: &Hit, hits: &[Hit], near: &[Neighbour]) -> f64 {
    let covered = rule.words.len() as f64 / label.words.len().max(1) as f64;
    let lead = hits.get(1).map_or(20, |next| rule.score - next.score);
    let mut confidence = 0.62 + 0.22 * covered;
    confidence += match lead {
        ..=0 => -0.12,
        1..=5 => -0.04,
        6..=10 => 0.02,
        _ => 0.06,
    };
    match near.first() {
        Some(nearest) if nearest.row == rule.row => confidence += 0.12 * nearest.score,
        Some(nearest) if nearest.score > 0.6 => confidence -= 0.15,
        _ => confidence -= 0.03,
    }
    if rule.score < 8 {
        confidence -= 0.12;
    }
    confidence.clamp(0.15, 0.96)
}

/// The choice of `row`, with the other rows of the rules and neighbours as alternatives.
fn choice(row: RowCode, confidence: f64, reason: String, hits: &[Hit], near: &[Neighbour]) -> RowChoice {
    let mut alternatives: Vec<Alternative> = Vec::new();
    let by_rule = hits.iter().map(|hit| (hit.row, f64::from(hit.score.clamp(0, 40)) / 40.0));
    let by_similarity = near.iter().filter(|near| near.score >= f64::from(FAR)).map(|near| (near.row, near.score));
    for (other, score) in by_rule.chain(by_similarity) {
        let known = alternatives.iter().any(|alternative| alternative.row_code == other);
        if other != row && !known {
            alternatives.push(Alternative { row_code: other, score: round(score) });
        }
    }
    alternatives.sort_by(|one, next| next.score.total_cmp(&one.score));
    alternatives.truncate(ALTERNATIVES_MAX);
    RowChoice { row, confidence: round(confidence), reason, alternatives }
}

fn round(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

/// Whether a caption falls due at a different time from a line in this context.
fn is_other_tenor(caption: &Caption, context: &Context) -> bool {
    matches!((caption.tenor, context.tenor), (Some(own), Some(other)) if own != other)
}

/// The row for lines under a heading for which there is no specific row.
fn other_row(context: &Context) -> Option<RowCode> {
    let current = context.tenor == Some(Tenor::Current);
    Some(match context.sides {
        Sides::ASSET if context.is_under("fixedasset") || context.is_under("ppe") => row!("III.35"),
        Sides::ASSET if current => row!("III.33"),
        Sides::ASSET => row!("III.40"),
        Sides::LIABILITY if context.tenor == Some(Tenor::NonCurrent) => row!("III.16"),
        Sides::LIABILITY => row!("III.9"),
        Sides::EQUITY => row!("III.22"),
        Sides::INCOME => row!("II.11.i"),
        Sides::EXPENSE => row!("II.6"),
        _ => return None,
    })
}

/// The words without those that say when a line falls due, because the context holds that.
fn signature(words: &[String]) -> String {
    let total = words.iter().any(|word| word == "total");
    let kept = words.iter().filter(|word| total || !is_tenor(word));
    Label { words: kept.cloned().collect(), ..Label::default() }.signature()
}

fn is_tenor(word: &str) -> bool {
    matches!(word, "current" | "noncurrent" | "longterm" | "shortterm")
}

/// Reads a caption in the form in which labels are compared with it.
pub(super) fn read_caption(label: &str, lexicon: &Lexicon) -> Label {
    let mut label = read(label, lexicon);
    if begins_with_heading(&label.words) {
        label.words.drain(..2);
    }
    label
}

/// Whether the words begin with the heading `Financial assets` or `Financial liabilities`, and more follow.
fn begins_with_heading(words: &[String]) -> bool {
    words.len() > 2 && words[0] == "financial" && matches!(words[1].as_str(), "asset" | "liability")
}
