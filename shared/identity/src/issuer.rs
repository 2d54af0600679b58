//! Issuers of licences in North America: by the number in a barcode's header, by code and by name.

use crate::document::Issuer;

/// A country whose states or provinces issue licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Country {
    /// United States, whose barcodes write dates as month, day, year.
    Us,
    /// Canada, whose barcodes write dates as year, month, day.
    Ca,
    /// Mexico.
    Mx,
}

impl Country {
    /// The country by the code of three letters that barcodes state, or of two.
    pub fn by_code(code: &str) -> Option<Self> {
        match code.trim().to_uppercase().as_str() {
            "USA" | "US" => Some(Self::Us),
            "CAN" | "CA" | "CDN" => Some(Self::Ca),
            "MEX" | "MX" => Some(Self::Mx),
            _ => None,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Ca => "CA",
            Self::Mx => "MX",
        }
    }
}

/// A state, province or other issuer.
#[derive(Debug, PartialEq, Eq)]
pub struct Jurisdiction {
    /// Issuer identification number, as AAMVA assigns it.
    pub iin: u32,
    pub country: Country,
    /// Code of two or three letters.
    pub code: &'static str,
    pub name: &'static str,
}

impl Jurisdiction {
    pub fn by_iin(iin: u32) -> Option<&'static Self> {
        // Alberta's cards carry a number of their own making.
        let iin = if iin == 990_876 { 604_432 } else { iin };
        JURISDICTIONS.iter().find(|one| one.iin == iin)
    }

    pub fn by_code(code: &str) -> Option<&'static Self> {
        let code = code.trim().to_uppercase();
        JURISDICTIONS.iter().find(|one| one.code == code)
    }

    pub fn by_name(name: &str) -> Option<&'static Self> {
        let name = name.trim().to_uppercase();
        JURISDICTIONS.iter().find(|one| one.name.to_uppercase() == name)
    }

    pub fn issuer(&self) -> Issuer {
        Issuer(format!("{}-{}", self.country.code(), self.code))
    }
}

const fn of(iin: u32, country: Country, code: &'static str, name: &'static str) -> Jurisdiction {
    Jurisdiction { iin, country, code, name }
}

/// AAMVA's list of issuer identification numbers (aamva.org, "Issuer Identification Numbers (IIN)").
const JURISDICTIONS: [Jurisdiction; 72] = [
    of(636_000, Country::Us, "VA", "Virginia"),
    of(636_001, Country::Us, "NY", "New York"),
    of(636_002, Country::Us, "MA", "Massachusetts"),
    of(636_003, Country::Us, "MD", "Maryland"),
    of(636_004, Country::Us, "NC", "North Carolina"),
    of(636_005, Country::Us, "SC", "South Carolina"),
    of(636_006, Country::Us, "CT", "Connecticut"),
    of(636_007, Country::Us, "LA", "Louisiana"),
    of(636_008, Country::Us, "MT", "Montana"),
    of(636_009, Country::Us, "NM", "New Mexico"),
    of(636_010, Country::Us, "FL", "Florida"),
    of(636_011, Country::Us, "DE", "Delaware"),
    of(636_012, Country::Ca, "ON", "Ontario"),
    of(636_013, Country::Ca, "NS", "Nova Scotia"),
    of(636_014, Country::Us, "CA", "California"),
    of(636_015, Country::Us, "TX", "Texas"),
    of(636_016, Country::Ca, "NL", "Newfoundland and Labrador"),
    of(636_017, Country::Ca, "NB", "New Brunswick"),
    of(636_018, Country::Us, "IA", "Iowa"),
    of(636_019, Country::Us, "GU", "Guam"),
    of(636_020, Country::Us, "CO", "Colorado"),
    of(636_021, Country::Us, "AR", "Arkansas"),
    of(636_022, Country::Us, "KS", "Kansas"),
    of(636_023, Country::Us, "OH", "Ohio"),
    of(636_024, Country::Us, "VT", "Vermont"),
    of(636_025, Country::Us, "PA", "Pennsylvania"),
    of(636_026, Country::Us, "AZ", "Arizona"),
    of(636_027, Country::Us, "DOS", "U.S. Department of State"),
    of(636_028, Country::Ca, "BC", "British Columbia"),
    of(636_029, Country::Us, "OR", "Oregon"),
    of(636_030, Country::Us, "MO", "Missouri"),
    of(636_031, Country::Us, "WI", "Wisconsin"),
    of(636_032, Country::Us, "MI", "Michigan"),
    of(636_033, Country::Us, "AL", "Alabama"),
    of(636_034, Country::Us, "ND", "North Dakota"),
    of(636_035, Country::Us, "IL", "Illinois"),
    of(636_036, Country::Us, "NJ", "New Jersey"),
    of(636_037, Country::Us, "IN", "Indiana"),
    of(636_038, Country::Us, "MN", "Minnesota"),
    of(636_039, Country::Us, "NH", "New Hampshire"),
    of(636_040, Country::Us, "UT", "Utah"),
    of(636_041, Country::Us, "ME", "Maine"),
    of(636_042, Country::Us, "SD", "South Dakota"),
    of(636_043, Country::Us, "DC", "District of Columbia"),
    of(636_044, Country::Ca, "SK", "Saskatchewan"),
    of(636_045, Country::Us, "WA", "Washington"),
    of(636_046, Country::Us, "KY", "Kentucky"),
    of(636_047, Country::Us, "HI", "Hawaii"),
    of(636_048, Country::Ca, "MB", "Manitoba"),
    of(636_049, Country::Us, "NV", "Nevada"),
    of(636_050, Country::Us, "ID", "Idaho"),
    of(636_051, Country::Us, "MS", "Mississippi"),
    of(636_052, Country::Us, "RI", "Rhode Island"),
    of(636_053, Country::Us, "TN", "Tennessee"),
    of(636_054, Country::Us, "NE", "Nebraska"),
    of(636_055, Country::Us, "GA", "Georgia"),
    of(636_056, Country::Mx, "COA", "Coahuila"),
    of(636_057, Country::Mx, "HID", "Hidalgo"),
    of(636_058, Country::Us, "OK", "Oklahoma"),
    of(636_059, Country::Us, "AK", "Alaska"),
    of(636_060, Country::Us, "WY", "Wyoming"),
    of(636_061, Country::Us, "WV", "West Virginia"),
    of(636_062, Country::Us, "VI", "Virgin Islands"),
    of(604_426, Country::Ca, "PE", "Prince Edward Island"),
    of(604_427, Country::Us, "AS", "American Samoa"),
    of(604_428, Country::Ca, "QC", "Quebec"),
    of(604_429, Country::Ca, "YT", "Yukon"),
    of(604_430, Country::Us, "MP", "Northern Mariana Islands"),
    of(604_431, Country::Us, "PR", "Puerto Rico"),
    of(604_432, Country::Ca, "AB", "Alberta"),
    of(604_433, Country::Ca, "NU", "Nunavut"),
    of(604_434, Country::Ca, "NT", "Northwest Territories"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_codes_and_names_are_unique() {
        let count = JURISDICTIONS.len();
        assert_eq!(JURISDICTIONS.iter().map(|one| one.iin).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(JURISDICTIONS.iter().map(|one| one.code).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(JURISDICTIONS.iter().map(|one| one.name).collect::<BTreeSet<_>>().len(), count);
    }

    #[test]
    fn an_issuer_is_found_by_number_code_and_name() {
        for found in
            [Jurisdiction::by_iin(636_002), Jurisdiction::by_code("ma"), Jurisdiction::by_name("MASSACHUSETTS")]
        {
            assert_eq!(found.map(Jurisdiction::issuer), Some(Issuer("US-MA".to_owned())));
        }
        assert_eq!(Jurisdiction::by_iin(990_876).map(|one| one.code), Some("AB"));
        assert_eq!(Jurisdiction::by_iin(360_040), None);
    }
}
