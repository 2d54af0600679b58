//! Symbols, drawn by us. Each stands beside a word, so none is read aloud.

use crate::html::Markup;

/// The symbol of a look: `good`, `bad`, `wait`, `busy`, `queue`, `draft`; a dash for anything else.
pub(crate) fn of(class: &str) -> Markup {
    let path = match class {
        "good" | "done" => "<path d=\"M3 8.5l3.2 3.2L13 4.9\"/>",
        "bad" | "failed" => "<path d=\"M4 4l8 8M12 4l-8 8\"/>",
        "wait" | "refused" => "<path d=\"M8 3v6\"/><path d=\"M8 12.6v.1\"/>",
        "busy" => "<path d=\"M13 8a5 5 0 1 1-2-4\"/><path d=\"M11.4 1.4V4.4H8.4\"/>",
        "queue" => "<circle cx=\"8\" cy=\"8\" r=\"5.2\"/><path d=\"M8 5v3l2 1.4\"/>",
        "draft" => "<path d=\"M3.5 12.5l.6-2.6 6.4-6.4 2 2-6.4 6.4z\"/>",
        "ahead" => "<circle cx=\"8\" cy=\"8\" r=\"2.2\"/>",
        "stored" => "<path d=\"M8 10V3M5 5.800L8 2.800l3 3M3 13.200h10\"/>",
        "copy" => {
            "<rect x=\"5.5\" y=\"5.5\" width=\"7.5\" height=\"7.5\" rx=\"1.5\"/><path d=\"M10.5 3H4.5A1.5 1.5 0 0 0 3 4.500V10.5\"/>"
        }
        "download" => "<path d=\"M8 2.500v7.500M4.800 7L8 10.2 11.2 7M3 13.2h10\"/>",
        _ => "<path d=\"M4 8h8\"/>",
    };
    Markup::ours(format!(
        "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\" focusable=\"false\">{path}</svg>"
    ))
}
