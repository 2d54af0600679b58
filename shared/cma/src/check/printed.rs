//! Compares printed totals, sub-totals and profits with the lines and the rows.

use domain::statement::{Extraction, LineItem, LineRole, Statement, StatementKind, Unit};
use rust_decimal::Decimal;

use super::{List, Severity, shown};
use crate::row::RowCode;

/// V01 printed totals, V02 printed sub-totals, V08 printed profits.
pub(super) fn run(extractions: &[Extraction], list: &mut List<'_>) {
    for extraction in extractions {
        for statement in &extraction.statements {
            for column in 0..statement.columns.len() {
                if let Some(printed) = used_column(extraction, statement, column, list) {
                    check_column(&printed, list);
                }
            }
        }
    }
}

/// A column of a statement from which a year's figures come.
struct PrintedColumn<'a> {
    statement: &'a Statement,
    column: usize,
    year: usize,
    factor: Decimal,
}

impl PrintedColumn<'_> {
    fn amount(&self, line: &LineItem) -> Option<Decimal> {
        let figure = line.figures.get(self.column)?.as_ref()?;
        figure.amount.checked_mul(self.factor)
    }
}

/// The column, if a year's figures come from it.
fn used_column<'a>(
    extraction: &Extraction,
    statement: &'a Statement,
    column: usize,
    list: &List<'_>,
) -> Option<PrintedColumn<'a>> {
    let heading = statement.columns.get(column)?;
    let end = crate::figure::dotted(heading.period_end?);
    let year = list.figures.years.iter().position(|year| *year == end)?;
    let cell = |line: &LineItem| line.figures.get(column).and_then(Option::as_ref).map(|figure| figure.cell.clone());
    let source = list.figures.sources.iter().find(|source| {
        source.year == year
            && source.file == extraction.file.name
            && source.sheet == statement.sheet
            && statement.lines.iter().any(|line| line.id == source.line && cell(line).as_ref() == Some(&source.cell))
    })?;
    Some(PrintedColumn { statement, column, year, factor: unit_factor(source.unit, list.figures.unit) })
}

fn unit_factor(from: Unit, to: Unit) -> Decimal {
    match (from.rupees(), to.rupees()) {
        (Some(from), Some(to)) => from.checked_div(to).unwrap_or(Decimal::ONE),
        _ => Decimal::ONE,
    }
}

fn check_column(column: &PrintedColumn<'_>, list: &mut List<'_>) {
    let face = matches!(column.statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss);
    for (index, line) in column.statement.lines.iter().enumerate() {
        let Some(amount) = column.amount(line) else { continue };
        let label = line.label.to_lowercase();
        if column.statement.kind == StatementKind::BalanceSheet && is_grand_total(line, &label) {
            check_grand_total(column, amount, &label, list);
        } else if line.role == LineRole::Subtotal
            && (column.statement.kind != StatementKind::ProfitAndLoss || label.starts_with("total"))
        {
            check_subtotal(column, index, amount, face, list);
        }
    }
    if column.statement.kind == StatementKind::ProfitAndLoss {
        check_profit(column, row!("II.12"), "before tax", |label| label.contains("before tax"), list);
        check_profit(column, row!("II.14"), "after tax", is_profit_after_tax, list);
    }
}

fn is_grand_total(line: &LineItem, label: &str) -> bool {
    let part = label.contains("current") || label.contains("fixed") || label.contains("inventor");
    line.role == LineRole::Total
        && !part
        && (label.trim() == "total"
            || label.contains("total assets")
            || label.contains("total equity and liabilities")
            || label.contains("total liabilities")
            || label.contains("total capital and liabilities"))
}

fn check_grand_total(column: &PrintedColumn<'_>, printed: Decimal, label: &str, list: &mut List<'_>) {
    let year = column.year;
    let (Some(liabilities), Some(assets)) = (list.figure(row!("III.25"), year), list.figure(row!("III.43"), year))
    else {
        return;
    };
    let side = if label.contains("asset") { ("assets", assets) } else { ("liabilities", liabilities) };
    // A debit balance of the profit and loss account is printed as an asset, but reduces net worth in the rows.
    let deficit = (-list.figure_or_nil(row!("III.23"), year)).max(Decimal::ZERO);
    let alternatives = [
        side.1,
        side.1 + deficit,
        if label.contains("equity") { side.1 } else { list.figure_or_nil(row!("III.18"), year) },
    ];
    let tolerance = list.figures.tolerance(list.addends("III.", year));
    let passed = alternatives.iter().any(|value| (printed - value).abs() < tolerance);
    let detail = format!("printed total {} against {} of {}", shown(printed), side.0, shown(side.1));
    list.push("V01", Severity::Error, Some(year), passed, detail);
}

fn check_profit(column: &PrintedColumn<'_>, row: RowCode, which: &str, is: impl Fn(&str) -> bool, list: &mut List<'_>) {
    let Some(figure) = list.figure(row, column.year) else { return };
    let lines =
        column.statement.lines.iter().filter(|line| is(&line.label.to_lowercase()) && line.role != LineRole::Memo);
    let printed: Vec<Decimal> = lines.filter_map(|line| column.amount(line)).collect();
    let Some(last) = printed.last() else { return };
    let tolerance = list.figures.tolerance(list.addends("II.", column.year));
    // The result of discontinued operations may be printed below the profit before tax; the form has no row for it there.
    let discontinued = || {
        let lines = column.statement.lines.iter().filter(|line| line.role != LineRole::Memo);
        let of = lines.filter(|line| line.label.to_lowercase().contains("discontinued"));
        of.filter_map(|line| column.amount(line)).chain([Decimal::ZERO])
    };
    let passed =
        printed.iter().any(|printed| discontinued().any(|other| (*printed + other - figure).abs() < tolerance));
    let detail = format!("printed profit {which} {} against {}", shown(*last), shown(figure));
    list.push("V08", Severity::Error, Some(column.year), passed, detail);
}

fn is_profit_after_tax(label: &str) -> bool {
    let named = [
        "profit after tax",
        "profit for the year",
        "profit for the period",
        "net profit",
        "loss) for the",
        "loss) after tax",
    ];
    named.iter().any(|name| label.contains(name))
        && !["before", "carried", "comprehensive"].iter().any(|other| label.contains(other))
}

fn check_subtotal(column: &PrintedColumn<'_>, index: usize, printed: Decimal, face: bool, list: &mut List<'_>) {
    let sums = candidate_sums(column, index);
    if sums.is_empty() {
        return;
    }
    let closest = sums.iter().min_by_key(|(sum, _)| (*sum - printed).abs());
    let passed = sums.iter().any(|(sum, addends)| (sum - printed).abs() < list.figures.tolerance(*addends));
    let severity = if face { Severity::Error } else { Severity::Warning };
    let nearest = closest.map_or(Decimal::ZERO, |(sum, _)| *sum);
    let line = index + 1;
    let detail = format!(
        "printed sub-total {} (line {line} of sheet {}) against its lines, {}",
        shown(printed),
        column.statement.sheet,
        shown(nearest)
    );
    list.push("V02", severity, Some(column.year), passed, detail);
}

/// The sums that a sub-total may be, each with its number of addends: the items above it, the sub-totals above it, the items
/// directly above with the sub-totals before them, the items of its section, or the items below it.
fn candidate_sums(column: &PrintedColumn<'_>, index: usize) -> Vec<(Decimal, u32)> {
    let lines = &column.statement.lines;
    let Some(own) = lines.get(index) else { return Vec::new() };
    let above = || lines.iter().take(index).rev();
    let items = |line: &&LineItem| line.role == LineRole::Item;
    let sums = |line: &&LineItem| matches!(line.role, LineRole::Subtotal | LineRole::Total);
    let mut found = running_sums(column, above().filter(items));
    found.extend(running_sums(column, above().filter(sums)));
    let direct = above().take_while(|line| !sums(line)).count();
    found.extend(running_sums(
        column,
        above().enumerate().filter(|(at, line)| *at < direct || sums(line)).map(|(_, line)| line),
    ));
    found.extend(running_sums(column, lines.iter().skip(index + 1).take_while(|line| !sums(line))));
    found.extend(net_of_lines_above(column, index));
    let mut named = own.section.clone();
    named.push(own.label.clone());
    let inside =
        |line: &&LineItem| items(line) && (line.section.starts_with(&own.section) || line.section.starts_with(&named));
    found.extend(running_sums(column, lines.iter().filter(inside)).pop());
    found
}

/// The amount two lines above minus the one directly above, because depreciation below a gross block need not say `Less`.
fn net_of_lines_above(column: &PrintedColumn<'_>, index: usize) -> Option<(Decimal, u32)> {
    let above = |by: usize| column.amount(column.statement.lines.get(index.checked_sub(by)?)?);
    Some((above(2)?.checked_sub(above(1)?)?, 2))
}

fn running_sums<'a>(column: &PrintedColumn<'_>, lines: impl Iterator<Item = &'a LineItem>) -> Vec<(Decimal, u32)> {
    let mut sum = Decimal::ZERO;
    let mut count = 0;
    let mut sums = Vec::new();
    for line in lines {
        let Some(amount) = column.amount(line) else { continue };
        let label = line.label.trim_start().to_lowercase();
        let deducted = label.starts_with("less") || label.starts_with("deduct");
        let signed = if deducted && amount > Decimal::ZERO { -amount } else { amount };
        let Some(next) = sum.checked_add(signed) else { break };
        sum = next;
        count += 1;
        sums.push((sum, count));
    }
    sums
}
