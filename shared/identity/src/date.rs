//! Dates as documents write them, and the ways in which they can be read.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::issuer::Country;

/// Years that a document may plausibly state.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2099;

/// What a date field holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
pub enum DateReading {
    /// It can be read in one way.
    Known {
        /// The day.
        date: Date,
    },
    /// It can be read in several ways, and nothing on the document decides between them.
    Undecided {
        /// The ways, earliest first.
        candidates: Vec<Date>,
    },
    /// The issuer leaves the day or the month unknown, as ICAO 9303-3 permits for a day of birth.
    PartlyUnknown,
    /// Something is written and it is no date.
    NotUnderstood,
    /// Nothing is written.
    NotStated,
}

impl DateReading {
    /// The day, if it can be read in one way.
    #[must_use]
    pub fn known(&self) -> Option<Date> {
        match self {
            Self::Known { date } => Some(*date),
            _ => None,
        }
    }

    /// A reading of what can be read in these ways.
    #[must_use]
    pub(crate) fn among(mut candidates: Vec<Date>) -> Self {
        candidates.sort_unstable();
        candidates.dedup();
        match candidates.as_slice() {
            [] => Self::NotUnderstood,
            [date] => Self::Known { date: *date },
            _ => Self::Undecided { candidates },
        }
    }
}

/// Which of day and month a document puts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    MonthFirst,
    DayFirst,
}

/// The order of a document's dates, if some of them can be read in one order only and these agree.
pub fn order<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Order> {
    let mut found = None;
    for fields in texts.into_iter().filter_map(fields).filter(|fields| year_first(fields).is_none()) {
        let order = match year_last(&fields) {
            (Some(_), None) => Order::MonthFirst,
            (None, Some(_)) => Order::DayFirst,
            _ => continue,
        };
        if found.is_some_and(|found| found != order) {
            return None;
        }
        found = Some(order);
    }
    found
}

/// Reads a date of a barcode. AAMVA's card design standard knows two forms, `MMDDCCYY` of the United States and `CCYYMMDD`
/// of Canada, and no date fits both; some cards write the other country's form, which is returned as unusual, or put signs
/// between. With signs, the day may come first outside of the United States, and without `order` nothing decides. On a card
/// that shows by another date that it puts the day first, against the standard, a date that could be either is undecided.
pub fn of_barcode(text: &str, country: Option<Country>, order: Option<Order>) -> (DateReading, bool) {
    let Some(fields) = fields(text) else { return (DateReading::NotUnderstood, false) };
    let year_first = year_first(&fields);
    let (month_first, day_first) = year_last(&fields);
    let standard = country == Some(Country::Us) || fields.is_one_group();
    let readings = match (year_first, order) {
        (Some(date), _) => vec![date],
        (None, Some(Order::DayFirst)) if standard => {
            month_first.into_iter().chain(month_first.and(day_first)).collect()
        }
        (None, _) if standard => month_first.into_iter().collect(),
        (None, Some(Order::MonthFirst)) => month_first.into_iter().collect(),
        (None, Some(Order::DayFirst)) => day_first.into_iter().collect(),
        (None, None) => month_first.into_iter().chain(day_first).collect(),
    };
    let reading = DateReading::among(readings);
    let usual = match country {
        Some(Country::Us) => month_first,
        Some(Country::Ca) => year_first,
        Some(Country::Mx) | None => reading.known(),
    };
    let unusual = reading.known().is_some() && reading.known() != usual;
    (reading, unusual)
}

/// Reads a printed date: digits in any order, or a month by its name. `month_first` says that the issuer puts the month in
/// front; without it, a date that could be read either way is undecided.
pub fn of_print(text: &str, month_first: bool) -> DateReading {
    if let Some(date) = by_month_name(text) {
        return DateReading::Known { date };
    }
    let Some(fields) = fields(text) else { return DateReading::NotUnderstood };
    let (months, days) = year_last(&fields);
    let first = year_first(&fields).or(months.filter(|_| month_first));
    match first {
        Some(date) => DateReading::Known { date },
        None => DateReading::among(months.into_iter().chain(days).collect()),
    }
}

/// The latest day of birth that these digits can mean at the given date.
pub fn born_by(two_digit_year: i16, month: i8, day: i8, as_of: Date) -> DateReading {
    let centuries = [2000, 1900, 1800];
    let dates = centuries.iter().filter_map(|century| Date::new(century + two_digit_year, month, day).ok());
    dates.into_iter().find(|date| *date <= as_of).map_or(DateReading::NotUnderstood, |date| DateReading::Known { date })
}

/// Years around the underwriting date within which a day of expiry is looked for; half before it, half after.
const EXPIRY_WINDOW_YEARS: i16 = 100;

/// The day of expiry that these digits mean: the one within fifty years of the given date, and not before the birth.
pub fn expiry_near(two_digit_year: i16, month: i8, day: i8, as_of: Date, born: Option<Date>) -> DateReading {
    let dates = [1900, 2000, 2100].iter().filter_map(|century| Date::new(century + two_digit_year, month, day).ok());
    let dates: Vec<Date> = dates.filter(|date| born.is_none_or(|born| *date >= born)).collect();
    let near = |date: &&Date| {
        let years = date.year() - as_of.year();
        (-EXPIRY_WINDOW_YEARS / 2..EXPIRY_WINDOW_YEARS / 2).contains(&years)
    };
    match dates.iter().find(near).or(dates.first()) {
        Some(date) => DateReading::Known { date: *date },
        None => DateReading::NotUnderstood,
    }
}

/// Three groups of digits.
struct Fields([String; 3]);

impl Fields {
    /// Whether the digits stand together, without signs between.
    fn is_one_group(&self) -> bool {
        let Self([_, second, _]) = self;
        second.is_empty()
    }
}

/// Splits eight digits, or three groups with a sign between, into the ways they may be grouped: as year-first where the
/// first group has four digits.
fn fields(text: &str) -> Option<Fields> {
    let text = text.trim();
    if text.len() == 8 && text.chars().all(|c| c.is_ascii_digit()) {
        return Some(Fields([text.to_owned(), String::new(), String::new()]));
    }
    let mut groups = text.split(['-', '/', '.', ' ']);
    let three = [groups.next()?, groups.next()?, groups.next()?].map(str::to_owned);
    let digits = three.iter().all(|group| {
        let count = group.chars().count();
        (1..=4).contains(&count) && group.chars().all(|c| c.is_ascii_digit())
    });
    (digits && groups.next().is_none()).then_some(Fields(three))
}

fn year_first(Fields([first, second, third]): &Fields) -> Option<Date> {
    if second.is_empty() {
        return date(first.get(..4)?, first.get(4..6)?, first.get(6..)?);
    }
    (first.len() == 4).then(|| date(first, second, third))?
}

/// The date with the month first, and with the day first.
fn year_last(Fields([first, second, third]): &Fields) -> (Option<Date>, Option<Date>) {
    let (one, two, year) = if second.is_empty() {
        (first.get(..2), first.get(2..4), first.get(4..))
    } else {
        (Some(first.as_str()), Some(second.as_str()), Some(third.as_str()).filter(|year| year.len() == 4))
    };
    let (Some(one), Some(two), Some(year)) = (one, two, year) else { return (None, None) };
    (date(year, one, two), date(year, two, one))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    if month.len() > 2 || day.len() > 2 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// A date such as `20 JAN 2028` or `January 20, 2028`.
fn by_month_name(text: &str) -> Option<Date> {
    let upper = text.to_uppercase();
    let words: Vec<&str> = upper.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let [first, second, year] = words.as_slice() else { return None };
    let month =
        |word: &str| MONTHS.iter().zip(1..).find(|(name, _)| word.starts_with(**name)).map(|(_, number)| number);
    let (month, day): (i8, &str) = match (month(first), month(second)) {
        (Some(month), None) => (month, second),
        (None, Some(month)) => (month, first),
        _ => return None,
    };
    if year.len() != 4 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn known(year: i16, month: i8, day: i8) -> DateReading {
        DateReading::Known { date: date(year, month, day) }
    }

    #[test]
    fn a_countrys_order_is_read_and_the_others_is_noted() {
        let (us, ca) = (Some(Country::Us), Some(Country::Ca));
        assert_eq!(of_barcode("03071975", us, None), (known(1975, 3, 7), false));
        assert_eq!(of_barcode("19750307", us, None), (known(1975, 3, 7), true));
        assert_eq!(of_barcode("19750307", ca, None), (known(1975, 3, 7), false));
        assert_eq!(of_barcode("08122017", ca, None), (known(2017, 8, 12), true));
        assert_eq!(of_barcode("06-05-2019", us, None), (known(2019, 6, 5), false));
        assert_eq!(of_barcode("2019/06/05", ca, None), (known(2019, 6, 5), false));
        assert_eq!(of_barcode("20122019", us, None), (DateReading::NotUnderstood, false));
    }

    #[test]
    fn what_could_be_either_is_undecided() {
        let both = DateReading::Undecided { candidates: vec![date(1975, 3, 7), date(1975, 7, 3)] };
        let ca = Some(Country::Ca);
        assert_eq!(of_barcode("03-07-1975", ca, None), (both.clone(), false));
        assert_eq!(of_barcode("03-07-1975", None, None), (both.clone(), false));
        assert_eq!(of_barcode("03-07-1975", None, Some(Order::MonthFirst)).0, known(1975, 3, 7));
        assert_eq!(of_barcode("03-07-1975", None, Some(Order::DayFirst)).0, known(1975, 7, 3));
        // Against the standard: another date of the card can only be read with the day first.
        assert_eq!(order(["03071975", "25121980"]), Some(Order::DayFirst));
        assert_eq!(of_barcode("03071975", ca, Some(Order::DayFirst)), (both.clone(), false));
        assert_eq!(of_barcode("25121980", ca, Some(Order::DayFirst)).0, DateReading::NotUnderstood);
        assert_eq!(order(["03-07-1975", "12-25-1980", "19800229", "no date"]), Some(Order::MonthFirst));
        assert_eq!(order(["25-12-1980", "12-25-1980"]), None);
        assert_eq!(of_print("03/07/1975", false), both);
        assert_eq!(of_print("03/07/1975", true), known(1975, 3, 7));
        assert_eq!(of_print("31/07/1975", false), known(1975, 7, 31));
        assert_eq!(of_print("07/07/1975", false), known(1975, 7, 7));
    }

    #[test]
    fn what_is_no_date_is_not_understood() {
        for text in ["", "00000000", "99999999", "02302020", "O1202028", "1/2/3/2020", "12312180", "१२३४५६७८"]
        {
            assert_eq!(of_barcode(text, Some(Country::Us), None).0, DateReading::NotUnderstood, "{text}");
            assert_eq!(of_print(text, true), DateReading::NotUnderstood, "{text}");
        }
        assert_eq!(of_print("20 JAN 2028", false), known(2028, 1, 20));
        assert_eq!(of_print("January 20, 2028", false), known(2028, 1, 20));
        assert_eq!(of_print("30 FEB 2028", false), DateReading::NotUnderstood);
    }

    #[test]
    fn the_century_is_judged_at_the_given_date() {
        let as_of = date(2026, 11, 30);
        assert_eq!(born_by(74, 8, 12, as_of), known(1974, 8, 12));
        assert_eq!(born_by(26, 11, 30, as_of), known(2026, 11, 30));
        assert_eq!(born_by(26, 12, 1, as_of), known(1926, 12, 1));
        assert_eq!(born_by(0, 2, 29, as_of), known(2000, 2, 29));
        assert_eq!(born_by(1, 2, 29, as_of), DateReading::NotUnderstood);
        assert_eq!(born_by(74, 8, 12, date(2075, 1, 1)), known(2074, 8, 12));
        assert_eq!(expiry_near(12, 4, 15, as_of, None), known(2012, 4, 15));
        assert_eq!(expiry_near(75, 4, 15, as_of, None), known(2075, 4, 15));
        assert_eq!(expiry_near(99, 12, 31, as_of, None), known(1999, 12, 31));
        assert_eq!(expiry_near(99, 12, 31, as_of, Some(date(2001, 1, 1))), known(2099, 12, 31));
        assert_eq!(expiry_near(99, 12, 31, date(1995, 1, 1), None), known(1999, 12, 31));
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,12}") {
            let _ = of_barcode(&text, None, order([text.as_str()]));
            let _ = of_print(&text, true);
        }

        #[test]
        fn what_is_written_is_read(days in 0..73_000_i32) {
            let day = date(1900, 1, 1).saturating_add(jiff::Span::new().days(days));
            let us = format!("{:02}{:02}{:04}", day.month(), day.day(), day.year());
            let ca = format!("{:04}{:02}{:02}", day.year(), day.month(), day.day());
            proptest::prop_assert_eq!(of_barcode(&us, Some(Country::Us), None).0.known(), Some(day));
            for country in [None, Some(Country::Us), Some(Country::Ca)] {
                proptest::prop_assert_eq!(of_barcode(&ca, country, None).0.known(), Some(day));
            }
        }
    }
}
