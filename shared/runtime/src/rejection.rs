//! Rejects messages that no order can accept: records and alerts a failure under the message's id.

use domain::failure::{Failure, FailureId};
use domain::phase::Phase;

use crate::answer::Answer;
use crate::delivery::Delivery;
use crate::failure::{Origin, record_and_alert};

/// Why a message is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its text is not a message of this pipeline.
    Unreadable,
    /// It submits an order that cannot be accepted.
    Unacceptable,
    /// It submits an order under the id of another one.
    IdTaken,
    /// It holds a command that kept failing for hours.
    CommandFailed,
    /// It is for a phase or a run that its order never reached.
    Early,
}

impl Reason {
    /// Stable code, and the sentence that says what to do.
    #[must_use]
    pub const fn failure(self) -> Failure {
        match self {
            Self::Unreadable => Failure::permanent(
                "message.unreadable",
                "A queue received a message that is not from this pipeline. Check who may send to the queue.",
            ),
            Self::Unacceptable => Failure::permanent(
                "command.unacceptable",
                "An order was submitted that cannot be accepted. Check its service, its options and the number of its files, and submit it again.",
            ),
            Self::IdTaken => Failure::permanent(
                "order.id_taken",
                "An order was submitted under the id of another order, which is not affected. Submit it again under a new id.",
            ),
            Self::CommandFailed => Failure::permanent(
                "command.dead_lettered",
                "A command failed repeatedly for hours. Look at the order, check the command's options, and send it again.",
            ),
            Self::Early => Failure::permanent(
                "message.ahead",
                "A queue received a message for a phase that its order never reached. Check who may send to the queue.",
            ),
        }
    }
}

/// Records and alerts that a message is rejected, once per message.
pub async fn reject(delivery: &Delivery<'_>, origin: Origin, reason: Reason) -> Answer {
    let message = &delivery.message;
    let origin = Origin { correlation_id: origin.correlation_id.or_else(|| Some(message.id.clone())), ..origin };
    let id = FailureId::of_message(&message.id);
    let failure = origin.into_record(id, reason.failure(), phase_of(&message.queue_arn), delivery.now());
    // Claimed for this delivery only, because the queue may deliver a message twice at the same time.
    match record_and_alert(delivery.pipeline, &failure, &message.receipt_handle).await {
        Ok(()) => Answer::Acknowledge,
        Err(error) => {
            tracing::warn!(error = %error, "rejection not recorded or not alerted yet; will retry");
            Answer::Refuse
        }
    }
}

/// The phase whose queue a message came from; the first phase for the command queue.
fn phase_of(queue_arn: &str) -> Phase {
    let name = queue_arn.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    Phase::ALL.into_iter().find(|phase| name.contains(phase.as_str())).unwrap_or(Phase::Extract)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_message_belongs_to_the_phase_whose_queue_delivered_it() {
        let arn = |name: &str| format!("arn:aws:sqs:ap-south-1:000000000000:{name}");
        for (queue, phase) in [
            ("docket-dev-extract", Phase::Extract),
            ("docket-dev-classify-dead", Phase::Classify),
            ("Docket-Dev-ReviewQueue", Phase::Review),
            ("docket-dev-validate", Phase::Validate),
            ("docket-dev-generate", Phase::Generate),
            ("docket-dev-commands", Phase::Extract),
        ] {
            assert_eq!(phase_of(&arn(queue)), phase, "{queue}");
        }
        assert_eq!(phase_of("arn:aws:sqs:generate:0:docket-dev-review"), Phase::Review, "only the name counts");
    }

    #[test]
    fn every_reason_has_a_code_of_its_own_and_says_what_to_do() {
        let reasons = [Reason::Unreadable, Reason::Unacceptable, Reason::IdTaken, Reason::CommandFailed, Reason::Early];
        let codes = reasons.map(|reason| reason.failure().code.into_owned());
        let expected =
            ["message.unreadable", "command.unacceptable", "order.id_taken", "command.dead_lettered", "message.ahead"];
        assert_eq!(codes, expected);
    }
}
