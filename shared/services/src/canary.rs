//! `CANARY`: an order that passes through all five phases without doing work, to check that the pipeline works.

use domain::failure::Failure;
use runtime::phase::{Job, Outcome};
use runtime::service::{Resources, Service};

const MADE_TO_FAIL: Failure =
    Failure::permanent("canary.made_to_fail", "This made-up document fails because the order asks for it.");

/// The canary.
pub(crate) struct Canary;

impl Service for Canary {
    /// Fails the made-up documents that the order's options list.
    async fn extract(_: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        match job.unit.document {
            Some(document) if job.order.options().canary_failures.contains(&document) => Err(MADE_TO_FAIL),
            _ => Ok(Outcome::Done),
        }
    }
}
