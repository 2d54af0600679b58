//! Settles for a whole file what a single date or amount leaves open: the order of day and month, and the decimal mark.

use crate::answer::{DateOrder, DateReading, DecimalMark, MarkReading};
use crate::date::{self, Printed};
use crate::money::Amount;
use jiff::civil::Date;

/// Years that the rows of one statement may span at most, for telling the year from the day in `03-04-26`.
const YEARS_MAX: i16 = 10;

/// What was settled.
pub(super) enum Settled<T, R> {
    To(T),
    /// Several readings are as good as each other.
    Open(Vec<R>),
}

/// Settles the order of the dates: the one in which the fewest are impossible, then in which most lie within the stated period.
pub(super) fn date_order(
    dates: &[(Printed, &str)],
    period: Option<(Date, Date)>,
    answer: Option<DateOrder>,
) -> Settled<DateOrder, DateReading> {
    let numbers: Vec<&(Printed, &str)> = dates
        .iter()
        .filter(|(date, _)| matches!(date, Printed::Numbers { .. } | Printed::YearlessNumbers(_)))
        .collect();
    if numbers.is_empty() {
        return Settled::To(answer.unwrap_or(DateOrder::DayMonthYear));
    }
    let candidates = [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay];
    let plausible: Vec<DateOrder> = candidates.into_iter().filter(|order| years_are_close(&numbers, *order)).collect();
    let plausible = if plausible.is_empty() { candidates.to_vec() } else { plausible };
    let impossible = |order: DateOrder| numbers.iter().filter(|(date, _)| !exists(*date, order)).count();
    let best = fewest(plausible, impossible);
    let best = match period {
        Some((from, to)) => fewest(best, |order| {
            numbers
                .iter()
                .filter_map(|(date, _)| date::read(*date, order))
                .filter(|date| *date < from || *date > to)
                .count()
        }),
        None => best,
    };
    let same = |order: &DateOrder| numbers.iter().all(|(date, _)| reading(*date, *order) == reading(*date, best[0]));
    match answer.filter(|answer| best.contains(answer)) {
        Some(answer) => Settled::To(answer),
        None if best.iter().all(same) => Settled::To(best[0]),
        None => Settled::Open(readings(&numbers, &best)),
    }
}

/// A date of numbers as far as it can be read: year, month and day, or month and day.
fn reading(date: Printed, order: DateOrder) -> Option<(i16, i8, i8)> {
    match date::read(date, order) {
        Some(date) => Some((date.year(), date.month(), date.day())),
        None => date::day_and_month(date, order).map(|(day, month)| (0, month, day)),
    }
}

fn exists(date: Printed, order: DateOrder) -> bool {
    reading(date, order).is_some()
}

/// The candidates with the lowest count, all of them where they are equal; never none.
fn fewest(candidates: Vec<DateOrder>, count: impl Fn(DateOrder) -> usize) -> Vec<DateOrder> {
    let counted: Vec<(usize, DateOrder)> = candidates.into_iter().map(|order| (count(order), order)).collect();
    let least = counted.iter().map(|(count, _)| *count).min().unwrap_or_default();
    let best: Vec<DateOrder> =
        counted.into_iter().filter(|(count, _)| *count == least).map(|(_, order)| order).collect();
    if best.is_empty() { vec![DateOrder::DayMonthYear] } else { best }
}

/// Whether the place of the year in this order holds years that one statement can span.
fn years_are_close(numbers: &[&(Printed, &str)], order: DateOrder) -> bool {
    let years = numbers.iter().filter_map(|(date, _)| match (date, order) {
        (
            Printed::Numbers { parts: [_, _, year], long_year: false },
            DateOrder::DayMonthYear | DateOrder::MonthDayYear,
        ) => Some(*year),
        (Printed::Numbers { parts: [year, ..], long_year: false }, DateOrder::YearMonthDay) => Some(*year),
        _ => None,
    });
    let (least, most) = years.fold((i16::MAX, i16::MIN), |(least, most), year| (least.min(year), most.max(year)));
    match order {
        DateOrder::YearMonthDay => most >= least && most - least <= 1,
        _ => most < least || most - least <= YEARS_MAX,
    }
}

fn readings(numbers: &[&(Printed, &str)], orders: &[DateOrder]) -> Vec<DateReading> {
    let of = |order: &DateOrder| {
        let dates = || numbers.iter().filter_map(|(date, text)| Some((date::read(*date, *order)?, *text)));
        let (read, printed) = dates().next()?;
        let first = dates().map(|(date, _)| date).min()?;
        let last = dates().map(|(date, _)| date).max()?;
        Some(DateReading { order: *order, printed: printed.to_owned(), read, first, last })
    };
    orders.iter().filter_map(of).collect()
}

/// Settles the decimal mark: the one by which most amounts can be read, then the one by which most balances agree.
pub(super) fn decimal_mark<'a>(
    amounts: &(impl Iterator<Item = &'a Amount> + Clone),
    printed: impl Fn() -> String,
    answer: Option<DecimalMark>,
    agreement: impl Fn(DecimalMark) -> usize,
) -> Settled<DecimalMark, MarkReading> {
    let only = |mark| amounts.clone().filter(|amount| amount.only_mark() == Some(mark)).count();
    let (point, comma) = (only(DecimalMark::Point), only(DecimalMark::Comma));
    if point != comma {
        return Settled::To(if point > comma { DecimalMark::Point } else { DecimalMark::Comma });
    }
    let Some(open) = amounts.clone().find(|amount| amount.is_ambiguous()) else {
        return Settled::To(DecimalMark::Point);
    };
    let (by_point, by_comma) = (agreement(DecimalMark::Point), agreement(DecimalMark::Comma));
    if by_point != by_comma {
        return Settled::To(if by_point > by_comma { DecimalMark::Point } else { DecimalMark::Comma });
    }
    if let Some(answer) = answer {
        return Settled::To(answer);
    }
    let printed = printed();
    let reading = |mark| Some(MarkReading { mark, printed: printed.clone(), read: open.size(mark)? });
    Settled::Open([DecimalMark::Point, DecimalMark::Comma].into_iter().filter_map(reading).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(dates: &[&str]) -> Result<DateOrder, usize> {
        let parsed: Vec<(Printed, &str)> = dates.iter().map(|text| (date::parse(text).unwrap(), *text)).collect();
        match date_order(&parsed, None, None) {
            Settled::To(order) => Ok(order),
            Settled::Open(readings) => Err(readings.len()),
        }
    }

    #[test]
    fn one_date_settles_the_order_of_all() {
        assert_eq!(settle(&["03/04/2026", "05/04/2026", "27/04/2026"]), Ok(DateOrder::DayMonthYear));
        assert_eq!(settle(&["03/04/2026", "04/27/2026"]), Ok(DateOrder::MonthDayYear));
        assert_eq!(settle(&["03/04/2026", "05/04/2026"]), Err(2));
        assert_eq!(settle(&["05/05/2026"]), Ok(DateOrder::DayMonthYear));
        assert_eq!(settle(&["2026-04-03", "2026-04-05"]), Ok(DateOrder::DayMonthYear));
        assert_eq!(settle(&["03.04.26", "27.04.26"]), Ok(DateOrder::DayMonthYear));
        assert_eq!(settle(&["26-04-03", "26-04-27"]), Ok(DateOrder::YearMonthDay));
        assert_eq!(settle(&["03/04", "27/04"]), Ok(DateOrder::DayMonthYear));
        // One impossible day is not a reason to read all others wrongly.
        assert_eq!(settle(&["31/02/2026", "27/04/2026", "28/04/2026"]), Ok(DateOrder::DayMonthYear));
        assert_eq!(settle(&["27/04/2026", "04/27/2026"]), Err(2));
    }

    #[test]
    fn the_period_and_the_answer_settle_the_order() {
        let dates = [(date::parse("03/04/2026").unwrap(), "03/04/2026")];
        let april = (jiff::civil::date(2026, 4, 1), jiff::civil::date(2026, 4, 30));
        assert!(matches!(date_order(&dates, Some(april), None), Settled::To(DateOrder::DayMonthYear)));
        assert!(matches!(
            date_order(&dates, None, Some(DateOrder::MonthDayYear)),
            Settled::To(DateOrder::MonthDayYear)
        ));
    }
}
