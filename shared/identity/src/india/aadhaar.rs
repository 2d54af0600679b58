//! The Aadhaar number.

use domain::masked::Masked;

use super::{NumberError, characters, expect_form};

/// How each place, from the right, permutes the digits (J. Verhoeff, "Error Detecting Decimal Codes", 1969).
const PERMUTATIONS: [[usize; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// An Aadhaar number, of which nothing but the last four digits may be shown or kept (UIDAI's regulations on sharing, 2016).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aadhaar {
    masked: Masked,
}

impl Aadhaar {
    /// Parses a number as printed.
    ///
    /// # Errors
    /// When it has no twelve digits, begins with 0 or 1, or its check digit does not agree.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let characters = characters(text, 12)?;
        expect_form(&characters, "999999999999")?;
        if matches!(characters.first(), Some('0' | '1')) {
            return Err(NumberError::Character { position: 1 });
        }
        if !agrees(&characters) {
            return Err(NumberError::CheckCharacter);
        }
        Ok(Self { masked: Masked::new(&characters.iter().collect::<String>()) })
    }

    /// The last four digits.
    #[must_use]
    pub fn masked(&self) -> &Masked {
        &self.masked
    }
}

fn agrees(digits: &[char]) -> bool {
    let mut sum = 0;
    for (digit, permutation) in digits.iter().rev().zip(PERMUTATIONS.iter().cycle()) {
        let digit = digit.to_digit(10).and_then(|digit| permutation.get(usize::try_from(digit).ok()?));
        let Some(digit) = digit else { return false };
        sum = multiply(sum, *digit);
    }
    sum == 0
}

/// The product in the dihedral group of the pentagon: 0 to 4 are turns, 5 to 9 turns of the mirrored one.
fn multiply(one: usize, other: usize) -> usize {
    match (one < 5, other < 5) {
        (true, true) => (one + other) % 5,
        (true, false) => 5 + (one + other - 5) % 5,
        (false, true) => 5 + (one - other) % 5,
        (false, false) => (5 + one - other) % 5,
    }
}
