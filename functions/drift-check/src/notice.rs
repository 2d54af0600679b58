//! What is published of changed verdicts, as e-mail and chat channels both show it well.

use std::fmt::Write as _;

use manifest::Verdict;
use manifest::ledger::Change;

/// The subject: how many changed, and which when it is one.
pub(crate) fn subject(changes: &[Change]) -> String {
    match changes {
        [one] => format!("Docket: {} is {}", one.function, one.to.as_ref().map_or("gone", short)),
        several => format!("Docket: {} deployed functions changed their verdict", several.len()),
    }
}

/// One line per change, the function first, and what to do.
pub(crate) fn text(changes: &[Change], stage: &str) -> String {
    let mut text = String::new();
    for change in changes {
        let now = change.to.as_ref().map_or_else(|| "not there any more".to_owned(), ToString::to_string);
        let before = change.from.as_ref().map_or("unknown", short);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: {now} (was {before})", change.function);
        let _ = writeln!(text, "  since {}", change.since);
    }
    let _ = write!(text, "\nStage: {stage}\nLook: docket drift --bucket <bucket of the manifests> --verbose");
    text
}

/// A verdict in a few words.
fn short(verdict: &Verdict) -> &'static str {
    match verdict.name() {
        "in_step" => "in step",
        other => other,
    }
}
