//! Numbers of companies and of small enterprises.

use domain::masked::Masked;

use super::{NumberError, characters, expect_form};

/// Classes of companies, as the Ministry of Corporate Affairs abbreviates them.
const CLASSES: [&str; 12] = ["PTC", "PLC", "OPC", "NPL", "FTC", "FLC", "GOI", "SGC", "GAP", "GAT", "ULL", "ULT"];
/// States and union territories, with the codes of registrars that differ from them.
const STATES: [&str; 41] = [
    "AN", "AP", "AR", "AS", "BR", "CG", "CH", "CT", "DD", "DL", "DN", "GA", "GJ", "HP", "HR", "JH", "JK", "KA", "KL",
    "LA", "LD", "MH", "ML", "MN", "MP", "MZ", "NL", "OD", "OR", "PB", "PN", "PY", "RJ", "SK", "TG", "TN", "TR", "TS",
    "UK", "UP", "WB",
];
/// Codes for Uttarakhand and others that older numbers carry.
const OLDER_STATES: [&str; 3] = ["UR", "UA", "TZ"];
/// The year of the first Companies Act.
const FIRST_YEAR: u16 = 1850;
const LAST_YEAR: u16 = 2100;

/// A corporate identity number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cin {
    masked: Masked,
    listed: bool,
    year: u16,
    class: &'static str,
}

impl Cin {
    /// Parses a number as printed.
    ///
    /// # Errors
    /// When it has another form, or a state, year or class that is not given out.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let characters = characters(text, 21)?;
        expect_form(&characters, "A99999AA9999AAA999999")?;
        let part = |from: usize, to: usize| characters.iter().skip(from).take(to - from).collect::<String>();
        let listed = match characters.first() {
            Some('L') => true,
            Some('U') => false,
            _ => return Err(NumberError::Character { position: 1 }),
        };
        if !is_state(&part(6, 8)) {
            return Err(NumberError::Character { position: 7 });
        }
        let year = part(8, 12).parse().ok().filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year));
        let year = year.ok_or(NumberError::Character { position: 9 })?;
        let class = CLASSES.iter().find(|class| **class == part(12, 15));
        let class = class.ok_or(NumberError::Character { position: 13 })?;
        Ok(Self { masked: Masked::new(&part(0, 21)), listed, year, class })
    }

    /// The last four characters.
    #[must_use]
    pub fn masked(&self) -> &Masked {
        &self.masked
    }

    /// Whether the company was listed when the number was given out.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.listed
    }

    /// The year in which it was incorporated.
    #[must_use]
    pub fn year(&self) -> u16 {
        self.year
    }

    /// Its class: `PTC` private, `PLC` public, `OPC` of one person, and others.
    #[must_use]
    pub fn class(&self) -> &'static str {
        self.class
    }
}

/// A registration of a micro, small or medium enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Udyam {
    masked: Masked,
}

impl Udyam {
    /// Parses a number as printed.
    ///
    /// # Errors
    /// When it has another form, or a state that is not given out.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let characters = characters(text, 16)?;
        expect_form(&characters, "UDY*M**999999999")?;
        let part = |from: usize, to: usize| characters.iter().skip(from).take(to - from).collect::<String>();
        if characters.get(3) != Some(&'A') {
            return Err(NumberError::Character { position: 4 });
        }
        if !is_state(&part(5, 7)) {
            return Err(NumberError::Character { position: 6 });
        }
        Ok(Self { masked: Masked::new(&part(0, 16)) })
    }

    /// The last four characters.
    #[must_use]
    pub fn masked(&self) -> &Masked {
        &self.masked
    }
}

fn is_state(code: &str) -> bool {
    STATES.contains(&code) || OLDER_STATES.contains(&code)
}
