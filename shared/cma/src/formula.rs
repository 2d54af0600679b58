//! The formula language of the row table: one parsed formula is evaluated in decimals and rendered for Excel, so that
//! figures and workbook cannot disagree.
//!
//! ```text
//! expression := term (('+' | '-') term)*          term := factor (('*' | '/') factor)*
//! factor     := number | '-' factor | '(' expression ')' | row | row '[t-1]' | function
//! function   := sum(row..row, …) | max(a, b, …) | min(a, b, …) | d(a) | positive(a) | first_of(a, b)
//! ```
//!
//! A figure is blank when something it needs is blank, and when it would divide by zero. `d(a)` is the change of `a`
//! over the previous year, `positive(a)` is `a` when above zero and blank otherwise, `first_of(a, b)` is `a` unless that
//! is blank.

mod evaluate;
mod excel;
mod parse;

use rust_decimal::Decimal;

use crate::row::RowCode;

pub use evaluate::evaluate;
pub use excel::{Place, render};
pub use parse::{FormulaError, parse, parse_with};

/// A parsed formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A constant.
    Number(Decimal),
    /// A row's figure, in the same year or the one before.
    Row(Reference),
    /// Minus the inner.
    Negative(Box<Expr>),
    /// Two operands and what is done with them.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// Sum of rows and ranges.
    Sum(Vec<Addend>),
    /// The largest.
    Max(Vec<Expr>),
    /// The smallest.
    Min(Vec<Expr>),
    /// The change over the previous year.
    Change(Box<Expr>),
    /// The inner when above zero, blank otherwise.
    Positive(Box<Expr>),
    /// The first unless blank, else the second.
    FirstOf(Box<Expr>, Box<Expr>),
}

/// A row in this year, or in the year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The row.
    pub row: RowCode,
    /// Whether the year before is meant.
    pub previous: bool,
}

/// What is added up.
#[derive(Clone, Debug, PartialEq)]
pub enum Addend {
    /// One expression.
    One(Expr),
    /// Every row between two, both included.
    Range(Vec<RowCode>),
}

/// The four operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, blank when the divisor is zero
    Divide,
}

impl Expr {
    /// Every row the formula needs, `d(a)` counting as both years of `a`.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        self.walk(false, &mut |expr, previous| match expr {
            Self::Row(reference) => {
                found.push(Reference { row: reference.row, previous: reference.previous || previous });
            }
            Self::Sum(addends) => found.extend(addends.iter().flat_map(|addend| match addend {
                Addend::Range(rows) => rows.iter().map(|&row| Reference { row, previous }).collect(),
                Addend::One(_) => Vec::new(),
            })),
            _ => {}
        });
        found
    }

    /// The ranges it adds up.
    #[must_use]
    pub fn ranges(&self) -> Vec<Vec<RowCode>> {
        let mut found = Vec::new();
        self.walk(false, &mut |expr, _| {
            if let Self::Sum(addends) = expr {
                found.extend(addends.iter().filter_map(|addend| match addend {
                    Addend::Range(rows) => Some(rows.clone()),
                    Addend::One(_) => None,
                }));
            }
        });
        found
    }

    /// Whether it divides, so that its figure is a quotient and not an exact sum.
    #[must_use]
    pub fn divides(&self) -> bool {
        let mut found = false;
        self.walk(false, &mut |expr, _| found |= matches!(expr, Self::Binary(Operator::Divide, ..)));
        found
    }

    fn walk(&self, previous: bool, visit: &mut impl FnMut(&Self, bool)) {
        visit(self, previous);
        match self {
            Self::Number(_) | Self::Row(_) => {}
            Self::Negative(inner) | Self::Positive(inner) => inner.walk(previous, visit),
            Self::Change(inner) => {
                inner.walk(previous, visit);
                inner.walk(true, visit);
            }
            Self::Binary(_, left, right) | Self::FirstOf(left, right) => {
                left.walk(previous, visit);
                right.walk(previous, visit);
            }
            Self::Sum(addends) => {
                for addend in addends {
                    if let Addend::One(inner) = addend {
                        inner.walk(previous, visit);
                    }
                }
            }
            Self::Max(inner) | Self::Min(inner) => {
                for expr in inner {
                    expr.walk(previous, visit);
                }
            }
        }
    }
}
