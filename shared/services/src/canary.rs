//! `CANARY`: an order that walks all five phases and does no work, to see that the pipeline is alive.

use domain::failure::Failure;
use runtime::phase::{Job, Outcome};
use runtime::service::{Resources, Service};

const MADE_TO_FAIL: Failure =
    Failure::permanent("canary.made_to_fail", "This made-up document fails at the order's own wish.");

/// The canary.
pub(crate) struct Canary;

impl Service for Canary {
    /// The made-up documents of an order fail where its options say so.
    async fn extract(_: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        match job.unit.document {
            Some(document) if job.order.options().canary_failures.contains(&document) => Err(MADE_TO_FAIL),
            _ => Ok(Outcome::Done),
        }
    }
}
