//! What the command says. A reader who stops reading (`docket orders | head -1`) is no reason to panic in the middle of an
//! order.

use std::fmt::Display;
use std::io::{ErrorKind, Write as _};

use serde_json::Value;

use crate::command::Problem;

/// Writes an answer to standard output.
///
/// # Errors
/// [`Problem`] when it cannot be written, unless nobody reads it any more.
pub(crate) fn answer(text: &str) -> Result<(), Problem> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Problem::Failed(format!("the answer cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes an answer as one JSON value.
///
/// # Errors
/// As [`answer`].
pub(crate) fn json(value: &Value) -> Result<(), Problem> {
    answer(&format!("{value:#}\n"))
}

/// Tells something on standard error. What nobody can read is not told.
pub(crate) fn note(text: impl Display) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// A number of things, with their word in the singular or the plural.
pub(crate) fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
