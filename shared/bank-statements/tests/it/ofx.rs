//! OFX 1, OFX 2 and QFX.

use crate::support::{balances, dec, reading, refused, shown, statement};
use bank_statements::{Flag, Footing, Format, Origin, ReadError, Unread, UnusedKind, Verdict};

/// An OFX 1 file of one account around some transactions.
fn sgml(transactions: &str) -> String {
    format!(
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n<OFX>\n<BANKMSGSRSV1><STMTTRNRS><STMTRS>\n\
         <CURDEF>EUR\n<BANKACCTFROM><BANKID>77<ACCTID>4711<ACCTTYPE>CHECKING</BANKACCTFROM>\n<BANKTRANLIST>\n\
         <DTSTART>20260101<DTEND>20260131\n{transactions}</BANKTRANLIST>\n<LEDGERBAL><BALAMT>90.00<DTASOF>20260131</LEDGERBAL>\n\
         </STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n"
    )
}

fn transaction(kind: &str, date: &str, amount: &str, name: &str) -> String {
    format!("<STMTTRN>\n<TRNTYPE>{kind}\n<DTPOSTED>{date}\n<TRNAMT>{amount}\n<FITID>1\n<NAME>{name}\n</STMTTRN>\n")
}

#[test]
fn a_derived_opening_balance_proves_nothing() {
    let read = statement(sgml(&transaction("DEBIT", "20260105", "-10.00", "Rent")));
    let opening = read.opening.clone().unwrap();
    assert_eq!((opening.amount, opening.origin, opening.at), (dec("100.00"), Origin::Derived, None));
    assert!(matches!(read.footing, Footing::Unproven(_)));
    assert_eq!(read.verdict(), Verdict::Unproven);
    assert_eq!(read.account.unwrap().value, "4711");
    assert_eq!(read.currency.unwrap().value, "EUR");
    assert_eq!(read.period.unwrap().to.to_string(), "2026-01-31");
}

#[test]
fn tags_may_be_in_lower_case_closed_or_not_and_on_one_line() {
    let file = sgml(
        &(transaction("DEBIT", "20260105", "-10.00", "A &amp; B") + &transaction("CREDIT", "20260106", "5.5", "C < 9")),
    );
    let expected = statement(&file);
    assert_eq!(shown(&expected.rows), ["2026-01-05 -10.00", "2026-01-06 5.5"]);
    assert_eq!(expected.rows[0].narration, "A & B");
    assert_eq!(expected.rows[1].narration, "C < 9");
    let body = file.split("\n\n").nth(1).unwrap();
    let lower = |text: &str| {
        let mut tag = false;
        let fold = |c: char| {
            tag = (tag || c == '<') && c != '>';
            if tag { c.to_ascii_lowercase() } else { c }
        };
        text.chars().map(fold).collect::<String>()
    };
    let closed = ["TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "NAME"].iter().fold(body.to_owned(), |text, name| {
        let mut out = String::new();
        for line in text.lines() {
            out.push_str(line);
            if line.starts_with(&format!("<{name}>")) {
                out.push_str(&format!("</{name}>"));
            }
            out.push('\n');
        }
        out
    });
    let xml = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?OFX OFXHEADER=\"200\" VERSION=\"211\"?>\n{closed}"
    );
    let variants = [
        ("lower case", lower(&file)),
        ("CRLF", file.replace('\n', "\r\n")),
        ("CR", file.replace('\n', "\r")),
        ("one line", body.replace('\n', "")),
        ("blank lines and indentation", body.replace('\n', "\r\n\t  \r\n")),
        ("without header", body.to_owned()),
        ("closed", closed.clone()),
        ("XML", xml),
        ("no closing tag of transactions", file.replace("</STMTTRN>\n", "")),
    ];
    for (name, variant) in variants {
        let read = statement(&variant);
        assert_eq!(shown(&read.rows), shown(&expected.rows), "{name}");
        assert_eq!(read.rows[1].narration, "C < 9", "{name}");
        assert_eq!(balances(&read), (Some(dec("94.50")), Some(dec("90.00"))), "{name}");
        assert_eq!(read.flags, [], "{name}");
    }
}

#[test]
fn the_date_is_the_one_printed() {
    let dates =
        ["20260131235959.999[0:GMT]", "20260131", "20260131000000[-8:PST]", "20260131233000[+5.30:IST]", "2026-01-31"];
    for date in dates {
        let read = statement(sgml(&transaction("OTHER", date, "-10.00", "x")));
        assert_eq!(shown(&read.rows), ["2026-01-31 -10.00"], "{date}");
        assert_eq!(read.rows[0].printed.date, date);
    }
}

#[test]
fn decimal_marks_are_settled_by_the_file() {
    let amounts = |amounts: &[&str]| {
        let rows: String = amounts.iter().map(|amount| transaction("OTHER", "20260105", amount, "x")).collect();
        statement(sgml(&rows).replace("90.00", "90")).rows.iter().map(|row| row.amount.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(amounts(&["-1400,82", "+310,4", "2750"]), ["-1400.82", "310.4", "2750"]);
    assert_eq!(amounts(&["1,234", "12.50"]), ["1234", "12.50"]);
    assert_eq!(amounts(&["1.234,56", "1.234"]), ["1234.56", "1234"]);
    assert_eq!(amounts(&["1,234.56", "-7"]), ["1234.56", "-7"]);
    // The standard has no marks between groups.
    assert_eq!(amounts(&["1.234"]), ["1.234"]);
}

#[test]
fn a_row_that_cannot_be_read_is_listed_and_flagged() {
    let rows = [
        transaction("OTHER", "", "1.00", "no date"),
        transaction("OTHER", "20260231", "1.00", "no such day"),
        transaction("OTHER", "20260105", "", "no amount"),
        transaction("OTHER", "20260105", "$120", "a sign of a currency"),
        transaction("OTHER", "20260105", "12..34", "garbled"),
        transaction("OTHER", "20260105", "-10.00", "good"),
    ];
    let read = reading(sgml(&rows.concat()));
    let why: Vec<Unread> = read.unread_rows.iter().map(|row| row.why).collect();
    use Unread::{AmountMissing, AmountNotUnderstood, DateMissing, DateNotUnderstood};
    assert_eq!(why, [DateMissing, DateNotUnderstood, AmountMissing, AmountNotUnderstood, AmountNotUnderstood]);
    assert_eq!(read.statements[0].rows.len(), 1);
    assert_eq!(read.statements[0].flags, [Flag::RowsNotRead { count: 5 }]);
    assert_eq!(read.statements[0].verdict(), Verdict::Flagged);
    assert!(matches!(refused(sgml(&rows[..5].concat())), ReadError::NoRowRead { count: 5, .. }));
}

#[test]
fn one_fitid_on_several_rows_drops_none() {
    let rows = transaction("FEE", "20260105", "-1.00", "Fee") + &transaction("FEE", "20260105", "-1.00", "Fee");
    let read = statement(sgml(&rows));
    assert_eq!(read.rows.len(), 2);
    assert!(read.rows.iter().all(|row| row.repeated));
}

#[test]
fn a_kind_that_contradicts_the_sign_is_flagged() {
    let read = statement(sgml(&transaction("DEBIT", "20260105", "10.00", "x")));
    assert!(matches!(read.flags[..], [Flag::DirectionContradicted { .. }]), "{:?}", read.flags);
    assert_eq!(read.rows[0].amount, dec("10.00"));
}

#[test]
fn amounts_in_another_currency_are_not_added_up() {
    let foreign = transaction("OTHER", "20260105", "-10.00", "x")
        .replace("</STMTTRN>", "<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY></STMTTRN>");
    let read = reading(sgml(&(foreign.clone() + &transaction("OTHER", "20260105", "-1.00", "y"))));
    assert_eq!(read.unread_rows[0].why, Unread::CurrencyDiffers);
    let converted = foreign.replace("CURRENCY", "ORIGCURRENCY");
    assert_eq!(statement(sgml(&converted)).rows.len(), 1);
    let unstated = statement(sgml(&foreign).replace("<CURDEF>EUR", "<CURDEF>"));
    assert_eq!(unstated.currency.unwrap().value, "USD");
}

#[test]
fn pending_transactions_and_unknown_elements_are_listed() {
    let rows = transaction("OTHER", "20260105", "-10.00", "x").replace("<FITID>", "<SHOE.SIZE>44\n<FITID>")
        + &transaction("OTHER", "20260105", "-3.00", "pending").replace("STMTTRN", "STMTTRNP");
    let read = reading(sgml(&rows));
    assert_eq!(read.statements[0].rows.len(), 1);
    let kinds: Vec<_> = read.unused.iter().map(|unused| unused.kind).collect();
    assert_eq!(kinds, [UnusedKind::Unknown, UnusedKind::NotBooked]);
    assert!(read.unused[0].text.contains("44"));
}

#[test]
fn hostile_and_incomplete_files_are_refused_or_flagged() {
    let doctype = "<?xml version=\"1.0\"?><!DOCTYPE OFX [<!ENTITY a \"b\">]><OFX><BANKMSGSRSV1></BANKMSGSRSV1></OFX>";
    assert_eq!(refused(doctype), ReadError::Doctype);
    let deep = format!("<OFX>{}</OFX>", "<A>".repeat(1000) + &"</A>".repeat(1000));
    assert_eq!(refused(deep).code(), "file.limit.depth");
    let investment = "<OFX><INVSTMTMSGSRSV1><INVSTMTRS><CURDEF>USD</CURDEF></INVSTMTRS></INVSTMTMSGSRSV1></OFX>";
    assert_eq!(refused(investment), ReadError::NoStatement);
    let file = sgml(&transaction("DEBIT", "20260105", "-10.00", "=cmd|' /C calc'!A0"));
    assert_eq!(statement(&file).rows[0].narration, "=cmd|' /C calc'!A0");
    let cut = &file[..file.find("<LEDGERBAL>").unwrap()];
    assert!(statement(cut).flags.iter().any(|flag| matches!(flag, Flag::Truncated { .. })));
    assert_eq!(reading(&file).format, Format::Ofx);
}
