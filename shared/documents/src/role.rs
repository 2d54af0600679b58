//! Decides what each line is within its statement: an item, a sum of other lines, or a repetition.
//!
//! The label suggests the role, and [`tree`] finds the reading in which most printed sums add up.

mod balance;
mod hint;
mod twin;

use crate::label::{numbered, plain};
use crate::page::{self, Page};
use crate::panel::Line;
use crate::tree::{self, Class, Form, Found, Leaf, Part};
use domain::statement::{LineRole, StatementKind};
use hint::{
    Hint, ends_in_formula, hint, is_bare_total, is_below_results, is_contra, is_grand, is_income, is_memo_heading,
    is_of_which, is_sum, names_ratio, result,
};
use rust_decimal::Decimal;

/// How many lines of a statement are compared as transfers.
const TRANSFERS_MAX: usize = 40;

/// The role of a line, and the lines that it adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Role.
    pub role: LineRole,
    /// Index of the first line that it sums up, when it is a sum of lines above it.
    pub from: Option<usize>,
    /// Indexes of the lines that it adds up, with their signs.
    pub addends: Vec<(usize, i8)>,
    /// Index of the line above that it breaks up.
    pub group: Option<usize>,
    /// Whether it counts in place of lines that are plainly its own but do not add up to it.
    pub doubtful: bool,
}

/// One side of an account with two sides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Side<'a> {
    /// Whether it is one side.
    pub is_one: bool,
    /// Words above its labels, e.g. `Liabilities`.
    pub name: Option<&'a str>,
    /// Indexes of its lines whose amounts the other side prints too, as its total.
    pub totals: &'a [usize],
    /// Indexes of its lines that are carried from one part of the account to the next.
    pub carried: &'a [usize],
}

/// Decides the roles of all lines of a statement.
#[must_use]
pub fn judge(lines: &[Line], kind: StatementKind, side: Side<'_>) -> Vec<Judged> {
    let opposite = balance::opposite(lines, kind, side.name);
    let leaves = leaves(lines, kind, side, &opposite);
    let form = Form { two_sided: side.is_one, is_income: kind == StatementKind::ProfitAndLoss };
    let found = tree::find(&leaves, form);
    let last = lines.iter().zip(&found).rposition(|(l, f)| !l.heading && f.part != Part::Memo);
    let role = |at: usize, found: &Found| match (found.part, leaves[at].class) {
        (Part::Memo, _) => LineRole::Memo,
        (Part::Sum, Class::Grand) if kind != StatementKind::ProfitAndLoss => LineRole::Total,
        (Part::Sum, Class::Result { last: true }) => LineRole::Total,
        (Part::Sum, Class::Outer | Class::Result { .. }) => LineRole::Subtotal,
        (Part::Sum, class) if ends_statement(lines, at, kind, class, found, Some(at) == last) => LineRole::Total,
        (Part::Sum, _) => LineRole::Subtotal,
        (Part::Item, _) => LineRole::Item,
    };
    let mut roles: Vec<LineRole> = found.iter().enumerate().map(|(at, f)| role(at, f)).collect();
    for at in brought_down(lines, kind, side.is_one) {
        roles[at] = LineRole::Subtotal;
    }
    // The signs of addends apply to the amounts as printed.
    let turned = |at: usize, line: usize, sign: i8| if opposite[at] == opposite[line] { sign } else { -sign };
    let judged = |(at, (found, role)): (usize, (Found, LineRole))| Judged {
        role,
        from: found.from,
        addends: found.addends.into_iter().map(|(line, sign)| (line, turned(at, line, sign))).collect(),
        group: found.group,
        doubtful: found.doubtful,
    };
    found.into_iter().zip(roles).enumerate().map(judged).collect()
}

/// The lines that repeat the cost of production further down, in a statement that calculates it before the gross profit.
fn brought_down(lines: &[Line], kind: StatementKind, is_one: bool) -> Vec<usize> {
    if kind != StatementKind::ProfitAndLoss || is_one {
        return Vec::new();
    }
    let transfers: Vec<usize> = (0..lines.len())
        .filter(|at| !lines[*at].heading && is_transfer(&lines[*at].label))
        .take(TRANSFERS_MAX)
        .collect();
    let filled = |at: usize| lines[at].figures.iter().flatten().any(|f| !f.amount.is_zero());
    let repeats = |at: usize| {
        let mut above = transfers.iter().take_while(|other| **other < at);
        filled(at) && above.any(|other| amounts(&lines[*other]) == amounts(&lines[at]))
    };
    transfers.iter().copied().filter(|at| repeats(*at)).collect()
}

/// Whether a sum is the total of a statement or of one half of it, by its place.
fn ends_statement(lines: &[Line], at: usize, kind: StatementKind, class: Class, found: &Found, is_last: bool) -> bool {
    let total = matches!(class, Class::Sum { bare: true } | Class::Unlabelled);
    if !found.whole || kind == StatementKind::ProfitAndLoss {
        return false;
    }
    if is_last {
        let text = plain(numbered(&lines[at].label).text);
        let of_a_part = text.contains("sub total") || text.contains("subtotal") || text.contains("current");
        return total || kind == StatementKind::BalanceSheet && found.addends.len() >= 2 && !of_a_part;
    }
    kind == StatementKind::BalanceSheet && total && ends_half(lines, at)
}

/// Whether the other half of a balance sheet, or nothing, follows a line.
fn ends_half(lines: &[Line], at: usize) -> bool {
    const HALVES: &[&str] =
        &["assets", "application of funds", "applications of funds", "sources of funds", "liabilities and equity"];
    let Some(next) = lines.get(at + 1) else { return true };
    let text = plain(numbered(&next.label).text);
    next.heading && (HALVES.contains(&text.as_str()) || text.starts_with("equity and liab"))
}

/// The lines as the search for sums sees them.
fn leaves(lines: &[Line], kind: StatementKind, side: Side<'_>, opposite: &[bool]) -> Vec<Leaf> {
    let pages = page::find(lines);
    let hints: Vec<Hint> = hints(lines, kind, &pages);
    // An account of income has a total for each of its parts, a balance sheet one for each side.
    let totals = match side.totals {
        [.., last] if kind == StatementKind::BalanceSheet => std::slice::from_ref(last),
        totals => totals,
    };
    let twins = if side.is_one { Vec::new() } else { twin::find(lines, &hints, kind) };
    let brought_down = brought_down(lines, kind, side.is_one);
    let mut income = None;
    let mut headings: Vec<Heading> = Vec::new();
    let mut leaves: Vec<Leaf> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let text = plain(numbered(&line.label).text);
        if line.heading {
            income = is_income(&text).or(if is_deduction(&line.label) { Some(false) } else { income });
        }
        let class = match hints[at] {
            _ if line.heading => heading(&line.label, &text),
            _ if line.repeats || pages[at] == Some(Page::Repeats) => Class::Memo,
            Hint::Sum { bare } if pages[at] == Some(Page::Sum) => Class::Sum { bare },
            _ if totals.contains(&at) || twins.contains(&at) => Class::Grand,
            _ if line.outer => Class::Outer,
            _ if brought_down.contains(&at) => Class::Plain,
            _ if side.carried.contains(&at) => Class::Result { last: false },
            Hint::Grand => Class::Grand,
            Hint::Sum { bare: true } if kind == StatementKind::BalanceSheet && ends_half(lines, at) => Class::Grand,
            Hint::Result { last } => Class::Result { last },
            Hint::Sum { bare } => Class::Sum { bare },
            Hint::Memo => Class::Memo,
            Hint::OfWhich => Class::OfWhich,
            Hint::Ratio { named } => ratio(line, named),
            Hint::Unlabelled => Class::Unlabelled,
            Hint::Plain => Class::Plain,
        };
        if line.heading {
            headings.push(Heading { at, text: plain(numbered(line.label.trim_end_matches([':', '-', ' '])).text) });
        }
        let is_sum = matches!(class, Class::Sum { .. });
        let names = is_sum.then(|| named_heading(lines, &headings, &line.label, &text)).flatten();
        leaves.push(Leaf {
            amounts: if opposite[at] { negated(amounts(line)) } else { amounts(line) },
            class,
            less: is_deduction(&line.label) || brought_down.contains(&at),
            contra: !line.heading && is_contra(&text, kind),
            income: is_income(&text).or(income),
            level: line.level,
            indent: line.indent,
            bold: line.bold,
            number: line.number,
            names,
        });
    }
    leaves
}

fn heading(label: &str, text: &str) -> Class {
    let account = matches!(text, "opening balance" | "current period" | "current year" | "less transferred");
    let remark = crate::section::is_remark(label) || is_of_which(text) || is_empty_sum(label) || account;
    Class::Heading { less: is_deduction(label), remark }
}

/// Hints by wording. Below the profit of the year, published results repeat it.
fn hints(lines: &[Line], kind: StatementKind, pages: &[Option<Page>]) -> Vec<Hint> {
    let (mut after_result, mut memo_heading) = (false, false);
    let mut hints = Vec::with_capacity(lines.len());
    for (line, page) in lines.iter().zip(pages) {
        let text = plain(&line.label);
        let below_results = kind == StatementKind::ProfitAndLoss && after_result;
        let own = match page {
            Some(Page::Repeats) => Hint::Memo,
            // What is brought forward may be the total of a page that is not here.
            Some(Page::Sum) => Hint::Sum { bare: page::carry(&line.label).is_some_and(|c| !c.brought) },
            None => hint(&line.label, kind),
        };
        if line.heading {
            memo_heading = is_memo_heading(&text);
            hints.push(Hint::Plain);
            continue;
        }
        let own =
            if own == Hint::Plain && totals_block(&hints, lines, &text) { Hint::Sum { bare: false } } else { own };
        let starts_memo = below_results && is_memo_heading(&text);
        memo_heading |= starts_memo;
        let repeated = matches!(own, Hint::Plain | Hint::Unlabelled | Hint::Sum { bare: true });
        let repeats = below_results && (memo_heading && repeated || is_below_results(&text));
        after_result |= matches!(own, Hint::Result { last: true });
        hints.push(if starts_memo || repeats { Hint::Memo } else { own });
    }
    hints
}

/// Whether a line is the gross block at the end of the year, below what was added to the one at its beginning.
fn totals_block(above: &[Hint], lines: &[Line], text: &str) -> bool {
    let before = lines.get(..above.len()).unwrap_or_default().iter().rev().filter(|line| !line.heading).take(3);
    let mut labels = before.map(|line| plain(numbered(&line.label).text));
    let is_change = |label: &String| {
        ["addition", "add ", "deletion", "deduction", "less ", "disposal", "sale"].iter().any(|w| label.starts_with(w))
    };
    let is_block = |label: &str| label.starts_with("gross block") || label.starts_with("opening gross");
    is_block(text) && labels.next().is_some_and(|label| is_change(&label)) && labels.any(|label| is_block(&label))
}

/// Whether the amounts of a line whose label has a `%` can be ratios.
fn ratio(line: &Line, named: bool) -> Class {
    let hundred = Decimal::ONE_HUNDRED;
    let large = line.figures.iter().flatten().any(|f| f.amount.abs() > hundred * Decimal::TEN);
    if named && !large { Class::Memo } else { Class::Ratio }
}

/// A heading, with the words that labels of sums repeat.
struct Heading {
    at: usize,
    text: String,
}

/// How many headings above a sum its label may name.
const NAMED_MAX: usize = 24;

/// The nearest heading above whose words the label of a sum repeats, or whose letter it names.
fn named_heading(lines: &[Line], headings: &[Heading], label: &str, text: &str) -> Option<usize> {
    let letter = label.trim_end_matches([')', ']', ' ']).rsplit(['(', '[', ' ']).next().unwrap_or_default();
    let numbered_so = numbered(&format!("({letter}) x")).number.filter(|_| letter.chars().count() <= 3);
    let mut best: Option<(usize, usize)> = None;
    for heading in headings.iter().rev().take(NAMED_MAX) {
        let length = heading.text.chars().count();
        if length >= 4 && text.contains(&heading.text) && best.is_none_or(|(_, longest)| longest < length) {
            best = Some((heading.at, length));
        }
        if best.is_none() && numbered_so.is_some() && lines[heading.at].number == numbered_so {
            best = Some((heading.at, 1));
        }
    }
    best.map(|(at, _)| at)
}

/// Whether a label names a result of the income statement, which ends every section above it.
#[must_use]
pub fn is_result(label: &str) -> bool {
    result(&plain(numbered(label).text)).is_some()
}

/// Whether a text names a profit before or after something, which a title never does.
#[must_use]
pub fn names_profit(text: &str) -> bool {
    let plain = plain(numbered(text).text);
    let named = plain.contains(" before ") || plain.contains(" after ") || ends_in_formula(text);
    named && (result(&plain).is_some() || ends_in_formula(text))
}

/// Whether a row without figures is a sum whose figures are missing, rather than a heading.
#[must_use]
pub fn is_empty_sum(label: &str) -> bool {
    let plain = plain(numbered(label).text);
    // `Net worth` is a heading on the form.
    (is_sum(&plain) && !plain.starts_with("net worth")) || names_ratio(&plain) || names_profit(label)
}

/// Whether a label says that its amount is deducted.
#[must_use]
pub fn is_deduction(label: &str) -> bool {
    let plain = plain(numbered(label).text);
    plain.starts_with("less ") && !plain.starts_with("less than") || plain.starts_with("deduct") || plain == "less"
}

/// Whether a label names a total of a balance sheet or of one side of it, or has no words.
#[must_use]
pub fn may_end_side(label: &str) -> bool {
    let plain = plain(numbered(label).text);
    plain.is_empty() || is_sum(&plain) || is_grand(&plain)
}

/// Whether a label says that its amount is carried down (`false`) or brought down (`true`).
#[must_use]
pub fn is_carried(label: &str) -> Option<bool> {
    let plain = plain(label);
    let ends = |list: &[&str]| list.iter().any(|w| plain.strip_suffix(w).is_some_and(|rest| rest.ends_with(' ')));
    if ends(&["c d", "c o", "c f", "carried down", "carried over", "carried forward"]) {
        Some(false)
    } else if ends(&["b d", "b o", "b f", "brought down", "brought over", "brought forward"]) {
        Some(true)
    } else {
        None
    }
}

/// Whether a label says that its amount is transferred from one part of an account to another: the cost of what was
/// produced, or nothing but the name of the other part.
#[must_use]
pub fn is_transfer(label: &str) -> bool {
    let plain = plain(numbered(label).text);
    let text = ["to ", "by "].iter().find_map(|p| plain.strip_prefix(p)).unwrap_or(&plain);
    let costs = ["cost of production", "cost of goods manufactured", "cost of goods produced", "cost of manufactur"];
    let more = ["cost of finished goods", "works cost", "factory cost", "cost of output", "value of production"];
    let parts = ["trading", "manufacturing", "production", "profit & loss", "profit and loss", "p & l", "p&l"];
    let named = |part: &&str| {
        let rest = text.strip_prefix(part).map(str::trim_start);
        rest.is_some_and(|rest| {
            ["a c", "ac", "account"].iter().any(|w| rest == *w || rest.starts_with(&format!("{w} ")))
        })
    };
    costs.iter().chain(&more).any(|w| text.contains(w)) || parts.iter().any(named)
}

/// Whether a label says that it is the total of a side.
#[must_use]
pub fn ends_side(label: &str) -> bool {
    let plain = plain(numbered(label).text);
    !plain.is_empty() && (is_bare_total(&plain) || is_grand(&plain))
}

fn negated(amounts: Vec<Option<Decimal>>) -> Vec<Option<Decimal>> {
    amounts.into_iter().map(|amount| amount.map(|amount| -amount)).collect()
}

fn amounts(line: &Line) -> Vec<Option<Decimal>> {
    line.figures.iter().map(|f| f.as_ref().map(|f| f.amount)).collect()
}
