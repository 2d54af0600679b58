//! Joins blocks that are parts or pages of one statement.

use crate::grid::{Row, Value};
use crate::layout::{self, Block};
use crate::{kind, page};
use domain::statement::StatementKind;

/// Blocks, with the parts of one income statement joined: a trading account and the profit and loss account below it.
pub(super) fn joined<'a>(blocks: Vec<Block<'a>>) -> Vec<Block<'a>> {
    let is_income =
        |titles: &[String]| titles.last().and_then(|t| kind::of_title(t)) == Some(StatementKind::ProfitAndLoss);
    let mut joined: Vec<Block<'a>> = Vec::new();
    for block in blocks {
        match joined.last_mut() {
            Some(last) if is_next_page(last, &block) => last.body.extend(block.body),
            Some(last)
                if block.inherits
                    && is_income(&block.titles)
                    && last.titles.iter().any(|t| is_income(std::slice::from_ref(t))) =>
            {
                last.body.extend(block.body);
            }
            _ => joined.push(block),
        }
    }
    joined
}

/// Whether a block is the next page of the one above it: the first amounts are those that the last line carries forward.
fn is_next_page(above: &Block<'_>, block: &Block<'_>) -> bool {
    let label = |row: &Row, brought: bool| {
        let texts = row.cells.iter().filter_map(|c| if let Value::Text(t) = &c.value { page::carry(t) } else { None });
        texts.map(|carry| carry.brought == brought).next().unwrap_or(false)
    };
    let amounts = |row: &Row| -> Vec<Value> {
        row.cells.iter().filter(|c| layout::is_amount(c)).map(|c| c.value.clone()).collect()
    };
    let last = above.body.iter().rfind(|row| layout::has_amount(row));
    let first = block.body.iter().find(|row| layout::has_amount(row));
    last.zip(first)
        .is_some_and(|(last, first)| label(last, false) && label(first, true) && amounts(last) == amounts(first))
}
