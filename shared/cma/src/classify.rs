//! Classification: assigns every line of an order's statements to a row of the forms.
//!
//! A line that two documents print (as this year's comparative and as last year's own figure) is classified in both; the
//! figures stage counts it once per year.

mod balance;
mod breakup;
mod captions;
mod chain;
mod draft;
mod engine;
mod file;
mod finer;
mod fixed_assets;
mod mixture;
mod note;
mod place;
mod profit_account;
#[cfg(test)]
mod property;
mod sign;
#[cfg(test)]
pub(crate) mod tests;
mod within;

use domain::statement::{Extraction, StatementKind};

pub use captions::Caption;
pub use engine::{Classifier, Evidence, RowChoice};
pub use file::{CsvError, classify_csv};
pub use sign::signed_amount;

use crate::classification::{CLASSIFICATION_SCHEMA, Classification};
use crate::policy::Policy;
use draft::Draft;
use within::Sums;

/// How the reasons begin for which a line is left out because its amount is counted elsewhere.
pub(crate) const LEFT_OUT_AS_SUM: [&str; 6] =
    ["broken up in", "a sum", "a sub-total", "a total", "repeats part", "part of the schedule"];

/// Chooses the row of every line of every statement, in document order.
///
/// Sub-totals, totals, memo and cash-flow lines go to `X.ignore` with the reason. Of a line on the face of a statement and
/// the note that breaks it up, one goes there too, so that each amount counts once.
#[must_use]
pub fn classify(extractions: &[Extraction], policy: &Policy) -> Classification {
    let classifier = Classifier::shared();
    let has_faces =
        extractions.iter().flat_map(|extraction| &extraction.statements).any(|statement| is_face(statement.kind));
    let mut drafts: Vec<Draft> = Vec::new();
    for (document, extraction) in extractions.iter().enumerate() {
        for statement in &extraction.statements {
            let sums = Sums::of(statement, classifier);
            for line in &statement.lines {
                drafts.push(Draft::new(document, statement, line, has_faces, &sums, (classifier, policy)));
            }
        }
    }
    place::resolve(&mut drafts);
    profit_account::resolve(&mut drafts);
    fixed_assets::resolve(&mut drafts);
    breakup::resolve(&mut drafts, &content_order(extractions), classifier, policy);
    finer::resolve(&mut drafts, policy);
    sign::resolve(&mut drafts);
    chain::resolve(&mut drafts);
    balance::resolve(&mut drafts);
    Classification {
        schema: CLASSIFICATION_SCHEMA,
        policy: policy.name.clone(),
        lines: drafts.into_iter().map(Draft::into_line).collect(),
    }
}

/// The place of each document in an order that depends on the documents' content alone.
fn content_order(extractions: &[Extraction]) -> Vec<usize> {
    let mut sorted: Vec<&str> = extractions.iter().map(|extraction| extraction.file.sha256.as_str()).collect();
    sorted.sort_unstable();
    let place = |extraction: &Extraction| sorted.iter().position(|sha256| *sha256 == extraction.file.sha256);
    extractions.iter().map(|extraction| place(extraction).unwrap_or_default()).collect()
}

/// Chooses the row of one label under its headings, which are given outermost first; an empty list if they are not known.
#[must_use]
pub fn classify_label(label: &str, section: &[&str], policy: &Policy) -> RowChoice {
    Classifier::shared().choose(label, section, policy)
}

/// Whether a statement is the balance sheet or the profit and loss statement itself, rather than a note.
fn is_face(kind: StatementKind) -> bool {
    matches!(kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss)
}
