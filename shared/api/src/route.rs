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

use domain::receipt::Receipt;
use serde::Serialize;
use utoipa::ToSchema;

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
