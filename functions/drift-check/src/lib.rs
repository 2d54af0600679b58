//! Tells when what runs is not what the source says, which CloudFormation's own drift detection cannot see: it does not look
//! at functions' code.
//!
//! Each run compares, remembers, and publishes what changed since it was last told. Running twice changes nothing. What could
//! not be published stays owed until a later run: it is whatever differs between the verdict and what was told.

mod check;
mod figure;
mod notice;

use aws::alert::Alerts;
use aws::sdk::Clock;
use deployed::{Functions, Memory, Remembered, Shelf, Written};
use manifest::Ledger;
use manifest::ledger::{Change, alert_id};
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::metric::{Metric, Metrics};
use serde_json::{Value, json};

pub use check::{Looked, assess, look};

/// How often a write is decided anew after another run wrote in between.
const CONFLICT_COUNT_MAX: usize = 3;

/// What the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    functions: Functions,
    shelf: Shelf,
    memory: Memory,
    alerts: Alerts,
    metrics: Metrics,
    clock: Clock,
    stage: String,
}

impl Resources {
    /// Resources as the environment names them.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        let stage = environment.required("MANIFEST_STAGE")?;
        Ok(Self {
            functions: Functions::new(environment.sdk()),
            shelf: Shelf::new(environment.sdk(), environment.required("MANIFEST_BUCKET_NAME")?),
            memory: Memory::new(environment.sdk(), environment.required("TABLE_NAME")?, stage.clone()),
            alerts: environment.alerts()?,
            metrics: environment.metrics()?,
            clock: Clock::of(environment.sdk()),
            stage,
        })
    }
}

/// One run, and how often it wrote: together they name each of its writes.
struct Run<'a> {
    resources: &'a Resources,
    /// The schedule's own id, which a repeated delivery keeps.
    id: String,
    request_id: String,
}

/// Handles one invocation: an occasion of the schedule.
///
/// # Errors
/// [`Fault::NotNow`] when the last verdicts could not be read or written, or the alert could not be published. Lambda invokes
/// the function again, and what is owed stays owed.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let id = event["id"].as_str().map_or_else(|| invocation.request_id.clone(), str::to_owned);
    let run = Run { resources, id, request_id: invocation.request_id };
    let looked = look(&resources.functions, &resources.shelf, &resources.stage, resources.clock.now()).await;
    figure::report(&resources.metrics, &looked);
    let told = run.settle(&looked).await;
    let told = told.inspect_err(|error| tracing::warn!(error = %error, "a change of verdict may still be owed"));
    resources.metrics.count(Metric::AlertsPublished, u64::from(told.as_ref().is_ok_and(|told| *told > 0)));
    resources.metrics.count(Metric::AlertsDeferred, u64::from(told.is_err()));
    resources.metrics.count(Metric::DriftChecks, u64::from(told.is_ok()));
    resources.metrics.flush(resources.clock.now());
    Ok(json!({ "verdicts": figure::counts(&looked), "told": told.map_err(|_| Fault::NotNow)? }))
}

impl Run<'_> {
    /// Remembers what was found, and publishes what is owed then; gives how many changes that were.
    async fn settle(&self, looked: &Looked) -> Result<usize, aws::Error> {
        let now = self.resources.clock.now();
        for number in 0..CONFLICT_COUNT_MAX {
            let seen = self.resources.memory.read().await?;
            let ledger = match looked {
                Looked::Compared(assessments) => seen.ledger.clone().after(&self.id, assessments, now),
                Looked::NoManifest { code } => seen.ledger.clone().without_manifest(&self.id, code, now),
            };
            let owed = ledger.owed();
            // Another run that is publishing tells what it claimed; what it does not know of is told by the next run.
            let claimed = if owed.is_empty() { None } else { ledger.clone().claimed(&self.id, now) };
            let publishes = claimed.is_some();
            let ledger = claimed.unwrap_or(ledger);
            let written = self.write(&seen, &ledger, &format!("found/{number}")).await?;
            match written {
                Written::Conflict => {}
                Written::Done(_) if !publishes => return Ok(0),
                Written::Done(remembered) => return self.publish(remembered, &owed).await,
            }
        }
        Err(aws::Error::Unavailable { operation: "PutItem", code: "other runs write as well".to_owned() })
    }

    async fn publish(&self, mut seen: Remembered, owed: &[Change]) -> Result<usize, aws::Error> {
        let message = notice::text(owed, &self.resources.stage);
        self.resources.alerts.publish_notice("drift", alert_id(owed), notice::subject(owed), message).await?;
        for number in 0..CONFLICT_COUNT_MAX {
            let ledger = seen.ledger.clone().told(&self.id, owed);
            match self.write(&seen, &ledger, &format!("told/{number}")).await? {
                Written::Done(_) => return Ok(owed.len()),
                Written::Conflict => seen = self.resources.memory.read().await?,
            }
        }
        Err(aws::Error::Unavailable { operation: "PutItem", code: "other runs write as well".to_owned() })
    }

    /// Writes unless nothing changed.
    async fn write(&self, seen: &Remembered, ledger: &Ledger, step: &str) -> Result<Written, aws::Error> {
        if seen.ledger == *ledger {
            return Ok(Written::Done(seen.clone()));
        }
        self.resources.memory.write(seen, ledger, &format!("{}/{step}", self.request_id)).await
    }
}
