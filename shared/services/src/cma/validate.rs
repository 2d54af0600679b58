//! Checks the figures of a CMA after review.

use domain::failure::Failure;
use domain::phase::Phase;
use runtime::panics::compute;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::Resources;

use super::reviewed_case;

pub(crate) async fn validate(resources: &Resources, job: &Job) -> Result<Outcome, Failure> {
    let case = reviewed_case(resources, &job.order).await?;
    let validated = compute(move || case.validate()).await?.map_err(|error| Failure::vetted(&error))?;
    result::write(&resources.bucket, &job.order, Phase::Validate, &validated).await?;
    Ok(Outcome::Done)
}
