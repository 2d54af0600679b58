//! Measures reading: `speed write csv|ofx|mt940|camt|json FILE` writes a file of 100,000 rows, `speed read FILE` reads it and prints
//! processor time and peak memory, as Linux counts them.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use bank_statements::{Answers, Limits, Outcome, read};
use std::fmt::Write as _;
use std::io::{Error, ErrorKind, Result};

const ROWS: u32 = 100_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", format, file] => std::fs::write(file, written(format).ok_or(ErrorKind::InvalidInput)?),
        ["read", file] => measure(file),
        _ => Err(Error::other("give: write csv|ofx|mt940|camt|json FILE, or: read FILE")),
    }
}

fn measure(file: &str) -> Result<()> {
    let bytes = std::fs::read(file)?;
    let before = seconds()?;
    let outcome = read(&bytes, &Answers::default(), &Limits::default());
    let after = seconds()?;
    let Ok(Outcome::Read(reading)) = outcome else { return Err(Error::other(format!("{outcome:?}"))) };
    let rows: usize = reading.statements.iter().map(|statement| statement.rows.len()).sum();
    let verdicts: Vec<_> = reading.statements.iter().map(bank_statements::Statement::verdict).collect();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default().trim().to_owned();
    println!(
        "{:?}: {rows} rows of {} bytes, {verdicts:?}: {:.2} s, peak {peak}",
        reading.format,
        bytes.len(),
        after - before
    );
    Ok(())
}

/// Processor time of this process so far, in seconds.
fn seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(11) + ticks(12)) / 100.0)
}

fn day(number: u32) -> String {
    let days = number / 300;
    format!("2025-{:02}-{:02}", days / 28 % 12 + 1, days % 28 + 1)
}

fn cents(number: u32) -> i64 {
    let size = i64::from(number % 9_973 + 1);
    if number.is_multiple_of(3) { -size } else { size }
}

fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn written(format: &str) -> Option<String> {
    let total: i64 = (0..ROWS).map(cents).sum();
    let mut balance = 0;
    let mut text = match format {
        "csv" => "Account,Currency,Date,Details,Reference,Amount,Balance\n".to_owned(),
        "ofx" => "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>4711</BANKACCTFROM><BANKTRANLIST>\n".to_owned(),
        "mt940" => ":20:R\n:25:4711\n:28C:1/1\n:60F:C250101EUR0,\n".to_owned(),
        "camt" => "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>DE02</IBAN></Id></Acct>".to_owned(),
        "json" => "{\"accounts\":[],\"transactions\":[".to_owned(),
        _ => return None,
    };
    for number in 0..ROWS {
        let (day, amount) = (day(number), cents(number));
        balance += amount;
        let short = day.replace('-', "");
        let mark = if amount < 0 { "D" } else { "C" };
        let _ = match format {
            "csv" => writeln!(
                text,
                "4711,EUR,{day},Payment of customer {number},R{number},{},{}",
                money(amount),
                money(balance)
            ),
            "ofx" => writeln!(
                text,
                "<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{short}<TRNAMT>{}<FITID>{number}<NAME>Customer {number}</STMTTRN>",
                money(amount)
            ),
            "mt940" => writeln!(
                text,
                ":61:{}{}{mark}{}NTRFNONREF//B{number}\n:86:166?00Gutschrift?20Rechnung {number}?32Kunde",
                &short[2..],
                &short[4..],
                money(amount.abs()).replace('.', ",")
            ),
            "camt" => writeln!(
                text,
                "<Ntry><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt></Ntry>",
                money(amount.abs()),
                if amount < 0 { "DBIT" } else { "CRDT" }
            ),
            _ => writeln!(
                text,
                "{}{{\"account_id\":\"a\",\"transaction_id\":\"{number}\",\"date\":\"{day}\",\"name\":\"Customer {number}\",\"amount\":{}}}",
                if number == 0 { "" } else { "," },
                money(-amount)
            ),
        };
    }
    match format {
        "ofx" => text.push_str("</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"),
        "mt940" => {
            let mark = if total < 0 { "D" } else { "C" };
            let _ = writeln!(text, ":62F:{mark}251231EUR{}\n-", money(total.abs()).replace('.', ","));
        }
        "camt" => text.push_str("</Stmt></BkToCstmrStmt></Document>"),
        "json" => text.push_str("]}"),
        _ => {}
    }
    Some(text)
}
