//! Field 86: what an entry is about.

use crate::row::Row;
use crate::text;

/// Characters of a full line, and of a full subfield: text goes on in the next without a space.
const LINE_CHARS: usize = 65;
const SUBFIELD_CHARS: usize = 27;

/// Adds the text of field 86 to its row.
pub(super) fn take(lines: &[&str], row: &mut Row) {
    let whole: String = lines.concat();
    let details = std::mem::take(&mut row.narration);
    if let Some((code, subfields)) = subfields(whole.trim_start()) {
        let posting = find(&subfields, "00");
        let purpose =
            continued(subfields.iter().filter(|(key, _)| is_purpose(key)).map(|(_, text)| *text), SUBFIELD_CHARS);
        let name = continued(
            subfields.iter().filter(|(key, _)| matches!(*key, "32" | "33")).map(|(_, text)| *text),
            SUBFIELD_CHARS,
        );
        row.narration = text::joined([posting.unwrap_or_default(), &purpose, &details]);
        row.counterparty = text::some(&name);
        // The German code of the kind of transaction is finer than that of field 61.
        row.code = Some(match &row.code {
            Some(kind) => format!("{kind}/{code}"),
            None => code.to_owned(),
        });
    } else {
        let text = continued(lines.iter().copied(), LINE_CHARS);
        row.narration = text::joined([text.as_str(), &details]);
    }
}

/// Purpose of payment: subfields 20 to 29 and 60 to 63.
fn is_purpose(key: &str) -> bool {
    ("20"..="29").contains(&key) || ("60"..="63").contains(&key)
}

fn find<'a>(subfields: &[(&str, &'a str)], wanted: &str) -> Option<&'a str> {
    subfields.iter().find(|(key, _)| *key == wanted).map(|(_, text)| *text)
}

/// The code of three digits, and the subfields by their number, if the text is so structured: `166?00…?20…`.
fn subfields(text: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let code = text.get(..3).filter(|code| code.chars().all(|c| c.is_ascii_digit()))?;
    let rest = &text[3..];
    let separator = rest.chars().next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace())?;
    let key_follows = |text: &str| text.get(..2).is_some_and(|key| key.chars().all(|c| c.is_ascii_digit()));
    if !key_follows(&rest[separator.len_utf8()..]) {
        return None;
    }
    let mut found: Vec<(&str, &str)> = Vec::new();
    let mut start = separator.len_utf8();
    while start < rest.len() {
        let body = &rest[start..];
        // A separator that no number follows is text.
        let mut end = body.len();
        for (at, _) in body.match_indices(separator) {
            if key_follows(&body[at + separator.len_utf8()..]) {
                end = at;
                break;
            }
        }
        let (key, text) = body[..end].split_at_checked(2)?;
        found.push((key, text));
        start += end + separator.len_utf8();
    }
    Some((code, found))
}

/// Texts joined: directly where one fills its line, by a space otherwise.
fn continued<'a>(parts: impl Iterator<Item = &'a str>, full: usize) -> String {
    let mut text = String::new();
    let mut last = full;
    for part in parts {
        if last < full {
            text.push(' ');
        }
        text.push_str(part);
        last = part.chars().count();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn subfields_are_cut_at_their_numbers() {
        let (code, found) = subfields("166?00Gutschrift?20Was?ist das?21Teil 2").unwrap();
        assert_eq!(code, "166");
        assert_eq!(found, [("00", "Gutschrift"), ("20", "Was?ist das"), ("21", "Teil 2")]);
        assert_eq!(subfields("999PN5477SCHECK"), None);
        assert_eq!(subfields("Rent"), None);
    }

    proptest! {
        #[test]
        fn any_text_has_subfields_or_none(text in any::<String>(), tail in "[0-9?äé]{0,20}") {
            subfields(&text);
            subfields(&format!("166?{tail}"));
        }
    }
}
