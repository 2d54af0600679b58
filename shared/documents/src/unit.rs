//! Reads the unit and the currency that amounts are printed in, from the texts around them.
//!
//! Only a text that speaks of amounts as a whole states a unit: `(Rs. in lakhs)`. A unit behind a number is an amount, as in
//! `includes Rs. 5 lakhs due to directors`. A unit that is printed and not known is an answer of its own, never rupees.

mod word;

use crate::{fold, heading};
use domain::statement::Unit;

/// Longest text that can state a unit, in characters.
const TEXT_CHARS_MAX: usize = 200;
/// Longest excerpt of a text that was not understood, in characters.
const PRINTED_CHARS_MAX: usize = 60;
/// A segment of this many words may consist of a unit alone, or of a currency and an unknown word.
const SHORT_WORDS: usize = 4;

/// What a text says about unit and currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The unit it states.
    pub unit: Option<Unit>,
    /// Whether it says that amounts are in rupees, e.g. `in Rs.`, and does not only print the sign.
    pub outright: bool,
    /// A unit that it states and that is not known.
    pub unknown: Option<String>,
    /// A currency that it states and that is not the rupee.
    pub foreign: Option<String>,
    /// Whether it names the rupee.
    pub rupee: bool,
    /// Whether it speaks of amounts and names a unit without stating it, e.g. `rounded off to the nearest lakh`.
    pub mentions: bool,
    /// Whether all its words are about the unit.
    pub pure: bool,
}

/// Reads a text: a title, a heading, a line of its own.
#[must_use]
pub fn read(text: &str) -> Reading {
    let mut reading = Reading { pure: true, ..Reading::default() };
    if text.chars().count() > TEXT_CHARS_MAX {
        return Reading::default();
    }
    let mut units: Vec<Unit> = Vec::new();
    let mut doubtful = false;
    let mut plain = None;
    let segments = segments(text);
    let whole = segments.len() == 1;
    for segment in segments {
        let found = Found::of(&segment, whole);
        reading.pure &= found.pure;
        reading.rupee |= found.rupee;
        reading.mentions |= found.mentions;
        let printed = |found: bool| found.then(|| excerpt(text));
        reading.foreign = reading.foreign.or(printed(found.foreign));
        reading.unknown = reading.unknown.or(printed(found.multiplied));
        units.extend(found.units);
        doubtful |= found.doubt;
        plain = plain.max(found.plain);
    }
    units.dedup();
    match units.as_slice() {
        [] if reading.unknown.is_none() && reading.foreign.is_none() => {
            reading.unknown = doubtful.then(|| excerpt(text))
        }
        [one] if reading.unknown.is_none() => reading.unit = Some(*one),
        [] => {}
        _ if reading.unknown.is_none() => reading.unknown = Some(excerpt(text)),
        _ => {}
    }
    if reading.unit.is_none() && reading.unknown.is_none() && reading.foreign.is_none() {
        reading.unit = plain.map(|_| Unit::Rupee);
        reading.outright = plain == Some(Plain::Outright);
    }
    reading
}

/// Reads the title of a statement or the heading of amounts, whose own bracket may name a unit that is not known:
/// `Balance Sheet (in myriads)`.
#[must_use]
pub fn read_title(text: &str) -> Reading {
    let reading = read(text);
    let open = reading.unit.is_none() || (reading.unit == Some(Unit::Rupee) && !reading.outright);
    if !open || reading.unknown.is_some() || reading.foreign.is_some() || text.chars().count() > TEXT_CHARS_MAX {
        return reading;
    }
    let segments = segments(text);
    if segments.len() > 1 && segments.iter().any(Segment::counts_in_unknown) {
        return Reading { unit: None, unknown: Some(excerpt(text)), ..reading };
    }
    reading
}

/// The unit that an amount's own cell prints behind it, e.g. `lakhs` in `1,240.60 lakhs`. `Cr` may be a side and is not read.
#[must_use]
pub fn behind_amount(word: &str) -> Option<Unit> {
    let bare = word::bare(word.trim().trim_end_matches('.'));
    word::unit(&bare).filter(|_| bare != "cr")
}

/// How a text says that amounts are in rupees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Plain {
    Sign,
    Outright,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Number(String),
    Quote,
    Sign(char),
}

impl Token {
    fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    fn is(&self, test: impl Fn(&str) -> bool) -> bool {
        self.word().is_some_and(test)
    }

    /// A power of ten that may stand for a unit.
    fn power(&self) -> Option<Unit> {
        if let Self::Number(digits) = self { word::power(digits) } else { None }
    }

    /// Zeros that stand for a unit; the inner value is none if nothing is counted in that many.
    fn zeros(&self) -> Option<Option<Unit>> {
        if let Self::Number(digits) = self { word::zeros(digits) } else { None }
    }
}

/// A part of a text: within brackets, or outside of them.
struct Segment {
    bracketed: bool,
    tokens: Vec<Token>,
}

impl Segment {
    /// Whether it is a bracket of `in` and one word that is no known unit, e.g. `(in dozens)`. `(in abridged form)` speaks of
    /// the form.
    fn counts_in_unknown(&self) -> bool {
        let [first, numbers @ .., last] = self.tokens.as_slice() else { return false };
        let is_unit = |word: &str| !is_known(word) && !word::is_no_unit(word) && !word::is_manner(word);
        self.bracketed && first.is(|w| w == "in") && numbers.iter().all(|t| t.is(word::is_number)) && last.is(is_unit)
    }
}

/// What one segment says.
#[derive(Default)]
struct Found {
    units: Vec<Unit>,
    multiplied: bool,
    doubt: bool,
    mentions: bool,
    foreign: bool,
    rupee: bool,
    plain: Option<Plain>,
    pure: bool,
}

impl Found {
    fn of(segment: &Segment, whole: bool) -> Self {
        let tokens = &segment.tokens;
        let mut found = Self { pure: tokens.iter().all(is_vocabulary), ..Self::default() };
        let short = segment.bracketed || tokens.len() <= SHORT_WORDS;
        let per = tokens.iter().position(|t| t.is(|w| matches!(w, "each" | "per" | "face")));
        let except = tokens.iter().position(|t| t.is(|w| matches!(w, "except" | "unless" | "other")));
        let of_one_share = per.is_some_and(|per| except.is_none_or(|except| per < except));
        for at in 0..tokens.len() {
            found.unit(tokens, at, short);
            found.currency(tokens, at, short, of_one_share);
            if tokens[at].is(|w| w == "in") {
                found.after_in(tokens, at, segment.bracketed && whole);
            }
        }
        found
    }

    fn unit(&mut self, tokens: &[Token], at: usize, short: bool) {
        let before = before(tokens, at);
        let introduced = before.is_some_and(introduces) || at > 0 && tokens[at - 1] == Token::Quote;
        let (unit, strong) = match (tokens[at].word().and_then(word::unit), tokens[at].zeros()) {
            (Some(unit), _) => (Some(unit), !tokens[at].is(|w| matches!(w, "cr" | "hundred"))),
            (None, Some(zeros)) if introduced || (self.pure && tokens.len() <= 3) => (zeros, true),
            _ => match tokens[at].power().filter(|_| before.is_some_and(|t| t.is(|w| w == "in"))) {
                Some(unit) => (Some(unit), true),
                None => return,
            },
        };
        let counted = match before {
            Some(Token::Number(digits)) if word::zeros(digits).is_none() => {
                let quoted_in = at >= 2
                    && tokens[..at]
                        .iter()
                        .rev()
                        .skip(1)
                        .find(|t| **t != Token::Quote)
                        .is_some_and(|t| t.is(|w| w == "in"));
                if !quoted_in {
                    return;
                }
                true
            }
            Some(t) => t.is(|w| word::is_number(w) || word::unit(w).is_some()) || t.zeros().is_some(),
            None => false,
        };
        // Amounts that are rounded to lakhs are printed in lakhs, or in rupees that end with zeros.
        let rounded = tokens[..at].iter().any(|t| t.is(|w| w == "nearest"));
        let stated = !rounded && (introduced || counted || (self.pure && strong && (short || tokens.len() > 1)));
        match unit {
            _ if !stated => self.mentions |= strong && !counted && tokens.iter().any(speaks_of_amounts),
            Some(unit) if !counted => self.units.push(unit),
            _ => self.multiplied = true,
        }
    }

    fn currency(&mut self, tokens: &[Token], at: usize, short: bool, of_one_share: bool) {
        let token = &tokens[at];
        let after = tokens.get(at + 1);
        let amount = |t: Option<&Token>| t.is_some_and(|t| matches!(t, Token::Number(d) if word::zeros(d).is_none()));
        let is_amount = amount(after) || amount(before(tokens, at));
        let named = token.is(word::is_foreign) || matches!(token, Token::Sign(c) if word::is_foreign(&c.to_string()));
        let other = token.is(word::is_rupee) && before(tokens, at).is_some_and(|t| t.is(word::is_other_rupee));
        let spoken = short || before(tokens, at).is_some_and(introduces);
        if (named || other) && spoken && !is_amount {
            self.foreign = true;
            return;
        }
        if token.is(|w| w == "currency") && after.is_some_and(|t| t.is(is_code)) {
            self.foreign = true;
        }
        if token.is(word::is_full) && before(tokens, at).is_some_and(introduces) {
            self.plain = Some(Plain::Outright);
        }
        if !is_rupee(token) || other {
            return;
        }
        self.rupee = true;
        if !amount(after) && !of_one_share {
            let outright = token.is(|w| w != "rs" && w.starts_with("rup"))
                || before(tokens, at).is_some_and(|t| t.is(|w| w == "in" || w == "indian"));
            self.plain = self.plain.max(Some(if outright { Plain::Outright } else { Plain::Sign }));
        }
        let unknown = |t: &Token| t.is(|w| !is_known(w) && !word::is_no_unit(w));
        let alone = tokens.len() == 2 && at == 0;
        let in_before = tokens[..at].iter().any(|t| t.is(|w| w == "in"));
        if (alone || in_before) && after.is_some_and(unknown) {
            self.doubt = true;
        }
    }

    /// The word after `in`, if the segment speaks of amounts or is all that is printed: a unit that is not known.
    fn after_in(&mut self, tokens: &[Token], at: usize, alone: bool) {
        let spoken = tokens[..at].iter().any(|t| t.is(word::is_money) || is_rupee(t)) || (alone && at == 0);
        let unknown = tokens.get(at + 1).is_some_and(|t| match t {
            Token::Word(w) => !is_known(w) && !word::is_no_unit(w),
            _ => matches!(t.zeros(), Some(None)),
        });
        if spoken && unknown {
            self.doubt = true;
        }
    }
}

/// The token before one, without quotes.
fn before(tokens: &[Token], at: usize) -> Option<&Token> {
    tokens[..at].iter().rev().find(|t| **t != Token::Quote)
}

/// Whether a text with the token speaks of amounts.
fn speaks_of_amounts(token: &Token) -> bool {
    is_rupee(token) || token.is(|w| word::is_money(w) || matches!(w, "rounded" | "expressed" | "stated" | "nearest"))
}

/// Whether a unit or currency directly after the token is stated.
fn introduces(token: &Token) -> bool {
    is_rupee(token)
        || token.is(|w| {
            w == "in" || w == "indian" || w == "us" || word::is_money(w) || word::is_full(w) || word::is_foreign(w)
        })
        || matches!(token, Token::Sign(c) if word::is_foreign(&c.to_string()))
}

fn is_rupee(token: &Token) -> bool {
    token.is(word::is_rupee) || matches!(token, Token::Sign('\u{20b9}' | '\u{20a8}'))
}

/// A currency's code of three letters that is not the rupee's.
fn is_code(word: &str) -> bool {
    word.chars().count() == 3 && word.chars().all(|c| c.is_ascii_alphabetic()) && !is_known(word)
}

fn is_known(word: &str) -> bool {
    word::unit(word).is_some()
        || word::is_rupee(word)
        || word::is_full(word)
        || word::is_foreign(word)
        || word::is_money(word)
        || word::is_filler(word)
        || word::is_number(word)
        || heading::is_heading_word(word)
}

fn is_vocabulary(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            word::unit(word).is_some()
                || word::is_rupee(word)
                || word::is_full(word)
                || word::is_money(word)
                || word::is_filler(word)
        }
        Token::Number(digits) => word::zeros(digits).is_some(),
        Token::Quote | Token::Sign(_) => true,
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(PRINTED_CHARS_MAX).collect()
}

fn segments(text: &str) -> Vec<Segment> {
    let mut segments = vec![Segment { bracketed: false, tokens: Vec::new() }];
    let folded = fold::signs(text).to_lowercase();
    let mut characters = folded.chars().peekable();
    while let Some(c) = characters.next() {
        let bracketed = match c {
            '(' | '[' | '{' => Some(true),
            ')' | ']' | '}' => Some(false),
            _ => None,
        };
        if let Some(bracketed) = bracketed {
            segments.push(Segment { bracketed, tokens: Vec::new() });
            continue;
        }
        let mut run = String::from(c);
        let token = if is_letter(c) {
            while let Some(next) = characters.next_if(|c| is_letter(*c)) {
                run.push(next);
            }
            Token::Word(word::bare(&run))
        } else if c.is_ascii_digit() {
            while let Some(next) = characters.next_if(|c| c.is_ascii_digit() || matches!(c, ',' | '.')) {
                run.push(next);
            }
            Token::Number(run.trim_end_matches([',', '.']).to_owned())
        } else {
            match c {
                '\'' => Token::Quote,
                '/' | '\u{20b9}' | '\u{20a8}' | '$' | '\u{20ac}' | '\u{a3}' | '\u{a5}' => Token::Sign(c),
                _ => continue,
            }
        };
        if let Some(segment) = segments.last_mut() {
            segment.tokens.push(token);
        }
    }
    segments.retain(|s| !s.tokens.is_empty());
    segments.iter_mut().for_each(|s| possessive(&mut s.tokens));
    segments
}

/// Drops the ending of `lakh's`, `000's` and `000s`.
fn possessive(tokens: &mut Vec<Token>) {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens.drain(..) {
        if token.is(|w| w == "s") {
            if kept.last() == Some(&Token::Quote) {
                kept.pop();
                continue;
            }
            if kept.last().is_some_and(|t| t.zeros().is_some()) {
                continue;
            }
        }
        kept.push(token);
    }
    // A quote that closes says nothing: `'000'`.
    if kept.last() == Some(&Token::Quote) {
        kept.pop();
    }
    *tokens = kept;
}

/// A letter, or a vowel sign or dot of an Indian script.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(u32::from(c), 0x0900..=0x0DFF if !c.is_numeric())
}

#[cfg(test)]
mod tests;
