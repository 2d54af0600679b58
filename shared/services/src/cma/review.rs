//! Finds what a reviewer must decide in a CMA: lines whose row has less confidence than the order requires.

use cma::case::Case;
use domain::failure::Failure;
use domain::phase::Phase;
use runtime::panics::compute;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::Resources;

pub(crate) async fn review(resources: &Resources, job: &Job) -> Result<Outcome, Failure> {
    let order = &job.order;
    let case: Case = result::read(&resources.bucket, order, Phase::Classify).await?;
    let auto_approve_above = order.options().auto_approve_above.get();
    let items = compute(move || case.review_items(auto_approve_above)).await?;
    result::write(&resources.bucket, order, Phase::Review, &items).await?;
    match u32::try_from(items.len()).unwrap_or(u32::MAX) {
        0 => Ok(Outcome::Done),
        waiting => Ok(Outcome::ReviewNeeded(waiting)),
    }
}
