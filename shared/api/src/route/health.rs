//! Whether what the desk depends on answers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::Api;

/// How long an answer is kept, in seconds: asking often costs nothing.
const KEPT_SECS: i64 = 30;

/// Whether the desk works.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// `ok`, or `unavailable` if a dependency does not answer.
    pub status: &'static str,
    /// Each dependency.
    pub dependencies: Vec<DependencyView>,
    /// When they were asked, UTC.
    pub checked_at: String,
}

/// Whether a dependency answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DependencyView {
    /// Its name.
    pub name: &'static str,
    /// `ok` or `unavailable`.
    pub status: &'static str,
    /// How long it took to answer, in milliseconds.
    pub latency_ms: u64,
}

/// The last answer.
#[derive(Default)]
pub(crate) struct Health(Mutex<Option<(Timestamp, HealthView)>>);

/// Tells whether what the desk depends on answers. Public; an answer is kept for 30 seconds.
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = 200, body = HealthView), (status = 503, body = HealthView)))]
pub(crate) async fn health(State(api): State<Api>) -> Response {
    let now = api.pipeline.clock.now();
    let mut kept = api.health.0.lock().await;
    let fresh = kept.as_ref().filter(|(at, _)| now.duration_since(*at).as_secs().abs() < KEPT_SECS);
    let view = match fresh {
        Some((_, view)) => view.clone(),
        None => {
            let view = check(&api, now).await;
            *kept = Some((now, view.clone()));
            view
        }
    };
    let status = if view.status == OK { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(view)).into_response()
}

const OK: &str = "ok";

async fn check(api: &Api, now: Timestamp) -> HealthView {
    let (table, bucket, queue) = tokio::join!(
        ask(api, "table", api.pipeline.store.ping()),
        ask(api, "documents", api.bucket.ping()),
        ask(api, "queues", api.pipeline.queues.ping()),
    );
    let dependencies = vec![table, bucket, queue];
    let all_answer = dependencies.iter().all(|dependency| dependency.status == OK);
    HealthView { status: if all_answer { OK } else { "unavailable" }, dependencies, checked_at: now.to_string() }
}

async fn ask(api: &Api, name: &'static str, call: impl Future<Output = Result<(), aws::Error>>) -> DependencyView {
    let began = api.pipeline.clock.now();
    let answer = call.await;
    let took = api.pipeline.clock.now().duration_since(began);
    let latency_ms = u64::try_from(took.as_millis()).unwrap_or(0);
    let status = match answer {
        Ok(()) => OK,
        Err(error) => {
            tracing::warn!(dependency = name, error = %error, "a dependency does not answer");
            "unavailable"
        }
    };
    DependencyView { name, status, latency_ms }
}
