//! Sends the SDK's requests to the socket of a running `docket serve`.

use std::path::PathBuf;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::body::to_bytes;
use axum::http::header::HOST;
use axum::http::{HeaderValue, Request, Uri};
use tokio::net::UnixStream;

/// Answers longer than this are refused, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// The HTTP client of the SDK, over a socket.
#[derive(Clone, Debug)]
pub(crate) struct OverSocket {
    /// The socket.
    pub(crate) path: PathBuf,
}

impl OverSocket {
    /// Whether somebody answers.
    pub(crate) async fn is_open(&self) -> bool {
        UnixStream::connect(&self.path).await.is_ok()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let stream = UnixStream::connect(&self.path).await.map_err(|error| ConnectorError::io(error.into()))?;
        let io = |error: hyper::Error| ConnectorError::io(error.into());
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.map_err(io)?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(addressed(request)?).await.map_err(io)?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(axum::body::Body::new(body), ANSWER_BYTES_MAX).await;
        connection.abort();
        let body = body.map_err(|error| ConnectorError::io(error.into()))?;
        let response = axum::http::Response::from_parts(parts, SdkBody::from(body));
        response.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))
    }
}

/// The request as it is sent to one host: its address without the host, which goes into a header.
fn addressed(request: Request<SdkBody>) -> Result<Request<SdkBody>, ConnectorError> {
    let (mut parts, body) = request.into_parts();
    if let Some(host) = parts.uri.host() {
        let host = HeaderValue::from_str(host).map_err(|error| ConnectorError::user(error.into()))?;
        parts.headers.insert(HOST, host);
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse::<Uri>().map_err(|error| ConnectorError::user(error.into()))?;
    Ok(Request::from_parts(parts, body))
}

impl HttpConnector for OverSocket {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.clone();
        HttpConnectorFuture::new(async move { client.send(request).await })
    }
}

impl HttpClient for OverSocket {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
