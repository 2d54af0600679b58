//! The rules of `data/rules.csv`: which words, under which heading, name which row.

mod context;
mod nature;

pub(crate) use context::{Context, Headings, Tenor, tenor_of};
pub(crate) use nature::{Sides, is_deducted, is_known_row, normal_side, sides_of};

use crate::label::{Label, Lead, Lexicon};
use crate::policy::Policy;

const RULES: &str = include_str!("../data/rules.csv");

/// What one matched group of words adds to a rule's score.
const GROUP_SCORE: i32 = 10;
/// What one matched condition on the heading adds to a rule's score.
const CONDITION_SCORE: i32 = 4;

/// All rules, in the order of the file.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    conditions: Vec<Condition>,
    groups: Vec<Vec<String>>,
    unless: Vec<String>,
    row_code: String,
    bonus: i32,
}

#[derive(Debug)]
enum Condition {
    Sides(Sides),
    Tenor(Tenor),
    Under(Vec<String>),
    TakenOff,
    Before(String, String),
}

/// A rule that fits a label.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// The row it names, policy applied.
    pub(crate) row_code: String,
    /// Specificity; comparable between rules.
    pub(crate) score: i32,
    /// The words of the label that it rests on.
    pub(crate) words: Vec<String>,
    /// How many of its conditions are on the heading.
    pub(crate) conditions: usize,
}

impl Rules {
    /// Reads the rules that are built in.
    pub(crate) fn built_in(lexicon: &Lexicon) -> Self {
        let rules = RULES.lines().skip(1).filter_map(|line| Rule::parse(line, lexicon)).collect();
        Self { rules }
    }

    /// Every word a rule asks for.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().flat_map(|rule| rule.groups.iter().flatten()).map(String::as_str)
    }

    /// The best rule for each row, most specific first.
    pub(crate) fn hits(&self, label: &Label, context: &Context, policy: &Policy) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        for rule in &self.rules {
            let Some(hit) = rule.hit(label, context, policy) else { continue };
            match hits.iter_mut().find(|known| known.row_code == hit.row_code) {
                Some(known) if known.score >= hit.score => {}
                Some(known) => *known = hit,
                None => hits.push(hit),
            }
        }
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
        hits
    }
}

impl Rule {
    fn parse(line: &str, lexicon: &Lexicon) -> Option<Self> {
        let mut fields = line.split(',');
        let (when, words, unless, row_code) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let bonus = fields.next().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        Some(Self {
            conditions: when
                .split('&')
                .filter(|text| !text.is_empty())
                .map(|text| Condition::parse(text, lexicon))
                .collect(),
            groups: words.split_whitespace().map(|group| alternatives(group, lexicon)).collect(),
            unless: alternatives(unless, lexicon),
            row_code: row_code.trim().to_owned(),
            bonus,
        })
    }

    fn hit(&self, label: &Label, context: &Context, policy: &Policy) -> Option<Hit> {
        let row_code = policy.row(&self.row_code);
        if !context.allows(row_code) || !self.conditions.iter().all(|condition| condition.holds(label, context)) {
            return None;
        }
        let mut words = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            // A word serves one group, unless no other word is left: `sale of sale` is no two words.
            let found = group.iter().find(|word| label.says(word) && !words.contains(*word))?;
            words.push(found.clone());
        }
        if self.unless.iter().any(|word| label.says(word) && !words.contains(word)) {
            return None;
        }
        let score = GROUP_SCORE * i32::try_from(self.groups.len()).unwrap_or(i32::MAX / GROUP_SCORE)
            + CONDITION_SCORE * i32::try_from(self.conditions.len()).unwrap_or(0)
            + self.bonus;
        Some(Hit { row_code: row_code.to_owned(), score, words, conditions: self.conditions.len() })
    }
}

impl Condition {
    fn parse(text: &str, lexicon: &Lexicon) -> Self {
        if let Some(words) = text.strip_prefix("in:") {
            return Self::Under(alternatives(words, lexicon));
        }
        if let Some((first, second)) = text.split_once('<') {
            return Self::Before(first.to_owned(), second.to_owned());
        }
        match text {
            "@less" => Self::TakenOff,
            "C" => Self::Tenor(Tenor::Current),
            "N" => Self::Tenor(Tenor::NonCurrent),
            "BS" => Self::Sides(Sides::parse("ALE")),
            sides => Self::Sides(Sides::parse(sides)),
        }
    }

    fn holds(&self, label: &Label, context: &Context) -> bool {
        match self {
            Self::Before(first, second) => {
                let place = |word: &String| label.words.iter().position(|own| own == word);
                matches!((place(first), place(second)), (Some(one), Some(other)) if one < other)
            }
            Self::TakenOff => label.lead == Some(Lead::Less),
            Self::Sides(sides) => context.is_within(*sides),
            Self::Tenor(tenor) => context.tenor == Some(*tenor),
            Self::Under(words) => words.iter().any(|word| context.under(word)),
        }
    }
}

fn alternatives(text: &str, lexicon: &Lexicon) -> Vec<String> {
    let words = text.split('|').filter(|word| !word.is_empty());
    let mut out: Vec<String> = words
        .map(|word| match lexicon.canonical(&[word.to_owned()]).as_slice() {
            [one] => one.clone(),
            _ => word.to_owned(),
        })
        .collect();
    out.dedup();
    out
}
