use super::*;

fn unit(text: &str) -> Option<Unit> {
    let reading = read(text);
    assert_eq!(reading.unknown, None, "{text}");
    assert_eq!(reading.foreign, None, "{text}");
    reading.unit
}

#[test]
fn unit_headings_are_read_in_every_common_form() {
    let cases = [
        (
            Unit::Lakh,
            "(Rs. in lakhs)|₹ Lacs|Form II (Rs. lakh)|in INR Lacs|Amt in lacs|(Amount in Rs. Lakhs)|Rupees in Lacs|Lakh's|Lks|(Rs. in Lkhs)|\
          (₹ लाख में)|(रु. लाख में)|(राशि लाख रुपये में)|Balance Sheet as at 31.03.2025 (Rs. in Lakhs)|All amounts are in INR lakhs, unless otherwise stated|\
          (Rs. in '00,000)|(Figures in lakhs)|Particulars (₹ in Lakhs)|As at 31.03.2025 Rs. in lakhs|(Rupees in lakhs, except number of shares)|Amount (Rs in Lacs)|\
          (Rs. in Lakhs unless specified otherwise)|Currency: INR; Scale: Lakhs|(Rs. in 1,00,000)|Rs.Lakhs|₹lakhs|Rs. (in lakhs)|Rs (lakhs)",
        ),
        (
            Unit::Crore,
            "(₹ in Crore)|₹ Crs.|(Rs. in Crore except per share data)|Rs. in Cr.|(Rs. Cr)|करोड़ रुपये|रु. करोड़ में|INR Cr|Amount in Crores",
        ),
        (
            Unit::Million,
            "(All amounts in ₹ millions, unless otherwise stated)|₹ in mn|Mns|Rs. Mn|INR million|(Rs. in Mio)",
        ),
        (
            Unit::Thousand,
            "Rs. '000|'000's|(₹ in '000)|('000)|Rs. 000s|in thousands of INR|(Figures in Rs. '000)|(Rs. in 000's)|000's|(Rs.in '000')|\
          (Rs. in 1000's)|(in 1,000s)|Rs. (000 omitted)|₹ '000|Rs. in Thousands|Amount in thousands|(हज़ार रुपये)|(रु. हज़ार में)|(₹ in ‘000)|(Rs. ’000)|Rs 000",
        ),
        (
            Unit::Hundred,
            "Rs. in Hundreds|(Amount in Hundreds)|(₹ in hundreds)|hundreds|(Rs. in '00)|in hundred rupees|(In Rs. Hundred)",
        ),
        (
            Unit::Rupee,
            "Amount in Rs.|Amount (Rs.)|(In Rupees)|Rs.|₹|(Amount in INR, except per share data)|Amount in ₹|(All amounts in Indian Rupees)|\
          (Rs. P.)|रुपये|(Rs. in actuals)|As at 31.03.2025 (Rs.)|(Rounded off to nearest Rupee)|(Amount in absolute Rs.)",
        ),
    ];
    for (expected, texts) in cases {
        for text in texts.split('|') {
            assert_eq!(unit(text.trim()), Some(expected), "{text}");
        }
    }
}

#[test]
fn a_unit_that_is_not_known_is_never_rupees() {
    for text in [
        "Rs. in Bn",
        "(Rs. in billion)",
        "(Rs. in ten thousands)",
        "(Amount in ten lakhs)",
        "(₹ in myriads)",
        "(Rs. Tn)",
        "Rs. Lkhz",
        "(in hundred crores)",
        "Rs. in 10 lakhs",
        "(Rs. in lakhs / crores)",
        "(₹ in K)",
        "Amount in dozens",
        "(Rs. in '0000)",
        "(Rs. in M)",
    ] {
        let reading = read(text);
        assert!(reading.unknown.is_some(), "{text}: {reading:?}");
        assert_eq!(reading.unit, None, "{text}");
    }
}

#[test]
fn the_bracket_of_a_title_may_name_an_unknown_unit() {
    for text in [
        "Balance Sheet (in myriads)",
        "BALANCE SHEET AS AT 31ST MARCH 2025 (in dozens)",
        "Profit & Loss Account [in K] for the year",
        "Balance Sheet (Audited) (in ten myriads)",
        "31.03.2025 (in dozens)",
    ] {
        let reading = read_title(text);
        assert!(reading.unknown.is_some(), "{text}");
        assert_eq!(reading.unit, None, "{text}");
    }
    for text in [
        "Balance Sheet (in liquidation)",
        "Balance Sheet (in abridged form)",
        "Balance Sheet (in Schedule III format)",
        "Balance Sheet (in vertical form)",
        "Balance Sheet (in brief)",
        "Balance Sheet as at 31.03.2025",
    ] {
        assert_eq!(read_title(text).unknown, None, "{text}");
    }
    assert_eq!(read_title("Balance Sheet (in lakhs)").unit, Some(Unit::Lakh));
    assert_eq!(read_title("Balance Sheet (in Rs.)").unit, Some(Unit::Rupee));
}

#[test]
fn another_currency_is_named() {
    for text in [
        "USD in thousands",
        "(US$ in millions)",
        "(Amount in USD)",
        "($ in Millions)",
        "Amount (EUR)",
        "€",
        "(in £)",
        "AED '000",
        "(Amount in US Dollars)",
        "Currency: XYZ",
        "(in Nepalese Rupees)",
        "USD ($) $ in Millions",
        "Amount in AED",
    ] {
        assert!(read(text).foreign.is_some(), "{text}: {:?}", read(text));
    }
    for text in ["Currency: INR", "(Amount in Indian Rupees)", "Rs.", "1 USD = Rs. 83.20", "Note 5 - Trade receivables"]
    {
        assert_eq!(read(text).foreign, None, "{text}");
    }
}

#[test]
fn other_texts_state_no_unit() {
    for text in [
        "Balance Sheet as at 31st March 2024",
        "(Face value of Rs. 10 each)",
        "includes Rs. 5 lakhs due to directors",
        "3. Contingent liabilities of Rs. 12.5 lakhs",
        "Note: bank guarantees of ₹ 2.10 crore are outstanding",
        "Dues of Rs.5,00,000 to a director",
        "Mar-24 (Aud)",
        "Figures in brackets are of the previous year",
        "Inventories in transit",
        "Cash in hand",
        "Investments (in subsidiaries)",
        "Term loans (in foreign currency)",
        "Value in use",
        "Dr.",
        "Cr",
        "Particulars",
        "Hundred and one",
    ] {
        assert_eq!(unit(text), None, "{text}");
    }
}

#[test]
fn only_a_line_about_the_unit_alone_is_pure() {
    assert!(read("(Rs. in lakhs)").pure);
    assert!(read("All amounts are in ₹ lakhs unless otherwise stated").pure);
    assert!(!read("Turnover in lakhs is shown in the schedule of the directors").pure);
    assert!(!read("Sales in crores to dealers").pure);
}

#[test]
fn rupees_outright_differ_from_a_sign() {
    assert!(read("(Amount in Rs.)").outright);
    assert!(read("(In Rupees)").outright);
    assert!(!read("Amount (Rs.)").outright);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "(Rs\\.? ?|in |'000|lakhs?|[(]|[)]|₹|[0-9]{1,4}|करोड़|\\$| ){0,9}|\\PC{0,80}") {
        let reading = read(&text);
        proptest::prop_assert!(reading.unit.is_none() || reading.unknown.is_none());
    }

    #[test]
    fn a_title_keeps_a_unit_that_it_states(text in "\\PC{0,80}") {
        let reading = read_title(&text);
        proptest::prop_assert!(reading.unit.is_none() || reading.unknown.is_none());
        let plain = read(&text).unit.filter(|unit| *unit != Unit::Rupee);
        proptest::prop_assert!(plain.is_none() || reading.unit == plain);
    }

    #[test]
    fn a_unit_behind_a_number_is_an_amount(amount in 1_u32..99_999, unit in "lakhs?|crores?|million|thousands") {
        proptest::prop_assert_eq!(read(&format!("includes Rs. {amount} {unit} due to others")).unit, None);
    }
}
