//! Answers the SDK's HTTP connector: finds the service that a request is for, calls the interceptor, and makes the HTTP
//! response.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use super::aws::Aws;
use super::intercept::{Action, Service};
use super::scope::Scope;
use super::wire::{Reply, Request};
use super::{dynamodb, lambda, s3, sns, sqs, units};

/// The connection broke before the answer arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was reset")]
pub struct Reset;

impl HttpClient for Aws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let aws = self.clone();
        HttpConnectorFuture::new(async move {
            let request = read(request).await?;
            let reply = aws.relay(request).await.map_err(|reset| ConnectorError::io(reset.into()))?;
            write(reply)
        })
    }
}

impl Aws {
    /// Answers a request of the SDK's client. An interceptor may replace it with another one.
    async fn relay(&self, request: Request) -> Result<Reply, Reset> {
        match self.interceptor().and_then(|interceptor| interceptor.relay(self, &request)) {
            Some(relayed) => relayed.await,
            None => self.answer(request).await,
        }
    }

    /// Answers one request as the addressed service would. The signature is not checked.
    ///
    /// The SDK's clients call this through the connector; a loopback server can pass on requests of other clients.
    ///
    /// # Errors
    /// When an interceptor breaks the connection.
    pub async fn answer(&self, request: Request) -> Result<Reply, Reset> {
        let request = s3::unchunk(request);
        let (service, operation) = identify(&request);
        let Some(interceptor) = self.interceptor() else {
            self.count(service, operation.clone());
            return Ok(self.effect(service, &operation, &request).await);
        };
        let call = self.describe(service, operation, resource(service, &request), &request);
        let latency = interceptor.latency(&call);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        if let Some(hold) = interceptor.hold(&call) {
            hold.await;
        }
        let action = interceptor.before(&call);
        let reject_first = action == Action::RejectFirst;
        if let Some(reply) = enact(action, call.service).await? {
            return Ok(reply);
        }
        let request = match interceptor.rewrite_request(&call) {
            Some(body) => Request { body, ..request },
            None => request,
        };
        let reply = if reject_first && service == Service::Sqs {
            sqs::answer_rejecting_first(self, &call.operation, &request.body).await
        } else {
            self.effect(service, &call.operation, &request).await
        };
        let reply = interceptor.rewrite_reply(&call, reply);
        match interceptor.after(&call) {
            Action::Truncate => Ok(Reply { truncated: true, ..reply }),
            Action::Corrupt => Ok(reply.corrupted()),
            action => Ok(enact(action, call.service).await?.unwrap_or(reply)),
        }
    }

    async fn effect(&self, service: Service, operation: &str, request: &Request) -> Reply {
        let reply = match service {
            Service::DynamoDb => units::answer_tables(self, operation, &request.body),
            Service::Sqs => sqs::answer(self, operation, &request.body).await,
            Service::Lambda => lambda::answer(self, request),
            Service::Sns => sns::answer(self, operation, &request.body),
            Service::S3 => units::answer_objects(self, operation, request),
        };
        match self.inner().store.settle().await {
            Ok(()) => reply,
            Err(_) => failure(service, 500, "InternalError", "the store cannot be written"),
        }
    }
}

/// The service and the API action that a request is for.
fn identify(request: &Request) -> (Service, Arc<str>) {
    match request.header("x-amz-target").and_then(|target| target.split_once('.')) {
        Some(("DynamoDB_20120810", operation)) => (Service::DynamoDb, operation.into()),
        Some(("AmazonSQS", operation)) => (Service::Sqs, operation.into()),
        _ if request.host.starts_with("sns.") => (Service::Sns, sns::identify(&request.body).0.into()),
        _ if lambda::is_addressed(request) => (Service::Lambda, lambda::identify(request).0.into()),
        _ => (Service::S3, s3::identify(request).0.into()),
    }
}

/// The resource that a request names. Finding it parses the body again, so it is only done for an interceptor.
fn resource(service: Service, request: &Request) -> String {
    match service {
        Service::DynamoDb => dynamodb::resource(&request.body),
        Service::Sqs => sqs::resource(&request.body),
        Service::Sns => sns::identify(&request.body).1,
        Service::Lambda => lambda::identify(request).1,
        Service::S3 => s3::identify(request).1,
    }
}

/// Applies `action` to a call of `service`. Returns `None` to proceed, or the answer to give instead of the service's.
async fn enact(action: Action, service: Service) -> Result<Option<Reply>, Reset> {
    match action {
        Action::Pass | Action::RejectFirst | Action::Truncate | Action::Corrupt => Ok(None),
        Action::Fail { status, code } => Ok(Some(failure(service, status, &code, "injected"))),
        Action::Reset => Err(Reset),
        Action::Hang => std::future::pending().await,
        Action::Crash => {
            if let Some(scope) = Scope::current() {
                scope.crash();
            }
            std::future::pending().await
        }
        Action::Stall => {
            if let Some(scope) = Scope::current() {
                scope.stall();
            }
            std::future::pending().await
        }
        Action::Conflict => Ok(Some(dynamodb::conflict())),
    }
}

/// An error answer in the shape of `service`.
pub(crate) fn failure(service: Service, status: u16, code: &str, message: &str) -> Reply {
    match service {
        Service::DynamoDb => dynamodb::failure(status, code, message),
        Service::Sqs => sqs::failure(status, code, message),
        Service::Sns => sns::failure(status, code, message),
        Service::Lambda => lambda::failure(status, code, message),
        Service::S3 => s3::failure(status, code, message),
    }
}

async fn read(request: HttpRequest) -> Result<Request, ConnectorError> {
    let mut request = request;
    let body = request.take_body().collect().await.map_err(ConnectorError::user)?.to_bytes();
    let (host, rest) = split_uri(request.uri());
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Ok(Request {
        method: request.method().to_owned(),
        host: host.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body,
    })
}

/// The host without its port, and everything from the path on.
fn split_uri(uri: &str) -> (&str, &str) {
    let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path_at = after_scheme.find(['/', '?']).unwrap_or(after_scheme.len());
    let (authority, rest) = after_scheme.split_at(path_at);
    (authority.split(':').next().unwrap_or(authority), rest)
}

fn write(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(reply.status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let length = reply.body.len();
    let body = if reply.truncated { truncated(&reply.body) } else { SdkBody::from(reply.body) };
    let mut response = HttpResponse::new(status, body);
    let headers = response.headers_mut();
    for (name, value) in reply.headers {
        headers.try_insert(name, value).map_err(|error| ConnectorError::other(error.into(), None))?;
    }
    for (name, value) in reply.more {
        headers.try_insert(name, value).map_err(|error| ConnectorError::other(error.into(), None))?;
    }
    if headers.get("content-length").is_none() {
        headers.insert("content-length", length.to_string());
    }
    Ok(response)
}

/// The first half of `body`, followed by a broken connection.
fn truncated(body: &Bytes) -> SdkBody {
    let half = Frame::data(body.slice(..body.len() / 2));
    let frames = [Ok(half), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    SdkBody::from_body_1_x(StreamBody::new(futures_util::stream::iter(frames)))
}
