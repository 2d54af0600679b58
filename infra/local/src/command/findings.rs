//! What an order's report says about its documents, as text: its checks, what was seen and not used, and a reviewer's answers.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use domain::statement::UnusedReason;
use serde_json::Value;

use super::outcome::{Lines, list, word};
use crate::output;

/// How many checks of each outcome the text lists; JSON has all.
const LISTED_CHECK_COUNT_MAX: usize = 30;
/// How many places of each reason the text lists.
const LISTED_PLACE_COUNT_MAX: usize = 3;

/// How much of it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// The numbers, and the checks to look at: the end of a run.
    Brief,
    /// Places and answers too: `docket show`.
    Full,
}

/// Adds all of it.
pub(super) fn add(lines: &mut Lines, report: &Value, extent: Extent) {
    add_checks(lines, report);
    add_unused(lines, report, extent);
    add_answers(lines, report, extent);
}

/// The numbers of checks by outcome, then those that fail and those that could not be made, the most serious first.
fn add_checks(lines: &mut Lines, report: &Value) {
    let with = |outcome: &str| {
        let mut checks: Vec<&Value> = list(report, "checks").filter(|check| self::outcome(check) == outcome).collect();
        checks.sort_by_key(|check| severity_order(word(&check["severity"])));
        checks
    };
    let (failing, not_made, holding) = (with("fails"), with("not_made"), with("holds").len());
    if failing.is_empty() && not_made.is_empty() && holding == 0 {
        return;
    }
    let (fail, open) = (failing.len(), not_made.len());
    lines.add(format_args!("  checks: {fail} fail, {open} could not be made, {holding} hold"));
    for checks in [failing, not_made] {
        for check in checks.iter().take(LISTED_CHECK_COUNT_MAX) {
            let year = check["year"].as_str().unwrap_or("all years");
            let (severity, rule, detail) = (word(&check["severity"]), word(&check["rule"]), word(&check["detail"]));
            lines.add(format_args!("    {severity} {rule} {year}: {detail}"));
        }
        if checks.len() > LISTED_CHECK_COUNT_MAX {
            let more = checks.len() - LISTED_CHECK_COUNT_MAX;
            lines.add(format_args!("    and {more} more, on the sheet Checks of the workbook"));
        }
    }
}

/// The outcome of a check. Checks that were stored before there were outcomes only say whether they passed.
fn outcome(check: &Value) -> &str {
    check["outcome"].as_str().unwrap_or(if check["passed"] == true { "holds" } else { "fails" })
}

fn severity_order(letter: &str) -> u8 {
    match letter {
        "E" => 0,
        "W" => 1,
        _ => 2,
    }
}

/// What was seen and not used, by reason: first what may change a figure.
fn add_unused(lines: &mut Lines, report: &Value, extent: Extent) {
    let mut by_reason: BTreeMap<(bool, Option<UnusedReason>), Vec<&Value>> = BTreeMap::new();
    for entry in list(report, "unused") {
        let reason = serde_json::from_value::<UnusedReason>(entry["reason"].clone()).ok();
        let is_harmless = !reason.is_some_and(UnusedReason::may_change_a_figure);
        by_reason.entry((is_harmless, reason)).or_default().push(entry);
    }
    let total: usize = by_reason.values().map(Vec::len).sum();
    if total == 0 {
        return;
    }
    let what = output::count(total, "thing");
    let name = |reason: &Option<UnusedReason>| reason.map_or("other", UnusedReason::words);
    if extent == Extent::Brief {
        let counts = by_reason.iter().map(|((_, reason), entries)| format!("{} {}", entries.len(), name(reason)));
        let counts: Vec<String> = counts.collect();
        lines.add(format_args!("  seen and not used: {what}, on the sheet Checks of the workbook"));
        lines.add(format_args!("    {}", counts.join(", ")));
        return;
    }
    lines.add(format_args!("  seen and not used: {what}; the sheet Checks of the workbook lists each with its cell"));
    let documents: BTreeSet<u64> = list(report, "unused").filter_map(|entry| entry["document"].as_u64()).collect();
    for ((_, reason), entries) in &by_reason {
        let places = entries.iter().map(|entry| place(entry, documents.len() > 1)).take(LISTED_PLACE_COUNT_MAX);
        let mut places = places.collect::<Vec<_>>().join(", ");
        if entries.len() > LISTED_PLACE_COUNT_MAX {
            places = format!("{places} and {} more", entries.len() - LISTED_PLACE_COUNT_MAX);
        }
        lines.add(format_args!("    {:>4} {:<21}  {places}", entries.len(), name(reason)));
    }
}

/// Sheet, cell and, if there are several documents, file.
fn place(entry: &Value, with_file: bool) -> String {
    let (sheet, cell, file) = (word(&entry["sheet"]), word(&entry["cell"]), word(&entry["file"]));
    match (sheet, cell) {
        ("", "") => file.to_owned(),
        ("", cell) => format!("{cell} of {file}"),
        (sheet, "") if with_file => format!("{sheet} of {file}"),
        (sheet, "") => sheet.to_owned(),
        (sheet, cell) if with_file => format!("{sheet}!{cell} of {file}"),
        (sheet, cell) => format!("{sheet}!{cell}"),
    }
}

/// What a reviewer answered in place of the documents.
fn add_answers(lines: &mut Lines, report: &Value, extent: Extent) {
    let total = list(report, "answers").count();
    if total == 0 {
        return;
    }
    lines.add(format_args!("  {} by a reviewer, not read from the documents", output::count(total, "answer")));
    for answer in list(report, "answers").filter(|_| extent == Extent::Full) {
        let by = answer["by"].as_str().unwrap_or("the reviewer");
        lines.add(format_args!("    {}", word(&answer["text"])));
        lines.add(format_args!("      {}: {} ({})", by, word(&answer["answer"]), word(&answer["reason"])));
    }
}
