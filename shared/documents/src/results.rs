//! Completes the columns of published results, which show three quarters and then two years, for the company and its group.
//!
//! Their headings span several columns, and a scan moves or loses the spans. The order of the periods survives, so it fills
//! in what a heading no longer shows.

use domain::statement::{Basis, Column};
use jiff::ToSpan;
use jiff::civil::Date;

const YEAR_MONTHS: u8 = 12;
const QUARTER_MONTHS: u8 = 3;

/// Sets months and basis from the order of the periods. `named` lists the bases that the headings name, in order.
pub fn complete(columns: &mut [Column], named: &[Basis]) {
    quarters(columns);
    bases(columns, named);
}

/// Sets the months of this quarter, the previous one, the same quarter a year ago, this year and last year.
fn quarters(columns: &mut [Column]) {
    let Some(at) = columns.windows(5).position(is_results) else { return };
    let (quarters, years) = columns[at..at + 5].split_at_mut(3);
    // If spans were lost, the quarter and the year have the same months; otherwise the first heading of each is right.
    let unclear = quarters[0].months == years[0].months;
    let (short, long) = if unclear { (QUARTER_MONTHS, YEAR_MONTHS) } else { (quarters[0].months, years[0].months) };
    if short < long {
        quarters.iter_mut().for_each(|column| column.months = short);
        years.iter_mut().for_each(|column| column.months = long);
    }
}

fn is_results(columns: &[Column]) -> bool {
    let [now, before, then, year, last] = columns else { return false };
    let (Some(end), Some(quarter)) = (now.period_end, before.period_end) else { return false };
    let Some(year_ago) = year_before(end) else { return false };
    year.period_end == Some(end)
        && last.period_end == Some(year_ago)
        && then.period_end.is_none_or(|then| then == year_ago)
        && year_ago < quarter
        && quarter < end
}

/// Sets the basis where two years of one basis are followed by the same two years of the other.
fn bases(columns: &mut [Column], named: &[Basis]) {
    let mut order: Vec<Basis> = named.to_vec();
    order.dedup();
    let [first, second] = order[..] else { return };
    let years: Vec<usize> = (0..columns.len())
        .filter(|at| columns[*at].months == YEAR_MONTHS && columns[*at].period_end.is_some())
        .collect();
    let ends: Vec<Option<Date>> = years.iter().map(|at| columns[*at].period_end).collect();
    let [one, two, again_one, again_two] = ends[..] else { return };
    if one != again_one || two != again_two || one == two {
        return;
    }
    let Some(second_from) = years.get(2).copied() else { return };
    for (at, column) in columns.iter_mut().enumerate() {
        column.basis = if at < second_from { first } else { second };
    }
}

fn year_before(date: Date) -> Option<Date> {
    date.checked_sub(1.year()).ok().map(|d| if date == date.last_of_month() { d.last_of_month() } else { d })
}
