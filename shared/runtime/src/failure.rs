//! Records failures that are not part of an order's write.

use domain::failure::{Failure, FailureId, FailureRecord};
use domain::id::{FirmId, OrderId, RunNumber};
use domain::message::{Command, CommandMessage};
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use jiff::Timestamp;

use crate::alerting::{Alerted, OwedAlert, publish_owed};
use crate::pipeline::Pipeline;

/// A unit was claimed as often as it may be, and its work was neither finished nor given back.
pub const DEAD_LETTERED: Failure = Failure::permanent(
    "message.dead_lettered",
    "The phase crashed several times without an error message. Retry the order; if it fails again, split or replace its files.",
);

/// The owner of a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FailureOwner {
    /// An order's.
    Order {
        /// The firm it belongs to.
        firm_id: FirmId,
        /// The order.
        order_id: OrderId,
    },
    /// None: the message names no order.
    #[default]
    Unattributed,
}

impl FailureOwner {
    /// The ids that its failures are stored under.
    fn into_ids(self) -> (FirmId, OrderId) {
        match self {
            Self::Order { firm_id, order_id } => (firm_id, order_id),
            Self::Unattributed => (FirmId::unknown(), OrderId::from_parts(0, 0)),
        }
    }
}

/// Where a failure comes from, as far as known.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Whose failure it is.
    pub owner: FailureOwner,
    /// The service that was ordered.
    pub service_code: Option<ServiceCode>,
    /// The correlation id; if it is not known, the order's id stands in.
    pub correlation_id: Option<String>,
}

impl From<&Order> for Origin {
    fn from(order: &Order) -> Self {
        Self {
            owner: FailureOwner::Order { firm_id: order.firm_id().clone(), order_id: order.order_id() },
            service_code: Some(order.service_code()),
            correlation_id: Some(order.correlation_id().to_owned()),
        }
    }
}

impl From<&CommandMessage> for Origin {
    fn from(message: &CommandMessage) -> Self {
        let service_code = match message.command {
            Command::Submit { service_code, .. } => Some(service_code),
            _ => None,
        };
        Self {
            owner: FailureOwner::Order { firm_id: message.firm_id.clone(), order_id: message.order_id },
            service_code,
            correlation_id: Some(message.command_id.clone()),
        }
    }
}

impl Origin {
    /// The record of a failure from here.
    #[must_use]
    pub fn into_record(
        self,
        failure_id: FailureId,
        failure: Failure,
        phase: Phase,
        occurred_at: Timestamp,
    ) -> FailureRecord {
        let (firm_id, order_id) = self.owner.into_ids();
        FailureRecord {
            failure_id,
            order_id,
            firm_id,
            // A record must name a service; if it is not known, the canary stands in.
            service_code: self.service_code.unwrap_or(ServiceCode::Canary),
            doc_type: None,
            prompt_version_used: None,
            phase,
            run: RunNumber::FIRST,
            category: failure.category,
            code: failure.code.into_owned(),
            error_message: failure.message.into_owned(),
            occurred_at,
            correlation_id: self.correlation_id.unwrap_or_else(|| order_id.to_string()),
        }
    }
}

/// Records a failure unless it is recorded already, and publishes its alert for `owner` if it is owed, or leaves it for a
/// digest.
///
/// # Errors
/// [`aws::Error`] when a call failed; calling this again does what is left.
pub async fn record_and_alert(pipeline: &Pipeline, failure: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    pipeline.store.record_failure(failure).await?;
    alert_recorded(pipeline, failure, owner).await
}

/// Publishes the alert of a recorded failure for `owner` if it is owed, or leaves it for a digest.
///
/// # Errors
/// [`aws::Error`] when a call failed or another function has claimed the alert; it stays owed.
pub async fn alert_recorded(pipeline: &Pipeline, failure: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    let id = failure.failure_id.clone().into();
    let alert = OwedAlert { firm: &failure.firm_id, order: failure.order_id, id: &id, owner };
    match publish_owed(pipeline, alert, None).await? {
        Alerted::Done | Alerted::LeftForDigest | Alerted::Unreadable { .. } => Ok(()),
        Alerted::Busy { .. } => {
            Err(aws::Error::Unavailable { operation: "claim of the alert", code: "busy".to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{accepted, at};

    fn record(origin: Origin) -> FailureRecord {
        let failure = Failure::permanent("test.permanent", "Say what to do.");
        origin.into_record(FailureId::of_message("m1"), failure, Phase::Review, at(5))
    }

    fn command(command: Command) -> CommandMessage {
        let order = accepted(0);
        CommandMessage {
            schema: 1,
            command_id: "command-7".to_owned(),
            order_id: order.order_id(),
            firm_id: order.firm_id().clone(),
            resends: 0,
            command,
        }
    }

    #[test]
    fn a_failure_is_recorded_with_the_order_service_and_correlation_it_comes_from() {
        let order = accepted(0);
        let of_order = record(Origin::from(&order));
        assert_eq!((of_order.order_id, of_order.firm_id.as_str()), (order.order_id(), "firm"));
        assert_eq!((of_order.service_code, of_order.correlation_id.as_str()), (ServiceCode::Canary, "command-1"));
        assert_eq!((of_order.failure_id.as_str(), of_order.phase), ("message-m1", Phase::Review));
        assert_eq!((of_order.code.as_str(), of_order.occurred_at), ("test.permanent", at(5)));

        let submit = Command::Submit { service_code: ServiceCode::Cma, documents: 1, options: Default::default() };
        let of_submit = record(Origin::from(&command(submit)));
        assert_eq!((of_submit.service_code, of_submit.correlation_id.as_str()), (ServiceCode::Cma, "command-7"));
        assert_eq!((of_submit.order_id, of_submit.firm_id.as_str()), (order.order_id(), "firm"));
        assert_eq!(Origin::from(&command(Command::Cancel { run: None })).service_code, None);
    }

    #[test]
    fn a_failure_that_belongs_to_no_order_is_kept_under_stand_ins() {
        let nobodys = record(Origin::default());
        assert_eq!((nobodys.order_id, nobodys.firm_id.as_str()), (OrderId::from_parts(0, 0), "unknown"));
        assert_eq!(nobodys.correlation_id, "00000000000000000000000000");
    }
}
