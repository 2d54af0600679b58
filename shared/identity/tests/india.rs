//! Numbers of India: examples that are published, and what is refused.

use identity::PersonName;
use identity::india::{Aadhaar, Cin, Gstin, HolderType, NumberError, Pan, Udyam};
use proptest::prelude::*;

#[test]
fn a_pan_says_what_its_holder_is_and_fits_the_holders_name() {
    let pan = Pan::parse("afzpk 7190k").unwrap();
    assert_eq!(pan.holder(), HolderType::Person);
    assert_eq!(pan.masked().to_string(), "****190K");
    assert!(pan.fits(&PersonName::of_parts("Kumar", "Asha", "", "")));
    assert!(!pan.fits(&PersonName::of_parts("Asha", "Kumar", "", "")));
    assert!(pan.fits(&PersonName::of_whole("Asha Kumar")), "the order is not known");
    assert!(!pan.fits(&PersonName::of_whole("Asha Rao")));
    // Bharat Sanchar Nigam Limited, as published.
    let company = Pan::parse("AABCB5576G").unwrap();
    assert_eq!(company.holder(), HolderType::Company);
    assert!(company.fits(&PersonName::of_whole("Bharat Sanchar Nigam Limited")));
    assert!(!company.fits(&PersonName::of_whole("Sanchar Bharat Limited")));
    assert_eq!(company.key(), Pan::parse("aabcb-5576-g").unwrap().key());
    for (letter, holder) in [
        ('F', HolderType::Firm),
        ('H', HolderType::HinduUndividedFamily),
        ('A', HolderType::AssociationOfPersons),
        ('B', HolderType::BodyOfIndividuals),
        ('T', HolderType::Trust),
        ('L', HolderType::LocalAuthority),
        ('J', HolderType::ArtificialJuridicalPerson),
        ('G', HolderType::Government),
    ] {
        assert_eq!(Pan::parse(&format!("ABC{letter}E1234F")).map(|pan| pan.holder()), Ok(holder));
    }
    assert_eq!(Pan::parse("ABCXE1234F"), Err(NumberError::Character { position: 4 }));
    assert_eq!(Pan::parse("ABCPE12345"), Err(NumberError::Character { position: 10 }));
    assert_eq!(Pan::parse("ABCPE1234"), Err(NumberError::Length { expected: 10, got: 9 }));
    assert_eq!(Pan::parse("ABCPE1234FF"), Err(NumberError::Length { expected: 10, got: 11 }));
    assert_eq!(Pan::parse("ABCPÉ1234F"), Err(NumberError::Character { position: 5 }));
}

#[test]
fn a_gstin_holds_a_state_a_pan_and_a_check_character() {
    // The check characters were computed by another program.
    for (text, state, holder) in [
        ("27AAPFU0939F1ZV", 27, HolderType::Firm),
        ("29AAGCB7383J1Z4", 29, HolderType::Company),
        ("07AAACK1234L2ZO", 7, HolderType::Company),
    ] {
        let gstin = Gstin::parse(text).unwrap();
        assert_eq!((gstin.state(), gstin.pan().holder()), (state, holder));
        assert_eq!(gstin.masked().to_string(), format!("****{}", &text[11..]));
        assert_eq!(gstin.pan().key(), Pan::parse(&text[2..12]).unwrap().key());
    }
    assert_eq!(Gstin::parse("27AAPFU0939F1ZW"), Err(NumberError::CheckCharacter));
    assert_eq!(Gstin::parse("72AAPFU0939F1ZV"), Err(NumberError::Character { position: 2 }));
    assert_eq!(Gstin::parse("27AAPXU0939F1ZV"), Err(NumberError::Character { position: 6 }));
    assert_eq!(Gstin::parse("27AAPFU0939F0ZV"), Err(NumberError::Character { position: 13 }));
    assert_eq!(Gstin::parse(""), Err(NumberError::Length { expected: 15, got: 0 }));
}

#[test]
fn a_cin_says_whether_listed_since_when_and_of_which_class() {
    let cin = Cin::parse("L52399MH1987PLC044954").unwrap();
    assert_eq!((cin.is_listed(), cin.year(), cin.class()), (true, 1987, "PLC"));
    assert_eq!(cin.masked().to_string(), "****4954");
    let cin = Cin::parse("u72900ka2008ptc046374").unwrap();
    assert_eq!((cin.is_listed(), cin.year(), cin.class()), (false, 2008, "PTC"));
    assert_eq!(Cin::parse("X72900KA2008PTC046374"), Err(NumberError::Character { position: 1 }));
    assert_eq!(Cin::parse("U72900XX2008PTC046374"), Err(NumberError::Character { position: 7 }));
    assert_eq!(Cin::parse("U72900KA1008PTC046374"), Err(NumberError::Character { position: 9 }));
    assert_eq!(Cin::parse("U72900KA2008ABC046374"), Err(NumberError::Character { position: 13 }));
}

#[test]
fn a_udyam_registration_has_its_form() {
    assert_eq!(Udyam::parse("UDYAM-MH-26-0123456").map(|udyam| udyam.masked().to_string()), Ok("****3456".to_owned()));
    assert_eq!(Udyam::parse("UDYOM-MH-26-0123456"), Err(NumberError::Character { position: 4 }));
    assert_eq!(Udyam::parse("UDYAM-XX-26-0123456"), Err(NumberError::Character { position: 6 }));
    assert_eq!(Udyam::parse("UDYAM-MH-26-012345"), Err(NumberError::Length { expected: 16, got: 15 }));
}

#[test]
fn an_aadhaar_number_is_checked_and_never_kept() {
    // The first is UIDAI's own sample; the second was computed by another program.
    for (text, shown) in [("2341 2341 2346", "****2346"), ("4999-1234-5674", "****5674")] {
        let aadhaar = Aadhaar::parse(text).unwrap();
        assert_eq!(aadhaar.masked().to_string(), shown);
        assert_eq!(format!("{aadhaar:?}"), format!("Aadhaar {{ masked: {shown} }}"));
    }
    assert_eq!(Aadhaar::parse("2341 2341 2347"), Err(NumberError::CheckCharacter));
    assert_eq!(Aadhaar::parse("1341 2341 2346"), Err(NumberError::Character { position: 1 }));
    assert_eq!(Aadhaar::parse("२३४१२३४१२३४६"), Err(NumberError::Character { position: 1 }));
}

proptest! {
    #[test]
    fn one_wrong_digit_or_two_swapped_are_found(at in 0..12_usize, by in 1..10_u8) {
        let digits = *b"234123412346";
        let mut wrong = digits;
        wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
        prop_assert!(Aadhaar::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
        if at > 0 && digits[at] != digits[at - 1] {
            let mut swapped = digits;
            swapped.swap(at, at - 1);
            prop_assert!(Aadhaar::parse(std::str::from_utf8(&swapped).unwrap()).is_err());
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,24}") {
        let _ = (Pan::parse(&text), Gstin::parse(&text), Cin::parse(&text), Udyam::parse(&text), Aadhaar::parse(&text));
    }

    #[test]
    fn no_form_shows_more_than_the_last_four(pan in "[A-Z]{3}P[A-Z][0-9]{4}[A-Z]", digits in "[2-9][0-9]{11}") {
        let parsed = Pan::parse(&pan).unwrap();
        let shown = format!("{:?} {}", parsed, parsed.masked());
        prop_assert!(!shown.contains(&pan[..6]) && !shown.contains(&pan[4..]) && !shown.contains(&pan[5..]));
        let shown = format!("{:?} {:?}", Aadhaar::parse(&digits), Gstin::parse(&digits));
        prop_assert!(!shown.contains(&digits[..5]) && !shown.contains(&digits[7..]));
    }
}
