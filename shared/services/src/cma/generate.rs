//! The CMA workbook and its figures.

use aws::key;
use cma::case::{Case, Document};
use cma::review::ReviewDecision;
use domain::failure::Failure;
use domain::order::Artifact;
use domain::phase::Phase;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::Resources;

pub(crate) async fn generate(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
    let order = &job.order;
    let mut case: Case = result::read(&resources.bucket, order, Phase::Classify).await?;
    if let Some(run) = order.decisions_run {
        let decisions: Vec<ReviewDecision> = result::read_at(&resources.bucket, &key::decisions(order, run)).await?;
        case.decide(&decisions).map_err(|error| Failure::vetted(&error))?;
    }
    let validated = case.validate().map_err(|error| Failure::vetted(&error))?;
    job.start_rendering(&resources.pipeline).await?;
    // The date that the order's id carries: making the workbook again, however late, makes the same bytes.
    let (order, run) = (&job.order, job.unit.run);
    let documents = case
        .documents(&validated, order.order_id, order.order_id.made_at())
        .map_err(|error| Failure::vetted(&error))?;
    let mut artifacts = Vec::new();
    for Document { name, content_type, bytes } in documents {
        let target = key::artifact(order, run, name);
        let stored =
            resources.bucket.put_once(&target, bytes, content_type).await.map_err(|error| Failure::vetted(&error))?;
        // Version and run are the lifecycle's to give.
        artifacts.push(Artifact { version: 0, run, name: name.to_owned(), sha256: stored.sha256, bytes: stored.bytes });
    }
    Ok(Outcome::Artifacts(artifacts))
}
