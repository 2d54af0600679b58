//! The routes of the API, a module for each group.

pub(crate) mod artifact;
pub(crate) mod document;
pub(crate) mod failure;
pub(crate) mod health;
pub(crate) mod order;
pub(crate) mod process;
pub(crate) mod rerun;
pub(crate) mod retries;
pub(crate) mod review;

use domain::history::Estimate;
use domain::receipt::Receipt;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::{RangeView, estimate_name};

/// What a command did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommandView {
    /// Id of the order.
    pub order_id: String,
    /// The order's run after the command.
    pub run: u32,
    /// Where to see how it goes on.
    pub progress: String,
}

impl From<&Receipt> for CommandView {
    fn from(receipt: &Receipt) -> Self {
        let order = receipt.order_id.to_string();
        let progress = format!("/v1/orders/{order}/progress");
        Self { order_id: order, run: receipt.run.get(), progress }
    }
}

/// What a command started.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StartedView {
    #[serde(flatten)]
    command: CommandView,
    /// What is known about the time it will take: `range`, `unknown`, `longer_than_usual` or `idle`, as the progress tells.
    estimate: &'static str,
    /// How long it is likely to take, unless it has to wait for a reviewer.
    estimated_remaining_seconds: Option<RangeView>,
}

impl StartedView {
    pub(crate) fn of(receipt: &Receipt, estimate: Estimate) -> Self {
        Self {
            command: CommandView::from(receipt),
            estimate: estimate_name(estimate),
            estimated_remaining_seconds: RangeView::of(estimate),
        }
    }
}
