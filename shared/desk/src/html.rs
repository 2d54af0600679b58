//! Pieces of markup that are made of values, not of templates.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;

use crate::text;

/// Markup whose variable parts are numbers, times, and words of our own.
pub(crate) struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

impl Markup {
    /// Markup of our own.
    pub(crate) fn ours(markup: String) -> Self {
        Self(markup)
    }
}

/// A time, for people and for programs.
pub(crate) fn time(at: &Timestamp) -> Markup {
    Markup(format!("<time datetime=\"{}\">{}</time>", text::instant(*at), text::minute(*at)))
}

/// The same with seconds, where the order of things matters.
pub(crate) fn exact_time(at: &Timestamp) -> Markup {
    Markup(format!("<time datetime=\"{}\">{}</time>", text::instant(*at), text::second(*at)))
}
