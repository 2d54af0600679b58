//! Whose documents they are: the names of borrowers that documents print, compared without the differences in spelling that
//! one borrower's documents have.

use std::collections::BTreeSet;

use domain::statement::{Extraction, StatementKind, Unused, UnusedReason};

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
    let mut found: Vec<(BTreeSet<Vec<String>>, BTreeSet<Standing>, Entity)> = Vec::new();
    let names = extractions.iter().flat_map(|extraction| names(extraction).map(move |name| (extraction, name)));
    for (extraction, (name, place)) in names {
        let keys = keys(&name);
        if keys.is_empty() {
            continue;
        }
        let standing = Standing::of(&name);
        let known = found.iter_mut().find(|(known, standings, _)| {
            let alike = known.iter().any(|one| keys.iter().any(|key| is_same(one, key)));
            alike && standings.iter().all(|other| !standing.differs_from(other))
        });
        if let Some((known, standings, entity)) = known {
            known.extend(keys);
            standings.insert(standing);
            entity.documents.insert(extraction.document);
        } else {
            let entity = Entity { name, documents: BTreeSet::from([extraction.document]), place };
            found.push((keys, BTreeSet::from([standing]), entity));
        }
    }
    found.into_iter().map(|(.., entity)| entity).collect()
}

/// The names that a document prints, with the place of each: above its statements, and within their titles.
fn names(extraction: &Extraction) -> impl Iterator<Item = (String, String)> {
    let file = &extraction.file.name;
    let of_file = extraction.entity.iter().map(move |name| (name.clone(), file.clone()));
    let faces = extraction
        .statements
        .iter()
        .filter(|statement| matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss));
    let of_titles = faces.filter_map(move |statement| {
        let name = within_title(statement.title.as_deref()?)?;
        Some((name, format!("sheet {} of {file}", statement.sheet)))
    });
    let of_sheets = extraction.unused.iter().filter(|unused| unused.reason == UnusedReason::OtherName);
    let of_sheets = of_sheets
        .filter(|unused| is_face_sheet(extraction, &unused.sheet))
        .filter_map(move |unused| Some((unused.label.clone()?, format!("sheet {} of {file}", unused.sheet))));
    of_file.chain(of_titles).chain(of_sheets)
}

/// Whether a name that a document prints elsewhere is the one that it is listed under.
pub(crate) fn is_own(extraction: &Extraction, other: &Unused) -> bool {
    let (Some(own), Some(other)) = (&extraction.entity, &other.label) else { return false };
    let (own, other) = (keys(own), keys(other));
    other.is_empty() || own.iter().any(|one| other.iter().any(|key| is_same(one, key)))
}

/// Whether a balance sheet or a profit and loss statement is on a sheet. Other sheets name many firms: suppliers, auditors.
fn is_face_sheet(extraction: &Extraction, sheet: &str) -> bool {
    extraction.statements.iter().any(|statement| {
        statement.sheet == sheet && matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss)
    })
}

/// The firm that a title names, e.g. `Balance Sheet of Godavari Castings Ltd as at 31.03.2025`.
fn within_title(title: &str) -> Option<String> {
    let words: Vec<&str> = title.split_whitespace().collect();
    let plain = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    let from = words.iter().position(|word| plain(word) == "of" && word.chars().count() == 2)? + 1;
    let legal = |word: &str| matches!(plain(word).as_str(), "limited" | "ltd" | "llp");
    // `Statement of profit and loss` names no firm, so the name must end in a legal form.
    let to = words.iter().skip(from).position(|word| legal(word))? + from;
    let name = words.get(from..=to)?;
    let starts =
        name.iter().rposition(|word| matches!(plain(word).as_str(), "of" | "account" | "loss")).map_or(0, |at| at + 1);
    let name = name.get(starts..).filter(|name| name.len() >= 2)?.join(" ");
    Some(name.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != ')').to_owned())
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
    let (now, before) = present_and_former(&lower);
    [Some(now), before].into_iter().flatten().map(words).filter(|words| !words.is_empty()).collect()
}

/// A name in lower case without the former name that it mentions, and the former name.
fn present_and_former(lower: &str) -> (&str, Option<&str>) {
    const MARKS: [&str; 7] =
        ["formerly known as", "formerly", "previously known as", "previously", "erstwhile", "f/k/a", "fka"];
    let split = MARKS.iter().find_map(|mark| lower.split_once(mark));
    split.map_or((lower, None), |(now, before)| (now, Some(before)))
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

/// What in a name makes another borrower of it, although the other words are the same: a partnership is not the company that
/// bears its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    /// Whether it is a limited liability partnership, or else a company; none if the name does not say.
    partnership: Option<bool>,
    /// Whether it is a Hindu undivided family.
    family: bool,
    /// The number of its unit.
    unit: Option<String>,
}

impl Standing {
    fn of(name: &str) -> Self {
        let lower = name.to_lowercase();
        let lower = present_and_former(&lower).0.replace('.', "");
        let words: Vec<&str> =
            lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
        let partnership = has(&["llp"]) || lower.contains("limited liability partnership");
        let company = has(&["limited", "ltd", "pvt", "private", "opc"]);
        let unit = words.windows(2).find_map(|pair| match pair {
            ["unit", number] if is_number(number) => Some((*number).to_owned()),
            _ => None,
        });
        Self { partnership: (partnership || company).then_some(partnership), family: has(&["huf"]), unit }
    }

    fn differs_from(&self, other: &Self) -> bool {
        self.partnership.zip(other.partnership).is_some_and(|(one, other)| one != other)
            || self.family != other.family
            || self.unit.as_ref().zip(other.unit.as_ref()).is_some_and(|(one, other)| one != other)
    }
}

/// Whether a word is a number, in digits or Roman numerals.
fn is_number(word: &str) -> bool {
    !word.is_empty() && (word.chars().all(|c| c.is_ascii_digit()) || word.chars().all(|c| matches!(c, 'i' | 'v' | 'x')))
}

/// Whether two names are one borrower's: the same words, or one is the other with words around it, as in `Kaveri Precision
/// Tools` and `Kaveri Precision Tools, Coimbatore`, or `Nandini Enterprises` and `Nandini Sharma, Prop. Nandini Enterprises`.
fn is_same(one: &[String], other: &[String]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let contained = short.len() >= 2 && long.windows(short.len()).any(|part| part == short);
    contained || differ_by_one_letter_at_most(&one.concat(), &other.concat())
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
