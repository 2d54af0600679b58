//! The review desk of one order.

use askama::Template;
use domain::id::{OrderId, RunNumber};
use domain::limit::REASON_CHARS_MAX;
use domain::person::Role;
use domain::service::ServiceCode;
use jiff::Timestamp;

use super::review_item::ReviewItem;
use crate::frame::{Frame, Section};
use crate::{asset, html, icon, text, word};

/// Items up to which each has a list of all rows. With more, the page would grow to megabytes: they share one list, and the
/// code of the row is typed.
const LISTS_MAX: usize = 60;

/// `GET /orders/{id}/review`: the review desk.
///
/// | form | fields |
/// |---|---|
/// | `POST /orders/{id}/review/decisions` | see [`crate::form::decisions`]; `etag`, `run`, `idempotency_key` |
/// | `POST /orders/{id}/review/submit` | the same fields: what was typed and not saved yet counts; `accept_remaining` (`true`) accepts the proposals for what is left |
/// | `POST /orders/{id}/review/claim` | `take_over` (`true`) to take another's claim; `idempotency_key` |
/// | `POST /orders/{id}/review/release` | `idempotency_key` |
///
/// The module saves with the request header `X-Desk: autosave`. The answer to that is no redirect:
/// 200 with the JSON `{"etag": "…", "saved_at": "2026-11-30T17:04:12Z"}`, or a problem document whose `title`, `detail` and `action` are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewPage {
    /// Around it.
    pub frame: Frame,
    /// Makes a repeat of a form harmless.
    pub idempotency_key: String,
    /// When the review was read.
    pub now: Timestamp,
    /// The order.
    pub order_id: OrderId,
    /// What was ordered.
    pub service_code: ServiceCode,
    /// The run that waits.
    pub run: RunNumber,
    /// Version of the saved decisions; a save names the one it saw.
    pub etag: String,
    /// Whether the person may decide.
    pub access: Access,
    /// Who holds the review, if anybody does.
    pub claim: Option<ReviewClaim>,
    /// When the order fails unless its review is ended or extended.
    pub expires_at: Option<Timestamp>,
    /// When decisions were last saved.
    pub saved_at: Option<Timestamp>,
    /// What is to be decided: questions first, then lines, the most important first.
    pub items: Vec<ReviewItem>,
    /// Every row that a line may go to, in the order of the forms.
    pub rows: Vec<RowChoice>,
}

/// Whether a person may decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// They may.
    Decide,
    /// They may only read; says why, such as that it is their own work.
    Read(String),
}

/// A claim to a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewClaim {
    /// Who holds it.
    pub by: String,
    /// Whether that is the person who reads the page.
    pub is_own: bool,
    /// Until when, unless it is renewed by saving.
    pub until: Timestamp,
}

/// A row that a line may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChoice {
    /// Its code.
    pub code: String,
    /// Its label.
    pub label: String,
    /// The form it is on.
    pub group: String,
}

impl ReviewPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&Whole { page: self })
    }

    pub(crate) fn section(&self) -> Section {
        Section::Review
    }

    /// Address that its forms post below.
    fn path(&self) -> String {
        format!("/orders/{}/review", self.order_id)
    }

    /// Whether the page has a form: the person may decide, and nobody else holds the review.
    fn is_editable(&self) -> bool {
        self.may_decide() && (self.claim.is_none() || self.is_claimed_by_reader())
    }

    fn is_claimed_by_reader(&self) -> bool {
        self.claim.as_ref().is_some_and(|claim| claim.is_own)
    }

    fn may_decide(&self) -> bool {
        self.access == Access::Decide
    }

    fn decided(&self) -> usize {
        self.items.iter().filter(|item| item.decision().is_some()).count()
    }

    /// The lines that have no decision, with what is proposed for them.
    fn proposals_left(&self) -> Vec<Remaining<'_>> {
        let left = self.items.iter().zip(1..).filter_map(|(item, number)| match item {
            ReviewItem::Line(line) if line.decision.is_none() => {
                Some(Remaining { number, label: &line.label, proposal: line.proposals.first()? })
            }
            _ => None,
        });
        left.collect()
    }

    /// Questions without an answer, which no proposal can end.
    fn questions_left(&self) -> usize {
        let open = |item: &&ReviewItem| matches!(item, ReviewItem::Question(question) if question.decision.is_none());
        self.items.iter().filter(open).count()
    }

    fn has_lists(&self) -> bool {
        self.items.len() <= LISTS_MAX
    }

    /// The rows by the form that they are on.
    fn groups(&self) -> Vec<(&str, &[RowChoice])> {
        self.rows.chunk_by(|one, other| one.group == other.group).filter_map(group).collect()
    }
}

fn group(rows: &[RowChoice]) -> Option<(&str, &[RowChoice])> {
    Some((rows.first()?.group.as_str(), rows))
}

/// A line that is accepted as proposed if the reviewer says so for all that is left.
struct Remaining<'a> {
    number: usize,
    label: &'a str,
    proposal: &'a super::review_item::Proposal,
}

#[derive(Template)]
#[template(path = "review.html")]
struct Whole<'a> {
    page: &'a ReviewPage,
}
