//! The goods and services tax identification number.

use domain::masked::Masked;

use super::{NumberError, Pan, characters, expect_form};

/// The base of the check character: ten digits and 26 letters.
const BASE: u32 = 36;

/// A goods and services tax identification number of a regular taxpayer: the state's code, the PAN, the number of the
/// registration within the state, a letter (`Z` by default) and a check character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gstin {
    masked: Masked,
    state: u8,
    pan: Pan,
}

impl Gstin {
    /// Parses a number as printed.
    ///
    /// # Errors
    /// When it has another form, holds no PAN, or its check character does not agree.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let characters = characters(text, 15)?;
        expect_form(&characters, "99AAAAA9999A*A*")?;
        let part = |from: usize, to: usize| characters.iter().skip(from).take(to - from).collect::<String>();
        let state = part(0, 2).parse().ok().filter(|state| is_state(*state));
        let state = state.ok_or(NumberError::Character { position: 2 })?;
        if characters.get(12) == Some(&'0') {
            return Err(NumberError::Character { position: 13 });
        }
        let pan = Pan::parse(&part(2, 12)).map_err(|error| match error {
            NumberError::Character { position } => NumberError::Character { position: position + 2 },
            other => other,
        })?;
        if characters.get(14).copied() != check_character(characters.get(..14).unwrap_or_default()) {
            return Err(NumberError::CheckCharacter);
        }
        Ok(Self { masked: Masked::new(&part(0, 15)), state, pan })
    }

    /// The last four characters.
    #[must_use]
    pub fn masked(&self) -> &Masked {
        &self.masked
    }

    /// The state's code, as in the census: 27 is Maharashtra; 97 is other territory, 99 the centre.
    #[must_use]
    pub fn state(&self) -> u8 {
        self.state
    }

    /// The PAN of the taxpayer, which is part of the number.
    #[must_use]
    pub fn pan(&self) -> &Pan {
        &self.pan
    }
}

fn is_state(code: u8) -> bool {
    (1..=38).contains(&code) || matches!(code, 97 | 99)
}

/// Each character's value is multiplied by 1 and 2 in turn, and the digits of the products in base 36 are added up; the
/// check character makes the sum a multiple of 36.
fn check_character(characters: &[char]) -> Option<char> {
    let mut sum = 0;
    for (c, factor) in characters.iter().zip([1, 2].into_iter().cycle()) {
        let product = c.to_digit(BASE)? * factor;
        sum += product / BASE + product % BASE;
    }
    char::from_digit((BASE - sum % BASE) % BASE, BASE).map(|c| c.to_ascii_uppercase())
}
