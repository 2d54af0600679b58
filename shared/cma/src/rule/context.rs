//! Finds what the headings above a line say about it: its side of the statements, and when it falls due.

use super::nature::{Sides, sides_of};
use crate::label::{Lexicon, read};
use crate::row::RowCode;

const SECTIONS: &str = include_str!("../../data/sections.csv");

/// Whether a balance sheet line falls due within a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tenor {
    Current,
    NonCurrent,
}

/// How plainly a heading gives a side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// It contains words of a known heading, or is the name of a statement.
    #[default]
    Part,
    /// It is a known heading.
    Whole,
    /// It is the name of a side, such as `Current assets`.
    Side,
}

/// What the headings say about a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// Sides it can be on; empty when unknown.
    pub(crate) sides: Sides,
    /// Whether it falls due within a year, when known.
    pub(crate) tenor: Option<Tenor>,
    /// How plainly a heading gave the sides.
    weight: Weight,
    /// Words of each heading above it, outermost first; headings without words are left out.
    pub(crate) path: Vec<Vec<String>>,
}

impl Context {
    /// Whether a line under these headings can belong to the row.
    pub(crate) fn allows(&self, row: RowCode) -> bool {
        self.sides.is_empty() || !self.sides.and(sides_of(row)).is_empty()
    }

    /// Whether the line is known to be on one of these sides.
    pub(crate) fn is_within(&self, sides: Sides) -> bool {
        !self.sides.is_empty() && self.sides.within(sides)
    }

    /// Whether the headings leave exactly one side.
    pub(crate) fn is_one_side(&self) -> bool {
        self.sides.bits().is_power_of_two()
    }

    /// Whether a heading above contains the word.
    pub(crate) fn is_under(&self, word: &str) -> bool {
        self.path.iter().flatten().any(|own| own == word)
    }

    /// Narrows the sides by a heading that was found among `count` words.
    ///
    /// `Expenses` above `Depreciation on fixed assets` decides; so does `Liabilities` below `Capital structure`.
    fn enter_sides(&mut self, found: &Heading, count: usize) {
        let weight = found.weight(count);
        let both = self.sides.and(found.sides);
        if both.is_empty() && !self.sides.is_empty() && weight <= self.weight && weight != Weight::Side {
            return;
        }
        self.sides =
            if both.is_empty() || (weight > Weight::Part && self.weight == Weight::Part) { found.sides } else { both };
        self.weight = self.weight.max(weight);
        self.tenor = found.tenor.or(self.tenor);
    }

    /// The same context, except that the label decides when the line falls due, if it says so.
    pub(crate) fn with_label(mut self, words: &[String]) -> Self {
        if let Some(tenor) = tenor_of(words) {
            self.tenor = Some(tenor);
        }
        self
    }
}

/// Whether the words say that something falls due within a year or later.
pub(crate) fn tenor_of(words: &[String]) -> Option<Tenor> {
    words.iter().find_map(|word| match word.as_str() {
        "noncurrent" | "longterm" => Some(Tenor::NonCurrent),
        "current" | "shortterm" | "duewithinyear" => Some(Tenor::Current),
        _ => None,
    })
}

/// The known headings, from `data/sections.csv`.
#[derive(Debug)]
pub(crate) struct Headings {
    known: Vec<Heading>,
}

#[derive(Debug)]
struct Heading {
    words: Vec<String>,
    sides: Sides,
    tenor: Option<Tenor>,
}

impl Headings {
    /// Reads the headings that are built in.
    pub(crate) fn built_in(lexicon: &Lexicon) -> Self {
        // A test reads every line, so a released build never drops one.
        Self { known: SECTIONS.lines().skip(1).filter_map(|line| Heading::parse(line, lexicon)).collect() }
    }

    /// Reads a section path, outermost heading first.
    pub(crate) fn context(&self, path: &[&str], lexicon: &Lexicon) -> Context {
        let mut context = Context::default();
        for element in path {
            for heading in element.split(['>', '|', '/', ':', '\u{bb}', '\u{2192}']).flat_map(split_dashes) {
                self.enter_text(&mut context, &heading, lexicon);
            }
        }
        context
    }

    /// Enters a printed heading. What stands before a bracket decides, if it says anything.
    fn enter_text(&self, context: &mut Context, heading: &str, lexicon: &Lexicon) {
        let words = match abbreviation(heading) {
            Some(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            None => read(heading, lexicon).words,
        };
        let main = heading.split_once('(').map(|(main, _)| read(main, lexicon).words);
        let length =
            |words: &[String]| self.best(words, &|known| !known.sides.is_empty()).map_or(0, |known| known.words.len());
        match main.filter(|main| length(main) > 0 && length(main) >= length(&words)) {
            Some(main) => self.enter_as(context, words, &main),
            None => self.enter(context, words),
        }
    }

    /// The context below one more heading, given in canonical words.
    pub(crate) fn below(&self, mut context: Context, words: Vec<String>) -> Context {
        self.enter(&mut context, words);
        context
    }

    /// Enters a heading given in canonical words. The longest known headings among them decide.
    fn enter(&self, context: &mut Context, words: Vec<String>) {
        let main = words.clone();
        self.enter_as(context, words, &main);
    }

    /// Enters a heading whose side is that of its `main` words.
    fn enter_as(&self, context: &mut Context, words: Vec<String>, main: &[String]) {
        if words.is_empty() {
            return;
        }
        if let Some(found) = self.best(main, &|known| !known.sides.is_empty()) {
            context.enter_sides(found, main.len());
        }
        if let Some(found) = self.best(&words, &|known| known.tenor.is_some()) {
            context.tenor = found.tenor;
        }
        context.path.push(words);
    }

    /// The longest known heading among the words.
    fn best(&self, words: &[String], wanted: &dyn Fn(&Heading) -> bool) -> Option<&Heading> {
        let fits = |known: &&Heading| known.words.iter().all(|word| words.contains(word)) && !known.words.is_empty();
        self.known.iter().filter(fits).filter(|known| wanted(known)).max_by_key(|known| known.words.len())
    }
}

impl Heading {
    /// How plainly it gives its side, where it was found among `count` words.
    fn weight(&self, count: usize) -> Weight {
        const STATEMENTS: [&str; 3] = ["pandl", "balancesheet", "trading"];
        const SIDES: [&str; 14] = [
            "asset",
            "liability",
            "equity",
            "income",
            "expense",
            "revenue",
            "otherincome",
            "otherexpense",
            "current",
            "noncurrent",
            "financial",
            "direct",
            "indirect",
            "other",
        ];
        let is_one_of = |names: &[&str], word: &String| names.contains(&word.as_str());
        if self.words.len() < count || self.words.iter().any(|word| is_one_of(&STATEMENTS, word)) {
            Weight::Part
        } else if self.words.iter().all(|word| is_one_of(&SIDES, word)) {
            Weight::Side
        } else {
            Weight::Whole
        }
    }

    fn parse(line: &str, lexicon: &Lexicon) -> Option<Self> {
        let mut fields = line.split(',');
        let words: Vec<String> = fields.next()?.split_whitespace().map(str::to_owned).collect();
        let sides = Sides::parse(fields.next()?);
        let tenor = match fields.next()? {
            "C" => Some(Tenor::Current),
            "N" => Some(Tenor::NonCurrent),
            _ => None,
        };
        Some(Self { words: lexicon.canonical(&words), sides, tenor })
    }
}

/// The words of a heading that is abbreviated to letters.
fn abbreviation(heading: &str) -> Option<&'static [&'static str]> {
    Some(match heading.trim().to_ascii_uppercase().as_str() {
        "CA" => &["current", "asset"],
        "NCA" => &["noncurrent", "asset"],
        "CL" => &["current", "liability"],
        "NCL" => &["noncurrent", "liability"],
        "EQ" => &["equity"],
        "FA" => &["fixedasset"],
        "BS" => &["balancesheet"],
        "PL" | "P&L" | "PNL" | "P & L" | "P/L" => &["pandl"],
        _ => return None,
    })
}

/// Splits headings that a dash separates: `Assets - Current assets`. The dash of `Non - current assets` separates none.
fn split_dashes(text: &str) -> Vec<String> {
    const FIRST_HALVES: [&str; 4] = ["non", "long", "short", "medium"];
    let mut headings: Vec<String> = Vec::new();
    for part in text.split(" - ") {
        let is_half = |heading: &&mut String| {
            let last = heading.split(|c: char| !c.is_alphanumeric()).rfind(|word| !word.is_empty());
            last.is_some_and(|word| FIRST_HALVES.contains(&word.to_lowercase().as_str()))
        };
        match headings.last_mut().filter(is_half) {
            Some(heading) => {
                heading.push('-');
                heading.push_str(part.trim_start());
            }
            None => headings.push(part.to_owned()),
        }
    }
    headings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_sections_is_a_heading() {
        let lexicon = Lexicon::built_in();
        for (line, number) in SECTIONS.lines().zip(1..).skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [words, sides, tenor] = fields[..] else { panic!("line {number}: three fields") };
            assert!(!words.is_empty() && sides.chars().all(|side| "ALEIX".contains(side)), "line {number}");
            assert!(matches!(tenor, "" | "C" | "N"), "line {number}");
            assert!(Heading::parse(line, &lexicon).is_some_and(|heading| !heading.words.is_empty()), "line {number}");
        }
    }

    #[test]
    fn a_dash_within_a_word_separates_no_headings() {
        let (lexicon, headings) = (Lexicon::built_in(), Headings::built_in(&Lexicon::built_in()));
        let tenor = |heading: &str| headings.context(&["Liabilities", heading], &lexicon).tenor;
        for heading in [
            "Non - Current Liabilities",
            "LIABILITIES1) NON - CURRENT LIABILITIES a) Financial",
            "Long - term liabilities",
        ] {
            assert_eq!(tenor(heading), tenor("Non-current liabilities"), "{heading}");
        }
        assert_eq!(tenor("Liabilities - Current liabilities"), tenor("Current liabilities"));
        assert_ne!(tenor("Current liabilities"), tenor("Non-current liabilities"));
    }

    proptest::proptest! {
        #[test]
        fn splitting_at_dashes_keeps_every_word(text in "(non|long|short|[a-z]{1,5}|\\PC{0,4})(( - | -|-)[a-zA-Z ]{0,6}){0,4}") {
            let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).filter(|w| !w.is_empty()).collect::<Vec<_>>();
            proptest::prop_assert_eq!(words(&split_dashes(&text).join(" ")), words(&text));
        }
    }
}
