//! The checks of a CMA, on its figures as reviewed.

use aws::key;
use cma::case::Case;
use cma::review::ReviewDecision;
use domain::failure::Failure;
use domain::phase::Phase;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::Resources;

pub(crate) async fn validate(resources: &Resources, job: &Job) -> Result<Outcome, Failure> {
    let order = &job.order;
    let mut case: Case = result::read(&resources.bucket, order, Phase::Classify).await?;
    if let Some(run) = order.decisions_run {
        let decisions: Vec<ReviewDecision> = result::read_at(&resources.bucket, &key::decisions(order, run)).await?;
        case.decide(&decisions).map_err(|error| Failure::vetted(&error))?;
    }
    let validated = case.validate().map_err(|error| Failure::vetted(&error))?;
    result::write(&resources.bucket, order, Phase::Validate, &validated).await?;
    Ok(Outcome::Done)
}
