//! Names the lines that would explain why a balance sheet does not balance, or why a profit and loss statement does not lead
//! to the profit that it prints: a line that is left out, counted once too often, or on the wrong side.

mod list;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::statement::{Extraction, StatementKind};
use rust_decimal::Decimal;

use crate::classification::{Classification, ClassifiedLine};
use crate::equation::Equation;
use crate::figure::{Figures, SourceLine, dotted};
use crate::row::RowCode;

pub(crate) use list::lines_of;
pub use list::{Suspected, lines};

/// The most explanations that are named for one year.
const NAMED_MAX: usize = 3;
/// The most lines of which pairs are tried.
const PAIRED_MAX: usize = 40;
/// Confidence below which a line takes part in a pair.
const UNSURE: f64 = 0.85;

/// What would make a line explain a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is in no row and should be.
    LeftOut,
    /// It is on the wrong side or has the wrong sign: its amount is half of the difference.
    WrongSide,
    /// It should not be counted, or is counted twice.
    CountedTwice,
    /// Its decimal point is in the wrong place, as scans misread it.
    DecimalPoint,
}

/// A line that would explain a difference in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Id of the line.
    pub line: String,
    /// What would be wrong with it.
    pub fault: Fault,
    /// Sheet and cell of the amount.
    pub place: String,
    /// Label as printed.
    pub label: String,
}

impl Fault {
    fn words(self) -> &'static str {
        match self {
            Self::LeftOut => "left out",
            Self::WrongSide => "on the wrong side or with the wrong sign",
            Self::CountedTwice => "counted once too often",
            Self::DecimalPoint => "with its decimal point in the wrong place",
        }
    }
}

impl Suspect {
    fn text(&self) -> String {
        format!("{} “{}” {}", self.place, self.label, self.fault.words())
    }
}

/// What explains the difference of a year's balance sheet, in words; empty if nothing does.
pub(crate) fn explain_position(
    extractions: &[Extraction],
    classification: &Classification,
    figures: &Figures,
    year: usize,
) -> String {
    let finder = Finder::new(extractions, classification, figures);
    let difference = difference(figures, year);
    text(&finder.position(year), difference, figures, year)
}

/// What explains the difference between a printed profit and the one calculated, in words.
pub(crate) fn explain_profit(
    extractions: &[Extraction],
    classification: &Classification,
    figures: &Figures,
    (year, difference): (usize, Decimal),
) -> String {
    let finder = Finder::new(extractions, classification, figures);
    text(&finder.find(Equation::Profit, year, difference), difference, figures, year)
}

fn text(found: &[Vec<Suspect>], difference: Decimal, figures: &Figures, year: usize) -> String {
    let each: Vec<String> = found
        .iter()
        .map(|set| set.iter().map(Suspect::text).collect::<Vec<_>>().join(" together with "))
        .take(NAMED_MAX)
        .collect();
    if !each.is_empty() {
        return format!("; would be explained by {}", each.join(", or "));
    }
    let decimals = figures.sources.iter().filter(|source| source.year == year).map(|source| source.amount.scale());
    let last_digits = difference.checked_mul(Decimal::from(10u64.saturating_pow(decimals.max().unwrap_or(0).min(6))));
    if last_digits.is_some_and(is_transposed) {
        "; the difference is that of an amount with two digits swapped".to_owned()
    } else {
        String::new()
    }
}

/// Whether a difference in units of the last digit is one that two swapped neighbours make: nine times the difference of two
/// digits, with any number of noughts behind.
fn is_transposed(difference: Decimal) -> bool {
    let mut rest = difference.abs().normalize();
    while rest >= Decimal::TEN && (rest % Decimal::TEN).is_zero() {
        rest = rest.checked_div(Decimal::TEN).unwrap_or_default();
    }
    let nine = Decimal::from(9);
    !rest.is_zero() && (rest % nine).is_zero() && rest <= Decimal::from(81)
}

/// Liabilities less assets, if they differ by more than rounding.
fn difference(figures: &Figures, year: usize) -> Decimal {
    let difference = figures.at(row!("C.bs"), year).unwrap_or_default();
    let rounding = figures.rounding(|row| row.as_str().starts_with("III."), year);
    if difference.abs() <= rounding { Decimal::ZERO } else { difference }
}

/// A line that may explain a difference: what it adds to the equation now, and how sure its row is.
struct Counted<'a> {
    source: &'a SourceLine,
    adds: Decimal,
    confidence: f64,
}

/// The lines of an order, as they are tried.
struct Finder<'a> {
    extractions: &'a [Extraction],
    figures: &'a Figures,
    classified: HashMap<&'a str, &'a ClassifiedLine>,
}

impl<'a> Finder<'a> {
    fn new(extractions: &'a [Extraction], classification: &'a Classification, figures: &'a Figures) -> Self {
        let classified = classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
        Self { extractions, figures, classified }
    }

    /// The sets of lines that would explain the difference of a year's balance sheet, smallest first.
    fn position(&self, year: usize) -> Vec<Vec<Suspect>> {
        match difference(self.figures, year) {
            difference if difference.is_zero() => Vec::new(),
            difference => self.find(Equation::Position, year, difference),
        }
    }

    /// The sets of lines without which, or with which, the sum of the equation would be lower by `difference`.
    fn find(&self, equation: Equation, year: usize, difference: Decimal) -> Vec<Vec<Suspect>> {
        let counted = self.counted(equation, year);
        let mut found = self.left_out(equation, year, difference);
        for line in &counted {
            if let Some(fault) = fault(line.adds, difference, line.source.rounding) {
                found.push(vec![suspect(line.source, fault)]);
            }
        }
        if found.is_empty() {
            found = pairs(&counted, difference);
        }
        found.sort_by_key(|set| set.iter().map(|suspect| suspect.fault).collect::<Vec<_>>());
        found.truncate(NAMED_MAX * 2);
        found
    }

    fn counted(&self, equation: Equation, year: usize) -> Vec<Counted<'a>> {
        let sources = self.figures.sources.iter().filter(|source| source.year == year && !source.amount.is_zero());
        sources
            .filter_map(|source| {
                let adds = equation.of_amount(source.row, source.amount)?;
                let classified = self.classified.get(source.line.as_str());
                Some(Counted { source, adds, confidence: classified.map_or(0.0, |line| line.confidence) })
            })
            .collect()
    }

    /// Lines of the statements used that are in no row and have the amount of the difference.
    fn left_out(&self, equation: Equation, year: usize, difference: Decimal) -> Vec<Vec<Suspect>> {
        let kind = match equation {
            Equation::Position => StatementKind::BalanceSheet,
            Equation::Profit => StatementKind::ProfitAndLoss,
        };
        let used: HashSet<&str> = self
            .figures
            .sources
            .iter()
            .filter(|source| source.year == year)
            .map(|source| source.line.as_str())
            .collect();
        let broken_up: BTreeSet<&str> =
            self.classified.values().flat_map(|line| &line.breaks_up).map(String::as_str).collect();
        let statements = self.extractions.iter().flat_map(|extraction| &extraction.statements);
        let statements = statements.filter(|statement| {
            statement.kind == kind && statement.lines.iter().any(|line| used.contains(line.id.as_str()))
        });
        let mut found = Vec::new();
        for statement in statements {
            let unit = statement.unit.rupees().unwrap_or(Decimal::ONE);
            let factor =
                self.figures.unit.rupees().map_or(Decimal::ONE, |to| unit.checked_div(to).unwrap_or(Decimal::ONE));
            let end = self.figures.years.get(year);
            let columns = statement.columns.iter().enumerate();
            for (index, _) in columns.filter(|(_, column)| column.period_end.map(dotted).as_ref() == end) {
                for line in &statement.lines {
                    let is_ignored =
                        self.classified.get(line.id.as_str()).is_some_and(|line| line.row_code == RowCode::IGNORE);
                    let Some(figure) = line.figures.get(index).and_then(Option::as_ref) else { continue };
                    let same = figure.amount.checked_mul(factor).is_some_and(|amount| amount.abs() == difference.abs());
                    if is_ignored && same && !used.contains(line.id.as_str()) && !broken_up.contains(line.id.as_str()) {
                        found.push(vec![Suspect {
                            line: line.id.clone(),
                            fault: Fault::LeftOut,
                            place: format!("{}!{}", statement.sheet, figure.cell),
                            label: line.label.clone(),
                        }]);
                    }
                }
            }
        }
        found
    }
}

/// What would be wrong with a line that adds `adds`, if that alone explains the difference.
fn fault(adds: Decimal, difference: Decimal, rounding: Decimal) -> Option<Fault> {
    let limit = rounding.saturating_add(rounding);
    let rest = |times: i64| difference.saturating_sub(adds.saturating_mul(Decimal::from(times))).abs();
    if rest(2) <= limit {
        Some(Fault::WrongSide)
    } else if rest(1) <= limit {
        Some(Fault::CountedTwice)
    } else if is_shifted(adds, difference, limit) {
        Some(Fault::DecimalPoint)
    } else {
        None
    }
}

/// Whether the difference is what a line adds too much, or too little, if its decimal point is one to five places off.
fn is_shifted(adds: Decimal, difference: Decimal, limit: Decimal) -> bool {
    (1..=5u32).any(|places| {
        let factor = Decimal::from(10u64.pow(places));
        let less = adds.saturating_sub(adds.checked_div(factor).unwrap_or_default());
        let more = adds.saturating_sub(adds.saturating_mul(factor));
        // The true amount is printed with as many digits as this one, so its rounding is shifted as well.
        let near = |change: Decimal, rounding: Decimal| difference.saturating_sub(change).abs() <= rounding;
        near(less, limit) || near(more, limit.saturating_mul(factor))
    })
}

/// Pairs of unsure lines that explain the difference together.
fn pairs(counted: &[Counted<'_>], difference: Decimal) -> Vec<Vec<Suspect>> {
    let unsure: Vec<&Counted<'_>> = counted.iter().filter(|line| line.confidence < UNSURE).take(PAIRED_MAX).collect();
    let mut found = Vec::new();
    for (index, one) in unsure.iter().enumerate() {
        for (times, first) in [(2, Fault::WrongSide), (1, Fault::CountedTwice)] {
            let rest = difference.saturating_sub(one.adds.saturating_mul(Decimal::from(times)));
            for other in unsure.iter().skip(index + 1) {
                let rounding = one.source.rounding.saturating_add(other.source.rounding);
                let second = fault(other.adds, rest, rounding).filter(|fault| *fault != Fault::DecimalPoint);
                if let Some(second) = second {
                    found.push(vec![suspect(one.source, first), suspect(other.source, second)]);
                }
            }
        }
    }
    found
}

fn suspect(source: &SourceLine, fault: Fault) -> Suspect {
    Suspect {
        line: source.line.clone(),
        fault,
        place: format!("{}!{}", source.sheet, source.cell),
        label: source.label.clone(),
    }
}
