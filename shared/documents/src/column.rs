//! Describes the figure columns of a block by their headings.

mod head;
mod period;

use crate::grid::{Merge, Row};
use crate::heading::{self, Facts, When};
use crate::{kind, results};
use domain::statement::{Basis, Column, ColumnKind, Question, Subject};
use head::Head;
use jiff::civil::Date;

/// Facts from the titles, for columns whose headings lack them.
#[derive(Clone, Debug, Default)]
pub struct Fallback {
    /// Day that the titles name.
    pub date: Option<Date>,
    /// Kind that the titles name.
    pub kind: Option<ColumnKind>,
    /// A title that speaks of an audit in words that are not understood.
    pub doubtful_kind: Option<String>,
    /// Basis that the titles name.
    pub basis: Option<Basis>,
    /// Months that the titles name.
    pub months: Option<u8>,
    /// Whether the titles name the months, also if they are twelve.
    pub names_months: bool,
    /// Whether the titles speak of a period without saying how long it is.
    pub open_period: bool,
    /// Whether the dates of the titles have the day before the month.
    pub day_first: Option<bool>,
    /// Day on which the borrower was formed, if a text of the sheet says so.
    pub formed: Option<Date>,
}

impl Fallback {
    /// Reads titles, the nearest last.
    #[must_use]
    pub fn from_titles(titles: &[String]) -> Self {
        let mut found = Self::default();
        for (title, facts) in titles.iter().map(|t| (t, heading::parse(t))) {
            found.day_first = facts.day_first.or(found.day_first);
            let settled: Vec<When> = facts.periods.iter().map(|w| period::settle(*w, found.day_first)).collect();
            if dates_figures(title, &facts) {
                found.date = settled.iter().rev().find_map(|w| period::day(*w)).or(found.date);
            }
            if facts.kind.is_some() || facts.doubtful_kind {
                found.kind = facts.kind;
                found.doubtful_kind = facts.doubtful_kind.then(|| title.clone());
            }
            found.basis = facts.basis.or(found.basis);
            found.open_period |= facts.open_period;
            if let Some(months) = facts.months {
                found.open_period = false;
                found.names_months = true;
                found.months = Some(months).filter(|m| *m != 12).or(found.months);
            }
        }
        found
    }
}

impl Fallback {
    /// The months of a column that ends on this day, by the titles. `Nine months ended 31.12.2024` says nothing of a column
    /// to 31.03.2024.
    fn months_to(&self, end: Option<Date>, columns: usize) -> Option<u8> {
        let same = |day: Date, end: Date| (day.month(), day.day()) == (end.month(), end.day());
        let applies = self.date.zip(end).is_none_or(|(day, end)| same(day, end));
        self.months.filter(|_| columns <= 2 && applies)
    }

    /// The kind of a column that ends on this day, by the titles. Beside provisional, estimated or projected figures, those
    /// of earlier years are of a kind that the title does not name.
    fn kind_to(&self, end: Option<Date>) -> Option<ColumnKind> {
        let earlier = self.date.zip(end).is_some_and(|(day, end)| end < day);
        self.kind.filter(|kind| *kind == ColumnKind::Audited || !earlier)
    }
}

/// Whether the date in a title is that of the figures below, and not of the title's own sentence.
fn dates_figures(title: &str, facts: &Facts) -> bool {
    const WORDS: [&str; 10] =
        ["as of", "ended", "ending", "year", "fy", "period", "statement", "accounts", "months", "annual"];
    let plain = crate::label::plain(title);
    let has =
        |word: &&str| plain.split(' ').any(|w| w.starts_with(*word)) || (word.contains(' ') && plain.contains(*word));
    facts.as_at || facts.only_heading_words || kind::is_title(title) || WORDS.iter().any(has)
}

/// The figure columns of a block, and what their headings say that was not understood.
#[derive(Debug, Default)]
pub struct Described {
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// Questions about them, by their place.
    pub questions: Vec<Question>,
}

/// Describes the figure columns `columns` by the heading rows above them. The first `titled` rows are above a title of the
/// block, so their dates give way to any nearer one.
#[must_use]
pub fn describe(headers: &[&Row], titled: usize, columns: &[u32], merges: &[Merge], fallback: &Fallback) -> Described {
    let mut heads: Vec<Vec<Head>> = headers.iter().map(|row| head::of_row(row, columns, merges)).collect();
    period::drop_dates_of_titles(&mut heads, headers, titled, columns, fallback);
    let mut own: Vec<Vec<&Head>> = vec![Vec::new(); columns.len()];
    let dated: Vec<Vec<Option<usize>>> = heads.iter().map(|row| head::by_column(row, columns)).collect();
    let groups = head::groups(&heads, &dated, columns.len());
    for (row, places) in heads.iter().zip(dated) {
        let places = if places.iter().all(Option::is_none) || head::spans(row) {
            head::spread(row, columns, &groups).unwrap_or(places)
        } else {
            places
        };
        for (at, head) in places.into_iter().enumerate().filter_map(|(at, h)| h.map(|h| (at, &row[h]))) {
            own[at].push(head);
        }
    }
    let day_first = heads.iter().flatten().find_map(|h| h.facts.day_first).or(fallback.day_first);
    let count = columns.len();
    let mut described: Vec<Column> =
        own.iter().enumerate().map(|(at, heads)| column(heads, fallback, day_first, (at, count))).collect();
    // Columns with the same heading and no date are an inner and an outer column, both for the date in the titles.
    let alike = |columns: &[Column]| columns.iter().all(|c| c.period_end.is_none() && c.heading == columns[0].heading);
    if alike(&described) && !own.iter().flatten().any(|h| period::is_doubtful(h, day_first)) {
        described.iter_mut().for_each(|c| c.period_end = fallback.date);
    }
    let named = heads.iter().flatten().filter_map(|head| head.facts.basis);
    results::complete(&mut described, &named.collect::<Vec<_>>());
    let mut questions: Vec<Question> = own
        .iter()
        .enumerate()
        .flat_map(|(at, heads)| questions(at, heads, &described[at], fallback, day_first))
        .collect();
    questions.extend(period::open(&own, &described, fallback));
    Described { columns: described, questions }
}

fn column(heads: &[&Head], fallback: &Fallback, day_first: Option<bool>, (at, count): (usize, usize)) -> Column {
    let mut texts: Vec<&str> = Vec::new();
    for head in heads {
        if !texts.contains(&head.text.as_str()) {
            texts.push(&head.text);
        }
    }
    let relative = heads.iter().find_map(|h| h.facts.relative);
    let undated = heads.iter().all(|h| h.facts.periods.is_empty() && !h.facts.doubtful_period);
    let bare = undated && (relative.is_some() || count == 1 || (count == 2 && texts.is_empty() && at == 0));
    let from_titles = || if bare { fallback.date.and_then(|d| years_on(d, relative.unwrap_or(0))) } else { None };
    let kind = heads.iter().find(|h| h.facts.kind.is_some() || h.facts.doubtful_kind);
    let end = period::end(heads, day_first).or_else(from_titles);
    Column {
        heading: texts.join(" "),
        period_end: end,
        months: heads.iter().find_map(|h| h.facts.months).or_else(|| fallback.months_to(end, count)).unwrap_or(12),
        kind: kind.map_or_else(|| fallback.kind_to(end), |h| h.facts.kind).unwrap_or(ColumnKind::Unstated),
        basis: heads.iter().find_map(|h| h.facts.basis).or(fallback.basis).unwrap_or(Basis::Unstated),
    }
}

/// What the headings of one column say that was not understood.
fn questions(
    at: usize,
    heads: &[&Head],
    column: &Column,
    fallback: &Fallback,
    day_first: Option<bool>,
) -> Vec<Question> {
    let ask = |subject, cell: Option<String>, printed: &str| Question {
        subject,
        column: Some(at),
        cell,
        printed: printed.to_owned(),
    };
    let of_head = |subject, head: &Head| ask(subject, Some(head.cell.clone()), &head.text);
    let mut questions = Vec::new();
    if column.period_end.is_none()
        && let Some(head) = heads.iter().find(|h| period::is_doubtful(h, day_first))
    {
        questions.push(of_head(Subject::Period, head));
    }
    match heads.iter().find(|h| h.facts.kind.is_some() || h.facts.doubtful_kind) {
        Some(head) if head.facts.doubtful_kind => questions.push(of_head(Subject::Kind, head)),
        None => questions.extend(fallback.doubtful_kind.as_deref().map(|title| ask(Subject::Kind, None, title))),
        Some(_) => {}
    }
    questions
}

fn years_on(date: Date, years: i16) -> Option<Date> {
    let moved = Date::new(date.year() + years, date.month(), 1).ok()?;
    if date == date.last_of_month() {
        Some(moved.last_of_month())
    } else {
        Date::new(moved.year(), moved.month(), date.day()).ok()
    }
}
