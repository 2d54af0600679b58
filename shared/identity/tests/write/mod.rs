//! Writes barcodes as the standard's versions do, for tests.

use jiff::civil::Date;

/// What a barcode is made of.
#[derive(Clone, Debug)]
pub struct Licence {
    pub iin: u32,
    pub version: u8,
    pub country: String,
    pub number: String,
    pub family: String,
    pub given: String,
    pub middle: String,
    pub born: Date,
    pub issued: Date,
    pub expires: Date,
    pub sex: u8,
}

/// The text of the licence's barcode, with one subfile.
pub fn barcode(licence: &Licence) -> String {
    let day = |date: Date| match licence.country.as_str() {
        "CAN" => format!("{:04}{:02}{:02}", date.year(), date.month(), date.day()),
        _ => format!("{:02}{:02}{:04}", date.month(), date.day(), date.year()),
    };
    let state = match licence.iin {
        636_000 => "VA",
        636_012 => "ON",
        _ => "AB",
    };
    let (family, given, middle) = (&licence.family, &licence.given, &licence.middle);
    let names = match licence.version {
        1 => vec![format!("DAA{family},{given},{middle},")],
        2 | 3 => vec![format!("DCS{family}"), format!("DCT{given},{middle}")],
        _ => vec![
            format!("DCS{family}"),
            "DDEN".to_owned(),
            format!("DAC{given}"),
            "DDFN".to_owned(),
            format!("DAD{middle}"),
            "DDGN".to_owned(),
        ],
    };
    let mut lines = vec![format!("DAQ{}", licence.number)];
    lines.extend(names);
    let sex = match (licence.version, licence.sex) {
        (1, 1) => "M".to_owned(),
        (1, _) => "F".to_owned(),
        (_, sex) => sex.to_string(),
    };
    lines.extend([
        format!("DBD{}", day(licence.issued)),
        format!("DBB{}", day(licence.born)),
        format!("DBA{}", day(licence.expires)),
        format!("DBC{sex}"),
        "DAYBRO".to_owned(),
        "DAG2300 WEST BROAD STREET".to_owned(),
        "DAIRICHMOND".to_owned(),
        format!("DAJ{state}"),
        "DAK232690000  ".to_owned(),
        format!("DCG{}", licence.country),
    ]);
    let body = format!("DL{}\r", lines.join("\n"));
    let versions =
        if licence.version >= 2 { format!("{:02}0001", licence.version) } else { format!("{:02}01", licence.version) };
    let header = format!("@\n\u{1e}\rANSI {:06}{versions}", licence.iin);
    let offset = header.len() + 10;
    format!("{header}DL{offset:04}{:04}{body}", body.len())
}
