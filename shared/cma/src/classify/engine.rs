//! From one label under its headings to a row.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::captions::{self, Caption};
use crate::classification::Alternative;
use crate::label::{Label, Lexicon, Vocabulary, read, read_repaired};
use crate::matching::Index;
use crate::policy::Policy;
use crate::rule::{Context, Headings, Hit, Rules, Sides, Tenor};

/// Rows that are named beside the chosen one at most.
pub(super) const ALTERNATIVES_MAX: usize = 2;
/// A neighbour this alike says the same thing.
const SAME: f32 = 0.86;
/// A neighbour less alike than this says nothing.
const FAR: f32 = 0.30;
/// How sure it is of words that stand for several rows, while no heading tells which.
const CONTESTED_CONFIDENCE: f64 = 0.60;
/// What a neighbour loses that is due at another time.
const OTHER_TENOR_FACTOR: f32 = 0.75;

/// The row a label goes to, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Row code of `data/rows.csv` or a supporting code.
    pub row_code: String,
    /// 0 to 1.
    pub confidence: f64,
    /// What decided, in words for a reviewer.
    pub reason: String,
    /// The next best rows, best first, at most two.
    pub alternatives: Vec<Alternative>,
}

/// Rules, known captions and spelling: built once, used for every line.
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

/// One row that speaks for itself, with a score between 0 and 1.
#[derive(Clone, Debug)]
struct Vote {
    row_code: String,
    score: f64,
}

/// A caption that says the same words.
struct Exact {
    row_code: String,
    tenor: Option<Tenor>,
    /// Whether captions with the same words stand for another row elsewhere.
    contested: bool,
}

impl Exact {
    /// A rule that also looks at the heading, or at when the line falls due, knows more than a caption that does not.
    fn overruled(&self, hits: &[Hit], context: &Context) -> bool {
        let told = self.tenor.is_some() && self.tenor == context.tenor;
        let Some(hit) = hits.first().filter(|hit| hit.row_code != self.row_code && !told) else { return false };
        let dated = hit.words.iter().any(|word| is_time(word));
        hit.conditions > 0 || dated
    }
}

static BUILT_IN: LazyLock<Classifier> = LazyLock::new(Classifier::built_in);

impl Classifier {
    /// The classifier over the data that is built in; made at the first call.
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
        for (place, caption) in captions.iter().enumerate() {
            by_signature.entry(signature(&caption.words)).or_default().push(place);
        }
        let index = Index::of(captions.iter().map(|caption| caption.text.as_str()));
        let caption_words = captions.iter().flat_map(|caption| &caption.raw).map(String::as_str);
        let vocabulary = Vocabulary::of(lexicon.raw_words().chain(rules.words()).chain(caption_words));
        Self { lexicon, vocabulary, headings, rules, captions, by_signature, index }
    }

    /// The labels whose rows are known.
    #[must_use]
    pub fn captions(&self) -> &[Caption] {
        &self.captions
    }

    /// Decides on a label under a section path, outermost heading first.
    #[must_use]
    pub fn decide(&self, label: &str, section: &[&str], policy: &Policy) -> Decision {
        self.decide_without(label, section, policy, &|_| false)
    }

    /// Decides as if the captions at the places that `left_out` names were not known: for measuring.
    #[must_use]
    pub fn decide_without(
        &self,
        label: &str,
        section: &[&str],
        policy: &Policy,
        left_out: &dyn Fn(usize) -> bool,
    ) -> Decision {
        let read = read_repaired(label, &self.lexicon, &self.vocabulary);
        let context = self.headings.context(section, &self.lexicon);
        self.decide_read(&read, context, policy, left_out)
    }

    /// Reads a label as the classifier does.
    pub(crate) fn read(&self, label: &str) -> Label {
        read_repaired(label, &self.lexicon, &self.vocabulary)
    }

    /// Reads headings as the classifier does.
    pub(crate) fn context(&self, section: &[&str]) -> Context {
        self.headings.context(section, &self.lexicon)
    }

    fn decide_read(
        &self,
        label: &Label,
        context: Context,
        policy: &Policy,
        left_out: &dyn Fn(usize) -> bool,
    ) -> Decision {
        let (label, context) = &self.unglued(label, context.with_label(&label.words));
        let hits = self.rules.hits(label, context, policy);
        let near = self.neighbours(label, context, left_out);
        let exact = self.exact(label, context, left_out);
        if let Some(exact) = exact.filter(|exact| !exact.overruled(&hits, context)) {
            let agrees = hits.first().is_some_and(|hit| hit.row_code == exact.row_code);
            let nowhere = context.sides.is_empty() && context.tenor.is_none();
            let confidence = match (exact.contested && nowhere, agrees) {
                (true, _) => CONTESTED_CONFIDENCE,
                (false, true) => 0.98,
                (false, false) => 0.93,
            };
            return decision(exact.row_code, confidence, "a known caption of this row".to_owned(), &hits, &near);
        }
        if let Some(decided) = by_rule_or_neighbour(label, &hits, &near) {
            return decided;
        }
        self.by_heading(context, policy, &near, left_out)
    }

    /// Takes a heading such as `Financial assets - ` off the label and into the context.
    fn unglued(&self, label: &Label, context: Context) -> (Label, Context) {
        let mut label = label.clone();
        let context = label.headings.drain(..).fold(context, |context, heading| self.headings.below(context, heading));
        if !is_glued(&label.words) {
            return (label, context);
        }
        let heading: Vec<String> = label.words.drain(..2).collect();
        (label, self.headings.below(context, heading))
    }

    /// The row of a caption that says the same words and stands where the label stands.
    fn exact(&self, label: &Label, context: &Context, left_out: &dyn Fn(usize) -> bool) -> Option<Exact> {
        let places = self.by_signature.get(&signature(&label.words))?;
        let fits = |caption: &&Caption| {
            let apart = matches!((caption.tenor, context.tenor), (Some(one), Some(other)) if one != other);
            context.allows(&caption.row_code) && !apart
        };
        let found: Vec<&Caption> =
            places.iter().filter(|place| !left_out(**place)).map(|place| &self.captions[*place]).filter(fits).collect();
        let closeness = |caption: &&Caption| (caption.lead == label.lead, caption.tenor == context.tenor);
        let closest = found.iter().map(closeness).max()?;
        let mut closest_of = found.iter().filter(|caption| closeness(caption) == closest);
        let first = closest_of.next()?;
        let sure = closest_of.all(|caption| caption.row_code == first.row_code);
        sure.then(|| Exact {
            row_code: first.row_code.clone(),
            tenor: first.tenor,
            contested: found.iter().any(|caption| caption.row_code != first.row_code),
        })
    }

    /// Rows by the nearest captions, best first.
    fn neighbours(&self, label: &Label, context: &Context, left_out: &dyn Fn(usize) -> bool) -> Vec<Vote> {
        let scores = self.index.similarities(&label.words.join(" "));
        let mut best: BTreeMap<&str, f32> = BTreeMap::new();
        for (place, score) in scores.into_iter().enumerate() {
            let caption = &self.captions[place];
            if score < FAR / 2.0 || left_out(place) || !context.allows(&caption.row_code) {
                continue;
            }
            let apart = matches!((caption.tenor, context.tenor), (Some(one), Some(other)) if one != other);
            let score = if apart { score * OTHER_TENOR_FACTOR } else { score };
            let known = best.entry(&caption.row_code).or_default();
            *known = known.max(score);
        }
        let mut votes: Vec<Vote> = best
            .into_iter()
            .map(|(row, score)| Vote { row_code: row.to_owned(), score: f64::from(score.min(1.0)) })
            .collect();
        votes.sort_by(|one, other| other.score.total_cmp(&one.score));
        votes
    }

    /// Falls back on the heading: its own row, or the `other` row of the side it names.
    fn by_heading(
        &self,
        context: &Context,
        policy: &Policy,
        near: &[Vote],
        left_out: &dyn Fn(usize) -> bool,
    ) -> Decision {
        if let Some(row_code) = rest_of(context) {
            let parent = Label { words: context.parent.clone(), ..Label::default() };
            let hits = self.rules.hits(&parent, context, policy);
            let exact = self.exact(&parent, context, left_out).map(|exact| exact.row_code);
            let row = exact.or_else(|| hits.first().map(|hit| hit.row_code.clone()));
            let general = row.as_deref().is_none_or(|row| row == "X.ignore");
            let row = row.filter(|_| !general).unwrap_or_else(|| row_code.to_owned());
            return decision(row, 0.4, "only the heading above it tells".to_owned(), &hits, near);
        }
        match near.first() {
            Some(vote) => decision(vote.row_code.clone(), 0.2, "vaguely like a known caption".to_owned(), &[], near),
            None => decision("X.ignore".to_owned(), 0.0, "nothing tells which row this is".to_owned(), &[], near),
        }
    }
}

fn by_rule_or_neighbour(label: &Label, hits: &[Hit], near: &[Vote]) -> Option<Decision> {
    let nearest = near.first().filter(|vote| vote.score >= f64::from(FAR));
    let Some(rule) = hits.first() else {
        let vote = nearest?;
        let margin = vote.score - near.get(1).map_or(0.0, |next| next.score);
        let confidence = (0.25 + 0.5 * vote.score + 0.5 * margin).clamp(0.2, 0.85);
        return Some(decision(
            vote.row_code.clone(),
            confidence,
            "most like a known caption of this row".to_owned(),
            hits,
            near,
        ));
    };
    if let Some(vote) =
        nearest.filter(|vote| vote.score >= f64::from(SAME) && vote.row_code != rule.row_code && rule.conditions == 0)
    {
        let said = rule.words.len() >= 2;
        if !said {
            return Some(decision(
                vote.row_code.clone(),
                0.6,
                "nearly a known caption of this row".to_owned(),
                hits,
                near,
            ));
        }
    }
    let confidence = confidence(label, rule, hits, near);
    let words = rule.words.join("”, “");
    let place = if rule.conditions > 0 { " and the heading above it" } else { "" };
    let reason =
        if rule.words.is_empty() { "the heading above it".to_owned() } else { format!("“{words}”{place}") };
    Some(decision(rule.row_code.clone(), confidence, format!("rule: {reason}"), hits, near))
}

fn confidence(label: &Label, rule: &Hit, hits: &[Hit], near: &[Vote]) -> f64 {
    let said = label.words.len().max(1);
    #[allow(clippy::cast_precision_loss)]
    let covered = rule.words.len() as f64 / said as f64;
    let lead = hits.get(1).map_or(20, |next| rule.score - next.score);
    let mut confidence = 0.62 + 0.22 * covered;
    confidence += match lead {
        ..=0 => -0.12,
        1..=5 => -0.04,
        6..=10 => 0.02,
        _ => 0.06,
    };
    match near.first() {
        Some(vote) if vote.row_code == rule.row_code => confidence += 0.12 * vote.score,
        Some(vote) if vote.score > 0.6 => confidence -= 0.15,
        _ => confidence -= 0.03,
    }
    if rule.score < 8 {
        confidence -= 0.12;
    }
    confidence.clamp(0.15, 0.96)
}

fn decision(row_code: String, confidence: f64, reason: String, hits: &[Hit], near: &[Vote]) -> Decision {
    let mut alternatives: Vec<Alternative> = Vec::new();
    let by_rule = hits.iter().map(|hit| (hit.row_code.clone(), f64::from(hit.score.clamp(0, 40)) / 40.0));
    let by_likeness =
        near.iter().filter(|vote| vote.score >= f64::from(FAR)).map(|vote| (vote.row_code.clone(), vote.score));
    for (other, score) in by_rule.chain(by_likeness) {
        let known = alternatives.iter().any(|alternative| alternative.row_code == other);
        if other != row_code && !known {
            alternatives.push(Alternative { row_code: other, score: round(score) });
        }
    }
    alternatives.sort_by(|one, next| next.score.total_cmp(&one.score));
    alternatives.truncate(ALTERNATIVES_MAX);
    Decision { row_code, confidence: round(confidence), reason, alternatives }
}

fn round(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

/// The row for what has no row of its own under a heading.
fn rest_of(context: &Context) -> Option<&'static str> {
    let current = context.tenor == Some(Tenor::Current);
    Some(match context.sides {
        Sides::ASSET if context.under("fixedasset") || context.under("ppe") => "III.35",
        Sides::ASSET if current => "III.33",
        Sides::ASSET => "III.40",
        Sides::LIABILITY if context.tenor == Some(Tenor::NonCurrent) => "III.16",
        Sides::LIABILITY => "III.9",
        Sides::EQUITY => "III.22",
        Sides::INCOME => "II.11.i",
        Sides::EXPENSE => "II.6",
        _ => return None,
    })
}

/// The words but for those of time, which the context holds.
fn signature(words: &[String]) -> String {
    let total = words.iter().any(|word| word == "total");
    let timeless = words.iter().filter(|word| total || !is_time(word));
    Label { words: timeless.cloned().collect(), ..Label::default() }.signature()
}

fn is_time(word: &str) -> bool {
    matches!(word, "current" | "noncurrent" | "longterm" | "shortterm")
}

/// The words of a caption as the index compares them, and as they were spelt.
pub(super) fn caption_label(label: &str, lexicon: &Lexicon) -> Label {
    let mut label = read(label, lexicon);
    if is_glued(&label.words) {
        label.words.drain(..2);
    }
    label
}

/// Whether the words open with the heading `Financial assets` or `Financial liabilities` and go on.
fn is_glued(words: &[String]) -> bool {
    words.len() > 2 && words[0] == "financial" && matches!(words[1].as_str(), "asset" | "liability")
}
