//! Makes the finished documents from statements, without the pipeline.
//!
//! `cargo run -p cma --example order -- OUT FILE…` writes `CMA.xlsx` and `figures.json` to the folder `OUT`.

use cma::case::Case;
use cma::policy::Policy;
use documents::{Limits, read};
use domain::id::OrderId;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = PathBuf::from(arguments.next().ok_or("usage: order OUT FILE…")?);
    let mut extractions = Vec::new();
    for (number, path) in (1..).zip(arguments) {
        extractions.push(read(&path, number, &std::fs::read(&path)?, &Limits::default())?);
    }
    let case = Case::classify(extractions, &Policy::docket_1());
    let validated = case.validate()?;
    std::fs::create_dir_all(&out)?;
    for document in case.documents(&validated, OrderId::from_parts(0, 0), jiff::Timestamp::UNIX_EPOCH)? {
        std::fs::write(out.join(document.name), document.bytes)?;
    }
    Ok(())
}
