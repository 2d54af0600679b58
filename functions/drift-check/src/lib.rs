//! Reports deployed functions that differ from the source. CloudFormation's own drift detection cannot do this, because it
//! does not look at functions' code.
//!
//! Each run compares, saves the verdicts, and publishes what has changed since the last report. Repeating a run changes
//! nothing. Changes that could not be published are published by a later run, because they still differ from what was
//! reported.

mod metric;
mod notice;

use aws::alert::Alerts;
use aws::sdk::Clock;
use drift::cloud::{Saved, WriteOutcome};
use drift::model::ledger::{Change, alert_id};
use drift::{CheckOutcome, CheckState, Functions, Ledger, ManifestStore, check_stage};
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::metric::{Metric, Metrics};
use serde_json::{Value, json};

/// How often a write is retried after a conflict with another run.
const CONFLICT_COUNT_MAX: usize = 3;

/// The resources that the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    functions: Functions,
    manifests: ManifestStore,
    state: CheckState,
    alerts: Alerts,
    metrics: Metrics,
    clock: Clock,
    stage: String,
}

impl Resources {
    /// The resources from the environment.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        let stage = environment.required("MANIFEST_STAGE")?;
        Ok(Self {
            functions: Functions::new(environment.sdk()),
            manifests: ManifestStore::new(environment.sdk(), environment.required("MANIFEST_BUCKET_NAME")?),
            state: CheckState::new(environment.sdk(), environment.required("TABLE_NAME")?, stage.clone()),
            alerts: environment.alerts()?,
            metrics: environment.metrics()?,
            clock: Clock::of(environment.sdk()),
            stage,
        })
    }
}

/// One run. Its ids and the number of the write identify each of its writes.
struct Run<'a> {
    resources: &'a Resources,
    /// The id of the schedule's event, which a repeated delivery keeps.
    id: String,
    request_id: String,
}

/// Handles one event of the schedule.
///
/// # Errors
/// [`Fault::NotNow`] when the state could not be read or written, or the alert could not be published. Lambda invokes the
/// function again, and the changes stay unreported until then.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let id = event["id"].as_str().map_or_else(|| invocation.request_id.clone(), str::to_owned);
    let run = Run { resources, id, request_id: invocation.request_id };
    let now = resources.clock.now();
    let outcome = check_stage(&resources.functions, &resources.manifests, &resources.stage, now).await;
    metric::report(&resources.metrics, &outcome);
    let reported = run.report_changes(&outcome).await;
    let reported = reported
        .inspect_err(|error| tracing::warn!(error = %error, "changed verdicts not reported; the next run will retry"));
    let is_published = reported.as_ref().is_ok_and(|count| *count > 0);
    resources.metrics.count(Metric::AlertsPublished, is_published.into());
    resources.metrics.count(Metric::AlertsDeferred, reported.is_err().into());
    resources.metrics.count(Metric::DriftChecks, reported.is_ok().into());
    resources.metrics.flush(resources.clock.now());
    let verdicts = metric::Counts::of(&outcome).to_json();
    Ok(json!({ "verdicts": verdicts, "told": reported.map_err(|_| Fault::NotNow)? }))
}

impl Run<'_> {
    /// Saves the verdicts and publishes the unreported changes; returns how many there were.
    async fn report_changes(&self, outcome: &CheckOutcome) -> Result<usize, aws::Error> {
        let now = self.resources.clock.now();
        for number in 0..CONFLICT_COUNT_MAX {
            let seen = self.resources.state.read().await?;
            let ledger = match outcome {
                CheckOutcome::Compared(assessments) => seen.ledger.clone().after(&self.id, assessments, now),
                CheckOutcome::NoManifest { code } => seen.ledger.clone().without_manifest(&self.id, code, now),
            };
            let changes = ledger.unreported();
            // While another run has the claim to publish, this one only saves; the next run reports what is left.
            let claimed = if changes.is_empty() { None } else { ledger.clone().claimed(&self.id, now) };
            let publishes = claimed.is_some();
            let ledger = claimed.unwrap_or(ledger);
            match self.write(&seen, &ledger, &format!("found/{number}")).await? {
                WriteOutcome::Conflict => {}
                WriteOutcome::Done(_) if !publishes => return Ok(0),
                WriteOutcome::Done(saved) => return self.publish(saved, &changes).await,
            }
        }
        Err(too_many_conflicts())
    }

    async fn publish(&self, mut seen: Saved, changes: &[Change]) -> Result<usize, aws::Error> {
        let message = notice::text(changes, &self.resources.stage);
        self.resources.alerts.publish_notice("drift", alert_id(changes), notice::subject(changes), message).await?;
        for number in 0..CONFLICT_COUNT_MAX {
            let ledger = seen.ledger.clone().reported(&self.id, changes);
            match self.write(&seen, &ledger, &format!("told/{number}")).await? {
                WriteOutcome::Done(_) => return Ok(changes.len()),
                WriteOutcome::Conflict => seen = self.resources.state.read().await?,
            }
        }
        Err(too_many_conflicts())
    }

    /// Writes the ledger if it changed.
    async fn write(&self, seen: &Saved, ledger: &Ledger, step: &str) -> Result<WriteOutcome, aws::Error> {
        if seen.ledger == *ledger {
            return Ok(WriteOutcome::Done(seen.clone()));
        }
        self.resources.state.write(seen, ledger, &format!("{}/{step}", self.request_id)).await
    }
}

fn too_many_conflicts() -> aws::Error {
    aws::Error::Unavailable { operation: "PutItem", code: "conflicts with other runs".to_owned() }
}
