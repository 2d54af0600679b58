//! From the statements as a firm prints them, through reading and classification, to every row.

#[path = "../../examples/statements/mod.rs"]
mod printed;

use cma::check;
use cma::classification::Classification;
use cma::classify::classify;
use cma::figure::{Figures, assemble};
use cma::policy::Policy;
use documents::Limits;
use domain::statement::Extraction;

use crate::borrower::{Example, read};
use crate::rows::differences;

fn end_to_end(example: &Example, charge: &str) -> (Vec<Extraction>, Classification, Figures) {
    let wording = printed::Wording { company: "The Borrower Private Limited", charge };
    let files = printed::write(example, &wording).expect("statements");
    let extractions: Vec<_> = files
        .iter()
        .zip(1..)
        .map(|((name, bytes), number)| documents::read(name, number, bytes, &Limits::default()).expect("reads"))
        .collect();
    let classification = classify(&extractions, &Policy::docket_1());
    let figures = assemble(&extractions, &classification).expect("figures");
    (extractions, classification, figures)
}

#[test]
fn the_printed_statements_of_the_synthetic_borrower_give_every_row() {
    let Some(example) = read("worked_example_synthetic") else { return };
    let (extractions, classification, figures) = end_to_end(&example, "Donations and CSR expenditure");
    let wrong = differences(&example, &figures);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let checks = check::run(&extractions, &classification, &figures);
    let errors: Vec<_> =
        checks.iter().filter(|check| !check.passed && check.severity == check::Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(checks.iter().any(|check| check.rule == "V02"), "printed sub-totals are looked at");
    assert!(checks.iter().any(|check| check.rule == "V08"), "printed profits are looked at");
}

#[test]
fn the_printed_statements_of_the_real_borrower_give_every_row() {
    let Some(example) = read("worked_example") else { return };
    let (extractions, classification, figures) = end_to_end(&example, "Preliminary expenses written off");
    let wrong = differences(&example, &figures);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let checks = check::run(&extractions, &classification, &figures);
    let errors: Vec<_> =
        checks.iter().filter(|check| !check.passed && check.severity == check::Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
