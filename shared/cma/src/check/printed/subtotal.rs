//! V02: printed sums against the lines that they add up.

use super::{Decimal, LineItem, LineRole, List, Printed, Severity, StatementKind, UsedColumn, shown};

/// Longest run of lines that is tried as the parts of a sum whose lines are not known.
const RUN_MAX: usize = 80;

/// Compares every printed sum of a column with its lines.
pub(super) fn check(column: &UsedColumn<'_>, list: &mut List<'_>) {
    let severity = if column.is_face() { Severity::Error } else { Severity::Warning };
    for (index, line) in column.statement.lines.iter().enumerate() {
        if !matches!(line.role, LineRole::Subtotal | LineRole::Total) {
            continue;
        }
        let Some(printed) = column.printed(line) else { continue };
        let place = column.place(line);
        if !line.addends.is_empty() {
            compare(column, line, printed, severity, list);
        } else if is_named_sum(column, line) {
            // The lines are found by arithmetic, so a sum that does not match any run of lines proves nothing.
            let sums = candidate_sums(column, index);
            let holds = sums.iter().any(|sum| printed.is(sum.amount, sum.rounding));
            if holds {
                let detail = format!("printed sub-total {} ({place}) against its lines", shown(printed.amount));
                list.push("V02", severity, Some(column.year), true, detail);
            } else {
                let reason = format!(
                    "the lines that the printed sub-total {} ({place}) adds up are not known",
                    shown(printed.amount)
                );
                list.not_made("V02", severity, Some(column.year), &reason);
            }
        }
    }
}

/// Whether a sum without known lines is expected to add up lines of its statement: profits follow from income and expenses,
/// which V08 checks.
fn is_named_sum(column: &UsedColumn<'_>, line: &LineItem) -> bool {
    let label = line.label.trim_start().to_lowercase();
    match column.statement.kind {
        StatementKind::ProfitAndLoss => label.starts_with("total"),
        // V01 compares the totals of the sides.
        _ => line.role == LineRole::Subtotal,
    }
}

/// Compares a printed sum with the lines that it adds up.
pub(super) fn compare(
    column: &UsedColumn<'_>,
    line: &LineItem,
    printed: Printed,
    severity: Severity,
    list: &mut List<'_>,
) {
    let (mut sum, mut rounding, mut count) = (Decimal::ZERO, Decimal::ZERO, 0);
    for addend in &line.addends {
        let Some(part) = column.printed_by(&addend.line) else { continue };
        sum = sum.saturating_add(if addend.sign < 0 { -part.amount } else { part.amount });
        rounding = rounding.saturating_add(part.rounding);
        count += 1;
    }
    let place = column.place(line);
    if count == 0 && !printed.amount.is_zero() {
        let reason =
            format!("none of the lines of the printed sub-total {} ({place}) has an amount", shown(printed.amount));
        list.not_made("V02", severity, Some(column.year), &reason);
        return;
    }
    let detail =
        format!("printed sub-total {} ({place}) against its {count} lines, {}", shown(printed.amount), shown(sum));
    list.push("V02", severity, Some(column.year), printed.is(sum, rounding), detail);
}

/// The sums that a sub-total may be: the items above it, the sub-totals above it, the items directly above with the sub-totals
/// before them, all lines directly above, the items of its section, or the lines below it.
fn candidate_sums(column: &UsedColumn<'_>, index: usize) -> Vec<Printed> {
    let lines = &column.statement.lines;
    let Some(own) = lines.get(index) else { return Vec::new() };
    let above = || lines.iter().take(index).rev().take(RUN_MAX);
    let items = |line: &&LineItem| line.role == LineRole::Item;
    let sums = |line: &&LineItem| matches!(line.role, LineRole::Subtotal | LineRole::Total);
    let mut found = running_sums(column, above().filter(items));
    found.extend(running_sums(column, above().filter(sums)));
    // The total of one side of an account includes the profit that is carried down.
    found.extend(running_sums(column, above()));
    let direct = above().take_while(|line| !sums(line)).count();
    found.extend(running_sums(
        column,
        above().enumerate().filter(|(at, line)| *at < direct || sums(line)).map(|(_, line)| line),
    ));
    found.extend(running_sums(column, lines.iter().skip(index + 1).take(RUN_MAX).take_while(|line| !sums(line))));
    found.extend(net_of_lines_above(column, index));
    let mut named = own.section.clone();
    named.push(own.label.clone());
    let inside =
        |line: &&LineItem| items(line) && (line.section.starts_with(&own.section) || line.section.starts_with(&named));
    found.extend(running_sums(column, lines.iter().filter(inside)).pop());
    found
}

/// The amount two lines above minus the one directly above, because depreciation below a gross block need not say `Less`.
fn net_of_lines_above(column: &UsedColumn<'_>, index: usize) -> Option<Printed> {
    let above = |by: usize| column.printed(column.statement.lines.get(index.checked_sub(by)?)?);
    let (first, second) = (above(2)?, above(1)?);
    let amount = first.amount.checked_sub(second.amount)?;
    Some(Printed { amount, rounding: first.rounding.saturating_add(second.rounding) })
}

/// The sums of lines, each with one line more.
pub(super) fn running_sums<'a>(column: &UsedColumn<'_>, lines: impl Iterator<Item = &'a LineItem>) -> Vec<Printed> {
    let mut sum = Printed { amount: Decimal::ZERO, rounding: Decimal::ZERO };
    let mut sums = Vec::new();
    for line in lines {
        let Some(printed) = column.printed(line) else { continue };
        let label = line.label.trim_start().to_lowercase();
        let less = label.starts_with("less") && !label.starts_with("less than");
        let deducted = less || label.starts_with("deduct");
        let signed = if deducted && printed.amount > Decimal::ZERO { -printed.amount } else { printed.amount };
        let Some(amount) = sum.amount.checked_add(signed) else { break };
        sum = Printed { amount, rounding: sum.rounding.saturating_add(printed.rounding) };
        sums.push(sum);
    }
    sums
}
