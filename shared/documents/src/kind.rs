//! Decides which kind of statement a block of lines is, from its title, the sheet's name and the words in its lines.

use crate::label::plain;
use domain::statement::StatementKind;

const TITLES: &[(StatementKind, &[&str])] = &[
    (StatementKind::CashFlow, &["cash flow", "cashflow", "funds flow", "fund flow", "form vi "]),
    (
        StatementKind::Additional,
        &[
            "additional information",
            "other information",
            "supplementary information",
            "other details",
            "additional details",
            "additional data",
        ],
    ),
    (
        StatementKind::BalanceSheet,
        &[
            "balance sheet",
            "balancesheet",
            "assets and liabilities",
            "assets & liabilities",
            "financial position",
            "statement of affairs",
            "form iii",
        ],
    ),
    (
        StatementKind::ProfitAndLoss,
        &[
            "profit and loss",
            "profit & loss",
            "profit or loss",
            "p & l",
            "p&l",
            "income statement",
            "operating statement",
            "statement of operations",
            "statements of operations",
            "trading account",
            "income and expenditure",
            "income & expenditure",
            "manufacturing account",
            "form ii",
            "statement of income",
            "profit loss",
            "results of operations",
        ],
    ),
];

const ASSET_AND_LIABILITY_WORDS: &[&str] = &[
    "total assets",
    "equity and liabilities",
    "non current assets",
    "current assets",
    "current liabilities",
    "non current liabilities",
    "share capital",
    "trade payables",
    "inventories",
    "sundry creditors",
    "sundry debtors",
    "trade receivables",
    "fixed assets",
    "reserves and surplus",
    "reserves & surplus",
    "capital account",
    "term loans",
    "bank borrowings",
    "gross block",
    "net block",
    "net worth",
    "cash and bank",
    "cash and cash equivalents",
    "property plant",
    "bank balances",
    "unsecured loans",
    "secured loans",
    "stock in process",
    "general reserve",
    "other equity",
    "total liabilities",
    "deferred tax",
    "provision for taxation",
    "inventory",
    "receivables",
    "advances to suppliers",
    "debentures",
    "deposits",
    "cash in hand",
    "cash at bank",
];

const INCOME_WORDS: &[&str] = &[
    "revenue from operations",
    "total income",
    "cost of materials",
    "profit before",
    "tax expense",
    "employee benefit",
    "gross sales",
    "net sales",
    "depreciation and amort",
    "finance cost",
    "other expenses",
    "purchases",
    "opening stock",
    "closing stock",
    "gross profit",
    "net profit",
    "other income",
    "profit after tax",
    "profit for the",
    "raw materials consumed",
    "power and fuel",
    "cost of sales",
    "cost of production",
    "operating profit",
    "total expenses",
    "sales",
    "salaries",
    "earnings per",
    "wages",
    "total revenue",
    "interest",
    "selling general",
    "changes in inventories",
    "by gross",
    "to gross",
    "cost of goods",
    "net income",
    "exceptional items",
    "direct labour",
    "dividend paid",
];

const CASH_FLOW_WORDS: &[&str] = &[
    "operating activities",
    "investing activities",
    "financing activities",
    "net increase in cash",
    "net decrease in cash",
    "cash generated",
];

/// Whether a text is the title of a statement, e.g. `Form III - Analysis of balance sheet`, `Note 12: Inventories`,
/// `Schedule 4`.
#[must_use]
pub fn is_title(text: &str) -> bool {
    if text.chars().count() > 160 {
        return false;
    }
    let plain = plain(text) + " ";
    if opens_note(text) || (repeats(text) && text.chars().count() <= 80 && !text.contains('%')) {
        return true;
    }
    let named = TITLES.iter().any(|(_, words)| words.iter().any(|w| plain.contains(w)));
    // Lines of statements contain the same words: `Surplus in statement of profit and loss`, `Net cash flow from operating activities`.
    let line = [
        "surplus",
        "balance in",
        "items that",
        "transfer",
        "net cash",
        "as per",
        "reclassified",
        "attributable",
        "through profit",
        "fair value",
        "changes in ",
    ]
    .iter()
    .any(|w| plain.contains(w))
        || plain.starts_with("cash flow from ")
        || plain.starts_with("cash flows from ")
        || plain.starts_with("notes ")
        || plain.contains("integral part");
    named && !line
}

/// The kind that a title names.
#[must_use]
pub fn of_title(text: &str) -> Option<StatementKind> {
    let plain = plain(text) + " ";
    if opens_note(text) {
        return Some(StatementKind::Note);
    }
    TITLES.iter().find(|(_, words)| words.iter().any(|w| plain.contains(w))).map(|(kind, _)| *kind)
}

/// Whether a title names a form that repeats amounts of other forms: comparisons, permissible finance, ratios.
#[must_use]
pub fn repeats(title: &str) -> bool {
    let plain = plain(title) + " ";
    [
        "form iv ",
        "form v ",
        "mpbf",
        "maximum permissible",
        "permissible bank finance",
        "comparative statement of current",
        "ratio analysis",
        "key ratios",
        "ratios ",
    ]
    .iter()
    .any(|w| plain.contains(w))
}

/// The endings of titles of sheets that break up the amounts of other sheets.
const DETAIL_MARKS: &[&str] = &["(details)", "(detail)", "(parenthetical)", "(tables)"];

/// The kind of a block: the nearest title that names one, then the words of the lines, then the sheet's name.
#[must_use]
pub fn of_block(titles: &[String], sheet: &str, labels: &[String]) -> StatementKind {
    // In filed data, each break-up has its own sheet, whose title says so.
    if titles.iter().any(|t| DETAIL_MARKS.iter().any(|mark| t.to_lowercase().contains(mark))) {
        return StatementKind::Note;
    }
    if is_statement_of_equity(titles, labels) {
        return StatementKind::Unknown;
    }
    let words = of_labels(labels);
    let titled = titles.iter().rev().find_map(|t| if is_title(t) { of_title(t) } else { None });
    if let Some(kind) = titled {
        return kind;
    }
    let named = of_sheet(sheet);
    match (named, words) {
        // A sheet named after one statement may hold another one too, so enough matching words outweigh the name.
        (Some(kind), Some((worded, score))) if kind != worded && score >= 4 && kind != StatementKind::Note => worded,
        (Some(kind), _) => kind,
        (None, Some((kind, score))) if score >= 2 => kind,
        _ => StatementKind::Unknown,
    }
}

/// Whether a title or the name of the sheet names the kind of a block, so that it is not only guessed from its lines.
#[must_use]
pub fn is_named(titles: &[String], sheet: &str) -> bool {
    titles.iter().any(|t| is_title(t)) || of_sheet(sheet).is_some()
}

/// Whether a block is the statement of changes in equity, whose amounts are in the other statements.
fn is_statement_of_equity(titles: &[String], labels: &[String]) -> bool {
    const BALANCES: &[&str] =
        &["beginning balance", "ending balance", "balance at the", "balance as at", "balance as on"];
    let titled = titles.last().is_some_and(|t| plain(t).contains("changes in equity"));
    let balances = |label: &&String| BALANCES.iter().any(|w| plain(label).starts_with(w));
    let has_result = labels.iter().any(|l| plain(l).contains("net income") || plain(l).contains("profit for the"));
    titled || labels.iter().filter(balances).count() >= 2 && has_result
}

fn of_sheet(sheet: &str) -> Option<StatementKind> {
    let plain = format!(" {} ", plain(sheet));
    let has = |list: &[&str]| list.iter().any(|w| plain.contains(w));
    if let Some(kind) = of_title(plain.trim()) {
        return Some(kind);
    }
    if has(&[" bs ", " b s ", "assets", "liabilities"]) {
        Some(StatementKind::BalanceSheet)
    } else if has(&[" pl ", " p l ", " pnl ", "profit", "income"]) {
        Some(StatementKind::ProfitAndLoss)
    } else if has(&[" cf ", " cfs "]) {
        Some(StatementKind::CashFlow)
    } else if has(&["note", "schedule", "grouping", "annexure", " sch ", "details", "breakup", "break up"]) {
        Some(StatementKind::Note)
    } else if has(&["additional"]) {
        Some(StatementKind::Additional)
    } else {
        None
    }
}

/// Whether a text is the title of a note or schedule. `(Note 2)` in brackets refers to one.
fn opens_note(text: &str) -> bool {
    if text.trim_start().starts_with(['(', '[']) {
        return false;
    }
    let plain = plain(text);
    let mut words = plain.split_whitespace();
    let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let numbered = second.starts_with(|c: char| c.is_ascii_digit())
        || second == "no"
        || (second.chars().count() <= 2 && !second.is_empty());
    match first {
        "note" | "schedule" | "annexure" | "sch" => numbered && second != "to" && second != "of" && second != "on",
        "notes" => plain.contains("forming part"),
        "schedules" | "groupings" | "grouping" => true,
        _ => false,
    }
}

/// Whether a text is the title of all notes or schedules, e.g. `Notes forming part of the financial statements`.
#[must_use]
pub fn opens_all_notes(text: &str) -> bool {
    let plain = plain(text);
    let first = plain.split_whitespace().next().unwrap_or_default();
    opens_note(text) && matches!(first, "notes" | "schedules" | "groupings" | "grouping")
}

/// The statement that a line's label suggests.
#[must_use]
pub fn of_label(label: &str) -> Option<StatementKind> {
    let plain = plain(label);
    let has = |list: &[&str]| list.iter().any(|w| plain.contains(w));
    if has(CASH_FLOW_WORDS) {
        return Some(StatementKind::CashFlow);
    }
    match (has(ASSET_AND_LIABILITY_WORDS), has(INCOME_WORDS)) {
        (true, false) => Some(StatementKind::BalanceSheet),
        (false, true) => Some(StatementKind::ProfitAndLoss),
        _ => None,
    }
}

fn of_labels(labels: &[String]) -> Option<(StatementKind, usize)> {
    let votes: Vec<StatementKind> = labels.iter().filter_map(|l| of_label(l)).collect();
    let count = |kind: StatementKind| votes.iter().filter(|v| **v == kind).count();
    // One phrase alone may be part of a line's name, e.g. `Loans towards financing activities`.
    let phrases = CASH_FLOW_WORDS.iter().filter(|w| labels.iter().any(|l| plain(l).contains(**w))).count();
    if phrases >= 2 && count(StatementKind::CashFlow) >= 2 {
        return Some((StatementKind::CashFlow, count(StatementKind::CashFlow) * 3));
    }
    let (balance, income) = (count(StatementKind::BalanceSheet), count(StatementKind::ProfitAndLoss));
    match balance.cmp(&income) {
        std::cmp::Ordering::Greater => Some((StatementKind::BalanceSheet, balance)),
        std::cmp::Ordering::Less => Some((StatementKind::ProfitAndLoss, income)),
        std::cmp::Ordering::Equal => None,
    }
}

/// The point at which a listing without titles changes from one statement to another, as the index of the second one's
/// first line.
#[must_use]
pub fn change(labels: &[String]) -> Option<usize> {
    let votes: Vec<Option<StatementKind>> = labels.iter().map(|l| of_label(l)).collect();
    let is = |kind: StatementKind| move |v: &&Option<StatementKind>| **v == Some(kind);
    let (balance, income) = (StatementKind::BalanceSheet, StatementKind::ProfitAndLoss);
    if votes.iter().filter(is(balance)).count() < 4 || votes.iter().filter(is(income)).count() < 4 {
        return None;
    }
    let total = |kind: StatementKind| votes.iter().filter(is(kind)).count();
    let (all_balance, all_income) = (total(balance), total(income));
    let (mut balance_before, mut income_before) = (0, 0);
    let mut best = (usize::MAX, 0);
    for (at, vote) in votes.iter().enumerate() {
        if at > 0 && vote.is_some() {
            // The number of lines on the wrong side of a change here, if income came first and if it came second.
            let income_first = balance_before + (all_income - income_before);
            let balance_first = income_before + (all_balance - balance_before);
            best = best.min((income_first, at)).min((balance_first, at));
        }
        balance_before += usize::from(*vote == Some(balance));
        income_before += usize::from(*vote == Some(income));
    }
    let sound = best.0 * 6 <= votes.iter().flatten().count();
    (sound && (has_assets(&labels[best.1..]) || has_assets(&labels[..best.1]))).then_some(best.1)
}

/// Whether any line is an asset. Capital and reserves without assets are not a balance sheet: published results print them
/// below the profit.
fn has_assets(labels: &[String]) -> bool {
    const WORDS: &[&str] = &["asset", "inventor", "debtor", "receivable", "cash", "stock in hand", "bank balance"];
    let is_asset = |label: &&String| WORDS.iter().any(|w| plain(label).contains(w));
    labels.iter().filter(is_asset).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_their_statement() {
        assert_eq!(of_title("Balance Sheet as at 31st March 2024"), Some(StatementKind::BalanceSheet));
        assert_eq!(of_title("Form II - Operating statement"), Some(StatementKind::ProfitAndLoss));
        assert_eq!(of_title("Form III (Rs. lakh)"), Some(StatementKind::BalanceSheet));
        assert_eq!(of_title("Note 12: Inventories"), Some(StatementKind::Note));
        assert_eq!(of_title("Additional information"), Some(StatementKind::Additional));
    }

    #[test]
    fn lines_with_the_same_words_are_not_titles() {
        assert!(!is_title("Surplus in the statement of profit and loss"));
        assert!(!is_title("Items that will not be reclassified to profit or loss"));
        assert!(!is_title("Cash flow from operating activities"));
        assert!(is_title("Note 3 Share capital"));
    }
}
