//! What the statements print themselves: totals, sub-totals and profits, against the lines and the rows.

use domain::statement::{Extraction, LineItem, LineRole, Statement, StatementKind, Unit};
use rust_decimal::Decimal;

use super::{List, Severity, shown};

/// V01 printed totals, V02 printed sub-totals, V08 printed profits.
pub(super) fn run(extractions: &[Extraction], list: &mut List<'_>) {
    for extraction in extractions {
        for statement in &extraction.statements {
            for column in 0..statement.columns.len() {
                if let Some(place) = place(extraction, statement, column, list) {
                    check(&place, list);
                }
            }
        }
    }
}

/// One column of a statement that figures of a year were taken from.
struct Place<'a> {
    statement: &'a Statement,
    column: usize,
    year: usize,
    factor: Decimal,
}

impl Place<'_> {
    fn amount(&self, line: &LineItem) -> Option<Decimal> {
        let figure = line.figures.get(self.column)?.as_ref()?;
        figure.amount.checked_mul(self.factor)
    }
}

fn place<'a>(extraction: &Extraction, statement: &'a Statement, column: usize, list: &List<'_>) -> Option<Place<'a>> {
    let heading = statement.columns.get(column)?;
    let end = crate::figure::dotted(heading.period_end?);
    let year = list.figures.years.iter().position(|year| *year == end)?;
    let cells = |line: &LineItem| line.figures.get(column).and_then(Option::as_ref).map(|figure| figure.cell.clone());
    let source = list.figures.sources.iter().find(|source| {
        source.year == year
            && source.file == extraction.file.name
            && source.sheet == statement.sheet
            && statement.lines.iter().any(|line| line.id == source.line && cells(line).as_ref() == Some(&source.cell))
    })?;
    Some(Place { statement, column, year, factor: factor(source.unit, list.figures.unit) })
}

fn factor(from: Unit, to: Unit) -> Decimal {
    match (from.rupees(), to.rupees()) {
        (Some(from), Some(to)) => from.checked_div(to).unwrap_or(Decimal::ONE),
        _ => Decimal::ONE,
    }
}

fn check(place: &Place<'_>, list: &mut List<'_>) {
    let face = matches!(place.statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss);
    for (index, line) in place.statement.lines.iter().enumerate() {
        let Some(amount) = place.amount(line) else { continue };
        let label = line.label.to_lowercase();
        if place.statement.kind == StatementKind::BalanceSheet && is_grand_total(line, &label) {
            grand_total(place, amount, &label, list);
        } else if line.role == LineRole::Subtotal
            && (place.statement.kind != StatementKind::ProfitAndLoss || label.starts_with("total"))
        {
            subtotal(place, index, amount, face, list);
        }
    }
    if place.statement.kind == StatementKind::ProfitAndLoss {
        profit(place, "II.12", "before tax", |label| label.contains("before tax"), list);
        profit(place, "II.14", "after tax", is_profit_after_tax, list);
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

fn grand_total(place: &Place<'_>, printed: Decimal, label: &str, list: &mut List<'_>) {
    let year = place.year;
    let (Some(liabilities), Some(assets)) = (list.at("III.25", year), list.at("III.43", year)) else { return };
    let side = if label.contains("asset") { ("assets", assets) } else { ("liabilities", liabilities) };
    // A debit balance of the profit and loss account is printed among the assets and counted against the net worth.
    let deficit = (-list.nil("III.23", year)).max(Decimal::ZERO);
    let alternatives =
        [side.1, side.1 + deficit, if label.contains("equity") { side.1 } else { list.nil("III.18", year) }];
    let tolerance = list.figures.tolerance(list.addends("III.", year));
    let passed = alternatives.iter().any(|value| (printed - value).abs() < tolerance);
    let detail = format!("printed total {} against {} of {}", shown(printed), side.0, shown(side.1));
    list.push("V01", Severity::Error, Some(year), passed, detail);
}

fn profit(place: &Place<'_>, row: &str, which: &str, is: impl Fn(&str) -> bool, list: &mut List<'_>) {
    let Some(figure) = list.at(row, place.year) else { return };
    let lines =
        place.statement.lines.iter().filter(|line| is(&line.label.to_lowercase()) && line.role != LineRole::Memo);
    let printed: Vec<Decimal> = lines.filter_map(|line| place.amount(line)).collect();
    let Some(last) = printed.last() else { return };
    let tolerance = list.figures.tolerance(list.addends("II.", place.year));
    // What discontinued operations made may be printed below the profit before tax; the form has no place for it there.
    let discontinued = || {
        let lines = place.statement.lines.iter().filter(|line| line.role != LineRole::Memo);
        let of = lines.filter(|line| line.label.to_lowercase().contains("discontinued"));
        of.filter_map(|line| place.amount(line)).chain([Decimal::ZERO])
    };
    let passed =
        printed.iter().any(|printed| discontinued().any(|other| (*printed + other - figure).abs() < tolerance));
    let detail = format!("printed profit {which} {} against {}", shown(*last), shown(figure));
    list.push("V08", Severity::Error, Some(place.year), passed, detail);
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

fn subtotal(place: &Place<'_>, index: usize, printed: Decimal, face: bool, list: &mut List<'_>) {
    let sums = candidates(place, index);
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
        place.statement.sheet,
        shown(nearest)
    );
    list.push("V02", severity, Some(place.year), passed, detail);
}

/// The sums a sub-total may stand for, each with its number of addends: the items above it, the sub-totals above it,
/// the items directly above with the sub-totals before them, the items of its section, or the items below it.
fn candidates(place: &Place<'_>, index: usize) -> Vec<(Decimal, u32)> {
    let lines = &place.statement.lines;
    let Some(own) = lines.get(index) else { return Vec::new() };
    let above = || lines.iter().take(index).rev();
    let items = |line: &&LineItem| line.role == LineRole::Item;
    let sums = |line: &&LineItem| matches!(line.role, LineRole::Subtotal | LineRole::Total);
    let mut found = running(place, above().filter(items));
    found.extend(running(place, above().filter(sums)));
    let direct = above().take_while(|line| !sums(line)).count();
    found.extend(running(
        place,
        above().enumerate().filter(|(at, line)| *at < direct || sums(line)).map(|(_, line)| line),
    ));
    found.extend(running(place, lines.iter().skip(index + 1).take_while(|line| !sums(line))));
    found.extend(net(place, index));
    let mut named = own.section.clone();
    named.push(own.label.clone());
    let inside =
        |line: &&LineItem| items(line) && (line.section.starts_with(&own.section) || line.section.starts_with(&named));
    found.extend(running(place, lines.iter().filter(inside)).pop());
    found
}

/// The amount two lines above less the one above: a gross block and its depreciation need not say `Less`.
fn net(place: &Place<'_>, index: usize) -> Option<(Decimal, u32)> {
    let above = |by: usize| place.amount(place.statement.lines.get(index.checked_sub(by)?)?);
    Some((above(2)?.checked_sub(above(1)?)?, 2))
}

fn running<'a>(place: &Place<'_>, lines: impl Iterator<Item = &'a LineItem>) -> Vec<(Decimal, u32)> {
    let mut sum = Decimal::ZERO;
    let mut count = 0;
    let mut sums = Vec::new();
    for line in lines {
        let Some(amount) = place.amount(line) else { continue };
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
