//! Reads what a heading says about an audit, an estimate or a projection.

use super::Token;
use domain::statement::ColumnKind;

/// What a heading says about the kind of its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audit {
    Said(ColumnKind),
    /// It speaks of an audit in words that are not understood.
    Doubtful,
    Unsaid,
}

const PROVISIONAL: &[&str] = &[
    "unaudited",
    "nonaudited",
    "provisional",
    "provisionals",
    "prov",
    "provl",
    "provi",
    "prvl",
    "reviewed",
    "draft",
    "unreviewed",
];
const ESTIMATED: &[&str] = &["estimated", "estimate", "estimates", "est", "estd", "estm"];
const PROJECTED: &[&str] = &[
    "projected",
    "projection",
    "projections",
    "proj",
    "projn",
    "forecast",
    "forecasted",
    "budget",
    "budgeted",
    "projtd",
];
const AUDITED: &[&str] = &["audited", "aud", "actual", "actuals"];
/// Words that say an audit is still to come.
const NEGATIONS: &[&str] =
    &["not", "non", "un", "yet", "pending", "subject", "before", "without", "pre", "awaiting", "unsigned", "under"];
/// Words that say an audit covers some of the figures.
const PARTS: &[&str] = &["partly", "partially", "part"];
/// Words that speak of an audit and say nothing about a column: `tax audit report`, `audit fees`.
const REPORTS: &[&str] = &["report", "reports", "tax", "fee", "fees", "committee", "certificate"];
/// Other words of such headings.
const OTHERS: &[&str] = &[
    "certified",
    "management",
    "managements",
    "duly",
    "be",
    "by",
    "review",
    "limited",
    "restated",
    "audit",
    "regrouped",
    "statutory",
];

/// Whether headings use the word when they speak of the kind of figures.
pub(super) fn is_word(word: &str) -> bool {
    [PROVISIONAL, ESTIMATED, PROJECTED, AUDITED, NEGATIONS, PARTS, OTHERS].iter().any(|list| list.contains(&word))
}

/// What the words say.
pub(super) fn of(tokens: &[Token]) -> Audit {
    let words: Vec<&str> =
        tokens.iter().filter_map(|t| if let Token::Word(w) = t { Some(w.as_str()) } else { None }).collect();
    let has = |list: &[&str]| words.iter().any(|w| list.contains(w));
    let negated = has(NEGATIONS);
    let management = words.iter().any(|w| w.starts_with("management"))
        && words.iter().any(|w| w.starts_with("certif") || *w == "accounts");
    let reviewed = words.windows(2).any(|w| w == ["limited", "review"] || w == ["limited", "reviewed"]);
    // An auditor is named in titles of reports, which say nothing about a column.
    let auditor = words.iter().any(|w| w.starts_with("auditor"));
    let audit = words.iter().any(|w| w.starts_with("audit")) && !auditor;
    let audited = has(AUDITED) && (!auditor || has(&["audited"]));
    let mut kinds = Vec::new();
    if has(PROVISIONAL) || management || reviewed || (audit && negated) {
        kinds.push(ColumnKind::Provisional);
    }
    if has(ESTIMATED) || letter(tokens, "e") {
        kinds.push(ColumnKind::Estimated);
    }
    if has(PROJECTED) || letter(tokens, "p") {
        kinds.push(ColumnKind::Projected);
    }
    if (audited && !negated) || letter(tokens, "a") {
        kinds.push(ColumnKind::Audited);
    }
    if kinds.is_empty()
        && let Some(letter) = bracketed_letter(tokens)
    {
        match letter {
            "a" => kinds.push(ColumnKind::Audited),
            "e" => kinds.push(ColumnKind::Estimated),
            // `(P)` is provisional or projected.
            _ => return Audit::Doubtful,
        }
    }
    match kinds.as_slice() {
        [] if audit && !has(REPORTS) => Audit::Doubtful,
        [] => Audit::Unsaid,
        _ if audit && has(PARTS) => Audit::Doubtful,
        [one] => Audit::Said(*one),
        // `Audited / Unaudited`, `Est. / Proj.`
        _ => Audit::Doubtful,
    }
}

/// The letter in brackets at the end of a heading with a year: `2024-25 (A)`.
fn bracketed_letter(tokens: &[Token]) -> Option<&str> {
    let [.., Token::Mark('('), Token::Word(letter), Token::Mark(')')] = tokens else { return None };
    let dated = matches!(tokens, [.., Token::Number(_, 2 | 4), Token::Mark('('), _, _]);
    Some(letter.as_str()).filter(|letter| dated && matches!(*letter, "a" | "e" | "p"))
}

/// Whether a letter stands directly behind a financial year, as in `FY25E`.
fn letter(tokens: &[Token], letter: &str) -> bool {
    let financial = tokens.first() == Some(&Token::Word("fy".to_owned()));
    let last = tokens.windows(2).last();
    financial && matches!(last, Some([Token::Number(_, 2 | 4), Token::Word(w)]) if w == letter)
}
