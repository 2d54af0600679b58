//! Writes the CMA workbook of a worked example: `cargo run -p cma --example workbook -- EXAMPLE.csv OUT.xlsx`.
//!
//! The CSV has the columns `form,row_code,label,kind,formula` and one per year; its input rows become statements that
//! are classified by hand. `tests/evaluate/evaluate.py` calculates the workbook again and compares.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/golden/borrower.rs"]
mod borrower;

use std::error::Error;

use cma::{check, figure, workbook};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("name the CSV of a worked example and the workbook to write".into());
    };
    let order = borrower::parse(&std::fs::read_to_string(from)?).order();
    let figures = figure::assemble(&order.extractions, &order.classification)?;
    let checks = check::run(&order.extractions, &order.classification, &figures);
    let input = workbook::WorkbookInput {
        figures: &figures,
        checks: &checks,
        unused: &[],
        answers: &[],
        classification: &order.classification,
        extractions: &order.extractions,
        borrower: "Worked example",
        order_id: "EXAMPLE",
        generated_at: "2026-01-01T00:00:00Z".parse()?,
        overlay: None,
    };
    std::fs::write(to, workbook::write(&input)?)?;
    Ok(())
}
