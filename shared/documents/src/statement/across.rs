//! Compares the statements of one document with each other.

use crate::role;
use domain::statement::{LineItem, LineRole, Statement, StatementKind};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// How many transfers of a document are compared with each other.
const TRANSFERS_MAX: usize = 60;

/// Finds what the account on one sheet transfers to the account on another sheet, such as the cost of production. It is
/// printed on both, on opposite sides, and is no amount of its own.
pub(super) fn transfers(statements: &mut [Statement]) {
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (number, statement) in statements.iter().enumerate().filter(|(_, s)| s.kind == StatementKind::ProfitAndLoss) {
        let is_one = |l: &LineItem| l.role == LineRole::Item && role::is_transfer(&l.label);
        let found = statement.lines.iter().enumerate().filter(|(_, l)| is_one(l)).map(|(at, _)| (number, at));
        places.extend(found.take(TRANSFERS_MAX.saturating_sub(places.len())));
    }
    let is_pair = |one: (usize, usize), other: (usize, usize)| {
        let (Some(a), Some(b)) = (line(statements, one), line(statements, other)) else { return false };
        one.0 != other.0
            && same_dates(&statements[one.0], &statements[other.0])
            && a.section.first() != b.section.first()
            && amounts(a) == amounts(b)
            && amounts(a).iter().flatten().any(|v| !v.is_zero())
    };
    let paired: Vec<(usize, usize)> =
        places.iter().copied().filter(|one| places.iter().any(|other| is_pair(*one, *other))).collect();
    for (number, at) in paired {
        if let Some(line) = statements.get_mut(number).and_then(|s| s.lines.get_mut(at)) {
            line.role = LineRole::Subtotal;
        }
    }
}

/// Takes tables that look like a statement by the words of their lines, and have no year, for workings if the document has
/// such a statement with a year.
pub(super) fn workings(statements: &mut [Statement], guessed: &BTreeSet<usize>) {
    let is_dated = |s: &Statement| s.columns.iter().any(|column| column.period_end.is_some());
    let dated: Vec<StatementKind> = statements.iter().filter(|s| is_dated(s)).map(|s| s.kind).collect();
    for (_, statement) in statements.iter_mut().enumerate().filter(|(at, _)| guessed.contains(at)) {
        let face = matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss);
        if face && !is_dated(statement) && dated.contains(&statement.kind) {
            statement.kind = StatementKind::Unknown;
        }
    }
}

fn line(statements: &[Statement], (number, at): (usize, usize)) -> Option<&LineItem> {
    statements.get(number)?.lines.get(at)
}

fn same_dates(one: &Statement, other: &Statement) -> bool {
    one.columns.iter().map(|c| c.period_end).eq(other.columns.iter().map(|c| c.period_end))
}

fn amounts(line: &LineItem) -> Vec<Option<Decimal>> {
    line.figures.iter().map(|f| f.as_ref().map(|f| f.amount)).collect()
}
