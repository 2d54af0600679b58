//! Compares the two sides of an account: their totals, what is carried from one part to the next, and their names.

use crate::label::plain;
use crate::panel::{Line, Panel};
use crate::role;
use domain::statement::StatementKind;

/// How many transfers of one side are compared with those of the other one.
const TRANSFERS_MAX: usize = 40;

/// The lines of each side of an account whose amounts the other side prints too, as its total.
pub fn totals(panels: &[Panel]) -> Vec<Vec<usize>> {
    let [left, right] = panels else { return vec![Vec::new(); panels.len()] };
    let last = |panel: &Panel| panel.lines.iter().rposition(|l| !l.heading);
    let ends = |panel: &Panel, at: usize| {
        let line = &panel.lines[at];
        !line.heading && !line.outer && line.level == 0 && role::may_end_side(&line.label)
    };
    let mut totals = vec![Vec::new(); 2];
    let mut from = 0;
    for (at, line) in left.lines.iter().enumerate().filter(|(at, _)| ends(left, *at)) {
        let other = (from..right.lines.len()).filter(|other| ends(right, *other)).find(|other| {
            let twin = &right.lines[*other];
            let both_last = last(left) == Some(at) && last(right) == Some(*other);
            let both_say = role::ends_side(&line.label) && role::ends_side(&twin.label);
            (twin.row == line.row || both_last || both_say) && same_amounts(line, twin)
        });
        if let Some(other) = other {
            totals[0].push(at);
            totals[1].push(other);
            from = other + 1;
        }
    }
    totals
}

/// The lines of each side of an account that carry an amount from one of its parts to the next, e.g. `Gross profit c/d` and
/// `Gross profit b/d`: what is carried down on one line is brought down on another one.
pub fn carried(panels: &[Panel]) -> Vec<Vec<usize>> {
    let mut carried = vec![Vec::new(); panels.len()];
    if panels.len() < 2 {
        return carried;
    }
    let lines = || {
        let of = |(side, panel): (usize, &'_ Panel)| {
            let marked = |(at, l): (usize, &Line)| Some((side, at, role::is_carried(&l.label)?)).filter(|_| !l.heading);
            panel.lines.iter().enumerate().filter_map(marked).collect::<Vec<_>>()
        };
        panels.iter().enumerate().flat_map(of).collect::<Vec<_>>()
    };
    let lines = lines();
    for (side, at, brought) in &lines {
        let line = &panels[*side].lines[*at];
        let other = lines.iter().find(|(s, a, b)| b != brought && same_amounts(line, &panels[*s].lines[*a]));
        if other.is_some() {
            carried[*side].push(*at);
        }
    }
    transferred(panels, &mut carried);
    carried
}

/// Adds what one account transfers to the next one: the cost of production is on the right of the manufacturing account, and
/// on the left of the trading account further down.
fn transferred(panels: &[Panel], carried: &mut [Vec<usize>]) {
    let transfers = |panel: &Panel| -> Vec<usize> {
        let is_one = |l: &Line| !l.heading && role::is_transfer(&l.label);
        panel.lines.iter().enumerate().filter(|(_, l)| is_one(l)).map(|(at, _)| at).take(TRANSFERS_MAX).collect()
    };
    let [left, right] = panels else { return };
    let (lefts, rights) = (transfers(left), transfers(right));
    for one in &lefts {
        let (line, sides) = (&left.lines[*one], &rights);
        let other = sides.iter().find(|other| {
            let twin = &right.lines[**other];
            twin.row != line.row && same_amounts(line, twin)
        });
        if let Some(other) = other {
            for (side, at) in [(0, *one), (1, *other)] {
                if !carried[side].contains(&at) {
                    carried[side].push(at);
                }
            }
        }
    }
}

fn same_amounts(one: &Line, other: &Line) -> bool {
    let amount = |line: &Line, at: usize| line.figures.get(at).and_then(Option::as_ref).map(|f| f.amount);
    let width = one.figures.len().max(other.figures.len());
    (0..width).all(|at| amount(one, at) == amount(other, at))
        && one.figures.iter().flatten().any(|f| !f.amount.is_zero())
}

/// The name of one side of an account: as printed, or by its lines if both sides have the same heading.
pub fn side_name(printed: &str, kind: StatementKind, lines: &[Line]) -> String {
    let name = plain(printed);
    if !name.starts_with("particular") && !matches!(name.as_str(), "dr" | "cr") && name.chars().count() > 2 {
        return printed.to_owned();
    }
    let words = |list: &[&str]| lines.iter().filter(|l| list.iter().any(|w| plain(&l.label).contains(w))).count();
    match kind {
        StatementKind::ProfitAndLoss
            if words(&["sales", "closing stock", "income", "gross profit b d", "by "])
                > words(&["purchase", "wages", "salar", "rent", "depreciation", "to "]) =>
        {
            "Income".to_owned()
        }
        StatementKind::ProfitAndLoss => "Expenses".to_owned(),
        _ if words(&["creditors", "capital", "loan from", "payable", "unsecured"])
            > words(&["debtors", "cash", "stock", "fixed assets", "deposits", "bank"]) =>
        {
            "Liabilities".to_owned()
        }
        _ => "Assets".to_owned(),
    }
}
