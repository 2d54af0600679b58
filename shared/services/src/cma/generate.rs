//! Makes the CMA workbook and its figures.

use aws::key;
use cma::case::{Document, Validated};
use domain::failure::Failure;
use domain::order::{Artifact, Order};
use domain::phase::Phase;
use runtime::panics::compute;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::Resources;

use super::reviewed_case;

pub(crate) async fn generate(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
    let case = reviewed_case(resources, &job.order).await?;
    let stored = stored_checks(resources, &job.order).await?;
    job.start_rendering(&resources.pipeline).await?;
    // The date in the order's id, so that making the workbook again later gives the same bytes.
    let (order, run) = (&job.order, job.unit.run);
    let id = order.order_id();
    let documents = compute(move || {
        let validated = match stored {
            Some(stored) => stored,
            // The order skips `validate`.
            None => case.validate().map_err(|error| Failure::vetted(&error))?,
        };
        case.documents(&validated, id, id.made_at()).map_err(|error| Failure::vetted(&error))
    });
    let documents = documents.await??;
    let mut artifacts = Vec::new();
    for Document { name, content_type, bytes } in documents {
        let target = key::artifact(order, run, name);
        let stored =
            resources.bucket.put_once(&target, bytes, content_type).await.map_err(|error| Failure::vetted(&error))?;
        // The lifecycle assigns version and run.
        artifacts.push(Artifact { version: 0, run, name: name.to_owned(), sha256: stored.sha256, bytes: stored.bytes });
    }
    Ok(Outcome::Artifacts(artifacts))
}

/// Reads the checks that `validate` stored; `None` if the order skips `validate`.
///
/// The stored checks always fit the case. The case is what `classify` stored plus a reviewer's decisions, and a run that
/// repeats `classify` or `review` also repeats `validate`. A later run that starts at `generate` finds what the last
/// `validate` stored, under the run that did it.
async fn stored_checks(resources: &Resources, order: &Order) -> Result<Option<Validated>, Failure> {
    match order.result_run(Phase::Validate) {
        Some(_) => result::read(&resources.bucket, order, Phase::Validate).await.map(Some),
        None => Ok(None),
    }
}
