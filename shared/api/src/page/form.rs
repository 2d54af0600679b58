//! Forms as browsers send them.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;

use crate::problem::Problem;
use crate::request::{BODY_BYTES_MAX, IdempotencyKey};

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::malformed("the form cannot be read".to_owned()));
        }
        let bytes = to_bytes(request.into_body(), 4 * BODY_BYTES_MAX).await;
        let bytes = bytes.map_err(|_| Problem::malformed("the form is too large".to_owned()))?;
        Ok(Self(form_urlencoded::parse(&bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
    }
}

impl Form {
    /// A form of these fields.
    pub(super) fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The value of a field; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Whether a box is ticked.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// The key that makes a repeat of the form harmless.
    pub(super) fn key(&self) -> Result<IdempotencyKey, Problem> {
        IdempotencyKey::parse(self.text("idempotency_key"))
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Result<u32, Problem> {
        self.text(name).parse().map_err(|_| Problem::malformed("a number is missing in the form".to_owned()))
    }

    /// All fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
