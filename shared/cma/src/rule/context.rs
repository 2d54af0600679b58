//! What the headings above a line say about it.

use super::nature::{Sides, sides_of};
use crate::label::{Lexicon, read};

const SECTIONS: &str = include_str!("../../data/sections.csv");

/// Whether a balance sheet line falls due within a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tenor {
    Current,
    NonCurrent,
}

/// What is known about where a line stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// Sides it can be on; empty when nothing tells.
    pub(crate) sides: Sides,
    /// Whether it falls due within a year.
    pub(crate) tenor: Option<Tenor>,
    /// Words of all headings above it.
    words: Vec<String>,
    /// Words of the innermost heading.
    pub(crate) parent: Vec<String>,
}

impl Context {
    /// Whether a row can stand here.
    pub(crate) fn allows(&self, row_code: &str) -> bool {
        self.sides.is_empty() || !self.sides.and(sides_of(row_code)).is_empty()
    }

    /// Whether it is certain that the line is on one of these sides.
    pub(crate) fn is_within(&self, sides: Sides) -> bool {
        !self.sides.is_empty() && self.sides.within(sides)
    }

    /// Whether a heading above says the word.
    pub(crate) fn under(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    /// The context of a line whose label itself says when it falls due.
    pub(crate) fn with_label(mut self, words: &[String]) -> Self {
        if let Some(tenor) = tenor_of(words) {
            self.tenor = Some(tenor);
        }
        self
    }
}

/// When the words say that something falls due.
pub(crate) fn tenor_of(words: &[String]) -> Option<Tenor> {
    words.iter().find_map(|word| match word.as_str() {
        "noncurrent" | "longterm" => Some(Tenor::NonCurrent),
        "current" | "shortterm" | "duewithinyear" => Some(Tenor::Current),
        _ => None,
    })
}

/// The headings that are known, of `data/sections.csv`.
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
        let parse = |line: &str| {
            let mut fields = line.split(',');
            let words: Vec<String> = fields.next()?.split_whitespace().map(str::to_owned).collect();
            let sides = Sides::parse(fields.next()?);
            let tenor = match fields.next()? {
                "C" => Some(Tenor::Current),
                "N" => Some(Tenor::NonCurrent),
                _ => None,
            };
            Some(Heading { words: lexicon.canonical(&words), sides, tenor })
        };
        Self { known: SECTIONS.lines().skip(1).filter_map(parse).collect() }
    }

    /// Reads a section path, outermost heading first.
    pub(crate) fn context(&self, path: &[&str], lexicon: &Lexicon) -> Context {
        let mut context = Context::default();
        for element in path {
            for heading in element.split(['>', '|', '/', ':', '\u{bb}', '\u{2192}']).flat_map(|part| part.split(" - "))
            {
                self.descend(&mut context, heading, lexicon);
            }
        }
        context
    }

    fn descend(&self, context: &mut Context, heading: &str, lexicon: &Lexicon) {
        let words = match abbreviation(heading) {
            Some(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            None => read(heading, lexicon).words,
        };
        self.step(context, words);
    }

    /// The context below one more heading, given in canonical words.
    pub(crate) fn below(&self, mut context: Context, words: Vec<String>) -> Context {
        self.step(&mut context, words);
        context
    }

    fn step(&self, context: &mut Context, words: Vec<String>) {
        if words.is_empty() {
            return;
        }
        let says = |word: &String| words.contains(word);
        let fits = |heading: &&Heading| heading.words.iter().all(says) && !heading.words.is_empty();
        let best_of = |wanted: &dyn Fn(&&Heading) -> bool| {
            self.known.iter().filter(fits).filter(wanted).max_by_key(|heading| heading.words.len())
        };
        if let Some(found) = best_of(&|heading| !heading.sides.is_empty()) {
            let both = context.sides.and(found.sides);
            context.sides = if both.is_empty() { found.sides } else { both };
            context.tenor = found.tenor.or(context.tenor);
        }
        if let Some(found) = best_of(&|heading| heading.tenor.is_some()) {
            context.tenor = found.tenor;
        }
        context.words.extend(words.iter().cloned());
        context.parent = words;
    }
}

/// The headings that are written as letters.
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
