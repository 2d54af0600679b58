//! The rules of `data/rules.csv`, which say what words under what heading stand for which row.

mod context;
mod nature;

pub(crate) use context::{Context, Headings, Tenor, tenor_of};
pub(crate) use nature::{Sides, is_deducted, normal_side, sides_of};

use crate::label::{Label, Lead, Lexicon};
use crate::policy::Policy;
use crate::row::{RowCode, UnknownRow};

const RULES: &str = include_str!("../data/rules.csv");

/// What each matched group of words adds to a rule's score.
const GROUP_SCORE: i32 = 10;
/// What each condition on the heading adds to a rule's score.
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
    target: Target,
    bonus: i32,
    is_firm: bool,
}

/// The row a rule assigns.
#[derive(Debug)]
enum Target {
    Row(RowCode),
    /// The policy's choice for bank charges.
    BankCharges,
}

#[derive(Debug)]
enum Condition {
    /// The headings place the line on one of these sides.
    Sides(Sides),
    Tenor(Tenor),
    /// A heading contains one of these words.
    Under(Vec<String>),
    /// The label begins with `Less:`.
    Deducted,
    /// The first word comes before the second one in the label.
    Before(String, String),
}

/// A rule that fits a label.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// The row it assigns under the policy.
    pub(crate) row: RowCode,
    /// How specific it is; comparable between rules.
    pub(crate) score: i32,
    /// The words of the label that it matched.
    pub(crate) words: Vec<String>,
    /// How many conditions it has in addition to the words.
    pub(crate) conditions: usize,
    /// Whether it decides alone, whatever the model says.
    pub(crate) is_firm: bool,
    /// Whether the policy chooses its row.
    pub(crate) is_policy: bool,
    /// The rule's place in the file, the first one being 0.
    pub(crate) place: usize,
}

impl Rules {
    /// Reads the rules that are built in.
    pub(crate) fn built_in(lexicon: &Lexicon) -> Self {
        // A test reads every line, so a released build never drops one.
        let rules = RULES.lines().skip(1).filter_map(|line| Rule::parse(line, lexicon).ok()).collect();
        Self { rules }
    }

    /// Every word a rule asks for.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().flat_map(|rule| rule.groups.iter().flatten()).map(String::as_str)
    }

    /// The best rule for each row, most specific first.
    pub(crate) fn hits(&self, label: &Label, context: &Context, policy: &Policy) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            let Some(hit) = rule.hit(label, context, policy).map(|hit| Hit { place, ..hit }) else { continue };
            match hits.iter_mut().find(|known| known.row == hit.row) {
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
    fn parse(line: &str, lexicon: &Lexicon) -> Result<Self, UnknownRow> {
        let mut fields = line.split(',');
        let mut field = || fields.next().unwrap_or_default();
        let (when, words, unless, target, bonus) = (field(), field(), field(), field(), field());
        Ok(Self {
            conditions: when
                .split('&')
                .filter(|text| !text.is_empty())
                .map(|text| Condition::parse(text, lexicon))
                .collect(),
            groups: words.split_whitespace().map(|group| alternatives(group, lexicon)).collect(),
            unless: alternatives(unless, lexicon),
            target: Target::parse(target.trim())?,
            bonus: bonus.trim().trim_end_matches('!').parse().unwrap_or(0),
            is_firm: bonus.trim().ends_with('!'),
        })
    }

    fn hit(&self, label: &Label, context: &Context, policy: &Policy) -> Option<Hit> {
        let row = match self.target {
            Target::Row(row) => row,
            Target::BankCharges => policy.bank_charges,
        };
        if !context.allows(row) || !self.conditions.iter().all(|condition| condition.matches(label, context)) {
            return None;
        }
        let mut words = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            // A word of the label matches only one group: `sale of sale` is one word, not two.
            let found = group.iter().find(|word| label.has_word(word) && !words.contains(*word))?;
            words.push(found.clone());
        }
        if self.unless.iter().any(|word| label.has_word(word) && !words.contains(word)) {
            return None;
        }
        let score = GROUP_SCORE * i32::try_from(self.groups.len()).unwrap_or(i32::MAX / GROUP_SCORE)
            + CONDITION_SCORE * i32::try_from(self.conditions.len()).unwrap_or(0)
            + self.bonus;
        let is_policy = matches!(self.target, Target::BankCharges);
        Some(Hit { row, score, words, conditions: self.conditions.len(), is_firm: self.is_firm, is_policy, place: 0 })
    }
}

impl Target {
    fn parse(text: &str) -> Result<Self, UnknownRow> {
        match text {
            "@bank_charges" => Ok(Self::BankCharges),
            code => RowCode::parse(code).map(Self::Row),
        }
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
            "@less" => Self::Deducted,
            "C" => Self::Tenor(Tenor::Current),
            "N" => Self::Tenor(Tenor::NonCurrent),
            "BS" => Self::Sides(Sides::parse("ALE")),
            sides => Self::Sides(Sides::parse(sides)),
        }
    }

    fn matches(&self, label: &Label, context: &Context) -> bool {
        match self {
            Self::Before(first, second) => {
                let position = |word: &String| label.words.iter().position(|own| own == word);
                matches!((position(first), position(second)), (Some(first), Some(second)) if first < second)
            }
            Self::Deducted => label.lead == Some(Lead::Less),
            Self::Sides(sides) => context.is_within(*sides),
            Self::Tenor(tenor) => context.tenor == Some(*tenor),
            Self::Under(words) => words.iter().any(|word| context.is_under(word)),
        }
    }
}

/// The words of a group `a|b|c`, in canonical form.
fn alternatives(text: &str, lexicon: &Lexicon) -> Vec<String> {
    let words = text.split('|').filter(|word| !word.is_empty());
    let mut out: Vec<String> = words
        .map(|word| match lexicon.canonical(&[word.to_owned()]).as_slice() {
            [canonical] => canonical.clone(),
            _ => word.to_owned(),
        })
        .collect();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_rules_is_a_rule_with_a_known_row() {
        let lexicon = Lexicon::built_in();
        for (line, number) in RULES.lines().zip(1..).skip(1) {
            assert_eq!(line.split(',').count(), 5, "line {number}: a comma too many or too few");
            let rule = Rule::parse(line, &lexicon).unwrap_or_else(|_| panic!("line {number}: unknown row"));
            let bonus = line.rsplit(',').next().unwrap_or_default().trim_end_matches('!');
            assert!(bonus.is_empty() || bonus.parse::<i32>().is_ok(), "line {number}: bonus");
            let when = line.split(',').next().unwrap_or_default();
            let parts: Vec<&str> = when.split('&').filter(|part| !part.is_empty()).collect();
            assert_eq!(rule.conditions.len(), parts.len(), "line {number}");
            let is_known = |part: &&str| {
                matches!(*part, "@less" | "C" | "N" | "BS")
                    || part.starts_with("in:")
                    || part.contains('<')
                    || part.chars().all(|side| "ALEIX".contains(side))
            };
            assert!(parts.iter().all(is_known), "line {number}: unknown condition");
        }
    }

    #[test]
    fn a_rule_for_a_row_that_does_not_exist_is_refused() {
        assert!(matches!(Rule::parse(",cash,,III.99,", &Lexicon::built_in()), Err(UnknownRow)));
        assert!(matches!(Rule::parse(",cash,,@bank_charge,", &Lexicon::built_in()), Err(UnknownRow)));
    }
}
