//! Evaluates the text of one formula, from left to right.

use super::{Calculator, Held, Place};
use rust_decimal::{Decimal, RoundingStrategy};
use std::str::FromStr;

/// Deepest nesting of brackets and functions.
const NESTING_MAX: u32 = 24;
/// Longest text that a formula may join.
const TEXT_BYTES_MAX: usize = 2_000;

/// The value of a formula on a sheet, with its references moved by rows and columns; `None` if it is not simple arithmetic.
pub(super) fn evaluate(
    calculator: &mut Calculator<'_>,
    text: &str,
    sheet: usize,
    shift: (i64, i64),
    depth: u32,
) -> Option<Held> {
    let text: Vec<char> = text.trim_start_matches('=').chars().collect();
    let mut parser = Parser { calculator, text, at: 0, sheet, shift, depth, nesting: 0 };
    let value = parser.joined()?;
    parser.skip();
    (parser.at == parser.text.len()).then_some(value)
}

/// Whether a formula only adds and subtracts cells: `SUM(B5:B9)`, `B5+B6-B7`, `'Notes to BS'!B5+B6`.
pub(super) fn is_plain_sum(text: &str) -> bool {
    // Every second part is the name of a sheet in quotes.
    let outside: String = text.split('\'').step_by(2).collect();
    let functions = outside.split('(').map(|before| {
        before.chars().rev().take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '_')).collect::<Vec<char>>()
    });
    let count = outside.matches('(').count();
    let sums = |name: Vec<char>| name.is_empty() || name.iter().rev().collect::<String>().eq_ignore_ascii_case("sum");
    let plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || "$:+-(),!._=".contains(c);
    outside.chars().all(plain) && functions.take(count).all(sums)
}

struct Parser<'c, 'a> {
    calculator: &'c mut Calculator<'a>,
    text: Vec<char>,
    at: usize,
    sheet: usize,
    shift: (i64, i64),
    depth: u32,
    nesting: u32,
}

/// A part of a function's arguments.
enum Argument {
    One(Held),
    Range(Vec<Held>),
}

impl Parser<'_, '_> {
    fn skip(&mut self) {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn next_is(&mut self, c: char) -> bool {
        self.skip();
        let found = self.text.get(self.at) == Some(&c);
        self.at += usize::from(found);
        found
    }

    /// Texts and numbers joined by `&`.
    fn joined(&mut self) -> Option<Held> {
        let mut value = self.sum()?;
        while self.next_is('&') {
            let text = format!("{}{}", text_of(value), text_of(self.sum()?));
            value = Held::Text(text).within(TEXT_BYTES_MAX)?;
        }
        Some(value)
    }

    fn sum(&mut self) -> Option<Held> {
        let mut value = self.product()?;
        loop {
            let add = self.next_is('+');
            if !add && !self.next_is('-') {
                return Some(value);
            }
            let (a, b) = (number(&value)?, number(&self.product()?)?);
            value = Held::Number(if add { a.checked_add(b)? } else { a.checked_sub(b)? });
        }
    }

    fn product(&mut self) -> Option<Held> {
        let mut value = self.signed()?;
        loop {
            let times = self.next_is('*');
            if !times && !self.next_is('/') {
                return Some(value);
            }
            let (a, b) = (number(&value)?, number(&self.signed()?)?);
            value = Held::Number(if times { a.checked_mul(b)? } else { a.checked_div(b)? });
        }
    }

    fn signed(&mut self) -> Option<Held> {
        let mut negative = false;
        loop {
            if self.next_is('-') {
                negative = !negative;
            } else if !self.next_is('+') {
                break;
            }
        }
        let mut value = self.operand()?;
        while self.next_is('%') {
            value = Held::Number(number(&value)?.checked_div(Decimal::ONE_HUNDRED)?);
        }
        if negative { Some(Held::Number(-number(&value)?)) } else { Some(value) }
    }

    fn operand(&mut self) -> Option<Held> {
        self.skip();
        match *self.text.get(self.at)? {
            '(' => {
                self.at += 1;
                let value = self.nested()?;
                self.next_is(')').then_some(value)
            }
            '"' => self.quoted('"').map(Held::Text),
            c if c.is_ascii_digit() || c == '.' => {
                let digits = self.take(|c| c.is_ascii_digit() || c == '.');
                // `1E5` and a reference to whole rows are not read.
                let ends = self.text.get(self.at).is_none_or(|c| !c.is_alphanumeric() && *c != ':');
                Decimal::from_str(&digits).ok().filter(|_| ends).map(Held::Number)
            }
            _ => {
                let start = self.at;
                if let Some(value) = self.function() {
                    return Some(value);
                }
                self.at = start;
                let place = self.reference(self.sheet)?;
                let alone = !self.next_is(':');
                if alone { self.calculator.cell(place, self.depth + 1) } else { None }
            }
        }
    }

    fn nested(&mut self) -> Option<Held> {
        self.nesting += 1;
        let value = if self.nesting > NESTING_MAX { None } else { self.joined() };
        self.nesting -= 1;
        value
    }

    /// `SUM(…)` and the like.
    fn function(&mut self) -> Option<Held> {
        let name = self.take(|c| c.is_ascii_alphabetic()).to_ascii_uppercase();
        let known = matches!(name.as_str(), "SUM" | "MIN" | "MAX" | "ABS" | "ROUND" | "ROUNDUP" | "ROUNDDOWN");
        if !known || !self.next_is('(') {
            return None;
        }
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return None;
        }
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.argument()?);
            if !self.next_is(',') {
                break;
            }
        }
        self.nesting -= 1;
        if !self.next_is(')') {
            return None;
        }
        apply(&name, &arguments).map(Held::Number)
    }

    fn argument(&mut self) -> Option<Argument> {
        self.skip();
        let start = self.at;
        let sheet = self.sheet;
        if let Some(first) = self.reference(sheet) {
            if self.next_is(':') {
                let last = self.reference(first.0)?;
                return self.range(first, last).map(Argument::Range);
            }
            // A lone reference counts as a range, in which texts are left out.
            self.skip();
            if matches!(self.text.get(self.at), Some(',' | ')')) {
                return Some(Argument::Range(vec![self.calculator.cell(first, self.depth + 1)?]));
            }
        }
        self.at = start;
        self.joined().map(Argument::One)
    }

    fn range(&mut self, first: Place, last: Place) -> Option<Vec<Held>> {
        if first.0 != last.0 {
            return None;
        }
        let mut values = Vec::new();
        for row in first.1.min(last.1)..=first.1.max(last.1) {
            for column in first.2.min(last.2)..=first.2.max(last.2) {
                match self.calculator.cell((first.0, row, column), self.depth + 1)? {
                    Held::Blank => {}
                    held => values.push(held),
                }
            }
        }
        Some(values)
    }

    /// `B5`, `$B$5`, `Sheet1!B5`, `'Notes to BS'!B5`.
    fn reference(&mut self, sheet: usize) -> Option<Place> {
        let start = self.at;
        let named = if self.text.get(self.at) == Some(&'\'') {
            self.quoted('\'')
        } else {
            Some(self.take(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))).filter(|n| !n.is_empty())
        };
        let mut sheet = sheet;
        match named {
            Some(name) if self.text.get(self.at) == Some(&'!') => {
                self.at += 1;
                sheet = self.calculator.sheet_named(&name)?;
            }
            _ => self.at = start,
        }
        let fixed_column = self.mark();
        let letters = self.take(|c| c.is_ascii_alphabetic());
        let fixed_row = self.mark();
        let digits = self.take(|c| c.is_ascii_digit());
        let ends =
            self.text.get(self.at).is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '(' | '!' | '[' | '_' | '.'));
        let (row, column) = crate::xlsx::outline::place(&format!("{letters}{digits}")).filter(|_| ends)?;
        let moved = |at: u32, by: i64, fixed: bool| u32::try_from(i64::from(at) + if fixed { 0 } else { by }).ok();
        Some((sheet, moved(row, self.shift.0, fixed_row)?, moved(column, self.shift.1, fixed_column)?))
    }

    /// Whether a dollar sign fixes what follows.
    fn mark(&mut self) -> bool {
        let found = self.text.get(self.at) == Some(&'$');
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, test: impl Fn(char) -> bool) -> String {
        let taken: String = self.text.get(self.at..).unwrap_or_default().iter().take_while(|c| test(**c)).collect();
        self.at += taken.chars().count();
        taken
    }

    /// A text in quotes; a quote within it is doubled.
    fn quoted(&mut self, mark: char) -> Option<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let c = *self.text.get(self.at)?;
            self.at += 1;
            if c != mark {
                text.push(c);
            } else if self.text.get(self.at) == Some(&mark) {
                text.push(mark);
                self.at += 1;
            } else {
                return Some(text);
            }
        }
    }
}

impl Held {
    fn within(self, bytes_max: usize) -> Option<Self> {
        let fits = !matches!(&self, Self::Text(text) if text.len() > bytes_max);
        fits.then_some(self)
    }
}

fn text_of(held: Held) -> String {
    match held {
        Held::Text(text) => text,
        Held::Number(number) => number.normalize().to_string(),
        Held::Blank | Held::Error => String::new(),
    }
}

/// A value as a number; a blank cell is nil.
fn number(held: &Held) -> Option<Decimal> {
    match held {
        Held::Number(number) => Some(*number),
        Held::Blank => Some(Decimal::ZERO),
        Held::Text(_) | Held::Error => None,
    }
}

fn apply(name: &str, arguments: &[Argument]) -> Option<Decimal> {
    let mut numbers = Vec::new();
    for argument in arguments {
        match argument {
            Argument::One(held) => numbers.push(number(held)?),
            Argument::Range(held) => {
                numbers.extend(held.iter().filter_map(|h| if let Held::Number(n) = h { Some(*n) } else { None }));
            }
        }
    }
    let rounded = |strategy| {
        let [value, places] = numbers.as_slice() else { return None };
        let places = u32::try_from(*places).ok().filter(|p| *p <= 20)?;
        Some(value.round_dp_with_strategy(places, strategy))
    };
    match name {
        "SUM" => numbers.iter().try_fold(Decimal::ZERO, |sum, n| sum.checked_add(*n)),
        "MIN" => Some(numbers.iter().copied().min().unwrap_or_default()),
        "MAX" => Some(numbers.iter().copied().max().unwrap_or_default()),
        "ABS" => numbers.first().filter(|_| numbers.len() == 1).map(Decimal::abs),
        "ROUND" => rounded(RoundingStrategy::MidpointAwayFromZero),
        "ROUNDUP" => rounded(RoundingStrategy::AwayFromZero),
        "ROUNDDOWN" => rounded(RoundingStrategy::ToZero),
        _ => None,
    }
}
