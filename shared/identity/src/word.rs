//! The words of a name, folded so that they compare by what they spell.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One word of a name, in its spellings: without accents, and with the letters that ICAO 9303-3, section 6, writes out for
/// them (`MÜLLER` is `MULLER` or `MUELLER`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    plain: String,
    written_out: String,
}

impl Word {
    /// Whether both spell the same name.
    pub fn equals(&self, other: &Self) -> bool {
        self.spellings().iter().any(|one| other.spellings().contains(one))
    }

    /// Whether this is one letter, and the other begins with it.
    pub fn is_initial_of(&self, other: &Self) -> bool {
        self.chars() == 1 && other.chars() > 1 && self.begins(other)
    }

    /// Whether the other begins with this and is longer.
    pub fn begins(&self, other: &Self) -> bool {
        let (own, others) = (self.spellings(), other.spellings());
        own.iter().any(|one| others.iter().any(|other| other.starts_with(one) && other != one))
    }

    /// This word and the next as one.
    pub fn join(&self, next: &Self) -> Self {
        Self {
            plain: format!("{}{}", self.plain, next.plain),
            written_out: format!("{}{}", self.written_out, next.written_out),
        }
    }

    /// Its spelling without accents.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// Its number of characters.
    pub fn chars(&self) -> usize {
        self.plain.chars().count()
    }

    fn spellings(&self) -> [&str; 2] {
        [&self.plain, &self.written_out]
    }
}

/// The words of a text. Apostrophes join (`O'BRIEN` is `OBRIEN`), every other sign separates.
pub fn words(text: &str) -> Vec<Word> {
    // Composed, so that a letter and its accent are one character to write out.
    let composed: String = text.nfc().filter(|c| !is_apostrophe(*c)).collect();
    let words = composed.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    let words = words.map(|word| Word {
        plain: word.chars().flat_map(char::to_uppercase).map(plain).collect(),
        written_out: word.chars().flat_map(char::to_uppercase).map(written_out).collect(),
    });
    words.filter(|word| !word.plain.is_empty()).collect()
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{00B4}' | '`')
}

/// A capital letter without its accents.
fn plain(c: char) -> String {
    match c {
        'Ø' => "O".to_owned(),
        'Ł' => "L".to_owned(),
        'Đ' | 'Ð' => "D".to_owned(),
        'Þ' => "TH".to_owned(),
        'Æ' => "AE".to_owned(),
        'Œ' => "OE".to_owned(),
        'ẞ' => "SS".to_owned(),
        _ => std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_uppercase).collect(),
    }
}

/// A capital letter as a machine-readable zone may write it out.
fn written_out(c: char) -> String {
    match c {
        'Ä' => "AE".to_owned(),
        'Ö' | 'Ø' => "OE".to_owned(),
        'Ü' => "UE".to_owned(),
        'Å' => "AA".to_owned(),
        'Ñ' => "NXX".to_owned(),
        _ => plain(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_words(text: &str) -> Vec<String> {
        words(text).iter().map(|word| word.plain().to_owned()).collect()
    }

    #[test]
    fn signs_separate_words_and_apostrophes_join_them() {
        assert_eq!(plain_words("O’Brien-Smith, J.R."), ["OBRIEN", "SMITH", "J", "R"]);
        assert_eq!(plain_words("  josé\u{a0}Łukasz strauß "), ["JOSE", "LUKASZ", "STRAUSS"]);
        assert_eq!(plain_words("jose\u{301}"), ["JOSE"]);
        assert_eq!(plain_words("<<< -- "), Vec::<String>::new());
    }

    #[test]
    fn an_umlaut_is_left_out_or_written_out() {
        let equal = |one: &str, other: &str| words(one)[0].equals(&words(other)[0]);
        assert!(equal("Müller", "MUELLER") && equal("Müller", "MULLER") && equal("Åse", "AASE"));
        assert!(!equal("MULLER", "MUELLER"));
    }

    proptest::proptest! {
        #[test]
        fn folding_ignores_case_and_composition(text in "\\PC{0,40}") {
            let decomposed: String = text.nfd().collect();
            proptest::prop_assert_eq!(words(&decomposed), words(&text));
            for word in words(&text) {
                proptest::prop_assert!(word.equals(&word));
            }
        }
    }
}
