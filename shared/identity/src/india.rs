//! Numbers of people and businesses in India: their forms and check characters. Each is masked when it is parsed.
//!
//! | number | form | source |
//! |---|---|---|
//! | [`Pan`] | five letters, four digits, a letter; the fourth says what the holder is | Income-tax Rules 1962, rule 114; incometax.gov.in |
//! | [`Gstin`] | state, PAN, registration, a letter, check character | CGST Rules 2017, rule 10; check character modulo 36 |
//! | [`Cin`] | listing, industry, state, year, class, registration | Ministry of Corporate Affairs, mca.gov.in |
//! | [`Udyam`] | `UDYAM-`, state, district, serial number | Ministry of MSME, notification S.O. 2119(E) of 26 June 2020 |
//! | [`Aadhaar`] | twelve digits, the last a check digit by Verhoeff's method | UIDAI, "A UID numbering scheme", 2010 |
//!
//! A number that is well formed may still be nobody's: only the issuer knows.

mod aadhaar;
mod company;
mod gstin;
mod pan;

pub use aadhaar::Aadhaar;
pub use company::{Cin, Udyam};
pub use gstin::Gstin;
pub use pan::{HolderType, Pan};

use thiserror::Error;

/// Why a text is not a number of its kind. Texts hold only fixed words and positions, never the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NumberError {
    /// Another number of letters and digits.
    #[error("this number has {got} letters and digits in place of {expected}; compare it with the document")]
    Length {
        /// How many there must be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A letter in place of a digit, a digit in place of a letter, or a value that is not given out.
    #[error("the character at position {position} cannot stand there; compare the number with the document")]
    Character {
        /// The position, from 1, signs not counted.
        position: usize,
    },
    /// The check character does not agree with the rest.
    #[error("the check character does not agree with the number; compare it with the document, character by character")]
    CheckCharacter,
}

/// The letters and digits of a number in upper case, if there are as many as expected and they are ASCII. Blanks, hyphens,
/// dots and slashes between them do not count; any other sign cannot stand there.
fn characters(text: &str, expected: usize) -> Result<Vec<char>, NumberError> {
    let mut found = Vec::new();
    for c in text.trim().chars() {
        match c {
            ' ' | '-' | '.' | '/' => {}
            c if c.is_ascii_alphanumeric() => found.push(c.to_ascii_uppercase()),
            _ => return Err(NumberError::Character { position: found.len() + 1 }),
        }
        if found.len() > expected {
            break;
        }
    }
    if found.len() == expected { Ok(found) } else { Err(NumberError::Length { expected, got: found.len() }) }
}

/// Checks characters against a form: `A` is a letter, `9` a digit, anything else itself.
fn expect_form(characters: &[char], form: &str) -> Result<(), NumberError> {
    let fits = |(c, wanted): (&char, char)| match wanted {
        'A' => c.is_ascii_uppercase(),
        '9' => c.is_ascii_digit(),
        '*' => true,
        wanted => *c == wanted,
    };
    match characters.iter().zip(form.chars()).position(|pair| !fits(pair)) {
        Some(at) => Err(NumberError::Character { position: at + 1 }),
        None => Ok(()),
    }
}
