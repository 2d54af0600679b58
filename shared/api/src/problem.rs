//! Errors as callers see them: RFC 9457 problem documents. Their texts are the program's own, so nothing of a document, and nothing
//! that a caller sent, gets into one.

use aws::Error;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::lifecycle::{IllegalTransition, Refusal, Unacceptable};
use domain::order::Order;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// When to try again what is not available at the moment, in seconds.
pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// A problem document (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Names the kind of problem; equal to `code`, as a URI reference.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the kind of problem is.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Stable code.
    pub code: &'static str,
    /// What to do about it.
    pub action: &'static str,
    /// Follows the request through the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The order's run, where the problem is its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<u32>,
    /// The order's phase, where the problem is its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The order's progress in percent, where the problem is its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// Who holds what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// How many there are of what was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

/// An error of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<ProblemDocument>);

impl Problem {
    /// A problem with its status, its stable code, its title and what to do about it.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, action: &'static str) -> Self {
        Self(Box::new(ProblemDocument {
            kind: format!("#{code}"),
            title,
            status: status.as_u16(),
            detail: None,
            code,
            action,
            correlation_id: None,
            run: None,
            phase: None,
            percent: None,
            holder: None,
            count: None,
        }))
    }

    /// The same problem with what happened this time: the text of an error that holds only static text and numbers.
    #[must_use]
    pub fn with_detail(mut self, detail: String) -> Self {
        self.0.detail = Some(detail);
        self
    }

    /// The same problem with the state that the order is in.
    #[must_use]
    pub fn about(mut self, order: &Order) -> Self {
        self.0.run = Some(order.run().get());
        self.0.phase = Some(order.phase().as_str().to_owned());
        self.0.percent = Some(order.progress_percent());
        self
    }

    /// The same problem with who holds what was asked for.
    #[must_use]
    pub fn held_by(mut self, holder: String) -> Self {
        self.0.holder = Some(holder);
        self
    }

    /// The same problem with a count.
    #[must_use]
    pub fn counting(mut self, count: usize) -> Self {
        self.0.count = Some(count);
        self
    }

    /// The same problem with the id of its request.
    #[must_use]
    pub fn of_request(mut self, correlation_id: &str) -> Self {
        self.0.correlation_id = Some(correlation_id.to_owned());
        self
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &ProblemDocument {
        &self.0
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Nobody is signed in, or their token does not hold.
    #[must_use]
    pub fn signed_out() -> Self {
        let action = "Sign in, and send the token as `Authorization: Bearer`.";
        Self::new(StatusCode::UNAUTHORIZED, "access.signed_out", "Not signed in", action)
    }

    /// Whoever asks may not do this.
    #[must_use]
    pub fn wrong_role() -> Self {
        let action = "Ask somebody with the role that this takes.";
        Self::new(StatusCode::FORBIDDEN, "access.wrong_role", "This takes another role", action)
    }

    /// There is no such order in this firm.
    #[must_use]
    pub fn no_order() -> Self {
        let action = "Check the id; GET /v1/orders lists the firm's orders.";
        Self::new(StatusCode::NOT_FOUND, "order.not_found", "No such order", action)
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found() -> Self {
        let action = "Check the address; GET /openapi.json lists what there is.";
        Self::new(StatusCode::NOT_FOUND, "request.not_found", "Nothing here", action)
    }

    /// The order changed while the request was carried out.
    #[must_use]
    pub fn changed() -> Self {
        let action = "Read it again, and decide again.";
        Self::new(StatusCode::PRECONDITION_FAILED, "order.changed", "It has changed since it was read", action)
    }

    /// A dependency is away.
    #[must_use]
    pub fn unavailable() -> Self {
        let action = "Nothing is lost. Send the same request again, with the same Idempotency-Key.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "service.unavailable", "Not available at the moment", action)
    }

    /// The request is not what the route takes.
    #[must_use]
    pub fn malformed(detail: String) -> Self {
        let action = "Correct the request; GET /openapi.json says what it takes.";
        Self::new(StatusCode::BAD_REQUEST, "request.malformed", "The request cannot be read", action)
            .with_detail(detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable { .. } => {
                tracing::warn!(error = %error, "a dependency is unavailable; the request is refused for now");
                Self::unavailable()
            }
            Error::TooLarge { .. } => {
                let action = "Upload a smaller file.";
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "file.too_large", "Too large", action)
                    .with_detail(error.to_string())
            }
            Error::Refused { .. } | Error::Damaged { .. } | Error::Missing { .. } => {
                tracing::error!(error = %error, "a request failed because of a dependency's answer");
                let action = "Report it with its correlation id. Other orders are not concerned.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "service.failed", "It cannot be answered", action)
            }
        }
    }
}

impl From<&Unacceptable> for Problem {
    fn from(unacceptable: &Unacceptable) -> Self {
        let action = "Correct the order.";
        let status = match unacceptable {
            Unacceptable::Unreviewed => StatusCode::FORBIDDEN,
            Unacceptable::NoDocuments | Unacceptable::TooManyDocuments | Unacceptable::StartsLate => {
                StatusCode::BAD_REQUEST
            }
        };
        Self::new(status, "order.unacceptable", "The order cannot be accepted as it is", action)
            .with_detail(unacceptable.to_string())
    }
}

impl Problem {
    /// The problem of a command that does not fit its order.
    #[must_use]
    pub fn refused(refused: &IllegalTransition, order: &Order) -> Self {
        let conflict = |code, title, action| Self::new(StatusCode::CONFLICT, code, title, action).about(order);
        let problem = match refused.why {
            Refusal::WrongRole => return Self::wrong_role(),
            Refusal::OwnWork => {
                let action = "Ask a reviewer who has not worked on the order.";
                return Self::new(StatusCode::FORBIDDEN, "review.own_work", "It is your own work", action);
            }
            Refusal::NoDocuments => {
                let action = "Upload a file first.";
                return Self::new(StatusCode::BAD_REQUEST, "order.no_documents", "The order has no files", action);
            }
            Refusal::TooManyDocuments => {
                let action = "Divide the files between several orders.";
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "order.too_many_documents", "Too many files", action)
            }
            Refusal::Submitted if order.is_active() => {
                let action = "Watch its progress, or cancel it.";
                conflict("order.processing", "The order is being processed", action)
            }
            Refusal::Stale | Refusal::Early => {
                conflict("order.other_run", "The order is in another run", "Read it again, and decide again.")
            }
            Refusal::Busy | Refusal::NotFailed if order.is_active() => {
                let action = "Wait until it has ended, or cancel it.";
                conflict("order.processing", "The order is being processed", action)
            }
            Refusal::Draft => conflict("order.draft", "The order is a draft", "Have it processed first."),
            _ => conflict("order.state", "The order's state does not allow it", "Read it again, and decide again."),
        };
        problem.with_detail(refused.why.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // Whoever sends the answer adds the request's id, and turns it into a page for a browser.
        response.extensions_mut().insert(self);
        response
    }
}
