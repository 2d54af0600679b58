//! Reads a reviewer's answers to questions, and applies them to what was extracted.

#[cfg(test)]
mod tests;

use domain::statement::{Column, ColumnKind, Extraction, Question, Unit};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::question::{About, OpenQuestion};

/// An answer, as the case keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Id of the question.
    pub question: String,
    /// The question.
    pub text: String,
    /// The answer as the reviewer gave it.
    pub answer: String,
    /// Why.
    pub reason: String,
    /// Who answered, if the decision says so.
    #[serde(default)]
    pub by: Option<String>,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The amounts are in this unit.
    Unit(Unit),
    /// The amounts are in rupees.
    Rupees,
    /// The period ends on this day.
    PeriodEnd(Date),
    /// The column covers so many months.
    Months(u8),
    /// The figures are of this kind.
    Kind(ColumnKind),
    /// The order continues as it is.
    Accepted,
}

/// The longest period that a column may cover, in months.
const MONTHS_MAX: u8 = 24;

/// The answers that a question accepts, in words.
#[must_use]
pub fn accepted(about: About) -> &'static str {
    match about {
        About::Unit => "rupee, hundred, thousand, lakh, million or crore",
        About::Currency => "rupee, if the amounts are in rupees; otherwise upload the statements in rupees",
        About::Period => "a date, e.g. 31.03.2025",
        About::Months => "a number of months from 1 to 24",
        About::Kind => "audited, provisional, estimated or projected",
        About::BalanceSheet | About::ProfitAndLoss => "none, if there is none; otherwise upload it",
        About::Borrower => "same, if all names are one borrower's; otherwise order again without the other's documents",
    }
}

/// Reads an answer; `None` if the question does not accept it.
pub(crate) fn read(about: About, answer: &str) -> Option<Meaning> {
    let word = answer.trim().to_lowercase();
    let word = word.as_str();
    match about {
        About::Unit => unit(word).map(Meaning::Unit),
        About::Currency => matches!(word, "rupee" | "rupees" | "inr").then_some(Meaning::Rupees),
        About::Period => date(word).map(Meaning::PeriodEnd),
        About::Months => word.parse().ok().filter(|months| (1..=MONTHS_MAX).contains(months)).map(Meaning::Months),
        About::Kind => kind(word).map(Meaning::Kind),
        About::BalanceSheet | About::ProfitAndLoss => (word == "none").then_some(Meaning::Accepted),
        About::Borrower => (word == "same").then_some(Meaning::Accepted),
    }
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "rupee" => Unit::Rupee,
        "hundred" => Unit::Hundred,
        "thousand" => Unit::Thousand,
        "lakh" => Unit::Lakh,
        "million" => Unit::Million,
        "crore" => Unit::Crore,
        _ => return None,
    })
}

fn kind(word: &str) -> Option<ColumnKind> {
    Some(match word {
        "audited" => ColumnKind::Audited,
        "provisional" => ColumnKind::Provisional,
        "estimated" => ColumnKind::Estimated,
        "projected" => ColumnKind::Projected,
        _ => return None,
    })
}

/// A day, written `31.03.2025`, `31/03/2025`, `31-03-2025` or `2025-03-31`.
fn date(word: &str) -> Option<Date> {
    if let Ok(date) = word.parse() {
        return Some(date);
    }
    let parts: Vec<&str> = word.split(['.', '/', '-']).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    let full_year = year.chars().count() == 4;
    full_year.then(|| Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok())?
}

/// Applies an answer to the statement that the question is about. The question is then no longer open.
pub(crate) fn apply(extractions: &mut [Extraction], question: &OpenQuestion, meaning: Meaning) {
    let extraction = extractions.iter_mut().find(|extraction| Some(extraction.document) == question.document);
    let statement = extraction.zip(question.statement).and_then(|(of, index)| of.statements.get_mut(index));
    let Some(statement) = statement else { return };
    statement.questions.retain(|asked| !is_answered(asked, question));
    if let Meaning::Unit(unit) = meaning {
        statement.unit = unit;
    }
    let every = question.column.is_none();
    for (index, column) in statement.columns.iter_mut().enumerate() {
        if every || question.column == Some(index) {
            apply_to_column(column, meaning);
        }
    }
}

fn is_answered(asked: &Question, question: &OpenQuestion) -> bool {
    About::from(asked.subject) == question.about && asked.column == question.column
}

fn apply_to_column(column: &mut Column, meaning: Meaning) {
    match meaning {
        Meaning::PeriodEnd(end) => column.period_end = Some(end),
        Meaning::Months(months) => column.months = months,
        Meaning::Kind(kind) => column.kind = kind,
        Meaning::Unit(_) | Meaning::Rupees | Meaning::Accepted => {}
    }
}
