//! Lists the lines that would explain a difference in any year, as a reviewer is asked about them.

use std::collections::BTreeMap;

use domain::statement::Extraction;
use rust_decimal::Decimal;

use super::{Fault, Finder, Suspect, difference};
use crate::check;
use crate::classification::Classification;
use crate::equation::Equation;
use crate::figure::{self, Figures};

/// A line that would explain a difference in any year, as a reviewer is asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspected {
    /// Id of the line.
    pub line: String,
    /// What differs by how much, and how the line would explain it.
    pub detail: String,
}

/// The lines that would explain a difference in any year, the most likely first. Review puts them first.
#[must_use]
pub fn lines(extractions: &[Extraction], classification: &Classification) -> Vec<Suspected> {
    let figures = figure::assemble(extractions, classification);
    figures.map(|figures| lines_of(extractions, classification, &figures)).unwrap_or_default()
}

/// The same, of figures that are assembled already.
pub(crate) fn lines_of(
    extractions: &[Extraction],
    classification: &Classification,
    figures: &Figures,
) -> Vec<Suspected> {
    let finder = Finder::new(extractions, classification, figures);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut found: Vec<Suspected> = Vec::new();
    let positions = (0..figures.years.len()).map(|year| (Equation::Position, year, difference(figures, year)));
    let positions = positions.filter(|(_, _, difference)| !difference.is_zero());
    let profits = check::profit_differences(extractions, classification, figures).into_iter();
    let profits = profits.map(|(year, difference)| (Equation::Profit, year, difference));
    for (equation, year, difference) in positions.chain(profits) {
        for set in finder.find(equation, year, difference) {
            for suspect in &set {
                let count = counts.entry(suspect.line.clone()).or_default();
                *count += 1;
                if *count == 1 {
                    let detail = detail(suspect, &set, (equation, year, difference), figures);
                    found.push(Suspected { line: suspect.line.clone(), detail });
                }
            }
        }
    }
    found.sort_by_key(|suspected| std::cmp::Reverse(counts.get(&suspected.line).copied()));
    found
}

/// What differs by how much, and how a line of a set would explain it.
fn detail(
    suspect: &Suspect,
    set: &[Suspect],
    (equation, year, difference): (Equation, usize, Decimal),
    figures: &Figures,
) -> String {
    let year = figures.years.get(year).map_or("", String::as_str);
    let amount = check::shown(difference.abs());
    let what = match equation {
        Equation::Position => format!("the balance sheet of {year} does not balance by {amount}"),
        Equation::Profit => format!("the profit for {year} differs from the printed one by {amount}"),
    };
    let others: Vec<String> = set.iter().filter(|other| other.line != suspect.line).map(Suspect::text).collect();
    if !others.is_empty() {
        let fault = suspect.fault.words();
        return format!("{what}; {} {fault}, together with {}, would explain it", suspect.place, others.join(" and "));
    }
    let how = match suspect.fault {
        Fault::LeftOut => "equals it and is left out",
        Fault::WrongSide => "is half of it, as if it were on the wrong side or had the wrong sign",
        Fault::CountedTwice => "equals it, as if it were counted once too often",
        Fault::DecimalPoint => "would explain it with its decimal point in another place",
    };
    format!("{what}; the amount in {} {how}", suspect.place)
}
