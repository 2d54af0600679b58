//! Records failures that are not part of an order's write.

use domain::failure::{Failure, FailureId, FailureRecord};
use domain::id::{FirmId, OrderId, RunNumber};
use domain::message::{Command, CommandMessage};
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use jiff::Timestamp;

use crate::alerting::{Alerted, publish_owed};
use crate::pipeline::Pipeline;

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

/// Records a failure unless it is recorded already, and publishes its alert for `owner` if it is owed.
///
/// # Errors
/// [`aws::Error`] when a call failed; calling this again does what is left.
pub async fn record_and_alert(pipeline: &Pipeline, failure: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    pipeline.store.record_failure(failure).await?;
    alert_recorded(pipeline, failure, owner).await
}

/// Publishes the alert of a recorded failure for `owner` if it is owed.
///
/// # Errors
/// [`aws::Error`] when a call failed or another function has claimed the alert; it stays owed.
pub async fn alert_recorded(pipeline: &Pipeline, failure: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    match publish_owed(pipeline, &failure.firm_id, failure.order_id, &failure.failure_id, owner).await? {
        Alerted::Done => Ok(()),
        Alerted::Busy { .. } => {
            Err(aws::Error::Unavailable { operation: "claim of the alert", code: "busy".to_owned() })
        }
    }
}
