//! `docket extend`: gives the reviewers of an order more time.

use std::process::ExitCode;

use client::NotExtended;

use super::order::find;
use super::pipeline::Target;
use super::{Problem, outcome};
use crate::cli::Extend;

pub(super) async fn extend(asked: Extend, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let Extend { order, reason, by } = asked;
    let (pipeline, found) = find(&order, target).await?;
    let extended = pipeline.client.extend_review(&found, &by, &reason).await.map_err(|error| match error {
        NotExtended::Aws(error) => pipeline.place.problem(error),
        NotExtended::Refused(_) => Problem::Usage(format!(
            "order {} is {}; it is not waiting for a reviewer",
            found.order_id(),
            found.status()
        )),
        NotExtended::Reason => Problem::usage(error),
        NotExtended::Changed => Problem::failed(error),
    })?;
    // That it still waits is what was asked for.
    outcome::print(&pipeline, &extended, order.out, order.state.json).await.map(|_| ExitCode::SUCCESS)
}
