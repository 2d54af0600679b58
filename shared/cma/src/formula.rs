//! The formula language of the row table. Each formula is parsed once, evaluated in decimals for the figures and rendered for
//! Excel in the workbook, so the two cannot disagree.
//!
//! ```text
//! expression := term (('+' | '-') term)*          term := factor (('*' | '/') factor)*
//! factor     := number | '-' factor | '(' expression ')' | row | row '[t-1]' | function
//! function   := sum(row..row, …) | max(a, b, …) | min(a, b, …) | d(a) | positive(a) | first_of(a, b)
//! ```
//!
//! A figure is blank if something it needs is blank, or if it would divide by zero. `d(a)` is the change of `a` from the
//! previous year, `positive(a)` is `a` if above zero and blank otherwise, `first_of(a, b)` is `a`, or `b` if `a` is blank.

mod evaluate;
mod excel;
mod parse;

use rust_decimal::Decimal;

use crate::row::RowCode;

pub use evaluate::evaluate;
pub use excel::{CellAddresses, render};
pub(crate) use parse::parse_with;
pub use parse::{FormulaError, parse};

/// A parsed formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A constant.
    Number(Decimal),
    /// A row's figure, in the same year or the one before.
    Row(Reference),
    /// The negated inner expression.
    Negative(Box<Expr>),
    /// Two operands and the operator between them.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// Sum of rows and ranges.
    Sum(Vec<Addend>),
    /// The largest.
    Max(Vec<Expr>),
    /// The smallest.
    Min(Vec<Expr>),
    /// The change from the previous year.
    Change(Box<Expr>),
    /// The inner expression if above zero, blank otherwise.
    Positive(Box<Expr>),
    /// The first, or the second if the first is blank.
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

/// A term of a sum.
#[derive(Clone, Debug, PartialEq)]
pub enum Addend {
    /// One expression.
    Single(Expr),
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
                Addend::Single(_) => Vec::new(),
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
                    Addend::Single(_) => None,
                }));
            }
        });
        found
    }

    /// Whether it divides, so that its figure is a quotient rather than an exact sum.
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
                    if let Addend::Single(inner) = addend {
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
