//! Dead letters that belong to no order: commands that could not be carried out, and texts that are no message at all.

use aws::store::AlertClaim;
use domain::failure::{Category, FailureId, FailureRecord};
use domain::id::{FirmId, OrderId};
use domain::message::{Command, CommandMessage};
use domain::phase::Phase;
use domain::service::ServiceCode;
use runtime::pipeline::Pipeline;
use runtime::{Answer, Record, publish};

/// Firm under which failures are recorded that name none.
const NO_FIRM: &str = "unknown";

/// Records the failure and alerts, once per message.
pub(crate) async fn report(pipeline: &Pipeline, record: &Record, command: Option<&CommandMessage>) -> Answer {
    let Some(failure) = failure(pipeline, record, command) else { return Answer::Refuse };
    let done = async {
        pipeline.store.record_failure(&failure).await?;
        let now = pipeline.clock.now();
        let (firm, order, id) = (&failure.firm_id, failure.order_id, &failure.failure_id);
        match pipeline.store.claim_alert(firm, order, id, &record.message_id, now).await? {
            AlertClaim::Publish(failure) => publish(pipeline, &failure).await?,
            AlertClaim::Busy | AlertClaim::NothingOwed => {}
        }
        Ok::<(), aws::Error>(())
    };
    match done.await {
        Ok(()) => Answer::Acknowledge,
        Err(error) => {
            tracing::warn!(error = %error, "the dead letter could not be recorded");
            Answer::Refuse
        }
    }
}

fn failure(pipeline: &Pipeline, record: &Record, command: Option<&CommandMessage>) -> Option<FailureRecord> {
    let (code, message) = match command {
        Some(_) => (
            "command.dead_lettered",
            "A command could not be carried out. Look at the order, check the command's options, and give it again.",
        ),
        None => (
            "message.unreadable",
            "A queue held a message that is none of this pipeline's. Find out who may send to the queue.",
        ),
    };
    let service_code = match command.map(|message| &message.command) {
        Some(Command::Submit { service_code, .. }) => *service_code,
        _ => ServiceCode::Canary,
    };
    Some(FailureRecord {
        failure_id: FailureId::of_message(&record.message_id),
        order_id: command.map_or(OrderId::from_parts(0, 0), |message| message.order_id),
        firm_id: command.map(|message| message.firm_id.clone()).or_else(|| NO_FIRM.parse::<FirmId>().ok())?,
        service_code,
        doc_type: None,
        prompt_version_used: None,
        phase: phase_of(&record.queue_arn),
        run: domain::id::RunNumber::FIRST,
        category: Category::Permanent,
        code: code.to_owned(),
        error_message: message.to_owned(),
        occurred_at: pipeline.clock.now(),
        correlation_id: command.map_or_else(|| record.message_id.clone(), |message| message.command_id.clone()),
    })
}

/// The phase whose queue a dead letter came from; intake's count as the first.
fn phase_of(queue_arn: &str) -> Phase {
    let name = queue_arn.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    Phase::ALL.into_iter().find(|phase| name.contains(phase.as_str())).unwrap_or(Phase::Extract)
}
