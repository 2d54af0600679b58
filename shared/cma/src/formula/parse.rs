//! Parses the text of a formula.

use rust_decimal::Decimal;

use super::{Addend, Expr, Operator, Reference};
use crate::row::{RowCode, Table, table};

/// How deep brackets may nest.
const DEPTH_MAX: usize = 32;

/// Why a text is not a formula. Positions are byte offsets from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    /// The text does not continue as a formula would.
    #[error("unexpected text at position {at}")]
    Unexpected {
        /// Where.
        at: usize,
    },
    /// A row code that is not in the table above this formula.
    #[error("the row at position {at} is not in the table above this formula")]
    UnknownRow {
        /// Where.
        at: usize,
    },
    /// Brackets are nested too deeply.
    #[error("brackets are nested more than {DEPTH_MAX} deep")]
    TooDeep,
}

/// Parses a formula over the embedded row table.
///
/// # Errors
/// [`FormulaError`] with the position of the first thing that is wrong.
pub fn parse(text: &str) -> Result<Expr, FormulaError> {
    parse_with(text, table())
}

/// Parses a formula of a table that is still being read; it can only refer to the rows read so far.
///
/// # Errors
/// [`FormulaError`] with the position of the first thing that is wrong.
pub(crate) fn parse_with(text: &str, table: &Table) -> Result<Expr, FormulaError> {
    let mut parser = Parser { text, rest: text, depth: 0, table };
    let expr = parser.expression()?;
    parser.skip_space();
    if parser.rest.is_empty() { Ok(expr) } else { Err(parser.unexpected()) }
}

struct Parser<'a> {
    text: &'a str,
    /// What is still to be parsed.
    rest: &'a str,
    depth: usize,
    table: &'a Table,
}

impl<'a> Parser<'a> {
    fn expression(&mut self) -> Result<Expr, FormulaError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(FormulaError::TooDeep);
        }
        let mut left = self.term()?;
        loop {
            let operator = if self.take("+") {
                Operator::Add
            } else if self.take("-") {
                Operator::Subtract
            } else {
                self.depth -= 1;
                return Ok(left);
            };
            left = Expr::Binary(operator, Box::new(left), Box::new(self.term()?));
        }
    }

    fn term(&mut self) -> Result<Expr, FormulaError> {
        let mut left = self.factor()?;
        loop {
            let operator = if self.take("*") {
                Operator::Multiply
            } else if self.take("/") {
                Operator::Divide
            } else {
                return Ok(left);
            };
            left = Expr::Binary(operator, Box::new(left), Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Expr, FormulaError> {
        if self.take("-") {
            return Ok(Expr::Negative(Box::new(self.factor()?)));
        }
        if self.take("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let start = self.at();
        let word = self.word();
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            let number = Decimal::from_str_exact(word).map_err(|_| FormulaError::Unexpected { at: start })?;
            return Ok(Expr::Number(number));
        }
        match word {
            "sum" => self.sum(),
            "max" => self.arguments().map(Expr::Max),
            "min" => self.arguments().map(Expr::Min),
            "d" => self.argument().map(|inner| Expr::Change(Box::new(inner))),
            "positive" => self.argument().map(|inner| Expr::Positive(Box::new(inner))),
            "first_of" => {
                let mut arguments = self.arguments()?.into_iter();
                match (arguments.next(), arguments.next(), arguments.next()) {
                    (Some(a), Some(b), None) => Ok(Expr::FirstOf(Box::new(a), Box::new(b))),
                    _ => Err(FormulaError::Unexpected { at: start }),
                }
            }
            _ => {
                let row = self.row(word, start)?;
                let previous = self.take("[t-1]");
                Ok(Expr::Row(Reference { row, previous }))
            }
        }
    }

    fn sum(&mut self) -> Result<Expr, FormulaError> {
        self.expect("(")?;
        let mut addends = vec![self.addend()?];
        while self.take(",") {
            addends.push(self.addend()?);
        }
        self.expect(")")?;
        Ok(Expr::Sum(addends))
    }

    fn addend(&mut self) -> Result<Addend, FormulaError> {
        let (start, before) = (self.at(), self.rest);
        let word = self.word();
        if !word.is_empty() && self.take("..") {
            let first = self.row(word, start)?;
            let start = self.at();
            let word = self.word();
            let last = self.row(word, start)?;
            return Ok(Addend::Range(self.table.between(first, last)));
        }
        self.rest = before;
        self.expression().map(Addend::Single)
    }

    fn argument(&mut self) -> Result<Expr, FormulaError> {
        self.expect("(")?;
        let inner = self.expression()?;
        self.expect(")")?;
        Ok(inner)
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, FormulaError> {
        self.expect("(")?;
        let mut arguments = vec![self.expression()?];
        while self.take(",") {
            arguments.push(self.expression()?);
        }
        self.expect(")")?;
        Ok(arguments)
    }

    fn row(&self, word: &str, at: usize) -> Result<RowCode, FormulaError> {
        self.table.code(word).ok_or(FormulaError::UnknownRow { at })
    }

    /// The letters, digits, underscores and single dots from here on; two dots are the range operator and end the word.
    fn word(&mut self) -> &'a str {
        self.skip_space();
        let rest = self.rest;
        let end = rest
            .char_indices()
            .find(|&(index, letter)| match letter {
                '.' => rest.get(index..).is_some_and(|here| here.starts_with("..")),
                _ => !(letter.is_ascii_alphanumeric() || letter == '_'),
            })
            .map_or(rest.len(), |(index, _)| index);
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        word
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, sign: &str) -> Result<(), FormulaError> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn unexpected(&self) -> FormulaError {
        FormulaError::Unexpected { at: self.at() }
    }

    /// How far the text is parsed, in bytes.
    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_takes_every_row_between_its_ends() {
        let expr = parse("sum(III.2..III.9)").expect("parses");
        let codes: Vec<_> = expr.references().iter().map(|reference| reference.row.to_string()).collect();
        assert_eq!(codes, ["III.2", "III.3", "III.4", "III.5", "III.6", "III.7", "III.8", "III.9"]);
    }

    #[test]
    fn an_error_gives_its_position() {
        assert_eq!(parse("III.1.i+"), Err(FormulaError::UnknownRow { at: 8 }));
        assert_eq!(parse("III.1.i)"), Err(FormulaError::Unexpected { at: 7 }));
        assert_eq!(parse("III.99"), Err(FormulaError::UnknownRow { at: 0 }));
        assert_eq!(parse(&"(".repeat(100)), Err(FormulaError::TooDeep));
    }

    #[test]
    fn no_text_makes_the_parser_panic() {
        proptest::proptest!(|(text in "[A-Z0-9.()+*/,é\\-\\[\\] a-z]{0,40}")| { let _ = parse(&text); });
    }
}
