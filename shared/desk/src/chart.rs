//! Small charts, drawn by us. The table beside a chart says the same, so a chart is an image with a title.
//!
//! Decimals are scaled to whole units of the drawing; no float is involved.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::figure::brief;
use crate::html::{Markup, escaped};

/// Width and height of a drawing.
const WIDTH: i64 = 360;
const HEIGHT: i64 = 168;
/// Where the plot is within it: room for labels above and years below.
const TOP: i64 = 20;
const BOTTOM: i64 = 140;
const LEFT: i64 = 8;
const RIGHT: i64 = 352;
/// Widest bar.
const BAR_WIDTH_MAX: i64 = 34;

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

/// A chart of the series by year; nothing if no figure is known.
pub(crate) fn draw(title: &str, shape: Shape, years: &[&str], series: &[Series<'_>]) -> Markup {
    let Some(scale) = Scale::of(series) else { return Markup::ours(String::new()) };
    let labels: Vec<&str> = series.iter().map(|one| one.label).collect();
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{}: {} by year; the table has the figures</title>",
        escaped(title),
        escaped(&labels.join(", "))
    );
    let axis = scale.y(Decimal::ZERO);
    put(&mut svg, format_args!("<line class=\"axis\" x1=\"{LEFT}\" y1=\"{axis}\" x2=\"{RIGHT}\" y2=\"{axis}\"/>"));
    let slots = Slots { count: i64::try_from(years.len()).unwrap_or(1).max(1) };
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
    Markup::ours(svg)
}

fn bars(svg: &mut String, scale: Scale, slots: Slots, series: &[Series<'_>]) {
    let beside = i64::try_from(series.len()).unwrap_or(1).max(1);
    let width = ((slots.width() * 3 / 4) / beside).clamp(2, BAR_WIDTH_MAX);
    let has_room = slots.count * beside <= 8;
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
                label(svg, x + bar / 2, scale, value);
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
                && slots.count <= 8
            {
                label(svg, slots.middle(index), scale, *value);
            }
        }
    }
}

/// Writes a figure beyond the end of its bar or point.
fn label(svg: &mut String, x: i64, scale: Scale, value: Decimal) {
    let y = scale.y(value) + if value.is_sign_negative() { 13 } else { -6 };
    put(svg, format_args!("<text class=\"value\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", brief(value)));
}

fn put(svg: &mut String, markup: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = svg.write_fmt(markup);
}

/// Where the years are from left to right.
#[derive(Clone, Copy)]
struct Slots {
    count: i64,
}

impl Slots {
    fn width(self) -> i64 {
        (RIGHT - LEFT) / self.count
    }

    fn middle(self, index: i64) -> i64 {
        LEFT + (RIGHT - LEFT) * (2 * index + 1) / (2 * self.count)
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
