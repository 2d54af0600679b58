//! Writes the sample borrower's statements: `cargo run -p cma --example make_samples [-- FOLDER]`. The default folder is
//! `samples/shree-ganpati`.
//!
//! `--figures EXAMPLE.csv` writes the statements of another borrower, from input rows in a CSV file.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/golden/borrower.rs"]
mod borrower;
mod statements;

use std::error::Error;
use std::path::PathBuf;

const FIGURES: &str = include_str!("statements/shree-ganpati.csv");
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/shree-ganpati");

fn main() -> Result<(), Box<dyn Error>> {
    let mut figures = FIGURES.to_owned();
    let mut folder = PathBuf::from(FOLDER);
    let mut wording = statements::Wording {
        company: "Shree Ganpati Engineering Private Limited",
        charge: "Donations and CSR expenditure",
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--figures" {
            figures = std::fs::read_to_string(arguments.next().ok_or("--figures needs a CSV file")?)?;
            wording = statements::Wording { company: "The Borrower", charge: "Preliminary expenses written off" };
        } else {
            folder = PathBuf::from(argument);
        }
    }
    std::fs::create_dir_all(&folder)?;
    for (name, bytes) in statements::write(&borrower::parse(&figures), &wording)? {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
