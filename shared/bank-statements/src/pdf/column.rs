//! The columns of a table on a page, by the boxes of their headings.

use super::line::{Line, Word};
use crate::date;
use crate::money;
use crate::table::{self, Role};

/// How far an amount's right edge may be from its heading's, in sizes of its letters.
const EDGE: f64 = 1.5;
/// The same for an amount that stands below no heading at all.
const EDGE_FAR: f64 = 6.0;
/// Words of a date: `27 de abril 2026`.
const DATE_WORDS_MAX: usize = 5;
/// Digits of an amount without any mark between them.
const WHOLE_DIGITS_MAX: usize = 9;
/// Words of a heading that can be one name.
const NAME_WORDS_MAX: usize = 5;

/// The roles of the cells of every record, whatever the order of the columns on the page: tables of one file differ.
pub(super) const ROLES: [Role; 16] = [
    Role::Date,
    Role::TransactionDate,
    Role::ValueDate,
    Role::Narration,
    Role::Counterparty,
    Role::Reference,
    Role::BankId,
    Role::Kind,
    Role::Amount,
    Role::Debit,
    Role::Credit,
    Role::Balance,
    Role::Currency,
    Role::Account,
    Role::Status,
    Role::Direction,
];

/// A heading: the columns of a table, and where they stand. Tables with few columns are printed several times beside each other.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub currency: Option<String>,
    columns: Vec<Column>,
    /// Left edges of the tables beside each other.
    tables: Vec<f64>,
}

#[derive(Clone, Debug)]
struct Column {
    role: Option<Role>,
    name: String,
    left: f64,
    right: f64,
}

impl Grid {
    /// The columns that a line names, or it and the one below together, and how many lines they take; `None` if it is no heading.
    pub fn of(line: &Line, below: Option<&Line>) -> Option<(Self, usize)> {
        let is_plain = |line: &Line| {
            line.words.iter().all(|word| money::parse(&word.text).is_none() && date::parse(&word.text).is_none())
        };
        if line.words.len() < 3 || !is_plain(line) {
            return None;
        }
        let own = Self::of_groups(&line.groups()).or_else(|| Self::of_groups(&names(line)));
        let near = |below: &&Line| below.page == line.page && below.top() - line.top() < 2.5 * line.words[0].size();
        let both = below.filter(near).filter(|below| is_plain(below)).and_then(|below| Self::of_both(line, below));
        match (own, both) {
            (Some(own), Some(both)) if both.known() >= own.known() => Some((both, 2)),
            (None, Some(both)) => Some((both, 2)),
            (own, _) => own.map(|own| (own, 1)),
        }
    }

    fn of_groups(groups: &[Vec<&Word>]) -> Option<Self> {
        let text = |group: &Vec<&Word>| group.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let mut currency = None;
        let column = |group: &Vec<&Word>| {
            let name = text(group);
            let (role, named) = table::role(&name);
            if role.is_some() {
                currency = currency.take().or(named);
            }
            let edge = |of: fn(&Word) -> f64, start: f64, pick: fn(f64, f64) -> f64| {
                group.iter().map(|word| of(word)).fold(start, pick)
            };
            Column {
                role,
                name,
                left: edge(|word| word.left, f64::MAX, f64::min),
                right: edge(|word| word.right, 0.0, f64::max),
            }
        };
        let mut columns: Vec<Column> = groups.iter().map(column).collect();
        let has = |roles: &[Role]| columns.iter().any(|column| column.role.is_some_and(|role| roles.contains(&role)));
        if !has(&[Role::Date, Role::TransactionDate, Role::ValueDate])
            || !has(&[Role::Amount, Role::Debit, Role::Credit])
        {
            return None;
        }
        let roles: Vec<Option<Role>> = columns.iter().map(|column| column.role).collect();
        let width = (2..=roles.len() / 2).find(|width| {
            roles.len().is_multiple_of(*width) && roles.chunks(*width).all(|chunk| *chunk == roles[..*width])
        });
        let tables = columns.iter().step_by(width.unwrap_or(roles.len())).map(|column| column.left).collect();
        // A table has one booking date; where a column is named like the date and another is one, the first is the date.
        let mut seen = false;
        for column in
            columns.iter_mut().take(width.unwrap_or(roles.len())).filter(|column| column.role == Some(Role::Date))
        {
            if std::mem::replace(&mut seen, true) {
                column.role = Some(Role::ValueDate);
            }
        }
        Some(Self { currency, columns, tables })
    }

    /// A heading of two lines: what stands below a name goes on with it.
    fn of_both(line: &Line, below: &Line) -> Option<Self> {
        let mut groups = line.groups();
        let lower = below.groups();
        for group in &lower {
            let (left, right) = (group.first()?.left, group.last()?.right);
            let over = groups.iter_mut().find(|upper| {
                let edges = upper.first().zip(upper.last());
                edges.is_some_and(|(first, last)| first.left < right && left < last.right)
            });
            match over {
                Some(upper) => upper.extend(group.iter().copied()),
                None => return None,
            }
        }
        let grid = Self::of_groups(&groups)?;
        // Every name that goes on must be known as a whole: otherwise the line below is none of the heading.
        let is_known = |group: &Vec<&Word>| {
            let text = group.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            group.iter().all(|word| word.top < below.top() - 0.5) || table::role(&text).0.is_some()
        };
        groups.iter().all(is_known).then_some(grid)
    }

    fn known(&self) -> usize {
        self.columns.iter().filter(|column| column.role.is_some()).count()
    }

    /// The headings that are not known.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.role.is_none()).map(|column| column.name.as_str())
    }

    /// Whether amounts have one column without anything for their direction.
    pub fn is_undirected(&self) -> bool {
        let has = |role| self.columns.iter().any(|column| column.role == Some(role));
        !has(Role::Debit) && !has(Role::Credit) && !has(Role::Direction)
    }

    /// The cells of a line in the order of [`ROLES`], for each of the tables beside each other.
    pub fn records(&self, line: &Line) -> Vec<Vec<String>> {
        let units = units(line);
        let slack = units.first().map_or(1.0, Word::size) / 2.0;
        let width = self.columns.len() / self.tables.len().max(1);
        let of_table = |(number, left): (usize, &f64)| {
            let columns = &self.columns[number * width..(number + 1) * width];
            let from = if number == 0 { f64::MIN } else { left - slack };
            let to = self.tables.get(number + 1).map_or(f64::MAX, |next| next - slack);
            let own: Vec<&Word> = units.iter().filter(|unit| unit.left >= from && unit.left < to).collect();
            cells(columns, &own)
        };
        self.tables.iter().enumerate().map(of_table).collect()
    }
}

/// The cells of some words: dates first, amounts by their right edge, other words by their left one.
fn cells(columns: &[Column], words: &[&Word]) -> Vec<String> {
    let mut cells = vec![String::new(); ROLES.len()];
    let mut put = |role: Option<Role>, text: &str| {
        let Some(cell) = ROLES.iter().position(|own| Some(*own) == role).and_then(|at| cells.get_mut(at)) else {
            return;
        };
        if !cell.is_empty() {
            cell.push(' ');
        }
        cell.push_str(text);
    };
    let mut rest = words;
    for column in columns.iter().filter(|column| is_date(column)) {
        let date_of = |length: &usize| {
            let text = rest[..*length].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            date::parse(&text)
        };
        let is_whole = |date| !matches!(date, date::Printed::Yearless { .. } | date::Printed::YearlessNumbers(_));
        let lengths = || 1..=DATE_WORDS_MAX.min(rest.len());
        // A number and a word of a narration are no date without a year, unless they stand below the heading.
        let below_heading = rest.first().is_some_and(|first| first.left < column.right);
        let length = lengths()
            .find(|length| date_of(length).is_some_and(is_whole))
            .or_else(|| lengths().find(|length| below_heading && date_of(length).is_some()));
        // Words below the heading of dates that are none are not left out: they say that a date was not understood.
        let below = |word: &&&Word| word.left < column.right && word.right > column.left;
        let length = length.unwrap_or_else(|| rest.iter().take_while(below).count());
        for word in &rest[..length] {
            put(column.role, &word.text);
        }
        rest = &rest[length..];
    }
    for word in rest {
        let amount = if money::parse(&word.text).is_some() { amount_column(columns, word) } else { None };
        let column = amount.or_else(|| text_column(columns, word));
        put(column.map_or(Some(Role::Narration), |column| column.role), &word.text);
    }
    cells
}

fn is_date(column: &Column) -> bool {
    matches!(column.role, Some(Role::Date | Role::TransactionDate | Role::ValueDate))
}

fn is_amount(column: &Column) -> bool {
    matches!(column.role, Some(Role::Amount | Role::Debit | Role::Credit | Role::Balance))
}

/// The column of amounts that a word belongs to: the one whose right edge is near, else the one it overlaps most, else one not far.
fn amount_column<'a>(columns: &'a [Column], word: &Word) -> Option<&'a Column> {
    let digits = word.text.chars().filter(char::is_ascii_digit).count();
    let has_cents = word.text.contains(['.', ',']);
    // A long number without marks is that of an account or a form.
    if !has_cents && digits > WHOLE_DIGITS_MAX {
        return None;
    }
    let amounts = || columns.iter().filter(|column| is_amount(column));
    let edge = |column: &Column| (column.right - word.right).abs();
    let overlap = |column: &Column| column.right.min(word.right) - column.left.max(word.left);
    let nearest = amounts().min_by(|one, other| edge(one).total_cmp(&edge(other)))?;
    if edge(nearest) <= EDGE * word.size() {
        return Some(nearest);
    }
    let most = amounts().max_by(|one, other| overlap(one).total_cmp(&overlap(other)))?;
    if overlap(most) > 0.0 {
        return Some(most);
    }
    // A number in a column of text, e.g. that of a cheque, is no amount.
    let within_text = columns.iter().any(|column| !is_amount(column) && overlap(column) > 0.0);
    (!within_text && has_cents && edge(nearest) <= EDGE_FAR * word.size()).then_some(nearest)
}

/// The column of text that a word belongs to: the last one that begins at or before it, else the first.
fn text_column<'a>(columns: &'a [Column], word: &Word) -> Option<&'a Column> {
    let text = || columns.iter().filter(|column| !is_amount(column) && !is_date(column));
    text().rev().find(|column| column.left <= word.left + word.size() / 2.0).or_else(|| text().next())
}

/// The words of a heading put together to known names: the longest first.
fn names(line: &Line) -> Vec<Vec<&Word>> {
    let mut names = Vec::new();
    let mut at = 0;
    while at < line.words.len() {
        let most = NAME_WORDS_MAX.min(line.words.len() - at);
        let known = (1..=most).rev().find(|length| {
            let text = line.words[at..at + length].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            table::role(&text).0.is_some()
        });
        let length = known.unwrap_or(1);
        names.push(line.words[at..at + length].iter().collect());
        at += length;
    }
    names
}

/// The words of a line, with the marks beside an amount put to it: `1,250.00 Cr`, `$ 12.50`, `- 5.00`.
fn units(line: &Line) -> Vec<Word> {
    let mut units: Vec<Word> = Vec::new();
    for word in &line.words {
        if let Some(last) = units.last_mut() {
            let near = word.left - last.right <= 1.2 * word.size();
            let joined = format!("{} {}", last.text, word.text);
            // One of the two is digits and the other is not, and together they are an amount.
            let digits = |text: &str| text.chars().any(|c| c.is_ascii_digit());
            if near
                && digits(&last.text) != digits(&word.text)
                && money::parse(&joined).is_some()
                && is_mark(&last.text, &word.text)
            {
                *last = Word {
                    text: joined,
                    right: word.right,
                    top: last.top.min(word.top),
                    bottom: last.bottom.max(word.bottom),
                    left: last.left,
                };
                continue;
            }
        }
        units.push(word.clone());
    }
    units
}

/// Whether the one without digits is a mark: short, and no word of a narration such as `FEE 12.50`.
fn is_mark(one: &str, other: &str) -> bool {
    let word = if one.chars().any(|c| c.is_ascii_digit()) { other } else { one };
    let side = matches!(word.trim_end_matches('.').to_ascii_uppercase().as_str(), "CR" | "DR" | "C" | "D");
    // A side stands after the amount, signs and currencies stand on either side.
    (side && word == other)
        || matches!(word, "$" | "€" | "£" | "₹" | "-" | "+" | "Rs" | "Rs." | "EUR" | "USD" | "INR" | "GBP" | "\u{2212}")
}
