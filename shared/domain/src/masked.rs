//! Numbers that identify a person or an account: what may be shown of them, and how they are compared.
//!
//! A licence, passport, tax or account number is reduced when it is read, to a [`Masked`] form to show and a [`NumberKey`]
//! to compare. The number itself is then kept nowhere, so no log, message or page can show it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// Most characters of a number that are shown, from its end.
pub const SHOWN_CHARS_MAX: usize = 4;

/// What hides the rest. Its length says nothing of the number's.
const COVER: &str = "****";

/// A number of which only the last four letters or digits are kept. A number of four or fewer shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked(String);

impl Masked {
    /// Masks a number as printed. Signs and spaces between its letters and digits do not count.
    #[must_use]
    pub fn new(number: &str) -> Self {
        let count = signs_removed(number).count();
        if count <= SHOWN_CHARS_MAX {
            return Self(String::new());
        }
        Self(signs_removed(number).skip(count - SHOWN_CHARS_MAX).collect())
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{COVER}{}", self.0)
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Masked {
    /// Reads the shown form. What is too long to have been masked is masked again.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hidden = signs_removed(&text).count().saturating_sub(SHOWN_CHARS_MAX);
        Ok(Self(signs_removed(&text).skip(hidden).collect()))
    }
}

/// Says whether two numbers are the same, without holding either: a SHA-256 of the number and of who gave it out.
///
/// It is stored with results in the document bucket and goes nowhere else: whoever knows how an issuer forms its numbers can
/// find a short one by trying all. Its `Debug` therefore shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberKey([u8; 32]);

impl NumberKey {
    /// The key of a number as printed. Numbers are the same when their letters and digits are, whatever the case and the
    /// signs between them. `None` for a text without a letter or digit.
    ///
    /// `issuer` names who gave the number out, and for what: two issuers may give out the same number.
    #[must_use]
    pub fn new(issuer: &str, number: &str) -> Option<Self> {
        let (issuer, number) = (bare(issuer), bare(number));
        if number.is_empty() {
            return None;
        }
        let mut digest = Sha256::new();
        digest.update(issuer.as_bytes());
        digest.update([0]);
        digest.update(number.as_bytes());
        Some(Self(digest.finalize().into()))
    }
}

impl fmt::Debug for NumberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NumberKey(hidden)")
    }
}

impl Serialize for NumberKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for NumberKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let invalid = || serde::de::Error::custom("a number's key is 64 hexadecimal digits");
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len() == 64).ok_or_else(invalid)?;
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
            let value = pair.iter().fold(0, |value, digit| value * 16 + digit);
            *byte = u8::try_from(value).map_err(|_| invalid())?;
        }
        Ok(Self(key))
    }
}

/// The letters and digits of a text, in upper case.
fn bare(text: &str) -> String {
    signs_removed(text).flat_map(char::to_uppercase).collect()
}

fn signs_removed(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_are_shown_and_of_a_short_number_nothing() {
        assert_eq!(Masked::new("736HDV7874JSB").to_string(), "****4JSB");
        assert_eq!(Masked::new("12-34").to_string(), "****");
        assert_eq!(Masked::new("AB 1").to_string(), "****");
        assert_eq!(Masked::new("").to_string(), "****");
        assert_eq!(format!("{:?}", Masked::new("123-45-6789")), "****6789");
        assert_eq!(serde_json::to_string(&Masked::new("123-45-6789")).unwrap(), r#""****6789""#);
    }

    #[test]
    fn a_key_ignores_case_and_signs_and_tells_issuers_apart() {
        assert_eq!(NumberKey::new("US-MD", "t-520-098"), NumberKey::new("us-md", "T520098"));
        assert_ne!(NumberKey::new("US-MD", "T520098"), NumberKey::new("US-VA", "T520098"));
        assert_ne!(NumberKey::new("US-MDT", "520098"), NumberKey::new("US-MD", "T520098"));
        assert_eq!(NumberKey::new("US-MD", " -- "), None);
    }

    proptest::proptest! {
        #[test]
        fn no_form_shows_more_than_four_characters_of_a_number(number in "\\PC{0,30}") {
            let masked = Masked::new(&number);
            let stored = serde_json::to_string(&masked).unwrap();
            for shown in [masked.to_string(), format!("{masked:?}"), stored.clone()] {
                proptest::prop_assert!(signs_removed(&shown).count() <= SHOWN_CHARS_MAX);
            }
            proptest::prop_assert_eq!(serde_json::from_str::<Masked>(&stored).unwrap(), masked);
        }

        #[test]
        fn a_key_survives_storage(number in "[A-Z0-9]{1,20}") {
            let key = NumberKey::new("US-MD", &number).unwrap();
            let stored = serde_json::to_string(&key).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<NumberKey>(&stored).unwrap(), key);
            proptest::prop_assert_eq!(format!("{:?}", key), "NumberKey(hidden)");
        }
    }
}
