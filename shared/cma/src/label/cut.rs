//! Splits the text of a label: numbering, `Less:` and `Add:`, clauses, references, words.

use super::{LABEL_CHARS_MAX, Lead};

/// Words that begin a clause that narrows a label without changing its row.
const CLAUSES: [&str; 9] = [
    "other than ",
    "excluding ",
    "exclusive of ",
    "including ",
    "inclusive of ",
    "incl. ",
    "incl ",
    "excl. ",
    "net of ",
];

/// Longest text that counts as numbering, e.g. `(xviii)`.
const NUMBERING_CHARS_MAX: usize = 6;

/// Marks a capital letter in the middle of a word, where two words were run together.
const GLUE: char = '\u{1}';

/// Converts to lower case with one kind of quote, dash and bracket, and splits words that were run together at the capital.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let (mut lower_run, mut upper_run) = (0, 0);
    let mut chars = text.chars().take(LABEL_CHARS_MAX).peekable();
    while let Some(ch) = chars.next() {
        let before_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        if ch.is_uppercase() && (lower_run >= 3 || (upper_run >= 4 && before_lower)) {
            out.push(GLUE);
        }
        upper_run = if ch.is_uppercase() { upper_run + 1 } else { 0 };
        lower_run = if ch.is_lowercase() { lower_run + 1 } else { 0 };
        match ch {
            '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' => out.push('\''),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '{' | '[' => out.push('('),
            '}' | ']' => out.push(')'),
            '&' => out.push_str(" and "),
            '\u{a0}' | '\t' | '\n' | '\r' => out.push(' '),
            '>' | '\u{2265}' => out.push_str(" over "),
            '<' | '\u{2264}' => out.push_str(" under "),
            _ => out.extend(ch.to_lowercase()),
        }
    }
    spell_periods(&out)
}

/// Writes periods in words: `6 mths` and `180 days` as `six months`, `12 months` and `1 yr` as `one year`.
fn spell_periods(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same_kind = |c: char| c.is_alphabetic() == first.is_alphabetic() && c.is_numeric() == first.is_numeric();
        let end = rest.find(|c: char| !same_kind(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        match period(run, after) {
            Some((words, after)) => {
                out.push_str(words);
                rest = after;
            }
            None => {
                out.push_str(run);
                rest = after;
            }
        }
    }
    out
}

/// The words for a number and the unit that follows it, and the text after both.
fn period<'a>(number: &str, after: &'a str) -> Option<(&'static str, &'a str)> {
    let count: u32 = match number {
        "one" => 1,
        "three" => 3,
        "six" => 6,
        "twelve" => 12,
        digits => digits.parse().ok().filter(|_| digits.len() <= 3)?,
    };
    let unit_on = after.trim_start_matches([' ', '-', '.']);
    let end = unit_on.find(|c: char| !c.is_alphabetic()).unwrap_or(unit_on.len());
    let (unit, rest) = unit_on.split_at(end);
    let words = match (count, unit) {
        (1, "year" | "years" | "yr" | "yrs") | (12, "month" | "months" | "mth" | "mths" | "m") => "one year",
        (365, "day" | "days") => "one year",
        (6, "month" | "months" | "mth" | "mths" | "m") | (180..=183, "day" | "days") => "six months",
        (3, "month" | "months" | "mth" | "mths" | "m") | (90 | 91, "day" | "days") => "three months",
        _ => return None,
    };
    Some((words, rest))
}

/// Splits off a leading `less:` or `add:`, and the `to`/`by` of T-form accounts.
pub(super) fn split_lead(text: &str) -> (Option<Lead>, &str) {
    let mut rest = strip_numbering(text);
    let mut lead = None;
    for (word, found) in [
        ("less", Some(Lead::Less)),
        ("deduct", Some(Lead::Less)),
        ("add", Some(Lead::Add)),
        ("plus", Some(Lead::Add)),
        ("to", None),
        ("by", None),
    ] {
        if let Some(after) = strip_leading_word(rest, word) {
            rest = strip_numbering(after);
            lead = lead.or(found);
        }
    }
    (lead, rest)
}

fn strip_leading_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let after = text.strip_prefix(word)?;
    let opened = after.starts_with([' ', ':', '-', '.']);
    let trimmed = after.trim_start_matches([' ', ':', '-', '.']);
    (opened && !trimmed.is_empty()).then_some(trimmed)
}

/// Strips numbering such as `(a)`, `ii)`, `1.2`, `-` from the front, repeatedly.
pub(super) fn strip_numbering(text: &str) -> &str {
    let mut rest = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '(');
    loop {
        let after = strip_one_number(rest);
        if after.len() == rest.len() {
            return if rest.is_empty() { text.trim() } else { rest };
        }
        rest = after.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '(');
    }
}

fn strip_one_number(text: &str) -> &str {
    let body = text.strip_prefix('(').unwrap_or(text);
    let end = body.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(body.len());
    let (mark, rest) = body.split_at(end);
    let Some(close) = rest.chars().next() else { return text };
    let closed = close == ')' || (close == '.' && !mark.is_empty() && body.len() == text.len());
    let number = !mark.is_empty() && mark.bytes().all(|b| b.is_ascii_digit());
    if closed && (is_mark(mark) || number && mark.len() <= 3) {
        return rest.get(1..).unwrap_or("");
    }
    // `1 Sundry debtors`, and `(0 Depreciation` where the scan lost the bracket.
    if number && mark.len() <= 3 && close == ' ' {
        return rest;
    }
    text
}

fn is_mark(mark: &str) -> bool {
    let roman = |b: u8| matches!(b, b'i' | b'v' | b'x' | b'l' | b't' | b'1' | b'n');
    mark.len() == 1 || (mark.len() <= NUMBERING_CHARS_MAX && mark.bytes().all(roman) && mark != "int")
}

/// Drops clauses that begin with `other than`, `excluding`, … up to the closing bracket or the end.
pub(super) fn drop_clauses(text: &str) -> (String, bool) {
    let mut rest = drop_references(text);
    let mut shortened = false;
    for opener in CLAUSES {
        while let Some(at) = find_clause(&rest, opener) {
            let end = rest[at..].find(')').map_or(rest.len(), |offset| at + offset);
            rest.replace_range(at..end, "");
            shortened = true;
        }
    }
    (rest, shortened)
}

/// Where a clause begins, if at least three letters of the label come before it.
fn find_clause(text: &str, opener: &str) -> Option<usize> {
    let at = text.match_indices(opener).find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        before.is_some_and(|c| !c.is_alphanumeric())
    })?;
    let letters = text[..at.0].chars().filter(char::is_ascii_alphabetic).count();
    (letters >= 3).then_some(at.0)
}

/// Blanks bracketed references such as `(refer note 7 (a))`, `(note 4)`, `(rs. in lakhs)`.
fn drop_references(text: &str) -> String {
    const OPENERS: [&str; 12] =
        ["refer", "see ", "note ", "notes ", "sch ", "sch.", "schedule ", "rs", "in rs", "in lakh", "in crore", "inr"];
    let mut out = text.to_owned();
    for (at, _) in text.match_indices('(') {
        let inside = text[at + 1..].trim_start();
        if OPENERS.iter().any(|opener| inside.starts_with(opener)) {
            let close = text[at..].find(')').map_or(text.len(), |offset| at + offset);
            let blank = " ".repeat(close - at);
            out.replace_range(at..close, &blank);
        }
    }
    out
}

/// Splits a label at numbering in its middle: `(a) Inventories (b) Financial assets` is two headings on one line.
pub(super) fn split_segments(text: &str) -> Vec<String> {
    const HEADINGS: [&str; 7] = ["financial ", "equity", "asset", "liabilit", "non-current", "non current", "current "];
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(GLUE) {
        match parts.last_mut() {
            Some(last) if !HEADINGS.iter().any(|heading| piece.starts_with(heading)) => {
                last.push(' ');
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts.iter().flat_map(|part| numbered_segments(part)).collect()
}

fn numbered_segments(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(')') {
        let Some(from) = find_numbering(&text[..at]) else { continue };
        if from > start {
            parts.push(text[start..from].to_owned());
        }
        start = at + 1;
    }
    parts.push(text[start..].to_owned());
    parts
}

/// Where the numbering at the end of `text`, whose closing bracket follows, begins; with its opening bracket.
fn find_numbering(text: &str) -> Option<usize> {
    let mark = text.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let before = text.strip_suffix(mark)?;
    let bracket = before.strip_suffix('(');
    let is_lone = before.is_empty() || before.ends_with(' ');
    ((bracket.is_some() || is_lone) && is_mark(mark) && !mark.is_empty()).then(|| bracket.unwrap_or(before).len())
}

/// The words of a segment: runs of letters and digits, without `'`, and without pure numbers.
pub(super) fn split_words(text: &str) -> Vec<String> {
    let joined = text.replace('\'', "").replace("a/c", " ").replace("w/o", " writtenoff ").replace("p/l", " pandl ");
    joined
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !word.chars().all(|c| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_may_have_any_letter_before_a_bracket() {
        assert_eq!(split_segments("fees (caf\u{e9})"), ["fees (caf\u{e9})"]);
        assert_eq!(split_segments("(a) fees (\u{20b9}x) (b) rent"), [" fees (\u{20b9}x) ", " rent"]);
    }

    #[test]
    fn a_period_is_spelt_in_one_way() {
        let spelt = |text: &str| clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(spelt("Debtors > 6 mths"), "debtors over six months");
        assert_eq!(spelt("Debtors exceeding 180 days"), "debtors exceeding six months");
        assert_eq!(spelt("Drs (<6m)"), "drs ( under six months)");
        assert_eq!(spelt("Due within 12 months"), "due within one year");
        assert_eq!(spelt("TL inst. due < 1 yr."), "tl inst. due under one year.");
        assert_eq!(spelt("Note 6 machinery"), "note 6 machinery");
        assert_eq!(spelt("6\u{92e}"), "6\u{92e}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_split_into_words(text in "[-a-zA-Z0-9.,:()/'& é₹\u{2013}]{0,60}|\\PC{0,60}") {
            let clean = clean(&text);
            let (_, rest) = split_lead(&clean);
            proptest::prop_assert!(clean.trim_end().ends_with(rest.trim()));
            let (main, shortened) = drop_clauses(rest);
            proptest::prop_assert!(shortened || main.len() <= rest.len());
            for word in split_segments(&main).iter().flat_map(|segment| split_words(segment)) {
                proptest::prop_assert!(word.chars().all(char::is_alphanumeric));
            }
        }

        #[test]
        fn stripping_numbering_leaves_the_end_of_the_text(text in "[(]?[a-z0-9ivx]{0,4}[).]? ?\\PC{0,20}") {
            proptest::prop_assert!(text.trim().ends_with(strip_numbering(&text).trim()));
        }
    }
}
