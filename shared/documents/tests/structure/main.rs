//! Whatever the layout, each amount of a statement counts once: random trees of amounts are printed in every layout that
//! accountants use, and what is counted must add up to the printed total, in every year.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

mod forms;

use documents::{Limits, read};
use domain::statement::{LineItem, LineRole, Statement};
use proptest::prelude::*;
use proptest::test_runner::{TestRng, TestRunner};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// How a section with several lines is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// A heading, the lines, and `Total …` below them.
    TotalBelow,
    /// A heading, the lines, and an amount without a label below them.
    Unlabelled,
    /// A heading and the lines, without a sum.
    NoSum,
    /// The sum in the outer column, the lines below it in the inner one.
    GroupAbove,
    /// A heading, the lines in the inner column, the sum in the outer column on the row of the last line.
    Joined,
    /// A heading, the lines in the inner column, the sum in the outer column on a row of its own.
    OuterBelow,
    /// The sum, and the lines indented below it in the same column.
    Indented,
}

const LAYOUTS: [Layout; 7] = [
    Layout::TotalBelow,
    Layout::Unlabelled,
    Layout::NoSum,
    Layout::GroupAbove,
    Layout::Joined,
    Layout::OuterBelow,
    Layout::Indented,
];

/// One section of a side: the amounts of its lines, a line each. The last of several may be deducted.
#[derive(Clone, Debug)]
struct Section {
    layout: Layout,
    lines: Vec<Vec<i64>>,
    deducts: bool,
}

/// A balance sheet.
#[derive(Clone, Debug)]
struct Sheet {
    years: usize,
    sides: [Vec<Section>; 2],
    /// Both sides beside each other, or one below the other.
    beside: bool,
    /// The label of the totals.
    total: &'static str,
    /// Amounts below the unit, e.g. paise.
    places: u32,
    /// What each amount is divided by and rounded, e.g. to print whole thousands.
    divisor: i64,
}

/// A printed row: label, and per year the inner and the outer amount.
type Printed = (String, Vec<[Option<i64>; 2]>);

fn sums(lines: &[Vec<i64>], deducts: bool) -> Vec<i64> {
    let years = lines.first().map_or(0, Vec::len);
    let sign = |at: usize| if deducts && at + 1 == lines.len() { -1 } else { 1 };
    (0..years).map(|y| lines.iter().enumerate().map(|(at, l)| sign(at) * l[y]).sum()).collect()
}

impl Section {
    fn sum(&self) -> Vec<i64> {
        sums(&self.lines, self.deducts)
    }

    fn rows(&self, name: &str, two_columns: bool) -> Vec<Printed> {
        let years = self.lines[0].len();
        let outer = |v: &[i64]| v.iter().map(|v| [None, Some(*v)]).collect::<Vec<_>>();
        let inner = |v: &[i64]| v.iter().map(|v| [Some(*v), None]).collect::<Vec<_>>();
        let none = || vec![[None, None]; years];
        let label = |at: usize, indent: &str| {
            let less = if self.deducts && at + 1 == self.lines.len() { "Less: " } else { "" };
            format!("{indent}{less}{} of {}", NAMES[at % NAMES.len()], name.to_lowercase())
        };
        let mut rows: Vec<Printed> = Vec::new();
        let sum = self.sum();
        let layout = if two_columns { self.layout } else { self.layout.in_one_column() };
        match layout {
            Layout::GroupAbove | Layout::Indented => {
                let indented = layout == Layout::Indented;
                rows.push((name.to_owned(), outer(&sum)));
                for (at, line) in self.lines.iter().enumerate() {
                    let amounts = if indented { outer(line) } else { inner(line) };
                    rows.push((label(at, if indented { "   " } else { "" }), amounts));
                }
            }
            Layout::Joined | Layout::OuterBelow => {
                rows.push((name.to_owned(), none()));
                rows.extend(self.lines.iter().enumerate().map(|(at, line)| (label(at, ""), inner(line))));
                if layout == Layout::Joined {
                    let last = rows.last_mut().unwrap();
                    last.1.iter_mut().zip(&sum).for_each(|(cells, sum)| cells[1] = Some(*sum));
                } else {
                    rows.push((String::new(), outer(&sum)));
                }
            }
            Layout::TotalBelow | Layout::Unlabelled | Layout::NoSum => {
                rows.push((name.to_owned(), none()));
                rows.extend(self.lines.iter().enumerate().map(|(at, line)| (label(at, ""), outer(line))));
                match layout {
                    Layout::TotalBelow => rows.push((format!("Total {}", name.to_lowercase()), outer(&sum))),
                    Layout::Unlabelled => rows.push((String::new(), outer(&sum))),
                    _ => {}
                }
            }
        }
        rows
    }
}

impl Layout {
    fn in_one_column(self) -> Self {
        match self {
            Self::GroupAbove => Self::Indented,
            Self::Joined | Self::OuterBelow => Self::TotalBelow,
            other => other,
        }
    }
}

const NAMES: [&str; 6] = ["Anand", "Bharat", "Chandra", "Deepak", "Esha", "Farida"];
const SECTIONS: [[&str; 4]; 2] = [
    ["Share capital", "Secured loans", "Unsecured loans", "Sundry creditors"],
    ["Machinery", "Inventory", "Sundry debtors", "Bank balances"],
];

impl Sheet {
    /// Adds a line to the smaller side of each year, so that both sides have the same total.
    fn balanced(mut self) -> Self {
        let totals =
            |side: &[Section]| -> Vec<i64> { (0..self.years).map(|y| side.iter().map(|s| s.sum()[y]).sum()).collect() };
        let (left, right) = (totals(&self.sides[0]), totals(&self.sides[1]));
        let gap = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(a, b)| (b - a).max(0)).collect::<Vec<_>>();
        for (side, gap) in [(0, gap(&left, &right)), (1, gap(&right, &left))] {
            if gap.iter().any(|g| *g > 0) {
                self.sides[side].push(Section { layout: Layout::NoSum, lines: vec![gap], deducts: false });
            }
        }
        self
    }

    fn printed(&self, amount: i64) -> Decimal {
        Decimal::new((amount + self.divisor / 2).div_euclid(self.divisor), self.places)
    }

    /// How much a sum of so many printed amounts may differ from the printed sum.
    fn slack(&self, addends: usize) -> Decimal {
        if self.divisor == 1 {
            Decimal::ZERO
        } else {
            Decimal::new(i64::try_from(addends + 1).unwrap() * 5, self.places + 1)
        }
    }

    fn total(&self) -> Vec<i64> {
        (0..self.years).map(|y| self.sides[0].iter().map(|s| s.sum()[y]).sum()).collect()
    }

    fn two_columns(&self) -> bool {
        let wide = [Layout::GroupAbove, Layout::Joined, Layout::OuterBelow];
        self.sides.iter().flatten().any(|s| wide.contains(&s.layout))
    }

    fn side(&self, side: usize) -> Vec<Printed> {
        let mut rows = Vec::new();
        for (at, section) in self.sides[side].iter().enumerate() {
            let name = SECTIONS[side].get(at).copied().unwrap_or(if side == 0 { "Others payable" } else { "Cash" });
            rows.extend(section.rows(name, self.two_columns()));
        }
        rows
    }

    fn total_row(&self) -> Printed {
        (self.total.to_owned(), self.total().iter().map(|v| [None, Some(*v)]).collect())
    }

    fn csv(&self) -> String {
        let columns = if self.two_columns() { 2 } else { 1 };
        let cells = |row: Option<&Printed>| -> Vec<String> {
            let Some((label, amounts)) = row else { return vec![String::new(); 1 + self.years * columns] };
            let mut cells = vec![label.clone()];
            for [inner, outer] in amounts {
                let text = |v: &Option<i64>| v.map_or_else(String::new, |v| self.printed(v).to_string());
                cells.extend([inner, outer].into_iter().skip(2 - columns).map(text));
            }
            cells
        };
        let heading = |name: &str| -> Vec<String> {
            let mut cells = vec![name.to_owned()];
            for year in 0..self.years {
                cells.push(format!("31.03.{}", 2025 - year));
                cells.extend(vec![String::new(); columns - 1]);
            }
            cells
        };
        let mut rows = vec![vec!["Balance Sheet".to_owned()]];
        if self.beside {
            rows.push([heading("Liabilities"), heading("Assets")].concat());
            let (mut left, mut right) = (self.side(0), self.side(1));
            let length = left.len().max(right.len());
            for side in [&mut left, &mut right] {
                side.resize(length, (String::new(), vec![[None, None]; self.years]));
                side.push(self.total_row());
            }
            rows.extend(left.iter().zip(&right).map(|(l, r)| [cells(Some(l)), cells(Some(r))].concat()));
        } else {
            rows.push(heading("Particulars"));
            for (side, name) in ["Equity and liabilities", "Assets"].into_iter().enumerate() {
                rows.push(vec![name.to_owned()]);
                rows.extend(self.side(side).iter().map(|r| cells(Some(r))));
                rows.push(cells(Some(&self.total_row())));
            }
        }
        rows.iter().map(|r| r.join(",") + "\n").collect()
    }
}

fn section(years: usize, amounts: std::ops::Range<i64>) -> impl Strategy<Value = Section> {
    let amount = prop_oneof![9 => amounts, 1 => Just(0)];
    let lines = proptest::collection::vec(proptest::collection::vec(amount, years), 1..6);
    (0..LAYOUTS.len(), lines, any::<bool>()).prop_map(|(layout, mut lines, deducts)| {
        // A line has an amount in some year, and what is deducted is less than the rest.
        for (at, line) in lines.iter_mut().enumerate() {
            if line.iter().all(|v| *v == 0) {
                line[0] = 12_345 + i64::try_from(at).unwrap();
            }
        }
        let deducts = deducts && lines.len() > 1;
        if deducts {
            let first = lines[0].clone();
            let last = lines.last_mut().unwrap();
            last.iter_mut().zip(first).for_each(|(v, first)| *v = first / 3);
        }
        let single = lines.len() == 1;
        let layout = if single && layout != 3 { Layout::NoSum } else { LAYOUTS[layout] };
        Section { layout, lines, deducts }
    })
}

fn sheet(amounts: std::ops::Range<i64>) -> impl Strategy<Value = Sheet> {
    let total = prop_oneof![
        Just("Total"),
        Just("TOTAL"),
        Just("Total Rs."),
        Just("Grand Total"),
        Just("Sum"),
        Just("Balance Sheet Total"),
        Just("")
    ];
    // Rounding leaves nothing of small amounts.
    let divisor = if amounts.start < 10_000 { 1 } else { 1_000 };
    let print = prop_oneof![3 => Just((0, 1)), 3 => Just((2, 1)), 2 => Just((2, divisor)), 1 => Just((0, divisor))];
    (1..=3_usize, any::<bool>(), total, print).prop_flat_map(move |(years, beside, total, (places, divisor))| {
        let amounts = amounts.clone();
        let side = || proptest::collection::vec(section(years, amounts.clone()), 1..=4);
        (side(), side()).prop_map(move |(left, right)| {
            Sheet { years, sides: [left, right], beside, total, places, divisor }.balanced()
        })
    })
}

/// The halves of what was read: the lines up to each total, and the total.
fn halves(statements: &[Statement]) -> Vec<(Vec<&LineItem>, &LineItem)> {
    let mut halves = Vec::new();
    for statement in statements {
        let mut lines = Vec::new();
        for line in &statement.lines {
            if line.role == LineRole::Total {
                halves.push((std::mem::take(&mut lines), line));
            } else {
                lines.push(line);
            }
        }
    }
    halves
}

fn amount(line: &LineItem, year: usize) -> Decimal {
    line.figures.get(year).and_then(Option::as_ref).map(|f| f.amount).unwrap_or_default()
}

fn check(sheet: &Sheet) -> Result<(), TestCaseError> {
    let csv = sheet.csv();
    let found = read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap();
    let halves = halves(&found.statements);
    prop_assert_eq!(halves.len(), 2, "{}\n{:#?}", csv, roles(&found.statements));
    for (lines, total) in &halves {
        for (year, wanted) in sheet.total().iter().enumerate() {
            let wanted = sheet.printed(*wanted);
            prop_assert_eq!(amount(total, year), wanted, "{}\n{:#?}", csv, roles(&found.statements));
            let items: Vec<_> = lines.iter().filter(|l| l.role == LineRole::Item).collect();
            let signed = |l: &LineItem| if l.label.starts_with("Less") { -amount(l, year) } else { amount(l, year) };
            let sum: Decimal = items.iter().map(|l| signed(l)).sum();
            let off = (sum - wanted).abs();
            prop_assert!(
                off <= sheet.slack(items.len()),
                "{} for {}\n{}\n{:#?}",
                sum,
                wanted,
                csv,
                roles(&found.statements)
            );
        }
    }
    let all: BTreeMap<&str, &LineItem> =
        found.statements.iter().flat_map(|s| &s.lines).map(|l| (l.id.as_str(), l)).collect();
    prop_assert_eq!(all.len(), found.statements.iter().map(|s| s.lines.len()).sum::<usize>(), "ids repeat");
    for line in all.values().filter(|l| matches!(l.role, LineRole::Subtotal | LineRole::Total)) {
        prop_assert!(!line.addends.is_empty(), "{}\n{:#?}", csv, line);
        for year in 0..sheet.years {
            let sum: Decimal =
                line.addends.iter().map(|a| amount(all[a.line.as_str()], year) * Decimal::from(a.sign)).sum();
            let off = (sum - amount(line, year)).abs();
            prop_assert!(off <= sheet.slack(line.addends.len()), "{}\n{:#?}", csv, line);
        }
    }
    prop_assert!(found.unused.is_empty(), "{}\n{:#?}", csv, found.unused);
    Ok(())
}

fn roles(statements: &[Statement]) -> Vec<String> {
    let text = |l: &LineItem| {
        format!(
            "{:?} {} {} {:?}",
            l.role,
            l.cell,
            l.label,
            l.figures.iter().flatten().map(|f| f.amount.to_string()).collect::<Vec<_>>()
        )
    };
    statements.iter().flat_map(|s| s.lines.iter().map(text)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_amount_counts_once_in_any_layout(sheet in sheet(10_000..90_000_000)) {
        check(&sheet)?;
    }
}

/// Small amounts agree with sums by chance all the time, so that a statement may have two readings. The same statements are
/// tried each time.
#[test]
fn small_amounts_count_once_although_they_agree_by_chance() {
    for (amounts, count) in [(20..3_000, 300), (3..100, 200)] {
        let config = ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() };
        let rng = TestRng::deterministic_rng(config.rng_algorithm);
        TestRunner::new_with_rng(config, rng).run(&sheet(amounts), |sheet| check(&sheet)).unwrap();
    }
}
