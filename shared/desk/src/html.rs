//! Pieces of markup that are made of values, not of templates.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;

use crate::page::Decision;
use crate::word::Look;
use crate::{icon, text};

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

/// A period: both days only if they differ.
pub(crate) fn span(start: &Timestamp, end: &Option<Timestamp>) -> Markup {
    let begins = format!("<time datetime=\"{}\">{}</time>", text::instant(*start), text::second(*start));
    let Some(end) = end else { return Markup(begins) };
    let is_one_day = text::day(*start) == text::day(*end);
    let (first, last) = if is_one_day {
        (text::second_without_zone(*start), text::clock(end))
    } else {
        (text::second(*start), text::second(*end))
    };
    Markup(format!(
        "<time datetime=\"{}\">{first}</time> to <time datetime=\"{}\">{last}</time>",
        text::instant(*start),
        text::instant(*end)
    ))
}

/// A word with its symbol.
pub(crate) fn badge(look: impl std::borrow::Borrow<Look>) -> Markup {
    let Look { word, class } = *look.borrow();
    Markup(format!("<span class=\"badge {class}\">{}{word}</span>", icon::of(class)))
}

/// The attribute that marks the page that one is on.
pub(crate) fn current(is_here: bool) -> Markup {
    Markup(if is_here { " aria-current=\"page\"".to_owned() } else { String::new() })
}

/// The attribute that tells the module whether a fragment is of the state that the page was made for.
pub(crate) fn state(state: impl fmt::Display) -> Markup {
    Markup(format!(" data-state=\"{state}\""))
}

/// Whether an item is decided; the module shows and hides it.
pub(crate) fn decided_mark(is_decided: bool) -> Markup {
    let hidden = if is_decided { "" } else { " hidden" };
    Markup(format!("<span class=\"badge good\" data-decided-mark{hidden}>{}Decided</span>", icon::of("good")))
}

/// What was decided, to read.
pub(crate) fn verdict(decision: &Option<Decision>) -> Markup {
    let Some(decision) = decision else { return Markup("<p class=\"verdict sub\">Not decided yet.</p>".to_owned()) };
    let mut verdict =
        format!("<p class=\"verdict\">Decided: <strong><bdi>{}</bdi></strong>", escaped(&decision.row_code));
    if let Some(by) = &decision.by {
        verdict.push_str(&format!(" by <bdi>{}</bdi>", escaped(by)));
    }
    if !decision.reason.is_empty() {
        verdict.push_str(&format!(": <q><bdi>{}</bdi></q>", escaped(&decision.reason)));
    }
    verdict.push_str("</p>");
    Markup(verdict)
}

/// A text with everything that markup means something by written out.
pub(crate) fn escaped(text: &str) -> impl fmt::Display {
    askama::filters::escape(text, askama::filters::Html).map_or_else(|_| String::new(), |escaped| escaped.to_string())
}
