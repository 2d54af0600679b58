//! MT940.

use crate::support::{balances, dec, reading, refused, shown, statement};
use bank_statements::{Flag, Footing, ReadError, Total, Unread, UnusedKind, Verdict};

/// A statement over 100.00 EUR on 1 March 2026 around some fields.
fn mt940(fields: &str, closing: &str) -> String {
    format!(":20:REF\n:25:10020030/4711\n:28C:5/1\n:60F:C260301EUR100,00\n{fields}:62F:C260331EUR{closing}\n-\n")
}

#[test]
fn marks_reversals_and_funds_codes_are_told_apart() {
    let marks = [
        ("C10,", "10"),
        ("D10,", "-10"),
        ("RC10,", "-10"),
        ("RD10,", "10"),
        ("CR10,", "10"),
        ("DR10,", "-10"),
        ("RCR10,", "-10"),
        ("RDR10,", "10"),
        ("DD10,", "-10"),
        ("CD10,", "10"),
        ("C 10,00", "10.00"),
        ("d10,5", "-10.5"),
        ("D000000010,00", "-10.00"),
        ("D10.50", "-10.50"),
        ("D1.010,50", "-1010.50"),
    ];
    for (mark, amount) in marks {
        let closing = dec("100") + dec(amount);
        let sign = if closing.is_sign_negative() { 'D' } else { 'C' };
        let closing = format!("{}", closing.abs()).replace('.', ",");
        let file = mt940(&format!(":61:2603040304{mark}NTRFNONREF//B1\n:86:Text\n"), &closing);
        let read = statement(file.replace(":62F:C", &format!(":62F:{sign}")));
        assert_eq!(read.rows[0].amount, dec(amount), "{mark}");
        assert_eq!(read.rows[0].reversal, mark.starts_with('R'), "{mark}");
        assert_eq!(read.verdict(), Verdict::Proven, "{mark}");
        assert_eq!((read.rows[0].reference.as_deref(), read.rows[0].bank_id.as_deref()), (None, Some("B1")));
    }
}

#[test]
fn the_booking_date_finds_its_year() {
    let dates = [
        ("2512310102", "2026-01-02", Some("2025-12-31")),
        ("2601021231", "2025-12-31", Some("2026-01-02")),
        ("260304", "2026-03-04", Some("2026-03-04")),
        ("2602300301", "2026-03-01", None),
        ("2402280229", "2024-02-29", Some("2024-02-28")),
        ("9912310103", "2000-01-03", Some("1999-12-31")),
    ];
    for (printed, date, value) in dates {
        let read = statement(mt940(&format!(":61:{printed}C1,NTRFNONREF\n"), "101,"));
        assert_eq!(read.rows[0].date.to_string(), date, "{printed}");
        assert_eq!(read.rows[0].value_date.map(|date| date.to_string()).as_deref(), value, "{printed}");
        assert_eq!(read.rows[0].printed.date, printed);
        assert_eq!(read.flags.iter().any(|flag| matches!(flag, Flag::ValueDateNotUnderstood { .. })), value.is_none());
    }
}

#[test]
fn entries_that_cannot_be_read_are_listed_and_flagged() {
    let fields = ":61:XX\n:86:of the bad one\n:61:2613010301C1,NTRF\n:61:260230C1,NTRF\n:61:260304X1,NTRF\n:61:260304C,NTRF\n\
                  :61:260304CNTRF\n:61:260304EC1,NTRF\n:61:260304C1,NTRF\n:86:good\n";
    let read = reading(mt940(fields, "101,"));
    let why: Vec<Unread> = read.unread_rows.iter().map(|row| row.why).collect();
    use Unread::{
        AmountMissing, AmountNotUnderstood, DateMissing, DateNotUnderstood, DirectionMissing, StatusNotUnderstood,
    };
    assert_eq!(
        why,
        [
            DateMissing,
            DateNotUnderstood,
            DateNotUnderstood,
            DirectionMissing,
            AmountNotUnderstood,
            AmountMissing,
            StatusNotUnderstood
        ]
    );
    assert_eq!(read.statements[0].rows[0].narration, "good");
    assert!(read.statements[0].flags.contains(&Flag::RowsNotRead { count: 7 }));
    assert!(matches!(refused(mt940(":61:260230C1,NTRF\n", "101,")), ReadError::NoRowRead { count: 1, first: 5 }));
}

#[test]
fn text_that_looks_like_a_tag_or_an_end_is_text() {
    let fields = ":61:2603040304C1,NTRFREF1\nDetails\n:86:166?00Gutschrift?20um 14\n:20:15 Uhr?21Teil?\n22Ende\n- mit Strich\n\
                  :61:2603050305D1,NMSCNONREF\n:86:Rent\n";
    let read = statement(mt940(fields, "100,00"));
    assert_eq!(read.rows[0].narration, "Gutschrift um 14:20:15 Uhr Teil Ende- mit Strich Details");
    assert_eq!(read.rows[0].reference.as_deref(), Some("REF1"));
    assert_eq!(read.rows[0].code.as_deref(), Some("NTRF/166"));
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.verdict(), Verdict::Proven);
}

#[test]
fn blocks_of_the_network_and_line_ends_make_no_difference() {
    let file = mt940(":61:2603040304C1,NTRFNONREF\n:86:Größe\n:61:2603050305D2,NMSCNONREF\n:86:Rent\n", "99,00");
    let blocks = |text: &str| {
        format!("{{1:F01BANKDEFFAXXX0000000000}}{{2:I940BANKDEFFXXXXN}}{{3:{{108:1}}}}{{4:\n{text}}}{{5:{{CHK:1}}}}\n")
    };
    let variants: [(&str, Vec<u8>); 7] = [
        ("as it is", file.clone().into_bytes()),
        ("CRLF", file.replace('\n', "\r\n").into_bytes()),
        ("CR", file.replace('\n', "\r").into_bytes()),
        ("blocks", blocks(file.trim_end()).into_bytes()),
        ("head of a bank", format!("BANKNL2A\n940\nBANKNL2A\n{file}").into_bytes()),
        ("Windows-1252", encoding(&file)),
        ("byte order mark", format!("\u{feff}{file}").into_bytes()),
    ];
    for (name, variant) in variants {
        let read = statement(variant);
        assert_eq!(shown(&read.rows), ["2026-03-04 1", "2026-03-05 -2"], "{name}");
        assert_eq!(read.rows[0].narration, "Größe", "{name}");
        assert_eq!(read.verdict(), Verdict::Proven, "{name}: {:?}", read.flags);
        assert_eq!(read.account.unwrap().value, "10020030/4711", "{name}");
    }
}

fn encoding(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// Three pages of one statement, and a statement of another account between them.
fn pages() -> [String; 4] {
    let page = |account: &str, number: &str, open: &str, amount: &str, close: &str| {
        format!(":20:R\n:25:{account}\n:28C:{number}\n:60{open}\n:61:2603040304{amount}NTRFNONREF\n:62{close}\n-\n")
    };
    [
        page("A", "7/1", "F:C260301EUR100,", "C1,", "M:C260304EUR101,"),
        page("B", "7/1", "F:C260301EUR5,", "C1,", "F:C260331EUR6,"),
        page("A", "7/2", "M:C260304EUR101,", "C2,", "M:C260304EUR103,"),
        page("A", "7/3", "M:C260304EUR103,", "C3,", "F:C260331EUR106,"),
    ]
}

#[test]
fn the_pages_of_a_statement_are_one_statement() {
    let [first, other, second, third] = pages();
    for order in [[&first, &other, &second, &third], [&first, &third, &second, &other]] {
        let read = reading(order.map(String::as_str).concat());
        assert_eq!(read.statements.len(), 2);
        let whole = read.statements.iter().find(|statement| statement.account.as_ref().unwrap().value == "A").unwrap();
        assert_eq!(whole.rows.len(), 3);
        assert_eq!(balances(whole), (Some(dec("100")), Some(dec("106"))));
        assert!(read.statements.iter().all(|statement| statement.verdict() == Verdict::Proven));
    }
}

#[test]
fn pages_that_are_missing_or_do_not_chain_are_flagged() {
    let [first, _, second, third] = pages();
    let read = reading(first.clone() + &third);
    let mismatch = |flag: &Flag| matches!(flag, Flag::PageMismatch { carried, brought, .. } if *carried == dec("101") && *brought == dec("103"));
    assert!(read.statements[0].flags.iter().any(mismatch), "{:?}", read.statements[0].flags);
    let read = reading(second);
    assert!(read.statements[0].flags.iter().any(|flag| matches!(flag, Flag::Incomplete { .. })));
}

#[test]
fn totals_of_the_bank_are_checked() {
    let fields = ":61:2603040304C30,NTRFNONREF\n:61:2603050305D10,NMSCNONREF\n";
    let good =
        mt940(fields, "120,00").replace("-\n", ":90D:1EUR10,\n:90C:1EUR30,\n:86:D000001C000001D10,00C30,00\n-\n");
    assert_eq!(statement(&good).flags, []);
    let bad = good.replace(":90C:1EUR30,", ":90C:2EUR31,").replace("D000001C", "D000004C");
    let stated: Vec<_> = statement(bad)
        .flags
        .iter()
        .map(|flag| match flag {
            Flag::TotalMismatch { what, stated, found, .. } => (*what, *stated, *found),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        (Total::CreditCount, dec("2"), dec("1")),
        (Total::Credits, dec("31"), dec("30")),
        (Total::DebitCount, dec("4"), dec("1")),
    ];
    assert_eq!(stated, expected);
}

#[test]
fn a_statement_that_does_not_foot_says_by_how_much() {
    let read = statement(mt940(":61:2603040304D64,70NTRFNONREF\n", "53,30"));
    let figures = read.footing.figures();
    assert!(matches!(read.footing, Footing::Fails(_)));
    assert_eq!(
        (figures.computed, figures.closing, figures.difference),
        (Some(dec("35.30")), Some(dec("53.30")), Some(dec("18.00")))
    );
    assert_eq!(read.verdict(), Verdict::Flagged);
}

#[test]
fn what_is_missing_or_not_understood_is_flagged() {
    let file = mt940(":61:2603040304C1,NTRFNONREF\n", "101,00");
    let truncated = &file[..file.find(":62F").unwrap()];
    assert!(statement(truncated).flags.iter().any(|flag| matches!(flag, Flag::Truncated { .. })));
    let unreadable = file.replace(":60F:C260301EUR100,00", ":60F:C260301EUR1OO,00");
    assert!(statement(unreadable).flags.iter().any(|flag| matches!(flag, Flag::NotUnderstood { .. })));
    let mixed = file.replace(":62F:C260331EUR", ":62F:C260331SEK");
    let read = statement(mixed);
    assert_eq!(read.flags, [Flag::CurrenciesMixed { currencies: vec!["EUR".into(), "SEK".into()] }]);
    assert!(matches!(read.footing, Footing::Unproven(_)));
    let available = reading(file.replace("-\n", ":64:C260331EUR90,\n:NS:x\n-\nrubbish\n"));
    let kinds: Vec<_> = available.unused.iter().map(|unused| unused.kind).collect();
    assert_eq!(kinds, [UnusedKind::Line, UnusedKind::OtherBalance]);
}

#[test]
fn accounts_may_have_a_currency_or_a_bank_code_of_their_own() {
    let file = mt940(":61:2603040304C1,NTRFNONREF\n", "101,00");
    let account =
        |field: &str| statement(file.replace(":25:10020030/4711", field)).account.map(|account| account.value);
    assert_eq!(account(":25:NL71RABO0123456789 EUR").as_deref(), Some("NL71RABO0123456789"));
    assert_eq!(account(":25P:4711\nBANKDEFF").as_deref(), Some("4711"));
    assert_eq!(account(":21:X"), None);
}
