//! Pages of statements, and how they are put together.

use crate::draft::{Context, Draft, Stated};
use crate::flag::Flag;
use crate::place::Place;

/// One message: a statement, or a page of one.
pub(super) struct Page {
    pub draft: Draft,
    pub account: Option<String>,
    /// Statement number and page, e.g. `00007/002`.
    pub number: Option<String>,
    pub opening: Option<Stated>,
    pub closing: Option<Stated>,
    /// Whether it opens with the balance of the page before it (60M).
    pub begins_within: bool,
    /// Whether it closes with the balance for the next page (62M).
    pub ends_within: bool,
    /// The currencies of its balances.
    pub currencies: Vec<String>,
    /// Whether the next field 86 is about the last row.
    pub awaits_info: bool,
}

impl Page {
    /// A page of which nothing is known yet.
    pub fn new(line: u32) -> Self {
        Self {
            draft: Draft::new(Place::Line(line)),
            account: None,
            number: None,
            opening: None,
            closing: None,
            begins_within: false,
            ends_within: false,
            currencies: Vec::new(),
            awaits_info: false,
        }
    }

    /// The statement's number without its page, and the page.
    fn statement_and_page(&self) -> Option<(&str, u32)> {
        let (statement, page) = self.number.as_deref()?.split_once('/')?;
        Some((statement, page.trim().parse().ok()?))
    }

    /// Whether it is a later page of the statement that `first` begins.
    fn continues(&self, first: &Page) -> bool {
        let numbers = self.statement_and_page().zip(first.statement_and_page());
        let same = numbers.is_none_or(|((own, _), (other, _))| own == other);
        self.account == first.account && same
    }
}

/// Puts the pages of each statement together: a page that begins within a statement goes to the one that ended so.
pub(super) fn joined(pages: Vec<Page>, context: &mut Context<'_>) -> Vec<Draft> {
    let mut statements: Vec<(Page, Vec<usize>)> = Vec::new();
    for (number, page) in in_order(pages).into_iter().enumerate() {
        let open =
            statements.iter().rposition(|(first, _)| page.begins_within && first.ends_within && page.continues(first));
        match open {
            Some(at) => {
                statements[at].1.push(number);
                append(&mut statements[at].0, page);
            }
            None => statements.push((page, vec![number])),
        }
    }
    for row in &mut context.unread_rows {
        let position = statements.iter().position(|(_, pages)| row.statement.is_some_and(|page| pages.contains(&page)));
        row.statement = position;
    }
    statements.into_iter().map(|(page, _)| draft(page)).collect()
}

/// The pages of one statement one after the other, where its pages are numbered; else as they are.
fn in_order(pages: Vec<Page>) -> Vec<Page> {
    let key = |page: &Page| page.statement_and_page().map(|(statement, page)| (statement.to_owned(), page));
    let ordered = pages.windows(2).all(|pair| match (key(&pair[0]), key(&pair[1])) {
        (Some((a, first)), Some((b, second))) => a != b || pair[0].account != pair[1].account || first <= second,
        _ => true,
    });
    if ordered {
        return pages;
    }
    let mut firsts: Vec<(Option<String>, String)> = Vec::new();
    let mut keyed: Vec<(usize, u32, Page)> = Vec::new();
    for (position, page) in pages.into_iter().enumerate() {
        match key(&page) {
            Some((statement, number)) => {
                let group = (page.account.clone(), statement);
                let at = firsts.iter().position(|first| *first == group).unwrap_or_else(|| {
                    firsts.push(group);
                    firsts.len() - 1
                });
                keyed.push((at, number, page));
            }
            None => keyed.push((usize::MAX, u32::try_from(position).unwrap_or(u32::MAX), page)),
        }
    }
    keyed.sort_by_key(|(group, number, _)| (*group, *number));
    keyed.into_iter().map(|(_, _, page)| page).collect()
}

/// Adds the next page of a statement.
fn append(first: &mut Page, page: Page) {
    if let (Some(carried), Some(brought)) = (&first.closing, &page.opening)
        && carried.amount != brought.amount
    {
        first.draft.flags.push(Flag::PageMismatch {
            carried: carried.amount,
            brought: brought.amount,
            at: brought.at.clone(),
        });
    }
    first.closing = page.closing;
    first.ends_within = page.ends_within;
    first.currencies.extend(page.currencies);
    first.draft.rows.extend(page.draft.rows);
    first.draft.flags.extend(page.draft.flags);
    first.draft.totals.extend(page.draft.totals);
    first.draft.unread += page.draft.unread;
}

/// The statement of its pages.
fn draft(page: Page) -> Draft {
    let Page { mut draft, account, number, opening, closing, begins_within, ends_within, mut currencies, .. } = page;
    draft.account = account;
    draft.number = number;
    let at = draft.at.clone();
    if begins_within || ends_within {
        draft.flags.push(Flag::Incomplete { at: at.clone() });
    }
    if closing.is_none() && !draft.flags.iter().any(|flag| matches!(flag, Flag::NotUnderstood { .. })) {
        draft.flags.push(Flag::Truncated { at });
    }
    draft.in_order = true;
    // By the standard, field 60F repeats the closing balance of the statement before, with its date.
    draft.opens_after_day = true;
    draft.opening = opening;
    draft.closing = closing;
    currencies.dedup();
    draft.currency = currencies.first().cloned();
    if currencies.len() > 1 {
        draft.flags.push(Flag::CurrenciesMixed { currencies });
    }
    draft
}
