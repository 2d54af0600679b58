//! What requests carry beside their route: a body, an idempotency key, an entity tag, a reason.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::id::OrderId;
use domain::limit::REASON_CHARS_MAX;
use domain::person::Person;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// Size limit of a JSON body, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Characters of an idempotency key.
const KEY_CHARS_MAX: usize = 128;
/// The header that makes a request one that may be repeated.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A JSON body. What it holds is not repeated in an error.
pub(crate) struct Json<T> {
    /// What it says.
    pub(crate) value: T,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub(crate) digest: String,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            let action = "Send JSON, with `Content-Type: application/json`.";
            let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(unsupported, "request.media_type", "The body is not JSON", action));
        }
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|_| {
            let action = "Send a smaller body.";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", "The body is too large", action)
        })?;
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Problem::malformed(format!("the body is not what the route takes, at {place}"))
        })?;
        Ok(Self { value, digest: aws::bucket::digest(&bytes) })
    }
}

/// An order id in the path. Any other text answers as an unknown order does.
pub(crate) struct OrderPath(pub(crate) OrderId);

impl<S: Send + Sync> FromRequestParts<S> for OrderPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let order = path(parts, state).await?.order.parse();
        order.map(Self).map_err(|_| Problem::no_order())
    }
}

/// Variables of a path.
#[derive(serde::Deserialize)]
struct Variables {
    order: String,
}

async fn path<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Variables, Problem> {
    let path = axum::extract::Path::<Variables>::from_request_parts(parts, state).await;
    path.map(|axum::extract::Path(variables)| variables).map_err(|_| Problem::no_order())
}

/// The query of an address. What it holds is not repeated in an error.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        let wrong = |_| Problem::malformed("the query of the address cannot be read".to_owned());
        query.map(|axum::extract::Query(asked)| Self(asked)).map_err(wrong)
    }
}

/// The key of a command, by which a repeat is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key in the headers of a request.
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let text = headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok());
        text.map_or_else(|| Err(Self::missing()), Self::parse)
    }

    /// A key that came another way, as in a form.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let is_plain = |c: char| c.is_ascii_graphic();
        if (1..=KEY_CHARS_MAX).contains(&text.len()) && text.chars().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Self::missing())
        }
    }

    fn missing() -> Problem {
        let action =
            "Send a header Idempotency-Key with a new random value, such as a UUID, and the same value in a repeat.";
        Problem::new(StatusCode::BAD_REQUEST, "request.no_key", "The command has no idempotency key", action)
    }

    /// The digest under which the command of a person is stored: 64 hexadecimal digits.
    pub(crate) fn digest(&self, person: &Person) -> String {
        digest(&[person.firm.as_str(), person.user.as_str(), &self.0])
    }

    /// The key of one part of a command that has several.
    pub(crate) fn of_part(&self, part: &str) -> Self {
        Self(digest(&[&self.0, part]))
    }

    /// The id of the order that a command with this key creates: the same in a repeat.
    pub(crate) fn order_id(&self, person: &Person) -> OrderId {
        let bytes: [u8; 32] = Sha256::digest(format!("order {}", self.digest(person))).into();
        let mut number = [0; 16];
        number.copy_from_slice(&bytes[..16]);
        let number = u128::from_be_bytes(number);
        // The upper 48 bits stand where other ids hold their time.
        OrderId::from_parts(u64::try_from(number >> 80).unwrap_or(0), number & ((1 << 80) - 1))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers)
    }
}

/// SHA-256 of texts, each with its length, lower-case hexadecimal.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut all = Vec::new();
    for part in parts {
        all.extend(part.len().to_be_bytes());
        all.extend(part.as_bytes());
    }
    aws::bucket::digest(&all)
}

/// The entity tag that a write names, if it names one.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<String, Problem> {
    let tag = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()).map(unquote);
    tag.ok_or_else(|| {
        let action = "Read it first, and send its ETag as If-Match.";
        let required = StatusCode::PRECONDITION_REQUIRED;
        Problem::new(required, "request.no_tag", "The request does not say what it has seen", action)
    })
}

/// Whether the caller has seen `tag` already.
pub(crate) fn has_seen(headers: &HeaderMap, tag: &str) -> bool {
    let seen = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    seen.is_some_and(|seen| seen.split(',').any(|one| unquote(one) == tag))
}

/// An entity tag without its quotes, weak or not.
fn unquote(tag: &str) -> String {
    tag.trim().trim_start_matches("W/").trim_matches('"').to_owned()
}

/// A person's reason for a change.
pub(crate) fn reason(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if (1..=REASON_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    let action = "Say why, in one line of at most 500 characters.";
    Err(Problem::new(StatusCode::BAD_REQUEST, "request.no_reason", "The change gives no reason", action))
}
