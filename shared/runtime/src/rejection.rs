//! Failures that no order carries: commands that cannot be carried out, and texts that are no message at all.

use aws::store::AlertClaim;
use domain::failure::{Failure, FailureId, FailureRecord};
use domain::id::{FirmId, OrderId, RunNumber};
use domain::phase::Phase;
use domain::service::ServiceCode;

use crate::alerting::publish;
use crate::batch::{Answer, Record};
use crate::pipeline::Pipeline;

/// Firm under which failures are recorded that name none.
const NO_FIRM: &str = "unknown";

/// Why a message came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its text is no message of this pipeline.
    Unreadable,
    /// A command that no order can be made of.
    Unacceptable,
    /// An order under an id that another one has.
    IdTaken,
    /// A command that was tried for hours.
    Undone,
    /// A message for a phase or a run that its order never reached.
    Ahead,
}

impl Reason {
    /// Stable code, and the sentence that says what to do.
    #[must_use]
    pub const fn failure(self) -> Failure {
        match self {
            Self::Unreadable => Failure::permanent(
                "message.unreadable",
                "A queue held a message that is none of this pipeline's. Find out who may send to the queue.",
            ),
            Self::Unacceptable => Failure::permanent(
                "command.unacceptable",
                "An order was submitted that cannot be accepted. Check its service, its options and the number of its files, and submit it again.",
            ),
            Self::IdTaken => Failure::permanent(
                "order.id_taken",
                "An order was submitted under the id of another one, which goes on. Submit it again under an id of its own.",
            ),
            Self::Undone => Failure::permanent(
                "command.dead_lettered",
                "A command could not be carried out. Look at the order, check the command's options, and give it again.",
            ),
            Self::Ahead => Failure::permanent(
                "message.ahead",
                "A queue held a message for a phase that its order never reached. Find out who may send to the queue.",
            ),
        }
    }
}

/// What a message says about itself, as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The order it names.
    pub order: Option<(FirmId, OrderId)>,
    /// The service it names.
    pub service_code: Option<ServiceCode>,
    /// Its correlation.
    pub correlation_id: Option<String>,
}

/// Records a failure that no order carries and alerts, once per message.
pub async fn report(pipeline: &Pipeline, record: &Record, origin: Origin, reason: Reason) -> Answer {
    let Some(failure) = failure(pipeline, record, origin, reason) else { return Answer::Refuse };
    match record_and_alert(pipeline, &failure, record.delivery()).await {
        Ok(()) => Answer::Acknowledge,
        Err(error) => {
            tracing::warn!(error = %error, "a failure that no order carries could not be recorded");
            Answer::Refuse
        }
    }
}

/// Records a failure unless it is recorded already, and publishes its alert, under the name `owner`, if that is owed.
///
/// # Errors
/// [`aws::Error`] when one of the two did not work; doing it again does what is left.
pub async fn record_and_alert(pipeline: &Pipeline, failure: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    pipeline.store.record_failure(failure).await?;
    alert_recorded(pipeline, failure, owner).await
}

/// Publishes the alert of a failure that is recorded, under the name `owner`, if it is owed.
///
/// # Errors
/// [`aws::Error`] when it did not work; the alert stays owed.
pub async fn alert_recorded(pipeline: &Pipeline, failure: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    let (firm, order, id) = (&failure.firm_id, failure.order_id, &failure.failure_id);
    match pipeline.store.claim_alert(firm, order, id, owner, pipeline.clock.now()).await? {
        AlertClaim::Publish(failure) => publish(pipeline, &failure, owner).await,
        AlertClaim::NothingOwed => Ok(()),
        AlertClaim::Busy { .. } => {
            Err(aws::Error::Unavailable { operation: "claim of the alert", code: "busy".to_owned() })
        }
    }
}

fn failure(pipeline: &Pipeline, record: &Record, origin: Origin, reason: Reason) -> Option<FailureRecord> {
    let failure = reason.failure();
    let (firm_id, order_id) = match origin.order {
        Some(named) => named,
        None => (NO_FIRM.parse().ok()?, OrderId::from_parts(0, 0)),
    };
    Some(FailureRecord {
        failure_id: FailureId::of_message(&record.message_id),
        order_id,
        firm_id,
        service_code: origin.service_code.unwrap_or(ServiceCode::Canary),
        doc_type: None,
        prompt_version_used: None,
        phase: phase_of(&record.queue_arn),
        run: RunNumber::FIRST,
        category: failure.category,
        code: failure.code.into_owned(),
        error_message: failure.message.into_owned(),
        occurred_at: pipeline.clock.now(),
        correlation_id: origin.correlation_id.unwrap_or_else(|| record.message_id.clone()),
    })
}

/// The phase whose queue a dead letter came from; intake's count as the first.
fn phase_of(queue_arn: &str) -> Phase {
    let name = queue_arn.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    Phase::ALL.into_iter().find(|phase| name.contains(phase.as_str())).unwrap_or(Phase::Extract)
}
