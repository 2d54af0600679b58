//! The permanent account number.

use domain::masked::{Masked, NumberKey};

use super::{NumberError, characters, expect_form};
use crate::name::PersonName;
use crate::word::words;

/// What the holder of a PAN is, by its fourth letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderType {
    /// `P`: a person.
    Person,
    /// `C`: a company.
    Company,
    /// `H`: a Hindu undivided family.
    HinduUndividedFamily,
    /// `F`: a firm or a limited liability partnership.
    Firm,
    /// `A`: an association of persons.
    AssociationOfPersons,
    /// `B`: a body of individuals.
    BodyOfIndividuals,
    /// `T`: a trust.
    Trust,
    /// `L`: a local authority.
    LocalAuthority,
    /// `J`: an artificial juridical person.
    ArtificialJuridicalPerson,
    /// `G`: an agency of the government.
    Government,
}

/// A permanent account number of India's income tax department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pan {
    masked: Masked,
    key: NumberKey,
    holder: HolderType,
    /// The fifth letter.
    initial: Initial,
}

/// A letter of the number, which is compared and not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Initial(char);

impl std::fmt::Debug for Initial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("*")
    }
}

impl Pan {
    /// Parses a number as printed.
    ///
    /// # Errors
    /// When it has another form, or its fourth letter stands for no kind of holder.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let characters = characters(text, 10)?;
        expect_form(&characters, "AAAAA9999A")?;
        let (Some(fourth), Some(initial)) = (characters.get(3), characters.get(4)) else {
            return Err(NumberError::Length { expected: 10, got: characters.len() });
        };
        let holder = holder(*fourth).ok_or(NumberError::Character { position: 4 })?;
        let bare: String = characters.iter().collect();
        let key = NumberKey::new("IN PAN", &bare).ok_or(NumberError::Length { expected: 10, got: 0 })?;
        Ok(Self { masked: Masked::new(&bare), key, holder, initial: Initial(*initial) })
    }

    /// The last four characters.
    #[must_use]
    pub fn masked(&self) -> &Masked {
        &self.masked
    }

    /// Says whether two numbers are the same.
    #[must_use]
    pub fn key(&self) -> NumberKey {
        self.key
    }

    /// What its holder is.
    #[must_use]
    pub fn holder(&self) -> HolderType {
        self.holder
    }

    /// Whether its fifth letter is the initial that the name asks for: of a person's family name, else of the whole name. Of
    /// a person's name whose parts are not known, any word may be the family name.
    #[must_use]
    pub fn fits(&self, name: &PersonName) -> bool {
        let begins = |text: &Option<String>| {
            let words = words(text.as_deref().unwrap_or_default());
            words.iter().map(|word| word.plain().starts_with(self.initial.0)).collect::<Vec<bool>>()
        };
        match (self.holder, &name.family) {
            (HolderType::Person, Some(_)) => begins(&name.family).first() == Some(&true),
            (HolderType::Person, None) => begins(&name.whole).contains(&true),
            _ => begins(&name.whole).first() == Some(&true) || begins(&name.family).first() == Some(&true),
        }
    }
}

fn holder(letter: char) -> Option<HolderType> {
    Some(match letter {
        'P' => HolderType::Person,
        'C' => HolderType::Company,
        'H' => HolderType::HinduUndividedFamily,
        'F' => HolderType::Firm,
        'A' => HolderType::AssociationOfPersons,
        'B' => HolderType::BodyOfIndividuals,
        'T' => HolderType::Trust,
        'L' => HolderType::LocalAuthority,
        'J' => HolderType::ArtificialJuridicalPerson,
        'G' => HolderType::Government,
        _ => return None,
    })
}
