//! Damaged and hostile files: random changes to good ones of every format.
//!
//! A file may be refused. Otherwise nothing may panic, reading it again gives the same, a statement that foots adds up, a row
//! that was not read is flagged, and a file joined with itself has the same transactions.

use bank_statements::{Answers, Footing, Limits, Outcome, Verdict, coverage, merge, read};
use proptest::prelude::*;
use rust_decimal::Decimal;

const OFX: &str = "OFXHEADER:100\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>77<ACCTID>4711</BANKACCTFROM>\n\
    <BANKTRANLIST><DTSTART>20260101<DTEND>20260131\n<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260105<TRNAMT>-10,50<FITID>1<NAME>A &amp; B<MEMO>m</STMTTRN>\n\
    <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260106120000[-5:EST]<TRNAMT>1.234,5<FITID>2<NAME>C</STMTTRN>\n</BANKTRANLIST>\
    <LEDGERBAL><BALAMT>90.00<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n";
const MT940: &str = "{1:F01X}{2:I940X}{4:\n:20:R\n:25:10020030/4711\n:28C:5/1\n:60F:C251231EUR100,00\n:61:2512310102RC10,NTRFNONREF//B1\nmore\n\
    :86:166?00Gutschrift?20Teil 1?21Teil\n- Rest?32Name\n:61:2601050105DR12,50NCHGNONREF\n:86:Text\n:62M:C260105EUR77,50\n-\n:20:R\n:25:10020030/4711\n\
    :28C:5/2\n:60M:C260105EUR77,50\n:61:260106C99,NTRFX\n:62F:C260131EUR176,50\n:64:C260131EUR1,\n:86:D000002C000001D22,50C99,00\n-}\n";
const CAMT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Id>1</Id>\
    <Acct><Id><IBAN>DE02</IBAN></Id><Ccy>EUR</Ccy></Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
    <Dt><Dt>2026-01-01</Dt></Dt></Bal><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">8.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-31</Dt></Dt></Bal>\
    <Ntry><Amt Ccy=\"EUR\">1.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>false</RvslInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-05</Dt></BookgDt><NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>\
    <TxDtls><Amt Ccy=\"EUR\">1.00</Amt></TxDtls><TxDtls><Amt Ccy=\"EUR\">0.50</Amt></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>";
const CSV: &str = "Account No:,4711\nPeriod:,01-Apr-2026 to 30-Apr-2026\n\nTxn Date,Value Date,Description,Amount,Dr/Cr,Balance\n,,Opening Balance,,,\"2,00,000.00 Cr\"\n\
    02-Apr-2026,02/04/2026,\"NEFT; A\",\"1,25,000.00\",CR,\"3,25,000.00 Cr\"\n06-Apr-2026,06/04/2026,RENT,\"4,10,000.00\",DR,\"85,000.00 Dr\"\nTotal,,,,,\nClosing balance,,,,,\"85,000.00 Dr\"\n";
const COLUMNS: &str = "Buchungstag;Text;Soll;Haben;Saldo\n02.04.26;A;;450,00;1.250,00\n27.04.26;\"B\nC\";600,00;;650,00\n;mehr;;;\n28/04/2026;D;-5,00;;655,00\nEndsaldo;;;;655,00\n";
const JSON: &str = "{\"accounts\":[{\"account_id\":\"a\",\"balances\":{\"current\":5,\"iso_currency_code\":\"EUR\"}}],\"transactions\":[{\"account_id\":\"a\",\"date\":\"2026-08-20\",\
    \"amount\":1.10,\"name\":\"x\",\"pending\":false},{\"account_id\":\"a\",\"date\":\"2026-08-21\",\"amount\":-2e1,\"name\":\"y\"}],\"total_transactions\":2}";

/// Pieces that statements and attacks are made of.
const PIECES: [&str; 24] = [
    "\n",
    ",",
    ";",
    "\"",
    ":",
    "-",
    "<",
    ">",
    "&x;",
    "\0",
    "\u{feff}",
    ":61:",
    ":86:",
    "<STMTTRN>",
    "</Ntry>",
    "<!DOCTYPE x [",
    "9999999999999999999999999999",
    "12..34",
    "31/02/2026",
    "Cr",
    "Balance",
    "{",
    "=cmd|' /C calc'!A0",
    "\u{2212}1,00",
];

/// One change: what, where, and with what.
type Change = (u8, usize, usize);

fn changed(sample: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = sample.as_bytes().to_vec();
    for (kind, at, what) in changes {
        let at = at % (bytes.len() + 1);
        let end = (at + what % 40).min(bytes.len());
        match kind % 7 {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, PIECES[what % PIECES.len()].bytes())),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => bytes.truncate(at),
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(what % 256).unwrap();
                }
            }
            5 => {
                if let Some(byte) = bytes.get_mut(at).filter(|byte| byte.is_ascii_digit()) {
                    *byte = b'0' + u8::try_from(what % 10).unwrap();
                }
            }
            _ => {
                let piece: Vec<u8> = bytes.drain(at..end).collect();
                let to = what.wrapping_mul(31) % (bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

/// What must hold of any bytes.
fn holds(bytes: &[u8]) {
    let once = read(bytes, &Answers::default(), &Limits::default());
    assert_eq!(once, read(bytes, &Answers::default(), &Limits::default()), "reading again gives something else");
    let Ok(Outcome::Read(reading)) = once else { return };
    for statement in &reading.statements {
        let sum: Decimal = statement.rows.iter().map(|row| row.amount).sum();
        assert_eq!(statement.credits() - statement.debits(), sum);
        if let Footing::Foots(figures) = &statement.footing {
            assert_eq!(figures.opening.map(|opening| opening + sum), figures.closing);
        }
    }
    for row in &reading.unread_rows {
        let statement = row.statement.and_then(|at| reading.statements.get(at));
        assert!(statement.is_some_and(|statement| statement.verdict() == Verdict::Flagged), "{row:?} is not flagged");
    }
    let twice = merge(&[reading.clone(), reading.clone()]);
    for ledger in merge(&[reading]) {
        assert!(coverage(&ledger).len() <= 1_200);
        let same = twice.iter().find(|other| other.account == ledger.account && other.currency == ledger.currency);
        if let Some(same) =
            same.filter(|same| same.account.is_some() && same.conflicts.is_empty() && ledger.conflicts.is_empty())
        {
            assert_eq!(same.entries.len(), ledger.entries.len(), "a file joined with itself has other transactions");
        }
    }
}

/// How many files are made of each sample; `DOCKET_CASES` sets another number.
fn cases() -> u32 {
    std::env::var("DOCKET_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_are_refused_or_read_truthfully(changes in prop::collection::vec((any::<u8>(), any::<usize>(), any::<usize>()), 0..8)) {
        for sample in [OFX, MT940, CAMT, CSV, COLUMNS, JSON] {
            holds(&changed(sample, &changes));
        }
        holds(&changed(crate::pdf::SAMPLE, &changes));
    }
}

#[test]
fn the_samples_are_read() {
    for sample in [OFX, MT940, CAMT, CSV, COLUMNS, JSON, crate::pdf::SAMPLE] {
        assert!(
            matches!(read(sample.as_bytes(), &Answers::default(), &Limits::default()), Ok(Outcome::Read(_))),
            "{sample}"
        );
        holds(sample.as_bytes());
    }
}
