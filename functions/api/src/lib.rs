//! The API and the desk on Lambda: events of an HTTP API of API Gateway become requests to the router of `shared/api`, and its
//! responses the gateway's answers.

mod answer;
mod configuration;
mod event;
mod web;

use std::fmt::Write as _;

use api::access::issuer::Call;
use api::problem::Problem;
use api::{Api, Uploads};
use aws::sdk::Clock;
use axum::Router;
use axum::http::StatusCode;
use domain::phase::Phase;
use lambda_http::tower::util::MapRequest;
use lambda_http::{Adapter, Context, LambdaEvent, Request, Service};
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::panics::catch;
use runtime::pipeline::Pipeline;
use serde_json::Value;

/// Bytes of the id of a request that the gateway gave none.
const CORRELATION_BYTES: usize = 12;

/// The resources that the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    router: Router,
    clock: Clock,
}

impl Resources {
    /// The resources from the environment.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing or cannot be used.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        Self::with_issuer(environment, web::call())
    }

    /// The same, over an issuer that is asked in another way.
    ///
    /// # Errors
    /// As [`Resources::new`].
    pub fn with_issuer(environment: &Environment, issuer: Call) -> Result<Self, MissingVariable> {
        let clock = Clock::of(environment.sdk());
        let access = configuration::access(environment, issuer, &clock)?;
        let pipeline = Pipeline::new(environment, &Phase::ALL)?;
        let deadlines = environment.review_deadlines()?;
        let api = Api::new(pipeline, environment.bucket()?, access, Uploads::ToBucket, deadlines, random_id);
        Ok(Self { router: api::router(api), clock })
    }
}

/// Handles one invocation: one request.
///
/// # Errors
/// [`Fault`] when the event is no request of an HTTP API.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let began = resources.clock.now();
    let correlation_id = event::request_id(&event).unwrap_or_else(random_id);
    let request = event::read(event)?;
    let mut context = Context::default();
    context.request_id.clone_from(&invocation.request_id);
    let router = resources.router.clone();
    let answering = catch(async move {
        // Anything may be in a request, and the conversion of some of it panics.
        let service: MapRequest<Router, fn(Request) -> Request> = MapRequest::new(router, event::identify);
        Adapter::from(service).call(LambdaEvent::new(request, context)).await
    });
    let answer = match tokio::time::timeout(invocation.time_to_work(began), answering).await {
        Ok(Ok(Ok(response))) => {
            serde_json::to_value(response).unwrap_or_else(|_| answer::of(&failed(), &correlation_id))
        }
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(_)) => answer::of(&failed(), &correlation_id),
        Err(_) => answer::of(&Problem::unavailable(), &correlation_id),
    };
    let took = resources.clock.now().duration_since(began);
    tracing::info!(
        correlation.id = %correlation_id,
        invocation.id = %invocation.request_id,
        http.status = answer["statusCode"].as_i64(),
        duration_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        "request answered"
    );
    Ok(answer)
}

fn failed() -> Problem {
    let action =
        "Report it with its correlation id. Send a command again with the same Idempotency-Key; it takes effect once.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "service.panicked", "The program crashed", action)
}

/// An id that no other request has.
fn random_id() -> String {
    let mut random = [0; CORRELATION_BYTES];
    // It only has to tell requests apart, so without randomness it is merely of little use.
    let _ = getrandom::fill(&mut random);
    random.iter().fold(String::with_capacity(CORRELATION_BYTES * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
