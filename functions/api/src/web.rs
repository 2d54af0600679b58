//! Asks the issuer over the network, with the HTTP client that the AWS SDK uses.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use api::access::issuer::{Answer, Ask, Call};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, Limited};
use tokio::time::timeout;

/// Time limit for opening a connection.
const CONNECT_TIMEOUT_MS: u64 = 1_000;
/// Time limit of one call, its answer included.
const CALL_TIMEOUT_MS: u64 = 5_000;
/// Attempts at fetching a document. A code is sent once: a second attempt could only be told that it was used.
const GET_COUNT_MAX: u32 = 2;
/// Size limit of an answer, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Asks over the network. The client is built at the first call.
pub(crate) fn call() -> Call {
    let connector = Arc::new(OnceLock::new());
    Box::new(move |ask| {
        let connector = Arc::clone(&connector);
        Box::pin(async move {
            let connector = connector.get_or_init(connect);
            let attempts = if matches!(ask, Ask::Get { .. }) { GET_COUNT_MAX } else { 1 };
            for attempt in 1..=attempts {
                match timeout(Duration::from_millis(CALL_TIMEOUT_MS), send(connector, &ask)).await {
                    Ok(Some(answer)) if answer.status < 500 || attempt == attempts => return Some(answer),
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => tracing::warn!(attempt, "the issuer did not answer"),
                }
            }
            None
        })
    })
}

fn connect() -> Connector {
    let limits = HttpConnectorSettings::builder()
        .connect_timeout(Duration::from_millis(CONNECT_TIMEOUT_MS))
        .read_timeout(Duration::from_millis(CALL_TIMEOUT_MS))
        .build();
    Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .connector_settings(limits)
        .sleep_impl(TokioSleep::new())
        .build()
}

async fn send(connector: &Connector, ask: &Ask) -> Option<Answer> {
    let answer = connector.call(request(ask)?).await.ok()?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.ok()?;
    Some(Answer { status, body: body.to_bytes().to_vec() })
}

fn request(ask: &Ask) -> Option<Request> {
    let (url, body) = match ask {
        Ask::Get { url } => (url, SdkBody::empty()),
        Ask::Post { url, form } => (url, SdkBody::from(form.as_str())),
    };
    let mut request = Request::new(body);
    request.set_uri(url.as_str()).ok()?;
    request.headers_mut().insert("accept", "application/json");
    if let Ask::Post { form, .. } = ask {
        request.set_method("POST").ok()?;
        request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        request.headers_mut().insert("content-length", form.len().to_string());
    }
    Some(request)
}
