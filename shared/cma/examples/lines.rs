//! Prints every line that is read from statements, and the row it goes to.
//!
//! `cargo run -p cma --example lines -- FILE…`; below each file's lines the number of amounts that stand in a row, and how
//! many lines a reviewer decides.

use cma::case::Case;
use cma::policy::Policy;
use documents::{Limits, read};
use std::error::Error;
use std::io::Write;

/// What is approved without a reviewer, as an order has it by default.
const AUTO_APPROVE_ABOVE: f64 = 0.70;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let mut extractions = Vec::new();
    for (number, path) in (1..).zip(std::env::args().skip(1)) {
        extractions.push(read(&path, number, &std::fs::read(&path)?, &Limits::default())?);
    }
    let case = Case::classify(extractions, &Policy::docket_1());
    let mut classified = case.classification.lines.iter();
    for statement in case.extractions.iter().flat_map(|extraction| &extraction.statements) {
        writeln!(out, "## {:?} {} {:?} {:?}", statement.kind, statement.sheet, statement.unit, statement.title)?;
        for column in &statement.columns {
            writeln!(out, "#  {:?} {} {:?} {:?}", column.period_end, column.months, column.kind, column.basis)?;
        }
        for line in &statement.lines {
            let Some(row) = classified.next() else { continue };
            let figures: Vec<&str> =
                line.figures.iter().map(|figure| figure.as_ref().map_or("-", |figure| figure.text.as_str())).collect();
            writeln!(
                out,
                "{:9} {:>2} {:.2} {:8} {} | {} | {} | {}",
                row.row_code,
                row.sign,
                row.confidence,
                format!("{:?}", line.role),
                line.section.join(" > "),
                line.label,
                figures.join(" "),
                row.reason
            )?;
        }
    }
    writeln!(
        out,
        "lines {} in rows {} for review {}",
        case.classification.lines.len(),
        case.classification.lines.iter().filter(|line| line.row_code != "X.ignore").count(),
        case.review_items(AUTO_APPROVE_ABOVE).len()
    )?;
    Ok(())
}
