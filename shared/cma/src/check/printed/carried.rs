//! V29: what one part of an account carries down against what the next part brings down.

use std::ptr;

use super::{
    Extraction, LineItem, Lines, List, Printed, Severity, Statement, StatementKind, UsedColumn, column_decimals, shown,
};

/// What is carried from one part of an account to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Cost,
    GrossProfit,
    GrossLoss,
    NetProfit,
    NetLoss,
}

/// Which end of it a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Down,
    Brought,
    /// The label does not say.
    Unsaid,
}

/// An amount that is carried down or brought down.
struct Carry {
    name: Name,
    way: Way,
    printed: Printed,
    place: String,
    is_used: bool,
}

/// Compares what the accounts of a document carry in a year.
pub(super) fn check(
    extraction: &Extraction,
    lines: &Lines<'_>,
    columns: &[UsedColumn<'_>],
    year: usize,
    list: &mut List<'_>,
) {
    let of_document = |column: &&UsedColumn<'_>| {
        ptr::eq(column.lines, lines) && column.year == year && column.statement.kind == StatementKind::ProfitAndLoss
    };
    let used: Vec<&UsedColumn<'_>> = columns.iter().filter(of_document).collect();
    let Some(first) = used.first() else { return };
    let accounts = extraction.statements.iter().filter(|statement| statement.kind == StatementKind::ProfitAndLoss);
    let found: Vec<Carry> = accounts.flat_map(|account| carries(account, first, &used)).collect();
    for name in [Name::Cost, Name::GrossProfit, Name::GrossLoss, Name::NetProfit, Name::NetLoss] {
        let of_name: Vec<&Carry> = found.iter().filter(|carry| carry.name == name).collect();
        for (down, brought) in pairs(&of_name) {
            if !down.is_used && !brought.is_used {
                continue;
            }
            let difference = down.printed.amount.saturating_sub(brought.printed.amount).abs();
            let rounding = down.printed.rounding.saturating_add(brought.printed.rounding);
            // The same amount printed twice.
            let passed = difference.is_zero() || difference < rounding;
            let detail = format!(
                "carried down {} ({}) against {} brought down ({})",
                shown(down.printed.amount),
                down.place,
                shown(brought.printed.amount),
                brought.place
            );
            list.push("V29", Severity::Error, Some(year), passed, detail);
        }
    }
}

/// What a statement carries down and brings down in the period of a column.
fn carries(account: &Statement, of: &UsedColumn<'_>, used: &[&UsedColumn<'_>]) -> Vec<Carry> {
    let own = used.iter().find(|column| ptr::eq(column.statement, account));
    let wanted = of.statement.columns.get(of.column);
    let same = |column: &domain::statement::Column| {
        wanted.is_some_and(|wanted| column.period_end == wanted.period_end && column.months == wanted.months)
    };
    let place = own.map(|column| column.column).or_else(|| account.columns.iter().position(same));
    let Some(at) = place else { return Vec::new() };
    let decimals = column_decimals(account, at);
    let carry = |line: &LineItem| {
        let (name, way) = name_of(&line.label)?;
        let figure = line.figures.get(at)?.as_ref()?;
        let printed = own.unwrap_or(&of).printed_in(line, at, decimals)?;
        (!printed.amount.is_zero()).then(|| Carry {
            name,
            way,
            printed: Printed { amount: printed.amount.abs(), ..printed },
            place: format!("{}!{}", account.sheet, figure.cell),
            is_used: own.is_some(),
        })
    };
    account.lines.iter().filter_map(carry).collect()
}

/// Each amount that is brought down with the one that was carried down.
fn pairs<'a>(found: &[&'a Carry]) -> Vec<(&'a Carry, &'a Carry)> {
    let of = |way: Way| found.iter().copied().filter(move |carry| carry.way == way).collect::<Vec<_>>();
    let (down, brought, unsaid) = (of(Way::Down), of(Way::Brought), of(Way::Unsaid));
    match (down.as_slice(), brought.as_slice(), unsaid.as_slice()) {
        ([], [], [one, other]) => vec![(one, other)],
        ([down], [], [brought]) | ([], [brought], [down]) => vec![(down, brought)],
        _ if down.len() == brought.len() => down.into_iter().zip(brought).collect(),
        // Of several, the one with the same amount, else the last one.
        _ => {
            let equal = |brought: &&Carry| {
                down.iter().find(|down| down.printed.amount == brought.printed.amount).or(down.last()).copied()
            };
            brought.iter().filter_map(|brought| Some((equal(brought)?, *brought))).collect()
        }
    }
}

/// How many words the name of an amount has that says nothing else.
const BARE_WORDS_MAX: usize = 6;

/// What a label carries, and whether down or brought down.
fn name_of(label: &str) -> Option<(Name, Way)> {
    if label.contains('%') {
        return None;
    }
    let words: Vec<String> =
        label.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned).collect();
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let text = format!(" {} ", words.join(" "));
    if ["ratio", "margin", "rate", "percent"].iter().any(|word| text.contains(&format!(" {word} "))) {
        return None;
    }
    let name = name_in(&text)?;
    let way = way_in(&text, name);
    // A net profit is carried to other places as well, so only a line that says so counts.
    let counts = match name {
        Name::NetProfit | Name::NetLoss => is_marked(&text),
        Name::Cost | Name::GrossProfit | Name::GrossLoss => way != Way::Unsaid || words.len() <= BARE_WORDS_MAX,
    };
    counts.then_some((name, way))
}

fn name_in(text: &str) -> Option<Name> {
    const COSTS: [&str; 7] = [
        "cost of production",
        "cost of goods manufactured",
        "cost of goods produced",
        "cost of manufactur",
        "cost of finished goods produced",
        "cost of finished goods manufactured",
        "cost of output",
    ];
    let is_loss = text.contains(" loss") && !text.contains(" profit");
    if COSTS.iter().any(|cost| text.contains(cost)) {
        Some(Name::Cost)
    } else if text.contains(" gross profit") || text.contains(" gross loss") {
        Some(if text.contains(" gross profit") { Name::GrossProfit } else { Name::GrossLoss })
    } else if text.contains(" net profit") || text.contains(" nett profit") || text.contains(" net loss") {
        Some(if is_loss { Name::NetLoss } else { Name::NetProfit })
    } else {
        None
    }
}

const DOWN: [&str; 9] =
    [" c d ", " c f ", " c o ", " c fd ", " carried down ", " carried forward ", " carried over ", " cd ", " c down "];
const BROUGHT: [&str; 9] =
    [" b d ", " b f ", " b o ", " b fd ", " brought down ", " brought forward ", " brought over ", " bd ", " b down "];
const OUT: [&str; 4] = [" transferred to trading", " transfer to trading", " carried to trading", " to trading a"];
const OUT_OF_TRADING: [&str; 3] = [" transferred to profit", " transferred to p l", " carried to profit"];
const IN: [&str; 6] = [
    " transferred from ",
    " transfer from ",
    " brought from ",
    " from trading ",
    " from manufacturing ",
    " as per manufacturing ",
];

fn is_marked(text: &str) -> bool {
    DOWN.iter().chain(&BROUGHT).any(|mark| text.contains(mark))
}

/// The left side of an account carries a profit down and brings a loss or a cost down, the right side the reverse.
fn way_in(text: &str, name: Name) -> Way {
    let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    let is_profit = matches!(name, Name::GrossProfit | Name::NetProfit);
    if has(&BROUGHT) || has(&IN) {
        Way::Brought
    } else if has(&DOWN) || has(&OUT) || has(&OUT_OF_TRADING) {
        Way::Down
    } else if text.starts_with(" to ") {
        if is_profit { Way::Down } else { Way::Brought }
    } else if text.starts_with(" by ") {
        if is_profit { Way::Brought } else { Way::Down }
    } else {
        Way::Unsaid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_label_says_what_it_carries_and_which_way() {
        for (label, expected) in [
            ("To Gross Profit c/d", Some((Name::GrossProfit, Way::Down))),
            ("Gross Profit b/f", Some((Name::GrossProfit, Way::Brought))),
            ("By Gross Profit", Some((Name::GrossProfit, Way::Brought))),
            ("By Gross Loss c/d", Some((Name::GrossLoss, Way::Down))),
            ("To Gross Loss", Some((Name::GrossLoss, Way::Brought))),
            ("By Cost of production transferred to Trading A/c", Some((Name::Cost, Way::Down))),
            ("To Cost of Production b/d", Some((Name::Cost, Way::Brought))),
            ("Cost of production", Some((Name::Cost, Way::Unsaid))),
            ("To Net profit", None),
            ("Gross profit ratio", None),
            ("Gross profit %", None),
            ("Balance b/d", None),
        ] {
            assert_eq!(name_of(label), expected, "{label}");
        }
    }

    proptest! {
        #[test]
        fn a_leading_mark_turns_the_way_of_no_marked_label(text in any::<String>()) {
            let way = |label: String| name_of(&label).map(|(_, way)| way);
            let down = way(format!("Gross profit {text} c/d"));
            prop_assert!(down.is_none() || down.is_some_and(|way| way != Way::Unsaid));
            let _ = name_of(&text);
        }
    }
}
