//! Facts to what the service works with.

mod statements;

use aws::bucket::Bucket;
use domain::failure::Failure;
use domain::phase::Phase;
use domain::service::ServiceCode;
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::phase::{Job, Outcome};
use runtime::pipeline::Pipeline;
use serde_json::Value;

/// What the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    pipeline: Pipeline,
    bucket: Bucket,
}

impl Resources {
    /// Resources as the environment names them.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self { pipeline: Pipeline::of_phase(environment, Phase::Classify)?, bucket: environment.bucket()? })
    }
}

/// Handles one invocation.
///
/// # Errors
/// [`Fault`] when the event is not one of SQS.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let work = async |job: &mut Job| work(resources, job).await;
    runtime::phase::handle(&resources.pipeline, Phase::Classify, &invocation, event, work).await
}

async fn work(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
    match job.order.service_code {
        ServiceCode::Canary => Ok(Outcome::Done),
        ServiceCode::Cma => statements::classify(resources, job).await,
        ServiceCode::Underwriting | ServiceCode::RepositoryDocs => Err(NOT_OFFERED),
    }
}

const NOT_OFFERED: Failure =
    Failure::permanent("service.not_offered", "This installation does not offer the service. Order another one.");
