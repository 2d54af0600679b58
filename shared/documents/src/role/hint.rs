//! Guesses the role of a line from its label alone.

use crate::label::plain;
use domain::statement::StatementKind;

/// What a label suggests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Grand,
    Result {
        last: bool,
    },
    Sum {
        bare: bool,
    },
    Memo,
    OfWhich,
    /// Names a rate or a ratio; the amounts show which.
    Ratio {
        named: bool,
    },
    Unlabelled,
    Plain,
}

/// What a label suggests in a statement of this kind.
pub(super) fn hint(label: &str, kind: StatementKind) -> Hint {
    let text = plain(crate::label::numbered(label).text);
    if text.is_empty() {
        return Hint::Unlabelled;
    }
    if is_of_which(&text) {
        return Hint::OfWhich;
    }
    if is_memo(&text) {
        return Hint::Memo;
    }
    if names_ratio(&text) {
        return Hint::Ratio { named: true };
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
        return Hint::Sum { bare: is_bare_total(&text) };
    }
    if text.contains('%') {
        return Hint::Ratio { named: false };
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
    ["of which", "out of which", "of the above", "included above", "included in above", "out of the above"]
        .iter()
        .any(|w| text.starts_with(w))
        || text.contains(" of which ")
}

/// Whether a label names a ratio, so that its `%` is the unit of its amounts and not a rate: `Margin %`, `Tax as % of
/// profit`, but not `Sales @ 18% GST`.
pub(super) fn names_ratio(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    // `18%`, `18 %`, `7 5%`.
    let is_rate = |at: usize| {
        let number = words[at].trim_end_matches('%');
        let before = at.checked_sub(1).and_then(|i| words.get(i)).copied().unwrap_or_default();
        (!number.is_empty() && number.chars().all(|c| c.is_numeric()))
            || number.is_empty() && !before.is_empty() && before.chars().all(|c| c.is_numeric())
    };
    let percents: Vec<usize> = (0..words.len()).filter(|at| words[*at].contains('%')).collect();
    let ratio = words.iter().any(|w| matches!(*w, "margin" | "margins" | "growth" | "yield" | "turnover%"));
    percents.iter().any(|at| !is_rate(*at)) || (!percents.is_empty() && ratio)
}

fn is_memo(text: &str) -> bool {
    text.ends_with(" memo")
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

/// Words around the name of a grand total that do not change it.
fn is_filler(word: &str) -> bool {
    matches!(word, "the" | "and" | "&" | "of" | "grand" | "rs" | "inr" | "in" | "a" | "b" | "c" | "i" | "ii")
}

pub(super) fn is_grand(text: &str) -> bool {
    if matches!(text, "grand total" | "balance sheet total" | "total balance sheet") || text.starts_with("grand total ")
    {
        return true;
    }
    let bare: Vec<&str> = text.split(' ').filter(|w| !is_filler(w)).collect();
    let bare = bare.join(" ");
    [
        "total assets",
        "total equity liabilities",
        "total liabilities equity",
        "total liab equity",
        "total equity liab",
        "total liabilities shareholders equity",
        "total liabilities shareholders funds",
        "total equities liabilities",
        "total capital liabilities",
        "total liabilities capital",
        "total liabilities net worth",
        "total net worth liabilities",
        "total funds employed",
        "total capital employed",
        "total sources",
        "total sources funds",
        "total source funds",
        "total application",
        "total applications",
        "total application funds",
        "total applications funds",
        "total uses funds",
        "total funds",
        "total properties assets",
        "total property assets",
        "sources funds total",
        "application funds total",
        "assets total",
        "equity liabilities total",
    ]
    .iter()
    .any(|t| bare == *t || bare.strip_prefix(t).is_some_and(|rest| rest.starts_with(' ') && rest.chars().count() <= 12))
}

/// Whether a label says `Total` and nothing of what.
pub(super) fn is_bare_total(text: &str) -> bool {
    let is_mark = |w: &str| {
        matches!(
            w,
            "total" | "totals" | "grand" | "sum" | "rs" | "inr" | "rupees" | "amount" | "the" | "carried" | "over"
        ) || w.chars().count() <= 2 && !w.is_empty()
    };
    let named = text.split(' ').any(|w| matches!(w, "total" | "totals" | "sum"));
    text.is_empty() || text == "total liabilities" || named && text.split(' ').all(is_mark)
}

pub(super) fn is_sum(text: &str) -> bool {
    if ["total outstanding dues", "total number", "sum assured", "sum insured"].iter().any(|w| text.starts_with(w)) {
        return false;
    }
    let mut words = text.split(' ');
    let (first, last) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
    matches!(first, "total" | "totals" | "aggregate" | "subtotal")
        || matches!(last, "total" | "totals" | "subtotal")
        || text == "sum"
        || text.starts_with("sum of ")
        || text.contains("sub total")
        || text.contains("grand total")
        || text.starts_with("sub ttl")
        || text.contains("carried to balance sheet")
        || text.contains("carried over to balance sheet")
        || text.contains("transferred to balance sheet")
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
            "written down value",
            "equity attributable to",
        ]
        .iter()
        .any(|w| text.starts_with(w))
}

/// A text with what accountants abbreviate written out: `NPBT`, `N.P. after tax`, `Nett profit`.
fn spelt_out(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut out: Vec<&str> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let three = (*word, words.get(at + 1).copied().unwrap_or(""), words.get(at + 2).copied().unwrap_or(""));
        let (spelt, length): (&[&str], usize) = match three {
            ("p", "b", "t") => (&["profit", "before", "tax"], 3),
            ("p", "a", "t") => (&["profit", "after", "tax"], 3),
            ("n", "p", _) => (&["net", "profit"], 2),
            ("g", "p", _) => (&["gross", "profit"], 2),
            ("nett" | "nets", _, _) => (&["net"], 1),
            ("pbt" | "npbt", _, _) => (&["profit", "before", "tax"], 1),
            ("pat" | "npat", _, _) => (&["profit", "after", "tax"], 1),
            ("np", _, _) if at == 0 => (&["net", "profit"], 1),
            ("gp", _, _) if at == 0 => (&["gross", "profit"], 1),
            _ => (std::slice::from_ref(word), 1),
        };
        out.extend(spelt);
        at += length;
    }
    out.join(" ")
}

/// Whether a label is a result of the income statement; `Some(true)` for the profit of the year.
pub(super) fn result(text: &str) -> Option<bool> {
    let text = ["to ", "by ", "add ", "less "].iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text);
    let text = &spelt_out(text);
    let starts = |list: &[&str]| list.iter().any(|w| text.starts_with(w));
    if starts(&["total comprehensive"]) {
        return Some(true);
    }
    let of_results = starts(&[
        "profit before",
        "profit after",
        "profit for",
        "profit carried",
        "profit transferred",
        "profit loss before",
        "profit loss after",
        "profit loss for",
        "profit loss from",
        "profit loss carried",
        "profit loss transferred",
        "profit or loss for",
        "loss profit for",
        "loss profit before",
        "loss profit after",
        "net profit",
        "net loss ",
        "net surplus",
        "net deficit",
        "loss before",
        "loss for",
        "loss after",
        "loss carried",
        "loss transferred",
        "gross profit",
        "gross margin",
        "gross loss",
        "gross surplus",
        "operating profit",
        "operating loss",
        "operating surplus",
        "profit from",
        "ebitda",
        "ebit",
        "pbdit",
        "pbidt",
        "pbit",
        "pbdt",
        "earnings before",
        "income before",
        "net income",
        "retained profit",
        "operating income loss",
        "cash profit",
        "surplus before",
        "surplus after",
        "surplus for",
        "surplus carried",
        "surplus transferred",
        "surplus deficit",
        "deficit for",
        "deficit surplus",
        "excess of income",
        "excess of expenditure",
        "profit and loss before",
        "profit loss attributable",
        "profit and loss after",
        "profit and loss for",
    ]) || matches!(text.as_str(), "profit" | "net loss" | "profit loss" | "surplus");
    let of_a_sale = starts(&[
        "net profit on",
        "net loss on",
        "net profit from sale",
        "profit from sale",
        "net income from",
        "net profit share",
        "profit from partnership",
        "profit from firm",
    ]);
    if !of_results || of_a_sale {
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
        "pbit",
        "pbdit",
        "pbidt",
        "pbdt",
        "ordinary",
        "cash profit",
    ];
    let after = text.starts_with("profit after tax")
        || text.starts_with("profit loss after tax")
        || text.starts_with("net profit after tax");
    Some(after && !text.contains("before tax") || !before.iter().any(|w| text.contains(w)))
}

/// `(a + b)`, `(1-2)`, `(i to vi)`, `[5 + 6]`, `(A)+(B)` at the end of a label.
pub(super) fn ends_in_formula(label: &str) -> bool {
    if !label.ends_with([')', ']', '.', '}']) {
        return false;
    }
    label.match_indices(['(', '[', '{']).any(|(at, _)| label.get(at..).is_some_and(is_formula))
}

fn is_formula(text: &str) -> bool {
    if text.chars().count() > 34 {
        return false;
    }
    let operator = text.contains(['+', '\u{2013}'])
        || text.contains(" to ")
        || (text.contains('-') && text.chars().any(|c| c.is_ascii_digit()))
        || text.split(['-', '(', ')', '[', ']']).filter(|p| !p.is_empty() && crate::label::is_code(p)).count() >= 2
            && text.contains('-');
    let marks = ['+', '-', '/', '\u{2013}', ' ', ',', '.', '(', ')', '[', ']', '{', '}'];
    let parts = text.split(marks).filter(|p| !p.is_empty() && *p != "to" && *p != "and");
    operator
        && parts.clone().count() >= 2
        && parts.into_iter().all(|p| crate::label::is_code(p) || p == "l" || p == "ll")
}

/// Whether an income statement repeats its results under this heading.
pub(super) fn is_memo_heading(text: &str) -> bool {
    text.contains("attributable to")
        || text.contains("earnings per")
        || text.contains("earning per")
        || text.split(' ').any(|w| w == "eps")
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

/// Whether lines with this label are often deducted although it does not say so.
pub(super) fn is_contra(text: &str, kind: StatementKind) -> bool {
    let words: &[&str] = if kind == StatementKind::ProfitAndLoss {
        &[
            "closing stock",
            "closing inventor",
            "closing work",
            "closing wip",
            "closing finished",
            "excise duty",
            "return",
            "discount allowed",
            "rebate",
        ]
    } else {
        &[
            "depreciation",
            "amortisation",
            "provision for doubtful",
            "provision for bad",
            "allowance for",
            "drawings",
            "withdrawal",
            "net loss",
            "accumulated loss",
            "loss for the year",
            "impairment",
            "calls in arrear",
            "calls unpaid",
            "income tax paid",
        ]
    };
    words.iter().any(|w| text.contains(w))
}

/// Whether a label or heading says that its amounts raise a profit, or lower it.
pub(super) fn is_income(text: &str) -> Option<bool> {
    let has = |list: &[&str]| list.iter().any(|w| text.contains(w));
    if text.starts_with("add ") || text.starts_with("by ") {
        return Some(true);
    }
    if text.starts_with("to ")
        || has(&["expense", "expenditure", "cost", "purchase", "tax", "charges", " paid", "opening"])
    {
        return Some(false);
    }
    has(&["income", "revenue", "sales", "receipt", "received", "gain", "turnover", "closing"]).then_some(true)
}

#[cfg(test)]
mod tests;
