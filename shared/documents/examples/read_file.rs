//! Reads one file and prints what was found and the peak memory of the process.
//!
//! `read_file FILE [--lines]`; `--lines` prints every line, which shows the client's data. The memory test of this crate runs
//! it as a child process.

use documents::{Limits, read};
use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_default();
    let lines = arguments.any(|a| a == "--lines");
    let bytes = std::fs::read(&path)?;
    let mut out = std::io::stdout().lock();
    match read(&path, 1, &bytes, &Limits::default()) {
        Ok(found) => {
            let count: usize = found.statements.iter().map(|s| s.lines.len()).sum();
            writeln!(out, "code=ok statements={} lines={count} unused={}", found.statements.len(), found.unused.len())?;
            if lines {
                writeln!(out, "entity={:?}", found.entity)?;
                for statement in &found.statements {
                    print(&mut out, statement)?;
                }
                for unused in &found.unused {
                    writeln!(out, "unused: {:?} {} {:?} {}", unused.reason, unused.sheet, unused.cell, unused.detail)?;
                }
            }
        }
        Err(error) => writeln!(out, "code={} {error}", error.code())?,
    }
    writeln!(out, "peak_kib={}", peak_kib())
}

fn print(out: &mut impl Write, statement: &domain::statement::Statement) -> std::io::Result<()> {
    writeln!(
        out,
        "== {:?} {:?} sheet {:?} unit {:?}",
        statement.kind, statement.title, statement.sheet, statement.unit
    )?;
    for column in &statement.columns {
        let end = column.period_end.map(|d| d.to_string());
        writeln!(out, "   | {:?} {end:?} {}m {:?} {:?}", column.heading, column.months, column.kind, column.basis)?;
    }
    for question in &statement.questions {
        writeln!(
            out,
            "question: {:?} column {:?} cell {:?} {:?}",
            question.subject, question.column, question.cell, question.printed
        )?;
    }
    for line in &statement.lines {
        let amounts: Vec<String> =
            line.figures.iter().map(|f| f.as_ref().map_or_else(|| "·".to_owned(), |f| f.amount.to_string())).collect();
        writeln!(
            out,
            "{:9} {:>4} {} [{}] note={:?} {}",
            format!("{:?}", line.role),
            line.cell,
            line.label,
            line.section.join(" > "),
            line.note,
            amounts.join(" ")
        )?;
    }
    Ok(())
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}
