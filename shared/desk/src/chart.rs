//! Small charts, drawn by us. The table beside a chart says the same, so a chart is an image with a title.
//!
//! Decimals are scaled to whole units of the drawing; no float is involved.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::figure::brief;
use crate::html::{Markup, escaped};

/// Width of a drawing beside its table, and of one below it.
const NARROW: i64 = 360;
const WIDE: i64 = 760;
/// Height of a drawing.
const HEIGHT: i64 = 168;
/// Where the plot is within it: room for labels above and years below.
const TOP: i64 = 20;
const BOTTOM: i64 = 140;
const MARGIN: i64 = 8;
/// Widest bar, and the narrowest that has room for its figure.
const BAR_WIDTH_MAX: i64 = 44;
const LABELLED_WIDTH_MIN: i64 = 28;
/// Years that a table beside its chart has room for.
const BESIDE_COUNT_MAX: usize = 3;

/// How the figures are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Bars from the axis, side by side.
    Bars,
    /// Points joined by a line, with gaps where a figure is missing.
    Line,
}

/// Figures of one kind.
pub(crate) struct Series<'a> {
    pub(crate) label: &'a str,
    pub(crate) values: &'a [Option<Decimal>],
}

/// Whether a table of so many years leaves room for its chart beside it.
pub(crate) fn is_beside(years: usize) -> bool {
    years <= BESIDE_COUNT_MAX
}

/// A chart of the series by year; nothing if no figure is known. A wide one has a narrow one beside it for small screens, on
/// which its text would be too small; the style sheet shows one of them.
pub(crate) fn draw(title: &str, shape: Shape, years: &[&str], series: &[Series<'_>]) -> Markup {
    let widths: &[i64] = if is_beside(years.len()) { &[NARROW] } else { &[WIDE, NARROW] };
    let Some(scale) = Scale::of(series) else { return Markup::ours(String::new()) };
    Markup::ours(widths.iter().map(|width| svg(*width, scale, title, shape, years, series)).collect())
}

fn svg(width: i64, scale: Scale, title: &str, shape: Shape, years: &[&str], series: &[Series<'_>]) -> String {
    let labels: Vec<&str> = series.iter().map(|one| one.label).collect();
    let mut svg = format!(
        "<svg class=\"chart w{width}\" viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\"><title>{}: {} by year; the table has the figures</title>",
        escaped(title),
        escaped(&labels.join(", "))
    );
    let axis = scale.y(Decimal::ZERO);
    put(
        &mut svg,
        format_args!("<line class=\"axis\" x1=\"{MARGIN}\" y1=\"{axis}\" x2=\"{}\" y2=\"{axis}\"/>", width - MARGIN),
    );
    let slots = Slots { right: width - MARGIN, count: i64::try_from(years.len()).unwrap_or(1).max(1) };
    match shape {
        Shape::Bars => bars(&mut svg, scale, slots, series),
        Shape::Line => lines(&mut svg, scale, slots, series),
    }
    for (index, year) in (0..).zip(years) {
        let (x, y) = (slots.middle(index), HEIGHT - 8);
        let year = escaped(&short_year(year)).to_string();
        put(&mut svg, format_args!("<text class=\"tick\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{year}</text>"));
    }
    svg.push_str("</svg>");
    svg
}

fn bars(svg: &mut String, scale: Scale, slots: Slots, series: &[Series<'_>]) {
    let beside = i64::try_from(series.len()).unwrap_or(1).max(1);
    let width = ((slots.width() * 3 / 4) / beside).clamp(2, BAR_WIDTH_MAX);
    let has_room = width >= LABELLED_WIDTH_MIN;
    for (number, one) in (0..).zip(series) {
        for (index, value) in (0..).zip(one.values) {
            let Some(value) = *value else { continue };
            let x = slots.middle(index) - width * beside / 2 + width * number;
            let (axis, end) = (scale.y(Decimal::ZERO), scale.y(value));
            let (top, height) = (axis.min(end), (axis - end).abs().max(1));
            let bar = width - 2;
            put(
                svg,
                format_args!(
                    "<rect class=\"s{}\" x=\"{x}\" y=\"{top}\" width=\"{}\" height=\"{height}\"/>",
                    number + 1,
                    bar.max(1)
                ),
            );
            if has_room {
                label(svg, x + bar / 2, scale, value, value.is_sign_negative());
            }
        }
    }
}

fn lines(svg: &mut String, scale: Scale, slots: Slots, series: &[Series<'_>]) {
    for (number, one) in (1..).zip(series) {
        let points: Vec<Option<(i64, i64)>> =
            (0..).zip(one.values).map(|(index, value)| Some((slots.middle(index), scale.y((*value)?)))).collect();
        for pair in points.windows(2) {
            if let [Some((x1, y1)), Some((x2, y2))] = pair {
                put(svg, format_args!("<line class=\"l{number}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
            }
        }
        for (x, y) in points.iter().flatten() {
            put(svg, format_args!("<circle class=\"s{number}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>"));
        }
        for (index, value) in (0..).zip(one.values) {
            if let Some(value) = value
                && slots.width() >= LABELLED_WIDTH_MIN
            {
                label(svg, slots.middle(index), scale, *value, is_valley(one.values, index));
            }
        }
    }
}

/// Whether a line comes down to this figure and goes up again, so that its label has room only below.
fn is_valley(values: &[Option<Decimal>], index: i64) -> bool {
    let at = |index: i64| usize::try_from(index).ok().and_then(|index| values.get(index).copied().flatten());
    let Some(value) = at(index) else { return false };
    let beside = [at(index - 1), at(index + 1)];
    beside.iter().flatten().all(|other| *other >= value) && beside.iter().flatten().any(|other| *other > value)
}

/// Writes a figure beyond the end of its bar or point.
fn label(svg: &mut String, x: i64, scale: Scale, value: Decimal, is_below: bool) {
    let y = scale.y(value) + if is_below { 14 } else { -6 };
    put(svg, format_args!("<text class=\"value\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", brief(value)));
}

fn put(svg: &mut String, markup: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = svg.write_fmt(markup);
}

/// Where the years are from left to right.
#[derive(Clone, Copy)]
struct Slots {
    right: i64,
    count: i64,
}

impl Slots {
    fn width(self) -> i64 {
        (self.right - MARGIN) / self.count
    }

    fn middle(self, index: i64) -> i64 {
        MARGIN + (self.right - MARGIN) * (2 * index + 1) / (2 * self.count)
    }
}

/// Maps figures to heights: the range holds nil and every figure.
#[derive(Clone, Copy)]
struct Scale {
    low: Decimal,
    high: Decimal,
}

impl Scale {
    fn of(series: &[Series<'_>]) -> Option<Self> {
        let known = || series.iter().flat_map(|one| one.values).flatten().copied();
        let (low, high) = (known().min()?.min(Decimal::ZERO), known().max()?.max(Decimal::ZERO));
        Some(Self { low, high })
    }

    /// The height of a figure, counted from above. Where all figures are nil, that of the axis at the bottom.
    fn y(self, value: Decimal) -> i64 {
        let bottom = if self.low.is_sign_negative() && !self.low.is_zero() { BOTTOM - 14 } else { BOTTOM };
        let share =
            |range: Decimal| value.checked_sub(self.low)?.checked_div(range)?.checked_mul((bottom - TOP).into());
        let range = self.high.checked_sub(self.low).filter(|range| !range.is_zero());
        let above = range.and_then(share).and_then(|above| above.round().to_i64()).unwrap_or(0);
        bottom - above.clamp(0, bottom - TOP)
    }
}

/// `31.03.2024` as `Mar 2024`; anything else as it is, cut to what fits.
fn short_year(end: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = end.split('.').collect();
    if let [_, month, year] = parts.as_slice()
        && let Ok(number) = month.parse::<usize>()
        && let Some(name) = number.checked_sub(1).and_then(|index| MONTHS.get(index))
    {
        return format!("{name} {}", year.chars().take(4).collect::<String>());
    }
    end.chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(shape: Shape, values: &[Option<&str>]) -> String {
        let values: Vec<Option<Decimal>> = values.iter().map(|value| value.map(|text| text.parse().unwrap())).collect();
        let years = vec!["31.03.2024"; values.len()];
        draw("Profit", shape, &years, &[Series { label: "Net profit", values: &values }]).to_string()
    }

    /// Every number that places something is within the drawing.
    fn is_within(svg: &str) -> bool {
        let numbers = |name: &str| {
            let starts: Vec<&str> = svg.split(&format!(" {name}=\"")).skip(1).collect();
            starts.into_iter().map(|rest| rest.split('"').next().unwrap().parse::<i64>().unwrap()).collect::<Vec<_>>()
        };
        let heights = ["y", "y1", "y2", "cy", "height"].iter().flat_map(|name| numbers(name));
        let widths = ["x", "x1", "x2", "cx", "width"].iter().flat_map(|name| numbers(name));
        heights.into_iter().all(|y| (0..=HEIGHT).contains(&y)) && widths.into_iter().all(|x| (0..=WIDE).contains(&x))
    }

    #[test]
    fn figures_of_any_size_are_drawn_within_the_chart() {
        let huge = "79228162514264337593543950335";
        let least = "-79228162514264337593543950335";
        let cases: [&[Option<&str>]; 8] = [
            &[Some("0")],
            &[Some("0"), Some("0"), None],
            &[Some("-5"), Some("-2.5")],
            &[Some(huge), Some("1")],
            &[Some(huge), Some(least), Some("0")],
            &[Some("0.0000000000000000000000000001"), Some("0")],
            &[None, Some("1.5"), None, Some("-1.5"), Some("3")],
            &[Some("1"); 24],
        ];
        for values in cases {
            for shape in [Shape::Bars, Shape::Line] {
                let svg = chart(shape, values);
                assert!(svg.starts_with("<svg") && is_within(&svg), "{values:?}: {svg}");
            }
        }
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(chart(Shape::Bars, &[None, None]), "");
        assert_eq!(chart(Shape::Line, &[]), "");
    }

    #[test]
    fn a_line_has_a_gap_where_a_figure_is_missing() {
        let svg = chart(Shape::Line, &[Some("1"), None, Some("2")]);
        assert_eq!((svg.matches("<circle").count(), svg.matches("class=\"l1\"").count()), (2, 0));
        let svg = chart(Shape::Line, &[Some("1"), Some("3"), Some("2")]);
        assert_eq!((svg.matches("<circle").count(), svg.matches("class=\"l1\"").count()), (3, 2));
    }

    #[test]
    fn years_are_named_by_month() {
        assert_eq!(short_year("31.03.2024"), "Mar 2024");
        for other in ["31.13.2024", "31.00.2024", "FY 2024", ""] {
            assert_eq!(short_year(other), other);
        }
    }
}
