use super::*;
use jiff::civil::date as day;

fn shown(code: &str, value: &str) -> String {
    match number(&Format::parse(code, None), value.parse().unwrap()) {
        Shown::Text(text, _) => text,
        Shown::Stored => "stored".to_owned(),
        Shown::Nothing => String::new(),
    }
}

fn divisor(code: &str) -> Decimal {
    match number(&Format::parse(code, None), "124060000".parse().unwrap()) {
        Shown::Text(_, divisor) => divisor,
        _ => Decimal::ZERO,
    }
}

#[test]
fn a_format_that_scales_is_shown_as_on_the_screen() {
    let cases = [
        (r"0\.00,", "124060000", "1240.60", 100_000),
        (r#"0"."00,"#, "124060000", "1240.60", 100_000),
        (r"#\.##,", "124060000", "1240.60", 100_000),
        (r"##\.00,", "40000", ".40", 100_000),
        (r"0\.00,", "5000", "0.05", 100_000),
        ("0.00,,", "124060000", "124.06", 1_000_000),
        ("#,##0,", "124060000", "124,060", 1_000),
        ("0,.00", "124060000", "124060.00", 1_000),
        (r#"0.00,"K""#, "1240600", "1240.60K", 1_000),
        (r#""Rs." 0.00,"#, "1240600", "Rs. 1240.60", 1_000),
        (r#"0\.00,," Cr""#, "12406000000", "124.06 Cr", 100_000_000),
        ("#,##0.00", "1240.6", "1,240.60", 1),
        ("0", "1240.6", "1241", 1),
        ("0.00%", "0.125", "12.50%", 0),
    ];
    for (code, value, text, by) in cases {
        assert_eq!(shown(code, value), text, "{code}");
        if by > 0 {
            assert_eq!(divisor(code), Decimal::from(by), "{code}");
        }
    }
}

#[test]
fn indian_groups_are_no_scale() {
    let code = r"[>=10000000]##\,##\,##\,##0.00;[>=100000]##\,##\,##0.00;##,##0.00";
    assert_eq!(shown(code, "124060000"), "12,40,60,000.00");
    assert_eq!(shown(code, "1240600"), "12,40,600.00");
    assert_eq!(shown(code, "1240.6"), "1,240.60");
    assert_eq!(shown(code, "-1240.6"), "-1,240.60");
    assert_eq!(divisor(code), Decimal::ONE);
}

#[test]
fn signs_and_sides_are_those_of_the_section() {
    assert_eq!(shown("#,##0.00_);(#,##0.00)", "-5"), "(5.00)");
    assert_eq!(shown(r#"0.00" Dr";0.00" Cr""#, "-5"), "5.00 Cr");
    assert_eq!(shown(r#"0.00" Dr";0.00" Cr""#, "5"), "5.00 Dr");
    assert_eq!(shown("0.00;[Red]0.00", "-5"), "-5.00");
    assert_eq!(shown("0.00", "-5"), "-5.00");
    assert_eq!(shown(r#"_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)"#, "0"), "-");
    assert_eq!(shown("[<0]0.00;0.00", "-5"), "5.00");
    assert_eq!(shown(";;;", "5"), "");
    assert_eq!(shown("0.00;-0.00;;@", "0"), "");
}

#[test]
fn what_is_not_calculated_is_shown_as_stored() {
    for code in ["General", "0.00E+00", "# ?/?", "@", ""] {
        assert_eq!(shown(code, "5.25"), "stored", "{code}");
    }
}

#[test]
fn currencies_are_shown_with_their_amounts() {
    assert_eq!(shown(r"[$₹-4009] #,##0.00", "5"), "₹ 5.00");
    assert_eq!(shown(r"[$$-409]#,##0.00", "5"), "$5.00");
    let local = Format::parse(r#"_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)"#, Some(44));
    assert_eq!(number(&local, Decimal::from(5)), Shown::Text("5.00".to_owned(), Decimal::ONE));
}

#[test]
fn a_day_whose_format_shows_a_month_is_that_month() {
    let of = |code: &str| date(&Format::parse(code, None), day(2025, 3, 1));
    assert_eq!(of(r"mmm\-yy").as_deref(), Some("Mar 2025"));
    assert_eq!(of("mmmm yyyy").as_deref(), Some("Mar 2025"));
    assert_eq!(of("mm/yyyy").as_deref(), Some("Mar 2025"));
    assert_eq!(of("dd-mmm-yy"), None);
    assert_eq!(of("mm-dd-yy"), None);
    assert_eq!(of(r#""As at "dd/mm/yyyy"#).as_deref(), Some("As at 1 Mar 2025"));
    assert_eq!(of(r#""FY "yyyy"#).as_deref(), Some("FY 2025"));
    assert_eq!(date(&Format::parse("yyyy", None), day(2024, 12, 31)), None);
}

#[test]
fn a_text_may_be_hidden_or_extended() {
    assert_eq!(text(&Format::parse(";;;", None), "a").as_deref(), Some(""));
    assert_eq!(text(&Format::parse("General", None), "a"), None);
    assert_eq!(text(&Format::parse(r#"0;0;0;"Less: "@"#, None), "a").as_deref(), Some("Less: a"));
    assert_eq!(
        text(&Format::parse("_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)", None), "a")
            .map(|t| t.trim().to_owned())
            .as_deref(),
        Some("a")
    );
}

proptest::proptest! {
    #[test]
    fn any_format_is_read_without_a_panic(code in "[0#?.,;@*_\"\\\\%\\[\\]<>=ymdhEe+$ -]{0,40}|\\PC{0,40}", value in proptest::num::f64::NORMAL) {
        let format = Format::parse(&code, None);
        if let Some(value) = crate::number::from_float(value) {
            let _ = number(&format, value);
        }
        let _ = date(&format, day(2025, 3, 31));
        let _ = text(&format, "a");
    }

    #[test]
    fn an_amount_shown_in_groups_is_read_as_itself(value in -1_000_000_000_000_i64..1_000_000_000_000) {
        let value = Decimal::new(value, 2);
        let Shown::Text(text, divisor) = number(&Format::parse("#,##0.00_);(#,##0.00)", None), value) else { panic!() };
        proptest::prop_assert_eq!(crate::number::parse(&text), crate::number::Printed::Amount(value, None));
        proptest::prop_assert_eq!(divisor, Decimal::ONE);
    }
}
