//! `CMA`: the credit monitoring arrangement workbook from a borrower's financial statements. The rules are in `shared/cma`;
//! this is what each phase reads, calls and stores.

mod classify;
mod extract;
mod generate;
mod present;
mod review;
mod validate;

use domain::failure::Failure;
use runtime::phase::{Job, Outcome};
use runtime::service::{Presentation, Resources, Service};

/// The CMA service.
pub(crate) struct Cma;

impl Service for Cma {
    const PRESENTATION: Presentation = present::PRESENTATION;

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
