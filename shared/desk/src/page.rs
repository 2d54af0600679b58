//! The pages, each a struct of plain values.

mod failures;
mod message;
mod new_order;
mod order;
mod orders;
mod retries;
mod review;
mod review_item;

pub use failures::{FailedOrder, FailureGroup, FailuresPage};
pub use message::{EnterPage, ErrorPage, NotFoundPage};
pub use new_order::{NewOrderPage, ServiceChoice};
pub use order::{
    Actions, AlertState, ArtifactRow, DocumentRow, DocumentState, FailureRow, OrderPage, OrderSummary, PhaseRow,
    PhaseState, ReviewSummary, StartChoice, VersionRow,
};
pub use orders::{Filter, OrderRow, OrdersPage};
pub use retries::{RetriesPage, RetryOutcome, RetryResult};
pub use review::{Access, ReviewClaim, ReviewPage, RowChoice};
pub use review_item::{Amount, Decision, LineItem, Neighbour, Proposal, QuestionItem, ReviewItem};

/// A page that could not be written: only formatting into memory can fail, which it does not.
const UNWRITTEN: &str = "<!doctype html><title>Docket</title><p>This page could not be shown. Reload it.</p>";

/// The text of a template.
fn text_of(template: &impl askama::Template) -> String {
    template.render().unwrap_or_else(|_| UNWRITTEN.to_owned())
}
