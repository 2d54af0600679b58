//! Assigns lines of the borrower's statements to rows of the CMA forms.

use cma::case::Case;
use cma::policy::Policy;
use domain::failure::Failure;
use domain::phase::Phase;
use runtime::panics::compute;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::Resources;

pub(crate) async fn classify(resources: &Resources, job: &Job) -> Result<Outcome, Failure> {
    let order = &job.order;
    let mut extractions = Vec::new();
    for (_, key) in result::of_executions(&resources.pipeline, order).await? {
        extractions.push(result::read_at(&resources.bucket, &key).await?);
    }
    let case = compute(|| Case::classify(extractions, &Policy::docket_1())).await?;
    result::write(&resources.bucket, order, Phase::Classify, &case).await?;
    Ok(Outcome::Done)
}
