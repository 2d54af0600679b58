//! Forms whose totals are net, and accounts with two sides that balance by a profit.

use super::{amount, roles};
use documents::{Extraction, Limits, read};
use domain::statement::{LineItem, LineRole, StatementKind};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn text(rows: &[String]) -> (String, Extraction) {
    let csv = rows.join("\n") + "\n";
    let found = read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap();
    (csv, found)
}

fn amounts(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<i64>> {
    proptest::collection::vec(10_000_i64..90_000_000, count)
}

fn row(label: &str, amount: i64) -> String {
    format!("{label},{amount}")
}

fn rows(name: &str, amounts: &[i64]) -> Vec<String> {
    amounts
        .iter()
        .enumerate()
        .map(|(at, v)| row(&format!("{name} {}", char::from(b'P' + u8::try_from(at).unwrap())), *v))
        .collect()
}

/// What a printed sum adds up, down to the lines that add up nothing, with their signs.
fn leaves<'a>(all: &BTreeMap<&str, &'a LineItem>, sum: &'a LineItem, sign: i8, found: &mut Vec<(&'a LineItem, i8)>) {
    for addend in &sum.addends {
        let line = all[addend.line.as_str()];
        if line.addends.is_empty() {
            found.push((line, sign * addend.sign))
        } else {
            leaves(all, line, sign * addend.sign, found)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_vertical_form_subtracts_current_liabilities(
        gross in 50_000_000_i64..90_000_000,
        depreciation in 10_000_i64..40_000_000,
        assets in amounts(2..5),
        liabilities in amounts(1..4),
        (says_less, names_net, names_sums) in any::<(bool, bool, bool)>(),
    ) {
        let total = gross - depreciation + assets.iter().sum::<i64>() - liabilities.iter().sum::<i64>();
        prop_assume!(total > 1_000_000 && assets.iter().sum::<i64>() > liabilities.iter().sum::<i64>());
        prop_assume!(says_less || names_net);
        let loan = total / 3;
        let mut printed: Vec<String> = ["Balance Sheet as at", "Particulars,31.03.2025", "SOURCES OF FUNDS,"].map(str::to_owned).to_vec();
        printed.extend([row("Capital", total - loan), row("Loans", loan), row("TOTAL", total)]);
        printed.extend(["APPLICATION OF FUNDS,".to_owned(), row("Gross block", gross), row("Less: Depreciation", depreciation), row("Net block", gross - depreciation)]);
        printed.push("Current assets,".to_owned());
        printed.extend(rows("Stock", &assets));
        printed.push(row(if names_sums { "Total current assets" } else { "" }, assets.iter().sum()));
        printed.push(if says_less { "Less: Current liabilities,".to_owned() } else { "Current liabilities,".to_owned() });
        printed.extend(rows("Creditor", &liabilities));
        printed.push(row(if names_sums { "Total current liabilities" } else { "" }, liabilities.iter().sum()));
        if names_net {
            printed.push(row("Net current assets", assets.iter().sum::<i64>() - liabilities.iter().sum::<i64>()));
        }
        printed.push(row("TOTAL", total));
        let (csv, found) = text(&printed);
        let lines = || found.statements.iter().flat_map(|s| &s.lines);
        let all: BTreeMap<&str, &LineItem> = lines().map(|l| (l.id.as_str(), l)).collect();
        let totals: Vec<&LineItem> = lines().filter(|l| l.role == LineRole::Total).collect();
        prop_assert_eq!(totals.len(), 2, "{}\n{:#?}", csv, roles(&found.statements));
        let mut counted = Vec::new();
        for sum in totals {
            let mut of = Vec::new();
            leaves(&all, sum, 1, &mut of);
            let value: Decimal = of.iter().map(|(l, sign)| amount(l, 0) * Decimal::from(*sign)).sum();
            prop_assert_eq!(value, Decimal::from(total), "{}\n{:#?}", csv, roles(&found.statements));
            counted.extend(of);
        }
        let minus: Vec<&str> = counted.iter().filter(|(_, sign)| *sign < 0).map(|(l, _)| l.label.as_str()).collect();
        prop_assert!(minus.iter().all(|l| l.starts_with("Less") || l.starts_with("Creditor")), "{:?}", minus);
        prop_assert_eq!(minus.len(), 1 + liabilities.len());
        prop_assert!(counted.iter().all(|(l, _)| l.role == LineRole::Item));
    }

    #[test]
    fn two_sides_of_an_account_differ_by_the_profit(
        trading in amounts(1..4), sales in amounts(1..3), expenses in amounts(1..6), incomes in amounts(0..3),
        (to_by, totals, carries) in any::<(bool, bool, bool)>(),
    ) {
        let sum = |v: &[i64]| v.iter().sum::<i64>();
        let gross = sum(&sales) - sum(&trading);
        let net = gross + sum(&incomes) - sum(&expenses);
        prop_assume!(gross != 0 && net != 0 && gross != net);
        let (to, by) = if to_by { ("To ", "By ") } else { ("", "") };
        let total = if totals { "Total" } else { "" };
        let result = |name: &str, v: i64| format!("{name} {}", if v > 0 { "profit" } else { "loss" });
        let (down, brought) = if carries { (" c/d", " b/d") } else { ("", "") };
        let half = |left: Vec<(String, i64)>, right: Vec<(String, i64)>| -> Vec<String> {
            let cell = |side: &[(String, i64)], at: usize| side.get(at).map_or_else(|| ",".to_owned(), |(l, v)| format!("{l},{v}"));
            let value = |side: &[(String, i64)]| side.iter().map(|(_, v)| v).sum::<i64>();
            let mut printed: Vec<String> =
                (0..left.len().max(right.len())).map(|at| format!("{},{}", cell(&left, at), cell(&right, at))).collect();
            printed.push(format!("{total},{},{total},{}", value(&left), value(&right)));
            printed
        };
        let named = |prefix: &str, name: &str, v: &[i64]| -> Vec<(String, i64)> {
            v.iter().enumerate().map(|(at, v)| (format!("{prefix}{name} {}", char::from(b'P' + u8::try_from(at).unwrap())), *v)).collect()
        };
        let (mut left, mut right) = (named(to, "Purchases", &trading), named(by, "Sales", &sales));
        let carried = (format!("{}{}{down}", if gross > 0 { to } else { by }, result("Gross", gross)), gross.abs());
        if gross > 0 { left.push(carried) } else { right.push(carried) }
        let mut printed = vec!["Trading and Profit & Loss Account for the year ended 31.03.2025".to_owned(), "Particulars,Amount,Particulars,Amount".to_owned()];
        printed.extend(half(left, right));
        let (mut left, mut right) = (named(to, "Rent", &expenses), named(by, "Commission", &incomes));
        let carried = (format!("{}{}{brought}", if gross > 0 { by } else { to }, result("Gross", gross)), gross.abs());
        if gross > 0 { right.insert(0, carried) } else { left.insert(0, carried) }
        let balance = (format!("{}{}", if net > 0 { to } else { by }, result("Net", net)), net.abs());
        if net > 0 { left.push(balance) } else { right.push(balance) }
        printed.extend(half(left, right));
        let (csv, found) = text(&printed);
        prop_assert_eq!(found.statements.len(), 2, "{}", csv);
        let items = |at: usize| -> Decimal {
            found.statements[at].lines.iter().filter(|l| l.role == LineRole::Item).map(|l| amount(l, 0)).sum()
        };
        prop_assert!(found.statements.iter().all(|s| s.kind == StatementKind::ProfitAndLoss));
        prop_assert_eq!(items(1) - items(0), Decimal::from(net), "{}\n{:#?}", csv, roles(&found.statements));
        let sums = found.statements.iter().flat_map(|s| &s.lines).filter(|l| l.label == total);
        for line in sums {
            prop_assert_eq!(line.role, LineRole::Subtotal, "{}\n{:#?}", csv, roles(&found.statements));
            prop_assert!(!line.addends.is_empty(), "{}\n{:#?}", csv, line);
        }
    }
}
