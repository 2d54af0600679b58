//! Compares a name on a document with an owner's name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::name::PersonName;
use crate::word::{Word, words};

/// How two names compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameComparison {
    /// Whether they can be the name of one person.
    pub same: bool,
    /// What differs, whether or not it matters. Empty when the names are equal but for case and accents.
    pub differences: Vec<Difference>,
}

/// One way in which two names differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The family names differ. The names are of two people.
    Family,
    /// The first given names differ. The names are of two people.
    Given,
    /// Both state a middle name, and these differ. The names are of two people.
    Middle,
    /// Both state a suffix, e.g. `JR` and `SR`, and these differ. The names are of two people.
    Suffix,
    /// Too little is the same to tell: a single word, or initials in place of names. They are not taken for the same.
    TooLittle,
    /// The parts stand in another order.
    Order,
    /// One has middle names that the other lacks.
    MiddleMissing,
    /// One has an initial where the other has the name.
    Initial,
    /// One has a suffix that the other lacks.
    SuffixMissing,
    /// A name is cut off, and what is left begins the other's.
    Cut,
    /// Words are joined or separated differently.
    Joined,
}

impl Difference {
    /// Whether names that differ in this are of two people, or may be.
    #[must_use]
    pub fn tells_apart(self) -> bool {
        matches!(self, Self::Family | Self::Given | Self::Middle | Self::Suffix | Self::TooLittle)
    }
}

/// Compares two names: case, accents, order, middle names that one lacks, initials of middle names, names that are cut off
/// and words that are joined do not tell people apart; family names, first given names, and contradicting middle names and
/// suffixes do.
#[must_use]
pub fn compare_names(one: &PersonName, other: &PersonName) -> NameComparison {
    let (mut one, mut other) = (Parsed::of(one), Parsed::of(other));
    let mut differences = BTreeSet::new();
    match (&one.suffix, &other.suffix) {
        (Some(own), Some(others)) if own != others => drop(differences.insert(Difference::Suffix)),
        (Some(_), None) | (None, Some(_)) => drop(differences.insert(Difference::SuffixMissing)),
        _ => {}
    }
    let matched = match_words(&mut one, &mut other, &mut differences);
    judge_order(&matched, &mut differences);
    judge_rest(&one, &other, &mut differences);
    let single = one.parts.len() == 1 && other.parts.len() == 1;
    let full = matched.iter().filter(|pair| pair.full).count();
    if full < 2 && !(single && full == 1) && !differences.iter().any(|difference| difference.tells_apart()) {
        differences.insert(Difference::TooLittle);
    }
    let same = !differences.iter().any(|difference| difference.tells_apart());
    NameComparison { same, differences: differences.into_iter().collect() }
}

/// What a word is in its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Given,
    Middle,
    Family,
}

/// One word of a name, in the order given names, middle names, family name.
struct Part {
    word: Word,
    role: Role,
    /// The part it ends may go on.
    cut: bool,
    used: bool,
}

struct Parsed {
    parts: Vec<Part>,
    suffix: Option<String>,
}

/// Two words that are the same.
struct Pair {
    own: usize,
    others: usize,
    /// By more than an initial.
    full: bool,
}

impl Parsed {
    fn of(name: &PersonName) -> Self {
        let mut suffix = name.suffix.as_deref().and_then(|text| words(text).first().and_then(as_suffix));
        let mut part = |text: &Option<String>, role: Role, cut: bool| {
            let mut words = words(text.as_deref().unwrap_or_default());
            if words.len() > 1 && suffix.is_none() {
                suffix = words.last().and_then(as_suffix);
                if suffix.is_some() {
                    words.pop();
                }
            }
            let last = words.len().saturating_sub(1);
            let parts = words.into_iter().enumerate();
            parts.map(|(at, word)| Part { word, role, cut: cut && at == last, used: false }).collect::<Vec<_>>()
        };
        let mut parts = part(&name.given, Role::Given, name.given_cut);
        parts.extend(part(&name.middle, Role::Middle, name.middle_cut));
        let mut whole = part(&name.whole, Role::Middle, name.family_cut);
        let mut family = part(&name.family, Role::Family, name.family_cut);
        if whole.len() > 2 && whole.first().is_some_and(|first| TITLES.contains(&first.word.plain())) {
            whole.remove(0);
        }
        if let Some(last) = whole.last_mut() {
            last.role = Role::Family;
        }
        parts.append(&mut whole);
        // Only the first given name tells people apart.
        for (at, part) in parts.iter_mut().enumerate().filter(|(_, part)| part.role != Role::Family) {
            part.role = if at == 0 { Role::Given } else { Role::Middle };
        }
        parts.append(&mut family);
        Self { parts, suffix }
    }
}

const TITLES: [&str; 10] = ["MR", "MRS", "MS", "MISS", "DR", "PROF", "SHRI", "SRI", "SMT", "KUMARI"];

/// The suffix that a word is, in one spelling.
fn as_suffix(word: &Word) -> Option<String> {
    let suffix = match word.plain() {
        "JR" | "JUNIOR" => "JR",
        "SR" | "SENIOR" => "SR",
        "II" | "2ND" => "II",
        "III" | "3RD" => "III",
        "IV" | "4TH" => "IV",
        _ => return None,
    };
    Some(suffix.to_owned())
}

/// Pairs words, the surest way first.
fn match_words(one: &mut Parsed, other: &mut Parsed, differences: &mut BTreeSet<Difference>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    pair_by(one, other, &mut pairs, true, |own, others| own.word.equals(&others.word));
    let joined = pair_joined(one, other, &mut pairs, false) + pair_joined(other, one, &mut pairs, true);
    let before = pairs.len();
    pair_by(one, other, &mut pairs, true, |own, others| {
        own.cut && own.word.begins(&others.word) || others.cut && others.word.begins(&own.word)
    });
    let cut = pairs.len() - before;
    let before = pairs.len();
    pair_by(one, other, &mut pairs, false, |own, others| {
        own.word.is_initial_of(&others.word) || others.word.is_initial_of(&own.word)
    });
    let initials = pairs.len() - before;
    let noticed = [(joined, Difference::Joined), (cut, Difference::Cut), (initials, Difference::Initial)];
    differences.extend(noticed.iter().filter(|(count, _)| *count > 0).map(|(_, difference)| *difference));
    pairs
}

fn pair_by(
    one: &mut Parsed,
    other: &mut Parsed,
    pairs: &mut Vec<Pair>,
    full: bool,
    fits: impl Fn(&Part, &Part) -> bool,
) {
    // Words of the same role first, so that a middle name is not taken for a family name of the same spelling.
    for same_role in [true, false] {
        for (own_at, own) in one.parts.iter_mut().enumerate() {
            let found = other.parts.iter_mut().enumerate().find(|(_, others)| {
                !own.used && !others.used && (!same_role || own.role == others.role) && fits(own, others)
            });
            if let Some((others_at, others)) = found {
                (own.used, others.used) = (true, true);
                pairs.push(Pair { own: own_at, others: others_at, full });
            }
        }
    }
}

/// Pairs two neighbouring words of `one` with one word of `other`; returns how many.
fn pair_joined(one: &mut Parsed, other: &mut Parsed, pairs: &mut Vec<Pair>, swapped: bool) -> usize {
    let mut count = 0;
    for at in 1..one.parts.len() {
        let (front, back) = one.parts.split_at_mut(at);
        let (Some(first), Some(second)) = (front.last_mut(), back.first_mut()) else { continue };
        if first.used || second.used || first.role == Role::Given && second.role == Role::Family {
            continue;
        }
        let joined = first.word.join(&second.word);
        let found = other.parts.iter_mut().enumerate().find(|(_, part)| !part.used && part.word.equals(&joined));
        if let Some((others, part)) = found {
            (first.used, second.used, part.used) = (true, true, true);
            let (own, others) = if swapped { (others, at) } else { (at, others) };
            pairs.push(Pair { own, others, full: true });
            count += 1;
        }
    }
    count
}

fn judge_order(matched: &[Pair], differences: &mut BTreeSet<Difference>) {
    let mut sorted: Vec<(usize, usize)> = matched.iter().map(|pair| (pair.own, pair.others)).collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| matches!(pair, [one, next] if one.1 > next.1)) {
        differences.insert(Difference::Order);
    }
}

/// Judges the words that are in one name only.
fn judge_rest(one: &Parsed, other: &Parsed, differences: &mut BTreeSet<Difference>) {
    let rest = |of: &Parsed, against: &Parsed| -> Vec<Role> {
        // Behind a name that is cut off, the other's further words of that part may have stood.
        let hidden = |role: Role| against.parts.iter().any(|part| part.cut && part.used && part.role == role);
        let cut = |role: Role| hidden(role) || role == Role::Middle && hidden(Role::Given);
        of.parts.iter().filter(|part| !part.used && !cut(part.role)).map(|part| part.role).collect()
    };
    let unused = |of: &Parsed| of.parts.iter().filter(|part| !part.used).count();
    let (own, others) = (rest(one, other), rest(other, one));
    if own.len() + others.len() < unused(one) + unused(other) {
        differences.insert(Difference::Cut);
    }
    let all: Vec<Role> = own.iter().chain(&others).copied().collect();
    if all.contains(&Role::Family) {
        differences.insert(Difference::Family);
    }
    if all.contains(&Role::Given) {
        differences.insert(Difference::Given);
    }
    if all.contains(&Role::Middle) {
        let both = own.contains(&Role::Middle) && others.contains(&Role::Middle);
        differences.insert(if both { Difference::Middle } else { Difference::MiddleMissing });
    }
}
