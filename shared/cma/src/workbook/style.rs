//! The formats of cells.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::row::{Measure, Style};

/// Indian digit grouping. Excel allows two conditions in a format, so this one is for amounts of nil and above; conditional
/// formats with [`NEGATIVES`] show those below nil in brackets.
pub(super) const AMOUNT: &str = r"[>=10000000]##\,##\,##\,##0.00;[>=100000]##\,##\,##0.00;#,##0.00";

/// Formats for amounts below nil: the limit, and the format from it downwards.
pub(super) const NEGATIVES: [(f64, &str); 3] = [
    (-9_999_999.995, r"##\,##\,##\,##0.00;\(##\,##\,##\,##0.00\)"),
    (-99_999.995, r"##\,##\,##0.00;\(##\,##\,##0.00\)"),
    (-0.005, r"#,##0.00;\(#,##0.00\)"),
];

const INPUT_FILL: Color = Color::RGB(0x00FF_F7DC);
const HEAD_FILL: Color = Color::RGB(0x001F_3A5F);
const SECTION_FILL: Color = Color::RGB(0x00E4_EAF2);
const INK: Color = Color::RGB(0x0022_2222);
const INPUT_INK: Color = Color::RGB(0x001F_3FA8);
const ALARM: Color = Color::RGB(0x00B0_1E1E);
const QUIET: Color = Color::RGB(0x0066_6666);

fn base() -> Format {
    Format::new().set_font_name("Calibri").set_font_size(10).set_font_color(INK)
}

/// A sheet's title.
pub(super) fn title() -> Format {
    base().set_font_size(14).set_bold().set_font_color(HEAD_FILL)
}

/// The line below the title.
pub(super) fn subtitle() -> Format {
    base().set_font_color(QUIET)
}

/// Column headings.
pub(super) fn head() -> Format {
    base().set_bold().set_font_color(Color::White).set_background_color(HEAD_FILL).set_align(FormatAlign::Center)
}

/// Column headings over text.
pub(super) fn head_left() -> Format {
    head().set_align(FormatAlign::Left)
}

/// A heading between rows.
pub(super) fn section() -> Format {
    base().set_bold().set_background_color(SECTION_FILL)
}

/// Ordinary text.
pub(super) fn text() -> Format {
    base().set_align(FormatAlign::Top)
}

/// Text that wraps.
pub(super) fn wrapped() -> Format {
    text().set_text_wrap()
}

/// Text that needs attention.
pub(super) fn alarm() -> Format {
    base().set_bold().set_font_color(ALARM).set_align(FormatAlign::Top)
}

/// Text in the middle of its column.
pub(super) fn centred() -> Format {
    text().set_align(FormatAlign::Center)
}

/// The label or number of a row.
pub(super) fn label(style: Style) -> Format {
    match style {
        Style::Plain => base(),
        Style::Total => base().set_bold().set_border_top(FormatBorder::Thin),
        Style::Memo => base().set_italic().set_indent(1),
    }
}

/// A figure. Inputs are shaded and may be changed; calculated figures are locked.
pub(super) fn figure(input: bool, measure: Measure, style: Style) -> Format {
    let number = match measure {
        Measure::Amount => AMOUNT,
        Measure::Percent | Measure::Ratio | Measure::Months => "0.00",
        Measure::Days => "0.0",
    };
    let format = match style {
        Style::Plain => base(),
        Style::Total => base().set_bold().set_border_top(FormatBorder::Thin),
        Style::Memo => base().set_italic(),
    };
    let format = format.set_num_format(number).set_align(FormatAlign::Right);
    if input { format.set_background_color(INPUT_FILL).set_font_color(INPUT_INK).set_unlocked() } else { format }
}
