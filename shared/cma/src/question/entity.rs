//! Whose documents they are: the names of borrowers that documents print, compared without the differences in spelling that
//! one borrower's documents have.

use std::collections::BTreeSet;

use domain::statement::Extraction;

/// Shortest name in which one different letter is a slip of the keyboard.
const SLIP_LETTERS_MIN: usize = 10;

/// A borrower that documents name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The name as the first document prints it.
    pub name: String,
    /// Numbers of the documents that name it.
    pub documents: BTreeSet<u32>,
    /// Where it is first printed, e.g. `accounts.xlsx`.
    pub place: String,
}

/// The borrowers that the documents name, in document order. One borrower has one entry, however its name is spelt.
#[must_use]
pub fn entities(extractions: &[Extraction]) -> Vec<Entity> {
    let mut found: Vec<(BTreeSet<Vec<String>>, Entity)> = Vec::new();
    for extraction in extractions {
        let Some(name) = &extraction.entity else { continue };
        let keys = keys(name);
        if keys.is_empty() {
            continue;
        }
        let known =
            found.iter_mut().find(|(known, _)| known.iter().any(|one| keys.iter().any(|key| is_same(one, key))));
        if let Some((known, entity)) = known {
            known.extend(keys);
            entity.documents.insert(extraction.document);
        } else {
            let entity = Entity {
                name: name.clone(),
                documents: BTreeSet::from([extraction.document]),
                place: extraction.file.name.clone(),
            };
            found.push((keys, entity));
        }
    }
    found.into_iter().map(|(_, entity)| entity).collect()
}

/// The borrowers with the files that name them, for a reader.
#[must_use]
pub fn named(entities: &[Entity]) -> String {
    let each: Vec<String> = entities.iter().map(|entity| format!("{} ({})", entity.name, entity.place)).collect();
    each.join("; ")
}

/// The words that identify a borrower, once for the name and once for each former name.
fn keys(name: &str) -> BTreeSet<Vec<String>> {
    let lower = name.to_lowercase();
    let mut parts = vec![lower.clone()];
    for mark in ["formerly known as", "formerly", "previously known as", "previously", "erstwhile", "f/k/a", "fka"] {
        if let Some((now, before)) = lower.split_once(mark) {
            parts = vec![now.to_owned(), before.to_owned()];
            break;
        }
    }
    parts.iter().map(|part| words(part)).filter(|words| !words.is_empty()).collect()
}

/// The words of a name without titles, legal forms and punctuation.
fn words(name: &str) -> Vec<String> {
    // `M/s`, `M/S.` and `(P) Ltd.` are words of letters only once the marks between them are gone.
    let joined = name.replace("m/s", " ").replace('&', " and ");
    // `K.P.T.` is one word.
    let marks = |letter: char| !letter.is_alphanumeric() && letter != '.';
    let raw = joined.split(marks).map(|word| word.replace('.', "")).filter(|word| !word.is_empty());
    raw.filter_map(|word| {
        let word = match word.as_str() {
            "messrs" | "ms" | "the" | "shri" | "shree" | "sri" | "smt" | "mr" | "mrs" => return None,
            "pvt" | "private" | "p" | "ltd" | "limited" | "llp" | "opc" | "india" | "inc" => return None,
            "co" | "company" | "coy" => "company".to_owned(),
            "corp" | "corpn" => "corporation".to_owned(),
            "mfg" | "mfrs" => "manufacturing".to_owned(),
            "engg" => "engineering".to_owned(),
            "inds" | "industry" | "ind" => "industries".to_owned(),
            "bros" => "brothers".to_owned(),
            "intl" => "international".to_owned(),
            "ent" | "enterprise" => "enterprises".to_owned(),
            "and" => return None,
            _ => word,
        };
        Some(word)
    })
    .collect()
}

/// Whether two names are one borrower's: the same words, or one is the other with words behind it, as in `Kaveri Precision
/// Tools` and `Kaveri Precision Tools, Coimbatore`.
fn is_same(one: &[String], other: &[String]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let prefix = short.len() >= 2 && long.starts_with(short);
    prefix || differ_by_one_letter_at_most(&one.concat(), &other.concat())
}

/// Whether two names differ in one letter at most, if they are long enough for that to be a slip of the keyboard.
fn differ_by_one_letter_at_most(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let rest = |letters: &[char], skipped: usize| letters.get(same + skipped..).map(<[char]>::to_vec);
    let slip = match one.len().cmp(&other.len()) {
        std::cmp::Ordering::Equal => rest(&one, 1) == rest(&other, 1),
        std::cmp::Ordering::Less => one.len() + 1 == other.len() && rest(&one, 0) == rest(&other, 1),
        std::cmp::Ordering::Greater => other.len() + 1 == one.len() && rest(&one, 1) == rest(&other, 0),
    };
    slip && one.len().min(other.len()) >= SLIP_LETTERS_MIN
}
