use super::*;

fn ends(text: &str) -> Option<String> {
    match parse(text).periods.as_slice() {
        [When::Day(date)] => Some(date.to_string()),
        [When::Year(year)] => Some(format!("{year}-03-31")),
        _ => None,
    }
}

#[test]
fn a_year_end_is_read_in_every_common_form() {
    for text in [
        "31.03.2024",
        "As at 31st March, 2024",
        "31-Mar-24",
        "March 31, 2024",
        "FY 2023-24",
        "2023-24",
        "FY24",
        "FY 2024",
        "Year ended 31/03/2024",
        "31/03/24",
        "As atMar 31, 2024",
        "ended31.03.2024",
        "2023-2024",
        "F.Y. 2023-24",
        "2024",
        "Mar-24",
        "March 2024",
        "2024-03-31",
        "3/31/2024",
        "For the period 01.04.2023 to 31.03.2024",
        "AY 2024-25",
        "31.03.2024 (Audited)",
        "March 31,2024(Audited)",
    ] {
        assert_eq!(ends(text).as_deref(), Some("2024-03-31"), "{text}");
    }
}

#[test]
fn a_date_split_over_two_rows_is_read_in_parts() {
    assert_eq!(parse("March 31,").periods, [When::MonthDay(3, 31)]);
    assert_eq!(parse("31 March").periods, [When::MonthDay(3, 31)]);
    assert_eq!(parse("2018").periods, [When::Year(2018)]);
    assert_eq!(number("46112".parse().unwrap()), Some(When::Day(date(2026, 3, 31))));
}

#[test]
fn a_cell_may_hold_two_headings() {
    let found = parse("31/03/2018 | 31/03/2017").periods;
    assert_eq!(found, [When::Day(date(2018, 3, 31)), When::Day(date(2017, 3, 31))]);
}

#[test]
fn the_kind_of_figures_is_read() {
    assert_eq!(parse("Audited").kind, Some(ColumnKind::Audited));
    assert_eq!(parse("Un-audited").kind, Some(ColumnKind::Provisional));
    assert_eq!(parse("31.03.2025 (Est.)").kind, Some(ColumnKind::Estimated));
    assert_eq!(parse("Proj. 2027").kind, Some(ColumnKind::Projected));
}

#[test]
fn a_year_with_a_misread_digit_is_not_a_year() {
    assert_eq!(parse("March 31,20I7").periods, [When::MonthDay(3, 31)]);
    assert_eq!(ends("31st March 2024").as_deref(), Some("2024-03-31"));
}

#[test]
fn months_are_twelve_unless_said() {
    assert_eq!(parse("9 months ended 31.12.2024").months, Some(9));
    assert_eq!(parse("Quarter ended").months, Some(3));
    assert_eq!(parse("Three monthsended 31.03.2018").months, Some(3));
    assert_eq!(parse("31.03.2024").months, None);
}

proptest::proptest! {
    #[test]
    fn a_date_is_read_in_every_order_of_its_parts(year in 1990_i16..=2079, month in 1_i8..=12, day in 13_i8..=28) {
        let expected = [When::Day(date(year, month, day))];
        for text in [format!("{day}.{month:02}.{year}"), format!("{year}-{month:02}-{day}"), format!("{month}/{day}/{year}")] {
            proptest::prop_assert_eq!(parse(&text).periods, expected, "{}", text);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "[0-9./ -]{0,20}|(31st |FY ?|Mar|ended|as at ?|[0-9il]{1,4}| ){0,8}|\\PC{0,60}") {
        let _ = parse(&text);
    }
}

#[test]
fn assessment_years_end_a_year_before_their_first_half() {
    for text in [
        "A.Y. 2025-26",
        "AY 2025-26",
        "A. Y. 2025-26",
        "A.Y.2025-2026",
        "Asst. Year 2025-26",
        "Assessment Year 2025-26",
        "Assessment Year: 2025-26",
        "AY 25-26",
        "AY2025-26",
        "A.Y. 2025–26",
        "Asst Yr 2025/26",
    ] {
        assert_eq!(ends(text).as_deref(), Some("2025-03-31"), "{text}");
    }
}

#[test]
fn a_year_is_read_however_it_is_abbreviated() {
    for text in [
        "F.Y. 24-25",
        "FY'25",
        "FY ’25",
        "FYE Mar 25",
        "FYE 2025",
        "FYE 31.03.25",
        "2024-25",
        "24-25",
        "Year 2025",
        "31st March, 2025",
        "31/3/25",
        "31-3-2025",
        "as on 31 Mar '25",
        "March '25",
        "Mar-25",
        "Y.E. 31.3.25",
        "Y/E 31.03.2025",
        "Year ending March 2025",
        "Financial Year 2024-25",
        "P.Y. 2024-25",
        "As at 31st day of March, 2025",
        "F.Y.2024-25 (Rs.)",
        "२०२४-२५",
        "For the year ended on 31-03-2025",
        "FY 2024-2025",
        "Apr 24 to Mar 25",
        "01-Apr-24 to 31-Mar-25",
        "1.4.2024 - 31.3.2025",
        "FY25E",
    ] {
        assert_eq!(ends(text).as_deref(), Some("2025-03-31"), "{text}");
    }
    assert_eq!(ends("31.12.2024").as_deref(), Some("2024-12-31"));
    assert_eq!(ends("Mar-28"), None);
    assert_eq!(parse("Mar-28").periods, [When::MonthOr(3, 28)]);
    assert_eq!(parse("March '28").periods, [When::Day(date(2028, 3, 31))]);
}

#[test]
fn a_period_that_can_be_read_in_two_ways_is_doubtful() {
    for text in ["AY 2025", "A.Y. 2025", "CY 2024"] {
        let facts = parse(text);
        assert!(facts.doubtful_period && facts.periods.is_empty(), "{text}: {facts:?}");
    }
    assert_eq!(parse("03/04/2025").periods, [When::Either(date(2025, 4, 3), date(2025, 3, 4))]);
    assert_eq!(parse("03.04.2025").periods, [When::Day(date(2025, 4, 3))]);
    assert_eq!(parse("01/10/2024 to 31/03/2025").months, Some(6));
}

#[test]
fn a_date_of_something_else_heads_no_column() {
    for text in [
        "Printed on 20.06.2025",
        "Date: 20.06.2025",
        "Run date 20/06/2025",
        "as approved on 20.06.2025",
        "UDIN 25123456ABCDEF1234 dated 20.06.2025",
        "Place: Pune Date: 20.06.2025",
        "Date of signing 20.06.2025",
        "Report generated 20-Jun-2025 10:45",
        "Page 1 of 2025",
    ] {
        assert!(parse(text).periods.is_empty(), "{text}: {:?}", parse(text).periods);
    }
}

#[test]
fn the_months_of_a_period_are_counted() {
    let cases: [(&str, u8); 23] = [
        ("For the period from 01.10.2024 to 31.03.2025", 6),
        ("01-Oct-24 to 31-Mar-25", 6),
        ("01.10.2024 - 31.03.2025", 6),
        ("From 1st October 2024 to 31st March 2025", 6),
        ("Oct-24 to Mar-25", 6),
        ("for the six months ended 30.09.2024", 6),
        ("18 months ended 31.03.2025", 18),
        ("Half year ended 30.09.2024", 6),
        ("H1 FY25", 6),
        ("H2 FY25", 6),
        ("Q3 FY25", 3),
        ("9M FY25", 9),
        ("9 months ended 31.12.2024", 9),
        ("Nine months ended 31.12.2024", 9),
        ("Fifteen months ended 31.03.2025", 15),
        ("Year ended 31.03.2025", 12),
        ("For the period 01.04.2024 to 31.03.2025", 12),
        ("15.10.2024 to 31.03.2025", 6),
        ("20.10.2024 to 31.03.2025", 5),
        ("01/07/2023 to 31/12/2024", 18),
        ("Apr-Dec 2024", 9),
        ("October to March 2025", 6),
        ("1st April to 31st December 2024", 9),
    ];
    for (text, months) in cases {
        assert_eq!(parse(text).months, Some(months), "{text}");
    }
    assert_eq!(ends("H1 FY25").as_deref(), Some("2024-09-30"));
    assert_eq!(ends("Q3 FY25").as_deref(), Some("2024-12-31"));
    assert_eq!(ends("9M FY25").as_deref(), Some("2024-12-31"));
    assert_eq!(ends("Q4 FY25").as_deref(), Some("2025-03-31"));
    for text in ["For the period ended 31.03.2025", "YTD Dec 2024", "Upto 31.12.2024", "40 months ended 31.03.2025"] {
        let facts = parse(text);
        assert!(facts.open_period && facts.months.is_none(), "{text}: {facts:?}");
    }
}

#[test]
fn what_is_not_audited_is_provisional() {
    for text in [
        "Not Audited",
        "Un-audited",
        "(Unaudited)",
        "Subject to audit",
        "Draft",
        "Management certified",
        "Certified by the management",
        "Provisional",
        "Prov.",
        "Limited review",
        "Yet to be audited",
        "Audit pending",
        "Before audit",
        "31.03.2025 (Non-audited)",
    ] {
        assert_eq!(parse(text).kind, Some(ColumnKind::Provisional), "{text}");
    }
    for text in ["Audited", "As per audited accounts", "Restated audited", "Actuals", "FY24A", "Duly audited"] {
        assert_eq!(parse(text).kind, Some(ColumnKind::Audited), "{text}");
    }
    assert_eq!(parse("2024-25 (A)").kind, Some(ColumnKind::Audited));
    assert_eq!(parse("31.03.2026 (E)").kind, Some(ColumnKind::Estimated));
    assert!(parse("2024-25 (P)").doubtful_kind);
    assert_eq!(parse("FY26P").kind, Some(ColumnKind::Projected));
    assert_eq!(parse("FY25E").kind, Some(ColumnKind::Estimated));
    for text in ["Audited / Unaudited", "Audit in progress", "Partly audited", "Est./Proj."] {
        let facts = parse(text);
        assert!(facts.doubtful_kind && facts.kind.is_none(), "{text}: {facts:?}");
    }
    for text in ["Restated", "31.03.2025", "Auditors' report of even date", "Tax audit report", "Audit fees"] {
        let facts = parse(text);
        assert!(!facts.doubtful_kind && facts.kind.is_none(), "{text}: {facts:?}");
    }
}

#[test]
fn the_current_and_the_previous_year_are_relative() {
    for (text, years) in [
        ("Current Year", 0),
        ("C.Y.", 0),
        ("This year", 0),
        ("P.Y.", -1),
        ("Figures for the current reporting period", 0),
        ("Figures as at the end of the previous reporting period", -1),
        ("Previous Year", -1),
        ("Last year", -1),
        ("Prev. Yr.", -1),
    ] {
        assert_eq!(parse(text).relative, Some(years), "{text}");
    }
    for text in ["Current assets", "Previous balance brought forward"] {
        assert_eq!(parse(text).relative, None, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn the_months_between_first_and_last_days_are_whole(from in 1_i8..=12, months in 1_u8..=18) {
        let first = date(2023, from, 1);
        let last = first.checked_add(jiff::Span::new().months(i64::from(months))).unwrap().yesterday().unwrap();
        let text = format!("{:02}.{:02}.{} to {:02}.{:02}.{}", first.day(), first.month(), first.year(), last.day(), last.month(), last.year());
        let facts = parse(&text);
        proptest::prop_assert_eq!(facts.months, Some(months));
        proptest::prop_assert_eq!(facts.periods, [When::Day(last)]);
    }

    #[test]
    fn any_heading_is_read_without_a_panic(text in "(A\\.?Y\\.? ?|FY'?|to |Q[1-5] ?|[0-9]{1,4}[./-]?|months? |audited ?|not |'|Mar-?| ){0,9}") {
        let _ = parse(&text);
    }
}

/// An amount in groups of digits, as Indian or Western statements print it.
fn grouped(amount: u64, indian: bool) -> String {
    let digits = amount.to_string();
    let count = digits.chars().count();
    let comma = |left: usize| if indian { left == 3 || (left > 3 && left % 2 == 1) } else { left.is_multiple_of(3) };
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && comma(count - at) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn an_amount_in_groups_of_digits_is_no_date() {
    for amount in
        ["1,12,64,970.00", "1,21,17,495.00", "1,06,77,919", "12,11,22,334", "31,12,24,000 Dr", "(1,10,24,500)", "24,25"]
    {
        assert_eq!(parse(amount).periods, [], "{amount}");
    }
    assert_eq!(grouped(11_264_970, true), "1,12,64,970");
    assert_eq!(
        parse("31,03,2018").periods,
        [When::Day(date(2018, 3, 31))],
        "a misread date has four digits at its end"
    );
    assert_eq!(parse("31.03.24, 31.03.23").periods.len(), 2);
}

proptest::proptest! {
    #[test]
    fn no_amount_is_a_date(amount in 1_000_u64..9_999_999_999, indian: bool, tail in "|\\.[0-9]{2}|/-| Dr| Cr\\.", head in "|Rs\\. |₹|-|\\(") {
        let text = format!("{head}{}{tail}", grouped(amount, indian));
        proptest::prop_assert!(parse(&text).periods.is_empty(), "{}", text);
    }
}

#[test]
fn months_before_or_behind_a_year_are_counted_from_april() {
    for (text, end, months) in [
        ("10M 2024-25", "2025-01-31", 10),
        ("11 M FY25", "2025-02-28", 11),
        ("FY25 (8M)", "2024-11-30", 8),
        ("9M FY25", "2024-12-31", 9),
        ("12M 2023-24", "2024-03-31", 12),
    ] {
        assert_eq!((ends(text).as_deref(), parse(text).months), (Some(end), Some(months)), "{text}");
    }
    assert!(parse("2024-25 part year").open_period, "the months are asked for");
    assert_eq!(parse("Rs. 5m").months, None);
}
