//! Prints results and progress. A closed pipe (`docket orders | head -1`) must not cause a panic in the middle of an order.

use std::fmt::Display;
use std::io::{ErrorKind, Write as _};

use serde_json::Value;

use crate::command::Problem;

/// Prints a result on standard output.
///
/// # Errors
/// [`Problem`] when it cannot be written. A closed pipe is not an error.
pub(crate) fn answer(text: &str) -> Result<(), Problem> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Problem::Failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a result as one JSON value.
///
/// # Errors
/// As [`answer`].
pub(crate) fn json(value: &Value) -> Result<(), Problem> {
    answer(&format!("{value:#}\n"))
}

/// Prints a message or progress on standard error; what cannot be written is dropped.
pub(crate) fn eprint(text: impl Display) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// A number with its noun in the singular or plural.
pub(crate) fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
