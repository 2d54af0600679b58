//! The form for a new order.

use askama::Template;
use domain::person::Role;
use domain::service::ServiceCode;

use crate::frame::{Frame, Section};
use crate::{asset, html, icon, text, word};

/// `GET /new`: the form for a new order.
///
/// It posts `multipart/form-data` to `/orders`: `idempotency_key`, `service_code`, `files` (any number), `auto_approve_above`,
/// `skip_review` and `notify_on_completion` (`true` if chosen), and `action`: `process` or `draft`.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOrderPage {
    /// Around it.
    pub frame: Frame,
    /// Makes a repeat of the form harmless.
    pub idempotency_key: String,
    /// The services that are offered.
    pub services: Vec<ServiceChoice>,
    /// The one that is chosen, as when the form comes back with a problem.
    pub chosen: Option<ServiceCode>,
    /// What the file picker offers, as the attribute `accept` takes it: `.xlsx,.pdf`. Empty for any file.
    pub accept: String,
    /// Most files of an order.
    pub files_max: u32,
    /// Most bytes that the form may send in all.
    pub bytes_max: u64,
    /// Whether the page's module uploads files itself, each with a request that the API signs.
    pub uploads_directly: bool,
    /// Most bytes of one file that is uploaded so.
    pub file_bytes_max: u64,
    /// Whether the person may take the order past its reviewers: skip the review, or lower its threshold.
    pub may_weaken_review: bool,
    /// Whether the review is skipped.
    pub skip_review: bool,
    /// Whether to tell when the order is ready.
    pub notify_on_completion: bool,
    /// The confidence above which proposals need no reviewer, such as `0.70`.
    pub auto_approve_above: String,
}

/// A service that can be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceChoice {
    /// Its code.
    pub code: ServiceCode,
    /// What it makes, in a few words.
    pub name: String,
    /// The files that it needs, in a sentence.
    pub needs: String,
}

impl NewOrderPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&Whole { page: self })
    }

    pub(crate) fn section(&self) -> Section {
        Section::NewOrder
    }

    /// What the file picker offers, for people.
    fn accept_words(&self) -> String {
        self.accept.replace(',', ", ")
    }

    fn is_chosen(&self, code: &ServiceCode) -> bool {
        self.chosen == Some(*code)
    }
}

#[derive(Template)]
#[template(path = "new_order.html")]
struct Whole<'a> {
    page: &'a NewOrderPage,
}
