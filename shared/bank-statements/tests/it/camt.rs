//! CAMT.052 and CAMT.053.

use crate::support::{balances, dec, reading, refused, shown, statement};
use bank_statements::{Flag, Footing, Format, ReadError, Total, Unread, UnusedKind, Verdict};

fn balance(code: &str, amount: &str, currency: &str, date: &str) -> String {
    let (amount, side) = amount.strip_prefix('-').map_or((amount, "CRDT"), |amount| (amount, "DBIT"));
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"{currency}\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>\
         <Dt><Dt>{date}</Dt></Dt></Bal>"
    )
}

fn entry(amount: &str, side: &str, more: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-04</Dt>\
         </BookgDt><ValDt><Dt>2026-03-05</Dt></ValDt>{more}</Ntry>"
    )
}

/// A statement from 100.00 to `closing` around some elements.
fn camt053(elements: &str, closing: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n\
         <BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>DE02</IBAN></Id><Ccy>EUR</Ccy><Ownr>\
         <Nm>Kaveri Tools</Nm></Ownr></Acct>{}{}{elements}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", "100.00", "EUR", "2026-03-01"),
        balance("CLBD", closing, "EUR", "2026-03-31"),
    )
}

#[test]
fn versions_prefixes_and_encodings_make_no_difference() {
    let file =
        camt053(&entry("1.50", "CRDT", "<AddtlNtryInf>Größe &amp; <![CDATA[<M>]]> &#65;</AddtlNtryInf>"), "101.50");
    let versions = (1..=13).map(|version| file.replace("001.08", &format!("001.{version:02}")));
    let prefixed = file.replace("<Document xmlns=", "<n:Document xmlns:n=").replace("</Document", "</n:Document");
    let latin: Vec<u8> =
        file.replace("UTF-8", "ISO-8859-1").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let mut variants: Vec<Vec<u8>> = versions.map(String::into_bytes).collect();
    variants.push(prefixed.into_bytes());
    variants.push(latin);
    variants.push(format!("\u{feff}{}", file.replace("><", ">\r\n\t<")).into_bytes());
    variants.push(file.replace(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"", "").into_bytes());
    variants.push(file.encode_utf16().flat_map(u16::to_le_bytes).collect());
    for variant in variants {
        let read = statement(&variant);
        assert_eq!(shown(&read.rows), ["2026-03-04 1.50"]);
        assert_eq!(read.rows[0].narration, "Größe & <M> A");
        assert_eq!((read.verdict(), read.holder.as_deref()), (Verdict::Proven, Some("Kaveri Tools")));
    }
}

#[test]
fn the_indicator_gives_the_direction_of_reversals_too() {
    let rows = entry("80.00", "CRDT", "<RvslInd>true</RvslInd>") + &entry("30", "DBIT", "<RvslInd>1</RvslInd>");
    let read = statement(camt053(&rows, "150.00"));
    assert_eq!(shown(&read.rows), ["2026-03-04 80.00", "2026-03-04 -30"]);
    assert!(read.rows.iter().all(|row| row.reversal));
    assert_eq!(read.rows[0].value_date.unwrap().to_string(), "2026-03-05");
    assert_eq!(read.verdict(), Verdict::Proven);
}

#[test]
fn a_batch_is_one_row_with_its_details() {
    let detail = |amount: &str, name: &str| {
        format!(
            "<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><Amt Ccy=\"EUR\">{amount}</Amt><RltdPties><Dbtr><Pty><Nm>{name}</Nm>\
             </Pty></Dbtr></RltdPties><RmtInf><Ustrd>Invoice</Ustrd><Ustrd>{name}</Ustrd></RmtInf></TxDtls>"
        )
    };
    let batch = |count: &str, charges: &str| {
        let details = detail("20.00", "A") + &detail("11.00", "B");
        format!("<NtryDtls><Btch><NbOfTxs>{count}</NbOfTxs></Btch>{details}</NtryDtls>{charges}")
    };
    let read = statement(camt053(&entry("31.00", "CRDT", &batch("2", "")), "131.00"));
    assert_eq!(read.rows.len(), 1);
    let details: Vec<_> = read.rows[0]
        .details
        .iter()
        .map(|d| (d.amount.unwrap(), d.counterparty.clone().unwrap(), d.narration.clone()))
        .collect();
    assert_eq!(
        details,
        [(dec("20.00"), "A".into(), "Invoice A".into()), (dec("11.00"), "B".into(), "Invoice B".into())]
    );
    assert_eq!(read.verdict(), Verdict::Proven);

    let charges = "<Chrgs><Rcrd><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>";
    assert_eq!(statement(camt053(&entry("30.00", "CRDT", &batch("2", charges)), "130.00")).flags, []);
    let read = statement(camt053(&entry("30.00", "CRDT", &batch("3", "")), "130.00"));
    assert!(
        matches!(&read.flags[..], [Flag::TotalMismatch { what: Total::Count, .. }, Flag::BatchMismatch { details, .. }] if *details == dec("31.00"))
    );
}

#[test]
fn entries_that_are_not_booked_do_not_count() {
    let rows = entry("1", "CRDT", "")
        + &entry("2", "CRDT", "").replace("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>")
        + &entry("4", "CRDT", "").replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>INFO</Sts>")
        + &entry("8", "CRDT", "").replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>");
    let read = reading(camt053(&rows, "109"));
    assert_eq!(shown(&read.statements[0].rows), ["2026-03-04 1", "2026-03-04 8"]);
    assert!(read.unused.iter().all(|unused| unused.kind == UnusedKind::NotBooked));
    assert_eq!((read.unused.len(), read.statements[0].verdict()), (2, Verdict::Proven));
}

#[test]
fn entries_that_cannot_be_read_are_listed_and_flagged() {
    let rows = [
        entry("12..34", "CRDT", ""),
        entry("1,234", "CRDT", ""),
        entry("", "CRDT", ""),
        entry("-5.00", "CRDT", ""),
        entry("5.00", "CREDIT", ""),
        entry("5.00", "CRDT", "").replace("<CdtDbtInd>CRDT</CdtDbtInd>", ""),
        entry("5.00", "CRDT", "").replace("BOOK", "MAYB"),
        entry("5.00", "CRDT", "").replace("2026-03-04", "2026-02-30"),
        entry("5.00", "CRDT", "").replace("EUR", "USD"),
        entry("1,50", "CRDT", ""),
    ];
    let read = reading(camt053(&rows.concat(), "101.50"));
    let why: Vec<Unread> = read.unread_rows.iter().map(|row| row.why).collect();
    assert_eq!(
        why,
        [
            Unread::AmountNotUnderstood,
            Unread::AmountNotUnderstood,
            Unread::AmountMissing,
            Unread::DirectionContradicted,
            Unread::DirectionContradicted,
            Unread::DirectionMissing,
            Unread::StatusNotUnderstood,
            Unread::DateNotUnderstood,
            Unread::CurrencyDiffers,
        ]
    );
    assert_eq!(shown(&read.statements[0].rows), ["2026-03-04 1.50"]);
    assert_eq!(read.statements[0].verdict(), Verdict::Flagged);
    assert_eq!(refused(camt053(&rows[0], "1")), ReadError::NoRowRead { count: 1, first: 1 });
}

#[test]
fn dates_keep_their_day_and_a_missing_booking_date_is_flagged() {
    let at_midnight = entry("1", "CRDT", "").replace("<Dt>2026-03-04</Dt>", "<DtTm>2026-03-04T23:59:59-08:00</DtTm>");
    assert_eq!(shown(&statement(camt053(&at_midnight, "101")).rows), ["2026-03-04 1"]);
    let missing = entry("1", "CRDT", "").replace("<BookgDt><Dt>2026-03-04</Dt></BookgDt>", "");
    let read = statement(camt053(&missing, "101"));
    assert_eq!(shown(&read.rows), ["2026-03-05 1"]);
    assert!(matches!(read.flags[..], [Flag::BookingDateMissing { .. }]));
}

#[test]
fn opening_and_closing_balances_are_told_from_others() {
    let file = camt053(&entry("1", "CRDT", ""), "101");
    let previous =
        file.replace("OPBD", "PRCD").replace("<Ntry>", &(balance("CLAV", "7", "EUR", "2026-03-31") + "<Ntry>"));
    let read = statement(&previous);
    assert_eq!((balances(&read), read.verdict()), ((Some(dec("100.00")), Some(dec("101"))), Verdict::Proven));
    let both = file.replace("<Ntry>", &(balance("PRCD", "100", "EUR", "2026-02-28") + "<Ntry>"));
    assert_eq!(statement(both).flags, []);
    let contradiction = file.replace("<Ntry>", &(balance("PRCD", "99", "EUR", "2026-02-28") + "<Ntry>"));
    assert!(matches!(statement(contradiction).flags[..], [Flag::BalanceContradicted { .. }]));
    let page = file.replace("CLBD", "ITBD");
    let read = statement(page);
    assert_eq!(balances(&read).1, Some(dec("101")));
    assert!(matches!(read.flags[..], [Flag::Incomplete { .. }]));
    let overdrawn =
        file.replace("<Amt Ccy=\"EUR\">100.00</Amt><CdtDbtInd>CRDT", "<Amt Ccy=\"EUR\">100.00</Amt><CdtDbtInd>DBIT");
    assert!(matches!(statement(overdrawn).footing, Footing::Fails(figures) if figures.computed == Some(dec("-99"))));
}

#[test]
fn a_report_closes_with_its_interim_balance() {
    let file =
        camt053(&entry("1", "CRDT", ""), "101").replace("BkToCstmrStmt", "BkToCstmrAcctRpt").replace("Stmt>", "Rpt>");
    let file = file.replace("camt.053", "camt.052").replace("CLBD", "ITBD");
    let read = reading(&file);
    assert_eq!((read.format, read.statements[0].verdict()), (Format::Camt052, Verdict::Proven));
    let unknown = file.replace("<Sts><Cd>BOOK</Cd></Sts>", "");
    assert_eq!(refused(unknown), ReadError::NoRowRead { count: 1, first: 1 });
}

#[test]
fn totals_and_pages_are_checked() {
    let summary = |count: &str| {
        format!(
            "<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries><Sum>4.00</Sum><TtlNetNtry><Amt>2</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
             </TtlNetNtry></TtlNtries><TtlCdtNtries><Sum>3</Sum></TtlCdtNtries></TxsSummry>"
        )
    };
    let rows = entry("3", "CRDT", "") + &entry("1", "DBIT", "");
    assert_eq!(statement(camt053(&(summary("2") + &rows), "102")).flags, []);
    let flags = statement(camt053(&(summary("5") + &rows), "102")).flags;
    assert!(matches!(&flags[..], [Flag::TotalMismatch { what: Total::Count, stated, .. }] if *stated == dec("5")));
    let page = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>";
    assert!(matches!(statement(camt053(&(page.to_owned() + &rows), "102")).flags[..], [Flag::Incomplete { .. }]));
}

#[test]
fn hostile_and_damaged_files_are_refused() {
    let file = camt053(&entry("1", "CRDT", ""), "101");
    let bomb = file.replace(
        "<Document",
        "<!DOCTYPE lolz [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>\n<Document",
    );
    assert_eq!(refused(bomb), ReadError::Doctype);
    assert_eq!(refused(file.replace("<Id>S1</Id>", "<Id>&xxe;</Id>")), ReadError::Doctype);
    assert_eq!(refused(&file[..file.len() - 40]), ReadError::Broken);
    assert_eq!(refused(file.replace("</Ntry>", "</Nope>")), ReadError::Broken);
    let deep = file.replace("<Id>S1</Id>", &("<A>".repeat(500) + &"</A>".repeat(500)));
    assert_eq!(refused(deep).code(), "file.limit.depth");
    let long = file.replace("<Id>S1</Id>", &format!("<Id>{}</Id>", "x".repeat(2 << 20)));
    assert_eq!(refused(long).code(), "file.limit.line_bytes");
    let empty = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt/></Document>";
    assert_eq!(refused(empty), ReadError::NoStatement);
    let unknown = reading(file.replace("<Ntry>", "<Xtra>9</Xtra><Ntry><Shoe>44</Shoe>"));
    assert!(unknown.unused.iter().all(|unused| unused.kind == UnusedKind::Unknown) && unknown.unused.len() == 2);
}
