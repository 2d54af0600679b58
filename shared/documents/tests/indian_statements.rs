//! Published statements of Indian companies: every printed row is found, and what is counted adds up to the printed totals.
//!
//! The files are not part of the repository; the tests say so and pass where they are absent.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the helpers of a test fail it by panicking and say what they skip"
)]

use documents::{Limits, read};
use domain::statement::{Extraction, LineItem, LineRole, Statement, StatementKind};
use rust_decimal::Decimal;
use std::path::PathBuf;

fn shared() -> PathBuf {
    std::env::var_os("DOCKET_SHARED")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into(), PathBuf::from)
}

/// Every filing with what a correct reading must contain, by name.
fn filings() -> Vec<(String, Extraction, serde_json::Value)> {
    let folder = shared().join("fixtures/indian-statements");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: the fixtures are not present at DOCKET_SHARED");
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let bytes = std::fs::read(entry.path().join("statements.xlsx")).unwrap();
            let expected = std::fs::read_to_string(entry.path().join("expected.json")).unwrap();
            let extraction = read("statements.xlsx", 1, &bytes, &Limits::default()).unwrap();
            (name, extraction, serde_json::from_str(&expected).unwrap())
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The figures of an expected row that the workbook holds as numbers, by the authoritative text where it reads as one.
fn amounts(row: &serde_json::Value) -> Vec<Option<Decimal>> {
    let values = row["values"].as_array().unwrap();
    let texts = row["text"].as_array().unwrap();
    let pairs = values.iter().zip(texts);
    pairs
        .map(|(value, text)| {
            let text = text.as_str().unwrap();
            let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '(' | ')' | '-' | ' '));
            let one_point = text.matches('.').count() <= 1;
            let value = value.as_f64()?;
            (plain && one_point)
                .then(|| Decimal::from_scientific(&format!("{value:.14e}")).ok().map(|d| d.normalize()))?
        })
        .collect()
}

fn holds(line: &LineItem, label: &str, wanted: &[Decimal]) -> usize {
    if !bare(&line.label).contains(label) {
        return 0;
    }
    let mut have: Vec<Decimal> = line.figures.iter().flatten().map(|f| f.amount.normalize()).collect();
    wanted.iter().filter(|w| have.iter().position(|h| h == *w).map(|at| have.swap_remove(at)).is_some()).count()
}

#[test]
fn every_printed_row_is_found_on_one_line_with_its_figures() {
    let (mut all, mut hit) = (0, 0);
    for (name, extraction, expected) in filings() {
        let (mut filing, mut filing_hit) = (0, 0);
        let lines: Vec<&LineItem> = extraction.statements.iter().flat_map(|s| &s.lines).collect();
        for row in expected["rows"].as_object().unwrap().values().flat_map(|rows| rows.as_array().unwrap()) {
            let label = bare(row["label"].as_str().unwrap());
            let wanted: Vec<Decimal> = amounts(row).into_iter().flatten().collect();
            let best = lines.iter().map(|l| holds(l, &label, &wanted)).max().unwrap_or(0);
            if best < wanted.len() {
                println!("{name}: {best} of {} of {:?} {:?}", wanted.len(), row["label"], row["text"]);
            }
            filing += wanted.len();
            filing_hit += best;
        }
        println!("{name}: {filing_hit} of {filing} figures");
        all += filing;
        hit += filing_hit;
    }
    println!("all: {hit} of {all} figures");
    assert!(hit * 100 >= all * 98, "{hit} of {all} figures were found");
}

/// Balance sheets up to and with their total of assets, and the total of the other side.
fn sides(statement: &Statement) -> Option<(&[LineItem], &LineItem, &LineItem)> {
    let at =
        statement.lines.iter().position(|l| l.role == LineRole::Total && bare(&l.label).starts_with("totalassets"))?;
    let other =
        statement.lines.iter().find(|l| l.role == LineRole::Total && bare(&l.label).contains("equityandliab"))?;
    Some((&statement.lines[..at], &statement.lines[at], other))
}

fn amount(line: &LineItem, column: usize) -> Option<Decimal> {
    line.figures.get(column)?.as_ref().map(|f| f.amount)
}

#[test]
fn total_assets_equal_total_equity_and_liabilities() {
    for (name, extraction, expected) in filings() {
        let sheet =
            extraction.statements.iter().find(|s| s.kind == StatementKind::BalanceSheet).expect("a balance sheet");
        let (_, assets, other) = sides(sheet).unwrap_or_else(|| panic!("{name}: the totals are not found"));
        let first = Decimal::from_scientific(&format!("{:.14e}", expected["total_assets"][0].as_f64().unwrap()))
            .unwrap()
            .normalize();
        assert_eq!(amount(assets, 0), Some(first), "{name}");
        assert_eq!(amount(assets, 0), amount(other, 0), "{name}");
    }
}

#[test]
fn the_items_of_the_asset_side_add_up_to_the_printed_total() {
    let mut right = 0;
    let filings = filings();
    for (name, extraction, _) in &filings {
        let sheet =
            extraction.statements.iter().find(|s| s.kind == StatementKind::BalanceSheet).expect("a balance sheet");
        let (above, total, _) = sides(sheet).expect("totals");
        let columns = sheet.columns.len();
        let off: Vec<Decimal> = (0..columns)
            .map(|c| {
                let sum: Decimal = above.iter().filter(|l| l.role == LineRole::Item).filter_map(|l| amount(l, c)).sum();
                sum - amount(total, c).unwrap_or_default()
            })
            .collect();
        println!("{name}: differences by column {off:?}");
        right += usize::from(
            off[0].abs() <= Decimal::new(5, 2)
                || off[0].abs() <= Decimal::from(above.len()) / Decimal::from(4) && off[0].fract().is_zero(),
        );
    }
    println!("{right} of {} filings", filings.len());
    // The rest hold figures that the source's own scan misread (a lost decimal point), so that nothing can add up.
    assert!(right * 12 >= filings.len() * 8);
}
