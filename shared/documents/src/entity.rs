//! Finds the firms that the tops of sheets name.

use crate::grid::{Grid, Value, a1};
use crate::label::plain;
use crate::{layout, unused};
use domain::statement::Unused;

/// How many rows at the top of a sheet are searched for a name.
const ROWS: usize = 8;
/// Longest name in characters.
const NAME_CHARS_MAX: usize = 100;
/// The most digits of a name, which a sentence with a date or an amount exceeds.
const DIGITS_MAX: usize = 4;

/// What stands before the borrower's name.
const INTRODUCTIONS: [&str; 9] = [
    "name of the company",
    "name of company",
    "name of the borrower",
    "name of borrower",
    "name of the unit",
    "name of unit",
    "name of the firm",
    "name of firm",
    "name of the assessee",
];

/// The last words of firms' names.
const ENDINGS: [&str; 12] = [
    "limited",
    "ltd",
    "llp",
    "enterprises",
    "industries",
    "traders",
    "co",
    "company",
    "corporation",
    "sons",
    "brothers",
    "agencies",
];

/// The first words of texts that name another firm than the borrower: a lender, an auditor, a supplier.
const OTHERS: [&str; 12] = [
    "for",
    "to",
    "from",
    "loan",
    "loans",
    "note",
    "schedule",
    "investment",
    "investments",
    "auditor",
    "auditors",
    "advance",
];

/// The borrower's name: the first text at the top of a sheet that looks like a firm's name.
pub fn first(grids: &[Grid]) -> Option<String> {
    grids.iter().find_map(at_top).map(|(name, _)| name)
}

/// The other names at the tops of sheets, each once.
pub fn others(grids: &[Grid], first: &str) -> Vec<Unused> {
    let mut seen = vec![plain(first)];
    let mut others = Vec::new();
    for grid in grids {
        let Some((name, cell)) = at_top(grid) else { continue };
        let own = plain(&name);
        if !seen.contains(&own) {
            seen.push(own);
            others.push(unused::other_name(&grid.sheet, &cell, &name));
        }
    }
    others
}

/// The name at the top of a sheet, and its cell.
fn at_top(grid: &Grid) -> Option<(String, String)> {
    let rows = grid.rows.iter().take(ROWS).filter(|row| !layout::has_amount(row));
    rows.flat_map(|row| row.cells.iter().map(move |cell| (row.number, cell))).find_map(|(row, cell)| {
        match &cell.value {
            Value::Text(text) => Some((firm(text)?, a1(row, cell.column))),
            _ => None,
        }
    })
}

fn firm(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.chars().count() > NAME_CHARS_MAX || digits > DIGITS_MAX {
        return None;
    }
    let plain = plain(text);
    let introduced = INTRODUCTIONS.iter().any(|words| plain.starts_with(words))
        || plain.starts_with("name ") && {
            // `Name: X`, but not `Name of the bank: X`.
            !plain.starts_with("name of ")
        };
    if introduced
        && let Some((_, name)) = text.split_once([':', '-'])
        && !name.trim().is_empty()
    {
        return Some(name.trim().to_owned());
    }
    let mut words = plain.split(' ');
    let names_another = |word: &str| matches!(word, "bank" | "accountants" | "auditors");
    let of_another = words.next().is_some_and(|first| OTHERS.contains(&first) || first == "name")
        || plain.split(' ').any(names_another);
    let last = plain.split(' ').next_back().unwrap_or("");
    let is_firm = ENDINGS.contains(&last) || plain.starts_with("m s ");
    (is_firm && !of_another).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_is_known_by_its_form_or_by_what_introduces_it() {
        for (text, name) in [
            ("Kaveri Precision Tools Private Limited", Some("Kaveri Precision Tools Private Limited")),
            ("M/s Nandini Enterprises", Some("M/s Nandini Enterprises")),
            ("Name of the Company: Kaveri Tools", Some("Kaveri Tools")),
            ("Name - Ramesh Kumar", Some("Ramesh Kumar")),
            ("Name of the Bank: State Bank", None),
            ("Name of the Bank: Cosmos Bank Ltd", None),
            ("Loan from Bajaj Finance Limited", None),
            ("For Sharma & Co", None),
            ("M/s Sharma & Associates, Chartered Accountants", None),
            ("Note 5: Investment in Godavari Castings Limited", None),
            ("Balance Sheet as at 31.03.2025", None),
        ] {
            assert_eq!(firm(text).as_deref(), name, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,120}") {
            if let Some(name) = firm(&text) {
                proptest::prop_assert!(!name.is_empty() && text.contains(&name));
            }
        }
    }
}
