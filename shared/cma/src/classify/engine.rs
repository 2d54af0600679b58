//! Chooses the row of one label under its headings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::captions::{self, Caption};
use super::mixture::{self, Signs};
use crate::classification::Alternative;
use crate::label::{Label, Lexicon, Vocabulary, read, read_repaired};
use crate::matching::Index;
use crate::model::{Features, FileError, Model, Seen, features};
use crate::policy::Policy;
use crate::row::RowCode;
use crate::rule::{Context, Headings, Hit, Rules, Tenor};

/// How many alternatives to the chosen row are listed.
pub(super) const ALTERNATIVES_MAX: usize = 2;
/// Confidence in a rule that decides alone.
const FIRM_CONFIDENCE: f64 = 0.95;
/// Least confidence in the row that the form itself prints the label for.
const FORM_CONFIDENCE: f64 = 0.93;
/// Highest confidence where no heading shows when a line falls due, and the row depends on it.
const OPEN_CONFIDENCE_MAX: f64 = 0.60;
/// Highest confidence for a line whose label has no words.
const NO_WORDS_CONFIDENCE_MAX: f64 = 0.4;

/// The row chosen for a label, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChoice {
    /// The row.
    pub row: RowCode,
    /// How sure the choice is, 0 to 1. From 0.70 on it is the share of such choices that are right; below, it only orders them.
    pub confidence: f64,
    /// Why this row, in words for a reviewer.
    pub reason: String,
    /// The next best rows, best first, at most two.
    pub alternatives: Vec<Alternative>,
}

/// What a label under its headings shows, before a row is chosen; training reads it.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The features of the learned model.
    pub features: Features,
    /// The sides of the statements that the headings leave, as bits; 0 if they show none.
    pub sides: u8,
    /// How many headings were read.
    pub headings: usize,
    /// How many canonical words the label has.
    pub words: usize,
    /// Rows that rules choose, best first: score, matched words, conditions, and the rule's place in the file.
    pub rules: Vec<(RowCode, i32, usize, usize, usize)>,
    /// The row of the known caption with the same words, and whether another row has one too.
    pub caption: Option<(RowCode, bool)>,
}

/// The known captions with the same words as a label, as far as they agree.
#[derive(Clone, Copy, Debug)]
struct Known {
    row: RowCode,
    /// Whether others with the same words stand for another row.
    is_ambiguous: bool,
    /// Whether the form itself prints them for its row.
    is_of_form: bool,
}

/// Model, rules, known captions and vocabulary: built once, used for every line.
#[derive(Debug)]
pub struct Classifier {
    lexicon: Lexicon,
    vocabulary: Vocabulary,
    headings: Headings,
    rules: Rules,
    captions: Vec<Caption>,
    by_signature: BTreeMap<String, Vec<usize>>,
    index: Index,
    model: Model,
}

static BUILT_IN: LazyLock<Classifier> = LazyLock::new(|| Classifier::with_model(Model::built_in().unwrap_or_default()));

impl Classifier {
    /// The classifier over the built-in data, made at the first call.
    #[must_use]
    pub fn shared() -> &'static Self {
        &BUILT_IN
    }

    /// Reads the built-in data. [`Self::shared`] keeps the result.
    ///
    /// # Errors
    /// When the model is damaged, which a test rules out.
    pub fn built_in() -> Result<Self, FileError> {
        Ok(Self::with_model(Model::built_in()?))
    }

    /// The classifier with another model, to measure models that did not see some labels.
    #[must_use]
    pub fn with_model(model: Model) -> Self {
        Self::with_captions(model, |_| true)
    }

    /// The classifier with another model and only some of the known captions, to measure captions that neither has seen.
    #[must_use]
    pub fn with_captions(model: Model, is_known: impl Fn(&Caption) -> bool) -> Self {
        let lexicon = Lexicon::built_in();
        let rules = Rules::built_in(&lexicon);
        let headings = Headings::built_in(&lexicon);
        let mut captions = captions::built_in(&lexicon);
        captions.retain(is_known);
        let mut by_signature: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, caption) in captions.iter().enumerate() {
            by_signature.entry(signature(&caption.words)).or_default().push(index);
        }
        let index = Index::of(captions.iter().map(|caption| caption.text.as_str()));
        let caption_words = captions.iter().flat_map(|caption| &caption.spelt).map(String::as_str);
        let vocabulary = Vocabulary::built_in(lexicon.raw_words().chain(rules.words()).chain(caption_words));
        Self { lexicon, vocabulary, headings, rules, captions, by_signature, index, model }
    }

    /// The captions whose rows are known.
    #[must_use]
    pub fn captions(&self) -> &[Caption] {
        &self.captions
    }

    /// Chooses the row of a label under its headings, outermost first.
    #[must_use]
    pub fn choose(&self, text: &str, section: &[&str], policy: &Policy) -> RowChoice {
        self.choose_read(text, self.read(text), self.context(section), policy)
    }

    /// Chooses the row of a label that is read already, with the headings above it.
    pub(super) fn choose_read(&self, text: &str, label: Label, context: Context, policy: &Policy) -> RowChoice {
        let (label, context) = self.under(label, context);
        let hits = self.rules.hits(&label, &context, policy);
        if let Some(firm) = hits.first().filter(|hit| hit.is_firm || !self.model.rows().contains(&hit.row)) {
            return firm_choice(firm, &hits);
        }
        if label.words.is_empty() && context.path.is_empty() {
            return nothing();
        }
        let known = self.known(&label, &context);
        let features = features(text, &label, &context, &mut |_| {});
        let caption = known.map(|known| (known.row, known.is_ambiguous));
        let signs = Signs { context: &context, words: label.words.len(), hits: &hits, caption };
        let opinion = mixture::weigh(&self.model, &features, &signs);
        let Some(best) = opinion.ranked.first().copied() else { return nothing() };
        let by_policy = hits.first().filter(|hit| hit.is_policy && policy.is_bank_charges(best.row));
        let mut choice = RowChoice {
            row: by_policy.map_or(best.row, |hit| hit.row),
            confidence: round(opinion.confidence),
            reason: self.reason(text, (&label, &context), &opinion, best),
            alternatives: Vec::new(),
        };
        if label.words.is_empty() {
            choice.confidence = choice.confidence.min(NO_WORDS_CONFIDENCE_MAX);
        }
        if let Some(of_form) = known.filter(|known| known.is_of_form && !known.is_ambiguous) {
            let agrees = choice.row == of_form.row;
            choice.confidence = if agrees { choice.confidence.max(FORM_CONFIDENCE) } else { FORM_CONFIDENCE };
            choice.row = of_form.row;
            "a label of the form itself".clone_into(&mut choice.reason);
        }
        if self.is_open(&label, &context, choice.row) {
            choice.confidence = choice.confidence.min(OPEN_CONFIDENCE_MAX);
            choice.reason.push_str("; no heading shows whether it falls due within a year");
        }
        let others = opinion.ranked.iter().filter(|other| other.row != choice.row && other.share > 0.0);
        let alternative =
            |other: &mixture::Ranked| Alternative { row_code: other.row, score: round(f64::from(other.share)) };
        choice.alternatives = others.take(ALTERNATIVES_MAX).map(alternative).collect();
        choice
    }

    /// What the model and its training read of a label; also shows each feature to `see`.
    #[must_use]
    pub fn evidence(&self, text: &str, section: &[&str], policy: &Policy, see: &mut dyn FnMut(Seen)) -> Evidence {
        let (label, context) = self.under(self.read(text), self.context(section));
        let hits = self.rules.hits(&label, &context, policy);
        Evidence {
            features: features(text, &label, &context, see),
            sides: context.sides.bits(),
            headings: context.path.len(),
            words: label.words.len(),
            rules: hits.iter().map(|hit| (hit.row, hit.score, hit.words.len(), hit.conditions, hit.place)).collect(),
            caption: self.known(&label, &context).map(|known| (known.row, known.is_ambiguous)),
        }
    }

    /// Reads a label as the classifier does.
    pub(crate) fn read(&self, label: &str) -> Label {
        read_repaired(label, &self.lexicon, &self.vocabulary)
    }

    /// Reads headings as the classifier does.
    pub(crate) fn context(&self, section: &[&str]) -> Context {
        self.headings.context(section, &self.lexicon)
    }

    /// A label and its headings. A heading such as `Financial assets - ` in the label is moved to the headings.
    fn under(&self, mut label: Label, context: Context) -> (Label, Context) {
        let context = context.with_label(&label.words);
        let context = label.headings.drain(..).fold(context, |context, heading| self.headings.below(context, heading));
        if !begins_with_heading(&label.words) {
            return (label, context);
        }
        let heading: Vec<String> = label.words.drain(..2).collect();
        (label, self.headings.below(context, heading))
    }

    /// The captions with the same words, among those whose row the context allows, if the closest of them agree.
    fn known(&self, label: &Label, context: &Context) -> Option<Known> {
        let same_words = self.by_signature.get(&signature(&label.words))?;
        let known = same_words.iter().filter_map(|index| self.captions.get(*index));
        let fits = |known: &&Caption| context.allows(known.row) && !is_other_tenor(known, context);
        let found: Vec<&Caption> = known.filter(fits).collect();
        let closeness = |caption: &&Caption| (caption.lead == label.lead, caption.tenor == context.tenor);
        let closest = found.iter().map(closeness).max()?;
        let closest: Vec<&&Caption> = found.iter().filter(|caption| closeness(caption) == closest).collect();
        let row = closest.first()?.row;
        closest.iter().all(|caption| caption.row == row).then(|| Known {
            row,
            is_ambiguous: found.iter().any(|caption| caption.row != row),
            is_of_form: closest.iter().any(|caption| caption.is_of_form()),
        })
    }

    /// Whether no heading shows when the line falls due, although the same words are printed for current and for later amounts.
    fn is_open(&self, label: &Label, context: &Context, row: RowCode) -> bool {
        /// Trade debtors and creditors are current unless a statement says otherwise.
        const CURRENT: [RowCode; 2] = rows!["III.28.i", "III.3"];
        if context.tenor.is_some() || context.is_one_side() || CURRENT.contains(&row) {
            return false;
        }
        let same_words = self.by_signature.get(&signature(&label.words)).into_iter().flatten();
        let rows_of = |tenor: Tenor| -> Vec<RowCode> {
            let captions = same_words.clone().filter_map(|index| self.captions.get(*index));
            captions.filter(|caption| caption.tenor == Some(tenor)).map(|caption| caption.row).collect()
        };
        let (current, later) = (rows_of(Tenor::Current), rows_of(Tenor::NonCurrent));
        !current.is_empty() && later.iter().any(|row| !current.contains(row))
    }

    /// Why the best row was chosen, for a reviewer.
    fn reason(
        &self,
        text: &str,
        (label, context): (&Label, &Context),
        opinion: &mixture::Opinion,
        best: mixture::Ranked,
    ) -> String {
        let mut weights = mixture::Weights::default();
        features(text, label, context, &mut |seen| weights.add(&self.model, &seen, best.class, &opinion.scores));
        let known = self.nearest(&label.words.join(" "), best.row);
        weights.reason(known.map(|caption| caption.label.as_str()))
    }

    /// The known caption of a row that is most like a text.
    fn nearest(&self, text: &str, row: RowCode) -> Option<&Caption> {
        /// Similarity below which a caption says nothing.
        const SIMILARITY_MIN: f32 = 0.3;
        let scores = self.index.similarities(text);
        let of_row =
            self.captions.iter().zip(scores).filter(|(caption, score)| caption.row == row && *score >= SIMILARITY_MIN);
        of_row.max_by(|one, other| one.1.total_cmp(&other.1)).map(|(caption, _)| caption)
    }
}

fn nothing() -> RowChoice {
    let reason = "nothing shows which row this is".to_owned();
    RowChoice { row: RowCode::IGNORE, confidence: 0.0, reason, alternatives: Vec::new() }
}

/// The choice of a rule that decides alone.
fn firm_choice(firm: &Hit, hits: &[Hit]) -> RowChoice {
    let words = firm.words.join("”, “");
    let reason = if words.is_empty() { "the heading above it".to_owned() } else { format!("“{words}”") };
    let others = hits.iter().filter(|hit| hit.row != firm.row);
    let alternative = |hit: &Hit| Alternative { row_code: hit.row, score: 1.0 - FIRM_CONFIDENCE };
    RowChoice {
        row: firm.row,
        confidence: FIRM_CONFIDENCE,
        reason: format!("rule: {reason}"),
        alternatives: others.take(ALTERNATIVES_MAX).map(alternative).map(rounded).collect(),
    }
}

fn rounded(mut alternative: Alternative) -> Alternative {
    alternative.score = round(alternative.score);
    alternative
}

fn round(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

/// Whether a caption falls due at a different time from a line in this context.
fn is_other_tenor(caption: &Caption, context: &Context) -> bool {
    matches!((caption.tenor, context.tenor), (Some(own), Some(other)) if own != other)
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
