//! `CMA`: makes the credit monitoring arrangement workbook from a borrower's financial statements. The rules are in
//! `shared/cma`; this module reads what each phase needs, applies them and stores the result.

mod classify;
mod desk;
mod extract;
mod generate;
mod present;
mod review;
mod validate;

use aws::key;
use cma::case::Case;
use cma::review::ReviewDecision;
use domain::failure::Failure;
use domain::order::Order;
use domain::phase::Phase;
use runtime::panics::compute;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::{Desk, Presentation, Resources, Service};

/// The CMA service.
pub(crate) struct Cma;

impl Service for Cma {
    const PRESENTATION: Presentation = present::PRESENTATION;
    const DESK: Desk = desk::DESK;

    async fn extract(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        extract::extract(resources, job).await
    }

    async fn classify(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        classify::classify(resources, job).await
    }

    async fn review(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        review::review(resources, job).await
    }

    async fn validate(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        validate::validate(resources, job).await
    }

    async fn generate(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        generate::generate(resources, job).await
    }
}

/// Reads the case that `classify` stored and applies the reviewer's decisions, if there are any.
async fn reviewed_case(resources: &Resources, order: &Order) -> Result<Case, Failure> {
    let mut case: Case = result::read(&resources.bucket, order, Phase::Classify).await?;
    if let Some(run) = order.decisions_run() {
        let decisions: Vec<ReviewDecision> = result::read_at(&resources.bucket, &key::decisions(order, run)).await?;
        return compute(move || case.decide(&decisions).map(|()| case)).await?.map_err(|error| Failure::vetted(&error));
    }
    Ok(case)
}
