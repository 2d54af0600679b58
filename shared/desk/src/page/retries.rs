//! The result of retrying all orders of a cause.

use askama::Template;
use domain::id::{OrderId, RunNumber};
use domain::person::Role;
use jiff::Timestamp;

use crate::frame::{Frame, Section};
use crate::word::Look;
use crate::{asset, html, icon, text, word};

/// `GET /retries/{id}`: the result per order. With `fragment=results` the answer is [`RetriesPage::results`], which the page
/// asks for until all orders are done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetriesPage {
    /// Around it.
    pub frame: Frame,
    /// Identity of the bulk retry.
    pub id: String,
    /// The cause whose orders are retried.
    pub code: String,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How many orders it is about.
    pub expected: u32,
    /// The orders that are done.
    pub results: Vec<RetryResult>,
    /// Whether no more results follow.
    pub is_finished: bool,
}

/// What became of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryResult {
    /// The order.
    pub order_id: OrderId,
    /// What became of it.
    pub outcome: RetryOutcome,
}

/// What became of one order of a bulk retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It is retried in this run.
    Retried(RunNumber),
    /// It was no longer failed.
    NoLongerFailed,
    /// It failed of another cause, or somebody else changed it at the same time.
    Changed,
    /// It could not be retried; says why and what to do.
    NotReached(String),
}

impl RetryOutcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Retried(_) => "Retried",
            Self::NoLongerFailed => "No longer failed",
            Self::Changed => "Changed meanwhile",
            Self::NotReached(_) => "Not reached",
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Retried(_) => "good",
            Self::NoLongerFailed => "quiet",
            Self::Changed => "wait",
            Self::NotReached(_) => "bad",
        }
    }

    fn look(&self) -> Look {
        Look { word: self.word(), class: self.class() }
    }

    fn detail(&self) -> String {
        match self {
            Self::Retried(run) => format!("Run {run} has started."),
            Self::NoLongerFailed => "Nothing to do.".to_owned(),
            Self::Changed => "Look at the order before you retry it.".to_owned(),
            Self::NotReached(why) => why.clone(),
        }
    }
}

impl RetriesPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&Whole { page: self })
    }

    pub(crate) fn section(&self) -> Section {
        Section::Failures
    }

    /// What the page was made for: it changes when all orders are done.
    fn state(&self) -> &'static str {
        if self.is_finished { "finished" } else { "working" }
    }

    /// Only the results, for `fragment=results`.
    #[must_use]
    pub fn results(&self) -> String {
        super::text_of(&Results { page: self })
    }

    fn results_address(&self) -> String {
        format!("/retries/{}?fragment=results", text::encoded(&self.id))
    }

    /// How many orders ended each way, without those that none did.
    fn counts(&self) -> Vec<(usize, &'static str, &'static str)> {
        let kinds = [
            RetryOutcome::Retried(RunNumber::FIRST),
            RetryOutcome::NoLongerFailed,
            RetryOutcome::Changed,
            RetryOutcome::NotReached(String::new()),
        ];
        let count = |word: &str| self.results.iter().filter(|result| result.outcome.word() == word).count();
        let counted = kinds.iter().map(|kind| (count(kind.word()), kind.word(), kind.class()));
        counted.filter(|(count, ..)| *count > 0).collect()
    }
}

#[derive(Template)]
#[template(path = "retries.html")]
struct Whole<'a> {
    page: &'a RetriesPage,
}

#[derive(Template)]
#[template(path = "retries.html", block = "results")]
struct Results<'a> {
    page: &'a RetriesPage,
}
