//! Splits a line's label into its numbering and its words.

/// The style of a line's numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `1.`, `(1)`.
    Digit,
    /// `A.`, `A`.
    Upper,
    /// `(a)`, `a)`.
    Lower,
    /// `(i)`, `IV.`.
    Roman,
    /// `-`, `•`.
    Dash,
}

/// A label's numbering and the text after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered<'a> {
    /// Style and ordinal, if the label is numbered.
    pub number: Option<(Style, u32)>,
    /// The text after the numbering.
    pub text: &'a str,
}

/// Splits off the numbering. `(i)` is read as roman; where it follows `(h)`, the caller corrects that.
#[must_use]
pub fn numbered(label: &str) -> Numbered<'_> {
    let label = label.trim();
    let none = Numbered { number: None, text: label };
    if let Some(rest) = label.strip_prefix(['-', '\u{2013}', '\u{2022}', '\u{25aa}', '\u{2014}']) {
        return Numbered { number: Some((Style::Dash, 0)), text: rest.trim_start() };
    }
    let opened = label.starts_with(['(', '{', '[']);
    let body = label.trim_start_matches(['(', '{', '[']);
    let length = body.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(body.len());
    let (token, rest) = body.split_at(length);
    let closed = rest.starts_with([')', '}', ']', '.', ':']);
    let spaced = rest.starts_with(' ');
    let text = rest.trim_start_matches([')', '}', ']', '.', ':']).trim_start_matches([' ', '-']);
    let sign =
        closed || (spaced && !opened && (token.bytes().all(|b| b.is_ascii_digit()) || lone_capital(token, text)));
    if !sign || token.is_empty() || token.len() > 5 || (opened && !closed) || is_abbreviation(token, rest) {
        return none;
    }
    match ordinal(token) {
        Some(number) => Numbered { number: Some(number), text },
        None => none,
    }
}

/// Whether a letter and a point begin an abbreviation, as in `N.P. after tax` or `I.T. provision`.
fn is_abbreviation(token: &str, rest: &str) -> bool {
    let mut next = rest.chars();
    token.chars().all(|c| c.is_ascii_alphabetic())
        && token.len() == 1
        && next.next() == Some('.')
        && next.next().is_some_and(char::is_alphabetic)
        && next.next().is_none_or(|c| c == '.' || c == ' ')
}

/// Whether a lone capital is numbering: in `A ASSETS` and `I Income`, but not in `A loan to …`.
fn lone_capital(token: &str, text: &str) -> bool {
    let capital = token.bytes().all(|b| b.is_ascii_uppercase())
        && roman(&token.to_ascii_lowercase()).is_some() | (token.len() == 1);
    capital && text.starts_with(|c: char| c.is_uppercase())
}

fn ordinal(token: &str) -> Option<(Style, u32)> {
    if token.bytes().all(|b| b.is_ascii_digit()) {
        return token.parse().ok().filter(|n| *n < 200).map(|n| (Style::Digit, n));
    }
    let lower = token.to_ascii_lowercase();
    let single = (token.len() == 1).then(|| lower.bytes().next()).flatten();
    match single {
        Some(b'i' | b'v' | b'x') | None => roman(&lower).map(|n| (Style::Roman, n)),
        Some(b) if token.bytes().all(|b| b.is_ascii_uppercase()) => Some((Style::Upper, u32::from(b - b'a' + 1))),
        Some(b) if b.is_ascii_lowercase() => Some((Style::Lower, u32::from(b - b'a' + 1))),
        Some(_) => None,
    }
}

fn roman(token: &str) -> Option<u32> {
    let mut total = 0;
    let mut last = 0;
    for byte in token.bytes().rev() {
        let value = match byte {
            b'i' => 1,
            b'v' => 5,
            b'x' => 10,
            b'l' if token.len() > 1 => 50,
            _ => return None,
        };
        total = if value < last { total - value } else { total + value };
        last = last.max(value);
    }
    u32::try_from(total).ok().filter(|n| *n > 0 && *n < 60)
}

/// Whether a cell holds only a number or code for the label next to it, e.g. `1.`, `(a)`, `II.5.i.a`.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let text = text.trim();
    let parts: Vec<&str> =
        text.split(['.', '(', ')', '-', '/', ' ', ':', '{', '}', '[', ']']).filter(|p| !p.is_empty()).collect();
    let part = |p: &&str| {
        p.bytes().all(|b| b.is_ascii_digit())
            || p.len() == 1 && p.bytes().all(|b| b.is_ascii_alphanumeric())
            || roman(&p.to_ascii_lowercase()).is_some()
            || *p == "AI"
    };
    text.len() <= 12 && (parts.is_empty() || parts.iter().all(part))
}

/// The text in lower case with only letters, digits, `&`, `%` and single spaces, so that words can be searched for. Letters
/// that are spaced out, as in `A s s e t s`, are joined.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '&' || c == '%' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    unspaced(out.trim_end()).unwrap_or_else(|| out.trim_end().to_owned())
}

/// A text with its letters joined where they are spaced out; `None` if none are.
#[must_use]
pub fn unspaced(text: &str) -> Option<String> {
    let is_letter = |word: &str| {
        let mut chars = word.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    let words: Vec<&str> = text.split(' ').collect();
    let run = |at: usize| words[at..].iter().take_while(|w| is_letter(w)).count();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut joined) = (0, false);
    while at < words.len() {
        let length = run(at);
        if at > 0 {
            out.push(' ');
        }
        if length >= SPACED_LETTERS_MIN {
            out.extend(words[at..at + length].iter().copied());
            joined = true;
        } else if let Some(word) = words.get(at) {
            out.push_str(word);
        }
        at += if length >= SPACED_LETTERS_MIN { length } else { 1 };
    }
    joined.then_some(out)
}

/// How many single letters in a row are a word that is spaced out.
const SPACED_LETTERS_MIN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_is_distinguished_from_words() {
        assert_eq!(numbered("(a) Inventories").number, Some((Style::Lower, 1)));
        assert_eq!(numbered("iii) Cash").number, Some((Style::Roman, 3)));
        assert_eq!(numbered("1 Non-current assets").number, Some((Style::Digit, 1)));
        assert_eq!(numbered("A ASSETS").number, Some((Style::Upper, 1)));
        assert_eq!(numbered("IV. Total expenses").text, "Total expenses");
        assert_eq!(numbered("- Investments").number, Some((Style::Dash, 0)));
        assert_eq!(numbered("Trade payables").number, None);
        assert_eq!(numbered("Cash and cash equivalents").number, None);
        assert_eq!(numbered("A loan from directors").number, None);
        assert_eq!(numbered("N.P. after tax").number, None);
        assert_eq!(numbered("I.T. provision").number, None);
        assert_eq!(numbered("a.Inventories").number, Some((Style::Lower, 1)));
    }

    #[test]
    fn codes_beside_a_label_are_recognised() {
        for text in ["1", "(a)", "II.5.i.a", "III.38.i.a", "IX", "2."] {
            assert!(is_code(text), "{text}");
        }
        assert!(!is_code("Cash"));
        assert!(!is_code("Less:"));
    }

    #[test]
    fn letters_that_are_spaced_out_are_a_word() {
        assert_eq!(plain("L i a b i l i t i e s"), "liabilities");
        assert_eq!(plain("Total (A + B + C)"), "total a b c");
        assert_eq!(unspaced("A s s e t s").as_deref(), Some("Assets"));
        assert_eq!(unspaced("Plan A b"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_follows_the_numbering_is_the_end_of_the_label(label in "[(]?[0-9A-Za-z]{0,5}[).:-]? ?\\PC{0,30}") {
            proptest::prop_assert!(label.ends_with(numbered(&label).text) || label.trim().ends_with(numbered(&label).text));
        }

        #[test]
        fn plain_text_has_single_spaces_and_stays_the_same(text in "\\PC{0,60}") {
            let once = plain(&text);
            proptest::prop_assert!(!once.contains("  ") && once.trim() == once);
            proptest::prop_assert_eq!(plain(&once), once);
        }
    }
}
