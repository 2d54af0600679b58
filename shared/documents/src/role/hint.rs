//! Guesses the role of a line from its label alone.

use crate::label::plain;
use domain::statement::StatementKind;

/// What a label suggests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Grand,
    Result { last: bool },
    Sum,
    Memo,
    Unlabelled,
    Plain,
}

/// What a label suggests in a statement of this kind.
pub(super) fn hint(label: &str, kind: StatementKind) -> Hint {
    let text = plain(crate::label::numbered(label).text);
    if label.trim().is_empty() {
        return Hint::Unlabelled;
    }
    if is_memo(label, &text) {
        return Hint::Memo;
    }
    if is_grand(&text) && kind != StatementKind::ProfitAndLoss {
        return Hint::Grand;
    }
    if matches!(kind, StatementKind::ProfitAndLoss | StatementKind::Unknown)
        && let Some(hint) = result_hint(&text)
    {
        return hint;
    }
    if is_sum(&text) || ends_in_formula(label) {
        return Hint::Sum;
    }
    Hint::Plain
}

/// The hint for a result. The result of discontinued operations may be an item on the way to the profit of the year, or a
/// sum.
fn result_hint(text: &str) -> Option<Hint> {
    let rest = text.replace("discontinued", "");
    let discontinued = rest.len() < text.len() && !rest.contains("continuing");
    if discontinued && (text.starts_with("profit") || text.starts_with("loss") || text.starts_with("net ")) {
        return Some(Hint::Unlabelled);
    }
    result(text).map(|last| Hint::Result { last })
}

pub(super) fn is_of_which(text: &str) -> bool {
    ["of which", "out of which", "of the above", "included above", "included in above"]
        .iter()
        .any(|w| text.starts_with(w))
        || text.contains(" of which ")
}

fn is_memo(label: &str, text: &str) -> bool {
    is_of_which(text)
        || label.contains('%')
        || text.ends_with(" memo")
        || text.split(' ').any(|w| w == "ratio" || w == "ratios")
        || text.starts_with("earnings per")
        || text.starts_with("earning per")
        || text.starts_with("basic earning")
        || text.starts_with("diluted earning")
        || text.contains("number of shares")
        || text.contains("tangible net worth")
        || text.starts_with("net working capital")
        || text == "no of months"
}

pub(super) fn is_grand(text: &str) -> bool {
    let bare = text.strip_prefix("grand ").unwrap_or(text);
    let bare: String = bare.split(' ').filter(|w| !matches!(*w, "the" | "and" | "&")).collect::<Vec<_>>().join(" ");
    [
        "total assets",
        "total equity liabilities",
        "total liabilities equity",
        "total liabilities shareholders equity",
        "total equities liabilities",
        "total capital liabilities",
        "grand total",
    ]
    .iter()
    .any(|t| bare == *t || bare.strip_prefix(t).is_some_and(|rest| rest.starts_with(' ') && rest.len() <= 12))
}

pub(super) fn is_bare_total(text: &str) -> bool {
    text.is_empty() || matches!(text, "total" | "grand total" | "total rs" | "total liabilities")
}

pub(super) fn is_sum(text: &str) -> bool {
    if text.starts_with("total outstanding dues") || text.starts_with("total number") {
        return false;
    }
    text.starts_with("total")
        || text.starts_with("sub total")
        || text.starts_with("subtotal")
        || text.starts_with("grand total")
        || text.ends_with(" total")
        || text.contains(" sub total")
        || [
            "net worth",
            "net block",
            "net sales",
            "cost of production",
            "gross total",
            "net current assets",
            "net other non operating",
            "net revenue",
            "net fixed assets",
            "closing balance",
            "balance at the end",
        ]
        .iter()
        .any(|w| text.starts_with(w))
}

/// Whether a label is a result of the income statement; `Some(true)` for the profit of the year.
pub(super) fn result(text: &str) -> Option<bool> {
    let text = ["to ", "by ", "add ", "less "].iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text);
    let starts = |list: &[&str]| list.iter().any(|w| text.starts_with(w));
    if starts(&["total comprehensive"]) {
        return Some(true);
    }
    let of_results = starts(&[
        "profit before",
        "profit after",
        "profit for",
        "profit loss before",
        "profit loss after",
        "profit loss for",
        "profit loss from",
        "profit or loss for",
        "net profit",
        "net loss ",
        "loss before",
        "loss for",
        "loss after",
        "gross profit",
        "gross margin",
        "gross loss",
        "operating profit",
        "operating loss",
        "profit from",
        "ebitda",
        "pbdit",
        "pbit",
        "pbt",
        "pat ",
        "earnings before",
        "income before",
        "net income",
        "retained profit",
        "operating income loss",
        "cash profit",
        "surplus before",
        "profit and loss before",
        "profit loss attributable",
        "profit and loss after",
    ]) || matches!(text, "pat" | "profit" | "net loss");
    if !of_results
        || starts(&["net profit on", "net loss on", "net profit from sale", "profit from sale", "net income from"])
    {
        return None;
    }
    let before = [
        "before",
        "gross",
        "operating",
        "retained",
        "continuing",
        "discontinued",
        "ebit",
        "pbt",
        "pbit",
        "ordinary",
        "cash profit",
    ];
    let after = text.starts_with("profit after tax") || text.starts_with("profit loss after tax");
    Some(after && !text.contains("before tax") || !before.iter().any(|w| text.contains(w)))
}

/// `(a + b)`, `(1-2)`, `(i to vi)`, `[5 + 6]` at the end of a label.
pub(super) fn ends_in_formula(label: &str) -> bool {
    let trimmed = label.trim_end_matches([')', ']', ' ', '.']);
    if trimmed.len() == label.len() {
        return false;
    }
    let Some(open) = trimmed.rfind(['(', '[']) else { return false };
    let inner = &trimmed[open + 1..];
    let operator = inner.contains('+')
        || inner.contains(" to ")
        || (inner.contains('-') && inner.chars().any(|c| c.is_ascii_digit()))
        || inner.split('-').filter(|p| crate::label::is_code(p)).count() >= 2;
    let parts =
        inner.split(['+', '-', '\u{2013}', ' ', ',', '(', ')']).filter(|p| !p.is_empty() && *p != "to" && *p != "and");
    operator
        && inner.len() <= 30
        && parts.clone().count() >= 2
        && parts.into_iter().all(|p| crate::label::is_code(p) || p == "l" || p == "ll")
}

/// Whether an income statement repeats its results under this heading.
pub(super) fn is_memo_heading(text: &str) -> bool {
    text.contains("attributable to")
        || text.contains("earnings per")
        || text.contains("earning per")
        || text.contains("eps")
}

/// Whether published results print this line below the profit of the year.
pub(super) fn is_below_results(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    [
        "paid up",
        "other equity",
        "reserves excluding",
        "reserves as shown",
        "basic",
        "diluted",
        "face value",
        "net worth",
        "capital redemption reserve",
        "debenture redemption reserve",
        "owners of",
        "non controlling",
        "minority interest",
        "equity holders",
        "reserve excluding",
    ]
    .iter()
    .any(|w| text.contains(w))
}
