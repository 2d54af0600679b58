//! Sends what is pending at the end of a unit: its alerts, the end of a fanned-in phase, and the hand-off.

use domain::claim::owes_after;
use domain::event::{Event, EventKind, Unit};
use domain::failure::FailureId;
use domain::id::{DocumentNumber, RunNumber};
use domain::lifecycle::decide;
use domain::notice::{AlertId, Notice, NoticeId, NoticeKind};
use domain::order::Order;
use domain::phase::Phase;
use domain::status::OrchestrationStatus;

use crate::alerting::{Alerted, OwedAlert, publish_owed};
use crate::answer::Answer;
use crate::commit::{NotCommitted, commit};
use crate::delivery::Delivery;
use crate::job::Job;
use crate::metric::Metric;

/// Sends everything pending at the end of a unit. Repeating it is harmless.
pub async fn send_owed(delivery: &Delivery<'_>, mut job: Job) -> Answer {
    if job.order.run() == job.unit.run && job.order.fans_out() && job.order.all_documents_ended() {
        match end_extraction(delivery, &mut job).await {
            // Another delivery that also saw the full set may have ended the phase first.
            Ok(()) | Err(NotCommitted::Refused(_)) => {}
            Err(NotCommitted::Failed(answer)) => return answer,
        }
    }
    let alerted = send_owed_alerts(delivery, &job).await;
    let order = &job.order;
    // A live lease shows that the hand-off has arrived.
    let now = delivery.now();
    let in_progress = order.lease().is_some_and(|lease| lease.until > now);
    if !owes_after(order, job.unit.phase) || in_progress {
        return alerted;
    }
    match alerted {
        Answer::Acknowledge => Answer::Send(order.owed_messages()),
        // The order does not wait for its alert: it is handed off now, and the message is retried only for the alert.
        retried => {
            let sent = delivery.pipeline.queues.send(&order.owed_messages()).await;
            let sent = sent.iter().filter(|result| result.is_ok()).count();
            tracing::info!(sent, "handed off; the alert is not published yet");
            retried
        }
    }
}

/// Publishes the pending alerts of a unit: of its failures, and the notice that its order waits for review. The message is
/// acknowledged once none is left but those that reconciliation is to announce.
pub async fn send_owed_alerts(delivery: &Delivery<'_>, job: &Job) -> Answer {
    match publish_all(delivery, job).await {
        Ok(Alerted::Done | Alerted::LeftForDigest | Alerted::Unreadable { .. }) => Answer::Acknowledge,
        // The function that claimed it may have crashed, so the message is retried to check.
        Ok(Alerted::Busy { until }) => Answer::retry_after(until, delivery.now()),
        Err(error) => {
            delivery.pipeline.metrics.count(Metric::AlertsDeferred, 1);
            tracing::warn!(error = %error, "alert not published yet; will retry");
            delivery.back_off()
        }
    }
}

/// Ends the extraction of an order whose documents have all ended.
async fn end_extraction(delivery: &Delivery<'_>, job: &mut Job) -> Result<(), NotCommitted> {
    let run = job.unit.run;
    let change = |order: &Order| {
        let kind = EventKind::PhaseCompleted { run, phase: Phase::Extract, artifacts: Vec::new() };
        let writer = format!("{}/fan-in/{}", delivery.writer(), kind.name());
        decide(order, &Event::new(delivery.now(), writer, kind))
    };
    commit(delivery, job, change).await
}

async fn publish_all(delivery: &Delivery<'_>, job: &Job) -> Result<Alerted, aws::Error> {
    let order = &job.order;
    for id in alerts_of(order, job.unit) {
        let alert = OwedAlert { firm: order.firm_id(), order: order.order_id(), id: &id, owner: delivery.writer() };
        match publish_owed(delivery.pipeline, alert, Some(order)).await? {
            // What somebody else is publishing may announce the next ones too.
            busy @ Alerted::Busy { .. } => return Ok(busy),
            // A digest announces the documents of a failed extraction too.
            left @ Alerted::LeftForDigest if id == FailureId::of(job.unit.run, Phase::Extract, None).into() => {
                return Ok(left);
            }
            Alerted::Done | Alerted::LeftForDigest | Alerted::Unreadable { .. } => {}
        }
    }
    Ok(Alerted::Done)
}

/// The alerts that a unit's message is responsible for, in the order in which they are to be published.
fn alerts_of(order: &Order, unit: Unit) -> Vec<AlertId> {
    // An order that was later retried or cancelled no longer shows how the unit's run ended.
    let is_over = order.run() != unit.run || order.orchestration_status() == OrchestrationStatus::Cancelled;
    let mut ids = Vec::new();
    if is_over {
        ids.push(FailureId::of(unit.run, unit.phase, None).into());
    } else if let Some(error) = order.last_orchestration_error().filter(|_| order.is_ended()) {
        ids.push(error.failure_id.clone().into());
    }
    if let Some(document) = unit.document {
        ids.extend(alerts_of_document(order, unit.run, document, is_over));
    }
    if unit.phase == Phase::Review
        && !is_over
        && let Some(notice) = Notice::of_review(order)
    {
        ids.push(notice.notice_id.into());
    }
    ids
}

/// The alerts that the message of a document is responsible for, beside that of its order. Failures of documents are announced
/// together once their phase is over.
fn alerts_of_document(order: &Order, run: RunNumber, document: DocumentNumber, is_over: bool) -> Vec<AlertId> {
    let mut ids = Vec::new();
    if is_over || order.phase() > Phase::Extract && !order.failed().is_empty() {
        ids.push(NoticeId::of(run, NoticeKind::DocumentsFailed).into());
    }
    // It may have failed too late to be among those.
    if is_over || !order.is_active() && !order.terminal().contains(&document) {
        ids.push(FailureId::of(run, Phase::Extract, Some(document)).into());
    }
    ids
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::failure::Failure;

    use super::*;
    use crate::invocation::Invocation;
    use crate::message::Message;
    use crate::pipeline::Pipeline;
    use crate::testing::{NOW, accepted, apply, at, claim, complete, environment, working};

    const FIRST: RunNumber = RunNumber::FIRST;

    fn broken() -> Failure {
        Failure::permanent("file.broken", "Upload it again.")
    }

    fn ids(order: &Order, phase: Phase, document: Option<DocumentNumber>) -> Vec<String> {
        let unit = Unit { run: FIRST, phase, document };
        alerts_of(order, unit).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_message_sees_to_the_alert_of_its_document_and_of_its_run() {
        let [one, two] = [1, 2].map(|number| DocumentNumber::all(2).nth(number - 1));
        let ended = |order: &Order, document: Option<DocumentNumber>, fails: bool| {
            let Some(document) = document else { unreachable!("there are two documents") };
            let (one, none) = (BTreeSet::from([document]), BTreeSet::new());
            let (completed, failed) = if fails { (none, one) } else { (one, none) };
            apply(&claim(order, 1, Some(document)), 1, EventKind::DocumentsEnded { run: FIRST, completed, failed })
        };
        let order = ended(&ended(&accepted(2), one, true), two, false);
        for document in [one, two] {
            assert_eq!(ids(&order, Phase::Extract, document), <[&str; 0]>::default(), "the phase is not over");
        }
        let run = FIRST;
        let done = apply(&order, 2, EventKind::PhaseCompleted { run, phase: Phase::Extract, artifacts: Vec::new() });
        for document in [one, two] {
            assert_eq!(ids(&done, Phase::Extract, document), ["r1-extract-documents"]);
        }
        assert_eq!(ids(&done, Phase::Classify, None), <[&str; 0]>::default());

        let failed = apply(&order, 2, EventKind::PhaseFailed { run: FIRST, phase: Phase::Extract, failure: broken() });
        for document in [one, two] {
            assert_eq!(ids(&failed, Phase::Extract, document), ["r1-extract"]);
        }
        let open = ended(&accepted(2), one, true);
        let failed = apply(&open, 2, EventKind::PhaseFailed { run: FIRST, phase: Phase::Extract, failure: broken() });
        assert_eq!(ids(&failed, Phase::Extract, two), ["r1-extract", "r1-extract-d2"], "it may have failed too late");
    }

    #[test]
    fn after_a_retry_or_a_cancellation_every_failure_that_the_message_can_have_recorded_is_looked_for() {
        let phase = Phase::Classify;
        let failed = apply(&working(phase), 2, EventKind::PhaseFailed { run: FIRST, phase, failure: broken() });
        assert_eq!(ids(&failed, phase, None), ["r1-classify"]);
        let retried = apply(&failed, 3, EventKind::Retried { run: FIRST, start_from: None });
        let cancelled = apply(&working(phase), 3, EventKind::Cancelled);
        for order in [retried.clone(), cancelled] {
            assert_eq!(ids(&order, phase, None), ["r1-classify"]);
            let document = DocumentNumber::all(1).next();
            assert_eq!(ids(&order, Phase::Extract, document), ["r1-extract", "r1-extract-documents", "r1-extract-d1"]);
        }
        // The second run is in progress: what the first one failed of is not its own.
        let unit = Unit { run: retried.run(), phase, document: None };
        assert!(alerts_of(&retried, unit).is_empty());
    }

    #[test]
    fn the_message_of_a_review_sees_to_its_notice_while_the_order_waits() {
        let paused = apply(&working(Phase::Review), 2, EventKind::ReviewNeeded { run: FIRST, items: 2 });
        let alerts = |order: &Order, phase| {
            let unit = Unit { run: FIRST, phase, document: None };
            alerts_of(order, unit).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(alerts(&paused, Phase::Review), ["r1-review-needed"]);
        assert_eq!(alerts(&paused, Phase::Classify), <[&str; 0]>::default());
        let resumed = apply(&paused, 3, EventKind::Resumed { run: FIRST });
        assert_eq!(alerts(&resumed, Phase::Review), <[&str; 0]>::default());
    }

    #[tokio::test]
    async fn a_hand_off_is_sent_again_unless_the_next_phase_is_at_work() {
        let (environment, _) = environment(&[]);
        let Ok(pipeline) = Pipeline::new(&environment, &[]) else { unreachable!("nothing is missing") };
        let invocation = Invocation { request_id: "r".to_owned(), deadline: at(NOW + 60) };
        let unit = Unit { run: FIRST, phase: Phase::Extract, document: None };
        for (lease_ends, at_work) in [(NOW - 1, false), (NOW, false), (NOW + 1, true)] {
            let message = Message {
                id: "m".to_owned(),
                receive_count: 2,
                body: String::new(),
                queue_arn: String::new(),
                receipt_handle: String::new(),
            };
            let delivery = Delivery::new(&pipeline, &invocation, message);
            let order = claim(&complete(&working(Phase::Extract), 2), lease_ends, None);
            let owed = order.owed_messages();
            assert_eq!(owed.len(), 1);
            let expected = if at_work { Answer::Acknowledge } else { Answer::Send(owed) };
            let job = Job::new(&delivery, order, unit);
            assert_eq!(send_owed(&delivery, job).await, expected, "the lease ends at {lease_ends}");
        }
    }
}
