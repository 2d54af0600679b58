//! Events of an HTTP API (payload format 2.0), and what their context says about whoever asks.

use api::RequestId;
use api::access::program::Principal;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use lambda_http::Request;
use lambda_http::request::{LambdaRequest, RequestContext};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use runtime::lambda::Fault;
use serde_json::Value;

/// The prefix of the route that takes IAM signatures.
const IAM: &str = "/iam";
/// What a path may not hold as it is. A `%` stays, since the gateway may or may not have decoded it.
const NOT_IN_PATHS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// The gateway's id of a request.
pub(crate) fn request_id(event: &Value) -> Option<String> {
    let id = event["requestContext"]["requestId"].as_str()?;
    (!id.is_empty() && id.chars().all(|c| c.is_ascii_graphic())).then(|| id.to_owned())
}

/// Reads an event. Nothing of it appears in the error.
pub(crate) fn read(mut event: Value) -> Result<LambdaRequest, Fault> {
    if event["version"] != "2.0" || !event["requestContext"]["http"].is_object() {
        return Err(Fault::UnknownEvent);
    }
    if let Some(path) = event["rawPath"].as_str() {
        event["rawPath"] = utf8_percent_encode(path, NOT_IN_PATHS).to_string().into();
    }
    serde_json::from_value(event).map(LambdaRequest::ApiGatewayV2).map_err(|_| Fault::UnknownEvent)
}

/// Adds to a request what the gateway says about it: its id, and on the route that takes IAM signatures the principal. Such a
/// request then goes to the same routes as all others. What a caller sends in a header has no part in this, and an IAM context
/// on any other route lets nobody in.
pub(crate) fn identify(mut request: Request) -> Request {
    let Some(RequestContext::ApiGatewayV2(context)) = request.extensions().get::<RequestContext>().cloned() else {
        return request;
    };
    if let Some(id) = context.request_id {
        request.extensions_mut().insert(RequestId(id));
    }
    let path = request.uri().path();
    let Some(rest) = path.strip_prefix(IAM).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
        return request;
    };
    let principal = context.authorizer.and_then(|authorizer| authorizer.iam).and_then(|iam| iam.user_arn);
    let target = rest.starts_with("/v1/").then(|| without_prefix(request.uri(), rest)).flatten();
    request.extensions_mut().insert(Principal(principal));
    if let Some(target) = target {
        *request.uri_mut() = target;
    }
    request
}

fn without_prefix(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    parts.path_and_query = Some(format!("{path}{query}").parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}
