//! Bare years as the rest of the document dates them: below `Balance sheet as at 31.12.2024`, or beside such a balance sheet, a
//! column headed `2024` ends on that day, and not on 31.03.2024.

use domain::statement::{Column, Statement, StatementKind};
use jiff::civil::Date;

use crate::heading::{self, When};

/// The month and day on which years end that headings give no day for.
const YEAR_END: (i8, i8) = (3, 31);

/// Months that a year has.
const YEAR_MONTHS: u8 = 12;

/// Words that say that a year is the one beginning in April.
const FINANCIAL: [&str; 5] = ["fy", "f.y", "financial", "ay", "assessment"];

/// Moves the ends of columns headed with a bare year to the day on which the statement's own title, or all other years of the
/// document, end.
pub fn align(statements: &mut [Statement]) {
    let of_document = year_end(statements);
    for statement in statements {
        let of_title = statement.title.as_deref().and_then(|title| titled(title, &statement.columns));
        let Some((month, day)) = of_title.or(of_document).filter(|day| *day != YEAR_END) else { continue };
        for column in statement.columns.iter_mut().filter(|column| is_bare(column)) {
            column.period_end = column.period_end.map(|end| Date::new(end.year(), month, day).unwrap_or(end));
        }
    }
}

/// The month and day on which all years of the document end whose headings give a day; none if they differ.
fn year_end(statements: &[Statement]) -> Option<(i8, i8)> {
    let is_face = |s: &&Statement| matches!(s.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss);
    let columns = statements.iter().filter(is_face).flat_map(|s| &s.columns).filter(|c| c.months == YEAR_MONTHS);
    let ends = columns.filter(|column| !is_bare(column)).filter_map(|column| column.period_end);
    let titles = statements.iter().filter(is_face).filter_map(|s| titled(s.title.as_deref()?, &s.columns));
    let mut days: Vec<(i8, i8)> = ends.map(|end| (end.month(), end.day())).chain(titles).collect();
    days.sort_unstable();
    days.dedup();
    if let [day] = days[..] { Some(day) } else { None }
}

/// The month and day of the date in a title, if a column is headed with its year.
fn titled(title: &str, columns: &[Column]) -> Option<(i8, i8)> {
    let years = || columns.iter().filter(|column| is_bare(column)).filter_map(|column| column.period_end);
    heading::parse(title).periods.into_iter().find_map(|when| match when {
        When::Day(day) if years().any(|end| end.year() == day.year()) => Some((day.month(), day.day())),
        _ => None,
    })
}

/// Whether a column's heading gives a year of four digits and neither a day nor a month.
fn is_bare(column: &Column) -> bool {
    let heading = column.heading.to_lowercase();
    let numbers: Vec<&str> = heading.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect();
    let [year] = numbers[..] else { return false };
    let bare = year.chars().count() == 4
        && !heading.split(|c: char| !c.is_alphanumeric() && c != '.').any(|word| FINANCIAL.contains(&word));
    bare && column.period_end.is_some_and(|end| (end.month(), end.day()) == YEAR_END)
        && matches!(heading::parse(&column.heading).periods[..], [When::Year(_)])
}

#[cfg(test)]
mod tests {
    use crate::{Limits, read};

    fn ends(csv: &str) -> Vec<String> {
        let found = read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
        let columns = found.statements.iter().flat_map(|statement| &statement.columns);
        columns.map(|column| column.period_end.map_or_else(String::new, |end| end.to_string())).collect()
    }

    const BALANCE_SHEET: &str =
        "Inventories,254.10,225.10\nTrade receivables,221.50,198.95\nTotal assets,475.60,424.05\n";
    const INCOME: &str =
        "Revenue from operations,1240.60,1105.30\nOther expenses,1180.40,1062.20\nProfit before tax,60.20,43.10\n";

    #[test]
    fn a_bare_year_ends_on_the_day_that_the_document_gives() {
        let beside = |heads: &str, years: &str| {
            ends(&format!(
                "Balance sheet\nParticulars,{heads}\n{BALANCE_SHEET}\nStatement of profit and loss\nParticulars,{years}\n{INCOME}"
            ))
        };
        let (december, june) = (["2024-12-31", "2023-12-31"].repeat(2), ["2024-06-30", "2023-06-30"].repeat(2));
        assert_eq!(beside("31.12.2024,31.12.2023", "2024,2023"), december);
        assert_eq!(beside("30 June 2024,30 June 2023", "Year 2024,Year 2023"), june);
        assert_eq!(beside("31.03.2024,31.03.2023", "2024,2023"), ["2024-03-31", "2023-03-31"].repeat(2));
        let financial = beside("31.12.2024,31.12.2023", "FY 2024,FY 2023");
        assert_eq!(
            financial[2..],
            ["2024-03-31", "2023-03-31"],
            "a financial year ends in March whatever stands beside it"
        );
    }

    #[test]
    fn a_bare_year_ends_on_the_day_of_its_title() {
        let titled = ends(&format!("Balance sheet as at 31 December 2024\nParticulars,2024,2023\n{BALANCE_SHEET}"));
        assert_eq!(titled, ["2024-12-31", "2023-12-31"]);
    }
}
