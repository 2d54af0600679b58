//! Recognises trial balances. They list the balances of ledgers and are no statement.

use crate::grid::{Row, Value};
use crate::kind;
use crate::label::plain;
use crate::layout::{self, Block};
use crate::panel::Panel;

/// Words of registers that have debits and credits as well.
const REGISTERS: &[&str] = &["date", "narration", "voucher", "vch", "cheque", "chq", "transaction"];

/// Whether a block is a trial balance: by its title, or by a debit and a credit column beside one column of labels.
#[must_use]
pub fn is_trial_balance(block: &Block<'_>, panel: &Panel, sheet: &str) -> bool {
    // Where no row was taken for a heading, titles and headings are the first rows of the body.
    let above: Vec<&Row> = block.body.iter().copied().take_while(|row| !layout::has_amount(row)).collect();
    let texts = block.titles.iter().cloned().chain(above.iter().filter_map(|row| layout::row_text(row)));
    let titles: Vec<String> = texts.filter(|text| names(text) || kind::is_title(text)).collect();
    match titles.last() {
        Some(title) => names(title) && kind::of_title(title).is_none(),
        None if panel.side.is_some() => false,
        None => {
            names(sheet) || plain(sheet) == "tb" || block.headers.iter().chain(&above).any(|row| has_both_sides(row))
        }
    }
}

fn names(text: &str) -> bool {
    let plain = plain(text);
    plain.contains("trial balance") || plain.contains("trialbalance")
}

/// Whether a row of headings has a debit and a credit column, and is not that of a register.
fn has_both_sides(row: &Row) -> bool {
    let words: Vec<String> = row
        .cells
        .iter()
        .filter_map(|cell| if let Value::Text(text) = &cell.value { Some(plain(text)) } else { None })
        .collect();
    let starts = |sides: &[&str]| {
        words.iter().any(|text| text.split(' ').next().is_some_and(|first| sides.contains(&first)) && text.len() <= 24)
    };
    let register = words.iter().flat_map(|text| text.split(' ')).any(|w| REGISTERS.contains(&w));
    starts(&["debit", "debits", "dr"]) && starts(&["credit", "credits", "cr"]) && !register
}
