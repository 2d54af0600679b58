//! Starts a function on Lambda. Its `main` only calls [`start`].

use std::fmt;

use aws_credential_types::Credentials;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

use crate::environment::{Environment, MissingVariable};
use crate::invocation::Invocation;

/// Why a whole invocation failed. The variant names are stable, and no variant holds the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The event is not of a kind that the function handles.
    #[error("the event is not of a kind that this function handles; check its triggers in template.yaml")]
    UnknownEvent,
    /// A dependency failed; Lambda delivers the event again.
    #[error("a dependency is temporarily unavailable; Lambda will retry")]
    NotNow,
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        let error_type = match fault {
            Fault::UnknownEvent => "UnknownEvent",
            Fault::NotNow => "NotNow",
        };
        Self { error_type: error_type.to_owned(), error_message: fault.to_string() }
    }
}

/// Why a function could not start. Rust prints an error returned by `main` with `Debug`, so that prints the sentence too.
#[derive(thiserror::Error)]
pub enum StartError {
    /// The configuration is incomplete.
    #[error(transparent)]
    Configuration(#[from] MissingVariable),
    /// The Lambda runtime stopped.
    #[error("the Lambda runtime stopped: {0}")]
    Runtime(lambda_runtime::Error),
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Builds a function's resources from the environment, then serves invocations until Lambda ends the process.
///
/// # Errors
/// [`StartError`] names the variable that is missing.
pub async fn start<R>(
    build: impl FnOnce(&Environment) -> Result<R, MissingVariable>,
    handle: impl AsyncFn(&R, Invocation, Value) -> Result<Value, Fault>,
) -> Result<(), StartError> {
    // Fails if there already is a subscriber, which then stays.
    let _ = tracing::subscriber::set_global_default(log_to(std::io::stdout));
    let environment = environment()?.deployed();
    let resources = build(&environment)?;
    let (resources, handle) = (&resources, &handle);
    let service = service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
        let invocation = Invocation {
            request_id: event.context.request_id,
            deadline: Timestamp::from_millisecond(deadline).unwrap_or(Timestamp::MAX),
        };
        Box::pin(handle(resources, invocation, event.payload)).await
    });
    lambda_runtime::run(service).await.map_err(StartError::Runtime)
}

/// Structured logs: one JSON object per line, with the fields of the event and of all spans around it. Lambda adds the
/// time.
pub fn log_to<W>(writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'writer> tracing_subscriber::fmt::MakeWriter<'writer> + Send + Sync + 'static,
{
    let format = tracing_subscriber::fmt().json().flatten_event(true).without_time().with_target(false);
    format.with_max_level(tracing::Level::INFO).with_writer(writer).finish()
}

/// The environment that Lambda gives a function. Its credentials outlive the process, so no provider chain is needed to
/// renew them. `docket` reads the same variables when it works on an account.
///
/// # Errors
/// [`MissingVariable`] names the first that is missing.
pub fn environment() -> Result<Environment, MissingVariable> {
    let variable = |name: &'static str| std::env::var(name).map_err(|_| MissingVariable { name });
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "Lambda",
    );
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut sdk = aws::sdk::configuration(variable("AWS_REGION")?, credentials, http, SystemTimeSource::new());
    if let Ok(endpoint) = std::env::var("AWS_ENDPOINT_URL") {
        sdk = sdk.into_builder().endpoint_url(endpoint).build();
    }
    Ok(Environment::new(|name| std::env::var(name).ok(), sdk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_invocation_has_a_stable_name_and_a_sentence() {
        let unknown = Diagnostic::from(Fault::UnknownEvent);
        assert_eq!(
            (unknown.error_type.as_str(), unknown.error_message),
            ("UnknownEvent", Fault::UnknownEvent.to_string())
        );
        assert_eq!(Diagnostic::from(Fault::NotNow).error_type, "NotNow");
    }

    #[test]
    fn a_function_that_cannot_start_prints_the_sentence_that_names_the_variable() {
        let error = StartError::from(MissingVariable { name: "TABLE_NAME" });
        assert_eq!(
            format!("{error:?}"),
            "the environment variable TABLE_NAME is missing or cannot be used; set it in template.yaml"
        );
    }
}
