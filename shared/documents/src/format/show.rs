//! Shows a number, a date or a text as its format does.

use super::{Comparison, Format, Piece, Section};
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

/// Most digits that a format shows behind the point; more than that is not a format of amounts.
const DECIMALS_MAX: usize = 20;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a cell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What it stores.
    Stored,
    /// This text; a number is divided by this before it is shown.
    Text(String, Decimal),
    /// Nothing.
    Nothing,
}

/// What a format shows of a number.
#[must_use]
pub fn number(format: &Format, value: Decimal) -> Shown {
    let Some((section, signed)) = choose(format, value) else { return Shown::Stored };
    if section.unknown
        || section.pieces == [Piece::General]
        || section.pieces.contains(&Piece::Text)
        || section.is_date()
    {
        return Shown::Stored;
    }
    let Some((digits, divisor)) = digits(section, value) else { return Shown::Stored };
    let mut text = digits;
    if format.local_currency {
        text = text.replace('$', "");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Shown::Nothing;
    }
    // A minus sign stands for itself; red stands for it where the section prints no sign.
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | ' '));
    let minus = value.is_sign_negative() && !value.is_zero() && (signed || (section.red && plain));
    Shown::Text(if minus { format!("-{text}") } else { text }, divisor)
}

/// What a format shows of a day: nothing but the day, or a text without the day.
#[must_use]
pub fn date(format: &Format, day: Date) -> Option<String> {
    let section = format.sections.first()?;
    let has = |piece: Piece| section.pieces.contains(&piece);
    let worded = section.pieces.iter().any(|p| matches!(p, Piece::Literal(t) if t.chars().any(char::is_alphabetic)));
    let year_end = !has(Piece::Month) && day == day.last_of_month();
    if !(has(Piece::Year) || has(Piece::Month)) || ((has(Piece::Day) || year_end) && !worded) {
        return None;
    }
    let month = usize::try_from(day.month()).ok().and_then(|m| MONTHS.get(m.checked_sub(1)?))?;
    let parts = section.pieces.iter().map(|piece| match piece {
        Piece::Year => format!(" {} ", day.year()),
        Piece::Month => format!(" {month} "),
        Piece::Day => format!(" {} ", day.day()),
        // Dashes and strokes between the parts are left out, so that they are read in one way only.
        Piece::Literal(text) if text.chars().any(char::is_alphabetic) => text.clone(),
        _ => " ".to_owned(),
    });
    Some(parts.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What a format shows of a text; `None` for the text alone.
#[must_use]
pub fn text(format: &Format, stored: &str) -> Option<String> {
    let section = match format.sections.as_slice() {
        [_, _, _, fourth, ..] => fourth,
        sections => sections.iter().rfind(|s| s.pieces.contains(&Piece::Text))?,
    };
    if section.pieces == [Piece::Text] || section.unknown {
        return None;
    }
    let parts = section.pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Text => stored.to_owned(),
        _ => String::new(),
    });
    Some(parts.collect())
}

/// The section that shows a value, and whether a minus sign is put before it.
fn choose(format: &Format, value: Decimal) -> Option<(&Section, bool)> {
    let mut sections: Vec<&Section> = format.sections.iter().take(3).collect();
    if sections.len() > 1 && sections.last().is_some_and(|s| s.pieces.contains(&Piece::Text)) {
        sections.pop();
    }
    let first = *sections.first()?;
    let negative = value.is_sign_negative() && !value.is_zero();
    let holds = |s: &Section| s.condition.as_ref().is_some_and(|(c, limit)| c.holds(value, *limit));
    let conditions = sections.iter().take(2).filter(|s| s.condition.is_some()).count();
    if conditions == 0 {
        return Some(match sections.as_slice() {
            [_, second, ..] if negative => (*second, false),
            [_, _, third] if value.is_zero() => (*third, false),
            _ => (first, true),
        });
    }
    let second = sections.get(1).copied();
    let chosen = if first.condition.is_some() && holds(first) {
        first
    } else if second.is_some_and(holds) {
        second?
    } else if conditions == 2 {
        sections.get(2).copied()?
    } else {
        second.unwrap_or(first)
    };
    // A section for negative numbers alone prints its own sign.
    let below_zero = chosen
        .condition
        .as_ref()
        .is_some_and(|(c, limit)| matches!(c, Comparison::Less | Comparison::AtMost) && *limit <= Decimal::ZERO);
    Some((chosen, !below_zero))
}

impl Comparison {
    fn holds(self, value: Decimal, limit: Decimal) -> bool {
        match self {
            Self::Less => value < limit,
            Self::AtMost => value <= limit,
            Self::Equal => value == limit,
            Self::NotEqual => value != limit,
            Self::AtLeast => value >= limit,
            Self::More => value > limit,
        }
    }
}

impl Section {
    fn is_date(&self) -> bool {
        self.pieces.iter().any(|p| matches!(p, Piece::Year | Piece::Month | Piece::Day | Piece::Time))
    }
}

/// The pieces of a section with the digits of a value, without its sign, and what the value is divided by.
fn digits(section: &Section, value: Decimal) -> Option<(String, Decimal)> {
    let is_digit = |p: &Piece| matches!(p, Piece::Digit(_));
    let point = section.pieces.iter().position(|p| *p == Piece::Point);
    let (before, after) = match point {
        Some(at) => (&section.pieces[..at], &section.pieces[at + 1..]),
        None => (section.pieces.as_slice(), [].as_slice()),
    };
    let decimals = after.iter().filter(|p| is_digit(p)).count();
    if decimals > DECIMALS_MAX {
        return None;
    }
    let mut divisor = power_of_ten(3 * section.thousands.min(8))?;
    let mut shown = value.abs().checked_div(divisor)?;
    if section.percent {
        shown = shown.checked_mul(Decimal::ONE_HUNDRED)?;
        divisor = divisor.checked_div(Decimal::ONE_HUNDRED)?;
    }
    let rounded =
        shown.round_dp_with_strategy(u32::try_from(decimals).ok()?, RoundingStrategy::MidpointAwayFromZero).to_string();
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let mut text = whole_part(before, whole, section.grouped);
    if point.is_some() {
        text.push('.');
        text.push_str(&fraction_part(after, fraction));
    } else if let Some(behind) = digits_behind_literal_point(before) {
        // `0\.00,` shows rupees in lakhs: the point is a text between the digits.
        divisor = divisor.checked_mul(power_of_ten(behind)?)?;
    }
    Some((text, divisor))
}

/// Places the digits of a whole number from right to left; the first place takes all that are left.
fn whole_part(pieces: &[Piece], whole: &str, grouped: bool) -> String {
    let mut digits: Vec<char> = whole.chars().filter(char::is_ascii_digit).collect();
    if digits.iter().all(|c| *c == '0') {
        digits.clear();
    }
    let places = pieces.iter().filter(|p| matches!(p, Piece::Digit(_))).count();
    let mut parts: Vec<String> = Vec::new();
    let (mut left, mut placed) = (places, 0);
    for piece in pieces.iter().rev() {
        match piece {
            Piece::Literal(text) => parts.push(text.clone()),
            Piece::General => parts.push(whole.to_owned()),
            Piece::Digit(mark) => {
                left -= 1;
                let take = if left == 0 { digits.len() } else { digits.len().min(1) };
                for _ in 0..take.max(usize::from(*mark == '0')) {
                    if grouped && placed > 0 && placed % 3 == 0 {
                        parts.push(",".to_owned());
                    }
                    parts.push(digits.pop().unwrap_or('0').to_string());
                    placed += 1;
                }
            }
            _ => {}
        }
    }
    parts.reverse();
    parts.concat()
}

fn fraction_part(pieces: &[Piece], fraction: &str) -> String {
    let mut digits = fraction.chars();
    let significant = fraction.trim_end_matches('0').chars().count();
    let mut text = String::new();
    let mut placed = 0;
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Digit(mark) => {
                let digit = digits.next().unwrap_or('0');
                if *mark == '0' || placed < significant {
                    text.push(digit);
                }
                placed += 1;
            }
            _ => {}
        }
    }
    text
}

/// How many digits stand behind a point that is a text between digits.
fn digits_behind_literal_point(pieces: &[Piece]) -> Option<u32> {
    let at = pieces.iter().rposition(|p| matches!(p, Piece::Literal(t) if t.trim() == "."))?;
    let is_digit = |p: &&Piece| matches!(p, Piece::Digit(_));
    let behind = pieces[at..].iter().filter(is_digit).count();
    (behind > 0 && pieces[..at].iter().any(|p| is_digit(&p))).then(|| u32::try_from(behind).ok()).flatten()
}

fn power_of_ten(exponent: u32) -> Option<Decimal> {
    (0..exponent).try_fold(Decimal::ONE, |power, _| power.checked_mul(Decimal::TEN))
}
