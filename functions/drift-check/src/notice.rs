//! Writes the alert about changed verdicts, in a form that suits both e-mail and chat channels.

use std::fmt::Write as _;

use drift::Verdict;
use drift::model::ledger::Change;

/// The subject: the function and its verdict if one changed, otherwise the number of changes.
pub(crate) fn subject(changes: &[Change]) -> String {
    match changes {
        [change] => format!("Docket: {} is {}", change.function, change.to.as_ref().map_or("gone", short)),
        several => format!("Docket: {} deployed functions changed their verdict", several.len()),
    }
}

/// The text: one line per change, beginning with the function, then what to do.
pub(crate) fn text(changes: &[Change], stage: &str) -> String {
    let mut text = String::new();
    for change in changes {
        let now = change.to.as_ref().map_or_else(|| "no longer there".to_owned(), ToString::to_string);
        let before = change.from.as_ref().map_or("unknown", short);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: {now} (was {before})", change.function);
        let _ = writeln!(text, "  since {}", change.since);
    }
    let _ = write!(text, "\nStage: {stage}\nLook: docket drift --bucket <bucket of the manifests> --verbose");
    text
}

/// A verdict in a word or two.
fn short(verdict: &Verdict) -> &'static str {
    verdict.kind().words()
}
