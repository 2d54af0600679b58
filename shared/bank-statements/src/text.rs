//! Text of a file: its encoding, and short forms of it for messages to people.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Characters of a text that is listed as not used.
const SHORT_CHARS_MAX: usize = 160;
/// Bytes looked at for the zero bytes of UTF-16 without a mark.
const PROBE_BYTES: usize = 4096;

/// The text of a file: by its byte order mark, else UTF-8 if it is valid, else the declared encoding, else Windows-1252.
///
/// Declarations are often wrong, and text that is not UTF-8 is hardly ever valid UTF-8, so validity precedes the declaration.
pub(crate) fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    let probe = &bytes[..bytes.len().min(PROBE_BYTES)];
    let zeros = |from: usize| probe.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let encoding = match (zeros(0) * 4 > probe.len(), zeros(1) * 4 > probe.len()) {
        (false, true) => UTF_16LE,
        (true, false) => UTF_16BE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => declared.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252),
    };
    // A declaration of UTF-8 that is not UTF-8 is wrong.
    let encoding = if encoding == UTF_8 && std::str::from_utf8(bytes).is_err() { WINDOWS_1252 } else { encoding };
    encoding.decode_without_bom_handling(bytes).0
}

/// The text with every run of blanks and control characters as one space, and without them at its ends.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let is_blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(word);
    }
    plain
}

/// The text shortened for a list of what was not used.
pub(crate) fn short(text: &str) -> String {
    let head: String = text.chars().take(4 * SHORT_CHARS_MAX).collect();
    let plain = plain(&head);
    if plain.chars().count() <= SHORT_CHARS_MAX && head.len() == text.len() {
        return plain;
    }
    plain.chars().take(SHORT_CHARS_MAX).chain(['…']).collect()
}

/// `None` for a blank text.
pub(crate) fn some(text: &str) -> Option<String> {
    let plain = plain(text);
    (!plain.is_empty()).then_some(plain)
}

/// Parts that are not blank, joined by a space; a part that the text before already contains is left out.
pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for part in parts.into_iter().map(plain).filter(|part| !part.is_empty()) {
        if text == part {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&part);
    }
    text
}

/// Letters and digits in lower case with accents removed, words separated by one space: for comparing headings and labels.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = unaccented(c);
        if plain.is_empty() && !c.is_alphanumeric() {
            if !folded.ends_with(' ') && !folded.is_empty() {
                folded.push(' ');
            }
        } else if plain.is_empty() {
            folded.extend(c.to_lowercase());
        } else {
            folded.push_str(plain);
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The letters without accent for a letter of the Latin languages with one.
fn unaccented(c: char) -> &'static str {
    match c {
        'ä' | 'Ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'Á' | 'À' | 'Â' | 'Ã' | 'Å' | 'ą' => "a",
        'ö' | 'Ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' | 'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ø' => "o",
        'ü' | 'Ü' | 'ú' | 'ù' | 'û' | 'Ú' | 'Ù' | 'Û' => "u",
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' | 'ę' => "e",
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => "i",
        'ç' | 'Ç' | 'ć' | 'č' | 'Č' => "c",
        'ñ' | 'Ñ' | 'ń' => "n",
        'ł' | 'Ł' => "l",
        'š' | 'Š' | 'ś' => "s",
        'ž' | 'Ž' | 'ź' | 'ż' => "z",
        'ß' => "ss",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_encoding_is_detected() {
        assert_eq!(decode(b"\xEF\xBB\xBFSoci\xC3\xA9t\xC3\xA9", None), "Société");
        assert_eq!(decode(b"Soci\xE9t\xE9", None), "Société");
        assert_eq!(decode(b"Soci\xE9t\xE9", Some("utf-8")), "Société");
        assert_eq!(decode(b"\xC8esk\xFD", Some("windows-1250")), "Český");
        assert_eq!(decode("Ra\u{10d}un".as_bytes(), Some("windows-1252")), "Ra\u{10d}un");
        let utf16: Vec<u8> = "Date;Amount".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16, None), "Date;Amount");
    }

    #[test]
    fn labels_are_compared_without_case_accents_and_punctuation() {
        assert_eq!(folded("  Libellé / Référence (N°) "), "libelle reference n");
        assert_eq!(folded("BETRAG in €"), "betrag in");
        assert_eq!(folded("Wertstellung/Buchung"), "wertstellung buchung");
    }

    proptest! {
        #[test]
        fn any_text_is_shortened(text in any::<String>()) {
            prop_assert!(short(&text).chars().count() <= SHORT_CHARS_MAX + 1);
            prop_assert_eq!(plain(&plain(&text)), plain(&text));
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }

        #[test]
        fn any_bytes_are_text(bytes in any::<Vec<u8>>()) {
            decode(&bytes, Some("windows-1251"));
        }
    }
}
