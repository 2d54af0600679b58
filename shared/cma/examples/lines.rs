//! Prints every line read from statements, and the row it goes to: `cargo run -p cma --example lines -- FILE…`.
//!
//! The last line counts all lines, those that go to a row, and those that a reviewer must decide.

use cma::case::Case;
use cma::policy::Policy;
use cma::row::RowCode;
use documents::{Limits, read};
use std::error::Error;
use std::io::Write;

/// The confidence above which lines are approved without a reviewer; the default of an order.
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
            let Some(classified) = classified.next() else { continue };
            let figures: Vec<&str> =
                line.figures.iter().map(|figure| figure.as_ref().map_or("-", |figure| figure.text.as_str())).collect();
            writeln!(
                out,
                "{:9} {:>2} {:.2} {:8} {} | {} | {} | {}",
                classified.row_code,
                classified.sign,
                classified.confidence,
                format!("{:?}", line.role),
                line.section.join(" > "),
                line.label,
                figures.join(" "),
                classified.reason
            )?;
        }
    }
    writeln!(
        out,
        "lines {} in rows {} for review {}",
        case.classification.lines.len(),
        case.classification.lines.iter().filter(|line| line.row_code != RowCode::IGNORE).count(),
        case.review_items(AUTO_APPROVE_ABOVE).len()
    )?;
    Ok(())
}
