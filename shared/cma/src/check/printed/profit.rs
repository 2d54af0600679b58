//! V08: the printed profits before and after tax against the rows.

use super::{Decimal, LineItem, LineRole, List, Printed, RowCode, Severity, UsedColumn, shown};
use crate::printed::{ProfitKind, is_loss, profit_kind};
use crate::suspect;
use domain::statement::Side;

const BEFORE_TAX: RowCode = row!("II.12");
const AFTER_TAX: RowCode = row!("II.14");

/// Compares the printed profits of a year's profit and loss statement with the rows.
pub(super) fn check(columns: &[&UsedColumn<'_>], year: usize, list: &mut List<'_>) {
    if list.figure(AFTER_TAX, year).is_none() {
        return;
    }
    let before = printed(columns, ProfitKind::BeforeTax);
    let after = printed(columns, ProfitKind::AfterTax);
    let none = before.is_empty() && after.is_empty();
    if none {
        let reason = "the profit and loss statement prints no profit that was recognised";
        list.not_made("V08", Severity::Error, Some(year), reason);
        return;
    }
    compare(columns, &before, (BEFORE_TAX, "before tax"), year, list);
    compare(columns, &after, (AFTER_TAX, "after tax"), year, list);
}

/// A printed profit and where it is.
struct Profit {
    printed: Printed,
    place: String,
}

/// The printed profits of a kind, in the order of the statements.
fn printed(columns: &[&UsedColumn<'_>], kind: ProfitKind) -> Vec<Profit> {
    let mut found = Vec::new();
    for column in columns {
        let lines = column.statement.lines.iter().filter(|line| line.role != LineRole::Memo);
        for line in lines.filter(|line| profit_kind(&line.label) == Some(kind)) {
            let Some(printed) = column.printed(line) else { continue };
            // A debit balance of the account is a loss, whatever the label calls it. A profit that balances the debit side
            // of an account, as `To Net profit`, is printed with Dr as well.
            let is_debit = column.side(line) == Some(Side::Dr) && !is_debited(line) && !is_debit_side(column);
            let lowered = (is_loss(&line.label) || is_debit) && printed.amount > Decimal::ZERO;
            let amount = if lowered { -printed.amount } else { printed.amount };
            found.push(Profit { printed: Printed { amount, ..printed }, place: column.place(line) });
        }
    }
    found
}

/// Whether a line is posted on the debit side of its account: `To Net profit`.
fn is_debited(line: &LineItem) -> bool {
    line.label.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("to"))
}

/// Whether each amount of a column is printed with Dr, so that the column is one side of an account.
fn is_debit_side(column: &UsedColumn<'_>) -> bool {
    let mut printed = column.statement.lines.iter().filter(|line| column.printed(line).is_some()).peekable();
    printed.peek().is_some() && printed.all(|line| column.side(line) == Some(Side::Dr))
}

fn compare(
    columns: &[&UsedColumn<'_>],
    profits: &[Profit],
    (row, which): (RowCode, &str),
    year: usize,
    list: &mut List<'_>,
) {
    let Some(figure) = list.figure(row, year) else { return };
    let Some(last) = profits.last() else {
        let reason = format!("no profit {which} is printed");
        list.not_made("V08", Severity::Note, Some(year), &reason);
        return;
    };
    let matching = matching(columns, profits, figure, year, list);
    let Profit { printed, place } = matching.unwrap_or(last);
    let explained = if matching.is_none() {
        let difference = figure.saturating_sub(printed.amount);
        suspect::explain_profit(list.extractions, list.classification, list.figures, (year, difference))
    } else {
        String::new()
    };
    let detail =
        format!("printed profit {which} {} ({place}) against {}{explained}", shown(printed.amount), shown(figure));
    list.push("V08", Severity::Error, Some(year), matching.is_some(), detail);
}

/// The printed profit that is the figure.
fn matching<'a>(
    columns: &[&UsedColumn<'_>],
    profits: &'a [Profit],
    figure: Decimal,
    year: usize,
    list: &List<'_>,
) -> Option<&'a Profit> {
    let rounding = list.rounding("II.", year) + list.rounding("S.", year);
    // The result of discontinued operations may be printed below the profit before tax; the form has no row for it there.
    let others: Vec<Decimal> = discontinued(columns).chain([Decimal::ZERO]).collect();
    profits.iter().find(|profit| others.iter().any(|other| profit.printed.is(figure.saturating_sub(*other), rounding)))
}

/// How much the profit of a year differs from the printed one, if it does.
pub(super) fn difference(columns: &[&UsedColumn<'_>], year: usize, list: &List<'_>) -> Option<Decimal> {
    [(AFTER_TAX, ProfitKind::AfterTax), (BEFORE_TAX, ProfitKind::BeforeTax)].into_iter().find_map(|(row, kind)| {
        let figure = list.figure(row, year)?;
        let profits = printed(columns, kind);
        let last = profits.last()?;
        let differs = matching(columns, &profits, figure, year, list).is_none();
        differs.then(|| figure.saturating_sub(last.printed.amount))
    })
}

fn discontinued<'a>(columns: &'a [&UsedColumn<'_>]) -> impl Iterator<Item = Decimal> + 'a {
    let of = |line: &&LineItem| line.role != LineRole::Memo && line.label.to_lowercase().contains("discontinued");
    columns.iter().flat_map(move |column| {
        let lines = column.statement.lines.iter().filter(of);
        lines.filter_map(|line| column.printed(line)).map(|printed| printed.amount)
    })
}
