//! Figures as text.

use rust_decimal::{Decimal, RoundingStrategy};

use super::selection::Measure;

/// What stands for a figure that is missing.
pub(crate) const MISSING: &str = "—";

/// A figure for people; a dash if it is missing.
pub(crate) fn shown(value: Option<Decimal>, measure: Measure) -> String {
    let Some(value) = value else { return MISSING.to_owned() };
    match measure {
        Measure::Amount => grouped(value),
        Measure::Percent => format!("{} %", rounded(value, 1)),
        Measure::Ratio => rounded(value, 2),
    }
}

/// A figure as briefly as the label of a chart needs it.
pub(crate) fn brief(value: Decimal) -> String {
    let size = value.abs();
    if size >= Decimal::ONE_HUNDRED { grouped(value.round()) } else { rounded(value, 2) }
}

/// An amount with its digits grouped the Indian way: `12,34,567.89`. At most two decimals, and none for a whole amount.
fn grouped(value: Decimal) -> String {
    let value = value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let text = if value.fract().is_zero() { value.trunc().abs().to_string() } else { format!("{:.2}", value.abs()) };
    let (whole, decimals) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let digits = whole.len();
    let mut grouped = String::with_capacity(text.len() + digits / 2);
    if value.is_sign_negative() && !value.is_zero() {
        grouped.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        let left = digits - index;
        if index > 0 && left >= 3 && (left - 3) % 2 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(decimals) = decimals {
        grouped.push('.');
        grouped.push_str(decimals);
    }
    grouped
}

fn rounded(value: Decimal, decimals: u32) -> String {
    let value = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let sign = if value.is_sign_negative() && !value.is_zero() { "−" } else { "" };
    format!("{sign}{:.*}", usize::try_from(decimals).unwrap_or(0), value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_grouped_the_indian_way() {
        let cases = [
            ("0", "0"),
            ("-0.001", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-12345.5", "−12,345.50"),
            ("1234567.891", "12,34,567.89"),
            ("1234567890", "1,23,45,67,890"),
        ];
        for (value, text) in cases {
            assert_eq!(shown(Some(decimal(value)), Measure::Amount), text);
        }
    }

    #[test]
    fn a_missing_figure_is_a_dash_in_every_measure() {
        for measure in [Measure::Amount, Measure::Percent, Measure::Ratio] {
            assert_eq!(shown(None, measure), "—");
        }
        assert_eq!(shown(Some(Decimal::ZERO), Measure::Ratio), "0.00");
        assert_eq!(shown(Some(decimal("-3.14159")), Measure::Percent), "−3.1 %");
        assert_eq!(shown(Some(decimal("1.335")), Measure::Ratio), "1.34");
    }

    #[test]
    fn chart_labels_are_brief() {
        assert_eq!(brief(decimal("123456.78")), "1,23,457");
        assert_eq!(brief(decimal("1.336")), "1.34");
        assert_eq!(brief(decimal("-0.004")), "0.00");
    }
}
