use super::*;

fn amount(text: &str) -> Option<String> {
    match parse(text) {
        Printed::Amount(amount, _) => Some(amount.to_string()),
        _ => None,
    }
}

#[test]
fn indian_and_western_grouping_are_read() {
    assert_eq!(amount("12,34,567.89").as_deref(), Some("1234567.89"));
    assert_eq!(amount("1,234,567.89").as_deref(), Some("1234567.89"));
    assert_eq!(amount("₹ 1,00,000/-").as_deref(), Some("100000"));
    assert_eq!(amount("Rs. 500").as_deref(), Some("500"));
    assert_eq!(amount(".5").as_deref(), Some("0.5"));
}

#[test]
fn a_bracketed_amount_is_negative() {
    assert_eq!(amount("(1,234.50)").as_deref(), Some("-1234.50"));
    assert_eq!(amount("-5").as_deref(), Some("-5"));
    assert_eq!(amount("5-").as_deref(), Some("-5"));
    assert_eq!(amount("\u{2212}7").as_deref(), Some("-7"));
}

#[test]
fn marks_for_nil_are_nil() {
    for text in ["-", "--", "\u{2014}", "nil", "NIL", "...", "\u{2026}", "(-)"] {
        assert_eq!(parse(text), Printed::Nil, "{text}");
    }
}

#[test]
fn a_side_is_kept_beside_the_amount() {
    assert_eq!(parse("1,500.00 Dr"), Printed::Amount("1500.00".parse().unwrap(), Some(Side::Dr)));
    assert_eq!(parse("200 Cr."), Printed::Amount("200".parse().unwrap(), Some(Side::Cr)));
    assert_eq!(parse("200 (Cr)"), Printed::Amount("200".parse().unwrap(), Some(Side::Cr)));
}

#[test]
fn an_amount_that_could_be_misread_is_refused() {
    for text in ["6,89", "161/19", "2.174.30", "1,23,4", "12,345,67", "1 234 63", "(1-45)", "885-38", "(12", "1,2345"] {
        assert_eq!(parse(text), Printed::Refused, "{text}");
    }
}

#[test]
fn words_are_not_an_amount() {
    for text in ["Total", "Note 12 to the accounts", "31st March", "ISO", ""] {
        assert_eq!(parse(text), Printed::NotAmount, "{text}");
    }
}

#[test]
fn the_noise_of_binary_floating_point_is_removed() {
    assert_eq!(from_float(1_318.830_000_000_000_2).unwrap().to_string(), "1318.83");
    assert_eq!(from_float(0.1 + 0.2).unwrap().to_string(), "0.3");
    assert_eq!(from_float(-583_182.0).unwrap().to_string(), "-583182");
    assert_eq!(from_float(f64::NAN), None);
    assert_eq!(from_float(1e300), None);
}

/// The digits in groups: the last one of three, the others of `size`.
fn grouped(digits: &str, size: usize) -> String {
    let (head, last) = digits.split_at(digits.len().saturating_sub(3));
    let head: Vec<char> = head.chars().collect();
    let groups = head.rchunks(size).rev().map(|group| group.iter().collect::<String>());
    groups.chain([last.to_owned()]).collect::<Vec<_>>().join(",")
}

proptest::proptest! {
    #[test]
    fn an_amount_is_read_in_either_grouping_and_in_brackets(whole in 0_u64..10_000_000_000_000, fraction in 0_u32..100) {
        let plain = format!("{whole}.{fraction:02}");
        let expected: Decimal = plain.parse().unwrap();
        let digits = whole.to_string();
        for text in [grouped(&digits, 2), grouped(&digits, 3), digits.clone()] {
            let text = format!("{text}.{fraction:02}");
            proptest::prop_assert_eq!(parse(&text), Printed::Amount(expected, None));
            proptest::prop_assert_eq!(parse(&format!("({text})")), Printed::Amount(-expected, None));
            proptest::prop_assert_eq!(parse(&format!("{text} Dr")), Printed::Amount(expected, Some(Side::Dr)));
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "[-0-9.,() ₹RsDrCr/=\\u{2013}]{0,44}|\\PC{0,44}") {
        let _ = parse(&text);
    }
}

#[test]
fn a_footnote_mark_is_no_part_of_the_amount() {
    for text in [
        "222.20*",
        "222.20 *",
        "222.20**",
        "222.20 #",
        "222.20¹",
        "222.20 ²",
        "222.20†",
        "222.20 (a)",
        "*222.20",
        "222.20^",
        "222.20 (*)",
    ] {
        assert_eq!(amount(text).as_deref(), Some("222.20"), "{text}");
    }
    assert_eq!(amount("(12.3)^").as_deref(), Some("-12.3"));
    assert_eq!(amount("(12.3) (b)").as_deref(), Some("-12.3"));
    for text in ["222.20 1", "222.20 (1)", "12#3", "*", "#", "#12", "12^5"] {
        assert_eq!(amount(text), None, "{text}");
    }
}

#[test]
fn common_spellings_of_an_amount_are_read() {
    let cases = [
        ("'1240.60", "1240.60"),
        ("1\u{202f}240.60", "1240.60"),
        ("12\u{202f}34\u{202f}567", "1234567"),
        ("Rs.1,234", "1234"),
        ("Rs. 1,234/-", "1234"),
        ("1,240.60 INR", "1240.60"),
        ("(-)1,234", "-1234"),
        ("(-) 1,234.5", "-1234.5"),
        ("1,240.60-", "-1240.60"),
        ("\u{2212}1,240.60", "-1240.60"),
        ("- 5", "-5"),
        ("( 1,234 )", "-1234"),
        ("Rs. (1,234)", "-1234"),
        ("(Rs. 1,234)", "-1234"),
        ("1, 240. 60", "1240.60"),
        ("१२,३४,५६७.८९", "1234567.89"),
        ("रु. १००", "100"),
        ("₹1,234 /-", "1234"),
        ("1,500.00* Dr", "1500.00"),
        ("1,240.60 Lakhs", "1240.60"),
        ("₹ 12.41 crore", "12.41"),
        ("0.00", "0.00"),
        ("0", "0"),
    ];
    for (text, expected) in cases {
        assert_eq!(amount(text).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(unit_behind("1,240.60 Lakhs"), Some(Unit::Lakh));
    assert_eq!(unit_behind("₹ 12.41 crore"), Some(Unit::Crore));
    assert_eq!(unit_behind("1,240.60"), None);
    assert_eq!(foreign_currency("$1,234").as_deref(), Some("$"));
    assert_eq!(foreign_currency("₹1,234"), None);
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for text in ["1.240,60", "1240,60", "Rs. 200 Cr", "-(-)5", "1 240.60", "1.2.3"] {
        assert_eq!(parse(text), Printed::Refused, "{text}");
    }
}

#[test]
fn a_ratio_and_what_does_not_exist_are_no_amounts() {
    for text in ["12.5%", "(3.2 %)", "18%", "-4%"] {
        assert_eq!(parse(text), Printed::Ratio, "{text}");
    }
    for text in ["N.A.", "NA", "n/a", "Not applicable", "(N.A.)"] {
        assert_eq!(parse(text), Printed::Absent, "{text}");
    }
}

#[test]
fn a_unit_in_digits_is_no_amount() {
    for text in
        ["'000", "(₹ in '000)", "('000)", "000's", "Rs. '000", "(Rs. in '00)", "000", "'000s", "xx", "XXX", "###"]
    {
        assert_eq!(parse(text), Printed::NotAmount, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn marks_around_an_amount_do_not_change_it(
        whole in 0_u64..10_000_000_000,
        before in "|₹ ?|Rs\\.? ?|INR |'|\\*",
        after in "|\\*|\\*\\*| #|¹| ?†| \\(a\\)|/-| lakhs",
    ) {
        let text = format!("{before}{}.50{after}", grouped(&whole.to_string(), 2));
        let expected: Decimal = format!("{whole}.50").parse().unwrap();
        proptest::prop_assert_eq!(parse(&text), Printed::Amount(expected, None), "{}", text);
    }
}
