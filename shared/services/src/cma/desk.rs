//! How the desk presents a CMA: what is printed around a doubtful line, and the rows that it may go to.

use cma::case::Case;
use cma::row::{Form, table};
use domain::statement::{LineItem, Statement};
use runtime::service::{Around, Desk, PrintedLine, Review, RowName};

use super::present::check_decisions;

/// Lines that are shown before and after a doubtful one.
const AROUND_COUNT: usize = 3;

pub(crate) const DESK: Desk = Desk {
    name: "CMA workbook (Forms II to VI, ratios and checks)",
    needs: "The borrower's balance sheet and profit and loss statement of at least one year, as XLSX, XLS, ODS or CSV.",
    accept: ".xlsx,.xls,.ods,.csv",
    figures: Some(cma::case::FIGURES),
    review: Some(Review { check: check_decisions, around, rows }),
};

/// What is printed around each line in the stored result of `classify`.
fn around(classified: &[u8], lines: &[String]) -> Vec<Around> {
    let Ok(case) = serde_json::from_slice::<Case>(classified) else { return Vec::new() };
    let statements = case.extractions.iter().flat_map(|extraction| &extraction.statements);
    statements.flat_map(|statement| around_in(statement, lines)).collect()
}

fn around_in<'a>(statement: &'a Statement, lines: &'a [String]) -> impl Iterator<Item = Around> + 'a {
    let wanted = statement.lines.iter().enumerate().filter(|(_, line)| lines.contains(&line.id));
    wanted.map(|(index, line)| {
        let from = index.saturating_sub(AROUND_COUNT);
        let near = statement.lines.iter().skip(from).take(index - from + 1 + AROUND_COUNT);
        Around {
            line: line.id.clone(),
            columns: statement.columns.iter().map(|column| column.heading.clone()).collect(),
            printed: near.map(|one| printed(one, one.id == line.id)).collect(),
        }
    })
}

fn printed(line: &LineItem, is_item: bool) -> PrintedLine {
    let amounts = line.figures.iter().map(|figure| figure.as_ref().map_or_else(String::new, |one| one.text.clone()));
    PrintedLine { label: line.label.clone(), amounts: amounts.collect(), is_item }
}

fn rows() -> Vec<RowName> {
    let rows = table().rows().iter().filter(|row| row.code.takes_lines());
    rows.map(|row| {
        let label =
            if row.heading.is_empty() { row.label.clone() } else { format!("{} – {}", row.heading, row.label) };
        RowName { code: row.code.as_str().to_owned(), label, group: form(row.form).to_owned() }
    })
    .collect()
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Two => "Form II: operating statement",
        Form::Three => "Form III: balance sheet",
        Form::Supporting => "Supporting figures",
        Form::Four => "Form IV: current assets and liabilities",
        Form::Five => "Form V: permissible bank finance",
        Form::Six => "Form VI: funds flow",
        Form::Ratio => "Ratios",
        Form::Check => "Checks",
        Form::Ignored => "Left out",
    }
}
