//! Finds the headings above each line.

use crate::label::{Style, numbered, plain};
use crate::panel::Line;
use crate::role::{self, Judged};
use domain::statement::{LineRole, StatementKind};
use std::ops::Range;

/// Common headings with their depths. They have no spaces, because scans join words.
const KNOWN: &[(&str, u8)] = &[
    ("equityandliabilities", 0),
    ("equity&liabilities", 0),
    ("liabilitiesandequity", 0),
    ("sourcesoffunds", 0),
    ("applicationoffunds", 0),
    ("applicationsoffunds", 0),
    ("assets", 0),
    ("income", 0),
    ("revenue", 0),
    ("expenses", 0),
    ("expenditure", 0),
    ("equity", 2),
    ("shareholdersfunds", 2),
    ("shareholdersfund", 2),
    ("liabilities", 1),
    ("noncurrentassets", 2),
    ("currentassets", 2),
    ("noncurrentliabilities", 2),
    ("currentliabilities", 2),
    ("currentliabilitiesandprovisions", 2),
    ("currentassetsloansandadvances", 2),
    ("fixedassets", 2),
    ("loanfunds", 2),
    ("taxexpense", 2),
    ("taxexpenses", 2),
    ("othercomprehensiveincome", 2),
    ("financialassets", 3),
    ("financialliabilities", 3),
];
/// How many groups inside each other are named.
const GROUPS_MAX: usize = 6;
/// Depth of any other heading.
const OTHER: u8 = 4;

/// Known headings with their depths.
type Headings = Vec<(String, u8)>;

#[derive(Clone, Debug)]
struct Open {
    text: String,
    depth: u8,
    style: Option<(Style, u32)>,
    indent: u8,
    at: usize,
}

/// The headings above each line, outermost first; none for the headings themselves.
#[must_use]
pub fn paths(lines: &[Line], all: &[Judged], kind: StatementKind, side: Option<&str>) -> Vec<Vec<String>> {
    let mut open: Vec<Open> = Vec::new();
    let mut paths = Vec::with_capacity(lines.len());
    for (at, (line, judged)) in lines.iter().zip(all).enumerate() {
        let (before, after) = embedded(&line.label);
        if line.heading {
            if is_remark(&line.label) || role::is_empty_sum(&line.label) {
                paths.push(Vec::new());
                continue;
            }
            // The accounts of several partners are all capital.
            let of_partner =
                opens_account(lines, at + 1) && open.last().is_some_and(|o| plain(&o.text).contains("capital"));
            headings(&mut open, at, line, of_partner || at.checked_sub(1).is_some_and(|i| lines[i].heading));
            paths.push(Vec::new());
            continue;
        }
        before.into_iter().for_each(|(text, depth)| push(&mut open, at, text, depth, None, line.indent));
        if kind == StatementKind::ProfitAndLoss && judged.role != LineRole::Memo && role::is_result(&line.label) {
            open.clear();
        }
        if judged.role == LineRole::Item || judged.role == LineRole::Memo {
            close_by_line(&mut open, line);
        }
        let groups = groups(lines, all, at);
        let path =
            side.map(str::to_owned).into_iter().chain(open.iter().map(|o| o.text.clone())).chain(groups).collect();
        paths.push(path);
        if let (LineRole::Subtotal, Some(from)) = (judged.role, judged.from) {
            name_by_sum(&mut paths, lines, from..at, &line.label);
            name_by_net(&mut paths, lines, all, at);
        }
        let goes_on = is_net_of_one(lines, judged, at) || opens_account(lines, at + 1) && lines[at + 1].level > 0;
        if let Some(from) = judged.from.filter(|_| line.level == 0 && !goes_on) {
            close_by_sum(&mut open, line, judged.role, from);
            if opens_account(lines, from) && lines.get(at + 1).is_some_and(|next| !next.heading) {
                // The last account of several.
                let first = open.iter().rposition(|o| o.depth >= OTHER && plain(&o.text).contains("capital"));
                open.truncate(first.unwrap_or(open.len()));
            }
        }
        after.into_iter().for_each(|(text, depth)| push(&mut open, at, text, depth, None, line.indent));
    }
    paths
}

/// The labels of the lines above that a line breaks up, outermost first.
fn groups(lines: &[Line], judged: &[Judged], at: usize) -> Vec<String> {
    let parent = |at: &usize| judged.get(*at).and_then(|j| j.group).filter(|p| p < at);
    let mut labels: Vec<String> = std::iter::successors(parent(&at), parent)
        .take(GROUPS_MAX)
        .filter_map(|p| lines.get(p).map(|l| l.label.trim_end_matches([':', '-', ' ']).to_owned()))
        .filter(|l| !l.is_empty())
        .collect();
    labels.reverse();
    labels
}

/// Whether an outer amount is what remains of one asset, and more of them follow under the same heading.
fn is_net_of_one(lines: &[Line], judged: &Judged, at: usize) -> bool {
    let net = judged.addends.len() >= 2 && judged.addends.iter().skip(1).all(|(_, sign)| *sign < 0);
    let more = lines.get(at + 1).is_some_and(|next| !next.heading && next.level > 0);
    lines[at].outer && net && more
}

/// Whether a line is the opening balance of an account.
fn opens_account(lines: &[Line], at: usize) -> bool {
    let Some(line) = lines.get(at).filter(|line| !line.heading) else { return false };
    let text = plain(numbered(&line.label).text);
    [
        "opening balance",
        "opening capital",
        "balance b d",
        "balance b f",
        "balance brought",
        "as per last",
        "balance as per last",
    ]
    .iter()
    .any(|w| text.contains(w))
}

/// Opens a heading at its depth.
fn push(open: &mut Vec<Open>, at: usize, text: String, depth: u8, style: Option<(Style, u32)>, indent: u8) {
    // `Liabilities` without `Equity and liabilities` above it is one side of the balance sheet.
    let depth = if depth == 1
        && plain(&text) == "liabilities"
        && !open.iter().any(|o| o.depth == 0 && plain(&o.text).contains("liabilities"))
    {
        0
    } else {
        depth
    };
    open.retain(|o| o.depth < depth);
    open.push(Open { text, depth, style, indent, at });
}

/// Opens a heading or, where a scan joined several into one, all of them.
fn headings(open: &mut Vec<Open>, at: usize, line: &Line, follows_heading: bool) {
    let pieces = pieces(&line.label);
    let glued = known_all(&plain(numbered(pieces.first().copied().unwrap_or_default()).text));
    match glued {
        Some(all) if all.len() > 1 || pieces.len() > 1 => {
            all.into_iter().for_each(|(text, depth)| push(open, at, text, depth, None, line.indent));
            for piece in &pieces[1..] {
                let number = numbered(piece).number;
                heading(open, at, &Line { label: (*piece).to_owned(), number, ..line.clone() }, true);
            }
        }
        _ => heading(open, at, line, follows_heading),
    }
}

fn heading(open: &mut Vec<Open>, at: usize, line: &Line, follows_heading: bool) {
    let text = line.label.trim_end_matches([':', '-', ' ']).to_owned();
    if let Some((_, depth)) = known(&plain(numbered(&text).text)) {
        push(open, at, text, depth, line.number, line.indent);
        return;
    }
    let same_style =
        |o: &Open| o.depth >= OTHER && o.style.map(|s| s.0) == line.number.map(|s| s.0) && o.indent >= line.indent;
    if let Some(sibling) = open.iter().position(same_style).filter(|_| !follows_heading || line.number.is_some()) {
        open.truncate(sibling);
    } else if !follows_heading {
        open.retain(|o| o.depth < OTHER || (o.indent < line.indent) || (o.style.is_some() && line.number.is_some()));
    }
    open.push(Open { text, depth: OTHER, style: line.number, indent: line.indent, at });
}

/// Closes a heading whose numbering the line continues, and a heading of financial items if the line cannot be one.
fn close_by_line(open: &mut Vec<Open>, line: &Line) {
    let text = plain(numbered(&line.label).text);
    let outside = [
        "deferred tax",
        "tax asset",
        "income tax",
        "tax liabilit",
        "other current asset",
        "other non current asset",
        "provisions",
        "other current liabilit",
        "other non current liabilit",
        "deferred revenue",
        "held for sale",
        "inventories",
    ];
    let number = line.number;
    let ends = |o: &Open| {
        let continues = match (o.style, number) {
            (Some((Style::Lower, 8)), Some((Style::Roman, 1))) => true,
            (Some((Style::Dash, _)), _) | (_, Some((Style::Dash, _))) => false,
            (Some((a, i)), Some((b, j))) => a == b && j > i,
            _ => false,
        };
        let financial = plain(&o.text).contains("financial");
        (o.depth >= 2 && continues) || (o.depth >= 3 && financial && outside.iter().any(|w| text.starts_with(w)))
    };
    if let Some(first) = open.iter().position(ends) {
        open.truncate(first);
    }
}

/// Closes the headings of the lines that a sum covers.
fn close_by_sum(open: &mut Vec<Open>, line: &Line, role: LineRole, from: usize) {
    let label = plain(&line.label);
    if role == LineRole::Total {
        open.clear();
        return;
    }
    let named = open.iter().rposition(|o| {
        let text = plain(numbered(&o.text).text);
        text.chars().count() > 3 && label.contains(&text)
    });
    if let Some(named) = named.filter(|i| open[*i].depth > 0 || label.starts_with("total")) {
        open.truncate(named);
        return;
    }
    // A heading directly above the first line of the sum belongs to the sum.
    let first = open.iter().position(|o| o.at + 1 >= from && o.depth > 1);
    if let Some(first) = first {
        open.truncate(first);
    }
}

/// Uses a sum's label as the heading of its lines where only the sum says when they fall due, e.g. because a scan garbled
/// the heading.
fn name_by_sum(paths: &mut [Vec<String>], lines: &[Line], summed: Range<usize>, label: &str) {
    let Some(name) = section_of_sum(label) else { return };
    let dated = |path: &Vec<String>| path.iter().any(|heading| plain(heading).contains("current"));
    let Some(paths) = paths.get_mut(summed.clone()) else { return };
    if lines[summed].iter().zip(paths.iter()).any(|(line, path)| !line.heading && dated(path)) {
        return;
    }
    for path in paths.iter_mut().filter(|path| !path.is_empty()) {
        // After the heading of the statement's side, before finer ones.
        path.insert(1, name.to_owned());
    }
}

/// Names what net current assets subtract, where no heading says that these are the liabilities.
fn name_by_net(paths: &mut [Vec<String>], lines: &[Line], judged: &[Judged], at: usize) {
    if !plain(numbered(&lines[at].label).text).starts_with("net current asset") {
        return;
    }
    for (sum, _) in judged[at].addends.iter().filter(|(_, sign)| *sign < 0) {
        let from = judged[*sum].from.unwrap_or(*sum);
        let printed = paths.iter_mut().zip(lines).take(*sum + 1).skip(from).filter(|(_, line)| !line.heading);
        for (path, _) in printed {
            if !path.iter().any(|heading| plain(heading).contains("liabilit")) {
                path.retain(|heading| !plain(heading).contains("current asset"));
                path.push("Current liabilities".to_owned());
            }
        }
    }
}

fn section_of_sum(label: &str) -> Option<&'static str> {
    let plain = plain(label);
    let non_current = plain.contains("non current");
    if plain.contains("current asset") {
        Some(if non_current { "Non-current assets" } else { "Current assets" })
    } else if plain.contains("current liabilit") {
        Some(if non_current { "Non-current liabilities" } else { "Current liabilities" })
    } else {
        None
    }
}

/// Whether a text between lines is a remark to the reader rather than a heading.
pub(crate) fn is_remark(label: &str) -> bool {
    let plain = plain(label);
    label.chars().count() > 120
        || label.starts_with('(') && numbered(label).number.is_none()
        || plain.starts_with("see accompanying")
        || plain.starts_with("the accompanying")
}

fn known(plain: &str) -> Option<(String, u8)> {
    let glued: String = plain.chars().filter(|c| c.is_alphabetic() || *c == '&').collect();
    KNOWN.iter().find(|(name, _)| *name == glued).map(|(_, depth)| (plain.to_owned(), *depth))
}

/// Splits a text into known headings, longest first; `None` if it contains anything else.
fn known_all(plain: &str) -> Option<Vec<(String, u8)>> {
    let glued: String = plain.chars().filter(|c| c.is_alphabetic() || *c == '&').collect();
    let mut rest = glued.as_str();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, depth) =
            KNOWN.iter().filter(|(name, _)| rest.starts_with(name)).max_by_key(|(name, _)| name.len())?;
        found.push((readable(name), *depth));
        rest = &rest[name.len()..];
    }
    (!found.is_empty()).then_some(found)
}

/// A known heading with its spaces restored.
fn readable(glued: &str) -> String {
    let spaced = match glued {
        "equityandliabilities" => "Equity and liabilities",
        "noncurrentassets" => "Non-current assets",
        "currentassets" => "Current assets",
        "noncurrentliabilities" => "Non-current liabilities",
        "currentliabilities" => "Current liabilities",
        "financialassets" => "Financial assets",
        "financialliabilities" => "Financial liabilities",
        "taxexpense" => "Tax expense",
        "othercomprehensiveincome" => "Other comprehensive income",
        "shareholdersfunds" => "Shareholders' funds",
        "assets" => "Assets",
        "equity" => "Equity",
        "liabilities" => "Liabilities",
        "income" => "Income",
        "expenses" => "Expenses",
        other => other,
    };
    spaced.to_owned()
}

/// Known headings that a scan joined to the front of a line's label, and one joined to its end.
fn embedded(label: &str) -> (Headings, Headings) {
    let parts = pieces(label);
    let Some((first, rest)) = parts.split_first() else { return (Vec::new(), Vec::new()) };
    if rest.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let before = known_all(&plain(numbered(first).text)).unwrap_or_default();
    let after = rest
        .last()
        .and_then(|l| known_all(&plain(numbered(l).text)))
        .filter(|_| rest.len() + usize::from(before.is_empty()) > 1);
    (before, after.unwrap_or_default())
}

/// A label split before each numbering in brackets.
fn pieces(label: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    for (at, _) in label.match_indices('(') {
        let inner = label[at + 1..].split(')').next().unwrap_or("");
        if at > 0 && inner.chars().count() <= 3 && numbered(&format!("({inner}) x")).number.is_some() {
            cuts.push(at);
        }
    }
    cuts.push(label.len());
    cuts.windows(2).map(|w| label[w[0]..w[1]].trim()).filter(|p| !p.is_empty()).collect()
}

#[cfg(test)]
mod tests;
