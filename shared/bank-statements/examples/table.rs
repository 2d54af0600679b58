//! Prints what is read from every file of some folders: `cargo run -p bank-statements --example table -- [--rows] FOLDER…`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use bank_statements::{Answers, Limits, Outcome, Reading, Statement, Verdict, read};
use std::path::Path;

fn main() {
    let (options, folders): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let rows = options.iter().any(|option| option == "--rows");
    println!(
        "| file | format | account | rows | credits | debits | opening | closing | footing | proven/unproven/failed | result |"
    );
    println!("|---|---|---|---:|---:|---:|---:|---:|---|---|---|");
    let mut counts = [0; 4];
    for folder in folders {
        let path = Path::new(&folder);
        let mut files: Vec<_> = match std::fs::read_dir(path) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect(),
            Err(_) => vec![path.to_owned()],
        };
        files.retain(|file| file.extension().is_none_or(|kind| kind != "yml") && !file.ends_with("expected.csv"));
        files.sort();
        for file in files {
            counts[show(&file, rows)] += 1;
        }
    }
    println!();
    println!("{} files clean, {} flagged, {} ambiguous, {} refused", counts[0], counts[1], counts[2], counts[3]);
}

/// Prints a file's lines; returns which of the four results it had.
fn show(file: &Path, rows: bool) -> usize {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let Ok(bytes) = std::fs::read(file) else {
        println!("| {name} | | | | | | | | | | cannot be opened |");
        return 3;
    };
    match read(&bytes, &Answers::default(), &Limits::default()) {
        Ok(Outcome::Read(reading)) => {
            for statement in &reading.statements {
                line(&name, &reading, statement);
            }
            if rows {
                details(&reading);
            }
            usize::from(reading.statements.iter().any(|statement| statement.verdict() == Verdict::Flagged))
        }
        Ok(Outcome::Ambiguous(ambiguities)) => {
            println!("| {name} | | | | | | | | | | ambiguous: {ambiguities:?} |");
            2
        }
        Err(error) => {
            println!("| {name} | | | | | | | | | | refused: {} |", error.code());
            3
        }
    }
}

fn line(name: &str, reading: &Reading, statement: &Statement) {
    let balance = |balance: &Option<bank_statements::Balance>| match balance {
        Some(balance) => format!("{} {:?}", balance.amount, balance.origin),
        None => "not stated".to_owned(),
    };
    let known =
        |value: &Option<bank_statements::Known<String>>| value.as_ref().map_or("?".into(), |known| known.value.clone());
    let footing = format!("{:?}", statement.footing);
    let (proven, unproven, failed) = statement.proofs();
    println!(
        "| {name} | {:?} | {} {} | {} | {} | {} | {} | {} | {} | {proven}/{unproven}/{failed} | {:?} {:?}{} |",
        reading.format,
        known(&statement.account),
        known(&statement.currency),
        statement.rows.len(),
        statement.credits(),
        statement.debits(),
        balance(&statement.opening),
        balance(&statement.closing),
        footing.split('(').next().unwrap_or_default(),
        statement.verdict(),
        statement.flags,
        if reading.unused.is_empty() {
            String::new()
        } else {
            format!(", {} things not used", reading.unused.len() + reading.unused_more)
        },
    );
}

fn details(reading: &Reading) {
    for row in reading.statements.iter().flat_map(|statement| &statement.rows) {
        let balance = row.balance.map_or(String::new(), |balance| balance.to_string());
        println!("    {} {} {balance} {} [{}] {:?}", row.date, row.amount, row.narration, row.at, row.proof);
    }
    for row in &reading.unread_rows {
        println!("    NOT READ {:?} [{}] {}", row.why, row.at, row.text);
    }
    for unused in &reading.unused {
        println!("    not used: {:?} [{}] {}", unused.kind, unused.at, unused.text);
    }
}
