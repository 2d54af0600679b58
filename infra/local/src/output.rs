//! Prints results and progress. A closed pipe (`docket orders | head -1`) must not cause a panic in the middle of an order.

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{ErrorKind, Write as _};

use serde_json::Value;

use crate::command::Problem;

/// What a command printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Its results: standard output.
    pub out: String,
    /// Messages and progress: standard error.
    pub err: String,
}

tokio::task_local! {
    static PRINTED: RefCell<Printed>;
}

/// Runs `work`, and returns what it prints instead of printing it.
pub(crate) async fn collected<T>(work: impl Future<Output = T>) -> (T, Printed) {
    PRINTED
        .scope(RefCell::default(), async {
            let result = work.await;
            (result, PRINTED.with(RefCell::take))
        })
        .await
}

/// Adds to what is collected, if anything is.
fn collect(add: impl FnOnce(&mut Printed)) -> bool {
    PRINTED.try_with(|printed| add(&mut printed.borrow_mut())).is_ok()
}

/// Prints a result on standard output.
///
/// # Errors
/// [`Problem`] when it cannot be written. A closed pipe is not an error.
pub(crate) fn answer(text: &str) -> Result<(), Problem> {
    if collect(|printed| printed.out.push_str(text)) {
        return Ok(());
    }
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
    if collect(|printed| printed.err.push_str(&text.to_string())) {
        return;
    }
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Prints why a command line is refused, or the help that it asks for, as clap does.
pub(crate) fn refuse(error: &clap::Error) {
    if !collect(|printed| printed.err.push_str(&error.render().to_string())) {
        // There is nowhere to say that it could not be printed.
        let _ = error.print();
    }
}

/// A number with its noun in the singular or plural.
pub(crate) fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
