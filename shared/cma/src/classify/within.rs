//! Printed sums as headings. A line that `Total current assets` contains is a current asset, also where the heading above it
//! is missing, or a scan joined it to another line.

use std::collections::HashMap;

use domain::statement::{LineItem, Statement, StatementKind};

use super::engine::Classifier;
use crate::rule::Context;

/// How many sums, each within the next, are asked what a line is.
const SUMS_MAX: usize = 4;

/// Words of a sum's label that do not say what it is the sum of.
const SUM_WORDS: [&str; 9] = ["total", "totals", "sub", "subtotal", "grand", "aggregate", "of", "the", "all"];

/// What the printed sums of a statement are the sums of.
#[derive(Debug, Default)]
pub(super) struct Sums<'a> {
    /// The sum that contains each line, by ids.
    containing: HashMap<&'a str, &'a str>,
    /// What each sum is the sum of, as a heading, and what that says about its lines, by its id.
    headings: HashMap<&'a str, (String, Context)>,
}

impl<'a> Sums<'a> {
    /// The sums of a balance sheet or profit and loss statement; none of any other sheet.
    pub(super) fn of(statement: &'a Statement, classifier: &Classifier) -> Self {
        let mut sums = Self::default();
        if !matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss) {
            return sums;
        }
        for sum in statement.lines.iter().filter(|line| !line.addends.is_empty()) {
            for addend in &sum.addends {
                sums.containing.entry(&addend.line).or_insert(&sum.id);
            }
            if let Some(heading) = heading(&sum.label) {
                let context = classifier.context(&[&heading]);
                sums.headings.insert(&sum.id, (heading, context));
            }
        }
        sums
    }

    /// Whether a printed sum contains the line.
    pub(super) fn contain(&self, line: &LineItem) -> bool {
        self.containing.contains_key(line.id.as_str())
    }

    /// The headings that the sums around a line stand for, outermost first. They are those that say more than the printed
    /// headings above it, and contradict none of them.
    pub(super) fn around(&self, line: &LineItem, classifier: &Classifier) -> Vec<&str> {
        let headings = self.headings_around(line);
        if headings.is_empty() {
            return Vec::new();
        }
        let printed: Vec<&str> = line.section.iter().map(String::as_str).collect();
        let known = classifier.context(&printed);
        if !known.sides.is_empty() && known.tenor.is_some() {
            return Vec::new();
        }
        let added = headings.iter().rev().filter(|(_, context)| adds_to(&known, context));
        added.map(|(heading, _)| heading.as_str()).collect()
    }

    /// What the sums around a line are the sums of, innermost first.
    fn headings_around(&self, line: &LineItem) -> Vec<&(String, Context)> {
        let mut headings = Vec::new();
        let mut at = line.id.as_str();
        for _ in 0..SUMS_MAX {
            let Some(sum) = self.containing.get(at) else { break };
            headings.extend(self.headings.get(sum));
            at = sum;
        }
        headings
    }
}

/// Whether a heading says something of its lines' side that agrees with what is known.
fn adds_to(known: &Context, heading: &Context) -> bool {
    let both = known.sides.and(heading.sides);
    !heading.sides.is_empty() && (known.sides.is_empty() || (!both.is_empty() && heading.tenor.is_some()))
}

/// What a sum is the sum of: `current assets` of `Total current assets (A)`.
fn heading(label: &str) -> Option<String> {
    let plain: String = label.split(['(', '[', '{']).next().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric() && c != '&')
        .filter(|word| word.chars().any(char::is_alphanumeric) && !SUM_WORDS.contains(word))
        .collect();
    let is_sum = plain.split(|c: char| !c.is_alphanumeric()).any(|word| SUM_WORDS.contains(&word));
    (is_sum && !words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use domain::statement::{Addend, LineRole};

    use super::*;
    use crate::classify::tests::{classified, line, statement, with_role};

    fn sum(id: &str, label: &str, amount: i64, addends: &[&str]) -> LineItem {
        let mut sum = with_role(line(id, label, &[], &[amount]), LineRole::Subtotal);
        sum.addends = addends.iter().map(|line| Addend { line: (*line).to_owned(), sign: 1 }).collect();
        sum
    }

    #[test]
    fn a_sum_says_what_its_lines_are_where_no_heading_does() {
        let lines = vec![
            line("a", "Loans", &[], &[40]),
            sum("b", "Total non-current assets (A)", 40, &["a"]),
            line("c", "Loans", &[], &[30]),
            sum("d", "Sub - total : Current assets", 30, &["c"]),
            sum("e", "TOTAL ASSETS", 70, &["b", "d"]),
            line("f", "Loans", &[], &[50]),
            line("g", "Provisions", &[], &[20]),
            sum("h", "Total non-current liabilities", 70, &["f", "g"]),
        ];
        let found = classified(vec![statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], lines)]);
        let row = |id: &str| found.iter().find(|line| line.line == id).map(|line| line.row_code.as_str());
        assert_eq!(row("a"), Some("III.40"), "loans given, not current");
        assert_eq!(row("c"), Some("III.33"), "loans given, current");
        assert!(row("f").is_some_and(|row| matches!(row, "III.13" | "III.16")), "{:?}", row("f"));
        assert_eq!(row("g"), Some("III.16"));
    }

    #[test]
    fn the_heading_of_a_sum_is_what_it_adds_up() {
        assert_eq!(heading("Total current assets (A)").as_deref(), Some("current assets"));
        assert_eq!(heading("Sub-total - Non-current liabilities").as_deref(), Some("non current liabilities"));
        assert_eq!(heading("Grand Total"), None);
        assert_eq!(heading("Net block"), None, "a label that is no sum says nothing of its lines");
    }

    proptest::proptest! {
        #[test]
        fn any_label_has_a_heading_or_none(label in "\\PC{0,60}") {
            if let Some(heading) = heading(&label) {
                proptest::prop_assert!(heading.chars().any(char::is_alphanumeric));
            }
        }
    }
}
